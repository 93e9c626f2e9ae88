"""Work out care workers month by month: needed, present, at work, within reach; and what the target takes."""

import numpy as np

from params.axes import HOME_CARE, FloatArray
from params.names import TOTALS
from params.tables.resources import WORKERS
from simulate.city.event_days import Spans
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, INSTITUTIONS
from simulate.engine.records import DAY
from simulate.measure.measures import DEMAND, OCCUPIED, Measures
from simulate.outcome import MONTHLY_MEASURES


def fill_workers(
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
    work = np.stack([spans.work[:, INSTITUTIONS], work_at_home(spans)], axis=1)
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


def work_at_home(spans: Spans) -> FloatArray:
    """Return hours of home care over the usual ones of those present, shape (span, district)."""
    return np.asarray(spans.work[:, AT_HOME] * (1 - spans.closed[:, :, HOME_CARE]))


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
