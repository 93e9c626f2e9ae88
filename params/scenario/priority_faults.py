"""Say what cannot be right about the order of the queues: see `params.scenario.priorities`."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from params.language import said
from params.scenario.faults import Fault, is_date, is_number, rows_at, table_at
from params.scenario.priorities import (
    CONDITIONS,
    LEVELS,
    N_CLASS,
    QUEUES,
    REQUESTS,
    SWITCHES,
    leaves_somebody,
    never_apply,
    numbered,
)

Row = Mapping[str, object]
Rows = list[tuple[int, Row]]
"""Rules with their places in the list."""


def priority_faults(raw: Row, days: tuple[date, date]) -> Iterator[Fault]:
    """List the mistakes of the rules of every queue.

    A rule of the wrong types is passed over, which its fields' own checks say: without it the others
    come to more people, so that nothing is called a mistake that is none.

    Parameters
    ----------
    raw : the tables of a scenario.
    days : the first and the last day of the scenario.
    """
    policy = table_at(raw, "policy")
    share = policy.get("hardship_share", 0.0)
    hardship = not is_number(share) or share > 0
    for queue in QUEUES:
        where = f"policy.classes.{queue}"
        rows = list(rows_at(table_at(policy, "classes"), queue))
        yield from _foreign_faults(where, queue, rows)
        yield from _time_faults(where, rows, days)
        rules = [(i, row) for i, row in rows if _is_rule(row)]
        if rules:
            yield from _order_faults(where, rules)
            yield from _reach_faults(where, queue, rules, hardship)
        if rules and len(rules) == len(rows):
            yield from _count_faults(where, queue, rules, hardship)


def _foreign_faults(where: str, queue: str, rows: Rows) -> Iterator[Fault]:
    """Find conditions that mean nothing in a queue."""
    for i, row in rows:
        if queue != "assessments" and row.get("request") in REQUESTS:
            allowed = said(
                "only in policy.classes.assessments", "仅用于评估排队 policy.classes.assessments"
            )
            advice = said("drop it", "请删除此项")
            yield Fault(f"{where}[{i}].request", f"{row['request']!r}", allowed, advice)
        if queue != "beds" and row.get("local") is False:
            allowed = said(
                "only in policy.classes.beds: nobody from elsewhere asks here",
                "仅用于床位轮候 policy.classes.beds：此处只有本区居民",
            )
            advice = said("drop the rule", "请删除该规则")
            yield Fault(f"{where}[{i}].local", "false", allowed, advice)


def _time_faults(where: str, rows: Rows, days: tuple[date, date]) -> Iterator[Fault]:
    """Find spans in which no month lies; a class is served by whole months."""
    first, last = days
    for i, row in rows:
        opens, closes = row.get("opens"), row.get("closes")
        if is_date(opens) and opens > last:
            found = said(f"{opens}, after the horizon", f"{opens}，晚于模拟期")
            allowed = said(f"up to {last}", f"不晚于 {last}")
            advice = said("the class is never served: drop the rule", "该类从不接收，请删除该规则")
            yield Fault(f"{where}[{i}].opens", found, allowed, advice)
        if is_date(closes) and closes.replace(day=1) <= first:
            found = said(f"{closes}, the class is never served", f"{closes}，该类从不接收")
            allowed = said(f"a month after {first}", f"晚于 {first} 所在月")
            advice = said("drop the rule", "请删除该规则")
            yield Fault(f"{where}[{i}].closes", found, allowed, advice)
        elif is_date(opens) and is_date(closes) and closes.replace(day=1) <= opens:
            allowed = said(f"a month after that of opens = {opens}", f"晚于 opens = {opens} 所在月")
            yield Fault(f"{where}[{i}].closes", str(closes), allowed)


def _order_faults(where: str, rows: Rows) -> Iterator[Fault]:
    ranks = [rule.rank for rule in numbered([row for _, row in rows])]
    for (i, _), (before, rank) in zip(rows[1:], pairwise(ranks), strict=True):
        if rank < before:
            allowed = said(
                f"{before} or more: rules stand in order", f"不小于{before}：规则按次序排列"
            )
            yield Fault(f"{where}[{i}].rank", str(rank), allowed)


def _reach_faults(where: str, queue: str, rows: Rows, hardship: bool) -> Iterator[Fault]:
    """Find rules that nobody can come to; what stands in the wrong queue is said already."""
    meant = [{k: v for k, v in row.items() if not _is_foreign(queue, k, v)} for _, row in rows]
    rules = numbered(meant)
    for k in never_apply(queue, rules, hardship):
        if len(meant[k]) < len(rows[k][1]):
            continue
        advice = said("drop it or move it up", "请删除或上移")
        if rules[k].hardship and not hardship:
            advice = said("set policy.hardship_share", "请设定困难老人比例 policy.hardship_share")
        found = said(
            "never applies: rules before it take everybody, or nobody can be meant",
            "永不适用：前面的规则已包括所有人，或没有这样的人",
        )
        allowed = said("a rule that somebody comes to", "有人适用的规则")
        yield Fault(f"{where}[{rows[k][0]}]", found, allowed, advice)


def _is_foreign(queue: str, key: str, value: object) -> bool:
    in_vain = (key == "request" and queue != "assessments") or (key == "local" and queue != "beds")
    return in_vain and value is not None


def _count_faults(where: str, queue: str, rows: Rows, hardship: bool) -> Iterator[Fault]:
    rules = numbered([row for _, row in rows])
    last = max(rule.rank for rule in rules) + leaves_somebody(queue, rules, hardship)
    if last > N_CLASS:
        yield Fault(
            where,
            said(f"{last} classes", f"共{last}类"),
            said(f"at most {N_CLASS}", f"至多{N_CLASS}类"),
            said("join some by `rank`", "请用 rank 合并类别"),
        )


def _is_rule(row: Row) -> bool:
    """Say whether a rule has the right types and limits, so that it can be read as one."""
    ranges = {"rank": (1, N_CLASS), **dict.fromkeys(("least_level", "most_level"), (0, LEVELS[-1]))}
    for key, value in row.items():
        if value is None:
            continue
        if key in ranges:
            low, high = ranges[key]
            is_right = type(value) is int and low <= value <= high
        elif key == "request":
            is_right = value in REQUESTS
        elif key in CONDITIONS:
            is_right = isinstance(value, bool)
        else:
            is_right = key in ("opens", "closes") and is_date(value)
        if not is_right:
            return False
    return True


def switch_notes(policy: Row) -> list[str]:
    """Say which switches hold nowhere, or not in every queue, because rules are written instead."""
    notes = []
    for name in changed_switches(policy):
        queues, written = SWITCHES[name][1], written_queues(policy, name)
        rest = ", ".join(queue for queue in queues if queue not in written)
        if written:
            lists = ", ".join(f"policy.classes.{queue}" for queue in written)
            notes.append(
                f"policy.{name} = {_shown(policy[name])}: "
                + said(
                    f"holds in {rest or 'no queue'}; elsewhere {lists} say who comes first",
                    f"仅用于 {rest or '无'}，其余已另写规则 {lists}",
                )
            )
    return notes


def urgent_notes(policy: Row) -> list[str]:
    """Say whom the first class leaves to the rule for those who live alone."""
    level, alone = policy.get("urgent_level", 5), policy.get("alone_first", True)
    if not is_number(level) or level >= 5 or not alone or written_queues(policy, "alone_first"):
        return []
    return [
        f"policy.urgent_level = {level}: "
        + said(
            f"whoever holds level {level} or above is in the first class, so that alone_first moves "
            f"only those below level {level}",
            f"{level} 级及以上均属第一类，alone_first 只对 {level} 级以下的人起作用",
        )
    ]


def changed_switches(policy: Row) -> list[str]:
    """Return the switches that are set away from their default."""
    return [name for name, (usual, _) in SWITCHES.items() if policy.get(name, usual) != usual]


def unused_switches(policy: Row) -> list[str]:
    """Return those that hold nowhere, since every queue that they speak of has rules of its own."""
    return [n for n in changed_switches(policy) if written_queues(policy, n) == [*SWITCHES[n][1]]]


def written_queues(policy: Row, switch: str) -> list[str]:
    """Return the queues with rules of their own of which a switch speaks."""
    classes = table_at(policy, "classes")
    return [queue for queue in SWITCHES[switch][1] if classes.get(queue)]


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
