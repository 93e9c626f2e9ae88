"""Hold every table of one city, and compare the figures in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from params.city import City
from params.errors import ParamError, Problem
from params.tables.known import table_faults, tables_of
from params.tables.read import read_table

if TYPE_CHECKING:
    import pandas as pd

SAME: Final = "the same count, printed twice"


@dataclass(frozen=True)
class CheckResult:
    """One comparison of two figures that should agree."""

    table: str
    what: str
    expected: float
    found: float
    tolerance: float
    """Largest difference that passes, in the unit of the figures."""
    why: str
    """Why the tolerance is what it is."""

    @property
    def ok(self) -> bool:
        """Say whether the two figures agree; a missing figure (NaN) does not."""
        return abs(self.found - self.expected) <= self.tolerance


class Tables:
    """Every table of one city, each read and checked cell by cell once."""

    def __init__(self, city: City) -> None:
        self.names = tables_of(city)
        self.city = city
        self._frames: dict[str, pd.DataFrame] = {}
        problems: list[Problem] = list(table_faults(city))
        for name in self.names:
            try:
                self._frames[name] = read_table(name, city.tables)
            except ParamError as error:
                problems += error.problems
        if problems:
            raise ParamError(problems)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._frames[name]

    def number(self, table: str, column: str = "value", /, **row: str | int) -> float:
        """Return the one cell of `column` in the row named by its keys, NaN if there is none."""
        frame = self[table]
        for key, wanted in row.items():
            frame = frame[frame[key] == wanted]
        return float(frame[column].iloc[0]) if len(frame) == 1 else float("nan")


def near(
    table: str,
    what: str,
    expected: float,
    found: float,
    tolerance: float = 0.0,
    why: str = SAME,
) -> CheckResult:
    """Compare two figures that should agree within `tolerance`."""
    return CheckResult(table, what, float(expected), float(found), tolerance, why)


def none(table: str, what: str, wrong: float) -> CheckResult:
    """Require that no row breaks a rule."""
    return CheckResult(table, f"{what} (rows that fail)", 0.0, float(wrong), 0.0, "a rule")
