"""Say which tables a city may have, which it must have, and what each one that is optional feeds.

``tables.csv`` is the table of tables, ``columns.csv`` describes their columns; both hold for any city.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from params.city import REFERENCE, City
from params.errors import Problem, missing_file, nearest
from params.language import said

HERE: Final = Path(__file__).parent
ANY: Final = "any"


@dataclass(frozen=True)
class KnownTable:
    """One row of the table of tables."""

    table: str
    base: str
    """Cities that have it: any, censuses, counts (how their base is built), or reference."""
    need: str
    """required, optional, record (kept as evidence, read by nothing) or `one of GROUP`."""
    feeds_zh: str
    feeds_en: str
    without_zh: str
    """What is off, or what holds instead, in a city that does not have it."""
    without_en: str

    def feeds(self, lang: str) -> str:
        """Say what the table feeds."""
        return self.feeds_zh if lang == "zh" else self.feeds_en

    def without(self, lang: str) -> str:
        """Say what a city goes without that does not have the table."""
        return self.without_zh if lang == "zh" else self.without_en


@cache
def known_tables() -> tuple[KnownTable, ...]:
    """Read the table of tables."""
    with (HERE / "tables.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(KnownTable(**row) for row in csv.DictReader(stream))


def tables_for(base: str) -> tuple[KnownTable, ...]:
    """Return the tables that a city of one way of base may have in its folder."""
    return tuple(t for t in known_tables() if t.base in (ANY, base))


def has_table(city: City, name: str) -> bool:
    """Say whether a city, or the tables that hold for any city, has a table."""
    return any((folder / f"{name}.csv").is_file() for folder in (city.tables, REFERENCE))


def tables_of(city: City) -> tuple[str, ...]:
    """Name the tables that a city has, those that hold for any city included, in order."""
    names = {t.table for t in (*tables_for(city.base), *tables_for("reference"))}
    return tuple(sorted(name for name in names if has_table(city, name)))


def missing_tables(city: City) -> tuple[KnownTable, ...]:
    """Return the optional tables that a city does without."""
    optional = (t for t in tables_for(city.base) if t.need == "optional")
    return tuple(t for t in optional if not has_table(city, t.table))


def table_faults(city: City) -> Iterator[Problem]:
    """Name tables that are required and missing, and files that are no table of such a city."""
    known = tables_for(city.base)
    for table in known:
        if table.need == "required" and not has_table(city, table.table):
            where = f"{table.table}.csv"
            feeds = said(f"a table for {table.feeds_en}", f"用于{table.feeds_zh}的表")
            yield Problem(where, missing_file(), feeds)
    groups = sorted({t.need for t in known if t.need.startswith("one of")})
    for group in groups:
        members = [t.table for t in known if t.need == group]
        if not any(has_table(city, name) for name in members):
            names = " / ".join(f"{name}.csv" for name in members)
            found = said("none of them is there", "一个也没有")
            yield Problem(names, found, said("at least one", "至少一个"))
    every = {t.table for t in (*known, *tables_for("reference"))}
    for path in sorted(city.tables.glob("*.csv")):
        if path.stem not in every:
            allowed = ", ".join(sorted(every))
            found = said("no such table", "没有此表")
            yield Problem(path.name, found, allowed, nearest(path.stem, every))
