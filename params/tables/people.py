"""Read the tables of people: censuses, registration, death rates, life expectancy.

Each comes by year, so that a back-test can stand at an earlier base and see no later figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from params.axes import SEXES, FloatArray, IntArray
from params.city import City
from params.tables.known import has_table
from params.tables.read import read_table

if TYPE_CHECKING:
    import pandas as pd

REGISTERED_BANDS: Final = (0, 18, 35, 60, 65, 80)
"""First ages of the bands in which registered people are published by district."""
ELDER_FIGURES: Final = ("60+", "65+", "70+", "80+")
"""Registered elders that the city publishes, by sex for the base year."""


@dataclass(frozen=True)
class Census:
    """Residents on 1 November of a census year, by district and where they are registered."""

    year: int
    age_lo: IntArray
    counts: FloatArray
    """Persons, shape (district, sex, group)."""
    from_other_districts: FloatArray
    """Residents registered in another district of the city, shape (district,)."""
    from_outside: FloatArray
    """Residents registered outside the city, shape (district,)."""
    registered: FloatArray
    """People registered in the district, wherever they live, shape (district,); NaN in the base year."""

    @property
    def outside_share(self) -> FloatArray:
        """Share of residents who are registered outside the city, shape (district,)."""
        return np.asarray(self.from_outside / self.counts.sum(axis=(1, 2)))


@dataclass(frozen=True)
class MortalityTables:
    """Reference death rates and the city's published life expectancy."""

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
    """Net registrations from outside the city in a year, persons, shape (district,)."""
    shares_before: FloatArray
    """Share 60+ of all, and 80+ of 60+, shape (district, 2)."""
    city: Mapping[int, Mapping[str, float]]
    """The city's published figures by year and measure, as in ``registered_city.csv``."""
    base_year: int

    @property
    def total_2020(self) -> float:
        """All registered people at the end of the base year."""
        return self.city[self.base_year]["total"]

    @property
    def elders_2020(self) -> FloatArray:
        """Persons of `ELDER_FIGURES` at the end of the base year, shape (4,)."""
        return np.array([self.city[self.base_year][a] for a in ELDER_FIGURES])

    @property
    def male_share_2020(self) -> FloatArray:
        """Share of men in each of `ELDER_FIGURES`, shape (4,)."""
        return np.array([self.city[self.base_year][f"male_share_of_{a}"] for a in ELDER_FIGURES])

    @property
    def centenarians_2020(self) -> FloatArray:
        """Persons 100+, shape (sex,)."""
        return np.array([self.city[self.base_year][f"100+_{s}"] for s in SEXES])


def read_censuses(city: City, names: tuple[str, ...]) -> dict[int, Census]:
    """Read both censuses, districts in the order of `names`."""
    table = read_table("census.csv", city.tables)
    moved = read_table("registration.csv", city.tables)
    years = (city.census_years.before, city.base_year)
    return {year: _read_census(year, table, moved, names) for year in years}


def read_outside_share(city: City, names: tuple[str, ...]) -> FloatArray:
    """Read the share of residents registered outside the city, shape (district,); else nobody."""
    if not has_table(city, "registration"):
        return np.zeros(len(names))
    moved = read_table("registration.csv", city.tables)
    rows = moved[moved["year"] == city.base_year].set_index("district").loc[list(names)]
    outside = rows["registered_outside_city"] / rows["residents"]
    return np.asarray(outside.to_numpy(np.float64))


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
        from_other_districts=where["registered_elsewhere_in_city"].to_numpy(np.float64),
        from_outside=where["registered_outside_city"].to_numpy(np.float64),
        registered=np.array([float(v) for v in where["registered"]]),
    )


def read_age_pattern(folder: Path) -> tuple[float, FloatArray]:
    """Read a nation by single age: the moment of the count, and persons, shape (sex, age)."""
    table = read_table("age_pattern.csv", folder)
    pattern = table.pivot(index="sex", columns="age", values="persons")
    return float(table["moment"].iloc[0]), pattern.loc[list(SEXES)].to_numpy(np.float64)


def read_mortality(city: City) -> MortalityTables:
    """Read the reference tables and the city's life expectancy, if it is known."""
    table = read_table("mortality_reference.csv", city.tables).sort_values("age_lo")
    rates = {
        (str(country), str(period)): part.pivot(index="sex", columns="age_lo", values="rate")
        for (country, period), part in table.groupby(["country", "period"])
    }
    first = next(iter(rates.values()))
    return MortalityTables(
        age_lo=first.columns.to_numpy(np.float64),
        rates={k: v.loc[list(SEXES)].to_numpy(np.float64) for k, v in rates.items()},
        expectancy=_expectancy(city) if has_table(city, "life_expectancy") else {},
    )


def _expectancy(city: City) -> dict[int, FloatArray]:
    table = read_table("life_expectancy.csv", city.tables)
    years = table.pivot(index="year", columns="sex", values="years")
    return {int(str(y)): row[list(SEXES)].to_numpy(np.float64) for y, row in years.iterrows()}


def read_registered(city: City, names: tuple[str, ...]) -> RegisteredTables:
    """Read the registered people, districts in the order of `names`."""
    order, folder = list(names), city.tables
    bands = read_table("registered_bands.csv", folder)
    flows = read_table("hukou_flows.csv", folder)
    net = flows.assign(gain=flows["in_from_outside"] - flows["out_to_outside"])
    gain = net.pivot(index="year", columns="district", values="gain")[order]
    shares = read_table("registered_shares.csv", folder).set_index("district").loc[order]
    return RegisteredTables(
        bands={
            int(str(year)): part.pivot(index="district", columns="age_lo", values="persons")
            .loc[order, list(REGISTERED_BANDS)]
            .to_numpy(np.float64)
            for year, part in bands.groupby("year")
        },
        gain={int(str(y)): row.to_numpy(np.float64) for y, row in gain.iterrows()},
        shares_before=shares[["share_60plus", "share_80plus_of_60plus"]].to_numpy(np.float64),
        city=_measures(read_table("registered_city.csv", folder)),
        base_year=city.base_year,
    )


def _measures(table: "pd.DataFrame") -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for year, measure, value in zip(table["year"], table["measure"], table["value"], strict=True):
        found.setdefault(int(year), {})[str(measure)] = float(value)
    return found
