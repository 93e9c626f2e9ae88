"""Give Shanghai's death rates by year, sex and age.

Level: published life expectancy by sex. Pattern: the reference tables closest to Shanghai at 65+
(Japan for men, Korea for women; China's own table is 5-6 years too short) moved by Brass's
relational model. Change: a yearly gain of life expectancy, starting at the last published value.
"""

from collections.abc import Sequence

import numpy as np

from forecast.lifetable import LifeTable, life_table, rates_for_expectancy, single_age_rates
from params.axes import N_SEX, FloatArray
from params.inputs import MortalityTables


def standards(tables: MortalityTables) -> tuple[LifeTable, LifeTable]:
    """Return the standard life table of each sex."""
    male, female = (
        life_table(single_age_rates(tables.reference_age_lo, tables.reference_rates[s], s), s)
        for s in range(N_SEX)
    )
    return male, female


def city_rates(
    standard: tuple[LifeTable, LifeTable],
    base_expectancy: FloatArray,
    yearly_gain: FloatArray,
    years_from_base: Sequence[float],
    level_shift: float,
) -> FloatArray:
    """Return death rates of the city, shape (year, sex, age), per person-year.

    Parameters
    ----------
    standard : life tables of men and women.
    base_expectancy : ndarray, shape (sex,), years, as published for the base year.
    yearly_gain : ndarray, shape (sex,), years a year.
    years_from_base : calendar years less the base year; negative looks back.
    level_shift : added to every log rate.
    """
    rates = np.array(
        [
            [
                rates_for_expectancy(standard[s], float(base_expectancy[s] + yearly_gain[s] * t), s)
                for s in range(N_SEX)
            ]
            for t in years_from_base
        ]
    )
    return np.asarray(rates * np.exp(level_shift))
