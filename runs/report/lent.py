"""Say how many of the 保基本 beds in use are lent to people who may not ask for one."""

import pandas as pd

from params.axes import CITY
from runs.texts.wording import Wording, say_number


def lent_lines(lent: pd.DataFrame | None, words: Wording) -> tuple[str, ...]:
    """Return a sentence on the city's last year; nothing where beds are not lent."""
    if lent is None or lent.empty:
        return ()
    year = int(lent["year"].max())
    rows = lent[(lent["district"] == CITY) & (lent["year"] == year)]
    parts = [
        words.report(
            "lent_of",
            resource=words.name("resource", row["resource"]),
            lent=say_number(row["lent"]),
            occupied=say_number(row["occupied"]),
            operating=say_number(row["operating"]),
        )
        for _, row in rows.iterrows()
    ]
    return (words.report("lent", year=year, parts=words.report("joiner").join(parts)),)
