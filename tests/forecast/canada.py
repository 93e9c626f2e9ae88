"""Inputs and outputs of the United Nations' engine for Canada, WPP 2019."""

from pathlib import Path

import numpy as np
import pandas as pd

from forecast.people.engine import Drivers
from params.axes import N_AGE, SEXES, FloatArray

FIRST, LAST = 1950, 2019


class Canada:
    """Canada from 1950 to 2020, single ages."""

    def __init__(self, folder: Path) -> None:
        read = {
            name: pd.read_csv(next(folder.glob(f"canada_{name}.csv*")))
            for name in ("OUTPUT_lifetables_1x1", "OUTPUT_pop_1x1", "netmig_1x1", "asfr_1x1", "srb")
        }
        self.survival = by_year(read["OUTPUT_lifetables_1x1"], "Sx")
        self.moves = by_year(read["netmig_1x1"], "net_mig")
        self._people = by_year(read["OUTPUT_pop_1x1"], "value")
        self.fertility = {
            int(str(year)): table.set_index("age")["asfr"]
            .reindex(range(N_AGE), fill_value=0.0)
            .to_numpy()
            for year, table in read["asfr_1x1"].groupby("year")
        }
        boys = read["srb"].set_index("year")["srb"]
        self.share_male = {int(str(y)): float(r) / (1 + float(r)) for y, r in boys.items()}

    def people(self, year: int) -> FloatArray:
        """Return the UN's population on 1 January, shape (1, sex, age)."""
        return self._people[year][None]

    def drivers(self) -> Drivers:
        """Return seventy years for our engine: one draw, one basis, one district."""
        years = range(FIRST, LAST + 1)
        nothing = np.zeros((1, 1, 1, 2, N_AGE))
        return Drivers(
            base=self.people(FIRST)[None, None],
            survival=np.array([self.survival[y] for y in years])[None],
            deviation=np.zeros((1, len(years), 1)),
            internal=nothing,
            external_rate=nothing,
            external_count=np.array([self.moves[y] for y in years])[None, :, None, None],
            fertility=np.array([self.fertility[y] for y in years])[None],
            share_male=np.array([self.share_male[y] for y in years])[None],
        )


def by_year(table: pd.DataFrame, column: str) -> dict[int, FloatArray]:
    """Return one array (sex, age) a year."""
    wide = table.pivot(index=["year", "sex"], columns="age", values=column)
    years = sorted(set(table["year"]))
    return {y: wide.loc[[(y, s) for s in SEXES]].to_numpy(np.float64) for y in years}
