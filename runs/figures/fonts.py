"""Make the shipped font known to what draws."""

from functools import cache
from importlib.resources import as_file, files
from typing import Final

FONT_FILE: Final = "NotoSansSC-subset.ttf"
FAMILIES: Final = ("Noto Sans SC", "DejaVu Sans")
"""The shipped font, and the one that comes with matplotlib."""


@cache
def add_font() -> None:
    """Make the shipped font known to matplotlib, before a font of that name on the machine."""
    from matplotlib.font_manager import fontManager

    with as_file(files("runs") / "fonts" / FONT_FILE) as path:
        fontManager.addfont(path)
    # The first of equals wins: a variable Noto Sans SC of the machine would be drawn thin.
    fontManager.ttflist.insert(0, fontManager.ttflist.pop())
