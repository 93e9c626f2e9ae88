"""Read the districts: names, codes, zones, places, the rule for their beds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from params.axes import CITY, FloatArray, IntArray
from params.city import City
from params.errors import ParamError, Problem, cell_place
from params.tables.read import read_table


@dataclass(frozen=True)
class Districts:
    """The districts, in the order of every district axis."""

    names: tuple[str, ...]
    names_en: tuple[str, ...]
    codes: tuple[str, ...]
    zone: IntArray
    """Index into `zones`, shape (district,)."""
    zones: tuple[str, ...]
    """Names of the zones, from the centre outwards."""
    city_code: str
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
        zones = [("zone", z, "", np.flatnonzero(self.zone == k)) for k, z in enumerate(self.zones)]
        return [*single, *zones, ("city", CITY, self.city_code, every)]


def area_of(name: str, districts: Districts) -> IntArray:
    """Return the districts of a district, a zone or the city; a district comes before a zone of its name."""
    if name in districts.names:
        return np.array([districts.names.index(name)])
    if name == CITY:
        return np.arange(len(districts))
    return np.flatnonzero(districts.zone == districts.zones.index(name))


def read_districts(city: City) -> Districts:
    """Read the districts in their order.

    Raises
    ------
    ParamError
        Naming every district whose zone is none of the city's.
    """
    table = read_table("districts.csv", city.tables)
    strangers = [
        Problem(cell_place("districts.csv", line, "zone"), repr(zone), ", ".join(city.zones))
        for line, zone in enumerate(table["zone"], start=2)
        if zone not in city.zones
    ]
    if strangers:
        raise ParamError(strangers)
    return Districts(
        names=tuple(table["district"]),
        names_en=tuple(table["name_en"]),
        codes=tuple(table["code"].astype(str)),
        zone=np.array([city.zones.index(z) for z in table["zone"]]),
        zones=city.zones,
        city_code=city.code,
        latitude=table["latitude"].to_numpy(np.float64),
        longitude=table["longitude"].to_numpy(np.float64),
        rule=table["rule_beds_per_100"].to_numpy(np.float64) / 100,
        new_town=table["new_town"].to_numpy(np.int64),
    )
