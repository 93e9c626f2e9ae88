"""Rates ahead start from those observed, drift as estimated and reach a life expectancy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.lifetable import life_table
from forecast.methods.rates_ahead import (
    Walk,
    drift,
    k_for_expectancy,
    paths,
    rates_ahead,
    rates_for_expectancy_lc,
)
from params.axes import N_AGE, FloatArray
from params.errors import ParamError

YEARS = list(range(1995, 2025))
SHOCKS = range(2020, 2024)
BASE = np.concatenate([[0.004], np.exp(np.linspace(-9, -0.8, N_AGE - 1))])
PATTERN = np.linspace(1.5, 0.4, N_AGE) / np.linspace(1.5, 0.4, N_AGE).sum()

seeds = st.integers(0, 2**32 - 1)
sexes = st.integers(0, 1)
changes = arrays(float, (3,), elements=st.floats(-30, 30))


@pytest.mark.reference
def test_mean_forecast_of_english_men_agrees_with_stmomo(reference: Path) -> None:
    observed = pd.read_csv(reference / "leecarter" / "stmomo_LC_kt.csv")
    wanted = pd.read_csv(reference / "leecarter" / "stmomo_LC_kt_forecast.csv").iloc[:, 2]
    k = observed.X1.to_numpy()
    walk = drift(k, observed.year.tolist())
    found = k[-1] + paths(walk, np.zeros(1), np.zeros((1, wanted.size)))[0]
    np.testing.assert_allclose(found, wanted, atol=1e-11, rtol=0)


@given(seeds)
def test_drift_without_shocks_is_the_mean_of_the_yearly_changes(seed: int) -> None:
    k = np.random.default_rng(seed).normal(-1, 2, 30).cumsum()
    walk = drift(k, YEARS)
    assert walk.drift == pytest.approx(np.diff(k).mean(), abs=1e-12)
    assert walk.innovation_sd == pytest.approx(np.diff(k).std(ddof=1))
    assert walk.drift_error == pytest.approx(walk.innovation_sd / np.sqrt(29))


@given(seeds, st.floats(-50, 50))
def test_what_happens_in_excluded_years_does_not_matter(seed: int, shock: float) -> None:
    k = np.random.default_rng(seed).normal(-1, 2, 30).cumsum()
    hit = np.where(np.isin(YEARS, list(SHOCKS)), k + shock, k)
    assert drift(hit, YEARS, SHOCKS) == drift(k, YEARS, SHOCKS)


def test_a_straight_line_keeps_its_slope_over_a_gap() -> None:
    line = -0.7 * np.arange(30.0)
    line[25:29] = 5.0
    walk = drift(line, YEARS, SHOCKS)
    assert walk.drift == pytest.approx(-0.7)
    assert walk.innovation_sd == pytest.approx(0.0, abs=1e-9)
    assert walk.span == 29


@pytest.mark.statistical
def test_innovations_are_not_inflated_by_a_gap() -> None:
    random = np.random.default_rng(3)
    variances = [
        drift(random.normal(-1, 2, 30).cumsum(), YEARS, SHOCKS).innovation_sd ** 2
        for _ in range(2000)
    ]
    # 25 changes, 24 degrees of freedom: standard error 4 sqrt(2 / 24 / 2000) = .026; five of them.
    assert abs(np.mean(variances) - 4) < 5 * 0.026


def test_paths_add_the_error_of_the_drift_and_the_yearly_chance() -> None:
    walk = Walk(-1.0, 0.25, 2.0, 64)
    found = paths(walk, np.array([0.0, 2.0]), np.array([[0.0, 0.0, 0.0], [1.0, 0.0, -1.0]]))
    np.testing.assert_allclose(found, [[-1, -2, -3], [1.5, 1.0, -1.5]])


@pytest.mark.statistical
def test_spread_of_the_paths_grows_as_theory_says() -> None:
    random = np.random.default_rng(11)
    walk = Walk(-1.0, 0.3, 1.0, 11)
    found = paths(walk, random.normal(size=20_000), random.normal(size=(20_000, 25)))
    wanted = np.sqrt(0.3**2 * np.arange(1, 26) ** 2 + np.arange(1, 26))
    # Relative error of a standard deviation 1 / sqrt(2 * 20,000) = .005; five of them in 25 years.
    np.testing.assert_allclose(found.std(axis=0), wanted, rtol=0.025)


@given(arrays(float, 5, elements=st.floats(0, 5)), arrays(float, 5, elements=st.floats(-1, 1)))
def test_rates_of_the_base_year_are_those_observed(rates: FloatArray, b: FloatArray) -> None:
    np.testing.assert_array_equal(rates_ahead(rates, b, np.zeros(2)), [rates, rates])


@given(changes)
def test_log_rates_move_in_step_with_k(k: FloatArray) -> None:
    found = rates_ahead(BASE, PATTERN, k)
    assert found.shape == (3, N_AGE)
    np.testing.assert_allclose(np.log(found / BASE), np.outer(k, PATTERN), atol=1e-12)


@given(arrays(float, (2, 3), elements=st.floats(60, 100)), sexes)
def test_life_expectancies_asked_for_are_reached(targets: FloatArray, sex: int) -> None:
    rates = rates_for_expectancy_lc(BASE, PATTERN, targets, sex)
    assert rates.shape == (2, 3, N_AGE)
    np.testing.assert_allclose(life_table(rates, sex).expectancy, targets, atol=1e-10, rtol=0)


@given(sexes)
def test_the_life_expectancy_of_the_base_needs_no_change(sex: int) -> None:
    now = life_table(BASE, sex).expectancy
    assert k_for_expectancy(BASE, PATTERN, now, sex) == pytest.approx(0.0, abs=1e-9)


@given(sexes, st.floats(-0.3, -0.01))
def test_a_pattern_that_rises_at_some_ages_still_reaches_its_target(
    sex: int, against: float
) -> None:
    b = np.where((np.arange(N_AGE) > 20) & (np.arange(N_AGE) < 30), against, 1.0) * PATTERN
    target = float(life_table(BASE, sex).expectancy) + 3
    found = rates_for_expectancy_lc(BASE, b, target, sex)
    assert life_table(found, sex).expectancy == pytest.approx(target, abs=1e-10)


def test_where_a_pattern_turns_life_expectancy_round_its_best_is_the_limit() -> None:
    b = np.where((np.arange(N_AGE) > 20) & (np.arange(N_AGE) < 60), -1.0, 1.0) * PATTERN
    with pytest.raises(ValueError, match="cannot be reached") as error:
        k_for_expectancy(BASE, b, 200.0, 0)
    best = float(str(error.value).split(" to ")[1].split()[0])
    far_out = life_table(rates_ahead(BASE, b, np.linspace(-400, 0, 999)), 0).expectancy
    assert best == pytest.approx(far_out.max(), abs=0.02)
    assert far_out[0] < best - 5
    found = rates_for_expectancy_lc(BASE, b, best - 0.5, 0)
    assert life_table(found, 0).expectancy == pytest.approx(best - 0.5, abs=1e-9)


def test_sixty_thousand_targets_are_met_together_as_one_by_one_to_the_last_bit() -> None:
    targets = np.random.default_rng(2).uniform(75, 95, 60_000)
    together = k_for_expectancy(BASE, PATTERN, targets, 1)
    alone = [float(k_for_expectancy(BASE, PATTERN, t, 1)) for t in targets[:20]]
    assert together[:20].tolist() == alone


@pytest.mark.parametrize(("sex", "name"), [(0, "of male"), (1, "of female")])
def test_a_target_out_of_reach_names_sex_target_and_range(sex: int, name: str) -> None:
    message = rf"life expectancy 140 {name} .* allows [\d.]+ to [\d.]+ years \(1 of 2"
    with pytest.raises(ValueError, match=message):
        rates_for_expectancy_lc(BASE, PATTERN, np.array([80.0, 140.0]), sex)


def test_a_pattern_without_any_change_reaches_nothing() -> None:
    with pytest.raises(ValueError, match="cannot be reached along this pattern"):
        k_for_expectancy(BASE, np.zeros(N_AGE), life_table(BASE, 0).expectancy, 0)


def test_a_missing_target_is_named() -> None:
    with pytest.raises(ParamError, match=r"life expectancy \[target 1\]: nan"):
        k_for_expectancy(BASE, PATTERN, np.array([80.0, np.nan]), 0)


def test_a_base_rate_of_zero_cannot_be_moved_to_a_target() -> None:
    with pytest.raises(ParamError, match=r"death rates of the base year \[age 3\]: 0"):
        k_for_expectancy(np.where(np.arange(N_AGE) == 3, 0.0, BASE), PATTERN, 80.0, 0)


@pytest.mark.parametrize(
    ("base", "b", "k", "message"),
    [
        ([0.1, -0.1], [0.5, 0.5], 0.0, r"death rates of the base year \[age 1\]: -0.1"),
        ([0.1, 0.1], [0.5], 0.0, r"pattern b: shape \(1,\)"),
        ([0.1, 0.1], [0.5, 0.5], np.nan, r"change of k \[place 0\]: nan"),
    ],
)
def test_bad_input_to_the_rates_is_named(
    base: list[float], b: list[float], k: float, message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        rates_ahead(np.array(base), np.array(b), np.array(k))


@pytest.mark.parametrize(
    ("years", "exclude", "message"),
    [
        ([2000, 2001, 2001, 2003], [], "years: 2001 follows 2001"),
        ([2000, 2001, 2002, 2003], [2020], "years to exclude: 2020"),
        ([2000, 2001, 2002, 2003], [2001, 2002], "years: 2 left"),
    ],
)
def test_bad_years_are_named(years: list[int], exclude: list[int], message: str) -> None:
    with pytest.raises(ParamError, match=message):
        drift(np.arange(4.0), years, exclude)


def test_a_missing_index_is_named_by_its_year() -> None:
    with pytest.raises(ParamError, match=r"index of mortality \[year 2001\]: nan"):
        drift(np.array([0.0, np.nan, 1.0]), [2000, 2001, 2002])


def test_deviates_of_the_drift_have_to_be_one_a_draw() -> None:
    with pytest.raises(ParamError, match=r"deviates of the drift: shape \(3,\)"):
        paths(Walk(-1.0, 0.1, 1.0, 30), np.zeros(3), np.zeros((2, 5)))
