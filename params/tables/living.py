"""Read who lives alone or with elders only: as totals of the city, or as shares by age and sex."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.tables.assumptions import Assumption
from params.tables.bands import read_bands
from params.tables.read import read_table


@dataclass(frozen=True)
class LivingTotals:
    """Persons of the city in the base year, as published."""

    alone: float
    elders_only: float
    """纯老, 独居 included."""

    def counted(self, elders: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return persons with elders only (those alone included) and alone, shape (draw,).

        Parameters
        ----------
        elders : ndarray, shape (draw, district, sex, age 60..), persons outside institutions.
        """
        draws = np.ones(len(elders))
        return self.elders_only * draws, self.alone * draws


@dataclass(frozen=True)
class LivingShares:
    """Shares of people outside institutions, shape (sex, age 60..)."""

    alone: FloatArray
    elders_only: FloatArray
    """纯老, 独居 included."""

    def counted(self, elders: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return persons with elders only (those alone included) and alone, shape (draw,)."""
        together, alone = (
            (elders * share).sum(axis=(1, 2, 3)) for share in (self.elders_only, self.alone)
        )
        return together, alone


def read_living_totals(folder: Path, year: int) -> LivingTotals:
    """Read the published numbers of one year."""
    table = read_table("living_city", folder)
    rows = table[table["year"] == year].set_index("measure")["value"]
    return LivingTotals(alone=float(rows["living_alone"]), elders_only=float(rows["elders_only"]))


def read_living_shares(folder: Path) -> LivingShares:
    """Read shares by band and sex; a band's share holds at each of its ages."""
    table = read_table("living", folder)
    alone, together = (read_bands(table, column) for column in ("alone", "elders_only"))
    return LivingShares(alone[:, ELDER_AGE:], together[:, ELDER_AGE:])


def assumed_living(assumptions: Mapping[str, Assumption]) -> LivingShares:
    """Return the same shares at every age, as a city assumes them that has none counted."""
    flat = np.ones((N_SEX, N_AGE - ELDER_AGE))
    alone, together = (
        assumptions[name].value * flat for name in ("living_alone_share", "elders_only_share")
    )
    return LivingShares(alone, together)
