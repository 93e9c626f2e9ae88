"""A base of plain counts keeps every count, dies as its own rates say, and moves whom it says."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.base.from_counts import counted_mortality, rates_of_survivors
from forecast.methods.lifetable import life_table
from params.city import read_city
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.tables.counts import PeopleGroups, RateGroups
from tests.cities.conftest import TOY

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def toy() -> Inputs:
    city = read_city(TOY)
    return load_inputs(load_scenario("baseline", city).scenario, city)


@pytest.fixture(scope="module")
def base(toy: Inputs) -> Base:
    return base_of(toy)


def with_counts(toy: Inputs, **changes: object) -> Inputs:
    return replace(toy, from_counts=replace(toy.counts, **changes))  # type: ignore[arg-type]


def test_every_group_keeps_its_count(toy: Inputs, base: Base) -> None:
    groups = toy.counts.people["resident"]
    found = np.add.reduceat(base.people[0], groups.age_lo, axis=-1)
    np.testing.assert_allclose(found, groups.counts, rtol=1e-9)
    assert (base.people > 0).all()


def test_single_ages_that_are_counted_come_out_as_they_are(toy: Inputs, base: Base) -> None:
    single = PeopleGroups(np.arange(101), np.round(base.people[0]))
    again = base_of(with_counts(toy, people={"resident": single}))
    np.testing.assert_allclose(again.people[0], single.counts, rtol=1e-9)


def test_the_population_that_is_not_counted_is_the_other_one(base: Base) -> None:
    np.testing.assert_array_equal(base.people[0], base.people[1])
    assert base.moves[0] is base.moves[1]


def test_people_fall_from_the_age_below_into_the_open_group_without_a_step(base: Base) -> None:
    city = base.people[0].sum(axis=0)
    # China's own cohorts fall by less than a fifth from one age to the next at 78-83.
    ratio = city[:, 79:84] / city[:, 78:83]
    assert ((ratio > 0.75) & (ratio < 1.1)).all()


def test_life_expectancy_is_that_of_the_table(toy: Inputs) -> None:
    mortality = counted_mortality(toy)
    found = [float(life_table(mortality.rates[s], s).expectancy) for s in range(2)]
    np.testing.assert_allclose(found, [76.4, 81.9], atol=1e-6)


def test_own_death_rates_come_before_the_life_expectancy(toy: Inputs) -> None:
    ages = np.array([0, 1, 15, 45, 65, 80])
    rates = np.array([[0.004, 0.0003, 0.001, 0.005, 0.02, 0.1]] * 2)
    mortality = counted_mortality(with_counts(toy, death_rates=RateGroups(ages, rates)))
    table = life_table(mortality.rates[0], 0)
    deaths = np.add.reduceat(table.rates * table.person_years, ages)
    found = deaths / np.add.reduceat(table.person_years, ages)
    np.testing.assert_allclose(found, rates[0], rtol=1e-6)


def test_survivors_at_a_constant_hazard_give_that_hazard_back() -> None:
    ages = np.array([0, 1, 40, 60, 80])
    survivors = np.exp(-0.02 * ages)
    found = rates_of_survivors(RateGroups(ages, np.array([survivors, survivors])))
    np.testing.assert_allclose(found.values, 0.02, rtol=1e-12)


def test_net_moves_of_a_year_add_to_what_the_table_says(toy: Inputs, base: Base) -> None:
    moves, people = base.moves[0], base.people[0]
    yearly = (moves.internal + moves.external_rate) * people + moves.external_count
    wanted = [420.0, 260.0, -350.0, -300.0]
    np.testing.assert_allclose(yearly.sum(axis=(1, 2)), wanted, rtol=1e-9)
    # What stays inside the city adds to nothing at every sex and age.
    np.testing.assert_allclose((moves.internal * people).sum(axis=0), 0.0, atol=1e-9)


def test_a_city_without_moves_stays_where_it_is(toy: Inputs) -> None:
    still = base_of(with_counts(toy, moves=()))
    assert not still.internal.any()
    assert not still.external_count.any()
