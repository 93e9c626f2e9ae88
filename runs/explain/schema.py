"""Walk a JSON schema of scenario, design or network files: every table and key with what it takes.

The schemas are made from the models, whose docstrings say every key in English and in Chinese.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from params.city import City, read_city

SCENARIO, DESIGN, NETWORK = "scenario", "design", "network"
KINDS: Final = (SCENARIO, DESIGN, NETWORK)
ANY: Final = "NAME"
"""Step of a path that a user chooses: a resource, a district, an assumption."""
CHINESE: Final = re.compile(r"(?:(?<=[.:;)`])|^)\s+(?=[“\"(]?\d*[\u4e00-\u9fff])")
"""Where the Chinese of a docstring begins: after the end of an English sentence."""
HAN: Final = re.compile(r"[\u4e00-\u9fff]")
LIMITS: Final = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("exclusiveMaximum", "<"),
)
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """One key or table of a file."""

    kind: str
    """One of `KINDS`."""
    path: tuple[str, ...]
    """Its steps; `ANY` for one that a user chooses."""
    type: str
    """``table``, ``rows`` (a list of tables), ``named`` (tables or values by names), ``list``, ``text``,
    ``number``, ``whole``, ``yes``, ``date``; two or more are joined by ``|``."""
    meaning_en: str
    meaning_zh: str
    """Empty where the docstring has no Chinese of its own."""
    allowed: tuple[str, ...] = ()
    """The values that it takes, where they are few enough to be named."""
    limits: str = ""
    default: object = None
    required: bool = False
    in_rows: bool = False
    """Whether it is a cell of a row of a list."""

    @property
    def name(self) -> str:
        """The dotted path."""
        return ".".join(self.path)

    @property
    def is_table(self) -> bool:
        """Whether keys stand in it."""
        return self.type in ("table", "rows", "named")

    def meaning(self, lang: str) -> str:
        """Return what it means, in the other language where there is nothing in this one."""
        one, other = self.meaning_zh, self.meaning_en
        return (one or other) if lang == "zh" else (other or one)


@cache
def keys_of(kind: str, city: City | None = None) -> tuple[Key, ...]:
    """Return every table and key of a kind of files, in the order of the models."""
    schema = schema_of(kind, city or read_city())
    return tuple(_walk(schema, schema.get("$defs", {}), kind))


def schema_of(kind: str, city: City) -> Schema:
    """Return the schema of a kind of files: that of the packaged city from its file, which loads no model."""
    if kind == DESIGN:
        from params.studies.load import design_schema

        return design_schema()
    if kind == NETWORK:
        from params.network.load import network_schema

        return network_schema()
    packaged = city.scenarios / "scenario.schema.json"
    if packaged.is_file():
        found: Schema = json.loads(packaged.read_text(encoding="utf-8"))
        return found
    from params.scenario.load import scenario_schema

    return scenario_schema(city)


def _walk(
    table: Schema, defs: Schema, kind: str, above: tuple[str, ...] = (), in_rows: bool = False
) -> Iterator[Key]:
    required = table.get("required", ())
    for name, described in table.get("properties", {}).items():
        yield from _key(
            described,
            defs,
            Key(kind, (*above, name), "", "", "", (), "", None, name in required, in_rows),
        )


def _key(described: Schema, defs: Schema, key: Key) -> Iterator[Key]:
    """Yield a key and what stands in it."""
    parts = [_resolved(part, defs) for part in _alternatives(described)]
    merged = {**_resolved(described, defs), **described}
    english, chinese = split(str(merged.get("description", "")))
    values = [value for part in parts for value in _values(part)]
    limits = {sign: part[word] for part in parts for word, sign in LIMITS if word in part}
    yield Key(
        key.kind,
        key.path,
        "|".join(dict.fromkeys(_type(part, defs) for part in parts)),
        english,
        chinese,
        tuple(dict.fromkeys(str(value) for value in values)),
        ", ".join(f"{sign} {number:g}" for sign, number in limits.items()),
        merged.get("default"),
        key.required,
        key.in_rows,
    )
    for part in parts:
        if "properties" in part and key.path[:1] != ("assumptions",):
            yield from _walk(part, defs, key.kind, key.path, key.in_rows)
        items = _resolved(part.get("items", {}), defs)
        if "properties" in items:
            yield from _walk(items, defs, key.kind, key.path, in_rows=True)
        inside = part.get("additionalProperties")
        for one in _alternatives(inside) if isinstance(inside, Mapping) else ():
            found = _resolved(one, defs)
            if "properties" in found:
                yield from _walk(found, defs, key.kind, (*key.path, ANY), key.in_rows)


def _alternatives(described: Schema) -> list[Schema]:
    """Return the forms that a value may have, nothing at all left out."""
    parts = described.get("anyOf", described.get("oneOf", [described]))
    return [part for part in parts if part.get("type") != "null"]


def _resolved(described: Schema, defs: Schema) -> Schema:
    reference = described.get("$ref")
    return defs[reference.rpartition("/")[2]] if reference else described


def _values(part: Schema) -> list[object]:
    if "const" in part:
        return [part["const"]]
    return list(part.get("enum", part.get("items", {}).get("enum", ())))


def _type(part: Schema, defs: Schema) -> str:
    if "properties" in part:
        return "table"
    if part.get("type") == "object":
        return "named"
    if part.get("type") == "array":
        return "rows" if "properties" in _resolved(part.get("items", {}), defs) else "list"
    if part.get("format") == "date":
        return "date"
    plain = {"integer": "whole", "number": "number", "boolean": "yes"}
    return plain.get(str(part.get("type")), "text")


def split(text: str) -> tuple[str, str]:
    """Split a docstring into its English and its Chinese.

    Chinese begins after an English sentence. Names that stand in Chinese among English words are both
    languages'; a text that is nothing but Chinese has no English.
    """
    plain = " ".join(text.split())
    for found in CHINESE.finditer(plain):
        if _is_chinese(plain[found.end() :]):
            return plain[: found.start()].strip(), plain[found.end() :].strip()
    return plain, plain if HAN.search(plain) else ""


def _is_chinese(text: str) -> bool:
    """Say whether a text is Chinese to its end: no English sentence follows."""
    return not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", text)
