"""Run the compiled projection over many draws, checked and named.

`Drivers` is everything that moves people, for any number of draws at once; `run` returns people.
The same entry serves one default projection, a thousand draws and a rerun of somebody else's case:
districts, bases, ages and years are whatever the arrays have.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.methods.checks import Axes, check_cells, check_people, check_rates
from params.axes import BASES, SEXES, FloatArray
from params.language import said

TIMINGS: Final = {"start": 1.0, "half": 0.5, "end": 0.0}
"""When moves happen: the share of a year's moves that comes before deaths and birthdays."""
SCALING_LOW, SCALING_HIGH = 0.97, 1.03
"""Factors outside these are worth a planner's look."""


@dataclass(frozen=True)
class Drivers:
    """What moves people, draw by draw.

    Attributes
    ----------
    base : ndarray, shape (draw, basis, district, sex, age), persons on 31 December of the base year.
    survival : ndarray, shape (draw, year, sex, age), the city's survival into each age; entry
        0 from birth, the last pooled; first year is the one after the base.
    deviation : ndarray, shape (draw, year, district), log factor of a district's hazard.
    internal : ndarray, shape (draw, basis, district, sex, age), net rate inside the city a year.
    external_rate : ndarray, shape (draw, basis, district, sex, age), moves across the city's border
        per person of the cell, a year; negative are losses.
    external_count : ndarray, shape (draw, year or 1, basis, district, sex, age), persons a year on top.
    fertility : ndarray, shape (draw, year or 1, age), births a woman and year; or with an axis of bases
        before age, where they differ.
    share_male : ndarray, shape (draw, year or 1), boys among births.
    timing : when moves happen, a key of `TIMINGS`.
    constrain : bring districts to the city in every step: deaths, moves across the border, stocks.
    at_base : ndarray, shape (draw, sex, age), survival at the death rates of the base year, for the years
        before it; the projection itself has no use for it.
    """

    base: FloatArray
    survival: FloatArray
    deviation: FloatArray
    internal: FloatArray
    external_rate: FloatArray
    external_count: FloatArray
    fertility: FloatArray
    share_male: FloatArray
    timing: str = "end"
    constrain: bool = False
    at_base: FloatArray | None = None

    @property
    def n_draw(self) -> int:
        """Number of draws."""
        return len(self.base)

    @property
    def n_year(self) -> int:
        """Number of years after the base."""
        return int(self.survival.shape[1])


@dataclass(frozen=True)
class Trajectories:
    """People of every draw, and what made them.

    Attributes
    ----------
    people : ndarray, shape (draw, year + 1, basis, district, sex, age), year ends from the base on.
    births : ndarray, shape (draw, year, basis, district, sex).
    flows : ndarray, shape (draw, year, 3, basis, district, sex, age): deaths by age at the year's end,
        net moves inside the city, net moves across its border. No years if not asked for.
    scaling : ndarray, shape (draw, year, basis, 3, 2): least and largest factor that the city
        constraint put on deaths, on moves across the border and on stocks; 1 without it.
    """

    people: FloatArray
    births: FloatArray
    flows: FloatArray
    scaling: FloatArray

    def imbalance(self) -> float:
        """Return the largest |end - (start aged + births - deaths + net moves)| of all cells, persons.

        Needs `flows`. With the city constraint the last touch on stocks is part of it.
        """
        came = np.zeros_like(self.people[:, 1:])
        came[..., 1:] = self.people[:, :-1, ..., :-1]
        came[..., -1] += self.people[:, :-1, ..., -1]
        came[..., 0] = self.births
        expected = came - self.flows[:, :, 0] + self.flows[:, :, 1] + self.flows[:, :, 2]
        return float(np.abs(self.people[:, 1:] - expected).max(initial=0.0))


def run(
    drivers: Drivers,
    *,
    keep_flows: bool = False,
    threads: int = 1,
    districts: Sequence[str] | None = None,
    first_year: int = 0,
    trusted: bool = False,
) -> Trajectories:
    """Project every draw of a block.

    Parameters
    ----------
    keep_flows : keep deaths and moves of every cell, four times the memory.
    threads : draws that run at the same time; results do not depend on it.
    districts, first_year : names for messages; numbers stand for them otherwise.
    trusted : leave out the check of every cell, for drivers that the forecast made itself.

    Raises
    ------
    ParamError
        Naming the first cells that cannot be, see `checked`.
    """
    if not trusted:
        checked(drivers, districts or [str(d) for d in range(drivers.base.shape[2])], first_year)
    from forecast.people.kernel import Course, Rates, project_one

    n, n_year = drivers.n_draw, drivers.n_year
    shape = drivers.base.shape[1:]
    people = np.empty((n, n_year + 1, *shape))
    births = np.empty((n, n_year, *shape[:3]))
    flows = np.empty((n, n_year if keep_flows else 0, 3, *shape))
    scaling = np.empty((n, n_year, shape[0], 3, 2))
    arrays = [
        np.ascontiguousarray(a)
        for a in (
            drivers.base,
            np.log(np.maximum(drivers.survival, 1e-300)),
            drivers.deviation,
            drivers.internal,
            drivers.external_rate,
            drivers.external_count,
            _by_basis(drivers.fertility, shape[0]),
            drivers.share_male,
        )
    ]

    def one(i: int) -> None:
        rates = Rates(*(a[min(i, len(a) - 1)] for a in arrays))
        course = Course(people[i], births[i], flows[i], scaling[i])
        project_one(rates, TIMINGS[drivers.timing], drivers.constrain, course)

    over_threads(one, range(n), threads)
    return Trajectories(people, births, flows, scaling)


def _by_basis(fertility: FloatArray, n_basis: int) -> FloatArray:
    """Return fertility with an axis of bases, shape (draw, year or 1, basis, age)."""
    if fertility.ndim == 4:
        return fertility
    return np.repeat(fertility[:, :, None], n_basis, axis=2)


def over_threads(work: Callable[[int], None], items: Sequence[int], threads: int) -> None:
    """Call `work` for every item, on several threads if it pays; the first error is raised."""
    if threads == 1 or len(items) == 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, items):
            pass


def blocks(n: int, size: int) -> Iterator[range]:
    """Cut 0..n into ranges of at most `size`."""
    for first in range(0, n, size):
        yield range(first, min(first + size, n))


def checked(drivers: Drivers, districts: Sequence[str], first_year: int) -> Drivers:
    """Return the drivers if every cell can be what it is called.

    Raises
    ------
    ParamError
        Naming array, draw, year, basis, district, sex and age of the first bad cells.
    """
    n_age = drivers.base.shape[-1]
    draws = {"draw": range(drivers.n_draw)}
    years = {"year": range(first_year + 1, first_year + 1 + drivers.n_year)}
    basis = {"basis": BASES[: drivers.base.shape[1]]}
    cells: Axes = {"sex": SEXES, "age": range(n_age)}
    place: Axes = {"district": districts}
    check_people(
        said("base population", "基年人口"), drivers.base, {**draws, **basis, **place, **cells}
    )
    check_rates(said("survival", "存活率"), drivers.survival, {**draws, **years, **cells})
    check_cells(
        said("mortality deviation", "死亡率偏离"), drivers.deviation, {**draws, **years, **place}
    )
    moves = {**draws, **basis, **place, **cells}
    check_cells(said("internal net rate", "市内净迁移率"), drivers.internal, moves, -1.0, 10.0)
    check_cells(said("external net rate", "跨市净迁移率"), drivers.external_rate, moves, -1.0, 10.0)
    return drivers
