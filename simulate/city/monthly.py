"""Lay out the monthly measures of a replication: every reported resource, beds to workers."""

from typing import Final

import numpy as np

from params.axes import HOME_CARE, FloatArray, IntArray
from params.names import TOTALS
from params.tables.resources import Resources
from simulate.city.event_days import Spans, spans_of
from simulate.city.monthly_assessors import fill_assessments
from simulate.city.monthly_home_care import share_hours, usable_hours
from simulate.city.monthly_workers import fill_workers, within_reach
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.city.world import INSTITUTIONS
from simulate.engine.records import DAY
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
    share_hours(setting, run, spans, result)
    for total in TOTALS:
        _add_total(result, resources, total, measures, days)
    fill_assessments(setting, run, result, n_month)
    fill_workers(setting, run, measures, spans, result)
    return result


def _usable_places(spans: Spans, k: int, places: IntArray, taken: FloatArray) -> FloatArray:
    """Return places that can be used: while nobody new is taken in those in use, none while closed."""
    n_month = len(taken)
    shut, closed = (spans.mean(held[:, :, k], n_month) for held in (spans.shut, spans.closed))
    there = places[:n_month, :, k]
    return np.asarray((1 - shut) * there + (shut - closed) * np.minimum(taken, there))


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
    taken = measures.monthly[:, :, resources.beds, OCCUPIED]
    free_beds = np.maximum(operating.sum(axis=2) - taken.sum(axis=2), 0.0)
    staff_hours = within_reach(run, INSTITUTIONS, n_month, free_beds)
    staff_hours = staff_hours / 1000 * output * stretch
    staff_hours = staff_hours * spans.mean(spans.work[:, INSTITUTIONS], n_month)
    usable = operating.astype(np.float64)
    staffed = [k for k, row in enumerate(resources.rows[resources.first_bed :]) if row.workers]
    occupied, residents = taken[..., staffed], taken[..., staffed].sum(axis=2)
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
    return np.where(shut > 0, usable - shut * np.maximum(usable - taken, 0.0), usable)
