"""Find a font for every letter of a figure: the shipped one, another of the machine, or a sign instead.

Texts come from users too (titles, districts, resources), so a figure must hold letters that no font of
ours has: rare characters of names, emoji.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

from runs.figures.fonts import FAMILIES, add_font

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.ft2font import FT2Font

INSTEAD: Final = "〓"
"""The printers' sign for a letter that is missing; the shipped font has it."""
PROBE_SIZE: Final = 12
REGULAR: Final = 400
"""Weight of a font that is neither light nor bold."""


def letters_without_font(texts: Iterable[str]) -> str:
    """Return the letters that no font of this machine can draw, each once, in their order."""
    letters = dict.fromkeys(letter for text in texts for letter in _shown(text))
    return "".join(s for s in letters if s != "\n" and family_of(s) is None)


def set_letters(figure: "Figure") -> None:
    """Give every text of a figure the fonts that its letters need, and signs for those that none has."""
    from matplotlib.text import Text

    for axis in (one for axes in figure.axes for one in (axes.xaxis, axes.yaxis)):
        said = [label.get_text() for label in axis.get_ticklabels()]  # sets them too
        readable = [readable_text(text) for text in said]
        if readable != said:
            axis.set_ticks(axis.get_majorticklocs(), readable)
            axis.get_ticklabels()
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_text(readable_text(text.get_text()))
        more = [family_of(letter) for letter in dict.fromkeys(text.get_text())]
        families = [family for family in dict.fromkeys(more) if family and family not in FAMILIES]
        if families:
            text.set_fontfamily([*FAMILIES, *families])


def readable_text(text: str) -> str:
    """Return a text with `INSTEAD` for what cannot be drawn, and nothing for what has no shape."""
    return "".join(s if s == "\n" or family_of(s) else INSTEAD for s in _shown(text))


def _shown(text: str) -> str:
    """Leave out what joins or varies letters; control characters become spaces."""
    kinds = ((sign, unicodedata.category(sign)) for sign in text)
    spaced = ((" " if kind == "Cc" and sign != "\n" else sign, kind) for sign, kind in kinds)
    return "".join(s for s, kind in spaced if kind != "Cf" and not "\ufe00" <= s <= "\ufe0f")


@cache
def family_of(letter: str) -> str | None:
    """Return the first family that draws a letter, ours before the machine's; None: no font does."""
    from matplotlib.font_manager import fontManager

    add_font()
    ours = next((name for name in FAMILIES if _draws(name, letter)), None)
    if ours:
        return ours
    others = sorted({entry.name for entry in fontManager.ttflist} - set(FAMILIES))
    return next((n for n in others if not _stands_in(n) and _draws(n, letter)), None)


def _stands_in(family: str) -> bool:
    """Say whether a font draws for every letter a sign of its script only."""
    return "lastresort" in family.replace(" ", "").lower()


def _draws(family: str, letter: str) -> bool:
    """Say whether a family's regular font draws a letter; fonts of coloured pictures cannot be drawn."""
    font = _font(family)
    if font is None or not font.get_char_index(ord(letter)):
        return False
    try:
        font.load_char(ord(letter))
    except RuntimeError:
        return False
    return True


@cache
def _font(family: str) -> "FT2Font | None":
    """Open a family's most regular font; None where it cannot be opened."""
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    # Not by `findfont`: it tells the user of every family that has no regular weight.
    entries = [entry for entry in fontManager.ttflist if entry.name == family]
    regular = min(entries, key=lambda e: (e.style != "normal", abs(_weight(e.weight) - REGULAR)))
    try:
        font = FT2Font(regular.fname)
        font.set_size(PROBE_SIZE, PROBE_SIZE)
    except (OSError, RuntimeError, ValueError):
        return None
    return font


def _weight(weight: int | str) -> int:
    """Return a weight as a number; few fonts say it in a word."""
    return weight if isinstance(weight, int) else REGULAR
