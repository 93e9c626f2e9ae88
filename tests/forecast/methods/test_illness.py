"""Incidence and prevalence lead to each other; years in the states agree with R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from forecast.methods.illness import (
    IllnessRates,
    StateYears,
    expected_years,
    incidence_between,
    incidence_identity,
    prevalence_after,
    state_mortality,
)
from params.axes import FloatArray
from params.errors import ParamError

AGES = np.arange(60.0, 101.0)

levels, slopes = st.floats(-6.0, -1.0), st.floats(0.02, 0.15)
recoveries, ratios = st.floats(0.0, 0.2), st.floats(1.0, 5.0)


def curve(age: FloatArray, level: float, slope: float) -> FloatArray:
    """Prevalence rising with age as a logistic."""
    return np.asarray(1 / (1 + np.exp(-(level + slope * (age - 75)))))


def gompertz(age: FloatArray) -> FloatArray:
    return np.asarray(0.008 * np.exp(0.1 * (age - 60)))


def synthetic(reference: Path) -> tuple[IllnessRates, pd.DataFrame]:
    folder = reference / "multistate"
    rates = pd.read_csv(folder / "illness_death_synthetic_rates.csv")
    expected = pd.read_csv(folder / "illness_death_synthetic_expm_reference.csv")
    columns = (rates[name].to_numpy() for name in ("i01", "i10", "m0", "m1"))
    return IllnessRates(*columns), expected


@pytest.mark.reference
def test_healthy_and_disabled_years_are_those_of_r(reference: Path) -> None:
    rates, expected = synthetic(reference)
    found = expected_years(rates)
    np.testing.assert_allclose(found.healthy, expected["e_healthy"], atol=1e-11)
    np.testing.assert_allclose(found.ill, expected["e_disabled"], atol=1e-11)
    np.testing.assert_allclose(found.alive, expected["alive_at_100"], atol=1e-13)


@given(levels, slopes, recoveries, ratios)
def test_the_differential_equation_returns_the_prevalence(
    level: float, slope: float, recovery: float, ratio: float
) -> None:
    def rates(age: float) -> tuple[FloatArray, ...]:
        p = curve(np.array([age]), level, slope)
        dying = state_mortality(gompertz(np.array([age])), p, np.full(1, ratio))
        back = np.full(1, recovery)
        return *incidence_identity(p, slope * p * (1 - p), back, *dying), *dying

    def change(age: float, p: FloatArray) -> FloatArray:
        incidence, clipped, healthy, ill = rates(age)
        assert clipped == 0
        return incidence * (1 - p) - recovery * p - p * (1 - p) * (ill - healthy)

    start = curve(AGES[:1], level, slope)
    found = solve_ivp(change, (60, 100), start, "LSODA", AGES, rtol=1e-9, atol=1e-12).y[0]
    # Ten times the solver's own relative error, over 40 years of which each damps the last.
    np.testing.assert_allclose(found, curve(AGES, level, slope), rtol=1e-7)


@given(levels, slopes, recoveries, ratios)
def test_carried_forward_year_by_year_the_prevalence_comes_back(
    level: float, slope: float, recovery: float, ratio: float
) -> None:
    p = curve(AGES, level, slope)
    middle = (p[1:] + p[:-1]) / 2
    dying = state_mortality(gompertz(AGES[:-1] + 0.5), middle, np.full(40, ratio))
    incidence, clipped = incidence_between(p[:-1], p[1:], np.full(40, recovery), *dying)
    found = [p[0]]
    for a in range(40):
        now = IllnessRates(incidence[[a]], np.full(1, recovery), dying[0][[a]], dying[1][[a]])
        found.append(prevalence_after(np.array(found[-1:]), now)[0])
    assert (clipped == 0).all()
    np.testing.assert_allclose(found, p, rtol=0, atol=1e-11)


@given(levels, slopes, ratios)
def test_deaths_of_healthy_and_ill_add_to_the_life_table(
    level: float, slope: float, ratio: float
) -> None:
    p = curve(AGES, level, slope)
    healthy, ill = state_mortality(gompertz(AGES), p, np.full(AGES.size, ratio))
    np.testing.assert_allclose((1 - p) * healthy + p * ill, gompertz(AGES), rtol=1e-12)
    np.testing.assert_allclose(ill, ratio * healthy, rtol=1e-12)


def test_over_a_year_the_identity_and_the_solved_incidence_are_close() -> None:
    p = curve(AGES, -3.0, 0.11)
    middle, slope = (p[1:] + p[:-1]) / 2, np.diff(p)
    dying = state_mortality(gompertz(AGES[:-1] + 0.5), middle, np.full(40, 2.5))
    recovery = np.full(40, 0.04)
    solved, _ = incidence_between(p[:-1], p[1:], recovery, *dying)
    point, _ = incidence_identity(middle, slope, recovery, *dying)
    np.testing.assert_allclose(solved, point, rtol=0.03)
    assert (solved != point).all()


def test_a_prevalence_that_falls_too_fast_needs_no_incidence_and_says_by_how_much() -> None:
    p, slope, none = np.array([0.2, 0.2]), np.array([-0.05, 0.05]), np.zeros(2)
    incidence, clipped = incidence_identity(p, slope, none, none, none)
    np.testing.assert_allclose(incidence, [0.0, 0.05 / 0.8], rtol=1e-12)
    np.testing.assert_allclose(clipped, [0.05 / 0.8, 0.0], rtol=1e-12)


def test_a_year_that_falls_too_fast_is_clipped_alone() -> None:
    start, end, none = np.array([0.2, 0.2]), np.array([0.18, 0.22]), np.zeros(2)
    incidence, clipped = incidence_between(start, end, none, none, none)
    # Without deaths and recovery 1 - p decays by exp(-i); at i = 0 its slope is 1 - p.
    np.testing.assert_allclose(incidence, [0.0, np.log(0.8 / 0.78)], rtol=1e-10, atol=0)
    np.testing.assert_allclose(clipped, [0.02 / 0.8, 0.0], rtol=1e-10)


def test_without_illness_the_years_are_those_of_the_life_table() -> None:
    none, dying = np.zeros((2, 40)), np.full((2, 40), 0.05)
    found = expected_years(IllnessRates(none, none, dying, 2 * dying))
    assert isinstance(found, StateYears)
    np.testing.assert_allclose(found.healthy[:, 0], (1 - np.exp(-2.0)) / 0.05, rtol=1e-12)
    np.testing.assert_allclose(found.ill[:, 1], (1 - np.exp(-4.0)) / 0.1, rtol=1e-12)
    np.testing.assert_allclose(found.alive, [[np.exp(-2.0), np.exp(-4.0)]] * 2, rtol=1e-12)


def test_rates_below_zero_are_refused_by_name_and_age() -> None:
    zero = np.zeros((2, 3))
    broken = np.array([[0.0, 0.0, 0.0], [0.0, -0.1, 0.0]])
    with pytest.raises(ParamError, match=r"recovery \[sex 1, age 1\]: -0\.1"):
        expected_years(IllnessRates(zero, broken, zero, zero))


def test_a_prevalence_of_one_is_refused() -> None:
    none, some = np.zeros(2), np.array([0.5, 1.0])
    with pytest.raises(ParamError, match=r"prevalence \[age 1\]: 1"):
        incidence_identity(some, none, none, none, none)
    with pytest.raises(ParamError, match=r"prevalence at the end \[age 1\]: 1"):
        incidence_between(none, some, none, none, none)
    with pytest.raises(ParamError, match=r"prevalence \[age 0\]: 2"):
        prevalence_after(np.array([2.0, 0.0]), IllnessRates(none, none, none, none))


def test_a_jump_that_no_incidence_can_make_is_refused() -> None:
    one = np.ones(1)
    with pytest.raises(ValueError, match=r"prevalence 0 to 0\.9 in a year: no incidence to 20"):
        incidence_between(0 * one, 0.9 * one, 20 * one, 0 * one, 20 * one)


def test_rates_that_cannot_be_are_refused_before_incidence_is_solved() -> None:
    none, some = np.zeros(2), np.array([0.1, 0.2])
    with pytest.raises(ParamError, match=r"death_ill \[age 1\]: nan"):
        incidence_between(some, some, none, none, np.array([0.0, np.nan]))
    with pytest.raises(ParamError, match=r"recovery \[age 0\]: -1"):
        incidence_identity(some, none, np.array([-1.0, 0.0]), none, none)
    with pytest.raises(ParamError, match=r"mortality ratio \[age 0\]: -2"):
        state_mortality(some, some, np.array([-2.0, 1.0]))
