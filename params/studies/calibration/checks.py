"""Find what of a calibration's targets and free assumptions cannot be, whatever else of its file is wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from params.axes import CITY
from params.errors import nearest, span
from params.language import said
from params.names import kinds_of_resource, meant, resource_id
from params.scenario.faults import Fault, is_number, rows_at
from params.scenario.model import Scenario
from params.scenario.unused import unused
from params.studies.keys import ASSUMPTIONS
from params.tables.assumptions import Assumption, bounds_text

TARGETS, PARAMETERS = "targets", "parameters"
PLUS: Final = "+"


@dataclass(frozen=True)
class Known:
    """Which figures there are to hold observations against; whoever makes them knows."""

    yearly: tuple[str, ...]
    """Measures of resources."""
    people: tuple[str, ...]
    """Measures of people, known at the end of the base year too."""
    base_year_only: tuple[str, ...]
    """Those of people that are known of the city in the base year alone."""
    has_meaning: Callable[[str, str], bool]
    """Of a measure and a resource."""


def resources_of(text: str) -> tuple[str, ...]:
    """Return the ids of resources that are added up."""
    plain = text.replace("\N{FULLWIDTH PLUS SIGN}", PLUS)
    return tuple(str(resource_id(part.strip())) for part in plain.split(PLUS) if part.strip())


def parameter_faults(
    raw: Mapping[str, object], known: Mapping[str, Assumption], scenario: Scenario | None
) -> Iterator[Fault]:
    """Yield free parameters that are no assumptions, or of which nothing can be told."""
    idle = {one.key: one.why for one in unused(scenario.model_dump())} if scenario else {}
    seen: dict[str, int] = {}
    for i, row in rows_at(raw, PARAMETERS):
        where, name = f"{PARAMETERS}[{i}].name", row.get("name")
        if not isinstance(name, str) or not name:
            continue
        if name not in known:
            found = said(f"no assumption: {name!r}", f"不是假定：{name!r}")
            allowed = said("a name of the city's assumptions.csv", "本市 assumptions.csv 中的名称")
            yield Fault(where, found, allowed, nearest(name, known))
            continue
        if seen.setdefault(name, i) != i:
            yield Fault(where, said(f"{name} again", f"{name} 重复"), said("once", "只写一次"))
        if (key := f"{ASSUMPTIONS}.{name}") in idle:
            found = said(f"nothing reads {name}: {idle[key]}", f"{name} 不起作用：{idle[key]}")
            yield Fault(where, found, said("an assumption at work", "起作用的假定"))
        yield from _range_faults(i, row, known[name])


def _range_faults(i: int, row: Mapping[str, object], own: Assumption) -> Iterator[Fault]:
    """Yield what is wrong with the range of a free parameter."""
    where, (least, most) = f"{PARAMETERS}[{i}]", own.bounds
    if own.concentration is not None:
        found = said(
            f"{own.name} is drawn together with its group", f"{own.name} 与同组份额一并抽样"
        )
        yield Fault(f"{where}.name", found, said("another assumption", "其他假定"))
        return
    low, high = row.get("low"), row.get("high")
    if (low is None) != (high is None):
        found = said("one end of a range", "只写了一端")
        yield Fault(where, found, said("low and high, or neither", "low 和 high 都写或都不写"))
    for key, end in (("low", low), ("high", high)):
        if is_number(end) and not least <= end <= most:
            yield Fault(f"{where}.{key}", f"{end:g}", bounds_text(own))
    if is_number(low) and is_number(high) and not low < high:
        yield Fault(f"{where}.low", f"{low:g}, {high:g}", "low < high")
    if low is None and high is None and not own.low < own.high:
        found = said(f"{own.name} has no range", f"{own.name} 没有区间")
        yield Fault(f"{where}.name", found, said("low and high", "写出 low 和 high"))


def target_faults(
    raw: Mapping[str, object], known: Known, years: range, on: Sequence[str]
) -> Iterator[Fault]:
    """Yield targets that no run has, and those that contradict one another.

    Parameters
    ----------
    years : that the base scenario can report.
    on : what its runs report.
    """
    for i, row in rows_at(raw, TARGETS):
        measure = row.get("measure")
        if not isinstance(measure, str) or not measure:
            continue
        where = f"{TARGETS}[{i}]"
        if measure not in (*known.yearly, *known.people):
            names = (*known.yearly, *known.people)
            found = said(f"unknown measure {measure!r}", f"未知指标 {measure!r}")
            advice = meant(measure, names) or nearest(measure, names)
            yield Fault(f"{where}.measure", found, ", ".join(names), advice)
            continue
        yield from _resource_faults(where, row, measure, known, on)
        yield from _year_faults(where, row, measure, known, years)
    yield from contradictions(raw)


def _resource_faults(
    where: str, row: Mapping[str, object], measure: str, known: Known, on: Sequence[str]
) -> Iterator[Fault]:
    text = row.get("resource", "")
    named = resources_of(text) if isinstance(text, str) else ()
    if measure in known.people:
        if named:
            found = said(f"{measure} is of people, not of {text}", f"{measure} 是人口指标")
            yield Fault(f"{where}.resource", found, said("no resource", "不写资源"))
        return
    if not named:
        found = said(f"{measure} of what?", f"{measure} 未写服务资源")
        yield Fault(f"{where}.resource", found, ", ".join(on))
    for one in named:
        if one not in on:
            off = one in kinds_of_resource()
            found = said(f"{one} is off", f"未启用 {one}") if off else f"{one!r}"
            yield Fault(f"{where}.resource", found, ", ".join(on), nearest(one, on))
        elif not known.has_meaning(measure, one):
            found = said(f"{measure} has no meaning for {one}", f"{one} 没有 {measure}")
            allowed = said("another measure", "其他指标")
            yield Fault(f"{where}.measure", found, allowed)


def _year_faults(
    where: str,
    row: Mapping[str, object],
    measure: str,
    known: Known,
    years: range,
) -> Iterator[Fault]:
    year, area = row.get("year"), row.get("area", CITY)
    if type(year) is not int:
        return
    first = years.start - (measure in known.people)
    last = first if measure in known.base_year_only else years.stop - 1
    if not first <= year <= last:
        found = said(f"{measure} of {year}", f"{year} 年的 {measure}")
        yield Fault(f"{where}.year", found, span(first, last) if last > first else str(first))
    if measure in known.base_year_only and area != CITY:
        found = said(f"{measure} of {area}", f"{area} 的 {measure}")
        yield Fault(f"{where}.area", found, CITY)


def contradictions(raw: Mapping[str, object]) -> Iterator[Fault]:
    """Yield targets that stand twice with values further apart than both their errors together."""
    first: dict[tuple[object, ...], list[tuple[int, float, float]]] = {}
    for i, row in rows_at(raw, TARGETS):
        value, error, text = row.get("value"), row.get("error"), row.get("resource", "")
        named = resources_of(text) if isinstance(text, str) else ()
        key = (row.get("measure"), tuple(sorted(named)), row.get("area", CITY), row.get("year"))
        if not (is_number(value) and is_number(error)):
            continue
        for k, other, wide in first.get(key, ()):
            if abs(value - other) > wide + error:
                found = said(
                    f"{value:g} ± {error:g}, though row {k + 1} says {other:g} ± {wide:g} of the same",
                    f"{value:g}±{error:g}，而第{k + 1}行同一项为 {other:g}±{wide:g}",
                )
                allowed = said("values within their errors", "相差不超过两者误差之和")
                advice = said("drop one, or widen its error", "请删去一行，或放宽其误差")
                yield Fault(f"{TARGETS}[{i}]", found, allowed, advice)
        first.setdefault(key, []).append((i, float(value), float(error)))
