"""Find the least places that would meet the target of waits: the service gap of own networks.

As in the city's model (`simulate.measure.gaps`) the recorded requests of a district and year are served again
from one pool of constant size, with who is there and who waits when the year begins: other districts neither
help nor compete, nobody is refused, and who gave up waiting does so again unless served before. But a stay
here begins when its place is found, as it does in the network itself. It is left out where places are not all
that a wait hangs on: in working time, with opening hours or days of admission, where places are kept.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.network.model import NetworkPlan
from simulate.engine.compiled import entry, kernel
from simulate.engine.records import N_CLASS, NEVER, REFUSED
from simulate.network.layout import Network

USUAL_SHARE = 0.9
"""Share of requests to be met in time where a network does not say another."""
ASKING = np.dtype(
    [("request", np.int64), ("stay", np.int64), ("quit", np.int64), ("rank", np.int64)], align=True
)
"""A request as it is served again; ``quit`` is when its person gave up waiting, or `NEVER`."""


def resources_sought(plan: NetworkPlan) -> list[str]:
    """Return the resources for which the least places can be found."""
    return [
        name
        for name in plan.target_days
        if not any(s.working_time or s.blocks for s in plan.stages if s.resource == name)
        and not any(p.hours or p.admits for p in plan.pools if p.resource == name)
    ]


def places_needed(ledger: NDArray[np.void], network: Network) -> FloatArray:
    """Return the least places by (year, district and all of them, resource); nan where they are not sought.

    Of a year count the requests that are followed for as long as their target. All districts need what they
    need together, in one queue where pools serve more than their own district; otherwise the sum.
    """
    plan = network.plan
    n_district = len(plan.districts)
    result = np.full((len(network.years), n_district + 1, len(network.resources)), np.nan)
    for name in resources_sought(plan):
        k = network.resources.index(name)
        target = int(network.frame.targets[k])
        share = plan.target_share.get(name, USUAL_SHARE)
        rows = ledger[ledger["resource"] == k]
        rows = rows[np.argsort(rows["request"], kind="stable")]
        shared = any(p.serves == "all" or p.serves for p in plan.pools if p.resource == name)
        for d in range(n_district + 1):
            if d == n_district and not shared:
                result[:, d, k] = result[:, :d, k].sum(axis=1)
                continue
            mine = rows if d == n_district else rows[rows["origin"] == d]
            for y, (low, high) in enumerate(_years(network)):
                high = min(high, network.end - target)
                if high > low:
                    result[y, d, k] = least_places(mine, low, high, target, share)
    return result


def least_places(rows: NDArray[np.void], low: int, high: int, target: int, share: float) -> int:
    """Return the least places with which a share of the requests of [low, high) is met in time."""
    start, end = rows["start"].astype(np.int64), rows["end"].astype(np.int64)
    request = rows["request"].astype(np.int64)
    begun = (start < low) & (start < NEVER)
    held = np.sort(end[begun & (end > low)])
    gave_up = (start == NEVER) & (end < NEVER) & (rows["outcome"] != REFUSED)
    quits = np.where(gave_up, end, NEVER)
    chosen = (request < high + target) & ~begun & ((request >= low) | (quits > low))
    chosen &= (request >= low) | ~((start == NEVER) & (end <= low))
    asking = np.zeros(int(chosen.sum()), ASKING)
    asking["request"] = request[chosen]
    # An endless stay is one that ends after all that matters.
    asking["stay"] = rows["want_end"][chosen].astype(np.int64) - request[chosen]
    asking["quit"] = quits[chosen]
    asking["rank"] = rows["rank"][chosen]
    return int(search(asking, held, (low, high, target), share))


def _years(network: Network) -> list[tuple[int, int]]:
    """Return the seconds between which each reported year, or part of one, lies."""
    first = np.searchsorted(network.year_of_month, np.arange(len(network.years)))
    bounds = [*network.month_start[first].tolist(), int(network.month_start[-1])]
    return list(pairwise(bounds))


@entry
def search(
    asking: NDArray[np.void], held: IntArray, year: tuple[int, int, int], share: float
) -> int:
    """Try capacities: twice as many until they do, then the middle of what is left."""
    enough = max(held.size, 1)
    least = 0
    while not is_met(asking, held, year, share, enough):
        least = enough + 1
        enough *= 2
    while least < enough:
        trial = (least + enough) // 2
        if is_met(asking, held, year, share, trial):
            enough = trial
        else:
            least = trial + 1
    return least


@kernel
def is_met(
    asking: NDArray[np.void],
    held: IntArray,
    year: tuple[int, int, int],
    share: float,
    capacity: int,
) -> bool:
    """Serve a year's requests from so many places; say whether the share is met in time."""
    low, high, target = year
    n = asking.size
    # Ends of stays, the next one first: a heap; who is there already stands in order.
    ends = np.empty(held.size + n + 1, np.int64)
    ends[: held.size] = held
    used = held.size
    following = np.full(n, -1, np.int64)
    first, last = np.full(N_CLASS, -1, np.int64), np.full(N_CLASS, -1, np.int64)
    waiting, come, met, judged = 0, 0, 0, 0
    now = low
    while True:
        while used > 0 and ends[0] <= now:
            used -= 1
            sink(ends, used, ends[used])
        while come < n and asking[come].request <= now:
            rank = asking[come].rank
            if first[rank] < 0:
                first[rank] = come
            else:
                following[last[rank]] = come
            last[rank] = come
            come += 1
            waiting += 1
        rank = 0
        while waiting > 0 and used < capacity:
            while first[rank] < 0:
                rank += 1
            i = first[rank]
            first[rank] = following[i]
            waiting -= 1
            one = asking[i]
            own = low <= one.request < high
            if one.quit <= now and now > one.request:
                judged += own and one.quit - one.request > target
                continue
            lift(ends, used, now + one.stay)
            used += 1
            judged += own
            met += own and now - one.request <= target
        ahead = NEVER
        if come < n:
            ahead = asking[come].request
        if waiting > 0 and used > 0:
            ahead = min(ahead, ends[0])
        if ahead >= high + target or ahead >= NEVER:
            break
        now = max(ahead, now)
    for rank in range(N_CLASS):
        i = first[rank]
        while i >= 0:
            one = asking[i]
            judged += low <= one.request < high and one.quit - one.request > target
            i = following[i]
    while come < n:
        judged += low <= asking[come].request < high
        come += 1
    return bool(met >= share * judged - 1e-9)


@kernel
def lift(ends: IntArray, i: int, value: int) -> None:
    """Put a value into a heap's last place, or above it where it comes before what is there."""
    while i > 0:
        up = (i - 1) >> 1
        if ends[up] <= value:
            break
        ends[i] = ends[up]
        i = up
    ends[i] = value


@kernel
def sink(ends: IntArray, n: int, value: int) -> None:
    """Put a value in the first place of a heap of n, or below it where it comes after what is there."""
    i, child = 0, 1
    while child < n:
        if child + 1 < n and ends[child + 1] < ends[child]:
            child += 1
        if ends[child] >= value:
            break
        ends[i] = ends[child]
        i = child
        child = 2 * i + 1
    ends[i] = value
