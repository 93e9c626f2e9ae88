"""Take the Chinese word of a choice (户籍, 实际建成) for its id, wherever a scenario has one of few words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from params.names import CHOICES, choice_of, resource_names
from params.scenario.layers import Layers
from params.scenario.model import Scenario
from params.scenario.parts.fields import model_in

WRAPPED: Final = (Union, UnionType, tuple, dict)


def with_choices(layers: Layers) -> Layers:
    """Return a scenario's tables with ids in the place of their Chinese words."""
    return replace(layers, values=_in_table(layers.values, Scenario))


def spelled(ids: Iterable[str]) -> list[str]:
    """Return ids with the Chinese words that stand for each: what a schema of an editor must take."""
    names: dict[str, list[str]] = {}
    for name, id_ in resource_names().items():
        names.setdefault(id_, []).append(name)
    every = list(ids)
    words = [word for id_ in every for word in (*CHOICES.get(id_, ()), *names.get(id_, ()))]
    return list(dict.fromkeys([*every, *words]))


def with_words(schema: Any) -> Any:
    """Return a JSON schema whose choices of few words may be written in Chinese too."""
    if isinstance(schema, list):
        return [with_words(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: with_words(part) for key, part in schema.items()}
    enum = found.get("enum")
    if isinstance(enum, list) and all(isinstance(word, str) for word in enum):
        found["enum"] = spelled(enum)
    return found


def _in_table(values: Mapping[str, object], model: type[BaseModel]) -> dict[str, object]:
    return {
        name: _in_field(held, model.model_fields[name].annotation)
        if name in model.model_fields
        else held
        for name, held in values.items()
    }


def _in_field(held: object, annotation: Any) -> object:
    """Return what a field holds, with ids in it; what no field has stays as it is."""
    inner = model_in(annotation)
    if inner is not None:
        if isinstance(held, list | tuple):
            return [_in_table(row, inner) if isinstance(row, Mapping) else row for row in held]
        # A table by names has tables in it, whose fields are no choices.
        named = get_origin(annotation) is dict
        return _in_table(held, inner) if isinstance(held, Mapping) and not named else held
    ids = list(_choices(annotation))
    return choice_of(held, ids) if ids and isinstance(held, str) else held


def _choices(annotation: Any) -> Iterator[str]:
    """Yield the words that a field takes, if it is one of few words."""
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    elif get_origin(annotation) in WRAPPED:
        for part in get_args(annotation):
            yield from _choices(part)
