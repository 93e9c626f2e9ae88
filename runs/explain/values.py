"""Find what stands in the word columns of results: measures, flags, verdicts, sums of resources.

What each means, its unit and the tables that have it stand in ``values.csv``; where a column is called the
same the meaning is that of the column, in ``dictionary.csv``. What it is called stands in the wording.
"""

import csv
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from params.language import LANGUAGES
from params.names import CASES_BY_REASON, TOTALS, kinds_of_resource, members_of, units_of_resource
from runs.explain.entry import Entry
from runs.texts.wording import (
    VALUE_SECTIONS,
    Definition,
    Wording,
    dictionary,
    read_packaged,
    wording,
)

YEARLY: Final = "shortfall"
OWN_WORDS: Final = ("reading", "indicator")
"""Sections whose words are what is said of a value."""


class Value(NamedTuple):
    """One word of a column of results."""

    section: str
    value: str
    unit: str
    files: str
    """Tables that have it, parted by semicolons; empty: every one that has a column of the section."""
    definition_zh: str
    definition_en: str


@cache
def values() -> tuple[Value, ...]:
    """Return what is said of words in results, those that the wording itself explains included."""
    rows = csv.DictReader(read_packaged("values.csv").splitlines())
    told = [Value(**row) for row in rows]
    spoken = {lang: wording(lang).sections for lang in LANGUAGES}
    for section in OWN_WORDS:
        told += [
            Value(
                section, value, "", "", spoken["zh"][section][value], spoken["en"][section][value]
            )
            for value in spoken["zh"][section]
        ]
    return tuple(told)


def value_entries(word: str, words: Wording) -> Iterator[Entry]:
    """Yield the words of results of an id, or of a Chinese or English name."""
    for one in values():
        if word == one.value or word.lower() in _names(one.section, one.value):
            yield _entry(one, words)


def sum_entries(word: str, words: Wording) -> Iterator[Entry]:
    """Yield the sums that are reported beside the resources, by id or by name."""
    label = words.sections["explain"]
    for id_ in (*TOTALS, *CASES_BY_REASON, *_workers()):
        if word != id_ and word.lower() not in _names("resource", id_):
            continue
        members = members_of(id_) if id_ in TOTALS else ()
        yield Entry(
            id_,
            "kind_resource",
            tuple(
                line
                for line in (
                    ("meaning", words.name("resource", id_)),
                    ("members", label["comma"].join(words.name("resource", m) for m in members)),
                    ("unit", words.name("unit", units_of_resource()[id_])),
                    ("columns", _columns("resource", "", words)),
                )
                if line[1]
            ),
        )


def value_names() -> Iterator[str]:
    """Yield every word that is explained, in both languages."""
    for one in values():
        yield one.value
        yield from _names(one.section, one.value)


def _workers() -> tuple[str, ...]:
    return tuple(id_ for id_, kind in kinds_of_resource().items() if kind == "worker")


@cache
def _names(section: str, value: str) -> frozenset[str]:
    """Return what a value is called, in small letters; long texts are no names."""
    spoken = (wording(lang).name(section, value) for lang in LANGUAGES)
    return frozenset(name.lower() for name in spoken if section != "reading" and name != value)


def _entry(one: Value, words: Wording) -> Entry:
    column = _column_called(one.value)
    meaning = one.definition_zh if words.lang == "zh" else one.definition_en
    if not meaning and column:
        spans = words.sections["explain"]["spans"] if column.file == YEARLY else ""
        meaning = column.text(words.lang) + spans
    unit = one.unit or (column.unit if column and not one.definition_en else "")
    unit = words.sections["explain"]["unit_row"] if unit == "row" else words.name("unit", unit)
    name = words.name(one.section, one.value)
    lines = (
        ("meaning", meaning),
        ("called", name if name not in (one.value, meaning) else ""),
        ("unit", unit),
        ("columns", _columns(one.section, one.files, words)),
    )
    return Entry(one.value, "kind_value", tuple(line for line in lines if line[1]))


def _column_called(value: str) -> Definition | None:
    """Return the column of a value's name, that of the yearly table first."""
    same = [row for row in dictionary() if row.column == value]
    return next((row for row in same if row.file == YEARLY), same[0] if same else None)


def _columns(section: str, files: str, words: Wording) -> str:
    """Say in which columns of which tables a value stands."""
    label = words.sections["explain"]
    only = files.split(";") if files else []
    found: dict[str, list[str]] = {}
    for row in dictionary():
        if VALUE_SECTIONS.get(row.column) == section and (not only or row.file in only):
            found.setdefault(row.column, []).append(f"{row.file}.csv")
    parts = (f"{column} ({label['comma'].join(of)})" for column, of in found.items())
    return label["comma"].join(parts)
