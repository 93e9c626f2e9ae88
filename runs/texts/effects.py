"""Say the rows of tables about what matters: which figure, which assumption, at which value."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runs.texts.wording import Wording, say_number

if TYPE_CHECKING:
    import pandas as pd

HEADS: Final = ("area_type", "district", "year", "resource", "measure")
"""Columns that name a figure."""
DOUBTFUL: Final = "~"
"""Behind what may be luck."""
DIGITS: Final = 3
"""Digits of what a straight line says."""
WHOLE: Final = 10.0
"""From here on figures are told in whole numbers."""
Row = Mapping[Hashable, object]


def figures_in(table: "pd.DataFrame") -> "Iterator[pd.DataFrame]":
    """Yield the rows of one figure after the other, in their order."""
    for _, rows in table.groupby(list(HEADS), sort=False):
        yield rows


def title_of(rows: "pd.DataFrame", words: Wording, key: str) -> str:
    """Name a figure, with its mean where the table has one."""
    row = rows.iloc[0]
    named = {
        "area": words.name("area", row["district"]),
        "year": row["year"],
        "resource": words.name("resource", row["resource"]),
        "measure": words.name("measure", row["measure"]),
    }
    if "mean" in row:
        named |= {"mean": say_figure(row["mean"]), "unit": words.name("unit", row["unit"])}
    return words.text("sensitivity", key, **named)


def name_of(row: Row) -> str:
    """Say what an assumption means, marked where its effect may be luck."""
    return f"{row['meaning']}{f' {DOUBTFUL}' if row['flag'] else ''}"


def say_at(row: Row, column: str, words: Wording) -> str:
    """Say a value of an assumption with its unit."""
    return say_in_unit(float(str(row[column])), str(row["assumption_unit"]), words)


def say_figure(value: object) -> str:
    """Say a figure in whole numbers, small ones with decimals."""
    number = float(str(value))
    return say_number(number, 0 if abs(number) >= WHOLE else 2)


def say_in_unit(value: float, unit: str, words: Wording) -> str:
    """Say a value: shares in percent, others with their unit."""
    if unit == "share":
        return f"{100 * value:.0f}%"
    number = (
        f"{rounded(value):,.{DIGITS}g}" if abs(value) < 10**DIGITS else f"{rounded(value):,.0f}"
    )
    return f"{number} {words.name('unit', unit)}".rstrip()


def rounded(value: float, digits: int = DIGITS) -> float:
    """Return a number with so many digits."""
    return float(f"{value:.{digits}g}")
