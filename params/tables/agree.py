"""Hold pairs of a city's figures against each other, as its ``agree.csv`` lists them.

A row says that some rows of one table are a factor times some of another, within a tolerance: a growth
that a plan prints, a total that two sources print. The figures stand with the city, not in code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from params.tables.compared import CheckResult, Tables, near

if TYPE_CHECKING:
    import pandas as pd

FILE: Final = "agree.csv"


def check_agree(tables: Tables) -> Iterator[CheckResult]:
    """Compare every pair that the city lists; a figure that is missing fails its row."""
    path = tables.city.folder / FILE
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            found = _figure(tables, row["table"], row["rows"], row["column"])
            other = _figure(tables, row["of_table"], row["of_rows"], row["of_column"])
            expected = float(row["factor"]) * other
            tolerance = float(row["tolerance"])
            yield near(row["table"], row["what"], expected, found, tolerance, row["why"])


def _figure(tables: Tables, table: str, rows: str, column: str) -> float:
    """Add up a column over the rows that match; NaN where none does."""
    if table not in tables.names:
        return float("nan")
    frame = rows_that_match(tables[table], rows)
    return float(frame[column].sum()) if len(frame) else float("nan")


def rows_that_match(frame: pd.DataFrame, rows: str) -> pd.DataFrame:
    """Return the rows of a table that fit conditions such as ``year=2020;measure=beds``."""
    for key, wanted in _conditions(rows).items():
        frame = frame[frame[key].astype(str) == wanted]
    return frame


def _conditions(rows: str) -> Mapping[str, str]:
    """Read ``year=2020;measure=beds``; nothing means every row."""
    pairs = (part.partition("=") for part in rows.split(";") if part)
    return {key: value for key, _, value in pairs}
