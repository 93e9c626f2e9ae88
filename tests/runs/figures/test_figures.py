from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from params.names import CASES_BY_REASON
from runs.figures.capacity import capacity_fan, gap_ranking
from runs.figures.data import FigureData
from runs.figures.draw import FIGURES, draw_figures, figure_style
from runs.figures.network import draw_network, network_figure
from runs.figures.parts import grid_of, ordered_districts
from runs.figures.places import flow_matrix, population
from runs.figures.waits import ranked, waits
from runs.texts.shown import judged
from runs.texts.wording import Wording, gap_column, wording
from tests.city import BEDS, REPORTED_RESOURCES
from tests.fast import few
from tests.runs.contract import districts, figure_data
from tests.shanghai import ZONES

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("lang", few(["zh", "en"], 1))
def test_all_figures_are_drawn_without_a_warning(tmp_path: Path, lang: str) -> None:
    paths = draw_figures(figure_data(), tmp_path, wording(lang))
    assert list(paths) == list(FIGURES)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths.values())
    assert len(list(tmp_path.iterdir())) == len(FIGURES)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_figure_drawn_again_has_the_same_bytes(tmp_path: Path, kind: str) -> None:
    drawn = [
        draw_figures(figure_data(), tmp_path / part, wording("zh"), [kind], ["waits"])["waits"]
        for part in ("one", "two")
    ]
    assert drawn[0].read_bytes() == drawn[1].read_bytes()


def test_figures_leave_matplotlib_as_it_was(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    draw_figures(figure_data(), tmp_path, wording("zh"), names=["waits"])
    assert dict(mpl.rcParams) == before


def test_one_replication_without_intervals_can_be_drawn(tmp_path: Path) -> None:
    data = figure_data()
    bounds = [c for c in data.shortfall if c.endswith(("_p05", "_p95", "_mc_error"))]
    bare = replace(data, shortfall=data.shortfall.drop(columns=bounds))
    assert draw_figures(bare, tmp_path, wording("en"), names=["gap_ranking"])


@pytest.mark.parametrize("drawing", [capacity_fan, gap_ranking])
def test_one_replication_is_promised_no_interval(
    drawing: Callable[[FigureData, Wording], Figure],
) -> None:
    data = figure_data()
    bounds = [c for c in data.shortfall if c.endswith(("_p05", "_p95"))]
    bare = replace(data, shortfall=data.shortfall.assign(**dict.fromkeys(bounds, float("nan"))))
    for one, promised in ((data, True), (bare, False)):
        with figure_style():
            figure = drawing(one, wording("zh"))
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
        assert ("5%–95%区间" in legend) == promised
        assert ("5%–95%" in figure.get_supxlabel()) == promised


def test_a_run_without_months_flows_or_waits_can_be_drawn(tmp_path: Path) -> None:
    data = figure_data()
    never = data.shortfall.assign(wait_median_days=float("nan"), wait_p90_days=float("nan"))
    empty = {name: getattr(data, name)[:0] for name in ("monthly", "waits", "flows")}
    bare = replace(data, shortfall=never, **empty)
    names = ("capacity_fan", "waits", "flows")
    assert draw_figures(bare, tmp_path, wording("zh"), names=names)


def with_resources(data: FigureData, count: int) -> FigureData:
    """Return the tables of a run of so many resources; those beyond ours are kinds of bed."""
    ours = list(REPORTED_RESOURCES)[:count] if count != 1 else ["bed_total"]
    own = [f"own_bed_{k}" for k in range(count - len(ours))]

    def grown(frame: pd.DataFrame) -> pd.DataFrame:
        beds = frame[frame["resource"] == "nursing_bed"]
        more = [beds.assign(resource=name) for name in own]
        return pd.concat([frame[frame["resource"].isin(ours)], *more], ignore_index=True)

    return replace(data, shortfall=grown(data.shortfall), monthly=grown(data.monthly))


@pytest.mark.parametrize("count", [1, 7, 12])
def test_panels_follow_the_resources_that_a_run_has(count: int) -> None:
    data = with_resources(figure_data(), count)
    present = set(data.shortfall["resource"])
    waited = {r for r in present if r in BEDS or r.startswith("own_bed")}
    courses = present - set(CASES_BY_REASON)
    drawings = ((capacity_fan, courses), (gap_ranking, set(judged(present))), (waits, waited))
    with figure_style():
        for drawing, shown in drawings:
            figure = drawing(data, wording("en"))
            titles = [axis.get_title() for axis in figure.axes if axis.get_visible()]
            names = [wording("en").name("resource", resource) for resource in shown]
            assert all(any(title.startswith(name) for title in titles) for name in names)
            assert len(titles) == max(1, len(shown))
            figure.draw_without_rendering()


@pytest.mark.parametrize("count", [1, 7, 12])
def test_a_networks_figure_has_a_row_a_resource(tmp_path: Path, count: int) -> None:
    rows = [
        {"district": "全市", "resource": f"r{k}", "month": "2021-01", "measure": m, "mean": 1.0}
        for k in range(count)
        for m in ("demand", "occupied", "usable", "waiting")
    ]
    draw_network(pd.DataFrame(rows), tmp_path / "x.png", "t", "r", wording("zh"))
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (1800, round((0.9 + 2.9 * count) * 150))


def drawn_waits(data: FigureData) -> dict[str, Axes]:
    with figure_style():
        figure = waits(data, wording("zh"))
        figure.draw_without_rendering()
    return {axis.get_title(): axis for axis in figure.axes if axis.get_visible()}


def test_every_kind_of_bed_is_told_at_its_own_deadline() -> None:
    data = figure_data()
    grown = {
        name: pd.concat(
            [table, table[table["resource"] == "nursing_bed"].assign(resource="hospice_bed")]
        )
        for name, table in (("shortfall", data.shortfall), ("waits", data.waits))
    }
    titles = list(drawn_waits(replace(data, **grown)))
    assert "安宁疗护床位：申请后7天（上）与90天（下）" in titles
    assert "护理型床位：申请后30天（上）与90天（下）" in titles


def test_districts_are_ranked_by_when_half_were_placed_and_never_comes_first() -> None:
    axis = drawn_waits(figure_data())["护理型床位：申请后30天（上）与90天（下）"]
    names = [label.get_text() for label in axis.get_yticklabels()]
    said = [text.get_text() for text in axis.texts]
    never = said.count("不到一半")
    assert never > 0
    assert said[:never] == ["不到一半"] * never
    days = [float(text.split("天")[0]) for text in said[never:]]
    assert len(days) == len(names) - never > 0
    assert days == sorted(days, reverse=True)


def test_the_bars_of_a_district_hold_the_shares_of_its_requests() -> None:
    data = figure_data()
    axis = drawn_waits(data)["护理型床位：申请后30天（上）与90天（下）"]
    cells = data.waits.query("resource == 'nursing_bed' and year == 2025")
    cells = cells[cells["district"] == axis.get_yticklabels()[0].get_text()]
    for day, above in ((30, True), (90, False)):
        row = cells[cells["days"] == day].iloc[0]
        bars = [b for b in axis.patches if abs(b.get_y() + b.get_height() / 2) < 0.4]
        bars = [b for b in bars if (b.get_y() + b.get_height() / 2 < 0) == above]
        widths = [bar.get_width() for bar in bars]
        ends = ("placed", "waiting", "other", "withdrew", "died")
        assert widths == pytest.approx([row[f"share_{end}"] for end in ends])
        assert sum(widths) == pytest.approx(1.0)


def test_a_district_without_requests_comes_last_and_is_told_nothing_of() -> None:
    rows = pd.DataFrame(
        {"district": ["a", "b", "c", "d", "e"], "requests": [5.0, 0.0, 7.0, 2.0, 9.0]}
    )
    placed = {"a": [0.4, 0.8], "c": [0.1, 0.45], "d": [0.2, 0.6], "e": [0.0, 0.3]}
    waits = pd.DataFrame(
        [
            {"district": place, "class": "all", "days": day, "share_placed": share}
            for place, shares in placed.items()
            for day, share in zip((0, 30), shares, strict=True)
        ]
    )
    order = ranked(rows, waits)
    assert list(order["district"]) == ["e", "c", "d", "a", "b"]
    # Between the days of the table the curve is straight: .2 to .6 passes .5 after three quarters.
    assert list(order["rank"])[2:4] == pytest.approx([22.5, 7.5])


def test_the_scale_of_flows_is_named_away_from_the_bars_beside_it() -> None:
    with figure_style():
        figure = flow_matrix(figure_data(), wording("zh"))
        figure.draw_without_rendering()
    _, beside, scale = figure.axes
    label = scale.yaxis.label.get_window_extent()
    assert label.x1 < scale.get_window_extent().x0 < beside.get_window_extent().x0
    assert label.x0 > figure.axes[0].get_window_extent().x1


def test_people_are_counted_whole_where_they_are_not_counted_by_the_ten_thousand() -> None:
    data = figure_data()
    small = data.population.assign(
        **{column: data.population[column] / 1000 for column in ("mean", "p05", "p95")}
    )
    with figure_style():
        figure = population(replace(data, population=small), wording("zh"))
    said = [text.get_text() for axis in figure.axes[:3] for text in axis.texts]
    counted = [text for text in said if text.startswith(("常住\n", "户籍\n"))]
    assert counted
    assert not [text for text in counted if "." in text]


def test_a_queue_of_minutes_is_drawn_as_an_empty_one() -> None:
    keys = {"district": "全市", "resource": "tea", "month": ["2021-01", "2021-02"]}
    rows = [pd.DataFrame({**keys, "measure": m, "mean": 0.0001}) for m in ("waiting", "usable")]
    figure = network_figure(pd.concat(rows), "t", "r", wording("zh"))
    assert figure.axes[1].get_ylim() == (0.0, 1.0)
    assert figure.axes[0].get_ylim()[1] < 1


@pytest.mark.parametrize(
    ("count", "most", "grid"),
    [
        (0, 5, (1, 1)),
        (1, 5, (1, 1)),
        (7, 5, (2, 4)),
        (10, 5, (2, 5)),
        (12, 5, (3, 4)),
        (7, 3, (3, 3)),
    ],
)
def test_a_grid_is_evenly_filled(count: int, most: int, grid: tuple[int, int]) -> None:
    assert grid_of(count, most) == grid


def test_districts_are_ordered_from_the_centre_outwards() -> None:
    order = ordered_districts(districts(), ZONES)
    assert order[:2] == ["黄浦区", "徐汇区"]
    assert order[7] == "浦东新区"
    assert order[-1] == "崇明区"


def test_workers_are_ranked_by_demand_gap_because_nobody_waits_for_them() -> None:
    assert gap_column("care_worker_home") == "demand_gap"
    assert gap_column("bed_total") == gap_column("own_resource") == "service_gap"
