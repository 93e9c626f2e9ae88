"""Carry need through events in which more people die than the life table says.

Deaths of an event thin out people in need and people without need by the same factor. The rate at which need
begins does not change: fewer people without need are left, so fewer come into need. Prevalence, which is given
from year to year otherwise, is then a result: lower after the event, as people in need die more often, and
nearer to the usual one year by year.
"""

from dataclasses import replace

import numpy as np
from scipy.linalg import expm

from forecast.need.hazards import Hazards, cohort_hazards, generator, mid_year
from forecast.need.need import Need
from forecast.people.projection import Projection
from params.axes import ELDER_AGE, N_LEVEL, FloatArray


def struck(need: Need, projection: Projection) -> Need:
    """Return the need of a projection with events, from that of the same people without them.

    Parameters
    ----------
    need : of ``projection.usual``. Hazards stay those of usual days, events multiply them.
    """
    assert projection.usual is not None
    factor = projection.death_factor[:, None, ELDER_AGE:]  # (year, 1, cohort)
    hazards = need.hazards
    deadly = replace(hazards, death=hazards.death * factor[..., None])
    left = left_without_need(need, projection)
    onset = need.onset * left[:, None, :, :, None]
    change = carried(need, hazards, deadly, onset)
    return replace(
        need,
        stock=np.maximum(need.stock + change, 0.0),
        onset=onset,
        arrangement=projection.arrangement,
        elders=projection.people(need.basis)[..., ELDER_AGE:],
    )


def left_without_need(need: Need, projection: Projection) -> FloatArray:
    """Return who is left of those without need, in the mean of each year, (year, sex, cohort)."""
    assert projection.usual is not None
    total = cohort_hazards(projection.usual.survival)
    in_need = need.stock.sum(axis=(1, 4))
    people = need.elders.sum(axis=1)
    prevalence = mid_year(np.divide(in_need, people, out=np.zeros_like(people), where=people > 0))
    levels = need.stock.sum(axis=(0, 1, 2, 3))
    dying = need.hazards.death @ (levels / levels.sum())
    hazard = (total - prevalence * dying) / (1 - prevalence)
    more = np.exp(-hazard * (projection.death_factor[:, None, ELDER_AGE:] - 1))
    end = np.ones_like(total[0])
    result = np.ones_like(total)
    for t in range(1, len(total)):
        # People aged x when the year before ended are cohort x, one place further on.
        start = np.concatenate([end[..., :1] * 0 + 1, end[..., :-1]], axis=-1)
        start[..., -1] = (end[..., -1] + end[..., -2]) / 2
        end = start * more[t]
        result[t] = (start + end) / 2
    return result


def carried(need: Need, usual: Hazards, deadly: Hazards, onset: FloatArray) -> FloatArray:
    """Return by how much stocks differ from those without events, (year, district, sex, age, level)."""
    before, after = generator(usual)[1:], generator(deadly)[1:]
    whole, struck_whole = expm(before), expm(after)
    part = np.linalg.solve(before, whole - np.eye(N_LEVEL))
    struck_part = np.linalg.solve(after, struck_whole - np.eye(N_LEVEL))
    change = np.zeros_like(need.stock)
    for t in range(len(before)):
        start, less = _aged(need.stock[t]), _aged(change[t])
        change[t + 1] = (
            _moved(start + less, struck_whole[t])
            - _moved(start, whole[t])
            + _moved(onset[t + 1], struck_part[t])
            - _moved(need.onset[t + 1], part[t])
        )
    return change


def _aged(stock: FloatArray) -> FloatArray:
    """Return people by cohort, (district, sex, cohort, level): those aged x become cohort x."""
    start = np.zeros_like(stock)
    start[..., 1:, :] = stock[..., :-1, :]
    start[..., -1, :] += stock[..., -1, :]
    return start


def _moved(people: FloatArray, matrix: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("dsal,salk->dsak", people, matrix))
