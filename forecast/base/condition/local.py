"""Bring the base's districts and residents to a bureau's own counts of the base year."""

from collections.abc import Sequence

import numpy as np

from params.axes import BASES, CITY, N_AGE, FloatArray
from params.tables.figures import Figure

STEPS = 60


def with_counts(
    people: FloatArray, figures: Sequence[Figure], districts: Sequence[str], city: str | None
) -> FloatArray:
    """Scale cells until every count holds, one after the other, round and round.

    Parameters
    ----------
    people : ndarray, shape (basis, district, sex, age).
    figures : counts of people of the base year, of districts or of the city.
    city : basis whose sexes and ages over the city stay as they are: other figures settled them.

    Notes
    -----
    Iterative proportional fitting; counts that no people can meet together are met as nearly as it goes.
    """
    found = people.copy()
    whole = people.sum(axis=1)
    for _ in range(STEPS if figures else 0):
        for figure in figures:
            cells = found[BASES.index(figure.basis)][_rows(figure, districts), _sexes(figure)]
            ages = slice(figure.of.first_age, min(figure.of.last_age, N_AGE - 1) + 1)
            counted = float(cells[..., ages].sum())
            if counted > 0:
                cells[..., ages] *= figure.value / counted
        if city is not None:
            b = BASES.index(city)
            found[b] *= whole[b] / np.maximum(found[b].sum(axis=0), 1e-300)
    return found


def _rows(figure: Figure, districts: Sequence[str]) -> slice:
    if figure.area == CITY:
        return slice(None)
    place = list(districts).index(figure.area)
    return slice(place, place + 1)


def _sexes(figure: Figure) -> slice:
    return slice(None) if figure.of.sex is None else slice(figure.of.sex, figure.of.sex + 1)
