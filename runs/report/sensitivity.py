"""Tell on a terminal what matters most, what would have to be true, and where the variance comes from."""

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from runs.report.summary import aligned
from runs.texts.effects import Row, figures_in, name_of, say_at, say_figure, title_of
from runs.texts.wording import Wording, say_number

MOST: Final = 10
"""Assumptions that are told of a figure."""
INSIDE: Final = "inside"


def observed_text(
    table: pd.DataFrame, facts: Mapping[str, object], words: Wording, most: int = MOST
) -> str:
    """Tell the first figure whole, and of the others of its area what matters most.

    Parameters
    ----------
    table : file ``sensitivity``.
    facts : ``method``, ``n`` draws, ``k`` assumptions.
    most : assumptions that are told.
    """
    first, *others = figures_in(table)
    top = first.head(most)
    named = {"n": facts["n"], "k": facts["k"]}
    lines = [
        title_of(first, words, "title"),
        words.text("sensitivity", str(facts["method"]), **named),
    ]
    unit = words.name("unit", str(first["unit"].iloc[0]))
    head = [
        "",
        words.column("assumption"),
        words.text("sensitivity", "at"),
        words.text("sensitivity", "moves", unit=unit),
        words.column("correlation"),
        words.column("explained"),
    ]
    lines += aligned([head, *(_observed_row(row, words) for row in _rows(top))])
    lines += ["", *closing_sentences(top, words), *_others(first, others, words)]
    return "\n".join(lines)


def _rows(frame: pd.DataFrame) -> Iterable[Row]:
    return frame.to_dict("records")


def _observed_row(row: Row, words: Wording) -> list[str]:
    low, high = (say_at(row, column, words) for column in ("at_low", "at_high"))
    ends = (say_figure(row[column]) for column in ("figure_low", "figure_high"))
    known = tuple(
        say_number(float(str(row[f"correlation{end}"])), 2) for end in ("", "_low", "_high")
    )
    return [
        str(row["rank"]),
        name_of(row),
        words.text("sensitivity", "range", low=low, high=high),
        words.text("sensitivity", "range", low=next(ends), high=next(ends)),
        "{} [{}, {}]".format(*known),
        f"{float(str(row['explained'])):.0%}",
    ]


def closing_sentences(top: pd.DataFrame, words: Wording) -> list[str]:
    """Say what would have to be true for the gap to close: one assumption at a time."""
    told = []
    groups: dict[str, list[str]] = {}
    for row in _rows(top):
        verdict = str(row["closes"])
        if verdict == INSIDE:
            at = {
                name: say_at(row, column, words)
                for name, column in (
                    ("value", "closes_at"),
                    ("low", "closes_from"),
                    ("high", "closes_to"),
                )
            }
            told.append(words.text("sensitivity", INSIDE, assumption=row["meaning"], **at))
        elif verdict:
            groups.setdefault(verdict, []).append(str(row["meaning"]))
    if "closed" in groups:
        return [words.text("sensitivity", "closed")]
    joiner = words.report("joiner")
    for verdict in ("outside", "unknown"):
        if verdict in groups:
            told.append(
                words.text("sensitivity", verdict, assumptions=joiner.join(groups[verdict]))
            )
    return told


def _others(first: pd.DataFrame, others: list[pd.DataFrame], words: Wording) -> list[str]:
    """Say of the other figures of the same area what matters most, where something is known to."""
    area = first["district"].iloc[0]
    body = []
    for rows in others:
        if rows["district"].iloc[0] != area:
            continue
        row = rows.iloc[0]
        what = [words.name("resource", row["resource"]), words.name("measure", row["measure"])]
        if row["flag"]:
            body.append([*what, words.text("sensitivity", "nothing"), ""])
        else:
            known = say_number(row["correlation"], 2, "+")
            body.append([*what, str(row["meaning"]), f"{known} ({row['explained']:.0%})"])
    if not body:
        return []
    return ["", words.text("sensitivity", "others"), *aligned(body, (0, 1, 2))]


def split_text(variance: pd.DataFrame, words: Wording) -> str:
    """Tell where the variance of the figures of the first area comes from."""
    area = variance["district"].iloc[0]
    mine = variance[variance["district"] == area]
    sources = list(dict.fromkeys(mine["source"]))
    head = [words.column("resource"), words.column("measure")]
    body = []
    for rows in figures_in(mine):
        row = rows.iloc[0]
        shares = rows.set_index("source").reindex(sources)
        cells = [
            f"{r['variance_share']:.0%} [{r['share_low']:.0%}, {r['share_high']:.0%}]"
            for _, r in shares.iterrows()
        ]
        names = [words.name("resource", row["resource"]), words.name("measure", row["measure"])]
        body.append([*names, *cells])
    title = words.text("sensitivity", "split")
    return "\n".join([title, *aligned([head + [words.name("source", s) for s in sources], *body])])


def study_text(table: pd.DataFrame, note: str, words: Wording, most: int = MOST) -> str:
    """Tell the first figure of a study whole: effects or indices, luck among them.

    Parameters
    ----------
    table : file ``screening`` or ``sobol``.
    note : what was done.
    """
    first = next(iter(figures_in(table)))
    sizes = [("effect_size", "effect_low", "effect_high"), ("effect_mean",), ("effect_spread",)]
    if "total_index" in table:
        sizes = [(f"{k}_index", f"{k}_low", f"{k}_high") for k in ("total", "first")]
    head = ["", words.column("assumption"), *(words.column(group[0]) for group in sizes)]
    is_luck = first["assumption"] == "luck"
    shown = first[(first["rank"] <= most) | is_luck]
    body = [
        [str(row["rank"]), name_of(row), *(_with_interval(row, group) for group in sizes)]
        for row in _rows(shown)
    ]
    return "\n".join([title_of(first, words, "title_plain"), note, *aligned([head, *body])])


def _with_interval(row: Row, columns: tuple[str, ...]) -> str:
    share = columns[0].endswith("_index")
    told = [f"{float(str(row[c])):.2f}" if share else say_figure(row[c]) for c in columns]
    return told[0] if len(told) == 1 else f"{told[0]} [{told[1]}, {told[2]}]"
