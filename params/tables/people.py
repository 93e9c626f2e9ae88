"""Read the tables of people: censuses, registration, death rates, life expectancy.

Each comes by year, so that a back-test can stand at an earlier base and see no later figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from params.axes import SEXES, FloatArray, IntArray
from params.tables.read import read_table

if TYPE_CHECKING:
    import pandas as pd

BASE_YEAR: Final = 2020
REGISTERED_BANDS: Final = (0, 18, 35, 60, 65, 80)
"""First ages of the bands in which registered people are published by district."""
ELDER_FIGURES: Final = ("60+", "65+", "70+", "80+")
"""Registered elders that the city publishes, by sex for 2020."""


@dataclass(frozen=True)
class Census:
    """Residents on 1 November of a census year, by district and where they are registered."""

    year: int
    age_lo: IntArray
    counts: FloatArray
    """Persons, shape (district, sex, group)."""
    from_other_districts: FloatArray
    """Residents registered in another district of Shanghai, shape (district,)."""
    from_outside: FloatArray
    """Residents registered outside Shanghai, shape (district,)."""
    registered: FloatArray
    """People registered in the district, wherever they live, shape (district,); NaN in 2020."""

    @property
    def outside_share(self) -> FloatArray:
        """Share of residents who are registered outside Shanghai, shape (district,)."""
        return np.asarray(self.from_outside / self.counts.sum(axis=(1, 2)))


@dataclass(frozen=True)
class MortalityTables:
    """Reference death rates and Shanghai's published life expectancy."""

    age_lo: FloatArray
    """First ages of the groups; the last is open."""
    rates: Mapping[tuple[str, str], FloatArray]
    """Death rates by (country, five-year period), shape (sex, group), per person-year."""
    expectancy: Mapping[int, FloatArray]
    """Life expectancy at birth of registered people by year, years, shape (sex,)."""

    def history(self, country: str, last_year: int) -> FloatArray:
        """Return a country's rates of all periods that end by `last_year`, shape (period, sex, group)."""
        periods = sorted(p for c, p in self.rates if c == country and int(p[-4:]) <= last_year)
        return np.array([self.rates[country, p] for p in periods])

    def expectancy_known(self, year: int) -> tuple[int, FloatArray]:
        """Return the latest published life expectancy up to `year`, and its year."""
        latest = max(y for y in self.expectancy if y <= year)
        return latest, self.expectancy[latest]


@dataclass(frozen=True)
class RegisteredTables:
    """Registered people (户籍)."""

    bands: Mapping[int, FloatArray]
    """Persons at the end of a year, shape (district, band); bands start at `REGISTERED_BANDS`."""
    gain: Mapping[int, FloatArray]
    """Net registrations from outside Shanghai in a year, persons, shape (district,)."""
    shares_2007: FloatArray
    """Share 60+ of all, and 80+ of 60+, shape (district, 2)."""
    city: Mapping[int, Mapping[str, float]]
    """The city's published figures by year and measure, as in ``registered_city.csv``."""
    living_alone_2020: float
    elders_only_2020: float
    """纯老, 独居 included."""

    @property
    def total_2020(self) -> float:
        """All registered people at the end of 2020."""
        return self.city[BASE_YEAR]["total"]

    @property
    def elders_2020(self) -> FloatArray:
        """Persons of `ELDER_FIGURES` at the end of 2020, shape (4,)."""
        return np.array([self.city[BASE_YEAR][a] for a in ELDER_FIGURES])

    @property
    def male_share_2020(self) -> FloatArray:
        """Share of men in each of `ELDER_FIGURES`, shape (4,)."""
        return np.array([self.city[BASE_YEAR][f"male_share_of_{a}"] for a in ELDER_FIGURES])

    @property
    def centenarians_2020(self) -> FloatArray:
        """Persons 100+, shape (sex,)."""
        return np.array([self.city[BASE_YEAR][f"100+_{s}"] for s in SEXES])


def read_censuses(names: tuple[str, ...]) -> dict[int, Census]:
    """Read both censuses, districts in the order of `names`."""
    table = read_table("census.csv")
    moved = read_table("registration.csv")
    return {year: _read_census(year, table, moved, names) for year in (2010, 2020)}


def _read_census(
    year: int, table: "pd.DataFrame", moved: "pd.DataFrame", names: tuple[str, ...]
) -> Census:
    wide = table[table["year"] == year].pivot_table(
        index=["district", "sex"], columns="age_lo", values="persons", aggfunc="sum"
    )
    where = moved[moved["year"] == year].set_index("district").loc[list(names)]
    return Census(
        year=year,
        age_lo=wide.columns.to_numpy(np.int64),
        counts=np.array(
            [[wide.loc[[(d, s)]].to_numpy(np.float64)[0] for s in SEXES] for d in names]
        ),
        from_other_districts=where["registered_elsewhere_in_shanghai"].to_numpy(np.float64),
        from_outside=where["registered_outside_shanghai"].to_numpy(np.float64),
        registered=np.array([float(v) for v in where["registered"]]),
    )


def read_age_pattern() -> FloatArray:
    """Read China by single age, 1 July 2020, persons, shape (sex, age)."""
    pattern = read_table("age_pattern.csv").pivot(index="sex", columns="age", values="persons")
    return pattern.loc[list(SEXES)].to_numpy(np.float64)


def read_mortality() -> MortalityTables:
    """Read the reference tables and Shanghai's life expectancy."""
    table = read_table("mortality_reference.csv").sort_values("age_lo")
    rates = {
        (str(country), str(period)): part.pivot(index="sex", columns="age_lo", values="rate")
        for (country, period), part in table.groupby(["country", "period"])
    }
    years = read_table("life_expectancy.csv").pivot(index="year", columns="sex", values="years")
    first = next(iter(rates.values()))
    return MortalityTables(
        age_lo=first.columns.to_numpy(np.float64),
        rates={k: v.loc[list(SEXES)].to_numpy(np.float64) for k, v in rates.items()},
        expectancy={
            int(str(y)): row[list(SEXES)].to_numpy(np.float64) for y, row in years.iterrows()
        },
    )


def read_registered(names: tuple[str, ...]) -> RegisteredTables:
    """Read the registered people, districts in the order of `names`."""
    order = list(names)
    bands = read_table("registered_bands.csv")
    flows = read_table("hukou_flows.csv")
    net = flows.assign(gain=flows["in_from_outside"] - flows["out_to_outside"])
    gain = net.pivot(index="year", columns="district", values="gain")[order]
    shares = read_table("registered_shares.csv").set_index("district").loc[order]
    city = read_table("registered_city.csv")
    living = _measures(read_table("living_city.csv"))[BASE_YEAR]
    return RegisteredTables(
        bands={
            int(str(year)): part.pivot(index="district", columns="age_lo", values="persons")
            .loc[order, list(REGISTERED_BANDS)]
            .to_numpy(np.float64)
            for year, part in bands.groupby("year")
        },
        gain={int(str(y)): row.to_numpy(np.float64) for y, row in gain.iterrows()},
        shares_2007=shares[["share_60plus", "share_80plus_of_60plus"]].to_numpy(np.float64),
        city=_measures(city),
        living_alone_2020=living["living_alone"],
        elders_only_2020=living["elders_only"],
    )


def _measures(table: "pd.DataFrame") -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for year, measure, value in zip(table["year"], table["measure"], table["value"], strict=True):
        found.setdefault(int(year), {})[str(measure)] = float(value)
    return found
