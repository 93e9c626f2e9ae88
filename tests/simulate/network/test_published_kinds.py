"""Kinds of cases that users of such tools have asked about in public, small, each with its right value."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from params.errors import ParamError
from params.language import speak
from params.network.checks import network_faults
from params.network.durations import mean_within
from params.network.model import Law, NetworkPlan
from runs.tables.network import FIGURES, network_sample, network_shortfall, network_values
from simulate.engine.records import DAY
from simulate.network import run as running
from simulate.network.arrivals import make_guests
from simulate.network.layout import Network
from simulate.network.outcome import NetworkOutcome, simulate_network
from tests.networks import EXPONENTIAL, law, network
from tests.theory import assert_mean_of

ONE = {"name": "p", "resource": "r", "district": "A", "capacity": 1}
STAY = {"name": "s", "resource": "r", "stay": law("fixed", mean=1.0)}
DAILY = {"stage": "s", "district": "A", "per_day": 1.0, "counting": "fixed"}


def case(**parts: Any) -> Network:
    """Lay out one pool, one stage, one arrival a day; `pool`, `stage`, `arrival` change them."""
    pool, stage, arrival = (
        base | parts.pop(name, {})
        for base, name in ((ONE, "pool"), (STAY, "stage"), (DAILY, "arrival"))
    )
    given = {"districts": ("A",), "pools": [pool], "stages": [stage], "arrivals": [arrival]}
    return network(**(given | parts))


def figures(net: Network, seed: int = 1) -> dict[str, float]:
    """Return the figures of the whole run of one replication."""
    values = network_values(net, simulate_network(net, seed, 0))[-1, -1, 0]
    return dict(zip(FIGURES, values.tolist(), strict=True))


def test_people_who_are_there_when_a_run_begins_are_no_requests() -> None:
    there = [{"stage": "s", "district": "A", "count": 100, "stay": "new"}]
    stage = {"stay": law("fixed", mean=1000.0)}
    net = case(days=30, pool={"capacity": 100}, stage=stage, present=there, target_days={"r": 7})
    found = figures(net)
    assert (found["requests"], found["placed"], found["occupied"]) == (30, 0, 100)
    # Twenty-three were followed for a week, and none of them was placed.
    assert found["share_in_time"] == 0


@pytest.mark.parametrize("ties", ["arrivals_first", "departures_first"])
def test_a_place_freed_in_the_second_of_an_arrival_is_free_where_that_is_said(ties: str) -> None:
    net = case(
        days=364,
        first_day=dt.date(2021, 3, 1),
        ties=ties,
        pool={"waiting_room": 0},
        stage={"stay": law("fixed", mean=7.0)},
        arrival={"weekdays": (1, 0, 0, 0, 0, 0, 0)},
    )
    found = figures(net)
    assert found["requests"] == 52
    assert found["refused"] == (0 if ties == "departures_first" else 26)


def test_a_later_capacity_may_be_without_limit() -> None:
    changes = [{"date": dt.date(2021, 7, 1), "capacity": "unlimited"}]
    net = case(days=365, stage={"stay": law("fixed", mean=3.0)}, pool={"changes": changes})
    outcome = simulate_network(net, 1, 0)
    by_month = outcome.monthly[:, 0, 0]
    assert np.isnan(by_month[6:, -1]).all()
    assert (by_month[:6, -1] == 1).all()
    assert by_month[5, 2] > 100
    assert (by_month[6:, 2] == 0).all()


def test_who_may_still_be_in_time_when_the_run_ends_does_not_count_as_late() -> None:
    there = [{"stage": "s", "district": "A", "count": 20, "stay": "new"}]
    assert figures(case(days=90, present=there, target_days={"r": 30}))["share_in_time"] == 1


def test_where_nobody_could_be_late_yet_the_share_in_time_is_left_out_and_said() -> None:
    net = case(days=40, pool={"capacity": 0}, target_days={"r": 60})
    assert np.isnan(figures(net)["share_in_time"])
    table = network_shortfall(net, "x", network_sample(net, [simulate_network(net, 1, 0)]))
    assert all("not_followed" in flag for flag in table["flag"])


def test_a_run_that_is_just_long_enough_counts_its_first_requests_only() -> None:
    net = case(days=40, pool={"capacity": 0}, target_days={"r": 30})
    # Who asks at noon of the first ten days is followed for thirty.
    assert simulate_network(net, 1, 0).in_time.tolist() == [[[[0, 10]]]]


def test_the_load_of_working_time_is_that_of_the_open_hours() -> None:
    net = case(
        days=3650,
        first_day=dt.date(2011, 1, 1),
        pool={"capacity": 3},
        stage={"stay": law("fixed", mean=0.125), "working_time": True},
        arrival={"per_day": 5.0},
    )
    worked = np.diff(net.work).sum() / DAY
    offered = 5.0 * 3650 * 0.125
    found = figures(net)
    assert found["load"] == pytest.approx(offered / (3 * worked), rel=0.01)
    assert 0.85 < found["load"] < 0.95
    assert found["occupied"] <= 3
    assert found["demand"] == pytest.approx(found["load"] * 3)


def test_a_district_may_not_be_called_like_all_of_them() -> None:
    for name in ("全市", "City", "合计"):
        plan = NetworkPlan.model_validate(
            {"days": 9, "districts": [name], "pools": [ONE | {"district": name}]}
            | {"stages": [STAY], "arrivals": [DAILY | {"district": name}]}
        )
        assert [fault.path for fault in network_faults(plan)] == ["network.districts[0]"]


# --- waits by the second ------------------------------------------------------------------------------


@pytest.mark.theory
@pytest.mark.statistical
def test_quantiles_of_waits_far_below_a_day_are_those_of_m_m_1() -> None:
    net = case(
        days=1500,
        warm_up_days=50,
        stage={"stay": law(EXPONENTIAL, mean=0.04)},
        arrival={"per_day": 20.0, "counting": "poisson"},
    )
    values = [network_values(net, simulate_network(net, 5, r))[-1, -1, 0] for r in range(30)]
    for name, share in (("wait_median_days", 0.5), ("wait_p90_days", 0.1)):
        found = np.array([v[FIGURES.index(name)] for v in values])
        # P(wait > t) = .8 exp(-5 t)
        assert_mean_of(found, np.log(0.8 / share) / 5, 0.15)


def exact_times(outcomes: list[tuple[int, str]], shares: tuple[float, ...]) -> list[float]:
    """Return when shares are placed, by Aalen and Johansen's estimator written out over unique times."""
    left, stay, placed, found = len(outcomes), 1.0, 0.0, [np.nan] * len(shares)
    for time in sorted({t for t, _ in outcomes}):
        here = [what for t, what in outcomes if t == time]
        placed += stay * here.count("placed") / left
        stay *= 1 - (len(here) - here.count("waits")) / left
        left -= len(here)
        for k, share in enumerate(shares):
            if np.isnan(found[k]) and placed >= share - 1e-12:
                found[k] = time / DAY
    return found


def test_quantiles_with_people_lost_to_sight_are_aalen_and_johansens() -> None:
    stage = {"stay": law(EXPONENTIAL, mean=3.0), "patience": law(EXPONENTIAL, mean=40.0)}
    net = case(days=60, stage=stage, arrival={"per_day": 0.6, "counting": "poisson"})
    some = 0
    for replication in range(12):
        run = running.run_network(net, 3, replication)
        outcome = simulate_network(net, 3, replication)
        told = []
        for row in run.ledger:
            stop = min(int(row.start), int(row.end), net.end)
            what = "placed" if row.start < net.end else "ended" if row.end < net.end else "waits"
            told.append((stop - int(row.request), what))
        some += any(what == "waits" for _, what in told)
        expected = exact_times(told, (0.5, 0.9))
        np.testing.assert_allclose(outcome.times_placed[-1, -1, 0], expected)
    assert some > 6


def test_figures_by_class_and_stage_add_up_to_the_whole() -> None:
    from tests.networks import random_network

    for seed in range(5):
        net = random_network(seed)
        outcome = simulate_network(net, seed, 0)
        assert_parts_add_up(net, outcome)


def assert_parts_add_up(net: Network, outcome: NetworkOutcome) -> None:
    """Hold classes and stages against the monthly measures."""
    from simulate.network.outcome import MEASURES
    from simulate.network.requests import FIGURES as PARTS

    parts = np.diff(net.month_start) / (net.end - net.release)
    for name in ("requests", "placed", "died_waiting", "withdrew_waiting", "refused"):
        by_resource = outcome.monthly[..., MEASURES.index(name)].sum(axis=(0, 1))
        found = outcome.by_class[..., PARTS.index(name)].sum(axis=0)
        np.testing.assert_array_equal(found, by_resource)
        assert outcome.by_stage[:, PARTS.index(name)].sum() == by_resource.sum()
    for name in ("waiting", "occupied"):
        mean = np.tensordot(parts, outcome.monthly[..., MEASURES.index(name)], 1).sum(axis=0)
        plain = [k for k, r in enumerate(net.resources) if r not in net.clocks]
        found = outcome.by_class[..., PARTS.index(name)].sum(axis=0)
        np.testing.assert_allclose(found[plain], mean[plain], atol=1e-9)


# --- bounds -------------------------------------------------------------------------------------------


def test_people_who_never_leave_take_no_more_room_than_they_need() -> None:
    circle = {"stay": law(EXPONENTIAL, mean=10.0), "next": {"s": 1.0}}
    net = case(days=365, pool={"capacity": "unlimited"}, stage=circle)
    guests = make_guests(net.segments, np.uint64(1))
    assert running.make_own_world(net, guests, running.Room()).ledger.size < 30 * guests.size
    assert simulate_network(net, 1, 0).facts[0] > 300


def test_a_circle_of_stays_that_are_next_to_nothing_is_refused_before_it_runs() -> None:
    circle = STAY | {"stay": law("weibull", mean=10.0, shape=0.02), "next": {"s": 1.0}}
    plan = NetworkPlan.model_validate(
        {"days": 365, "districts": ["A"], "pools": [ONE | {"capacity": "unlimited"}]}
        | {"stages": [circle], "arrivals": [DAILY]}
    )
    (fault,) = network_faults(plan)
    assert "requests in one replication" in fault.found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_run_that_would_never_end_stops_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, language: Any
) -> None:
    monkeypatch.setattr(running, "MOST_REQUESTS", 3000)
    storm = {"after_refusal": {"stage": "s", "after": law("fixed", mean=0.001)}}
    net = case(days=400, pool={"waiting_room": 0, "capacity": 0}, stage=storm)
    speak(language)
    try:
        with pytest.raises(ParamError) as stopped:
            simulate_network(net, 1, 0)
    finally:
        speak(None)
    assert "3,000" in str(stopped.value)
    assert ("申请数" in str(stopped.value)) == (language == "zh")


def test_five_thousand_pools_of_one_district_run() -> None:
    pools = [ONE | {"name": f"p{k}", "capacity": int(k == 0)} for k in range(5000)]
    found = simulate_network(case(days=30, pools=pools), 1, 0)
    assert found.by_stage[0, 0] == 30


@pytest.mark.parametrize(
    ("told", "scipys"),
    [
        (law("lognormal", mean=20.0, cv=1.5), stats.lognorm(1.08566, scale=20 / 3.25**0.5)),
        (law("gamma", mean=20.0, cv=1.5), stats.gamma(1.5**-2, scale=45.0)),
        (law("weibull", mean=20.0, shape=0.5), stats.weibull_min(0.5, scale=10.0)),
        (law(EXPONENTIAL, mean=20.0), stats.expon(scale=20.0)),
    ],
)
def test_the_mean_of_a_stay_cut_at_the_length_of_a_run(told: dict[str, Any], scipys: Any) -> None:
    for most in (5.0, 60.0):
        expected = scipys.expect(lambda x: x, lb=0, ub=most) + most * scipys.sf(most)
        assert mean_within(Law.model_validate(told), most) == pytest.approx(expected, rel=0.01)


def test_the_state_of_a_moment_is_that_after_all_that_happens_in_its_second() -> None:
    times = ["00:00", "11:59:59", "12:00", "23:59:59"]
    watch = [{"dates": [dt.date(2021, 1, 3), dt.date(2021, 1, 4)], "at": times}]
    net = case(days=9, stage={"stay": law("fixed", mean=0.5)}, observe=watch)
    # One comes at noon and leaves at midnight.
    in_place = simulate_network(net, 1, 0).states[:, 0, 0, 1]
    assert in_place.tolist() == [0, 0, 1, 1] * 2
