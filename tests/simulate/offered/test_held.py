"""Causes held as they stood in a year, and what meets a load in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.people.projection import WARM_UP_YEARS
from params.axes import FloatArray
from params.inputs import load_inputs
from simulate.city.setting import Setting, setting_of
from simulate.offered.held import ARRANGEMENT, BANDS, NEED, STAY, Courses
from simulate.offered.supply import ASSESSORS, BEDS, STAFF, supply_of
from simulate.offered.usable import residents
from tests.designs import scenario_with, toy, toy_base, toy_inputs


@pytest.fixture(scope="module")
def city() -> Setting:
    return setting_of(toy_inputs(), toy_base())


def of(**changes: object) -> Setting:
    scenario = scenario_with({key.replace("__", "."): value for key, value in changes.items()})
    return setting_of(load_inputs(scenario, toy()), toy_base())


def test_what_is_not_held_is_the_setting_itself(city: Setting) -> None:
    assert Courses(city, 0).held(()) is city


def test_all_people_held_are_those_of_a_frozen_population(city: Setting) -> None:
    held = Courses(city, 0).held(tuple(BANDS)).need
    frozen = of(population__growth="frozen").need
    np.testing.assert_allclose(held.elders, frozen.elders, rtol=1e-12)
    np.testing.assert_allclose(held.stock, frozen.stock, rtol=1e-9)


def test_a_band_held_leaves_the_others_and_the_years_before(city: Setting) -> None:
    held, whole = Courses(city, 1).held(["people_70_79"]).need, city.need
    at = WARM_UP_YEARS + 1
    np.testing.assert_array_equal(held.elders[: at + 1], whole.elders[: at + 1])
    np.testing.assert_array_equal(held.elders[..., :10], whole.elders[..., :10])
    np.testing.assert_array_equal(held.elders[..., 20:], whole.elders[..., 20:])
    assert (held.elders[at:, ..., 10:20] == whole.elders[at, ..., 10:20]).all()


def test_only_what_changes_moves(city: Setting) -> None:
    assert Courses(city, 0).moving() == (*BANDS, ARRANGEMENT, STAY)
    risen = of(assumptions__need_growth=0.01)
    assert Courses(risen, 0).moving() == (*BANDS, NEED, ARRANGEMENT, STAY)


def test_rates_held_are_those_of_the_year_on_people_who_go_on() -> None:
    risen = of(assumptions__need_growth=0.01)
    held, at = Courses(risen, 1).held([NEED]).need, WARM_UP_YEARS + 1
    np.testing.assert_array_equal(held.elders, risen.need.elders)
    rates = held.stock.sum(axis=(1, 4)) / held.elders.sum(axis=1)
    np.testing.assert_allclose(rates[at:], np.broadcast_to(rates[at], rates[at:].shape), rtol=1e-9)


def test_a_course_of_capacity_held_stays_and_leaves_the_others(city: Setting) -> None:
    supply = supply_of(city)
    assert supply.moving(0, 4, follows=True) == (BEDS, STAFF, ASSESSORS)
    held = supply.held(1, [BEDS])
    assert (held.operating[13:] == supply.operating[12]).all()
    np.testing.assert_array_equal(held.operating[:13], supply.operating[:13])
    np.testing.assert_array_equal(held.found, supply.found)


beds = arrays(np.float64, (3, 4), elements=st.floats(0, 1000))


@given(beds, beds)
def test_residents_are_housed_as_far_as_beds_operate(
    asked: FloatArray, operating: FloatArray
) -> None:
    found = residents(asked, operating)
    assert (found <= operating + 1e-9).all()
    assert (found >= np.minimum(asked, operating)).all()
    assert found.sum() == pytest.approx(min(asked.sum(), operating.sum()), abs=1e-6)
