"""The line and column of a value are where the value stands."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from params.files.positions import counted_from_one, positions_of
from params.language import speak
from params.scenario.layers import NETWORK_FOLDER
from tests.shanghai import shanghai

pytestmark = pytest.mark.core
KEYS = st.text("abcdefg-_0123", min_size=1, max_size=6)
TEXTS = st.text("ab ,#=[]{}床\"'\\", max_size=8)
SPACE = st.sampled_from(["", " ", "\t", "  "])


def written(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[" + ",\n  ".join(map(written, value)) + (", # more ]\n]" if value else "]")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + " }"
    return value.isoformat() if isinstance(value, date) else repr(value)


PLAIN = st.one_of(
    st.integers(-(10**6), 10**6),
    st.booleans(),
    TEXTS,
    st.dates(date(1999, 1, 1), date(2099, 1, 1)),
)
INLINE = st.dictionaries(KEYS, PLAIN, max_size=3)
VALUES = st.one_of(PLAIN, st.lists(st.one_of(PLAIN, INLINE), max_size=3), INLINE)


def values_of(table: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a document by its key path."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield from values_of(value, f"{path}.{key}" if path else key)
    elif isinstance(table, list):
        for k, value in enumerate(table):
            yield from values_of(value, f"{path}[{k}]")
    if path:
        yield path, table


def value_at(text: str, line: int, column: int) -> object:
    """Parse what stands at a place: the shortest piece of text from there that is a value."""
    rest = "\n".join(text.split("\n")[line - 1 :])[column - 1 :]
    for end in range(1, len(rest) + 1):
        if end < len(rest) and rest[end] not in " ,]}#\n":
            continue
        try:
            return tomllib.loads(f"x = {rest[:end]}")["x"]
        except tomllib.TOMLDecodeError:
            continue
    raise AssertionError(rest)


@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3),
    st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3),
    SPACE,
)
def test_every_value_of_any_document_is_found_where_it_stands(
    top: dict[str, object], tables: dict[str, dict[str, object]], rows: list[object], space: str
) -> None:
    lines = [f"{space}{key}{space}={space}{written(v)} # 说明" for key, v in top.items()]
    for name, table in tables.items():
        if name not in top:
            lines += ["", f"{space}[{name}]", *(f"{k} = {written(v)}" for k, v in table.items())]
    for row in rows:
        assert isinstance(row, dict)
        lines += ["[[rows.of]]", *(f"{space}{k} = {written(v)}" for k, v in row.items())]
    text = "\n".join(lines) + "\n"
    document = tomllib.loads(text)
    found = positions_of(text)
    assert not found.twice
    for path, value in values_of(document):
        place = found.values[path]
        if not (
            isinstance(value, dict | list)
            and text.split("\n")[place.line - 1].lstrip().startswith("[")
        ):
            assert value_at(text, place.line, place.column) == value, path


@pytest.mark.parametrize(
    "path",
    [*sorted(shanghai().scenarios.glob("*.toml")), *sorted(NETWORK_FOLDER.glob("*.toml"))],
    ids=lambda p: p.stem,
)
def test_every_value_of_the_ready_scenarios_has_a_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = positions_of(text)
    assert {path for path, _ in values_of(tomllib.loads(text))} <= set(found.values)


def test_a_missing_key_is_at_its_table_and_its_row() -> None:
    found = positions_of(
        'name = "a"\n[beds]\n[[beds.changes]]\nbeds = 1\n[[beds.changes]]\nbeds = 2\n'
    )
    assert found.place("beds.total_2025") == (2, 1)
    assert found.place("beds.changes[1].date") == (5, 1)
    assert found.place("workers.extra_home") is None


def test_a_key_given_twice_names_both_lines() -> None:
    (twice,) = positions_of("[beds]\na = 1\nb = 2\n a = 3\n").twice
    assert (twice.path, twice.first, twice.again) == ("beds.a", (2, 1), (4, 2))


def test_rows_are_counted_from_one() -> None:
    assert counted_from_one("beds.changes[0].date") == "beds.changes #1 date"
    assert (
        counted_from_one("network.pools[1].changes[2].date") == "network.pools #2 changes #3 date"
    )
    speak("zh")
    assert counted_from_one("beds.changes[0].date") == "beds.changes 第1项 date"
    assert counted_from_one("tables.a[b=c].d") == "tables.a[b=c].d"


@given(st.text("a=[]{},.\"'#\n \\床", max_size=40))
def test_a_walk_through_any_text_comes_to_an_end(text: str) -> None:
    # It took no time to tell: were nothing taken off the text at some sign, the places would never end.
    found = positions_of(text)
    assert len(found.values) <= len(text) * (len(text) + 1)


@pytest.mark.parametrize("text", ["a = [ }", "a = [,]", "a = [1, ,]", "a = { b = [} }", "a = []]"])
def test_a_list_that_holds_no_value_ends_the_walk(text: str) -> None:
    assert positions_of(text).keys
