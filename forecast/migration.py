"""Read the yearly net moves of residents out of two censuses.

What a cohort of 2010 should have kept by 2020, given Shanghai's mortality, less what the census of
2020 found, is its net move over ten years. Spread evenly over the ages it passed, and divided by
the people of that age, it is a yearly net rate by district, sex and age. It also holds the error of
both counts, most of all above 80, where it is therefore set to nothing.
"""

from dataclasses import dataclass

import numpy as np

from forecast.graduate import one_year_on
from params.axes import N_AGE, FloatArray

LAST_AGE_WITH_MOVES = 84
"""Above this age the cohort differences are dominated by the closing of the open age."""


@dataclass(frozen=True)
class NetMoves:
    """Yearly net migration rates.

    Attributes
    ----------
    external : ndarray, shape (sex, age): moves across the city's border per resident of the city.
    internal : ndarray, shape (district, sex, age): a district's rate less the city's.
    """

    external: FloatArray
    internal: FloatArray


def census_net_moves(before: FloatArray, after: FloatArray, into: FloatArray) -> NetMoves:
    """Derive yearly net rates from two bases ten years apart.

    Parameters
    ----------
    before, after : ndarray, shape (district, sex, age), residents ten years apart.
    into : ndarray, shape (sex, age), mean survival into each age over the ten years.
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
    external = yearly.sum(axis=0) / people.sum(axis=0)
    return NetMoves(external, yearly / people - external)


def net_migration(people: FloatArray, moves: NetMoves, scale: float) -> FloatArray:
    """Return one year's net moves, persons, shape (district, sex, age).

    Moves inside the city are shifted so that they add to zero over districts at every sex and age.
    """
    inside = moves.internal * people
    city = people.sum(axis=0)
    share = people / np.maximum(city, 1e-300)
    inside -= share * inside.sum(axis=0)
    return scale * (moves.external * people + inside)
