"""Figures of a comparison: a waterfall adds up, dots tell what is sure, any names and numbers are drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from runs.figures.compare import (
    FIGURES,
    MOST_PANELS,
    ComparisonData,
    by_district,
    by_scenario,
    draw_comparison,
    waterfall,
)
from runs.figures.draw import figure_style
from runs.figures.waterfall import waterfall_steps
from runs.texts.shown import judged
from runs.texts.wording import contract_columns, gap_column, wording
from tests.city import REPORTED_RESOURCES
from tests.runs.contract import areas, districts
from tests.shanghai import ZONES

pytestmark = pytest.mark.filterwarnings("error")


def comparison(names: tuple[str, ...] = ("more", "both"), pairs: int = 5) -> pd.DataFrame:
    """Return a table of the contract with invented numbers."""
    rng = np.random.default_rng(8)
    keys = areas()[["area_type", "district"]].merge(pd.DataFrame({"year": [2024, 2025]}), "cross")
    keys = keys.merge(pd.DataFrame({"resource": REPORTED_RESOURCES}), "cross")
    keys["measure"] = keys["resource"].map(gap_column)
    keys["first"] = rng.normal(300, 200, len(keys))
    frames = []
    for name in names:
        difference = rng.normal(-20, 60, len(keys))
        error = rng.uniform(1, 20, len(keys)) if pairs > 1 else np.full(len(keys), np.nan)
        said = {"scenario": name, "title": f"情景 {name}", "against": "plan", "pairs": pairs}
        numbers = {
            "second": keys["first"] + difference,
            "difference": difference,
            "mc_error": error,
            "low": difference - 2 * error,
            "high": difference + 2 * error,
            "variance_cut": 9.0,
            "unit": "beds",
        }
        frames.append(keys.assign(**said, **numbers))
    return pd.concat(frames, ignore_index=True)[list(contract_columns("compare"))]


def data(table: pd.DataFrame | None = None, **chosen: str) -> ComparisonData:
    table = comparison() if table is None else table
    whole = ComparisonData(table, districts(), "city", "全市", zones=ZONES)
    return replace(whole, **chosen)


def rows(table: pd.DataFrame) -> pd.DataFrame:
    return table.query("district == '全市' and year == 2025 and resource == 'bed_total'")


def test_a_waterfall_adds_up() -> None:
    mine = rows(comparison(("a", "b", "c", "d")))
    steps = waterfall_steps(mine)
    assert [step.start for step in steps[1:]] == [step.end for step in steps[:-1]]
    total = sum(step.end - step.start for step in steps)
    assert steps[0].start == mine["first"].iloc[0]
    assert total == pytest.approx(mine["difference"].iloc[-1])
    assert steps[-1].end == pytest.approx(mine["second"].iloc[-1])


def test_a_waterfall_adds_up_with_unlike_numbers_of_pairs() -> None:
    mine = rows(comparison(("a", "b"))).assign(pairs=[2, 9], first=[100.0, 120.0])
    steps = waterfall_steps(mine)
    assert steps[0].start == 120.0
    assert steps[-1].end - steps[0].start == pytest.approx(mine["difference"].iloc[-1])
    assert steps[0].low - 120.0 == pytest.approx(mine["low"].iloc[0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_figures_are_drawn_without_a_warning(tmp_path: Path, lang: str) -> None:
    draw_comparison(data(), tmp_path, wording(lang))
    assert {path.stem for path in tmp_path.iterdir()} == set(FIGURES)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


def test_a_figure_drawn_again_has_the_same_bytes(tmp_path: Path) -> None:
    for part in ("one", "two"):
        draw_comparison(data(resource="bed_total"), tmp_path / part, wording("zh"))
    for name in FIGURES:
        one, two = (tmp_path / part / f"{name}.png" for part in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_every_resource_that_is_judged_has_a_panel_with_its_unit() -> None:
    with figure_style():
        for drawing in (waterfall, by_scenario):
            figure = drawing(data(), wording("en"))
            titles = [axis.get_title() for axis in figure.axes if axis.get_visible()]
            assert len(titles) == len(judged(REPORTED_RESOURCES))
            assert all("(beds)" in title for title in titles)


def test_only_what_was_chosen_is_drawn() -> None:
    with figure_style():
        chosen = data(resource="home_care", area="黄浦区", area_type="district")
        figure = by_scenario(chosen, wording("zh"))
    assert [axis.get_title() for axis in figure.axes] == ["居家照护：达标缺口\n（张）"]
    assert "黄浦区" in figure.get_suptitle()
    assert figure.axes[0].get_yticklabels()[0].get_text() == "more\n情景 more"


def test_a_dot_is_filled_where_its_interval_leaves_zero_out() -> None:
    table = comparison()
    table[["low", "high"]] = table[["low", "high"]].where(table["scenario"] != "more", 1.0)
    table["low"] = table["low"].where(table["scenario"] == "more", -1e4)
    table["high"] = table["high"].where(table["scenario"] == "more", 1e4)
    with figure_style():
        axis = by_scenario(data(table, resource="bed_total"), wording("zh")).axes[0]
    sure, unsure, exact = (line for line in axis.lines if line.get_linestyle() == "None")
    assert sure.get_ydata().tolist() == [0]
    assert unsure.get_ydata().tolist() == [1]
    assert unsure.get_markerfacecolor() == "white"
    assert exact.get_ydata().tolist() == []


def test_one_pair_is_drawn_without_intervals(tmp_path: Path) -> None:
    draw_comparison(data(comparison(pairs=1), resource="bed_total"), tmp_path, wording("zh"))
    with figure_style():
        axis = by_scenario(data(comparison(pairs=1)), wording("zh")).axes[0]
    assert [len(line.get_ydata()) for line in axis.lines[1:]] == [0, 0, 2]


def test_a_comparison_without_districts_or_differences_is_drawn(tmp_path: Path) -> None:
    table = comparison().query("area_type == 'city'")
    same = table.assign(second=table["first"], difference=0.0, low=0.0, high=0.0)
    draw_comparison(data(same, resource="bed_total"), tmp_path / "same", wording("en"))
    nothing = data(same, area="嘉定区", area_type="district", resource="bed_total")
    draw_comparison(nothing, tmp_path / "nothing", wording("zh"))
    for name in ("same", "nothing"):
        assert {path.stem for path in (tmp_path / name).iterdir()} == set(FIGURES)


def test_of_many_scenarios_the_first_are_drawn_by_district_and_it_is_said() -> None:
    names = tuple(f"point{k}" for k in range(MOST_PANELS + 3))
    with figure_style():
        figure = by_district(data(comparison(names)), wording("en"))
        tall = waterfall(data(comparison(names), resource="bed_total"), wording("en"))
    assert sum(axis.get_visible() for axis in figure.axes) == MOST_PANELS
    assert f"first {MOST_PANELS} of {len(names)} scenarios" in figure.get_supxlabel()
    assert len(tall.axes[0].get_yticks()) == len(names) + 2


def test_capacity_that_grows_has_the_colour_of_capacity() -> None:
    table = comparison(("a",)).assign(measure="usable", difference=50.0)
    with figure_style():
        figure = waterfall(data(table, resource="bed_total", measure="usable"), wording("en"))
        gap = waterfall(data(comparison(("a",)).assign(difference=50.0)), wording("en"))
    colours = [f.axes[0].patches[2].get_facecolor()[:3] for f in (figure, gap)]
    assert colours[0][2] > colours[0][0]
    assert colours[1][0] > colours[1][2]


def test_a_narrow_figure_keeps_its_footer_clear_of_the_legend() -> None:
    with figure_style():
        figure = waterfall(data(comparison(("a",)), resource="bed_total"), wording("en"))
        figure.draw_without_rendering()
        legend = figure.legends[0].get_window_extent()
        footer = next(t for t in figure.texts if t.get_text().startswith("against plan"))
        lines = footer.get_window_extent()
    # Its last three lines are empty: a quarter of its height holds letters.
    assert lines.y0 + lines.height * 3 / 4 >= legend.y1
