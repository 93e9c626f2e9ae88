"""Place months, years and working days on the axis of seconds.

The axis starts with the warm-up, two years before the release on 1 January after the base year; which
days are worked `simulate.engine.worktime` knows.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.people.projection import WARM_UP_YEARS, last_projected_year
from params.axes import CITY, FloatArray, IntArray
from params.inputs import Inputs
from params.tables.districts import area_of
from simulate.engine.records import DAY, WORKING_DAY
from simulate.engine.worktime import working_days


@dataclass(frozen=True)
class Calendar:
    """Boundaries in seconds since the start of the warm-up.

    Attributes
    ----------
    start : first day of the warm-up.
    release : 1 January after the base year, when reporting starts.
    horizon : end of the last reported year; end : end of its follow-up, and of the run.
    followed : ndarray, shape (year,), end of every reported year's follow-up, `Inputs.follow_up_months`
        after it: what its requests came to is judged by what is known then.
    month_start : ndarray, shape (month + 1,), from the release to `end`.
    warm_month_start : the same from the start of the warm-up.
    year_start : ndarray, shape (year + 1,), from the start of the warm-up.
    work : ndarray, shape (day + 1,), working seconds before each day: on days when assessors work anywhere.
    office_work : ndarray, shape (row, day + 1), the same for districts whose assessors work on the same days.
    office_row : ndarray, shape (district,), the row of each district.
    """

    start: date
    release: int
    horizon: int
    end: int
    followed: IntArray
    month_start: IntArray
    warm_month_start: IntArray
    year_start: IntArray
    work: FloatArray
    office_work: FloatArray
    office_row: IntArray

    @property
    def n_reported_months(self) -> int:
        """Months from the release to the horizon."""
        return int(np.searchsorted(self.month_start, self.horizon))

    @property
    def month_share(self) -> FloatArray:
        """Share of its year that each month from the start of the warm-up on takes, shape (month,)."""
        months = self.warm_month_start
        years = np.diff(self.year_start)
        return np.asarray(np.diff(months) / years[np.arange(months.size - 1) // 12])

    def seconds(self, day: date) -> int:
        """Return the second at which a day starts."""
        return (day - self.start).days * DAY


def make_calendar(inputs: Inputs) -> Calendar:
    """Build the calendar of a scenario.

    Pauses of the assessors, and events in which none of them works, are days without work.
    """
    first = inputs.city.base_year + 1
    start = date(first - WARM_UP_YEARS, 1, 1)
    last, follow_up = inputs.last_year, inputs.follow_up_months

    def at(year: int, month: int = 1) -> int:
        return (date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - start).days * DAY

    followed = np.array([at(year + 1, 1 + follow_up) for year in range(first, last + 1)])
    end = int(followed[-1])
    n_month = (last - start.year + 1) * 12 + follow_up
    warm = np.array([at(start.year, m + 1) for m in range(n_month + 1)])
    release = at(first)
    worked = office_days_worked(
        inputs, start, working_days(start, end // DAY, inputs.city.holidays)
    )
    rows, row_of = np.unique(worked, axis=0, return_inverse=True)
    return Calendar(
        start=start,
        release=release,
        horizon=at(last + 1),
        end=end,
        followed=followed,
        month_start=warm[warm >= release],
        warm_month_start=warm,
        year_start=np.array([at(y) for y in range(start.year, last_projected_year(inputs) + 2)]),
        work=seconds_before(np.any(worked, axis=0)),
        office_work=seconds_before(rows),
        office_row=row_of.reshape(-1),
    )


def office_days_worked(inputs: Inputs, start: date, usual: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell on which days the assessors of each district work, shape (district, day)."""
    worked = np.repeat(usual[None], len(inputs.districts), axis=0)
    plan = inputs.scenario.assessors
    spans = [(pause.start, pause.end, CITY) for pause in plan.pauses]
    spans += [
        (event.start, event.end, event.area)
        for event in inputs.scenario.events
        if event.kind == "assessors" and event.share == 0
    ]
    for first, last, area in spans:
        days = slice((first - start).days, (last - start).days + 1)
        worked[area_of(area, inputs.districts), days] = False
    return worked


def seconds_before(worked: NDArray[np.bool_]) -> FloatArray:
    """Return the working seconds before each day, shape (..., day + 1)."""
    seconds = np.cumsum(worked * float(WORKING_DAY), axis=-1)
    return np.concatenate([np.zeros((*worked.shape[:-1], 1)), seconds], axis=-1)
