"""Lay out the points of a design: every combination of bases, listed values and sampled values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from params.city import City
from params.errors import ParamError, Problem
from params.files.positions import where as place_of
from params.files.toml_file import read_toml
from params.language import said
from params.scenario.layers import Layers, laid_over, leaves
from params.scenario.load import name_of, scenario_of
from params.scenario.model import LoadedScenario
from params.studies.cells import Cell, cell_faults, find_cell, in_type, with_cells
from params.studies.design import Axis, Design
from params.studies.keys import (
    ASSUMPTIONS,
    NoSuchPlace,
    Setting,
    is_cell,
    is_pinned,
    steps_of,
    with_value,
)
from params.studies.sampled import sampled_settings
from params.tables.assumptions import read_assumptions

if TYPE_CHECKING:
    pass

SHOWN: Final = 3
"""Points that a message names before it says how many more there are."""


@dataclass(frozen=True)
class Point:
    """One scenario of a design."""

    number: int
    base: str
    """Name of the scenario that is varied."""
    settings: tuple[Setting, ...]
    loaded: LoadedScenario

    @property
    def varied(self) -> dict[str, object]:
        """What is varied, by key, as tables show it."""
        return {setting.key: setting.shown for setting in self.settings}


@dataclass
class Mistakes:
    """Mistakes of many points, each said once with the points that it is of."""

    found: dict[Problem, list[int]] = field(default_factory=dict)

    def add(self, problems: Iterable[Problem], point: int | None = None) -> None:
        """Note the mistakes of a point, or of all of them."""
        for problem in problems:
            points = self.found.setdefault(problem, [])
            if point is not None:
                points.append(point)

    def problems(self, numbered: bool = True) -> list[Problem]:
        """Return every mistake, with its first points if these have their numbers."""
        listed = []
        for problem, points in self.found.items():
            where, more = problem.where, len(points) - SHOWN
            if points and numbered:
                named = ", ".join(map(str, points[:SHOWN])) + (f" … +{more}" if more > 0 else "")
                where += said(f" (point {named})", f"（设计点 {named}）")
            listed.append(Problem(where, problem.found, problem.allowed, problem.advice))
        return listed


def number_of_points(design: Design) -> int:
    """Return how many points a design has, without laying them out."""
    n = len(design.base)
    for group in axis_groups(design.axes):
        n *= min(len(axis.listed) for axis in group)
    return n * (design.sample.points if design.sample else 1)


def axis_groups(axes: Sequence[Axis]) -> list[list[Axis]]:
    """Put the axes together that move together, in the order in which each group is first named."""
    groups: dict[str, list[Axis]] = {}
    for k, axis in enumerate(axes):
        groups.setdefault(axis.zip or f"\0{k}", []).append(axis)
    return list(groups.values())


def lay_out(
    design: Design, path: Path, city: City, bases: Mapping[str, Layers], numbered: bool = True
) -> tuple[Point, ...]:
    """Return every point of a design, checked: bases outermost, sampled points innermost.

    Parameters
    ----------
    bases : the tables of each base scenario.
    numbered : whether mistakes name their points; not where axes are missing.

    Raises
    ------
    ParamError
        With the mistakes of all points at once; one that several points share is said once.
    """
    mistakes = Mistakes()
    listed = [_settings_of(group) for group in axis_groups(design.axes)]
    cells = _cells(design, path, city, mistakes)
    cities: dict[tuple[tuple[Cell, object], ...], City | ParamError] = {(): city}
    points: list[Point] = []
    number = 0
    for base, layers in bases.items():
        sampled, problems = sampled_settings(design.sample, path, layers, city)
        mistakes.add(problems)
        for combination in product(*listed, sampled):
            settings = tuple(one for part in combination for one in part)
            try:
                own = _city(settings, path, cells, cities)
                loaded = _scenario(settings, path, layers, own)
            except ParamError as error:
                mistakes.add(error.problems, number if settings else None)
            else:
                points.append(Point(number, base, settings, loaded))
            number += 1
    if mistakes.found:
        raise ParamError(mistakes.problems(numbered))
    return tuple(points)


def _settings_of(group: Sequence[Axis]) -> list[tuple[Setting, ...]]:
    """Return what each step of axes that move together sets."""
    columns = []
    for axis in group:
        values = axis.values or [in_type(axis.key, value) for value in axis.listed]
        shown = axis.labels or [_shown(value) for value in values]
        columns.append([Setting(axis.key, *pair) for pair in zip(values, shown, strict=True)])
    return list(zip(*columns, strict=True))


def _shown(value: object) -> object:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)


def _cells(design: Design, path: Path, city: City, mistakes: Mistakes) -> dict[str, Cell]:
    """Find the cells of city tables that a design varies."""
    axes = [(f"axes[{k}]", axis.key) for k, axis in enumerate(design.axes)]
    if design.sample:
        axes += [(f"sample.axes[{k}]", axis.key) for k, axis in enumerate(design.sample.axes)]
    cells = {}
    for where, key in axes:
        if is_cell(key):
            try:
                cells[key] = find_cell(key, city)
            except ParamError as error:
                mistakes.add(
                    replace(p, where=place_of(path, f"{where}.key", shown=p.where))
                    for p in error.problems
                )
    return cells


def _city(
    settings: Sequence[Setting],
    path: Path,
    cells: Mapping[str, Cell],
    cities: dict[tuple[tuple[Cell, object], ...], City | ParamError],
) -> City:
    """Return the city of a point, with a copy of its folder where cells are varied.

    Raises
    ------
    ParamError
        If a cell cannot hold its value, or the tables do not fit together with it.
    """
    varied = [s for s in settings if s.key in cells]
    wrong = [
        Problem(
            f"{path}: {s.key}",
            said(f"found {_shown(s.value)}", f"写的是 {_shown(s.value)}"),
            said("a number or a text", "数字或文字"),
        )
        for s in varied
        if not isinstance(s.value, int | float | str | date)
    ]
    if wrong:
        raise ParamError(wrong)
    changed = tuple((cells[s.key], s.value) for s in varied)
    if changed not in cities:
        plain = cities[()]
        assert isinstance(plain, City)
        city = with_cells(plain, dict(changed))
        faults = [replace(p, where=f"{path}: {p.where}") for p in cell_faults(city, dict(changed))]
        cities[changed] = ParamError(faults) if faults else city
    found = cities[changed]
    if isinstance(found, ParamError):
        raise found
    return found


def _scenario(
    settings: Sequence[Setting], path: Path, layers: Layers, city: City
) -> LoadedScenario:
    """Lay the settings of a point over its base scenario, and check what comes out."""
    held = dict(layers.values)
    problems: list[Problem] = []
    done: list[Setting] = []
    for setting in settings:
        key = setting.key
        if is_cell(key):
            continue
        problems += _group_fault(setting, path, city)
        try:
            held = with_value(held, key, setting.value)
            done.append(setting)
        except NoSuchPlace as error:
            problems.append(Problem(f"{path}: {key}", str(error)))
    own = _own_part(held, done)
    names: dict[str, object] = {"name": called(layers)}
    names |= {k: layers.values[k] for k in ("title_zh", "title_en") if k in layers.values}
    stated = Layers(own | names, dict.fromkeys((*leaves(own), *names), path), (path,))
    try:
        loaded = scenario_of(laid_over(layers, stated, adds=False), city)
    except ParamError as error:
        problems += (_at_axis(p, path, done) for p in error.problems)
    if problems:
        raise ParamError(problems)
    return loaded


def _at_axis(found: Problem, path: Path, settings: Sequence[Setting]) -> Problem:
    """Say a mistake of what a design varies at the line of its axis."""
    name = found.where.removeprefix(f"{path}: ")
    keys = [setting.key for setting in settings]
    near = [key for key in keys if name == key or name.startswith(f"{key}.")]
    if name == found.where or not near:
        return found
    axes = read_toml(path).get("axes")
    for k, axis in enumerate(axes if isinstance(axes, list) else ()):
        if isinstance(axis, Mapping) and axis.get("key") == near[0]:
            held = "values" if "values" in axis else "first"
            return replace(found, where=place_of(path, f"axes[{k}].{held}", shown=name))
    return found


def called(layers: Layers) -> str:
    """Return the name of a base scenario."""
    return str(layers.values.get("name", name_of(layers.files[0], "scenario")))


def _group_fault(setting: Setting, path: Path, city: City) -> list[Problem]:
    """Refuse to hold one share of a group that is drawn together."""
    known = read_assumptions(city.assumptions)
    name = setting.key.removeprefix(f"{ASSUMPTIONS}.")
    pinned = is_pinned(setting.key, setting.value)
    if not pinned or name not in known or known[name].concentration is None:
        return []
    found = said("is drawn together with the other shares of its group", "与同组份额一并抽样")
    return [Problem(f"{path}: {setting.key}", found, said("another assumption", "其他假定"))]


def _own_part(changed: Mapping[str, object], settings: Sequence[Setting]) -> dict[str, object]:
    """Return of the changed tables what a design itself says: mistakes there are told as its own."""
    own: dict[str, object] = {}
    for setting in settings:
        names: list[str] = []
        for step in steps_of(setting.key):
            if isinstance(step, int):
                break  # a list is one value
            names.append(step)
        value: object = changed
        for name in names:
            assert isinstance(value, Mapping)
            value = value[name]
        inside = own
        for name in names[:-1]:
            inside = inside.setdefault(name, {})  # type: ignore[assignment]
        inside[names[-1]] = value
    return own
