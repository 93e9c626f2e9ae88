"""Turn death rates into life tables and survival, and back.

Single ages 0..100 on the last axis, the last one open. Conventions are those of the United Nations'
cohort-component engine: a_x = 1/2, a_0 by Coale and Demeny (West), L_100 = l_100 / m_100, survival
*into* age x is L_x / L_(x-1) and the open age is pooled. The naive 1 - q(x-1) is 5 % wrong at 80+.

Age groups of any width, from any first age, have a table of their own: `forecast.methods.abridged`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.methods.checks import check_ages, check_hazards
from params.axes import N_AGE, OPEN_AGE, SEXES, FloatArray
from params.errors import ParamError, Problem
from params.language import said

N_SCALING_STEPS = 60

HIGH_RATE: Final = 0.107
"""Infant death rate above which a_0 is constant."""


@dataclass(frozen=True)
class LifeTable:
    """Life table of radix one; every array has shape (..., age).

    Attributes
    ----------
    rates : death rates m_x, per person-year.
    survivors : l_x, share alive at exact age x.
    person_years : L_x, years lived in the age; the last is all years lived above 100.
    """

    rates: FloatArray
    survivors: FloatArray
    person_years: FloatArray

    @property
    def expectancy(self) -> FloatArray:
        """Life expectancy at birth, years, shape (...)."""
        return np.asarray(self.person_years.sum(axis=-1))


def infant_years(infant_rate: FloatArray, sex: int) -> FloatArray:
    """Return a_0, the years lived in the first year by those who die in it.

    Coale and Demeny, West family, as restated on m_0 by Preston, Heuveline and Guillot (2001),
    table 3.3. `sex` is 0 for male and 1 for female.
    """
    low, slope, high = ((0.045, 2.684, 0.330), (0.053, 2.800, 0.350))[sex]
    return np.where(infant_rate < HIGH_RATE, low + slope * infant_rate, high)


def life_table(rates: FloatArray, sex: int) -> LifeTable:
    """Build the life table of one sex from single-age death rates, shape (..., 101)."""
    rates = np.asarray(rates, dtype=np.float64)
    years_of_dying = np.full_like(rates, 0.5)
    years_of_dying[..., 0] = infant_years(rates[..., 0], sex)
    dying = np.minimum(rates / (1 + (1 - years_of_dying) * rates), 1.0)
    survivors = np.ones_like(rates)
    survivors[..., 1:] = np.cumprod(1 - dying[..., :-1], axis=-1)
    deaths = survivors * dying
    person_years = survivors - (1 - years_of_dying) * deaths
    person_years[..., -1] = survivors[..., -1] / rates[..., -1]
    return LifeTable(rates, survivors, person_years)


def survival_into(table: LifeTable) -> FloatArray:
    """Return survival over one year into each age, shape (..., 101).

    Entry 0 is survival from birth; the last entry applies to those aged 99 and 100+ together.
    """
    years = table.person_years
    into = np.empty_like(years)
    into[..., 0] = years[..., 0]
    into[..., 1:-1] = years[..., 1:-1] / years[..., :-2]
    into[..., -1] = years[..., -1] / (years[..., -2] + years[..., -1])
    return into


def single_age_rates(age_lo: FloatArray, group_rates: FloatArray, sex: int) -> FloatArray:
    """Spread death rates of age groups over single ages so that each group keeps its rate.

    The rate of a group is deaths over years lived *in the life table*; scaling each group until
    that holds keeps the number of very old right, where keeping the sum of hazards makes it 2 % too
    big.

    Parameters
    ----------
    age_lo : ndarray, shape (group,), first age of each group; the last is open and starts at 100 or
        before, and then the curve below it goes on rising to 100.
    group_rates : ndarray, shape (group,), per person-year.
    sex : 0 male, 1 female.

    Raises
    ------
    ParamError
        If a rate is not finite, not above zero or above 10, or the ages do not rise from 0 to 100
        or less.
    """
    from scipy.interpolate import PchipInterpolator

    group_rates = check_group_rates(age_lo, group_rates, sex)
    bounds = np.append(age_lo, OPEN_AGE + 1).astype(np.int64)
    middle = (bounds[:-1] + bounds[1:]) / 2
    ages = np.arange(N_AGE) + 0.5
    # The infant rate stands apart from the ages after it: no smooth curve passes through it.
    curve = PchipInterpolator(middle[1:], np.log(group_rates[1:]), extrapolate=True)
    rates: FloatArray = np.exp(curve(np.clip(ages, middle[1], None)))
    rates[0], rates[-1] = group_rates[0], group_rates[-1]
    group_of = np.searchsorted(bounds, np.arange(N_AGE), side="right") - 1
    for _ in range(N_SCALING_STEPS):
        table = life_table(rates, sex)
        deaths = np.bincount(group_of, table.rates * table.person_years)
        found = deaths / np.bincount(group_of, table.person_years)
        rates = rates * (group_rates / found)[group_of]
    return rates


def check_group_rates(age_lo: FloatArray, rates: FloatArray, sex: int) -> FloatArray:
    """Refuse rates of groups that cannot be spread over the ages 0..100."""
    name = f"death rates of groups, {SEXES[sex]}"
    starts = [int(a) for a in age_lo]
    check_ages(name, starts)
    if starts[-1] > OPEN_AGE:
        raise ParamError(
            Problem(
                name,
                said(f"the last group starts at {starts[-1]}", f"末组从 {starts[-1]} 岁开始"),
                said(f"{OPEN_AGE} or before, open", f"不晚于 {OPEN_AGE} 岁，且开放"),
                said("pool the groups from 100 on", "请合并百岁以上各组"),
            )
        )
    rates = check_hazards(name, rates, {"age": starts})
    if (rates == 0).any():
        raise ParamError(
            Problem(
                f"{name} [age {starts[int(np.argmin(rates))]}]",
                "0",
                said("above 0: the curve runs through log rates", "大于0：曲线取对数死亡率"),
                said("pool the group with its neighbour", "请与相邻年龄组合并"),
            )
        )
    return rates
