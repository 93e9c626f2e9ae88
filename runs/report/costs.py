"""Lay out what a run costs by the scenario's own unit costs."""

from typing import Final, NamedTuple

import pandas as pd

from params.axes import CITY
from runs.report.evidence import Section
from runs.report.table import NOTHING, Cell, Group, Table
from runs.texts.wording import Wording, say_number

OVER_YEARS: Final = ("units_added", "cost_capital", "cost_total", "present_value")
"""Columns that are told as the sum of all years; the others as of the last one."""
SHOWN: Final = (
    *("units_run", "cost_yearly", "units_added", "cost_capital", "cost_total", "present_value"),
    *("gap_units", "gap_capital", "gap_yearly"),
)


class Counted(NamedTuple):
    """How costs are counted: in what, at the prices of which year, discounted at what rate a year."""

    currency: str
    price_year: int | None
    discount_rate: float | None


def cost_section(costs: pd.DataFrame | None, counted: Counted, words: Wording) -> Section | None:
    """Return what the city costs by resource, in its last year and in all; none without unit costs."""
    if costs is None:
        return None
    city = costs[(costs["area_type"] == "city") & (costs["district"] == CITY)]
    last, first = int(city["year"].max()), int(city["year"].min())
    shown = [name for name in SHOWN if name in city]
    rows = []
    for resource, mine in city.groupby("resource", sort=False):
        now = mine[mine["year"] == last].iloc[0]
        cells = [Cell(words.name("resource", str(resource)))]
        for name in shown:
            value = float(mine[name].sum(min_count=1) if name in OVER_YEARS else now[name])
            cells.append(NOTHING if pd.isna(value) else Cell(say_number(value), "number"))
        rows.append(tuple(cells))
    headers = [
        words.report("costs_all", column=words.column(name), first=first, last=last)
        if name in OVER_YEARS
        else words.report("costs_last", column=words.column(name), last=last)
        for name in shown
    ]
    said = [counted.currency or words.report("costs_no_currency")]
    if counted.price_year is not None:
        said.append(words.report("costs_prices", year=counted.price_year))
    if counted.discount_rate is not None:
        said.append(
            words.report("costs_discount", rate=f"{100 * counted.discount_rate:g}%", first=first)
        )
    note = words.report("costs_note", said=words.report("joiner").join(said))
    table = Table("", (Group("", (words.column("resource"), *headers)),), tuple(rows))
    return Section("costs", note, table)
