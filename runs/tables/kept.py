"""Lay out what a sweep keeps of one replication: a long table of the cells asked for.

One row an area, year (or month), resource and measure that has a meaning. Areas are districts, zones and the
city, as in ``shortfall.csv``; a zone that is one district of its own name is left to the district.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np

from params.axes import BASES, CITY, FloatArray, IntArray
from params.names import resource_id
from params.tables.districts import Districts
from params.tables.resources import Resources
from runs.tables.offered import offered_values
from runs.tables.people import (
    OF_PEOPLE,
    expected_people,
    people_values,
    simulated_people,
    with_people,
)
from runs.tables.population import area_sums
from runs.tables.units import PEOPLE
from runs.tables.yearly import COLUMNS, yearly_values
from runs.texts.wording import column_applies
from simulate.city.setting import Setting
from simulate.offered.load import offered_load
from simulate.outcome import MONTHLY_MEASURES, Outcome

if TYPE_CHECKING:
    import pyarrow as pa

MAIN: Final = (
    "demand",
    "approved",
    "operating",
    "usable",
    "occupied",
    "waiting",
    "requests",
    "placed",
    "share_in_time",
    "wait_median_days",
    "died_waiting",
    "unmet",
    "service_gap",
    "gap_beds",
    "gap_staff",
)
"""Measures by year that are kept where nobody names any."""
NEED_SERVICE: Final = frozenset(
    ("service_gap", "gap_beds", "gap_staff", "net_gap", "short_sum", "surplus_sum")
)
"""Measures for which the least capacity is searched."""
YEAR, MONTH = "year", "month"
YEARLY: Final = (*COLUMNS, *OF_PEOPLE)
"""Measures that may be kept by year: of resources, then of people."""


@dataclass(frozen=True)
class Kept:
    """Which cells are kept.

    Attributes
    ----------
    by : `YEAR` or `MONTH`.
    measures, resources, areas : names; of resources and years none means all. `areas` are ``city``,
        ``zones``, ``districts`` or names of some.
    """

    by: str
    measures: tuple[str, ...]
    resources: tuple[str, ...]
    areas: tuple[str, ...]
    years: tuple[int, ...]

    @property
    def needs_service(self) -> bool:
        """Whether the least capacity has to be searched."""
        return self.by == YEAR and not NEED_SERVICE.isdisjoint(self.measures)

    @property
    def has_people(self) -> bool:
        """Whether measures of people are kept."""
        return self.by == YEAR and not set(OF_PEOPLE).isdisjoint(self.measures)

    def holds(self, other: "Kept") -> bool:
        """Say whether everything that another keeps is kept here too."""
        pairs = ((self.resources, other.resources), (self.years, other.years))
        return (
            self.by == other.by
            and set(self.measures) >= set(other.measures)
            and set(self.areas) >= set(other.areas)
            and all(not own or (theirs and set(own) >= set(theirs)) for own, theirs in pairs)
        )

    def with_all_of(self, other: "Kept") -> "Kept":
        """Return what keeps everything that either keeps; both by year, or both by month."""
        return kept_of(
            self.by,
            (*self.measures, *other.measures),
            (*self.resources, *other.resources) if self.resources and other.resources else (),
            (*self.areas, *other.areas),
            (*self.years, *other.years) if self.years and other.years else (),
        )


def kept_of(
    by: str,
    measures: Sequence[str],
    resources: Sequence[str],
    areas: Sequence[str],
    years: Sequence[int],
) -> Kept:
    """Return what a design keeps, each thing once and in one order, however it was named."""
    known = YEARLY if by == YEAR else MONTHLY_MEASURES
    return Kept(
        by,
        tuple(m for m in known if m in measures),
        tuple(sorted({str(resource_id(name)) for name in resources})),
        tuple(sorted(set(areas))),
        tuple(sorted(set(years))),
    )


@dataclass(frozen=True)
class Cells:
    """The kept cells of every replication of one scenario.

    Attributes
    ----------
    at : ndarray, shape (cell,), places in the flattened values of a replication.
    area, time, resource, measure : ndarray, shape (cell,), places in `names`.
    names : what the four are called.
    by : `YEAR` or `MONTH`.
    """

    at: IntArray
    area: IntArray
    time: IntArray
    resource: IntArray
    measure: IntArray
    names: tuple[tuple[str, ...], tuple[int | str, ...], tuple[str, ...], tuple[str, ...]]
    by: str


def cells_of(kept: Kept, districts: Districts, resources: Resources, years: range) -> Cells:
    """Find the kept cells among all of (time, area, reported resource, measure).

    Parameters
    ----------
    years : reported years; people are known at the end of the year before them too.
    """
    areas = tuple((kind, name) for kind, name, _, _ in districts.areas())
    return _cells(kept, areas, resources.reported, years)


@lru_cache(maxsize=64)
def _cells(
    kept: Kept, kinds: tuple[tuple[str, str], ...], reported: tuple[str, ...], years: range
) -> Cells:
    areas = [name for _, name in kinds]
    chosen_areas = [a for a, one in enumerate(kinds) if _is_kept(kept, *one, areas)]
    measures: tuple[str, ...] = COLUMNS if kept.by == YEAR else MONTHLY_MEASURES
    known = reported
    if kept.has_people:
        measures, known, years = YEARLY, (*reported, PEOPLE), range(years.start - 1, years.stop)
    times = _times(kept, years)
    pairs = _pairs(kept, known, measures)
    area, time, pair = (
        index.ravel() for index in np.indices((len(chosen_areas), len(times), len(pairs)))
    )
    resource, measure = np.array(pairs, np.int64).reshape(-1, 2)[pair].T
    of_time = np.array([place for place, _ in times], np.int64)[time]
    # Of the year before the first only people are told.
    told = (of_time > 0) | (resource >= len(reported)) | (not kept.has_people)
    area, time, resource, measure, of_time = (
        axis[told] for axis in (area, time, resource, measure, of_time)
    )
    of_area = np.array(chosen_areas, np.int64)[area]
    shape = (len(years) * (1 if kept.by == YEAR else 12), len(areas), len(known), len(measures))
    at = np.ravel_multi_index((of_time, of_area, resource, measure), shape)
    names = (
        tuple(areas[a] for a in chosen_areas),
        tuple(name for _, name in times),
        tuple(known),
        tuple(measures),
    )
    return Cells(at, area, time, resource, measure, names, kept.by)


def _pairs(kept: Kept, known: Sequence[str], measures: Sequence[str]) -> list[tuple[int, int]]:
    """Return the kept pairs of a resource and a measure that have a meaning, as places of both."""
    applies = column_applies()

    def is_meant(resource: str, measure: str) -> bool:
        if resource == PEOPLE or measure in OF_PEOPLE:
            return resource == PEOPLE and measure in OF_PEOPLE
        if kept.resources and resource not in kept.resources:
            return False
        return kept.by == MONTH or applies.get((measure, resource), True)

    return [
        (r, m)
        for r, resource in enumerate(known)
        for m, measure in enumerate(measures)
        if measure in kept.measures and is_meant(resource, measure)
    ]


def _is_kept(kept: Kept, kind: str, name: str, areas: Sequence[str]) -> bool:
    if kind == "district":
        as_zone = "zones" in kept.areas and areas.count(name) > 1
        return as_zone or "districts" in kept.areas or name in kept.areas
    if kind == "zone":
        return areas.count(name) == 1 and ("zones" in kept.areas or name in kept.areas)
    return CITY in kept.areas or "city" in kept.areas


def _times(kept: Kept, years: range) -> list[tuple[int, int | str]]:
    """Return places and names of the kept years or months."""
    chosen = [year for year in years if not kept.years or year in kept.years]
    if kept.by == YEAR:
        return [(year - years.start, year) for year in chosen]
    return [
        ((year - years.start) * 12 + month, f"{year}-{month + 1:02d}")
        for year in chosen
        for month in range(12)
    ]


def kept_values(
    outcome: Outcome,
    kept: Kept,
    districts: Districts,
    resources: Resources,
    basis: str = BASES[0],
    before: int = 0,
) -> FloatArray:
    """Return the figures of one replication, flat, in which `Cells.at` finds its places.

    Parameters
    ----------
    basis : on which demand rests: that of the people who are kept.
    before : simulated years that stand before the reported ones.
    """
    if kept.by == MONTH:
        return area_sums(outcome.monthly[12 * before :], districts, 1).ravel()
    yearly = yearly_values(outcome, districts, resources)
    if kept.has_people:
        people = people_values(simulated_people(outcome), districts, basis)
        yearly = with_people(yearly, people)
    return yearly[before:].ravel()


def offered_kept(setting: Setting, kept: Kept, before: int = 0) -> FloatArray:
    """Return the figures of the deterministic twin as `kept_values` does those of a replication."""
    offered, inputs = offered_load(setting), setting.inputs
    values = offered_values(setting, offered, kept.by == MONTH)
    if kept.has_people:
        basis = inputs.scenario.population.basis
        people = people_values(expected_people(setting, offered), inputs.districts, basis)
        values = with_people(values, people)
    return values[before * (12 if kept.by == MONTH else 1) :].ravel()


def part_of(values: FloatArray, cells: Cells, point: str, draw: int, replication: int) -> bytes:
    """Return the Parquet file of one job.

    Parameters
    ----------
    values : of `kept_values`.
    point : id of the point.
    """
    import pyarrow.parquet as pq

    written = BytesIO()
    pq.write_table(
        long_table(values, cells, point, draw, replication),
        written,
        compression="zstd",
        use_dictionary=["id", "area", "month", "resource", "measure"],
        use_byte_stream_split=["value"],
        store_schema=True,
    )
    return written.getvalue()


def long_table(
    values: FloatArray, cells: Cells, point: str, draw: int, replication: int
) -> "pa.Table":
    """Return one row a kept cell that has a meaning."""
    import pyarrow as pa

    value = values[cells.at]
    known = np.isfinite(value)
    n = int(known.sum())

    def called(names: Sequence[str], at: IntArray) -> "pa.Array":
        # Typed: of no names at all the type would be unknown.
        texts = pa.array(list(names), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(at[known], pa.int16()), texts)

    areas, times, resources, measures = cells.names
    by_year = cells.by == YEAR  # also of a point that ends before the first kept year
    time = (
        pa.array(np.array(times, np.int16)[cells.time[known]])
        if by_year
        else called([str(time) for time in times], cells.time)
    )
    return pa.table(
        {
            "id": pa.DictionaryArray.from_arrays(np.zeros(n, np.int16), [point]),
            "draw": pa.array(np.full(n, draw, np.int32)),
            "replication": pa.array(np.full(n, replication, np.int32)),
            "area": called(areas, cells.area),
            YEAR if by_year else MONTH: time,
            "resource": called(resources, cells.resource),
            "measure": called(measures, cells.measure),
            "value": pa.array(value[known]),
        }
    )
