"""The service gap of own networks: the least places that meet a target, against theory and by trying."""

from typing import Any

import numpy as np
import pytest

from params.network.model import NetworkPlan
from simulate.engine.records import DAY
from simulate.network.layout import Network, lay_out
from simulate.network.needed import least_places, places_needed
from simulate.network.outcome import simulate_network
from simulate.network.run import run_network
from tests.networks import EXPONENTIAL, law, network
from tests.theory import erlang_c


def pool(capacity: int, days: int = 3650, **more: Any) -> Network:
    return network(
        days=days,
        districts=("A",),
        target_days={"r": 2},
        **({"target_share": {"r": 0.8}} if more.pop("lower", False) else {}),
        pools=[{"name": "p", "resource": "r", "district": "A", "capacity": capacity}],
        stages=[{"name": "s", "resource": "r", "stay": law(EXPONENTIAL, mean=10.0)} | more],
        arrivals=[
            {"stage": "s", "district": "A", "per_day": rate, "priority": rank}
            for rank, rate in ((1, 0.8), (2, 1.2))
        ],
    )


def whole_run(net: Network, replication: int, share: float = 0.9) -> int:
    """Return the least places for the requests of a whole run."""
    rows = run_network(net, 3, replication).ledger
    rows = rows[np.argsort(rows["request"], kind="stable")]
    target = 2 * DAY
    return least_places(rows, net.release, net.end - target, target, share)


def share_met(net: Network, capacity: int, replication: int) -> float:
    """Return the share in time of the same people where there are so many places."""
    plan = net.plan.model_dump()
    plan["pools"][0]["capacity"] = capacity
    met, judged = simulate_network(
        lay_out(NetworkPlan.model_validate(plan)), 3, replication
    ).in_time.sum(axis=(0, 1, 2))
    return float(met / judged)


@pytest.mark.parametrize("capacity", [15, 22, 40])
def test_the_least_places_are_those_with_which_a_run_meets_the_target(capacity: int) -> None:
    net = pool(capacity, days=400)
    for replication in range(4):
        least = whole_run(net, replication)
        assert share_met(net, least, replication) >= 0.9 > share_met(net, least - 1, replication)


def test_the_least_places_are_those_of_erlang() -> None:
    def in_time(servers: int) -> float:
        return 1 - erlang_c(20.0, servers) * np.exp(-(servers - 20.0) / 10 * 2)

    exact = next(c for c in range(21, 60) if in_time(c) >= 0.9)
    found = [whole_run(pool(24), replication) for replication in range(8)]
    assert abs(np.mean(found) - exact) < 1.0


def test_a_lower_share_needs_no_more_and_the_table_has_what_is_needed() -> None:
    usual, lower = (
        places_needed(run_network(net, 3, 0).ledger, net)
        for net in (pool(22, days=730), pool(22, days=730, lower=True))
    )
    assert usual.shape == (2, 2, 1)
    assert (lower <= usual).all()
    assert (lower < usual).any()
    np.testing.assert_array_equal(usual[:, 0], usual[:, 1])


def test_what_places_alone_do_not_decide_is_left_out() -> None:
    net = pool(22, days=100, working_time=True)
    assert np.isnan(places_needed(run_network(net, 3, 0).ledger, net)).all()
