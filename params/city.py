"""Say what a city is: its names, its years, and where its tables and scenarios lie.

A city is a folder with `city.toml`, `tables/` and `scenarios/`; docs/cities.md describes it. It is read once
and handed on, so that no code names a city, a district or a year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from params.axes import BASES
from params.errors import ParamError, Problem, either, in_order, nearest
from params.files.positions import where
from params.files.toml_file import parse_toml
from params.language import said

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
    def plans(self) -> Path:
        """Folder of the ready questions to `yanglao plan`; it need not be there."""
        return self.folder / "plans"

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
        what = said("holds no city.toml", "其中没有 city.toml")
        if not chosen.is_dir():
            what = said("no such folder", "没有此文件夹")
        advice = said(
            "`yanglao new-city DIR` writes the templates of one",
            "可先用 yanglao new-city DIR 生成模板",
        )
        allowed = said("a city's folder", "城市文件夹")
        raise ParamError(Problem(str(chosen), what, allowed, advice)) from error
    except UnicodeDecodeError as error:
        found = said("not UTF-8", "不是 UTF-8 编码")
        advice = said("save it as UTF-8", "请另存为 UTF-8 编码")
        raise ParamError(Problem(str(path), found, "", advice)) from error
    return _city_of(path, text)


@cache
def _city_of(path: Path, text: str) -> City:
    raw, broken = parse_toml(path, text)
    problems = in_order(
        broken,
        (
            Problem(where(path, key), found, allowed, advice)
            for key, found, allowed, advice in _faults(raw)
        ),
    )
    if problems:
        raise ParamError(problems)
    return _city_from(path, raw)


def _city_from(path: Path, raw: Mapping[str, Any]) -> City:
    """Build a city from what its file says, once it is checked."""
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
Found = tuple[str, str, str, str]
"""Key, what was found, what is allowed, what to do."""


def _faults(raw: Mapping[str, object]) -> Iterator[Found]:
    """List what is wrong with `city.toml`."""
    for key in raw:
        if key not in KEYS:
            found = said(f"unknown key {key!r}", f"未知的键 {key!r}")
            yield key, found, ", ".join(KEYS), nearest(key, KEYS)
    for key in TEXTS:
        if not _is_text(raw.get(key)):
            yield key, _shown(raw, key), _text_in_quotes(), ""
    years = said(f"a year from {FIRST} to {LAST}", f"{FIRST} 至 {LAST} 的年份")
    for key in YEARS:
        if not _is_year(raw.get(key)):
            yield key, _shown(raw, key), years, ""
    yield from _order_faults(raw)
    bases = raw.get("bases")
    if not isinstance(bases, list) or not bases or any(basis not in BASES for basis in bases):
        names = ", ".join(BASES)
        yield (
            "bases",
            _shown(raw, "bases"),
            said(f"one or both of {names}", f"{names} 之一或全部"),
            "",
        )
    if raw.get("base") not in WAYS:
        yield "base", _shown(raw, "base"), either(WAYS), nearest(str(raw.get("base")), WAYS)
    if not isinstance(raw.get("plan_source", ""), str):
        allowed = said("a source_id in quotes", "出处编号，加引号")
        yield "plan_source", _shown(raw, "plan_source"), allowed, ""
    yield from _zone_faults(raw.get("zones"))
    if raw.get("base") == "censuses":
        yield from _census_faults(raw.get("censuses"), years)


def _order_faults(raw: Mapping[str, object]) -> Iterator[Found]:
    first, plan, last = (raw.get(key) for key in YEARS)
    if _is_year(first) and _is_year(plan) and not first < plan:  # type: ignore[operator]
        allowed = said(f"after base_year = {first}", f"晚于 base_year = {first}")
        yield "plan_year", str(plan), allowed, ""
    if _is_year(plan) and _is_year(last) and not plan <= last:  # type: ignore[operator]
        allowed = said(f"not before plan_year = {plan}", f"不早于 plan_year = {plan}")
        yield "last_year", str(last), allowed, ""


def _zone_faults(zones: object) -> Iterator[Found]:
    rows = zones if isinstance(zones, list) else []
    good = [r for r in rows if isinstance(r, dict) and _is_text(r.get("zh"), r.get("en"))]
    if not rows or len(good) < len(rows):
        allowed = said(
            'a list of tables [[zones]] with zh = "..." and en = "..."',
            '列表 [[zones]]，每项有 zh = "..." 和 en = "..."',
        )
        yield "zones", said("missing or not whole", "缺少或不完整"), allowed, ""
    names = [row["zh"] for row in good]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield (
            "zones",
            said(f"{name} twice", f"{name} 重复"),
            said("each zone once", "每个片区一次"),
            "",
        )


def _census_faults(table: object, years: str) -> Iterator[Found]:
    if not isinstance(table, dict):
        yield (
            "censuses",
            said("missing", "缺少此项"),
            said("a table [censuses]", "表 [censuses]"),
            "",
        )
        return
    for key in CENSUS_YEARS:
        if not _is_year(table.get(key)):
            yield f"censuses.{key}", _shown(table, key), years, ""
    pair = table.get("registered")
    if not isinstance(pair, list) or len(pair) != 2 or not all(map(_is_year, pair)):
        allowed = said("a list of two years", "两个年份的列表")
        yield "censuses.registered", _shown(table, "registered"), allowed, ""
    if not _is_text(table.get("survey")):
        yield "censuses.survey", _shown(table, "survey"), _text_in_quotes(), ""


def _is_text(*values: object) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


def _is_year(value: object) -> bool:
    return type(value) is int and FIRST <= value <= LAST


def _shown(raw: Mapping[str, object], key: str) -> str:
    if key not in raw:
        return said("missing", "缺少此项")
    return said(f"found {raw[key]!r}", f"写的是 {raw[key]!r}")


def _text_in_quotes() -> str:
    return said('text in quotes: "..."', '文字，加引号："..."')
