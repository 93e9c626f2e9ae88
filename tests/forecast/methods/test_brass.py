"""Brass's model gives back its standard, the textbook's logits and line, and a life expectancy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.methods.brass import brass_logit, brass_rates, fit_brass, rates_for_expectancy
from forecast.methods.lifetable import LifeTable, life_table
from params.axes import N_AGE, FloatArray
from params.errors import ParamError

sexes = st.integers(0, 1)


@given(st.floats(60.0, 90.0), sexes)
def test_brass_reaches_a_life_expectancy(expectancy: float, sex: int) -> None:
    standard = life_table(gompertz(), sex)
    rates = rates_for_expectancy(standard, expectancy, sex)
    assert life_table(rates, sex).expectancy == pytest.approx(expectancy, abs=1e-8)


def test_brass_at_level_zero_and_slope_one_returns_its_standard() -> None:
    standard = life_table(gompertz(), 0)
    np.testing.assert_allclose(brass_rates(standard, 0.0, 0), standard.rates, rtol=1e-9)


@pytest.mark.parametrize("expectancy", [10.0, 130.0])
@pytest.mark.parametrize(("sex", "name"), [(0, "male"), (1, "female")])
def test_an_unreachable_life_expectancy_is_refused_with_sex_and_both_ends(
    expectancy: float, sex: int, name: str
) -> None:
    message = rf"life expectancy {expectancy} \({name}\) cannot .* allows \d+\.\d to \d+\.\d years"
    with pytest.raises(ValueError, match=message):
        rates_for_expectancy(life_table(gompertz(), sex), expectancy, sex)


@given(st.floats(-1.5, 1.5), st.floats(0.5, 1.5), sexes)
def test_a_fit_finds_the_level_and_slope_that_moved_the_standard(
    level: float, slope: float, sex: int
) -> None:
    standard = life_table(gompertz(), sex).survivors[5:90:5]
    moved = 1 / (1 + np.exp(2 * (level + slope * brass_logit(standard))))
    assert fit_brass(standard, moved) == pytest.approx((level, slope), abs=1e-9)


def test_the_logit_is_half_the_log_odds_of_having_died() -> None:
    # One in five alive: odds of 4, and half the log of 4 is the log of 2.
    found = brass_logit(np.array([1.0, 0.5, 0.2, 0.0]))
    np.testing.assert_allclose(found, [-np.inf, 0.0, np.log(2), np.inf], rtol=1e-12)


@pytest.mark.parametrize(
    ("standard", "observed", "message"),
    [
        ([1.0, 0.9, 0.8], [0.99, 0.9, 0.8], r"survivors of the standard \[position 0\]: 1\n"),
        ([0.9, 0.8], [0.9, 0.0], r"survivors observed \[position 1\]: 0\n"),
        ([0.9, 0.8], [0.9, np.nan], r"survivors observed \[position 1\]: nan\n"),
        ([0.9, 0.8], [0.9], r"survivors observed: shape \(1,\)"),
        ([0.9], [0.8], r"1 ages, all with the same share alive\n.*two different"),
    ],
)
def test_shares_without_a_line_through_their_logits_are_refused(
    standard: list[float], observed: list[float], message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        fit_brass(np.array(standard), np.array(observed))


@pytest.mark.reference
def test_logits_of_the_textbooks_survivors_are_the_published_ones(reference: Path) -> None:
    table = pd.read_csv(reference / "brass" / "papp103_un_latin_e75_example.csv")
    standard = brass_logit(table["standard_lx"].to_numpy() / 1e5)
    # The page shows survivors to five digits: at 100 years that is 9e-5 of a logit.
    np.testing.assert_allclose(standard, table["logit_standard_published"], atol=1e-4)
    seen = table.dropna(subset="observed_lx")
    observed = brass_logit(seen["observed_lx"].to_numpy())
    np.testing.assert_allclose(observed, seen["logit_observed_published"], atol=1e-5)


@pytest.mark.reference
def test_the_line_through_the_textbooks_logits_is_that_of_least_squares(reference: Path) -> None:
    table = pd.read_csv(reference / "brass" / "papp103_un_latin_e75_example.csv").dropna()
    fitted = fit_brass(table["standard_lx"].to_numpy() / 1e5, table["observed_lx"].to_numpy())
    assert fitted == pytest.approx((0.516945, 1.499509), abs=1e-6)


@pytest.mark.reference
def test_brass_moves_the_textbooks_standard_to_its_fitted_survivors(reference: Path) -> None:
    table = pd.read_csv(reference / "brass" / "papp103_un_latin_e75_example.csv")
    age = table["age"].to_numpy()
    fitted = brass_survivors(age, table["standard_lx"].to_numpy() / 1e5, 0.516945, 1.499509)
    np.testing.assert_allclose(fitted, table["fitted_lx_computed"], atol=5e-5)


def gompertz() -> FloatArray:
    """Death rates of a life of some 80 years."""
    rates: FloatArray = 2e-5 * np.exp(0.1 * np.arange(N_AGE)) + 1e-4
    rates[0] = 0.003
    return rates


def brass_survivors(
    age: FloatArray, standard: FloatArray, level: float, slope: float
) -> FloatArray:
    """Move survivors given at some ages; those between lie on a line of log survivors."""
    every = np.arange(N_AGE)
    knots = np.append(0, age), np.append(0.0, np.log(standard))
    survivors = np.exp(np.interp(every, *knots))
    rates = np.append(-np.diff(np.log(survivors)), 0.5)
    rates = brass_rates(LifeTable(rates, survivors, survivors), level, 0, slope)
    moved: FloatArray = life_table(rates, 0).survivors[age]
    return moved
