"""Write a scenario, design or network to start from: every key of the schema in it, with what it means.

Lines that hold say what a user most likely sets; all others are commented out and hold when their ``#`` is
taken away, one by one. Prose has a space behind its ``#``.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from params.city import City
from params.errors import ParamError, Problem
from params.files.toml_text import toml_value
from params.language import said
from params.names import CHOICES
from params.scenario.unused import unused
from params.tables.assumptions import read_assumptions
from runs.explain.schema import ANY, SCENARIO, Key, keys_of
from runs.texts.wording import Wording, wording

FEW: Final = 12
"""Values that are named one by one at most."""
FILE: Final = Path(__file__).parent / "texts" / "new.toml"
PLACE: Final = "DISTRICT"
"""Stands in the examples for the city's first district."""
BASE: Final = "BASE YEAR"
"""Stands there for the city's base year."""
PLAN: Final = "PLAN YEAR"
"""Stands there for the last year of the city's plan."""
OF_DAYS: Final = "first_year"
"""Key of the first year of whom examples' dates are; another city's lie as long after its own."""
NEVER: Final = ("extends",)
"""Keys that are no line of their own unless they hold."""


@cache
def _texts() -> Mapping[str, Any]:
    """Return what files say by kind: `holds`, `examples` and what these need."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def new_file(path: Path, kind: str, city: City, lang: str) -> None:
    """Write a file to start from.

    Raises
    ------
    ParamError
        If there is one already, or its folder takes none.
    """
    text = new_text(path.stem, kind, city, lang)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        found = said("is there already", "文件已存在")
        allowed, advice = said("a new name", "新的文件名"), said("choose another one", "请换一个")
        raise ParamError(Problem(str(path), found, allowed, advice)) from None
    except OSError as error:
        raise ParamError(
            Problem(str(path), said("cannot be written", "无法写入") + f": {error}")
        ) from None


def new_text(name: str, kind: str, city: City, lang: str) -> str:
    """Return the file's text in a language."""
    return "\n".join(_File(name, kind, city, wording(lang)).lines()).rstrip() + "\n"


class _File:
    """One file while it is written."""

    def __init__(self, name: str, kind: str, city: City, words: Wording) -> None:
        self.name, self.kind, self.city, self.words = name, kind, city, words
        self.every = keys_of(kind, city)
        self.keys = [key for key in self.every if ANY not in key.path]
        self.say = words.sections["new"]
        texts = _texts()[kind]
        self.holds = {"name": name, **texts["holds"]}
        self.holds |= {f"title_{one}": name for one in ("zh", "en")}
        self.examples, self.needs = texts["examples"], texts.get("needs", {})

    def lines(self) -> Iterator[str]:
        """Yield every line."""
        yield f"# {self.say[f'head_{self.kind}'].format(name=self.name)}"
        yield f"# {self.say['how']}"
        yield ""
        yield from self._table(())

    def _table(self, path: tuple[str, ...]) -> Iterator[str]:
        """Yield the keys of a table, its lists of tables that hold, then the tables in it."""
        inside = [key for key in self.keys if key.path[:-1] == path]
        plain = [key for key in inside if not self._has_head(key)]
        for key in plain:
            yield from self._key(key)
        for key in (key for key in inside if key not in plain):
            yield ""
            yield from self._prose(key)
            if key.type == "rows":
                yield from self._rows(key)
            else:
                yield f"[{key.name}]"
                if key.path == ("assumptions",):
                    yield from self._assumptions()
                else:
                    yield from self._table(key.path)

    def _has_head(self, key: Key) -> bool:
        """Say whether a key is a table under a head of its own; others are lines."""
        if key.type == "rows":
            return key.name in self.holds
        needs = any(k.required and k.name not in self.holds for k in self._inside(key))
        return key.type == "table" and not key.in_rows and not needs

    def _inside(self, key: Key) -> list[Key]:
        return [one for one in self.keys if one.path[:-1] == key.path]

    def _key(self, key: Key) -> Iterator[str]:
        """Yield what a key means, and its line."""
        if key.path[-1] in NEVER and key.name not in self.holds:
            return
        line = self._line(key)
        is_told = key.name in self.holds or line is not None
        yield from self._prose(key, "" if is_told else f"{key.path[-1]}: ")
        yield from self._prose_inside(key, "  ")
        if key.name in self.holds:
            yield f"{key.path[-1]} = {toml_value(self.holds[key.name])}"
        elif line is not None:
            yield line

    def _prose_inside(self, key: Key, indent: str) -> Iterator[str]:
        """Yield what the keys mean that stand in the value of a line."""
        for one in self.every:
            if one.path[:-1] in (key.path, (*key.path, ANY)):
                yield from self._prose(one, f"{one.path[-1]}: ", indent)
                yield from self._prose_inside(one, f"{indent}  ")

    def _line(self, key: Key) -> str | None:
        """Return a line that holds without its mark of a comment; none where nobody knows one.

        What needs another key besides is prose: by itself it does not hold.
        """
        value = self.examples.get(key.name, key.default)
        if value is None or (value == [] and key.type == "rows"):
            return None
        if key.type == "date" and isinstance(value, str):
            value = dt.date.fromisoformat(value)
        if key.type == "named":
            first, inner = next(iter(value.items()))
            line = f"{key.path[-1]}.{toml_key(first)} = {toml_value(self._placed(inner))}"
        else:
            line = f"{key.path[-1]} = {toml_value(self._placed(value))}"
        needed = self.needs.get(key.name)
        return f"# {line}  ({self.say['needs'].format(key=needed)})" if needed else f"#{line}"

    def _placed(self, value: Any) -> Any:
        """Put the city's first district and its years where an example says so."""
        if isinstance(value, list):
            return [self._placed(one) for one in value]
        if isinstance(value, Mapping):
            return {name: self._placed(one) for name, one in value.items()}
        if isinstance(value, dt.date) and self.kind == SCENARIO:
            return value.replace(year=value.year + self.city.first_year - _texts()[OF_DAYS])
        if value == PLACE:
            return self._district()
        years = {BASE: self.city.base_year, PLAN: self.city.plan_year}
        return years.get(value, value) if isinstance(value, str) else value

    def _district(self) -> str:
        from params.scenario.places import district_names

        return district_names(self.city)[0]

    def _rows(self, key: Key) -> Iterator[str]:
        """Yield the rows of a list that holds; keys that a row leaves out are commented."""
        for row in self.holds[key.name]:
            yield f"[[{key.name}]]"
            for one in self._inside(key):
                name = one.path[-1]
                line = self._line(one) if self._fits(one) else None
                yield from self._prose(one, "" if name in row or line else f"{name}: ")
                yield from self._prose_inside(one, "  ")
                if name in row:
                    yield f"{name} = {toml_value(row[name])}"
                elif line is not None:
                    yield line

    def _fits(self, key: Key) -> bool:
        """Say whether a key stands beside those that hold: not where it takes the place of one of them."""
        return key.name in self.examples or key.default not in ([], "", None)

    def _prose(self, key: Key, head: str = "", indent: str = "") -> Iterator[str]:
        """Yield what a key means, and which values it takes."""
        meaning = key.meaning(self.words.lang)
        said_ = [self._allowed(key)] if key.allowed else []
        said_ += [key.limits] if key.limits else []
        if key.required and key.in_rows:
            said_.append(self.say["required"])
        tail = f" [{'; '.join(said_)}]" if said_ else ""
        if meaning or tail:
            yield f"# {indent}{head}{' '.join(meaning.split())}{tail}"

    def _allowed(self, key: Key) -> str:
        """Name the values that a key takes, with their Chinese for who reads it."""
        zh = self.words.lang == "zh"
        named = [
            f"{value} {CHOICES[value][0]}" if zh and value in CHOICES else value
            for value in key.allowed[:FEW]
        ]
        more = self.say["more"] if len(key.allowed) > FEW else ""
        return self.say["comma"].join(named) + more

    def _assumptions(self) -> Iterator[str]:
        """Yield every assumption at its default; those that need a resource which is off only as prose."""
        known = read_assumptions(self.city.assumptions)
        idle = {one.key: one.by for one in unused({"resources": {"on": []}})}
        zh = self.words.lang == "zh"
        for name, one in known.items():
            unit = self.words.name("unit", one.unit)
            meaning = one.meaning_zh if zh else one.meaning_en
            low, high = (f"{end:g}" for end in (one.low, one.high))
            yield f"# {meaning} [{unit}; {low} … {high}]"
            by = idle.get(f"assumptions.{name}")
            if by is not None:
                yield f"# {name} = {one.value!r}  ({self.say['needs'].format(key=by)})"
            else:
                yield f"#{name} = {one.value!r}"


def toml_key(name: str) -> str:
    """Write a key, in quotes where it is not plain."""
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else toml_value(name)
