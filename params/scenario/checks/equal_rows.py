"""Refuse rows that stand twice in any list of a scenario: one of them was not meant, or says nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel

from params.language import said
from params.scenario.faults import Fault, twice
from params.scenario.parts.fields import model_in
from params.scenario.path_resources import path_resource_id
from params.scenario.places import halfwidth

NOTE: Final = "note"
"""Key by which a user tells two equal rows apart."""
Row = object


def equal_rows(raw: Mapping[str, object], model: type[BaseModel]) -> list[Fault]:
    """List the rows of all lists that say the same as one before, what is left out read as its default.

    Parameters
    ----------
    model : of the tables, whose fields say which of them are lists.
    """
    return list(_in_table(raw, model, ""))


def _in_table(raw: Mapping[str, object], model: type[BaseModel], above: str) -> Iterator[Fault]:
    for name, field in model.model_fields.items():
        held, path, inner = raw.get(name), f"{above}{name}", model_in(field.annotation)
        if isinstance(held, list | tuple):
            if inner is not None or _is_set(field.annotation):
                yield from _in_list(held, inner, path)
        elif inner is not None and isinstance(held, Mapping):
            yield from _in_table(held, inner, f"{path}.")


def _in_list(
    rows: list[Row] | tuple[Row, ...], model: type[BaseModel] | None, path: str
) -> Iterator[Fault]:
    seen: dict[object, int] = {}
    for i, row in enumerate(rows):
        if isinstance(row, Mapping) != (model is not None):
            continue  # of the wrong kind, which its field's own check says
        first = seen.setdefault(_read(row, model), i)
        if first != i:
            yield _fault(f"{path}[{i}]", f"{path}[{first}]", model)
        elif model is not None and isinstance(row, Mapping):
            yield from _in_table(row, model, f"{path}[{i}].")


def _fault(path: str, first: str, model: type[BaseModel] | None) -> Fault:
    advice = said("drop one of them", "请删去其一")
    if model is not None and NOTE in model.model_fields:
        advice = said(
            f"drop one; if both are meant, add them up or tell them apart by `{NOTE}`",
            f"请删去其一；如确为两项，请合并，或用 {NOTE} 注明区别",
        )
    return twice(path, first, "", said("every row once", "每项一次"), advice)


def _read(row: Row, model: type[BaseModel] | None) -> object:
    """Return what a row says, in a form that can be looked up."""
    if model is None or not isinstance(row, Mapping):
        return _value(row)
    fields = model.model_fields
    usual = {name: field.default for name, field in fields.items() if not field.is_required()}
    return tuple((name, _value(held)) for name, held in sorted({**usual, **row}.items()))


def _value(held: object) -> object:
    if isinstance(held, str):
        return path_resource_id(halfwidth(held))
    if isinstance(held, Mapping):
        return tuple((str(name), _value(inner)) for name, inner in sorted(held.items()))
    if isinstance(held, list | tuple):
        return tuple(map(_value, held))
    return held


def _is_set(annotation: Any) -> bool:
    """Say whether a list holds names or years: of numbers two may well be equal."""
    if annotation in (int, str):
        return True
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    return bool(parts) and _is_set(parts[0])
