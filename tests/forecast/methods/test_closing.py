"""Rates at old ages follow the law they came from, or say which simpler one took its place."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.methods.closing import OldAgeLaw, extend_rates, fit_old_ages, open_age_rate
from params.axes import N_AGE, FloatArray
from params.errors import ParamError

AGES = np.arange(80, 100)
# Person-years as they thin out in a city's district.
EXPOSURE = 2e4 * np.exp(-0.25 * (AGES - 80))
KANNISTO = OldAgeLaw("kannisto", -2.5, 0.12, "")
levels, slopes = st.floats(-4.0, -1.0), st.floats(0.05, 0.2)


@pytest.mark.parametrize("exposure", [None, EXPOSURE])
@given(level=levels, slope=slopes)
def test_a_fit_to_kannistos_own_rates_finds_his_law(
    level: float, slope: float, exposure: FloatArray | None
) -> None:
    law = fit_old_ages(AGES, OldAgeLaw("kannisto", level, slope, "").rates(AGES), exposure)
    assert (law.law, law.reason) == ("kannisto", "")
    assert (law.level, law.slope) == pytest.approx((level, slope), abs=1e-6)


@given(levels, slopes)
def test_kannistos_rates_rise_with_age_and_never_pass_one(level: float, slope: float) -> None:
    rates = OldAgeLaw("kannisto", level, slope, "").rates(np.arange(80, 131))
    assert (np.diff(rates) > 0).all()
    assert (rates < 1).all()


@pytest.mark.statistical
def test_with_few_deaths_the_slope_is_found_within_its_error() -> None:
    rng = np.random.default_rng(7)
    deaths = rng.poisson(EXPOSURE * KANNISTO.rates(AGES), size=(200, AGES.size))
    slopes = np.array([fit_old_ages(AGES, d / EXPOSURE, EXPOSURE).slope for d in deaths])
    # 4.5 standard errors of the mean of 200: 1 false alarm in 100,000; the bias of so many deaths
    # (some 10,000) is far below that.
    error = slopes.std(ddof=1) / np.sqrt(slopes.size)
    assert abs(slopes.mean() - 0.12) < 4.5 * error
    assert slopes.std() < 0.01


def test_an_age_without_deaths_does_no_harm() -> None:
    rates, exposure = KANNISTO.rates(AGES), EXPOSURE.copy()
    rates[-1], exposure[-1] = 0.0, 1.0
    # The age left empty has one person, against some 10,000 deaths at the others.
    assert fit_old_ages(AGES, rates, exposure).slope == pytest.approx(0.12, abs=1e-3)
    assert fit_old_ages(AGES, rates).slope == pytest.approx(0.12, abs=1e-9)


@pytest.mark.parametrize(
    ("rates", "law", "reason"),
    [
        (KANNISTO.rates(AGES)[::-1], "gompertz_fixed_slope", "kannisto: .* hardly rise .*; gomp"),
        (np.full(20, 0.2), "gompertz_fixed_slope", "kannisto: rates that hardly rise"),
        (np.append(KANNISTO.rates(AGES[:-1]), 1.2), "gompertz", r"kannisto: a rate of 1.2, 1 or"),
        (np.append(np.zeros(16), [0.1, 0.11, 0.12, 0.13]), "gompertz", "kannisto: 4 ages with dea"),
        (np.append(np.zeros(19), 0.3), "gompertz_fixed_slope", "gompertz: 1 ages with deaths"),
        (np.exp(np.linspace(-9, -1, 20)), "gompertz_fixed_slope", "kannisto: .* rise too fast"),
    ],
)
def test_a_law_that_cannot_hold_gives_way_and_says_why(
    rates: FloatArray, law: str, reason: str
) -> None:
    found = fit_old_ages(AGES, rates)
    assert found.law == law
    assert re.search(reason, found.reason)
    # Whatever the data, rates rise from 80 to 130 and are finite.
    closed = extend_rates(np.full(N_AGE, 0.1), found)
    assert np.isfinite(closed).all()
    assert (np.diff(closed[100:]) >= 0).all()
    assert 0 < open_age_rate(closed) <= 10


def test_a_noisy_rate_above_one_is_borne_where_deaths_weigh_it() -> None:
    rates = np.append(KANNISTO.rates(AGES[:-1]), 1.2)
    law = fit_old_ages(AGES, rates, EXPOSURE)
    assert law.law == "kannisto"
    assert law.slope == pytest.approx(0.12, abs=0.01)


@pytest.mark.parametrize("exposure", [None, EXPOSURE])
def test_the_fixed_slope_meets_the_deaths_there_were(exposure: FloatArray | None) -> None:
    law = fit_old_ages(AGES, np.full(20, 0.2), exposure)
    weights = np.ones(20) if exposure is None else exposure
    assert law.slope == 0.10
    assert (weights * law.rates(AGES)).sum() == pytest.approx((weights * 0.2).sum())


def test_extending_replaces_rates_only_from_the_age_asked_for() -> None:
    rates = np.linspace(0.001, 0.3, N_AGE)
    extended = extend_rates(rates, KANNISTO, from_age=95, last_age=120)
    assert extended.shape == (121,)
    np.testing.assert_array_equal(extended[:95], rates[:95])
    np.testing.assert_allclose(extended[95:], KANNISTO.rates(np.arange(95, 121)))


@given(st.floats(0.05, 5.0))
def test_the_open_age_of_one_rate_has_that_rate(rate: float) -> None:
    assert open_age_rate(np.full(131, rate)) == pytest.approx(rate)


def test_the_open_age_counts_each_age_by_those_who_live_in_it() -> None:
    rates = np.full(102, 0.1)
    rates[100], rates[101] = 0.5, 2.0
    # Of one who reaches 100, .4 die in .8 years; .6 live half a year more: 1 over 1.1 years.
    assert open_age_rate(rates) == pytest.approx(1 / 1.1)


@pytest.mark.parametrize(
    ("ages", "rates", "message"),
    [
        ([80, 81], [0.1, np.nan], r"old ages \[age 81\]: nan\n"),
        ([80, 81], [0.1, -0.2], r"old ages \[age 81\]: -0.2\n"),
        ([81, 80], [0.1, 0.2], r"old ages: age 80 follows 81"),
        ([80, 81], [0.0, 0.0], r"old ages: no deaths at ages 80-81\n"),
        ([80, 81], [0.1], r"old ages: shape \(1,\)"),
    ],
)
def test_bad_rates_at_old_ages_are_refused_by_age(
    ages: list[int], rates: list[float], message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        fit_old_ages(np.array(ages), np.array(rates))


def test_ages_that_cannot_be_extended_or_closed_are_refused() -> None:
    with pytest.raises(ParamError, match=r"age to extend from: 102\n.*1 to 101"):
        extend_rates(np.full(N_AGE, 0.1), KANNISTO, from_age=102)
    with pytest.raises(ParamError, match=r"open age: 101\n.*0 to 100"):
        open_age_rate(np.full(N_AGE, 0.1), open_age=101)
    with pytest.raises(ParamError, match=r"extended death rates \[age 100\]: 0\n"):
        open_age_rate(np.append(np.full(100, 0.1), 0.0))
    with pytest.raises(ParamError, match=r"exposure at old ages \[age 80\]: -1\n"):
        fit_old_ages(np.array([80]), np.array([0.1]), np.array([-1.0]))
