"""Understand what an attribution is asked: of one scenario or two, between which years, shown where."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from params.axes import CITY
from params.city import City
from params.errors import ParamError, Problem, either, nearest, span
from params.inputs import load_inputs
from params.language import said
from params.names import meant, resource_id
from params.network.load import load_any
from params.network.model import LoadedNetwork
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario
from params.seed import DEFAULT_SEED
from params.tables.districts import read_districts
from runs.tables.met import resources_of
from runs.texts.attribution import Told

TWIN: Final = "twin"
SIMULATION: Final = "simulation"


@dataclass(frozen=True)
class Wanted:
    """What a user has said; None where nothing was.

    Attributes
    ----------
    first, year : the two years of one scenario; of two scenarios only the year that is compared.
    area, resource : shown and drawn.
    check : whether differences are held against simulation.
    """

    first: int | None = None
    year: int | None = None
    area: str | None = None
    resource: str | None = None
    engine: str = TWIN
    check: bool = True
    replications: int = 8
    seed: int = DEFAULT_SEED


@dataclass(frozen=True)
class Question:
    """An attribution that can be made."""

    scenario: LoadedScenario
    other: LoadedScenario | None
    """The second of two scenarios."""
    first: int
    year: int
    """The later year, or the one in which two scenarios are compared; `first` is the same then."""
    area: tuple[str, str]
    """Kind and name."""
    resource: str | None
    wanted: Wanted

    @property
    def told(self) -> Told:
        """What texts and figures must know of it."""
        other = "" if self.other is None else self.other.scenario.name
        name = self.scenario.scenario.name
        return Told(name, other, self.first, self.year, self.area, self.resource)

    @property
    def folder(self) -> str:
        """Name of the folder with what is found."""
        names = [one.scenario.name for one in (self.scenario, self.other) if one is not None]
        return "-".join(["why", *names])


def question_of(
    scenario: str | Path | LoadedScenario,
    other: str | Path | LoadedScenario | None,
    wanted: Wanted,
    city: City,
) -> Question:
    """Read the scenarios and check everything that is asked.

    Raises
    ------
    ParamError
        With all mistakes at once.
    """
    problems: list[Problem] = []
    if isinstance(scenario, LoadedScenario):
        city = scenario.city
    first = _city_scenario(scenario, city, problems)
    second = None if other is None else _city_scenario(other, city, problems)
    if first is None or (other is not None and second is None):
        raise ParamError(problems)
    if second is not None and identity(first) == identity(second):
        problems.append(
            Problem(
                f"{first.scenario.name}, {second.scenario.name}",
                said("the same values", "取值相同"),
                said("two scenarios that differ", "两个取值不同的情景"),
                said(
                    "name one scenario alone to split its change over the years",
                    "只写一个情景，即可分解其历年变化",
                ),
            )
        )
    years = _years(first, second, wanted, problems)
    area = _area(wanted.area, first.city, problems)
    resource = _resource(wanted.resource, first, problems)
    if wanted.engine == SIMULATION and second is None:
        problems.append(
            Problem(
                "--engine",
                said("the years of one scenario by simulation", "单一情景的历年变化不能用模拟分解"),
                "twin",
                said("name two scenarios, or leave it out", "请写两个情景，或不写此项"),
            )
        )
    if problems:
        raise ParamError(problems)
    return Question(first, second, *years, area, resource, wanted)


def _city_scenario(
    one: str | Path | LoadedScenario, city: City, problems: list[Problem]
) -> LoadedScenario | None:
    if isinstance(one, LoadedScenario):
        return one
    try:
        loaded = load_any(one, city)
    except ParamError as error:
        problems += error.problems
        return None
    if isinstance(loaded, LoadedNetwork):
        found = said("brings its own network", "自带网络的情景")
        problems.append(Problem(str(one), found, said("a scenario of the city", "城市情景")))
        return None
    return loaded


def _years(
    first: LoadedScenario, second: LoadedScenario | None, wanted: Wanted, problems: list[Problem]
) -> tuple[int, int]:
    base = first.city.base_year
    last = min(one.scenario.horizon.last_year for one in (first, second) if one is not None)
    year = last if wanted.year is None else wanted.year
    start = base if wanted.first is None else wanted.first
    if not base + 1 <= year <= last:
        problems.append(Problem("--year", str(year), span(base + 1, last)))
    if second is not None:
        if wanted.first is not None:
            found = said(f"{wanted.first}, of two scenarios", f"{wanted.first}（两个情景相比）")
            allowed = said("one year: --year", "只比较一个年份，用 --year")
            problems.append(Problem("--from", found, allowed, said("drop it", "请删除此项")))
        return year, year
    if not base <= start < year:
        problems.append(
            Problem(
                "--from",
                str(start),
                said(f"{base} to the year before --year", f"{base} 至 --year 的前一年"),
            )
        )
    return start, year


def _area(asked: str | None, city: City, problems: list[Problem]) -> tuple[str, str]:
    districts = read_districts(city)
    kinds = {name: kind for kind, name, *_ in districts.areas()}
    english = dict(zip(districts.names_en, districts.names, strict=True))
    english |= dict(zip(city.zones_en, city.zones, strict=True))
    name = CITY if asked is None else {**english, "City": CITY}.get(asked, asked)
    if name not in kinds:
        found = said(f"{asked!r} is not there", f"没有 {asked!r}")
        advice = nearest(str(asked), [*kinds, *english])
        problems.append(Problem("--area", found, ", ".join(kinds), advice))
        return "city", CITY
    return kinds[name], name


def _resource(asked: str | None, loaded: LoadedScenario, problems: list[Problem]) -> str | None:
    if asked is None:
        return None
    known = resources_of(load_inputs(loaded.scenario, loaded.city).resources)
    found = str(resource_id(asked))
    if found not in known:
        not_there = said(f"{asked!r} is not split", f"不分解 {asked!r}")
        advice = meant(asked, known) or nearest(asked, known)
        problems.append(Problem("--resource", not_there, either(known), advice))
    return found
