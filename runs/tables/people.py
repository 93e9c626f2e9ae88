"""Work out what sweeps keep of people: measures of ``population.csv`` by year and area, on demand's basis.

They begin with the day before the first reported year: people and who holds a level are known then.
"""

from typing import Final, NamedTuple

import numpy as np

from params.axes import BASES, LEVELS, FloatArray
from params.tables.districts import Districts
from runs.tables.population import area_sums
from runs.tables.units import ASSESSED
from simulate.city.observe import need_measures, population_measures
from simulate.city.setting import Setting
from simulate.offered.load import Offered
from simulate.outcome import FACTS, NEED_MEASURES, POPULATION_MEASURES, Outcome

NEED, BENEFICIARIES = "need", "beneficiaries"
BY_LEVEL: Final = (NEED, BENEFICIARIES)
"""Measures that are sums over levels of others."""
OF_PEOPLE: Final = (*POPULATION_MEASURES, *NEED_MEASURES, *BY_LEVEL, ASSESSED)
"""In the order of the last axis of `people_values`."""


class People(NamedTuple):
    """People of one replication, or expected ones.

    Attributes
    ----------
    population : ndarray, shape (basis, year from the base year, district, measure).
    need : ndarray, shape (year from the base year, district, measure).
    assessed : assessments of the base year.
    """

    population: FloatArray
    need: FloatArray
    assessed: float


def simulated_people(outcome: Outcome) -> People:
    """Return the people of one replication."""
    assessed = float(outcome.facts[FACTS.index("assessments_2020")])
    return People(outcome.population, outcome.need, assessed)


def expected_people(setting: Setting, offered: Offered) -> People:
    """Return those of the deterministic twin, which does not know who holds a level at the very end."""
    last = setting.inputs.last_year
    held = np.concatenate([offered.beneficiaries[::12], np.full_like(offered.need[:1], np.nan)])
    need = need_measures(setting.need, held, last)
    population = population_measures(setting.projection, last)
    return People(population, need, float(offered.assessed.sum()))


def people_values(people: People, districts: Districts, basis: str) -> FloatArray:
    """Return people as they are kept, shape (year from the base year, area, measure).

    Areas come in the order of `Districts.areas`. Assessments of the base year are known of the city and
    that year only; they are nan elsewhere.

    Parameters
    ----------
    basis : on which demand rests, one of `params.axes.BASES`.
    """
    counts = people.population[BASES.index(basis)]
    levels = [
        people.need[..., [NEED_MEASURES.index(f"{name}_{k}") for k in LEVELS]].sum(-1)
        for name in BY_LEVEL
    ]
    counted = np.concatenate([counts, people.need, *(x[..., None] for x in levels)], axis=-1)
    by_area = area_sums(counted, districts, 1)
    assessed = np.full((*by_area.shape[:2], 1), np.nan)
    assessed[0, -1, 0] = people.assessed
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
