"""Lay bands of ages out over single ages."""

from typing import TYPE_CHECKING

import numpy as np

from params.axes import N_AGE, OPEN_AGE, SEXES, FloatArray

if TYPE_CHECKING:
    import pandas as pd


def read_bands(table: "pd.DataFrame", column: str) -> FloatArray:
    """Return a band's value at each of its ages, shape (sex, age); NaN where no band lies."""
    found = np.full((len(SEXES), N_AGE), np.nan)
    last = table["age_hi"].fillna(OPEN_AGE).astype(int)
    for sex, low, high, value in zip(
        table["sex"], table["age_lo"], last, table[column], strict=True
    ):
        found[SEXES.index(sex), int(low) : int(high) + 1] = float(value)
    return found
