"""Counts of drawn people against the forecast.

Every count is a sum of Poisson or rounded cells thinned by independent draws, so its variance is at
most its mean: beyond 5 standard deviations lies less than 1 in 1.7 million, and some 60 are compared.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulate.city.people import make_people
from simulate.city.setting import Setting, make_traits
from simulate.engine.records import BELOW_2, INSURED_PERSON, SELF_CARING, UNINSURED_PERSON
from simulate.engine.streams import replication_key

People = Any


def drawn(city: Setting, seed: int = 3) -> People:
    key = replication_key(seed, 0)
    return make_people(city.need, city.flows, make_traits(city), city.calendar, key)


@pytest.fixture(scope="module")
def people(setting: Setting) -> People:
    return drawn(setting)


def assert_expected(counts: np.ndarray, expected: np.ndarray) -> None:
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()


def by_district(people: People, kept: np.ndarray) -> np.ndarray:
    return np.bincount(people["district"][kept], minlength=16)


@pytest.mark.statistical
def test_the_stock_of_insured_is_the_forecasts(setting: Setting, people: People) -> None:
    need = setting.need
    expected = need.stock[0].sum(axis=(1, 2, 3)) * need.insured * need.take_up
    stock = (people["kind"] == INSURED_PERSON) & (people["onset"] == 0)
    assert_expected(by_district(people, stock), expected)


@pytest.mark.statistical
def test_onsets_of_a_year_are_the_forecasts(setting: Setting, people: People) -> None:
    need, starts = setting.need, setting.calendar.year_start
    new = (people["kind"] == INSURED_PERSON) & (people["onset"] > 0)
    for year in range(7):
        inside = new & (people["onset"] >= starts[year]) & (people["onset"] < starts[year + 1])
        expected = need.onset[year + 1].sum(axis=(1, 2, 3)) * need.insured * need.take_up
        assert_expected(by_district(people, inside), expected)


@pytest.mark.statistical
@pytest.mark.parametrize("kind", [SELF_CARING, BELOW_2])
def test_other_applicants_are_the_flows(setting: Setting, people: People, kind: int) -> None:
    flow = setting.flows.self_flow if kind == SELF_CARING else setting.flows.below_flow
    new = (people["kind"] == kind) & (people["onset"] > 0)
    assert_expected(by_district(people, new), flow.sum(axis=0))


def test_self_caring_residents_at_the_start_are_the_flows_rounded(
    setting: Setting, people: People
) -> None:
    there = (people["kind"] == SELF_CARING) & (people["onset"] == 0)
    assert (by_district(people, there) == np.floor(setting.flows.self_stock + 0.5)).all()


def test_a_person_has_one_key_and_no_two_share_it(people: People) -> None:
    assert np.unique(people["key"]).size == people.size


def test_traits_lie_inside_their_ranges(people: People) -> None:
    needy = np.isin(people["kind"], (INSURED_PERSON, UNINSURED_PERSON))
    assert set(np.unique(people["level"][needy])) == {2, 3, 4, 5, 6}
    assert (people["level"][~needy] == 0).all()
    assert (people["apply"] >= people["onset"]).all()
    assert (people["death_left"] > 0).all()
    assert ((people["alive"] == 1) & (people["bed_pool"] == -1)).all()


def test_more_need_keeps_the_first_people_and_adds_others(city: Setting) -> None:
    need, flows = city.need, city.flows
    more = replace(
        city,
        need=replace(need, stock=need.stock * 1.3, onset=need.onset * 1.3),
        flows=flows._replace(self_flow=flows.self_flow * 1.3, below_flow=flows.below_flow * 1.3),
    )
    few, many = drawn(city), drawn(more)
    assert many.size > 1.2 * few.size
    kept = np.isin(many["key"], few["key"])
    assert kept.sum() == few.size
    assert (np.sort(many[kept], order="key") == np.sort(few, order="key")).all()


def test_another_replication_has_other_people(city: Setting) -> None:
    assert not np.isin(drawn(city, 3)["key"], drawn(city, 4)["key"]).any()
