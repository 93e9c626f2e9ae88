"""Read a ledger's requests of guests by the second: what became of them, how long they waited.

What came after the end of a run is not known. A wait's target is judged only where the run goes on for so long
after the request: so nobody counts as late who may still be in time.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.engine.records import DAY, DIED, NEVER, REFUSED, WITHDREW
from simulate.network.layout import Network
from simulate.network.visits import pool_of, stage_of

SHARES: Final = (0.5, 0.9)
"""Shares of requests whose waits are told."""
ROUNDING: Final = 1e-12
MET, UNMET, OPEN = range(3)
"""What became of a request: placed, ended otherwise, or waiting when the run ends. In one second the ends come
before what is lost to sight."""
END_AT, GROUP_AT = 2, 34
"""Bits of a number that sorts waits: below the first what became of it, below the second the seconds."""


@dataclass(frozen=True)
class Requests:
    """The rows of a ledger, all whole seconds, shape (row,)."""

    network: Network
    request: IntArray
    start: IntArray
    end: IntArray
    want_end: IntArray
    person: IntArray
    resource: IntArray
    origin: IntArray
    dest: IntArray
    rank: IntArray
    outcome: IntArray
    stage: IntArray
    pool: IntArray

    @cached_property
    def is_own(self) -> NDArray[np.bool_]:
        """Say which were made in the reported time."""
        return (self.request >= self.network.release) & (self.request < self.network.end)

    @cached_property
    def fate(self) -> IntArray:
        """Say what became of each by the end of the run."""
        end = self.network.end
        return np.where(self.start < end, MET, np.where(self.end < end, UNMET, OPEN))

    @cached_property
    def wait(self) -> IntArray:
        """Return the seconds from the request until that, or until the end of the run."""
        stop = np.minimum(np.minimum(self.start, self.end), self.network.end)
        return np.asarray(stop - np.maximum(self.request, 0), np.int64)

    @cached_property
    def year(self) -> IntArray:
        """Return the year in which each was made, from 0; -1 before the reported time."""
        month = np.searchsorted(self.network.month_start, self.request, side="right") - 1
        last = self.network.year_of_month.size - 1
        year = self.network.year_of_month[np.clip(month, 0, last)]
        return np.where(month < 0, -1, year)

    def inside(self, begin: IntArray, end: IntArray) -> IntArray:
        """Return how many reported seconds lie between two moments."""
        low, high = self.network.release, self.network.end
        length = np.clip(end, low, high) - np.clip(begin, low, high)
        # Who was never placed left before any start.
        return np.asarray(np.maximum(length, 0), np.int64)


def requests_of(ledger: NDArray[np.void], network: Network) -> Requests:
    """Return the requests of a ledger of guests."""
    rows = ledger[ledger["person"] >= 0]
    names = ("request", "start", "end", "want_end", "person")
    small = ("resource", "origin", "dest", "rank", "outcome")
    return Requests(
        network,
        *(rows[name].astype(np.int64) for name in (*names, *small)),
        stage=stage_of(rows),
        pool=pool_of(rows),
    )


def in_time(requests: Requests, group: IntArray, n_group: int) -> IntArray:
    """Return requests met in time and those that count, by group, shape (group, 2).

    Those that ended without being met before the target do not count; nor those made so late that the run
    ends before their target.
    """
    target = requests.network.frame.targets[requests.resource]
    followed = requests.is_own & (requests.request + target <= requests.network.end)
    early = requests.wait <= target
    met = followed & (requests.fate == MET) & early
    counts = met | (followed & ~early)
    # Who still waits when the run ends, just as long as the target, is not late yet, and never in time.
    counts |= followed & early & (requests.fate == OPEN)
    found = [np.bincount(group[chosen], minlength=n_group) for chosen in (met, counts)]
    return np.stack(found, axis=-1).astype(np.int64)


def waits_sorted(
    requests: Requests, group: IntArray, n_group: int, among: NDArray[np.bool_]
) -> tuple[IntArray, IntArray]:
    """Return waits with what became of them in order, and where each group begins, shape (group + 1,)."""
    keys = (group[among] << GROUP_AT) | (requests.wait[among] << END_AT) | requests.fate[among]
    keys.sort()
    bounds = np.searchsorted(keys, np.arange(n_group + 1) << GROUP_AT)
    return keys, bounds


def times_placed(requests: Requests, group: IntArray, n_group: int) -> FloatArray:
    """Return the times by which `SHARES` of the requests of each group are placed, days.

    Shape (group, share); nan where that many are never placed in the time followed. Who still waits when the
    run ends is lost to sight then (Aalen and Johansen 1978).
    """
    result = np.full((n_group, len(SHARES)), np.nan)
    keys, bounds = waits_sorted(requests, group, n_group, requests.is_own)
    for g in np.flatnonzero(np.diff(bounds)).tolist():
        result[g] = _times(keys[bounds[g] : bounds[g + 1]])
    return result


def _times(keys: IntArray) -> FloatArray:
    """Return the times by which shares of one group are placed, from its keys in order."""
    fate = keys & ((1 << END_AT) - 1)
    wait = (keys >> END_AT) & ((1 << (GROUP_AT - END_AT)) - 1)
    n = keys.size
    met = np.flatnonzero(fate == MET)
    lost = np.flatnonzero(fate == OPEN)
    if lost.size == 0:
        placed = np.arange(1, met.size + 1) / n
    else:
        left = n - np.arange(n)
        stay = np.cumprod(np.where(fate == OPEN, 1.0, (left - 1) / left))
        before = np.concatenate([[1.0], stay[:-1]])
        placed = np.cumsum(before[met] / left[met])
    at = np.searchsorted(placed, np.array(SHARES) - ROUNDING)
    found = np.full(len(SHARES), np.nan)
    known = at < met.size
    found[known] = wait[met[at[known]]] / DAY
    return found


def medians_in_line(requests: Requests, group: IntArray, n_group: int, moment: int) -> FloatArray:
    """Return the median of the time waited by those in line at a moment, days, shape (group,)."""
    stop = np.minimum(requests.start, requests.end)
    there = (requests.request < moment) & (stop >= moment)
    waited = moment - np.maximum(requests.request[there], 0)
    keys = np.sort((group[there] << GROUP_AT) | waited)
    bounds = np.searchsorted(keys, np.arange(n_group + 1) << GROUP_AT)
    n = np.diff(bounds)
    result = np.full(n_group, np.nan)
    some = n > 0
    middle = bounds[:-1][some] + (n[some] + 1) // 2 - 1
    result[some] = (keys[middle] & ((1 << GROUP_AT) - 1)) / DAY
    return result


def kept_on(requests: Requests) -> IntArray:
    """Return the reported seconds for which each place was kept after the end of a stay."""
    order = np.argsort(requests.person, kind="stable")
    following = np.full(order.size, NEVER, np.int64)
    same = requests.person[order][1:] == requests.person[order][:-1]
    following[order[:-1][same]] = requests.request[order[1:][same]]
    over = np.minimum(following, requests.end)
    return np.where(requests.pool >= 0, requests.inside(over, requests.end), 0)


FIGURES: Final = (
    "requests",
    "placed",
    "share_at_once",
    "share_in_time",
    "wait_mean_days",
    "wait_median_days",
    "wait_p90_days",
    "waiting",
    "occupied",
    "kept",
    "died_waiting",
    "withdrew_waiting",
    "refused",
)
"""What is told of a class, or of a stage."""


def _with_target(network: Network) -> list[int]:
    """Return the resources for which a wait in time is said."""
    return [k for k, name in enumerate(network.resources) if name in network.plan.target_days]


def figures_of(requests: Requests, group: IntArray, n_group: int) -> FloatArray:
    """Return what is told of the reported time by group, shape (group, `FIGURES`)."""
    network = requests.network
    span = network.end - network.release

    def count(chosen: NDArray[np.bool_], weights: IntArray | None = None) -> FloatArray:
        values = None if weights is None else weights[chosen].astype(np.float64)
        found = np.bincount(group[chosen], values, minlength=n_group)
        return np.asarray(found, np.float64)

    everybody = np.ones(group.size, bool)
    asked = requests.is_own
    met = asked & (requests.fate == MET)
    stop = np.minimum(requests.start, requests.end)
    began = (requests.start >= network.release) & (requests.start < network.end)
    gone = (requests.end >= network.release) & (requests.end < network.end)
    unmet = gone & (requests.start == NEVER)
    with np.errstate(divide="ignore", invalid="ignore"):
        judged = in_time(requests, group, n_group)
        n_asked, n_met = count(asked), count(met)
        at_once = count(met & (requests.wait == 0)) / n_asked
        wait_mean = count(met, requests.wait) / n_met / DAY
        aimed = count(np.isin(requests.resource, _with_target(network))) > 0
        share = np.where(aimed, judged[:, 0] / judged[:, 1], np.nan)
    times = times_placed(requests, group, n_group)
    blocks = any(stage.blocks for stage in network.plan.stages)
    values = {
        "requests": n_asked,
        "placed": count(began),
        "share_at_once": at_once,
        "share_in_time": share,
        "wait_mean_days": wait_mean,
        "wait_median_days": times[:, 0],
        "wait_p90_days": times[:, 1],
        "waiting": count(everybody, requests.inside(requests.request, stop)) / span,
        "occupied": count(everybody, requests.inside(requests.start, requests.end)) / span,
        "kept": count(everybody, kept_on(requests)) / span if blocks else np.full(n_group, np.nan),
        "died_waiting": count(unmet & (requests.outcome == DIED)),
        "withdrew_waiting": count(unmet & (requests.outcome == WITHDREW)),
        "refused": count(unmet & (requests.outcome == REFUSED)),
    }
    return np.stack([values[name] for name in FIGURES], axis=-1)
