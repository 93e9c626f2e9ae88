"""Move a standard life table on Brass's logit scale, or fit the move.

Two numbers carry a standard to a population with little data of its own: the level alpha and the
slope beta of logit l(x) = alpha + beta * logit l_standard(x).
"""

from typing import Final

import numpy as np
from scipy.optimize import brentq

from forecast.methods.checks import check_cells
from forecast.methods.lifetable import LifeTable, infant_years, life_table
from params.axes import N_AGE, OPEN_AGE, SEXES, FloatArray
from params.errors import ParamError, Problem
from params.language import said

LOWEST_LEVEL: Final = -3.0
HIGHEST_LEVEL: Final = 3.0
"""Levels tried for a life expectancy; the higher the level, the shorter the life."""


def brass_logit(survivors: FloatArray) -> FloatArray:
    """Return Brass's logit of survivors, shape (...), half the log odds of having died.

    Everybody alive gives minus infinity, nobody plus infinity.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log((1 - survivors) / survivors))


def fit_brass(
    standard_survivors: FloatArray, observed_survivors: FloatArray
) -> tuple[float, float]:
    """Fit the level alpha and the slope beta by ordinary least squares on the logits.

    Parameters
    ----------
    standard_survivors, observed_survivors : ndarray, shape (age,), shares alive at the same ages.
        Leave out age 0: a share of 1 or 0 has no logit.

    Raises
    ------
    ParamError
        Naming the position of a share that is not strictly between 0 and 1, or if fewer than two
        different shares are left to draw a line through.

    Notes
    -----
    Brass (1971); United Nations, *Manual X* (1983), chapter I.
    """
    axes = {"position": range(np.size(standard_survivors))}
    above, below = np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)
    standard = check_cells("survivors of the standard", standard_survivors, axes, above, below)
    observed = check_cells("survivors observed", observed_survivors, axes, above, below)
    if np.unique(standard).size < 2:
        found = said(
            f"{standard.size} ages, all with the same share alive",
            f"{standard.size} 个年龄的存活比例全部相同",
        )
        allowed = said("two different shares or more", "至少两个不同的比例")
        raise ParamError(Problem("survivors of the standard", found, allowed))
    x, y = brass_logit(standard), brass_logit(observed)
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return float(y.mean() - slope * x.mean()), slope


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
    logits = brass_logit(np.clip(standard.survivors, 1e-300, 1.0))
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

    Parameters
    ----------
    standard : LifeTable of one sex, arrays of shape (101,).
    expectancy : years.
    sex : 0 male, 1 female.

    Raises
    ------
    ValueError
        If no level between -3 and 3 reaches it; the message names the sex and both ends.
    """

    def miss(level: float) -> float:
        return float(life_table(brass_rates(standard, level, sex), sex).expectancy) - expectancy

    low, high = miss(HIGHEST_LEVEL), miss(LOWEST_LEVEL)
    if not low < 0 < high:
        msg = (
            f"life expectancy {expectancy} ({SEXES[sex]}) cannot be reached from this standard: "
            f"it allows {low + expectancy:.1f} to {high + expectancy:.1f} years"
        )
        raise ValueError(msg)
    level = float(brentq(miss, LOWEST_LEVEL, HIGHEST_LEVEL, xtol=1e-10))
    return brass_rates(standard, level, sex)
