"""Check the hours in which pools are open, the days on which they admit, and moments to observe."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from params.language import said
from params.network.model import NetworkPlan, Observation, PoolHours, second_of
from params.scenario.faults import Fault

MOST_MOMENTS_OBSERVED: Final = 10_000
"""Moments at which the state is told in one run."""
MOST_STATES: Final = 200_000
"""Rows of `states.csv` that a run may ask for."""
MOST_TURNS: Final = 20_000_000
"""Changes of capacity by the clock in one run, over all pools."""
EVERY_DAY: Final = tuple(range(1, 8))


def hours_faults(plan: NetworkPlan) -> Iterator[Fault]:
    """List spans of hours that end before they begin, overlap, or come too often."""
    turns = 0
    for k, pool in enumerate(plan.pools):
        where = f"network.pools[{k}]"
        yield from _weekday_faults(f"{where}.admits", pool.admits)
        for j, span in enumerate(pool.hours):
            at = f"{where}.hours[{j}]"
            yield from _weekday_faults(f"{at}.weekdays", span.weekdays)
            if second_of(span.closes) <= second_of(span.opens):
                yield Fault(
                    f"{at}.closes",
                    f"{span.opens} - {span.closes}",
                    said("later than opens, on the same day", "晚于 opens，且在同一天"),
                    said(
                        "write a night as two spans: 20:00 to 24:00 and 00:00 to 06:00",
                        "跨夜请写成两段：20:00至24:00与00:00至06:00",
                    ),
                )
            for i, other in enumerate(pool.hours[:j]):
                if _overlap(span, other):
                    yield Fault(
                        at,
                        said(
                            f"{span.opens} - {span.closes} overlaps hours[{i}]",
                            f"{span.opens}-{span.closes} 与 hours[{i}] 重叠",
                        ),
                        said(
                            "spans of one weekday that do not overlap", "同一星期内各时段互不重叠"
                        ),
                    )
        if pool.hours and not any(_is_open(span) for span in pool.hours):
            yield Fault(
                f"{where}.hours",
                said("no span with any place", "各时段容量均为0"),
                said("at least one span with capacity above 0", "至少一个时段容量大于0"),
            )
        turns += _turns_a_week(plan, k) * ((plan.days + plan.warm_up_days) // 7 + 1)
    if turns > MOST_TURNS:
        yield Fault(
            "network.pools",
            said(f"{turns:,} openings and closings in one run", f"一次运行有{turns:,}次开关"),
            said(f"at most {MOST_TURNS:,}", f"至多{MOST_TURNS:,}次"),
            said("fewer pools with hours, or a shorter run", "减少设时段的资源池，或缩短运行"),
        )


def _turns_a_week(plan: NetworkPlan, k: int) -> int:
    pool = plan.pools[k]
    spans = sum(2 * len(span.weekdays or EVERY_DAY) for span in pool.hours)
    return spans + (2 * len(pool.admits) if pool.admits else 0)


def _is_open(span: PoolHours) -> bool:
    return span.capacity is None or span.capacity == "unlimited" or span.capacity > 0


def _weekday_faults(where: str, days: tuple[int, ...]) -> Iterator[Fault]:
    for k, day in enumerate(days):
        if day in days[:k]:
            yield Fault(
                f"{where}[{k}]", said(f"{day} stands twice", f"{day} 重复"), "1 2 3 4 5 6 7"
            )


def _overlap(one: PoolHours, other: PoolHours) -> bool:
    days = set(one.weekdays or EVERY_DAY) & set(other.weekdays or EVERY_DAY)
    if not days:
        return False
    return second_of(one.opens) < second_of(other.closes) and second_of(other.opens) < second_of(
        one.closes
    )


def observed_faults(plan: NetworkPlan) -> Iterator[Fault]:
    """List moments outside the run, and more of them than a table can hold."""
    if not plan.observe:
        return
    first = plan.first_day
    # A run that leaves the calendar is refused by itself.
    last = first + dt.timedelta(days=min(plan.days - 1, (dt.date.max - first).days))
    total = 0
    for k, observation in enumerate(plan.observe):
        where = f"network.observe[{k}]"
        gridded = observation.every_days is not None
        if gridded == bool(observation.dates):
            yield Fault(
                where,
                said("both dates and every_days", "dates 与 every_days 同时给出")
                if gridded
                else said("neither dates nor every_days", "dates 与 every_days 均未给出"),
                said("one of dates, every_days", "二者之一"),
            )
            continue
        if observation.first_day is not None and not gridded:
            yield Fault(
                f"{where}.first_day",
                said("not used with dates", "与 dates 并用不起作用"),
                said("first_day with every_days", "first_day 与 every_days 并用"),
            )
        days = days_observed(plan, observation)
        outside = [
            day for day in (*days, observation.first_day or first) if not first <= day <= last
        ]
        if outside:
            yield Fault(
                where,
                said(f"{outside[0]}, outside the run", f"{outside[0]} 不在运行期内"),
                f"{first} - {last}",
            )
        total += len(days) * len(observation.at)
    rows = total * len(plan.stages) * (len(plan.districts) + 1)
    if total > MOST_MOMENTS_OBSERVED or rows > MOST_STATES:
        yield Fault(
            "network.observe",
            said(
                f"{total:,} moments, {rows:,} states of stages and districts",
                f"{total:,}个时点，各环节各区共{rows:,}个状态",
            ),
            said(
                f"at most {MOST_MOMENTS_OBSERVED:,} moments and {MOST_STATES:,} states",
                f"至多{MOST_MOMENTS_OBSERVED:,}个时点、{MOST_STATES:,}个状态",
            ),
            said("fewer days or times", "减少日期或时刻"),
        )


def days_observed(plan: NetworkPlan, observation: Observation) -> list[dt.date]:
    """Return the days of an observation."""
    if observation.every_days is None:
        return list(observation.dates)
    first = observation.first_day or plan.first_day
    left = min(plan.days - (first - plan.first_day).days, (dt.date.max - first).days)
    return [first + dt.timedelta(days=k) for k in range(0, left, observation.every_days)]
