"""What a run found, for the report to tell: what is lacking, what moves it, and what is published beside."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from params.axes import FloatArray

ENDS: Final = (5, 95)
"""Percentiles between which numbers are told."""
FIT, READING, SEEN, SCALE = "fit", "reading", "seen", "scale"
"""What a comparison is worth: fitted to the figure; the figure can be read in two ways; it was known when
a range was chosen, so that agreement proves little; another thing was counted, which gives the scale only."""
HALF: Final = 0.5
"""From here on a number is written as 1."""


@dataclass(frozen=True)
class Driver:
    """The assumption that moves a gap most.

    Attributes
    ----------
    ends : values of the assumption, 5 and 95 % of its draws.
    gaps : what the straight line through the replications says of the gap there, never below 0.
    errors : standard errors of these.
    share : share of the variance between replications that the line explains.
    """

    name: str
    ends: tuple[float, float]
    gaps: tuple[float, float]
    errors: tuple[float, float]
    share: float


@dataclass(frozen=True)
class Band:
    """Replications whose draws of an assumption lie next to each other.

    Attributes
    ----------
    gap, error : mean of the gap, and its standard error.
    low_gap, high_gap : 5 and 95 % of the gap.
    """

    low: float
    high: float
    replications: int
    gap: float
    error: float
    low_gap: float
    high_gap: float


@dataclass(frozen=True)
class AtTimes:
    """In how many replications something is lacking or late: a mean may have to spare what some of them lack.

    Attributes
    ----------
    short : replications in which a district is short.
    lacking : what is lacking in these, in the mean.
    late : replications in which fewer requests are met in time than shall be.
    in_time, late_in_time, else_in_time : share met in time in the mean of all, of these and of the others;
        nan where there are none.
    late_and_short : replications that are both.
    goal : share that shall be met in time; nan where kinds differ.
    """

    replications: int
    short: int
    lacking: float
    late: int
    in_time: float
    late_in_time: float
    else_in_time: float
    late_and_short: int
    goal: float


def at_times(short: FloatArray, in_time: FloatArray, goal: float) -> AtTimes:
    """Count replications that are short, late or both.

    Parameters
    ----------
    short : ndarray, shape (replication,), what districts that are short lack together.
    in_time : ndarray, shape (replication,), share of requests met in time.
    """
    is_short, is_late = short >= HALF, in_time < goal

    def mean(values: FloatArray) -> float:
        return float(values.mean()) if values.size else math.nan

    return AtTimes(
        in_time.size,
        int(is_short.sum()),
        mean(short[is_short]),
        int(is_late.sum()),
        mean(in_time),
        mean(in_time[is_late]),
        mean(in_time[~is_late]),
        int((is_short & is_late).sum()),
        goal,
    )


@dataclass(frozen=True)
class Lack:
    """What is lacking of one resource in the last year.

    Attributes
    ----------
    gaps : ndarray, shape (replication, district), positive where short.
    for_all : ndarray of the same shape, demand less usable capacity: of workers what all who want care would
        take at no more than their hours, less those present.
    in_time : ndarray, shape (replication,), share of the city's requests met in time.
    driver : the assumption that moves the sum of shortages most, if one is known to.
    waiting, away : ndarray, shape (replication, district), of beds: own people in line, and who live
        elsewhere less people from elsewhere; empty of what nobody lives in.
    follows : whether there is as much of it as was asked for the year before, by assumption.
    """

    resource: str
    unit: str
    year: int
    places: tuple[str, ...]
    gaps: FloatArray
    for_all: FloatArray
    in_time: FloatArray
    driver: Driver | None = None
    waiting: FloatArray = field(default_factory=lambda: np.zeros(0))
    away: FloatArray = field(default_factory=lambda: np.zeros(0))
    follows: bool = False

    @property
    def short(self) -> FloatArray:
        """What the districts that are short lack together."""
        return np.asarray(self.gaps.clip(min=0).sum(axis=1))

    @property
    def surplus(self) -> FloatArray:
        """What the others have to spare."""
        return np.asarray((-self.gaps).clip(min=0).sum(axis=1))

    @property
    def worst(self) -> tuple[tuple[str, float], ...]:
        """Districts that are short in the mean over replications, in whole numbers, and by how much."""
        means = dict(zip(self.places, self.gaps.mean(axis=0).tolist(), strict=True))
        short = ((place, gap) for place, gap in means.items() if gap >= HALF)
        return tuple(sorted(short, key=lambda one: -one[1]))


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes
    ----------
    name : in section ``[checks]`` of the wording.
    published, source_id : the figure and where it stands.
    model : ndarray, shape (replication,).
    """

    name: str
    year: int
    unit: str
    published: float
    source_id: str
    model: FloatArray
    worth: str
