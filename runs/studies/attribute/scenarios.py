"""Split the difference of two scenarios in one year: groups of their keys as in the one or the other."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said
from params.scenario.identity import UNREAD, identity
from params.scenario.model import LoadedScenario, Scenario
from params.tables.assumptions import read_assumptions
from runs.jobs.execute import How
from runs.jobs.twin_work import MetWork, answered, depends
from runs.studies.attribute.shapley import Subset, key_of, needed, shared
from runs.studies.attribute.split import Split

ASSUMPTIONS: Final = "assumptions"
HORIZON: Final = "horizon"
PLAIN: Final = (*UNREAD, HORIZON, ASSUMPTIONS)
"""Keys that are no group of their own: names, costs, how many years there are."""


def groups_of(first: LoadedScenario, second: LoadedScenario) -> tuple[str, ...]:
    """Return the groups of keys in which two scenarios differ so that numbers may: tables, and assumptions.

    Assumptions are parted by the group of ``assumptions.csv`` that they stand in.
    """
    tables = [key for key in first.scenario.model_dump() if key not in PLAIN]
    kinds = {a.group for a in read_assumptions(first.city.assumptions).values()}
    candidates = (*tables, *(f"{ASSUMPTIONS}.{kind}" for kind in sorted(kinds)))
    own = identity(first)
    return tuple(
        g for g in candidates if _differs(first, second, g) and _moves(first, second, g, own)
    )


def _differs(first: LoadedScenario, second: LoadedScenario, group: str) -> bool:
    return _part(first, group) != _part(second, group)


def _moves(first: LoadedScenario, second: LoadedScenario, group: str, own: str) -> bool:
    """Say whether one group alone makes another scenario; one that cannot stand alone does."""
    try:
        return identity(mixed(first, second, frozenset({group}))) != own
    except ParamError:
        return True


def _part(loaded: LoadedScenario, group: str) -> object:
    values = loaded.scenario.model_dump()
    table, _, kind = group.partition(".")
    return _of_kind(loaded, values[ASSUMPTIONS], kind) if kind else values[table]


def _of_kind(loaded: LoadedScenario, changes: Mapping[str, Any], kind: str) -> dict[str, Any]:
    known = read_assumptions(loaded.city.assumptions)
    return {name: change for name, change in changes.items() if known[name].group == kind}


def mixed(
    first: LoadedScenario, second: LoadedScenario, groups: Subset, name: str = ""
) -> LoadedScenario:
    """Return the first scenario with some groups of keys as in the second.

    Raises
    ------
    ParamError
        If the two do not go together.
    """
    values = first.scenario.model_dump(exclude_none=True)
    others = second.scenario.model_dump(exclude_none=True)
    for group in groups:
        table, _, kind = group.partition(".")
        if not kind:
            values[table] = others[table]
            continue
        kept = dict(values[ASSUMPTIONS])
        for own in _of_kind(first, kept, kind):
            del kept[own]
        values[ASSUMPTIONS] = {**kept, **_of_kind(second, others[ASSUMPTIONS], kind)}
    if name:
        values["name"] = name
    try:
        scenario = Scenario.model_validate(values, context=first.city)
    except ValidationError as error:
        where = f"{first.scenario.name} + {', '.join(sorted(groups))} ({second.scenario.name})"
        found = "; ".join(str(one["msg"]) for one in error.errors())
        advice = said(
            "let both scenarios say the same of what does not go together",
            "请让两个情景在相互冲突的项目上取值相同",
        )
        raise ParamError(Problem(where, found, "", advice)) from None
    return replace(first, scenario=scenario, provenance={})


def mixes(
    first: LoadedScenario, second: LoadedScenario, groups: tuple[str, ...], seed: int
) -> dict[Subset, LoadedScenario]:
    """Return the scenario of every subset that has to be asked.

    Raises
    ------
    ParamError
        Naming all those that cannot be.
    """
    found: dict[Subset, LoadedScenario] = {}
    problems: list[Problem] = []
    for subset in needed(groups, seed):
        try:
            found[subset] = mixed(first, second, subset, f"mix-{key_of(groups, subset)}")
        except ParamError as error:
            problems += error.problems
    if problems:
        raise ParamError(problems)
    return found


def split_twin(
    points: Mapping[Subset, LoadedScenario],
    groups: tuple[str, ...],
    year: int,
    seed: int,
    folder: Path,
    how: How,
) -> Split:
    """Split the difference on the deterministic twin."""
    named = {key_of(groups, subset): loaded for subset, loaded in points.items()}
    said_of = {name: depends(loaded, year) for name, loaded in named.items()}
    found = answered(MetWork(year, named), said_of, folder, how)
    known = {subset: found[key_of(groups, subset)] for subset in points}
    return split_known(known, groups, seed)


def split_known(known: Mapping[Subset, FloatArray], groups: tuple[str, ...], seed: int) -> Split:
    """Share out a difference whose every figure is known exactly."""
    values, errors = shared(groups, known, seed)
    none = {cause: np.where(error > 0, error, np.nan) for cause, error in errors.items()}
    return Split(known[frozenset()], known[frozenset(groups)], values, none, {})
