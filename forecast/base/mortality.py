"""Give Shanghai's death rates by year, sex and age.

Level: the life expectancy by sex published last. Pattern: the reference tables closest to Shanghai at
65+ (Japan for men, Korea for women; China's own table is 5-6 years too short), moved by Brass's
relational model. Change: Lee and Carter's pattern of Japan and Hong Kong, started at the rates of
the base (no jump), at the pace that an assumed yearly gain of life expectancy asks for, with the
yearly shocks of the same fit around it. Levels and changes come from tables that end by the base year.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from forecast.methods.brass import rates_for_expectancy
from forecast.methods.leecarter import LeeCarter, fit_un
from forecast.methods.lifetable import LifeTable, life_table, single_age_rates, survival_into
from forecast.methods.oldest import inside, parted, with_oldest
from forecast.methods.rates_ahead import drift, k_for_expectancy
from params.axes import N_AGE, N_SEX, FloatArray
from params.tables.people import MortalityTables

STANDARD_COUNTRIES: Final = ("Japan", "Republic of Korea")
"""Standard of men, of women. Korea's tables start in 2010-2015; earlier bases take their shape."""
AT_ALL: Final = 9999
"""A year that all tables end by."""
PACE_COUNTRIES: Final = ("Japan", "Hong Kong SAR")
"""Countries whose past gives the pattern of change over ages, and its shocks."""
PERIOD_YEARS: Final = 5


@dataclass(frozen=True)
class Mortality:
    """Death rates of the city at its base, and how they change.

    Attributes
    ----------
    year : base year.
    expectancy : ndarray, shape (sex,), life expectancy at birth in the base year, years.
    rates : ndarray, shape (sex, age), per person-year, in the base year.
    pattern : ndarray, shape (sex, age), b of Lee and Carter.
    shock : standard deviation of one year's change of k around its course.
    """

    year: int
    expectancy: FloatArray
    rates: FloatArray
    pattern: FloatArray
    shock: float

    def k_of(self, expectancy: FloatArray) -> FloatArray:
        """Return k less k of the base at which life expectancy is as given, shape (..., sex)."""
        by_sex = [
            k_for_expectancy(self.rates[s], self.pattern[s], expectancy[..., s], s)
            for s in range(N_SEX)
        ]
        return np.stack(by_sex, axis=-1)

    def survival(self, k: FloatArray, level: FloatArray | float = 0.0) -> FloatArray:
        """Return one-year survival into each age, shape (..., sex, age).

        Parameters
        ----------
        k : ndarray, shape (..., sex), change of k since the base.
        level : broadcasts against (..., sex, age), added to every log rate.
        """
        rates = self.rates * np.exp(self.pattern * k[..., None] + level)
        by_sex = [survival_into(life_table(rates[..., s, :], s)) for s in range(N_SEX)]
        return np.stack(by_sex, axis=-2)

    @cached_property
    def rates_inside(self) -> FloatArray:
        """Death rates in the base year with the open age parted, shape (sex, age 0..110)."""
        return with_oldest(self.rates)

    def survival_inside(self, k: FloatArray, level: FloatArray | float = 0.0) -> FloatArray:
        """Return one-year survival into each age 0..110, shape (..., sex, age); as `survival` does."""
        rates = self.rates_inside * np.exp(inside(self.pattern) * k[..., None] + level)
        by_sex = [survival_into(life_table(rates[..., s, :], s)) for s in range(N_SEX)]
        return np.stack(by_sex, axis=-2)

    def parted(self, people: FloatArray) -> FloatArray:
        """Part the open age of (sex, age) as years are lived in it, shape (sex, age 0..110)."""
        tables = [life_table(self.rates_inside[s], s).person_years for s in range(N_SEX)]
        return parted(people, np.array(tables))


def mortality_of(
    tables: MortalityTables, year: int, expectancy: FloatArray | None = None
) -> Mortality:
    """Build the death rates of a base year from what was published up to it.

    Parameters
    ----------
    expectancy : ndarray, shape (sex,), of the base year; the published one if not given.

    Raises
    ------
    ValueError
        If the standard cannot be moved to the life expectancy.
    """
    if expectancy is None:
        expectancy = tables.expectancy[year]
    standard = standards(tables, year)
    rates = [rates_for_expectancy(standard[s], float(expectancy[s]), s) for s in range(N_SEX)]
    return mortality_at(tables, year, np.array(rates), expectancy)


def mortality_at(
    tables: MortalityTables, year: int, rates: FloatArray, expectancy: FloatArray
) -> Mortality:
    """Give known death rates of a base year the change that the pace countries show up to it.

    Parameters
    ----------
    rates : ndarray, shape (sex, age), per person-year.
    expectancy : ndarray, shape (sex,), life expectancy at birth by these rates, years.
    """
    fits = [_fit(tables, country, year) for country in PACE_COUNTRIES]
    return Mortality(
        year=year,
        expectancy=expectancy,
        rates=rates,
        pattern=np.array([np.mean([f[s].b for f in fits], axis=0) for s in range(N_SEX)]),
        shock=float(np.sqrt(np.mean([_shock(fit) ** 2 for f in fits for fit in f]))),
    )


def standards(tables: MortalityTables, year: int) -> tuple[LifeTable, LifeTable]:
    """Return the standard life table of each sex: the last five years that ended by `year`."""
    male, female = (_standard(tables, s, year) for s in range(N_SEX))
    return male, female


def _standard(tables: MortalityTables, sex: int, year: int) -> LifeTable:
    country = STANDARD_COUNTRIES[sex]
    history = tables.history(country, year)
    # Only the shape of a standard counts; where the country's tables start later, its first lends it.
    rates = history[-1] if len(history) else tables.history(country, AT_ALL)[0]
    return life_table(single_age_rates(tables.age_lo, rates[sex], sex), sex)


def past_gain(tables: MortalityTables, year: int) -> FloatArray:
    """Return the gain of life expectancy a year in the pace countries up to `year`, shape (sex,).

    What stands in for the city's own trend where only one life expectancy of it is known.
    """
    gains = []
    for country in PACE_COUNTRIES:
        history = tables.history(country, year)
        years = PERIOD_YEARS * (len(history) - 1)
        tables_of = [_single(tables, history[k]) for k in (0, -1)]
        first, last = (
            np.array([float(life_table(t[s], s).expectancy) for s in range(N_SEX)])
            for t in tables_of
        )
        gains.append((last - first) / years)
    return np.asarray(np.mean(gains, axis=0))


def _single(tables: MortalityTables, rates: FloatArray) -> FloatArray:
    return np.array([single_age_rates(tables.age_lo, rates[s], s) for s in range(N_SEX)])


def _fit(tables: MortalityTables, country: str, year: int) -> list[LeeCarter]:
    """Fit each sex of one country to all its periods, shape of rates (age, period)."""
    singles = np.array([_single(tables, r) for r in tables.history(country, year)])
    return [fit_un(np.log(singles[:, s].T), range(N_AGE)) for s in range(N_SEX)]


def _shock(fit: LeeCarter) -> float:
    """Return the yearly standard deviation behind five-year means of a random walk.

    Means over five years of a walk with yearly variance v differ, one step to the next, by a
    variance of about 5 v * (2 / 3): averaging takes a third of it away.
    """
    walk = drift(fit.k, range(fit.k.size))
    return float(walk.innovation_sd / np.sqrt(PERIOD_YEARS * 2 / 3))
