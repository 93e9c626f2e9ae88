"""Read the sets of assumptions that a scenario's replications take one after the other."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from params.city import City
from params.language import said
from params.scenario.faults import Fault, is_number, rows_at
from params.scenario.layers import Layers
from params.scenario.rows_file import Column, named_file, numbers, read_rows, with_table, words
from params.tables.assumptions import bounds_text, read_assumptions

if TYPE_CHECKING:
    from params.scenario.model import Scenario

KEY: Final = "draws"
BESIDE: Final = {"set": words(), "note": words()}
"""Columns that a table may have beside the assumptions; nothing reads them."""
NAMES: Final = {"组": "set", "编号": "set", "备注": "note"}


def with_draws(layers: Layers, city: City) -> Layers:
    """Put the rows of the file that a scenario names in the file's place.

    Raises
    ------
    ParamError
        If the file cannot be read, a column is no assumption, or a cell is no number.
    """
    path = named_file(layers, KEY)
    if path is None:
        return layers
    known = read_assumptions(city.assumptions)
    columns: dict[str, Column] = {**{name: numbers() for name in known}, **BESIDE}
    headers = {**{a.meaning_zh: name for name, a in known.items()}, **NAMES}
    found = read_rows(path, columns, headers)
    for row in found.rows:
        for name in BESIDE:
            row.pop(name, None)
    return with_table(layers, KEY, found)


def draw_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield the mistakes of sets of assumptions: values that cannot be, cells that are missing."""
    known = read_assumptions(city.assumptions)
    rows = list(rows_at(raw, KEY))
    every = list(dict.fromkeys(name for _, row in rows for name in row))
    for name in every:
        if name in known and known[name].concentration is not None:
            at = next(i for i, row in rows if name in row)
            yield Fault(
                f"{KEY}[{at}].{name}",
                said(f"{name} is drawn together with its group", f"{name} 与同组份额一并抽样"),
                said("other assumptions", "其他假定"),
                said("drop the column", "请删去此列"),
            )
    for i, row in rows:
        for name in every:
            if name not in known:
                continue  # the field's own check says so, with the nearest name
            value, where = row.get(name), f"{KEY}[{i}].{name}"
            least, most = known[name].bounds
            if value is None:
                found = said(f"no value of {name}", f"缺少 {name} 的取值")
                yield Fault(f"{KEY}[{i}]", found, said("one in every set", "每组都要有"))
            elif is_number(value) and not (least <= value <= most and math.isfinite(value)):
                yield Fault(where, f"{value:g}", bounds_text(known[name]))


def draw_notes(scenario: "Scenario") -> Iterator[str]:
    """Say which columns of the sets do not hold, because the scenario says the assumption itself."""
    columns = scenario.draws[0] if scenario.draws else {}
    for name in columns:
        if name in scenario.assumptions:
            yield said(
                f"draws: {name} is not taken from the sets: assumptions.{name} holds",
                f"draws：{name} 不取自各组，以 assumptions.{name} 为准",
            )
