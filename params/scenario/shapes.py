"""Read a table where a list of tables is due, and a list of tables where a table is due.

``[events]`` for ``[[events]]`` is the commonest slip of a bracket. It is a mistake and said as one; what
stands in the table can be judged all the same, as what it was meant to be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from params.language import said
from params.scenario.faults import Fault
from params.scenario.layers import Layers
from params.scenario.model import Scenario
from params.scenario.parts.fields import model_in

Shape = Literal["table", "rows", "named", "value"]


@dataclass
class _Found:
    """What a walk through the tables of a scenario finds."""

    faults: list[Fault] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    """How a path is written in its file, by the path that it is judged at."""
    lists: list[str] = field(default_factory=list)
    """Lists of which only one table stands there."""


def with_shapes(layers: Layers, root: type[BaseModel] = Scenario) -> tuple[Layers, list[Fault]]:
    """Return tables in the shape that their model has, and the mistakes of those that had another."""
    found = _Found()
    values = _in_shape(layers.values, root, "", found)
    if not found.faults:
        return layers, []
    origin = dict(layers.origin)
    for path in found.lists:
        inside = [key for key in origin if key == path or key.startswith(f"{path}.")]
        if inside:
            origin[path] = origin[inside[0]]
    rows = {key: places for key, places in layers.rows.items() if key not in found.lists}
    shaped = replace(layers, values=values, origin=origin, rows=rows, written=found.written)
    return shaped, found.faults


@cache
def lists_of(root: type[BaseModel] = Scenario) -> frozenset[str]:
    """Return the paths of all lists of tables."""
    return frozenset(_lists(root, ""))


def _lists(model: type[BaseModel], above: str) -> Iterator[str]:
    for name, held in model.model_fields.items():
        inner, path = model_in(held.annotation), f"{above}{name}"
        if inner is None:
            continue
        if shape_of(held) == "rows":
            yield path
        yield from _lists(inner, f"{path}.")


def shape_of(held: FieldInfo) -> Shape:
    """Say whether a field is a table, a list of tables, a table by names, or a plain value."""
    inner = model_in(held.annotation)
    kinds = set(_kinds(held.annotation))
    if inner is None:
        return "value"
    if dict in kinds:
        return "named"
    return "rows" if tuple in kinds or list in kinds else "table"


def _kinds(annotation: Any) -> Iterator[object]:
    yield get_origin(annotation)
    for part in get_args(annotation):
        yield from _kinds(part)


def _in_shape(
    values: Mapping[str, object], model: type[BaseModel], above: str, found: _Found
) -> dict[str, object]:
    shaped = dict(values)
    for name, value in values.items():
        held = model.model_fields.get(name)
        inner = model_in(held.annotation) if held else None
        if held is None or inner is None:
            continue
        path, shape = f"{above}{name}", shape_of(held)
        if shape == "rows" and isinstance(value, Mapping):
            found.faults.append(_list_due(path))
            found.written[f"{path}[0]"] = path
            found.lists.append(path)
            value = [value]
        if shape == "table" and isinstance(value, list) and _are_tables(value):
            found.faults.append(_table_due(path))
            value = _as_one(value, path, found)
        if shape == "rows" and isinstance(value, list):
            shaped[name] = [
                _in_shape(row, inner, f"{path}[{k}].", found) if isinstance(row, Mapping) else row
                for k, row in enumerate(value)
            ]
        elif shape == "table" and isinstance(value, Mapping):
            shaped[name] = _in_shape(value, inner, f"{path}.", found)
    return shaped


def _are_tables(value: list[object]) -> bool:
    return bool(value) and all(isinstance(row, Mapping) for row in value)


def _as_one(rows: list[Any], path: str, found: _Found) -> dict[str, object]:
    """Lay several tables of one name together; of a key that stands twice the first holds."""
    whole: dict[str, object] = {}
    for k, row in enumerate(rows):
        for key in row:
            if key not in whole:
                whole[key] = row[key]
                found.written[f"{path}.{key}"] = f"{path}[{k}].{key}"
    return whole


def _list_due(path: str) -> Fault:
    found, here = said("a single table", "单个表"), path.rpartition(".")[2]
    inline = f"{here} = [{{ ... }}]"
    if "[" in path:  # in a row, where no header says it
        advice = said(f"write {inline}", f"请写 {inline}")
        return Fault(path, found, said(f"a list: {inline}", f"列表：{inline}"), advice)
    allowed = said(f"a list of tables: [[{path}]], or {inline}", f"列表：[[{path}]]，或 {inline}")
    advice = said(f"write [[{path}]], once for each row", f"请写 [[{path}]]，每项一次")
    return Fault(path, found, allowed, advice)


def _table_due(path: str) -> Fault:
    found = said("a list of tables", "表的列表")
    advice = said(f"write [{path}], once", f"请写 [{path}]，只写一次")
    return Fault(path, found, said(f"a table: [{path}]", f"表：[{path}]"), advice)
