"""Move a population one year (or one age group) on: ageing, death, moves, birth.

This is the step as the textbooks write it, in numpy, for any number of ages. `forecast.people.kernel` does
the same over many years, bases and draws; tests hold both to the UN's engine and to each other.
"""

from dataclasses import dataclass

import numpy as np

from forecast.people.engine import TIMINGS
from params.axes import FloatArray


@dataclass(frozen=True)
class YearStep:
    """One step's end and what made it; every array has shape (district, sex, age) but births.

    ``end = survivors of start + births that survive + net_moves`` in every cell when moves come at the
    end of the step; `deaths` count those who die after moving in, too, when some come earlier.
    """

    end: FloatArray
    deaths: FloatArray
    net_moves: FloatArray
    births: FloatArray
    """Births by district and sex, shape (district, sex)."""


def age_one_year(
    start: FloatArray,
    into: FloatArray,
    net_moves: FloatArray,
    fertility: FloatArray,
    share_male: float,
    timing: str = "end",
) -> YearStep:
    """Project every district over one step, a year with single ages or five with five-year groups.

    Parameters
    ----------
    start : ndarray, shape (district, sex, age), persons at the start.
    into : ndarray, shape (sex, age), survival into each age over the step; entry 0 from birth, the
        last for the two oldest ages together.
    net_moves : ndarray, shape (district, sex, age); a cell never loses more than it has.
    fertility : ndarray, shape (age,), births a woman over the step.
    share_male : share of boys among births.
    timing : when people move, "start", "half" (half at each end) or "end".

    Notes
    -----
    Births come from the mean of the women at the start, with those who move then, and at the end,
    before those who move then unless moves come half and half; deaths are those of cohorts (age at
    the end). With moves at the end these conventions return the UN engine's projections, half and
    half those of Preston, Heuveline and Guillot (2001), chapter 6.
    """
    first = TIMINGS[timing]
    early = np.maximum(first * net_moves, -start)
    present = start + early
    survivors = np.empty_like(present)
    survivors[..., 1:] = present[..., :-1] * into[:, 1:]
    survivors[..., -1] = (present[..., -2] + present[..., -1]) * into[:, -1]
    survivors[..., 0] = 0.0
    women = (present[:, 1] + survivors[:, 1]) / 2
    if timing == "half":
        women += np.maximum(net_moves[:, 1] / 2, -survivors[:, 1]) / 2
    births = np.outer(women @ fertility, [share_male, 1 - share_male])
    survivors[..., 0] = births * into[:, 0]
    late = np.maximum((1 - first) * net_moves, -survivors)
    deaths = np.empty_like(present)
    deaths[..., 0] = births - survivors[..., 0]
    deaths[..., 1:] = present[..., :-1] - survivors[..., 1:]
    deaths[..., -1] += present[..., -1]
    return YearStep(survivors + late, deaths, early + late, births)
