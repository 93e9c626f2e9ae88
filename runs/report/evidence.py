"""Lay out what a run is judged by: gaps by what is least known, published figures beside its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from params.tables.assumptions import Assumption
from runs.report.lacks import say_value
from runs.report.table import NOTHING, Cell, Group, Table
from runs.report.told import ENDS, SCALE, Band, Check
from runs.texts.wording import Wording, say_number

LARGEST: Final = 8
"""Misfits that are shown besides the headline figures."""
HEADLINE: Final = ("total", "60+", "65+", "80+", "100+")
TENTHS: Final = 1


@dataclass(frozen=True)
class Section:
    """A part of the report: its id and heading in the wording, what is said before its table."""

    id: str
    note: str
    table: Table


def band_section(
    bands: Sequence[Band], assumption: Assumption, unit: str, year: int, words: Wording
) -> Section:
    """Return the gap by bands of an assumption."""
    rows = tuple(
        (
            Cell(" – ".join(say_value(v, assumption, words) for v in (band.low, band.high))),
            Cell(say_number(band.replications), "number"),
            Cell(
                say_number(band.gap),
                "number",
                f"[{say_number(band.low_gap)}, {say_number(band.high_gap)}] ±{say_number(band.error)}",
            ),
        )
        for band in bands
    )
    headers = (
        words.report("demand_occupancy"),
        words.column("replications"),
        words.report("demand_gap_of_beds", unit=words.name("unit", unit), year=year),
    )
    return Section("demand", words.report("demand_note"), Table("", (Group("", headers),), rows))


def check_section(checks: Sequence[Check], sources: pd.DataFrame, words: Wording) -> Section:
    """Return need and home care beside what is published of them."""
    publishers = dict(zip(sources["source_id"], sources["publisher"], strict=True))
    rows = tuple(_check_row(check, publishers, words) for check in checks)
    keys = ("check_what", "check_year", "check_published", "check_model", "check_ratio")
    headers = (*(words.report(key) for key in keys), words.column("publisher"))
    headers = (*headers, words.report("check_worth"))
    return Section("checks", words.report("checks_note"), Table("", (Group("", headers),), rows))


def _check_row(check: Check, publishers: Mapping[str, str], words: Wording) -> tuple[Cell, ...]:
    mean, note = float(check.model.mean()), ""
    if check.model.size > 1:
        low, high = (say_number(float(end)) for end in np.percentile(check.model, ENDS))
        note = f"[{low}, {high}]"
    what = f"{words.text('checks', check.name)}（{words.name('unit', check.unit)}）"
    if words.lang == "en":
        what = what.replace("（", " (").replace("）", ")")
    return (
        Cell(what),
        Cell(str(check.year)),
        Cell(say_number(check.published), "number"),
        Cell(say_number(mean), "number", note),
        # What is worth its scale only is of another time: its ratio would say nothing.
        Cell("" if check.worth == SCALE else f"{mean / check.published:.2f}", "number"),
        Cell(f"{publishers.get(check.source_id, '')} {check.source_id}".strip()),
        Cell(words.text("checks", check.worth), "", words.text("checks", f"{check.name}_note")),
    )


def misfit_section(misfits: pd.DataFrame, base_year: int, words: Wording) -> Section | None:
    """Return headline figures of the base year and those that are missed by most, if any were fitted.

    Parameters
    ----------
    misfits : DataFrame
        As ``misfits.csv``.
    """
    if misfits.empty:
        return None
    far = (misfits["error"] / misfits["standard_error"]).abs()
    head = misfits[(misfits["year"] == base_year) & misfits["figure"].isin(HEADLINE)]
    others = misfits.drop(head.index)
    worst = others.loc[far[others.index].nlargest(LARGEST).index]
    rows = tuple(_misfit_row(row, words) for _, row in pd.concat([head, worst]).iterrows())
    columns = ("year", "basis", "figure", "published", "fitted", "error", "standard_error")
    headers = (*(words.column(c) for c in columns), words.column("source_id"))
    note = words.report(
        "misfits_note",
        n=len(misfits),
        error=f"{100 * misfits['error'].abs().mean():.2f}%",
        largest=LARGEST,
    )
    return Section("misfits", note, Table("", (Group("", headers),), rows))


def _misfit_row(row: pd.Series, words: Wording) -> tuple[Cell, ...]:
    share = abs(float(row["published"])) <= 1
    published, fitted = (
        f"{100 * float(row[c]):.{TENTHS}f}%" if share else say_number(float(row[c]))
        for c in ("published", "fitted")
    )
    return (
        Cell(str(row["year"])),
        Cell(words.name("basis", str(row["basis"]))),
        Cell(figure_name(str(row["figure"]), words)),
        Cell(published, "number"),
        Cell(fitted, "number"),
        Cell(f"{say_number(100 * float(row['error']), 2, '+')}%", "number"),
        Cell(f"{100 * float(row['standard_error']):.2f}%", "number"),
        Cell(str(row["source_id"])) if row["source_id"] else NOTHING,
    )


def figure_name(figure: str, words: Wording) -> str:
    """Say what was counted, whose id is written as in `params/tables/figures.py`."""
    sex, _, rest = figure.rpartition("_") if figure.endswith(("_male", "_female")) else ("", "", "")
    if sex:
        return f"{words.name('measure', sex)} {words.name('sex', rest)}"
    for lead in ("male_share_of_", "share_"):
        if figure.startswith(lead):
            part, _, whole = figure.removeprefix(lead).rpartition("_of_")
            whole = whole or part
            return words.text(
                "checks",
                lead.rstrip("_"),
                part=words.name("measure", part or whole),
                whole=words.name("measure", whole),
            )
    named = words.sections["checks"]
    return named[figure] if figure in named else words.name("measure", figure)
