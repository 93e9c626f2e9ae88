"""Check what a scenario says of whom institutions admit."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from params.language import said
from params.names import optional_ids, resource_id
from params.scenario.checks.insurance import outside_horizon
from params.scenario.faults import Fault, is_date, is_number, rows_at, table_at

CONDITIONS: Final = ("least_level", "most_level", "alone", "hardship")


def admission_faults(raw: Mapping[str, object], days: tuple[date, date]) -> Iterator[Fault]:
    """Yield rules without a condition, that nobody meets or that never hold.

    Parameters
    ----------
    days : the first and the last day of the scenario.
    """
    policy = table_at(raw, "policy")
    share = policy.get("hardship_share", 0.0)
    on = table_at(raw, "resources").get("on", ())
    chosen = [resource_id(name) for name in on] if isinstance(on, list | tuple) else []
    off = set(optional_ids()) - set(chosen)
    for i, row in rows_at(policy, "admissions"):
        where = f"policy.admissions[{i}]"
        yield from outside_horizon(f"{where}.date", row.get("date"), days)
        if all(row.get(key) is None for key in CONDITIONS):
            keys = ", ".join(CONDITIONS)
            found = said("admits everybody", "所有人都可入住")
            yield Fault(where, found, said(f"one of {keys}", f"至少写一项条件:{keys}"))
        least, most = row.get("least_level"), row.get("most_level")
        if type(least) is int and type(most) is int and least > most:
            found = said(f"{most}: nobody is admitted", f"{most}:无人可入住")
            allowed = said(f"at least least_level = {least}", f"不低于 least_level = {least}")
            yield Fault(f"{where}.most_level", found, allowed)
        if row.get("hardship") is True and is_number(share) and share == 0:
            yield Fault(
                f"{where}.hardship",
                said("nobody is in hardship", "没有困难老人"),
                said("policy.hardship_share above 0", "policy.hardship_share 大于 0"),
                said("set policy.hardship_share", "请设定困难老人比例"),
            )
        kind = resource_id(row.get("resource"))
        if kind in off:
            yield Fault(
                f"{where}.resource",
                said(f"{kind} is off", f"{kind} 未启用"),
                said("beds that are there", "已启用的床位"),
                said(f'add [resources] on = ["{kind}"]', f'请写 [resources] on = ["{kind}"]'),
            )
        day, until = row.get("date"), row.get("until")
        if is_date(day) and is_date(until) and until.replace(day=1) <= day.replace(day=1):
            allowed = said(f"a month after that of date = {day}", f"晚于 date = {day} 所在月")
            yield Fault(f"{where}.until", str(until), allowed)
