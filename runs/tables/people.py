"""Work out what sweeps keep of people: measures of ``population.csv`` by year and area, on demand's basis.

They begin with the day before the first reported year: people and who holds a level are known then.
"""

from typing import Final

import numpy as np

from params.axes import BASES, LEVELS, FloatArray
from params.tables.districts import Districts
from runs.tables.population import area_sums
from runs.tables.units import ASSESSED
from simulate.outcome import FACTS, NEED_MEASURES, POPULATION_MEASURES, Outcome

NEED, BENEFICIARIES = "need", "beneficiaries"
BY_LEVEL: Final = (NEED, BENEFICIARIES)
"""Measures that are sums over levels of others."""
OF_PEOPLE: Final = (*POPULATION_MEASURES, *NEED_MEASURES, *BY_LEVEL, ASSESSED)
"""In the order of the last axis of `people_values`."""


def people_values(outcome: Outcome, districts: Districts, basis: str) -> FloatArray:
    """Return people of one replication, shape (year from the base year, area, measure).

    Areas come in the order of `Districts.areas`. Assessments of the base year are known of the city and
    that year only; they are nan elsewhere.

    Parameters
    ----------
    basis : on which demand rests, one of `params.axes.BASES`.
    """
    people = outcome.population[BASES.index(basis)]
    levels = [
        outcome.need[..., [NEED_MEASURES.index(f"{name}_{k}") for k in LEVELS]].sum(-1)
        for name in BY_LEVEL
    ]
    counted = np.concatenate([people, outcome.need, *(x[..., None] for x in levels)], axis=-1)
    by_area = area_sums(counted, districts, 1)
    assessed = np.full((*by_area.shape[:2], 1), np.nan)
    assessed[0, -1, 0] = outcome.facts[FACTS.index("assessments_2020")]
    return np.concatenate([by_area, assessed], axis=-1)


def with_people(yearly: FloatArray, people: FloatArray) -> FloatArray:
    """Lay people beside yearly figures: a year before them, a resource and measures behind them.

    Parameters
    ----------
    yearly : ndarray, shape (year, area, reported resource, column).
    people : ndarray, shape (1 + year, area, measure).

    Returns
    -------
    ndarray, shape (1 + year, area, reported resource + 1, column + measure), nan where there is nothing.
    """
    n_year, n_area, n_resource, n_column = yearly.shape
    found = np.full((1 + n_year, n_area, n_resource + 1, n_column + people.shape[-1]), np.nan)
    found[1:, :, :n_resource, :n_column] = yearly
    found[:, :, n_resource, n_column:] = people
    return found
