"""Lay out the plan's indicators: at the end of the plan, year by year, and how each is counted."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from runs.report.cells import decimals, plain
from runs.report.table import NOTHING, Cell, Group, Table, split_columns
from runs.report.years import interval_note
from runs.texts.wording import Wording, contract_columns

PARTS: Final = ("%", "‰")
"""Units of indicators that are parts of a whole."""
LEFT_OUT: Final = ("scenario", "reading")
"""Columns of the file that are no columns here: the reading of a number stands below."""
SAID: Final = ("planned_2025", "simulated_2025", "ceiling_2025", "judged_by_2025")
MOST_YEARS: Final = 8
"""Columns beside what a row is about that a page across holds."""
TONES: Final = {"met": "surplus word", "not_met": "short word"}


@dataclass(frozen=True)
class IndicatorPart:
    """What a report says of a plan's indicators."""

    table: Table
    readings: tuple[str, ...]
    years: tuple[Table, ...]


def indicator_part(
    indicators: pd.DataFrame, by_year: pd.DataFrame | None, words: Wording
) -> IndicatorPart:
    """Lay out the two tables of a run, columns as in the output contract."""
    return IndicatorPart(
        _table(indicators, words),
        _readings(indicators, words),
        () if by_year is None or by_year.empty else _years(by_year, words),
    )


def _table(indicators: pd.DataFrame, words: Wording) -> Table:
    columns = [c for c in contract_columns("indicators") if c not in LEFT_OUT]
    rows = []
    for _, row in indicators.iterrows():
        cells = {column: plain(row[column], column, words) for column in columns}
        say = _say(row)
        for column in SAID:
            if cells[column] != NOTHING:
                cells[column] = replace(cells[column], text=say(float(row[column])))
        cells["simulated_2025"] = replace(
            cells["simulated_2025"], note=_note(row, "simulated_2025_")
        )
        cells["verdict"] = replace(cells["verdict"], tone=TONES.get(str(row["verdict"]), ""))
        rows.append(tuple(cells.values()))
    return Table("", (Group("", tuple(map(words.column, columns))),), tuple(rows))


def _readings(indicators: pd.DataFrame, words: Wording) -> tuple[str, ...]:
    """Say how the numbers are counted that do not speak for themselves."""
    return tuple(
        words.report(
            "indicator_reading",
            indicator=words.name("indicator", str(row["indicator"])),
            reading=words.name("reading", str(row["reading"])),
        )
        for _, row in indicators.iterrows()
        if isinstance(row["reading"], str) and row["reading"]
    )


def _years(by_year: pd.DataFrame, words: Wording) -> tuple[Table, ...]:
    """Return a row an indicator and a column a year, split so that they fit on paper."""
    years = sorted(by_year["year"].unique())
    keys = ("indicator", "kind", "unit")
    rows = []
    for _, part in by_year.groupby("indicator", sort=False):
        head = [plain(part.iloc[0][key], key, words) for key in keys]
        of_year = {row["year"]: _cell(row) for _, row in part.iterrows()}
        rows.append((*head, *(of_year.get(year, NOTHING) for year in years)))
    heads = Group("", tuple(map(words.column, keys)))
    groups = (heads, Group(words.column("year"), tuple(map(str, years))))
    return split_columns(Table("", groups, tuple(rows)), MOST_YEARS)


def _cell(row: pd.Series) -> Cell:
    """Say what came about in the simulation, or what is set where nothing is simulated."""
    simulated, say = float(row["simulated"]), _say(row)
    value = float(row["scenario_value"]) if math.isnan(simulated) else simulated
    if math.isnan(value):
        return NOTHING
    return Cell(say(value), "number", _note(row, "simulated_"))


def _note(row: pd.Series, prefix: str) -> str:
    """Say the interval of a number that has one: what is set is the same in every replication."""
    is_one = row.get(f"{prefix}p05") == row.get(f"{prefix}p95")
    return "" if is_one else interval_note(row, prefix, _say(row))


def _say(row: pd.Series) -> Callable[[float], str]:
    return _tenths if row["unit"] in PARTS else decimals


def _tenths(value: float) -> str:
    """Return a percentage, which is no surer than to its tenths."""
    return decimals(value, 1)
