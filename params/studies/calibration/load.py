"""Read the file of a calibration with its table of targets, and say all mistakes at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import relpath
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from params.axes import FloatArray
from params.city import City
from params.errors import ParamError, Problem, nearest
from params.files.positions import where as place_of
from params.files.toml_file import read_toml
from params.inputs import assumptions_of, turned_on
from params.language import said
from params.names import TOTALS
from params.scenario.layers import Layers, find_scenario, leaves, list_scenarios, read_layers
from params.scenario.load import name_of, scenario_of
from params.scenario.mistakes import field_faults, problem
from params.scenario.model import LoadedScenario
from params.scenario.rows_file import named_file, numbers, read_rows, whole, with_table, words
from params.scenario.unused import unused
from params.studies.calibration.checks import (
    PARAMETERS,
    TARGETS,
    Known,
    parameter_faults,
    resources_of,
    target_faults,
)
from params.studies.calibration.file import DEFAULT_NAME, Calibration, Target
from params.studies.calibration.published import FILE, published_targets
from params.studies.keys import ASSUMPTIONS
from params.tables.assumptions import Assumption, quantiles
from params.tables.resource_tables import read_resources

COLUMNS: Final = {
    "measure": words(is_needed=True),
    "resource": words(),
    "area": words(),
    "year": whole(is_needed=True),
    "value": numbers(is_needed=True),
    "error": numbers(is_needed=True),
    "discrepancy": numbers(),
    "source": words(),
    "note": words(),
}
HEADERS: Final = {
    "指标": "measure",
    "资源": "resource",
    "服务资源": "resource",
    "区域": "area",
    "区": "area",
    "地区": "area",
    "年份": "year",
    "年": "year",
    "数值": "value",
    "实测值": "value",
    "值": "value",
    "误差": "error",
    "标准误": "error",
    "模型偏差": "discrepancy",
    "出处": "source",
    "备注": "note",
}
"""Chinese headers of the table of targets."""
SPREAD: Final = "spread"
"""Group of assumptions that say how uncertain a forecast is: they move nothing that is expected."""


@dataclass(frozen=True)
class Parameter:
    """A free assumption with its prior distribution."""

    assumption: Assumption
    """With the ends and the shape that hold here."""

    @property
    def name(self) -> str:
        """Name of the assumption."""
        return self.assumption.name

    def values(self, unit: FloatArray) -> FloatArray:
        """Turn numbers of (0, 1) into values: the prior's quantiles, twelve digits of them."""
        found = quantiles(self.assumption, unit)
        return np.array([float(f"{value:.12g}") for value in found.ravel()]).reshape(found.shape)


@dataclass(frozen=True)
class LoadedCalibration:
    """A calibration whose targets and parameters are known to be whole."""

    path: Path | None
    """Its file; none of the default one."""
    city: City
    own: Calibration
    base: LoadedScenario
    base_file: Path | None
    """Where the base lies; none of a ready one."""
    targets: tuple[Target, ...]
    is_held: tuple[bool, ...]
    """Whether a target is only compared afterwards."""
    parameters: tuple[Parameter, ...]
    is_chosen: bool
    """Whether parameters were named; if not, those that move the targets are found."""

    def base_from(self, folder: Path) -> str:
        """Name the base scenario as a design in a folder does."""
        if self.base_file is None:
            return self.own.base
        return Path(relpath(self.base_file.resolve(), folder.resolve())).as_posix()

    def discrepancy(self, target: Target) -> float:
        """Return by how much the model misses a target with the right assumptions."""
        given = target.discrepancy
        return self.own.discrepancy * abs(target.value) if given is None else given


def calibration_schema() -> dict[str, Any]:
    """Describe calibrations for editors, as JSON schema."""
    schema = Calibration.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # the name is filled in from the file's
    for key in (TARGETS, PARAMETERS):
        described = schema["properties"][key]
        items = {name: described.pop(name) for name in ("type", "items") if name in described}
        names = {"type": "array", "items": {"type": "string"}}
        described["anyOf"] = [items, {"type": "string"} if key == TARGETS else names]
    return schema


def load_calibration(
    path: Path | None, known: Known, city: City, leave_out: Sequence[str] = ()
) -> LoadedCalibration:
    """Read a calibration, or make the default one of a city.

    Parameters
    ----------
    path : None: what is published of the city up to its base year, and all assumptions.
    leave_out : more targets that are only compared, as `leave_out` of the file.

    Raises
    ------
    ParamError
        With all mistakes at once: of the file, of its tables, of its base.
    """
    layers = _layers(path)
    own, problems = _checked(layers, city)
    base, base_file = _base(layers, path, city, problems)
    held = _held_assumptions(base, city)
    faults = list(parameter_faults(layers.values, held, base.scenario if base else None))
    if base is not None:
        on, years = _reported(base, city), _years(base, city)
        faults += target_faults(layers.values, known, years, on)
    seen = {p.where for p in problems}
    problems += [p for p in (problem(layers, fault) for fault in faults) if p.where not in seen]
    if problems or own is None or base is None:
        raise ParamError(problems)
    named = replace_leave_out(own, leave_out)
    targets, is_held = _targets(named, city, path)
    found = LoadedCalibration(
        path,
        city,
        named,
        base,
        base_file,
        targets,
        is_held,
        _free(named, held, base),
        bool(own.parameters),
    )
    return with_left_out(found)


def replace_leave_out(own: Calibration, more: Sequence[str]) -> Calibration:
    """Return a calibration that leaves more out."""
    every = tuple(dict.fromkeys((*own.leave_out, *more)))
    return own.model_copy(update={"leave_out": every})


def with_left_out(loaded: LoadedCalibration) -> LoadedCalibration:
    """Mark the targets that are left out.

    Raises
    ------
    ParamError
        Naming what fits no target; or if none is left.
    """
    targets, own = loaded.targets, loaded.own
    where = str(loaded.path or loaded.own.name)
    marks = [labels_of(target) for target in targets]
    every = sorted(set().union(*marks))
    problems = [
        Problem(
            f"{where}: leave_out",
            said(f"no target of {one!r}", f"没有 {one!r} 的实测数"),
            ", ".join(every),
            nearest(one, every),
        )
        for one in own.leave_out
        if one not in every
    ]
    is_held = tuple(
        held or not labels.isdisjoint(own.leave_out)
        for held, labels in zip(loaded.is_held, marks, strict=True)
    )
    if not problems and all(is_held):
        found = said("no target is left", "没有可用的实测数")
        advice = said("give targets, or leave fewer out", "请给出 targets，或少留一些")
        problems.append(Problem(where, found, said("one or more", "至少一项"), advice))
    if problems:
        raise ParamError(problems)
    return replace(loaded, is_held=is_held)


def labels_of(target: Target) -> set[str]:
    """Return the words by which a target can be left out: its year, area, resources and measure."""
    return {str(target.year), target.area, target.measure, *resources_of(target.resource)}


def _layers(path: Path | None) -> Layers:
    """Read the file and the table that it names; names of parameters become rows."""
    if path is None:
        return Layers({"name": DEFAULT_NAME}, {}, (Path(DEFAULT_NAME),))
    values = {"name": name_of(path, DEFAULT_NAME)} | read_toml(path)
    listed = values.get(PARAMETERS)
    if isinstance(listed, list):
        values[PARAMETERS] = [{"name": one} if isinstance(one, str) else one for one in listed]
    layers = Layers(values, dict.fromkeys(leaves(values), path), (path,))
    table = named_file(layers, TARGETS)
    return (
        layers if table is None else with_table(layers, TARGETS, read_rows(table, COLUMNS, HEADERS))
    )


def _checked(layers: Layers, city: City) -> tuple[Calibration | None, list[Problem]]:
    try:
        return Calibration.model_validate(layers.values, context=city), []
    except ValidationError as error:
        return None, [problem(layers, fault) for fault in field_faults(error, Calibration)]


def _base(
    layers: Layers, path: Path | None, city: City, problems: list[Problem]
) -> tuple[LoadedScenario | None, Path | None]:
    """Read the base scenario; mistakes go to `problems`."""
    named = layers.values.get("base", "baseline")
    if not isinstance(named, str):
        return None, None
    folder = path.parent if path else None
    try:
        file = find_scenario(named, folder, city)
        loaded = scenario_of(read_layers(file, city), city)
    except ParamError as error:
        where = place_of(path, "base") if path else "base"
        problems += [replace(p, where=f"{where}: {p.where}") for p in error.problems]
        return None, None
    return loaded, None if named in list_scenarios(city) else file


def _held_assumptions(base: LoadedScenario | None, city: City) -> Mapping[str, Assumption]:
    if base is not None:
        return assumptions_of(city, base.scenario)
    from params.tables.assumptions import read_assumptions

    return read_assumptions(city.assumptions)


def _reported(base: LoadedScenario, city: City) -> tuple[str, ...]:
    resources = read_resources(city.tables).with_on(
        turned_on(base.scenario), assumptions_of(city, base.scenario)
    )
    return tuple(dict.fromkeys((*resources.reported, *TOTALS)))


def _years(base: LoadedScenario, city: City) -> range:
    day = base.scenario.start.date
    return range(city.first_year if day is None else day.year + 1, city.last_year + 1)


def _targets(
    own: Calibration, city: City, path: Path | None
) -> tuple[tuple[Target, ...], tuple[bool, ...]]:
    """Return the targets of a file, or those that are published of its city."""
    if own.targets:
        return own.targets, (False,) * len(own.targets)
    published = published_targets(city)
    if not published:
        found = said(f"{city.name} has no {FILE}", f"{city.name} 没有 {FILE}")
        allowed = said("targets of your own", "自己的实测数 targets")
        raise ParamError(Problem(str(path or own.name), found, allowed))
    return tuple(p.target for p in published), tuple(p.is_held for p in published)


def _free(
    own: Calibration, held: Mapping[str, Assumption], base: LoadedScenario
) -> tuple[Parameter, ...]:
    """Return the free parameters: those named, or all that are assumed and have a range."""
    if own.parameters:
        return tuple(_parameter(held[p.name], p.low, p.high) for p in own.parameters)
    return tuple(_parameter(held[name]) for name in _candidates(held, base))


def _candidates(held: Mapping[str, Assumption], base: LoadedScenario) -> Iterator[str]:
    idle = {one.key for one in unused(base.scenario.model_dump())}
    for name, a in held.items():
        is_single = a.concentration is None and not a.rows and a.low < a.high
        is_read = f"{ASSUMPTIONS}.{name}" not in idle and a.group != SPREAD
        if a.status == "assumed" and is_single and is_read:
            yield name


def _parameter(own: Assumption, low: float | None = None, high: float | None = None) -> Parameter:
    """Return a parameter with its prior; even between ends that are given, or where it is not drawn."""
    if low is not None and high is not None:
        middle = min(max(own.value, low), high)
        return Parameter(
            replace(own, value=middle, low=low, high=high, distribution="uniform", rows=())
        )
    if own.distribution == "fixed":
        return Parameter(replace(own, distribution="uniform"))
    return Parameter(replace(own, rows=()))
