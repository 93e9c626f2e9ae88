"""Cohorts carry their prevalence on; a change of incidence reaches it late and in the right way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from forecast.methods.illness import IllnessRates, state_mortality
from forecast.methods.illness_ahead import base_incidence, prevalence_ahead
from params.axes import FloatArray
from params.errors import ParamError

AGES = np.arange(60, 101)
OPEN = np.array([0.3, 0.4])
BASE = 1 / (1 + np.exp(-(-2.6 + 0.1 * (AGES - 80) + np.array([[0.0], [0.3]]))))
MORTALITY = np.array([[0.008], [0.006]]) * np.exp(0.1 * (AGES[:-1] - 59.5))


def rates_of(base: FloatArray, n_year: int, ratio: float, recovery: float) -> IllnessRates:
    """Rates under which the base stays, with the same deaths in all years."""
    dying = state_mortality(MORTALITY, base[:, :-1], np.full(MORTALITY.shape, ratio))
    back = np.full(MORTALITY.shape, recovery)
    incidence, clipped = base_incidence(base, back, *dying, OPEN)
    assert (clipped == 0).all()
    healthy, ill = (np.broadcast_to(d, (n_year, *d.shape)) for d in dying)
    return IllnessRates(incidence, back, healthy, ill)


@given(st.floats(0.2, 1.0), st.floats(1.0, 4.0), st.floats(0.0, 0.2))
def test_with_constant_rates_the_prevalence_stays(
    scale: float, ratio: float, recovery: float
) -> None:
    base = scale * BASE
    ahead = prevalence_ahead(base, rates_of(base, 30, ratio, recovery), OPEN)
    # The incidence is solved to 1e-13 a year; recovery and deaths damp what thirty years add.
    np.testing.assert_allclose(ahead, np.broadcast_to(base, ahead.shape), atol=1e-11)


@given(st.floats(-0.05, -0.001), st.floats(0.001, 0.05))
def test_falling_incidence_lowers_prevalence_and_rising_incidence_lifts_it(
    falling: float, rising: float
) -> None:
    rates = rates_of(BASE, 20, 2.0, 0.04)
    less = prevalence_ahead(BASE, rates, OPEN, falling)[1:, :, 1:]
    more = prevalence_ahead(BASE, rates, OPEN, rising)[1:, :, 1:]
    assert (less < BASE[:, 1:]).all()
    assert (more > BASE[:, 1:]).all()


@pytest.mark.parametrize("change", [-0.01, 0.029])
def test_prevalence_follows_late(change: float) -> None:
    rates = rates_of(BASE, 20, 2.0, 0.04)
    ahead = prevalence_ahead(BASE, rates, OPEN, change)
    moved = np.abs(ahead[:, :, 1:] / BASE[:, 1:] - 1)
    assert (np.diff(moved[:10], axis=0) > 0).all()
    # Those ill before stay ill: prevalence moves by less than incidence has.
    assert (moved[1:] < abs((1 + change) ** np.arange(1, 21) - 1)[:, None, None]).all()


def test_if_nobody_falls_ill_any_more_each_cohort_keeps_what_it_has() -> None:
    rates = rates_of(BASE, 10, 1.0, 0.0)
    ahead = prevalence_ahead(BASE, rates, OPEN, -1.0)
    for t in range(1, 11):
        np.testing.assert_allclose(ahead[t, :, t:-1], BASE[:, : -t - 1], rtol=1e-12)


def test_a_cohort_agrees_with_its_differential_equation() -> None:
    rates, change = rates_of(BASE, 10, 2.5, 0.04), 0.029
    ahead = prevalence_ahead(BASE, rates, OPEN, change)
    p = BASE[1, 5]
    for t in range(10):
        i = rates.incidence[1, 5 + t] * (1 + change) ** (t + 1)
        excess = float((rates.death_ill - rates.death_healthy)[t, 1, 5 + t])

        def slope(_: float, p: FloatArray, i: float = i, excess: float = excess) -> FloatArray:
            return i * (1 - p) - 0.04 * p - p * (1 - p) * excess

        p = solve_ivp(slope, (0, 1), [p], rtol=1e-11, atol=1e-13).y[0, -1]
    assert ahead[10, 1, 15] == pytest.approx(p, rel=1e-9)


def test_the_open_age_is_the_mean_of_those_in_it_and_those_who_enter() -> None:
    none = np.zeros((1, 2, 40))
    ahead = prevalence_ahead(BASE, IllnessRates(none, none, none, none), OPEN)
    expected = (1 - OPEN) * BASE[:, -2] + OPEN * BASE[:, -1]
    np.testing.assert_allclose(ahead[1, :, -1], expected, rtol=1e-12)


def test_a_prevalence_at_entry_is_carried_up_the_ages() -> None:
    none = np.zeros((3, 2, 40))
    entry = np.array([[0.01, 0.02], [0.03, 0.04], [0.05, 0.06]])
    ahead = prevalence_ahead(BASE, IllnessRates(none, none, none, none), OPEN, entry=entry)
    np.testing.assert_allclose(ahead[3, :, 2::-1], entry.T, rtol=1e-12)


def test_a_change_may_differ_by_sex() -> None:
    rates = rates_of(BASE, 5, 2.0, 0.04)
    both = prevalence_ahead(BASE, rates, OPEN, np.array([[0.0], [-0.02]]))
    np.testing.assert_allclose(both[5, 0], BASE[0], rtol=1e-11)
    np.testing.assert_array_equal(both[5, 1], prevalence_ahead(BASE, rates, OPEN, -0.02)[5, 1])


@pytest.mark.parametrize("change", [-1.5, np.nan])
def test_a_change_below_minus_one_is_refused(change: float) -> None:
    with pytest.raises(ValueError, match="must be -1 or more"):
        prevalence_ahead(BASE, rates_of(BASE, 2, 2.0, 0.0), OPEN, change)


def test_a_base_with_other_ages_than_the_rates_is_refused() -> None:
    rates = rates_of(BASE, 2, 2.0, 0.0)
    with pytest.raises(ValueError, match=r"base has shape \(2, 40\); rates of 40 cohorts need"):
        prevalence_ahead(BASE[:, 1:], rates, OPEN)


def test_rates_without_a_year_are_refused() -> None:
    none = np.zeros((2, 40))
    with pytest.raises(ValueError, match=r"need the axes \(year, sex, cohort\), not \(2, 40\)"):
        prevalence_ahead(BASE, IllnessRates(none, none, none, none), OPEN)


def test_an_open_share_above_one_is_refused() -> None:
    with pytest.raises(ParamError, match=r"open_share \[sex 0\]: 1\.3"):
        prevalence_ahead(BASE, rates_of(BASE, 2, 2.0, 0.0), OPEN + 1.0)
