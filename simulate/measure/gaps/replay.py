"""Find the least capacity that meets the service target: the service gap.

A district's recorded requests are served again from one pool of constant size, see
`simulate.measure.gaps.least`, or its applications for assessment at a steady rate, see
`simulate.measure.gaps.least_cases`. Other districts neither help nor compete. Who asks for hours counts with
those asked for, or had or waited for when the year begins: what changes later would be a look ahead.
Assessments are judged by first and early ones.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, HOME_CARE, FloatArray, IntArray
from simulate.engine.compiled import entry, kernel
from simulate.engine.intrinsics import prefetch
from simulate.engine.records import DAY, N_CLASS, NEVER, RENEWAL, WITHDREW
from simulate.measure.gaps.least import REQUEST, least_size
from simulate.measure.gaps.least_cases import WAITER, Line, least_cases
from simulate.measure.measures import BED_PLACES, HOURS, PLACES, Frame

HOME_CARE_STEP = 100
"""Home care is sought to the hour a week; sizes are in hundredths."""
TIME_BITS, ROW_BITS = 32, 5
"""A key is one number: the time of a request above the first, its row above the second, then a tag."""
ROW_MASK = (1 << (TIME_BITS - ROW_BITS)) - 1
TAG_MASK = (1 << ROW_BITS) - 1
WAITS = 8
"""Tag of an application that waits when a year begins or is never assessed, besides its class; the tag
of other requests is their resource."""
RENEWS = 16
"""Tag of an application for a renewal."""
CHUNK = 256
"""Keys of one place that lie side by side: so a single pass over the ledger sorts them out."""
AHEAD = 16
"""Rows are asked for so many requests before they are read: they lie all over the ledger."""


def service_capacity(
    ledger: NDArray[np.void],
    frame: Frame,
    share: float | FloatArray,
    totals: Sequence[Sequence[int]],
) -> FloatArray:
    """Return the least capacity by (year, district, resource + total).

    Units are beds, places, hours a week for home care, and cases a working day for assessments.

    Parameters
    ----------
    frame : what the ledger is measured against.
    share : share of the requests to be met in time: of all, or by resource and total, shape (resource +
        total,); nan for a total: as many as its resources ask for together.
    totals : resources that add to each total; who asks for any of them stands in one queue, and is due by
        the target of their own resource.
    """
    n_resource = frame.kinds.size
    shares = np.broadcast_to(share, (n_resource + len(totals),))
    year_start = frame.month_start[::12]
    years = list(zip(year_start[:-1].tolist(), year_start[1:].tolist(), strict=True))
    result = np.zeros((len(years), frame.n_district, n_resource + len(totals)))
    chain_end = np.zeros(ledger.size, np.int32)
    keys = keys_of(ledger, chain_end, year_start, (frame.n_district, n_resource))

    def fill(d: int, k: int, requests: NDArray[np.void], resized: Resized = NEVER_RESIZED) -> None:
        unit = HOME_CARE_STEP if k < n_resource and frame.kinds[k] == HOURS else 1
        found = 0
        for y, (low, high) in enumerate(years if requests.size else []):
            before = np.searchsorted(resized.when, low, side="right")
            requests["size"][resized.which[:before]] = resized.size[:before]
            wanted = shares[k] if shares[k] >= 0 else weighted(requests, low, high, shares)
            found = least_size(requests, low, high, frame.targets, float(wanted), unit, found)
            result[y, d, k] = found / unit

    beds = np.flatnonzero(frame.kinds == BED_PLACES).tolist()
    others = np.flatnonzero((frame.kinds == HOURS) | (frame.kinds == PLACES)).tolist()
    n_place = frame.n_district * n_resource
    for d, place in enumerate(range(0, n_place, n_resource)):
        own = keys_at(keys, place + ASSESSMENT)
        line = line_of(ledger, chain_end, own, int(year_start[-1]) // DAY)
        rate = 0.0
        for y, (low, high) in enumerate(years if own.size else []):
            rate = least_cases(
                line,
                low,
                high,
                frame.working_days,
                frame.assessment_days,
                float(shares[ASSESSMENT]),
                rate,
            )
            result[y, d, ASSESSMENT] = rate
        carried_on = keys_at(keys, n_place + d)
        for k in others:
            own = keys_at(keys, place + k)
            resized = resized_among(ledger, own, carried_on)
            fill(d, k, requests_of(ledger, chain_end, own), resized)
        own = keys_at(keys, *(place + k for k in beds))
        requests = requests_of(ledger, chain_end, own)
        for k in beds:
            fill(d, k, those_of(requests, own, 1 << k))
        for t, members in enumerate(totals):
            marks = sum(1 << k for k in members)
            # All beds, as they mostly are, need no copy of their requests.
            everybody = set(members) == set(beds)
            asking = requests if everybody else those_of(requests, own, marks)
            fill(d, n_resource + t, asking)
    return result


def weighted(requests: NDArray[np.void], low: int, high: int, shares: FloatArray) -> float:
    """Return the mean of the resources' shares, by how many of a year's requests each has."""
    year = slice(*np.searchsorted(requests["request"], (low, high)))
    counts = np.bincount(requests["of"][year], minlength=1)
    # Who asks for nothing is met in any case.
    return float(counts @ shares[: counts.size] / counts.sum()) if counts.sum() else 0.0


class Resized(NamedTuple):
    """Requests whose size changed while they waited or were served, in order of time."""

    when: IntArray
    which: IntArray
    """Their places among the requests."""
    size: IntArray


NEVER_RESIZED = Resized(*np.zeros((3, 0), np.int64))


class Keys(NamedTuple):
    """The keys of all requests by place, which is district times resources plus resource.

    Behind these a place of each district has the rows that carry on a request while it waits, or hours while
    they are served.
    """

    chunks: IntArray
    """Keys as the ledger has them, shape (chunk, `CHUNK`)."""
    place: IntArray
    """Where those of a chunk ask, -1 for none; shape (chunk,)."""
    counts: IntArray
    """How many ask at each place; the last chunk of a place is not full."""


def keys_of(
    ledger: NDArray[np.void],
    chain_end: NDArray[np.int32],
    year_start: IntArray,
    shape: tuple[int, int],
) -> Keys:
    """Return the keys of a ledger.

    A row is no request in its own right where it is free, a makeshift, or follows another (unless the
    row in which its chain began is gone).

    Parameters
    ----------
    chain_end : ndarray, shape (row,), filled: when the last row that follows one stops wanting.
    shape : districts and resources.
    """
    n_place = shape[0] * shape[1]
    if ledger.size > ROW_MASK:
        msg = f"a ledger of {ledger.size} rows has more than keys can tell apart, {ROW_MASK}"
        raise AssertionError(msg)
    chunks = np.empty((ledger.size // CHUNK + n_place + shape[0], CHUNK), np.int64)
    place, counts = sort_out(ledger, chain_end, next_year_of(year_start), shape, chunks)
    return Keys(chunks, place, counts)


def keys_at(keys: Keys, *places: int) -> IntArray:
    """Return the keys of places in order of request; made anew each time, which spares memory."""
    parts = [keys.chunks[keys.place == p].ravel()[: keys.counts[p]] for p in places]
    result = parts[0] if len(parts) == 1 else np.concatenate(parts)
    # Numbers sort several times as fast as records.
    result.sort()
    return result


def next_year_of(year_start: IntArray) -> IntArray:
    """Return the start of the next year after each day; beyond the last one it is just before `NEVER`."""
    days = np.arange(NEVER // DAY + 1) * DAY
    starts = np.append(year_start, NEVER - 1)
    return np.asarray(starts[np.searchsorted(year_start, days, side="right")])


@entry
def sort_out(
    ledger: NDArray[np.void],
    chain_end: NDArray[np.int32],
    next_year: IntArray,
    shape: tuple[int, int],
    chunks: IntArray,
) -> tuple[IntArray, IntArray]:
    """Write keys into chunks; return the place of each chunk and how many keys each place has."""
    n_resource = shape[1]
    n_place = shape[0] * n_resource
    place_of_chunk = np.full(len(chunks), -1)
    counts = np.zeros(n_place + shape[0], np.int64)
    chunk = np.zeros(n_place + shape[0], np.int64)
    n_chunk = 0
    followers = np.empty(ledger.size, np.int32)
    n_follower, i = 0, 0
    # Those who may follow others come last: so reads of rows far away wait for nothing else.
    while i < ledger.size + n_follower:
        r = i if i < ledger.size else followers[i - ledger.size]
        i += 1
        row = ledger[r]
        if row.person < 0:
            continue
        place = row.origin * n_resource + row.resource
        if row.first != r:
            if i <= ledger.size:
                followers[n_follower] = r
                n_follower += 1
                continue
            if ledger[row.first].person == row.person:
                # A makeshift is carried on without any want: its want stays ended where it did.
                if row.want_end > row.request:
                    chain_end[row.first] = max(chain_end[row.first], row.want_end)
                # The hours of clients change while they are served; of a bed only its resident's level.
                if row.start == row.request and row.resource != HOME_CARE:
                    continue
                place = n_place + row.origin
        if row.makeshift != 0:
            continue
        tag = int(row.resource)
        if tag == ASSESSMENT:
            tag = row.rank % N_CLASS
            if row.start > next_year[row.request // DAY]:
                tag |= WAITS
            if row.reason == RENEWAL:
                tag |= RENEWS
        at = counts[place] % CHUNK
        if at == 0:
            chunk[place] = n_chunk
            place_of_chunk[n_chunk] = place
            n_chunk += 1
        chunks[chunk[place], at] = (int(row.request) << TIME_BITS) | (r << ROW_BITS) | tag
        counts[place] += 1
    return place_of_chunk, counts


def resized_among(ledger: NDArray[np.void], keys: IntArray, carried_on: IntArray) -> Resized:
    """Return which of some requests had another size later, and from when.

    Parameters
    ----------
    keys : ndarray, of the requests, in order.
    carried_on : ndarray, keys of the rows that carry on requests of the same district, in order.
    """
    rows = (carried_on >> ROW_BITS) & ROW_MASK
    when, first, size, tag = (
        ledger[name][rows].astype(np.int64) for name in ("request", "first", "size", "resource")
    )
    asked = (ledger["request"][first].astype(np.int64) << TIME_BITS) | (first << ROW_BITS) | tag
    which = np.searchsorted(keys, asked)
    mine = np.isin(asked, keys[which[which < keys.size]])
    return Resized(when[mine], which[mine], size[mine])


@kernel
def row_of(key: int) -> int:
    """Return the row that a key tells."""
    return (key >> ROW_BITS) & ROW_MASK


@entry
def requests_of(
    ledger: NDArray[np.void], chain_end: NDArray[np.int32], keys: IntArray
) -> NDArray[np.void]:
    """Copy requests in the order of their keys."""
    requests = np.empty(keys.size, REQUEST)
    for j in range(keys.size):
        prefetch(ledger, row_of(keys[min(j + AHEAD, keys.size - 1)]))
        r = row_of(keys[j])
        row, request = ledger[r], requests[j]
        request.request = row.request
        request.start = row.start
        request.quit = row.end if row.outcome == WITHDREW else NEVER
        request.want_end = max(row.want_end, chain_end[r])
        request.size = row.size
        request.rank = row.rank
        request.of = row.resource
    return requests


@entry
def those_of(requests: NDArray[np.void], keys: IntArray, tags: int) -> NDArray[np.void]:
    """Return the requests whose keys have one of the tags that the bits of a number stand for."""
    n = 0
    for key in keys:
        n += (tags >> (key & TAG_MASK)) & 1
    result = np.empty(n, REQUEST)
    n = 0
    for j in range(keys.size):
        if (tags >> (keys[j] & TAG_MASK)) & 1:
            result[n] = requests[j]
            n += 1
    return result


def line_of(
    ledger: NDArray[np.void], chain_end: NDArray[np.int32], keys: IntArray, last_day: int
) -> Line:
    """Lay out the applications of one district; ``last_day`` is the last one that anybody asks about."""
    last_day = max(last_day, int(keys[-1] >> TIME_BITS) // DAY if keys.size else 0)
    return Line(*count_days(ledger, chain_end, keys, last_day + 1), judged_before(keys))


@entry
def count_days(
    ledger: NDArray[np.void], chain_end: NDArray[np.int32], keys: IntArray, n_day: int
) -> tuple[NDArray[np.int32], NDArray[np.void]]:
    """Return the arrays of a `Line`."""
    n_waiter = 0
    for key in keys:
        n_waiter += (key & WAITS) != 0
    waiters = np.empty(n_waiter, WAITER)
    came = np.zeros((n_day + 1, N_CLASS), np.int32)
    so_far = np.zeros(N_CLASS, np.int64)
    filled, n = 0, 0
    for key in keys:
        while filled < (key >> TIME_BITS) // DAY:
            filled += 1
            for rank in range(N_CLASS):
                came[filled, rank] = so_far[rank]
        rank = key & (WAITS - 1)
        if key & WAITS:
            r = row_of(key)
            row, waiter = ledger[r], waiters[n]
            n += 1
            waiter.request = row.request
            waiter.start = row.start
            waiter.want_end = max(row.want_end, chain_end[r])
            waiter.place = so_far[rank]
            waiter.rank = rank
            waiter.renews = row.reason == RENEWAL
        so_far[rank] += 1
    for day in range(filled + 1, n_day + 1):
        for rank in range(N_CLASS):
            came[day, rank] = so_far[rank]
    return came, waiters


@entry
def judged_before(keys: IntArray) -> NDArray[np.int32]:
    """Return how many of a class that count come before each place of it, see `Line`."""
    at = np.zeros(N_CLASS + 1, np.int64)
    for key in keys:
        at[(key & (WAITS - 1)) + 1] += 1
    for rank in range(N_CLASS):
        at[rank + 1] += at[rank] + 1
    judged = np.zeros(at[N_CLASS], np.int32)
    for key in keys:
        rank = key & (WAITS - 1)
        at[rank] += 1
        judged[at[rank]] = judged[at[rank] - 1] + ((key & RENEWS) == 0)
    return judged
