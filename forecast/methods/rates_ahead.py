"""Carry death rates ahead along a Lee-Carter pattern, from the last rates observed.

k follows a random walk with drift, and only its *change* since the base year is applied, so the
rates of the base year are those observed and never jump. Or k is set by a life expectancy to reach.
Chance comes in from outside as standard normal deviates.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from forecast.methods.checks import check_cells, check_hazards
from forecast.methods.leecarter import axes_of
from forecast.methods.lifetable import life_table
from params.axes import SEXES, FloatArray, IntArray
from params.errors import ParamError, Problem, span
from params.language import said

REACH: Final = 7.0
"""k is searched until the age that moves most has its rate changed by a factor exp(7) = 1,100."""
N_COARSE: Final = 281
N_FINE: Final = 61
"""Life tables between which a target's k is interpolated: over its own coarse cell and one on either side."""
SMALLEST_RATE: Final = 1e-9

Expectancy = Callable[[FloatArray], FloatArray]
"""Life expectancy at birth, shape (...), of death rates, shape (..., age)."""


@dataclass(frozen=True)
class Walk:
    """A random walk with drift, as estimated.

    Attributes
    ----------
    drift : mean change of k in a year.
    drift_error : standard error of the drift, innovation_sd / sqrt(span).
    innovation_sd : standard deviation of the yearly change about the drift.
    span : years between the first and the last year used.
    """

    drift: float
    drift_error: float
    innovation_sd: float
    span: int


def drift(k: FloatArray, years: Sequence[int], exclude: Sequence[int] = ()) -> Walk:
    """Estimate a random walk with drift, some years set aside as shocks.

    Parameters
    ----------
    k : ndarray, shape (year,), index of mortality.
    years : calendar years of k, rising; a gap between them counts as its number of years.
    exclude : years that do not belong to the walk, such as 2020 to 2023; as one dummy for each.

    Notes
    -----
    Maximum likelihood given the years left: over a gap of g years the change has mean g * drift and
    variance g * sigma^2. Sigma is then divided by the degrees of freedom, not by their number.
    """
    k = check_cells("index of mortality", k, {"year": years})
    _check_years(years, exclude)
    used = np.isin(years, exclude, invert=True)
    kept = np.asarray(years)[used]
    gaps, changes = np.diff(kept), np.diff(k[used])
    span = int(kept[-1] - kept[0])
    rate = changes.sum() / span
    variance = ((changes - gaps * rate) ** 2 / gaps).sum() / (gaps.size - 1)
    sd = math.sqrt(variance)
    return Walk(float(rate), sd / math.sqrt(span), sd, span)


def paths(walk: Walk, drift_deviates: FloatArray, step_deviates: FloatArray) -> FloatArray:
    """Draw changes of k since the base year, shape (draw, horizon).

    Parameters
    ----------
    drift_deviates : ndarray, shape (draw,), standard normal; zeros leave the drift as estimated.
    step_deviates : ndarray, shape (draw, horizon), standard normal, one a year.
    """
    axes = axes_of(step_deviates, draw=None, year_ahead=None)
    steps = check_cells("yearly deviates", step_deviates, axes)
    drifts = check_cells("deviates of the drift", drift_deviates, {"draw": range(len(steps))})
    pace = walk.drift + walk.drift_error * drifts
    years = np.arange(1, steps.shape[1] + 1)
    return pace[:, None] * years + walk.innovation_sd * steps.cumsum(axis=1)


def rates_ahead(base_rates: FloatArray, b: FloatArray, k_change: FloatArray) -> FloatArray:
    """Move observed death rates along b, shape (..., age).

    Parameters
    ----------
    base_rates : ndarray, shape (age,), per person-year, as observed in the base year.
    b : ndarray, shape (age,), pattern of change.
    k_change : ndarray, shape (...,), k less k of the base year.

    Notes
    -----
    "Actual" jump-off: Lee and Miller (2001). The fitted rates of the base year play no part.
    """
    ages = axes_of(base_rates, age=None)
    base_rates = check_hazards("death rates of the base year", base_rates, ages)
    b = check_cells("pattern b", b, ages)
    change = np.ravel(k_change)
    check_cells("change of k", change, {"place": range(change.size)})
    moved = np.asarray(k_change, dtype=np.float64)[..., None] * b
    # In place: with 60,000 sets of rates the copies would cost more than the exponentials.
    np.exp(moved, out=moved)
    moved *= base_rates
    return moved


def k_for_expectancy(
    base_rates: FloatArray,
    b: FloatArray,
    expectancy: FloatArray | float,
    sex: int,
    expectancy_of: Expectancy | None = None,
) -> FloatArray:
    """Find the change of k at which the rates give a life expectancy at birth, shape (...,).

    Parameters
    ----------
    base_rates : ndarray, shape (age,), per person-year, all above zero.
    b : ndarray, shape (age,), pattern of change; it may be below zero at some ages.
    expectancy : ndarray, shape (...,), years.
    sex : 0 male, 1 female.
    expectancy_of : life expectancy of rates; of single ages 0..100 if not given.

    Raises
    ------
    ValueError
        Naming sex, target and the range within reach.

    Notes
    -----
    Life expectancy is tabulated in the cells of a fixed grid in which targets lie and its inverse
    interpolated by a cubic spline, so 60,000 targets cost some thousand life tables, and a target's k is the
    same to the last bit whatever other targets are asked for with it. They are met within 1e-9 years, but
    for targets so low that the infant rate passes .107, where Coale and Demeny's a_0 jumps.
    """
    ages = axes_of(base_rates, age=None)
    base_rates = check_cells("death rates of the base year", base_rates, ages, SMALLEST_RATE, 10.0)
    b = check_cells("pattern b", b, ages)
    targets = np.ravel(expectancy)
    targets = check_cells("life expectancy", targets, {"target": range(targets.size)})

    def years(k: FloatArray) -> FloatArray:
        rates = rates_ahead(base_rates, b, k)
        return expectancy_of(rates) if expectancy_of else life_table(rates, sex).expectancy

    far = REACH / max(float(np.abs(b).max()), 1e-9)
    grid = np.linspace(-far, far, N_COARSE)
    cells, first, last = _cells(years(grid), targets, SEXES[sex])
    found = np.empty(targets.size)
    for cell in np.unique(cells):
        # One cell more at each end: a spline is least exact in its last ones.
        k = np.linspace(grid[min(last, cell + 2)], grid[max(first, cell - 1)], N_FINE)
        mine = cells == cell
        found[mine] = CubicSpline(years(k), k)(targets[mine])
    return found.reshape(np.shape(expectancy))


def rates_for_expectancy_lc(
    base_rates: FloatArray,
    b: FloatArray,
    expectancy: FloatArray | float,
    sex: int,
    expectancy_of: Expectancy | None = None,
) -> FloatArray:
    """Move observed death rates along b to life expectancies, shape (..., age).

    Parameters, limits and errors are those of `k_for_expectancy`.
    """
    return rates_ahead(
        base_rates, b, k_for_expectancy(base_rates, b, expectancy, sex, expectancy_of)
    )


def _cells(found: FloatArray, targets: FloatArray, sex_name: str) -> tuple[IntArray, int, int]:
    """Return each target's cell of a grid of life expectancies, and where their fall begins and ends."""
    falls = np.diff(found) < 0
    middle = found.size // 2
    # Where b changes sign, life expectancy turns round far out; only the slope at the base counts.
    first = middle - int(np.argmin(np.append(falls[:middle][::-1], False)))
    last = middle + int(np.argmin(np.append(falls[middle:], False)))
    longest, shortest = found[first], found[last]
    out = (targets > longest) | (targets < shortest) | (first == last)
    if out.any():
        msg = (
            f"life expectancy {targets[out][0]:g} of {sex_name} cannot be reached along this "
            f"pattern: it allows {shortest:.2f} to {longest:.2f} years "
            f"({out.sum()} of {targets.size} targets outside)"
        )
        raise ValueError(msg)
    above = np.searchsorted(-found[first : last + 1], -targets, side="right") - 1
    return np.minimum(first + above, last - 1), first, last


def _check_years(years: Sequence[int], exclude: Sequence[int]) -> None:
    """Refuse years that do not rise, unknown shocks, and too few years to estimate from."""
    problems = [
        Problem(
            "years",
            said(f"{after} follows {before}", f"{after} 排在 {before} 之后"),
            said("years that rise, each once", "年份递增，各出现一次"),
        )
        for before, after in pairwise(years)
        if after <= before
    ]
    problems += [
        Problem("years to exclude", f"{year}", span(years[0], years[-1]))
        for year in exclude
        if year not in years
    ]
    n_left = len(set(years) - set(exclude))
    if n_left < 3:
        found = said(f"{n_left} left", f"只剩 {n_left} 年")
        problems.append(Problem("years", found, said("three or more", "至少三年")))
    if problems:
        raise ParamError(problems)
