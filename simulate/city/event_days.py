"""Lay down what a scenario's events change, and from which day on: work done, offices, places closed, deaths.

Shares and factors of events that hold at the same time multiply; a place is closed while any event says so.
Days without any assessor in a district are days without work there (`simulate.city.calendar`), as pauses are.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.people.excess import NIGHT, death_events, factor_on, turns_of
from params.axes import ELDER_AGE, FloatArray, IntArray
from params.inputs import Inputs
from params.scenario.parts.events import Event
from params.scenario.parts.workers import Overtime
from params.tables.districts import area_of
from params.tables.resources import WORKERS
from simulate.city.calendar import Calendar


@dataclass(frozen=True)
class EventDays:
    """What holds from each day of change on, until the next.

    Attributes
    ----------
    at : ndarray, shape (step,), seconds, rising.
    work : ndarray, shape (step, market, district), hours worked over the usual ones of those present.
    office : ndarray, shape (step, district), assessors at work over those there are.
    shut : ndarray, shape (step, district, resource), 1 where nobody new is taken in.
    closed : ndarray of the same shape, 1 where clients get nothing either.
    """

    at: IntArray
    work: FloatArray
    office: FloatArray
    shut: NDArray[np.int8]
    closed: NDArray[np.int8]


def event_days(inputs: Inputs, calendar: Calendar) -> EventDays:
    """Return the days on which events begin or are over, and what holds from each on."""
    events: tuple[Event | Overtime, ...] = working_events(inputs)
    events += inputs.scenario.workers.overtime
    days = sorted({day for one in events for day in (one.start, one.end + NIGHT)})
    n_district, n_resource = len(inputs.districts), len(inputs.resources)
    found = EventDays(
        at=np.array([calendar.seconds(day) for day in days], dtype=np.int64),
        work=np.ones((len(days), len(WORKERS), n_district)),
        office=np.ones((len(days), n_district)),
        shut=np.zeros((len(days), n_district, n_resource), np.int8),
        closed=np.zeros((len(days), n_district, n_resource), np.int8),
    )
    for one in events:
        steps = np.array([one.start <= day <= one.end for day in days])
        where = np.ix_(steps, area_of(one.area, inputs.districts))
        if isinstance(one, Overtime):
            for market in markets_of(one):
                found.work[:, market][where] *= 1.0 + one.share
        elif one.kind == "workers_absent":
            for market in markets_of(one):
                found.work[:, market][where] *= one.share
        elif one.kind == "assessors":
            found.office[where] *= one.share
        else:
            for resource in closed_by(one, inputs):
                found.shut[:, :, resource][where] = 1
                if one.kind == "service_closed":
                    found.closed[:, :, resource][where] = 1
    return found


def working_events(inputs: Inputs) -> tuple[Event, ...]:
    """Return the events that change what is done, but for days without any assessor."""
    return tuple(
        event
        for event in inputs.scenario.events
        if event.kind != "deaths" and not (event.kind == "assessors" and event.share == 0)
    )


def markets_of(one: Event | Overtime) -> range:
    """Return the markets of care workers that are meant."""
    if one.workers is None:
        return range(len(WORKERS))
    market = WORKERS.index(one.workers)
    return range(market, market + 1)


def closed_by(event: Event, inputs: Inputs) -> list[int]:
    """Return the resources that an event closes: all beds in institutions where it names none."""
    resources = inputs.resources
    if event.resource is None:
        return list(range(resources.first_bed, len(resources)))
    return [resources.index(event.resource)]


@dataclass(frozen=True)
class DeathPeriods:
    """Periods over which hazards of death stay the same: years, cut where events begin or are over.

    Attributes
    ----------
    start : ndarray, shape (period + 1,), seconds.
    year : ndarray, shape (period,), years from the start of the warm-up.
    factor : ndarray, shape (period, cohort), times the usual hazards.
    """

    start: IntArray
    year: IntArray
    factor: FloatArray


def death_periods(inputs: Inputs, calendar: Calendar, n_year: int) -> DeathPeriods:
    """Cut the years of the hazards where events change them."""
    events, years = death_events(inputs.scenario), calendar.year_start[: n_year + 1]
    turns = np.array([calendar.seconds(day) for day in turns_of(events)], dtype=np.int64)
    start = np.union1d(years, turns[(turns > years[0]) & (turns < years[-1])])
    days = [date.fromordinal(calendar.start.toordinal() + int(t) // 86400) for t in start[:-1]]
    return DeathPeriods(
        start=start,
        year=np.searchsorted(years, start[:-1], side="right") - 1,
        factor=np.array([factor_on(events, day)[ELDER_AGE:] for day in days]),
    )


@dataclass(frozen=True)
class Spans:
    """Months cut where events begin or are over.

    Attributes
    ----------
    month : ndarray, shape (span,).
    weight : ndarray, shape (span,), share of its month.
    work, shut, closed : what holds meanwhile, as in `EventDays`, shape (span, ...).
    """

    month: IntArray
    weight: FloatArray
    work: FloatArray
    shut: FloatArray
    closed: FloatArray

    def mean(self, values: FloatArray, n_month: int) -> FloatArray:
        """Return what holds in the mean of each month, shape (month, ...)."""
        result = np.zeros((n_month, *values.shape[1:]))
        shape = (-1, *[1] * (values.ndim - 1))
        np.add.at(result, self.month, values * self.weight.reshape(shape))
        return result


def spans_of(inputs: Inputs, calendar: Calendar, n_month: int) -> Spans:
    """Return the spans of the first months, in their order."""
    days, bounds = event_days(inputs, calendar), calendar.month_start[: n_month + 1]
    inside = days.at[(days.at > bounds[0]) & (days.at < bounds[-1])]
    start = np.union1d(bounds, inside)
    month = np.searchsorted(bounds, start[:-1], side="right") - 1
    step = np.searchsorted(days.at, start[:-1], side="right") - 1

    def holding(values: NDArray[np.generic], usual: float) -> FloatArray:
        padded = np.concatenate([np.full((1, *values.shape[1:]), usual), values])
        return np.asarray(padded[step + 1])

    return Spans(
        month=month,
        weight=np.diff(start) / np.diff(bounds)[month],
        work=holding(days.work, 1.0),
        shut=holding(days.shut, 0.0),
        closed=holding(days.closed, 0.0),
    )


def office_days(inputs: Inputs, calendar: Calendar) -> FloatArray:
    """Return assessors at work on each day over those there are, (day, district); 0 where nobody works."""
    n_day = calendar.work.size - 1
    share = np.diff(calendar.office_work[calendar.office_row], axis=1).T > 0
    result = share.astype(np.float64)
    for event in inputs.scenario.events:
        if event.kind == "assessors" and event.share:
            low, high = ((day - calendar.start).days for day in (event.start, event.end + NIGHT))
            where = np.ix_(np.arange(low, min(high, n_day)), area_of(event.area, inputs.districts))
            result[where] *= event.share
    return result
