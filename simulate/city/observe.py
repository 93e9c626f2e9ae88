"""Measure one finished replication: what crosses to `runs` as an `Outcome`."""

import numpy as np

from forecast.base.base import Base
from forecast.need.need import Need
from forecast.people.projection import WARM_UP_YEARS, Projection
from params.axes import ASSESSMENT, BASES, ELDER_AGE, FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from simulate.city.institutions import FIRST_YEAR
from simulate.city.monthly import monthly_measures
from simulate.city.monthly_assessors import assessors_of
from simulate.city.monthly_workers import workers_of
from simulate.city.replication import Run, run_replication
from simulate.city.resources import staff_sizes
from simulate.city.setting import Setting, setting_of
from simulate.city.tiers import kinds_lent_for
from simulate.engine.records import DAY, WORKING_DAY
from simulate.measure.gaps.replay import service_capacity
from simulate.measure.lent import lent_beds
from simulate.measure.measures import Frame, measure
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


def observe(setting: Setting, run: Run, services: bool = True) -> Outcome:
    """Measure a finished replication.

    Parameters
    ----------
    services : whether the least capacity for the target is searched, a tenth of the work; it is nan
        otherwise.
    """
    calendar, inputs = setting.calendar, setting.inputs
    n_month = calendar.n_reported_months
    frame = city_frame(setting)
    measures = measure(run.ledger, frame)
    totals = [inputs.resources.of_total(total) for total in TOTALS]
    if services:
        service = service_capacity(run.ledger, frame, inputs.target_shares, totals)
    else:
        n_row = len(inputs.resources) + len(totals)
        service = np.full((n_month // 12, len(inputs.districts), n_row), np.nan)
    monthly = monthly_measures(setting, run, measures, n_month)
    service, assessors = assessors_of(setting, run, measures, service, n_month)
    return Outcome(
        monthly=monthly,
        in_time=measures.in_time,
        waits=measures.waits,
        waits_by_class=measures.waits_by_class,
        in_line=measures.in_line,
        flows=measures.flows,
        service=service,
        assessors=assessors,
        workers=workers_of(setting, run, measures, service, n_month),
        certified=setting.capacity.certified[11:n_month:12],
        population=population_measures(setting.projection, inputs.last_year),
        need=need_measures(setting.need, run, inputs.last_year),
        facts=_facts(setting, run),
        start=(run.start_counts if setting.start.month >= 0 else np.zeros(0)).astype(np.float64),
        lent=lent_beds(run.ledger, frame) if inputs.scenario.tiers.lends else np.zeros(0),
    )


def city_frame(setting: Setting) -> Frame:
    """Say what a city's ledgers are measured against: the reported months, kinds and target waits."""
    inputs, calendar = setting.inputs, setting.calendar
    n_month, days = calendar.n_reported_months, inputs.resources.target_days
    return Frame(
        month_start=calendar.month_start[: n_month + 1].copy(),
        year_of_month=np.arange(n_month) // 12,
        kinds=inputs.resources.kinds,
        targets=(days * DAY).astype(np.int64),
        n_district=len(inputs.districts),
        staff_size=staff_sizes(inputs),
        followed=calendar.followed,
        working_days=np.round(calendar.work / WORKING_DAY).astype(np.int64),
        assessment_days=int(days[ASSESSMENT]),
        lent_for=kinds_lent_for(inputs.resources),
    )


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


def _facts(setting: Setting, run: Run) -> FloatArray:
    residents = run.residents[list(setting.inputs.resources.of_total(TOTALS[0]))].sum(axis=0)
    first_year = setting.calendar.month_start[FIRST_YEAR] - run.release
    return np.array(
        [
            float(run.cases.sum()),
            float(run.benefits_at[0].sum()),
            residents[1] / residents[0] if residents[0] else np.nan,
            float(run.n_event),
            float(run.held_seconds / first_year),
        ]
    )
