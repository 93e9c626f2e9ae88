"""Life tables are consistent, spread groups without moving them, and reach a life expectancy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.lifetable import (
    LifeTable,
    brass_rates,
    life_table,
    rates_for_expectancy,
    single_age_rates,
    survival_into,
)
from forecast.mortality import city_rates, standards
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs

rates_by_age = arrays(float, N_AGE, elements=st.floats(1e-6, 1.5))
sexes = st.integers(0, 1)


@given(rates_by_age, sexes)
def test_everyone_who_is_born_dies_once(rates: FloatArray, sex: int) -> None:
    table = life_table(rates, sex)
    assert (table.rates * table.person_years).sum() == pytest.approx(1.0, abs=1e-12)


@given(rates_by_age, sexes)
def test_survivors_never_rise_and_every_age_is_lived_in(rates: FloatArray, sex: int) -> None:
    table = life_table(rates, sex)
    assert table.survivors[0] == 1.0
    assert (np.diff(table.survivors) <= 0).all()
    assert (table.person_years > 0).all()
    assert (table.person_years[:-1] <= table.survivors[:-1]).all()


def test_with_one_rate_at_every_age_life_expectancy_is_its_inverse() -> None:
    table = life_table(np.full(N_AGE, 0.02), 1)
    # a_x = 1/2 is exact to second order in the rate; a_0 = .109 costs .4 * .02 years of infants.
    assert table.expectancy == pytest.approx(50.0, abs=0.5)


@given(rates_by_age, sexes)
def test_survival_into_each_age_is_a_share(rates: FloatArray, sex: int) -> None:
    into = survival_into(life_table(rates, sex))
    assert ((into > 0) & (into <= 1)).all()


@given(rates_by_age, sexes)
def test_a_stationary_population_survives_into_itself(rates: FloatArray, sex: int) -> None:
    years = life_table(rates, sex).person_years
    into = survival_into(life_table(rates, sex))
    np.testing.assert_allclose(years[:-2] * into[1:-1], years[1:-1], rtol=1e-12)
    assert (years[-2] + years[-1]) * into[-1] == pytest.approx(years[-1], rel=1e-12)


@pytest.mark.parametrize("sex", [0, 1])
def test_single_age_rates_keep_the_rate_of_every_group_in_the_life_table(
    inputs: Inputs, sex: int
) -> None:
    starts = inputs.mortality.reference_age_lo.astype(np.int64)
    groups = inputs.mortality.reference_rates[sex]
    table = life_table(single_age_rates(starts.astype(np.float64), groups, sex), sex)
    deaths = np.add.reduceat(table.rates * table.person_years, starts)
    lived = np.add.reduceat(table.person_years, starts)
    np.testing.assert_allclose(deaths / lived, groups, rtol=1e-9)


@given(st.floats(60.0, 90.0), sexes)
def test_brass_reaches_a_life_expectancy(expectancy: float, sex: int) -> None:
    standard = life_table(gompertz(), sex)
    rates = rates_for_expectancy(standard, expectancy, sex)
    assert life_table(rates, sex).expectancy == pytest.approx(expectancy, abs=1e-8)


def test_brass_at_level_zero_and_slope_one_returns_its_standard() -> None:
    standard = life_table(gompertz(), 0)
    np.testing.assert_allclose(brass_rates(standard, 0.0, 0), standard.rates, rtol=1e-9)


@pytest.mark.parametrize("expectancy", [10.0, 130.0])
def test_an_unreachable_life_expectancy_is_refused_with_both_ends(expectancy: float) -> None:
    message = rf"life expectancy {expectancy} cannot .* allows \d+\.\d to \d+\.\d years"
    with pytest.raises(ValueError, match=message):
        rates_for_expectancy(life_table(gompertz(), 0), expectancy, 0)


def test_the_city_lives_as_long_as_published_and_gains_as_assumed(inputs: Inputs) -> None:
    gain = np.array([0.1, 0.2])
    published = inputs.mortality.expectancy
    rates = city_rates(standards(inputs.mortality), published, gain, [0.0, 5.0], 0.0)
    for s in range(2):
        found = life_table(rates[:, s], s).expectancy
        np.testing.assert_allclose(found, published[s] + gain[s] * np.array([0, 5]), atol=1e-8)


@pytest.mark.reference
@pytest.mark.parametrize(("sex", "name"), [(0, "male"), (1, "female")])
def test_the_united_nations_engine_makes_the_same_life_tables(
    reference: Path, sex: int, name: str
) -> None:
    file = reference / "ccmppWPP" / "canada_OUTPUT_lifetables_1x1.csv.gz"
    table = pd.read_csv(file).query("sex == @name")
    wide = table.pivot(index="year", columns="age", values=["nMx", "Sx", "ex"])
    ours = life_table(wide["nMx"].to_numpy(), sex)
    into = survival_into(ours)
    # Their a_0 is not quite this one: 7e-5 in the survival of infants of 1950, nothing later.
    np.testing.assert_allclose(into, wide["Sx"].to_numpy(), rtol=1e-4)
    np.testing.assert_allclose(into[:, 2:], wide["Sx"].to_numpy()[:, 2:], rtol=1e-8)
    np.testing.assert_allclose(ours.expectancy, wide["ex"].to_numpy()[:, 0], rtol=1e-5)


@pytest.mark.reference
def test_austrian_men_of_1992_live_as_long_as_in_the_textbook(reference: Path) -> None:
    table = pd.read_csv(reference / "lifetables" / "preston_p49_austria_males_1992.csv")
    starts = table["age_start"].to_numpy(np.float64)
    rates = single_age_rates(starts, table["mx"].to_numpy(), 0)
    # The book's a_x are its own; ours follow from the curve inside the groups.
    assert life_table(rates, 0).expectancy == pytest.approx(table["ex"].iloc[0], abs=0.01)


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
