"""Read surveys of who cannot care for themselves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from params.axes import SEXES, FloatArray, IntArray
from params.tables.read import read_table


@dataclass(frozen=True)
class SurveyTables:
    """Who cannot care for themselves, by sex and band of ages."""

    age_lo: IntArray
    """First ages of the bands; the last is open."""
    share: FloatArray
    """Shape (sex, band)."""
    asked: FloatArray
    """People asked, shape (sex, band)."""


def read_surveys(folder: Path, population: str) -> SurveyTables:
    """Read the prevalence by age and sex that gives need its gradient.

    Parameters
    ----------
    population : how the survey's name begins in ``disability_prevalence.csv``.
    """
    table = read_table("disability_prevalence.csv", folder)
    bands = ("60-64", "65-69", "70-74", "75+")
    rows = table[
        table["population"].str.startswith(population)
        & (table["definition"] == "cannot care for self")
    ]

    def by_sex_and_band(column: str) -> FloatArray:
        wide = rows.pivot(index="sex", columns="age", values=column)
        return wide.loc[list(SEXES), list(bands)].to_numpy(np.float64)

    return SurveyTables(
        age_lo=np.array([int(b[:2]) for b in bands]),
        share=by_sex_and_band("share"),
        asked=by_sex_and_band("asked"),
    )
