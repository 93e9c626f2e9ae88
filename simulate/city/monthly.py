"""Lay out the monthly measures of a replication: every reported resource, beds to workers."""

from typing import Final

import numpy as np

from params.axes import ASSESSMENT, HOME_CARE, FloatArray, IntArray
from params.names import TOTALS
from params.tables.resources import WORKERS, Resources
from simulate.city.event_days import Spans, office_days, spans_of
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, INSTITUTIONS
from simulate.engine.records import DAY, WORKING_DAY
from simulate.measure.measures import (
    DEMAND,
    DIED_WAITING,
    OCCUPIED,
    PLACED,
    REQUESTS,
    UNMET,
    WAITING_NOW,
    WITHDREW_WAITING,
    Measures,
)
from simulate.outcome import MONTHLY_MEASURES

FLOW_COUNTS: Final = {
    "demand": DEMAND,
    "occupied": OCCUPIED,
    "waiting": WAITING_NOW,
    "requests": REQUESTS,
    "placed": PLACED,
    "died_waiting": DIED_WAITING,
    "withdrew_waiting": WITHDREW_WAITING,
    "unmet": UNMET,
}


def monthly_measures(setting: Setting, run: Run, measures: Measures, n_month: int) -> FloatArray:
    """Lay out every measure of everything reported, shape (month, district, reported, measure)."""
    capacity, resources = setting.capacity, setting.inputs.resources
    n_district, n_resource = len(setting.inputs.districts), len(resources)
    shape = (n_month, n_district, len(resources.reported), len(MONTHLY_MEASURES))
    result = np.full(shape, np.nan)
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    for name, k in FLOW_COUNTS.items():
        result[:, :, :n_resource, at[name]] = measures.monthly[:, :, :n_resource, k]
        result[:, :, resources.cases_by_reason, at[name]] = measures.monthly[:, :, n_resource:, k]
    beds = resources.beds
    result[:, :, beds, at["approved"]] = capacity.approved[:n_month]
    result[:, :, beds, at["operating"]] = operating_over_months(setting, n_month)
    spans = spans_of(setting.inputs, setting.calendar, n_month)
    result[:, :, beds, at["usable"]] = usable_beds(setting, run, measures, spans)
    days = np.diff(setting.calendar.month_start)[:n_month] / DAY
    for k in resources.places:
        if k < resources.first_bed:
            for name in ("approved", "operating"):
                result[:, :, k, at[name]] = capacity.places[:n_month, :, k]
            taken = measures.monthly[:, :, k, OCCUPIED]
            result[:, :, k, at["usable"]] = _usable_places(spans, k, capacity.places, taken)
            closed = spans.mean(spans.closed[:, :, k], n_month)
            result[:, :, k, at["unmet"]] += closed * taken * days[:, None]
    result[:, :, HOME_CARE, at["usable"]] = usable_hours(setting, run, spans, n_month)
    _share_hours(setting, run, spans, result)
    for total in TOTALS:
        _add_total(result, resources, total, measures, days)
    _assessment_cases(setting, run, result, n_month)
    _workers(setting, run, measures, spans, result)
    return result


def _share_hours(setting: Setting, run: Run, spans: Spans, result: FloatArray) -> None:
    """Let clients share the hours that workers have: nobody is sent away, but none gives more than there are.

    What is lacking of the clients' hours is unmet, like that of people who wait.
    """
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    care, n_month = result[:, :, HOME_CARE], len(result)
    days = np.diff(setting.calendar.month_start)[:n_month] / DAY
    output = setting.capacity.growth["home_output"][:n_month, None]
    given, m = run.work_at[:n_month, AT_HOME] / 100 * output, spans.month
    lacking = np.maximum(care[m, :, at["occupied"]] - given[m] * _work_at_home(spans), 0.0)
    lacking = spans.mean(lacking, n_month)
    care[..., at["occupied"]] -= lacking
    care[..., at["unmet"]] += lacking * days[:, None] / 7


def _usable_places(spans: Spans, k: int, places: IntArray, taken: FloatArray) -> FloatArray:
    """Return places that can be used: while nobody new is taken in those in use, none while closed."""
    n_month = len(taken)
    shut, closed = (spans.mean(held[:, :, k], n_month) for held in (spans.shut, spans.closed))
    there = places[:n_month, :, k]
    return np.asarray((1 - shut) * there + (shut - closed) * np.minimum(taken, there))


def _work_at_home(spans: Spans) -> FloatArray:
    """Return hours of home care over the usual ones of those present, shape (span, district)."""
    return np.asarray(spans.work[:, AT_HOME] * (1 - spans.closed[:, :, HOME_CARE]))


def _add_total(
    result: FloatArray, resources: Resources, total: str, measures: Measures, days: FloatArray
) -> None:
    """Fill in all beds: sums, but only who holds none waits, dies or gives up waiting."""
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    row, members = resources.reported.index(total), list(resources.of_total(total))
    result[:, :, row] = result[:, :, members].sum(axis=2)
    result[:, :, row, at["waiting"]] = measures.bedless
    result[:, :, row, at["unmet"]] = measures.bedless * days[:, None]
    for k, name in enumerate(("died_waiting", "withdrew_waiting")):
        result[:, :, row, at[name]] = measures.bedless_ended[..., k]


def operating_over_months(setting: Setting, n_month: int) -> FloatArray:
    """Return beds in operation in the mean of each month, as those in use are, (month, district, bed)."""
    return setting.capacity.mean_operating(setting.calendar.month_start)[:n_month]


def usable_beds(setting: Setting, run: Run, measures: Measures, spans: Spans) -> FloatArray:
    """Return beds that workers can serve: those in use and as many free ones as hours are left for.

    Free beds of a district share its spare hours in proportion, each at the mean hours of the
    present residents; beds that need no workers are usable as they are. Shape (month, district, bed).
    """
    resources, n_month = setting.inputs.resources, len(measures.monthly)
    operating = operating_over_months(setting, n_month)
    output = setting.capacity.growth["output"][:n_month, None]
    stretch = setting.inputs.assumed.supply.staff_stretch
    free_beds = np.maximum(operating.sum(axis=2) - _residents(resources, measures), 0.0)
    staff_hours = within_reach(run, INSTITUTIONS, n_month, free_beds)
    staff_hours = staff_hours / 1000 * output * stretch
    staff_hours = staff_hours * spans.mean(spans.work[:, INSTITUTIONS], n_month)
    occupied = measures.monthly[:, :, resources.beds, OCCUPIED]
    usable = operating.astype(np.float64)
    staffed = [k for k, row in enumerate(resources.rows[resources.first_bed :]) if row.workers]
    occupied, residents = occupied[..., staffed], occupied[..., staffed].sum(axis=2)
    free = np.maximum(operating[..., staffed] - occupied, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hours_each = np.where(residents > 0, measures.staff_used / residents, 1.0)
        # Where residents take no hours the beds are all that binds.
        spare = np.where(
            hours_each > 0, np.maximum(staff_hours - measures.staff_used, 0.0) / hours_each, np.inf
        )
        part = np.where(free.sum(axis=2) > 0, spare / free.sum(axis=2), 0.0)
    usable[..., staffed] = occupied + free * np.minimum(part, 1.0)[..., None]
    shut = spans.mean(spans.shut[:, :, resources.beds], n_month)
    taken = measures.monthly[:, :, resources.beds, OCCUPIED]
    return np.where(shut > 0, usable - shut * np.maximum(usable - taken, 0.0), usable)


def usable_hours(setting: Setting, run: Run, spans: Spans, n_month: int) -> FloatArray:
    """Return hours of home care that workers can give, the city's no more than the insurance gives.

    Shape (month, district), hours a week.
    """
    output = setting.capacity.growth["home_output"][:n_month, None]
    work = spans.mean(_work_at_home(spans), n_month) * output
    hours = within_reach(run, AT_HOME, n_month) / 100 * work
    most = setting.insurance.most_hours[:n_month, None] / 100
    return np.asarray(
        hours * np.minimum(1.0, most / np.maximum(hours.sum(axis=1, keepdims=True), 1e-9))
    )


def _month_work_days(setting: Setting, n_month: int) -> FloatArray:
    """Return working days by month, shape (month,)."""
    bounds = setting.calendar.month_start[: n_month + 1] // DAY
    return np.asarray(np.diff(setting.calendar.work[bounds]) / WORKING_DAY)


def _office_days(setting: Setting, n_month: int) -> FloatArray:
    """Return the working days of a district's assessors, those of all of them, shape (month, district)."""
    bounds = setting.calendar.month_start[: n_month + 1] // DAY
    days = office_days(setting.inputs, setting.calendar)[: bounds[-1]]
    return np.add.reduceat(days, bounds[:-1], axis=0)


def _assessment_cases(setting: Setting, run: Run, result: FloatArray, n_month: int) -> None:
    """Fill in assessments: cases applied for, cases that could be done, cases done."""
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    possible = run.rate_at[:n_month] * _office_days(setting, n_month)
    result[:, :, ASSESSMENT, at["usable"]] = possible
    for cases in (ASSESSMENT, setting.inputs.resources.cases_by_reason):
        result[:, :, cases, at["demand"]] = result[:, :, cases, at["requests"]]
        result[:, :, cases, at["unmet"]] = np.nan
        result[:, :, cases, at["occupied"]] = np.nan


def assessors_of(
    setting: Setting, run: Run, measures: Measures, service: FloatArray, n_month: int
) -> tuple[FloatArray, FloatArray]:
    """Express assessments in assessors: the service capacity, and needed and present a year.

    Enough assessors put first and early assessments in time, and keep up with all that is applied for:
    renewals, which come last, would wait ever longer else.
    """
    rate = run.rate_at[:n_month]
    growth = setting.capacity.growth["assessors"][0]
    total = setting.inputs.assumed.supply.assessors_2020
    each = rate[0].sum() / growth / total  # cases an assessor and working day
    service = service.copy()
    service[:, :, ASSESSMENT] /= each
    n_year = n_month // 12
    days = _month_work_days(setting, n_month).reshape(n_year, 12).sum(axis=1)
    asked = measures.monthly[:, :, ASSESSMENT, REQUESTS]
    asked = asked.reshape(n_year, 12, -1).sum(axis=1)
    present = rate[11::12] / each
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(days[:, None] > 0, asked / np.maximum(days, 1)[:, None] / each, np.nan)
    enough = service[:, :, ASSESSMENT]
    service[:, :, ASSESSMENT] = np.where(np.isnan(needed), enough, np.maximum(enough, needed))
    return service, np.stack([needed, present], axis=-1)


def _workers(
    setting: Setting, run: Run, measures: Measures, spans: Spans, result: FloatArray
) -> None:
    """Fill in care workers: needed for all demand, present, at work, and the hours that nobody gives."""
    supply = setting.inputs.assumed.supply
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    n_month = len(result)
    days = (np.diff(setting.calendar.month_start)[:n_month] / DAY)[:, None]
    output, home_output = (
        setting.capacity.growth[name][:n_month, None] for name in ("output", "home_output")
    )
    work = np.stack([spans.work[:, INSTITUTIONS], _work_at_home(spans)], axis=1)
    at_work = spans.mean(work, n_month)
    clients, delivered = measures.monthly[:, :, HOME_CARE], result[:, :, HOME_CARE, at["occupied"]]
    reported = setting.inputs.resources.reported
    for market, (workers, units, wanted, given, unit_days) in enumerate(
        (
            (
                supply.workers_institution_2020,
                1000,
                measures.staff_demand / output,
                measures.staff_used / output,
                1,
            ),
            (
                supply.workers_home_2020,
                100,
                clients[..., DEMAND] / home_output,
                delivered / home_output,
                7,
            ),
        )
    ):
        k = reported.index(WORKERS[market])
        # What a worker gives is what makes the present staff carry the load of 2020.
        each = max(run.work_base[market].sum() / units, 1e-9) / workers
        present = run.work_at[:n_month, market] / units
        result[:, :, k, at["demand"]] = wanted / each
        result[:, :, k, at["usable"]] = present * at_work[:, market] / each
        result[:, :, k, at["occupied"]] = given / each
        # Institutions take in people beyond the hours worked; agencies do not: their clients wait.
        if market == INSTITUTIONS:
            m = spans.month
            by_span = np.maximum(given[m] - present[m] * spans.work[:, market], 0.0)
            short = spans.mean(by_span, n_month)
        else:
            short = np.maximum(wanted - given, 0.0)
        result[:, :, k, at["unmet"]] = short * days / unit_days


def within_reach(
    run: Run, market: int, n_month: int, weight: FloatArray | None = None
) -> FloatArray:
    """Return what workers can do who are present, or whom the city could hire were they needed.

    Parameters
    ----------
    weight : ndarray, shape (month, district), by which districts share those whom the city could hire;
        left out: by those present.

    Returns
    -------
    ndarray, shape (month, district), in the units of `Run.work_at`.
    """
    present = run.work_at[:n_month, market].astype(np.float64)
    weight = present if weight is None else weight
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(present + run.work_room[:n_month, market, None] * share)


def workers_of(
    setting: Setting, run: Run, measures: Measures, service: FloatArray, n_month: int
) -> FloatArray:
    """Return the care workers that the least capacity takes, and those within reach, in December.

    Of the least capacity of beds only what operates is staffed: more workers open no bed. A bed takes the
    mean hours of the present residents, and workers give theirs up to the stretch. Hours at home are
    taken as they are.

    Parameters
    ----------
    service : ndarray, shape (year, district, resource + total), least capacity for the target.

    Returns
    -------
    ndarray, shape (year, district, market, 2), workers of the hours that those of 2020 give.
    """
    supply, resources = setting.inputs.assumed.supply, setting.inputs.resources
    beds = list(resources.of_total(TOTALS[0]))
    operating = setting.capacity.operating[:n_month, :, [k - resources.first_bed for k in beds]]
    operating = operating.sum(axis=2).astype(np.float64)
    residents = measures.monthly[:, :, beds, OCCUPIED].sum(axis=2)
    output, home_output = (
        setting.capacity.growth[name][:n_month, None] for name in ("output", "home_output")
    )
    free_beds = np.maximum(operating - residents, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hours_each = np.where(residents > 0, measures.staff_used / residents, 1.0)
    a_bed = (hours_each / output / supply.staff_stretch)[11::12]
    least = service[:, :, len(resources)]  # the first total: all beds
    needed = (
        a_bed * np.minimum(least, operating[11::12]),
        service[:, :, HOME_CARE] / home_output[11::12],
    )
    result = []
    for market, (workers, units, weight) in enumerate(
        (
            (supply.workers_institution_2020, 1000, free_beds),
            (supply.workers_home_2020, 100, None),
        )
    ):
        each = max(run.work_base[market].sum() / units, 1e-9) / workers
        reach = within_reach(run, market, n_month, weight)[11::12] / units
        result.append(np.stack([needed[market], reach], axis=-1) / each)
    return np.stack(result, axis=2)


def _residents(resources: Resources, measures: Measures) -> FloatArray:
    """Return residents of institutions, shape (month, district)."""
    return np.asarray(measures.monthly[:, :, resources.beds, OCCUPIED].sum(axis=2))
