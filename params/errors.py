"""Say what a user can put right, all of it at once.

`ParamError` is the only exception of ours that the command line turns into a message and exit
status 2. A bug of ours stays a plain exception.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from params.language import said


@dataclass(frozen=True)
class Problem:
    """One mistake: where it stands, what was found, what is allowed, what to do."""

    where: str
    found: str
    allowed: str = ""
    advice: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.found}"]
        if self.allowed:
            lines.append(said("    allowed: ", "    允许：") + self.allowed)
        if self.advice:
            lines.append(said("    try: ", "    建议：") + self.advice)
        return "\n".join(lines)


class ParamError(Exception):
    """Input that a user can put right; carries every problem found, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


_PLACE = re.compile(r"^(.*?):(\d+):(\d+)(?=:|$)")
_CELL = re.compile(r"^(.*?)(?:, line | 第)(\d+)")
"""How `cell_place` begins."""


def in_order(broken: Sequence[Problem], others: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of their lines, each line that could not be read said once.

    Parameters
    ----------
    broken : of lines that could not be read as they are.
    others : of what was read all the same.
    """
    said_of = {_line_of(problem) or problem.where for problem in broken}
    whole = [*broken, *(p for p in others if (_line_of(p) or p.where) not in said_of)]
    files = list(dict.fromkeys(_file_of(p) for p in whole))
    return sorted(whole, key=lambda p: (files.index(_file_of(p)), *_numbers_of(p)))


def _line_of(problem: Problem) -> tuple[str, str] | None:
    match = _PLACE.match(problem.where)
    return (match[1], match[2]) if match else None


def _file_of(problem: Problem) -> str:
    match = _PLACE.match(problem.where) or _CELL.match(problem.where)
    return match[1] if match else problem.where


def _numbers_of(problem: Problem) -> tuple[int, int]:
    if match := _PLACE.match(problem.where):
        return int(match[2]), int(match[3])
    cell = _CELL.match(problem.where)
    return (int(cell[2]), 0) if cell else (0, 0)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return advice naming the known words closest to a misspelt one, or nothing."""
    close = get_close_matches(word, list(known), n=3, cutoff=0.5)
    return did_you_mean(close) if close else ""


def did_you_mean(names: Iterable[str]) -> str:
    """Return advice naming what may be meant."""
    text = " / ".join(names)
    return said(f"did you mean {text}?", f"是否指 {text}？")


def missing_file() -> str:
    """Say that a file that must be there is not."""
    return said("the file is missing", "文件缺失")


def cell_place(file: str, line: int, column: str = "") -> str:
    """Say where a cell of a table stands; without a column the whole line."""
    en, zh = f"{file}, line {line}", f"{file} 第{line}行"
    return said(f"{en}, column {column}", f"{zh} {column} 列") if column else said(en, zh)


def column_place(file: str, column: str) -> str:
    """Name a column of a table."""
    return said(f"{file}, column {column}", f"{file} 的 {column} 列")


def either(words: Iterable[object]) -> str:
    """Join words of which one is meant."""
    return said(" or ", " 或 ").join(map(str, words))


def span(first: object, last: object) -> str:
    """Say a range with both ends."""
    return said(f"{first} to {last}", f"{first} 至 {last}")
