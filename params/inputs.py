"""Gather base tables, one scenario and one draw of the assumptions into `Inputs`.

`Inputs` is what crosses the border from params to forecast: numpy arrays with named axes, in the
district order of ``districts.csv``. Nothing to the right of params opens a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from params.assumptions import Assumption, apply_changes, draw, read_assumptions
from params.axes import CITY, CITY_CODE, N_AGE, N_SEX, RESOURCES, SEXES, ZONES, FloatArray, IntArray
from params.people import (
    BASE_YEAR,
    Census,
    MortalityTables,
    RegisteredTables,
    read_age_pattern,
    read_censuses,
    read_mortality,
    read_registered,
)
from params.read import read_table
from params.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Districts:
    """The districts, in the order of every district axis."""

    names: tuple[str, ...]
    names_en: tuple[str, ...]
    codes: tuple[str, ...]
    zone: IntArray
    """Index into `params.axes.ZONES`, shape (district,)."""
    latitude: FloatArray
    longitude: FloatArray
    rule: FloatArray
    """Beds per registered elder that the layout plan asks for, shape (district,)."""
    new_town: IntArray
    """1 where one of the five new towns lies, shape (district,)."""

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def distance_km(self) -> FloatArray:
        """Distances between centroids, km, shape (district, district)."""
        lat, lon = np.radians(self.latitude), np.radians(self.longitude)
        x = (lon[:, None] - lon) * np.cos((lat[:, None] + lat) / 2)
        return np.asarray(6371.0 * np.hypot(x, lat[:, None] - lat))

    def areas(self) -> list[tuple[str, str, str, IntArray]]:
        """List (area_type, name, code, district indices) for districts, zones and the city."""
        every = np.arange(len(self))
        single = [
            ("district", name, code, every[d : d + 1])
            for d, (name, code) in enumerate(zip(self.names, self.codes, strict=True))
        ]
        zones = [("zone", z, "", np.flatnonzero(self.zone == k)) for k, z in enumerate(ZONES)]
        return [*single, *zones, ("city", CITY, CITY_CODE, every)]


@dataclass(frozen=True)
class SurveyTables:
    """Who cannot care for themselves in Shanghai's towns, long form of the 2010 census."""

    age_lo: IntArray
    """First ages of the bands; the last is open."""
    share: FloatArray
    """Shape (sex, band)."""
    asked: FloatArray
    """People asked, shape (sex, band)."""


@dataclass(frozen=True)
class SupplyTables:
    """Published supply."""

    bed_years: IntArray
    beds_listed: FloatArray
    """Beds in homes of the list opened by each year end, shape (year, district)."""
    city_beds: Mapping[int, float]
    """The narrow published count by year end."""
    city_dementia_beds: Mapping[int, float]
    city_nursing_beds: Mapping[int, float]
    day_care_centres_2020: float


@dataclass(frozen=True)
class Inputs:
    """One scenario with every table and one set of parameter values."""

    scenario: Scenario
    districts: Districts
    censuses: Mapping[int, Census]
    """Residents by census year."""
    age_pattern: FloatArray
    """China by single age, 1 July 2020, persons, shape (sex, age)."""
    mortality: MortalityTables
    registered: RegisteredTables
    elder_households: FloatArray
    """Family households with people of 65+, census of 2020, shape (district,)."""
    three_generation_share: FloatArray
    """Households of three or more generations per household with people of 65+, shape (district,)."""
    supply: SupplyTables
    surveys: SurveyTables
    multistate: FloatArray
    """Log-linear rates of the CLHLS: (transition h2d, d2h, h2dead, d2dead; intercept, per ten
    years of age over 65, female), shape (4, 3)."""
    weekly_hours: FloatArray
    """Insured home-care hours a week by level 2..6, shape (level,)."""
    service_days: FloatArray
    """Target waits by resource, shape (resource,): calendar days, assessments in working days."""
    assumptions: Mapping[str, Assumption]
    values: Mapping[str, float] = field(default_factory=dict)
    """The drawn (or default) value of every assumption."""
    draw_of: tuple[int, int] | None = None
    """Seed and index of the draw, from which the forecast's own chances follow; None: no chance."""

    @property
    def census(self) -> Census:
        """The census of the base year."""
        return self.censuses[BASE_YEAR]

    @property
    def last_year(self) -> int:
        """Last simulated year of the scenario."""
        return self.scenario.horizon.last_year

    def drawn(self, seed: int, index: int | None) -> "Inputs":
        """Return the same inputs with one joint draw of the assumptions (None: the defaults)."""
        return replace(
            self,
            values=draw(self.assumptions, seed, index),
            draw_of=None if index is None else (seed, index),
        )


def load_inputs(scenario: Scenario) -> Inputs:
    """Read every table that the scenario needs; values are the defaults until `drawn`."""
    districts = read_districts()
    assumptions = apply_changes(read_assumptions(), scenario.assumptions)
    rates = read_table("multistate.csv").set_index("transition")
    hours = read_table("care_hours.csv").sort_values("level")
    homes = read_table("households.csv").set_index("district").loc[list(districts.names)]
    elder_households = homes["with_65plus"].to_numpy(np.float64)
    return Inputs(
        scenario=scenario,
        districts=districts,
        censuses=read_censuses(districts.names),
        age_pattern=read_age_pattern(),
        mortality=read_mortality(),
        registered=read_registered(districts.names),
        elder_households=elder_households,
        three_generation_share=homes["three_generations"].to_numpy(np.float64) / elder_households,
        supply=read_supply(districts),
        surveys=read_surveys(),
        multistate=rates.loc[
            ["h2d", "d2h", "h2dead", "d2dead"], ["intercept", "age_per_10y", "female"]
        ].to_numpy(np.float64),
        weekly_hours=hours["weekly_hours"].to_numpy(np.float64),
        service_days=read_service_days(),
        assumptions=assumptions,
        values=draw(assumptions, 0, None),
    )


def read_districts() -> Districts:
    """Read the districts in their order."""
    table = read_table("districts.csv")
    return Districts(
        names=tuple(table["district"]),
        names_en=tuple(table["name_en"]),
        codes=tuple(table["code"].astype(str)),
        zone=np.array([ZONES.index(z) for z in table["zone"]]),
        latitude=table["latitude"].to_numpy(np.float64),
        longitude=table["longitude"].to_numpy(np.float64),
        rule=table["rule_beds_per_100"].to_numpy(np.float64) / 100,
        new_town=table["new_town"].to_numpy(np.int64),
    )


def read_surveys() -> SurveyTables:
    """Read the prevalence by age and sex that gives need its gradient."""
    table = read_table("disability_prevalence.csv")
    bands = ("60-64", "65-69", "70-74", "75+")
    rows = table[
        table["population"].str.startswith("Shanghai towns")
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


def read_supply(districts: Districts) -> SupplyTables:
    """Read beds and centres."""
    listed = read_table("beds_district.csv").pivot(index="year", columns="district", values="beds")
    city = read_table("beds_city.csv")

    def series(measure: str, name: str | None = None) -> dict[int, float]:
        rows = city[city["measure"] == measure]
        rows = rows if name is None else rows[rows["series"] == name]
        return {int(y): float(v) for y, v in zip(rows["year"], rows["value"], strict=True)}

    return SupplyTables(
        bed_years=listed.index.to_numpy(np.int64),
        beds_listed=listed[list(districts.names)].to_numpy(np.float64),
        city_beds=series("beds", "narrow"),
        city_dementia_beds=series("dementia_beds"),
        city_nursing_beds=series("nursing_type_beds"),
        day_care_centres_2020=series("day_care_centres")[BASE_YEAR],
    )


def read_service_days() -> FloatArray:
    """Read the target waits in the order of the resources."""
    days = read_table("service_targets.csv").set_index("resource")["days"]
    return days.loc[list(RESOURCES)].to_numpy(np.float64)


def district_frame(districts: Districts) -> "pd.DataFrame":
    """Return the areas as a frame: area_type, district, code."""
    import pandas as pd

    rows = [(kind, name, code) for kind, name, code, _ in districts.areas()]
    return pd.DataFrame(rows, columns=["area_type", "district", "code"])


__all__ = ["BASE_YEAR", "N_AGE", "N_SEX", "Districts", "Inputs", "load_inputs"]
