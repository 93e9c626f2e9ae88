"""Say what a user can put right, all of it at once.

`ParamError` is the only exception of ours that the command line turns into a message and exit
status 2. A bug of ours stays a plain exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


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
            lines.append(f"    allowed 允许: {self.allowed}")
        if self.advice:
            lines.append(f"    try 建议: {self.advice}")
        return "\n".join(lines)


class ParamError(Exception):
    """Input that a user can put right; carries every problem found, not only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return advice naming the known words closest to a misspelt one, or nothing."""
    close = get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"did you mean 是否指 {' / '.join(close)}?" if close else ""
