"""Read a bureau's own figures of its people, and refuse those that cannot be together.

A scenario names a file; its rows then stand in the scenario itself, so that what was run is whole without
the file and another content is another run.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from params.axes import BASES, CITY
from params.city import City
from params.errors import ParamError, Problem
from params.scenario.faults import Fault, is_number, rows_at, table_at
from params.scenario.layers import Layers
from params.tables.figures import Group, groups_of

KEY: Final = "population.evidence"
NEEDED: Final = ("year", "measure", "value")
COLUMNS: Final = (*NEEDED, "basis", "area", "published", "error")
LATE_DIGIT: Final = 0.002
"""Two figures of one year may differ by the register's own error, as a share."""
FORMS: Final = (
    "total, 60+, 60-64, 63, each with _male or _female; share_80+_of_60+; male_share_of_60+; "
    "births, deaths, deaths_60+, registrations"
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
    """Put the rows of the file that a scenario names in the file's place.

    Raises
    ------
    ParamError
        If the file cannot be read, or a cell is no number.
    """
    plan = layers.values.get("population")
    named = plan.get("evidence") if isinstance(plan, Mapping) else None
    if not isinstance(plan, Mapping) or not isinstance(named, str):
        return layers
    stated_in = layers.origin.get(KEY, layers.files[0])
    return with_rows(layers, read_evidence(stated_in.parent / named))


def with_rows(layers: Layers, rows: list[dict[str, object]]) -> Layers:
    """Put rows in the place of a scenario's evidence."""
    plan = table_at(layers.values, "population")
    values = {**layers.values, "population": {**plan, "evidence": rows}}
    return replace(layers, values=values)


def read_evidence(path: Path) -> list[dict[str, object]]:
    """Read a table of figures: columns `NEEDED`, and basis, area, published, error if need be."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or "is no UTF-8 text 不是UTF-8文本"
        raise ParamError(Problem(f"{KEY} = {path.name}", str(found), "a CSV file")) from None
    reader = csv.DictReader(text.splitlines())
    header = tuple(reader.fieldnames or ())
    missing = [c for c in NEEDED if c not in header]
    strange = [c for c in header if c not in COLUMNS]
    if missing or strange:
        found = ", ".join([f"no column {c}" for c in missing] + [f"column {c}" for c in strange])
        raise ParamError(Problem(path.name, found, f"columns {', '.join(COLUMNS)}"))
    problems: list[Problem] = []
    rows = []
    for line, cells in enumerate(reader, start=2):
        row: dict[str, object] = {}
        for name, cell in cells.items():
            text = (cell or "").strip()
            if not text:
                continue
            if name in ("measure", "basis", "area"):
                row[name] = text
                continue
            number = _number(text, whole=name in ("year", "published"))
            if number is None:
                problems.append(Problem(f"{path.name}, line {line}, {name}", text, "a number"))
            else:
                row[name] = number
        rows.append(row)
    if problems:
        raise ParamError(problems)
    return rows


def _number(text: str, *, whole: bool) -> float | int | None:
    try:
        return int(text) if whole else float(text.replace(",", ""))
    except ValueError:
        return None


def evidence_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """List what of a scenario's evidence, cut-off and exceptional years cannot be."""
    plan = table_at(raw, "population")
    until = plan.get("known_until")
    if type(until) is int and until < city.base_year:
        yield Fault(
            "population.known_until",
            f"{until}, before the base 早于基期",
            f"{city.base_year} or later",
            "`yanglao backtest` forecasts from earlier cut-offs 更早的截止年请用 backtest",
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
                f"{year}, after the cut-off 晚于截止年 {last}",
                f"at most {last}",
                "nothing is known of it: what is to come has its own spread",
            )
    yield from _row_faults(plan, city)
    yield from contradictions(rows)


def _row_faults(plan: Mapping[str, object], city: City) -> Iterator[Fault]:
    for i, row in rows_at(plan, "evidence"):
        measure, where = row.get("measure"), f"{KEY}[{i}]"
        groups = groups_of(measure) if isinstance(measure, str) else None
        if isinstance(measure, str) and groups is None:
            yield Fault(f"{where}.measure", measure, FORMS)
        value = row.get("value")
        if groups and groups[1] is not None and is_number(value) and not 0 < value < 1:
            yield Fault(f"{where}.value", f"{value:g}", "a share between 0 and 1, not percent")
        basis, area, year = (row.get(k, d) for k, d in DEFAULTS.items())
        if basis in BASES and basis not in city.bases:
            yield Fault(f"{where}.basis", f"{basis} is not counted here", " or ".join(city.bases))
        local = area != CITY or (basis != "registered" and city.base == "censuses")
        people = groups is not None and groups[0].kind == "people" and groups[1] is None
        if local and groups and not (people and year == city.base_year):
            yield Fault(
                where,
                f"{year} {area} {basis} {measure}",
                f"districts and residents: people at the end of {city.base_year} only",
                "figures of other years are taken for the city's registered people "
                "其他年份仅用全市户籍数",
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
                found = f"{one.about[0]} {one.measure} = {one.value:g}"
                yield Fault(f"{KEY}[{one.row}]", found, f"{other.value:g}, as in row {other.row}")
            elif one.of != other.of and _inside(one.of, other.of):
                over = one.value - other.value
                if over > LATE_DIGIT * other.value:
                    yield Fault(
                        f"{KEY}[{one.row}]",
                        f"{one.about[0]} {one.measure} = {one.value:,.0f}, {over:,.0f} more than "
                        f"{other.measure} = {other.value:,.0f} (row {other.row})",
                        "a part no larger than its whole; nothing was kept 部分不得大于整体",
                    )


def _inside(part: Group, whole: Group) -> bool:
    ages = whole.first_age <= part.first_age and part.last_age <= whole.last_age
    return ages and whole.sex in (None, part.sex)
