"""Find the least capacity that meets the service target: the service gap.

A district's recorded requests are served again from one pool of constant size: who is in service when
the year begins stays there, the backlog waits already, and every request has its class, its size and
the time at which its want ends, whatever is done about it. Bisection finds the smallest capacity that
serves the target share in time. Other districts neither help nor compete.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, GENERAL_BED, HOME_CARE, N_RESOURCE, FloatArray, IntArray
from simulate.compiled import entry, kernel
from simulate.records import DAY, N_CLASS, NEVER, WITHDREW

BED_TOTAL = N_RESOURCE
"""Position of all beds together, after the resources: one queue for whatever kind."""
N_REPLAYED = N_RESOURCE + 1
HOME_CARE_STEP = 100
"""Home care is sought to the hour a week; sizes are in hundredths."""


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
    year_start = month_start[: n_month + 1 : 12].copy()
    wants_end = chain_ends(ledger)
    result = np.zeros((n_year, n_district, N_REPLAYED))
    working_days = np.round(work / (8 * 3600)).astype(np.int64)
    groups = group_requests(ledger, wants_end, n_district)
    for d in range(n_district):
        for k in range(N_REPLAYED):
            rows = groups[d * N_REPLAYED + k]
            if rows.size == 0:
                continue
            unit = HOME_CARE_STEP if k == HOME_CARE else 1
            found = 0
            for y in range(n_year):
                low, high = int(year_start[y]), int(year_start[y + 1])
                if k == ASSESSMENT:
                    result[y, d, k] = least_cases(
                        rows, low, high, working_days, assessment_days, share
                    )
                else:
                    target = int(target_seconds[min(k, N_RESOURCE - 1)])
                    found = least_size(rows, low, high, target, share, unit, found)
                    result[y, d, k] = found / unit
    return result


ROW_BITS = 32
ROW_MASK = (1 << ROW_BITS) - 1
REQUEST = np.dtype(
    [
        ("request", np.int32),
        ("start", np.int32),
        ("quit", np.int32),
        ("want_end", np.int32),
        ("size", np.int32),
        ("rank", np.int8),
    ],
    align=True,
)
"""A request as the replay sees it; ``quit`` is when its person gave up waiting, or `NEVER`."""


@entry
def chain_ends(ledger: NDArray[np.void]) -> NDArray[np.int32]:
    """Return when the want of each row's whole chain ends, shape (row,)."""
    ends = np.zeros(ledger.size, np.int32)
    for r in range(ledger.size):
        row = ledger[r]
        if row.person >= 0:
            first = row.first if ledger[row.first].person == row.person else r
            ends[first] = max(ends[first], row.want_end)
    return ends


def group_requests(
    ledger: NDArray[np.void], wants_end: NDArray[np.int32], n_district: int
) -> list[NDArray[np.void]]:
    """Split requests by district and resource (and all beds), in order of request."""
    # Time in the upper half, row in the lower: numbers sort several times as fast as records.
    keys = np.sort(own_requests(ledger))
    order = (keys & ROW_MASK).astype(np.int32)
    del keys
    place = ledger["origin"][order].astype(np.int32) * N_RESOURCE + ledger["resource"][order]
    single = requests_of(ledger, wants_end, order, place, n_district * N_RESOURCE)
    beds = place % N_RESOURCE >= GENERAL_BED
    all_beds = requests_of(ledger, wants_end, order[beds], place[beds] // N_RESOURCE, n_district)
    groups: list[NDArray[np.void]] = []
    for d in range(n_district):
        groups += [*single[d * N_RESOURCE : (d + 1) * N_RESOURCE], all_beds[d]]
    return groups


@entry
def own_requests(ledger: NDArray[np.void]) -> IntArray:
    """Return time and row of the requests in their own right, as one number each.

    A row that follows counts only where the row in which its chain began is gone.
    """
    keys = np.empty(ledger.size, np.int64)
    n = 0
    for r in range(ledger.size):
        row = ledger[r]
        if row.person < 0 or row.makeshift != 0:
            continue
        if row.first == r or ledger[row.first].person != row.person:
            keys[n] = (int(row.request) << ROW_BITS) | r
            n += 1
    return keys[:n]


def requests_of(
    ledger: NDArray[np.void],
    wants_end: NDArray[np.int32],
    order: NDArray[np.int32],
    place: NDArray[np.int32],
    n_place: int,
) -> list[NDArray[np.void]]:
    """Lay out requests by place, in the order given inside each."""
    requests = np.empty(order.size, REQUEST).view(np.recarray)
    ends = np.cumsum(np.bincount(place, minlength=n_place))
    begins = np.append(0, ends[:-1])
    fill_requests(ledger, wants_end, order, place, begins.copy(), requests)
    return [requests[i:j] for i, j in zip(begins, ends, strict=True)]


@entry
def fill_requests(
    ledger: NDArray[np.void],
    wants_end: NDArray[np.int32],
    order: NDArray[np.int32],
    place: NDArray[np.int32],
    at: IntArray,
    requests: NDArray[np.void],
) -> None:
    """Write requests; `at` is where the next one of each place goes."""
    for j in range(order.size):
        row = ledger[order[j]]
        request = requests[at[place[j]]]
        at[place[j]] += 1
        request.request = row.request
        request.start = row.start
        request.quit = row.end if row.outcome == WITHDREW else NEVER
        request.want_end = wants_end[order[j]]
        request.size = row.size
        request.rank = row.rank


@entry
def least_size(
    rows: NDArray[np.void], low: int, high: int, target: int, share: float, step: int, guess: int
) -> int:
    """Bisect for the smallest capacity that meets the share of a year's requests in time.

    Parameters
    ----------
    rows : requests of one district and resource in order of request.
    low, high : the year, seconds.
    target : target of a wait, seconds.
    step : resolution of the capacity.
    guess : where to start looking, for example the year before; any number will do.
    """
    n = 0
    while n < rows.size and rows[n].request < high + target:
        n += 1
    held_end = np.empty(n, np.int64)
    held_size = np.empty(n, np.int64)
    order = np.empty(n, np.int64)
    n_held, n_open, held, total = 0, 0, 0, 0
    for r in range(n):
        row = rows[r]
        if row.want_end <= low or row.quit <= low:
            continue
        total += row.size
        if row.request < low and row.start <= low:
            held += row.size
            if row.want_end < high + target:
                held_end[n_held] = row.want_end
                held_size[n_held] = row.size
                n_held += 1
        else:
            order[n_open] = r
            n_open += 1
    by_end = np.argsort(held_end[:n_held])
    held_end, held_size = held_end[:n_held][by_end], held_size[:n_held][by_end]
    order = order[:n_open]
    ends = np.empty(n_open + 1, np.int64)
    sizes = np.empty(n_open + 1, np.int64)
    queue = np.empty((N_CLASS, n_open + 1), np.int64)
    # Bracket from the guess outwards, then halve.
    enough, least = total // step + 1, 0
    width = max(1, guess // step // 64)
    trial = min(max(guess // step, 0), enough)
    while least < enough:
        good = share <= share_in_time(
            rows,
            order,
            held_end,
            held_size,
            held,
            low,
            high,
            target,
            trial * step,
            ends,
            sizes,
            queue,
        )
        if good:
            enough = trial
            trial -= width
        else:
            least = trial + 1
            trial += width
        width *= 2
        if trial <= least or trial >= enough:
            trial = (least + enough) // 2
            width = 0
    return least * step


@kernel
def share_in_time(
    rows: NDArray[np.void],
    order: IntArray,
    held_end: IntArray,
    held_size: IntArray,
    held: int,
    low: int,
    high: int,
    target: int,
    capacity: int,
    ends: IntArray,
    sizes: IntArray,
    queue: IntArray,
) -> float:
    """Serve a year's requests from a pool and return the share met in time (1 if none count).

    Those held from before free their place at `held_end` (sorted); `order` lists the others.
    """
    n_served, h, j = 0, 0, 0
    used = held
    first = np.zeros(N_CLASS, np.int64)
    last = np.zeros(N_CLASS, np.int64)
    counted, met = 0, 0
    while j < order.size and rows[order[j]].request < low:
        rank = rows[order[j]].rank % N_CLASS
        queue[rank, last[rank]] = order[j]
        last[rank] += 1
        j += 1
    now = low
    stop = high + target
    while True:
        # Everybody whose turn has come and who fits.
        while True:
            rank = 0
            while rank < N_CLASS and first[rank] == last[rank]:
                rank += 1
            if rank == N_CLASS:
                break
            row = rows[queue[rank, first[rank]]]
            gone = min(row.want_end, row.quit)
            if gone > now and used + row.size > capacity:
                break
            first[rank] += 1
            counts = low <= row.request < high
            if gone <= now:
                if counts and gone - row.request > target:
                    counted += 1
                continue
            used += row.size
            if row.want_end < stop:
                n_served = heap_add(ends, sizes, n_served, row.want_end, row.size)
            if counts:
                counted += 1
                if now - row.request <= target:
                    met += 1
        next_request = rows[order[j]].request if j < order.size else NEVER
        next_served = ends[0] if n_served > 0 else NEVER
        next_held = held_end[h] if h < held_end.size else NEVER
        now = min(next_request, next_served, next_held)
        if now >= stop:
            break
        if next_held == now:
            used -= held_size[h]
            h += 1
        elif next_served == now:
            used -= sizes[0]
            n_served = heap_remove(ends, sizes, n_served)
        else:
            rank = rows[order[j]].rank % N_CLASS
            queue[rank, last[rank]] = order[j]
            last[rank] += 1
            j += 1
    for rank in range(N_CLASS):
        for q in range(first[rank], last[rank]):
            row = rows[queue[rank, q]]
            gone = min(row.want_end, row.quit)
            if low <= row.request < high and gone - row.request > target:
                counted += 1
    return met / counted if counted > 0 else 1.0


@kernel
def heap_add(ends: IntArray, sizes: IntArray, n: int, end: int, size: int) -> int:
    """Add a service to the heap of ends; return its new length."""
    i = n
    while i > 0:
        up = (i - 1) >> 1
        if ends[up] <= end:
            break
        ends[i], sizes[i] = ends[up], sizes[up]
        i = up
    ends[i], sizes[i] = end, size
    return n + 1


@kernel
def heap_remove(ends: IntArray, sizes: IntArray, n: int) -> int:
    """Remove the first service from the heap; return its new length."""
    n -= 1
    end, size = ends[n], sizes[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and ends[child + 1] < ends[child]:
            child += 1
        if end <= ends[child]:
            break
        ends[i], sizes[i] = ends[child], sizes[child]
        i = child
    if n > 0:
        ends[i], sizes[i] = end, size
    return n


@entry
def least_cases(
    rows: NDArray[np.void],
    low: int,
    high: int,
    working_days: IntArray,
    target_days: int,
    share: float,
) -> float:
    """Bisect for the cases a working day that finish the share of a year's applications in time."""
    # Only the year's own cases and those who wait when it begins can matter.
    stop = high + 3 * target_days * DAY
    n = 0
    order = np.empty(rows.size, np.int64)
    for r in range(rows.size):
        row = rows[r]
        if row.request >= stop:
            break
        if row.request >= low or (row.start > low and row.want_end > low):
            order[n] = r
            n += 1
    order = order[:n]
    queue = np.empty((N_CLASS, n), np.int64)
    most = float(n)
    least = 0.0
    # A hundredth of a case a day is far below one assessor.
    while most - least > 0.01:
        middle = (least + most) / 2
        done = cases_in_time(rows, order, queue, low, high, working_days, target_days, middle)
        if done >= share:
            most = middle
        else:
            least = middle
    return most


@kernel
def cases_in_time(
    rows: NDArray[np.void],
    order: IntArray,
    queue: IntArray,
    low: int,
    high: int,
    working_days: IntArray,
    target_days: int,
    a_day: float,
) -> float:
    """Finish cases at a steady rate in working time; return the share of the year's done in time."""
    first = np.zeros(N_CLASS, np.int64)
    last = np.zeros(N_CLASS, np.int64)
    counted, met = 0, 0
    next_row = 0
    free = 0.0
    day = low // DAY
    end_day = min(high // DAY + 2 * target_days, working_days.size - 2)
    while day < end_day:
        while next_row < order.size and rows[order[next_row]].request < (day + 1) * DAY:
            rank = rows[order[next_row]].rank % N_CLASS
            queue[rank, last[rank]] = order[next_row]
            last[rank] += 1
            next_row += 1
        if working_days[day + 1] > working_days[day]:
            free = min(free, 1.0) + a_day
            while free >= 1.0:
                rank = 0
                while rank < N_CLASS and first[rank] == last[rank]:
                    rank += 1
                if rank == N_CLASS:
                    break
                row = rows[queue[rank, first[rank]]]
                first[rank] += 1
                if row.start == NEVER and row.want_end <= day * DAY:
                    # Gone before its turn: a failure only if that was after the target.
                    left = working_days[row.want_end // DAY] - working_days[row.request // DAY]
                    if low <= row.request < high and left > target_days:
                        counted += 1
                    continue
                free -= 1.0
                if low <= row.request < high:
                    counted += 1
                    if working_days[day] - working_days[row.request // DAY] <= target_days:
                        met += 1
        day += 1
    for rank in range(N_CLASS):
        for q in range(first[rank], last[rank]):
            if low <= rows[queue[rank, q]].request < high:
                counted += 1
    return met / counted if counted > 0 else 1.0
