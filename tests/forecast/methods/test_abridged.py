"""Life tables of age groups agree with published ones, and hold for any groups and first age."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.abridged import (
    Graduation,
    abridged_life_table,
    pool_open_age,
    rates_from_deaths,
    young_years,
)
from forecast.methods.lifetable import life_table
from params.axes import N_AGE, FloatArray
from params.errors import ParamError

STARTS = np.array([0, 1, *range(5, 101, 5)])
sexes = st.integers(0, 1)
graduations = st.sampled_from(["half", "greville"])
# A closed group may be without deaths, the open one may not.
group_rates = arrays(float, STARTS.size, elements=st.just(0.0) | st.floats(1e-9, 2.0)).map(
    lambda rates: np.append(rates[:-1], rates[-1] + 0.01)
)


@given(group_rates, sexes, graduations, st.integers(0, STARTS.size - 2))
def test_everyone_who_reaches_the_first_age_dies_once(
    rates: FloatArray, sex: int, graduation: Graduation, first: int
) -> None:
    table = abridged_life_table(STARTS[first:], rates[first:], sex, graduation=graduation)
    assert (table.rates * table.person_years).sum() == pytest.approx(1.0, abs=1e-9)


@given(group_rates, sexes, graduations)
def test_shares_dying_are_shares_and_the_dying_die_inside_their_group(
    rates: FloatArray, sex: int, graduation: Graduation
) -> None:
    table = abridged_life_table(STARTS, rates, sex, graduation=graduation)
    width = np.diff(STARTS)
    assert ((table.dying >= 0) & (table.dying <= 1)).all()
    assert ((table.dying == 0) == (rates == 0)).all()
    assert ((table.years_of_dying[:-1] > 0) & (table.years_of_dying[:-1] < width)).all()
    assert (table.person_years[:-1] <= table.survivors[:-1] * width * (1 + 1e-12)).all()


@given(arrays(float, N_AGE, elements=st.floats(1e-6, 1.5)), sexes)
def test_groups_of_one_year_are_the_table_of_single_ages(rates: FloatArray, sex: int) -> None:
    groups, single = abridged_life_table(np.arange(N_AGE), rates, sex), life_table(rates, sex)
    np.testing.assert_allclose(groups.survivors, single.survivors, rtol=1e-12)
    np.testing.assert_allclose(groups.person_years, single.person_years, rtol=1e-12)


@given(sexes, st.sampled_from([20, 60, 85]))
def test_a_table_that_starts_late_keeps_the_expectancies_of_the_whole_one(
    sex: int, first: int
) -> None:
    late = slice(int(np.searchsorted(STARTS, first)), None)
    whole = abridged_life_table(STARTS, gompertz(), sex)
    part = abridged_life_table(STARTS[late], gompertz()[late], sex)
    assert part.survivors[0] == 1.0
    np.testing.assert_allclose(part.expectancy, whole.expectancy[late], rtol=1e-12)


@given(sexes, st.sampled_from([60, 80, 100]))
def test_ending_a_table_early_changes_no_expectancy(sex: int, open_age: int) -> None:
    whole = abridged_life_table(STARTS, gompertz(), sex, graduation="greville")
    short = whole.ending_at(open_age)
    assert short.age_lo[-1] == open_age
    kept = short.age_lo.size
    np.testing.assert_allclose(short.expectancy, whole.expectancy[:kept], rtol=1e-12)
    assert (short.rates * short.person_years).sum() == pytest.approx(1.0, abs=1e-12)


def test_a_group_that_would_lose_more_than_its_people_dies_at_its_constant_rate() -> None:
    table = abridged_life_table(np.array([80, 85]), np.array([0.9, 0.9]), 0)
    # Deaths in the middle would take 5 * .9 / (1 + 2.5 * .9) = 138 % of those alive.
    assert table.dying[0] == pytest.approx(1 - np.exp(-4.5))
    np.testing.assert_allclose(table.expectancy, 1 / 0.9)


@pytest.mark.parametrize("infant_rate", [0.0, 0.02, 0.08, 0.3])
@pytest.mark.parametrize("sex", [0, 1])
def test_west_on_infant_rates_is_close_to_west_on_shares_dying(
    infant_rate: float, sex: int
) -> None:
    infants, children = young_years(infant_rate, sex)
    dying = infant_rate / (1 + (1 - infants) * infant_rate)
    told = young_years(infant_rate, sex, infant_dying=dying)
    # Two published fits of the same tables; at most two days apart.
    assert (infants, children) == pytest.approx(told, abs=0.006)


def test_years_of_dying_of_a_family_go_with_the_share_dying_that_they_imply() -> None:
    infants, children = young_years(0.05, 1, "north")
    dying = 0.05 / (1 + (1 - infants) * 0.05)
    assert (infants, children) == pytest.approx((0.05 + 3 * dying, 1.733 - 1.627 * dying))


def test_no_deaths_give_rate_zero_and_nobody_exposed_is_refused_by_age() -> None:
    ages = np.array([80, 85, 90])
    rates = rates_from_deaths(ages, np.array([0.0, 2.0, 3.0]), np.array([10.0, 8.0, 6.0]))
    np.testing.assert_array_equal(rates, [0.0, 0.25, 0.5])
    with pytest.raises(ParamError, match=r"exposure \[age 90\]: 0\n.*person-years"):
        rates_from_deaths(ages, np.ones(3), np.array([10.0, 8.0, 0.0]))
    with pytest.raises(ParamError, match=r"deaths \[age 85\]: -1\n"):
        rates_from_deaths(ages, np.array([0.0, -1.0, 3.0]), np.ones(3))


def test_pooling_the_open_age_keeps_every_death() -> None:
    deaths = np.array([[5.0, 3.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0]])
    ages, pooled = pool_open_age(np.array([80, 85, 90, 95]), deaths, 90)
    np.testing.assert_array_equal(ages, [80, 85, 90])
    np.testing.assert_array_equal(pooled, [[5.0, 3.0, 1.0], [1.0, 2.0, 7.0]])
    with pytest.raises(ParamError, match=r"open age: 92 starts no group\n.*80, 85, 90, 95"):
        pool_open_age(np.array([80, 85, 90, 95]), deaths, 92)


@pytest.mark.parametrize(
    ("ages", "rates", "message"),
    [
        ([80, 85], [0.1, 0.0], r"death rates, female \[age 85\+\]: 0\n.*above 0 in the open age"),
        ([80, 85], [-0.1, 0.2], r"death rates, female \[age 80\]: -0.1\n"),
        ([80, 85], [0.1, np.inf], r"death rates, female \[age 85\]: inf\n"),
        ([85, 80], [0.1, 0.2], r"death rates, female: age 80 follows 85"),
        ([80, 85], [0.1], r"death rates, female: shape \(1,\)"),
        ([80], [0.1], r"death rates, female: 1 groups"),
        ([], [], r"death rates, female: ages start at nothing"),
    ],
)
def test_a_bad_table_is_refused_by_sex_and_age(
    ages: list[int], rates: list[float], message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        abridged_life_table(np.array(ages), np.array(rates), 1)


@pytest.mark.parametrize("within", [5.5, -0.1, 2.5])
def test_years_of_dying_that_the_group_cannot_hold_are_refused(within: float) -> None:
    # At rate .9 those who die can live 1 / .9 = 1.1 of the five years, or more die than are alive.
    with pytest.raises(ParamError, match=rf"years of dying \[age 80\]: {within:g}\n"):
        abridged_life_table(
            np.array([80, 85]), np.array([0.9, 1.0]), 0, years_of_dying=np.array([within, 1.0])
        )


@pytest.mark.parametrize(
    ("first", "share", "message"),
    [(0, 1.2, "infant_dying: 1.2\n"), (2, 0.1, "infant_dying: given, but the first group is 5-9")],
)
def test_a_share_of_infants_dying_needs_an_age_zero(first: int, share: float, message: str) -> None:
    with pytest.raises(ParamError, match=message):
        abridged_life_table(STARTS[first:], gompertz()[first:], 0, infant_dying=share)


@pytest.mark.reference
def test_austrian_men_of_1992_with_the_textbooks_years_of_dying(reference: Path) -> None:
    book = pd.read_csv(reference / "lifetables" / "preston_p49_austria_males_1992.csv")
    starts, rates = book["age_start"].to_numpy(), book["mx"].to_numpy()
    # Preston's a_x are those of a table graduated for the purpose, so they are given.
    table = abridged_life_table(starts, rates, 0, years_of_dying=book["ax"].to_numpy())
    np.testing.assert_allclose(table.dying, book["qx"], atol=1e-12)
    np.testing.assert_allclose(table.person_years, book["nLx"], atol=1e-5)
    np.testing.assert_allclose(table.expectancy, book["ex"], atol=5e-4)


@pytest.mark.reference
def test_austrian_men_of_1992_with_years_of_dying_by_greville(reference: Path) -> None:
    book = pd.read_csv(reference / "lifetables" / "preston_p49_austria_males_1992.csv")
    starts, rates = book["age_start"].to_numpy(), book["mx"].to_numpy()
    table = abridged_life_table(starts, rates, 0, graduation="greville")
    np.testing.assert_allclose(table.expectancy, book["ex"], atol=0.02)
    # Under five the book and we both follow Coale and Demeny, West, on m_0.
    np.testing.assert_allclose(table.years_of_dying[:2], book["ax"][:2], atol=1e-3)


@pytest.mark.reference
def test_the_population_analysis_sheet_of_the_census_bureau(reference: Path) -> None:
    file = reference / "lifetables" / "pas_LTPOPDTH_north_males_imr0.1.csv"
    sheet = pd.read_csv(file)
    ages = sheet["age"].to_numpy()
    rates = rates_from_deaths(ages, sheet["deaths"].to_numpy(), sheet["exposure"].to_numpy())
    # The sheet: North family on a q_0 of .1 given beside the deaths, every other group in its middle.
    table = abridged_life_table(ages, rates, 0, family="north", infant_dying=0.1)
    # Published to two decimals; half of the last one is rounding.
    np.testing.assert_allclose(table.expectancy, sheet["ex_published"], atol=0.0051)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "sex", "bound"),
    [("un1982_p34_male", 0, 0.005), ("mortpak_un1988_p82_female", 1, 0.002)],
)
def test_the_united_nations_tables_by_greville(
    reference: Path, name: str, sex: int, bound: float
) -> None:
    page = pd.read_csv(reference / "lifetables" / f"{name}.csv")
    ages, rates = page["age"].to_numpy(), page["nMx"].to_numpy()
    # Both: West under five, the middle for 5-14, Greville from 15 on, 1 / m in the open age.
    table = abridged_life_table(ages, rates, sex, graduation="greville")
    np.testing.assert_allclose(table.expectancy, page["ex_published"], atol=bound)


def gompertz() -> FloatArray:
    """Rates by group of a life of some 80 years."""
    rates: FloatArray = 2e-5 * np.exp(0.1 * (STARTS + 2.5)) + 1e-4
    rates[0] = 0.003
    return rates
