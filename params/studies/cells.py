"""Change cells of a city's tables for one point of a design.

`tables.beds_city[year=2025].beds` names the cell of column `beds` in the row of ``beds_city.csv`` whose
`year` is 2025; several conditions stand between commas. The change goes into a copy of the city's folder,
which lives as long as the process.
"""

import csv
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from params.city import City
from params.errors import ParamError, Problem, nearest
from params.language import said
from params.studies.keys import CELL, is_cell, is_whole
from params.tables.read import read_columns, read_raw, read_table

_COPIES: Final[list["TemporaryDirectory[str]"]] = []
"""Folders that are removed when the process ends."""
NAMED: Final = "tables.FILE[COLUMN=VALUE,...].COLUMN"


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    table: str
    row: int
    """Place among the table's rows."""
    column: str


def find_cell(key: str, city: City) -> Cell:
    """Find the cell that a key names.

    Raises
    ------
    ParamError
        If there is no such table, column or row, or more than one row.
    """
    found = CELL.fullmatch(key)
    if found is None:
        raise ParamError(Problem(key, said("names no cell", "不是单元格"), NAMED))
    table, conditions, column = found.groups()
    files = sorted(path.stem for path in city.tables.glob("*.csv"))
    if table not in files:
        raise ParamError(
            Problem(
                key,
                said(f"no table {table!r}", f"没有表 {table!r}"),
                ", ".join(files),
                nearest(table, files),
            )
        )
    raw = read_raw(table, city.tables)
    wanted = dict(_split(part) for part in conditions.split(","))
    for name in (column, *wanted):
        if name not in raw.header:
            near = nearest(name, raw.header)
            found_no = said(f"no column {name!r}", f"没有列 {name!r}")
            raise ParamError(Problem(key, found_no, ", ".join(raw.header), near))
    rows = [
        k
        for k, row in enumerate(raw.rows)
        if all(row[raw.header.index(name)] == value for name, value in wanted.items())
    ]
    if len(rows) != 1:
        advice = said("look into the file", "请核对该表")
        if rows:
            advice = said("name more columns", "请增加条件")
        n = len(rows)
        found_rows = said(f"{n} rows match {conditions}", f"{conditions} 匹配 {n} 行")
        raise ParamError(Problem(key, found_rows, said("one row", "恰好一行"), advice))
    return Cell(table, rows[0], column)


def _split(condition: str) -> tuple[str, str]:
    name, _, value = condition.partition("=")
    return name.strip(), value.strip().strip("'\"")


def with_cells(city: City, values: Mapping[Cell, object]) -> City:
    """Return a city with other values in some cells."""
    if not values:
        return city
    copy = TemporaryDirectory(prefix="yanglao-city-")
    _COPIES.append(copy)
    folder = Path(copy.name) / city.name
    shutil.copytree(city.folder, folder)
    changed = replace(city, folder=folder)
    for table in sorted({cell.table for cell in values}):
        _rewrite(
            changed.tables / f"{table}.csv", [c for c in values.items() if c[0].table == table]
        )
    return changed


def cell_faults(city: City, values: Mapping[Cell, object]) -> list[Problem]:
    """List what is wrong with the tables of a city of which some cells were changed."""
    from params.inputs import require_whole  # a design of scenario keys reads no tables

    problems: list[Problem] = []
    for table in sorted({cell.table for cell in values}):
        try:
            read_table(table, city.tables)
        except ParamError as error:
            problems += error.problems
    if not problems:
        try:
            require_whole(city)
        except ParamError as error:
            problems += error.problems
    return problems


def is_whole_cell(key: str) -> bool:
    """Say whether a key names a cell of a column of whole numbers."""
    found = CELL.fullmatch(key)
    named = (found[1], found[3]) if found else None
    return any(c.kind == "whole" for c in read_columns() if (c.table, c.name) == named)


def in_type(key: str, value: float) -> float:
    """Round a number of a range to what its key takes."""
    whole = is_whole_cell(key) if is_cell(key) else is_whole(key)
    return round(value) if whole else value


def _rewrite(path: Path, cells: Sequence[tuple[Cell, object]]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    filled = [k for k, row in enumerate(rows) if row]
    for cell, value in cells:
        rows[filled[cell.row]][header.index(cell.column)] = str(value)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
