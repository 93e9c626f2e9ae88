"""Write what lies beside the parts of a sweep: its points, its draws, and the jobs that failed."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from params.axes import FloatArray
from runs.jobs.execute import Failure
from runs.jobs.sweep_folder import DRAWS, POINTS
from runs.jobs.sweep_work import FIXED, PointWork, draw_set_of, levels_of
from runs.studies.sweep_plan import SweepPlan
from runs.write import whole_file

if TYPE_CHECKING:
    import pyarrow as pa


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
) -> Iterable[tuple[str, Mapping[str, FloatArray]]]:
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
