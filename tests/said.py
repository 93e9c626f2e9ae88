"""Read what a message says, without the lines and columns of its places."""

import re
from collections.abc import Iterable
from dataclasses import replace

from params.errors import Problem

_PLACE = re.compile(r":\d+:\d+(?=: |$)", re.MULTILINE)
_ROW = re.compile(r" #(\d+)( (?=[A-Za-z_])|)")


def plain(problem: Problem) -> Problem:
    """Return a problem whose place is file and key as code counts: `plan.toml: beds.changes[0].date`."""
    return replace(problem, where=plain_text(problem.where))


def plain_text(text: str) -> str:
    """Return what a command prints with places as code counts."""

    def row(found: re.Match[str]) -> str:
        return f"[{int(found[1]) - 1}]" + ("." if found[2] else "")

    return _ROW.sub(row, _PLACE.sub("", text))


def all_plain(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems as `plain` does."""
    return tuple(map(plain, problems))


def said_by_place(problems: Iterable[Problem]) -> dict[str, str]:
    """Return what is said of each key, the file left out."""
    return {p.where.partition(": ")[2]: str(p) for p in all_plain(problems)}
