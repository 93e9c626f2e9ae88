"""Life tables of single ages are consistent, and groups are spread without moving their rates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.lifetable import life_table, single_age_rates, survival_into
from params.axes import N_AGE, FloatArray
from params.errors import ParamError
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
    starts = inputs.mortality.age_lo.astype(np.int64)
    for groups in (rates[sex] for rates in inputs.mortality.rates.values()):
        table = life_table(single_age_rates(starts.astype(np.float64), groups, sex), sex)
        deaths = np.add.reduceat(table.rates * table.person_years, starts)
        lived = np.add.reduceat(table.person_years, starts)
        np.testing.assert_allclose(deaths / lived, groups, rtol=1e-9)


# Ages 1-4 and then five-year groups, as statistics publish them, with noise of a small population.
STARTS = np.array([0.0, 1.0, *range(5, 101, 5)])


@given(arrays(float, STARTS.size, elements=st.floats(-0.5, 0.5)), sexes)
def test_noisy_groups_keep_their_rates_in_the_life_table_too(noise: FloatArray, sex: int) -> None:
    groups = gompertz_groups() * np.exp(noise)
    table = life_table(single_age_rates(STARTS, groups, sex), sex)
    deaths = np.add.reduceat(table.rates * table.person_years, STARTS.astype(np.int64))
    lived = np.add.reduceat(table.person_years, STARTS.astype(np.int64))
    np.testing.assert_allclose(deaths / lived, groups, rtol=1e-9)


@pytest.mark.parametrize(
    ("age", "rate", "message"),
    [
        (3, 0.0, r"groups, male \[age 10\]: 0\n.*above 0"),
        (4, np.nan, r"groups, male \[age 15\]: nan\n.*0 to 10 a person-year"),
        (5, -0.1, r"groups, male \[age 20\]: -0.1\n"),
    ],
)
def test_a_bad_group_rate_is_refused_by_its_age(age: int, rate: float, message: str) -> None:
    groups = gompertz_groups()
    groups[age] = rate
    with pytest.raises(ParamError, match=message):
        single_age_rates(STARTS, groups, 0)


def test_groups_that_end_above_100_are_to_be_pooled() -> None:
    with pytest.raises(
        ParamError, match=r"last group starts at 105\n.*100 or before, open\n.*pool"
    ):
        single_age_rates(np.append(STARTS, 105.0), np.append(gompertz_groups(), 1.0), 1)


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


def gompertz_groups() -> FloatArray:
    """Rates by group of a life of some 80 years."""
    rates: FloatArray = 2e-5 * np.exp(0.1 * (STARTS + 2.5)) + 1e-4
    rates[0] = 0.003
    return rates
