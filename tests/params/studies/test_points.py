"""Points come in order: bases outermost, then the listed axes as they stand, sampled points innermost."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from params.studies.design import Axis
from params.tables.assumptions import apply_changes, draw, read_assumptions
from tests.designs import BEDS, LEVEL, TOTAL, axis, between, loaded, ranged, sample, toy, written

HOME = "workers.extra_home"


def varied(folder: Path, text: str, *keys: str) -> list[tuple[object, ...]]:
    points = loaded(folder, text).points
    assert [point.number for point in points] == list(range(len(points)))
    return [(point.base, *(point.varied[key] for key in keys)) for point in points]


def test_grids_cross_in_order(tmp_path: Path) -> None:
    text = 'base = ["more-beds", "baseline"]' + axis(TOTAL, "[2900, 2500]") + axis(HOME, "[1, 2]")
    assert varied(tmp_path, text, TOTAL, HOME) == [
        (base, total, home)
        for base in ("more-beds", "baseline")
        for total in (2900, 2500)
        for home in (1, 2)
    ]


def test_sampled_points_are_innermost(tmp_path: Path) -> None:
    text = axis(TOTAL, "[2900, 2500]") + sample(4, between(HOME, 0, 1000))
    found = varied(tmp_path, text, TOTAL, HOME)
    assert [row[1] for row in found] == [2900] * 4 + [2500] * 4
    assert found[0][2:] == found[4][2:]
    assert len({row[2] for row in found}) == 4


def test_axes_of_one_zip_move_together(tmp_path: Path) -> None:
    text = (
        axis(TOTAL, "[2500, 2900]", 'zip = "a"')
        + axis("policy.local_first", "[true, false]")
        + axis(HOME, "[7, 8]", 'zip = "a"')
    )
    assert varied(tmp_path, text, TOTAL, HOME, "policy.local_first") == [
        ("baseline", 2500, 7, True),
        ("baseline", 2500, 7, False),
        ("baseline", 2900, 8, True),
        ("baseline", 2900, 8, False),
    ]


@given(
    st.floats(-1e6, 1e6, allow_nan=False), st.floats(-1e6, 1e6, allow_nan=False), st.integers(2, 50)
)
def test_ranges_begin_and_end_exactly(first: float, last: float, steps: int) -> None:
    values = Axis(key="k", first=first, last=last, steps=steps).listed
    assert len(values) == steps
    assert values[-1] == last
    assert values[0] == float(f"{first:.15g}")
    # Fifteen digits of numbers below a million: an even step to within their last.
    assert np.ptp(np.diff(values)) <= 4e-9


def test_a_range_reads_as_it_would_be_written(tmp_path: Path) -> None:
    text = ranged("workers.growth_home", 0.1, 0.5, 5)
    found = varied(tmp_path, text, "workers.growth_home")
    assert [row[1] for row in found] == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_whole_keys_are_rounded_and_others_are_not(tmp_path: Path) -> None:
    text = ranged(TOTAL, 2000, 2001.9, 2) + sample(
        8, between(HOME, 1, 99), between("workers.certified_2025", 0.1, 0.9)
    )
    for point in loaded(tmp_path, text).points:
        assert isinstance(point.varied[HOME], int)
        assert isinstance(point.varied["workers.certified_2025"], float)
        assert point.varied[TOTAL] in (2000, 2002)
        assert point.loaded.scenario.workers.extra_home == point.varied[HOME]


def test_labels_name_values_and_ranges(tmp_path: Path) -> None:
    text = ranged(TOTAL, 2000, 3000, 3, "labels = ['low', 'mid', 'high']")
    points = loaded(tmp_path, text).points
    assert [p.varied[TOTAL] for p in points] == ["low", "mid", "high"]
    assert [p.loaded.scenario.beds.total_2025 for p in points] == [2000, 2500, 3000]


def test_elements_of_lists_and_dates_are_varied(tmp_path: Path) -> None:
    text = 'base = "more-beds"' + axis("beds.changes[0].date", "[2025-03-01, 2026-05-01]")
    points = loaded(tmp_path, text + axis("beds.changes[0].beds", "[10]")).points
    assert [p.varied["beds.changes[0].date"] for p in points] == ["2025-03-01", "2026-05-01"]
    changes = [p.loaded.scenario.beds.changes[0] for p in points]
    assert [(c.date.isoformat(), c.beds, c.district) for c in changes] == [
        ("2025-03-01", 10, "石桥县"),
        ("2026-05-01", 10, "石桥县"),
    ]


def held(folder: Path, text: str, name: str) -> list[tuple[float, float, float]]:
    known = read_assumptions(toy().assumptions)
    changes = [p.loaded.scenario.assumptions for p in loaded(folder, text).points]
    applied = [apply_changes(known, change)[name] for change in changes]
    return [(a.value, a.low, a.high) for a in applied]


def test_an_assumption_axis_holds_the_value_in_every_draw(tmp_path: Path) -> None:
    text = axis(LEVEL, "[-0.1, 0.1]")
    assert held(tmp_path, text, "mortality_level") == [(-0.1,) * 3, (0.1,) * 3]
    point = loaded(tmp_path, text).points[0]
    known = apply_changes(read_assumptions(toy().assumptions), point.loaded.scenario.assumptions)
    assert {draw(known, 2020, k)["mortality_level"] for k in range(5)} == {-0.1}


@pytest.mark.parametrize("below", ["", "\n[assumptions]\ne0_gain_male = 0.15"])
def test_an_axis_over_the_value_of_an_assumption_moves_its_range(
    tmp_path: Path, below: str
) -> None:
    written(tmp_path, f'extends = "baseline"{below}', "own")
    text = 'base = "./own.toml"' + axis("assumptions.e0_gain_male.value", "[0.265]")
    # Twice the value of the table, whose range is 0.03 to 0.23.
    assert held(tmp_path, text, "e0_gain_male") == [(0.265, 0.06, 0.46)]


def test_the_value_that_a_base_holds_gives_way_to_the_axis(tmp_path: Path) -> None:
    written(
        tmp_path,
        'extends = "baseline"\n[assumptions]\nmortality_level = {value = 0.02, low = 0, high = 0.1}',
        "own",
    )
    text = 'base = "./own.toml"' + axis(LEVEL, "[0.05]")
    assert held(tmp_path, text, "mortality_level") == [(0.05, 0.05, 0.05)]


def test_titles_and_names_of_points_are_those_of_their_base(tmp_path: Path) -> None:
    points = loaded(tmp_path, 'base = ["more-beds", "baseline"]' + BEDS).points
    assert {(p.loaded.scenario.name, p.loaded.scenario.title_zh) for p in points} == {
        ("more-beds", "多建床位"),
        ("baseline", "基准"),
    }


def test_a_design_without_axes_has_its_bases_as_points(tmp_path: Path) -> None:
    assert varied(tmp_path, 'base = ["baseline", "more-beds"]') == [("baseline",), ("more-beds",)]
