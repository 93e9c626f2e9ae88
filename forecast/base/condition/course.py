"""Take one city from its first published year to the cut-off, for many vectors of unknowns at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.base.condition.unknowns import Unknowns
from forecast.base.migration import GAIN_AGE, GAIN_SPREAD
from forecast.methods.fertility import SHARE_MALE
from forecast.methods.lifetable import life_table, survival_into
from forecast.methods.oldest import N_INSIDE, survive
from params.axes import N_SEX, OPEN_AGE, FloatArray

RETURN_AGES: Final = (50, 64)
"""Ages at which people come back to be registered again, or leave."""

FURTHEST: Final = 3.0
"""No log of a rate or of a cohort errs by more, not even on the way to figures that cannot be."""


@dataclass(frozen=True)
class Expected:
    """The city as it would be without any error; ages are single, 0..110.

    Attributes
    ----------
    people : ndarray, shape (sex, age), persons at the end of the first year.
    log_rates : ndarray, shape (year, sex, age), of the years after it.
    pattern : ndarray, shape (sex, age), change of log rates with k.
    registrations : net registrations from outside in a year, persons.
    scale : persons a year that their errors are multiples of.
    births : ndarray, shape (year,).
    """

    people: FloatArray
    log_rates: FloatArray
    pattern: FloatArray
    registrations: float
    scale: float
    births: FloatArray


@dataclass(frozen=True)
class Past:
    """What became of the city in each draw.

    Attributes
    ----------
    people : ndarray, shape (draw, year + 1, sex, age 0..110).
    deaths : ndarray, shape (draw, year, sex, age reached).
    births, young, returned : ndarray, shape (draw, year), persons; young people and those of 50-64 who
        come to be registered, net.
    flows : ndarray, shape (draw, year), net registrations as they are published.
    survival : ndarray, shape (draw, year, sex, age), into each age.
    lasting : ndarray, shape (draw, sex, age), lasting error of log rates.
    k : ndarray, shape (draw,), how far k has walked by the cut-off.
    """

    people: FloatArray
    deaths: FloatArray
    births: FloatArray
    young: FloatArray
    returned: FloatArray
    flows: FloatArray
    survival: FloatArray
    lasting: FloatArray
    k: FloatArray


def registration_ages() -> FloatArray:
    """Return where net registrations of the young come, shape (age,), adding to one."""
    age = np.arange(N_INSIDE)
    shape = np.exp(-0.5 * ((age - GAIN_AGE) / GAIN_SPREAD) ** 2)
    shape[60:] = 0.0
    return np.asarray(shape / shape.sum())


def return_ages() -> FloatArray:
    """Return where people return, shape (age,), adding to one."""
    age = np.arange(N_INSIDE)
    inside = (age >= RETURN_AGES[0]) & (age <= RETURN_AGES[1])
    return np.asarray(inside / inside.sum())


def course(expected: Expected, unknowns: Unknowns, vectors: FloatArray) -> Past:
    """Run the city through its years.

    Parameters
    ----------
    vectors : ndarray, shape (draw, unknown).
    """
    part = unknowns.parts(vectors)
    lasting, walk = unknowns.log_rates(part), unknowns.k_walk(part)
    error = lasting[:, None] + unknowns.shocks(part)[:, :, None, None]
    if unknowns.walking.any():
        error = error + expected.pattern * walk[:, :, None, None]
    rates = np.exp(expected.log_rates + np.clip(error, -FURTHEST, FURTHEST))
    into = np.stack([survival_into(life_table(rates[:, :, s], s)) for s in range(N_SEX)], axis=-2)
    level, returns = unknowns.registrations(part)
    young = expected.registrations + expected.scale * level
    returned = expected.scale * np.broadcast_to(returns, young.shape)
    flows = young + returned
    young = young + expected.scale * unknowns.unseen(part)
    births = expected.births * np.exp(unknowns.log_births(part))
    at_young, at_return = registration_ages() / N_SEX, return_ages() / N_SEX
    boys = np.array([SHARE_MALE, 1 - SHARE_MALE])

    n, n_year = len(vectors), unknowns.n_year
    people = np.empty((n, n_year + 1, N_SEX, N_INSIDE))
    deaths = np.empty((n, n_year, N_SEX, N_INSIDE))
    error = np.clip(unknowns.log_people(part), -FURTHEST, FURTHEST)
    people[:, 0] = expected.people * np.exp(error)
    jolts = part["oldest"].reshape(n, n_year + 1, N_SEX)
    _jolt(people[:, 0], jolts[:, 0])
    for t in range(n_year):
        start = people[:, t]
        now = survive(start, into[:, t])
        deaths[:, t, :, 1:] = start[..., :-1] - now[..., 1:]
        deaths[:, t, :, -1] += start[..., -1]
        born = births[:, t, None] * boys
        now[..., 0] = born * into[:, t, :, 0]
        deaths[:, t, :, 0] = born - now[..., 0]
        now += (young[:, t, None] * at_young + returned[:, t, None] * at_return)[:, None]
        _jolt(now, jolts[:, t + 1])
        people[:, t + 1] = now
    return Past(people, deaths, births, young, returned, flows, into, lasting, _last(walk))


def _last(by_year: FloatArray) -> FloatArray:
    """Return the last year's number, or zeros without years."""
    return by_year[:, -1] if by_year.shape[1] else np.zeros(len(by_year))


def _jolt(people: FloatArray, chance: FloatArray) -> None:
    """Let the few centenarians be more or fewer than expected, as deaths of single persons make them."""
    oldest = people[..., OPEN_AGE:]
    number = np.maximum(oldest.sum(axis=2), 1.0)
    oldest *= np.exp(chance / np.sqrt(number))[..., None]
