"""Net moves are what two censuses leave unexplained, and inside the city they add to nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.base import ResidentBase
from forecast.graduate import one_year_on
from forecast.migration import LAST_AGE_WITH_MOVES, NetMoves, census_net_moves, net_migration
from params.axes import N_AGE, FloatArray

SHAPE = (3, 2, N_AGE)
INTO = np.linspace(1.0, 0.7, N_AGE) * np.ones((2, 1))
people = arrays(float, SHAPE, elements=st.floats(1.0, 1e5))
rates = arrays(float, SHAPE, elements=st.floats(-0.05, 0.05))


@given(people, rates, st.floats(0.0, 2.0))
def test_moves_inside_the_city_add_to_nothing_at_every_sex_and_age(
    residents: FloatArray, internal: FloatArray, scale: float
) -> None:
    moves = NetMoves(np.zeros(SHAPE[1:]), internal)
    assert np.abs(net_migration(residents, moves, scale).sum(axis=0)).max() < 1e-7


@given(people, rates)
def test_the_city_gains_what_crosses_its_border(
    residents: FloatArray, internal: FloatArray
) -> None:
    moves = NetMoves(internal[0], internal)
    gained = net_migration(residents, moves, 1.0).sum(axis=0)
    np.testing.assert_allclose(gained, internal[0] * residents.sum(axis=0), atol=1e-7)


@given(people, st.floats(0.0, 3.0))
def test_moves_grow_with_their_scale(residents: FloatArray, scale: float) -> None:
    moves = NetMoves(np.full(SHAPE[1:], 0.01), np.full(SHAPE, 0.02))
    once = net_migration(residents, moves, 1.0)
    np.testing.assert_allclose(net_migration(residents, moves, scale), scale * once, atol=1e-9)


@given(people)
def test_where_deaths_explain_a_decade_nobody_moved(residents: FloatArray) -> None:
    moves = census_net_moves(residents, decade_on(residents), INTO)
    np.testing.assert_allclose(moves.external, 0.0, atol=1e-12)
    np.testing.assert_allclose(moves.internal, 0.0, atol=1e-12)


def test_a_cohort_gains_over_ten_ages_what_the_censuses_found() -> None:
    before = np.full(SHAPE, 1000.0)
    after = decade_on(before)
    after[0, 0, 40] += 50.0
    moves = census_net_moves(before, after, INTO)
    yearly = (moves.external[0] + moves.internal[0, 0]) * (before + after)[0, 0] / 2
    assert yearly.sum() == pytest.approx(5.0)
    assert np.flatnonzero(np.abs(yearly) > 1e-9).size == 10


def test_the_oldest_and_those_born_since_do_not_move(base: ResidentBase) -> None:
    assert (base.moves.external[:, LAST_AGE_WITH_MOVES + 1 :] == 0.0).all()
    assert (base.moves.internal[..., LAST_AGE_WITH_MOVES + 1 :] == 0.0).all()


def test_no_district_of_the_base_loses_or_gains_a_fifth_of_an_age_in_a_year(
    base: ResidentBase,
) -> None:
    yearly = net_migration(base.year_end, base.moves, 1.0) / base.year_end
    assert np.abs(yearly).max() < 0.2


def decade_on(residents: FloatArray) -> FloatArray:
    """Let ten years of deaths pass."""
    for _ in range(10):
        residents = one_year_on(residents, INTO)
    return residents
