"""Hold the tables of a city of plain counts against each other, and name file, line and column.

Districts that one table has and another has not, bands with holes, populations that `city.toml` does not
name, years that do not fit: all of it at once, before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from params.axes import BASES, CITY, ELDER_AGE, LEVELS, OPEN_AGE, SEXES
from params.city import City
from params.errors import ParamError, Problem, nearest
from params.tables.assumed import strangers
from params.tables.assumptions import read_assumptions
from params.tables.borrowed import OWN
from params.tables.known import has_table, table_faults, tables_of
from params.tables.read import read_lines, read_table, table_columns

if TYPE_CHECKING:
    import pandas as pd

BANDED: Final = {
    "people": ("basis", "district", "sex"),
    "living": ("sex",),
    "need_levels": ("sex",),
}
"""Tables of bands, and what each of their series is of."""
OPENED: Final = {"death_rates": ("sex",), "life_table": ("sex",)}
"""Tables that give the first age of each group only."""
PER_DISTRICT: Final = {"people": ("basis", "sex"), "beds_district": ("year",)}
"""Tables in which each series has every district."""
OPTIONAL_PER_DISTRICT: Final = {"registration": ("year",), "households": ("year",)}
WORDS: Final = {
    "sex": (SEXES, ("people", "living", "need_levels", "life_expectancy", *OPENED, "net_moves")),
    "basis": (BASES, ("people", "net_moves")),
}
"""Columns whose words are known, and the tables in which they are these."""


class CityTables:
    """The tables of one city as far as they can be read, with the lines of their rows."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.problems: list[Problem] = list(table_faults(city))
        self._frames: dict[str, pd.DataFrame] = {}
        for name in tables_of(city):
            try:
                self._frames[name] = read_table(name, city.tables)
            except ParamError as error:
                self.problems += error.problems

    def get(self, name: str) -> pd.DataFrame | None:
        """Return a table that is there and can be read, with its lines as index."""
        frame = self._frames.get(name)
        if frame is None:
            return None
        return frame.set_axis(list(read_lines(name, self.city.tables)), axis=0)

    def some(self, names: Iterable[str]) -> Iterator[tuple[str, pd.DataFrame]]:
        """Return those of some tables that are there and can be read."""
        for name in names:
            frame = self.get(name)
            if frame is not None:
                yield name, frame


def city_faults(city: City) -> list[Problem]:
    """List every mistake of a city of plain counts, in the order of its files."""
    tables = CityTables(city)
    found = [
        *tables.problems,
        *_district_faults(tables),
        *_row_faults(tables),
        *_band_faults(tables),
        *_basis_faults(tables),
        *_year_faults(tables),
        *_share_faults(tables),
        *_list_faults(tables),
        *_assumption_faults(tables),
    ]
    return list(dict.fromkeys(found))


def _at(name: str, line: object, column: str) -> str:
    return f"{name}.csv, line {line}, column {column}"


def _district_faults(tables: CityTables) -> Iterator[Problem]:
    """Name districts and zones that do not fit, and series in which a district is missing."""
    districts = tables.get("districts")
    if districts is None:
        return
    names, zones = list(districts["district"]), tables.city.zones
    for line, name, zone in zip(districts.index, names, districts["zone"], strict=True):
        if name == CITY:
            yield Problem(
                _at("districts", line, "district"),
                f"{name} is the whole city 指全市",
                "a district's name",
            )
        if zone not in zones:
            allowed = f"{', '.join(zones)} (zones of city.toml)"
            found = f"{zone!r}: zone unknown 片区未知"
            yield Problem(_at("districts", line, "zone"), found, allowed, nearest(zone, zones))
    for zone in sorted(set(zones) - set(districts["zone"])):
        yield Problem("city.toml, zones", f"{zone}: no district lies in it 没有区属于此片区")
    every = (
        c.table
        for name in tables_of(tables.city)
        for c in table_columns(name)
        if c.name == "district"
    )
    for name, frame in tables.some(sorted(set(every) - {"districts"})):
        for line, found in frame["district"].items():
            if found not in names:
                said = f"{found!r} is not in districts.csv 区未登记"
                yield Problem(
                    _at(name, line, "district"), said, ", ".join(names), nearest(found, names)
                )
    per_district = PER_DISTRICT | OPTIONAL_PER_DISTRICT
    for name, frame in tables.some(per_district):
        for series, part in frame.groupby(list(per_district[name])):
            missing = [n for n in names if n not in set(part["district"])]
            if missing:
                said = f"no row for 缺少: {', '.join(missing)} ({' '.join(map(str, series))})"
                yield Problem(
                    f"{name}.csv, column district", said, "every district of districts.csv"
                )


def _row_faults(tables: CityTables) -> Iterator[Problem]:
    """Name rows that say the same thing twice, and words that nobody knows."""
    for name, frame in tables.some(tables_of(tables.city)):
        keys = [c.name for c in table_columns(name) if c.role == "key"]
        for line in frame.index[frame.duplicated(keys)] if keys else ():
            said = " ".join(f"{frame.loc[line, key]!s}" for key in keys)
            yield Problem(
                f"{name}.csv, line {line}", f"{said} again 重复", "each row once 每行一次"
            )
    for column, (known, names) in WORDS.items():
        for name, frame in tables.some(names):
            for line, word in frame[column].items():
                # Moves without a sex are of both alike.
                if word not in known and (word or name != "net_moves"):
                    advice = nearest(word, known)
                    yield Problem(_at(name, line, column), repr(word), ", ".join(known), advice)


def _band_faults(tables: CityTables) -> Iterator[Problem]:
    """Name holes and overlaps of bands, and series whose bands are not those of the others."""
    for name, frame in tables.some(BANDED):
        first_age = 0 if name == "people" else ELDER_AGE
        bands = {}
        for series, part in frame.groupby(list(BANDED[name])):
            said = " ".join(map(str, series))
            yield from _series_faults(name, said, part, first_age)
            bands[said] = tuple(part["age_lo"])
        usual = max(set(bands.values()), key=list(bands.values()).count, default=())
        for said, found in bands.items():
            if found != usual:
                text = f"{said}: other bands than the rest 年龄段与其他不同"
                yield Problem(f"{name}.csv, column age_lo", text, ", ".join(map(str, usual)))
    for name, frame in tables.some(OPENED):
        ages = {str(sex): tuple(part["age_lo"]) for sex, part in frame.groupby("sex")}
        for sex, found in ages.items():
            if (
                found[0] != 0
                or list(found) != sorted(set(found))
                or found[-1] > OPEN_AGE
                or len(found) < 3
            ):
                allowed = f"rising from 0 to {OPEN_AGE} at most, three groups or more"
                yield Problem(
                    f"{name}.csv, column age_lo", f"{sex}: {found[0]} to {found[-1]}", allowed
                )
        if len(set(ages.values())) > 1:
            yield Problem(
                f"{name}.csv, column age_lo", "male and female differ 男女不同", "the same ages"
            )
        if set(ages) != set(SEXES):
            yield Problem(f"{name}.csv, column sex", ", ".join(ages), " and ".join(SEXES))


def _series_faults(name: str, said: str, part: pd.DataFrame, first_age: int) -> Iterator[Problem]:
    expected: float = first_age
    for line, low, high in zip(part.index, part["age_lo"], part["age_hi"], strict=True):
        if low != expected:
            kind = "a hole 有缺口" if low > expected else "an overlap 有重叠"
            found = f"{said}: {low}, {kind}"
            yield Problem(_at(name, line, "age_lo"), found, f"{expected:g}, after the band before")
        if high == high and high < low:
            yield Problem(
                _at(name, line, "age_hi"), f"{high:g}, below age_lo {low}", f"{low} or more"
            )
        expected = high + 1 if high == high else float("nan")
    line = part.index[-1]
    if expected == expected:
        found = f"{said}: the last band ends at {expected - 1:g} 末段未开放"
        yield Problem(_at(name, line, "age_hi"), found, "empty: the last band is open 留空")
    elif part["age_lo"].iloc[-1] > OPEN_AGE:
        yield Problem(
            _at(name, line, "age_lo"), f"{part['age_lo'].iloc[-1]}", f"{OPEN_AGE} at most"
        )


def _basis_faults(tables: CityTables) -> Iterator[Problem]:
    """Name populations that one file has and another has not."""
    people, known = tables.get("people"), tables.city.bases
    if people is None:
        return
    for name, frame in tables.some(("people", "net_moves")):
        for basis in map(str, frame["basis"].unique()):
            part = frame[frame["basis"] == basis]
            if basis in BASES and basis not in known:
                found = f"{basis} is not among the bases of city.toml 城市说明未列此口径"
                yield Problem(_at(name, part.index[0], "basis"), found, ", ".join(known))
    for basis in known:
        if basis not in set(people["basis"]):
            found = f"no row of {basis}, which city.toml names 缺少此口径"
            yield Problem("people.csv, column basis", found, ", ".join(known))


def _year_faults(tables: CityTables) -> Iterator[Problem]:
    """Name tables that say nothing of the base year."""
    year = tables.city.base_year
    for name, frame in tables.some(("beds_district", *OPTIONAL_PER_DISTRICT)):
        if year not in set(frame["year"]):
            yield Problem(f"{name}.csv, column year", f"nothing of {year} 缺少基期年份", str(year))
    expectancy = tables.get("life_expectancy")
    for known, part in expectancy.groupby("year") if expectancy is not None else ():
        if set(part["sex"]) != set(SEXES):
            found = f"{known}: {', '.join(part['sex'])}"
            yield Problem("life_expectancy.csv, column sex", found, " and ".join(SEXES))
    rated = any(has_table(tables.city, name) for name in OPENED)
    if expectancy is not None and not rated and not (expectancy["year"] <= year).any():
        found = f"nothing up to {year} 缺少基期及以前"
        yield Problem("life_expectancy.csv, column year", found, f"{year} or before")


def _share_faults(tables: CityTables) -> Iterator[Problem]:
    """Name shares that cannot be."""
    for name, frame in tables.some(("living", "need_levels")):
        for column in ("alone", "elders_only", "share"):
            for line, share in frame[column].items() if column in frame else ():
                if not 0 < share < 1:
                    advice = "write 0.9 for 90 % 百分数请写成小数"
                    yield Problem(_at(name, line, column), f"{share:g}", "above 0, below 1", advice)
    living = tables.get("living")
    if living is not None:
        for line in living.index[living["alone"] >= living["elders_only"]]:
            allowed = "below elders_only, which contains it 须小于纯老比例"
            yield Problem(_at("living", line, "alone"), f"{living.loc[line, 'alone']:g}", allowed)


def _list_faults(tables: CityTables) -> Iterator[Problem]:
    """Name what is missing from lists that must be whole."""
    lists: tuple[tuple[str, str, tuple[object, ...]], ...] = (("care_hours", "level", LEVELS),)
    for name, column, wanted in lists:
        frame = tables.get(name)
        if frame is None:
            continue
        missing = [str(word) for word in wanted if word not in set(frame[column])]
        if missing:
            found = f"missing 缺少: {', '.join(missing)}"
            yield Problem(f"{name}.csv, column {column}", found, ", ".join(map(str, wanted)))


def _assumption_faults(tables: CityTables) -> Iterator[Problem]:
    """Name assumptions that are missing, unknown or impossible."""
    if tables.get("assumptions") is None:
        return
    try:
        own = read_assumptions(tables.city.assumptions)
    except ParamError as error:
        yield from error.problems
        return
    lines = dict(zip(own, read_lines("assumptions", tables.city.tables), strict=True))
    for problem in strangers(own, OWN):
        name = problem.where.rpartition(": ")[2]
        where = _at("assumptions", lines[name], "name") if name in lines else problem.where
        yield replace(problem, where=where, found=f"{name}: {problem.found}")
    missing = [name for name in OWN if name not in own]
    if missing:
        yield Problem("assumptions.csv, column name", f"missing 缺少: {', '.join(missing)}")
