"""Check what a scenario says of whom institutions admit."""

from collections.abc import Iterator, Mapping
from datetime import date

from params.language import said
from params.names import resource_id
from params.scenario.checks.insurance import outside_horizon
from params.scenario.checks.off import off_faults, resources_off
from params.scenario.checks.tiers import who_faults
from params.scenario.faults import Fault, is_date, rows_at, table_at


def admission_faults(raw: Mapping[str, object], days: tuple[date, date]) -> Iterator[Fault]:
    """Yield rules without a condition, that nobody meets or that never hold.

    Parameters
    ----------
    days : the first and the last day of the scenario.
    """
    policy = table_at(raw, "policy")
    share = policy.get("hardship_share")
    off = resources_off(raw)
    for i, row in rows_at(policy, "admissions"):
        where = f"policy.admissions[{i}]"
        yield from outside_horizon(f"{where}.date", row.get("date"), days)
        yield from who_faults(where, row, share)
        yield from off_faults(off, f"{where}.resource", resource_id(row.get("resource")))
        day, until = row.get("date"), row.get("until")
        if is_date(day) and is_date(until) and until.replace(day=1) <= day.replace(day=1):
            allowed = said(f"a month after that of date = {day}", f"晚于 date = {day} 所在月")
            yield Fault(f"{where}.until", str(until), allowed)
