"""What a scenario may say in Chinese an editor does not underline: the schema takes it too."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from params.names import CHOICES, choice_of, resource_names
from params.scenario.choice_words import _choices
from params.scenario.load import load_scenario, schema_file
from params.scenario.model import Scenario, model_in
from tests.shanghai import shanghai

pytestmark = pytest.mark.core
SCHEMA = json.loads(schema_file(shanghai()).read_text(encoding="utf-8"))


def fields_of(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str, list[str]]]:
    """Yield every field of few words, in a model and in those that stand in it, with the words."""
    for name, held in model.model_fields.items():
        inner = model_in(held.annotation)
        if inner is not None:
            yield from fields_of(inner)
        elif ids := list(_choices(held.annotation)):
            yield model, name, ids


def enums_in(described: object) -> Iterator[list[str]]:
    if isinstance(described, Mapping):
        if "enum" in described:
            yield described["enum"]
        for part in described.values():
            yield from enums_in(part)
    elif isinstance(described, list):
        for part in described:
            yield from enums_in(part)


def words_for(id_: str) -> list[str]:
    names = [name for name, one in resource_names().items() if one == id_]
    return [*CHOICES.get(id_, ()), *names]


def test_every_chinese_word_of_a_choice_is_in_the_schema_and_is_accepted() -> None:
    fields = list(fields_of(Scenario))
    assert len(fields) > 15
    for model, name, ids in fields:
        described = SCHEMA["$defs"][model.__name__]["properties"][name]
        (enum,) = enums_in(described)
        assert set(ids) <= set(enum), (model, name)
        for id_ in ids:
            for word in words_for(id_):
                assert word in enum, (model, name, word)
                assert choice_of(word, ids) == id_


def test_every_list_of_resources_in_the_schema_has_their_chinese_names() -> None:
    known = set(resource_names().values())
    for enum in enums_in(SCHEMA):
        for id_ in known.intersection(enum):
            assert set(words_for(id_)) <= set(enum), id_


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[population]\nbasis = "户籍"\n', ("PopulationPlan", "basis", "户籍")),
        ('[beds]\npath = "实际建成"\n', ("BedPlan", "path", "实际建成")),
        (
            '[[beds.changes]]\ndistrict = "黄浦区"\nresource = "护理型床位"\nbeds = 1\ndate = 2022-01-01\n',
            ("BedChange", "resource", "护理型床位"),
        ),
    ],
)
def test_what_a_trial_underlined_is_loaded_and_not_underlined(
    tmp_path: Any, text: str, path: tuple[str, str, str]
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'extends = "baseline"\n{text}', encoding="utf-8")
    load_scenario(file)
    model, name, word = path
    assert [word in enum for enum in enums_in(SCHEMA["$defs"][model]["properties"][name])] == [True]
