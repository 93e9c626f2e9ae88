"""How many people of each sex and age are in need, and how many of those are insured.

Need is level 2-6 of 老年照护统一需求评估. The shape over age and sex comes from a survey, the level
from the insurance: prevalence is one curve on the logit scale, moved until those who hold a level
add to the number published.
"""

import numpy as np
from scipy.optimize import least_squares

from forecast.methods.illness import IllnessRates, state_mortality
from forecast.methods.illness_ahead import base_incidence, prevalence_ahead
from forecast.methods.logit import level_for, logistic
from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.tables.assumed import NeedGroup


def prevalence_shape(inputs: Inputs, residents: FloatArray) -> FloatArray:
    """Return the logit of prevalence by sex and age up to a constant, shape (sex, age 60..).

    A straight line on the logit scale through the shares of a survey, weighted by the people asked
    (Shanghai's towns, long form of the 2010 census: "cannot care for oneself"). Only its
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
    lines = np.empty((N_SEX, age.size))
    for s in range(N_SEX):
        weight = np.sqrt(surveys.asked[s] * surveys.share[s])

        def miss(line: FloatArray, s: int = s, weight: FloatArray = weight) -> FloatArray:
            share = logistic(line[0] + line[1] * (age - 80))
            found = np.bincount(bands, share * people[s]) / np.bincount(bands, people[s])
            return np.asarray(weight * (np.log(found) - np.log(surveys.share[s])))

        intercept, slope = least_squares(miss, [-2.3, 0.13]).x
        lines[s] = intercept + slope * (age - 80)
    return lines


def prevalence_level(
    shape: FloatArray, elders: FloatArray, claim: FloatArray, target: float
) -> float:
    """Shift the logit curve until the people who hold a level add to the target."""
    people = np.einsum("dsa,d->sa", elders, claim)
    return float(level_for(shape[None], people[None], target)[0])


def insured_share(inputs: Inputs, assumed: NeedGroup[float] | NeedGroup[FloatArray]) -> FloatArray:
    """Return the insured share of people 60+ by district, shape (district,) or (draw, district).

    Registered people are insured; of residents, part of those registered outside Shanghai are not.
    """
    outside = inputs.outside_share
    if inputs.scenario.population.basis == "registered":
        outside = np.zeros_like(outside)
    uninsured, shift = (
        np.asarray(part)[..., None] for part in (assumed.outside_uninsured, assumed.insured_shift)
    )
    return np.asarray(np.clip(1 - uninsured * outside + shift, 0.0, 1.0))


def incidence_effect(
    base: FloatArray,
    people: FloatArray,
    hazard: FloatArray,
    ratio: FloatArray,
    recovery: float,
    yearly_change: float,
    n_year: int,
) -> FloatArray:
    """Return what a change of incidence adds to the prevalence of coming years, (year, sex, age 60..).

    Parameters
    ----------
    base : ndarray, shape (sex, age 60..), prevalence of the base year.
    people : ndarray, same shape, persons.
    hazard : ndarray, shape (sex, cohort 59..), deaths of all in the year after the base.
    ratio : ndarray, shape (sex, age 60..), death hazard in need over that without.
    recovery : a year, mean over levels.
    yearly_change : of the incidence, -0.01 for 1 % less each year.
    n_year : years, the base first.

    Notes
    -----
    Cohorts are carried forward with the incidence that would keep the base's prevalence for ever, times
    (1 + change)^t; who reaches 60 brings the same change along. Deaths by state stay those of the base
    year here; `forecast.need.hazards` then splits each year's own deaths anew.
    """
    added = np.zeros((n_year, *base.shape))
    if yearly_change == 0.0:
        return added
    # Cohort x is x years old at the start of the year: the means of both ages stand for it.
    middle = (base[:, :-1] + base[:, 1:]) / 2
    ratios = (ratio[:, :-1] + ratio[:, 1:]) / 2
    healthy, ill = state_mortality(hazard[:, 1:], middle, ratios)
    open_share = people[:, -1] / people[:, -2:].sum(axis=1)
    recoveries = np.full_like(healthy, recovery)
    incidence, _ = base_incidence(base, recoveries, healthy, ill, open_share)
    years = np.arange(1, n_year)
    one_year = IllnessRates(incidence, recoveries, healthy, ill)
    rates = IllnessRates(
        *(
            np.broadcast_to(getattr(one_year, name), (n_year - 1, *incidence.shape))
            for name in ("incidence", "recovery", "death_healthy", "death_ill")
        )
    )
    entry = base[:, 0] * ((1 + yearly_change) ** years)[:, None]
    changed = prevalence_ahead(base, rates, open_share, yearly_change, np.minimum(entry, 0.99))
    kept = prevalence_ahead(base, rates, open_share)
    return np.asarray(changed - kept)
