"""Find the line and column of every value of a TOML file.

The standard library's parser keeps no places, and `tomlkit` keeps the text but counts no lines. A file that
parses is easy to walk: this reads nothing into values, it only finds where each begins. In a file that
does not it goes on in the line after a mistake, so that a key given twice can name both lines and what
stands further down has its place too. It is asked only when there is a mistake to tell.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from params.language import said

BLANK: Final = " \t\r"
QUOTES: Final = ('"""', "'''", '"', "'")
OPENING: Final = "[{"
WIDE: Final = str.maketrans("【】［］｛｝＝，：", "[][]{}=,:")
"""Signs of a Chinese keyboard that part a file: where one stands, the plain one was meant."""


HEADER: Final = re.compile(
    r"[ \t]*(?P<opens>[\[({<]{0,2})[ \t]*(?P<name>[A-Za-z_][\w.-]*)[ \t]*"
    r"(?P<closes>[\])}>]{0,2})[ \t\r]*(?=#|\n|$)"
)
"""The name of a table with brackets of any kind, to the end of its line."""
SPACED: Final = re.compile(r"\[(?P<many>\[?)[ \t]*(?P<name>[\w.-]+(?:[ \t]+[\w.-]+)+)[ \t]*\]\]?")
"""The name of a table with spaces in it."""


class Place(NamedTuple):
    """Where something begins: line and column from 1, a column a character."""

    line: int
    column: int


class Twice(NamedTuple):
    """A key that stands twice."""

    path: str
    first: Place
    again: Place


@dataclass
class Positions:
    """Places of a file's values and keys by key path, such as `beds.changes[0].date`."""

    values: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    twice: list[Twice] = field(default_factory=list)
    unclosed: Place | None = None
    """Where a list, an inline table or a text begins that never ends."""

    def copy(self, path: str, other: str) -> None:
        """Call what stands at a path by another one too."""
        for places in (self.values, self.keys):
            starts = (f"{path}.", f"{path}[")
            inside = [one for one in places if one == path or one.startswith(starts)]
            places |= {f"{other}{one.removeprefix(path)}": places[one] for one in inside}

    def place(self, path: str, at_key: bool = False) -> Place | None:
        """Return the place of a value or key; of a missing one that of the table it belongs to."""
        while path:
            places = self.keys if at_key and path in self.keys else self.values
            if path in places:
                return places[path]
            path = above(path)
        return None


def above(path: str) -> str:
    """Return the path without its last step: of the row for a key, of the list for a row."""
    if path.endswith("]"):
        return path[: path.rindex("[")]
    return path.rpartition(".")[0]


class _Stopped(Exception):
    """The text goes on in a way that no TOML does."""


class _Walk:
    """One walk through a text."""

    def __init__(self, text: str) -> None:
        self.text = text.translate(WIDE)
        self.at = 0
        self.found = Positions()
        self._starts = [0, *(k + 1 for k, sign in enumerate(text) if sign == "\n")]
        self._rows: dict[str, int] = {}
        """How many tables each list of tables has so far."""
        self._again: dict[str, int] = {}
        """How many times a table stands that may stand once."""
        self._beside = ""
        """What the present table would be called as a row of a list: it stands again."""

    def place(self, at: int) -> Place:
        line = bisect_right(self._starts, at)
        return Place(line, at - self._starts[line - 1] + 1)

    def whole(self) -> Positions:
        table, unclosed = "", None
        while self.skip(lines=True):
            begin, self.found.unclosed = self.at, None
            try:
                other = HEADER.match(self.text, begin)
                if self.text[begin] == "[":
                    table = self.header()
                elif other is not None and (other["opens"] or other["closes"]):
                    self.at = other.end()
                    many = max(len(other["opens"]), len(other["closes"])) == 2
                    table = self.begin_table(other["name"].split("."), many, self.place(begin))
                elif self._beside:
                    self.pair_again(table)
                else:
                    self.pair(table)
            except (_Stopped, RecursionError):
                end = self.text.find("\n", begin)
                self.at = len(self.text) if end < 0 else end
                unclosed = unclosed or self.found.unclosed
        self.found.unclosed = unclosed
        return self.found

    def skip(self, lines: bool) -> bool:
        """Pass over blanks, and over ends of lines and comments if asked; say whether text is left."""
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign in BLANK or (lines and sign == "\n"):
                self.at += 1
            elif lines and sign == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return True
        return False

    def take(self, sign: str) -> None:
        if not self.text.startswith(sign, self.at):
            raise _Stopped
        self.at += len(sign)

    def header(self) -> str:
        start = self.place(self.at)
        if spaced := SPACED.match(self.text, self.at):
            self.at = spaced.end()
            return self.begin_table(
                re.split(r"[\s.]+", spaced["name"]), bool(spaced["many"]), start
            )
        many = self.text.startswith("[[", self.at)
        self.at += 1 + many
        steps = self.steps()
        closes = sum(self.text.startswith("]" * n, self.at) for n in (1, 2))  # one may be missing
        if not closes and self.text[self.at : self.at + 1] not in ("", "\n", "#"):
            raise _Stopped
        self.at += closes
        return self.begin_table(steps, many or closes == 2, start)

    def begin_table(self, steps: list[str], many: bool, start: Place) -> str:
        """Take down where a table begins, or a row of a list of tables; return its path."""
        path = ""
        for step in steps[:-1]:
            path = self.latest(f"{path}.{step}" if path else step)
            self.found.values.setdefault(path, start)
        path = f"{path}.{steps[-1]}" if path else steps[-1]
        self._beside = ""
        if path in self.found.keys and path not in {**self._rows, **self._again}:
            self.found.copy(path, f"{path}[0]")  # a list may have been meant
        if many:
            self.found.values.setdefault(path, start)
            had = self._again.get(path, int(path in self.found.keys))
            self.found.keys.setdefault(path, start)
            self._rows[path] = self._rows.get(path, had) + 1
            path = self.latest(path)
        elif path in self.found.keys:
            self.found.twice.append(Twice(path, self.found.keys[path], start))
            counted = self._rows if path in self._rows else self._again
            number = counted.setdefault(path, 1)
            counted[path] += 1
            self._beside = f"{path}[{number}]"
            self.found.values[self._beside] = self.found.keys[self._beside] = start
            return path
        self.found.values[path] = self.found.keys[path] = start
        return path

    def latest(self, path: str) -> str:
        """Return the path of the newest table of a list of tables; any other path as it is."""
        return f"{path}[{self._rows[path] - 1}]" if path in self._rows else path

    def pair(self, table: str) -> None:
        """Read ``key = value`` in a table."""
        start = self.place(self.at)
        path = table
        for step in self.steps():
            if path != table:
                self.found.values.setdefault(path, start)
            path = f"{path}.{step}" if path else step
        if path in self.found.keys:
            self.found.twice.append(Twice(path, self.found.keys[path], start))
        else:
            self.found.keys[path] = start
        self.take(":" if self.text.startswith(":", self.at) else "=")
        self.value(path)

    def pair_again(self, table: str) -> None:
        """Read a pair of a table that stands again: of it, and of a row of a list."""
        before = set(self.found.keys)
        self.pair(self._beside)
        for path in [one for one in self.found.keys if one not in before]:
            plain = f"{table}{path.removeprefix(self._beside)}"
            if plain in before:
                self.found.twice.append(Twice(plain, self.found.keys[plain], self.found.keys[path]))
            else:
                self.found.copy(path, plain)

    def steps(self) -> list[str]:
        """Read a key, dotted or not."""
        steps = []
        while self.skip(lines=False):
            quote = self.text[self.at]
            if quote in "\"'":
                begin = self.at
                self.quoted(quote)
                steps.append(self.text[begin + 1 : self.at - 1])
            else:
                begin = self.at
                while self.at < len(self.text) and _may_be_bare(self.text[self.at]):
                    self.at += 1
                if begin == self.at:
                    raise _Stopped
                steps.append(self.text[begin : self.at])
            if not self.skip(lines=False) or self.text[self.at] != ".":
                return steps
            self.at += 1
        raise _Stopped

    def value(self, path: str) -> None:
        if not self.skip(lines=False):
            raise _Stopped
        begin, sign = self.at, self.text[self.at]
        self.found.values.setdefault(path, self.place(begin))
        try:
            if sign == "[":
                self.items(path)
            elif sign == "{":
                self.inline(path)
            elif sign in "\"'":
                self.quoted(next(q for q in QUOTES if self.text.startswith(q, begin)))
            else:
                while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                    self.at += 1
                if self.at == begin:
                    raise _Stopped  # no value: whoever reads a list would come back here for ever
        except _Stopped:
            if sign in OPENING or sign in "\"'":
                self.found.unclosed = self.place(begin)  # the outermost comes last
            raise

    def quoted(self, quote: str) -> None:
        self.at += len(quote)
        while self.at < len(self.text):
            if self.text.startswith(quote, self.at):
                self.at += len(quote)
                while len(quote) == 3 and self.text.startswith(quote[0], self.at):
                    self.at += 1  # up to two quotes may stand before the three that close
                return
            if len(quote) == 1 and self.text[self.at] == "\n":
                break
            self.at += 2 if quote[0] == '"' and self.text[self.at] == "\\" else 1
        raise _Stopped

    def items(self, path: str) -> None:
        self.take("[")
        number = 0
        while self.skip(lines=True) and self.text[self.at] != "]":
            self.value(f"{path}[{number}]")
            number += 1
            if self.skip(lines=True) and self.text[self.at] == ",":
                self.at += 1
        self.take("]")

    def inline(self, path: str) -> None:
        self.take("{")
        while self.skip(lines=True) and self.text[self.at] != "}":
            self.pair(path)
            if self.skip(lines=True) and self.text[self.at] == ",":
                self.at += 1
        self.take("}")


def _may_be_bare(sign: str) -> bool:
    # Chinese bare keys are no TOML; they are walked all the same, to go on behind them.
    return sign.isalnum() or sign in "-_"


def positions_of(text: str) -> Positions:
    """Find the places of a text's values, as far as it is TOML."""
    return _Walk(text).whole()


def where(file: object, path: str = "", at_key: bool = False, shown: str | None = None) -> str:
    """Say where a value stands: `plan.toml:12:9: beds.total_2025`; `shown`: what it is called instead."""
    place = _in_file(file).place(path, at_key) if isinstance(file, Path) and path else None
    head = f"{file}:{place.line}:{place.column}" if place else f"{file}"
    return f"{head}: {shown or counted_from_one(path)}" if path else head


def counted_from_one(path: str) -> str:
    """Write a key path for readers: `beds.changes[0].date` is the date of the first row."""
    parts: list[str] = []
    for part in path.split("["):
        number, bracket, rest = part.partition("]")
        if bracket and number.isdigit() and parts:
            parts.append(said(f" #{int(number) + 1}", f" 第{int(number) + 1}项"))
            parts.append(rest.replace(".", " ", 1) if rest.startswith(".") else rest)
        else:
            parts.append(part if not parts else f"[{part}")
    return "".join(parts)


def _in_file(file: Path) -> Positions:
    try:
        state = file.stat()
        return _positions(file, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        return Positions()


@lru_cache(maxsize=64)
def _positions(file: Path, _: int, __: int) -> Positions:
    """Find the places in a file as it stood at a moment."""
    try:
        return positions_of(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return Positions()
