"""Net moves are what two counts leave unexplained, and inside the city they add to nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.base.base import Base
from forecast.base.from_censuses import Censuses
from forecast.base.migration import (
    LAST_AGE_WITH_MOVES,
    YEARS_OF_MOVING,
    census_moves,
    centred,
    moves_by_registration,
    observed_registration,
    registration_follows,
    registrations,
)
from forecast.methods.graduate import one_year_on
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs
from params.tables.people import REGISTERED_BANDS

SHAPE = (3, 2, N_AGE)
INTO = np.linspace(1.0, 0.7, N_AGE) * np.ones((2, 1))
people = arrays(float, SHAPE, elements=st.floats(1.0, 1e5))
rates = arrays(float, SHAPE, elements=st.floats(-0.05, 0.05))


@given(people, rates)
def test_centred_rates_move_nobody_in_or_out_of_the_city(
    residents: FloatArray, internal: FloatArray
) -> None:
    moved = (centred(internal, residents) * residents).sum(axis=0)
    assert np.abs(moved).max() < 1e-7


@given(people)
def test_where_deaths_explain_a_decade_nobody_moved(residents: FloatArray) -> None:
    moves = census_moves(residents, decade_on(residents), INTO)
    for found in (moves.internal, moves.external_rate, moves.external_count / residents):
        np.testing.assert_allclose(found, 0.0, atol=1e-12)


def test_a_cohort_gains_over_ten_ages_what_the_censuses_found() -> None:
    before = np.full(SHAPE, 1000.0)
    after = decade_on(before)
    after[0, 0, 40] += 50.0
    moves = census_moves(before, after, INTO)
    people = (before + after)[0, 0] / 2
    yearly = moves.internal[0, 0] * people + moves.external_count[0, 0]
    assert yearly.sum() == pytest.approx(5.0)
    assert np.flatnonzero(np.abs(yearly) > 1e-9).size == 10


def test_losses_across_the_border_are_rates_and_gains_are_numbers(base: Base) -> None:
    moves = base.moves[0]
    assert (moves.external_rate <= 0).all()
    assert (moves.external_count >= 0).all()
    assert (moves.external_rate * moves.external_count == 0).all()


def test_the_oldest_and_those_born_since_do_not_move(base: Base) -> None:
    moves = base.moves[0]
    for found in (moves.internal, moves.external_rate, moves.external_count):
        assert (found[..., LAST_AGE_WITH_MOVES + 1 :] == 0.0).all()


def test_no_district_of_the_base_loses_or_gains_a_fifth_of_an_age_in_a_year(base: Base) -> None:
    moves, residents = base.moves[0], base.people[0]
    yearly = moves.internal + moves.external_rate + moves.external_count / residents
    assert np.abs(yearly).max() < 0.2


def test_districts_where_more_live_than_are_registered_gain_by_a_twentieth_a_year() -> None:
    registered = np.full(SHAPE, 1000.0)
    residents = registered * np.array([1.2, 1.0, 0.8])[:, None, None]
    rate = registration_follows(registered, residents)
    np.testing.assert_allclose(rate[:, 0, 70], np.array([0.2, 0.0, -0.2]) / YEARS_OF_MOVING)


def test_moves_of_one_census_go_from_where_people_register_to_where_they_live(
    inputs: Inputs, base: Base
) -> None:
    names = inputs.districts.names
    residents = Censuses(inputs, base.mortality).people(2010)
    elders = residents[..., 60:].sum(axis=(1, 2))
    moves = moves_by_registration(residents, inputs.censuses[2010], elders)
    young = moves.internal[:, 1, 30]
    assert young[names.index("黄浦区")] < -0.02
    assert young[names.index("宝山区")] > 0.005
    np.testing.assert_allclose(moves.internal[:, :, 50:], 0.0, atol=1e-12)


def test_moves_of_registration_are_read_back_from_two_counts() -> None:
    expected = np.full(SHAPE, 1000.0)
    rate = np.array([0.01, 0.0, -0.01])
    later = expected * np.exp(5 * rate)[:, None, None]
    bands = np.add.reduceat(later.sum(axis=1), REGISTERED_BANDS, axis=1)
    found = observed_registration(expected, bands, 5)
    np.testing.assert_allclose(found[:, 1, 70] - found[1, 1, 70], rate, atol=1e-12)


def test_new_registrations_add_to_the_districts_gain_and_are_below_60(inputs: Inputs) -> None:
    gain = inputs.registered.gain[2017]
    found = registrations(gain)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), gain, rtol=1e-12)
    assert (found[..., 60:] == 0.0).all()


def decade_on(residents: FloatArray) -> FloatArray:
    """Let ten years of deaths pass."""
    for _ in range(10):
        residents = one_year_on(residents, INTO)
    return residents
