"""Time for expected flows: steps, delays, renewals, and what assessors have come to know by a moment.

With enough assessors a case takes a fixed number of working seconds, so the calendar alone says which
requests have led to a result by a moment: those made until an earlier moment, its *news*.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from params.axes import FloatArray, IntArray
from simulate.city.calendar import Calendar
from simulate.engine.records import DAY, OPENING, WORKING_DAY, YEAR

SAMPLE: Final = 1800
"""Seconds between the moments over which a month's mean is taken."""
SLOT: Final = 1800
"""Seconds between moments at which requests are followed. Most results come when offices have been open
for just one case, and their renewals at the same time of day: slots begin on the hour."""
RESULT_DAYS: Final = 365
"""A result is valid for one or two times as long."""


@dataclass(frozen=True)
class Steps:
    """Equal parts of every month, from the start of the warm-up to the end of the last year's follow-up.

    What the last step tells is less exact, as nothing is known beyond it; it is never reported.

    Attributes
    ----------
    bounds : ndarray, shape (step + 1,), seconds.
    year : ndarray, shape (step,), year from the start of the warm-up.
    share : ndarray, shape (step,), share of its year.
    """

    bounds: FloatArray
    year: IntArray
    share: FloatArray
    parts: int

    @property
    def length(self) -> FloatArray:
        """Length of each step, years of 365.25 days."""
        return np.asarray(np.diff(self.bounds) / YEAR)


def make_steps(calendar: Calendar, parts: int) -> Steps:
    """Divide every month into equal parts."""
    months = calendar.warm_month_start
    low, high = months[:-1].astype(np.float64), months[1:]
    inside = np.arange(parts) / parts
    starts = (low[:, None] + inside * (high - low)[:, None]).ravel()
    year = np.repeat(np.arange(low.size) // 12, parts)
    bounds = np.append(starts, float(months[-1]))
    return Steps(
        bounds=bounds,
        year=year,
        share=np.diff(bounds) / np.diff(calendar.year_start)[year],
        parts=parts,
    )


def news(calendar: Calendar, moments: FloatArray, service: float) -> FloatArray:
    """Return up to when requests have led to a result by each moment, seconds.

    Parameters
    ----------
    service : working seconds from a request to its result.
    """
    work = calendar.work
    done = worked(calendar, moments) - service
    # Until the next working day opens there is nothing new to work on: the last such moment.
    asked = np.clip(np.searchsorted(work, done, side="right") - 1, 0, work.size - 2)
    return np.asarray(np.minimum(asked * DAY + OPENING + done - work[asked], moments))


def results(calendar: Calendar, moments: FloatArray, service: float) -> FloatArray:
    """Return when requests made at moments lead to a result, seconds; the inverse of `news`."""
    work = calendar.work
    done = np.minimum(worked(calendar, moments) + service, work[-1])
    day = np.searchsorted(work, done, side="left") - 1
    return np.asarray(day * DAY + OPENING + done - work[day])


def worked(calendar: Calendar, moments: FloatArray) -> FloatArray:
    """Return the working seconds before each moment."""
    work = calendar.work
    day = np.minimum((moments // DAY).astype(np.int64), work.size - 2)
    open_for = np.clip(moments - day * DAY - OPENING, 0, WORKING_DAY)
    return np.asarray(work[day] + np.where(work[day + 1] > work[day], open_for, 0.0))


def weights(
    steps: Steps, moments: FloatArray, age: ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return how the mean over moments follows from the ends of steps, by linear interpolation.

    Parameters
    ----------
    moments : ndarray, shape (sample,), seconds: of what is known.
    age : how old it is by then, seconds.

    Returns
    -------
    weight, weight times age in years : ndarray, shape (step + 1,).
    """
    k = np.clip(np.searchsorted(steps.bounds, moments, side="right") - 1, 0, steps.year.size - 1)
    part = (moments - steps.bounds[k]) / (steps.bounds[k + 1] - steps.bounds[k])
    aged = np.broadcast_to(np.asarray(age) / YEAR, moments.shape)
    result = np.zeros((2, steps.bounds.size))
    for j, value in enumerate((np.ones_like(part), aged)):
        np.add.at(result[j], k, (1 - part) * value)
        np.add.at(result[j], k + 1, part * value)
    result /= moments.size
    return result[0], result[1]


def arrivals(steps: Steps, delay_days: float) -> FloatArray:
    """Return when people come forward, shape (1 + step, step): row 1 + i for those of step i.

    The delay is lognormal with coefficient of variation 1; of the stock (row 0), exponential.
    """
    ends = steps.bounds / DAY
    grown = delay_integral(ends[None, :] - ends[:, None], delay_days)
    known = (grown[:-1] - grown[1:]) / np.diff(ends)[:, None]
    stock = -np.exp(-ends / delay_days)
    return np.concatenate([np.diff(stock)[None], np.diff(known, axis=1)])


def delay_integral(days: FloatArray, mean: float) -> FloatArray:
    """Integrate the distribution function of the delay from 0 to so many days."""
    spread = np.sqrt(np.log(2.0))
    middle = np.log(mean) - np.log(2.0) / 2
    positive = np.maximum(days, 1e-9)
    z = (np.log(positive) - middle) / spread
    return np.asarray(np.where(days > 0, positive * ndtr(z) - mean * ndtr(z - spread), 0.0))


def at_once(steps: Steps) -> FloatArray:
    """Return the same for people who come forward at onset."""
    n = steps.year.size
    return np.concatenate([np.zeros((1, n)), np.eye(n)])


def mean_wait(calendar: Calendar, service: float) -> float:
    """Return the mean time from a request to its result, seconds: of the years before the release."""
    asked = np.arange(0, calendar.release, SAMPLE, dtype=np.float64)
    return float((results(calendar, asked, service) - asked).mean())


def validity(lead_days: float) -> FloatArray:
    """Return the seconds from a result to its renewal, where it is valid for one year or two."""
    return np.asarray((RESULT_DAYS * np.array([1.0, 2.0]) - lead_days) * DAY)


def ends_of_results(steps: Steps, wait: float, lead_days: float) -> FloatArray:
    """Return when results asked for in a step are renewed, shape (step, validity), in steps.

    What lies beyond the last step is its end or more.
    """
    bounds, n = steps.bounds, steps.year.size
    middle = (bounds[1:] + bounds[:-1]) / 2
    at = middle[:, None] + wait + validity(lead_days)
    inside = np.interp(at, bounds, np.arange(n + 1, dtype=np.float64))
    return np.asarray(np.where(at < bounds[-1], inside, float(n)))


def renewals(
    steps: Steps, calendar: Calendar, service: float, one_year: float, lead_days: float
) -> FloatArray:
    """Return when results are renewed, shape (1 + step, step): row 1 + i for those asked for in step i.

    Parameters
    ----------
    service : working seconds from a request to its result, from which validity counts.
    one_year : share of results that are valid for one year; the others are for two.
    lead_days : renewals are asked for so long before the end.

    Notes
    -----
    Results of the stock (row 0) are spread over their validity at the start.
    """
    bounds = steps.bounds
    n = steps.year.size
    result = np.zeros((n + 1, n))
    asked = np.arange(SAMPLE / 2, bounds[-1], SAMPLE)
    step = np.searchsorted(bounds, asked, side="right") - 1
    for valid, share in zip(validity(lead_days), (one_year, 1 - one_year), strict=True):
        result[0] += share * np.diff(np.clip(bounds / valid, 0, 1))
        again = np.searchsorted(bounds, results(calendar, asked, service) + valid, side="right") - 1
        within = again < n
        np.add.at(result, (1 + step[within], again[within]), share)
    result[1:] /= np.bincount(step, minlength=n)[:, None]
    return result


def requests(
    steps: Steps,
    calendar: Calendar,
    service: float,
    lead_days: float,
    fresh: FloatArray,
    lasting: FloatArray,
) -> FloatArray:
    """Return requests by slot of the day: results come on working days only, and renewals in lumps.

    Parameters
    ----------
    fresh : ndarray, shape (step, district), requests that are no renewals, even over the step.
    lasting : ndarray, shape (step, district, validity), share of a step's requests whose results are
        renewed after each validity.

    Returns
    -------
    ndarray, shape (slot, district).
    """
    moments = np.arange(0.0, steps.bounds[-1], SLOT)
    step = np.searchsorted(steps.bounds, moments, side="right") - 1
    flow = (fresh / np.bincount(step, minlength=len(fresh))[:, None])[step]
    result = results(calendar, moments, service)
    valid = validity(lead_days)
    # Nothing asked for in a block is renewed in it.
    block = int(valid[0] / SLOT)
    for start in range(0, len(moments), block):
        slots = np.arange(start, min(start + block, len(moments)))
        for j in range(2):
            again = ((result[slots] + valid[j]) // SLOT).astype(np.int64)
            inside = again < len(moments)
            now = slots[inside]
            np.add.at(flow, again[inside], flow[now] * lasting[step[now], :, j])
    return flow
