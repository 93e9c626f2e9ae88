"""Sum a sweep up as one table, point by point: memory holds one point's jobs, however many points there are.

Rows reach the database in the order of draws and replications, and one thread adds them up, so the same
parts give the same bytes.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from params.axes import CITY
from params.errors import ParamError, Problem
from params.language import said
from params.names import units_of_resource
from runs.jobs.sweep_folder import Part, SweepFolder
from runs.studies.query import SHUT
from runs.tables.sweep import FIGURES, T_TABLE, student, summary_sql
from runs.tables.units import PEOPLE, monthly_unit, unit_of, yearly_unit
from runs.texts.wording import dictionary
from runs.write import Encoding, growing_csv


def write_sweep_table(
    folder: SweepFolder, path: Path, lang: str, encoding: Encoding, told: int
) -> pd.DataFrame:
    """Write the summary of every point; return the city's rows of the last year or month.

    Parameters
    ----------
    told : points whose rows are returned, the first of them.

    Raises
    ------
    ParamError
        If no job is done yet.
    """
    if not folder.parts:
        raise ParamError(
            Problem(
                str(folder.path),
                said("no job is done yet", "尚无完成的任务"),
                "",
                said("run the same sweep again, or wait", "再次运行同一命令，或稍候"),
            )
        )
    city: list[pd.DataFrame] = []
    with growing_csv(path, lang, encoding) as add:
        for frame in point_frames(folder):
            add(frame)
            if len(city) < told:
                time = frame["month" if "month" in frame.columns else "year"]
                city.append(frame[(frame["area"] == CITY) & (time == time.max())])
    return pd.concat(city, ignore_index=True)


def point_frames(folder: SweepFolder) -> Iterator[pd.DataFrame]:
    """Yield the summary of one point after the other, as in the data dictionary, file ``sweep``."""
    connection = duckdb.connect(":memory:", config={**SHUT, "threads": "1"})
    connection.execute("create schema house")
    connection.register("t", student(len(folder.parts)))
    connection.execute(f"create table {T_TABLE} as select * from t")
    rows = {row["point"]: row for row in folder.points.to_pylist()}
    for point, parts in groupby(folder.parts, lambda part: part.point):
        jobs = _jobs_of(point, list(parts))
        time = "month" if "month" in jobs.column_names else "year"
        connection.register("jobs", jobs)
        frame = connection.execute(summary_sql("jobs", time, folder.has_two_levels)).df()
        connection.unregister("jobs")
        yield _laid_out(_in_order(frame, jobs, time), rows[point], folder.keys, time)


def _jobs_of(point: int, parts: Sequence[Part]) -> pa.Table:
    """Return every figure of a point, by draw and replication."""
    table = pa.concat_tables([pq.ParquetFile(part.path).read() for part in parts])
    return table.append_column("point", pa.repeat(pa.scalar(point, pa.int32()), len(table)))


def _in_order(frame: pd.DataFrame, jobs: pa.Table, time: str) -> pd.DataFrame:
    """Sort by area, time, resource and measure, each in the order in which the jobs name them."""
    places = {}
    for column in ("area", "resource", "measure"):
        names = pc.unique(jobs[column].cast(pa.string())).to_pylist()
        places[column] = frame[column].map({name: k for k, name in enumerate(names)})
    keys = pd.DataFrame({**places, time: frame[time]})
    return frame.loc[keys.sort_values(["area", time, "resource", "measure"]).index]


def _laid_out(
    frame: pd.DataFrame, point: dict[str, Any], keys: Sequence[str], time: str
) -> pd.DataFrame:
    """Put the point's keys before its rows, and the unit behind the measure."""
    n = len(frame)
    head = {name: [point[name]] * n for name in ("point", "id", "scenario")}
    varied = {key: [key_text(point[key])] * n for key in keys}
    cells = {column: frame[column] for column in ("area", time, "resource", "measure")}
    pairs = list(zip(frame["resource"], frame["measure"], strict=True))
    units = {pair: _unit(*pair, time) for pair in dict.fromkeys(pairs)}
    figures = {column: frame[column] for column in FIGURES}
    out = pd.DataFrame({**cells, "unit": [units[pair] for pair in pairs], **figures}).reset_index(
        drop=True
    )
    return pd.concat([pd.DataFrame({**head, **varied}, dtype=object), out], axis=1)


def key_text(value: object) -> str:
    """Return the value of a varied key exactly: it has no unit that would round it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _unit(resource: str, measure: str, time: str) -> str:
    """Return the unit of a figure; none for a resource that this version does not know."""
    if resource == PEOPLE:
        return yearly_unit(resource, measure)
    if resource not in units_of_resource():
        return ""
    if time == "month":
        return monthly_unit(resource, measure)
    units = {row.column: row.unit for row in dictionary() if row.file == "shortfall"}
    unit = units.get(measure, "")
    return unit_of(resource) if unit == "row" else unit
