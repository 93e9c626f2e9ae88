"""Hand over one replication of an own network: monthly measures, waits, flows, totals of the run."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from simulate.arrays import Arrays
from simulate.measure.measures import (
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
from simulate.measure.waits import CountArray
from simulate.network.clocks import over_working_time
from simulate.network.layout import Network
from simulate.network.moments import states_at
from simulate.network.needed import places_needed
from simulate.network.requests import Requests
from simulate.network.run import NetworkRun, measure_network, run_network

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
"""Measures by name and their position in `simulate.measure.measures`."""
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
    in_time : ndarray, shape (year, district, resource, 2), requests met in time, requests that count: those
        followed for as long as their target.
    waits : ndarray, shape (year, district, resource, end, bin), the year's requests by what became of them
        (`simulate.measure.waits.ENDS`) and days until then.
    waits_by_class : ndarray, shape (year, class, resource, end, bin), of all districts.
    in_line : ndarray, shape (year, district, resource, bin), those in line at the year's end by days waited.
    wait_days : ndarray, shape (year, district, resource), days waited by the placed, summed.
    flows : ndarray, shape (year, origin, destination, resource, 2), placed, people there in the
        year's last month.
    times_placed : ndarray, shape (year and the whole run, district and all of them, resource, 2), times by
        which half and nine tenths of the requests are placed, days.
    in_line_median : ndarray, shape (year, district and all of them, resource), days waited by those in line
        at the year's end.
    by_class : ndarray, shape (class, resource, `simulate.network.requests.FIGURES`), the whole run of all
        districts.
    by_stage : ndarray, shape (stage, figure), the same.
    states : ndarray, shape (moment, district and all of them, stage, `simulate.network.moments.STATES`).
    used : ndarray, shares of time by places used, see `simulate.network.moments.shares_used`.
    needed : ndarray, shape (year, district and all of them, resource), least places that meet the target of
        waits (`simulate.network.needed`).
    facts : ndarray, shape (fact,), see `FACTS`.
    """

    monthly: FloatArray
    in_time: IntArray
    waits: CountArray
    waits_by_class: CountArray
    in_line: CountArray
    wait_days: FloatArray
    flows: FloatArray
    times_placed: FloatArray
    in_line_median: FloatArray
    by_class: FloatArray
    by_stage: FloatArray
    states: FloatArray
    used: FloatArray
    needed: FloatArray
    facts: FloatArray


def simulate_network(network: Network, seed: int, replication: int) -> NetworkOutcome:
    """Simulate one replication of an own network."""
    return observe_network(network, run_network(network, seed, replication))


def observe_network(network: Network, run: NetworkRun) -> NetworkOutcome:
    """Measure a finished replication."""
    measures = measure_network(network, run)
    requests = Requests(network, run.ledger, run.people.size)
    monthly = _monthly(network, measures)
    positions = MEASURES.index("demand"), MEASURES.index("occupied")
    over_working_time(run.ledger, network, monthly, positions)
    return NetworkOutcome(
        monthly=monthly,
        in_time=requests.in_time,
        waits=measures.waits,
        waits_by_class=measures.waits_by_class,
        in_line=measures.in_line,
        wait_days=measures.wait_days,
        flows=measures.flows,
        times_placed=requests.times_placed,
        in_line_median=requests.in_line_median,
        by_class=requests.by_class,
        by_stage=requests.by_stage,
        states=states_at(run.ledger, network),
        used=requests.shares_used,
        needed=places_needed(run.ledger, network),
        facts=np.array([run.people.size, run.n_event], np.float64),
    )


def _monthly(network: Network, measures: Measures) -> FloatArray:
    result = np.empty((*network.places.shape, len(MEASURES)))
    result[..., :-1] = measures.monthly[..., list(MONTHLY.values())]
    result[..., -1] = network.places
    return result
