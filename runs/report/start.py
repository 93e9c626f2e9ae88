"""Say from which residents and waiting lists a run looks ahead, and what of them could not be met."""

from datetime import date
from typing import Final

import pandas as pd

from runs.report.evidence import Section
from runs.report.table import Cell, Group, Table
from runs.texts.wording import Wording, say_number

NUMBERS: Final = ("given", "simulated_before", "simulated_after", "not_met")
WORTH_SAYING: Final = 0.05
"""People, in the mean over replications, from which a number given is not met."""


def start_lines(start: pd.DataFrame | None, words: Wording) -> tuple[str, ...]:
    """Say whether everything given is met; nothing where nothing is given."""
    if start is None or start.empty:
        return ()
    short = start[start["not_met"].abs() >= WORTH_SAYING]
    if short.empty:
        return (words.report("start_met"),)
    people = say_number(float(short["not_met"].sum()))
    return (words.report("start_short", n=len(short), short=people),)


def start_section(start: pd.DataFrame | None, day: date | None, words: Wording) -> Section | None:
    """Return what is given and what became of it, a row a list and resource; none without a start."""
    if start is None:
        return None
    rows = []
    for (name, resource), mine in start.groupby(["list", "resource"], sort=False):
        cells = [Cell(words.name("list", str(name))), Cell(words.name("resource", str(resource)))]
        cells += [Cell(say_number(float(mine[column].sum())), "number") for column in NUMBERS]
        rows.append(tuple(cells))
    headers = tuple(words.column(name) for name in ("list", "resource", *NUMBERS))
    note = " ".join([words.report("start_note", day=day), *start_lines(start, words)])
    return Section("start", note, Table("", (Group("", headers),), tuple(rows)))
