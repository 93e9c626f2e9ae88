from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest

from runs.figures.draw import FIGURES, draw_figures
from runs.figures.parts import ordered_districts
from runs.texts.wording import gap_column, wording
from tests.runs.contract import districts, figure_data
from tests.shanghai import ZONES

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_figures_are_drawn_without_a_warning(tmp_path: Path, lang: str) -> None:
    paths = draw_figures(figure_data(), tmp_path, wording(lang))
    assert list(paths) == list(FIGURES)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths.values())
    assert len(list(tmp_path.iterdir())) == len(FIGURES)


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


def test_a_run_without_months_flows_or_waits_can_be_drawn(tmp_path: Path) -> None:
    data = figure_data()
    waits = data.shortfall.assign(wait_median_days=float("nan"), wait_p90_days=float("nan"))
    bare = replace(data, shortfall=waits, monthly=data.monthly[:0], flows=data.flows[:0])
    names = ("capacity_fan", "waits", "flows")
    assert draw_figures(bare, tmp_path, wording("zh"), names=names)


def test_districts_are_ordered_from_the_centre_outwards() -> None:
    order = ordered_districts(districts(), ZONES)
    assert order[:2] == ["黄浦区", "徐汇区"]
    assert order[7] == "浦东新区"
    assert order[-1] == "崇明区"


def test_workers_are_ranked_by_demand_gap_because_nobody_waits_for_them() -> None:
    assert gap_column("care_worker_home") == "demand_gap"
    assert gap_column("bed_total") == gap_column("own_resource") == "service_gap"
