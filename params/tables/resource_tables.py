"""Read the tables of resources, and say everything that is wrong with them at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from params.errors import ParamError, Problem, nearest
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
        where = f"{raw.file}, line {line}, column "
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
            yield Problem(where + "resource", f"{cell['resource']} again 重复", "each once")
        if bool(cell["places_first"]) != bool(cell["places_plan"]):
            yield Problem(
                where + "places_plan", "only one of the two 两列须同时给出", "both or none"
            )
        if cell["on"] != "0":
            yield from _assumption_faults(where, cell, known)
    yield from _order_faults(raw)
    yield from _count_faults(raw)


def _word_faults(
    where: str, cell: Mapping[str, str], allowed: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    for column, words in allowed.items():
        if cell[column] not in words:
            yield _unknown(where + column, cell[column], words)


def _assumption_faults(
    where: str, cell: Mapping[str, str], known: Sequence[str]
) -> Iterator[Problem]:
    for column in ("places_first", "places_plan"):
        if cell[column] and cell[column] not in known:
            yield _unknown(where + column, cell[column], known)
    if cell["hours"] not in ("", BY_LEVEL, *known):
        yield _unknown(where + "hours", cell["hours"], (BY_LEVEL, *known))


def _order_faults(raw: RawTable) -> Iterator[Problem]:
    """Find rows after one of a later kind: axes rely on their order."""
    before = 0
    for line, cell in raw.records():
        kind = KINDS.index(cell["kind"]) if cell["kind"] in KINDS else before
        if kind < before:
            yield Problem(
                f"{raw.file}, line {line}, column kind",
                f"{cell['kind']} after {KINDS[before]} 顺序不对",
                f"rows in the order {', '.join(KINDS)}",
                "move the row up 请把该行上移",
            )
        before = max(before, kind)


def _count_faults(raw: RawTable) -> Iterator[Problem]:
    names, kinds = raw.cells("resource"), raw.cells("kind")
    for kind in ONE_OF:
        if kinds.count(kind) != 1:
            found = f"{kinds.count(kind)} of the kind {kind}"
            yield Problem(f"{raw.file}, column kind", found, "one")
    # How many a scenario may turn on besides, `Resources.with_on` knows.
    on = [cell["kind"] for _, cell in raw.records() if cell["on"] != "0"]
    for what, count, most in (
        ("resources", len(on), MOST),
        ("of the kind at_home", on.count(KINDS[AT_HOME]), MOST_AT_HOME),
    ):
        if count > most:
            found = f"{count} {what} that are on 始终启用"
            yield Problem(f"{raw.file}, column on", found, f"at most {most}")
    beds = [name for name, kind in zip(names, kinds, strict=True) if kind == KINDS[INSTITUTION]]
    for name in NEEDED:
        if name not in beds:
            found = f"no bed of an institution is {name} 缺少该床位"
            yield Problem(f"{raw.file}, column resource", found, "the beds that a scenario plans")


def _ask_faults(raw: RawTable, resources: RawTable, known: Sequence[str]) -> Iterator[Problem]:
    """Say what is wrong with the meaning of ``asks.csv``; what is off may name what a city lacks."""
    names = resources.cells("resource")
    off = {cell["resource"] for _, cell in resources.records() if cell["on"] == "0"}
    words = {"resource": names, "who": WHO, "among": ("", AT_HOME_SHARE), "wish": YES_NO}
    for line, cell in raw.records():
        where = f"{raw.file}, line {line}, column "
        yield from _word_faults(where, cell, words)
        for column in CHANCES:
            is_name = not is_number(cell[column]) and cell["resource"] in off
            if not (is_name or cell[column] in known or _is_share(cell[column])):
                yield Problem(
                    where + column,
                    repr(cell[column]),
                    "a share from 0 to 1, or the name of an assumption",
                    nearest(cell[column], known),
                )


def _is_share(text: str) -> bool:
    return is_number(text) and 0 <= float(text) <= 1


def _unknown(where: str, found: str, allowed: Sequence[str]) -> Problem:
    named = [word for word in allowed if word]
    shown = ", ".join(named) if len(named) <= MOST else "a name of assumptions.csv"
    return Problem(where, f"unknown 未知: {found!r}", shown, nearest(found, named))
