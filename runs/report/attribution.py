"""Print an attribution: one resource's causes in columns, and a sentence for every resource."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from runs.report.summary import aligned
from runs.texts.attribution import Told
from runs.texts.shown import judged
from runs.texts.wording import Wording, say_number

GAP: Final = "demand_gap"
NAMED: Final = 3
"""Causes that a sentence names."""
SLIGHT: Final = 0.02
"""Share of the largest cause below which none is named."""
FEW: Final = 100
"""Changes below this are said with a decimal."""


def attribution_text(
    table: pd.DataFrame, check: pd.DataFrame | None, told: Told, words: Wording
) -> str:
    """Return the text for a terminal: the area's causes, sentences, and how simulation agrees.

    Parameters
    ----------
    table, check : columns as in the data dictionary, files ``attribution`` and ``attribution_check``.
    """
    kind, area = told.area
    mine = table[(table["area_type"] == kind) & (table["district"] == area)]
    resources = [told.resource] if told.resource else list(judged(mine["resource"].unique()))
    shown = {"area": words.name("area", area), "resource": words.name("resource", resources[0])}
    title = words.text("attribute", f"{told.kind}_table", **shown, **told.ends)
    lines = [title, *_columns(mine, resources[0], words), ""]
    lines += [sentence(mine[mine["resource"] == r], words) for r in resources]
    if still := list(_still(mine, words)):
        lines += ["", *still]
    if check is not None:
        lines += ["", *_check_lines(check, told, resources[0], words)]
    return "\n".join(lines)


def _columns(mine: pd.DataFrame, resource: str, words: Wording) -> list[str]:
    """Lay causes down and measures across."""
    rows = mine[mine["resource"] == resource]
    measures = list(dict.fromkeys(rows["measure"]))
    by_measure = {m: rows[rows["measure"] == m].set_index("cause") for m in measures}
    names = [f"{words.name('measure', m)}" for m in measures]
    body = [["", *names]]
    for key in ("start_level", "end_level"):
        cells = [say_number(float(by_measure[m][key].iloc[0])) for m in measures]
        body.append([words.column(key), *cells])
    for cause in by_measure[measures[0]].index:
        cells = [_signed(by_measure[m].loc[cause]) for m in measures]
        body.append([f"  {words.name('cause', cause)}", *cells])
    return list(aligned(body))


def _signed(row: "pd.Series[float]") -> str:
    value, error = float(row["contribution"]), float(row["mc_error"])
    size = abs(float(row["end_level"]) - float(row["start_level"]))
    decimals = 1 if size < FEW else 0
    said = say_number(value, decimals, "+" if round(value, decimals) else "-")
    return said if error != error else f"{said} ±{say_number(error, decimals)}"


def sentence(rows: pd.DataFrame, words: Wording) -> str:
    """Say in one sentence from where to where a gap went, and which causes moved it most."""
    gap = rows[rows["measure"] == GAP]
    first, last = (float(gap[key].iloc[0]) for key in ("start_level", "end_level"))
    largest = gap.reindex(gap["contribution"].abs().sort_values(ascending=False).index)
    least = SLIGHT * float(largest["contribution"].abs().iloc[0])
    named = [
        f"{words.name('cause', str(row['cause']))} {_signed(row)}"
        for _, row in largest.head(NAMED).iterrows()
        if abs(row["contribution"]) > least
    ]
    decimals = 1 if abs(last - first) < FEW else 0
    return words.text(
        "attribute",
        "sentence" if named else "sentence_still",
        resource=words.name("resource", str(gap["resource"].iloc[0])),
        first=say_number(first, decimals),
        last=say_number(last, decimals),
        change=say_number(last - first, decimals, "+"),
        unit=words.name("unit", str(gap["unit"].iloc[0])),
        causes=words.text("attribute", "comma").join(named),
    )


def _still(mine: pd.DataFrame, words: Wording) -> Iterator[str]:
    """Say of every cause that is exactly zero why it is."""
    still = mine[mine["why"] != ""].drop_duplicates("cause")
    for cause, why in zip(still["cause"], still["why"], strict=True):
        said = {"cause": words.name("cause", cause), "why": words.name("why_still", why)}
        yield words.text("attribute", "still", **said)


def _check_lines(check: pd.DataFrame, told: Told, resource: str, words: Wording) -> Iterator[str]:
    """Set the twin's differences beside those by simulation."""
    kind, area = told.area
    rows = check[(check["area_type"] == kind) & (check["district"] == area)]
    rows = rows[rows["resource"] == resource]
    yield words.text("attribute", "check_title")
    head = [words.column(c) for c in ("measure", "twin", "simulated", "mc_error")]
    body = [["", *head, "95 %"]]
    for row in rows.to_dict("records"):
        ends = f"{say_number(row['low'])} .. {say_number(row['high'])}"
        known = row["low"] == row["low"]
        body.append(
            [
                f"  {words.name('cause', str(row['cause']))}",
                words.name("measure", str(row["measure"])),
                say_number(row["twin"], 0, "+"),
                say_number(row["simulated"], 0, "+"),
                say_number(row["mc_error"]) if known else "-",
                ends if known else "-",
            ]
        )
    yield from aligned(body)
    yield words.text("attribute", "check_note")
