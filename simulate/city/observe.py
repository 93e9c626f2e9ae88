"""Measure one finished replication: what crosses to `runs` as an `Outcome`."""

import numpy as np

from forecast.base.base import Base
from forecast.need.need import Need
from forecast.people.projection import WARM_UP_YEARS, Projection
from params.axes import ASSESSMENT, BASES, ELDER_AGE, GENERAL_BED, FloatArray, IntArray
from params.inputs import Inputs
from simulate.city.monthly import assessors_of, monthly_measures
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting, setting_of
from simulate.city.world import staff_sizes
from simulate.engine.records import DAY
from simulate.measure.gaps.replay import service_capacity
from simulate.measure.measures import measure
from simulate.outcome import Outcome


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
    return simulate_setting(setting_of(drawn, base), seed, replication)


def simulate_setting(setting: Setting, seed: int, replication: int) -> Outcome:
    """Simulate one replication of what has been forecast already."""
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
    service, assessors = assessors_of(setting, run, measures, service, n_month)
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
            float(run.held_seconds) / (horizon - release),
        ]
    )
