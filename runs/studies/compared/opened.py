"""Open what shall be compared, name it, and refuse what cannot be compared, all of it at once."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from params.city import City
from params.errors import ParamError, Problem
from params.language import said
from runs.jobs.sweep_folder import MARK as SWEEP_MARK
from runs.studies.compared.run import open_run
from runs.studies.compared.source import Compared
from runs.studies.compared.sweep import open_points

POINT: Final = re.compile(r"(?P<folder>.+):(?P<number>\d+)")
"""A point of a sweep as users name it."""


def opened(places: Sequence[str | Path], city: City) -> list[Compared]:
    """Open everything and refuse what cannot be compared with the first, all of it at once."""
    faults: list[Problem] = []
    found: list[Compared] = []
    for place in places:
        try:
            found += _sources(place, city)
        except ParamError as error:
            faults += error.problems
    named = Counter(Path(one.place).resolve() for one in found)
    faults += [
        Problem(str(p), said("stands twice in the list", "重复列出"))
        for p, n in named.items()
        if n > 1
    ]
    faults += [fault for one in found for fault in _other_city(one, city)]
    readable = [one for one in found if one.city == city.name and _can_be_read(one, faults)]
    faults += [fault for other in readable[1:] for fault in unpaired(readable[0], other)]
    if not faults and len(found) < 2:
        n = len(found)
        known = said(
            "folders of runs or sweeps, or points SWEEP:3", "运行或扫描的文件夹，或设计点 SWEEP:3"
        )
        few = said(f"{n} given, needs two or more", f"给出 {n} 个，至少需要两个")
        faults.append(Problem("compare", few, known))
    if faults:
        raise ParamError(faults)
    return found


def _sources(place: str | Path, city: City) -> Sequence[Compared]:
    """Open a run, a point of a sweep or all its points."""
    folder, number = Path(place), None
    found = POINT.fullmatch(str(place))
    if found and not folder.exists():
        folder, number = Path(found["folder"]), int(found["number"])
    if (folder / SWEEP_MARK).exists():
        return open_points(folder, number, city)
    return [open_run(Path(place), city)]


def _other_city(one: Compared, city: City) -> Iterable[Problem]:
    """Say that something is of another city."""
    if one.city != city.name:
        yield Problem(
            one.place,
            said(f"is of the city {one.city!r}", f"属于城市 {one.city!r}"),
            said(f"one of {city.name!r}", f"城市 {city.name!r} 的运行"),
            said("name the city's folder with --city", "请用 --city 指出城市文件夹"),
        )


def _can_be_read(one: Compared, faults: list[Problem]) -> bool:
    """Try what its first replication says, and note why it does not."""
    try:
        return bool(one.conditions and one.cells.years)
    except ParamError as error:
        faults += error.problems
        return False


def unpaired(first: Compared, other: Compared) -> list[Problem]:
    """Say how the conditions of two differ, so that their replications share no lives."""
    wanted, found = first.conditions, other.conditions
    differs = [name for name in found if wanted.get(name, found[name]) != found[name]]
    if not differs:
        return []
    return [
        Problem(
            other.place,
            said(f"is no pair of {first.place}: ", f"与 {first.place} 不能配对：")
            + ", ".join(
                f"{name} {found[name]} "
                + said(f"(there {wanted[name]})", f"（彼处 {wanted[name]}）")
                for name in differs
            ),
            said(
                "one seed, parameter setting, horizon, and version of tables, code and libraries",
                "同一种子、参数设置、年限、数据表、代码和库版本",
            ),
            said(
                "run both again alike; only then are replications paired",
                "请以相同设置重新运行两者，才能配对",
            ),
        )
    ]


def names_of(sources: Sequence[Compared]) -> list[str]:
    """Name scenarios; those of one name by their folders, and if need be by where these lie."""
    names = [one.scenario for one in sources]
    for kind in ("short_place", "place"):
        count = Counter(names)
        names = [
            getattr(one, kind) if count[name] > 1 else name
            for one, name in zip(sources, names, strict=True)
        ]
    return names
