"""Check the day from which a scenario looks ahead: which day, whose rows, each once."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from params.city import City
from params.language import said
from params.names import resource_id
from params.scenario.checks.dates import days_of
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, is_date, rows_at, table_at, twice
from params.scenario.places import halfwidth

KEY: Final = "start"
LISTS: Final = ("residents", "waiting")
LAST_DAY: Final = (12, 31)


def start_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield a day that no year ends with, rows without one, resources that are off, and rows twice."""
    plan = table_at(raw, KEY)
    day = plan.get("date")
    if is_date(day):
        yield from _day(day, raw, city)
    if day is None and any(True for name in LISTS for _ in rows_at(plan, name)):
        yield Fault(
            f"{KEY}.date",
            said("left out, though people are given", "未写，但已给出人数"),
            said("31 December of a year", "某年12月31日"),
            said("say of which day they are: date = 2024-12-31", "请写明日期:date = 2024-12-31"),
        )
    off = resources_off(raw)
    for name in LISTS:
        seen: dict[tuple[str, object], int] = {}
        for i, row in rows_at(plan, name):
            district, resource = (
                halfwidth(str(row.get("district"))),
                resource_id(row.get("resource")),
            )
            yield from off_faults(off, f"{KEY}.{name}[{i}].resource", resource)
            first = seen.setdefault((district, resource), i)
            if first != i:
                what, allowed = f"{district} {resource}", said("one row each", "各写一行")
                yield twice(f"{KEY}.{name}[{i}]", f"{KEY}.{name}[{first}]", what, allowed)


def _day(day: date, raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    first, last = city.first_year, days_of(raw, city)[1].year - 1
    allowed = said(f"31 December of {first} to {last}", f"{first} 至 {last} 年中某年的12月31日")
    if first > last:
        allowed = said("no day of this horizon", "模拟期内没有这样的日子")
    if (day.month, day.day) != LAST_DAY:
        yield Fault(
            f"{KEY}.date",
            said(f"{day}, not the last day of a year", f"{day}，不是一年的最后一天"),
            allowed,
            said(
                "stocks of years are those of 31 December; take the counts nearest to one",
                "各年存量均为12月31日的数，请取最接近年末的一次",
            ),
        )
    elif not first <= day.year <= last:
        yield Fault(
            f"{KEY}.date",
            f"{day}",
            allowed,
            said(
                f"the simulation begins after {city.base_year}, and a year must be left to report",
                f"模拟自 {city.base_year} 年之后开始，且其后至少须有一年可报告",
            ),
        )
