"""Search the least capacity that serves a year's requests in time.

Who is in service when the year begins stays there, the backlog waits already, and every request has its
class, its size and the time at which its want ends, whatever is done about it. Trials walk from a guess
outwards until the least capacity lies between two of them, then halve the range.

What happens when, and how much is in use where nobody ever waits, is the same in every trial and laid out
once: `year_of`, `events_of`. A trial passes over the blocks of events in which everybody fits, and looks at
single events only while somebody waits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from simulate.engine.compiled import entry, kernel
from simulate.engine.records import N_CLASS, NEVER

REQUEST = np.dtype(
    [
        ("request", np.int32),
        ("start", np.int32),
        ("quit", np.int32),
        ("want_end", np.int32),
        ("size", np.int16),
        ("rank", np.int8),
        ("of", np.int8),
    ],
    align=True,
)
"""A request ``of`` a resource as the replay sees it; ``quit`` is when its person gave up waiting, or
`NEVER`."""

OTHER_YEAR, LONG_WANT, SHORT_WANT = range(3)
"""How a request counts: not at all; in any case; only if served, because its want ends before the
target of its wait."""

ITEM = np.dtype(
    [
        ("due", np.int32),
        ("gone", np.int32),
        ("asks", np.int32),
        ("leaves", np.int32),
        ("size", np.int16),
        ("missed", np.int16),
        ("counts", np.int8),
    ],
    align=True,
)
"""Somebody who waits when a year begins or asks in it: when they are ``due`` to be served and when they
are ``gone`` unless they were, the events at which each ``asks`` (0: before) and the want ends (`NEVER`:
none, it goes on), and the last trial that ``missed`` them. Items lie class by class, each class in order
of request, and one more stands for those in service when the year begins."""

EVENT = np.dtype(
    [("time", np.int32), ("who", np.int32), ("use", np.int32), ("matters", np.int32)], align=True
)
"""Somebody asks (``who`` is the complement of their class) or a want ends (``who`` is its item above
`CLASS_BITS` and its class below); ``use`` is the size of all who would be there after it, had nobody ever
waited, and ``matters`` the next event that may change something while somebody waits."""
CLASS_BITS = 3
CLASS_MASK = (1 << CLASS_BITS) - 1
"""Also the class of those in service when the year begins: they share one item and are never missed."""
END_BITS = 32
"""An end of a want is one number: its time above, below it item and class, or `HELD_BIT` and a size."""
HELD_BIT = 1 << (END_BITS - 1)
END_MASK = HELD_BIT - 1
MOST_USE = NEVER - 1
"""Size that an event can tell."""
BLOCK = 64
"""Events that a trial may pass over at once."""
NO_TRIAL = -1
NOBODY = -1
"""Less than any use: nobody asks in a block."""
WIDTH = 128
"""The first step outwards from a guess is so small a part of it."""


class Year(NamedTuple):
    """A year's requests, laid out for every trial."""

    items: NDArray[np.void]
    """Who waits when the year begins and who asks until its last request is judged."""
    begin: IntArray
    """Where the items of each class begin and the last ones end, shape (class + 1,)."""
    came: IntArray
    """Where those begin who ask in the year, shape (class,)."""
    ends: IntArray
    """Ends of wants until the last request is judged, see `HELD_BIT`; `year_of` leaves them in no order."""
    held: int
    """Size of those who are in service when the year begins."""
    total: int
    """Size of everybody."""
    begun: int
    """The first of the year's requests."""
    asked: int
    """Behind the last of them and of those that still compete with them."""


class Course(NamedTuple):
    """What happens in a year, whatever the capacity, and what a trial notes of it."""

    events: NDArray[np.void]
    """The first is the beginning of the year."""
    crest: IntArray
    """The highest use at which somebody asks, shape (block,)."""
    turns: IntArray
    """The first items that ask from a block's beginning on, shape (block, class)."""
    leaving: IntArray
    """Scratch of a trial, zeros when it begins, shape (block,)."""


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
    targets: IntArray,
    share: float,
    step: int,
    guess: int,
) -> int:
    """Search the smallest capacity that meets the share of a year's requests in time.

    Parameters
    ----------
    requests : requests of one district and resource, or of several in one queue, in order of request.
    low, high : the year, seconds.
    targets : ndarray, shape (resource,), targets of a wait, seconds: each request has that of its resource.
    step : resolution of the capacity.
    guess : where to start looking, for example the year before; 0 starts at those in service.
    """
    year = year_of(requests, low, high, targets)
    if year.total > MOST_USE:
        msg = f"requests of a year have a size of {year.total}, more than 32 bits can count"
        raise AssertionError(msg)
    year.ends.sort()
    return least_of(requests[year.begun : year.asked], year[:], low, share, step, guess)


@entry
def year_of(requests: NDArray[np.void], low: int, high: int, targets: IntArray) -> Year:
    """Lay out a year's requests; others compete with them until the longest target has passed."""
    longest = 0
    for request in requests:
        longest = max(longest, targets[request.of])
    stop = high + longest
    begun, asked = first_from(requests, low), first_from(requests, stop)
    ends = np.empty(asked, np.int64)
    waiting = np.empty(begun, np.int64)
    n_end, n_waiting, held = 0, 0, 0
    for i in range(begun):
        request = requests[i]
        # Numbers in place of branches, which would go either way by chance.
        alive = int(min(request.want_end, request.quit) > low)
        there = alive & int(request.start <= low)
        held += request.size * there
        ends[n_end] = (int(request.want_end) << END_BITS) | HELD_BIT | request.size
        n_end += there & int(request.want_end < stop)
        waiting[n_waiting] = i
        n_waiting += alive - there
    begin = np.zeros(N_CLASS + 1, np.int64)
    for j in range(n_waiting):
        begin[requests[waiting[j]].rank % N_CLASS + 1] += 1
    came = np.empty(N_CLASS, np.int64)
    for rank in range(N_CLASS):
        came[rank] = begin[rank + 1]
    for i in range(begun, asked):
        begin[requests[i].rank % N_CLASS + 1] += 1
    for rank in range(N_CLASS):
        begin[rank + 1] += begin[rank]
        came[rank] += begin[rank]
    items = np.empty(begin[N_CLASS] + 1, ITEM)
    items[begin[N_CLASS]].missed = NO_TRIAL
    at, total = begin.copy(), held
    for j in range(n_waiting + asked - begun):
        request = requests[waiting[j] if j < n_waiting else begun + j - n_waiting]
        rank = request.rank % N_CLASS
        item = items[at[rank]]
        item.gone = min(request.want_end, request.quit)
        item.due = request.request + targets[request.of]
        item.asks, item.leaves = 0, NEVER
        item.missed = NO_TRIAL
        total += request.size
        # Nobody is served who is gone on asking.
        wants = int(item.gone > request.request)
        item.size = request.size * wants
        own = wants & int(low <= request.request) & int(request.request < high)
        item.counts = own * (LONG_WANT if item.gone > item.due else SHORT_WANT)
        ends[n_end] = (int(request.want_end) << END_BITS) | (at[rank] << CLASS_BITS) | rank
        n_end += request.want_end < stop
        at[rank] += 1
    return Year(items, begin, came, ends[:n_end], held, total, begun, asked)


@kernel
def first_from(requests: NDArray[np.void], moment: int) -> int:
    """Return the first of the requests, which are in order, that is not before a moment."""
    first, last = 0, requests.size
    while first < last:
        middle = (first + last) // 2
        if requests[middle].request < moment:
            first = middle + 1
        else:
            last = middle
    return first


@entry
def least_of(
    asking: NDArray[np.void],
    laid_out: tuple[NDArray[np.void], IntArray, IntArray, IntArray, int, int, int, int],
    low: int,
    share: float,
    step: int,
    guess: int,
) -> int:
    """Search the smallest capacity for a `Year`, its ends in order.

    It comes as the plain tuple `year[:]`: this is called for every place and year, and numba takes longer
    to look at a tuple with names.
    """
    year = Year(*laid_out)
    items, begin, held = year.items, year.begin, year.held
    course = events_of(asking, year, low)
    link(course.events, items, begin)
    n_long, n_short = 0, 0
    for k in range(begin[N_CLASS]):
        item = items[k]
        n_long += item.counts == LONG_WANT
        n_short += item.counts == SHORT_WANT
    most_late = (1.0 - share) * (n_long + n_short) + 1.0
    least, enough = 0, year.total // step + 1
    guess = guess if guess > 0 else held
    width = max(1, guess // step // WIDTH)
    trial, n_trial = min(max(guess // step, 0), enough), 0
    while least < enough:
        n_trial += 1
        for block in range(course.leaving.size):
            course.leaving[block] = 0
        late, lost = serve(items, course, begin, held, most_late, trial * step, n_trial)
        counted = n_long + n_short - lost
        if late <= most_late and (counted == 0 or share <= (counted - late) / counted):
            enough, outwards = trial, trial - width
        else:
            least, outwards = trial + 1, trial + width
        trial = next_trial(least, enough, outwards, width)
        width = 2 * width if trial == outwards else 0
    return least * step


@kernel
def events_of(asking: NDArray[np.void], year: Year, low: int) -> Course:
    """Merge requests and ends; an end comes before a request of the same moment."""
    items, begin, came, ends = year.items, year.begin, year.came, year.ends
    n_event = 1 + asking.size + ends.size
    n_block = (n_event + BLOCK - 1) // BLOCK
    events = np.empty(n_event, EVENT)
    crest = np.full(n_block, NOBODY)
    turns = np.empty((n_block, N_CLASS), np.int64)
    nobody = (begin[N_CLASS] << CLASS_BITS) | CLASS_MASK
    use = year.held
    for rank in range(N_CLASS):
        for k in range(begin[rank], came[rank]):
            use += items[k].size
    at = came.copy()
    asked, ended = 0, 0
    for e in range(n_event):
        event = events[e]
        if e % BLOCK == 0:
            for rank in range(N_CLASS):
                turns[e // BLOCK, rank] = at[rank]
        if e == 0:
            event.time, event.who = low, nobody
        elif ended < ends.size and (
            asked == asking.size or ends[ended] >> END_BITS <= asking[asked].request
        ):
            event.time = ends[ended] >> END_BITS
            if ends[ended] & HELD_BIT:
                event.who = nobody
                use -= ends[ended] & END_MASK
            else:
                event.who = ends[ended] & END_MASK
                item = items[event.who >> CLASS_BITS]
                item.leaves = e
                use -= item.size
            ended += 1
        else:
            rank = asking[asked].rank % N_CLASS
            event.time, event.who = asking[asked].request, ~rank
            items[at[rank]].asks = e
            use += items[at[rank]].size
            at[rank] += 1
            asked += 1
            crest[e // BLOCK] = max(crest[e // BLOCK], use)
        event.use = use
    return Course(events, crest, turns, np.empty(n_block, np.int64))


@kernel
def link(events: NDArray[np.void], items: NDArray[np.void], begin: IntArray) -> None:
    """Let each event tell the next one that can matter to those who wait.

    That somebody asks does not matter where all are of one size, or no class comes after theirs.
    """
    last_rank, size, one_size = 0, 0, True
    for rank in range(N_CLASS):
        for k in range(begin[rank], begin[rank + 1]):
            last_rank = rank
            if items[k].size > 0:
                one_size = one_size and (size == 0 or size == items[k].size)
                size = items[k].size
    if one_size:
        last_rank = 0
    following = events.size
    for e in range(events.size - 1, -1, -1):
        events[e].matters = following
        if ~events[e].who < last_rank:
            following = e


@kernel
def serve(
    items: NDArray[np.void],
    course: Course,
    begin: IntArray,
    used: int,
    most_late: float,
    capacity: int,
    trial: int,
) -> tuple[int, int]:
    """Serve a year's requests from a pool; return how many are late and how many short wants are lost.

    Those who were never served are absent from the use that the events tell, until their wants end:
    `absent` is their size now, `leaving` that of those who cease to be in a block. It ends early when so
    many are late that the share cannot be met any more.
    """
    events, crest, turns, leaving = course
    first = np.full(CLASS_MASK + 1, NEVER)
    for r in range(N_CLASS):
        first[r] = begin[r]
    e, absent, late, lost = 0, 0, 0, 0
    while late <= most_late:
        # Everybody whose turn has come and who fits.
        now, rank = events[e].time, 0
        while rank < N_CLASS:
            k = first[rank]
            item = items[k]
            if k == begin[rank + 1] or item.asks > e:
                rank += 1
                continue
            if item.gone > now:
                if used + item.size > capacity:
                    break
                used += item.size
                late += item.counts == LONG_WANT and item.due < now
            else:
                late += item.counts == LONG_WANT
                lost += item.counts == SHORT_WANT
                item.missed = trial
                if item.leaves > e:
                    absent += item.size
                    if item.leaves < events.size:
                        leaving[item.leaves // BLOCK] += item.size
            first[rank] = k + 1
        if rank == N_CLASS:
            e, absent = next_to_wait(items, events, crest, leaving, e, absent, capacity, trial)
            if e == events.size:
                break
            find_turns(events, turns, first, e)
            used = events[e].use - absent - items[first[~events[e].who]].size
            continue
        # Somebody waits, until something becomes free, or who comes before them asks, or they are gone.
        gone = items[first[rank]].gone
        while e < events.size:
            ahead = events[e].matters
            e = ahead if ahead < events.size and events[ahead].time < gone else e + 1
            if e == events.size or events[e].who < 0:
                break
            k = events[e].who >> CLASS_BITS
            if k < first[events[e].who & CLASS_MASK]:
                size = events[e - 1].use - events[e].use
                if items[k].missed != trial:
                    used -= size
                    break
                absent -= size
        if e == events.size:
            for r in range(N_CLASS):
                for k in range(first[r], begin[r + 1]):
                    late += items[k].counts == LONG_WANT
                    lost += items[k].counts == SHORT_WANT
            break
    return late, lost


@kernel
def next_to_wait(
    items: NDArray[np.void],
    events: NDArray[np.void],
    crest: IntArray,
    leaving: IntArray,
    e: int,
    absent: int,
    capacity: int,
    trial: int,
) -> tuple[int, int]:
    """Return the next event at which somebody asks who does not fit, and who is absent by then.

    Nobody waits before, so that all who are not absent are there.
    """
    e += 1
    while e < events.size:
        if e % BLOCK == 0:
            block = e // BLOCK
            while block < crest.size and crest[block] - absent + leaving[block] <= capacity:
                absent -= leaving[block]
                block += 1
            e = block * BLOCK
            if e >= events.size:
                break
        if events[e].who < 0:
            if events[e].use - absent > capacity:
                return e, absent
        elif items[events[e].who >> CLASS_BITS].missed == trial:
            absent -= events[e - 1].use - events[e].use
        e += 1
    return events.size, absent


@kernel
def find_turns(events: NDArray[np.void], turns: IntArray, first: IntArray, e: int) -> None:
    """Note whose turn is next in each class when all have been served who asked before an event."""
    for rank in range(N_CLASS):
        first[rank] = turns[e // BLOCK, rank]
    for j in range(e - e % BLOCK, e):
        if events[j].who < 0:
            first[~events[j].who] += 1
