"""Find and set what a key of a design names in a scenario's tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from params.language import said
from params.scenario.layers import merged_tables
from params.scenario.model import Scenario, model_at

Step = str | int
STEP: Final = re.compile(r"([^.\[\]]+)((?:\[\d+\])*)")
CELL: Final = re.compile(r"tables\.([\w-]+)\[([^\]]*)\]\.(\w+)")
ASSUMPTIONS: Final = "assumptions"


@dataclass(frozen=True)
class Setting:
    """What a point sets one key to."""

    key: str
    value: object
    shown: object
    """What tables call it: a number, a text, true or false."""


class NoSuchPlace(Exception):
    """A key that names no place in a scenario's tables; says why."""


def is_cell(key: str) -> bool:
    """Say whether a key names a cell of a city table."""
    return key.startswith("tables.")


def steps_of(key: str) -> tuple[Step, ...]:
    """Split `beds.changes[0].beds` into its steps.

    Raises
    ------
    NoSuchPlace
        If it is no key.
    """
    steps: list[Step] = []
    for part in key.split("."):
        found = STEP.fullmatch(part)
        if found is None:
            raise NoSuchPlace(
                said(
                    "is no key; keys read beds.total_2025 or beds.changes[0].beds",
                    "不是键，键写作 beds.total_2025 或 beds.changes[0].beds",
                )
            )
        steps.append(found[1])
        steps += [int(number) for number in re.findall(r"\d+", found[2])]
    return tuple(steps)


def with_value(values: Mapping[str, object], key: str, value: object) -> dict[str, object]:
    """Return a scenario's tables with another value at a key.

    Raises
    ------
    NoSuchPlace
        If the key goes through a list that has no such element, or through a value that is no table.
    """
    steps = steps_of(key)
    if is_pinned(key, value):
        value = {"value": value, "low": value, "high": value}
    elif steps[0] == ASSUMPTIONS and len(steps) == 3:
        held = merged_tables({}, values).get(ASSUMPTIONS)
        number = held.get(steps[1]) if isinstance(held, Mapping) else None
        if isinstance(number, int | float):  # a plain number is the value of a table
            values = merged_tables(values, {ASSUMPTIONS: {steps[1]: {"value": number}}})
    changed = _set(values, steps, value, key)
    assert isinstance(changed, dict)
    return changed


def is_pinned(key: str, value: object) -> bool:
    """Say whether an axis holds an assumption at a number in every draw."""
    return (
        key.startswith(f"{ASSUMPTIONS}.")
        and key.count(".") == 1
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    )


def _set(inside: object, steps: tuple[Step, ...], value: object, key: str) -> object:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(inside, list | tuple) or step >= len(inside):
            count = len(inside) if isinstance(inside, list | tuple) else 0
            raise NoSuchPlace(
                said(
                    f"there are {count} elements, and [{step}] is none of them",
                    f"列表有 {count} 项，没有 [{step}]",
                )
            )
        changed = list(inside)
        changed[step] = _set(inside[step], rest, value, key)
        return changed
    if inside is not None and not isinstance(inside, Mapping):
        table_key = key.rpartition(".")[0]
        raise NoSuchPlace(said(f"{table_key} is no table", f"{table_key} 不是表"))
    table = dict(inside or {})
    table[step] = _set(table.get(step), rest, value, key)
    return table


def is_whole(key: str) -> bool:
    """Say whether the scenario has a whole number at a key."""
    try:
        names = tuple(step for step in steps_of(key) if isinstance(step, str))
    except NoSuchPlace:
        return False
    model = model_at(names[:-1], Scenario)
    field = model.model_fields.get(names[-1]) if model else None
    return field is not None and field.annotation in (int, int | None)
