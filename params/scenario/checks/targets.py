"""Check what a scenario says of the targets of single resources."""

from collections.abc import Iterator, Mapping
from typing import Final

from params.city import City
from params.language import said
from params.names import TOTALS, kinds_of_resource, resource_id, waited_ids
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.faults import Fault, is_number, table_at
from params.scenario.parts.resources import LONGEST_DAYS
from params.tables.assumptions import read_assumptions

NOTICE: Final = "notice_days"
"""Assumption: working days before which no assessment has its notice."""
WHERE: Final = "service_target.resources"


def target_faults(raw: Mapping[str, object], city: City) -> Iterator[Fault]:
    """Yield targets that say nothing, nothing that can be, or nothing that is followed."""
    targets = table_at(table_at(raw, "service_target"), "resources")
    off = resources_off(raw)
    for name, target in targets.items():
        id_, where = str(resource_id(name)), f"{WHERE}.{name}"
        if not isinstance(target, Mapping) or id_ not in waited_ids():
            continue  # the fields' own checks say so
        yield from off_faults(off, where, id_)
        if all(target.get(key) is None for key in ("share", "days")):
            found = said("says nothing", "没有内容")
            yield Fault(where, found, said("share, days or both", "share、days 或两者"))
        yield from _days_faults(id_, where, target.get("days"), _notice(raw, city))


def _days_faults(id_: str, where: str, days: object, notice: float) -> Iterator[Fault]:
    """Yield the days that a resource cannot have."""
    if not is_number(days) or not 1 <= days <= LONGEST_DAYS:
        return  # nothing, or the field's own mistake
    if id_ in TOTALS:
        found = said(
            f"{days}: a sum has no days of its own, every request is due by those of its kind",
            f"{days}：合计没有自己的期限，每项申请按其种类的期限计",
        )
        advice = said("say the days of each kind", "请写在各类床位上")
        yield Fault(f"{where}.days", found, said("a share alone", "只写 share"), advice)
    if kinds_of_resource()[id_] != "assessment":
        return
    most = (LONGEST_DAYS - 1) // 2
    if not notice <= days <= most:
        found = said(f"found {days} working days", f"现为 {days} 个工作日")
        allowed = said(
            f"at least {notice:g}, before which nobody has a notice (assumption {NOTICE}), "
            f"at most {most}, as long as requests are followed",
            f"不少于 {notice:g}（此前不会有结果，见假定 {NOTICE}），不超过 {most}（申请只跟踪这么久）",
        )
        yield Fault(f"{where}.days", found, allowed)


def _notice(raw: Mapping[str, object], city: City) -> float:
    """Return the working days before which no assessment has its notice, by the default of the scenario."""
    change = table_at(raw, "assumptions").get(NOTICE)
    value = change.get("value") if isinstance(change, Mapping) else change
    if is_number(value):
        return float(value)
    known = read_assumptions(city.assumptions)
    return float(known[NOTICE].value) if NOTICE in known else 0.0
