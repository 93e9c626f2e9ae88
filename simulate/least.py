"""Search the least capacity that serves a year's requests in time.

Who is in service when the year begins stays there, the backlog waits already, and every request has its
class, its size and the time at which its want ends, whatever is done about it. Trials walk from a guess
outwards until the least capacity lies between two of them, then halve the range.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from simulate.compiled import entry, kernel
from simulate.records import DAY, N_CLASS, NEVER

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

OTHER_YEAR, LONG_WANT, SHORT_WANT = range(3)
"""How a request counts: not at all; in any case; only if served, because its want ends before the
target of its wait."""

ITEM = np.dtype(
    [
        ("request", np.int32),
        ("gone", np.int32),
        ("size", np.int32),
        ("served", np.int16),
        ("rank", np.int8),
        ("counts", np.int8),
    ],
    align=True,
)
"""A request of one year: ``gone`` is when it stops waiting, ``served`` the last trial that served it."""
HELD = (1 << 15) - 1
"""Served in every trial: in service when the year begins."""
ITEM_BITS = 32
ITEM_MASK = (1 << ITEM_BITS) - 1

CASE = np.dtype(
    [
        ("day", np.int32),
        ("latest", np.int32),
        ("gone", np.int32),
        ("rank", np.int8),
        ("counts", np.int8),
        ("counts_gone", np.int8),
    ],
    align=True,
)
"""An application for assessment: its ``day``, the ``latest`` working day in time, the day on which it is
``gone`` before its turn, and whether it counts at all and when it is gone."""
WIDTH = 128
"""The first step outwards from a guess is so small a part of it."""
SMALLEST_PART = 0.01
"""Cases a working day: far below one assessor."""
NEVER_DAY = NEVER // DAY + 1


@kernel
def next_trial(least: int, enough: int, trial: int, width: int) -> int:
    """Return what to try next: a step further outwards while that is between, else the middle."""
    if width > 0 and least < trial < enough:
        return trial
    return (least + enough) // 2


def least_size(
    requests: NDArray[np.void],
    low: int,
    high: int,
    target: int,
    share: float,
    step: int,
    guess: int,
) -> int:
    """Search the smallest capacity that meets the share of a year's requests in time.

    Parameters
    ----------
    requests : requests of one district and resource in order of request.
    low, high : the year, seconds.
    target : target of a wait, seconds.
    step : resolution of the capacity.
    guess : where to start looking, for example the year before; 0 starts at those in service.
    """
    items, ends, n_open = items_of(requests, low, high, target)
    ends.sort()
    return least_of(items, ends, n_open, low, high, target, share, step, guess)


@entry
def least_of(
    items: NDArray[np.void],
    ends: IntArray,
    n_open: int,
    low: int,
    high: int,
    target: int,
    share: float,
    step: int,
    guess: int,
) -> int:
    """Search the smallest capacity for the requests of a year that `items_of` found."""
    turn, begin = by_class(items, n_open)
    held, total, n_long, n_short = 0, 0, 0, 0
    for k in range(items.size):
        total += items[k].size
        held += items[k].size if k >= n_open else 0
        n_long += items[k].counts == LONG_WANT
        n_short += items[k].counts == SHORT_WANT
    most_late = (1.0 - share) * (n_long + n_short) + 1.0
    least, enough = 0, total // step + 1
    guess = guess if guess > 0 else held
    width = max(1, guess // step // WIDTH)
    trial, n_trial = min(max(guess // step, 0), enough), 0
    while least < enough:
        n_trial += 1
        late, short = serve(
            items, ends, n_open, turn, begin, low, high + target, target, held, most_late,
            trial * step, n_trial,
        )  # fmt: skip
        counted = n_long + short
        if late <= most_late and (counted == 0 or share <= (counted - late) / counted):
            enough, outwards = trial, trial - width
        else:
            least, outwards = trial + 1, trial + width
        trial = next_trial(least, enough, outwards, width)
        width = 2 * width if trial == outwards else 0
    return least * step


@entry
def items_of(
    requests: NDArray[np.void], low: int, high: int, target: int
) -> tuple[NDArray[np.void], IntArray, int]:
    """Return a year's requests, the ends of their wants, and how many are not held.

    Those who are in service when the year begins come last. An end is one number: the time above
    `ITEM_BITS`, the position of the request below.
    """
    n, n_open, n_held = 0, 0, 0
    while n < requests.size and requests[n].request < high + target:
        request = requests[n]
        if min(request.want_end, request.quit) > low:
            if request.request < low and request.start <= low:
                n_held += 1
            else:
                n_open += 1
        n += 1
    items = np.empty(n_open + n_held, ITEM)
    ends = np.empty(n_open + n_held, np.int64)
    n_item, n_end, held_at = 0, 0, n_open
    for r in range(n):
        request = requests[r]
        gone = min(request.want_end, request.quit)
        if gone <= low:
            continue
        held = request.request < low and request.start <= low
        k = held_at if held else n_item
        if held:
            held_at += 1
        else:
            n_item += 1
        item = items[k]
        item.request = request.request
        item.gone = gone
        item.size = request.size
        item.rank = request.rank % N_CLASS
        item.served = HELD if held else 0
        item.counts = OTHER_YEAR
        if low <= request.request < high:
            item.counts = LONG_WANT if gone - request.request > target else SHORT_WANT
        if request.want_end < high + target:
            ends[n_end] = (int(request.want_end) << ITEM_BITS) | k
            n_end += 1
    return items, ends[:n_end], n_open


@kernel
def by_class(items: NDArray[np.void], n: int) -> tuple[IntArray, IntArray]:
    """Return the first n items class by class, and where each class begins and the last one ends."""
    begin = np.zeros(N_CLASS + 1, np.int64)
    for k in range(n):
        begin[items[k].rank + 1] += 1
    for rank in range(N_CLASS):
        begin[rank + 1] += begin[rank]
    at = begin.copy()
    turn = np.empty(n, np.int64)
    for k in range(n):
        rank = items[k].rank
        turn[at[rank]] = k
        at[rank] += 1
    return turn, begin


@kernel
def serve(
    items: NDArray[np.void],
    ends: IntArray,
    n_open: int,
    turn: IntArray,
    begin: IntArray,
    low: int,
    stop: int,
    target: int,
    used: int,
    most_late: float,
    capacity: int,
    trial: int,
) -> tuple[int, int]:
    """Serve a year's requests from a pool; return how many are late and how many short wants are met.

    It ends early when so many are late that the share cannot be met any more.
    """
    first, last = begin[:N_CLASS].copy(), begin[:N_CLASS].copy()
    late, short = 0, 0
    asked, ended, judged = 0, 0, 0
    while asked < n_open and items[asked].request < low:
        last[items[asked].rank] += 1
        asked += 1
    now = low
    while now < stop and late <= most_late:
        # Everybody whose turn has come and who fits.
        rank = 0
        while rank < N_CLASS:
            if first[rank] == last[rank]:
                rank += 1
                continue
            item = items[turn[first[rank]]]
            if item.gone > now:
                if used + item.size > capacity:
                    break
                used += item.size
                item.served = trial
                short += item.counts == SHORT_WANT
            first[rank] += 1
        asks = items[asked].request if asked < n_open else NEVER
        while ended < ends.size and ends[ended] >> ITEM_BITS <= asks:
            item = items[ends[ended] & ITEM_MASK]
            if item.served >= trial:
                break
            # Gone without having been served: nothing becomes free.
            ended += 1
        if ended < ends.size and ends[ended] >> ITEM_BITS <= asks:
            now = ends[ended] >> ITEM_BITS
            used -= items[ends[ended] & ITEM_MASK].size
            ended += 1
        else:
            now = asks
            if asked < n_open:
                last[items[asked].rank] += 1
                asked += 1
        while judged < asked and items[judged].request + target < now:
            late += items[judged].counts == LONG_WANT and items[judged].served < trial
            judged += 1
    return late, short


@entry
def least_cases(
    requests: NDArray[np.void],
    low: int,
    high: int,
    working_days: IntArray,
    target_days: int,
    share: float,
    guess: float,
) -> float:
    """Search the cases a working day that finish the share of a year's applications in time.

    The range from none to all of them in a day is cut into equal parts, a power of two of them and none
    above `SMALLEST_PART`.

    Parameters
    ----------
    working_days : ndarray, working days before each day.
    target_days : target of an assessment, working days.
    guess : where to start looking, for example the year before; 0 starts at what comes in a day.
    """
    cases = cases_of(requests, low, high, working_days, target_days)
    turn, begin = by_class(cases, cases.size)
    least, enough = 0, 1
    while cases.size / enough > SMALLEST_PART:
        enough *= 2
    part = cases.size / enough
    if guess <= 0.0:
        days = working_days[high // DAY] - working_days[low // DAY]
        guess = cases.size / max(days, 1)
    # All of them in a day are enough; none at all are not.
    least = 1
    trial = min(max(int(guess / part), least), enough) if part > 0.0 else least
    width = max(1, trial // WIDTH)
    while least < enough:
        if assesses_in_time(
            cases, turn, begin, low, high, working_days, target_days, share, trial * part
        ):
            enough, outwards = trial, trial - width
        else:
            least, outwards = trial + 1, trial + width
        trial = next_trial(least, enough, outwards, width)
        width = 2 * width if trial == outwards else 0
    return enough * part


@kernel
def cases_of(
    requests: NDArray[np.void], low: int, high: int, working_days: IntArray, target_days: int
) -> NDArray[np.void]:
    """Return the year's own cases, those who wait when it begins, and some that come after it."""
    cases = np.empty(requests.size, CASE)
    n = 0
    for request in requests:
        if request.request >= high + 3 * target_days * DAY:
            break
        if request.request < low and (request.start <= low or request.want_end <= low):
            continue
        case = cases[n]
        n += 1
        case.day = request.request // DAY
        asked = working_days[case.day]
        case.latest = asked + target_days
        case.rank = request.rank % N_CLASS
        case.counts = low <= request.request < high
        case.gone = NEVER_DAY
        case.counts_gone = 0
        if request.start == NEVER and request.want_end < NEVER:
            last_day = min(request.want_end // DAY, working_days.size - 1)
            case.gone = (request.want_end - 1) // DAY + 1
            # Gone before its turn: a failure only if that was after the target.
            case.counts_gone = case.counts and working_days[last_day] - asked > target_days
    return cases[:n]


@kernel
def assesses_in_time(
    cases: NDArray[np.void],
    turn: IntArray,
    begin: IntArray,
    low: int,
    high: int,
    working_days: IntArray,
    target_days: int,
    share: float,
    a_day: float,
) -> bool:
    """Finish cases at a steady rate in working time; say whether the share is done in time.

    It ends early when so many are late that the share cannot be met any more.
    """
    n = 0
    for case in cases:
        n += case.counts
    most_late = (1.0 - share) * n + 1.0
    first, last = begin[:N_CLASS].copy(), begin[:N_CLASS].copy()
    counted, late, asked = 0, 0, 0
    free = 0.0
    for day in range(low // DAY, min(high // DAY + 2 * target_days, working_days.size - 2)):
        while asked < cases.size and cases[asked].day <= day:
            last[cases[asked].rank] += 1
            asked += 1
        if working_days[day + 1] == working_days[day]:
            continue
        free = min(free, 1.0) + a_day
        rank = 0
        while free >= 1.0 and rank < N_CLASS:
            if first[rank] == last[rank]:
                rank += 1
                continue
            case = cases[turn[first[rank]]]
            first[rank] += 1
            if case.gone <= day:
                counted += case.counts_gone
                late += case.counts_gone
                continue
            free -= 1.0
            counted += case.counts
            late += case.counts and working_days[day] > case.latest
        if late > most_late:
            return False
    for rank in range(N_CLASS):
        for k in range(first[rank], last[rank]):
            counted += cases[turn[k]].counts
            late += cases[turn[k]].counts
    return counted == 0 or share <= (counted - late) / counted
