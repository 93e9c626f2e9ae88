"""Lay out how many places a pool has: by date, by the hours of the week, on days of admission.

Two numbers differ where a pool admits on some weekdays only: its *places*, which are reported, and those
that it *gives*, none on the other days; people inside stay. What it gives is all that the event loop reads.
"""

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.network.model import PoolPlan, second_of
from simulate.engine.records import DAY, OPENING, WORKING_DAY
from simulate.engine.world import UNLIMITED

TURN: Final = np.dtype([("time", np.int64), ("pool", np.int64), ("capacity", np.int64)], align=True)
"""From a second on a pool gives so many places."""
WEEK: Final = 7


class Course(NamedTuple):
    """A number that stays the same between moments, seconds; the first is 0."""

    time: IntArray
    value: IntArray


def places_of(pool: PoolPlan, start: dt.date, n_day: int) -> tuple[Course, Course]:
    """Return the places of a pool over a run, and those that it gives."""
    by_date = _by_date(pool, start)
    plain = Course(np.array([t for t, _ in by_date]), np.array([c for _, c in by_date]))
    if not pool.hours and not pool.admits:
        return plain, plain
    week = [_spans(pool, weekday) for weekday in range(1, WEEK + 1)]
    moments: list[int] = []
    places: list[int] = []
    given: list[int] = []
    last = 0
    for day in range(n_day):
        while last + 1 < len(by_date) and by_date[last + 1][0] <= day * DAY:
            last += 1
        usual = by_date[last][1]
        weekday = (start + dt.timedelta(days=day)).weekday()
        admits = not pool.admits or weekday + 1 in pool.admits
        for second, capacity in week[weekday]:
            here = usual if capacity is None else capacity
            moments.append(day * DAY + second)
            places.append(here)
            given.append(here if admits else 0)
    return _merged(moments, places), _merged(moments, given)


def _by_date(pool: PoolPlan, start: dt.date) -> list[tuple[int, int]]:
    """Return capacities by the second from which they hold; one of the very first day counts from 0."""
    result = [(0, _number(pool.capacity))]
    for change in sorted(pool.changes, key=lambda c: c.date):
        time = (change.date - start).days * DAY
        if time == 0:
            result = []
        result.append((time, _number(change.capacity)))
    return result


def _number(capacity: int | str) -> int:
    return UNLIMITED if isinstance(capacity, str) else min(capacity, UNLIMITED)


def _spans(pool: PoolPlan, weekday: int) -> list[tuple[int, int | None]]:
    """Return from which second of a weekday there are how many places; None: as many as usual."""
    if not pool.hours:
        return [(0, None)]
    spans = sorted(
        (second_of(span.opens), second_of(span.closes), span.capacity)
        for span in pool.hours
        if not span.weekdays or weekday in span.weekdays
    )
    result: list[tuple[int, int | None]] = []
    closed = 0
    for opens, closes, capacity in spans:
        if opens > closed or (closed == 0 and opens > 0):
            result.append((closed, 0))
        result.append((opens, None if capacity is None else _number(capacity)))
        closed = closes
    if closed < DAY:
        result.append((closed, 0))
    return result


def _merged(moments: list[int], values: list[int]) -> Course:
    """Drop moments at which nothing changes."""
    time, value = np.array(moments, np.int64), np.array(values, np.int64)
    changed = np.append(True, value[1:] != value[:-1])
    return Course(time[changed], value[changed])


def turns_of(courses: list[Course]) -> tuple[IntArray, NDArray[np.void]]:
    """Return what pools give at first, and their turns in order of time, then pool."""
    opening = np.array([course.value[0] for course in courses], np.int64)
    rows = np.zeros(sum(course.time.size - 1 for course in courses), TURN)
    at = 0
    for pool, course in enumerate(courses):
        n = course.time.size - 1
        rows["time"][at : at + n] = course.time[1:]
        rows["pool"][at : at + n] = pool
        rows["capacity"][at : at + n] = course.value[1:]
        at += n
    order = np.lexsort([rows["pool"], rows["time"]])
    return opening, rows[order].view(np.recarray)


def mean_places(course: Course, bounds: IntArray, clock: IntArray | None = None) -> FloatArray:
    """Return a pool's mean places between bounds, shape (bound - 1,); nan where there is no limit.

    Parameters
    ----------
    clock : seconds that count before each day, if not all do, see `simulate.network.layout.Network.work`.
    """
    limited = np.minimum(course.value, UNLIMITED - 1)
    unlimited = (course.value >= UNLIMITED).astype(np.int64)
    limited = np.where(unlimited > 0, 0, limited)
    length = np.diff(counted(bounds, clock))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _integral(course.time, limited, bounds, clock) / length
        without = _integral(course.time, unlimited, bounds, clock)
    return np.where(without > 0, np.nan, mean)


def _integral(
    time: IntArray, value: IntArray, bounds: IntArray, clock: IntArray | None
) -> IntArray:
    """Return what a course adds up to between bounds, in whole unit-seconds."""
    at = counted(time, clock)
    before = np.concatenate([[0], np.cumsum(value[:-1] * np.diff(at))])
    k = np.searchsorted(time, bounds, side="right") - 1
    so_far = before[k] + value[k] * (counted(bounds, clock) - at[k])
    return np.asarray(np.diff(so_far), np.int64)


def counted(time: IntArray, clock: IntArray | None) -> IntArray:
    """Return how many seconds that count there are before moments."""
    if clock is None:
        return np.asarray(time, np.int64)
    time = np.asarray(time, np.int64)
    day = np.minimum(time // DAY, clock.size - 1)
    worked = clock[np.minimum(day + 1, clock.size - 1)] - clock[day]
    inside = np.clip(time - day * DAY - OPENING, 0, WORKING_DAY)
    return np.asarray(clock[day] + np.minimum(worked, inside), np.int64)
