"""One mistake of a scenario at its key path, and how checks look into tables that may hold anything."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeGuard

from params.language import said


class Cells(dict[str, object]):
    """A table that can be looked up in a set or a dict like any other value; equal only to itself there."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def hashable(value: object) -> object:
    """Return tables as `Cells` and lists as tuples, all the way down.

    Where a text is expected a file may have a list or a table: checks then find that it is none of the
    known words, and need not ask each time whether it can be looked up.
    """
    if isinstance(value, Mapping):
        return Cells({name: hashable(inner) for name, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(hashable(inner) for inner in value)
    return value


class Fault(NamedTuple):
    """One mistake at a key path such as `beds.changes[0].date`."""

    path: str
    found: str
    allowed: str
    advice: str = ""
    at_key: bool = False
    """Whether the key itself is wrong, not its value."""
    first: str = ""
    """Key path, named in what was found, of the place that says the same."""


def twice(path: str, first: str, what: str, allowed: str, advice: str = "") -> Fault:
    """Say that a row stands twice, and where first.

    Parameters
    ----------
    what : the row in a few words; nothing where both rows are alike in all.
    """
    head = f"{what} " if what else ""
    found = said(f"{head}stands twice, first at {first}", f"{head}重复，首见于 {first}")
    return Fault(path, found, allowed, advice, first=first)


def table_at(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return a table in a table; an empty one where something else stands."""
    found = raw.get(key)
    return found if isinstance(found, Mapping) else {}


def rows_at(table: Mapping[str, object], key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the tables of a list with their places; what is no table is passed over."""
    found = table.get(key)
    for i, row in enumerate(found if isinstance(found, list | tuple) else ()):
        if isinstance(row, Mapping):
            yield i, row


def is_date(value: object) -> TypeGuard[date]:
    """Say whether a value is a day without a time."""
    return isinstance(value, date) and not isinstance(value, datetime)


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a number, and not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)
