"""Print a comparison: the city's differences from the first scenario, a block a resource."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from runs.report.summary import aligned, width
from runs.texts.wording import Wording

PRINTED: Final = (
    "demand",
    "approved",
    "operating",
    "usable",
    "occupied",
    "waiting",
    "died_waiting",
    "unmet",
    "service_gap",
    "cost_total",
    "cost_so_far",
    "placed_so_far",
    "cost_per_placed",
)
"""Measures shown unless others are chosen; all there are where none of these was kept."""
DECIMALS: Final = {"share": 3, "days": 1}
"""Decimals by unit; counts have none."""
MORE_DECIMALS: Final = {"share": 4}
"""At most so many, to show an error with; two of other units."""
OTHERWISE: Final = ("targets", "costs", "starts")
"""In what scenarios may differ that a reader of differences must know."""
NAMED: Final = 4
"""Scenarios that a note names before it counts the rest."""
LEAST_COLUMNS: Final = 100
"""Places of a terminal for which the table is cut into several, if need be."""


class PairsFound(NamedTuple):
    """How many replications of a scenario have a partner in the first one."""

    scenario: str
    pairs: int
    first: int
    """Replications that the first scenario has."""
    own: int
    """Replications that this one has."""
    lacking: Mapping[str, tuple[object, ...]]
    """Years, areas, resources and measures that only one of the two has."""
    targets: tuple[str, ...] = ()
    """Targets of waits in which the two differ, with the values of both."""
    costs: tuple[str, ...] = ()
    """Unit costs in which the two differ, with the values of both."""
    starts: tuple[str, ...] = ()
    """In what the residents and waiting lists from which they look ahead differ."""


def comparison_text(
    table: pd.DataFrame, found: Sequence[PairsFound], words: Wording, columns: int = LEAST_COLUMNS
) -> str:
    """Return one area's and year's rows as aligned lines, and under them how to read them.

    Parameters
    ----------
    table : rows of one area and year, columns as in the data dictionary, file ``compare``.
    found : how many pairs each scenario has.
    columns : places of the terminal.
    """
    one, scenarios = table.iloc[0], list(dict.fromkeys(table["scenario"]))
    area = words.name("area", str(one["district"]))
    title = words.text("compare", "title", area=area, year=one["year"], against=one["against"])
    rows = _two_rows if len(scenarios) == 1 else _difference_rows
    blocks = [
        aligned(rows(table[table["scenario"].isin(some)], str(one["against"]), some, words))
        for some in _fitting(scenarios, max(columns, LEAST_COLUMNS))
    ]
    lines = [line for block in blocks for line in [*block, ""]]
    return "\n".join([title, *lines[:-1], *notes(found, str(one["against"]), words)])


def _fitting(scenarios: list[str], columns: int) -> Iterator[list[str]]:
    """Cut scenarios into groups that fit beside one another."""
    left = columns - 46  # measure, unit and the first scenario's value
    some: list[str] = []
    taken = 0
    for name in scenarios:
        needs = max(width(name), 20) + 2
        if some and taken + needs > left:
            yield some
            some, taken = [], 0
        some.append(name)
        taken += needs
    yield some


def _difference_rows(
    table: pd.DataFrame, against: str, scenarios: list[str], words: Wording
) -> list[list[str]]:
    """Return a column a scenario: difference and its error."""
    rows = [["", words.column("unit"), against, *scenarios]]
    for resource, mine in table.groupby("resource", sort=False):
        rows.append([words.name("resource", str(resource)), *[""] * (len(rows[0]) - 1)])
        for measure, cells in mine.groupby("measure", sort=False):
            first = cells.iloc[0]
            unit = str(first["unit"])
            by_name = {row["scenario"]: row for row in cells.to_dict("records")}
            said = [_difference(by_name[s], unit) if s in by_name else "-" for s in scenarios]
            value = _number(first["first"], DECIMALS.get(unit, 0))
            rows.append([*_row_names(str(measure), unit, words), value, *said])
    return rows


def _two_rows(
    table: pd.DataFrame, against: str, scenarios: list[str], words: Wording
) -> list[list[str]]:
    """Return both means, their difference, its interval and error, and the variance cut."""
    more = [words.column(c) for c in ("mc_error", "variance_cut")]
    head = ["", words.column("unit"), against, *scenarios, words.column("difference"), "95 %"]
    rows = [[*head, *more]]
    for resource, mine in table.groupby("resource", sort=False):
        rows.append([words.name("resource", str(resource)), *[""] * (len(rows[0]) - 1)])
        for row in mine.to_dict("records"):
            unit = str(row["unit"])
            n = _decimals(row["mc_error"], unit)
            means = [_number(row[c], DECIMALS.get(unit, 0)) for c in ("first", "second")]
            known = math.isfinite(row["mc_error"])
            ends = f"{_number(row['low'], n)} .. {_number(row['high'], n)}" if known else "-"
            rows.append(
                [
                    *_row_names(str(row["measure"]), unit, words),
                    *means,
                    _number(row["difference"], n, "+"),
                    ends,
                    _number(row["mc_error"], n),
                    _number(row["variance_cut"], 0),
                ]
            )
    return rows


def _row_names(measure: str, unit: str, words: Wording) -> tuple[str, str]:
    return f"  {words.name('measure', measure)}", words.name("unit", unit)


def _difference(row: Mapping[Hashable, float], unit: str) -> str:
    """Write a difference with its error, both with as many decimals as the error deserves."""
    n = _decimals(row["mc_error"], unit)
    said = _number(row["difference"], n, "+")
    return f"{said} ±{_number(row['mc_error'], n)}" if math.isfinite(row["mc_error"]) else said


def _decimals(error: float, unit: str) -> int:
    """Return decimals that show two digits of an error; those of the unit where there is none."""
    least, most = DECIMALS.get(unit, 0), MORE_DECIMALS.get(unit, 2)
    if not math.isfinite(error) or error < 0.5 * 10.0**-most:
        return least
    return min(max(1 - math.floor(math.log10(error)), 0), most)


def _number(value: float, decimals: int, sign: str = "-") -> str:
    if not math.isfinite(value):
        return "-"
    rounded = round(value, decimals) + 0.0
    return f"{rounded:{sign if rounded else '-'},.{decimals}f}"


def notes(found: Sequence[PairsFound], against: str, words: Wording) -> list[str]:
    """Say how many pairs there are of how many replications, how to read them, what is missing."""
    if all(f.pairs == f.first == f.own for f in found):
        lines = [words.text("compare", "pairs", pairs=found[0].pairs)]
    else:
        lines = [
            words.text(
                "compare", "fewer", **{**one._asdict(), "scenario": names, "against": against}
            )
            for names, one in _alike(found, words)
        ]
    alone = all(f.pairs < 2 for f in found)
    lines.append(words.text("compare", "single" if alone else "note"))
    if len(found) == 1 and not alone:
        lines.append(words.text("compare", "cut"))
    others = (line for key in OTHERWISE for line in _otherwise(found, against, key, words))
    return [*lines, *others, *_missing(found, words)]


def _otherwise(
    found: Sequence[PairsFound], against: str, key: str, words: Wording
) -> Iterator[str]:
    """Say which scenarios have other targets, unit costs or a start, and what that does to differences."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        if differs := getattr(one, key):
            alike.setdefault(differs, []).append(one.scenario)
    for differs, names in alike.items():
        what = words.report("joiner").join(differs)
        said = {"scenario": _few(names, words), "against": against, "what": what}
        yield words.text("compare", key, **said)


def _alike(found: Sequence[PairsFound], words: Wording) -> Iterator[tuple[str, PairsFound]]:
    """Yield the names of scenarios with the same numbers of pairs and replications, and one of them."""
    alike: dict[tuple[int, ...], list[PairsFound]] = {}
    for one in found:
        alike.setdefault((one.pairs, one.first, one.own), []).append(one)
    for some in alike.values():
        yield _few([one.scenario for one in some], words), some[0]


def _few(names: Sequence[str], words: Wording) -> str:
    """Name some scenarios, and count those beyond the first few."""
    said = words.report("joiner").join(names[:NAMED])
    if len(names) <= NAMED:
        return said
    return words.text("compare", "and_more", names=said, n=len(names) - NAMED)


def _missing(found: Sequence[PairsFound], words: Wording) -> Iterator[str]:
    alike: dict[tuple[str, tuple[object, ...]], list[str]] = {}
    for one in found:
        for axis, labels in one.lacking.items():
            alike.setdefault((axis, labels), []).append(one.scenario)
    for (axis, labels), names in alike.items():
        section = {"areas": "area", "resources": "resource", "measures": "measure"}.get(axis)
        named = [words.name(section, str(x)) if section else str(x) for x in labels]
        what = words.text("compare", axis, labels=words.report("joiner").join(named))
        yield words.text("compare", "lacking", scenario=_few(names, words), what=what)
