"""Lay out a city's replication: the engine's stores beside what its rules read."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import N_LEVEL, FloatArray, IntArray
from params.inputs import Inputs
from params.scenario.priorities import QUEUES
from params.tables.resources import WORKERS
from simulate.city.admissions import admitted_cases
from simulate.city.capacity import hire_lag
from simulate.city.event_days import death_periods, event_days
from simulate.city.pay import pay_of
from simulate.city.priorities import class_table, open_classes, queue_of_resource
from simulate.city.resources import ask_chances, ask_rows, resource_rows, staff_sizes
from simulate.city.rules import TALLY, rules_of
from simulate.city.setting import Setting
from simulate.city.tiers import least_rank
from simulate.engine.pointer import reference_to
from simulate.engine.records import DAY, N_CLASS, N_KIND, NEVER, ROW, YEAR, Record
from simulate.engine.world import Sizes, World, empty_stores, one_record, span_of

LANE_SLOTS: Final = 8
"""Slots kept for the lanes of a person: two stay empty so that they fill a cache line."""
N_AGE: Final = 200
"""Ages by which the share that wants an institution is laid out; nobody grows older."""
HUNDREDTHS: Final = 100
SELF_CARING_AGE: Final = 80
"""Self-caring seekers of a bed have no age of their own: in events they die as people of this age do."""
INSTITUTIONS, AT_HOME = range(2)
"""Markets of care workers, in the order of `WORKERS`."""
N_MARKET: Final = len(WORKERS)


@dataclass(frozen=True)
class CityWorld(World):
    """State and rules of one replication of a city. Shapes in comments."""

    pool_resource: NDArray[np.int32]  # (pool,)
    staff_capacity: IntArray  # (district,): thousandths of an hour a day that workers do
    staff_limit: IntArray  # (district,): up to which institutions admit
    staff_used: IntArray  # (district,)
    work_base: (
        IntArray  # (market, district): what workers do at the release, see simulate.city.workforce
    )
    work_present: IntArray  # (market, district)
    work_coming: IntArray  # (market, month, district): of those hired who have not begun yet
    work_at: IntArray  # (month, market, district)
    work_room: IntArray  # (month, market): what could be hired besides, had there been posts
    posts_added: FloatArray  # (month, market, district): workers of the scenario's changes so far
    worker_paths: NDArray[np.void]  # (month, market, district) of paths.PERSONS
    assessor_paths: NDArray[np.void]  # (month, district) of paths.PERSONS
    keep_month: FloatArray  # (month, market): share of workers still there after a month
    keep_lag: FloatArray  # (month, market): share still there when a post is filled
    found: FloatArray  # (month, market): workers who can be found over those at the usual pay
    at_work: FloatArray  # (market, district): hours worked now over the usual ones of those present
    at_office: FloatArray  # (district,): assessors at work now over those there are
    shut: NDArray[np.int8]  # (pool,): 1 where nobody is taken in now
    event_days: IntArray  # (step,): seconds from which other events hold
    event_work: FloatArray  # (step, market, district)
    event_office: FloatArray  # (step, district)
    event_shut: NDArray[np.int8]  # (step, pool)
    office_work: IntArray  # (row, day + 1): working seconds before each day
    office_row: IntArray  # (district,): the row by which the assessors of each work
    cases: IntArray  # (district,): assessments finished in the year before the release
    asked: IntArray  # (district,): applications of the calendar year
    case_rate: FloatArray  # (district,): assessments that can be done a working day
    case_base: FloatArray  # (district,): the same at the release
    rate_at: FloatArray  # (month, district)
    service: IntArray  # (district,): working seconds a case
    pairs: IntArray  # (district,): teams of assessors
    busy: IntArray  # (district,)
    residents: IntArray  # (resource, 2): who lives in beds at the release, all and with dementia
    benefits: IntArray  # (district, level): beneficiaries now
    benefits_at: IntArray  # (month, district, level): beneficiaries at the start of each month
    death: FloatArray  # (period, sex, cohort, level): hazards a year
    death_start: IntArray  # (period + 1,): seconds from which they hold
    death_year: IntArray  # (period,): years from the start
    death_factor: FloatArray  # (period, cohort): of events
    change: FloatArray  # (level + self-caring, 4): worsen, improve, recover, recheck a year
    acquire: FloatArray  # (level,): chance of dementia when worsening from the level
    want: FloatArray  # (level, alone, dementia): logit of wanting an institution at age 80
    want_share: FloatArray  # (level, alone, dementia, age): share wanting an institution
    hours_size: IntArray  # (level,): hundredths of an hour a week, now
    hours_at: IntArray  # (month, level): from the release on
    least_at: IntArray  # (month,): level from which the insurance gives benefits
    most_at: IntArray  # (month,): hundredths of an hour that it gives a week at most
    admits: NDArray[np.int8]  # (resource, level 0..6, alone, hardship): admissions.REFUSED.., now
    least_rank: FloatArray  # (resource,): from which rank of income on people can pay for it
    admits_at: NDArray[np.int8]  # (month, resource, level 0..6, alone, hardship)
    staff_size: IntArray  # (resource, level 0..6): thousandths of an hour a day
    resources: NDArray[np.void]  # (resource,) of resources.RESOURCE
    asks: NDArray[np.void]  # (ask,) of resources.ASK
    ask_begin: IntArray  # (resource + 1,): where the reasons to ask for each begin
    ask_chance: FloatArray  # (ask, level 0..6)
    queue: IntArray  # (resource,): priorities.QUEUES in which it is waited for
    class_of_case: NDArray[np.int8]  # (queue, code): see simulate.city.priorities
    open_classes: NDArray[np.int8]  # (month, queue, class): whether a class is served
    is_closed: NDArray[np.int8]  # (queue, class): whether it is not, now
    distance: FloatArray  # (district, district): km
    zone: IntArray  # (district,)
    pool_plan: IntArray  # (month, pool): capacity from the release on; -1 keeps the calibrated one
    bed_days: IntArray  # (step,): seconds from which beds are others than when the month began
    bed_plan: IntArray  # (step, pool): beds from each of them on; -1 where no beds are
    given: IntArray  # (2, district, resource): given.GIVEN
    start_counts: (
        IntArray  # (2, 2, district, resource): the same simulated, before and after the step
    )
    growth: NDArray[np.void]  # (month,) of capacity.GROWTH
    rules: Record  # rules.RULES
    tally: Record  # rules.TALLY


city_world = reference_to(CityWorld)
"""By which a kernel turns the arrays of a `CityWorld` into one."""


def make_world(
    setting: Setting, people: NDArray[np.void], room: float, log: bool = False
) -> CityWorld:
    """Lay out the arrays of a replication; `room` scales the stores whose size is a guess."""
    inputs, calendar, need = setting.inputs, setting.calendar, setting.need
    n_district, n_month = len(inputs.districts), calendar.month_start.size - 1
    resources = inputs.resources
    n_pool, asks = len(resources) * N_KIND, ask_rows(resources)
    hazards, dementia = need.hazards, need.dementia
    periods = death_periods(inputs, calendar, len(hazards.death) - 1)
    deadly = hazards.death[1:][periods.year] * periods.factor[:, None, :, None]
    acquire = np.append(np.maximum(np.diff(dementia) / (1 - dementia[:-1]), 0.0), 0.0)
    sizes, admitted = _sizes(setting, people.size, room, log), admitted_cases(setting)
    return CityWorld(
        people=people,
        **empty_stores(sizes),  # type: ignore[arg-type]
        **_idle(n_district, n_month, hire_lag(inputs)),  # type: ignore[arg-type]
        posts_added=setting.capacity.posts_added,
        worker_paths=setting.capacity.worker_paths,
        assessor_paths=setting.capacity.assessor_paths,
        **_pay(inputs, n_month),  # type: ignore[arg-type]
        **_events(setting),  # type: ignore[arg-type]
        residents=np.zeros((len(resources), 2), np.int64),
        pool_district=np.repeat(np.arange(n_district, dtype=np.int32), n_pool),
        pool_resource=np.tile(np.arange(len(resources), dtype=np.int32).repeat(N_KIND), n_district),
        span=span_of(calendar.release, calendar.end),
        death=np.ascontiguousarray(deadly),
        death_start=periods.start,
        death_year=periods.year,
        death_factor=periods.factor,
        change=np.stack(
            [hazards.worsen, hazards.improve, hazards.recover, hazards.recheck], axis=-1
        ),
        acquire=acquire,
        month_start=calendar.month_start,
        work=np.round(calendar.work).astype(np.int64),
        office_work=np.round(calendar.office_work).astype(np.int64),
        office_row=calendar.office_row,
        want=setting.choice.logit,
        hours_size=hours_sizes(inputs, inputs.weekly_hours),
        hours_at=hours_sizes(inputs, setting.insurance.weekly_hours(inputs)),
        least_at=setting.insurance.least_level,
        most_at=setting.insurance.most_hours,
        admits=admitted[0].copy(),
        admits_at=admitted[1:],
        least_rank=least_rank(inputs),
        staff_size=staff_sizes(inputs),
        resources=resource_rows(inputs),
        asks=asks,
        ask_begin=np.searchsorted(asks["resource"], np.arange(len(resources) + 1)),
        ask_chance=ask_chances(inputs),
        queue=queue_of_resource(resources),
        class_of_case=class_table(setting),
        open_classes=open_classes(setting),
        distance=inputs.districts.distance_km,
        zone=inputs.districts.zone,
        pool_plan=setting.capacity.pool_plan(),
        bed_days=setting.capacity.days.at,
        bed_plan=setting.capacity.bed_plan(),
        given=setting.start.count,
        start_counts=np.zeros((2, *setting.start.count.shape), np.int64),
        growth=setting.capacity.growth,
        rules=rules_of(setting),
    )


def _pay(inputs: Inputs, n_month: int) -> dict[str, FloatArray]:
    """Return what pay makes of workers."""
    pay = pay_of(inputs, n_month)
    return {"keep_month": pay.keep_month, "keep_lag": pay.keep_lag, "found": pay.found}


def _events(setting: Setting) -> dict[str, NDArray[np.generic]]:
    """Return what events change, and room for what holds now."""
    days = event_days(setting.inputs, setting.calendar)
    n_district, n_resource = len(setting.inputs.districts), len(setting.inputs.resources)
    return {
        "at_work": np.ones((N_MARKET, n_district)),
        "at_office": np.ones(n_district),
        "shut": np.zeros(n_district * n_resource * N_KIND, np.int8),
        "event_days": days.at,
        "event_work": days.work,
        "event_office": days.office,
        "event_shut": np.repeat(
            days.shut.reshape(days.at.size, n_district * n_resource), N_KIND, axis=1
        ),
    }


def _sizes(setting: Setting, n: int, room: float, log: bool) -> Sizes:
    """Say how much room the stores have."""
    calendar = setting.calendar
    if calendar.end >= NEVER:
        msg = f"a run of {calendar.end / YEAR:.0f} years does not fit into 32 bits of seconds"
        raise AssertionError(msg)
    years = max(1.0, (calendar.end - calendar.release) / (365.25 * DAY))
    return Sizes(
        people=n,
        rows=int(room * (n * (1.2 + 0.45 * years) + 10_000)),
        nodes=int(room * (n + 10_000)),
        chunks=int(room * (0.15 * n + 10_000)) + 2 * (calendar.end // DAY),
        today=int(room * (n + 10_000)),
        days=calendar.end // DAY,
        pools=len(setting.inputs.districts) * len(setting.inputs.resources) * N_KIND,
        lanes=LANE_SLOTS,
        log=int(room * (n * (6.0 + 3.0 * years) + 10_000)) if log else 0,
    )


def _idle(n_district: int, n_month: int, lag: int) -> dict[str, NDArray[np.generic]]:
    """Allocate what the rules count: workers, hours, assessors and beneficiaries."""
    by_district = (
        "staff_capacity",
        "staff_limit",
        "staff_used",
        "cases",
        "asked",
        "service",
        "pairs",
        "busy",
    )
    return {
        **{name: np.zeros(n_district, np.int64) for name in by_district},
        "work_base": np.zeros((N_MARKET, n_district), np.int64),
        "work_present": np.zeros((N_MARKET, n_district), np.int64),
        "work_coming": np.zeros((N_MARKET, max(lag, 1), n_district), np.int64),
        "work_at": np.zeros((n_month, N_MARKET, n_district), np.int64),
        "work_room": np.zeros((n_month, N_MARKET), np.int64),
        "case_rate": np.zeros(n_district),
        "case_base": np.zeros(n_district),
        "rate_at": np.zeros((n_month, n_district)),
        "benefits": np.zeros((n_district, N_LEVEL), np.int64),
        "benefits_at": np.zeros((n_month, n_district, N_LEVEL), np.int64),
        "want_share": np.zeros((N_LEVEL, 2, 2, N_AGE)),
        "tally": one_record(TALLY),
        "is_closed": np.zeros((len(QUEUES), N_CLASS), np.int8),
    }


def hours_sizes(inputs: Inputs, weekly_hours: FloatArray) -> IntArray:
    """Return home care used of the hours that levels are entitled to, hundredths of an hour a week."""
    size = np.round(weekly_hours * inputs.assumed.choice.entitlement_used * HUNDREDTHS)
    if size.max() > np.iinfo(ROW["size"]).max:
        msg = f"{size.max() / HUNDREDTHS:.0f} hours of home care a week do not fit into 16 bits"
        raise AssertionError(msg)
    return np.asarray(size.astype(np.int64))
