"""Work out assessments month by month: cases, those that can be done, and the assessors that they take."""

import numpy as np

from params.axes import ASSESSMENT, FloatArray
from simulate.city.event_days import office_days
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.engine.records import DAY, WORKING_DAY
from simulate.measure.measures import REQUESTS, Measures
from simulate.outcome import MONTHLY_MEASURES


def fill_assessments(setting: Setting, run: Run, result: FloatArray, n_month: int) -> None:
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


def _month_work_days(setting: Setting, n_month: int) -> FloatArray:
    """Return working days by month, shape (month,)."""
    bounds = setting.calendar.month_start[: n_month + 1] // DAY
    return np.asarray(np.diff(setting.calendar.work[bounds]) / WORKING_DAY)


def _office_days(setting: Setting, n_month: int) -> FloatArray:
    """Return the working days of a district's assessors, those of all of them, shape (month, district)."""
    bounds = setting.calendar.month_start[: n_month + 1] // DAY
    days = office_days(setting.inputs, setting.calendar)[: bounds[-1]]
    return np.add.reduceat(days, bounds[:-1], axis=0)
