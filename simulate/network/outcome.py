"""Hand over one replication of an own network: monthly measures, waits, flows, totals of the run."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from params.network.model import PRIORITIES
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
from simulate.network.moments import shares_used, states_at
from simulate.network.requests import (
    SHARES,
    Requests,
    figures_of,
    in_time,
    medians_in_line,
    requests_of,
    times_placed,
)
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
    facts: FloatArray


def simulate_network(network: Network, seed: int, replication: int) -> NetworkOutcome:
    """Simulate one replication of an own network."""
    return observe_network(network, run_network(network, seed, replication))


def observe_network(network: Network, run: NetworkRun) -> NetworkOutcome:
    """Measure a finished replication."""
    measures = measure_network(network, run)
    requests = requests_of(run.ledger, network)
    monthly = _monthly(network, measures)
    over_working_time(requests, monthly, MEASURES.index("demand"), MEASURES.index("occupied"))
    n_year, n_district, n_resource = measures.in_time.shape[:-1]
    n_stage = len(network.plan.stages)
    place = requests.origin * n_resource + requests.resource
    cell = np.maximum(requests.year, 0) * n_district * n_resource + place
    judged = in_time(requests, cell, n_year * n_district * n_resource)
    by_class = requests.rank * n_resource + requests.resource
    by_class = figures_of(requests, by_class, PRIORITIES * n_resource)
    return NetworkOutcome(
        monthly=monthly,
        in_time=judged.reshape(n_year, n_district, n_resource, 2),
        waits=measures.waits,
        waits_by_class=measures.waits_by_class,
        in_line=measures.in_line,
        wait_days=measures.wait_days,
        flows=measures.flows,
        times_placed=_times_placed(requests, measures.in_time.shape[:-1]),
        in_line_median=_in_line(requests, measures.in_time.shape[:-1]),
        by_class=by_class.reshape(PRIORITIES, n_resource, -1),
        by_stage=figures_of(requests, requests.stage, n_stage),
        states=states_at(requests),
        used=shares_used(requests),
        facts=np.array([run.people.size, run.n_event], np.float64),
    )


def _times_placed(requests: Requests, shape: tuple[int, ...]) -> FloatArray:
    """Return `NetworkOutcome.times_placed`; shape is that of years, districts, resources."""
    n_year, n_district, n_resource = shape
    result = np.empty((n_year + 1, n_district + 1, n_resource, len(SHARES)))
    year = np.maximum(requests.year, 0)
    for span, years, places in (
        (year, n_year, True),
        (year, n_year, False),
        (0 * year, 1, True),
        (0 * year, 1, False),
    ):
        n_area = n_district if places else 1
        area = requests.origin if places else 0 * requests.origin
        cell = (span * n_area + area) * n_resource + requests.resource
        found = times_placed(requests, cell, years * n_area * n_resource)
        rows = slice(None, -1) if span is year else slice(-1, None)
        columns = slice(None, -1) if places else slice(-1, None)
        result[rows, columns] = found.reshape(years, n_area, n_resource, len(SHARES))
    return result


def _in_line(requests: Requests, shape: tuple[int, ...]) -> FloatArray:
    """Return `NetworkOutcome.in_line_median`; shape is that of years, districts, resources."""
    n_year, n_district, n_resource = shape
    result = np.empty((n_year, n_district + 1, n_resource))
    frame = requests.network.frame
    ends = frame.month_end[frame.last_months]
    place = requests.origin * n_resource + requests.resource
    for y, end in enumerate(ends.tolist()):
        single = medians_in_line(requests, place, n_district * n_resource, end)
        result[y, :-1] = single.reshape(n_district, n_resource)
        result[y, -1] = medians_in_line(requests, requests.resource, n_resource, end)
    return result


def _monthly(network: Network, measures: Measures) -> FloatArray:
    result = np.empty((*network.places.shape, len(MEASURES)))
    result[..., :-1] = measures.monthly[..., list(MONTHLY.values())]
    result[..., -1] = network.places
    return result
