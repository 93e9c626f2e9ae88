"""Read a sweep's design, and say all its mistakes at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from params.city import City, read_city
from params.errors import ParamError, Problem, nearest
from params.names import kinds_of_resource, meant, resource_id
from params.scenario.identity import UNREAD
from params.scenario.layers import Layers, find_scenario, read_layers
from params.scenario.load import NETWORK_KEY
from params.scenario.places import district_names
from params.scenario.toml_file import read_toml
from params.studies.design import Design, Keep
from params.studies.points import Point, axis_groups, called, lay_out, number_of_points
from params.studies.read import read_partly

MARKS: Final = ("axes", "sample", "base", "replications", "keep", "draws")
"""Keys of a design that no scenario has."""
NO_NUMBERS: Final = (*UNREAD, "extends")
"""Keys of a scenario that no design may vary."""
GROUPS: Final = ("city", "zones", "districts")
MAX_JOBS: Final = 100_000
"""Jobs that a sweep may have where nobody says otherwise."""


@dataclass(frozen=True)
class Measures:
    """Which figures there are to keep; whoever makes them knows."""

    yearly: tuple[str, ...]
    monthly: tuple[str, ...]
    main: tuple[str, ...]
    """Those by year that are kept where a design names none."""

    def of(self, keep: Keep) -> tuple[str, ...]:
        """Return what a design may name."""
        return self.yearly if keep.by == "year" else self.monthly


@dataclass(frozen=True)
class LoadedDesign:
    """A design with its points laid out, all checked."""

    path: Path
    city: City
    design: Design
    points: tuple[Point, ...]
    measures: tuple[str, ...]
    """What is kept of every replication."""

    @property
    def jobs(self) -> int:
        """How many replications there are in all."""
        return len(self.points) * jobs_a_point(self.design)


def jobs_a_point(design: Design) -> int:
    """Return how many replications each point has."""
    return design.replications * (design.draws or 1)


def design_schema() -> dict[str, Any]:
    """Describe designs for editors, as JSON schema."""
    schema = Design.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # the name is filled in from the file's
    name = {"type": "string"}
    schema["properties"]["base"]["anyOf"] = [name, {"type": "array", "items": name, "minItems": 1}]
    for key in ("type", "items", "minItems"):
        schema["properties"]["base"].pop(key, None)
    return schema


def list_designs(city: City | None = None) -> tuple[str, ...]:
    """Names of a city's ready designs; those of the packaged city by default."""
    return tuple(sorted(path.stem for path in (city or read_city()).designs.glob("*.toml")))


def find_design(name_or_path: str | Path, city: City) -> Path | None:
    """Find the file of a design by the name of a ready one or by path; none: it is no design."""
    ready = city.designs / f"{name_or_path}.toml"
    if ready.is_file() and "/" not in str(name_or_path):
        return ready
    path = Path(name_or_path)
    if path.suffix != ".toml" or not path.is_file():
        return None
    try:
        return path if any(key in read_toml(path) for key in MARKS) else None
    except ParamError:
        return None


def design_file(name_or_path: str | Path, city: City) -> Path:
    """Return the file that a sweep is asked to run.

    Raises
    ------
    ParamError
        If it is a scenario, or there is none of that name.
    """
    found = find_design(name_or_path, city)
    if found is not None:
        return found
    path = Path(name_or_path)
    if path.suffix == ".toml":
        read_toml(path)  # says what keeps it from being read
        found_ = "holds no design: nothing is varied 不是扫描设计"
        allowed = ", ".join(MARKS)
        raise ParamError(Problem(str(path), found_, allowed, "`yanglao run` takes scenarios"))
    ready = list_designs(city)
    advice = (
        nearest(str(name_or_path), ready)
        or "a file of your own is named with .toml 自己的文件请写出 .toml"
    )
    unknown = f"unknown design {str(name_or_path)!r} 没有这个设计"
    raise ParamError(Problem(str(name_or_path), unknown, f"{', '.join(ready)}, or a path", advice))


def load_design(
    path: Path, measures: Measures, city: City | None = None, max_jobs: int = MAX_JOBS
) -> LoadedDesign:
    """Read a design, lay out its points and check every one.

    Raises
    ------
    ParamError
        With all mistakes at once: of the file, of its bases, of every point.
    """
    city = city or read_city()
    own, problems = read_partly(path)
    if own is None:
        raise ParamError(problems)
    whole = not problems
    bases = _bases(own.base, path, city, problems)
    axis_faults = _axis_faults(own, path)
    problems += axis_faults
    problems += _keep_faults(own.keep, path, measures, city)
    jobs = number_of_points(own) * jobs_a_point(own)
    if jobs > max_jobs:
        advice = "make it smaller, or allow more with --max-jobs 减少任务,或用 --max-jobs 放宽"
        found = f"{jobs:,} jobs 个任务: {number_of_points(own):,} points x {jobs_a_point(own):,}"
        problems.append(Problem(str(path), found, f"at most {max_jobs:,}", advice))
    elif bases and not axis_faults:
        try:
            points = lay_out(own, path, city, bases, whole)
        except ParamError as error:
            problems += error.problems
    if problems:
        raise ParamError(problems)
    kept = own.keep.measures or (measures.main if own.keep.by == "year" else measures.monthly)
    return LoadedDesign(path, city, own, points, kept)


def _bases(
    names: tuple[str, ...], path: Path, city: City, problems: list[Problem]
) -> Mapping[str, Layers]:
    """Read the base scenarios by their names; mistakes go to `problems`."""
    found: dict[str, Layers] = {}
    for k, named in enumerate(names):
        where = f"{path}: base" + (f"[{k}]" if len(names) > 1 else "")
        try:
            layers = read_layers(find_scenario(named, path.parent, city), city)
        except ParamError as error:
            problems += [replace(p, where=f"{where}: {p.where}") for p in error.problems]
            continue
        name = called(layers)
        if name in found:
            problems.append(Problem(where, f"{name!r} again 重复", "each scenario once"))
        elif NETWORK_KEY in layers.values:
            what = "brings its own network, which no sweep takes yet 自带网络,暂不支持批量扫描"
            problems.append(Problem(where, what, "scenarios of a city 城市情景"))
        found[name] = layers
    return found


def _axis_faults(design: Design, path: Path) -> list[Problem]:
    problems, seen = [], set()
    named = [(f"axes[{k}]", axis.key) for k, axis in enumerate(design.axes)]
    if design.sample:
        named += [(f"sample.axes[{k}]", axis.key) for k, axis in enumerate(design.sample.axes)]
    for where, key in named:
        if key in seen:
            problems.append(Problem(f"{path}: {where}.key", f"{key} again 重复", "each key once"))
        seen.add(key)
        holders = [one for one in seen if one != key and (_is_in(key, one) or _is_in(one, key))]
        for one in holders:
            both = f"{key} and {one}: one is a part of the other 一个是另一个的一部分"
            problems.append(Problem(f"{path}: {where}.key", both, "each value set once"))
        if key.partition(".")[0] in NO_NUMBERS:
            advice = "use base = [...] 请用 base" if key == "extends" else ""
            found = f"{key} moves no number 不影响结果"
            problems.append(Problem(f"{path}: {where}.key", found, "a key of numbers", advice))
    for group in axis_groups(design.axes):
        lengths = {axis.key: len(axis.listed) for axis in group}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{key}: {n}" for key, n in lengths.items())
            allowed = "as many values in each axis of one zip 同步的轴取值个数须相同"
            problems.append(Problem(f"{path}: zip = {group[0].zip!r}", found, allowed))
    return problems


def _is_in(key: str, other: str) -> bool:
    """Say whether a key names a part of what another names."""
    return key.startswith((f"{other}.", f"{other}["))


def _keep_faults(keep: Keep, path: Path, measures: Measures, city: City) -> list[Problem]:
    areas = (*GROUPS, *city.zones, *district_names(city))
    resources = tuple(kinds_of_resource())
    years = tuple(range(city.first_year, city.last_year + 1))
    checks: tuple[tuple[str, tuple[Any, ...], tuple[Any, ...]], ...] = (
        ("measures", keep.measures, measures.of(keep)),
        ("resources", tuple(resource_id(name) for name in keep.resources), resources),
        ("areas", keep.areas, areas),
        ("years", keep.years, years),
    )
    problems = []
    for name, given, known in checks:
        for one in given:
            if one not in known:
                said = f"{known[0]} to {known[-1]}" if name == "years" else ", ".join(known)
                near = "" if name == "years" else meant(str(one), known) or nearest(str(one), known)
                problems.append(
                    Problem(f"{path}: keep.{name}", f"unknown 未知: {one!r}", said, near)
                )
    if not keep.areas:
        problems.append(Problem(f"{path}: keep.areas", "nothing is kept", ", ".join(GROUPS)))
    return problems
