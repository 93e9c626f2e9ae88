"""Read a bureau's own figures of its people, and refuse those that cannot be together.

A scenario names a file; its rows then stand in the scenario itself, so that what was run is whole without
the file and another content is another run.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from params.axes import BASES, CITY
from params.city import City
from params.errors import either
from params.files.sheet import HEADERS
from params.files.written import share_words
from params.language import Said, said
from params.names import CHOICES
from params.scenario.faults import Fault, is_number, rows_at, table_at
from params.scenario.layers import Layers
from params.scenario.rows_file import (
    RowsFile,
    named_file,
    numbers,
    read_rows,
    whole,
    with_table,
    words,
)
from params.tables.figures import Group, groups_of

KEY: Final = "population.evidence"
LATE_DIGIT: Final = 0.002
"""Two figures of one year may differ by the register's own error, as a share."""
FORMS: Final = Said(
    "total, 60+, 60-64, 63, each with _male or _female; share_80+_of_60+; male_share_of_60+; "
    "births, deaths, deaths_60+, registrations",
    "total、60+、60-64、63，各可加 _male 或 _female；share_80+_of_60+；male_share_of_60+；"
    "births、deaths、deaths_60+、registrations",
)


class Stated(NamedTuple):
    """One row of people, as far as it can be read."""

    row: int
    about: tuple[int, str, str]
    """Year, basis and area."""
    measure: str
    value: float
    of: Group


def with_evidence(layers: Layers) -> Layers:
    """Put the rows of the file that a scenario names in the file's place."""
    path = named_file(layers, KEY)
    return layers if path is None else with_table(layers, KEY, read_evidence(path))


def read_evidence(path: Path) -> RowsFile:
    """Read a table of figures, and say what of it cannot be read."""
    return read_rows(path, COLUMNS, HEADERS)


def _measure(word: str) -> str:
    """Return the id of a measure that our own tables call in Chinese."""
    if found := re.fullmatch(r"(\d+)岁及?以上", word):
        return f"{found[1]}+"
    if found := re.fullmatch(r"(\d+(?:-\d+)?)岁", word):
        return found[1]
    return MEASURES.get(word, word)


def _basis(word: str) -> str:
    named = {name: basis for basis in BASES for name in CHOICES[basis]}
    return named.get(word.removesuffix("人口"), word)


MEASURES: Final = {
    "总人口": "total",
    "出生": "births",
    "出生人数": "births",
    "死亡": "deaths",
    "死亡人数": "deaths",
}
COLUMNS: Final = {
    "year": whole(is_needed=True),
    "measure": words(is_needed=True, read=_measure),
    "value": numbers(is_needed=True),
    "basis": words(read=_basis),
    "area": words(),
    "published": whole(),
    "error": numbers(),
}


def evidence_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """List what of a scenario's evidence, cut-off and exceptional years cannot be."""
    plan = table_at(raw, "population")
    until = plan.get("known_until")
    if type(until) is int and until < city.base_year:
        yield Fault(
            "population.known_until",
            said(f"{until}, before the base", f"{until}，早于基期"),
            said(f"{city.base_year} or later", f"不早于 {city.base_year}"),
            said(
                "`yanglao backtest` forecasts from earlier cut-offs",
                "更早的截止年请用 yanglao backtest",
            ),
        )
    rows = list(_read_rows(plan))
    counted = [y for _, one in rows_at(plan, "counts") if type(y := one.get("year")) is int]
    last = max([city.base_year, *counted, *(s.about[0] for s in rows)])
    if type(until) is int:
        last = max(city.base_year, until)
    years = plan.get("exceptional_years")
    for year in years if isinstance(years, list | tuple) else ():
        if type(year) is int and year > last:
            yield Fault(
                "population.exceptional_years",
                said(f"{year}, after the cut-off {last}", f"{year}，晚于截止年 {last}"),
                said(f"at most {last}", f"不晚于 {last}"),
                said(
                    "nothing is known of it: what is to come has its own spread",
                    "尚无该年数据，未来年份自有其波动",
                ),
            )
    yield from _row_faults(plan, city)
    yield from _year_faults(plan, last_counted(raw, city))
    yield from contradictions(rows)


def last_counted(raw: Mapping[str, object], city: City) -> int:
    """Return the last year of which figures are taken: that of the plan, or that of a later horizon."""
    last = table_at(raw, "horizon").get("last_year")
    return max(city.plan_year, last) if type(last) is int else city.last_year


def _year_faults(plan: Mapping[str, object], most: int) -> Iterator[Fault]:
    for i, row in rows_at(plan, "evidence"):
        year = row.get("year")
        if type(year) is int and year > most:
            yield Fault(
                f"{KEY}[{i}].year",
                said(f"{year}, which nobody has counted yet", f"{year}，尚不可能有统计数"),
                said(f"at most {most}", f"不晚于 {most}"),
                said("what is forecast needs no figures", "预测年份不需要数据"),
            )


def _row_faults(plan: Mapping[str, object], city: City) -> Iterator[Fault]:
    for i, row in rows_at(plan, "evidence"):
        measure, where = row.get("measure"), f"{KEY}[{i}]"
        groups = groups_of(measure) if isinstance(measure, str) else None
        if isinstance(measure, str) and groups is None:
            yield Fault(f"{where}.measure", measure, str(FORMS))
        value = row.get("value")
        if groups and groups[1] is not None and is_number(value) and not 0 < value < 1:
            yield Fault(f"{where}.value", f"{value:g}", *share_words(value))
        basis, area, year = (row.get(k, d) for k, d in DEFAULTS.items())
        if basis in BASES and basis not in city.bases:
            found = said(f"{basis} is not counted here", f"{basis}：本市无此口径")
            yield Fault(f"{where}.basis", found, either(city.bases))
        local = area != CITY or (
            basis in BASES and basis != "registered" and city.base == "censuses"
        )
        people = groups is not None and groups[0].kind == "people" and groups[1] is None
        if local and groups and not (people and year == city.base_year):
            yield Fault(
                where,
                f"{year} {area} {basis} {measure}",
                said(
                    f"districts and residents: people at the end of {city.base_year} only",
                    f"分区数和常住数只用 {city.base_year} 年末人口",
                ),
                said(
                    "figures of other years are taken for the city's registered people",
                    "其他年份仅用全市户籍数",
                ),
            )


DEFAULTS: Final = {"basis": "registered", "area": CITY, "year": None}


def _read_rows(plan: Mapping[str, object]) -> Iterator[Stated]:
    """Yield counts of people that can be read."""
    for i, row in rows_at(plan, "evidence"):
        measure, value, year = row.get("measure"), row.get("value"), row.get("year")
        groups = groups_of(measure) if isinstance(measure, str) else None
        if groups is None or groups[1] is not None or not is_number(value) or type(year) is not int:
            continue
        about = (year, str(row.get("basis", "registered")), str(row.get("area", CITY)))
        yield Stated(i, about, str(measure), float(value), groups[0])


def contradictions(rows: Sequence[Stated]) -> Iterator[Fault]:
    """List parts that are larger than their whole, and figures that stand twice and differ."""
    for one in rows:
        for other in rows:
            if one.row == other.row or one.about != other.about or one.of.kind != other.of.kind:
                continue
            if one.of == other.of and (one.row > other.row) and one.value != other.value:
                found = f"{one.about[0]} {one.measure} = {one.value:,.0f}"
                n = other.row + 1
                allowed = said(
                    f"{other.value:,.0f}, as in row {n}", f"{other.value:,.0f}，与第{n}项相同"
                )
                yield Fault(f"{KEY}[{one.row}]", found, allowed)
            elif one.of != other.of and _inside(one.of, other.of):
                over = one.value - other.value
                if over > LATE_DIGIT * other.value:
                    yield Fault(
                        f"{KEY}[{one.row}]",
                        said(
                            f"{one.about[0]} {one.measure} = {one.value:,.0f}, {over:,.0f} more than "
                            f"{other.measure} = {other.value:,.0f} (row {other.row + 1})",
                            f"{one.about[0]} {one.measure} = {one.value:,.0f}，比第{other.row + 1}项 "
                            f"{other.measure} = {other.value:,.0f} 多 {over:,.0f}",
                        ),
                        said(
                            "a part no larger than its whole; nothing was kept",
                            "部分不得大于整体，未予采用",
                        ),
                    )


def _inside(part: Group, whole: Group) -> bool:
    ages = whole.first_age <= part.first_age and part.last_age <= whole.last_age
    return ages and whole.sex in (None, part.sex)
