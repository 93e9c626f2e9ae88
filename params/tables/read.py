"""Read a city's tables, and say exactly where one of them is wrong.

``columns.csv`` describes every column of every table: its role, its kind and whether a cell may be
empty. A table is turned into a frame only after every cell has passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from params.city import REFERENCE, read_city
from params.errors import ParamError, Problem, cell_place, missing_file, nearest
from params.files.sheet import Sheet, number_in, plain_number, read_sheet
from params.language import Said, said

if TYPE_CHECKING:
    import pandas as pd

STATUSES: Final = ("published", "derived", "assumed")
"""How a number came about: printed by its source, computed from printed ones, chosen by us."""
KINDS: Final = {
    "text": Said("text", "文字"),
    "whole": Said("a whole number, 0 or more", "不小于0的整数"),
    "number": Said("a finite number, 0 or more", "不小于0的数字"),
    "signed": Said("a finite number", "数字"),
}


@dataclass(frozen=True)
class Column:
    """One column as ``columns.csv`` describes it."""

    table: str
    name: str
    role: str
    """``key``, ``value``, ``bound``, ``text`` or ``tail`` (source_id and status)."""
    kind: str
    may_be_blank: bool
    unit: str
    """Empty where the table has a ``unit`` column of its own."""
    meaning: str
    meaning_zh: str
    """Empty for tables that only the packaged city has."""
    source_id: str
    """Source of the column where it is not the row's."""
    status: str


RawTable = Sheet
"""The cells of one file as text, with the line each row ends on."""


def data_path(name: str, folder: Path | None = None) -> Path:
    """Return where a table lies; ``name`` with or without ``.csv``.

    A table that holds for any city lies with the package, unless the city has its own.
    """
    own = (folder or data_folder()) / _file_name(name)
    shared = REFERENCE / _file_name(name)
    return shared if shared.is_file() and not own.is_file() else own


def data_folder() -> Path:
    """Return the folder of the packaged city's tables."""
    return read_city().tables


@lru_cache(maxsize=1)
def read_columns() -> tuple[Column, ...]:
    """Read the description of every column of every table; it holds for any city."""
    raw = read_sheet(Path(__file__).with_name("columns.csv"))
    said = ("role", "kind", "blank", "unit", "meaning", "meaning_zh", "source_id", "status")
    _require_columns(raw, ("table", "column", *said))
    columns = []
    for row in raw.rows:
        cell = dict(zip(raw.header, row, strict=True))
        columns.append(
            Column(
                table=cell["table"],
                name=cell["column"],
                role=cell["role"],
                kind=cell["kind"],
                may_be_blank=cell["blank"] == "1",
                unit=cell["unit"],
                meaning=cell["meaning"],
                meaning_zh=cell["meaning_zh"],
                source_id=cell["source_id"],
                status=cell["status"],
            )
        )
    return tuple(columns)


def table_columns(name: str) -> tuple[Column, ...]:
    """Return the description of one table's columns; an unknown table is the caller's mistake."""
    described = read_columns()
    found = tuple(column for column in described if column.table == _stem(name))
    if not found:
        known = sorted({column.table for column in described})
        raise ParamError(
            Problem(
                where=said(f"table {name}", f"表 {name}"),
                found=said("no such table", "没有此表"),
                allowed=", ".join(known),
                advice=nearest(_stem(name), known),
            )
        )
    return found


def read_table(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read one table after checking every cell of it.

    Parameters
    ----------
    name : str
        For example ``"census"``; ``.csv`` may follow.
    folder : Path, optional
        A city's folder of tables; that of the packaged city by default.

    Returns
    -------
    DataFrame
        The caller's own copy. Whole numbers are ``int64`` (``float64`` with NaN where a cell may be
        empty, as in an open ``age_hi``), other numbers ``float64``, the rest text, never NaN.

    Raises
    ------
    ParamError
        Every mistake of the file, each with its line and column.
    """
    folder = folder or data_folder()
    columns = table_columns(name)
    path = data_path(name, folder)
    if not path.is_file():
        raise ParamError(Problem(str(path), missing_file()))
    return _read_checked(path, path.stat().st_mtime_ns, folder, columns).copy()


@lru_cache(maxsize=64)
def _read_checked(path: Path, _: int, folder: Path, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Read a file as it stood at a moment; it is read again once it has changed."""
    raw = read_sheet(path)
    _require_columns(raw, tuple(column.name for column in columns))
    problems = [problem for column in columns for problem in _cell_problems(raw, column)]
    if "status" in raw.header:
        problems += _tail_problems(raw, _known_sources(folder))
    if problems:
        raise ParamError(problems)
    return _to_frame(raw, columns)


def read_raw(name: str, folder: Path | None = None) -> RawTable:
    """Read the cells of one table as text, for checks that name its lines."""
    return read_sheet(data_path(name, folder))


def _stem(name: str) -> str:
    return name.removesuffix(".csv")


def _file_name(name: str) -> str:
    return f"{_stem(name)}.csv"


def _require_columns(raw: RawTable, wanted: tuple[str, ...]) -> None:
    missing = [
        Problem(
            where=cell_place(raw.file, 1, name),
            found=said("column is missing", "缺少此列"),
            allowed=", ".join(wanted),
            advice=nearest(name, [found for found in raw.header if found not in wanted]),
        )
        for name in wanted
        if name not in raw.header
    ]
    if missing:
        raise ParamError(missing)


def _cell_problems(raw: RawTable, column: Column) -> list[Problem]:
    return [
        Problem(
            where=cell_place(raw.file, line, column.name),
            found=f"{cell!r}" if cell else said("empty cell", "空单元格"),
            allowed=str(KINDS[column.kind])
            + (said(" or empty", "，可留空") if column.may_be_blank else ""),
        )
        for line, cell in zip(raw.lines, raw.cells(column.name), strict=True)
        if not _cell_is_good(cell, column)
    ]


def _cell_is_good(cell: str, column: Column) -> bool:
    if not cell.strip():
        return column.may_be_blank
    if column.kind == "text":
        return True
    if column.kind == "whole":
        return plain_number(cell).isdigit() and number_in(cell) is not None
    number = number_in(cell)
    return number is not None and (column.kind == "signed" or number >= 0)


def _tail_problems(raw: RawTable, sources: frozenset[str]) -> list[Problem]:
    problems = []
    tails = zip(raw.lines, raw.cells("source_id"), raw.cells("status"), strict=True)
    for line, source, status in tails:
        if source not in sources:
            where = cell_place(raw.file, line, "source_id")
            found = said(f"{source!r} is not in sources.csv", f"sources.csv 中没有 {source!r}")
            problems.append(Problem(where, found, advice=nearest(source, sources)))
        if status not in STATUSES:
            where = cell_place(raw.file, line, "status")
            problems.append(
                Problem(where, repr(status), ", ".join(STATUSES), nearest(status, STATUSES))
            )
    return problems


def _known_sources(folder: Path) -> frozenset[str]:
    found: set[str] = set()
    for place in (folder, REFERENCE):
        raw = read_sheet(place / "sources.csv")
        _require_columns(raw, ("source_id",))
        found |= set(raw.cells("source_id"))
    return frozenset(found)


def read_lines(name: str, folder: Path | None = None) -> tuple[int, ...]:
    """Return the line of the file that each row of a table ends on."""
    return read_sheet(data_path(name, folder)).lines


def read_sources(folder: Path | None = None) -> pd.DataFrame:
    """Read every source that a city's tables may name, by id."""
    import pandas as pd

    own, shared = (read_table("sources", f) for f in (folder or data_folder(), REFERENCE))
    both = pd.concat([own, shared]).drop_duplicates("source_id")
    return both.sort_values("source_id").reset_index(drop=True)


def _to_frame(raw: RawTable, columns: tuple[Column, ...]) -> pd.DataFrame:
    # pandas takes longer to import than the command line may take to print its help.
    import pandas as pd

    cells: dict[str, list[str] | list[int] | list[float]] = {}
    cells |= {name: raw.cells(name) for name in raw.header}
    for column in columns:
        text = raw.cells(column.name)
        if column.kind == "whole" and not column.may_be_blank:
            cells[column.name] = [int(plain_number(cell)) for cell in text]
        elif column.kind != "text":
            cells[column.name] = [float(plain_number(cell)) if cell else math.nan for cell in text]
    return pd.DataFrame(cells)
