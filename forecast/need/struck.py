"""Carry need through events in which more people die than the life table says.

Deaths of an event thin out people in need and people without need by the same factor. The rate at
which need begins does not change: fewer people without need are left, so fewer come into need. Prevalence,
which is given from year to year otherwise, is then a result: lower after the event, as people in need die
more often, and nearer to the usual one year by year.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import expm

from forecast.need.hazards import cohort_hazards, generator, mid_year
from forecast.need.need import Need
from forecast.people.excess import pieces_of_year
from forecast.people.projection import Projection
from params.axes import ELDER_AGE, N_LEVEL, FloatArray
from params.scenario.parts.events import Event

Pieces = Sequence[tuple[float, FloatArray]]
"""Parts of a year: their share of it, and the factor of hazards of death by cohort."""


def struck(need: Need, projection: Projection, events: Sequence[Event]) -> Need:
    """Return the need of a projection with events, from that of the same people without them.

    Parameters
    ----------
    need : of ``projection.usual``. Hazards stay those of usual days, events multiply them.
    events : those in which more people die.
    """
    years = [
        [(share, factor[ELDER_AGE:]) for share, factor in pieces_of_year(events, year)]
        for year in projection.years
    ]
    onset = need.onset * left_without_need(need, projection, years)[:, None, :, :, None]
    return replace(
        need,
        stock=np.maximum(need.stock + carried(need, onset, years), 0.0),
        onset=onset,
        arrangement=projection.arrangement,
        elders=projection.people(need.basis)[..., ELDER_AGE:],
    )


def left_without_need(need: Need, projection: Projection, years: Sequence[Pieces]) -> FloatArray:
    """Return who is left of those without need, in the mean of each year, (year, sex, cohort)."""
    assert projection.usual is not None
    total = cohort_hazards(projection.usual.survival)
    in_need, people = need.stock.sum(axis=(1, 4)), projection.usual.people(need.basis)
    people = people[..., ELDER_AGE:].sum(axis=1)
    prevalence = mid_year(np.divide(in_need, people, out=np.zeros_like(people), where=people > 0))
    levels = need.stock.sum(axis=(0, 1, 2, 3))
    dying = need.hazards.death @ (levels / levels.sum())
    hazard = (total - prevalence * dying) / (1 - prevalence)
    left = np.ones_like(total[0])
    result = np.ones_like(total)
    for t in range(1, len(total)):
        # People aged x when the year before ended are cohort x, one place further on; who comes in at 60
        # is taken to be there in the usual number.
        left[:, 1:] = np.concatenate([left[:, :-2], (left[:, -2:-1] + left[:, -1:]) / 2], axis=1)
        left[:, 0] = 1.0
        mean = np.zeros_like(left)
        for share, factor in years[t]:
            later = left * np.exp(-hazard[t] * share * (factor - 1))
            mean += share * (left + later) / 2
            left = later
        result[t] = mean
    return result


def carried(need: Need, onset: FloatArray, years: Sequence[Pieces]) -> FloatArray:
    """Return by how much stocks differ from those without events, (year, district, sex, age, level)."""
    change = np.zeros_like(need.stock)
    for t in range(1, len(need.stock)):
        is_usual = len(years[t]) == 1 and (years[t][0][1] == 1).all()
        if is_usual and not change[t - 1].any():
            continue
        start, less = _aged(need.stock[t - 1]), _aged(change[t - 1])
        whole, part = _over_year(need, t, [(1.0, np.ones(need.stock.shape[3]))])
        struck_whole, struck_part = _over_year(need, t, years[t])
        change[t] = (
            _moved(start + less, struck_whole)
            - _moved(start, whole)
            + _moved(onset[t], struck_part)
            - _moved(need.onset[t], part)
        )
    return change


def _over_year(need: Need, t: int, pieces: Pieces) -> tuple[FloatArray, FloatArray]:
    """Return what a year makes of those there at its start, and of those who start evenly over it.

    Both have the shape (sex, cohort, level from, level to).
    """
    hazards, same = need.hazards, np.eye(N_LEVEL)
    whole = np.broadcast_to(same, (*hazards.death.shape[1:], N_LEVEL))
    part = np.zeros_like(whole)
    for share, factor in pieces:
        death = hazards.death[t : t + 1] * factor[:, None]
        matrix = generator(replace(hazards, death=death))[0]
        step = expm(matrix * share)
        whole = whole @ step
        part = part @ step + np.linalg.solve(matrix, step - same)
    return whole, part


def _aged(stock: FloatArray) -> FloatArray:
    """Return people by cohort, (district, sex, cohort, level): those aged x become cohort x."""
    start = np.zeros_like(stock)
    start[..., 1:, :] = stock[..., :-1, :]
    start[..., -1, :] += stock[..., -1, :]
    return start


def _moved(people: FloatArray, matrix: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("dsal,salk->dsak", people, matrix))
