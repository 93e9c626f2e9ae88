"""Read published supply: beds of the city and of listed institutions, day-care centres."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from params.axes import FloatArray, IntArray
from params.tables.districts import Districts
from params.tables.people import BASE_YEAR
from params.tables.read import read_table


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
    day_care_centres_2020: float


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
