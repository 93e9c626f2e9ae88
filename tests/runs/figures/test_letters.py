from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from runs.figures import letters
from runs.figures.data import FigureData
from runs.figures.draw import draw_figures, figure_style
from runs.figures.letters import INSTEAD, letters_without_font, readable_text, set_letters
from runs.figures.network import draw_network
from runs.texts.wording import wording
from tests.fast import few
from tests.runs.contract import figure_data

pytestmark = pytest.mark.filterwarnings("error")
ODD = ("$5_{$", "\\frac", "a & b", "<b>", "100 %", "{0}", "\U0001f600", "李瑾", "a\tb", "x^$y$_z$")


@pytest.fixture
def rare_font(tmp_path: Path) -> Iterator[None]:
    """A machine that has, beside ours, a font with one rare letter."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((250, 500))
    pen.closePath()
    font = FontBuilder(1000)
    font.setupGlyphOrder([".notdef", "rare"])
    font.setupCharacterMap({ord("瑾"): "rare"})
    font.setupGlyf({".notdef": pen.glyph(), "rare": pen.glyph()})
    font.setupHorizontalMetrics({".notdef": (600, 0), "rare": (600, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Rare Letters", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "rare.ttf")
    letters.add_font()  # kept for good: what follows must not take it away again
    known = list(fontManager.ttflist)
    fontManager.ttflist[:] = [entry for entry in known if entry.name in letters.FAMILIES]
    fontManager.addfont(tmp_path / "rare.ttf")
    letters.family_of.cache_clear()
    yield
    fontManager.ttflist[:] = known
    letters.family_of.cache_clear()


@pytest.fixture
def no_rare_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that has our two fonts alone."""
    letters.add_font()
    ours = [entry for entry in fontManager.ttflist if entry.name in letters.FAMILIES]
    monkeypatch.setattr(fontManager, "ttflist", ours)
    letters.family_of.cache_clear()
    yield
    letters.family_of.cache_clear()


def renamed(data: FigureData) -> FigureData:
    """Return the tables of a run whose districts have odd names."""
    new = dict(zip(data.districts["district"], ODD, strict=False))
    keys = ("shortfall", "population", "monthly", "waits", "flows", "districts")
    frames = {key: getattr(data, key).replace(new) for key in keys}
    return replace(data, **frames, run=f"{' '.join(ODD)} 7")


@pytest.mark.parametrize("lang", few(["zh", "en"], 1))
def test_a_citys_figures_take_any_name(tmp_path: Path, lang: str) -> None:
    assert draw_figures(renamed(figure_data()), tmp_path, wording(lang), ["svg"])


def test_a_networks_figure_takes_any_name(tmp_path: Path) -> None:
    rows = [
        {"district": "全市", "resource": name, "month": m, "measure": k, "mean": 3.0}
        for name in ODD
        for m in ("2021-01", "2021-02")
        for k in ("demand", "occupied", "usable", "waiting")
    ]
    title = " ".join(ODD)
    draw_network(pd.DataFrame(rows), tmp_path / "x.png", title, title, wording("zh"))
    assert (tmp_path / "x.png").stat().st_size > 10_000


@pytest.mark.usefixtures("rare_font")
def test_a_letter_that_our_font_lacks_is_drawn_with_the_machines() -> None:
    assert readable_text("李瑾") == "李瑾"
    assert letters_without_font(["李瑾"]) == ""
    with figure_style():
        figure = Figure()
        title = figure.suptitle("李瑾")
        set_letters(figure)
    assert title.get_fontfamily()[-1] == "Rare Letters"


@pytest.mark.usefixtures("no_rare_font")
def test_a_letter_that_no_font_has_is_shown_by_a_sign_and_named_once() -> None:
    assert readable_text("李瑾\U0001fae8\ufe0f") == f"李{INSTEAD}{INSTEAD}"
    assert letters_without_font(["李瑾", "瑾\n"]) == "瑾"
    with figure_style():
        figure = Figure()
        axis = figure.subplots()
        axis.set_yticks([0], ["李瑾"])
        set_letters(figure)
        figure.draw_without_rendering()
    assert [label.get_text() for label in axis.get_yticklabels()] == [f"李{INSTEAD}"]
