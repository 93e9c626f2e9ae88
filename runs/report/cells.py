"""Say one value in a cell of the report."""

import math

from runs.report.table import NOTHING, Cell
from runs.texts.wording import Wording


def plain(value: object, column: str, words: Wording) -> Cell:
    """Say a word in its language, a number as it is, nothing as a dash."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return NOTHING
    if isinstance(value, int | float):
        return Cell(decimals(value), "number")
    section = column if column in words.sections else ""
    return Cell(words.name(section, str(value)) if section else str(value))


def decimals(value: float, most: int = 4) -> str:
    """Return a number with as many decimals as it has, four at most."""
    return f"{value:,.{most}f}".rstrip("0").rstrip(".")
