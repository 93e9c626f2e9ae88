"""Write rows as they come: on the terminal, into a CSV file, into a workbook."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from params.errors import ParamError, Problem
from params.language import said
from runs.report.summary import aligned
from runs.texts.wording import Wording
from runs.workbook import LAST_SHEET_ROW
from runs.write import Encoding, safe_text, whole_file

Row = tuple[Any, ...]
Add = Callable[[Iterable[Row]], None]
Cell = str | int | float | None
EXACT: Final = 1 << 53
"""Above it a workbook, whose numbers are floats, would change whole numbers."""
DIGITS: Final = 6
"""Significant digits of a number on the terminal; whole numbers are shown whole."""


def headers(columns: Sequence[str], words: Wording) -> list[str]:
    """Say the columns that are known in a language; others stay as they are."""
    return [words.column(c) if words.knows_column(c) else c for c in columns]


def cell(value: object) -> Cell:
    """Return what a file holds for a value: a number, a text, or nothing where there is no meaning."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


@contextmanager
def csv_rows(path: Path, header: Sequence[str], encoding: Encoding) -> Iterator[Add]:
    """Open a CSV file that appears whole when all rows are in it."""
    with (
        whole_file(path) as part,
        part.open("w", encoding=encoding, newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([safe_text(name) for name in header])

        def add(rows: Iterable[Row]) -> None:
            writer.writerows([_text(cell(value)) for value in row] for row in rows)

        yield add


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return safe_text(value) if isinstance(value, str) else str(value)


@contextmanager
def xlsx_rows(path: Path, header: Sequence[str], title: str) -> Iterator[Add]:
    """Open a workbook of one sheet that appears whole when all rows are in it.

    Raises
    ------
    ParamError
        If a sheet cannot hold the rows; nothing is written then.
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with whole_file(path) as part:
        book = xlsxwriter.Workbook(str(part), options)
        # The same answer gives the same bytes, so no date of today.
        book.set_properties({"created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, header, book.add_format({"bold": True, "bottom": 1}))
        written = 0

        def add(rows: Iterable[Row]) -> None:
            nonlocal written
            for row in rows:
                written += 1
                if written > LAST_SHEET_ROW:
                    raise _too_long(path)
                sheet.write_row(written, 0, [_in_book(cell(value)) for value in row])

        yield add
        book.close()


def _in_book(value: Cell) -> Cell:
    return str(value) if isinstance(value, int) and abs(value) >= EXACT else value


def _too_long(path: Path) -> ParamError:
    return ParamError(
        Problem(
            str(path),
            said("has more rows than a sheet holds", "行数超过工作表上限"),
            said(f"{LAST_SHEET_ROW:,} rows", f"{LAST_SHEET_ROW:,} 行"),
            said("--csv FILE, or group the rows", "用 --csv 文件，或先汇总"),
        )
    )


@dataclass
class Shown:
    """The first rows of an answer, to be shown, and how many there are in all."""

    header: Sequence[str]
    most: int
    first: list[Row] = field(default_factory=list)
    count: int = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in."""
        for row in rows:
            self.count += 1
            if len(self.first) < self.most:
                self.first.append(row)

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.count - len(self.first)

    def lines(self) -> list[str]:
        """Return the rows as aligned lines, words to the left and numbers to the right."""
        columns = range(len(self.header))
        is_words = [any(isinstance(cell(row[k]), str) for row in self.first) for k in columns]
        body = [[_short(cell(value)) for value in row] for row in self.first]
        head = [_printable(name) for name in self.header]
        return aligned([head, *body], [k for k in columns if is_words[k]])


def _short(value: Cell) -> str:
    """Return a value as the terminal shows it; nothing in it moves the cursor."""
    if value is None:
        return "-"
    if isinstance(value, float):
        text = f"{value:.{DIGITS}g}"
        return f"{value:.0f}" if "e+" in text and abs(value) < EXACT else text
    return _printable(str(value))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "·" for letter in text)
