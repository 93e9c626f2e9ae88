"""Say by how much a scenario's events multiply hazards of death, by day and age.

Events of `deaths` multiply: on a day on which two of them hold, an age dies at both factors. Age is the age
reached in the calendar year, as everywhere in the forecast; the last one is 100 and above.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from params.axes import N_AGE, FloatArray
from params.scenario.load import Scenario
from params.scenario.parts.events import Event

NIGHT: Final = timedelta(days=1)


def death_events(scenario: Scenario) -> tuple[Event, ...]:
    """Return the events of a scenario that change hazards of death."""
    return tuple(event for event in scenario.events if event.kind == "deaths")


def factor_on(events: Sequence[Event], day: date) -> FloatArray:
    """Return how many times the usual hazard of death holds on a day, shape (age,)."""
    factor, age = np.ones(N_AGE), np.arange(N_AGE)
    for event in events:
        if event.start <= day <= event.end:
            least = event.least_age or 0
            most = N_AGE - 1 if event.most_age is None else event.most_age
            factor[(age >= least) & (age <= most)] *= event.factor or 1.0
    return factor


def turns_of(events: Sequence[Event]) -> list[date]:
    """Return the days from which other factors hold, rising."""
    return sorted({day for event in events for day in (event.start, event.end + NIGHT)})


def mean_factor(events: Sequence[Event], start: date, bounds: FloatArray) -> FloatArray:
    """Return the mean factor between bounds, shape (interval, age).

    Parameters
    ----------
    bounds : ndarray, shape (interval + 1,), days since `start`, rising.
    """
    mean = np.ones((len(bounds) - 1, N_AGE))
    if not events:
        return mean
    for low, high, factor in _pieces(events, start, bounds):
        overlap = np.minimum(bounds[1:], high) - np.maximum(bounds[:-1], low)
        share = np.maximum(overlap, 0.0) / np.diff(bounds)
        mean += share[:, None] * (factor - 1)
    return mean


def _pieces(
    events: Sequence[Event], start: date, bounds: FloatArray
) -> Iterator[tuple[int, int, FloatArray]]:
    """Yield spans of days since `start` over which one factor holds, and that factor."""
    for first, after in pairwise(turns_of(events)):
        low, high = (first - start).days, (after - start).days
        if high > bounds[0] and low < bounds[-1]:
            yield low, high, factor_on(events, first)


def pieces_of_year(events: Sequence[Event], year: int) -> list[tuple[float, FloatArray]]:
    """Return the parts of a year over which one factor holds: their share of it, and the factor by age."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    cuts = [first, *(day for day in turns_of(events) if first < day < after), after]
    whole = (after - first).days
    return [((b - a).days / whole, factor_on(events, a)) for a, b in pairwise(cuts)]


def year_factor(events: Sequence[Event], years: range) -> FloatArray:
    """Return the mean factor of calendar years, shape (year, age)."""
    start = date(years[0], 1, 1)
    ends = [(date(year, 1, 1) - start).days for year in (*years, years[-1] + 1)]
    return mean_factor(events, start, np.array(ends, dtype=np.float64))
