"""Tell a sweep on the terminal: a line a point, with what was varied and the city's main figures."""

import math
from typing import Final

import pandas as pd

from runs.report.summary import aligned
from runs.texts.wording import Wording

MAIN: Final = (
    ("bed_total", "waiting"),
    ("bed_total", "service_gap"),
    ("dementia_bed", "waiting"),
    ("home_care", "waiting"),
    ("home_care", "service_gap"),
    ("care_worker_institution", "demand_gap"),
)
"""Resource and measure of what is told where the design keeps it; else the first figures that it keeps."""


def points_text(city: pd.DataFrame, keys: tuple[str, ...], words: Wording) -> str:
    """Return one aligned line a point.

    Parameters
    ----------
    city : the city's rows of the last year or month, columns as in the data dictionary, file ``sweep``.
    keys : the columns of what is varied.
    """
    if city.empty:
        return words.text("sweep", "no_city")
    time = "month" if "month" in city.columns else "year"
    pairs = _pairs(city)
    lead = ["point", *(["scenario"] if city["scenario"].nunique() > 1 else []), *keys]
    names = [words.column(c) if words.knows_column(c) else c for c in lead]
    span = "measure_month" if time == "month" else "measure"
    heads = [f"{words.name('resource', r)} {words.name(span, m)}" for r, m in pairs]
    body = []
    for _, rows in city.groupby("point", sort=False):
        found = rows.set_index(["resource", "measure"])
        said = [str(rows[column].iloc[0]) for column in lead]
        body.append([*said, *(_figure(found, pair) for pair in pairs)])
    title = words.text("sweep", "errors", time=city[time].max())
    words_in = [k for k, column in enumerate(lead) if not _is_number(city[column])]
    return "\n".join([title, *aligned([[*names, *heads], *body], words_in)])


def _pairs(city: pd.DataFrame) -> list[tuple[str, str]]:
    kept = list(dict.fromkeys(zip(city["resource"], city["measure"], strict=True)))
    return [pair for pair in MAIN if pair in kept] or kept[: len(MAIN)]


def _figure(rows: pd.DataFrame, pair: tuple[str, str]) -> str:
    """Write a mean and its Monte Carlo error."""
    if pair not in rows.index:
        return "-"
    row = rows.loc[[pair]].iloc[0]
    places = 2 if row["unit"] == "share" else 0
    error = float(row["mc_error"])
    said = f"{row['mean']:,.{places}f}"
    return f"{said} ±{error:,.{places}f}" if math.isfinite(error) else said


def _is_number(values: pd.Series) -> bool:
    return bool(pd.to_numeric(values, errors="coerce").notna().all())
