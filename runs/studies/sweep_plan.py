"""Turn a design into jobs: ids and seeds of its points, and what is kept of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from params.errors import ParamError, Problem
from params.language import said
from params.studies.design import Design
from params.studies.load import LoadedDesign, Measures
from params.studies.points import Point
from runs.jobs.job import Task
from runs.jobs.key import code_digest, libraries, tables_digest
from runs.jobs.sweep_store import SweepMark
from runs.jobs.sweep_work import (
    PointWork,
    SweepWork,
    levels_of,
    point_id,
    seeds_of,
    tasks_of,
)
from runs.tables.kept import MAIN, Kept, kept_of
from runs.tables.offered import OFFERED
from runs.tables.yearly import COLUMNS
from simulate.outcome import MONTHLY_MEASURES

MEASURES: Final = Measures(COLUMNS, MONTHLY_MEASURES, MAIN, OFFERED)
"""What a design may keep."""
SAME: Final = 5
"""Pairs of equal points that are named before the rest is counted."""


@dataclass(frozen=True)
class SweepPlan:
    """A design as jobs: what there is to do."""

    loaded: LoadedDesign
    works: tuple[PointWork, ...]
    """Points in the order of the design."""
    kept: Kept

    @property
    def name(self) -> str:
        """Name of the sweep, and of its folder."""
        return self.loaded.design.name

    @property
    def tasks(self) -> list[Task]:
        """Every job."""
        return tasks_of([work.id for work in self.works], self.loaded.design)

    def work(self, kept: Kept) -> SweepWork:
        """Return what workers need."""
        points = {work.id: work for work in self.works}
        design = self.loaded.design
        return SweepWork(points, kept, levels_of(design), design.engine)

    @property
    def mark(self) -> SweepMark:
        """What all parts of the folder have in common."""
        design, city = self.loaded.design, self.loaded.city
        return SweepMark(self.name, design.seed, city.name, code_digest(), libraries())


def plan_of(loaded: LoadedDesign) -> SweepPlan:
    """Turn a design into jobs.

    Raises
    ------
    ParamError
        Naming points of the same values: what makes them differ changes nothing.
    """
    design = loaded.design
    keep = design.keep
    kept = kept_of(keep.by, loaded.measures, keep.resources, keep.areas, keep.years)
    cities = {point.loaded.city for point in loaded.points}
    digests = {city.folder: tables_digest(city) for city in cities}
    works = [_work_of(p, digests[p.loaded.city.folder], design) for p in loaded.points]
    _check_different(loaded, works)
    return SweepPlan(loaded, tuple(works), kept)


def _check_different(loaded: LoadedDesign, works: Sequence[PointWork]) -> None:
    first: dict[str, int] = {}
    problems = []
    for k, work in enumerate(works):
        same = first.setdefault(work.id, k)
        if same != k:
            where = f"{loaded.path} " + said(f"(point {same}, {k})", f"（设计点 {same}，{k}）")
            found = said("have the same values", "取值相同")
            allowed = said("points that differ", "互不相同的设计点")
            problems.append(Problem(where, found, allowed, said("drop one", "请删除其一")))
    if problems:
        more = len(problems) - SAME
        raise ParamError(
            problems[:SAME]
            + [Problem(str(loaded.path), said(f"{more} more pairs", f"另有 {more} 对"))]
            * (more > 0)
        )


def _work_of(point: Point, tables: str, design: Design) -> PointWork:
    id_ = point_id(point.loaded, tables, design)
    return PointWork(id_, point.loaded.scenario, point.loaded.city, seeds_of(id_, design))
