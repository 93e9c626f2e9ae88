"""Lay a network's plan out as the arrays that the event loop reads: places, people, laws, time."""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.network.model import ArrivalPlan, Law, NetworkPlan, Onward
from simulate.engine.records import DAY, DIED, LAW, SEGMENT, STAGE, WITHDREW, WORKING_DAY
from simulate.engine.worktime import working_days
from simulate.engine.world import UNLIMITED
from simulate.measure.measures import OWN_PLACES, Frame
from simulate.network.laws import (
    EMPIRICAL,
    EXPONENTIAL,
    FIXED,
    GAMMA,
    HYPEREXPONENTIAL,
    LAW_NAMES,
    LOGNORMAL,
    WEIBULL,
)
from simulate.network.places import Course, mean_places, places_of, turns_of
from simulate.network.visits import NEW, REMAINING

MONTH_DAYS: Final = 30
"""Days of arrivals at one rate that are drawn together."""
MOST_VISITS: Final = 20.0
"""Stages a guest for which there is room from the start; stores grow where people pass more of them."""
NO_TARGET: Final = 0
"""Target of a wait where none is set, days; `share_in_time` is then left out."""


@dataclass(frozen=True)
class Network:
    """An own scenario laid out for the event loop; none of it is touched by chance.

    Attributes
    ----------
    start : first day of the run, warm-up included; second 0.
    release, end : seconds between which is reported.
    resources : names; their order is that of every resource axis.
    month_start : ndarray, shape (month + 1,), seconds; the first and last month may be parts.
    months, years : labels of the reported months and years.
    frame : what ledgers are measured against.
    places : ndarray, shape (month, district, resource), mean capacity by district of the place; nan
        where one pool has no limit.
    opening : ndarray, shape (pool,), places that pools give at first.
    turns : recarray of `simulate.network.places.TURN`, places that they give later.
    clocks : for resources used in working time only, working seconds before each day.
    segments : recarray of `simulate.engine.records.SEGMENT`.
    """

    plan: NetworkPlan
    start: dt.date
    release: int
    end: int
    resources: tuple[str, ...]
    month_start: IntArray
    months: tuple[str, ...]
    years: tuple[int, ...]
    year_of_month: IntArray
    frame: Frame
    places: FloatArray
    opening: IntArray
    turns: NDArray[np.void]
    clocks: dict[str, IntArray]
    work: IntArray
    segments: NDArray[np.void]
    stages: NDArray[np.void]
    routes: FloatArray
    laws: NDArray[np.void]
    samples: FloatArray
    stage_pools: NDArray[np.int32]
    other_pools: NDArray[np.int32]
    pool_district: NDArray[np.int32]
    room: IntArray
    visits: float
    """Mean number of stages a guest passes."""


def lay_out(plan: NetworkPlan) -> Network:
    """Turn a network's plan, already checked, into arrays."""
    start = plan.first_day - dt.timedelta(days=plan.warm_up_days)
    n_day = plan.warm_up_days + plan.days
    resources = tuple(dict.fromkeys(stage.resource for stage in plan.stages))
    month_start, months, years = _months(plan)
    month_start = month_start + plan.warm_up_days * DAY
    year_of_month = np.array(years) - years[0]
    courses = [places_of(pool, start, n_day) for pool in plan.pools]
    opening, turns = turns_of([given for _, given in courses])
    work = _work(plan, start, n_day)
    clocks = _clocks(plan, work)
    laws, samples, stages = _stages(plan, resources)
    chances = np.zeros((len(plan.stages), len(plan.stages)))
    names = [stage.name for stage in plan.stages]
    for k, stage in enumerate(plan.stages):
        for name, share in stage.next.items():
            chances[k, names.index(name)] = share
    return Network(
        plan=plan,
        start=start,
        release=plan.warm_up_days * DAY,
        end=n_day * DAY,
        resources=resources,
        month_start=month_start,
        months=months,
        years=tuple(dict.fromkeys(years)),
        year_of_month=year_of_month,
        frame=_frame(plan, resources, month_start, year_of_month),
        places=_places(plan, resources, month_start, [places for places, _ in courses], clocks),
        opening=opening,
        turns=turns,
        clocks=clocks,
        work=work,
        segments=_segments(plan, start, n_day),
        stages=stages,
        routes=np.cumsum(chances, axis=1),
        laws=laws,
        samples=samples,
        stage_pools=_first_pools(plan),
        other_pools=_other_pools(plan),
        pool_district=np.array([plan.districts.index(p.district) for p in plan.pools], np.int32),
        room=np.array(
            [UNLIMITED if p.waiting_room is None else p.waiting_room for p in plan.pools], np.int64
        ),
        visits=_visits(chances),
    )


# --- time ------------------------------------------------------------------------------------------


def _months(plan: NetworkPlan) -> tuple[IntArray, tuple[str, ...], list[int]]:
    """Return the months' first seconds from the first reported day on, labels, and years."""
    starts, labels, years = [0], [], []
    day = plan.first_day
    end = plan.first_day + dt.timedelta(days=plan.days)
    while day < end:
        labels.append(f"{day.year}-{day.month:02d}")
        years.append(day.year)
        later = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
        day = min(later, end)
        starts.append((day - plan.first_day).days * DAY)
    return np.array(starts), tuple(labels), years


def _work(plan: NetworkPlan, start: dt.date, n_day: int) -> IntArray:
    """Return working seconds before each day, shape (day + 1,), if any stay runs in working time."""
    if not any(stage.working_time for stage in plan.stages):
        return np.zeros(2, np.int64)
    worked = working_days(start, n_day) * WORKING_DAY
    return np.asarray(np.concatenate([[0], np.cumsum(worked)]), np.int64)


def _frame(
    plan: NetworkPlan, resources: tuple[str, ...], month_start: IntArray, year_of_month: IntArray
) -> Frame:
    """Say what ledgers are measured against."""
    targets = [plan.target_days.get(name, NO_TARGET) for name in resources]
    return Frame(
        month_start=month_start,
        year_of_month=year_of_month,
        kinds=np.full(len(resources), OWN_PLACES),
        targets=np.array([round(days * DAY) for days in targets]),
        n_district=len(plan.districts),
        staff_size=np.zeros((0, 0), np.int64),
        followed=np.full(int(year_of_month[-1]) + 1, month_start[-1]),
        working_days=np.zeros(0, np.int64),
    )


def _places(
    plan: NetworkPlan,
    resources: tuple[str, ...],
    month_start: IntArray,
    courses: list[Course],
    clocks: dict[str, IntArray],
) -> FloatArray:
    """Return mean places, shape (month, district, resource); nan where one pool has no limit."""
    result = np.zeros((month_start.size - 1, len(plan.districts), len(resources)))
    for pool, course in zip(plan.pools, courses, strict=True):
        if pool.resource in resources:
            place = plan.districts.index(pool.district), resources.index(pool.resource)
            mean = mean_places(course, month_start)
            if pool.resource in clocks:
                worked = mean_places(course, month_start, clocks[pool.resource])
                mean = np.where(np.isfinite(worked), worked, mean)
            result[:, *place] += mean
    return result


def _clocks(plan: NetworkPlan, work: IntArray) -> dict[str, IntArray]:
    """Return the resources that are used in working time only, with that time's clock."""
    by_resource: dict[str, bool] = {}
    for stage in plan.stages:
        by_resource[stage.resource] = by_resource.get(stage.resource, True) and stage.working_time
    return {name: work for name, worked in by_resource.items() if worked}


# --- who comes -------------------------------------------------------------------------------------


def _segments(plan: NetworkPlan, start: dt.date, n_day: int) -> NDArray[np.void]:
    """Lay out arrivals, and who is present, as segments of even rate."""
    names = [stage.name for stage in plan.stages]
    rows: list[tuple[int, int, float, int, int, int, int, int]] = []
    for present in plan.present:
        place = (names.index(present.stage), plan.districts.index(present.district))
        rest = REMAINING if present.stay == "remaining" else NEW
        rows.append((0, 0, float(present.count), *place, present.priority - 1, 0, rest))
    for arrival in plan.arrivals:
        place = (names.index(arrival.stage), plan.districts.index(arrival.district))
        poisson = int(arrival.counting == "poisson")
        for first, last, mean in _days_of(arrival, start, n_day):
            if mean > 0:
                begin, end = first * DAY, last * DAY
                rows.append((begin, end, mean, *place, arrival.priority - 1, poisson, 0))
    return np.array(rows, SEGMENT).view(np.recarray)


def _days_of(arrival: ArrivalPlan, start: dt.date, n_day: int) -> list[tuple[int, int, float]]:
    """Return first day, day after the last and number of each stretch of even arrivals."""
    if arrival.counts:
        days = [((c.date - start).days, c.count) for c in arrival.counts]
        return [(day, day + 1, count) for day, count in days]
    first = max(0, (arrival.first_day - start).days) if arrival.first_day else 0
    stop = (arrival.last_day - start).days + 1 if arrival.last_day else n_day
    rate = arrival.per_day or 0.0
    if arrival.weekdays or arrival.counting == "fixed":
        factors = arrival.weekdays or (1.0,) * 7
        return [
            (day, day + 1, rate * factors[(start + dt.timedelta(days=day)).weekday()])
            for day in range(first, stop)
        ]
    edges = [*range(first, stop, MONTH_DAYS), stop]
    return [(a, b, rate * (b - a)) for a, b in pairwise(edges)]


def _visits(chances: FloatArray) -> float:
    """Return the largest mean number of stages passed from any first stage, at most `MOST_VISITS`."""
    away = np.eye(len(chances)) - chances
    try:
        passed = np.linalg.solve(away, np.ones(len(chances)))
    except np.linalg.LinAlgError:
        return MOST_VISITS
    return float(np.clip(passed.max(), 1.0, MOST_VISITS)) if (passed > 0).all() else MOST_VISITS


# --- where they ask, and for how long ---------------------------------------------------------------


def _first_pools(plan: NetworkPlan) -> NDArray[np.int32]:
    """Return the pools that people of a district ask at once, shape (stage, district, slot)."""
    lists = [
        [
            [
                k
                for k, pool in enumerate(plan.pools)
                if pool.resource == stage.resource and _serves(plan, k, district)
            ]
            for district in plan.districts
        ]
        for stage in plan.stages
    ]
    return _padded(lists)


def _serves(plan: NetworkPlan, k: int, district: str) -> bool:
    pool = plan.pools[k]
    return pool.serves == "all" or district in (pool.serves or (pool.district,))


def _other_pools(plan: NetworkPlan) -> NDArray[np.int32]:
    """Return the pools that they ask later: of the other districts in the order of the plan."""
    lists = [
        [
            [
                k
                for other in plan.elsewhere.get(district, ())
                for k, pool in enumerate(plan.pools)
                if pool.district == other
                and pool.resource == stage.resource
                and not _serves(plan, k, district)
            ]
            for district in plan.districts
        ]
        for stage in plan.stages
    ]
    return _padded(lists)


def _padded(lists: list[list[list[int]]]) -> NDArray[np.int32]:
    most = max((len(pools) for row in lists for pools in row), default=0)
    table = np.full((len(lists), len(lists[0]), most + 1), -1, np.int32)
    for i, row in enumerate(lists):
        for j, pools in enumerate(row):
            table[i, j, : len(pools)] = pools
    return table


def _stages(
    plan: NetworkPlan, resources: tuple[str, ...]
) -> tuple[NDArray[np.void], FloatArray, NDArray[np.void]]:
    """Return laws, the samples that they read, and stages."""
    laws: list[tuple[int, float, float, int, int]] = []
    samples: list[float] = []

    def add(law: Law | None) -> int:
        if law is None:
            return -1
        laws.append(law_record(law, samples))
        return len(laws) - 1

    names = [stage.name for stage in plan.stages]

    def onward(way: Onward | None) -> tuple[int, int, float]:
        if way is None:
            return -1, -1, 0.0
        return names.index(way.stage), add(way.after), way.share

    rows = [
        (
            resources.index(stage.resource),
            DIED if stage.gives_up == "died" else WITHDREW,
            int(stage.working_time),
            add(stage.stay),
            add(stage.patience),
            add(stage.elsewhere_after),
            int(stage.blocks),
            *onward(stage.after_refusal),
            *onward(stage.after_giving_up),
        )
        for stage in plan.stages
    ]
    return (
        np.array(laws, LAW).view(np.recarray),
        np.array(samples),
        np.array(rows, STAGE).view(np.recarray),
    )


def law_record(law: Law, samples: list[float]) -> tuple[int, float, float, int, int]:
    """Return a law as its record; values that it reads are appended to `samples`, in seconds."""
    kind = LAW_NAMES.index(law.distribution)
    mean = (law.mean or 0.0) * DAY
    first = len(samples)
    if kind in (FIXED, EXPONENTIAL):
        return (kind, mean, 0.0, 0, 0)
    if kind == LOGNORMAL:
        assert law.cv is not None
        variance = float(np.log1p(law.cv**2))
        return (kind, float(np.log(mean)) - variance / 2, float(np.sqrt(variance)), 0, 0)
    if kind == GAMMA:
        assert law.cv is not None
        shape = law.cv**-2
        return (kind, shape, mean / shape, 0, 0)
    if kind == WEIBULL:
        from scipy.special import gamma

        assert law.shape is not None
        return (kind, law.shape, mean / float(gamma(1 + 1 / law.shape)), 0, 0)
    if kind == HYPEREXPONENTIAL:
        samples += np.cumsum(law.shares).tolist()
        samples += [m * DAY for m in law.means]
        return (kind, 0.0, 0.0, first, len(samples))
    assert kind == EMPIRICAL
    samples += [v * DAY for v in sorted(law.values)]
    return (kind, 0.0, 0.0, first, len(samples))
