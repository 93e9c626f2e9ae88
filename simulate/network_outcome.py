"""Hand over one replication of an own network: monthly measures, waits, flows, totals of the run."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from simulate.arrays import Arrays
from simulate.measures import (
    DEMAND,
    DIED_WAITING,
    OCCUPIED,
    PLACED,
    REQUESTS,
    TURNED_AWAY,
    UNMET,
    WAITING_NOW,
    WITHDREW_WAITING,
    Measures,
)
from simulate.network import NetworkRun, measure_network, run_network
from simulate.network_layout import Network
from simulate.records import DAY, NEVER
from simulate.world import UNLIMITED

MONTHLY: Final = {
    "demand": DEMAND,
    "occupied": OCCUPIED,
    "waiting": WAITING_NOW,
    "requests": REQUESTS,
    "placed": PLACED,
    "died_waiting": DIED_WAITING,
    "withdrew_waiting": WITHDREW_WAITING,
    "refused": TURNED_AWAY,
    "unmet": UNMET,
}
"""Measures by name and their position in `simulate.measures`."""
MEASURES: Final = (*MONTHLY, "capacity")
"""Positions on the last axis of `NetworkOutcome.monthly`; nan where capacity has no limit."""
FLOWS: Final = ("requests", "placed", "died_waiting", "withdrew_waiting", "refused", "unmet")
"""Measures that are sums over time; the others are means."""
FACTS: Final = ("guests", "events")


@dataclass(frozen=True)
class NetworkOutcome(Arrays):
    """What one replication says, by district; the total is summed later.

    Attributes
    ----------
    monthly : ndarray, shape (month, district, resource, measure). Demand, waiting, requests and what
        follows from waiting by district of residence; occupied and capacity by district of the place.
    in_time : ndarray, shape (year, district, resource, 2), requests met in time, requests that count.
    waits : ndarray, shape (year, district, resource, bin), the placed by wait.
    wait_days : ndarray, shape (year, district, resource), days waited by the placed, summed.
    flows : ndarray, shape (year, origin, destination, resource, 2), placed, people there in the
        year's last month.
    facts : ndarray, shape (fact,), see `FACTS`.
    """

    monthly: FloatArray
    in_time: IntArray
    waits: IntArray
    wait_days: FloatArray
    flows: FloatArray
    facts: FloatArray


def simulate_network(network: Network, seed: int, replication: int) -> NetworkOutcome:
    """Simulate one replication of an own network."""
    return observe_network(network, run_network(network, seed, replication))


def observe_network(network: Network, run: NetworkRun) -> NetworkOutcome:
    """Measure a finished replication."""
    measures = measure_network(network, run)
    return NetworkOutcome(
        monthly=_monthly(network, measures),
        in_time=measures.in_time,
        waits=measures.waits,
        wait_days=_wait_days(network, run),
        flows=measures.flows,
        facts=np.array([run.people.size, run.n_event], np.float64),
    )


def _monthly(network: Network, measures: Measures) -> FloatArray:
    parts = [measures.monthly[..., k] for k in MONTHLY.values()]
    return np.stack([*parts, capacity_by_month(network)], axis=-1)


def capacity_by_month(network: Network) -> FloatArray:
    """Return mean places, shape (month, district, resource); nan where one pool has no limit."""
    edges = network.month_start
    shape = (edges.size - 1, len(network.plan.districts), len(network.resources))
    result = np.zeros(shape)
    low = np.maximum(edges[:-1, None], network.periods[None, :-1])
    high = np.minimum(edges[1:, None], network.periods[None, 1:])
    part = np.maximum(high - low, 0) / np.diff(edges)[:, None]
    for k, pool in enumerate(network.plan.pools):
        if pool.resource not in network.resources:
            continue
        places = network.capacity[:, k].astype(np.float64)
        places[network.capacity[:, k] >= UNLIMITED] = np.nan
        # A part of nothing in a period without limit is no reason to know nothing.
        mean = np.where(part > 0, part * places, 0.0).sum(axis=1)
        place = (network.pool_district[k], network.resources.index(pool.resource))
        result[:, place[0], place[1]] += mean
    return result


def _wait_days(network: Network, run: NetworkRun) -> FloatArray:
    """Return the days waited by those placed, by the year of their request."""
    rows = run.ledger
    asked = rows["request"]
    kept = (rows["start"] < NEVER) & (asked >= network.release) & (asked < network.end)
    rows, asked = rows[kept], asked[kept]
    month = np.searchsorted(network.month_start, asked, side="right") - 1
    shape = (len(network.years), len(network.plan.districts), len(network.resources))
    result = np.zeros(shape)
    place = (network.year_of_month[month], rows["origin"], rows["resource"])
    np.add.at(result, place, (rows["start"] - asked) / DAY)
    return result
