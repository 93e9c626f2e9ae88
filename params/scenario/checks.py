"""Check what no single field of a scenario can know: dates, orders and ranges.

Works on plain tables, so that these mistakes are listed together with those of the fields.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from params.axes import BASES
from params.city import City
from params.errors import ParamError, Problem
from params.scenario.priorities import (
    CONDITIONS,
    N_CLASS,
    QUEUES,
    leaves_somebody,
    never_apply,
    numbered,
)
from params.tables.assumptions import change_faults, read_assumptions


class Fault(NamedTuple):
    """One mistake at a key path such as `beds.changes[0].date`."""

    path: str
    found: str
    allowed: str
    advice: str = ""


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
        *_assessor_faults(raw),
        *_priority_faults(raw),
        *_assumption_faults(raw, city),
    ]


def _horizon_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    year = _table(raw, "horizon").get("last_year")
    if type(year) is int and not city.first_year <= year <= city.last_year:
        allowed = f"at least {city.first_year}, at most {city.last_year}"
        yield Fault("horizon.last_year", f"found {year}", allowed)
    basis = _table(raw, "population").get("basis")
    if basis in BASES and basis not in city.bases:
        allowed = " or ".join(city.bases)
        yield Fault("population.basis", f"{basis} is not counted here 本市无此口径", allowed)


def _table(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = raw.get(key)
    return found if isinstance(found, Mapping) else {}


def _rows(table: Mapping[str, object], key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    found = table.get(key)
    for i, row in enumerate(found if isinstance(found, list | tuple) else ()):
        if isinstance(row, Mapping):
            yield i, row


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _date_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    year = _table(raw, "horizon").get("last_year")
    is_known = isinstance(year, int) and city.first_year <= year <= city.last_year
    last_year = year if is_known else city.plan_year
    first, last = date(city.first_year, 1, 1), date(last_year, 12, 31)  # type: ignore[arg-type]
    dated = [
        (f"beds.changes[{i}].date", row.get("date"))
        for i, row in _rows(_table(raw, "beds"), "changes")
    ]
    for i, row in _rows(_table(raw, "assessors"), "pauses"):
        dated += [(f"assessors.pauses[{i}].{end}", row.get(end)) for end in ("start", "end")]
        start, end = row.get("start"), row.get("end")
        if _is_date(start) and _is_date(end) and end < start:  # type: ignore[operator]
            where = f"assessors.pauses[{i}].end"
            yield Fault(where, f"{end}, before its start {start}", "start <= end")
    for where, day in dated:
        if _is_date(day) and not first <= day <= last:  # type: ignore[operator]
            advice = "move it, or set horizon.last_year 调整日期或延长模拟期"
            yield Fault(where, f"{day}, outside the horizon", f"{first} to {last}", advice)


def _bed_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    beds = _table(raw, "beds")
    for all_beds, some in (("total_2020", "dementia_2020"), ("total_2025", "dementia_2025")):
        total, part = beds.get(all_beds), beds.get(some)
        # Exactly int: true and false are not numbers of beds.
        if type(total) is int and type(part) is int and part > total >= 0:
            yield Fault(f"beds.{some}", str(part), f"at most beds.{all_beds} = {total}")
    for i, row in _rows(beds, "changes"):
        if row.get("beds") == 0:
            yield Fault(f"beds.changes[{i}].beds", "0", "a number above or below 0")


def _assessor_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    plan = _table(raw, "assessors")
    high, low = (plan.get(f"too_{way}", 0.0) for way in ("high", "low"))
    # Shares outside 0 to 1 are the fields' own mistakes.
    shares = [x for x in (high, low) if isinstance(x, int | float) and 0 <= x <= 1]
    if len(shares) == 2 and sum(shares) > 1:
        allowed = f"at most 1 - assessors.too_high = {1 - shares[0]:g}"
        yield Fault("assessors.too_low", f"{shares[1]:g}", allowed)


def _priority_faults(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Say which rules of the queues can never apply, and which classes are too many or out of order."""
    policy = _table(raw, "policy")
    share = policy.get("hardship_share", 0.0)
    hardship = isinstance(share, int | float) and share > 0
    for queue in QUEUES:
        rows = [row for _, row in _rows(_table(policy, "classes"), queue)]
        if not rows or not all(_is_rule(row) for row in rows):
            continue  # what has the wrong type the fields' own checks say
        where = f"policy.classes.{queue}"
        rules = numbered(rows)
        ranks = [rule.rank for rule in rules]
        for k, (before, rank) in enumerate(pairwise(ranks), start=1):
            if rank < before:
                yield Fault(
                    f"{where}[{k}].rank", str(rank), f"{before} or more: rules stand in order"
                )
        last = max(ranks) + leaves_somebody(queue, rules, hardship)
        if last > N_CLASS:
            yield Fault(
                where, f"{last} classes 类", f"at most {N_CLASS}", "join some by `rank` 合并类别"
            )
        for k in never_apply(queue, rules, hardship):
            advice = "drop it or move it up 请删除或上移"
            if rules[k].hardship and not hardship:
                advice = "set policy.hardship_share 请设定困难老人比例"
            found = "never applies: rules before it take everybody, or nobody can be meant 永不适用"
            yield Fault(f"{where}[{k}]", found, "a rule that somebody comes to", advice)
        for k, rule in enumerate(rules):
            if rule.opens and rule.closes and rule.closes <= rule.opens:
                yield Fault(f"{where}[{k}].closes", str(rule.closes), f"after opens = {rule.opens}")


def _is_rule(row: Mapping[str, object]) -> bool:
    """Say whether a rule has the right types, so that it can be read as one."""
    kinds: dict[str, type | tuple[type, ...]] = {
        **dict.fromkeys(("rank", "least_level", "most_level"), int),
        **dict.fromkeys(CONDITIONS, bool),
        "request": str,
        **dict.fromkeys(("opens", "closes"), date),
    }
    return all(
        value is None or (key in kinds and isinstance(value, kinds[key]))
        for key, value in row.items()
    )


def _assumption_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    known = read_assumptions(city.assumptions)
    for name, change in _table(raw, "assumptions").items():
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
    if not all(end is None or (_is_number(end) and _finite(end) is not None) for end in ends):
        return None
    return _Range(*ends)


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
