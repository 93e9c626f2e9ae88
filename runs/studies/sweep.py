"""Simulate every point of a design, and keep what it asks for in one folder.

The folder is described in docs/sweeps.md. Whatever is there already is not done again: a sweep that was
stopped, or that has more points, replications or measures than before, does what is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from params.errors import ParamError, Problem
from params.studies.design import Design
from params.studies.load import LoadedDesign, Measures
from params.studies.points import Point
from params.studies.resolved import resolved_design
from runs.jobs.execute import Failure, How, run_tasks
from runs.jobs.job import Task
from runs.jobs.key import code_digest, environment, libraries, tables_digest
from runs.jobs.lock import Writer
from runs.jobs.sweep_folder import DESIGN, DRAWS, MANIFEST, POINTS
from runs.jobs.sweep_store import SweepMark, SweepStore
from runs.jobs.sweep_work import (
    FIXED,
    PointWork,
    SweepWork,
    draw_set_of,
    levels_of,
    point_id,
    seeds_of,
    tasks_of,
)
from runs.produce import Watch
from runs.tables.kept import MAIN, Kept, kept_of
from runs.tables.yearly import COLUMNS
from runs.write import whole_file, write_json, write_text
from simulate.outcome import MONTHLY_MEASURES

if TYPE_CHECKING:
    import pyarrow as pa

MEASURES: Final = Measures(COLUMNS, MONTHLY_MEASURES, MAIN)
"""What a design may keep."""
FAILURES: Final = "failures.csv"
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
        return SweepWork(points, kept, levels_of(self.loaded.design))

    @property
    def mark(self) -> SweepMark:
        """What all parts of the folder have in common."""
        design, city = self.loaded.design, self.loaded.city
        return SweepMark(self.name, design.seed, city.name, code_digest(), libraries())


@dataclass(frozen=True)
class Swept:
    """What a sweep leaves."""

    folder: Path
    jobs: int
    done_before: int
    failures: tuple[Failure, ...]
    seconds: float


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
            where = f"{loaded.path} (point 设计点 {same}, {k})"
            found = "have the same values 取值相同"
            problems.append(Problem(where, found, "points that differ", "drop one 请删除其一"))
    if problems:
        more = len(problems) - SAME
        raise ParamError(
            problems[:SAME]
            + [Problem(str(loaded.path), f"{more} more pairs 另有{more}对")] * (more > 0)
        )


def _work_of(point: Point, tables: str, design: Design) -> PointWork:
    id_ = point_id(point.loaded, tables, design)
    return PointWork(id_, point.loaded.scenario, point.loaded.city, seeds_of(id_, design))


def sweep(plan: SweepPlan, out: Path, how: How) -> Swept:
    """Do what is missing of a sweep, and write everything that its folder holds.

    Raises
    ------
    ParamError
        If the folder is another's; nothing is written then.
    InUse, StorageError
        If another process writes there, or the disk does not take it.
    """
    watch = Watch()
    folder = out / plan.name
    store = SweepStore(folder, plan.mark, plan.kept)
    with Writer(folder):
        store.open()
        (folder / MANIFEST).unlink(missing_ok=True)  # it says that all else is whole
        write_text(folder / DESIGN, resolved_design(plan.loaded.design))
        write_points(plan, folder)
        write_draws(plan, folder)
        tasks = plan.tasks
        missing = [task for task in tasks if not store.is_done(task)]
        done = len(tasks) - len(missing)
        failures = run_tasks(plan.work(store.kept), missing, store.keep, how, done)
        store.write_list()
        watch.lap()
        write_failures(failures, plan, folder / FAILURES)
        write_json(folder / MANIFEST, manifest_of(plan, store.kept, len(tasks), failures, watch))
    return Swept(folder, len(tasks), done, failures, watch.worked)


def manifest_of(
    plan: SweepPlan, kept: Kept, jobs: int, failures: Sequence[Failure], watch: Watch
) -> dict[str, object]:
    """Say what was simulated, with what, and how far it came."""
    design, city = plan.loaded.design, plan.loaded.city
    return {
        **plan.mark.table(),
        "title_zh": design.title_zh,
        "title_en": design.title_en,
        "description": design.description,
        "bases": list(design.base),
        "parameters": levels_of(design),
        "shared_lives": design.shared_lives,
        "shared_draws": design.shared_draws,
        "replications": design.replications,
        "draws": design.draws,
        "keep": asdict(kept),
        "states": {
            "points": len(plan.works),
            "jobs": jobs,
            "done": jobs - len(failures),
            "failed": len(failures),
        },
        "tables_digest": tables_digest(city),
        "environment": environment(),
        "times": watch.times(),
    }


def write_points(plan: SweepPlan, folder: Path) -> None:
    """Write ``points.parquet`` and ``points.csv``: every point with every varied key."""
    table = points_table(plan)
    _write_parquet(table, folder / POINTS)
    frame = table.to_pandas()
    with whole_file(folder / "points.csv") as part:
        frame.to_csv(part, index=False, lineterminator="\n", encoding="utf-8-sig")


def points_table(plan: SweepPlan) -> "pa.Table":
    """Return one row a point: number, id, scenario, set of draws, and every varied key."""
    import pyarrow as pa

    points, works = plan.loaded.points, plan.works
    fixed = levels_of(plan.loaded.design) == FIXED
    columns: dict[str, pa.Array] = {
        "point": pa.array([point.number for point in points], pa.int32()),
        "id": pa.array([work.id for work in works], pa.string()),
        "scenario": pa.array([point.base for point in points], pa.string()),
        "draw_set": pa.array(
            ["" if fixed else draw_set_of(work).id for work in works], pa.string()
        ),
    }
    for key in points[0].varied:
        columns[key] = _column([point.varied[key] for point in points])
    return pa.table(columns)


def _column(values: Sequence[object]) -> "pa.Array":
    """Return varied values as numbers where all are, as true or false, or as text."""
    import pyarrow as pa

    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([float(str(value)) for value in values], pa.float64())
    return pa.array([str(value) for value in values], pa.string())


def write_draws(plan: SweepPlan, folder: Path) -> None:
    """Write ``draws.parquet``: the value of every drawn assumption in every draw, set by set."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("draw_set", pa.string()),
            ("draw", pa.int32()),
            ("parameter", pa.string()),
            ("value", pa.float64()),
        ]
    )
    design = plan.loaded.design
    draws = range(design.draws or design.replications)
    sets = _draw_sets(plan.works if levels_of(design) != FIXED else (), draws)
    with (
        whole_file(folder / DRAWS) as part,
        pq.ParquetWriter(part, schema, compression="zstd") as writer,
    ):
        for set_id, values in sets:
            names = np.repeat(np.array(list(values), dtype=object), len(draws))
            columns = {
                "draw_set": pa.array([set_id] * names.size, pa.string()),
                "draw": pa.array(np.tile(np.array(draws, np.int32), len(values))),
                "parameter": pa.array(names, pa.string()),
                "value": pa.array(np.concatenate(list(values.values()))),
            }
            writer.write_table(pa.table(columns, schema))


def _draw_sets(
    works: Iterable[PointWork], draws: range
) -> Iterable[tuple[str, Mapping[str, np.ndarray]]]:
    seen = set()
    for work in works:
        drawn = draw_set_of(work)
        if drawn.id not in seen and drawn.assumptions:
            seen.add(drawn.id)
            yield drawn.id, drawn.values(list(draws))


def write_failures(failures: Sequence[Failure], plan: SweepPlan, path: Path) -> None:
    """Write every failed job with its inputs and message; no file where none failed."""
    import pandas as pd

    if not failures:
        path.unlink(missing_ok=True)
        return
    numbers = {work.id: k for k, work in reversed(list(enumerate(plan.works)))}
    rows = []
    for failure in failures:
        point = plan.loaded.points[numbers[failure.task.point]]
        rows.append(
            {
                "point": point.number,
                "id": failure.task.point,
                "draw": failure.task.draw,
                "replication": failure.task.replication,
                "scenario": point.base,
                **point.varied,
                "seed": plan.loaded.design.seed,
                "message": failure.message,
                "tries": failure.tries,
            }
        )
    with whole_file(path) as part:
        pd.DataFrame(rows).to_csv(part, index=False, lineterminator="\n", encoding="utf-8-sig")


def _write_parquet(table: "pa.Table", path: Path) -> None:
    import pyarrow.parquet as pq

    with whole_file(path) as part:
        pq.write_table(table, part, compression="zstd")
