"""Check the dates of a scenario against its horizon."""

from collections.abc import Iterator, Mapping
from datetime import date

from params.axes import BASES
from params.city import City
from params.errors import either, span
from params.language import said
from params.scenario.faults import Fault, is_date, rows_at, table_at


def horizon_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield a last year and a basis that the city does not have."""
    year = table_at(raw, "horizon").get("last_year")
    if type(year) is int and not city.first_year <= year <= city.last_year:
        allowed = said(
            f"at least {city.first_year}, at most {city.last_year}",
            f"{city.first_year} 至 {city.last_year}",
        )
        yield Fault("horizon.last_year", said(f"found {year}", f"写的是 {year}"), allowed)
    basis = table_at(raw, "population").get("basis")
    if basis in BASES and basis not in city.bases:
        found = said(f"{basis} is not counted here", f"{basis}：本市无此口径")
        yield Fault("population.basis", found, either(city.bases))


def days_of(raw: Mapping[str, object], city: City) -> tuple[date, date]:
    """Return the first and the last day of a scenario, the last that there can be where it is not known."""
    year = table_at(raw, "horizon").get("last_year")
    is_known = isinstance(year, int) and city.first_year <= year <= city.last_year
    last_year = year if isinstance(year, int) and is_known else city.last_year
    return date(city.first_year, 1, 1), date(last_year, 12, 31)


def date_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield the dates that lie outside the horizon, and spans that end before they begin."""
    first, last = days_of(raw, city)
    dated = [
        (f"beds.changes[{i}].date", row.get("date"))
        for i, row in rows_at(table_at(raw, "beds"), "changes")
    ]
    dated += [
        (f"workers.changes[{i}].date", row.get("date"))
        for i, row in rows_at(table_at(raw, "workers"), "changes")
    ]
    for i, row in rows_at(table_at(raw, "assessors"), "pauses"):
        dated += [(f"assessors.pauses[{i}].{end}", row.get(end)) for end in ("start", "end")]
        start, end = row.get("start"), row.get("end")
        if is_date(start) and is_date(end) and end < start:
            where = f"assessors.pauses[{i}].end"
            found = said(f"{end}, before its start {start}", f"{end}，早于开始日期 {start}")
            yield Fault(where, found, said("start or later", "不早于 start"))
    for where, day in dated:
        if is_date(day) and not first <= day <= last:
            advice = said(
                "move it, or set horizon.last_year", "调整日期，或用 horizon.last_year 延长模拟期"
            )
            found = said(f"{day}, outside the horizon", f"{day}，在模拟期之外")
            yield Fault(where, found, span(first, last), advice)
