"""Read a table that a scenario names, as a spreadsheet writes it, into rows of the scenario itself.

What was run is then whole without the file, and another content is another run. Headers may be Chinese.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from params.errors import ParamError, Problem, nearest
from params.language import said
from params.scenario.layers import Layers, Row

ENCODINGS: Final = ("utf-8-sig", "gb18030")


class Column(NamedTuple):
    """One column of a table."""

    name_zh: str
    read: Callable[[str], object]
    """Makes a value of a cell that is not empty; raises ValueError."""
    what: tuple[str, str]
    """What a cell may hold, English and Chinese."""
    is_needed: bool = False


def _whole(text: str) -> int:
    number = float(text.replace(",", ""))
    if number != int(number):
        raise ValueError
    return int(number)


def _number(text: str) -> float:
    if text.endswith("%"):
        return float(text[:-1].replace(",", "")) / 100
    return float(text.replace(",", ""))


def whole(name_zh: str, is_needed: bool = False) -> Column:
    """Return a column of whole numbers."""
    return Column(name_zh, _whole, ("a whole number", "整数"), is_needed)


def numbers(name_zh: str, is_needed: bool = False) -> Column:
    """Return a column of numbers."""
    return Column(name_zh, _number, ("a number", "数字"), is_needed)


def words(name_zh: str, is_needed: bool = False) -> Column:
    """Return a column of text."""
    return Column(name_zh, str, ("text", "文字"), is_needed)


@dataclass(frozen=True)
class RowsFile:
    """A table as it stands in a file."""

    path: Path
    rows: list[dict[str, object]]
    lines: list[int]
    """Line of each row in the file, the header is line 1."""


def read_rows(path: Path, key: str, columns: Mapping[str, Column]) -> RowsFile:
    """Read a table.

    Parameters
    ----------
    key : of the scenario that names the file, for messages.

    Raises
    ------
    ParamError
        If the file cannot be read, a column is missing or unknown, or cells are not what they must be; with
        every such cell.
    """
    reader = csv.reader(text_of(path, key).splitlines())
    header = [cell.strip() for cell in next(reader, [])]
    names = [_column(title, columns) for title in header]
    missing = [
        f"{name} {column.name_zh}"
        for name, column in columns.items()
        if column.is_needed and name not in names
    ]
    strange = [t for t, name in zip(header, names, strict=True) if t and name is None]
    twice = [t for k, t in enumerate(header) if names[k] and names[k] in names[:k]]
    if missing or strange or twice:
        found = [said(f"no column {name}", f"缺少列 {name}") for name in missing]
        found += [said(f"unknown column {title}", f"未知的列 {title}") for title in strange]
        found += [said(f"{title} twice", f"列 {title} 重复") for title in twice]
        allowed = ", ".join(f"{name} {column.name_zh}" for name, column in columns.items())
        advice = nearest(strange[0], columns) if strange else ""
        raise ParamError(Problem(place_of(path, 1), "; ".join(found), allowed, advice))
    problems: list[Problem] = []
    table = RowsFile(path, [], [])
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        row: dict[str, object] = {}
        for name, cell in zip(names, cells, strict=False):
            if name is None or not cell.strip():
                continue
            try:
                row[name] = columns[name].read(cell.strip())
            except (ValueError, OverflowError):
                where = f"{place_of(path, reader.line_num)}, {name}"
                problems.append(Problem(where, cell.strip(), said(*columns[name].what)))
        table.rows.append(row)
        table.lines.append(reader.line_num)
    if not table.rows and not problems:
        problems.append(
            Problem(str(path), said("has no rows", "没有数据行"), said("rows", "至少一行"))
        )
    if problems:
        raise ParamError(problems)
    return table


def place_of(path: Path, line: int) -> str:
    """Name a line of a table."""
    return said(f"{path.name}, line {line}", f"{path.name} 第{line}行")


def text_of(path: Path, key: str) -> str:
    """Return the text of a table that a scenario names.

    Raises
    ------
    ParamError
        If it cannot be read, or is in no encoding that spreadsheets write.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        found = error.strerror or type(error).__name__
        allowed = said(
            "a CSV file beside the scenario", "与情景文件放在一起的 CSV 文件(相对情景文件的路径)"
        )
        raise ParamError(Problem(f"{key} = {path.name}", found, allowed)) from None
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    found = said("is neither UTF-8 nor GB 18030", "既不是 UTF-8 也不是 GB 18030")
    raise ParamError(Problem(f"{key} = {path.name}", found, said("a CSV file", "CSV 文件")))


def _column(title: str, columns: Mapping[str, Column]) -> str | None:
    """Find a column by its id or its Chinese name."""
    for name, column in columns.items():
        if title in (name, column.name_zh):
            return name
    return None


def named_file(layers: Layers, key: str) -> Path | None:
    """Return the file that a scenario names at a dotted key, from the folder of who names it; or none."""
    *tables, last = key.split(".")
    held: object = layers.values
    for table in tables:
        held = held.get(table) if isinstance(held, Mapping) else None
    named = held.get(last) if isinstance(held, Mapping) else None
    if not isinstance(named, str):
        return None
    return layers.origin.get(key, layers.files[0]).parent / named


def with_table(layers: Layers, key: str, found: RowsFile, rows: list[dict[str, object]]) -> Layers:
    """Put rows in the place of the file that a scenario names; a mistake in one is told by its line."""
    places = tuple(Row(found.path, line - 1) for line in found.lines)
    values = _with(layers.values, key.split("."), rows)
    return replace(layers, values=values, rows={**layers.rows, key: places})


def _with(values: Mapping[str, object], steps: list[str], rows: object) -> dict[str, object]:
    if len(steps) == 1:
        return {**values, steps[0]: rows}
    held = values.get(steps[0])
    inner = held if isinstance(held, Mapping) else {}
    return {**values, steps[0]: _with(inner, steps[1:], rows)}


def is_of_a_table(row: Row) -> bool:
    """Say whether a row stands in a table, not in a scenario."""
    return row.file.suffix.lower() == ".csv"
