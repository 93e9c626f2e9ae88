"""Lay out the report's main numbers: a year's elders, beds and gaps by area."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd

from runs.report.findings import percent
from runs.report.table import NOTHING, Cell, Group, Table, split_columns
from runs.texts.shown import judged
from runs.texts.wording import Wording, gap_column, gap_unit, say_number

ELDERS: Final = ("60+", "80+", "living_alone", "elders_only")
BED_GROUPS: Final = {
    "beds_gaps": (
        *("service_gap", "gap_beds", "gap_staff"),
        *("demand_gap", "net_gap", "ratio_gap"),
    ),
    "beds_capacity": (
        "demand",
        "approved",
        "operating",
        "usable",
        "load",
        "occupied",
        "occupancy_rate",
    ),
    "beds_waits": (
        "waiting",
        "in_line_median_days",
        "wait_median_days",
        "share_in_time",
    ),
}
"""Columns about all beds, by the title of their group."""


def year_tables(
    shortfall: pd.DataFrame, population: pd.DataFrame, basis: str, year: int, words: Wording
) -> tuple[Table, ...]:
    """Return a year's main numbers by area, split so that they fit on paper."""
    here = shortfall[shortfall["year"] == year]
    people = population[(population["year"] == year) & (population["basis"] == basis)]
    others = tuple(r for r in judged(shortfall["resource"].unique()) if r != "bed_total")
    beds = (
        Group(words.report(title), tuple(_bed_header(c, words) for c in columns))
        for title, columns in BED_GROUPS.items()
    )
    units = here.drop_duplicates("resource").set_index("resource")["unit"]
    gaps = (_gap_header(r, str(units.get(r, "")), words) for r in others)
    title = words.report("table_year", year=year)
    groups = (
        Group(title, (words.column("district"),)),
        Group(words.report("elders_group"), tuple(words.name("measure", m) for m in ELDERS)),
        *beds,
        Group(words.report("other_group"), tuple(gaps)),
    )
    rows = tuple(
        (
            Cell(words.name("area", place)),
            *_area_cells(_at(here, kind, place), _at(people, kind, place), others),
        )
        for kind, place in _areas(shortfall)
    )
    kept = tuple(group for group in groups if group.headers)
    return split_columns(Table(title, kept, rows))


def _bed_header(column: str, words: Wording) -> str:
    """Head a column about beds: what limits usable ones is said in its name."""
    return words.report("usable_beds") if column == "usable" else words.column(column)


def _gap_header(resource: str, unit: str, words: Wording) -> str:
    return words.report(
        "other_gap",
        resource=words.name("resource", resource),
        gap=words.column(gap_column(resource)),
        unit=words.name("unit", gap_unit(resource, unit)),
    )


def _areas(shortfall: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the areas as (area_type, name): city, zones, districts; a zone of one only once."""
    keys = shortfall[["area_type", "district"]].drop_duplicates()
    order = {"city": 0, "zone": 1, "district": 2}
    pairs = sorted(keys.itertuples(index=False, name=None), key=lambda pair: order[pair[0]])
    districts = {place for kind, place in pairs if kind == "district"}
    return [(kind, place) for kind, place in pairs if kind != "zone" or place not in districts]


def _area_cells(
    shortfall: pd.DataFrame, people: pd.DataFrame, others: tuple[str, ...]
) -> tuple[Cell, ...]:
    here, elders = shortfall.set_index("resource"), people.set_index("measure")
    beds = (column for columns in BED_GROUPS.values() for column in columns)
    return (
        *(_elders(elders, measure) for measure in ELDERS),
        *(_cell(here, "bed_total", column) for column in beds),
        *(_cell(here, resource, gap_column(resource)) for resource in others),
    )


def _at(frame: pd.DataFrame, kind: str, place: str) -> pd.DataFrame:
    return frame[(frame["area_type"] == kind) & (frame["district"] == place)]


def _cell(here: pd.DataFrame, resource: str, column: str) -> Cell:
    if resource not in here.index or column not in here:
        return NOTHING
    row = pd.Series(here.loc[resource])
    value = float(row[column])
    if math.isnan(value):
        return NOTHING
    say = _say(column)
    tone = "number"
    if column.endswith("_gap"):
        tone = "short" if value > 0 else "surplus"
    elif column == "load" and value >= 1:
        tone = "short"
    return Cell(say(value), tone, interval_note(row, f"{column}_", say))


def _say(column: str) -> Callable[[float], str]:
    """Return how a column's numbers are written."""
    if column in ("occupancy_rate", "share_in_time"):
        return percent
    return say_load if column == "load" else _whole


def _whole(value: float) -> str:
    return say_number(value)


def _elders(people: pd.DataFrame, measure: str) -> Cell:
    """Return a cell of people with its interval."""
    if measure not in people.index:
        return NOTHING
    row = pd.Series(people.loc[measure])
    return replace(_number(float(row["mean"])), note=interval_note(row, "", _whole))


def say_load(value: float) -> str:
    """Return a load with two decimals."""
    return say_number(value, 2)


def _number(value: float) -> Cell:
    return Cell(say_number(value), "number") if math.isfinite(value) else NOTHING


def interval_note(row: pd.Series, prefix: str, say: Callable[[float], str]) -> str:
    """Say the interval and the Monte Carlo error of a figure, those that it has."""
    ends = (float(row.get(prefix + end, math.nan)) for end in ("p05", "p95", "mc_error"))
    low, high, error = ends
    said = f"[{say(low)}, {say(high)}]" if math.isfinite(low + high) else ""
    # The error of a share or a load is less than its last written digit.
    tell = math.isfinite(error) and say not in (percent, say_load)
    return f"{said} ±{say(error)}".strip() if tell else said
