"""What is shared out goes where it gains most."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from params.axes import FloatArray, IntArray
from runs.studies.plan.gains import Batches, Values, greedy
from tests.runs.studies.plan.queues import erlang_c_in_time

LOADS = np.array([8.0, 20.0, 35.0, 5.0])
THERE = np.array([8, 20, 35, 9])


def in_time(state: IntArray) -> float:
    """People placed within a tenth of a stay, of as many as come."""
    shares = [erlang_c_in_time(r, int(c), 0.1) for r, c in zip(LOADS, THERE + state, strict=True)]
    return float(LOADS @ shares)


def counted(asked: list[int]) -> Values:
    def values(states: Sequence[IntArray]) -> list[FloatArray]:
        asked.append(len(states))
        return [np.full(3, in_time(s)) + np.arange(3) for s in states]

    return values


def batches(cost: Sequence[float] = (1, 1, 1, 1), most: int = 99) -> Batches:
    return Batches(np.array(cost, float), np.arange(4), np.full(4, most))


def test_each_batch_goes_where_all_candidates_looked_at_would_send_it() -> None:
    asked: list[int] = []
    steps = greedy(counted(asked), batches(), 9)
    state = np.zeros(4, int)
    for step in steps:
        tried = [in_time(state + unit) for unit in np.eye(4, dtype=int)]
        assert step.candidate == int(np.argmax(tried))
        assert step.gain == pytest.approx(tried[step.candidate] - in_time(state))
        state[step.candidate] += 1
    assert state.sum() == 9
    assert steps[-1].total == pytest.approx(in_time(state) - in_time(np.zeros(4, int)))


def test_nine_beds_of_queues_lie_as_the_best_of_all_divisions() -> None:
    steps = greedy(counted([]), batches(), 9)
    best = max(in_time(np.array(s)) for s in product(range(10), repeat=4) if sum(s) == 9)
    # From nothing the first bed of an overloaded queue is the one that helps: gains fall from there.
    assert steps[-1].total >= 0.999 * (best - in_time(np.zeros(4, int)))


def test_money_buys_what_gains_most_for_its_cost_and_is_not_overspent() -> None:
    cheap = (1.0, 1.0, 50.0, 1.0)
    steps = greedy(counted([]), batches(cheap), 6)
    assert {step.candidate for step in steps} <= {0, 1, 3}
    assert sum(cheap[step.candidate] for step in steps) <= 6


def test_a_dear_place_that_gains_more_waits_for_cheap_ones_that_gain_more_for_their_cost() -> None:
    def straight(states: Sequence[IntArray]) -> list[FloatArray]:
        return [np.full(2, 5.0 * s[0] + 2.0 * s[1]) for s in states]

    two = Batches(np.array([4.0, 1.0]), np.arange(2), np.array([9, 3]))
    assert [s.candidate for s in greedy(straight, two, 7.0)] == [1, 1, 1, 0]


def test_a_place_takes_no_more_than_it_may_and_nothing_goes_where_nothing_is_gained() -> None:
    steps = greedy(counted([]), batches(most=1), 9)
    assert sorted(step.candidate for step in steps) == [0, 1, 2, 3]
    assert greedy(lambda states: [np.ones(3) for _ in states], batches(), 9) == []


def test_beds_and_workers_that_need_each_other_are_looked_at_anew_together() -> None:
    def least_of_both(states: Sequence[IntArray]) -> list[FloatArray]:
        return [np.full(2, 3.0 * min(s[0] + 1, 2 * s[1]) + 0.5 * s[2] ** 0.5) for s in states]

    both = Batches(np.ones(3), np.array([0, 0, 1]), np.full(3, 99))
    # A bed gains nothing before there is a worker for it, who serves two of them.
    assert [s.candidate for s in greedy(least_of_both, both, 4)] == [1, 0, 2, 2]
