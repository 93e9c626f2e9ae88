"""Lay out a bureau's own counts of people, and say what brings other people to them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import BASES, CITY, N_SEX, SEXES, FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.scenario.own_counts import KEY, bands_of
from params.scenario.parts.people import OwnCounts

ERROR: Final = 0.002
"""Relative standard error of a count that says none: two counts of the registered elders of 2017 differ by
.4 %. Assumed."""
MOST_TIMES: Final = 2.0
"""No cell of some size may be so many times what is expected, nor so small a part of it."""
SOME_SIZE: Final = 200.0
"""Persons below which a cell says nothing about mistakes."""
MOST_NAMED: Final = 10


@dataclass(frozen=True)
class Counted:
    """One table of counts.

    Attributes
    ----------
    year : the people are those of its 31 December.
    bases : indices of the populations that they are, or stand for.
    areas : the districts of each row, indices.
    sexes : the sexes of each row, indices.
    first : ndarray, shape (band,), first ages; the last band ends with age `end`.
    people : ndarray, shape (row, band), persons.
    error : relative standard error of each.
    place : of the table in the scenario.
    """

    year: int
    bases: tuple[int, ...]
    areas: tuple[tuple[int, ...], ...]
    sexes: tuple[tuple[int, ...], ...]
    first: FloatArray
    end: int
    people: FloatArray
    error: float
    place: int

    def ages(self, band: int) -> slice:
        """Return the single ages of a band."""
        starts = [*self.first.astype(int).tolist(), self.end + 1]
        return slice(starts[band], starts[band + 1])


def counted(one: OwnCounts, inputs: Inputs) -> Counted:
    """Lay out one table of a scenario; districts come before the city."""
    names, bands = inputs.districts.names, bands_of(one.ages)
    assert bands
    rows = sorted(one.rows, key=lambda row: row.district == CITY)
    everywhere = tuple(range(len(names)))
    stands_for_both = len(inputs.city.bases) == 1
    return Counted(
        year=one.year,
        bases=tuple(range(len(BASES))) if stands_for_both else (BASES.index(one.basis),),
        areas=tuple(
            everywhere if row.district == CITY else (names.index(row.district),) for row in rows
        ),
        sexes=tuple(
            tuple(range(N_SEX)) if row.sex == "both" else (SEXES.index(row.sex),) for row in rows
        ),
        first=np.array([band.first for band in bands], dtype=np.float64),
        end=bands[-1].last,
        people=np.array([row.people for row in rows], dtype=np.float64),
        error=ERROR if one.error is None else one.error,
        place=inputs.scenario.population.counts.index(one),
    )


def factors(people: FloatArray, one: Counted, errors: FloatArray) -> FloatArray:
    """Return what brings people to a count, shape (draw, basis, district, sex, age).

    Parameters
    ----------
    people : ndarray of that shape, as projected to the count's year.
    errors : ndarray, shape (draw, row, band), of the counts, as factors.

    Notes
    -----
    Of a count of the city, districts with a count of their own hold theirs; the others share the rest as they
    were expected to.
    """
    found = np.ones_like(people)
    done = np.zeros((people.shape[2], N_SEX), np.bool_)
    for row, (areas, sexes) in enumerate(zip(one.areas, one.sexes, strict=True)):
        free = [d for d in areas if not done[d, list(sexes)].all()]
        own = [d for d in areas if d not in free]
        for band in range(one.people.shape[1]):
            ages = one.ages(band)
            for b in one.bases:
                here = people[:, b, :, :, ages][:, :, list(sexes)]
                held = (here * found[:, b, :, :, ages][:, :, list(sexes)])[:, own].sum(
                    axis=(1, 2, 3)
                )
                there = here[:, free].sum(axis=(1, 2, 3))
                wanted = np.maximum(one.people[row, band] * errors[:, row, band] - held, 0.0)
                by = wanted / np.maximum(there, 1e-9)
                for d in free:
                    for s in sexes:
                        found[:, b, d, s, ages] = by[:, None]
        for d in free:
            done[d, list(sexes)] = True
    return found


def at_base(people: FloatArray, inputs: Inputs) -> FloatArray:
    """Return the base's people, (basis, district, sex, age), as the counts of that year have them."""
    found = people[None]
    for one in (counted(c, inputs) for c in inputs.own_counts if c.year == inputs.city.base_year):
        require_likely(found, one, inputs)
        found = found * factors(found, one, np.ones((1, *one.people.shape)))
    return np.asarray(found[0])


def require_likely(people: FloatArray, one: Counted, inputs: Inputs) -> None:
    """Refuse cells that are many times what was expected: other units, other people, a digit too many."""
    names, where = inputs.districts.names, f"{KEY}[{one.place}]"
    problems: list[Problem] = []
    b = one.bases[0]
    for row, (areas, sexes) in enumerate(zip(one.areas, one.sexes, strict=True)):
        for band in range(one.people.shape[1]):
            ages = one.ages(band)
            there = float(people[0, b][list(areas)][:, list(sexes), ages].sum())
            times = one.people[row, band] / max(there, 1e-9)
            if there < SOME_SIZE or 1 / MOST_TIMES <= times <= MOST_TIMES:
                continue
            area = names[areas[0]] if len(areas) == 1 else CITY
            sex = SEXES[sexes[0]] if len(sexes) == 1 else "both"
            age = f"{ages.start}-{ages.stop - 1}"
            problems.append(
                Problem(
                    where,
                    said(
                        f"{one.year} {area} {sex} {age}: {one.people[row, band]:,.0f} persons, "
                        f"where {there:,.0f} are expected",
                        f"{one.year} 年 {area} {sex} {age} 岁：{one.people[row, band]:,.0f} 人，"
                        f"预期约 {there:,.0f} 人",
                    ),
                    said(
                        f"half to {MOST_TIMES:g} times of it; nothing was kept",
                        "预期值的二分之一至两倍；未予采用",
                    ),
                    said(
                        "persons, not ten thousands; the basis registered or resident",
                        "单位为人（不是万人）；口径为户籍或常住",
                    ),
                )
            )
    if len(problems) > MOST_NAMED:
        more = len(problems) - MOST_NAMED
        rest = Problem(where, said(f"and {more} more cells", f"另有 {more} 处"))
        problems = [*problems[:MOST_NAMED], rest]
    if problems:
        raise ParamError(problems)
