"""Search the least steady rate of assessments that finishes a year's applications in time.

Cases of a class are served in order of application, so that of most of them only the day, the class and
whether they count matter: `Line` counts them. Those who may be gone before their turn are kept one by one.
Renewals stand in line with the others but do not count: care goes on while they wait.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from simulate.engine.compiled import entry, kernel
from simulate.engine.records import DAY, N_CLASS, NEVER
from simulate.measure.gaps.least import WIDTH, next_trial

SMALLEST_PART = 0.01
"""Cases a working day: far below one assessor."""

WAITER = np.dtype(
    [
        ("request", np.int32),
        ("start", np.int32),
        ("want_end", np.int32),
        ("place", np.int32),
        ("rank", np.int8),
        ("renews", np.int8),
    ],
    align=True,
)
"""An application that waits when a year begins or is never assessed; so many of its class precede it."""

LEAVER = np.dtype(
    [
        ("place", np.int32),
        ("gone", np.int32),
        ("counts", np.int8),
        ("late", np.int8),
    ],
    align=True,
)
"""A case that is given up on the day ``gone``, unless its turn comes before; whether it counts, and
whether as late, when it is gone."""


class Line(NamedTuple):
    """The applications of one district, from the first one on."""

    came: NDArray[np.int32]
    """Those of a class before each day; shape (day + 1, class)."""
    waiters: NDArray[np.void]
    """Those of `WAITER`, in order of application."""
    judged: NDArray[np.int32]
    """Those of a class before each place of it that count, class by class, with one more place each."""


class Contest(NamedTuple):
    """The year's queue and who leaves it, from the first day of the year on."""

    queue: IntArray
    """How many of a class wait or came before each day, shape (day + 1, class)."""
    judged: NDArray[np.int32]
    """How many of a class before a place count; as in `Line`."""
    place: IntArray
    """Where the first in the year's queue of a class would stand in ``judged``, shape (class,)."""
    leavers: NDArray[np.void]
    """Those of `LEAVER`, class by class."""
    leave: IntArray
    """Where the leavers of each class begin and the last ones end, shape (class + 1,)."""
    begun: int
    """The first day of the year."""
    over: int
    """The first day after it."""


def least_cases(
    line: Line,
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
    low, high : the year, seconds, both at midnight.
    working_days : ndarray, working days before each day.
    target_days : target of an assessment, working days.
    guess : where to start looking, for example the year before; 0 starts at what comes in a day.
    """
    found: float = least_rate(*line, (low, high), working_days, target_days, share, guess)
    return found


@entry
def least_rate(
    came: NDArray[np.int32],
    waiters: NDArray[np.void],
    judged: NDArray[np.int32],
    year: tuple[int, int],
    working_days: IntArray,
    target_days: int,
    share: float,
    guess: float,
) -> float:
    """Search the cases a working day for the arrays of a `Line`."""
    low, high = year
    backlog, leavers, leave = leavers_of(came, waiters, low, high, working_days, target_days)
    begun, over = low // DAY, high // DAY
    until = min(over + 2 * target_days, len(came) - 1)
    queue = came_after(came, backlog, begun, until)
    n = 0
    for in_class in queue[-1]:
        n += in_class
    place, first = np.zeros(N_CLASS, np.int64), 0
    for rank in range(N_CLASS):
        place[rank] = first + came[begun, rank] - backlog[rank]
        first += came[-1, rank] + 1
    contest = Contest(queue, judged, place, leavers, leave, begun, over)
    least, enough = 0, 1
    while n / enough > SMALLEST_PART:
        enough *= 2
    part = n / enough
    if guess <= 0.0:
        guess = n / max(working_days[over] - working_days[begun], 1)
    # All of them in a day are enough; none at all are not.
    least = 1
    trial = min(max(int(guess / part), least), enough) if part > 0.0 else least
    width = max(1, trial // WIDTH)
    while least < enough:
        if assesses_in_time(contest, working_days, target_days, share, trial * part):
            enough, outwards = trial, trial - width
        else:
            least, outwards = trial + 1, trial + width
        trial = next_trial(least, enough, outwards, width)
        width = 2 * width if trial == outwards else 0
    return enough * part


@kernel
def leavers_of(
    came: NDArray[np.int32],
    waiters: NDArray[np.void],
    low: int,
    high: int,
    working_days: IntArray,
    target_days: int,
) -> tuple[IntArray, NDArray[np.void], IntArray]:
    """Return the backlog of each class, who may be gone before their turn, and where each class begins.

    Leavers lie class by class; their places are those in the year's queue of their class, in which
    the backlog comes first.
    """
    backlog = np.zeros(N_CLASS, np.int64)
    leave = np.zeros(N_CLASS + 1, np.int64)
    for waiter in waiters:
        waits = waiter.request < low and waiter.start > low and waiter.want_end > low
        backlog[waiter.rank] += waits
        if waits or low <= waiter.request < high + 2 * target_days * DAY:
            leave[waiter.rank + 1] += waiter.start == NEVER and waiter.want_end < NEVER
    for rank in range(N_CLASS):
        leave[rank + 1] += leave[rank]
    leavers = np.empty(leave[N_CLASS], LEAVER)
    at, place = leave.copy(), np.zeros(N_CLASS, np.int64)
    for waiter in waiters:
        rank, day = waiter.rank, waiter.request // DAY
        waits = waiter.request < low and waiter.start > low and waiter.want_end > low
        place[rank] += waits
        if not waits and not low <= waiter.request < high + 2 * target_days * DAY:
            continue
        if waiter.start < NEVER or waiter.want_end == NEVER:
            continue
        leaver = leavers[at[rank]]
        at[rank] += 1
        leaver.place = place[rank] - 1
        if not waits:
            leaver.place = backlog[rank] + waiter.place - came[low // DAY, rank]
        leaver.gone = (waiter.want_end - 1) // DAY + 1
        last_day = min(waiter.want_end // DAY, working_days.size - 1)
        leaver.counts = low <= waiter.request < high and not waiter.renews
        # Gone before its turn: a failure only if that was after the target.
        waited = working_days[last_day] - working_days[day]
        leaver.late = leaver.counts and waited > target_days
    return backlog, leavers, leave


@kernel
def came_after(
    came: NDArray[np.int32], backlog: IntArray, begun: int, until: int
) -> NDArray[np.int64]:
    """Return how many of a class wait or came before each day since one, shape (day + 1, class)."""
    queue = np.empty((until - begun + 1, N_CLASS), np.int64)
    for day in range(begun, until + 1):
        for rank in range(N_CLASS):
            queue[day - begun, rank] = backlog[rank] + came[day, rank] - came[begun, rank]
    return queue


@kernel
def assesses_in_time(
    contest: Contest, working_days: IntArray, target_days: int, share: float, a_day: float
) -> bool:
    """Finish cases at a steady rate in working time; say whether the share is done in time.

    It ends early when so many are late that the share cannot be met any more.
    """
    queue, judged, place, leavers, leave, begun, over = contest
    own_end = queue[min(over - begun, len(queue) - 1)]
    first, next_leaver = np.zeros(N_CLASS, np.int64), leave.copy()
    n_own = 0
    for rank in range(N_CLASS):
        n_own += count_judged(judged, place[rank], queue[0, rank], own_end[rank])
    most_late = (1.0 - share) * n_own + 1.0
    late, spared, in_time = 0, 0, 0
    free = 0.0
    end = min(over + 2 * target_days, working_days.size - 2)
    for day in range(begun, end):
        if working_days[day + 1] == working_days[day]:
            continue
        while working_days[begun + in_time] + target_days < working_days[day]:
            in_time += 1
        free = min(free, 1.0) + a_day
        for rank in range(N_CLASS):
            last = queue[min(day + 1 - begun, len(queue) - 1), rank]
            while free >= 1.0 and first[rank] < last:
                k, turn = first[rank], last
                if next_leaver[rank] < leave[rank + 1]:
                    leaver = leavers[next_leaver[rank]]
                    turn = min(last, leaver.place)
                    if k == leaver.place:
                        next_leaver[rank] += 1
                        turn = k + 1
                        if leaver.gone <= day:
                            late += leaver.late
                            spared += leaver.counts and not leaver.late
                            first[rank] = turn
                            continue
                n = min(turn - k, int(free))
                free -= n
                first[rank] = k + n
                # Before this place they are late; those of the backlog do not count.
                in_time_from = queue[min(in_time, len(queue) - 1), rank]
                late += count_judged(
                    judged,
                    place[rank],
                    max(k, queue[0, rank]),
                    min(k + n, in_time_from, own_end[rank]),
                )
        if late > most_late:
            return False
    counted = -spared
    asked = queue[max(0, min(end - begun, len(queue) - 1))]
    for rank in range(N_CLASS):
        last = min(asked[rank], own_end[rank])
        counted += count_judged(judged, place[rank], queue[0, rank], last)
        late += count_judged(judged, place[rank], max(first[rank], queue[0, rank]), last)
    return counted == 0 or share <= (counted - late) / counted


@kernel
def count_judged(judged: NDArray[np.int32], place: int, first: int, last: int) -> int:
    """Return how many of a class count from one place of the year's queue up to another."""
    return int(judged[place + last] - judged[place + first]) if last > first else 0
