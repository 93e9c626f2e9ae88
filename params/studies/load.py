"""Read a sweep's design, and say all its mistakes at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from params.city import City, read_city
from params.errors import ParamError, Problem, nearest, span
from params.files.positions import where as place_of
from params.files.toml_file import read_as_far, read_toml, shown
from params.language import said
from params.names import kinds_of_resource, meant, resource_id
from params.scenario.identity import UNREAD
from params.scenario.layers import Layers, find_scenario, read_layers
from params.scenario.load import NETWORK_KEY
from params.scenario.places import district_names
from params.studies.design import Design
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
    twin: tuple[str, ...]
    """Those, by year or month, that the deterministic twin knows."""

    def of(self, design: Design) -> tuple[str, ...]:
        """Return what a design may name."""
        known = self.yearly if design.keep.by == "year" else self.monthly
        return known if design.engine == "simulation" else tuple(m for m in known if m in self.twin)

    def usual(self, design: Design) -> tuple[str, ...]:
        """Return what is kept where a design names nothing."""
        is_usual = design.engine == "simulation" and design.keep.by == "year"
        return self.main if is_usual else self.of(design)


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
        return path if any(key in read_as_far(path)[0] for key in MARKS) else None
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
        found_ = said("holds no design: nothing is varied", "不是扫描设计，没有变动的键")
        advice = said("`yanglao run` takes scenarios", "情景请用 yanglao run")
        raise ParamError(Problem(str(path), found_, ", ".join(MARKS), advice))
    ready = list_designs(city)
    advice = nearest(str(name_or_path), ready) or said(
        "a file of your own is named with .toml", "自己的文件请写出 .toml"
    )
    name, names = shown(path), ", ".join(ready)
    unknown = said(f"unknown design {name!r}", f"没有这个设计 {name!r}")
    allowed = said(f"{names}, or a path", f"{names}，或文件路径")
    raise ParamError(Problem(name, unknown, allowed, advice))


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
    problems += _keep_faults(own, path, measures, city)
    jobs = number_of_points(own) * jobs_a_point(own)
    if jobs > max_jobs:
        advice = said(
            "make it smaller, or allow more with --max-jobs", "减少任务，或用 --max-jobs 放宽"
        )
        n, each = number_of_points(own), jobs_a_point(own)
        found = said(
            f"{jobs:,} jobs: {n:,} points x {each:,}", f"{jobs:,} 个任务：{n:,} 个设计点 x {each:,}"
        )
        allowed = said(f"at most {max_jobs:,}", f"至多 {max_jobs:,}")
        problems.append(Problem(str(path), found, allowed, advice))
    elif bases and not axis_faults:
        try:
            points = lay_out(own, path, city, bases, whole)
        except ParamError as error:
            problems += error.problems
    if problems:
        raise ParamError(problems)
    return LoadedDesign(path, city, own, points, own.keep.measures or measures.usual(own))


def _bases(
    names: tuple[str, ...], path: Path, city: City, problems: list[Problem]
) -> Mapping[str, Layers]:
    """Read the base scenarios by their names; mistakes go to `problems`."""
    found: dict[str, Layers] = {}
    for k, named in enumerate(names):
        where = place_of(path, f"base[{k}]" if len(names) > 1 else "base")
        try:
            layers = read_layers(find_scenario(named, path.parent, city), city)
        except ParamError as error:
            problems += [replace(p, where=f"{where}: {p.where}") for p in error.problems]
            continue
        name = called(layers)
        if name in found:
            found_ = said(f"{name!r} again", f"{name!r} 重复")
            problems.append(Problem(where, found_, said("each scenario once", "每个情景一次")))
        elif NETWORK_KEY in layers.values:
            what = said(
                "brings its own network, which no sweep takes yet", "自带网络，暂不支持批量扫描"
            )
            problems.append(Problem(where, what, said("scenarios of a city", "城市情景")))
        found[name] = layers
    return found


def _axis_faults(design: Design, path: Path) -> list[Problem]:
    problems, seen = [], set()
    named = [(f"axes[{k}]", axis.key) for k, axis in enumerate(design.axes)]
    if design.sample:
        named += [(f"sample.axes[{k}]", axis.key) for k, axis in enumerate(design.sample.axes)]
    for where, key in named:
        if key in seen:
            found = said(f"{key} again", f"{key} 重复")
            allowed = said("each key once", "每个键一次")
            problems.append(Problem(place_of(path, f"{where}.key"), found, allowed))
        seen.add(key)
        holders = [one for one in seen if one != key and (_is_in(key, one) or _is_in(one, key))]
        for one in holders:
            both = said(
                f"{key} and {one}: one is a part of the other",
                f"{key} 与 {one}：一个是另一个的一部分",
            )
            allowed = said("each value set once", "每个值只设一次")
            problems.append(Problem(place_of(path, f"{where}.key"), both, allowed))
        if key.partition(".")[0] in NO_NUMBERS:
            advice = said("use base = [...]", "请用 base = [...]") if key == "extends" else ""
            found = said(f"{key} moves no number", f"{key} 不影响结果")
            allowed = said("a key of numbers", "影响数值的键")
            problems.append(Problem(place_of(path, f"{where}.key"), found, allowed, advice))
    for group in axis_groups(design.axes):
        lengths = {axis.key: len(axis.listed) for axis in group}
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{key}: {n}" for key, n in lengths.items())
            allowed = said("as many values in each axis of one zip", "同步的轴取值个数须相同")
            problems.append(Problem(f"{path}: zip = {group[0].zip!r}", found, allowed))
    return problems


def _is_in(key: str, other: str) -> bool:
    """Say whether a key names a part of what another names."""
    return key.startswith((f"{other}.", f"{other}["))


def _keep_faults(design: Design, path: Path, measures: Measures, city: City) -> list[Problem]:
    keep = design.keep
    areas = (*GROUPS, *city.zones, *district_names(city))
    resources = tuple(kinds_of_resource())
    years = tuple(range(city.first_year, city.last_year + 1))
    checks: tuple[tuple[str, tuple[Any, ...], tuple[Any, ...]], ...] = (
        ("measures", keep.measures, measures.of(design)),
        ("resources", tuple(resource_id(name) for name in keep.resources), resources),
        ("areas", keep.areas, areas),
        ("years", keep.years, years),
    )
    problems = []
    for name, given, known in checks:
        for one in given:
            if one not in known:
                allowed = span(known[0], known[-1]) if name == "years" else ", ".join(known)
                near = "" if name == "years" else meant(str(one), known) or nearest(str(one), known)
                found = said(f"unknown: {one!r}", f"未知：{one!r}")
                problems.append(Problem(place_of(path, f"keep.{name}"), found, allowed, near))
    if not keep.areas:
        found = said("nothing is kept", "什么都不保留")
        problems.append(Problem(place_of(path, "keep.areas"), found, ", ".join(GROUPS)))
    return problems
