"""Yearly hazards of people in need: death, worsening, improving and recovery.

The states share the deaths of the population's life table: those in need die more often than the
rest by a ratio that falls with age, and their levels by fixed multiples, so that all of them
together die as the life table says.

Cohorts are named by their age at the start of a year, 59..99; the last pools 99 and 100+.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from params.axes import ELDER_AGE, N_AGE, N_LEVEL, FloatArray
from params.inputs import Inputs
from params.language import said
from params.tables.assumed import NeedGroup

UP, SAME, DOWN = 0.80, 0.15, 0.05
"""Results of early re-assessments: higher level, same, lower (assumed)."""
STOCK_GROWTH = 0.03
"""Growth a year of the stock that bounds worsening; the forecast's own is .04-.05."""
MOST_FROM_BELOW = 0.9
"""Largest part of a level's losses that worsening from the level below may make good."""


@dataclass(frozen=True)
class Hazards:
    """Yearly hazards of people in need; the event simulation draws lives from these.

    Attributes
    ----------
    death : ndarray, shape (year, sex, cohort, level), during the year that ends with the entry.
    worsen, improve, recover, recheck : ndarray, shape (level,). Recovery leaves need altogether;
        a recheck is a re-assessment that finds the same level.
    """

    death: FloatArray
    worsen: FloatArray
    improve: FloatArray
    recover: FloatArray
    recheck: FloatArray


def cohort_hazards(survival: FloatArray) -> FloatArray:
    """Turn survival into ages 60..100 into the yearly hazard of cohorts 59..99.

    Parameters
    ----------
    survival : ndarray, shape (year, sex, age).
    """
    return -np.log(survival[..., ELDER_AGE:])


def multistate_rates(inputs: Inputs) -> FloatArray:
    """Return CLHLS hazards h2d, d2h, h2dead, d2dead by (transition, sex, age 60..)."""
    age = (np.arange(ELDER_AGE, N_AGE) - 65) / 10
    female = np.array([0.0, 1.0])
    table = inputs.multistate[:, :, None, None]
    return np.asarray(np.exp(table[:, 0] + table[:, 1] * age + table[:, 2] * female[:, None]))


def mortality_ratio(inputs: Inputs) -> FloatArray:
    """Return the death hazard in need over that without need, shape (sex, age 60..).

    From the multistate rates of the CLHLS: the ratio falls with age, from over 4 at 65 to near 1 at
    100. Only its shape over age is used, see `scale_ratio`: the national level is far too high.
    """
    rates = multistate_rates(inputs)
    return np.asarray(np.maximum(rates[3] / rates[2], 1.0))


def scale_ratio(
    ratio: FloatArray,
    prevalence: FloatArray,
    total_hazard: FloatArray,
    people: FloatArray,
    target: float,
) -> FloatArray:
    """Stretch the mortality ratio until people in need die at the assumed yearly rate.

    Parameters
    ----------
    ratio, prevalence : ndarray, shape (sex, age 60..); prevalence at mid-year, see `mid_year`.
    total_hazard : ndarray, shape (sex, cohort), of the year that follows the stock.
    people : ndarray, shape (sex, age 60..), stock at the start of that year.
    target : deaths a year over people in need.
    """
    # People aged x at the start of the year are cohort x, one place further on the cohort axis.
    start = np.zeros_like(people)
    start[:, 1:] = people[:, :-1]
    start[:, -1] += people[:, -1]

    def stretched(factor: float) -> FloatArray:
        return 1 + factor * (ratio - 1)

    def miss(factor: float) -> float:
        now = stretched(factor)
        hazard = total_hazard / (1 - prevalence + prevalence * now) * now
        return float((start * hazard).sum() / start.sum()) - target

    low, high = miss(0.0), miss(50.0)
    if not low < 0 < high:
        ends = f"{low + target:.3f}", f"{high + target:.3f}"
        msg = said(
            f"death_rate_in_need {target:.6g} does not fit the life table: with this prevalence it "
            f"allows {ends[0]} to {ends[1]}",
            f"death_rate_in_need {target:.6g} 与生命表不符：在此失能率下可取 {ends[0]} 至 {ends[1]}",
        )
        raise ValueError(msg)
    return stretched(float(brentq(miss, 0.0, 50.0)))


def mid_year(prevalence: FloatArray) -> FloatArray:
    """Return the mean prevalence of each cohort over a year, shape (..., cohort).

    Cohort 59 turns 60 during the year: it takes the prevalence of its new age.
    """
    before = np.concatenate([prevalence[..., :1], prevalence[..., :-1]], axis=-1)
    return (before + prevalence) / 2


def hazards_of(
    inputs: Inputs,
    total_hazard: FloatArray,
    prevalence: FloatArray,
    ratio: FloatArray,
    levels: FloatArray,
) -> Hazards:
    """Split the life table's deaths over levels so that the states average to it.

    Parameters
    ----------
    total_hazard : ndarray, shape (year, sex, cohort).
    prevalence : ndarray, shape (year, sex, age 60..).
    """
    assumed = inputs.assumed.need
    relative = assumed.death_hazards / (levels @ assumed.death_hazards)
    middle = mid_year(prevalence)
    healthy = total_hazard / (1 - middle + middle * ratio)
    early = assumed.early_reassessment
    worsen = np.minimum(UP * early, _most_worsening(assumed, levels, relative))
    improve = np.full(N_LEVEL, DOWN * early)
    improve[0] = 0.0
    return Hazards(
        death=(healthy * ratio)[..., None] * relative,
        worsen=worsen,
        improve=improve,
        recover=assumed.recoveries,
        recheck=np.full(N_LEVEL, SAME * early),
    )


def _most_worsening(
    assumed: NeedGroup[float], levels: FloatArray, relative: FloatArray
) -> FloatArray:
    """Bound worsening so that no level gets more people from below than it loses, shape (level,).

    A draw with few people in a high level and much worsening into it would ask for negative onsets
    there. Losses are deaths, recoveries and the growth of the stock.
    """
    losses = assumed.death_rate_in_need * relative + assumed.recovery_high + STOCK_GROWTH
    bound = np.zeros(N_LEVEL)
    bound[:-1] = MOST_FROM_BELOW * losses[1:] * levels[1:] / levels[:-1]
    return bound


def generator(hazards: Hazards) -> FloatArray:
    """Return the generator of the levels, shape (year, sex, cohort, level from, level to)."""
    shape = hazards.death.shape
    matrix = np.zeros((*shape, N_LEVEL))
    for k in range(N_LEVEL):
        out = hazards.worsen[k] + hazards.improve[k] + hazards.recover[k]
        matrix[..., k, k] = -(hazards.death[..., k] + out)
        if k + 1 < N_LEVEL:
            matrix[..., k, k + 1] = hazards.worsen[k]
        if k > 0:
            matrix[..., k, k - 1] = hazards.improve[k]
    return matrix
