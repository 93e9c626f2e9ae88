"""Say what a city is: its names, its years, and where its tables and scenarios lie.

A city is a folder with `city.toml`, `tables/` and `scenarios/`; docs/cities.md describes it. It is read once
and handed on, so that no code names a city, a district or a year.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from params.axes import BASES
from params.errors import ParamError, Problem, nearest

CITIES: Final = Path(__file__).parent / "cities"
REFERENCE: Final = Path(__file__).parent / "reference"
"""Tables that hold for any city: death rates of other countries, a nation's people by single age."""
FILE: Final = "city.toml"
WAYS: Final = ("censuses", "counts")
"""How a base is built: from two censuses and published bands, or from plain tables."""
FIRST, LAST = 1950, 2200
"""Years that `city.toml` may name."""


@dataclass(frozen=True)
class CensusYears:
    """Years of what a base built from censuses rests on."""

    before: int
    """Year of the census before that of the base year."""
    middle: int
    """Year whose life expectancy stands for those between the censuses."""
    registered: tuple[int, int]
    """Years at whose ends registered people are published by district and band."""
    registered_before: int
    """Year of the shares of registered elders by district that came before."""
    survey: str
    """How the rows of ``disability_prevalence.csv`` begin that give need its slope."""


@dataclass(frozen=True)
class City:
    """One city, read once and handed on."""

    folder: Path
    name_zh: str
    name_en: str
    code: str
    base_year: int
    """The base is 31 December of this year; the simulation starts on the day after."""
    plan_year: int
    """Last year of the city's plan: its targets hold at the end of this year."""
    last_year: int
    """Latest year that a scenario may simulate."""
    holidays: str
    """Country whose public holidays and exchanged working days hold, as `holidays` names it."""
    bases: tuple[str, ...]
    """Populations that are known, names of `params.axes.BASES`."""
    baseline: str
    """Scenario that says what others leave out."""
    base: str
    """One of `WAYS`."""
    plan_source: str
    """Source of the published projections that figures show; empty: none."""
    zones: tuple[str, ...]
    """From the centre outwards."""
    zones_en: tuple[str, ...]
    censuses: CensusYears | None

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def label(self) -> str:
        """Name the folder without the path of a machine: packaged ones by their place."""
        return f"params/cities/{self.name}" if self.folder.parent == CITIES else self.name

    @property
    def tables(self) -> Path:
        """Folder of the tables."""
        return self.folder / "tables"

    @property
    def assumptions(self) -> Path:
        """File of what is assumed."""
        return self.tables / "assumptions.csv"

    @property
    def first_year(self) -> int:
        """First simulated year."""
        return self.base_year + 1

    @property
    def scenarios(self) -> Path:
        """Folder of the ready scenarios."""
        return self.folder / "scenarios"

    @property
    def questions(self) -> Path:
        """Folder of the questions of a few lines each; it need not be there."""
        return self.folder / "questions"

    @property
    def designs(self) -> Path:
        """Folder of the ready designs of sweeps; it need not be there."""
        return self.folder / "designs"

    @property
    def census_years(self) -> CensusYears:
        """Years of the censuses, of a city whose base is built from them."""
        if self.censuses is None:
            raise AssertionError(f"{self.name} has no censuses")
        return self.censuses


def packaged_city() -> Path:
    """Return the folder of the city that is meant where none is named."""
    return CITIES / (CITIES / "default.txt").read_text(encoding="utf-8").strip()


def read_city(folder: str | Path | None = None) -> City:
    """Read a city's folder; none: the packaged city.

    Raises
    ------
    ParamError
        With every mistake of `city.toml`, each with its line.
    """
    chosen = packaged_city() if folder is None else Path(folder)
    path = chosen.resolve() / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = "no such folder 没有此文件夹" if not chosen.is_dir() else "holds no city.toml"
        advice = "`yanglao new-city DIR` writes the templates of one 可先生成模板"
        raise ParamError(
            Problem(str(chosen), what, "a city's folder 城市文件夹", advice)
        ) from error
    except UnicodeDecodeError as error:
        problem = Problem(str(path), "not UTF-8 不是 UTF-8 编码", advice="save it as UTF-8")
        raise ParamError(problem) from error
    return _city_of(path, text)


@cache
def _city_of(path: Path, text: str) -> City:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParamError(Problem(str(path), f"not TOML: {error} 语法错误", "TOML")) from None
    problems = [
        Problem(_where(path, text, key), found, allowed, advice)
        for key, found, allowed, advice in _faults(raw)
    ]
    if problems:
        raise ParamError(problems)
    zones = raw["zones"]
    years = raw.get("censuses")
    return City(
        folder=path.parent,
        **{key: raw[key] for key in (*TEXTS, *YEARS, "base")},
        plan_source=raw.get("plan_source", ""),
        bases=tuple(basis for basis in BASES if basis in raw["bases"]),
        zones=tuple(zone["zh"] for zone in zones),
        zones_en=tuple(zone["en"] for zone in zones),
        censuses=None
        if years is None
        else CensusYears(**{**years, "registered": tuple(years["registered"])}),
    )


TEXTS: Final = ("name_zh", "name_en", "code", "holidays", "baseline")
YEARS: Final = ("base_year", "plan_year", "last_year")
CENSUS_YEARS: Final = ("before", "middle", "registered_before")
KEYS: Final = (*TEXTS, *YEARS, "bases", "base", "zones", "censuses", "plan_source")
Said = tuple[str, str, str, str]
"""Key, what was found, what is allowed, what to do."""


def _faults(raw: Mapping[str, object]) -> Iterator[Said]:
    """List what is wrong with `city.toml`."""
    for key in raw:
        if key not in KEYS:
            yield key, f"unknown key {key!r} 未知的键", ", ".join(KEYS), nearest(key, KEYS)
    for key in TEXTS:
        if not _is_text(raw.get(key)):
            yield key, _shown(raw, key), 'text in quotes: "..." 文字', ""
    years = f"a year from {FIRST} to {LAST} 年份"
    for key in YEARS:
        if not _is_year(raw.get(key)):
            yield key, _shown(raw, key), years, ""
    yield from _order_faults(raw)
    bases = raw.get("bases")
    if not isinstance(bases, list) or not bases or any(basis not in BASES for basis in bases):
        yield "bases", _shown(raw, "bases"), f"one or both of {', '.join(BASES)}", ""
    if raw.get("base") not in WAYS:
        yield "base", _shown(raw, "base"), " or ".join(WAYS), nearest(str(raw.get("base")), WAYS)
    if not isinstance(raw.get("plan_source", ""), str):
        yield "plan_source", _shown(raw, "plan_source"), "a source_id in quotes 出处编号", ""
    yield from _zone_faults(raw.get("zones"))
    if raw.get("base") == "censuses":
        yield from _census_faults(raw.get("censuses"), years)


def _order_faults(raw: Mapping[str, object]) -> Iterator[Said]:
    first, plan, last = (raw.get(key) for key in YEARS)
    if _is_year(first) and _is_year(plan) and not first < plan:  # type: ignore[operator]
        yield "plan_year", str(plan), f"after base_year 应晚于基期: {first}", ""
    if _is_year(plan) and _is_year(last) and not plan <= last:  # type: ignore[operator]
        yield "last_year", str(last), f"not before plan_year 不早于规划末年: {plan}", ""


def _zone_faults(zones: object) -> Iterator[Said]:
    rows = zones if isinstance(zones, list) else []
    good = [r for r in rows if isinstance(r, dict) and _is_text(r.get("zh"), r.get("en"))]
    if not rows or len(good) < len(rows):
        allowed = 'a list of tables [[zones]] with zh = "..." and en = "..."'
        yield "zones", "missing or not whole 缺少或不完整", allowed, ""
    names = [row["zh"] for row in good]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield "zones", f"{name} twice 重复", "each zone once", ""


def _census_faults(table: object, years: str) -> Iterator[Said]:
    if not isinstance(table, dict):
        yield "censuses", "missing 缺少", "a table [censuses]", ""
        return
    for key in CENSUS_YEARS:
        if not _is_year(table.get(key)):
            yield f"censuses.{key}", _shown(table, key), years, ""
    pair = table.get("registered")
    if not isinstance(pair, list) or len(pair) != 2 or not all(map(_is_year, pair)):
        yield "censuses.registered", _shown(table, "registered"), "a list of two years 两个年份", ""
    if not _is_text(table.get("survey")):
        yield "censuses.survey", _shown(table, "survey"), 'text in quotes: "..." 文字', ""


def _is_text(*values: object) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


def _is_year(value: object) -> bool:
    return type(value) is int and FIRST <= value <= LAST


def _shown(raw: Mapping[str, object], key: str) -> str:
    return f"found {raw[key]!r}" if key in raw else "missing 缺少"


def _where(path: Path, text: str, key: str) -> str:
    """Say file, line and key; a key that is missing has no line."""
    last = key.rpartition(".")[2]
    for number, line in enumerate(text.splitlines(), start=1):
        head = line.partition("=")[0].strip().strip("[]")
        if head == last:
            return f"{path.name}, line {number}, {key}"
    return f"{path.name}, {key}"
