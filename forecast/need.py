"""Stock and onset of care need by district, sex, age and level, from the population's own deaths.

Need is level 2-6 of 老年照护统一需求评估. One prevalence curve by sex and age, recovery, worsening
and a mortality ratio by level determine incidence. Instead of a rate, incidence is solved year by
year from the stocks: what must start during the year so that, after a year of deaths, recoveries
and changes of level, every cohort ends with the prevalence of its new age. Forward integration with
the same hazards (`simulate` does it person by person) then returns the prevalence exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq, least_squares

from forecast.projection import WARM_UP_YEARS, Projection
from params.axes import ELDER_AGE, LEVELS, N_AGE, N_LEVEL, N_SEX, FloatArray
from params.inputs import BASE_YEAR, Inputs

N_ELDER = N_AGE - ELDER_AGE
"""Ages 60..100+."""
FIRST_COHORT = ELDER_AGE - 1
"""Cohorts are named by their age at the start of a year, 59..99; the last pools 99 and 100+."""
UP, SAME, DOWN = 0.80, 0.15, 0.05
"""Results of early re-assessments: higher level, same, lower (assumed)."""
STOCK_GROWTH = 0.03
"""Growth a year of the stock that bounds worsening; the forecast's own is .04-.05."""
MOST_FROM_BELOW = 0.9
"""Largest part of a level's losses that worsening from the level below may make good."""
DAYS_A_YEAR = 365.25
ASSESSMENT_DAYS = 3.0
"""Mean days from application to result when assessors keep up; only scales the stock's start."""


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
    arrangement : ndarray, shape (arrangement, sex, age 60..).
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


def need_of(inputs: Inputs, projection: Projection) -> Need:
    """Derive need from a projection, on the basis that the scenario names."""
    basis = inputs.scenario.population.basis
    elders = projection.people(basis)[..., ELDER_AGE:]
    total_hazard = cohort_hazards(projection.survival)
    ratio = mortality_ratio(inputs)
    shape = prevalence_shape(inputs, projection.resident[0].sum(axis=0))
    insured = insured_share(inputs)

    settled = 0.95
    for _ in range(3):
        need = _solve(inputs, projection, elders, total_hazard, ratio, shape, insured, settled)
        settled = settled_share(inputs, need)
    return need


def _solve(
    inputs: Inputs,
    projection: Projection,
    elders: FloatArray,
    total_hazard: FloatArray,
    ratio: FloatArray,
    shape: FloatArray,
    insured: FloatArray,
    settled: float,
) -> Need:
    values = inputs.values
    levels = np.array([values[f"level_{k}"] for k in LEVELS])
    at_base = projection.base_index
    claim = settled * values["take_up"] * insured
    level = _prevalence_level(shape, elders[at_base], claim, values["beneficiaries_2020"])
    drift = values["need_growth"] * np.maximum(np.array(projection.years) - BASE_YEAR, 0)
    prevalence = _logistic(shape + (level + drift)[:, None, None])
    stock = (elders * prevalence[:, None])[..., None] * levels
    scaled = scale_ratio(
        ratio,
        mid_year(prevalence[at_base + 1]),
        total_hazard[at_base + 1],
        stock[at_base].sum(axis=(0, 3)),
        values["death_rate_in_need"],
    )
    hazards = hazards_of(inputs, total_hazard, prevalence, scaled, levels)
    onset, clipped = onset_from_stocks(stock, hazards)
    dementia = np.array([values[f"dementia_{k}"] for k in LEVELS])
    in_need = stock[at_base].sum(axis=(0, 1, 2))
    others = elders[at_base].sum() - in_need.sum()
    below = (values["dementia_total"] * elders[at_base].sum() - in_need @ dementia) / others
    return Need(
        basis=inputs.scenario.population.basis,
        first_year=projection.first_year,
        stock=stock,
        onset=onset,
        hazards=hazards,
        insured=insured,
        take_up=values["take_up"],
        settled=settled,
        dementia=dementia,
        dementia_below=max(float(below), 0.0),
        arrangement=projection.arrangement[..., ELDER_AGE:],
        elders=elders,
        clipped=clipped,
    )


def cohort_hazards(survival: FloatArray) -> FloatArray:
    """Turn survival into ages 60..100 into the yearly hazard of cohorts 59..99.

    Parameters
    ----------
    survival : ndarray, shape (year, sex, age).
    """
    return -np.log(survival[..., ELDER_AGE:])


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
        msg = (
            f"death_rate_in_need {target} does not fit the life table: with this prevalence it "
            f"allows {low + target:.3f} to {high + target:.3f}"
        )
        raise ValueError(msg)
    return stretched(float(brentq(miss, 0.0, 50.0)))


def mid_year(prevalence: FloatArray) -> FloatArray:
    """Return the mean prevalence of each cohort over a year, shape (..., cohort).

    Cohort 59 turns 60 during the year: it takes the prevalence of its new age.
    """
    before = np.concatenate([prevalence[..., :1], prevalence[..., :-1]], axis=-1)
    return (before + prevalence) / 2


def multistate_rates(inputs: Inputs) -> FloatArray:
    """Return CLHLS hazards h2d, d2h, h2dead, d2dead by (transition, sex, age 60..)."""
    age = (np.arange(ELDER_AGE, N_AGE) - 65) / 10
    female = np.array([0.0, 1.0])
    table = inputs.multistate[:, :, None, None]
    return np.asarray(np.exp(table[:, 0] + table[:, 1] * age + table[:, 2] * female[:, None]))


def prevalence_shape(inputs: Inputs, residents: FloatArray) -> FloatArray:
    """Return the logit of prevalence by sex and age up to a constant, shape (sex, age 60..).

    A straight line on the logit scale through "cannot care for oneself" in Shanghai's towns (long
    form of the 2010 census, bands 60-64, 65-69, 70-74, 75+), weighted by the people asked. Only its
    slope and the difference of the sexes are used; the level comes from the insurance. The rates of
    the CLHLS imply a far flatter curve (recovery of 10 % a year, half of it misreporting), with
    which too few beneficiaries would be old and die.

    Parameters
    ----------
    residents : ndarray, shape (sex, age), weights of single ages inside the survey's bands.
    """
    surveys = inputs.surveys
    age = np.arange(ELDER_AGE, N_AGE)
    people = residents[:, ELDER_AGE:]
    bands = np.searchsorted(surveys.age_lo, age, side="right") - 1
    lines = np.empty((N_SEX, N_ELDER))
    for s in range(N_SEX):
        weight = np.sqrt(surveys.asked[s] * surveys.share[s])

        def miss(line: FloatArray, s: int = s, weight: FloatArray = weight) -> FloatArray:
            share = _logistic(line[0] + line[1] * (age - 80))
            found = np.bincount(bands, share * people[s]) / np.bincount(bands, people[s])
            return np.asarray(weight * (np.log(found) - np.log(surveys.share[s])))

        intercept, slope = least_squares(miss, [-2.3, 0.13]).x
        lines[s] = intercept + slope * (age - 80)
    return lines


def insured_share(inputs: Inputs) -> FloatArray:
    """Return the insured share of people 60+ by district.

    Registered people are insured; of residents, part of those registered outside Shanghai are not.
    """
    values = inputs.values
    outside = inputs.census.outside
    if inputs.scenario.population.basis == "registered":
        outside = np.zeros_like(outside)
    return np.clip(1 - values["outside_uninsured"] * outside + values["insured_shift"], 0.0, 1.0)


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
    values = inputs.values
    relative = np.array([values[f"death_hazard_{k}"] for k in LEVELS])
    relative = relative / (levels @ relative)
    middle = mid_year(prevalence)
    healthy = total_hazard / (1 - middle + middle * ratio)
    early = values["early_reassessment"]
    worsen = np.minimum(UP * early, _most_worsening(values, levels, relative))
    improve = np.full(N_LEVEL, DOWN * early)
    improve[0] = 0.0
    low, high = values["recovery_low"], values["recovery_high"]
    return Hazards(
        death=(healthy * ratio)[..., None] * relative,
        worsen=worsen,
        improve=improve,
        recover=np.array([low, low, high, high, high]),
        recheck=np.full(N_LEVEL, SAME * early),
    )


def _most_worsening(
    values: Mapping[str, float], levels: FloatArray, relative: FloatArray
) -> FloatArray:
    """Bound worsening so that no level gets more people from below than it loses, shape (level,).

    A draw with few people in a high level and much worsening into it would ask for negative onsets
    there. Losses are deaths, recoveries and the growth of the stock.
    """
    losses = values["death_rate_in_need"] * relative + values["recovery_high"] + STOCK_GROWTH
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
    matrix = generator(hazards)[1:]
    whole_year = expm(matrix)
    # People who start evenly over the year spend, on average, this matrix of the rest of it.
    part_year = np.linalg.solve(matrix, whole_year - np.eye(N_LEVEL))
    start = np.zeros_like(stock[:-1])
    start[..., 1:, :] = stock[:-1, ..., :-1, :]
    start[..., -1, :] += stock[:-1, ..., -1, :]
    left = np.einsum("tdsal,tsalk->tdsak", start, whole_year)
    needed = np.einsum("tdsal,tsalk->tdsak", stock[1:] - left, np.linalg.inv(part_year))
    onset = np.zeros_like(stock)
    onset[1:] = np.maximum(needed, 0.0)
    return onset, float(-np.minimum(needed, 0.0).sum() / onset.sum())


def settled_share(inputs: Inputs, need: Need) -> float:
    """Return the share of applicants' stock that already holds a level at the end of 2020.

    The rest had its onset too recently: onsets a day times the mean days to a result, less those
    who leave meanwhile.
    """
    values = inputs.values
    at_base = WARM_UP_YEARS
    rate = need.onset[at_base].sum() / need.stock[at_base].sum()
    days = values["application_delay_days"]
    delay = (days + ASSESSMENT_DAYS) / DAYS_A_YEAR
    second_moment = (2 * days**2) / DAYS_A_YEAR**2
    return float(1 - rate * (delay - 0.5 * rate * second_moment))


def _prevalence_level(
    shape: FloatArray, elders: FloatArray, claim: FloatArray, target: float
) -> float:
    """Shift the logit curve until the people who hold a level add to the target."""
    people = np.einsum("dsa,d->sa", elders, claim)

    def miss(level: float) -> float:
        return float((people * _logistic(shape + level)).sum()) - target

    return float(brentq(miss, -15, 15, xtol=1e-12))


def _logistic(logit: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-logit)))
