"""Spread published age groups over single ages, keeping every group exactly.

A smooth curve alone would hide the famine trough of 1959-61, which moves 60+ by percents in
2019-2023. So the single-year pattern of a reference population carries the shape inside groups, and
only its *ratio* to the published groups is smoothed. The open group is closed by the life table, the
age below it and the published number of centenarians.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

from params.axes import FloatArray, IntArray
from params.language import said

N_SMOOTHING_STEPS = 12
BENDS = (-0.05, 0.15)
"""Range of the second number of `open_tail`."""


def ungroup(counts: FloatArray, age_lo: IntArray, pattern: FloatArray) -> FloatArray:
    """Spread groups over single ages along a reference pattern.

    Parameters
    ----------
    counts : ndarray, shape (..., group), persons; the last group ends with the pattern.
    age_lo : ndarray, shape (group,), first age of each group, starting at 0.
    pattern : ndarray, shape (..., age) or (age,), any positive scale.

    Returns
    -------
    ndarray, shape (..., age)
        Persons by single age; every group adds to its count.
    """
    n_age = pattern.shape[-1]
    bounds = np.append(age_lo, n_age)
    starts = bounds[:-1]
    group_of = np.searchsorted(bounds, np.arange(n_age), side="right") - 1
    middle = (bounds[:-1] + bounds[1:] - 1) / 2
    ages = np.clip(np.arange(n_age), middle[0], middle[-1])
    shaped = np.broadcast_to(pattern, (*counts.shape[:-1], n_age)).astype(np.float64)
    for _ in range(N_SMOOTHING_STEPS):
        ratio = np.maximum(counts, 1e-9) / np.add.reduceat(shaped, starts, axis=-1)
        shaped = shaped * np.exp(PchipInterpolator(middle, np.log(ratio), axis=-1)(ages))
    found = np.add.reduceat(shaped, starts, axis=-1)
    return np.asarray(shaped * (counts / found)[..., group_of])


def open_tail(reference: FloatArray, first_share: float, last_share: float | None) -> FloatArray:
    """Return relative numbers at the open age's single ages, the last one 100+; they add to one.

    A reference is bent by exp(-g k - h k^2), k years above the first age. The share at the first age joins
    the tail to the age below, that of 100+ decides the second number.

    Parameters
    ----------
    reference : ndarray, shape (101 - open age,), above zero: person-years of a life table, or what
        an earlier census has left of the same generations.
    first_share : share of all of them at the first age.
    last_share : share at 100+; None leaves h at zero.

    Raises
    ------
    ValueError
        If no such curve leads from the one share to the other.
    """
    steps = np.arange(reference.size)

    def shares(growth: float, bend: float) -> FloatArray:
        logs = -growth * steps - bend * steps**2 + np.log(reference)
        weights = np.exp(logs - logs.max())
        return np.asarray(weights / weights.sum())

    def growth_for(bend: float) -> float:
        def miss(growth: float) -> float:
            return float(shares(growth, bend)[0]) - first_share

        return float(brentq(miss, -3.0, 3.0, xtol=1e-13))

    def miss_last(bend: float) -> float:
        return float(np.log(shares(growth_for(bend), bend)[-1])) - float(np.log(last_share or 1.0))

    try:
        bend = 0.0 if last_share is None else float(brentq(miss_last, *BENDS, xtol=1e-13))
        return shares(growth_for(bend), bend)
    except ValueError as error:
        ends = f"{first_share:.3f} at its first age to {last_share or float('nan'):.5f} at 100+"
        msg = said(
            f"no curve leads from a share of {ends} above the open age",
            f"没有曲线能从末组以上的比例 {ends} 延伸",
        )
        raise ValueError(msg) from error


def move_pattern(pattern: FloatArray, into: FloatArray, years: float) -> FloatArray:
    """Age a single-year pattern by a span of years (negative: back), without migration.

    Parameters
    ----------
    pattern : ndarray, shape (101,).
    into : ndarray, shape (101,), survival into each age over one year.
    years : span; its fraction is interpolated linearly at fixed age, which is what birthdays
        spread evenly over the year give.
    """
    whole = int(np.floor(years))
    moved = pattern.astype(np.float64)
    for _ in range(abs(whole)):
        moved = one_year_on(moved, into) if whole > 0 else one_year_back(moved, into)
    part = years - whole
    return moved if part == 0 else (1 - part) * moved + part * one_year_on(moved, into)


def one_year_on(people: FloatArray, into: FloatArray) -> FloatArray:
    """Move (..., age) one birthday on; age 0 keeps its number, since births are not known here."""
    older = people.copy()
    older[..., 1:] = people[..., :-1] * into[..., 1:]
    older[..., -1] = (people[..., -2] + people[..., -1]) * into[..., -1]
    return older


def one_year_back(people: FloatArray, into: FloatArray) -> FloatArray:
    """Undo one birthday by reverse survival; the open age keeps its shape below 100."""
    younger = people.copy()
    younger[..., :-1] = people[..., 1:] / into[..., 1:]
    # Those aged 99 and 100+ both came into the open age: part them as this year's people are.
    pooled = people[..., -1] / into[..., -1]
    share = people[..., -2] / np.maximum(people[..., -2] + people[..., -1], 1e-300)
    younger[..., -2] = pooled * share
    younger[..., -1] = pooled * (1 - share)
    return younger
