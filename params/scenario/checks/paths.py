"""Check what a scenario says of stocks by year: years, rows that contradict one another, who has a path."""

from collections.abc import Iterator, Mapping
from typing import Final

from params.axes import CITY
from params.city import City
from params.language import said
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, is_number, rows_at, table_at, twice
from params.scenario.path_resources import PERSONS, WORKERS, path_resource_id
from params.scenario.places import district_names, halfwidth

KEY: Final = "paths"


def path_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield the mistakes between rows of paths, and between paths and the rest of a scenario."""
    rows = [
        (i, halfwidth(str(row.get("district"))), path_resource_id(row.get("resource")), row)
        for i, row in rows_at(raw, KEY)
    ]
    yield from _years(rows, city)
    yield from _growth(rows)
    off = resources_off(raw)
    for i, district, resource, _ in rows:
        yield from off_faults(off, f"{KEY}[{i}].resource", resource)
        if resource in PERSONS and district in city.zones and district not in district_names(city):
            yield Fault(
                f"{KEY}[{i}].district",
                said(f"{district}, a zone, for {resource}", f"{resource} 写了片区 {district}"),
                said("a district, or 全市", "区名，或全市"),
                said(
                    "how a zone's workers lie in its districts is not counted: give its districts",
                    "片区内各区人数没有公布，请分区填写",
                ),
            )
    if table_at(raw, "workers").get("hiring") == "in_place":
        yield from _in_place(rows)


Rows = list[tuple[int, str, object, Mapping[str, object]]]


def _years(rows: Rows, city: City) -> Iterator[Fault]:
    """Refuse years without a stock of their own, and one year twice."""
    seen: dict[tuple[str, object, object], int] = {}
    for i, district, resource, row in rows:
        year = row.get("year")
        if type(year) is not int:
            continue
        if not city.first_year <= year <= city.last_year:
            yield Fault(
                f"{KEY}[{i}].year",
                f"{year}",
                said(
                    f"{city.first_year} to {city.last_year}",
                    f"{city.first_year} 至 {city.last_year}",
                ),
                said(
                    f"the stock of {city.base_year} is that of the tables, from which a path starts",
                    f"{city.base_year} 年末为基期，路径由此开始",
                )
                if year <= city.base_year
                else "",
            )
        before = seen.setdefault((district, resource, year), i)
        if before != i:
            what, allowed = f"{year} {district} {resource}", said("one row a year", "每年一行")
            yield twice(f"{KEY}[{i}]", f"{KEY}[{before}]", what, allowed)


def _growth(rows: Rows) -> Iterator[Fault]:
    """Refuse growth in a row after which other years are given."""
    last: dict[tuple[str, object], int] = {}
    for _, district, resource, row in rows:
        if type(year := row.get("year")) is int:
            last[district, resource] = max(year, last.get((district, resource), year))
    for i, district, resource, row in rows:
        year = row.get("year")
        later = last.get((district, resource))
        if (
            is_number(row.get("growth"))
            and type(year) is int
            and later is not None
            and year < later
        ):
            yield Fault(
                f"{KEY}[{i}].growth",
                said(
                    f"{row['growth']}, but {later} is given too",
                    f"{row['growth']}，但另给了 {later} 年",
                ),
                said(
                    "in the last row of a path only: between years a path runs straight",
                    "只能写在该路径的最后一年；各年之间按直线",
                ),
            )


def _in_place(rows: Rows) -> Iterator[Fault]:
    """Refuse workers of the city and of a district where all districts' workers grow alike."""
    for resource in WORKERS:
        areas = {district: i for i, district, one, _ in rows if one == resource}
        if CITY in areas and len(areas) > 1:
            yield Fault(
                f"{KEY}[{areas[CITY]}].district",
                said(f"{CITY}, beside districts, of {resource}", f"{resource} 既写了全市又写了区"),
                said(
                    'one of the two where workers.hiring = "in_place"',
                    'workers.hiring = "in_place" 时只能写其一',
                ),
            )
