"""Yearly net moves by district, sex and age, read out of two counts or out of where people register.

What a cohort should have kept given the city's mortality, less what a later count found, is its net
move. It holds the error of both counts, most of all above 80. Gross moves are not identified: the
engine takes the least flows that give these net rates.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.methods.graduate import one_year_on
from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.tables.people import REGISTERED_BANDS, Census

LAST_AGE_WITH_MOVES: Final = 84
"""Above this age the cohort differences are dominated by the closing of the open age."""
YEARS_OF_MOVING: Final = 20
"""Years over which those who live away from their registration have moved, and after which
registration follows: from the opening of Pudong and the first mass rehousing in 1990 to 2010."""
GAIN_AGE, GAIN_SPREAD = 28.0, 8.0
"""Assumed age pattern of new registrations: graduates and their families."""
GROUPS: Final = ((0, 3), (3, 5), (5, 6))
"""Registered bands taken together for moves: below 60, 60-79, 80 and over."""
GROUP_AGES: Final = (40.0, 68.0, 86.0)
"""Ages at which each group's rate holds; between them it runs straight."""


@dataclass(frozen=True)
class Moves:
    """Yearly net moves of one basis; every array has shape (district, sex, age).

    Attributes
    ----------
    internal : net rate inside the city, per person of the cell; adds to nothing over the city.
    external_rate : losses across the city's border per person of the cell, never above zero.
    external_count : gains across the city's border, persons a year, never below zero.
    """

    internal: FloatArray
    external_rate: FloatArray
    external_count: FloatArray

    @classmethod
    def none(cls, n_district: int) -> "Moves":
        """Return no moves at all."""
        nothing = np.zeros((n_district, N_SEX, N_AGE))
        return cls(nothing, nothing, nothing)


def census_moves(before: FloatArray, after: FloatArray, into: FloatArray) -> Moves:
    """Derive the residents' yearly moves from two censuses ten years apart.

    Parameters
    ----------
    before, after : ndarray, shape (district, sex, age), residents ten years apart.
    into : ndarray, shape (sex, age), mean survival into each age over the ten years.

    Notes
    -----
    The city's net move at a sex and age is what crossed its border: gains go on as numbers, since
    they come from outside, losses as rates. A district's difference from the city is internal.
    """
    expected = before
    for _ in range(10):
        expected = one_year_on(expected, into)
    decade = after - expected
    decade[..., :10] = 0.0  # born in between: nothing is known of their moves
    decade[..., -1] = 0.0
    # The cohort that ends at age x made a tenth of its net move at the end of each year, when it was
    # x-9 to x years old: a step counts moves at the age reached.
    padded = np.concatenate([decade, np.zeros((*decade.shape[:-1], 10))], axis=-1)
    yearly = np.mean([padded[..., k : k + N_AGE] for k in range(10)], axis=0) / 10
    yearly[..., LAST_AGE_WITH_MOVES + 1 :] = 0.0
    people = (before + after) / 2
    city = yearly.sum(axis=0) / people.sum(axis=0)
    return Moves(
        internal=yearly / people - city,
        external_rate=np.broadcast_to(np.minimum(city, 0.0), people.shape).copy(),
        external_count=np.maximum(city, 0.0) * people,
    )


def moves_by_registration(
    residents: FloatArray,
    census: Census,
    registered_elders: FloatArray,
    years: float = YEARS_OF_MOVING,
) -> Moves:
    """Guess the residents' moves inside the city from one census: who lives away from where they register.

    Parameters
    ----------
    residents : ndarray, shape (district, sex, age), residents by single age.
    registered_elders : ndarray, shape (district,), people of 60+ registered in each district.
    years : years over which the balance has built up.

    Notes
    -----
    Residents less registered people of a district is what moving has brought it over the years since
    mass rehousing began; its part of one year is taken to come each year. Those of 50 and
    over follow the balance at 60+, younger people that of everybody registered in Shanghai. Moves
    across the city's border are left out: one census says nothing of their ages.
    """
    elders = residents[..., ELDER_AGE:].sum(axis=(1, 2))
    here = census.counts.sum(axis=(1, 2)) - census.from_outside
    everyone = (here - census.registered) / census.counts.sum(axis=(1, 2))
    rate = np.empty_like(residents)
    rate[..., :50] = everyone[:, None, None] / years
    rate[..., 50:] = ((elders - registered_elders) / elders)[:, None, None] / years
    none = Moves.none(len(residents))
    return Moves(centred(rate, residents), none.external_rate, none.external_count)


def registration_follows(
    registered: FloatArray, residents: FloatArray, years: float = YEARS_OF_MOVING
) -> FloatArray:
    """Guess net internal moves of registration: it follows people, a part of the stock a year.

    Parameters
    ----------
    registered, residents : ndarray, shape (district, sex, age).
    years : years after which registration follows.

    Returns
    -------
    ndarray, shape (district, sex, age): yearly net rate of registered people. All ages share the
    balance at 60+, where hardly any resident is from outside Shanghai.
    """
    living = residents[..., ELDER_AGE:].sum(axis=(1, 2))
    there = registered[..., ELDER_AGE:].sum(axis=(1, 2))
    rate = ((living - there) / there)[:, None, None] / years
    return centred(np.broadcast_to(rate, registered.shape), registered)


def observed_registration(expected: FloatArray, bands: FloatArray, years: float) -> FloatArray:
    """Read net internal moves of registration out of two counts by district.

    Parameters
    ----------
    expected : ndarray, shape (district, sex, age), the first count aged without internal moves.
    bands : ndarray, shape (district, band), the second count, bands of `REGISTERED_BANDS`.
    years : years between the counts.

    Returns
    -------
    ndarray, shape (district, sex, age): yearly net rate, the city's own difference taken out.
    """
    found = np.add.reduceat(expected.sum(axis=1), REGISTERED_BANDS, axis=1)
    rates = np.array(
        [
            np.log(
                bands[:, low:high].sum(axis=1)
                / found[:, low:high].sum(axis=1)
                / (bands[:, low:high].sum() / found[:, low:high].sum())
            )
            / years
            for low, high in GROUPS
        ]
    )
    by_age = np.array([np.interp(np.arange(N_AGE), GROUP_AGES, r) for r in rates.T])
    return centred(np.broadcast_to(by_age[:, None], expected.shape), expected)


def centred(rate: FloatArray, people: FloatArray) -> FloatArray:
    """Shift net rates so that moves add to zero over districts at every sex and age."""
    city = np.maximum(people.sum(axis=0), 1e-300)
    return np.asarray(rate - (rate * people).sum(axis=0) / city)


def registrations(gain: FloatArray) -> FloatArray:
    """Spread net registrations from outside over sexes and ages, shape (district, sex, age).

    Parameters
    ----------
    gain : ndarray, shape (district,), persons a year.
    """
    age = np.arange(N_AGE)
    shape = np.exp(-0.5 * ((age - GAIN_AGE) / GAIN_SPREAD) ** 2)
    shape[ELDER_AGE:] = 0.0
    shape /= shape.sum()
    return np.asarray(gain[:, None, None] * shape * np.full((1, N_SEX, 1), 0.5))
