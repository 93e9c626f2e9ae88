"""Stock and onset of care need by district, sex, age and level, from the population's own deaths.

Need is level 2-6 of 老年照护统一需求评估. One prevalence curve by sex and age, recovery, worsening
and a mortality ratio by level determine incidence. Instead of a rate, incidence is solved year by
year from the stocks: what must start during the year so that, after a year of deaths, recoveries
and changes of level, every cohort ends with the prevalence of its new age. Forward integration with
the same hazards (`simulate` does it person by person) then returns the prevalence exactly.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

from forecast.methods.logit import logistic
from forecast.need.hazards import (
    Hazards,
    cohort_hazards,
    generator,
    hazards_of,
    mid_year,
    mortality_ratio,
    scale_ratio,
)
from forecast.need.prevalence import (
    incidence_effect,
    insured_share,
    prevalence_level,
    prevalence_shape,
)
from forecast.people.excess import death_events
from forecast.people.projection import WARM_UP_YEARS, Projection
from params.axes import ELDER_AGE, N_AGE, N_LEVEL, FloatArray
from params.inputs import Inputs
from params.tables.assumed import NeedGroup

N_ELDER = N_AGE - ELDER_AGE
"""Ages 60..100+."""
DAYS_A_YEAR = 365.25
ASSESSMENT_DAYS = 3.0
"""Mean days from application to result when assessors keep up; only scales the stock's start."""


@dataclass(frozen=True)
class Need:
    """People in need on one basis.

    Attributes
    ----------
    basis : "resident" or "registered".
    first_year : year of the first entry of the year axis (31 December).
    stock : ndarray, shape (year, district, sex, age 60.., level), latent need.
    onset : ndarray, shape (year, district, sex, cohort, level), persons who start during the year;
        entry 0 is zero.
    hazards : see `Hazards`.
    insured : ndarray, shape (district,), share of people 60+ with long-term-care insurance.
    take_up : share of the insured in need who apply.
    settled : share of those who will apply that already hold a level, in the base year's stock.
    dementia : ndarray, shape (level,), share with dementia; `dementia_below` for everyone else 60+.
    arrangement : ndarray, shape (year, arrangement, district, sex, age 60..).
    clipped : onsets below zero that were set to zero, as a share of all onsets (a diagnostic).
    """

    basis: str
    first_year: int
    stock: FloatArray
    onset: FloatArray
    hazards: Hazards
    insured: FloatArray
    take_up: float
    settled: float
    dementia: FloatArray
    dementia_below: float
    arrangement: FloatArray
    elders: FloatArray
    """Persons of the basis by (year, district, sex, age 60..)."""
    clipped: float

    @property
    def years(self) -> range:
        """Years of the year axis."""
        return range(self.first_year, self.first_year + len(self.stock))


@dataclass(frozen=True)
class _Known:
    """What need is solved from, the same in every round."""

    elders: FloatArray
    """Persons of the basis by (year, district, sex, age 60..)."""
    total_hazard: FloatArray
    """Deaths of all, shape (year, sex, cohort)."""
    ratio: FloatArray
    """Death hazard in need over that without, shape (sex, age 60..), before it is stretched."""
    shape: FloatArray
    """Logit of prevalence up to a constant, shape (sex, age 60..)."""
    insured: FloatArray
    """Share of people 60+ by district."""


def need_of(inputs: Inputs, projection: Projection) -> Need:
    """Derive need from a projection, on the basis that the scenario names."""
    if projection.usual is not None:
        from forecast.need.struck import struck

        usual = need_of(inputs, projection.usual)
        return struck(usual, projection, death_events(inputs.scenario))
    known = _Known(
        elders=projection.people(inputs.scenario.population.basis)[..., ELDER_AGE:],
        total_hazard=cohort_hazards(projection.survival),
        ratio=mortality_ratio(inputs),
        shape=prevalence_shape(inputs, projection.resident[0].sum(axis=0)),
        insured=insured_share(inputs, inputs.assumed.need),
    )
    settled = 0.95
    for _ in range(3):
        need = _solve(inputs, projection, known, settled)
        settled = settled_share(inputs, need)
    return need


def _solve(inputs: Inputs, projection: Projection, known: _Known, settled: float) -> Need:
    """Solve need where this share of applicants' stock holds a level."""
    assumed, at_base = inputs.assumed.need, projection.base_index
    prevalence, ratio = _prevalence(assumed, projection, known, settled)
    stock = (known.elders * prevalence[:, None])[..., None] * assumed.levels
    hazards = hazards_of(inputs, known.total_hazard, prevalence, ratio, assumed.levels)
    onset, clipped = onset_from_stocks(stock, hazards)
    return Need(
        basis=inputs.scenario.population.basis,
        first_year=projection.first_year,
        stock=stock,
        onset=onset,
        hazards=hazards,
        insured=known.insured,
        take_up=assumed.take_up,
        settled=settled,
        dementia=assumed.dementia,
        dementia_below=_dementia_below(assumed, stock[at_base], known.elders[at_base]),
        arrangement=projection.arrangement,
        elders=known.elders,
        clipped=clipped,
    )


def _prevalence(
    assumed: NeedGroup[float], projection: Projection, known: _Known, settled: float
) -> tuple[FloatArray, FloatArray]:
    """Return prevalence, shape (year, sex, age 60..), and the mortality ratio that goes with it."""
    at_base, next_hazard = projection.base_index, known.total_hazard[projection.base_index + 1]
    elders = known.elders[at_base]
    claim = settled * assumed.take_up * known.insured
    level = prevalence_level(known.shape, elders, claim, assumed.beneficiaries_2020)
    drift = assumed.need_growth * np.maximum(np.arange(len(projection.years)) - at_base, 0)
    prevalence = logistic(known.shape + (level + drift)[:, None, None])
    people = elders.sum(axis=0)
    ratio = scale_ratio(
        known.ratio,
        mid_year(prevalence[at_base + 1]),
        next_hazard,
        people * prevalence[at_base],
        assumed.death_rate_in_need,
    )
    prevalence[at_base:] += incidence_effect(
        prevalence[at_base],
        people,
        next_hazard,
        ratio,
        float(assumed.levels @ assumed.recoveries),
        assumed.incidence_growth,
        len(prevalence) - at_base,
    )
    return prevalence, ratio


def _dementia_below(assumed: NeedGroup[float], stock: FloatArray, elders: FloatArray) -> float:
    """Return the share with dementia outside need that makes up the total, from the base's people."""
    in_need = stock.sum(axis=(0, 1, 2))
    others = elders.sum() - in_need.sum()
    below = (assumed.dementia_total * elders.sum() - in_need @ assumed.dementia) / others
    return max(float(below), 0.0)


def onset_from_stocks(stock: FloatArray, hazards: Hazards) -> tuple[FloatArray, float]:
    """Solve the onsets of each year that lead from one year's stock to the next.

    Parameters
    ----------
    stock : ndarray, shape (year, district, sex, age 60.., level).

    Returns
    -------
    onset : ndarray, shape (year, district, sex, cohort, level), spread evenly over the year.
    clipped : negative onsets set to zero, over all onsets.
    """
    needed = onset_needed(stock, hazards)
    onset = np.maximum(needed, 0.0)
    return onset, float(-np.minimum(needed, 0.0).sum() / onset.sum())


def onset_needed(stock: FloatArray, hazards: Hazards) -> FloatArray:
    """Return the onsets that lead exactly from one year's stock to the next, below zero where they must be.

    Both have the shape (year, district, sex, age 60.. or cohort, level); entry 0 is zero.
    """
    matrix = generator(hazards)[1:]
    whole_year = expm(matrix)
    # People who start evenly over the year spend, on average, this matrix of the rest of it.
    part_year = np.linalg.solve(matrix, whole_year - np.eye(N_LEVEL))
    start = np.zeros_like(stock[:-1])
    start[..., 1:, :] = stock[:-1, ..., :-1, :]
    start[..., -1, :] += stock[:-1, ..., -1, :]
    left = np.einsum("tdsal,tsalk->tdsak", start, whole_year)
    onset = np.zeros_like(stock)
    onset[1:] = np.einsum("tdsal,tsalk->tdsak", stock[1:] - left, np.linalg.inv(part_year))
    return onset


def settled_share(inputs: Inputs, need: Need) -> float:
    """Return the share of applicants' stock that already holds a level at the end of 2020."""
    return float(settled_after(onset_rate(need), inputs.assumed.need.application_delay_days))


def onset_rate(need: Need) -> float:
    """Return onsets a year over the stock, at the end of 2020."""
    at_base = WARM_UP_YEARS
    return float(need.onset[at_base].sum() / need.stock[at_base].sum())


def settled_after(rate: float, delay_days: FloatArray | float) -> FloatArray:
    """Return the share of applicants' stock whose onset is long enough ago for a result.

    The rest are onsets a day times the mean days to a result, less those who leave meanwhile.

    Parameters
    ----------
    rate : onsets a year over the stock.
    delay_days : mean delay of the application, lognormal with coefficient of variation 1.
    """
    days = np.asarray(delay_days)
    delay = (days + ASSESSMENT_DAYS) / DAYS_A_YEAR
    second_moment = (2 * days**2) / DAYS_A_YEAR**2
    return np.asarray(1 - rate * (delay - 0.5 * rate * second_moment))
