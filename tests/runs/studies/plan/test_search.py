"""The search of a plan finds what queueing theory says is the least."""

from collections.abc import Callable

import numpy as np
import pytest

from params.axes import FloatArray, IntArray
from runs.studies.plan.aims import Aims
from runs.studies.plan.rule import margins, quantile_margins, square_root_rule
from runs.studies.plan.search import Found, least, repaired
from runs.studies.plan.trim import parts_of, trimmed, without
from tests.runs.studies.plan.queues import (
    asked_exactly,
    erlang_c_in_time,
    impatient_in_time,
    one_lever,
    overflowing,
)

ALL = np.ones(1, bool)


def found_for(
    share_of: Callable[[IntArray], object], target: float, aims: Aims, start: IntArray
) -> Found:
    ask = asked_exactly(share_of, target)
    found = least(ask, aims, start, ALL, precision=1e-6, rounds=40)
    return trimmed(ask, aims, repaired(ask, aims, found, ALL), ALL, 1e-6)


def enough(share_of: Callable[[int], float], target: float, most: int) -> int:
    return next(c for c in range(most) if share_of(c) >= target)


@pytest.mark.parametrize("load", [3.0, 40.0, 700.0])
@pytest.mark.parametrize("days", [0.0, 0.04])
@pytest.mark.parametrize("start", [0, 2000])
def test_beds_of_one_district_are_those_of_erlang_c(load: float, days: float, start: int) -> None:
    found = found_for(
        lambda c: [erlang_c_in_time(load, int(c[0]), days)],
        0.85,
        one_lever(),
        np.full((1, 1, 1), start),
    )
    exact = enough(lambda c: erlang_c_in_time(load, c, days), 0.85, 2000)
    assert found.state.item() == exact
    assert found.settled
    assert found.asked < 40


@pytest.mark.parametrize("load", [12.0, 60.0])
def test_beds_where_people_give_up_are_those_of_the_exact_chain(load: float) -> None:
    found = found_for(
        lambda c: [impatient_in_time(load, int(c[0]), 0.5, 0.05)],
        0.9,
        one_lever(),
        np.full((1, 1, 1), 5),
    )
    exact = enough(lambda c: impatient_in_time(load, c, 0.5, 0.05), 0.9, 200)
    assert found.state.item() == exact


def test_the_square_root_rule_is_two_beds_off_at_most() -> None:
    for load in (20.0, 200.0, 2000.0):
        for days in (0.0, 0.05):
            guess = square_root_rule(load, 1.0, days, 0.85)  # type: ignore[arg-type]
            exact = enough(lambda c, r=load, t=days: erlang_c_in_time(r, c, t), 0.85, 3000)  # type: ignore[misc]
            assert abs(guess - exact) <= 2


def test_districts_that_lend_beds_need_the_least_total_of_the_exact_chain() -> None:
    loads = (4.0, 2.0)

    def shares(c: IntArray) -> tuple[float, float]:
        return overflowing(loads, (int(c[0]), int(c[1])))

    found = found_for(shares, 0.9, one_lever(2), np.array([[[1], [1]]]))
    exact = min(a + b for a in range(13) for b in range(13) if min(shares(np.array([a, b]))) >= 0.9)
    assert min(shares(found.state[0, :, 0])) >= 0.9
    assert found.state.sum() <= exact + 1
    apart = [
        enough(lambda c, r=load: overflowing((r, 0.0), (c, 0))[0], 0.9, 30)  # type: ignore[misc]
        for load in loads
    ]
    assert found.state.sum() <= sum(apart)


def test_beds_never_go_again_and_each_year_has_its_least() -> None:
    loads = (30.0, 50.0, 40.0)

    def ask_shares(states: IntArray) -> FloatArray:
        shares = [
            erlang_c_in_time(r, int(c), 0.02) for r, c in zip(loads, states[:, 0, 0], strict=True)
        ]
        return margins(np.array(shares)[None, :, None, None], np.array([0.85]), 0.5)

    aims = one_lever(1, 3)
    found = least(
        lambda s: [ask_shares(x) for x in s], aims, np.zeros((3, 1, 1), int), ALL, 1e-6, 60
    )
    exact = [enough(lambda c, r=r: erlang_c_in_time(r, c, 0.02), 0.85, 100) for r in loads]  # type: ignore[misc]
    assert found.state[:, 0, 0].tolist() == [exact[0], exact[1], exact[1]]


def test_what_bounds_forbid_stands_at_its_bound_and_the_others_hold() -> None:
    aims = one_lever(2)
    aims.most[0, 0, 0] = 20
    found = found_for(
        lambda c: [erlang_c_in_time(30.0, int(c[0]), 0.0), erlang_c_in_time(8.0, int(c[1]), 0.0)],
        0.85,
        aims,
        np.zeros((1, 2, 1), int),
    )
    assert found.state[0, 0, 0] == 20
    assert found.margins[0, 0, 0] < 0
    assert found.state[0, 1, 0] == enough(lambda c: erlang_c_in_time(8.0, c, 0.0), 0.85, 40)


def test_trimming_leaves_no_part_that_could_be_missed() -> None:
    def shares(c: IntArray) -> list[float]:
        return [erlang_c_in_time(300.0, int(c[0]), 0.01)]

    ask, aims = asked_exactly(shares, 0.85), one_lever()
    state = np.full((1, 1, 1), 500)
    found = trimmed(ask, aims, Found(state, ask([state])[0], 1, True), ALL)
    assert (found.margins >= 0).all()
    assert found.state.item() < 340
    fewer = without(found.state, parts_of(found.state, aims, 0.03))
    assert ask([fewer])[0].item() < 0


def test_a_margin_asks_for_more_where_chance_is_larger() -> None:
    calm = np.array([0.88, 0.90, 0.92, 0.90]).reshape(4, 1, 1, 1)
    wild = np.array([0.70, 0.95, 0.99, 0.96]).reshape(4, 1, 1, 1)
    target = np.array([0.85])
    # Mean .9, sd .0163: t_3(.9) = 1.638, so .9 - 1.638 * .00816 - .85.
    assert margins(calm, target, 0.9).item() == pytest.approx(0.03663, abs=1e-4)
    assert margins(wild, target, 0.9).item() < 0 < margins(wild, target, 0.5).item()


def test_a_cell_without_requests_holds_and_those_of_some_replications_count() -> None:
    shares = np.array([[np.nan, 0.9], [np.nan, np.nan]]).reshape(2, 1, 2, 1)
    found = margins(shares, np.array([0.85]), 0.9)
    assert found[0, 0, 0] > 0
    assert found[0, 1, 0] == pytest.approx(0.05)


def test_a_share_of_the_futures_may_be_passed_over() -> None:
    shares = np.linspace(0.8, 0.89, 10).reshape(10, 1, 1, 1)
    target = np.array([0.82])
    assert quantile_margins(shares, target, 0.8).item() == pytest.approx(0.0, abs=1e-12)
    assert quantile_margins(shares, target, 0.9).item() < 0
