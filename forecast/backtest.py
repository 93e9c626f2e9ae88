"""Forecast the past from an earlier base, seeing nothing later, and say how far off it was.

Four cases: residents from census to census and registered people between two years with bands, by
district, and the city's registered people since each of these years. Registered people agree with every
figure that had come out by then. Each base is built by the functions that build
the base of the city, from what was published up to its year, with four exceptions that the docs name:
the shape of single ages inside census groups (the nation's own cohorts), reference tables of other
countries as now revised, Korea's first table for the shape of women's rates before it, and that
YEARS_OF_MOVING was set with both district cases in sight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.condition.of_censuses import known_registered, residents_at
from forecast.base.from_censuses import Censuses
from forecast.base.migration import (
    YEARS_OF_MOVING,
    Moves,
    moves_by_registration,
    registration_follows,
    registrations,
)
from forecast.base.mortality import mortality_of, past_gain
from forecast.base.registered import registered_base, registered_then
from forecast.people.draws import chances, drivers_of
from forecast.people.engine import run
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs
from params.tables.assumptions import apply_changes
from params.tables.draws import Draws
from params.tables.people import REGISTERED_BANDS

BANDS: Final[Mapping[str, tuple[int, int]]] = {
    "60+": (60, N_AGE),
    "65+": (65, N_AGE),
    "70+": (70, N_AGE),
    "80+": (80, N_AGE),
    "60-64": (60, 65),
    "60-79": (60, 80),
    "65-79": (65, 80),
    "100+": (100, N_AGE),
    "total": (0, N_AGE),
}
CENSUS_BANDS: Final = ("60+", "65+", "60-79", "80+")
"""Bands in which residents are compared; the registered have those that are published for them."""

CITY_BANDS: Final = ("total", "60+", "65+", "70+", "80+", "100+")
"""Bands in which the city's registered people are compared, where they are published."""


@dataclass(frozen=True)
class Actual:
    """What was counted in the end: persons by year and band.

    Attributes
    ----------
    districts : by (year, band), ndarray, shape (district,).
    city : by (year, band), persons.
    totals : everybody by year, ndarray, shape (district,); for the naive share.
    """

    districts: Mapping[tuple[int, str], FloatArray]
    city: Mapping[tuple[int, str], float]
    totals: Mapping[int, FloatArray]


@dataclass(frozen=True)
class Case:
    """One past forecast and what came."""

    name: str
    basis: str
    base: Base
    gain: FloatArray
    """Yearly gain of life expectancy that was expected, shape (sex,)."""
    actual: Actual

    @property
    def last_year(self) -> int:
        """Last year with something counted."""
        return max(year for year, _ in (*self.actual.city, *self.actual.districts))


@dataclass(frozen=True)
class Played:
    """A case with its draws.

    Attributes
    ----------
    people : ndarray, shape (draw, year, district, sex, age), by what made them: "draws"; and one draw
        each of "yanglao", without any chance, and of "zero_migration".
    """

    case: Case
    people: Mapping[str, FloatArray]

    def counted(self, model: str, year: int, band: str) -> FloatArray:
        """Return forecast persons of a band, shape (draw, district)."""
        low, high = BANDS[band]
        people = self.people[model][:, year - self.case.base.year]
        return np.asarray(people[..., low:high].sum(axis=(2, 3)))


def cases(inputs: Inputs, years_of_moving: float = YEARS_OF_MOVING) -> list[Case]:
    """Build the past forecasts."""
    registered = _registered(inputs, years_of_moving)
    return [
        _residents(inputs, years_of_moving),
        registered,
        replace(
            registered,
            name="registered-city",
            actual=_city_counts(inputs, registered.base.year),
        ),
        _registered_later(inputs),
    ]


def play(inputs: Inputs, case: Case, draws: int, seed: int, threads: int = 1) -> Played:
    """Run a case with its draws, without any chance, and without moves."""
    n_year = case.last_year - case.base.year
    still = replace(case.base, moves=(Moves.none(len(inputs.districts)),))
    changes = dict(zip(("e0_gain_male", "e0_gain_female"), map(float, case.gain), strict=True))
    assumptions = apply_changes(inputs.assumptions, changes)

    def people(base: Base, indices: list[int | None]) -> FloatArray:
        luck = chances(seed, indices, base)
        drawn = Draws(assumptions, seed, indices)
        drivers = drivers_of(base, drawn, luck, n_year, [case.basis])
        return run(drivers, threads=threads).people[:, :, 0]

    return Played(
        case,
        {
            "draws": people(case.base, list(range(draws))),
            "yanglao": people(case.base, [None]),
            "zero_migration": people(still, [None]),
        },
    )


def _residents(inputs: Inputs, years_of_moving: float) -> Case:
    """Take the residents of the first census on to the second."""
    tables = inputs.mortality
    first, last = inputs.city.census_years.before, inputs.city.base_year
    gain = past_gain(tables, first)
    known, expectancy = tables.expectancy_known(first)
    mortality = mortality_of(tables, first, expectancy + gain * (first - known))
    censuses = Censuses(inputs, mortality, mortality.expectancy, centenarians_known=False)
    people = censuses.people(first)
    # Registered elders of then: the shares published before, raised to the city's number.
    census, registered = inputs.censuses[first], inputs.registered
    elders = census.registered * registered.shares_before[:, 0]
    elders *= registered.city[first]["60+"] / elders.sum()
    later = inputs.censuses[last]
    counted = {(last, band): _in_band(later.counts, later.age_lo, band) for band in CENSUS_BANDS}
    return Case(
        name="residents",
        basis="resident",
        base=Base(
            first,
            people[None],
            (moves_by_registration(people, census, elders, years_of_moving),),
            mortality,
        ),
        gain=gain,
        actual=Actual(
            counted,
            {key: float(v.sum()) for key, v in counted.items()},
            {last: later.counts.sum(axis=(1, 2))},
        ),
    )


def _in_band(counts: FloatArray, age_lo: np.ndarray, band: str) -> FloatArray:
    low, high = BANDS[band]
    inside = (age_lo >= low) & (age_lo < high)
    return np.asarray(counts[:, :, inside].sum(axis=(1, 2)))


def _registered(inputs: Inputs, years_of_moving: float) -> Case:
    """Take the registered people from the first year with bands to the second."""
    tables, registered, years = inputs.mortality, inputs.registered, inputs.city.census_years
    first, last = years.registered
    now, before = tables.expectancy[first], tables.expectancy[years.registered_before]
    mortality = mortality_of(tables, first)
    residents = residents_at(inputs, mortality, first)
    people = registered_then(inputs, residents)
    gained = registrations(registered.gain[first])
    nothing = np.zeros_like(gained)
    moves = Moves(
        registration_follows(people, residents, years_of_moving),
        nothing,
        np.maximum(gained, 0.0),
    )
    starts = REGISTERED_BANDS
    bands = registered.bands[last]
    counted = {
        (last, "60+"): bands[:, starts.index(60) :].sum(axis=1),
        (last, "60-64"): bands[:, starts.index(60)],
        (last, "65-79"): bands[:, starts.index(65)],
        (last, "80+"): bands[:, starts.index(80)],
    }
    return Case(
        name="registered",
        basis="registered",
        base=Base(first, people[None], (moves,), mortality, known_registered(inputs, first, first)),
        gain=(now - before) / (first - years.registered_before),
        actual=Actual(
            counted,
            {key: float(v.sum()) for key, v in counted.items()},
            {last: bands.sum(axis=1)},
        ),
    )


def _registered_later(inputs: Inputs) -> Case:
    """Take the city's registered people on from the second year with bands."""
    tables, years = inputs.mortality, inputs.city.census_years
    first, last = years.registered
    then = residents_at(inputs, mortality_of(tables, first), first)
    mortality = mortality_of(tables, last)
    built = registered_base(inputs, mortality, then)
    before = tables.expectancy[years.registered_before]
    moves = Moves(built.internal, np.zeros_like(built.gain), np.maximum(built.gain, 0.0))
    known = known_registered(inputs, last, last)
    return Case(
        name="registered-city-later",
        basis="registered",
        base=Base(last, built.in_last[None], (moves,), mortality, known),
        gain=(tables.expectancy[last] - before) / (last - years.registered_before),
        actual=_city_counts(inputs, last),
    )


def _city_counts(inputs: Inputs, base_year: int) -> Actual:
    """Return registered people of the city after a year, as published year by year."""
    city = {
        (year, band): figures[band]
        for year, figures in inputs.registered.city.items()
        for band in CITY_BANDS
        if year > base_year and band in figures
    }
    return Actual({}, city, {})
