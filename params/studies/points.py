"""Lay out the points of a design: every combination of bases, listed values and sampled values."""

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from params.city import City
from params.errors import ParamError, Problem
from params.scenario.layers import Layers, laid_over, leaves
from params.scenario.load import scenario_of
from params.scenario.model import LoadedScenario
from params.studies.cells import Cell, find_cell, with_cells
from params.studies.design import Axis, Design, Sample
from params.studies.keys import (
    ASSUMPTIONS,
    NoSuchPlace,
    is_cell,
    is_pinned,
    is_whole,
    steps_of,
    with_value,
)
from params.tables.assumptions import Assumption, apply_changes, quantiles, read_assumptions

if TYPE_CHECKING:
    from params.axes import FloatArray

SHOWN: Final = 3
"""Points that a message names before it says how many more there are."""


@dataclass(frozen=True)
class Setting:
    """What a point sets one key to."""

    key: str
    value: object
    shown: object
    """What tables call it: a number, a text, true or false."""


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

    def problems(self) -> list[Problem]:
        """Return every mistake, with its first points."""
        said = []
        for problem, points in self.found.items():
            where, more = problem.where, len(points) - SHOWN
            if points:
                named = ", ".join(map(str, points[:SHOWN])) + (f" … +{more}" if more > 0 else "")
                where += f" (point 设计点 {named})"
            said.append(Problem(where, problem.found, problem.allowed, problem.advice))
        return said


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
    design: Design, path: Path, city: City, bases: Mapping[str, Layers]
) -> tuple[Point, ...]:
    """Return every point of a design, checked: bases outermost, sampled points innermost.

    Parameters
    ----------
    bases : the tables of each base scenario.

    Raises
    ------
    ParamError
        With the mistakes of all points at once; one that several points share is said once.
    """
    mistakes = Mistakes()
    listed = [_settings_of(group) for group in axis_groups(design.axes)]
    cells = _cells(design, path, city, mistakes)
    cities: dict[tuple[tuple[Cell, object], ...], City] = {(): city}
    points: list[Point] = []
    number = 0
    for base, layers in bases.items():
        sampled = _sampled(design.sample, path, layers, city, mistakes)
        for combination in product(*listed, sampled):
            settings = tuple(one for part in combination for one in part)
            try:
                loaded = _scenario(settings, path, layers, _city(settings, cells, cities))
            except ParamError as error:
                mistakes.add(error.problems, number if settings else None)
            else:
                points.append(Point(number, base, settings, loaded))
            number += 1
    if mistakes.found:
        raise ParamError(mistakes.problems())
    return tuple(points)


def _settings_of(group: Sequence[Axis]) -> list[tuple[Setting, ...]]:
    """Return what each step of axes that move together sets."""
    columns = []
    for axis in group:
        values = axis.values or [_in_type(axis.key, value) for value in axis.listed]
        shown = axis.labels or [_shown(value) for value in values]
        columns.append([Setting(axis.key, *pair) for pair in zip(values, shown, strict=True)])
    return list(zip(*columns, strict=True))


def _in_type(key: str, value: float) -> float:
    """Round a number of a range to what its key takes."""
    return round(value) if is_whole(key) else value


def _shown(value: object) -> object:
    if isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _sampled(
    sample: Sample | None, path: Path, layers: Layers, city: City, mistakes: Mistakes
) -> list[tuple[Setting, ...]]:
    """Return what each sampled point sets; one point that sets nothing where nothing is sampled."""
    if sample is None:
        return [()]
    held = _assumptions(layers, city)
    turned: list[tuple[str, Callable[[float], float]]] = []
    for k, axis in enumerate(sample.axes):
        own = held.get(axis.key.removeprefix(f"{ASSUMPTIONS}."))
        if axis.low is not None and axis.high is not None:
            turned.append((axis.key, _between(axis.low, axis.high, axis.scale == "log")))
        elif own is not None and own.low < own.high:
            turned.append((axis.key, _by_quantile(own)))
        else:
            found = f"{axis.key} has no distribution of its own 没有自身分布"
            mistakes.add([Problem(f"{path}: sample.axes[{k}]", found, "low and high")])
    if len(turned) < len(sample.axes):
        return []
    settings = []
    for row in unit_points(sample):
        values = [
            (key, _in_type(key, float(f"{turn(u):.12g}")))
            for u, (key, turn) in zip(row.tolist(), turned, strict=True)
        ]
        settings.append(tuple(Setting(key, value, value) for key, value in values))
    return settings


def unit_points(sample: Sample) -> "FloatArray":
    """Return points in the unit cube, shape (point, axis)."""
    import numpy as np
    from scipy.stats import qmc

    dimensions = len(sample.axes)
    with warnings.catch_warnings():
        # Other numbers than powers of 2 are less even, which the schema says.
        warnings.simplefilter("ignore", UserWarning)
        kind = qmc.Sobol if sample.method == "sobol" else qmc.LatinHypercube
        spread = kind(dimensions, rng=sample.seed).random(sample.points)
    tiny = 2.0**-53  # quantiles of 0 and 1 may be infinite
    return np.asarray(np.clip(spread, tiny, 1 - tiny))


def _between(low: float, high: float, log: bool) -> Callable[[float], float]:
    """Return what turns a number of (0, 1) into one between two ends."""
    if log:
        return lambda u: low * (high / low) ** u
    return lambda u: low + (high - low) * u


def _by_quantile(own: Assumption) -> Callable[[float], float]:
    """Return what turns a number of (0, 1) into a value of an assumption's distribution."""
    import numpy as np

    return lambda u: float(quantiles(own, np.array([u]))[0])


def _assumptions(layers: Layers, city: City) -> Mapping[str, Assumption]:
    """Return the assumptions of a base scenario; of one with mistakes the city's own."""
    known = read_assumptions(city.assumptions)
    try:
        return apply_changes(known, scenario_of(layers, city).scenario.assumptions)
    except ParamError:
        return known


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
                    replace(p, where=f"{path}: {where}.key {p.where}") for p in error.problems
                )
    return cells


def _city(
    settings: Sequence[Setting],
    cells: Mapping[str, Cell],
    cities: dict[tuple[tuple[Cell, object], ...], City],
) -> City:
    """Return the city of a point, with a copy of its folder where cells are varied."""
    changed = tuple((cells[s.key], s.value) for s in settings if s.key in cells)
    if changed not in cities:
        cities[changed] = with_cells(cities[()], dict(changed))
    return cities[changed]


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
    names = {"name": layers.values.get("name", layers.files[0].stem)}
    names |= {k: layers.values[k] for k in ("title_zh", "title_en") if k in layers.values}
    stated = Layers(own | names, dict.fromkeys((*leaves(own), *names), path), (path,))
    try:
        loaded = scenario_of(laid_over(layers, stated), city)
    except ParamError as error:
        problems += error.problems
    if problems:
        raise ParamError(problems)
    return loaded


def _group_fault(setting: Setting, path: Path, city: City) -> list[Problem]:
    """Refuse to hold one share of a group that is drawn together."""
    known = read_assumptions(city.assumptions)
    name = setting.key.removeprefix(f"{ASSUMPTIONS}.")
    pinned = is_pinned(setting.key, setting.value)
    if not pinned or name not in known or known[name].concentration is None:
        return []
    found = "is drawn together with the other shares of its group 与同组份额一并抽样"
    return [Problem(f"{path}: {setting.key}", found, "another assumption 其他假定")]


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
