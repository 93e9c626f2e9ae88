"""Build the people of the base by single age from two censuses, on both bases, and how they move."""

from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.migration import Moves, census_moves
from forecast.base.mortality import Mortality, mortality_of
from forecast.base.registered import registered_base
from forecast.methods.graduate import (
    move_pattern,
    one_year_on,
    open_tail,
    ungroup,
)
from forecast.methods.lifetable import life_table
from params.axes import N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.tables.people import Census

CENSUS_TO_YEAR_END: Final = 1 / 6
"""Years from 1 November to 31 December."""
PATTERN_TO_CENSUS: Final = 1 / 3
"""Years from the pattern's 1 July to 1 November."""
DECADE: Final = 10


def base_of_censuses(inputs: Inputs) -> Base:
    """Build both populations of the end of the base year."""
    year, years = inputs.city.base_year, inputs.city.census_years
    mortality = mortality_of(inputs.mortality, year)
    censuses = Censuses(inputs, mortality)
    now, then = censuses.people(year), censuses.people(years.before)
    resident = to_year_end(now, censuses.into)
    since = years.registered[0] - years.before + CENSUS_TO_YEAR_END
    registered = registered_base(inputs, mortality, censuses.aged(then, since))
    return Base(
        year=year,
        people=np.array([resident, registered.people]),
        moves=(
            census_moves(then, now, censuses.into_decade),
            Moves(
                registered.internal,
                np.zeros_like(registered.gain),
                np.maximum(registered.gain, 0.0),
            ),
        ),
        mortality=mortality,
    )


class Censuses:
    """Residents of both census days by single age, every published group exact."""

    def __init__(
        self,
        inputs: Inputs,
        mortality: Mortality,
        middle: FloatArray | None = None,
        *,
        centenarians_known: bool = True,
    ) -> None:
        """Prepare both censuses.

        Parameters
        ----------
        mortality : of the base year.
        middle : ndarray, shape (sex,), life expectancy between the censuses; by default that
            of `CensusYears.middle`.
        centenarians_known : whether the registered centenarians may close the open age.
        """
        self._inputs = inputs
        if middle is None:
            middle = inputs.mortality.expectancy[inputs.city.census_years.middle]
        self.into: FloatArray = mortality.survival(np.zeros(N_SEX))
        """Survival into each age in the base year, shape (sex, age)."""
        self.into_decade: FloatArray = mortality.survival(mortality.k_of(middle))
        """The same for the years between the censuses."""
        self._table = [life_table(mortality.rates[s], s) for s in range(N_SEX)]
        pattern = inputs.age_pattern
        now = [move_pattern(pattern[s], self.into[s], PATTERN_TO_CENSUS) for s in range(N_SEX)]
        then = [move_pattern(now[s], self.into_decade[s], -DECADE) for s in range(N_SEX)]
        self._patterns = {inputs.city.base_year: now, inputs.city.census_years.before: then}
        self._centenarians = centenarian_share(inputs) if centenarians_known else None
        self._known: dict[int, FloatArray] = {}

    def people(self, year: int) -> FloatArray:
        """Return residents on 1 November, shape (district, sex, age)."""
        if year not in self._known:
            self._known[year] = self._spread(self._inputs.censuses[year])
        return self._known[year]

    def _spread(self, census: Census) -> FloatArray:
        """Spread groups over ages: along the pattern below the open age, along a tail above it."""
        counts, first = census.counts, int(census.age_lo[-1])
        pattern = np.array(self._patterns[census.year])
        left = self._left(census.year)
        people = np.empty((len(counts), N_SEX, N_AGE))
        people[..., :first] = ungroup(counts[..., :-1], census.age_lo[:-1], pattern[:, :first])
        for s in range(N_SEX):
            below = sum(people[:, s, first - 1].tolist())
            tail = self._tail(census, s, below, None if left is None else left[s])
            people[:, s, first:] = counts[:, s, -1:] * tail / tail.sum()
        return people

    def _tail(
        self, census: Census, sex: int, below: float, generations: FloatArray | None
    ) -> FloatArray:
        """Shape of 85+: generations or deaths, the city's 84 carried on, and known centenarians.

        `below` are the city's people at the age below, `generations` who is left of a census before.
        """
        pattern, counts = self._patterns[census.year][sex], census.counts[:, sex]
        first = int(census.age_lo[-1])
        # One birthday on: the city's own generations where a census before knows them, else China's.
        around = pattern if generations is None else generations
        at_first = below * around[first] / around[first - 1] / counts[:, -1].sum()
        last = None if self._centenarians is None else float(self._centenarians[sex])
        reference = self._table[sex].person_years if generations is None else generations
        return open_tail(reference[first:], float(at_first), last)

    def _left(self, year: int) -> FloatArray | None:
        """Return who is left of the census before, shape (sex, age), or None without one."""
        if year - DECADE not in self._patterns:
            return None
        people = self.people(year - DECADE).sum(axis=0)
        for _ in range(DECADE):
            people = one_year_on(people, self.into_decade)
        return np.asarray(people)

    def aged(self, people: FloatArray, years: float) -> FloatArray:
        """Return people some years on without moves; the youngest keep their numbers."""
        for _ in range(int(years)):
            people = one_year_on(people, self.into_decade)
        return people + (years % 1) * (one_year_on(people, self.into_decade) - people)


def to_year_end(people: FloatArray, into: FloatArray) -> FloatArray:
    """Move residents from 1 November to 31 December."""
    return np.asarray(people + CENSUS_TO_YEAR_END * (one_year_on(people, into) - people))


def centenarian_share(inputs: Inputs) -> FloatArray:
    """Return registered centenarians over registered people of 85+, shape (sex,).

    The latter are the registered 80+ times the residents' share of 85+ in them.
    """
    registered, census = inputs.registered, inputs.census
    over_80 = registered.elders_2020[3] * np.array(
        [registered.male_share_2020[3], 1 - registered.male_share_2020[3]]
    )
    oldest = census.counts[:, :, -2:].sum(axis=0)
    return np.asarray(registered.centenarians_2020 / (over_80 * oldest[:, -1] / oldest.sum(axis=1)))
