"""Hand over one replication: monthly measures of every reported resource, waits, flows, people."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.base import Base
from forecast.need import Need, need_of
from forecast.projection import WARM_UP_YEARS, Projection, project
from params.axes import (
    ASSESSMENT,
    BASES,
    BEDS,
    DAY_CARE,
    ELDER_AGE,
    FAMILY_BED,
    GENERAL_BED,
    HOME_CARE,
    N_RESOURCE,
    REPORTED_RESOURCES,
    FloatArray,
    IntArray,
)
from params.inputs import Inputs
from simulate.arrays import Arrays
from simulate.gaps.replay import service_capacity
from simulate.measures import (
    DEMAND,
    DIED_WAITING,
    OCCUPIED,
    PLACED,
    REQUESTS,
    UNMET,
    WAITING_NOW,
    WITHDREW_WAITING,
    Measures,
    measure,
)
from simulate.records import DAY, WORKING_DAY
from simulate.replication import Run, Setting, prepare, run_replication, staff_sizes
from simulate.world import HELD_SECONDS

MONTHLY_MEASURES: Final = (
    "demand",
    "approved",
    "operating",
    "usable",
    "occupied",
    "waiting",
    "requests",
    "placed",
    "died_waiting",
    "withdrew_waiting",
    "unmet",
)
"""Positions on the last axis of `Outcome.monthly`; nan where a measure has no meaning."""
POPULATION_MEASURES: Final = (
    "total",
    "60+",
    "65+",
    "70+",
    "80+",
    "living_alone",
    "elders_only",
)
NEED_MEASURES: Final = (
    "insured",
    *(f"need_{k}" for k in range(2, 7)),
    *(f"beneficiaries_{k}" for k in range(2, 7)),
    "dementia",
)
BED_TOTAL: Final = REPORTED_RESOURCES.index("bed_total")
WORKER_HOMES: Final = REPORTED_RESOURCES.index("care_worker_institution")
WORKER_HOME_CARE: Final = REPORTED_RESOURCES.index("care_worker_home")
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


@dataclass(frozen=True)
class Outcome(Arrays):
    """What one replication says, by district; zones and the city are sums made later.

    Attributes
    ----------
    monthly : ndarray, shape (month, district, reported resource, measure).
    in_time : ndarray, shape (year, district, resource, 2), requests met in time, requests that count.
    waits : ndarray, shape (year, district, resource, bin), the placed by wait.
    flows : ndarray, shape (year, origin, destination, resource, 2), placed, December residents.
    service : ndarray, shape (year, district, resource + bed_total), least capacity for the target;
        assessments in assessors, home care in hours a week.
    assessors : ndarray, shape (year, district, 2), needed for the year's cases, present.
    certified : ndarray, shape (year,), share of care workers with a certificate in December.
    population : ndarray, shape (basis, year from 2020, district, measure), 31 December.
    need : ndarray, shape (year from 2020, district, measure), on the demand's basis.
    facts : ndarray, shape (fact,), see `FACTS`: what calibration is checked against.
    """

    monthly: FloatArray
    in_time: IntArray
    waits: IntArray
    flows: FloatArray
    service: FloatArray
    assessors: FloatArray
    certified: FloatArray
    population: FloatArray
    need: FloatArray
    facts: FloatArray


FACTS: Final = (
    "assessments_2020",
    "beneficiaries_2020",
    "residents_dementia_share",
    "events",
    "beds_held_in_hospital",
)
"""The last: mean beds over the reported years that are held for residents in hospital."""


def simulate_one(
    inputs: Inputs,
    base: Base,
    seed: int,
    replication: int,
    fixed_parameters: bool = False,
) -> Outcome:
    """Forecast and simulate one replication.

    Parameters
    ----------
    base : the resident base, which no assumption changes.
    fixed_parameters : keep the default value of every assumption; otherwise each replication takes
        its own joint draw.
    """
    drawn = inputs.drawn(seed, None if fixed_parameters else replication)
    projection = project(drawn, base)
    setting = prepare(drawn, projection, need_of(drawn, projection))
    return observe(setting, run_replication(setting, seed, replication))


def observe(setting: Setting, run: Run) -> Outcome:
    """Measure a finished replication."""
    calendar, inputs = setting.calendar, setting.inputs
    n_month = calendar.n_reported_months
    n_district = len(inputs.districts)
    targets, assessment_days = target_waits(inputs)
    measures = measure(
        run.ledger,
        calendar.month_start,
        n_month,
        n_district,
        staff_sizes(inputs),
        targets,
        calendar.work,
        assessment_days,
    )
    service = service_capacity(
        run.ledger,
        calendar.month_start,
        n_month,
        n_district,
        targets,
        inputs.scenario.service_target.share,
        calendar.work,
        assessment_days,
    )
    monthly = monthly_measures(setting, run, measures, n_month)
    service, assessors = _assessors(setting, run, measures, service, n_month)
    return Outcome(
        monthly=monthly,
        in_time=measures.in_time,
        waits=measures.waits,
        flows=measures.flows,
        service=service,
        assessors=assessors,
        certified=setting.capacity.certified[11:n_month:12],
        population=population_measures(setting.projection, inputs.last_year),
        need=need_measures(setting.need, run, inputs.last_year),
        facts=_facts(run, calendar.horizon),
    )


def target_waits(inputs: Inputs) -> tuple[IntArray, int]:
    """Return target waits in seconds by resource, and that of assessments in working days."""
    days = inputs.service_days
    return (days * DAY).astype(np.int64), int(days[ASSESSMENT])


def monthly_measures(setting: Setting, run: Run, measures: Measures, n_month: int) -> FloatArray:
    """Lay out every measure of every reported resource, shape (month, district, resource, measure)."""
    capacity = setting.capacity
    n_district = len(setting.inputs.districts)
    shape = (n_month, n_district, len(REPORTED_RESOURCES), len(MONTHLY_MEASURES))
    result = np.full(shape, np.nan)
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    for name, k in FLOW_COUNTS.items():
        result[:, :, :N_RESOURCE, at[name]] = measures.monthly[..., k]
    beds = slice(GENERAL_BED, GENERAL_BED + len(BEDS))
    result[:, :, beds, at["approved"]] = capacity.approved[:n_month]
    result[:, :, beds, at["operating"]] = capacity.operating[:n_month]
    growth = capacity.growth[:n_month]
    staff_hours = run.staff_base / 1000 * growth[:, 0, None]
    result[:, :, beds, at["usable"]] = usable_beds(
        capacity.operating[:n_month], measures, staff_hours
    )
    for k, places in ((DAY_CARE, capacity.day_places), (FAMILY_BED, capacity.family_beds)):
        for name in ("approved", "operating", "usable"):
            result[:, :, k, at[name]] = places[:n_month]
    result[:, :, HOME_CARE, at["usable"]] = np.floor(run.home_base * growth[:, 1, None]) / 100
    # All beds: sums, but nobody waits twice.
    for k in range(len(MONTHLY_MEASURES)):
        result[:, :, BED_TOTAL, k] = result[:, :, beds, k].sum(axis=2)
    days = np.diff(setting.calendar.month_start)[:n_month] / DAY
    result[:, :, BED_TOTAL, at["waiting"]] = measures.homeless
    result[:, :, BED_TOTAL, at["unmet"]] = measures.homeless * days[:, None]
    _assessment_cases(setting, run, result, n_month)
    _workers(setting, run, measures, result)
    return result


def usable_beds(operating: IntArray, measures: Measures, staff_hours: FloatArray) -> FloatArray:
    """Return beds that workers can serve: those in use and as many free ones as hours are left for.

    Free beds of a district share its spare hours in proportion, each at the mean hours of the
    present residents. Shape (month, district, bed kind).
    """
    occupied = measures.monthly[:, :, GENERAL_BED : GENERAL_BED + len(BEDS), OCCUPIED]
    residents = occupied.sum(axis=2)
    free = np.maximum(operating - occupied, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        hours_each = np.where(residents > 0, measures.staff_used / residents, 1.0)
        spare = np.maximum(staff_hours - measures.staff_used, 0.0) / hours_each
        part = np.where(free.sum(axis=2) > 0, spare / free.sum(axis=2), 0.0)
    return np.asarray(occupied + free * np.minimum(part, 1.0)[..., None])


def _month_work_days(setting: Setting, n_month: int) -> FloatArray:
    """Return working days by month, shape (month,)."""
    bounds = setting.calendar.month_start[: n_month + 1] // DAY
    return np.asarray(np.diff(setting.calendar.work[bounds]) / WORKING_DAY)


def _case_rate(setting: Setting, run: Run, n_month: int) -> FloatArray:
    """Return the cases a working day that the assessors of a district can do, (month, district)."""
    calendar = setting.calendar
    release = calendar.release // DAY
    days = (calendar.work[release] - calendar.work[release - 366]) / WORKING_DAY
    load = setting.inputs.values["assessor_load_2020"]
    return np.asarray(run.cases / days / load * setting.capacity.growth[:n_month, 2, None])


def _assessment_cases(setting: Setting, run: Run, result: FloatArray, n_month: int) -> None:
    """Fill in assessments: cases applied for, cases that could be done, cases done."""
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    days = _month_work_days(setting, n_month)
    possible = _case_rate(setting, run, n_month) * days[:, None]
    result[:, :, ASSESSMENT, at["demand"]] = result[:, :, ASSESSMENT, at["requests"]]
    result[:, :, ASSESSMENT, at["usable"]] = possible
    result[:, :, ASSESSMENT, at["unmet"]] = np.nan
    result[:, :, ASSESSMENT, at["occupied"]] = np.nan


def _assessors(
    setting: Setting, run: Run, measures: Measures, service: FloatArray, n_month: int
) -> tuple[FloatArray, FloatArray]:
    """Express assessments in assessors: the service capacity, and needed and present a year."""
    rate = _case_rate(setting, run, n_month)
    growth = setting.capacity.growth[:n_month, 2]
    total = setting.inputs.values["assessors_2020"]
    each = rate[0].sum() / growth[0] / total  # cases an assessor and working day
    service = service.copy()
    service[:, :, ASSESSMENT] /= each
    n_year = n_month // 12
    days = _month_work_days(setting, n_month).reshape(n_year, 12).sum(axis=1)
    asked = measures.monthly[:, :, ASSESSMENT, REQUESTS]
    asked = asked.reshape(n_year, 12, -1).sum(axis=1)
    present = rate[11::12] / each
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(days[:, None] > 0, asked / np.maximum(days, 1)[:, None] / each, np.nan)
    return service, np.stack([needed, present], axis=-1)


def _workers(setting: Setting, run: Run, measures: Measures, result: FloatArray) -> None:
    """Fill in care workers: needed for all demand, present, and the hours that nobody gives."""
    v = setting.inputs.values
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    n_month = len(result)
    growth = setting.capacity.growth[:n_month]
    days = (np.diff(setting.calendar.month_start)[:n_month] / DAY)[:, None]
    hours = {
        WORKER_HOMES: (run.staff_base / 1000, measures.staff_demand, v["workers_institution_2020"]),
        WORKER_HOME_CARE: (
            run.home_base / 100,
            measures.monthly[:, :, HOME_CARE, DEMAND],
            v["workers_home_2020"],
        ),
    }
    for k, (base, wanted, workers) in hours.items():
        # What a worker gives is what makes the present staff carry the load of 2020.
        each = max(base.sum(), 1e-9) / workers
        result[:, :, k, at["demand"]] = wanted / each
        present = base / each * growth[:, 0 if k == WORKER_HOMES else 1, None]
        result[:, :, k, at["usable"]] = present
        short = np.maximum(wanted - present * each, 0.0)
        result[:, :, k, at["unmet"]] = short * (days if k == WORKER_HOMES else days / 7)


def population_measures(projection: Projection, last_year: int) -> FloatArray:
    """Return people by basis, year from 2020 and district, shape (basis, year, district, measure)."""
    n_year = last_year - (projection.first_year + WARM_UP_YEARS) + 1
    years = slice(WARM_UP_YEARS, WARM_UP_YEARS + n_year)
    parts = []
    for basis in BASES:
        people = projection.people(basis)[years]
        columns = [people.sum(axis=(2, 3))]
        columns += [people[..., a:].sum(axis=(2, 3)) for a in (ELDER_AGE, 65, 70, 80)]
        alone, elders_only, _ = np.moveaxis(projection.by_arrangement(basis)[years], -1, 0)
        columns += [alone, alone + elders_only]
        parts.append(np.stack(columns, axis=-1))
    return np.array(parts)


def need_measures(need: Need, run: Run, last_year: int) -> FloatArray:
    """Return need by year from 2020 and district, shape (year, district, measure)."""
    n_year = last_year - (need.first_year + WARM_UP_YEARS) + 1
    years = slice(WARM_UP_YEARS, WARM_UP_YEARS + n_year)
    by_level = need.stock[years].sum(axis=(2, 3))
    elders = need.elders[years].sum(axis=(2, 3))
    dementia = by_level @ need.dementia + (elders - by_level.sum(-1)) * need.dementia_below
    benefits = run.benefits_at[::12][:n_year]
    return np.concatenate(
        [(elders * need.insured)[..., None], by_level, benefits, dementia[..., None]], axis=-1
    )


def _facts(run: Run, horizon: int) -> FloatArray:
    ledger = run.ledger
    beds = (ledger["person"] >= 0) & (ledger["resource"] >= GENERAL_BED)
    release = run.release
    there = beds & (ledger["start"] <= release) & (ledger["end"] > release)
    dementia = run.people["dementia"][ledger["person"][there]]
    share = float(dementia.mean()) if dementia.size else float("nan")
    return np.array(
        [
            float(run.cases.sum()),
            float(run.benefits_at[0].sum()),
            share,
            float(run.n_event),
            float(run.count[HELD_SECONDS]) / (horizon - release),
        ]
    )
