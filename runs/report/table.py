"""Hold tables of the report, and split wide ones so that every column fits on paper."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, repeat
from typing import Final

MOST_COLUMNS: Final = 11
"""Columns beside the first that a page of A4 across holds, intervals under their numbers."""
NUMBERS: Final = ("number", "short", "surplus")
"""Tones of numbers, which stand at the right edge."""


@dataclass(frozen=True)
class Cell:
    """A table's cell: what it says, its tone (of `NUMBERS`, or followed by ``word``), a note."""

    text: str
    tone: str = ""
    note: str = ""


NOTHING: Final = Cell("—")
"""A number without meaning or without data."""


@dataclass(frozen=True)
class Group:
    """Columns under a common header."""

    title: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells under headers."""

    title: str
    groups: tuple[Group, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Header and tone of each column: a column of numbers is headed at its right edge, as they end."""
        names = (header for group in self.groups for header in group.headers)
        columns = zip(*self.rows, strict=True) if self.rows else repeat(())
        return tuple(
            (name, "number" if any(cell.tone in NUMBERS for cell in column) else "")
            for name, column in zip(names, columns, strict=False)
        )


def split_columns(table: Table, most: int = MOST_COLUMNS) -> tuple[Table, ...]:
    """Return tables of at most so many columns; each begins with the first group again.

    Groups stay whole where they fit; a longer one goes on under its name in the next table.
    """
    head, *groups = (piece for group in table.groups for piece in _pieces(group, most))
    parts: list[list[Group]] = [[]]
    for group in groups:
        if parts[-1] and _width(parts[-1]) + len(group.headers) > most:
            parts.append([])
        parts[-1].append(group)
    first = len(head.headers)
    ends = list(accumulate((_width(part) for part in parts), initial=first))
    return tuple(
        replace(
            table,
            groups=(head, *part),
            rows=tuple(row[:first] + row[start:end] for row in table.rows),
        )
        for part, start, end in zip(parts, ends, ends[1:], strict=False)
    )


def _pieces(group: Group, most: int) -> Iterator[Group]:
    for at in range(0, len(group.headers), most):
        yield replace(group, headers=group.headers[at : at + most])


def _width(groups: list[Group]) -> int:
    return sum(len(group.headers) for group in groups)
