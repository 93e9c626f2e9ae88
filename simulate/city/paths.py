"""Lay a scenario's own stocks by year and district over what the plan and the assumptions give.

A path starts from the stock at the end of the base year, runs straight to the first year given and between
years, and stays after the last or grows. A zone's or the city's stock is what its districts hold together:
those with a path of their own hold theirs, the others share the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import CITY, BoolArray, FloatArray, IntArray
from params.errors import Problem
from params.inputs import Inputs
from params.language import said
from params.names import TOTALS
from params.scenario.parts.paths import PathRow
from params.scenario.path_resources import ASSESSORS
from params.tables.districts import area_of
from params.tables.resources import WORKERS
from simulate.city.beds import plan_kinds, whole

PERSONS = np.dtype([("base", np.float64), ("persons", np.float64)], align=True)
"""Workers or assessors of a district on a path: so many times those of its release, and so many persons
besides; below 0 where it has no path."""
NO_PATH: Final = -1.0


@dataclass(frozen=True)
class Line:
    """One path.

    Attributes
    ----------
    years : of the rows, rising; each the end of a year.
    values : ndarray, shape (row,).
    growth : a year, after the last.
    """

    years: tuple[int, ...]
    values: FloatArray
    growth: float

    def at(self, time: FloatArray, start: int, first: float) -> FloatArray:
        """Return the stock at moments, shape (moment,).

        Parameters
        ----------
        time : ndarray, shape (moment,), in years: 2024.0 is the end of 2024.
        start, first : the base year, and the stock at its end.
        """
        course = np.interp(time, [start, *self.years], [first, *self.values])
        after = np.maximum(time - self.years[-1], 0.0)
        return np.asarray(course * (1.0 + self.growth) ** after)


Paths = dict[str, dict[str, Line]]
"""By resource, then by area."""


def paths_of(rows: Iterable[PathRow]) -> Paths:
    """Gather the rows of a scenario into paths."""
    found: dict[str, dict[str, list[PathRow]]] = {}
    for row in rows:
        found.setdefault(row.resource, {}).setdefault(row.district, []).append(row)
    return {
        resource: {area: _line(some) for area, some in areas.items()}
        for resource, areas in found.items()
    }


def _line(rows: Sequence[PathRow]) -> Line:
    rising = sorted(rows, key=lambda row: row.year)
    values = np.array([row.value for row in rising])
    return Line(tuple(row.year for row in rising), values, rising[-1].growth or 0.0)


@dataclass
class Laying:
    """What paths are laid over, and what cannot be.

    Attributes
    ----------
    inputs : scenario and districts.
    month_end : ndarray, shape (month,), in years.
    old : ndarray, shape (district,), residents of 80+ at the end of the base year.
    problems : what was found impossible so far.
    """

    inputs: Inputs
    month_end: FloatArray
    old: FloatArray
    problems: list[Problem] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The year from whose end paths run."""
        return self.inputs.city.base_year

    def refuse(self, resource: str, area: str, m: int, apart: float) -> None:
        """Name a stock of an area that its parts exceed, or do not reach, in a month."""
        year = self.start + 1 + m // 12
        off = said(
            f"{area} {resource}: its parts hold {apart:,.0f} more than it in {year}"
            if apart > 0
            else f"{area} {resource}: its parts, which all have paths, hold {-apart:,.0f} less in {year}",
            f"{area} {resource}：{year} 年各部分合计比其总数多 {apart:,.0f}"
            if apart > 0
            else f"{area} {resource}：{year} 年各部分均有路径，合计比其总数少 {-apart:,.0f}",
        )
        allowed = said("parts that add to the whole", "各部分之和等于总数")
        advice = said("correct one of them, or leave the whole out", "请更正其一，或不写总数")
        self.problems.append(Problem(f"{self.inputs.scenario.name}: paths", off, allowed, advice))

    def share(
        self,
        lines: dict[str, Line],
        path: IntArray,
        base: IntArray,
        name: str,
        weights: IntArray | None = None,
    ) -> BoolArray:
        """Lay one resource's paths over its stock by district, in place; return who has one.

        Parameters
        ----------
        path : ndarray, shape (month, district).
        base : ndarray, shape (district,), at the end of the base year.
        weights : ndarray, shape (district,), by which districts without a path share; left out: by what
            the path has in the month.

        Returns
        -------
        ndarray, shape (district,).
        """
        districts = self.inputs.districts
        done = np.zeros(len(districts), np.bool_)
        # The smallest areas first: the others share what these leave.
        for area in sorted(lines, key=lambda a: area_of(a, districts).size):
            inside = area_of(area, districts)
            stock = lines[area].at(self.month_end, self.start, float(base[inside].sum()))
            own, others = inside[done[inside]], inside[~done[inside]]
            rest = np.round(stock) - path[:, own].sum(axis=1)
            self.require(name, area, rest, others.size == 0)
            for m in range(len(path) if others.size else 0):
                weight = (path[m] if weights is None else weights)[others].astype(np.float64)
                weight = weight if weight.any() else self.old[others]
                path[m, others] = whole(max(float(rest[m]), 0.0), weight)
            done[inside] = True
        return done

    def require(self, name: str, area: str, rest: FloatArray, nobody_left: bool) -> None:
        """Refuse parts of an area that are more than it, or less where no other part is left."""
        # Rounding of every part to whole numbers is no contradiction.
        slack = float(len(self.inputs.districts))
        if rest.min() < -slack:
            self.refuse(name, area, int(rest.argmin()), float(-rest.min()))
        elif nobody_left and rest.max() > slack:
            self.refuse(name, area, int(rest.argmax()), float(-rest.max()))


def lay_places(laying: Laying, places: IntArray, base: IntArray, which: Sequence[int]) -> None:
    """Lay paths over places, in place.

    Parameters
    ----------
    places : ndarray, shape (month, district, resource).
    base : ndarray, shape (district, resource), at the end of the base year.
    which : resources that are meant.
    """
    paths = paths_of(laying.inputs.scenario.paths)
    for k in which:
        name = laying.inputs.resources.names[k]
        if name in paths:
            laying.share(paths[name], places[:, :, k], base[:, k], name, base[:, k])


def lay_beds(laying: Laying, path: IntArray, base: IntArray) -> None:
    """Lay paths over beds of the plan, in place: of single kinds, and of all together.

    Parameters
    ----------
    path : ndarray, shape (month, district, bed).
    base : ndarray, shape (district, bed).

    Notes
    -----
    Kinds without a path share what a district's path of all beds leaves, as the plan divides them there.
    """
    resources = laying.inputs.resources
    paths = paths_of(laying.inputs.scenario.paths)
    kinds = plan_kinds(resources)
    planned = path.copy()
    own = np.zeros(path.shape[1:], np.bool_)
    for k in kinds:
        name = resources.bed_names[k]
        if name in paths:
            own[:, k] = laying.share(paths[name], path[:, :, k], base[:, k], name)
    total = TOTALS[0]
    if total not in paths:
        return
    sums = planned[..., kinds].sum(axis=2)
    covered = laying.share(paths[total], sums, base[:, kinds].sum(axis=1), total)
    for d in np.flatnonzero(covered):
        with_path = [k for k in kinds if own[d, k]]
        others = [k for k in kinds if not own[d, k]]
        rest = sums[:, d] - path[:, d, with_path].sum(axis=1)
        area = laying.inputs.districts.names[d]
        laying.require(total, area, rest.astype(np.float64), not others)
        for m in range(len(path) if others else 0):
            weight = planned[m, d, others].astype(np.float64)
            weight = weight if weight.any() else np.ones(len(others))
            path[m, d, others] = whole(max(float(rest[m]), 0.0), weight)


def persons_by_district(inputs: Inputs, name: str, month_end: FloatArray) -> NDArray[np.void]:
    """Return the workers or assessors of districts with a path of their own.

    What a district has at the release is only known there; so the way to the first year is told by how much
    of it is left.

    Returns
    -------
    ndarray, recarray of `PERSONS`, shape (month, district).
    """
    districts, start = inputs.districts, inputs.city.base_year
    found = np.zeros((month_end.size, len(districts)), PERSONS).view(np.recarray)
    found["persons"] = NO_PATH
    for area, line in paths_of(inputs.scenario.paths).get(name, {}).items():
        if area in districts.names:
            d = districts.names.index(area)
            found["base"][:, d] = Line(line.years, 0 * line.values, 0.0).at(month_end, start, 1.0)
            found["persons"][:, d] = line.at(month_end, start, 0.0)
    return found


def of_the_city(
    inputs: Inputs, name: str, month_end: FloatArray, present: float
) -> FloatArray | None:
    """Return the city's workers or assessors as multiples of those of the base year, shape (month,).

    Parameters
    ----------
    present : those of the base year.
    """
    line = paths_of(inputs.scenario.paths).get(name, {}).get(CITY)
    if line is None or CITY in inputs.districts.names:
        return None
    return np.asarray(line.at(month_end, inputs.city.base_year, present) / present)


def worker_paths(inputs: Inputs, month_end: FloatArray) -> NDArray[np.void]:
    """Return care workers of districts with paths, recarray of `PERSONS`, (month, market, district)."""
    by_market = [persons_by_district(inputs, name, month_end) for name in WORKERS]
    return np.stack(by_market, axis=1).view(np.recarray)


def assessor_paths(inputs: Inputs, month_end: FloatArray) -> NDArray[np.void]:
    """Return assessors of districts with paths, recarray of `PERSONS`, shape (month, district)."""
    return persons_by_district(inputs, ASSESSORS, month_end)
