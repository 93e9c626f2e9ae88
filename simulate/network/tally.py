"""Go once through a ledger of guests and count what is told by class, by stage, by year and place.

What came after the end of a run is not known. A wait's target is judged only where the run goes on for so
long after the request: so nobody counts as late who may still be in time.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.engine.compiled import entry, kernel
from simulate.engine.records import DAY, DIED, N_CLASS, NEVER, REFUSED, WITHDREW, Record
from simulate.network.visits import POOL_AT

MET, UNMET, OPEN = range(3)
"""What became of a request: placed, ended otherwise, or waiting when the run ends. In one second the ends
come before what is lost to sight."""
ROW_BITS: Final = 28
END_BITS: Final = 2
"""A number that sorts waits: seconds above, then what became of the request, then its row."""
ROW_MASK: Final = (1 << ROW_BITS) - 1
END_MASK: Final = (1 << END_BITS) - 1
TIME_BITS: Final = 32
"""A number that sorts starts and ends of stays: the pool above, then the second, and 1 for a start."""
ROUNDING: Final = 1e-12

(
    ASKED,
    BEGAN,
    PLACED,
    AT_ONCE,
    WAITED,
    IN_TIME,
    JUDGED,
    WAITING,
    HELD,
    KEPT,
    DEAD,
    QUIT,
    TURNED_AWAY,
) = range(13)
"""What is counted of a group: requests, stays begun, requests placed (at once; seconds that they waited),
requests in time and judged, person-seconds of waiting, in a place, and of places kept after a stay, and ends
without a place."""
N_COUNT: Final = 13


class Times(NamedTuple):
    """What a ledger is counted against."""

    release: int
    end: int
    year_of_day: IntArray
    """Year, from 0, of every reported day."""
    targets: IntArray
    """Target of a wait by resource, seconds."""


class Groups(NamedTuple):
    """By what a group's number counts up: year, district, resource, class, stage."""

    year: int = 0
    district: int = 0
    resource: int = 0
    rank: int = 0
    stage: int = 0


class Counts(NamedTuple):
    """What a ledger says."""

    by_class: IntArray
    """Shape (class, resource, count)."""
    by_stage: IntArray
    """Shape (stage, count)."""
    in_time: IntArray
    """Requests met in time and those judged, shape (year, district, resource, 2)."""
    waits: IntArray
    """Waits of the reported requests, in order."""
    stays: IntArray
    """Starts and ends of stays in the reported time, in order."""


def counted(ledger: NDArray[np.void], times: Times, shape: tuple[int, ...], n_kept: int) -> Counts:
    """Count a ledger.

    Parameters
    ----------
    shape : years, districts, resources, stages.
    n_kept : people of the run, if any stage blocks; otherwise 0.
    """
    n_year, n_district, n_resource, n_stage = shape
    by_class = np.zeros((N_CLASS, n_resource, N_COUNT), np.int64)
    by_stage = np.zeros((n_stage, N_COUNT), np.int64)
    in_time = np.zeros((n_year, n_district, n_resource, 2), np.int64)
    waits = np.empty(ledger.size, np.int64)
    stays = np.empty(2 * ledger.size, np.int64)
    last_row = np.full(n_kept, -1, np.int32)
    n_wait, n_stay = count_rows(
        ledger, times[:], (by_class, by_stage, in_time), waits, stays, last_row
    )
    waits, stays = waits[:n_wait], stays[:n_stay]
    waits.sort()
    stays.sort()
    return Counts(by_class, by_stage, in_time, waits, stays)


@entry
def count_rows(
    ledger: NDArray[np.void],
    times: tuple[int, int, IntArray, IntArray],
    sums: tuple[IntArray, IntArray, IntArray],
    waits: IntArray,
    stays: IntArray,
    last_row: NDArray[np.int32],
) -> tuple[int, int]:
    """Add every row; return how many waits and how many starts and ends of stays were written."""
    release, horizon, year_of_day, targets = times
    by_class, by_stage, in_time = sums
    n_wait, n_stay = 0, 0
    for r in range(ledger.size):
        row = ledger[r]
        stage = row.first & ((1 << POOL_AT) - 1)
        pool = (row.first >> POOL_AT) - 1
        one, other = by_class[row.rank, row.resource], by_stage[stage]
        stop = min(row.start, row.end)
        add(one, other, WAITING, inside(row.request, stop, release, horizon))
        if last_row.size > 0:
            before = last_row[row.person]
            last_row[row.person] = r
            if before >= 0 and ledger[before].end > row.request:
                kept = ledger[before]
                of = by_class[kept.rank, kept.resource]
                length = inside(row.request, kept.end, release, horizon)
                add(of, by_stage[kept.first & ((1 << POOL_AT) - 1)], KEPT, length)
        if row.start < NEVER:
            length = inside(row.start, row.end, release, horizon)
            add(one, other, HELD, length)
            add(one, other, BEGAN, int(release <= row.start < horizon))
            if length > 0:
                begin, end = max(row.start, release), min(row.end, horizon)
                stays[n_stay] = ((pool << TIME_BITS | begin) << 1) | 1
                stays[n_stay + 1] = (pool << TIME_BITS | end) << 1
                n_stay += 2
        elif release <= row.end < horizon:
            add(one, other, DEAD, int(row.outcome == DIED))
            add(one, other, QUIT, int(row.outcome == WITHDREW))
            add(one, other, TURNED_AWAY, int(row.outcome == REFUSED))
        if row.request < release or row.request >= horizon:
            continue
        add(one, other, ASKED, 1)
        wait = min(stop, horizon) - row.request
        fate = fate_of(row, horizon)
        waits[n_wait] = ((wait << END_BITS | fate) << ROW_BITS) | r
        n_wait += 1
        if fate == MET:
            add(one, other, PLACED, 1)
            add(one, other, AT_ONCE, int(wait == 0))
            add(one, other, WAITED, wait)
        target = targets[row.resource]
        if row.request + target > horizon:
            continue
        # Requests that ended without being met before the target do not count.
        met = int(fate == MET and wait <= target)
        judged = int(met == 1 or wait > target or fate == OPEN)
        add(one, other, IN_TIME, met)
        add(one, other, JUDGED, judged)
        cell = in_time[year_of_day[(row.request - release) // DAY], row.origin, row.resource]
        cell[0] += met
        cell[1] += judged
    return n_wait, n_stay


@kernel
def add(one: IntArray, other: IntArray, k: int, amount: int) -> None:
    """Add to both groups of a row."""
    one[k] += amount
    other[k] += amount


@kernel
def inside(begin: int, end: int, release: int, horizon: int) -> int:
    """Return how many reported seconds lie between two moments."""
    return max(min(end, horizon) - max(begin, release), 0)


@kernel
def fate_of(row: Record, horizon: int) -> int:
    """Say what had become of a request when the run ends."""
    if row.start < horizon:
        return MET
    return UNMET if row.end < horizon else OPEN


def times_placed(
    ledger: NDArray[np.void],
    counts: Counts,
    times: Times,
    groups: Groups,
    n_group: int,
    shares: tuple[float, ...],
) -> FloatArray:
    """Return the times by which shares of the requests of each group are placed, days.

    Shape (group, share); nan where that many are never placed in the time followed. Who still waits when the
    run ends is lost to sight then (Aalen and Johansen 1978).
    """
    result = np.full((n_group, len(shares)), np.nan)
    walk_waits(ledger, counts.waits, times[:], groups[:], np.array(shares), result)
    return result


@entry
def walk_waits(
    ledger: NDArray[np.void],
    waits: IntArray,
    times: tuple[int, int, IntArray, IntArray],
    groups: tuple[int, int, int, int, int],
    shares: FloatArray,
    result: FloatArray,
) -> None:
    """Write when shares are reached."""
    n_group = result.shape[0]
    left, met = np.zeros(n_group, np.int64), np.zeros(n_group, np.int64)
    n, lost = np.zeros(n_group, np.int64), np.zeros(n_group, np.int8)
    stay, placed = np.ones(n_group), np.zeros(n_group)
    group = np.empty(waits.size, np.int32)
    for j in range(waits.size):
        g = group_of(ledger[waits[j] & ROW_MASK], times, groups)
        group[j] = g
        n[g] += 1
        left[g] += 1
    for j in range(waits.size):
        g = group[j]
        fate = (waits[j] >> ROW_BITS) & END_MASK
        if fate == OPEN:
            if lost[g] == 0:
                # Until here everybody was seen: shares are plain ones, without rounding.
                lost[g] = 1
                stay[g], placed[g] = left[g] / n[g], met[g] / n[g]
            left[g] -= 1
            continue
        if fate == MET:
            met[g] += 1
            so_far = met[g] / n[g]
            if lost[g] == 1:
                placed[g] += stay[g] / left[g]
                so_far = placed[g]
            for k in range(shares.size):
                if so_far >= shares[k] - ROUNDING and np.isnan(result[g, k]):
                    result[g, k] = (waits[j] >> (ROW_BITS + END_BITS)) / DAY
        stay[g] *= (left[g] - 1) / left[g]
        left[g] -= 1


@kernel
def group_of(
    row: Record,
    times: tuple[int, int, IntArray, IntArray],
    groups: tuple[int, int, int, int, int],
) -> int:
    """Return the group of a request of the reported time."""
    release, _, year_of_day, _ = times
    by_year, by_district, by_resource, by_rank, by_stage = groups
    year = year_of_day[(row.request - release) // DAY]
    stage = row.first & ((1 << POOL_AT) - 1)
    return int(
        year * by_year
        + row.origin * by_district
        + row.resource * by_resource
        + row.rank * by_rank
        + stage * by_stage
    )


@entry
def walk_stays(
    stays: IntArray, levels: IntArray, release: int, horizon: int, seconds: IntArray
) -> None:
    """Add up for how long each number of places was used.

    Parameters
    ----------
    levels : ndarray, shape (pool,), levels told of each pool.
    seconds : ndarray, shape (sum of levels,), filled.
    """
    at, j = 0, 0
    for pool in range(levels.size):
        used, since, top = 0, release, levels[pool] - 1
        while j < stays.size and (stays[j] >> (TIME_BITS + 1)) == pool:
            time = (stays[j] >> 1) & ((1 << TIME_BITS) - 1)
            seconds[at + min(used, top)] += time - since
            used += 1 if stays[j] & 1 else -1
            since = time
            j += 1
        seconds[at + min(used, top)] += horizon - since
        at += levels[pool]


@entry
def line_up(ledger: NDArray[np.void], year_ends: IntArray, n_resource: int, lined: IntArray) -> int:
    """Write who stands in line at the ends of years; return how many.

    Each is a number: the year, district and resource above, then the seconds waited. What does not fit is
    counted only.
    """
    n, n_year = 0, year_ends.size
    n_place = n_resource << 7
    for r in range(ledger.size):
        row = ledger[r]
        stop = min(row.start, row.end)
        for y in range(n_year):
            if row.request < year_ends[y] and stop >= year_ends[y]:
                if n < lined.size:
                    place = y * n_place + row.origin * n_resource + row.resource
                    lined[n] = (place << TIME_BITS) | (year_ends[y] - max(row.request, 0))
                n += 1
    return n
