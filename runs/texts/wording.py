"""Say everything in Chinese or English; `wording.toml` holds the words.

Keys are the ids of the output contract. Words of ours are looked up strictly (`text`, `column`):
a missing one is a bug. Names that a user's own tables bring along (districts, resources, units,
measures) are said as they are when they have no translation (`name`).
"""

import csv
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from params.language import LANGUAGES
from params.names import kinds_of_resource, resource_rows

SUFFIXES: Final = ("mc_error", "p05", "p95")
"""What may follow a column's name: its Monte Carlo error, the ends of its interval."""

VALUE_SECTIONS: Final = MappingProxyType(
    {
        "basis": "basis",
        "area_type": "area_type",
        "area": "area",
        "district": "area",
        "origin": "area",
        "destination": "area",
        "resource": "resource",
        "measure": "measure",
        "list": "list",
        "class": "class",
        "sex": "sex",
        "unit": "unit",
        "kind": "kind",
        "verdict": "verdict",
        "limit": "limit",
        "indicator": "indicator",
        "reading": "reading",
        "flag": "flag",
        "status": "status",
        "use": "use",
        "engine": "engine",
        "cause": "cause",
        "why": "why_still",
        "case": "backtest",
        "model": "backtest",
        "closes": "closes",
        "source": "source",
        "method": "method",
    }
)
"""Columns whose values are words, and the section of `wording.toml` that translates them."""

MEASURE_SPANS: Final = ("measure_month", "measure_whole")
"""Sections that say measures of other spans than a year; what they lack is said as in ``measure``."""


def value_section(column: str, columns: Collection[str]) -> str:
    """Return the section that translates a column's values in a table with these columns.

    A measure is named like the column of the yearly table (全年申请数), unless the table's rows are
    months or the whole run.
    """
    if column != "measure" or "year" in columns:
        return VALUE_SECTIONS[column]
    return "measure_month" if "month" in columns else "measure_whole"


@dataclass(frozen=True)
class Wording:
    """The words of one language."""

    lang: str
    sections: Mapping[str, Mapping[str, str]]

    def column(self, column: str) -> str:
        """Return the header of a column of a result file, intervals and errors included."""
        headers = self.sections["column"]
        if column in headers:
            return headers[column]
        base, suffix = split_suffix(column)
        return self.sections["suffix"][suffix].format(column=headers[base])

    def text(self, section: str, key: str, **values: object) -> str:
        """Return a text of ours with its braces filled in."""
        words = self.sections[section][key]
        return words.format(**values) if values else words

    def figure(self, key: str, **values: object) -> str:
        """Return a text of the figures."""
        return self.text("figure", key, **values)

    def report(self, key: str, **values: object) -> str:
        """Return a text of the report."""
        return self.text("report", key, **values)

    def counted_by(self, basis: str) -> str:
        """Say by which district a column of results is counted; nothing where its definition says it."""
        return self.sections["counted"].get(basis, "")

    def name(self, section: str, key: str) -> str:
        """Return the name of an area, resource, measure ... or the key itself when it is new."""
        words = self.sections[section]
        if section in MEASURE_SPANS and key not in words:
            return self.name("measure", key)
        if section == "measure" and key not in words:
            return self.column(key) if self.knows_column(key) else key
        return words.get(key, key)

    def flags(self, flags: str) -> str:
        """Return the words for one or more flags joined by ``;``."""
        return "; ".join(self.name("flag", flag.strip()) for flag in flags.split(";"))

    def knows_column(self, column: str) -> bool:
        """Tell whether a column has a header, with or without an interval's ending."""
        headers = self.sections["column"]
        return column in headers or split_suffix(column)[0] in headers

    def with_areas(self, names: Mapping[str, str]) -> "Wording":
        """Add names of districts (id to name); those already known keep theirs."""
        areas = MappingProxyType({**names, **self.sections["area"]})
        return replace(self, sections=MappingProxyType({**self.sections, "area": areas}))

    def with_columns(self, headers: Mapping[str, str]) -> "Wording":
        """Say some columns' headers otherwise."""
        columns = MappingProxyType({**self.sections["column"], **headers})
        return replace(self, sections=MappingProxyType({**self.sections, "column": columns}))


@cache
def wording(lang: str) -> Wording:
    """Read the words of one language, ``zh`` or ``en``."""
    at = LANGUAGES.index(lang)
    table = tomllib.loads(read_packaged("wording.toml"))
    sections = {
        section: MappingProxyType({key: pair[at] for key, pair in words.items()})
        for section, words in table.items()
    }
    named = {row["resource"]: row[f"name_{lang}"] for row in resource_rows()}
    sections["resource"] = MappingProxyType({**named, **sections["resource"]})
    return Wording(lang, MappingProxyType(sections))


def split_suffix(column: str) -> tuple[str, str]:
    """Split ``service_gap_p05`` into ``service_gap`` and ``p05``; other names have no suffix."""
    for suffix in SUFFIXES:
        if column.endswith(f"_{suffix}"):
            return column.removesuffix(f"_{suffix}"), suffix
    return column, ""


@dataclass(frozen=True)
class Definition:
    """One row of the data dictionary."""

    file: str
    column: str
    unit: str
    basis: str
    definition_zh: str
    definition_en: str

    def text(self, lang: str) -> str:
        """Return the definition in one language."""
        return self.definition_zh if lang == "zh" else self.definition_en


@cache
def dictionary() -> tuple[Definition, ...]:
    """Read the data dictionary: every column of every result file, in the file's order."""
    rows = csv.DictReader(read_packaged("dictionary.csv").splitlines())
    return tuple(Definition(**row) for row in rows)


@cache
def contract_columns(file: str) -> tuple[str, ...]:
    """Return the columns of a result file, without intervals beside a mean."""
    return tuple(row.column for row in dictionary() if row.file == file)


@cache
def column_applies() -> Mapping[tuple[str, str], bool]:
    """Tell which column of `shortfall.csv` has a meaning for which resource: (column, resource)."""
    rows = csv.DictReader(read_packaged("applies.csv").splitlines())
    by_kind = {(row["column"], row["kind"]): row["applies"] == "1" for row in rows}
    kinds = kinds_of_resource()
    return MappingProxyType(
        {
            (column, resource): applies
            for (column, kind), applies in by_kind.items()
            for resource in kinds
            if kinds[resource] == kind
        }
    )


def gap_column(resource: str) -> str:
    """Return the gap by which a resource is judged: service gap, or demand gap without waits."""
    applies = column_applies().get(("service_gap", resource), True)
    return "service_gap" if applies else "demand_gap"


def gap_unit(resource: str, unit: str) -> str:
    """Return what the gap of a resource is counted in; `unit` is that of its demand and capacity."""
    return "assessors" if resource == "assessment" else unit


def say_number(value: float, decimals: int = 0, sign: str = "-") -> str:
    """Write a number with commas and a true minus sign; `sign` ``+`` shows both signs."""
    text = f"{round(value, decimals) + 0.0:{sign},.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def read_packaged(name: str, package: str = "runs.texts") -> str:
    """Read a text file that lies in a package, beside this module by default."""
    return (files(package) / name).read_text(encoding="utf-8")
