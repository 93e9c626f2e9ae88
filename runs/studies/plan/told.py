"""Say in a few lines what a plan comes to."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from params.axes import CITY
from runs.report.summary import aligned
from runs.studies.plan.layout import Layout
from runs.studies.plan.least import Plan
from runs.studies.plan.table import MET, NOT_ASKED, NOT_MET, UNSURE
from runs.studies.plan.where import Marginal, Shared
from runs.texts.wording import Wording, say_number

MANY: Final = 12
"""Lines of a list that are said before the rest is left to the file."""


def title_of(layout: Layout, lang: str) -> str:
    """Return what a question is called."""
    question = layout.asked.question
    return (question.title_zh if lang == "zh" else question.title_en) or question.name


def years_of(layout: Layout) -> str:
    """Return the years of the target."""
    first, last = layout.years[0], layout.years[-1]
    return str(first) if first == last else f"{first}–{last}"


def least_text(plan: Plan, table: pd.DataFrame, words: Wording) -> str:
    """Say what is to be added, how sure that is, what is out of reach."""
    layout = plan.layout
    last = layout.reported[-1]
    lines = [
        words.text("plan", "least", title=title_of(layout, words.lang), years=years_of(layout))
    ]
    end = table[(table["year"] == last) & (table["add"] > 0)]
    districts = end[end["district"] != CITY]
    rows = [[words.column("resource"), words.text("plan", "added"), words.text("plan", "places")]]
    for row in end[end["district"] == CITY].to_dict("records"):
        where = districts[districts["resource"] == row["resource"]]
        number = f"{say_number(row['add'])} {words.name('unit', row['unit'])}"
        rows.append([words.name("resource", row["resource"]), number, str(len(where))])
    lines += aligned(rows, (0,)) if len(rows) > 1 else [words.text("plan", "nothing")]
    lines += _cost_lines(layout, table, words)
    asked = table[(table["verdict"] != NOT_ASKED) & table["verdict"].notna()]
    counted = asked["verdict"].value_counts()
    numbers = {key: int(counted.get(key, 0)) for key in (MET, UNSURE, NOT_MET)}
    fresh = layout.asked.question.fresh
    lines.append(words.text("plan", "holds", fresh=fresh, all=len(asked), **numbers))
    if plan.drawn is not None and len(asked):
        share = f"{100 * asked['holds_in_drawn'].mean():.0f} %"
        lines.append(words.text("plan", "drawn", share=share))
    return "\n".join([*lines, *_short_lines(asked, words)])


def _cost_lines(layout: Layout, table: pd.DataFrame, words: Wording) -> list[str]:
    """Say what all of it costs, and that it is more than the budget."""
    if layout.prices is None:
        return []
    cost = float(table.loc[table["district"] == CITY, "cost"].sum())
    currency, budget = layout.asked.scenario.costs.currency, layout.asked.question.bounds.budget
    said = {"cost": say_number(cost), "currency": currency, "year": layout.reported[-1]}
    lines = [words.text("plan", "cost", **said)]
    if budget is not None and cost > budget:
        more = {"budget": say_number(budget), "currency": currency}
        lines.append(words.text("plan", "over_budget", **more))
    return lines


def _short_lines(asked: pd.DataFrame, words: Wording) -> list[str]:
    """Name where the target is out of reach, and what binds."""
    short = asked[asked["limit"].fillna("") != ""]
    lines = [
        words.text(
            "plan",
            "short",
            area=words.name("area", row["district"]),
            year=row["year"],
            resource=words.name("resource", row["resource"]),
            limit=words.name("limit", row["limit"]),
            share=f"{100 * row['share_in_time']:.1f} %",
            target=f"{100 * row['target_share']:.0f} %",
        )
        for row in short.head(MANY).to_dict("records")
    ]
    if len(short) > MANY:
        lines.append(words.text("plan", "more", n=len(short) - MANY))
    return lines


def where_text(shared: Shared, table: pd.DataFrame, words: Wording) -> str:
    """Say batch by batch where an amount goes."""
    layout = shared.layout
    columns = ("step", "district", "resource", "units", "gain", "gain_mc_error", "total_gain")
    lines = [words.text("plan", "where", title=title_of(layout, words.lang))]
    lines += _shown(table, columns, words)
    if shared.confirmed:
        found = {k: say_number(shared.confirmed[k]) for k in ("low", "high")}
        gain = say_number(shared.confirmed["difference"])
        lines.append(words.text("plan", "confirmed", years=years_of(layout), gain=gain, **found))
    amount = layout.asked.question.amount
    whole = amount.beds or amount.posts
    left = 0 if whole is None else whole - int(table["units"].sum())
    if left > 0:
        lines.append(words.text("plan", "stopped", left=left))
    return "\n".join(lines)


def levers_text(marginal: Marginal, table: pd.DataFrame, words: Wording) -> str:
    """Say what one batch of the best levers gives."""
    layout = marginal.layout
    title = {"title": title_of(layout, words.lang), "years": years_of(layout)}
    by = "gain_a_unit" if layout.prices is None else "gain_a_cost"
    columns = ("district", "resource", "units", "gain", "gain_mc_error", by, "days_less")
    return "\n".join(
        [words.text("plan", "levers", **title), *_shown(table.head(MANY), columns, words)]
    )


def _shown(table: pd.DataFrame, columns: Sequence[str], words: Wording) -> list[str]:
    """Return some columns of a table as aligned lines."""
    head = [words.column(name) for name in columns]
    rows = [
        [_cell(name, value, words) for name, value in zip(columns, row, strict=True)]
        for row in table[list(columns)].itertuples(index=False)
    ]
    return aligned([head, *rows], [k for k, name in enumerate(columns) if name in NAMED])


NAMED: Final = {"district": "area", "resource": "resource"}


def _cell(column: str, value: object, words: Wording) -> str:
    if column in NAMED:
        return words.name(NAMED[column], str(value))
    number = float(value)  # type: ignore[arg-type]
    return say_number(number, 2 if column in ("gain_a_unit", "gain_a_cost") else 0)
