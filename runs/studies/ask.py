"""Ask the jobs of a sweep: a study's points are a design like any other, its answers an array.

Each round of a study is a sweep of its own, in a folder that `yanglao query`, `sweep-table` and `compare`
take: what is there already is not simulated again, whoever asks.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from params.axes import FloatArray
from params.city import City
from params.studies.design import Axis, Design
from params.studies.load import MAX_JOBS, load_design
from params.studies.resolved import resolved_design
from runs.faults import JobsFailed
from runs.jobs.execute import How
from runs.jobs.sweep_folder import SweepFolder, open_sweep
from runs.studies.sweep import sweep
from runs.studies.sweep_check import CHECKED, check_possible
from runs.studies.sweep_plan import MEASURES, plan_of
from runs.write import write_text

TOGETHER = "points"
"""Name under which the axes of listed points move together."""


class Figure(NamedTuple):
    """One number of a replication: a row and a column of ``shortfall.csv``."""

    measure: str
    resource: str
    area: str
    """District, zone or `params.axes.CITY`."""
    year: int


def listed_axes(points: Mapping[str, Sequence[Any]]) -> tuple[Axis, ...]:
    """Return axes that move together: point k has the k-th value of every key.

    Parameters
    ----------
    points : values by key as designs name keys, equally many of each.
    """
    return tuple(
        Axis(key=key, values=tuple(values), zip=TOGETHER) for key, values in points.items()
    )


def ask(
    design: Design,
    folder: Path,
    city: City,
    how: How,
    max_jobs: int = MAX_JOBS,
    checked: int = CHECKED,
) -> SweepFolder:
    """Simulate what is missing of a design and open what is there.

    Parameters
    ----------
    design : its bases are names of ready scenarios or paths seen from `folder`.
    folder : of the study; the design is written into it, the sweep has a folder of its own below.
    checked : points that are forecast before any work. Each takes as long as a forecast does, and points of
        other assumptions share none: fewer will do where all lie inside ranges that are known to hold.

    Raises
    ------
    ParamError
        With all mistakes of the design at once.
    JobsFailed
        If some jobs failed whenever they were tried; the others are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{design.name}.toml"
    write_text(path, resolved_design(design))
    plan = plan_of(load_design(path, MEASURES, city, max_jobs))
    check_possible(plan, checked)
    swept = sweep(plan, folder, how)
    if swept.failures:
        raise JobsFailed(swept.failures[0].message)
    return open_sweep(swept.folder)


def answers(
    folder: SweepFolder, figures: Sequence[Figure], *, may_lack: bool = False
) -> FloatArray:
    """Return figures of every job of a finished sweep, shape (point, draw, replication, figure).

    Without two levels of chance every replication has a draw of its own, or all have one: the axis of
    draws then has one place. A figure without meaning in a job is nan.

    Parameters
    ----------
    may_lack : take figures that have no meaning in any job, such as the share in time of what nobody
        asks for; they are nan.

    Raises
    ------
    KeyError
        If the sweep does not keep a figure in any job, unless it may lack some.
    """
    two = folder.has_two_levels
    points = folder.points["point"].to_pylist()
    draws = sorted({part.draw for part in folder.parts}) if two else [0]
    replications = sorted({part.replication for part in folder.parts})
    at_draw = {draw: k for k, draw in enumerate(draws)}
    at_replication = {number: k for k, number in enumerate(replications)}
    place = {figure: k for k, figure in enumerate(figures)}
    found = np.full((len(points), len(draws), len(replications), len(figures)), np.nan)
    kept = set()
    for part in folder.parts:
        at = (part.point, at_draw[part.draw] if two else 0, at_replication[part.replication])
        for figure, value in _figures_of(part.path, figures):
            found[(*at, place[figure])] = value
            kept.add(figure)
    for figure in figures:
        if figure not in kept and not may_lack:
            raise KeyError(figure)
    return found


def _figures_of(path: Path, figures: Sequence[Figure]) -> list[tuple[Figure, float]]:
    """Read the wanted figures of one job."""
    table = pq.ParquetFile(path).read()
    wanted = np.ones(len(table), dtype=bool)
    for column in Figure._fields:
        own = pa.array(sorted({getattr(figure, column) for figure in figures}))
        values = table[column]
        if pa.types.is_dictionary(values.type):
            values = values.cast(pa.string())
        wanted &= np.asarray(pc.is_in(values, own.cast(values.type)))
    rows = table.filter(pa.array(wanted)).select([*Figure._fields, "value"]).to_pylist()
    asked = set(figures)
    pairs = [(Figure(*(row[c] for c in Figure._fields)), row["value"]) for row in rows]
    return [(figure, float(value)) for figure, value in pairs if figure in asked]
