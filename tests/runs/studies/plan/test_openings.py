"""Additions stay within their bounds, open in time, and cost what they cost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from params.axes import IntArray
from runs.studies.plan.aims import Aims, shared_out
from runs.studies.plan.openings import Calendar, Prices

SHAPE = (3, 2, 3)
few = st.integers(0, 40)
states = arrays(np.int64, SHAPE, elements=few)


def bounded(most: IntArray, together: IntArray) -> Aims:
    joint = np.array([True, True, False])
    rising = np.maximum.accumulate(most, axis=0), np.maximum.accumulate(together, axis=0)
    there = np.full(SHAPE, 100.0)
    return Aims(np.ones((3, 1), bool), there, 0 * most, rising[0], joint, rising[1], np.ones(3))


@given(states, states, arrays(np.int64, SHAPE[:2], elements=few))
def test_a_state_stays_within_bounds_and_never_falls(
    wanted: IntArray, most: IntArray, together: IntArray
) -> None:
    aims = bounded(most, together)
    state = aims.projected(wanted)
    assert (np.diff(state, axis=0) >= 0).all()
    assert (state <= aims.most).all()
    assert (state[..., :2].sum(axis=2) <= aims.together).all()
    np.testing.assert_array_equal(aims.projected(state), state)


def test_what_wants_more_than_its_room_shares_it_and_leaves_nothing_empty() -> None:
    wanted = np.zeros(SHAPE, np.int64)
    wanted[0, 0], wanted[1:, 0] = (6, 3, 50), (30, 3, 50)
    state = bounded(np.full(SHAPE, 99), np.full(SHAPE[:2], 12)).projected(wanted)
    assert state[:, 0].tolist() == [[6, 3, 50], [9, 3, 50], [9, 3, 50]]


@given(arrays(np.int64, 4, elements=few), st.integers(0, 160))
def test_what_is_shared_out_adds_up(weight: IntArray, total: int) -> None:
    total = min(total, int(weight.sum()))
    parts = shared_out(total, weight)
    assert parts.sum() == total
    assert (parts <= weight).all()


def calendar(most: int, together: int) -> Calendar:
    joint = np.array([True, True, False])
    return Calendar(
        np.array([2025, 2026, 2027]), np.array([2, 2, 0]), 2023,
        np.full((2, 3), most), joint, np.full(2, together),
    )  # fmt: skip


@given(states, st.integers(1, 30), st.booleans())
def test_no_year_opens_more_than_it_may_and_everything_is_open_in_time(
    wanted: IntArray, bound: int, of_sum: bool
) -> None:
    most, together = (999, bound) if of_sum else (bound, 999)
    when = calendar(most, together)
    by_year = most * np.broadcast_to(when.chances()[:, None, :], SHAPE)
    aims = bounded(np.array(by_year), together * np.repeat(when.chances()[:, :1], 2, axis=1))
    state = aims.projected(wanted)
    opened = when.openings(state)
    assert (opened >= 0).all()
    assert (opened <= most).all()
    assert (opened[..., :2].sum(axis=2) <= together).all()
    for (y, lever), at in np.ndenumerate(when.at):
        assert (opened[: at - 2022, :, lever].sum(axis=0) >= state[y, :, lever]).all()
    np.testing.assert_array_equal(opened.sum(axis=0), state[-1])


def test_beds_open_so_early_that_they_are_in_use_and_posts_when_they_are_needed() -> None:
    state = np.zeros(SHAPE, np.int64)
    state[1:, 0, 0], state[2:, 1, 2] = 30, 4
    opened = calendar(99, 99).openings(state)
    assert opened[2024 - 2023, 0, 0] == 30
    assert opened[2027 - 2023, 1, 2] == 4
    assert opened.sum() == 34


def test_money_is_spent_when_beds_open_and_as_they_come_into_use() -> None:
    prices = Prices(
        np.array([1000.0, 0.0]), np.array([100.0, 50.0]), np.array([2.0, 0.0]), 0.1, 2023
    )
    opened = np.zeros((4, 1, 2))
    opened[1, 0, 0], opened[2, 0, 1] = 10, 2
    found = prices.by_year(opened, 2023)[:, 0] * 1.1 ** np.arange(4)[:, None]
    # A quarter in use in the mean of the first year, three quarters in that of the second, then all.
    np.testing.assert_allclose(found[:, 0], [0, 10_000 + 250, 750, 1000])
    np.testing.assert_allclose(found[:, 1], [0, 0, 100, 100])
