"""List the characters that the shipped font must hold, as text for ``pyftsubset``.

``python runs/fonts/characters.py > characters.txt``; README.md beside this file has the recipe.
"""

from itertools import chain
from pathlib import Path

HERE = Path(__file__).parent
LEVEL_1 = range(0xB0, 0xD8)
"""Rows of GB 2312 with the 3,755 hanzi in common use."""
SYMBOLS = range(0xA1, 0xAA)
"""Rows with punctuation, full-width forms, Greek, Cyrillic and box lines."""
EXTRA = "–—…‘’“”•‰′″‹›€→←↑↓↗↘⇒∆∑−√∞≈≠≤≥■□▲△▼▽◆◇○●★☆✓耄耋鳏孀瘫痪癌髋殡褥疮"


def gb2312(rows: range) -> str:
    """Return the assigned characters of some rows of GB 2312."""
    codes = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", errors="ignore") for code in codes)


def our_texts() -> str:
    """Return all wording and packaged tables of this project."""
    folders = (HERE.parent / "texts", HERE.parents[1] / "params" / "cities")
    files = chain.from_iterable(folder.rglob("*.*") for folder in folders)
    kept = (path for path in files if path.suffix in {".toml", ".csv", ".j2"})
    return "".join(path.read_text(encoding="utf-8-sig") for path in kept)


def wanted() -> str:
    """Return ASCII, Latin-1, common hanzi and symbols, place names and our own texts."""
    latin = map(chr, chain(range(0x20, 0x7F), range(0xA0, 0x100)))
    places = (HERE / "place_names.txt").read_text(encoding="utf-8")
    text = "".join(latin) + gb2312(SYMBOLS) + gb2312(LEVEL_1) + EXTRA + places + our_texts()
    return "".join(sorted(set(text) - set("\r\n\t\ufeff")))


if __name__ == "__main__":
    print(wanted())
