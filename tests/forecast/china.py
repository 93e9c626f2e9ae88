"""WPP 2024 of China, and our projection of it with the United Nations' rates."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.methods.lifetable import life_table, single_age_rates, survival_into
from forecast.methods.oldest import parted, pooled_survival, with_oldest_survival
from forecast.people.engine import Drivers, run
from params.axes import N_AGE, SEXES, FloatArray

ANCHORS = (2026, 2035, 2050)
CHINA = 156


@dataclass(frozen=True)
class China:
    """WPP 2024 of China, 1 July populations, rates centred on the steps."""

    folder: Path

    def people(self, year: int) -> FloatArray:
        table = pd.read_csv(self.folder / "wpp2024_china/pop_single_age_1july.csv")
        wide = table[table["year"] == year].pivot(index="sex", columns="age", values="pop")
        return wide.loc[list(SEXES)].to_numpy(np.float64)

    def series(self, name: str, column: str) -> "pd.Series[float]":
        files = (f"wpp2024/{name}_est.csv", f"wpp2024/{name}_proj_with_PI.csv")
        if name == "srb":
            files = ("wpp2024/srb.csv",)
        table = pd.concat([pd.read_csv(self.folder / f) for f in files])
        return table[table["country_code"] == CHINA].set_index("year")[column]

    def moves(self, year: int) -> FloatArray:
        table = pd.read_csv(self.folder / "wpp2024/netmig_by_single_age_sex_2023_2100.csv.gz")
        table = table[(table["country_code"] == CHINA) & (table["year"] == year)]
        return 1000 * table.sort_values("age")[["migM", "migF"]].to_numpy(np.float64).T

    def fertility(self, year: float) -> FloatArray:
        table = pd.read_csv(self.folder / "wpp2024_china/pasfr_single_age_anchors.csv")
        wide = table.pivot(index="year", columns="age", values="pasfr_share")
        share = np.zeros(N_AGE)
        later = (min(max(year, 2026), 2050) - 2026) / 24
        share[15:50] = (1 - later) * wide.loc[2026] + later * wide.loc[2050]
        return share / share.sum()

    def survival(self, year: float) -> FloatArray:
        """Shape (sex, age), straight on the log of 1 - S between the anchors."""
        table = pd.read_csv(self.folder / "wpp2024_china/one_minus_Sx_anchors.csv")
        logs = [
            np.log(
                table[table["year"] == y]
                .pivot(index="sex", columns="age_index", values="one_minus_Sx")
                .loc[list(SEXES)]
                .to_numpy(np.float64)
            )
            for y in ANCHORS
        ]
        k = 0 if year <= ANCHORS[1] else 1
        part = (year - ANCHORS[k]) / (ANCHORS[k + 1] - ANCHORS[k])
        return np.asarray(1 - np.exp((1 - part) * logs[k] + part * logs[k + 1]))

    def survival_from_groups(self, year: float) -> FloatArray:
        """Return survival from the five-year rates alone, straight between mid-periods."""
        table = pd.read_csv(self.folder / "wpp2024/mx_5x5_1950_2100.csv.gz")
        table = table[table["country_code"] == CHINA]
        table = table.assign(lo=table["age"].astype(str).str.rstrip("+").astype(int))
        early = 5 * ((year - 2.5) // 5) + 3
        part = (year - early + 0.5) / 5
        into = []
        for s, column in enumerate(("mxM", "mxF")):
            wide = table.pivot(index="year", columns="lo", values=column)
            starts = wide.columns.to_numpy(np.float64)
            low, high = (
                single_age_rates(starts, wide.loc[int(early) + k].to_numpy(np.float64), s)
                for k in (0, 5)
            )
            into.append(survival_into(life_table((1 - part) * low + part * high, s)))
        return np.array(into)

    def pooled_as_made_up(self, first: int, into: FloatArray) -> FloatArray:
        """Return survival, shape (year, sex, age), whose open age survives as it is made up."""
        parts = np.array([with_oldest_survival(one) for one in into])
        years_lived = np.cumprod(np.concatenate([np.ones((2, 1)), parts[0, :, 1:]], axis=1), axis=1)
        people = parted(self.people(first), years_lived)
        return pooled_survival(people[None], parts[None])[0]

    def projected(
        self, first: int, last: int, groups: bool = False, oldest: bool = False
    ) -> FloatArray:
        """Project from one 1 July to another; a step runs across two calendar years."""
        years = range(first, last)
        survival = self.survival_from_groups if groups else self.survival
        total, boys = self.series("tfr", "tfr"), self.series("srb", "srb")
        ratio = np.array([(boys[y] + boys[y + 1]) / 2 for y in years])
        # Each country's single-age moves are printed from 2023 on; before, 2023 stands in.
        moves = [(self.moves(max(y, 2023)) + self.moves(max(y + 1, 2023))) / 2 for y in years]
        nothing = np.zeros((1, 1, 1, 2, N_AGE))
        into = np.array([survival(y + 1.0 if groups else y + 0.5) for y in years])
        drivers = Drivers(
            base=self.people(first)[None, None, None],
            survival=self.pooled_as_made_up(first, into)[None] if oldest else into[None],
            deviation=np.zeros((1, len(years), 1)),
            internal=nothing,
            external_rate=nothing,
            external_count=np.array(moves)[None, :, None, None],
            fertility=np.array(
                [(total[y] + total[y + 1]) / 2 * self.fertility(y + 0.5) for y in years]
            )[None],
            share_male=(ratio / (1 + ratio))[None],
        )
        return run(drivers).people[0, -1, 0, 0]
