"""Hold the tables of a city of plain counts against each other, and name file, line and column.

Districts that one table has and another has not, bands with holes, populations that `city.toml` does not
name, years that do not fit: all of it at once, before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from params.axes import BASES, CITY, ELDER_AGE, LEVELS, OPEN_AGE, SEXES
from params.city import FILE, City
from params.errors import ParamError, Problem, cell_place, column_place, nearest, span
from params.files.positions import where as place_of
from params.files.written import share_words
from params.language import said
from params.tables.assumed import strangers
from params.tables.assumptions import read_assumptions
from params.tables.borrowed import OWN
from params.tables.city_tables import CityTables, at
from params.tables.known import has_table, tables_of
from params.tables.read import read_lines, table_columns

if TYPE_CHECKING:
    import pandas as pd

BANDED: Final = {
    "people": ("basis", "district", "sex"),
    "living": ("sex",),
    "need_levels": ("sex",),
}
"""Tables of bands, and what each of their series is of."""
HIGHEST_RATE: Final = 10.0
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


def city_faults(city: City) -> list[Problem]:
    """List every mistake of a city of plain counts, in the order of its files."""
    tables = CityTables(city)
    found = [
        *tables.problems,
        *_calendar_faults(city),
        *_district_faults(tables),
        *_row_faults(tables),
        *_band_faults(tables),
        *_basis_faults(tables),
        *_year_faults(tables),
        *_share_faults(tables),
        *_number_faults(tables),
        *_list_faults(tables),
        *_assumption_faults(tables),
    ]
    return list(dict.fromkeys(found))


def _calendar_faults(city: City) -> Iterator[Problem]:
    """Name a country whose holidays nobody knows."""
    import holidays  # most commands need no calendar

    known = holidays.list_supported_countries()
    if city.holidays not in known:
        advice = nearest(city.holidays, known)
        allowed = said("a country code: CN, JP ...", "国家代码：CN、JP 等")
        where = place_of(city.folder / FILE, "holidays")
        yield Problem(where, repr(city.holidays), allowed, advice)


def _district_faults(tables: CityTables) -> Iterator[Problem]:
    """Name districts and zones that do not fit, and series in which a district is missing."""
    districts = tables.get("districts")
    if districts is None:
        return
    names, zones = list(districts["district"]), tables.city.zones
    for line, name, zone in zip(districts.index, names, districts["zone"], strict=True):
        if name == CITY:
            yield Problem(
                at("districts", line, "district"),
                said(f"{name} is the whole city", f"{name} 指整个城市"),
                said("a district's name", "区名"),
            )
        if zone not in zones:
            listed = ", ".join(zones)
            allowed = said(f"{listed} (zones of city.toml)", f"{listed}（city.toml 所列片区）")
            found = said(f"{zone!r}: zone unknown", f"没有片区 {zone!r}")
            yield Problem(at("districts", line, "zone"), found, allowed, nearest(zone, zones))
    for zone in sorted(set(zones) - set(districts["zone"])):
        found = said(f"{zone}: no district lies in it", f"{zone}：没有区属于此片区")
        yield Problem(place_of(tables.city.folder / FILE, "zones"), found)
    every = (
        c.table
        for name in tables_of(tables.city)
        for c in table_columns(name)
        if c.name == "district"
    )
    for name, frame in tables.some(sorted(set(every) - {"districts"})):
        for line, found in frame["district"].items():
            if found not in names:
                strange = said(
                    f"{found!r} is not in districts.csv", f"districts.csv 中没有 {found!r}"
                )
                advice = nearest(found, names)
                yield Problem(at(name, line, "district"), strange, ", ".join(names), advice)
    per_district = PER_DISTRICT | OPTIONAL_PER_DISTRICT
    for name, frame in tables.some(per_district):
        for series, part in frame.groupby(list(per_district[name])):
            missing = [n for n in names if n not in set(part["district"])]
            if missing:
                gone, of = ", ".join(missing), " ".join(map(str, series))
                found = said(f"no row for {gone} ({of})", f"缺少 {gone}（{of}）")
                allowed = said("every district of districts.csv", "districts.csv 中的每个区")
                yield Problem(column_place(f"{name}.csv", "district"), found, allowed)


def _row_faults(tables: CityTables) -> Iterator[Problem]:
    """Name rows that say the same thing twice, and words that nobody knows."""
    for name, frame in tables.some(tables_of(tables.city)):
        keys = [c.name for c in table_columns(name) if c.role == "key"]
        for line in frame.index[frame.duplicated(keys)] if keys else ():
            text = " ".join(f"{frame.loc[line, key]!s}" for key in keys)
            found, allowed = (
                said(f"{text} again", f"{text} 重复"),
                said("each row once", "每行一次"),
            )
            yield Problem(cell_place(f"{name}.csv", int(line)), found, allowed)
    for column, (known, names) in WORDS.items():
        for name, frame in tables.some(names):
            for line, word in frame[column].items():
                # Moves without a sex are of both alike.
                if word not in known and (word or name != "net_moves"):
                    advice = nearest(word, known)
                    yield Problem(at(name, line, column), repr(word), ", ".join(known), advice)


def _band_faults(tables: CityTables) -> Iterator[Problem]:
    """Name holes and overlaps of bands, and series whose bands are not those of the others."""
    for name, frame in tables.some(BANDED):
        first_age = 0 if name == "people" else ELDER_AGE
        bands = {}
        for series, part in frame.groupby(list(BANDED[name])):
            of = " ".join(map(str, series))
            yield from _series_faults(name, of, part, first_age)
            bands[of] = tuple(part["age_lo"])
        usual = max(set(bands.values()), key=list(bands.values()).count, default=())
        for of, found in bands.items():
            if found != usual:
                text = said(f"{of}: other bands than the rest", f"{of}：年龄段与其他各组不同")
                place = column_place(f"{name}.csv", "age_lo")
                yield Problem(place, text, ", ".join(map(str, usual)))
    for name, frame in tables.some(OPENED):
        ages = {str(sex): tuple(part["age_lo"]) for sex, part in frame.groupby("sex")}
        for sex, found in ages.items():
            if (
                found[0] != 0
                or list(found) != sorted(set(found))
                or found[-1] > OPEN_AGE
                or len(found) < 3
            ):
                allowed = said(
                    f"rising from 0 to {OPEN_AGE} at most, three groups or more",
                    f"从0起递增，末组不超过{OPEN_AGE}，至少三组",
                )
                text = f"{sex}: {span(found[0], found[-1])}"
                yield Problem(column_place(f"{name}.csv", "age_lo"), text, allowed)
        if len(set(ages.values())) > 1:
            yield Problem(
                column_place(f"{name}.csv", "age_lo"),
                said("male and female differ", "男女年龄组不同"),
                said("the same ages", "年龄组相同"),
            )
        if set(ages) != set(SEXES):
            yield Problem(column_place(f"{name}.csv", "sex"), ", ".join(ages), _both(SEXES))


def _both(words: Iterable[str]) -> str:
    return said(" and ", " 和 ").join(words)


def _series_faults(name: str, of: str, part: pd.DataFrame, first_age: int) -> Iterator[Problem]:
    expected: float = first_age
    for line, low, high in zip(part.index, part["age_lo"], part["age_hi"], strict=True):
        if low != expected:
            kind = said("an overlap", "与上一段重叠")
            if low > expected:
                kind = said("a hole", "与上一段有缺口")
            found = said(f"{of}: {low}, {kind}", f"{of}：{low}，{kind}")
            allowed = said(f"{expected:g}, after the band before", f"{expected:g}，紧接上一段")
            yield Problem(at(name, line, "age_lo"), found, allowed)
        if high == high and high < low:
            found = said(f"{high:g}, below age_lo {low}", f"{high:g}，小于 age_lo {low}")
            allowed = said(f"{low} or more", f"不小于 {low}")
            yield Problem(at(name, line, "age_hi"), found, allowed)
        expected = high + 1 if high == high else float("nan")
    line = part.index[-1]
    if expected == expected:
        found = said(
            f"{of}: the last band ends at {expected - 1:g}", f"{of}：末段止于 {expected - 1:g}"
        )
        allowed = said("empty: the last band is open", "留空，末段为开放组")
        yield Problem(at(name, line, "age_hi"), found, allowed)
    elif part["age_lo"].iloc[-1] > OPEN_AGE:
        allowed = said(f"{OPEN_AGE} at most", f"不大于 {OPEN_AGE}")
        yield Problem(at(name, line, "age_lo"), f"{part['age_lo'].iloc[-1]}", allowed)


def _basis_faults(tables: CityTables) -> Iterator[Problem]:
    """Name populations that one file has and another has not."""
    people, known = tables.get("people"), tables.city.bases
    if people is None:
        return
    for name, frame in tables.some(("people", "net_moves")):
        for basis in map(str, frame["basis"].unique()):
            part = frame[frame["basis"] == basis]
            if basis in BASES and basis not in known:
                found = said(
                    f"{basis} is not among the bases of city.toml", f"city.toml 未列口径 {basis}"
                )
                yield Problem(at(name, part.index[0], "basis"), found, ", ".join(known))
    for basis in known:
        if basis not in set(people["basis"]):
            found = said(
                f"no row of {basis}, which city.toml names", f"缺少 city.toml 所列口径 {basis}"
            )
            yield Problem(column_place("people.csv", "basis"), found, ", ".join(known))


def _year_faults(tables: CityTables) -> Iterator[Problem]:
    """Name tables that say nothing of the base year."""
    year = tables.city.base_year
    for name, frame in tables.some(("beds_district", *OPTIONAL_PER_DISTRICT)):
        if year not in set(frame["year"]):
            found = said(f"nothing of {year}", f"缺少基期年份 {year}")
            yield Problem(column_place(f"{name}.csv", "year"), found, str(year))
    expectancy = tables.get("life_expectancy")
    for known, part in expectancy.groupby("year") if expectancy is not None else ():
        if set(part["sex"]) != set(SEXES):
            found = f"{known}: {', '.join(part['sex'])}"
            yield Problem(column_place("life_expectancy.csv", "sex"), found, _both(SEXES))
    rated = any(has_table(tables.city, name) for name in OPENED)
    if expectancy is not None and not rated and not (expectancy["year"] <= year).any():
        found = said(f"nothing up to {year}", f"缺少 {year} 年及以前的数")
        allowed = said(f"{year} or before", f"{year} 或更早")
        yield Problem(column_place("life_expectancy.csv", "year"), found, allowed)


def _share_faults(tables: CityTables) -> Iterator[Problem]:
    """Name shares that cannot be."""
    for name, frame in tables.some(("living", "need_levels")):
        for column in ("alone", "elders_only", "share"):
            for line, share in frame[column].items() if column in frame else ():
                if not 0 < share < 1:
                    allowed = said("above 0, below 1", "大于0且小于1")
                    advice = share_words(share if 1 < share <= 100 else 90)[1]
                    yield Problem(at(name, line, column), f"{share:g}", allowed, advice)
    living = tables.get("living")
    if living is not None:
        for line in living.index[living["alone"] >= living["elders_only"]]:
            allowed = said("below elders_only, which contains it", "小于 elders_only：纯老包括独居")
            yield Problem(at("living", line, "alone"), f"{living.loc[line, 'alone']:g}", allowed)


def _number_faults(tables: CityTables) -> Iterator[Problem]:
    """Name rates, survivors, moves and beds that cannot be."""
    for name, frame in tables.some(("death_rates",)):
        for line, rate in frame["rate"].items():
            if not 0 < rate <= HIGHEST_RATE:
                allowed = said(
                    f"above 0, at most {HIGHEST_RATE:g} deaths a person-year",
                    f"大于0，不超过 {HIGHEST_RATE:g}（每人年死亡）",
                )
                yield Problem(at(name, line, "rate"), f"{rate:g}", allowed)
    for name, frame in tables.some(("life_table",)):
        for _, part in frame.groupby("sex"):
            left = part["survivors"].tolist()
            for line, before, now in zip(part.index[1:], left, left[1:], strict=False):
                if not 0 < now < before:
                    found = said(f"{now:g} after {before:g}", f"{now:g}，前一行为 {before:g}")
                    allowed = said("fewer than at the age before, above 0", "少于前一年龄，且大于0")
                    yield Problem(at(name, line, "survivors"), found, allowed)
    for name, frame in tables.some(("net_moves",)):
        for line, low, high in zip(frame.index, frame["age_lo"], frame["age_hi"], strict=True):
            if high < low or (high == high and low != low):
                allowed = said(
                    "age_lo and age_hi of one band, or neither",
                    "同一年龄段的 age_lo 和 age_hi，或都不填",
                )
                found = said(f"{high:g}, age_lo {low:g}", f"{high:g}，age_lo 为 {low:g}")
                yield Problem(at(name, line, "age_hi"), found, allowed)
    for name, frame in tables.some(("beds_district",)):
        rows = frame[frame["year"] == tables.city.base_year]
        if len(rows) and not rows["beds"].sum():
            found = said("no beds at all in the base year", "基期没有床位")
            allowed = said("more than 0: they share out the total", "大于0：用以分配总数")
            yield Problem(column_place(f"{name}.csv", "beds"), found, allowed)


def _list_faults(tables: CityTables) -> Iterator[Problem]:
    """Name what is missing from lists that must be whole."""
    lists: tuple[tuple[str, str, tuple[object, ...]], ...] = (("care_hours", "level", LEVELS),)
    for name, column, wanted in lists:
        frame = tables.get(name)
        if frame is None:
            continue
        missing = [str(word) for word in wanted if word not in set(frame[column])]
        if missing:
            found = said(f"missing: {', '.join(missing)}", f"缺少 {', '.join(missing)}")
            place = column_place(f"{name}.csv", column)
            yield Problem(place, found, ", ".join(map(str, wanted)))


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
        where = at("assumptions", lines[name], "name") if name in lines else problem.where
        yield replace(problem, where=where, found=f"{name}: {problem.found}")
    missing = [name for name in OWN if name not in own]
    if missing:
        found = said(f"missing: {', '.join(missing)}", f"缺少 {', '.join(missing)}")
        yield Problem(column_place("assumptions.csv", "name"), found)
