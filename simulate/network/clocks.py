"""Mean demand and use of places over the time in which they are worked at.

Where all stages of a resource run in working time, nights and holidays say nothing of how busy its places
are: a case that is open over night takes none of the office's time.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.network.layout import Network
from simulate.network.places import counted
from simulate.network.visits import pool_of


def over_working_time(
    ledger: NDArray[np.void], network: Network, monthly: FloatArray, measures: tuple[int, int]
) -> None:
    """Put demand and use over working time in the place of those over all time, where that is meant.

    Parameters
    ----------
    monthly : ndarray, shape (month, district, resource, measure); a month without work stays as it was.
    measures : positions of demand and of use.
    """
    for name, clock in network.clocks.items():
        k = network.resources.index(name)
        rows = ledger[ledger["resource"] == k]
        held = rows[pool_of(rows) >= 0]
        for measure, which, where, begin, end in (
            (measures[0], rows, "origin", "request", "want_end"),
            (measures[1], held, "dest", "start", "end"),
        ):
            intervals = tuple(which[name].astype(np.int64) for name in (where, begin, end))
            means = _means(network, clock, intervals)
            monthly[:, :, k, measure] = np.where(
                np.isfinite(means), means, monthly[:, :, k, measure]
            )


def _means(network: Network, clock: IntArray, intervals: tuple[IntArray, ...]) -> FloatArray:
    """Return the mean number of intervals over the clock's time, shape (month, district)."""
    bounds = network.month_start
    n_month, n_district = bounds.size - 1, len(network.plan.districts)
    district, *ends = intervals
    level = np.zeros((n_month + 1, n_district), np.int64)
    part = np.zeros((n_month + 1, n_district), np.int64)
    at = counted(bounds, clock)
    for time, step in zip(ends, (1, -1), strict=True):
        clipped = np.clip(time, bounds[0], bounds[-1])
        month = np.searchsorted(bounds, clipped, side="right") - 1
        left = at[np.minimum(month + 1, n_month)] - counted(clipped, clock)
        np.add.at(level, (month, district), step)
        np.add.at(part, (month, district), step * left)
    before = np.cumsum(level, axis=0) - level
    length = np.diff(at)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((before[:-1] * length + part[:-1]) / length, np.float64)
