"""Fit one city to its published figures, and draw it so that it agrees with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from forecast.base.condition.course import Expected, Past, course, registration_ages
from forecast.base.condition.figures import Reading, reading
from forecast.base.condition.unknowns import Spreads, Unknowns
from forecast.base.mortality import Mortality
from forecast.methods.conditioning import Fit, conditioned, fit_figures
from forecast.methods.lifetable import life_table, survival_into
from forecast.methods.oldest import N_INSIDE, inside
from params.axes import N_SEX, FloatArray, IntArray
from params.tables.figures import Figure

MOST_CUT: Final = 1.3
"""Errors of the base year's figures are cut off here, standard deviations: the published figure holds
in every draw within the register's own error."""

NO_FLOWS: Final = 0.002
"""Scale of net registrations where none are published, as a share of all people."""


@dataclass(frozen=True)
class Start:
    """What a fit starts from.

    Attributes
    ----------
    people : ndarray, shape (sex, age 0..100), the city at the end of `year`, by other ways.
    year : of these people.
    mortality : whose rates of `mortality.year`, and change, are expected.
    expectancy : life expectancy at birth by year, as far as it had come out, each of shape (sex,).
    gain : ndarray, shape (sex,), yearly gain expected after the last of them.
    """

    people: FloatArray
    year: int
    mortality: Mortality
    expectancy: Mapping[int, FloatArray]
    gain: FloatArray


@dataclass(frozen=True)
class Known:
    """A city of one basis that agrees with what was published up to a cut-off.

    Attributes
    ----------
    base_year : people are wanted from this year on.
    cut_off : last year whose figures were known.
    expectancy : ndarray, shape (sex,), life expectancy at birth expected in the year of the cut-off.
    correction : ndarray, shape (sex, age 0..110), factors by which the likeliest course misses what is
        published of the base year; draws are centred on the published figures by them.
    bases : populations that these are; both where only one is counted and stands for the other.
    """

    expected: Expected
    unknowns: Unknowns
    reading: Reading
    fit: Fit
    base_year: int
    cut_off: int
    expectancy: FloatArray
    correction: FloatArray | None = None
    bases: tuple[str, ...] = ("registered",)

    @property
    def n_chance(self) -> int:
        """Standard normal numbers that a draw takes."""
        return self.unknowns.n + len(self.reading.figures)

    @property
    def registers(self) -> bool:
        """Whether net registrations and births are fitted, and go on as fitted."""
        return self.bases == ("registered",)

    @property
    def base_index(self) -> int:
        """Index of the base year on the course's year axis."""
        return self.base_year - self.unknowns.first_year

    def draw(self, chances: FloatArray | None) -> Past:
        """Return the course of some draws; the likeliest course without chances.

        Parameters
        ----------
        chances : ndarray, shape (draw, n_chance), standard normal numbers.
        """
        if chances is None:
            return self.mode
        unknowns, errors = np.split(chances, [self.unknowns.n], axis=1)
        vectors = conditioned(self.fit, self._predict, unknowns, errors, MOST_CUT)
        return course(self.expected, self.unknowns, vectors)

    @cached_property
    def mode(self) -> Past:
        """The likeliest course, one draw."""
        return course(self.expected, self.unknowns, self.fit.mode[None])

    def at_base(self, past: Past) -> FloatArray:
        """Return the city at the end of the base year, shape (draw, sex, age 0..110)."""
        people = past.people[:, self.base_index]
        return np.asarray(people if self.correction is None else people * self.correction)

    def corrected(self, bands: FloatArray, starts: Sequence[int]) -> "Known":
        """Return the same with draws centred on published bands of the base year.

        Parameters
        ----------
        bands : ndarray, shape (sex, band), persons.
        starts : first age of each band, the first is 0.
        """
        found = np.add.reduceat(self.mode.people[0, self.base_index], starts, axis=-1)
        widths = np.diff([*starts, N_INSIDE])
        return replace(self, correction=np.repeat(bands / found, widths, axis=-1))

    def _predict(self, vectors: FloatArray) -> FloatArray:
        return self.reading.predicted(course(self.expected, self.unknowns, vectors))

    def fitted(self) -> FloatArray:
        """Return what the likeliest course says of each figure, in the figure's own unit."""
        found = self.reading.predicted(self.mode)[0]
        number = np.array([f.value for f in self.reading.figures])
        return np.asarray(np.where(self.reading.linear, found * number, np.exp(found)))


def fit_city(
    start: Start,
    figures: Sequence[Figure],
    *,
    base_year: int,
    cut_off: int,
    first_year: int | None = None,
    exceptional_years: Sequence[int] = (),
    spreads: Spreads | None = None,
) -> Known:
    """Fit the city to the figures of its past.

    Parameters
    ----------
    figures : of the whole city and one basis, known at the cut-off.
    first_year : year to start from; the first with figures or people if not given.
    """
    first = first_year_of(start, figures, base_year) if first_year is None else first_year
    years = np.arange(first + 1, cut_off + 1)
    last_known = max(start.expectancy) if start.expectancy else start.mortality.year
    unknowns = Unknowns(
        first_year=first,
        n_year=years.size,
        walking=(years > last_known).astype(np.float64),
        k_shock=start.mortality.shock,
        exceptional=np.isin(years, exceptional_years).astype(np.float64),
        spreads=spreads or Spreads(),
    )
    expected = _expected(start, figures, first, years)
    read = reading(figures, first, years.size)

    def predict(vectors: FloatArray) -> FloatArray:
        return read.predicted(course(expected, unknowns, vectors))

    fit = fit_figures(predict, read.values, read.covariance, unknowns.n)
    then = _expectancy(start, np.array([cut_off]))[0]
    return Known(expected, unknowns, read, fit, base_year, cut_off, then)


def first_year_of(start: Start, figures: Sequence[Figure], base_year: int) -> int:
    """Return the first year with figures of people, or with people of any kind."""
    stocks = [f.year for f in figures if f.of.kind == "people"]
    return min([start.year, base_year, *stocks])


def _expected(start: Start, figures: Sequence[Figure], first: int, years: IntArray) -> Expected:
    mortality = start.mortality
    pattern = inside(mortality.pattern)
    log_rates = np.log(mortality.rates_inside)
    k = mortality.k_of(_expectancy(start, years)) if years.size else np.zeros((0, N_SEX))
    by_year = log_rates + pattern * k[..., None]
    flows = [f.value for f in figures if f.of.kind == "registrations"]
    births = {f.year: f.value for f in figures if f.of.kind == "births"}
    youngest = float(start.people[:, 0].sum())
    known = sorted(births) or [first]
    gained = float(np.mean(flows)) if flows else 0.0
    return Expected(
        people=_people_then(start, np.exp(by_year), first, gained),
        log_rates=by_year,
        pattern=pattern,
        registrations=gained,
        scale=max(abs(gained), NO_FLOWS * float(start.people.sum())),
        births=np.interp(years, known, [births.get(y, youngest) for y in known]),
    )


def _expectancy(start: Start, years: IntArray) -> FloatArray:
    """Return life expectancy by year as it was known, then as it was expected, shape (year, sex)."""
    known = sorted(start.expectancy)
    if not known:
        after = years - start.mortality.year
        return np.asarray(start.mortality.expectancy + start.gain * after[:, None])
    by_sex = [
        np.interp(years, known, [start.expectancy[y][s] for y in known]) for s in range(N_SEX)
    ]
    after = np.maximum(years - known[-1], 0)
    return np.asarray(np.array(by_sex).T + start.gain * after[:, None])


def _people_then(start: Start, rates: FloatArray, first: int, gained: float) -> FloatArray:
    """Take people back to the first year by their death rates and usual registrations."""
    people = start.mortality.parted(start.people)
    came = gained * registration_ages() / N_SEX
    for t in range(start.year - first - 1, -1, -1):
        into = np.array([survival_into(life_table(rates[t, s], s)) for s in range(N_SEX)])
        before = people.copy()
        before[:, :-1] = (people - came)[:, 1:] / into[:, 1:]
        before[:, -2] = before[:, -3] * people[:, -2] / people[:, -3]
        people = before
    return people
