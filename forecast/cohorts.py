"""Move a population one year on: ageing, death, moves, birth."""

from dataclasses import dataclass

import numpy as np

from params.axes import FloatArray


@dataclass(frozen=True)
class YearStep:
    """One year's end and what made it; every array has shape (district, sex, age) but births.

    ``end = survivors of start + births that survive + net_moves`` in every cell.
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
) -> YearStep:
    """Project every district over one calendar year, moves counted at its end.

    Parameters
    ----------
    start : ndarray, shape (district, sex, age), persons on 31 December.
    into : ndarray, shape (sex, age), survival into each age; entry 0 from birth.
    net_moves : ndarray, shape (district, sex, age); a cell never loses more than it has.
    fertility : ndarray, shape (age,), births a woman and year.
    share_male : share of boys among births.

    Notes
    -----
    Births come from the mean of the women at the start and at the end of the year, before those who
    move at the end; deaths are those of cohorts (age at the year's end). These conventions return
    the UN engine's projections. Preston, Heuveline and Guillot (2001), chapter 6.
    """
    survivors = np.empty_like(start)
    survivors[..., 1:] = start[..., :-1] * into[:, 1:]
    survivors[..., -1] = (start[..., -2] + start[..., -1]) * into[:, -1]
    survivors[..., 0] = 0.0
    women = (start[:, 1] + survivors[:, 1]) / 2
    births = np.outer(women @ fertility, [share_male, 1 - share_male])
    survivors[..., 0] = births * into[:, 0]
    moves = np.maximum(net_moves, -survivors)
    deaths = np.empty_like(start)
    deaths[..., 0] = births - survivors[..., 0]
    deaths[..., 1:] = start[..., :-1] - survivors[..., 1:]
    deaths[..., -1] += start[..., -1]
    return YearStep(survivors + moves, deaths, moves, births)
