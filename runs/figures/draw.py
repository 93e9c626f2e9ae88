"""Draw the figures of a run and write them, the same bytes every time.

matplotlib is loaded only when a figure is drawn, without a display and without pyplot's global
state. Chinese is drawn with the subset of Noto Sans SC that ships in `runs/fonts/`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from runs.figures.data import FigureData
from runs.figures.fonts import FAMILIES, add_font
from runs.figures.letters import set_letters
from runs.texts.wording import Wording
from runs.write import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Final = ("capacity_fan", "gap_ranking", "waits", "flows", "population")
FORMATS: Final = ("png", "svg", "pdf")
DPI: Final = 150


def draw_figures(
    data: FigureData,
    folder: Path,
    words: Wording,
    formats: Sequence[str] = ("png",),
    names: Sequence[str] = FIGURES,
) -> dict[str, Path]:
    """Draw figures into a folder, each file whole or not at all.

    Parameters
    ----------
    data : FigureData
        Tables of one run.
    folder : Path
        Where the files go; made when it is not there.
    words : Wording
        Language of titles, axes and legends.
    formats : sequence of str
        Any of `FORMATS`.
    names : sequence of str
        Which of `FIGURES`.

    Returns
    -------
    dict of str to Path
        Name of the figure to its file in the first of the formats.
    """
    return save_figures(names, lambda name: city_figure(name, data, words), folder, formats)


def city_figure(name: str, data: FigureData, words: Wording) -> "Figure":
    """Return one of `FIGURES`."""
    from runs.figures import capacity, places, waits

    drawings = {
        "capacity_fan": capacity.capacity_fan,
        "gap_ranking": capacity.gap_ranking,
        "waits": waits.waits,
        "flows": places.flow_matrix,
        "population": places.population,
    }
    with figure_style():
        return drawings[name](data, named_areas(words, data.districts))


def save_figures(
    names: Sequence[str], draw: "Callable[[str], Figure]", folder: Path, formats: Sequence[str]
) -> dict[str, Path]:
    """Draw figures by name and write each in every format; return its file in the first of them."""
    for name in names:
        figure = draw(name)
        for kind in formats:
            save_figure(figure, folder / f"{name}.{kind}")
    return {name: folder / f"{name}.{formats[0]}" for name in names}


def save_figure(figure: "Figure", path: Path) -> None:
    """Write one figure without date or software version in it."""
    kind = path.suffix.removeprefix(".")
    nothing = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    set_letters(figure)
    with figure_style(), whole_file(path) as part:
        figure.savefig(part, format=kind, dpi=DPI, metadata=nothing[kind])


def named_areas(words: Wording, districts: pd.DataFrame) -> Wording:
    """Let an English figure or report say the districts' English names."""
    if words.lang != "en":
        return words
    return words.with_areas(dict(zip(districts["district"], districts["name_en"], strict=True)))


@contextmanager
def figure_style() -> Iterator[None]:
    """Set font, sizes and colours for as long as a figure is made, and nothing after."""
    import matplotlib as mpl

    add_font()
    style: dict[Any, object] = {
        "font.family": list(FAMILIES),
        "font.size": 9.0,
        "axes.titlesize": 10.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "axes.axisbelow": True,
        "axes.grid": False,
        "text.parse_math": False,  # a title with dollars is a title, not a formula
        "grid.color": "#dddddd",
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "svg.hashsalt": "yanglao",
        "pdf.fonttype": 42,
    }
    # A user's own matplotlibrc would change the bytes.
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        yield
