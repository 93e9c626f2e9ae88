"""Print one table at the end of a run: the city's resources in the last year."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from params.axes import CITY
from params.tables.resources import WORKERS
from runs.texts.wording import Wording, gap_unit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("demand", "usable", "occupied", "waiting", "share_in_time", "load", "service_gap")
WITH_ERROR = ("waiting", "service_gap", "short_sum")


def summary_text(shortfall: pd.DataFrame, words: Wording) -> str:
    """Return the city's last year as aligned lines of text."""
    year = int(shortfall["year"].max())
    rows = shortfall[(shortfall["district"] == CITY) & (shortfall["year"] == year)]
    head = [
        words.column("resource"),
        words.column("unit"),
        *(words.column(c) for c in COLUMNS),
        "5-95 %",
        words.column("short_sum"),
    ]
    body = [
        [
            words.name("resource", row["resource"]),
            words.name("unit", row["unit"]),
            *(_with_error(row, c) for c in COLUMNS),
            _interval(row["service_gap_p05"], row["service_gap_p95"]),
            _with_error(row, "short_sum"),
        ]
        for _, row in rows.iterrows()
    ]
    title = f"{words.name('area', CITY)} {year}"
    alone = rows[[f"{column}_mc_error" for column in WITH_ERROR]].isna().to_numpy().all()
    notes = [
        words.text("run", "single" if alone else "error_note"),
        *_unit_note(rows, words),
        *_load_warning(shortfall, year, words),
    ]
    return "\n".join([title, *aligned([head, *body]), *notes])


def _unit_note(rows: pd.DataFrame, words: Wording) -> list[str]:
    """Say where a gap is counted in something else than the line's unit says."""
    return [
        words.text("run", "assessors_note", resource=words.name("resource", row["resource"]))
        for _, row in rows.iterrows()
        if gap_unit(row["resource"], row["unit"]) != row["unit"]
    ]


def _load_warning(shortfall: pd.DataFrame, year: int, words: Wording) -> list[str]:
    """Name the resources with a load of 1 or more, in the city or in any district."""
    rows = shortfall[shortfall["year"] == year]
    # Nobody waits for workers.
    over = rows[
        (rows["load"] >= 1) & (rows["area_type"] != "zone") & ~rows["resource"].isin(WORKERS)
    ]
    named = []
    for resource in over["resource"].unique():
        mine = over[over["resource"] == resource]
        city = rows[(rows["district"] == CITY) & (rows["resource"] == resource)]
        said = words.text(
            "run",
            "overloaded_one",
            resource=words.name("resource", resource),
            load=_number(float(city["load"].iloc[0]), "load"),
            count=int((mine["area_type"] == "district").sum()),
        )
        named.append(said)
    joined = words.report("joiner").join(named)
    return [words.text("run", "overloaded", resources=joined)] if named else []


def precision_text(record: Mapping[str, Any], words: Wording) -> str:
    """Say how many replications the precision took, and which outputs did not reach it.

    Parameters
    ----------
    record : what `runs.jobs.precision.precision_record` wrote into the manifest.
    """
    wanted, missed = f"{100 * record['wanted']:g}", record["not_reached"]
    if not missed:
        return words.text("run", "precise", precision=wanted, replications=record["replications"])
    outputs = [o for o in record["outputs"] if not o["reached"]]
    named = ", ".join(f"{o['output']} (±{_share(o)})" for o in outputs)
    return words.text(
        "run", "not_precise", precision=wanted, replications=record["replications"], outputs=named
    )


def _share(output: Mapping[str, Any]) -> str:
    """Return a half-width over its mean, in percent."""
    if not output["mean"]:
        return f"{output['half_width']:g}"
    return f"{abs(100 * output['half_width'] / output['mean']):.1f} %"


def aligned(rows: list[list[str]], left: Collection[int] = (0, 1)) -> list[str]:
    """Pad cells so that columns line up; Chinese characters take two places.

    Parameters
    ----------
    left : columns of words, which begin together; numbers end together.
    """
    widths = [max(width(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell + " " * (w - width(cell)) if k in left else " " * (w - width(cell)) + cell
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def width(text: str) -> int:
    """Return how many places a text takes in a terminal."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _number(value: float, column: str) -> str:
    if not math.isfinite(value):
        return "-"
    decimals = 2 if column in ("share_in_time", "load") else 0
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # 0.0: no negative zero


def _with_error(row: pd.Series, column: str) -> str:
    """Write a number, and its Monte Carlo error where the eye falls first."""
    said, error = _number(row[column], column), float(row.get(f"{column}_mc_error", math.nan))
    return f"{said} ±{error:,.0f}" if column in WITH_ERROR and math.isfinite(error) else said


def _interval(low: float, high: float) -> str:
    return "-" if not math.isfinite(low) else f"{_number(low, '')} .. {_number(high, '')}"
