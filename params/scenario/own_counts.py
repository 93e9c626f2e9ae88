"""Read a bureau's own counts of people by district, sex and age: a register, a census.

The table is long (a row for each district, sex and age) or wide (a column for each age). What it holds then
stands in the scenario itself, as `params.scenario.evidence` does with single figures.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from params.axes import CITY, OPEN_AGE
from params.city import City
from params.errors import ParamError, Problem, cell_place, nearest
from params.files.sheet import Sheet, number_in, read_sheet
from params.language import said
from params.scenario.faults import rows_at, table_at
from params.scenario.layers import Layers
from params.scenario.places import district_names, halfwidth
from params.scenario.rows_file import named_at

KEY: Final = "population.counts"
TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "district": ("district", "区", "区名", "地区"),
    "sex": ("sex", "性别"),
    "age": ("age", "年龄", "年龄组"),
    "count": ("count", "人数", "人口", "people", "persons"),
}
NAMES: Final = {title: name for name, titles in TITLES.items() for title in titles}
SEX_WORDS: Final[Mapping[str, str]] = {
    "male": "male",
    "男": "male",
    "男性": "male",
    "m": "male",
    "female": "female",
    "女": "female",
    "女性": "female",
    "f": "female",
    "both": "both",
    "合计": "both",
    "男女合计": "both",
    "total": "both",
    "": "both",
}
ALL_AGES: Final = ("合计", "总计", "total", "all")
CITY_WORDS: Final = (CITY, "合计", "总计", "total", "city")
BAND: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3})|(\+))?")
SAME: Final = 0.001
"""Sums of printed parts may differ from a printed whole by so much, as a share."""
FORMS: Final = ("60-64, 63 or 85+", "60-64、63 或 85+")


class Band(NamedTuple):
    """Ages of one group; the last one is `OPEN_AGE` where it is open."""

    first: int
    last: int

    def __str__(self) -> str:
        if self.last == OPEN_AGE:
            return f"{self.first}+"
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


def band_of(text: str) -> Band | None:
    """Understand an age band as people write it: 60-64, 60~64岁, 63, 85+, 100岁及以上."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("周岁", "岁")
    plain = re.sub(r"[~—–至到]", "-", plain)
    plain = re.sub(r"岁?(及以上|以上|\+)(岁)?$", "+", plain).replace("岁", "")
    found = BAND.fullmatch(plain)
    if found is None:
        return None
    first, last, is_open = int(found[1]), found[2], found[3]
    end = OPEN_AGE if is_open else int(last or first)
    if first > OPEN_AGE or end < first:
        return None
    return Band(first, min(end, OPEN_AGE))


class Cell(NamedTuple):
    """One number of a table, where it stands and of whom it is."""

    line: int
    district: str
    sex: str
    band: Band
    people: float


def with_counts(layers: Layers, city: City) -> Layers:
    """Put what the files hold that a scenario names in the place of their names.

    What cannot be read is said with all other mistakes.
    """
    plan = table_at(layers.values, "population")
    tables = plan.get("counts")
    if not isinstance(tables, list) or not any(isinstance(one, dict) for one in tables):
        return layers
    file = layers.origin.get(KEY, layers.files[0])
    problems: list[Problem] = []
    found: list[object] = []
    unread: set[str] = set()
    for k, one in enumerate(tables):
        if not isinstance(one, dict) or not isinstance(one.get("file"), str):
            found.append(one)
            continue
        stated = {key: value for key, value in one.items() if key != "file"}
        try:
            found.append({**stated, **read_counts(file.parent / one["file"], city)})
        except ParamError as error:
            path, key = file.parent / one["file"], f"{KEY}[{k}].file"
            problems += named_at(path, key, file, error.problems)
            found.append(stated)
            unread |= {f"{KEY}[{k}].{key}" for key in ("ages", "rows")}
    values = {**layers.values, "population": {**plan, "counts": found}}
    return replace(
        layers,
        values=values,
        problems=(*layers.problems, *problems),
        unread=layers.unread | unread,
    )


def read_counts(path: Path, city: City) -> dict[str, object]:
    """Read one table; return its `ages` and `rows` as `OwnCounts` has them.

    Raises
    ------
    ParamError
        Naming every line that cannot be read, every cell that is missing, and sums that do not hold.
    """
    problems: list[Problem] = []
    cells = list(_cells(read_sheet(path, NAMES), city, problems))
    if problems:
        raise ParamError(_few(problems))
    bands = sorted({cell.band for cell in cells})
    by_key: dict[tuple[str, str], dict[Band, Cell]] = {}
    for cell in cells:
        held = by_key.setdefault((cell.district, cell.sex), {})
        if cell.band in held:
            what = f"{cell.district} {cell.sex} {cell.band}"
            found = said(
                f"{what} stands in line {held[cell.band].line} too",
                f"{what} 在第{held[cell.band].line}行已有",
            )
            problems.append(
                Problem(cell_place(path.name, cell.line), found, said("once", "只写一次"))
            )
        held[cell.band] = cell
    problems += _bands(path, bands)
    problems += _missing(path, bands, by_key)
    if problems:
        raise ParamError(_few(problems))
    table = {key: [held[band].people for band in bands] for key, held in by_key.items()}
    table = _without_sums(path, bands, table, district_names(city), problems)
    if problems:
        raise ParamError(_few(problems))
    order = {name: k for k, name in enumerate((*district_names(city), CITY))}
    rows = [
        {"district": district, "sex": sex, "people": people}
        for (district, sex), people in sorted(
            table.items(), key=lambda item: (order[item[0][0]], item[0][1] != "male")
        )
    ]
    return {"ages": [str(band) for band in bands], "rows": rows}


def _few(problems: list[Problem], most: int = 20) -> list[Problem]:
    """Keep the first of a great many mistakes, and say how many there are."""
    if len(problems) <= most:
        return problems
    more = len(problems) - most
    rest = said(f"and {more} more of this kind", f"另有 {more} 处类似问题")
    return [*problems[:most], Problem(problems[0].where.partition(",")[0], rest)]


def _cells(sheet: Sheet, city: City, problems: list[Problem]) -> Iterator[Cell]:
    """Yield the numbers of a table; say what cannot be read."""
    header = [NAMES.get(title.lower(), title) for title in sheet.header]
    places = {title: k for k, title in enumerate(header) if title in TITLES}
    is_long = "age" in places
    wide = {} if is_long else {k: b for k, t in enumerate(header) if (b := band_of(t)) is not None}
    needed = ("district", "age", "count") if is_long else ("district",)
    missing = [name for name in needed if name not in places]
    used = {*places.values(), *wide}
    others = [t for k, t in enumerate(header) if k not in used and t and t.lower() not in ALL_AGES]
    if missing or others or not (is_long or wide):
        found = [said(f"no column {n}", f"缺少列 {TITLES[n][1]}") for n in missing]
        found += [
            said(f"column {t} is neither a name nor an age", f"列 {t} 既非列名也非年龄")
            for t in others
        ]
        if not (is_long or wide):
            found.append(said("no ages", "没有年龄列"))
        allowed = said(
            "columns district, sex, age, count; or district, sex and one for each age band "
            f"({FORMS[0]})",
            f"列 区、性别、年龄、人数；或 区、性别及各年龄组一列（{FORMS[1]}）",
        )
        place = cell_place(sheet.file, sheet.head)
        problems.append(Problem(place, said("; ", "；").join(found), allowed))
        return
    for number, row in zip(sheet.lines, sheet.rows, strict=True):
        yield from _of_line(sheet.file, number, row, (places, wide), city, problems)


def _of_line(
    file: str,
    number: int,
    row: Sequence[str],
    columns: tuple[Mapping[str, int], Mapping[int, Band]],
    city: City,
    problems: list[Problem],
) -> Iterator[Cell]:
    """Yield the numbers of one line."""
    places, wide = columns
    where = cell_place(file, number)

    def cell(name: str) -> str:
        return halfwidth(row[places[name]]) if name in places else ""

    names = district_names(city)
    district = CITY if cell("district").lower() in CITY_WORDS else cell("district")
    if district not in (*names, CITY):
        advice = nearest(district, names)
        found = said(f"unknown district {district!r}", f"没有这个区：{district!r}")
        problems.append(Problem(where, found, " ".join((*names, CITY)), advice))
        return
    sex = SEX_WORDS.get(cell("sex").lower())
    if sex is None:
        found = said(f"sex {cell('sex')!r}", f"性别 {cell('sex')!r}")
        problems.append(Problem(where, found, said("male, female, both", "男、女、合计")))
        return
    if wide:
        pairs = [(band, halfwidth(row[k])) for k, band in wide.items()]
    else:
        if cell("age").lower() in ALL_AGES:
            return
        band = band_of(cell("age"))
        if band is None:
            found = said(f"age {cell('age')!r}", f"年龄 {cell('age')!r}")
            problems.append(Problem(where, found, said(*FORMS)))
            return
        pairs = [(band, cell("count"))]
    for band, text in pairs:
        people = _persons(text)
        if people is None:
            found = said(f"{band}: {text!r} is no count", f"{band}：{text!r} 不是人数")
            problems.append(Problem(where, found, said("persons, 0 or more", "人数，不小于 0")))
        else:
            yield Cell(number, district, sex, band, people)


def _persons(text: str) -> float | None:
    number = number_in(text)
    return float(number) if number is not None and 0 <= number <= 1e9 else None


def _bands(path: Path, bands: Sequence[Band]) -> Iterator[Problem]:
    """Refuse ages that stand in two bands or in none."""
    for one, other in pairwise(bands):
        if other.first != one.last + 1:
            found = said(f"{one} and {other}", f"{one} 与 {other}")
            allowed = said("bands that follow one another", "年龄组首尾相接、互不重叠")
            yield Problem(path.name, found, allowed)


def _missing(
    path: Path, bands: Sequence[Band], table: Mapping[tuple[str, str], Mapping[Band, Cell]]
) -> Iterator[Problem]:
    """Name ages that a district's people lack, and districts that give only one sex."""
    for (district, sex), held in table.items():
        lacking = [str(band) for band in bands if band not in held]
        if lacking:
            found = said(
                f"{district} {sex} lacks {', '.join(lacking)}",
                f"{district} {sex} 缺少 {'、'.join(lacking)}",
            )
            yield Problem(path.name, found, said("every age of the table", "表中各年龄组均须填写"))
        other = {"male": "female", "female": "male"}.get(sex)
        if other and (district, other) not in table:
            found = said(f"{district} has {sex} only", f"{district} 只有 {sex}")
            yield Problem(
                path.name, found, said("both sexes, or their sum", "男女均填，或只填合计")
            )


Table = dict[tuple[str, str], list[float]]


def _without_sums(
    path: Path,
    bands: Sequence[Band],
    table: Table,
    names: Sequence[str],
    problems: list[Problem],
) -> Table:
    """Drop sums of sexes and of districts beside their parts, once they are seen to hold."""
    found = dict(table)
    for district, sex in table:
        if sex == "both" and (district, "male") in table:
            parts = [table[district, one] for one in ("male", "female")]
            problems += _held_to(
                path, f"{district} 男+女 male + female", bands, parts, table[district, sex]
            )
            del found[district, sex]
    for sex in ("male", "female", "both"):
        parts = [found[name, sex] for name in names if (name, sex) in found]
        if (CITY, sex) in found and len(parts) == len(names):
            problems += _held_to(path, f"{CITY} {sex}", bands, parts, found.pop((CITY, sex)))
    return found


def _held_to(
    path: Path,
    what: str,
    bands: Sequence[Band],
    parts: Sequence[Sequence[float]],
    whole: Sequence[float],
) -> Iterator[Problem]:
    for band, stated, *some in zip(bands, whole, *parts, strict=True):
        if abs(sum(some) - stated) > max(SAME * stated, len(some)):
            found = said(
                f"{what}, {band}: parts add to {sum(some):,.0f}, the whole is {stated:,.0f}",
                f"{what}，{band}：各部分合计 {sum(some):,.0f}，总数 {stated:,.0f}",
            )
            yield Problem(path.name, found, said("parts that add to it", "各部分之和等于总数"))


def bands_of(ages: Sequence[object]) -> list[Band] | None:
    """Return the bands of counts that stand in a scenario; None if one cannot be read."""
    found = [band_of(age) if isinstance(age, str) else None for age in ages]
    return None if None in found else [band for band in found if band]


def counts_at(raw: Mapping[str, object]) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the counts of a scenario with their places."""
    yield from rows_at(table_at(raw, "population"), "counts")
