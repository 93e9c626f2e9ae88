"""Read published supply: beds of the city and of listed institutions, day-care centres."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from params.axes import FloatArray, IntArray
from params.city import City
from params.tables.districts import Districts
from params.tables.known import has_table
from params.tables.read import read_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SupplyTables:
    """Published supply."""

    bed_years: IntArray
    beds_listed: FloatArray
    """Beds in institutions of the list opened by each year end, shape (year, district)."""
    city_beds: Mapping[int, float]
    """The narrow published count by year end."""
    city_dementia_beds: Mapping[int, float]
    city_nursing_beds: Mapping[int, float]
    units_2020: Mapping[str, float]
    """The city's units by measure at the end of the base year, such as day-care centres."""


def read_supply(city: City, districts: Districts) -> SupplyTables:
    """Read beds and centres; without ``beds_city.csv`` there are no places in day care."""
    beds = read_table("beds_district.csv", city.tables)
    listed = beds.pivot(index="year", columns="district", values="beds")
    published = read_table("beds_city.csv", city.tables) if has_table(city, "beds_city") else None

    def series(measure: str, name: str | None = None) -> dict[int, float]:
        if published is None:
            return {}
        rows = published[published["measure"] == measure]
        rows = rows if name is None else rows[rows["series"] == name]
        return {int(y): float(v) for y, v in zip(rows["year"], rows["value"], strict=True)}

    return SupplyTables(
        bed_years=listed.index.to_numpy(np.int64),
        beds_listed=listed[list(districts.names)].to_numpy(np.float64),
        city_beds=series("beds", "narrow"),
        city_dementia_beds=series("dementia_beds"),
        city_nursing_beds=series("nursing_type_beds"),
        units_2020=_units(published, city.base_year),
    )


def _units(published: "pd.DataFrame | None", year: int) -> dict[str, float]:
    """Return the city's units at the end of a year by measure; none of any where none is counted."""
    if published is None:
        return {}
    rows = published[published["year"] == year]
    return {str(m): float(v) for m, v in zip(rows["measure"], rows["value"], strict=True)}
