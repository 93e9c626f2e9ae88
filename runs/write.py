"""Write tables of the output contract as CSV, whole or not at all.

Numbers keep as many decimals as their unit deserves (`decimals_of`): shares and loads 4, days 1,
counts of people, beds, places, hours, workers and cases 2, the plan's own units (万张, %) 4.
Trailing zeros are dropped, so whole numbers look whole. An empty cell has no meaning; its row's
flag says why. To have district rows add to the city row exactly in the file too, round them with
`round_written` before summing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from runs.faults import storing
from runs.texts.wording import (
    VALUE_SECTIONS,
    Wording,
    dictionary,
    split_suffix,
    value_section,
    wording,
)

if TYPE_CHECKING:
    import pandas as pd

Encoding = Literal["utf-8-sig", "utf-8", "gb18030"]
ENCODINGS: Final = ("utf-8-sig", "utf-8", "gb18030")
DECIMALS: Final = {
    **dict.fromkeys(("year", "draw", "replication", "replications"), 0),
    **dict.fromkeys(("days", "years"), 1),
    **dict.fromkeys(("persons", "beds", "places", "workers", "assessors"), 2),
    **dict.fromkeys(("hours", "hours a week", "cases", "cases a year", "person-days"), 2),
    **dict.fromkeys(("share", "money"), 4),
}
"""Decimals by unit; a unit not named here (the plan's own) has `OTHER_DECIMALS`."""
OTHER_DECIMALS: Final = 4
COUNT_DECIMALS: Final = 2
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With what a cell begins that a spreadsheet works out instead of showing it."""
ROW: Final = "row"
"""Unit of a column in the data dictionary whose rows say their own."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes its place only when all went well.

    Raises
    ------
    StorageError
        If the place does not take the file; what stood there before still stands.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 with plain line ends, whole or not at all."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, table: Mapping[str, object]) -> None:
    """Write a table as JSON to be read by people too."""
    write_text(path, json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def write_csv(
    frame: pd.DataFrame,
    path: Path,
    lang: str = "zh",
    encoding: Encoding = "utf-8-sig",
    words: Wording | None = None,
) -> None:
    """Write one table; ``en`` keeps columns and ids as they are, ``zh`` says them in Chinese.

    Parameters
    ----------
    frame : DataFrame
        Columns as in `runs/texts/dictionary.csv`, intervals included.
    path : Path
        Where it goes; lines end in LF on every machine.
    lang : str
        ``zh`` or ``en``.
    encoding : str
        ``utf-8-sig`` opens in Excel by a double click; ``gb18030`` is for older programs.
    words : Wording, optional
        To be used instead of the language's own, for example with names of more areas.
    """
    with growing_csv(path, lang, encoding, words) as add:
        add(frame)


@contextmanager
def growing_csv(
    path: Path, lang: str, encoding: Encoding, words: Wording | None = None
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Open a CSV file that takes pieces of one table, as `write_csv` writes it, and then appears whole."""
    said = words or wording(lang)
    with (
        whole_file(path) as part,
        part.open("w", encoding=encoding, newline="") as file,
    ):
        is_first = True

        def add(frame: pd.DataFrame) -> None:
            nonlocal is_first
            written = written_frame(frame)
            if lang != "en":
                written = translated(written, said)
            written.to_csv(file, index=False, header=is_first, lineterminator="\n")
            is_first = False

        yield add


def written_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table as the text that goes into a file."""
    import pandas as pd

    columns: dict[str, object] = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            columns[column] = _number_texts(values.to_numpy(np.float64), decimals_of(frame, column))
        else:
            texts = values.astype(object).where(values.notna(), "")
            columns[column] = [safe_text(v) if isinstance(v, str) else v for v in texts]
    return pd.DataFrame(columns, index=frame.index, dtype=object)


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: names in users' files may be anything."""
    if not text.startswith(FORMULA) or len(text) == 1:
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def in_digits(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Say columns with six significant digits: a small network's shares and waits may be tiny."""
    said = {c: ["" if np.isnan(v) else f"{v:.6g}" for v in frame[c]] for c in columns}
    return frame.assign(**said)


def round_written(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Round a column to the decimals it is written with, so that sums of it stay exact."""
    values = frame[column].to_numpy(np.float64)
    scale = 10.0 ** decimals_of(frame, column)
    return np.asarray(np.round(values * scale) / scale)


def decimals_of(frame: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """Return the decimals of every cell of a column, from its unit or from its row's unit."""
    unit = unit_of_column(column)
    if unit in DECIMALS:
        return np.full(len(frame), DECIMALS[unit], np.int64)
    if "unit" in frame.columns and unit == ROW:
        by_unit = {u: DECIMALS.get(str(u), OTHER_DECIMALS) for u in frame["unit"].unique()}
        return frame["unit"].map(by_unit).to_numpy(np.int64)
    return np.full(len(frame), COUNT_DECIMALS, np.int64)


def unit_of_column(column: str) -> str:
    """Return the unit of a column's numbers; `ROW` where the row says it."""
    return _units().get(split_suffix(column)[0], ROW)


@cache
def _units() -> Mapping[str, str]:
    """Return the unit of each column; `ROW` where two files differ."""
    units: dict[str, str] = {}
    for row in dictionary():
        same = units.setdefault(row.column, row.unit) == row.unit
        units[row.column] = row.unit if same else ROW
    return MappingProxyType(units)


def _number_texts(values: NDArray[np.float64], decimals: NDArray[np.int64]) -> list[str]:
    return [_number_text(v, d) for v, d in zip(values.tolist(), decimals.tolist(), strict=True)]


def _number_text(value: float, decimals: int) -> str:
    if not np.isfinite(value):
        return ""
    text = f"{value:.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def translated(frame: pd.DataFrame, words: Wording) -> pd.DataFrame:
    """Say headers and names in a language; values that are no words stay as they are."""
    out = frame.copy()
    for column in frame.columns.intersection(list(VALUE_SECTIONS)):
        section = value_section(column, frame.columns)
        say = {value: _say(words, section, value) for value in frame[column].unique()}
        out[column] = frame[column].map(say)
    headers = {c: words.column(c) if words.knows_column(c) else c for c in frame.columns}
    return out.rename(columns=headers)


def _say(words: Wording, section: str, value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    return words.flags(value) if section == "flag" else words.name(section, value)


def dictionary_frame(tables: tuple[str, ...], words: Wording) -> pd.DataFrame:
    """Return the definitions of the columns of some tables, in one language."""
    import pandas as pd

    # Only an own network has a summary; what is its own in other tables is defined apart.
    own = "network_" if "summary" in tables else ""
    rows = [
        {
            "file": words.name("file", row.file.removeprefix(own)),
            "column": row.column,
            "header": words.column(row.column) if words.knows_column(row.column) else "",
            "definition": row.text(words.lang),
        }
        for row in dictionary()
        if row.file.removeprefix(own) in tables or row.file == "suffix"
    ]
    return pd.DataFrame(rows, columns=["file", "column", "header", "definition"])
