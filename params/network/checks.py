"""Check what no single field of an own network can know: names, sums, dates, laws."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import numpy as np

from params.axes import CITY, FloatArray
from params.errors import nearest, span
from params.language import Said, said
from params.network.durations import mean_days, mean_within
from params.network.model import LAST_DAYS, Law, NetworkPlan
from params.network.ways import blocking_faults, onward_faults
from params.network.when import hours_faults, observed_faults
from params.scenario.faults import Fault

NEEDED: Final = {
    "fixed": ("mean",),
    "exponential": ("mean",),
    "lognormal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "weibull": ("mean", "shape"),
    "hyperexponential": ("shares", "means"),
    "empirical": ("values",),
}
"""Numbers that a distribution needs; others must be left out."""
NUMBERS: Final = ("mean", "cv", "shape", "shares", "means", "values")
CLOSE: Final = 1e-6
MOST_REQUESTS: Final = 50_000_000
"""Requests of one replication that a machine can keep; each takes some 36 bytes and an event or more."""
MOMENT: Final = 1 / 86_400
"""A second in days: a shorter stay takes no time."""
MOST_MOMENTS: Final = 10_000
"""Stages of no time that a person may pass one after the other, on average."""
STAYING_ON: Final = 1 - 1e-9
"""Who can never leave is counted as leaving after a thousand million stages."""
WHOLE: Final = (CITY, "city", "all", "合计")
"""Names by which tables and keys call all districts together."""
FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years in which a run may begin."""


def network_faults(plan: NetworkPlan) -> list[Fault]:
    """List the mistakes between fields of a network."""
    faults = [fault for check in _checks() for fault in check(plan)]
    # How often people go round can be counted only where all names and numbers are right.
    return faults or list(_loop_faults(plan))


def faults_as_far_as_known(plan: NetworkPlan) -> list[Fault]:
    """List the mistakes between fields of a network some of whose fields are missing (none)."""
    found: list[Fault] = []
    for check in _checks():
        # A check that needs what is missing says nothing more.
        with suppress(TypeError, AttributeError, ValueError, KeyError, ArithmeticError):
            for fault in check(plan):
                found.append(fault)  # keeps what came before the gap
    return found


def _checks() -> tuple[Callable[[NetworkPlan], Iterator[Fault]], ...]:
    return (
        _name_faults,
        _pool_faults,
        hours_faults,
        _stage_faults,
        onward_faults,
        blocking_faults,
        _arrival_faults,
        _present_faults,
        _length_faults,
        observed_faults,
    )


DISTRICT: Final = Said("district", "所列的区")
OF_A_STAGE: Final = Said("resource of a stage", "环节所用的资源")
OF_A_POOL: Final = Said("resource of a pool", "资源池提供的资源")
STAGE: Final = Said("stage", "所列的环节")


def _unknown(path: str, name: str, known: Sequence[str], what: Said) -> Fault:
    found = said(f"{name!r} is no {what.en}", f"{name!r} 不是{what.zh}")
    return Fault(path, found, ", ".join(known), nearest(name, known))


def _twice(path: str, names: Sequence[str]) -> Iterator[Fault]:
    for k, name in enumerate(names):
        if name in names[:k]:
            found = said(f"{name!r} stands twice", f"{name!r} 重复")
            yield Fault(path.format(k), found, said("names of their own", "各有其名"))


def _name_faults(plan: NetworkPlan) -> Iterator[Fault]:
    yield from _twice("network.districts[{}]", plan.districts)
    yield from _twice("network.pools[{}].name", [p.name for p in plan.pools])
    yield from _twice("network.stages[{}].name", [s.name for s in plan.stages])
    for name, others in plan.elsewhere.items():
        where = f"network.elsewhere.{name}"
        for district in (name, *others):
            if district not in plan.districts:
                yield _unknown(where, district, plan.districts, DISTRICT)
        if name in others:
            found = said(f"{name!r} is its own neighbour", f"{name!r} 不能是自己的邻区")
            yield Fault(where, found, said("other districts", "其他区"))
    for k, name in enumerate(plan.districts):
        if name.strip().casefold() in WHOLE:
            yield Fault(
                f"network.districts[{k}]",
                repr(name),
                said("the name of a district", "区的名称"),
                said(
                    f"tables call all districts together {CITY}: give this district another name",
                    f"结果表以“{CITY}”表示各区之和：请为该区另取名称",
                ),
            )
    resources = [s.resource for s in plan.stages]
    for key in ("target_days", "target_share"):
        for name in getattr(plan, key):
            if name not in resources:
                yield _unknown(f"network.{key}", name, resources, OF_A_STAGE)
    for name in plan.target_share:
        if name in resources and name not in plan.target_days:
            yield Fault(
                f"network.target_share.{name}",
                said("not used without target_days", "没有 target_days，不起作用"),
                said(f"network.target_days.{name} as well", f"同时写 network.target_days.{name}"),
            )


def _span(plan: NetworkPlan, warm_up: bool) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a run; all days where its length is wrong."""
    if None in (plan.first_day, plan.days, plan.warm_up_days) or not _is_near(plan.first_day):
        return dt.date.min, dt.date.max
    first = plan.first_day - dt.timedelta(days=plan.warm_up_days if warm_up else 0)
    return first, plan.first_day + dt.timedelta(days=plan.days - 1)


def _is_near(day: dt.date) -> bool:
    """Say whether a calendar for a run from this day on can be told."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _pool_faults(plan: NetworkPlan) -> Iterator[Fault]:
    first, last = _span(plan, warm_up=False)
    for k, pool in enumerate(plan.pools):
        where = f"network.pools[{k}]"
        if pool.district not in plan.districts:
            yield _unknown(f"{where}.district", pool.district, plan.districts, DISTRICT)
        for name in () if pool.serves == "all" else pool.serves:
            if name not in plan.districts:
                yield _unknown(f"{where}.serves", name, plan.districts, DISTRICT)
        days = [change.date for change in pool.changes]
        for j, day in enumerate(days):
            if not first <= day <= last:
                at = f"{where}.changes[{j}].date"
                yield Fault(at, _outside(day), span(first, last))
            elif day in days[:j]:
                found = said(f"{day} stands twice", f"{day} 重复")
                allowed = said("one change a day", "每日只有一次变动")
                yield Fault(f"{where}.changes[{j}].date", found, allowed)


def _outside(day: dt.date) -> str:
    return said(f"{day}, outside the run", f"{day}，在模拟期之外")


def _stage_faults(plan: NetworkPlan) -> Iterator[Fault]:
    names = [s.name for s in plan.stages]
    offered = [p.resource for p in plan.pools]
    for k, stage in enumerate(plan.stages):
        where = f"network.stages[{k}]"
        if stage.resource not in offered:
            yield _unknown(f"{where}.resource", stage.resource, offered, OF_A_POOL)
        for name in stage.next:
            if name not in names:
                yield _unknown(f"{where}.next", name, names, STAGE)
        total = sum(stage.next.values())
        if total > 1 + CLOSE:
            found = said(f"the chances add to {total:g}", f"概率之和为 {total:g}")
            yield Fault(f"{where}.next", found, said("at most 1", "不超过1"))
        for key in ("stay", "patience", "elsewhere_after"):
            law = getattr(stage, key)
            if law is not None:
                yield from _law_faults(f"{where}.{key}", law)
        for key in ("after_refusal", "after_giving_up"):
            onward = getattr(stage, key)
            if onward is not None and onward.after is not None:
                yield from _law_faults(f"{where}.{key}.after", onward.after)


def _law_faults(where: str, law: Law) -> Iterator[Fault]:
    given = [name for name in NUMBERS if getattr(law, name) not in (None, ())]
    needed = NEEDED[law.distribution]
    for name in needed:
        if name not in given:
            allowed = said(f"{law.distribution} needs {name}", f"{law.distribution} 须给出 {name}")
            yield Fault(f"{where}.{name}", said("missing", "缺少此项"), allowed)
    for name in given:
        if name not in needed:
            allowed = said(
                f"{law.distribution} takes only {', '.join(needed)}",
                f"{law.distribution} 只用 {'、'.join(needed)}",
            )
            yield Fault(f"{where}.{name}", said("not used", "此项不起作用"), allowed)
    if law.mean == 0 and law.distribution != "fixed":
        allowed = said("more than 0; only fixed may be 0", "大于0，只有 fixed 可以为0")
        yield Fault(f"{where}.mean", said("found 0.0", "写的是 0"), allowed)
    if law.distribution == "hyperexponential" and law.shares and law.means:
        if len(law.shares) != len(law.means):
            found = said(
                f"{len(law.shares)} shares and {len(law.means)} means",
                f"{len(law.shares)} 个比例，{len(law.means)} 个均值",
            )
            yield Fault(f"{where}.shares", found, said("as many of both", "个数相同"))
        if abs(sum(law.shares) - 1) > CLOSE:
            total = f"{sum(law.shares):g}"
            found = said(f"they add to {total}", f"合计为 {total}")
            yield Fault(f"{where}.shares", found, said("a sum of 1", "合计为1"))
    if law.distribution == "empirical" and law.values and not any(law.values):
        allowed = said("at least one above 0", "至少一个大于0")
        yield Fault(f"{where}.values", said("all are 0", "全为0"), allowed)


def _arrival_faults(plan: NetworkPlan) -> Iterator[Fault]:
    first, last = _span(plan, warm_up=True)
    for k, arrival in enumerate(plan.arrivals):
        where = f"network.arrivals[{k}]"
        yield from _place_faults(plan, where, arrival.stage, arrival.district)
        if (arrival.per_day is None) == (not arrival.counts):
            found = said("per_day and counts together", "per_day 与 counts 同时给出")
            if arrival.per_day is None:
                found = said("neither per_day nor counts", "per_day 与 counts 均未给出")
            allowed = said("one of per_day, counts, file", "per_day、counts、file 三者之一")
            yield Fault(where, found, allowed)
        if len(arrival.weekdays) not in (0, 7):
            n = len(arrival.weekdays)
            found, allowed = (
                said(f"{n} factors", f"{n} 个系数"),
                said("7, from Monday", "7个，自周一起"),
            )
            yield Fault(f"{where}.weekdays", found, allowed)
        if arrival.counts and (arrival.weekdays or arrival.first_day or arrival.last_day):
            found = said("counts with weekdays or days", "counts 与星期系数或起止日同时给出")
            allowed = said("days belong to per_day only", "星期系数和起止日只用于 per_day")
            yield Fault(where, found, allowed)
        for key in ("first_day", "last_day"):
            day = getattr(arrival, key)
            if day is not None and not first <= day <= last:
                yield Fault(f"{where}.{key}", _outside(day), span(first, last))
        outside = [c.date for c in arrival.counts if not first <= c.date <= last]
        if outside:
            found = said(
                f"{len(outside)} day(s) outside the run, the first {outside[0]}",
                f"{len(outside)} 天在模拟期之外，首个为 {outside[0]}",
            )
            yield Fault(f"{where}.counts", found, span(first, last))


def _present_faults(plan: NetworkPlan) -> Iterator[Fault]:
    for k, present in enumerate(plan.present):
        where = f"network.present[{k}]"
        yield from _place_faults(plan, where, present.stage, present.district)
    if not plan.arrivals and not plan.present:
        found = said("nobody comes and nobody is there", "既无到达也无初始在场")
        yield Fault("network.arrivals", found, said("at least one of both", "至少有其一"))


def _place_faults(plan: NetworkPlan, where: str, stage: str, district: str) -> Iterator[Fault]:
    names = [s.name for s in plan.stages]
    if stage not in names:
        yield _unknown(f"{where}.stage", stage, names, STAGE)
    if district not in plan.districts:
        yield _unknown(f"{where}.district", district, plan.districts, DISTRICT)


def _length_faults(plan: NetworkPlan) -> Iterator[Fault]:
    if not _is_near(plan.first_day):
        yield Fault("network.first_day", f"{plan.first_day}", span(FIRST_YEAR, LAST_YEAR))
    whole = plan.days + plan.warm_up_days
    if whole > LAST_DAYS:
        found = said(f"{whole} days with the warm-up", f"连同预热共 {whole} 天")
        allowed = said(f"at most {LAST_DAYS} days together", f"合计至多 {LAST_DAYS} 天")
        yield Fault("network.days", found, allowed)
    resources = {s.resource for s in plan.stages}
    if len(resources) > 100:
        found = said(f"{len(resources)} resources", f"{len(resources)} 种资源")
        yield Fault("network.stages", found, said("at most 100", "至多100种"))


def _loop_faults(plan: NetworkPlan) -> Iterator[Fault]:
    """Refuse stages that pass people on to each other without end and without taking time.

    Counted as if nobody ever waited: visits to every stage from the chances, at most as many as fit
    into the run at their mean stays.
    """
    names = [s.name for s in plan.stages]
    chances = np.zeros((len(names), len(names)))
    for k, stage in enumerate(plan.stages):
        for name, chance in stage.next.items():
            chances[k, names.index(name)] = chance
    comers = np.zeros(len(names))
    for present in plan.present:
        comers[names.index(present.stage)] += present.count
    whole = plan.days + plan.warm_up_days
    first, last = _span(plan, warm_up=True)
    for arrival in plan.arrivals:
        days = ((arrival.last_day or last) - (arrival.first_day or first)).days + 1
        a_day = (arrival.per_day or 0.0) * (sum(arrival.weekdays) / 7 if arrival.weekdays else 1.0)
        counted = sum(c.count for c in arrival.counts)
        comers[names.index(arrival.stage)] += max(a_day * days, 0.0) + counted
    chances /= np.maximum(chances.sum(axis=1, keepdims=True), 1.0)
    endless = list(_endless_moments(plan, chances))
    if endless:
        yield from endless
        return
    visits = np.linalg.solve(np.eye(len(names)) - STAYING_ON * chances.T, comers)
    time = float(visits @ [mean_within(s.stay, float(whole)) for s in plan.stages])
    room = float(comers.sum()) * whole
    requests = float(visits.sum()) * min(1.0, room / time if time > 0 else 1.0)
    if requests > MOST_REQUESTS:
        busy = ", ".join(names[k] for k in np.argsort(-visits)[:3] if visits[k] > comers.sum())
        yield Fault(
            "network.stages",
            said(
                f"some {requests:.0e} requests in one replication, most at: {busy or names[0]}",
                f"一次模拟约有 {requests:.0e} 次申请，多在：{busy or names[0]}",
            ),
            said(f"at most {MOST_REQUESTS:,}", f"至多 {MOST_REQUESTS:,}"),
            said(
                "let `next` of these stages add to less than 1, give them stays above 0, "
                "or let fewer come",
                "使这些环节的 next 合计小于1、停留大于0，或减少到达",
            ),
        )


def _endless_moments(plan: NetworkPlan, chances: FloatArray) -> Iterator[Fault]:
    """Refuse stages of no time that people hardly ever get out of, however rarely they come there."""
    stays = np.array([mean_days(stage.stay) for stage in plan.stages])
    quick = np.flatnonzero(stays < MOMENT)
    away = np.eye(quick.size) - STAYING_ON * chances[np.ix_(quick, quick)]
    passed = np.linalg.solve(away, np.ones(quick.size))
    for k in quick[passed > MOST_MOMENTS]:
        yield Fault(
            f"network.stages[{k}].next",
            said(
                f"{plan.stages[k].name!r} leads back to itself again and again in no time",
                f"{plan.stages[k].name!r} 在瞬间不断回到自身",
            ),
            said("a way out, or a stay above 0", "有出口，或停留大于0"),
            said(
                "let `next` add to less than 1, or give a stage of the circle a stay",
                "使 next 合计小于1，或给循环中的环节设停留时间",
            ),
        )
