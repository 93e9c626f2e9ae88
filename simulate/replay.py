"""Find the least capacity that meets the service target: the service gap.

A district's recorded requests are served again from one pool of constant size, see `simulate.least`.
Other districts neither help nor compete.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, GENERAL_BED, HOME_CARE, N_RESOURCE, FloatArray, IntArray
from simulate.compiled import entry
from simulate.least import REQUEST, least_cases, least_size
from simulate.records import NEVER, WITHDREW
from simulate.world import prefetch

BED_TOTAL = N_RESOURCE
"""Position of all beds together, after the resources: one queue for whatever kind."""
N_REPLAYED = N_RESOURCE + 1
HOME_CARE_STEP = 100
"""Home care is sought to the hour a week; sizes are in hundredths."""
ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1
AHEAD = 16
"""Rows are asked for so many requests before they are read: they lie all over the ledger."""


def service_capacity(
    ledger: NDArray[np.void],
    month_start: IntArray,
    n_month: int,
    n_district: int,
    target_seconds: IntArray,
    share: float,
    work: FloatArray,
    assessment_days: int,
) -> FloatArray:
    """Return the least capacity by (year, district, resource + bed_total).

    Units are beds, places, hours a week for home care, and cases a working day for assessments.

    Parameters
    ----------
    target_seconds : ndarray, shape (resource,), target of a wait.
    share : share of the requests to be met in time.
    assessment_days : target of assessments, working days.
    """
    n_year = n_month // 12
    year_start = month_start[: n_month + 1 : 12].tolist()
    working_days = np.round(work / (8 * 3600)).astype(np.int64)
    result = np.zeros((n_year, n_district, N_REPLAYED))
    place, wants_end = place_rows(ledger)
    groups = keys_by_place(ledger, place, n_district * N_RESOURCE)
    for d in range(n_district):
        own = groups[d * N_RESOURCE : (d + 1) * N_RESOURCE]
        for k, keys in enumerate([*own, np.concatenate(own[GENERAL_BED:])]):
            # Numbers sort several times as fast as records.
            keys.sort()
            requests = requests_of(ledger, wants_end, keys)
            found = 0.0
            for y in range(n_year if keys.size else 0):
                low, high = year_start[y], year_start[y + 1]
                if k == ASSESSMENT:
                    found = least_cases(
                        requests, low, high, working_days, assessment_days, share, found
                    )
                    result[y, d, k] = found
                    continue
                unit = HOME_CARE_STEP if k == HOME_CARE else 1
                target = int(target_seconds[min(k, N_RESOURCE - 1)])
                found = least_size(requests, low, high, target, share, unit, int(found))
                result[y, d, k] = found / unit
    return result


@entry
def place_rows(ledger: NDArray[np.void]) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """Return where each row asks and when its whole chain stops wanting, both of shape (row,).

    The place is district times resources plus resource, or -1 where the row is no request in its own
    right: a free one, a makeshift, or one that follows (unless the row in which its chain began is
    gone).
    """
    place = np.empty(ledger.size, np.int16)
    ends = np.empty(ledger.size, np.int32)
    for r in range(ledger.size):
        place[r] = -1
        ends[r] = 0
    for r in range(ledger.size):
        row = ledger[r]
        if row.person < 0:
            continue
        first = r
        if row.first != r and ledger[row.first].person == row.person:
            first = row.first
        ends[first] = max(ends[first], row.want_end)
        if row.makeshift == 0 and first == r:
            place[r] = row.origin * N_RESOURCE + row.resource
    return place, ends


def keys_by_place(
    ledger: NDArray[np.void], place: NDArray[np.int16], n_place: int
) -> list[IntArray]:
    """Split requests by place; each is one number, its time above `ROW_BITS` and its row below."""
    ends = np.cumsum(count_places(place, n_place))
    begins = np.append(0, ends[:-1])
    keys = np.empty(ends[-1], np.int64)
    fill_keys(ledger, place, begins.copy(), keys)
    return [keys[i:j] for i, j in zip(begins, ends, strict=True)]


@entry
def count_places(place: NDArray[np.int16], n_place: int) -> IntArray:
    """Return how many requests each place has."""
    counts = np.zeros(n_place, np.int64)
    for p in place:
        if p >= 0:
            counts[p] += 1
    return counts


@entry
def fill_keys(
    ledger: NDArray[np.void], place: NDArray[np.int16], at: IntArray, keys: IntArray
) -> None:
    """Write keys; `at` is where the next one of each place goes."""
    for r in range(place.size):
        if place[r] >= 0:
            keys[at[place[r]]] = (int(ledger[r].request) << ROW_BITS) | r
            at[place[r]] += 1


@entry
def requests_of(
    ledger: NDArray[np.void], wants_end: NDArray[np.int32], keys: IntArray
) -> NDArray[np.void]:
    """Copy requests in the order of their keys."""
    requests = np.empty(keys.size, REQUEST)
    for j in range(keys.size):
        prefetch(ledger, keys[min(j + AHEAD, keys.size - 1)] & ROW_MASK)
        r = keys[j] & ROW_MASK
        row, request = ledger[r], requests[j]
        request.request = row.request
        request.start = row.start
        request.quit = row.end if row.outcome == WITHDREW else NEVER
        request.want_end = wants_end[r]
        request.size = row.size
        request.rank = row.rank
    return requests
