"""Prevalence of coming years when incidence falls, stays or rises, carried forward by cohorts.

Arrays of a year's end run (sex, age) by completed age, the last age open. During the next year they
run (sex, cohort): a cohort is named by its age at the start, and the last pools the last two ages.
Shifting the whole curve of prevalence instead would let people recover, or fall ill, whose lives a
change of the incidence does not touch.
"""

import numpy as np

from forecast.methods.checks import check_cells
from forecast.methods.illness import (
    BELOW_ONE,
    IllnessRates,
    check_by_age,
    check_illness,
    incidence_between,
    prevalence_after,
)
from params.axes import FloatArray


def base_incidence(
    base: FloatArray,
    recovery: FloatArray,
    death_healthy: FloatArray,
    death_ill: FloatArray,
    open_share: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the incidence with which the prevalence of the base stays what it is.

    Parameters
    ----------
    base : ndarray, shape (sex, age), share ill at a year's end by completed age; the last is open.
    recovery, death_healthy, death_ill : ndarray, shape (sex, cohort), rates a person-year.
    open_share : ndarray, shape (sex,), of the last cohort, the share already in the open age.

    Returns
    -------
    incidence : ndarray, shape (sex, cohort), a healthy person-year; not below zero.
    clipped : ndarray, same shape, what was added to lift negative ones to zero.
    """
    base = check_by_age("prevalence of the base", base, np.shape(base), BELOW_ONE)
    start = _cohorts(base, open_share)
    return incidence_between(start, base[..., 1:], recovery, death_healthy, death_ill)


def prevalence_ahead(
    base: FloatArray,
    rates: IllnessRates,
    open_share: FloatArray,
    yearly_change: float | FloatArray = 0.0,
    entry: FloatArray | None = None,
) -> FloatArray:
    """Carry the prevalence of the base forward by cohorts while incidence falls or rises.

    Parameters
    ----------
    base : ndarray, shape (sex, age), share ill at the end of the base year; the last age is open.
    rates : IllnessRates, shapes that broadcast to (year, sex, cohort), of the years after the base;
        the incidence is that of the base year (`base_incidence`).
    open_share : ndarray, shape (sex,), of the last cohort, the share already in the open age.
    yearly_change : change of the incidence a year, -0.01 for 1 % less, or an array that broadcasts
        to (sex, cohort); in year t after the base it is the base's times (1 + change)^t.
    entry : ndarray, shape (year, sex), prevalence of those who reach the first age; None for the
        base's in all years.

    Returns
    -------
    ndarray, shape (1 + year, sex, age), share ill at year ends, the base first.

    Notes
    -----
    The rates of death of the healthy and the ill are given and stay: with fewer ill fewer die. To
    keep the deaths of a projection instead, split them anew with `state_mortality`.

    For dementia in China, Liu et al. (2024, IMPACT-China Ageing Model) take +2.9 %, 0 and -1.0 % a
    year. For disability, compression is a negative change, expansion a positive one.
    """
    rates = check_illness(rates)
    base, change = _checked_base(base, rates), _checked_change(yearly_change)
    n_year, n_sex, _ = rates.death_ill.shape
    axes = {"year": range(n_year), "sex": range(n_sex)}
    first = np.broadcast_to(base[:, 0], (n_year, n_sex)) if entry is None else entry
    ahead = np.empty((n_year + 1, *base.shape))
    ahead[0] = base
    ahead[1:, :, 0] = check_cells("prevalence at entry", first, axes, 0.0, BELOW_ONE)
    for t in range(n_year):
        now = IllnessRates(
            rates.incidence[t] * (1 + change) ** (t + 1),
            rates.recovery[t],
            rates.death_healthy[t],
            rates.death_ill[t],
        )
        ahead[t + 1, :, 1:] = prevalence_after(_cohorts(ahead[t], open_share), now)
    return ahead


def _cohorts(prevalence: FloatArray, open_share: FloatArray) -> FloatArray:
    """Name a year's end by cohorts of the next year: the last two ages become one."""
    share = check_cells("open_share", open_share, {"sex": range(len(prevalence))}, 0.0, 1.0)
    start = prevalence[..., :-1].copy()
    start[..., -1] += share * (prevalence[..., -1] - prevalence[..., -2])
    return np.asarray(start)


def _checked_base(base: FloatArray, rates: IllnessRates) -> FloatArray:
    """Return the base's prevalence if the rates have its sexes and cohorts, by year."""
    if rates.death_ill.ndim != 3:
        msg = f"rates need the axes (year, sex, cohort), not {rates.death_ill.shape}"
        raise ValueError(msg)
    _, n_sex, n_cohort = rates.death_ill.shape
    if np.shape(base) != (n_sex, n_cohort + 1):
        needed = (n_sex, n_cohort + 1)
        msg = f"base has shape {np.shape(base)}; rates of {n_cohort} cohorts need {needed}"
        raise ValueError(msg)
    return check_by_age("prevalence of the base", base, np.shape(base), BELOW_ONE)


def _checked_change(yearly_change: float | FloatArray) -> FloatArray:
    """Return changes of incidence as floats: less than none is not possible."""
    change = np.asarray(yearly_change, dtype=np.float64)
    if not np.isfinite(change).all() or (change < -1).any():
        msg = f"yearly_change {yearly_change} must be -1 or more, as a share a year"
        raise ValueError(msg)
    return change
