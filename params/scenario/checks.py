"""Check what no single field of a scenario can know: dates, orders and ranges.

Works on plain tables, so that these mistakes are listed together with those of the fields.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from params.axes import BASES
from params.city import City
from params.errors import ParamError, Problem
from params.names import optional_ids, resource_id
from params.scenario.evidence import evidence_faults
from params.scenario.faults import Fault, is_date, is_number, rows_at, table_at
from params.scenario.priority_faults import priority_faults
from params.tables.assumptions import change_faults, read_assumptions


class _Range(NamedTuple):
    value: float | None
    low: float | None
    high: float | None


def district_names(city: City) -> tuple[str, ...]:
    """Names of the districts, in the order of their codes."""
    path = city.tables / "districts.csv"
    try:
        return _names(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ParamError(Problem(str(path), "file is missing 文件缺失")) from None


@cache
def _names(path: Path, _: int) -> tuple[str, ...]:
    """Read the names as they stood at a moment."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(row.get("district") or "" for row in csv.DictReader(stream))


def halfwidth(text: str) -> str:
    """Turn full-width digits, letters and spaces into plain ones and trim the ends."""
    return unicodedata.normalize("NFKC", text).strip()


def faults_between_fields(raw: Mapping[str, object], city: City) -> list[Fault]:
    """List the mistakes between fields of a scenario; what has the wrong type is passed over."""
    return [
        *_horizon_faults(raw, city),
        *_date_faults(raw, city),
        *_bed_faults(raw),
        *_bed_change_faults(raw, city),
        *_worker_faults(raw),
        *_assessor_faults(raw),
        *_overlaps(raw),
        *priority_faults(raw, _days(raw, city)),
        *_assumption_faults(raw, city),
        *evidence_faults(raw, city),
    ]


def _horizon_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    year = table_at(raw, "horizon").get("last_year")
    if type(year) is int and not city.first_year <= year <= city.last_year:
        allowed = f"at least {city.first_year}, at most {city.last_year}"
        yield Fault("horizon.last_year", f"found {year}", allowed)
    basis = table_at(raw, "population").get("basis")
    if basis in BASES and basis not in city.bases:
        allowed = " or ".join(city.bases)
        yield Fault("population.basis", f"{basis} is not counted here 本市无此口径", allowed)


def _days(raw: Mapping[str, object], city: City) -> tuple[date, date]:
    """Return the first and the last day of a scenario, that of the plan where it is not known."""
    year = table_at(raw, "horizon").get("last_year")
    is_known = isinstance(year, int) and city.first_year <= year <= city.last_year
    last_year = year if isinstance(year, int) and is_known else city.plan_year
    return date(city.first_year, 1, 1), date(last_year, 12, 31)


def _date_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    first, last = _days(raw, city)
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


def _bed_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    beds = table_at(raw, "beds")
    if beds.get("total_2020") == 0:
        found = "0: no base to start from 没有可起步的床位"
        yield Fault("beds.total_2020", found, "at least 1")
    for all_beds, some in (("total_2020", "dementia_2020"), ("total_2025", "dementia_2025")):
        total, part = beds.get(all_beds), beds.get(some)
        # Exactly int: true and false are not numbers of beds.
        if type(total) is int and type(part) is int and part > total >= 0:
            yield Fault(f"beds.{some}", str(part), f"at most beds.{all_beds} = {total}")
    total, part, share = (
        beds.get(key) for key in ("total_2025", "dementia_2025", "nursing_share_2025")
    )
    if beds.get("path", "plan") not in ("plan", "by-need"):
        share = None  # nothing reads it
    if type(total) is int and type(part) is int and is_number(share) and 0 <= share <= 1:
        most = int(total * share)
        if most < part <= total:
            advice = "raise nursing_share_2025, or plan fewer 提高护理型占比或减少认知障碍床位"
            allowed = f"at most {most}: dementia units are nursing-type beds 认知障碍床位属护理型"
            yield Fault("beds.dementia_2025", str(part), allowed, advice)
    yield from _whole_city_faults(beds)


def _whole_city_faults(beds: Mapping[str, object]) -> Iterator[Fault]:
    """Refuse more beds for the whole city than the city has; which of them lie right is seen later."""
    some, path = beds.get("whole_city_beds"), beds.get("path", "plan")
    key = {"plan": "total_2025", "by-need": "total_2025", "frozen": "total_2020"}.get(str(path))
    total = beds.get(key) if key else None
    if type(some) is not int or type(total) is not int or beds.get("whole_city_all_new_towns"):
        return
    if some > total >= 0:
        yield Fault("beds.whole_city_beds", str(some), f"at most beds.{key} = {total}")


def _bed_change_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    beds = table_at(raw, "beds")
    for i, row in rows_at(beds, "changes"):
        if row.get("beds") == 0:
            yield Fault(f"beds.changes[{i}].beds", "0", "a number above or below 0")
        share, district = row.get("share"), row.get("district")
        if share is not None and district in district_names(city):
            yield Fault(
                f"beds.changes[{i}].share",
                f"{share}, but {district} is one district 只有一个区,无从分配",
                "nothing here, or a zone or 全市 as district 此处不写,或 district 写片区或全市",
            )
    on = table_at(raw, "resources").get("on", ())
    off = set(optional_ids()) - set(on if isinstance(on, list | tuple) else ())
    for i, row in rows_at(beds, "changes"):
        kind = resource_id(row.get("resource"))
        if kind in off:
            advice = f'add [resources] on = ["{kind}"] 请先启用该资源'
            yield Fault(
                f"beds.changes[{i}].resource",
                f"{kind} is off 未启用",
                "beds that are there",
                advice,
            )


def _worker_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    for i, row in rows_at(table_at(raw, "workers"), "changes"):
        if row.get("posts") == 0:
            yield Fault(f"workers.changes[{i}].posts", "0", "a number above or below 0")


def _assessor_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    plan = table_at(raw, "assessors")
    high, low = (plan.get(f"too_{way}", 0.0) for way in ("high", "low"))
    # Shares outside 0 to 1 are the fields' own mistakes.
    shares = [x for x in (high, low) if isinstance(x, int | float) and 0 <= x <= 1]
    if len(shares) == 2 and sum(shares) > 1:
        allowed = f"at most 1 - assessors.too_high = {1 - shares[0]:g}"
        yield Fault("assessors.too_low", f"{shares[1]:g}", allowed)


def _overlaps(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Name every pause that begins while another one lasts, in the order of their starts."""
    pauses = [
        (start, end, i)
        for i, row in rows_at(table_at(raw, "assessors"), "pauses")
        if is_date(start := row.get("start")) and is_date(end := row.get("end")) and start <= end
    ]
    last: tuple[date, date] | None = None
    for start, end, i in sorted(pauses):
        if last is not None and start <= last[1]:
            found = f"{start}, while the pause {last[0]} to {last[1]} lasts 与该时段重叠"
            yield Fault(f"assessors.pauses[{i}].start", found, f"after {last[1]}, or one span 合并")
        if last is None or end > last[1]:
            last = start, end


def _assumption_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    known = read_assumptions(city.assumptions)
    for name, change in table_at(raw, "assumptions").items():
        if name not in known:
            continue  # the field's own check says so, with the nearest name
        parsed = _parsed_change(change)
        if parsed is None:
            continue
        for found, allowed in change_faults(known, name, parsed):
            yield Fault(f"assumptions.{name}", found, allowed)


def _parsed_change(change: object) -> float | _Range | None:
    """Take a number or range; None where the fields' own checks will complain."""
    if isinstance(change, int | float) and not isinstance(change, bool):
        return _finite(change)
    if not isinstance(change, Mapping) or set(change) - {"value", "low", "high"}:
        return None
    ends = [change.get(key) for key in ("value", "low", "high")]
    if not all(end is None or (is_number(end) and _finite(end) is not None) for end in ends):
        return None
    return _Range(*ends)


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
