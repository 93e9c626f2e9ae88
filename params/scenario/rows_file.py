"""Read a table that a scenario names, as a spreadsheet writes it, into rows of the scenario itself.

What was run is then whole without the file, and another content is another run. Headers may be Chinese.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from params.errors import ParamError, Problem, cell_place, nearest
from params.files.positions import where
from params.files.sheet import number_in, read_sheet
from params.files.toml_file import shown
from params.language import said
from params.scenario.layers import Layers
from params.scenario.places import halfwidth


class Column(NamedTuple):
    """One column of a table."""

    read: Callable[[str], object]
    """Makes a value of a cell that is not empty; none of one that it cannot read."""
    what: tuple[str, str]
    """What a cell may hold, English and Chinese."""
    is_needed: bool = False


def _whole(text: str) -> object:
    return number_in(text.removesuffix("年"), whole=True)


def _number(text: str) -> object:
    plain = halfwidth(text)
    number = number_in(plain.removesuffix("%"))
    return number / 100 if number is not None and plain.endswith("%") else number


def whole(is_needed: bool = False) -> Column:
    """Return a column of whole numbers."""
    return Column(_whole, ("a whole number", "整数"), is_needed)


def numbers(is_needed: bool = False) -> Column:
    """Return a column of numbers."""
    return Column(_number, ("a number", "数字"), is_needed)


def words(is_needed: bool = False, read: Callable[[str], object] = str) -> Column:
    """Return a column of text, and how its words are understood."""
    return Column(lambda text: read(halfwidth(text)), ("text", "文字"), is_needed)


@dataclass(frozen=True)
class RowsFile:
    """A table as it stands in a file."""

    path: Path
    rows: list[dict[str, object]]
    lines: tuple[int, ...]
    """Line of each row in the file, the header is line 1."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file and its cells; a cell that cannot be read is in its row as text."""
    is_read: bool = True
    """Whether there are rows to judge."""


def read_rows(path: Path, columns: Mapping[str, Column], names: Mapping[str, str]) -> RowsFile:
    """Read a table.

    Parameters
    ----------
    names : ids of columns by their Chinese headers.

    Returns
    -------
    RowsFile
        Whose `problems` say if the file cannot be read, a column is missing or unknown, or cells are not what
        they must be; with every such cell.
    """
    try:
        sheet = read_sheet(path, names)
    except ParamError as error:
        return RowsFile(path, [], (), error.problems, is_read=False)
    problems = sheet.missing([name for name, column in columns.items() if column.is_needed])
    is_read = not problems
    allowed = said(f"columns {', '.join(columns)}", f"各列 {'、'.join(columns)}")
    for k, name in enumerate(sheet.header):
        if name not in columns and (name or any(cells[k] for cells in sheet.rows)):
            found = said(f"unknown column {name}", f"多出 {name} 列")
            place = cell_place(sheet.file, sheet.head)
            problems.append(Problem(place, found, allowed, nearest(name, columns)))
    rows = []
    for line, cells in sheet.records():
        row: dict[str, object] = {}
        for name, cell in cells.items():
            if cell and name in columns:
                found_ = columns[name].read(cell)
                row[name] = cell if found_ is None else found_
                if found_ is None:
                    place = cell_place(sheet.file, line, name)
                    problems.append(Problem(place, repr(cell), said(*columns[name].what)))
        rows.append(row)
    if not rows:
        found, wanted = said("has no rows", "没有数据行"), said("rows", "至少一行")
        problems.append(Problem(sheet.file, found, wanted))
    if not rows or not is_read:  # without a column nobody knows what the others say
        return RowsFile(path, [], (), tuple(problems), is_read=False)
    return RowsFile(path, rows, sheet.lines, tuple(problems))


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


def named_at(
    path: Path, key: str, file: object, problems: Iterable[Problem]
) -> tuple[Problem, ...]:
    """Say where a table is named that is not there or cannot be opened; what is in it has its own place.

    Parameters
    ----------
    key : key path at which `file` names the table.
    """
    whole = shown(path)
    return tuple(
        replace(
            p, where=where(file, key), found=f"{p.found}{said(': ', '：')}{shown(Path(path.name))}"
        )
        if p.where == whole
        else p
        for p in problems
    )


def with_table(layers: Layers, key: str, found: RowsFile, is_named: bool = True) -> Layers:
    """Put rows in the place of the file that a scenario or a command (`is_named` False) names.

    A mistake in a row is told by its line.
    """
    values = _with(layers.values, key.split("."), found.rows)
    tables = {**layers.tables, key: (found.path, found.lines)}
    unread = layers.unread if found.is_read else layers.unread | {key}
    file = layers.origin.get(key, layers.files[0])
    told = named_at(found.path, key, file, found.problems) if is_named else found.problems
    problems = (*layers.problems, *told)
    return replace(layers, values=values, tables=tables, unread=unread, problems=problems)


def _with(values: Mapping[str, object], steps: list[str], rows: object) -> dict[str, object]:
    if len(steps) == 1:
        return {**values, steps[0]: rows}
    held = values.get(steps[0])
    inner = held if isinstance(held, Mapping) else {}
    return {**values, steps[0]: _with(inner, steps[1:], rows)}
