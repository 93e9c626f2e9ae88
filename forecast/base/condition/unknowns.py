"""Name what is unknown about a city's people and scale standard normal numbers to it.

Spreads are assumed. They were chosen by the marginal likelihood of Shanghai's figures of 2010-2020 and
with the back-tests from 2012 and 2017 in sight, see docs/model.md; no figure after 2020 was seen.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from forecast.methods.oldest import N_INSIDE
from params.axes import N_SEX, FloatArray, IntArray

SHAPE_AGES: Final = (40.0, 60.0, 70.0, 80.0, 90.0, 100.0)
"""Ages at which the error of death rates holds; between them it runs straight."""
SEX_RATIO_AGES: Final = (20.0, 60.0, 70.0, 80.0, 90.0, 100.0)
TAIL_FROM, TAIL_TO = 85, 100
YOUNG_AGE: Final = 35
SIGN: Final = np.array([1.0, -1.0])[:, None]
"""What differs by sex is added for men and taken off for women."""


@dataclass(frozen=True)
class Spreads:
    """Standard deviations of the unknowns; of logs unless said otherwise."""

    cohort: float = 0.08
    """Size of one birth cohort at the first year."""
    famine: float = 0.15
    """The same around 1960: how deep a nation's famine trough is here is not known."""
    famine_births: tuple[int, int] = (1957, 1963)
    """First and last year of birth of those cohorts."""
    neighbours: float = 0.05
    """What neighbouring cohorts have in common, over `neighbours_years`."""
    neighbours_years: float = 3.0
    young: float = 0.15
    """The same below `YOUNG_AGE` at the first year: bands are wide there, and moves many."""
    tail: float = 0.3
    """The tail at 100, rising from nothing at 85."""
    sex_ratio: float = 0.03
    """People by sex at each of `SEX_RATIO_AGES`."""
    level: float = 0.06
    """Death rates of all ages and years."""
    shape: float = 0.10
    """Death rates at each of `SHAPE_AGES`, alike over `shape_years`."""
    shape_years: float = 20.0
    shape_sex: float = 0.03
    shock: float = 0.02
    """Death rates of one year."""
    exceptional: float = 0.15
    """Death rates of a year that the user calls exceptional."""
    registrations: float = 0.35
    """Level of net registrations, as a share of the level expected."""
    registrations_walk: float = 0.12
    """Their change from one year to the next, as the same share."""
    returns: float = 0.2
    """Net registrations at 50-64, as the same share of the level at young ages."""
    unseen: float = 0.3
    """Gains or losses of young people that no flow shows, such as emigrants struck off, as the same share."""
    births: float = 0.06
    births_walk: float = 0.08


@dataclass(frozen=True)
class Unknowns:
    """The unknowns of one city over some years, by name, in the order of one long vector.

    Attributes
    ----------
    first_year : people are those of its 31 December.
    n_year : years after it, up to the cut-off.
    walking : which of these years come after the last published life expectancy, shape (year,).
    k_shock : standard deviation of one year's change of k.
    exceptional : which of the years the user calls exceptional, shape (year,).
    """

    first_year: int
    n_year: int
    walking: FloatArray
    k_shock: float
    exceptional: FloatArray
    spreads: Spreads = field(default_factory=Spreads)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of unknowns by name."""
        n = self.n_year
        return {
            "cohort": N_INSIDE,
            "neighbours": N_INSIDE,
            "tail": 1,
            "sex_ratio": len(SEX_RATIO_AGES),
            "level": 1,
            "shape": len(SHAPE_AGES),
            "shape_sex": len(SHAPE_AGES),
            "shock": n,
            "k": n,
            "registrations": 1,
            "registrations_walk": n,
            "returns": 1,
            "unseen": 1,
            "births": 1,
            "births_walk": n,
            "oldest": N_SEX * (n + 1),
        }

    @property
    def n(self) -> int:
        """Length of the vector."""
        return sum(self.sizes.values())

    def parts(self, vector: FloatArray) -> dict[str, FloatArray]:
        """Cut vectors, shape (draw, unknown), into named parts."""
        ends = np.cumsum(list(self.sizes.values()))
        return dict(zip(self.sizes, np.split(vector, ends[:-1], axis=1), strict=True))

    @cached_property
    def _among_neighbours(self) -> FloatArray:
        """From unknowns to what neighbouring cohorts have in common, shape (age, age)."""
        return _root(np.arange(N_INSIDE), self.spreads.neighbours_years)

    @cached_property
    def _of_sex_ratio(self) -> FloatArray:
        """From unknowns at `SEX_RATIO_AGES` to all ages."""
        knots = np.array(SEX_RATIO_AGES)
        return np.asarray(_root(knots, self.spreads.shape_years) @ _straight(knots))

    @cached_property
    def _of_shape(self) -> FloatArray:
        """From unknowns at `SHAPE_AGES` to all ages."""
        knots = np.array(SHAPE_AGES)
        return np.asarray(_root(knots, self.spreads.shape_years) @ _straight(knots))

    def log_people(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return the error of the first year's people, shape (draw, sex, age)."""
        s = self.spreads
        ages = np.arange(N_INSIDE)
        born = self.first_year - ages
        first, last = s.famine_births
        size = np.where((born >= first) & (born <= last), s.famine, s.cohort)
        both = part["cohort"] * size
        common = np.where(ages < YOUNG_AGE, s.young, s.neighbours)
        both = both + common * (part["neighbours"] @ self._among_neighbours)
        tail = np.clip((ages - TAIL_FROM) / (TAIL_TO - TAIL_FROM), 0.0, 1.0)
        both = both + s.tail * part["tail"] * tail
        ratio = s.sex_ratio * part["sex_ratio"] @ self._of_sex_ratio
        return np.asarray(both[:, None] + SIGN * ratio[:, None])

    def log_rates(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return the lasting error of death rates, shape (draw, sex, age)."""
        s = self.spreads
        shape, by_sex = (part[name] @ self._of_shape for name in ("shape", "shape_sex"))
        both = s.level * part["level"] + s.shape * shape
        return np.asarray(both[:, None] + SIGN * s.shape_sex * by_sex[:, None])

    def shocks(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return the error of each year's death rates, shape (draw, year)."""
        s = self.spreads
        return part["shock"] * np.where(self.exceptional, s.exceptional, s.shock)

    def k_walk(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return how far k has walked off its course, shape (draw, year)."""
        return np.cumsum(self.k_shock * part["k"] * self.walking, axis=1)

    def registrations(self, part: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return net registrations of young people, shape (draw, year), and of those of 50-64.

        The latter has shape (draw, 1). Both are departures from what is expected, as multiples of its scale.
        """
        s = self.spreads
        walk = s.registrations_walk * np.cumsum(part["registrations_walk"], axis=1)
        return s.registrations * part["registrations"] + walk, s.returns * part["returns"]

    def unseen(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return young people gained or lost that no flow shows, shape (draw, 1), as such a multiple."""
        return self.spreads.unseen * part["unseen"]

    def log_births(self, part: dict[str, FloatArray]) -> FloatArray:
        """Return the error of births in each year, shape (draw, year)."""
        s = self.spreads
        return s.births * part["births"] + s.births_walk * np.cumsum(part["births_walk"], axis=1)


def _root(at: FloatArray | IntArray, length: float) -> FloatArray:
    """Return a square root of the correlation exp(-(distance / length)^2 / 2)."""
    apart = np.subtract.outer(at, at) / length
    values, vectors = np.linalg.eigh(np.exp(-0.5 * apart**2))
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def _straight(knots: FloatArray) -> FloatArray:
    """Return weights (knot, age) that run straight between knots and stay level outside."""
    return np.array([np.interp(np.arange(N_INSIDE), knots, row) for row in np.eye(knots.size)])
