"""Check the dates of a scenario against its horizon."""

from collections.abc import Iterator, Mapping
from datetime import date

from params.axes import BASES
from params.city import City
from params.scenario.faults import Fault, is_date, rows_at, table_at


def horizon_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield a last year and a basis that the city does not have."""
    year = table_at(raw, "horizon").get("last_year")
    if type(year) is int and not city.first_year <= year <= city.last_year:
        allowed = f"at least {city.first_year}, at most {city.last_year}"
        yield Fault("horizon.last_year", f"found {year}", allowed)
    basis = table_at(raw, "population").get("basis")
    if basis in BASES and basis not in city.bases:
        allowed = " or ".join(city.bases)
        yield Fault("population.basis", f"{basis} is not counted here 本市无此口径", allowed)


def days_of(raw: Mapping[str, object], city: City) -> tuple[date, date]:
    """Return the first and the last day of a scenario, that of the plan where it is not known."""
    year = table_at(raw, "horizon").get("last_year")
    is_known = isinstance(year, int) and city.first_year <= year <= city.last_year
    last_year = year if isinstance(year, int) and is_known else city.plan_year
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
            yield Fault(where, f"{end}, before its start {start}", "start <= end")
    for where, day in dated:
        if is_date(day) and not first <= day <= last:
            advice = "move it, or set horizon.last_year 调整日期或延长模拟期"
            yield Fault(where, f"{day}, outside the horizon", f"{first} to {last}", advice)
