"""Know working days and working hours: which days are worked, and how work time passes.

Working days are those of a country as kept by the `holidays` library: for China public holidays and
weekends that are worked in exchange, after the State Council's yearly notices. Beyond the last notice
the library knows the holidays, not the exchanges.
"""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from params.axes import IntArray
from simulate.engine.compiled import kernel
from simulate.engine.records import DAY, NEVER, OPENING, WORKING_DAY
from simulate.engine.world import World


@lru_cache(maxsize=8)
def working_days(
    start: date, n_day: int, country: str = "CN"
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Tell which of the days from `start` on are worked in a country."""
    import holidays

    days = [start + timedelta(days=k) for k in range(n_day)]
    calendar = holidays.country_holidays(country, years=range(days[0].year, days[-1].year + 1))
    return np.array([calendar.is_working_day(d) for d in days])


@kernel
def working_seconds(w: World, time: int) -> int:
    """Return the working seconds from the start of the run to a moment."""
    return seconds_in(w.work, time)


@kernel
def moment_of(w: World, seconds: int, now: int) -> int:
    """Return the moment after now at which so many working seconds have passed, or `NEVER`."""
    return moment_in(w.work, seconds, now)


@kernel
def seconds_in(work: IntArray, time: int) -> int:
    """Return the working seconds until a moment of those who work by a calendar, shape (day + 1,)."""
    day = time // DAY
    if day >= work.size - 1:
        return work[-1]
    if work[day + 1] == work[day]:
        return work[day]
    return work[day] + min(max(time - day * DAY - OPENING, 0), WORKING_DAY)


@kernel
def moment_in(work: IntArray, seconds: int, now: int) -> int:
    """Return the moment after now at which so many working seconds of a calendar have passed, or `NEVER`."""
    if seconds > work[-1]:
        return NEVER
    day = now // DAY
    while work[day + 1] < seconds:
        day += 1
    return day * DAY + OPENING + seconds - work[day]
