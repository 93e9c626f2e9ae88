"""Turn death rates into life tables and survival, and back.

Single ages 0..100 on the last axis, the last one open. Conventions are those of the United Nations'
cohort-component engine: a_x = 1/2, a_0 by Coale and Demeny (West), L_100 = l_100 / m_100, survival
*into* age x is L_x / L_(x-1) and the open age is pooled. The naive 1 - q(x-1) is 5 % wrong at 80+.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from params.axes import N_AGE, OPEN_AGE, FloatArray

N_SCALING_STEPS = 60


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
    return np.where(infant_rate < 0.107, low + slope * infant_rate, high)


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
    age_lo : ndarray, shape (group,), first age of each group; the last is open and starts at 100.
    group_rates : ndarray, shape (group,), per person-year.
    sex : 0 male, 1 female.
    """
    from scipy.interpolate import PchipInterpolator

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


def brass_rates(standard: LifeTable, level: float, sex: int, slope: float = 1.0) -> FloatArray:
    """Move a standard life table on Brass's logit scale and return its death rates.

    Parameters
    ----------
    standard : LifeTable of one sex, arrays of shape (101,).
    level, slope : alpha and beta of logit l(x) = alpha + beta * logit l_standard(x).

    Notes
    -----
    Brass (1971). The rate of the open age moves by the same factor as that of age 99.
    """
    shares = np.clip(standard.survivors, 1e-300, 1.0)
    with np.errstate(divide="ignore"):
        logits = 0.5 * np.log((1 - shares) / shares)
    survivors = 1 / (1 + np.exp(np.clip(2 * (level + slope * logits), -700, 700)))
    survivors[0] = 1.0
    dying = 1 - survivors[1:] / survivors[:-1]
    years_of_dying = np.full(OPEN_AGE, 0.5)
    years_of_dying[0] = infant_years(standard.rates[0], sex)
    rates = np.empty(N_AGE)
    rates[:-1] = dying / (1 - (1 - years_of_dying) * dying)
    rates[-1] = standard.rates[-1] * rates[-2] / standard.rates[-2]
    return rates


def rates_for_expectancy(standard: LifeTable, expectancy: float, sex: int) -> FloatArray:
    """Find the Brass level at which the standard reaches a life expectancy at birth.

    Raises
    ------
    ValueError
        If no level between -3 and 3 reaches it; the message names both ends.
    """

    def miss(level: float) -> float:
        return float(life_table(brass_rates(standard, level, sex), sex).expectancy) - expectancy

    low, high = miss(3.0), miss(-3.0)
    if not low < 0 < high:
        msg = (
            f"life expectancy {expectancy} cannot be reached from this standard: "
            f"it allows {low + expectancy:.1f} to {high + expectancy:.1f} years"
        )
        raise ValueError(msg)
    return brass_rates(standard, float(brentq(miss, -3.0, 3.0, xtol=1e-10)), sex)
