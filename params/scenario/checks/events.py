"""Check what a scenario says of events, of overtime and of pay against itself."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from params.axes import CITY
from params.city import City
from params.language import said
from params.names import bed_ids, chosen, resource_id, services
from params.scenario.checks.dates import days_of
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, is_date, is_number, rows_at, table_at

Row = Mapping[str, object]


class _Words(NamedTuple):
    """What a kind of event must say and may say, beside its days and its area."""

    needed: tuple[str, ...]
    allowed: tuple[str, ...] = ()


WORDS: Final[Mapping[str, _Words]] = {
    "admissions_closed": _Words((), ("resource",)),
    "service_closed": _Words(("resource",)),
    "assessors": _Words(("share",)),
    "workers_absent": _Words(("share",), ("workers",)),
    "deaths": _Words(("factor",), ("least_age", "most_age")),
}
SUBJECTS: Final = ("resource", "workers", "share", "factor", "least_age", "most_age")
WHO: Final = ("area", "resource", "workers", "least_age", "most_age")
"""What tells two events of one kind apart."""


def event_faults(raw: Row, city: City) -> Iterator[Fault]:
    """Yield what events, overtime and pay say in vain, twice, or against themselves."""
    events = list(rows_at(raw, "events"))
    workers = table_at(raw, "workers")
    overtime = list(rows_at(workers, "overtime"))
    for i, row in events:
        yield from _words_faults(f"events[{i}]", row, raw)
        yield from _resource_faults(f"events[{i}]", row, raw)
    yield from _day_faults("events", events, raw, city)
    yield from _day_faults("workers.overtime", overtime, raw, city)
    yield from _twice("events", events)
    yield from _twice("workers.overtime", overtime)
    first, last = days_of(raw, city)
    for i, row in rows_at(workers, "wages"):
        day = row.get("date")
        if row.get("rise") == 0:
            yield _nothing(f"workers.wages[{i}].rise", "0", said("above or below 0", "大于或小于0"))
        if is_date(day) and not first <= day <= last:
            yield _outside(f"workers.wages[{i}].date", day, first, last)


def _words_faults(path: str, row: Row, raw: Row) -> Iterator[Fault]:
    """Yield fields that a kind of event lacks, and those that it has no use for."""
    kind = chosen(row.get("kind"))
    words = WORDS.get(kind) if isinstance(kind, str) else None
    if words is None:
        return
    for key in words.needed:
        if row.get(key) is None:
            yield Fault(
                f"{path}.{key}",
                said(f"missing: {kind} needs it", f"缺少：{kind} 须写明 {key}"),
                {
                    "share": said(
                        "the share that still works, 0 to below 1", "仍在岗比例，0至1以下"
                    ),
                    "factor": said(
                        "times the usual hazard, 2.0 is double", "死亡风险倍数，2.0为两倍"
                    ),
                    "resource": said(
                        "a service at home: day_care", "居家服务，如 day_care 日间照护"
                    ),
                }[key],
            )
    for key in SUBJECTS:
        if row.get(key) is not None and key not in (*words.needed, *words.allowed):
            named = ", ".join((*words.needed, *words.allowed)) or said("nothing", "无")
            yield Fault(
                f"{path}.{key}",
                said(f"{row[key]}: {kind} does not know it", f"{row[key]}：{kind} 无此项"),
                said(
                    f"of {kind} besides days and area: {named}", f"{kind} 除日期和区域外：{named}"
                ),
                said("drop it", "请删除"),
            )
    if row.get("share") == 1 or row.get("factor") == 1:
        key = "share" if row.get("share") == 1 else "factor"
        yield _nothing(f"{path}.{key}", "1", said("another number than 1", "不为1的数"))
    least, most = row.get("least_age"), row.get("most_age")
    if is_number(least) and is_number(most) and least > most:
        allowed = said(f"at least least_age = {least}", f"不小于 least_age = {least}")
        yield Fault(f"{path}.most_age", f"{most}", allowed)
    if kind == "deaths" and table_at(raw, "population").get("growth") == "frozen":
        yield Fault(
            f"{path}.kind",
            said("deaths: people stay as they are", "deaths：人口保持不变"),
            said(
                'another kind, or population.growth = "projected"',
                "其他类型，或 population.growth 取 projected",
            ),
        )
    if kind == "deaths" and row.get("area", CITY) != CITY:
        yield Fault(
            f"{path}.area",
            said(
                f"{row['area']}: deaths rise everywhere", f"{row['area']}：死亡率只能全市一起变动"
            ),
            said(
                "nothing here: the forecast has one life table for the whole city",
                "此处不写：全市共用一张生命表",
            ),
        )


def _resource_faults(path: str, row: Row, raw: Row) -> Iterator[Fault]:
    """Yield what is closed though it is off, or no service at home."""
    kind, resource = chosen(row.get("kind")), resource_id(row.get("resource"))
    if not isinstance(resource, str) or resource not in services():
        return
    yield from off_faults(resources_off(raw), f"{path}.resource", resource)
    if kind == "service_closed" and resource in bed_ids():
        yield Fault(
            f"{path}.resource",
            said(f"{resource}: people live there", f"{resource}：有人居住，不能关停"),
            said("a service at home", "居家服务"),
            said(
                "admissions_closed takes in nobody; beds close by [[beds.changes]]",
                "暂停收住请用 admissions_closed；撤床请用 [[beds.changes]]",
            ),
        )


def _day_faults(name: str, rows: list[tuple[int, Row]], raw: Row, city: City) -> Iterator[Fault]:
    """Yield days outside the horizon, and spans that end before they begin."""
    first, last = days_of(raw, city)
    for i, row in rows:
        start, end = row.get("start"), row.get("end")
        if is_date(start) and is_date(end) and end < start:
            found = said(f"{end}, before its start {start}", f"{end}，早于 start {start}")
            yield Fault(f"{name}[{i}].end", found, said("start <= end", "不早于 start"))
        for key, day in (("start", start), ("end", end)):
            if is_date(day) and not first <= day <= last:
                yield _outside(f"{name}[{i}].{key}", day, first, last)


def _twice(name: str, rows: list[tuple[int, Row]]) -> Iterator[Fault]:
    """Yield events that begin while another of the same kind, place and subject lasts."""
    seen: dict[object, tuple[date, date]] = {}
    spans = [
        (start, end, i, (chosen(row.get("kind")), *(_who(row, key) for key in WHO)))
        for i, row in rows
        if is_date(start := row.get("start")) and is_date(end := row.get("end")) and start <= end
    ]
    for start, end, i, what in sorted(spans, key=lambda span: span[:3]):
        before = seen.get(what)
        if before is not None and start <= before[1]:
            yield Fault(
                f"{name}[{i}].start",
                said(
                    f"{start}, while the same lasts from {before[0]} to {before[1]}",
                    f"{start}，与同类同地的 {before[0]} 至 {before[1]} 重叠",
                ),
                said(f"after {before[1]}, or one span", f"{before[1]} 之后，或合并为一段"),
            )
        if before is None or end > before[1]:
            seen[what] = start, end


def _who(row: Row, key: str) -> object:
    value = row.get(key, CITY if key == "area" else None)
    value = resource_id(value) if key == "resource" else value
    return value if isinstance(value, str | int | None) else str(value)


def _nothing(path: str, found: str, allowed: str) -> Fault:
    return Fault(path, said(f"{found}: changes nothing", f"{found}：不起作用"), allowed)


def _outside(path: str, day: date, first: date, last: date) -> Fault:
    return Fault(
        path,
        said(f"{day}, outside the horizon", f"{day}，不在模拟期内"),
        said(f"{first} to {last}", f"{first} 至 {last}"),
        said("move it, or set horizon.last_year", "调整日期，或延长 horizon.last_year"),
    )
