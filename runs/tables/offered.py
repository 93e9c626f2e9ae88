"""Lay out the deterministic twin like the simulation: what is asked for, and what is there."""

from typing import Final

import numpy as np

from params.axes import ASSESSMENT, FloatArray
from params.names import TOTALS
from runs.tables.population import area_sums
from runs.tables.yearly import COLUMNS
from simulate.city.setting import Setting
from simulate.offered.load import Offered
from simulate.outcome import MONTHLY_MEASURES

OFFERED: Final = ("demand", "requests", "approved", "operating")
"""Measures that the twin knows; requests of assessments only."""


def offered_values(setting: Setting, offered: Offered, monthly: bool = False) -> FloatArray:
    """Return the twin's figures, shape (year or month, area, reported resource, column).

    Stocks of a year are means of its December, requests the sum of the year, as in ``shortfall.csv``; what
    the twin does not know is nan.

    Parameters
    ----------
    monthly : the last axis is `MONTHLY_MEASURES` and the first months; else `COLUMNS` and years.
    """
    months = _by_month(setting, offered)
    if monthly:
        return area_sums(months, setting.inputs.districts, 1)
    n_year = len(months) // 12
    source = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    years = np.full((n_year, *months.shape[1:3], len(COLUMNS)), np.nan)
    by_year = months.reshape(n_year, 12, *months.shape[1:])
    for name in OFFERED:
        at = COLUMNS.index(name)
        years[..., at] = by_year[:, -1, ..., source[name]]
        if name in ("demand", "requests"):
            flows = by_year[..., ASSESSMENT, source[name]].sum(axis=1)
            years[:, :, ASSESSMENT, at] = flows
    return area_sums(years, setting.inputs.districts, 1)


def _by_month(setting: Setting, offered: Offered) -> FloatArray:
    """Return the twin's figures by district, shape (month, district, reported resource, measure)."""
    resources, capacity = setting.inputs.resources, setting.capacity
    at = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    n_month, n_district, n_resource = offered.demand.shape
    shape = (n_month, n_district, len(resources.reported), len(MONTHLY_MEASURES))
    result = np.full(shape, np.nan)
    result[:, :, :n_resource, at["demand"]] = offered.demand
    result[:, :, ASSESSMENT, at["requests"]] = offered.demand[..., ASSESSMENT]
    operating = capacity.mean_operating(setting.calendar.month_start)[:n_month]
    result[:, :, resources.beds, at["approved"]] = capacity.approved[:n_month]
    result[:, :, resources.beds, at["operating"]] = operating
    for k in resources.places:
        if k < resources.first_bed:
            for name in ("approved", "operating"):
                result[:, :, k, at[name]] = capacity.places[:n_month, :, k]
    for total in TOTALS:
        row, members = resources.reported.index(total), list(resources.of_total(total))
        for name in ("demand", "approved", "operating"):
            result[:, :, row, at[name]] = result[:, :, members, at[name]].sum(axis=2)
    return result
