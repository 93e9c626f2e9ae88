"""Build the registered population (户籍) of 31 December 2020 by district, sex and single age.

Published are district age bands at the end of 2017 and city figures by sex at the end of 2020. The
bands are spread along the district's own residents (the ratio of registered to resident people,
smoothed over age, carries the shape), moved to 2020 with the city's survival and registrations, and
at 60+ fitted to the city's bands by sex. Status: derived.
"""

from itertools import pairwise

import numpy as np

from forecast.graduate import one_year_back, one_year_on, ungroup
from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.inputs import REGISTERED_BANDS, Inputs

CITY_BANDS = (60, 65, 70, 80, 100)
"""First ages of the bands of 60+ that are published for the city by sex."""
GAIN_AGE, GAIN_SPREAD = 28.0, 8.0
"""Assumed age pattern of new registrations: graduates and their families."""


def registered_base(inputs: Inputs, residents: FloatArray, into: FloatArray) -> FloatArray:
    """Return registered people at the end of 2020, shape (district, sex, age).

    Parameters
    ----------
    residents : ndarray, shape (district, sex, age), residents on 31 December 2020.
    into : ndarray, shape (sex, age), survival into each age.
    """
    earlier = residents
    for _ in range(3):
        earlier = one_year_back(earlier, into)
    bands = np.array(REGISTERED_BANDS)
    both = np.array(
        [
            ungroup(counts, bands, pattern)
            for counts, pattern in zip(inputs.registered.bands, earlier.sum(axis=1), strict=True)
        ]
    )
    male = earlier[:, 0] / earlier.sum(axis=1)
    # Below 60 the residents' sex ratio is that of migrants; the registered are near even.
    male[:, :ELDER_AGE] = 0.5
    people = np.stack([both * male, both * (1 - male)], axis=1)
    for _ in range(3):
        people = one_year_on(people, into) + registered_gains(inputs)
    return fit_elders(people, city_bands(inputs))


def registered_gains(inputs: Inputs) -> FloatArray:
    """Return net registrations a year, persons, shape (district, sex, age)."""
    age = np.arange(N_AGE)
    shape = np.exp(-0.5 * ((age - GAIN_AGE) / GAIN_SPREAD) ** 2)
    shape[ELDER_AGE:] = 0.0
    shape /= shape.sum()
    return np.asarray(inputs.registered.gain[:, None, None] * shape * np.full((1, N_SEX, 1), 0.5))


def city_bands(inputs: Inputs) -> FloatArray:
    """Return the city's registered elders 2020 by sex and band, shape (sex, band)."""
    figures = inputs.registered
    male = figures.elders_2020 * figures.male_share_2020
    from_age = np.array([male, figures.elders_2020 - male])
    from_age = np.concatenate([from_age, figures.centenarians_2020[:, None]], axis=1)
    from_age[:, :-1] -= from_age[:, 1:]
    return from_age


def fit_elders(people: FloatArray, target: FloatArray) -> FloatArray:
    """Scale ages 60+ so that the city has the published number in each band and sex."""
    fitted = people.copy()
    bounds = (*CITY_BANDS, N_AGE)
    for k, (low, high) in enumerate(pairwise(bounds)):
        found = people[:, :, low:high].sum(axis=(0, 2))
        fitted[:, :, low:high] *= (target[:, k] / found)[None, :, None]
    return fitted
