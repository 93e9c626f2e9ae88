"""The compiled engine keeps books, agrees with the textbook step and with the UN over seventy years."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.methods.checks import check_names
from forecast.methods.fertility import SHARE_MALE, fertility_rates
from forecast.people.cohorts import age_one_year
from forecast.people.engine import Drivers, checked, run
from params.axes import N_AGE
from params.errors import ParamError
from tests.forecast.canada import Canada

DISTRICTS = ("甲区", "乙区", "丙区")
SHAPE = (2, len(DISTRICTS), 2, N_AGE)
YEARS = 4
seeds = st.integers(0, 2**32 - 1)
timings = st.sampled_from(["start", "half", "end"])


def city(seed: int, timing: str = "end", n: int = 2, constrain: bool = False) -> Drivers:
    """Return a small city with everything going on: deaths, births, moves in and out."""
    chance = np.random.default_rng(seed)
    old = np.exp(-np.exp(-9.5 + 0.09 * np.arange(N_AGE)))
    base = chance.uniform(50, 5000, (n, *SHAPE))
    return Drivers(
        base=base,
        survival=np.clip(old * chance.uniform(0.97, 1, (n, YEARS, 2, N_AGE)), 0, 1),
        deviation=chance.normal(0, 0.1, (n, YEARS, SHAPE[1])),
        internal=chance.normal(0, 0.02, (n, *SHAPE)),
        external_rate=-chance.uniform(0, 0.02, (n, *SHAPE)),
        external_count=chance.uniform(0, 30, (n, 1, *SHAPE)),
        fertility=np.tile(fertility_rates(1.3, 30.0), (n, 1, 1)),
        share_male=np.full((n, 1), SHARE_MALE),
        timing=timing,
        constrain=constrain,
    )


@settings(max_examples=30)
@given(seeds, timings)
def test_every_cell_and_year_balances_births_deaths_and_moves_at_the_end(
    seed: int, timing: str
) -> None:
    found = run(city(seed, "end"), keep_flows=True)
    assert found.imbalance() < 1e-8


@settings(max_examples=30)
@given(seeds, timings)
def test_the_city_changes_by_births_deaths_and_what_crosses_its_border(
    seed: int, timing: str
) -> None:
    found = run(city(seed, timing), keep_flows=True)
    everyone = found.people.sum(axis=(3, 4, 5))
    flows = found.flows.sum(axis=(4, 5, 6))
    expected = found.births.sum(axis=(3, 4)) - flows[:, :, 0] + flows[:, :, 2]
    np.testing.assert_allclose(np.diff(everyone, axis=1), expected, atol=1e-6)
    assert (found.people >= 0).all()


@settings(max_examples=30)
@given(seeds, timings, st.booleans())
def test_moves_inside_the_city_add_to_nothing_at_every_sex_and_age(
    seed: int, timing: str, constrain: bool
) -> None:
    found = run(city(seed, timing, constrain=constrain), keep_flows=True)
    inside = found.flows[:, :, 1].sum(axis=3)
    assert np.abs(inside).max() < 1e-9 * found.people.max()


@settings(max_examples=30)
@given(seeds, timings)
def test_one_year_is_the_textbook_step(seed: int, timing: str) -> None:
    drivers = replace(
        city(seed, timing, n=1),
        deviation=np.zeros((1, YEARS, SHAPE[1])),
        internal=np.zeros((1, *SHAPE)),
        external_rate=np.zeros((1, *SHAPE)),
    )
    found = run(drivers)
    for basis in range(2):
        step = age_one_year(
            drivers.base[0, basis],
            drivers.survival[0, 0],
            drivers.external_count[0, 0, basis],
            drivers.fertility[0, 0],
            SHARE_MALE,
            timing,
        )
        np.testing.assert_allclose(found.people[0, 1, basis], step.end, rtol=1e-12)
        np.testing.assert_allclose(found.births[0, 0, basis], step.births, rtol=1e-12)


@settings(max_examples=20)
@given(seeds, timings)
def test_constrained_districts_add_to_the_city_projected_on_its_own(seed: int, timing: str) -> None:
    drivers = city(seed, timing, constrain=True)
    found = run(drivers).people.sum(axis=3)
    np.testing.assert_allclose(found, run(one_district(drivers)).people[:, :, :, 0], rtol=1e-9)


def test_the_constraint_reports_how_far_it_scaled() -> None:
    free, held = (run(city(5, constrain=c)).scaling for c in (False, True))
    assert (free == 1.0).all()
    assert (held[..., 0] <= 1.0).all()
    assert (held[..., 1] >= 1.0).all()
    # Deaths differ by a deviation of .1 between districts: the city's own lie well inside.
    assert 0.8 < held[..., 0, 0].min() < 1.0 < held[..., 0, 1].max() < 1.25


@pytest.mark.parametrize("constrain", [False, True])
@pytest.mark.parametrize("timing", ["start", "half", "end"])
def test_nothing_is_read_from_memory_before_it_is_written(
    monkeypatch: pytest.MonkeyPatch, timing: str, constrain: bool
) -> None:
    drivers = city(4, timing, constrain=constrain)
    expected = run(drivers, keep_flows=True)
    monkeypatch.setattr("forecast.people.engine.np.empty", lambda shape: np.full(shape, np.nan))
    found = run(drivers, keep_flows=True)
    for name in ("people", "births", "flows", "scaling"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_threads_and_blocks_of_draws_change_nothing() -> None:
    drivers = city(3, n=4)
    alone = [run(part(drivers, k)).people[0] for k in range(4)]
    np.testing.assert_array_equal(run(drivers, threads=2).people, alone)


def test_a_district_with_heavier_mortality_loses_more() -> None:
    drivers = city(1)
    worse = drivers.deviation.copy()
    worse[:, :, 0] += 0.3
    with_more, plain = (
        run(replace(drivers, deviation=d), keep_flows=True).flows[:, 0, 0].sum(axis=(3, 4))
        for d in (worse, drivers.deviation)
    )
    assert (with_more[:, :, 0] > plain[:, :, 0]).all()
    np.testing.assert_array_equal(with_more[:, :, 1:], plain[:, :, 1:])


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.2])
def test_survival_that_is_no_share_is_named_by_draw_year_sex_and_age(value: float) -> None:
    drivers = city(2)
    drivers.survival[1, 2, 0, 77] = value
    with pytest.raises(ParamError, match=r"survival.*draw 1, year 2023, sex male, age 77"):
        checked(drivers, DISTRICTS, 2020)


def test_people_below_zero_are_named_by_basis_and_district() -> None:
    drivers = city(2)
    drivers.base[0, 1, 2, 1, 60] = -5.0
    with pytest.raises(ParamError, match=r"basis registered, district 丙区, sex female, age 60"):
        checked(drivers, DISTRICTS, 2020)


def test_ages_that_are_missing_are_said_to_be() -> None:
    drivers = replace(city(2), survival=city(2).survival[..., :-1])
    with pytest.raises(ParamError, match=r"shape \(2, 4, 2, 100\)"):
        checked(drivers, DISTRICTS, 2020)


def test_nothing_is_projected_from_cells_that_cannot_be() -> None:
    drivers = city(2)
    drivers.internal[0, 0, 1, 0, 30] = np.nan
    with pytest.raises(ParamError, match=r"net rate.*district 乙区, sex male, age 30\]: nan"):
        run(drivers, districts=DISTRICTS, first_year=2020)


def test_a_district_unknown_to_the_city_is_named_with_its_neighbours() -> None:
    with pytest.raises(ParamError, match=r"unknown '甲县'[\s\S]*missing 甲区"):
        check_names("districts", ["甲县", "乙区", "丙区"], DISTRICTS, every=True)


@pytest.mark.reference
def test_seventy_years_of_canada_are_the_united_nations_own_in_every_cell(
    reference: Path,
) -> None:
    canada = Canada(reference / "ccmppWPP")
    found = run(canada.drivers()).people[0, :, 0]
    for k, year in enumerate(range(1950, 2021)):
        # The base is printed in whole persons, the rates to ten digits.
        theirs = canada.people(year)
        np.testing.assert_allclose(found[k], theirs, rtol=1e-8, atol=1e-3, err_msg=str(year))
    np.testing.assert_allclose(found[-1], theirs, rtol=1e-8)


def part(drivers: Drivers, k: int) -> Drivers:
    names = (
        "base",
        "survival",
        "deviation",
        "internal",
        "external_rate",
        "external_count",
        "fertility",
        "share_male",
    )
    return replace(drivers, **{name: getattr(drivers, name)[k : k + 1] for name in names})


def one_district(drivers: Drivers) -> Drivers:
    """Return the city as one district: its own life table, its mean rate of leaving."""
    total = drivers.base.sum(axis=2, keepdims=True)
    return replace(
        drivers,
        base=total,
        deviation=np.zeros((*drivers.deviation.shape[:2], 1)),
        internal=np.zeros_like(total),
        external_rate=(drivers.external_rate * drivers.base).sum(axis=2, keepdims=True) / total,
        external_count=drivers.external_count.sum(axis=3, keepdims=True),
        constrain=False,
    )
