"""Write what one file says of a scenario as TOML: its keys with their values, by table."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from params.files.toml_text import toml_value
from params.language import said

ROWS_SHOWN: Final = 3
"""Rows of a list that are written at most; how many more there are is said."""
ITEMS_SHOWN: Final = 12
"""Plain values of a list, likewise."""
LONGEST_ROW: Final = 160
_ROW: Final = re.compile(r"^(.*)\[(\d+)\]$")


def stated_lines(
    values: Mapping[str, object], provenance: Mapping[str, str], file: str
) -> Iterator[str]:
    """Yield the lines of what a file says.

    Parameters
    ----------
    values : the tables of a scenario, whole.
    provenance : file of every value by dotted key path; of a list with rows of several files, of each row.
    file : whose values are wanted, as `provenance` names it.
    """
    by_table: dict[str, list[str]] = {}
    for key, rows in _keys(provenance, file).items():
        table, _, name = key.rpartition(".")
        value = _value_at(values, key)
        if rows is not None and isinstance(value, list | tuple):
            value = [value[k] for k in rows]
        by_table.setdefault(table, []).extend(_lines(name, value))
    for table in sorted(by_table, key=bool):  # what stands in no table comes first
        if table:
            yield f"[{table}]"
        yield from by_table[table]


def _keys(provenance: Mapping[str, str], file: str) -> dict[str, list[int] | None]:
    """Return the keys that a file says, each with its own rows where others say some of them."""
    found: dict[str, list[int] | None] = {}
    for key, where in provenance.items():
        if where != file:
            continue
        if row := _ROW.match(key):
            places = found.setdefault(row[1], [])
            if places is not None:
                places.append(int(row[2]))
        else:
            found[key] = None
    return found


def _lines(name: str, value: object) -> Iterator[str]:
    """Write a key with its value; a list of tables has a line for each."""
    if not isinstance(value, list | tuple):
        yield f"{name} = {toml_value(value)}"
        return
    tables = any(isinstance(item, Mapping) for item in value)
    most = ROWS_SHOWN if tables else ITEMS_SHOWN
    shown, more = [toml_value(item) for item in value[:most]], len(value) - most
    rest = said(f"# and {more} more", f"# 另有 {more} 项")
    if tables:
        yield f"{name} = ["
        yield from (f"  {_cut(item)}," for item in shown)
        yield from [f"  {rest}"] * (more > 0)
        yield "]"
    else:
        yield f"{name} = [{', '.join(shown)}" + ("]" if more <= 0 else f", ...]  {rest}")


def _cut(row: str) -> str:
    return row if len(row) <= LONGEST_ROW else f"{row[:LONGEST_ROW]}... }}"


def _value_at(values: Mapping[str, object], key: str) -> object:
    found: object = values
    for step in key.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
