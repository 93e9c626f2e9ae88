"""Find what a word names - a key, an assumption, a column, a resource - and all that is said of it anywhere.

Nothing is said here: meanings come from the schema of the files, from the table of assumptions, from
``columns.csv``, ``dictionary.csv`` and ``values.csv``, labels from the wording.
"""

import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from params.city import City
from params.errors import ParamError, Problem
from params.language import said
from params.names import kinds_of_resource, resource_id, resource_rows
from params.scenario.unused import RULES
from params.tables.assumptions import Assumption, read_assumptions
from params.tables.known import known_tables
from params.tables.read import read_columns
from runs.explain.entry import Entry
from runs.explain.names import known_names
from runs.explain.schema import ANY, KINDS, SCENARIO, Key, keys_of
from runs.explain.values import sum_entries, value_entries, value_names
from runs.texts.wording import Wording, dictionary, read_packaged, wording

MOST: Final = 12
"""Entries that are shown at most; the others are named."""
NEAREST: Final = 5
FEW: Final = 30
"""Values that are named one by one at most."""


def explained(word: str, city: City, lang: str) -> list[Entry]:
    """Return everything of that name; the whole name before its last part alone.

    Raises
    ------
    ParamError
        If there is nothing of the name, with the nearest ones.
    """
    plain = word.strip().strip("[]`\"'").replace("]", "").replace("[", ".")
    found = list(_all_of(plain, city, wording(lang)))
    if found:
        return found
    known = (*known_names(city), *value_names())
    close = get_close_matches(plain, known, n=NEAREST, cutoff=0.5)
    last = plain.rpartition(".")[2].lower()
    inside = [name for name in known if len(last) > 2 and last in name.lower()]
    near = list(dict.fromkeys([*close, *inside]))[: 2 * NEAREST]
    raise ParamError(
        Problem(
            word,
            said(
                "no key, assumption, column, value of results or resource of this name",
                "没有此名的键、假定、列、取值或资源",
            ),
            said(
                "a key of scenarios as beds.changes.date, an assumption, a column of a table or of a "
                "result, a value of results as beneficiaries_2",
                "情景的键（如 beds.changes.date）、假定、数据表或结果表的列、"
                "结果表中的取值（如 beneficiaries_2）",
            ),
            " / ".join(near),
        )
    )


def _all_of(word: str, city: City, words: Wording) -> Iterator[Entry]:
    keys = [key for kind in KINDS for key in keys_of(kind, city)]
    same = [key for key in keys if _is_at(key, word)]
    last = [key for key in keys if "." not in word and key.path[-1] == word and key not in same]
    assumptions = read_assumptions(city.assumptions)
    name = word.removeprefix("assumptions.").partition(".")[0]
    yield from (_key_entry(key, city, words) for key in same)
    if name in assumptions:
        yield _assumption_entry(assumptions[name], words)
    yield from _output_entries(word, words)
    yield from value_entries(word, words)
    yield from _column_entries(word, words)
    yield from _resource_entries(word, words)
    yield from (_key_entry(key, city, words) for key in last)


def _is_at(key: Key, word: str) -> bool:
    """Say whether a word names a key; numbers of rows and chosen names may stand in it or not."""
    steps = [step for step in word.split(".") if not step.isdigit()]
    path = list(key.path)
    chosen = [step for step in path if step != ANY]
    if steps == chosen:
        return True
    return len(steps) == len(path) and all(
        want in (ANY, got) for want, got in zip(path, steps, strict=True)
    )


def _key_entry(key: Key, city: City, words: Wording) -> Entry:
    """Say of a key what it means and takes, how it is written, and when nothing reads it."""
    label = words.sections["explain"]
    lines = [("meaning", key.meaning(words.lang))]
    lines.append(("type", label["or"].join(label[f"type_{one}"] for one in key.type.split("|"))))
    if key.allowed:
        some = key.allowed[:FEW]
        more = label["more"].format(n=len(key.allowed) - FEW) if len(key.allowed) > FEW else ""
        lines.append(("allowed", label["comma"].join(some) + more))
    if key.limits:
        lines.append(("range", key.limits))
    lines.append(("default", _default(key, words)))
    lines.append(("written", written(key)))
    in_vain = dict.fromkeys(r.by for r in RULES if r.key == key.name and key.kind == SCENARIO)
    if in_vain:
        lines.append(("in_vain", label["comma"].join(in_vain)))
    if key.kind == SCENARIO and (users := _stated_in(key, city)):
        lines.append(("stated", label["comma"].join(users)))
    return Entry(key.name, f"kind_{key.kind}", tuple(line for line in lines if line[1]))


def _default(key: Key, words: Wording) -> str:
    label = words.sections["explain"]
    if key.is_table or (key.default in ("", None, []) and not key.required):
        return "" if key.is_table else label["none"]
    return label["required"] if key.required else toml_of(key.default)


def toml_of(value: object) -> str:
    """Write a value as a scenario file says it."""
    from params.files.toml_text import toml_value

    return toml_value(value)


def written(key: Key) -> str:
    """Say where in a file a key stands: under which table."""
    above = ".".join(key.path[:-1])
    if key.type == "rows":
        return f"[[{key.name}]]"
    if key.is_table:
        return f"[{key.name}]"
    head = f"[[{above}]] " if key.in_rows else f"[{above}] "
    return f"{head if above else ''}{key.path[-1]} = ..."


def _stated_in(key: Key, city: City) -> list[str]:
    """Return the ready scenarios that say something of a key."""
    found = []
    for path in sorted(city.scenarios.glob("*.toml")):
        at: object = tomllib.loads(path.read_text(encoding="utf-8"))
        for step in key.path:
            at = at[0] if isinstance(at, list) and at else at
            at = at.get(step) if isinstance(at, dict) else None
        if at is not None:
            found.append(path.stem)
    return found


def _assumption_entry(one: Assumption, words: Wording) -> Entry:
    label = words.sections["explain"]
    lines = [
        ("meaning", one.meaning_zh if words.lang == "zh" else one.meaning_en),
        ("unit", words.name("unit", one.unit)),
        ("default", f"{one.value:g}"),
        (
            "drawn",
            label["drawn_from"].format(
                low=f"{one.low:g}", high=f"{one.high:g}", law=one.distribution
            ),
        ),
        ("range", "{:g} … {:g}".format(*one.bounds)),
        ("source", f"{one.source_id} ({words.name('status', one.status)})"),
        ("used", _used(one, words)),
        ("written", f"[assumptions] {one.name} = {one.value:g}"),
    ]
    by = [rule.by for rule in RULES if rule.key == f"assumptions.{one.name}"]
    if by:
        lines.append(("in_vain", label["comma"].join(by)))
    return Entry(one.name, "kind_assumption", tuple(lines))


def _used(one: Assumption, words: Wording) -> str:
    """Say which part of the model reads an assumption."""
    label = words.sections["explain"]
    part = label.get(f"group_{one.group}", one.group)
    of = [row[f"name_{words.lang}"] for row in resource_rows() if one.name in row.values()]
    return part + (f" ({label['comma'].join(of)})" if of else "")


def _output_entries(word: str, words: Wording) -> Iterator[Entry]:
    """Yield the columns of result files that have a name or header."""
    label = words.sections["explain"]
    wanted_file, _, wanted = word.rpartition(".")
    alike: dict[tuple[str, str, str], list[str]] = {}
    by = {(row.file, row.column): row.basis for row in dictionary()}
    for row in dictionary():
        if row.file == "suffix" or wanted_file not in ("", row.file):
            continue
        if wanted in (row.column, words.sections["column"].get(row.column)):
            alike.setdefault((row.column, row.unit, row.text(words.lang)), []).append(row.file)
    for (column, unit, text), files in alike.items():
        counted = dict.fromkeys(words.counted_by(by[file, column]) for file in files)
        text += next(iter(counted)) if len(counted) == 1 else ""
        lines = [("meaning", text), ("header", words.column(column)), ("unit", _unit(unit, words))]
        lines.append(("files", label["comma"].join(f"{file}.csv" for file in files)))
        if "shortfall" in files:
            lines.append(("empty", _empty_for(column, words)))
        yield Entry(column, "kind_output", tuple(line for line in lines if line[1]))


def _unit(unit: str, words: Wording) -> str:
    return words.sections["explain"]["unit_row"] if unit == "row" else words.name("unit", unit)


def _empty_for(column: str, words: Wording) -> str:
    """Say for which kinds of resource a column of ``shortfall.csv`` is empty, and why."""
    import csv

    reason = "reason_zh" if words.lang == "zh" else "reason"
    said_of: dict[str, list[str]] = {}
    for row in csv.DictReader(read_packaged("applies.csv").splitlines()):
        if row["column"] == column and row["applies"] == "0":
            names = [r for r, kind in kinds_of_resource().items() if kind == row["kind"]]
            said_of.setdefault(row[reason], []).extend(words.name("resource", r) for r in names)
    comma = words.sections["explain"]["comma"]
    return "; ".join(f"{comma.join(names)}: {why}" for why, names in said_of.items())


def _column_entries(word: str, words: Wording) -> Iterator[Entry]:
    """Yield the columns of a city's tables that have a name."""
    wanted_table, _, wanted = word.rpartition(".")
    tables = {table.table: table for table in known_tables()}
    for column in read_columns():
        if column.name != wanted or wanted_table not in ("", column.table):
            continue
        lines = [
            (
                "meaning",
                (column.meaning_zh or column.meaning) if words.lang == "zh" else column.meaning,
            )
        ]
        lines.append(("unit", words.name("unit", column.unit) if column.unit else ""))
        lines.append(("type", words.sections["explain"].get(f"cells_{column.kind}", column.kind)))
        if column.may_be_blank:
            lines.append(("empty", words.sections["explain"]["may_be_blank"]))
        if column.table in tables:
            lines.append(("used", tables[column.table].feeds(words.lang)))
        lines.append(("source", column.source_id))
        yield Entry(
            f"{column.table}.csv: {column.name}",
            "kind_column",
            tuple(line for line in lines if line[1]),
        )


def _resource_entries(word: str, words: Wording) -> Iterator[Entry]:
    """Yield the resource of an id or Chinese name."""
    id_ = str(resource_id(word))
    label = words.sections["explain"]
    for row in resource_rows():
        if row["resource"] == id_:
            yield Entry(
                id_,
                "kind_resource",
                (
                    ("meaning", row[f"name_{words.lang}"]),
                    ("unit", words.name("unit", row["unit"])),
                    ("target", f"{row['target_days']} ({row['source_id']})"),
                    ("default", label["on" if row["on"] == "1" else "off"]),
                ),
            )
    yield from sum_entries(word, words)


def entries_text(found: list[Entry], words: Wording) -> str:
    """Write entries for a terminal, and name those beyond the first few."""
    label = words.sections["explain"]
    blocks = [
        "\n".join(
            [
                label["head"].format(name=entry.name, kind=label[entry.kind]),
                *(f"  {label[key]}{label['colon']}{text}" for key, text in entry.lines),
            ]
        )
        for entry in found[:MOST]
    ]
    if len(found) > MOST:
        names = label["comma"].join(dict.fromkeys(entry.name for entry in found[MOST:]))
        blocks.append(label["others"].format(names=names))
    return "\n\n".join(blocks)
