"""Read the tables of resources, and say everything that is wrong with them at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from params.errors import ParamError, Problem, cell_place, column_place, nearest
from params.language import Said, said
from params.names import TOTALS
from params.tables.read import RawTable, read_raw, read_table, table_columns
from params.tables.resources import (
    AT_HOME,
    AT_HOME_SHARE,
    BY_LEVEL,
    INSTITUTION,
    KINDS,
    LEVELS_OF_CARE,
    MOST,
    MOST_AT_HOME,
    WHO,
    WORKERS,
    Ask,
    Resource,
    Resources,
    is_number,
)

NEEDED: Final = ("general_bed", "nursing_bed", "dementia_bed")
"""The beds that a scenario plans; a city's own table may add to them."""
ONE_OF: Final = ("assessment", "hours")
"""Kinds of which there is one resource."""
YES_NO: Final = ("0", "1")
CHANCES: Final = tuple(f"ask_{level}" for level in LEVELS_OF_CARE if level != 1)


def read_resources(folder: Path | None = None) -> Resources:
    """Read every resource of a city, those that are off included.

    Raises
    ------
    ParamError
        Naming every cell that cannot be right: file, line, column, what was found, what is allowed.
    """
    problems = resource_faults(folder)
    if problems:
        raise ParamError(problems)
    table, asked = read_table("resources", folder), read_table("asks", folder)
    asks: dict[str, list[Ask]] = {}
    for row in asked.to_dict("records"):
        ask = Ask(
            who=row["who"],
            wish=bool(row["wish"]),
            chances=tuple(row[f"ask_{max(k, 2) if k > 1 else 0}"] for k in LEVELS_OF_CARE),
            among=row["among"],
            luck=int(row["luck"]),
        )
        asks.setdefault(row["resource"], []).append(ask)
    return Resources(
        tuple(
            Resource(
                **{name: row[name] for name in _TEXTS},
                name=row["resource"],
                special=bool(row["special"]),
                medical=bool(row["medical"]),
                on=bool(row["on"]),
                target_days=float(row["target_days"]),
                asks=tuple(asks.get(row["resource"], ())),
            )
            for row in table.to_dict("records")
        )
    )


_TEXTS: Final = (
    "kind",
    "name_zh",
    "name_en",
    "unit",
    "total",
    "workers",
    "hours",
    "takes",
    "replaces",
    "places_first",
    "places_plan",
    "places_of_each",
)


def resource_faults(folder: Path | None = None) -> list[Problem]:
    """List every mistake of both tables: of single cells, then of what they mean."""
    problems: list[Problem] = []
    whole = {}
    for name in ("resources", "asks", "assumptions"):
        try:
            read_table(name, folder)
        except ParamError as error:
            problems += error.problems if name != "assumptions" else ()
        raw = _with_all_columns(name, folder)
        if raw is not None:
            whole[name] = raw
    if {"resources", "assumptions"} <= set(whole):
        known = tuple(whole["assumptions"].cells("name"))
        problems += _faults(whole["resources"], known)
        if "asks" in whole:
            problems += _ask_faults(whole["asks"], whole["resources"], known)
    return problems


def _with_all_columns(name: str, folder: Path | None) -> RawTable | None:
    """Return a table as text if its columns are there; what it lacks `read_table` says."""
    try:
        raw = read_raw(name, folder)
    except ParamError:
        return None
    return raw if {c.name for c in table_columns(name)} <= set(raw.header) else None


def _faults(raw: RawTable, known: Sequence[str]) -> Iterator[Problem]:
    """Say what is wrong with the meaning of ``resources.csv``; `known` are the city's assumptions."""
    names = raw.cells("resource")
    for line, cell in raw.records():
        where = Row(raw.file, line)
        yield from _word_faults(
            where,
            cell,
            {
                "kind": KINDS,
                "total": ("", *TOTALS),
                "workers": ("", *WORKERS),
                "takes": ("", *names),
                "replaces": ("", *names),
                **dict.fromkeys(("special", "medical", "on"), YES_NO),
            },
        )
        if names.index(cell["resource"]) != raw.lines.index(line):
            found = said(f"{cell['resource']} again", f"{cell['resource']} 重复")
            yield Problem(where.at("resource"), found, said("each once", "每种一次"))
        if bool(cell["places_first"]) != bool(cell["places_plan"]):
            yield Problem(
                where.at("places_plan"),
                said("only one of the two", "places_first 与 places_plan 只给出一个"),
                said("both or none", "都给或都不给"),
            )
        if cell["on"] != "0":
            yield from _assumption_faults(where, cell, known)
    yield from _order_faults(raw)
    yield from _count_faults(raw)


class Row(NamedTuple):
    """A row of a table."""

    file: str
    line: int

    def at(self, column: str) -> str:
        """Say where a cell of it stands."""
        return cell_place(self.file, self.line, column)


def _word_faults(
    where: Row, cell: Mapping[str, str], allowed: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for column, words in allowed.items():
        if cell[column] not in words:
            yield _unknown(where.at(column), cell[column], words)


def _assumption_faults(
    where: Row, cell: Mapping[str, str], known: Sequence[str]
) -> Iterator[Problem]:
    for column in ("places_first", "places_plan"):
        if cell[column] and cell[column] not in known:
            yield _unknown(where.at(column), cell[column], known)
    if cell["hours"] not in ("", BY_LEVEL, *known):
        yield _unknown(where.at("hours"), cell["hours"], (BY_LEVEL, *known))


def _order_faults(raw: RawTable) -> Iterator[Problem]:
    """Find rows after one of a later kind: axes rely on their order."""
    before = 0
    for line, cell in raw.records():
        kind = KINDS.index(cell["kind"]) if cell["kind"] in KINDS else before
        if kind < before:
            yield Problem(
                cell_place(raw.file, line, "kind"),
                said(
                    f"{cell['kind']} after {KINDS[before]}",
                    f"{cell['kind']} 排在 {KINDS[before]} 之后",
                ),
                said(f"rows in the order {', '.join(KINDS)}", f"各行按 {', '.join(KINDS)} 排列"),
                said("move the row up", "请把该行上移"),
            )
        before = max(before, kind)


def _count_faults(raw: RawTable) -> Iterator[Problem]:
    names, kinds = raw.cells("resource"), raw.cells("kind")
    for kind in ONE_OF:
        if kinds.count(kind) != 1:
            n = kinds.count(kind)
            found = said(f"{n} of the kind {kind}", f"{kind} 有 {n} 行")
            yield Problem(column_place(raw.file, "kind"), found, said("one", "恰好一行"))
    # How many a scenario may turn on besides, `Resources.with_on` knows.
    on = [cell["kind"] for _, cell in raw.records() if cell["on"] != "0"]
    for what, count, most in (
        (Said("resources", "种资源"), len(on), MOST),
        (Said("of the kind at_home", "种 at_home 资源"), on.count(KINDS[AT_HOME]), MOST_AT_HOME),
    ):
        if count > most:
            found = said(f"{count} {what.en} that are on", f"始终启用 {count} {what.zh}")
            allowed = said(f"at most {most}", f"至多 {most}")
            yield Problem(column_place(raw.file, "on"), found, allowed)
    beds = [name for name, kind in zip(names, kinds, strict=True) if kind == KINDS[INSTITUTION]]
    for name in NEEDED:
        if name not in beds:
            found = said(f"no bed of an institution is {name}", f"机构床位中缺少 {name}")
            allowed = said("the beds that a scenario plans", "情景所规划的床位")
            yield Problem(column_place(raw.file, "resource"), found, allowed)


def _ask_faults(raw: RawTable, resources: RawTable, known: Sequence[str]) -> Iterator[Problem]:
    """Say what is wrong with the meaning of ``asks.csv``; what is off may name what a city lacks."""
    names = resources.cells("resource")
    off = {cell["resource"] for _, cell in resources.records() if cell["on"] == "0"}
    words = {"resource": names, "who": WHO, "among": ("", AT_HOME_SHARE), "wish": YES_NO}
    for line, cell in raw.records():
        where = Row(raw.file, line)
        yield from _word_faults(where, cell, words)
        for column in CHANCES:
            is_name = not is_number(cell[column]) and cell["resource"] in off
            if not (is_name or cell[column] in known or _is_share(cell[column])):
                yield Problem(
                    where.at(column),
                    repr(cell[column]),
                    said(
                        "a share from 0 to 1, or the name of an assumption",
                        "0 至 1 的比例，或假定的名称",
                    ),
                    nearest(cell[column], known),
                )


def _is_share(text: str) -> bool:
    return is_number(text) and 0 <= float(text) <= 1


def _unknown(where: str, found: str, allowed: Sequence[str]) -> Problem:
    named = [word for word in allowed if word]
    shown = said("a name of assumptions.csv", "assumptions.csv 中的名称")
    if len(named) <= MOST:
        shown = ", ".join(named)
    return Problem(
        where, said(f"unknown: {found!r}", f"未知：{found!r}"), shown, nearest(found, named)
    )
