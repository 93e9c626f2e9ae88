"""Carry the open age by single ages inside, to 110, so that it survives as it is made up.

A pooled age 100+ with one survival ratio of its own life table dies too fast or too slowly while its
make-up changes. Ages 100..110 follow Kannisto's law fitted to 80-99.
"""

from typing import Final

import numpy as np

from forecast.methods.closing import OldAgeLaw, fit_old_ages
from params.axes import N_SEX, OPEN_AGE, FloatArray

LAST_INSIDE: Final = 110
N_INSIDE: Final = LAST_INSIDE + 1
"""Single ages inside, 0..110; the last is open."""
GENERATIONS: Final = 10
"""Ages before the open one that tell how generations grew."""
MOST_GROWTH: Final = 0.2
FITTED: Final = np.arange(80, OPEN_AGE)


def law_of(rates: FloatArray) -> OldAgeLaw:
    """Fit the law to one sex's death rates, shape (101,)."""
    return fit_old_ages(FITTED, rates[FITTED])


def with_oldest(rates: FloatArray) -> FloatArray:
    """Return death rates of both sexes with the open age parted, shape (sex, 111), from (sex, 101)."""
    oldest = np.arange(OPEN_AGE, N_INSIDE)
    return np.array(
        [np.append(rates[s, :OPEN_AGE], law_of(rates[s]).rates(oldest)) for s in range(N_SEX)]
    )


def with_oldest_survival(into: FloatArray) -> FloatArray:
    """Part the pooled last entry of survival into each age, shape (sex, 111), from (sex, 101)."""
    hazards = -np.log(np.clip(into, 1e-12, 1 - 1e-12))
    oldest = np.arange(OPEN_AGE, N_INSIDE)
    more = [law_of(hazards[s]).rates(oldest) for s in range(N_SEX)]
    return np.concatenate([into[:, :OPEN_AGE], np.exp(-np.array(more))], axis=1)


def inside(by_age: FloatArray) -> FloatArray:
    """Hold the last of (..., 101) over the ages inside the open one, shape (..., 111)."""
    last = np.repeat(by_age[..., -1:], N_INSIDE - by_age.shape[-1], axis=-1)
    return np.concatenate([by_age, last], axis=-1)


def pooled(people: FloatArray) -> FloatArray:
    """Add the ages inside the open one, shape (..., 101), from (..., 111)."""
    return np.concatenate(
        [people[..., :OPEN_AGE], people[..., OPEN_AGE:].sum(axis=-1, keepdims=True)], axis=-1
    )


def parted(people: FloatArray, person_years: FloatArray) -> FloatArray:
    """Part the open age of (..., sex, 101), shape (..., sex, 111).

    Notes
    -----
    Numbers over years lived fall with age as they do over the ten ages before the open one, where each
    younger generation was larger: persons at 100 + k are in proportion to ``L(100 + k) exp(-r k)``.
    """
    steps = np.arange(-GENERATIONS, 0)
    before = np.log(np.maximum(people[..., steps - 1], 1e-9) / person_years[..., OPEN_AGE + steps])
    slope = (before * (steps - steps.mean())).sum(axis=-1) / ((steps - steps.mean()) ** 2).sum()
    growth = np.clip(slope, -MOST_GROWTH, MOST_GROWTH)[..., None]
    oldest = person_years[..., OPEN_AGE:] * np.exp(growth * np.arange(N_INSIDE - OPEN_AGE))
    share = oldest / oldest.sum(axis=-1, keepdims=True)
    return np.concatenate([people[..., :OPEN_AGE], people[..., OPEN_AGE:] * share], axis=-1)


def survive(people: FloatArray, into: FloatArray) -> FloatArray:
    """Move (..., age) one birthday on by survival into each age; nobody is born."""
    older = np.zeros(np.broadcast_shapes(people.shape, into.shape))
    older[..., 1:] = people[..., :-1] * into[..., 1:]
    older[..., -1] += people[..., -1] * into[..., -1]
    return older


def pooled_survival(people: FloatArray, into: FloatArray) -> FloatArray:
    """Return survival into each age with the open age pooled as it is made up.

    Parameters
    ----------
    people : ndarray, shape (draw, sex, 111), at the start; what becomes of them is followed without moves.
    into : ndarray, shape (draw, year, sex, 111), survival into each age.

    Returns
    -------
    ndarray, shape (draw, year, sex, 101)
    """
    found = into[..., : OPEN_AGE + 1].copy()
    for t in range(into.shape[1]):
        older = survive(people, into[:, t])
        came = people[..., OPEN_AGE - 1 :].sum(axis=-1)
        alive = older[..., OPEN_AGE:].sum(axis=-1)
        found[:, t, :, OPEN_AGE] = alive / np.maximum(came, 1e-300)
        people = older
    return found


def raked(people: FloatArray, city: FloatArray) -> FloatArray:
    """Scale districts, (..., district, sex, age), to a city, (..., sex, age), cell by cell."""
    found = people.sum(axis=-3)
    factor = city / np.maximum(found, 1e-300)
    return np.asarray(people * np.expand_dims(factor, -3))
