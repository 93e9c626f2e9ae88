"""Write tables of the output contract as a workbook: a sheet a table, numbers shown by their unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from runs.texts.wording import Wording, split_suffix
from runs.write import (
    DECIMALS,
    OTHER_DECIMALS,
    ROW,
    dictionary_frame,
    translated,
    unit_of_column,
    whole_file,
)

if TYPE_CHECKING:
    import pandas as pd

LAST_SHEET_ROW: Final = 1_048_575
"""Rows of data that one sheet holds under its header."""
TEXT: Final = "@"
WHOLE: Final = "#,##0"
HUNDREDTHS: Final = "#,##0.00"
LOAD: Final = "0.00"
"""A load is a share that people read as a number: 1.14."""
PLAIN: Final = "General"
FORMATS: Final = {
    **dict.fromkeys(("year", "draw", "replication"), "0"),
    **dict.fromkeys(("days", "years", "factor"), "#,##0.0"),
    "share": "0.0%",
    "replications": WHOLE,
}
"""Number formats by unit; other units of ours are counts, the plan's are `PLAIN`."""


def write_xlsx(
    frames: Mapping[str, pd.DataFrame], path: Path, words: Wording, counts: str = WHOLE
) -> None:
    """Write a workbook: a sheet a table, then the data dictionary of these tables.

    Parameters
    ----------
    frames : mapping of table name to DataFrame
        Names as in section ``[file]`` of `wording.toml`, for example ``shortfall``.
    path : Path
        Where it goes.
    words : Wording
        Language of sheet names, headers and names.
    counts : str
        Number format of people, beds, hours and other counts.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with whole_file(path) as part:
        book = xlsxwriter.Workbook(str(part), options)
        # The same run gives the same bytes, so no date of today.
        book.set_properties({"created": datetime(2000, 1, 1)})
        for name, frame in frames.items():
            for start in range(0, max(len(frame), 1), LAST_SHEET_ROW):
                piece = frame.iloc[start : start + LAST_SHEET_ROW]
                title = words.name("file", name) + (f" {start // LAST_SHEET_ROW + 1}" * (start > 0))
                _write_sheet(book, title, piece, words, counts)
        meanings = dictionary_frame(tuple(frames), words)
        _write_sheet(book, words.text("file", "dictionary"), meanings, words, counts)
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # as any file's that cannot be written


def _write_sheet(book: Any, title: str, frame: pd.DataFrame, words: Wording, counts: str) -> None:
    import pandas as pd

    sheet = book.add_worksheet(title[:31])
    header = book.add_format(
        {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    said = translated(frame, words)
    for at, (column, label) in enumerate(zip(frame.columns, said.columns, strict=True)):
        cells = [None if pd.isna(v) or v == "" else v for v in said[label].tolist()]
        sheet.write(0, at, label, header)
        shown = number_formats(frame, column, counts)
        formats = {kind: book.add_format({"num_format": kind}) for kind in dict.fromkeys(shown)}
        for row, (cell, kind) in enumerate(zip(cells, shown, strict=True), start=1):
            value = round(cell, OTHER_DECIMALS) if kind == PLAIN and cell is not None else cell
            sheet.write(row, at, value, formats[kind])
        sheet.set_column(at, at, _width(label, cells))
    sheet.freeze_panes(1, min(_frozen(frame), 6))
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def number_formats(frame: pd.DataFrame, column: str, counts: str = WHOLE) -> list[str]:
    """Return the number format of every cell of a column, from its unit or from its row's unit."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(frame[column]):
        return [TEXT] * len(frame)
    unit = unit_of_column(column)
    by_row = unit == ROW and "unit" in frame.columns
    units = frame["unit"].astype(str).tolist() if by_row else [unit] * len(frame)
    named = by_row and "measure" in frame.columns
    names = frame["measure"].tolist() if named else [split_suffix(column)[0]] * len(frame)
    pairs = zip(units, names, strict=True)
    others = PLAIN if by_row else counts  # the plan's own units (万张, %) stay as they are
    known = {**FORMATS, **{unit: counts for unit in DECIMALS if unit not in FORMATS}}
    return [LOAD if name == "load" else known.get(said, others) for said, name in pairs]


def _frozen(frame: pd.DataFrame) -> int:
    """Return how many leading columns say what a row is about."""
    import pandas as pd

    numeric = [
        at
        for at, column in enumerate(frame.columns)
        if column != "year" and pd.api.types.is_numeric_dtype(frame[column])
    ]
    return numeric[0] if numeric else 0


def _width(label: str, cells: list[object]) -> float:
    """Return a column's width in characters; Chinese ones count twice."""
    longest = max((_columns(str(cell)) for cell in cells[:400] if cell is not None), default=0)
    return float(min(max(longest, min(_columns(label), 18), 8) + 2, 60))


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
