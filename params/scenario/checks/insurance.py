"""Check what a scenario says of the insurance."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from params.axes import CITY
from params.city import City
from params.language import said
from params.scenario.faults import Fault, is_date, rows_at, table_at, twice
from params.scenario.places import district_names

BY_DISTRICT: Final = ("take_up", "insured_share")
"""What may differ between districts."""
OF_THE_CITY: Final = ("least_level", *(f"hours_{k}" for k in range(2, 7)), "most_hours_week")
Row = Mapping[str, object]


def insurance_faults(raw: Row, days: tuple[date, date], city: City) -> Iterator[Fault]:
    """Yield changes outside the horizon, without content, in a district alone, or against one another.

    Parameters
    ----------
    days : the first and the last day of the scenario.
    """
    parts = {*district_names(city), *city.zones}
    seen: dict[tuple[date, object, str], int] = {}
    for i, row in rows_at(table_at(raw, "insurance"), "changes"):
        where = f"insurance.changes[{i}]"
        told = [key for key in (*BY_DISTRICT, *OF_THE_CITY) if row.get(key) is not None]
        if not told:
            keys = ", ".join((*BY_DISTRICT, *OF_THE_CITY))
            found = said("changes nothing", "没有任何变化")
            yield Fault(where, found, said(f"one of {keys}", f"至少写一项：{keys}"))
        yield from outside_horizon(f"{where}.date", row.get("date"), days)
        area = row.get("district", CITY)
        if area in parts:
            for key in told:
                if key in OF_THE_CITY:
                    yield Fault(
                        f"{where}.{key}",
                        said(f"in {area} alone", f"仅限{area}"),
                        said(
                            f"in the whole city: no district, or {CITY}",
                            f"全市统一：district 不写或写{CITY}",
                        ),
                        said("write it in a change of its own", "请另写一条"),
                    )
        day = row.get("date")
        if not is_date(day):
            continue
        for key in told:
            before = seen.setdefault((day.replace(day=1), area, key), i)
            if before != i:
                yield twice(
                    f"{where}.{key}",
                    f"insurance.changes[{before}].{key}",
                    f"{day:%Y-%m} {area} {key}",
                    said("one value a month", "每月一个值"),
                    said("drop one of them", "请删去其一"),
                )


def outside_horizon(where: str, day: object, days: tuple[date, date]) -> Iterator[Fault]:
    """Yield a day that lies outside the horizon."""
    first, last = days
    if is_date(day) and not first <= day <= last:
        yield Fault(
            where,
            said(f"{day}, outside the horizon", f"{day}，不在模拟期内"),
            said(f"{first} to {last}", f"{first} 至 {last}"),
            said("move it, or set horizon.last_year", "请调整日期或延长模拟期"),
        )
