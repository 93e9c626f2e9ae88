"""What is wrong with one line of a file, and what is read in its place."""

from typing import NamedTuple

from params.files.positions import Place
from params.language import said


class Mistake(NamedTuple):
    """What is wrong with one line."""

    place: Place
    found: str
    allowed: str
    advice: str
    repaired: str | None = ""
    """A line to read in its place, so that other mistakes are found too; none: nothing more can be read."""
    following: int = 0
    """Lines after it that belong to it and say nothing by themselves."""
    is_apart: bool = False
    """Whether what begins in this line is right by itself, and only not allowed after what stands above."""


def write(text: str) -> str:
    """Advise to write a text."""
    return said(f"write {text}", f"请写 {text}")


def cut(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def without_comment(line: str) -> str:
    """Drop a comment; a # inside quotes is none."""
    quote = ""
    for k, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return line[:k]
    return line
