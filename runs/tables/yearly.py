"""Work out one replication's yearly figures for districts, zones and the city: the gaps above all.

Stocks are December means, flows sums of the year. Counts and linear gaps of a zone or of the city
are sums over districts; quantiles, rates and shares are taken from the summed counts. `short_sum` and
`surplus_sum` keep shortages and surpluses of districts apart, which a plain sum would net away.
"""

from typing import Final

import numpy as np

from params.axes import ASSESSMENT, ELDER_AGE, FloatArray
from params.names import TOTALS
from params.tables.districts import Districts
from params.tables.resources import WORKERS, Resources
from simulate.measure.measures import wait_quantile
from simulate.outcome import MONTHLY_MEASURES, POPULATION_MEASURES, Outcome

COLUMNS: Final = (
    "demand",
    "approved",
    "operating",
    "usable",
    "occupied",
    "occupancy_rate",
    "waiting",
    "requests",
    "placed",
    "wait_median_days",
    "wait_p90_days",
    "share_in_time",
    "died_waiting",
    "withdrew_waiting",
    "unmet",
    "load",
    "ratio_gap",
    "demand_gap",
    "net_gap",
    "service_gap",
    "gap_beds",
    "gap_staff",
    "short_sum",
    "surplus_sum",
)
"""Numeric columns of ``shortfall.csv``; positions on the last axis of `yearly_values`."""
GAPS: Final = ("ratio_gap", "demand_gap", "net_gap", "service_gap", "gap_beds", "gap_staff")
ADDITIVE: Final = (*MONTHLY_MEASURES, *GAPS)
"""Columns that add over districts exactly: what is counted by month, and linear gaps."""
YEAR_SUMS: Final = ("requests", "placed", "died_waiting", "withdrew_waiting", "unmet")


def yearly_values(outcome: Outcome, districts: Districts, resources: Resources) -> FloatArray:
    """Return every figure of one replication, shape (year, area, reported, column).

    Areas come in the order of `Districts.areas`: districts, zones, the city. Cells without meaning
    are nan.
    """
    by_district = _district_values(outcome, districts, resources)
    areas = districts.areas()
    n_year, _, n_resource, n_column = by_district.shape
    result = np.full((n_year, len(areas), n_resource, n_column), np.nan)
    at = {name: k for k, name in enumerate(COLUMNS)}
    additive = [at[name] for name in ADDITIVE]
    for a, (kind, _, _, members) in enumerate(areas):
        part = by_district[:, members]
        result[:, a, :, additive] = np.moveaxis(part[..., additive].sum(axis=1), -1, 0)
        _rates(result[:, a], _counts(outcome, members, resources), at)
        if kind != "district":
            gap = part[..., at["service_gap"]].copy()
            for worker in (resources.reported.index(w) for w in WORKERS):
                gap[:, :, worker] = part[:, :, worker, at["demand_gap"]]
            result[:, a, :, at["short_sum"]] = np.maximum(gap, 0).sum(axis=1)
            result[:, a, :, at["surplus_sum"]] = np.maximum(-gap, 0).sum(axis=1)
    return result


def _district_values(outcome: Outcome, districts: Districts, resources: Resources) -> FloatArray:
    """Return additive columns by district, shape (year, district, reported resource, column)."""
    monthly = outcome.monthly
    n_year = len(monthly) // 12
    december = monthly[11::12]
    sums = monthly.reshape(n_year, 12, *monthly.shape[1:]).sum(axis=1)
    source = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
    at = {name: k for k, name in enumerate(COLUMNS)}
    shape = (n_year, len(districts), len(resources.reported), len(COLUMNS))
    result = np.full(shape, np.nan)
    for name, k in source.items():
        result[..., at[name]] = (sums if name in YEAR_SUMS else december)[..., k]
    # Assessments are a flow: a year's applications against what assessors can do in a year.
    for name in ("demand", "usable"):
        result[:, :, ASSESSMENT, at[name]] = sums[:, :, ASSESSMENT, source[name]]
    demand, usable = result[..., at["demand"]], result[..., at["usable"]]
    result[..., at["demand_gap"]] = demand - usable
    needed, present = outcome.assessors[..., 0], outcome.assessors[..., 1]
    result[:, :, ASSESSMENT, at["demand_gap"]] = needed - present
    _service_gaps(result, outcome, resources, at)
    _gaps_by_lever(result, outcome, resources, at)
    _net_gaps(result, outcome, resources, at)
    elders = outcome.population[1, 1:, :, POPULATION_MEASURES.index(f"{ELDER_AGE}+")]
    rule = districts.rule * elders
    total = resources.reported.index(TOTALS[0])
    result[:, :, total, at["ratio_gap"]] = rule - result[:, :, total, at["approved"]]
    return result


def _service_gaps(
    result: FloatArray, outcome: Outcome, resources: Resources, at: dict[str, int]
) -> None:
    """Fill in the least capacity that meets the target less what is usable."""
    n = len(resources) + len(TOTALS)
    result[:, :, :n, at["service_gap"]] = outcome.service - result[:, :, :n, at["usable"]]
    gap = outcome.service[..., ASSESSMENT] - outcome.assessors[..., 1]
    result[:, :, ASSESSMENT, at["service_gap"]] = gap


def _gaps_by_lever(
    result: FloatArray, outcome: Outcome, resources: Resources, at: dict[str, int]
) -> None:
    """Split the service gap of beds into what more beds close and what more staff does.

    Of care workers the persons that close it: those whom the least capacity takes less those within reach.
    """
    for k, name in enumerate(resources.reported):
        if name in WORKERS:
            needed, reach = np.moveaxis(outcome.workers[:, :, WORKERS.index(name)], -1, 0)
            result[:, :, k, at["gap_staff"]] = needed - reach
        elif k < len(resources) + len(TOTALS):
            operating = result[:, :, k, at["operating"]]
            result[:, :, k, at["gap_beds"]] = outcome.service[:, :, k] - operating
            result[:, :, k, at["gap_staff"]] = operating - result[:, :, k, at["usable"]]


def _net_gaps(
    result: FloatArray, outcome: Outcome, resources: Resources, at: dict[str, int]
) -> None:
    """Fill in the demand gap of beds after the people who live in another district's institutions."""
    residents = outcome.flows[..., 1]
    came = residents.sum(axis=1) - residents.sum(axis=2)
    gap, beds = result[..., at["demand_gap"]], resources.beds
    result[:, :, beds, at["net_gap"]] = gap[:, :, beds] + came[..., beds]
    for total in TOTALS:
        row, members = resources.reported.index(total), list(resources.of_total(total))
        result[:, :, row, at["net_gap"]] = gap[:, :, row] + came[..., members].sum(axis=-1)


def _counts(
    outcome: Outcome, members: np.ndarray, resources: Resources
) -> tuple[np.ndarray, np.ndarray]:
    """Return an area's requests in time and waits, totals after the resources."""
    in_time, waits = (a[:, members].sum(axis=1) for a in (outcome.in_time, outcome.waits))
    for total in TOTALS:
        rows = list(resources.of_total(total))
        in_time, waits = (
            np.concatenate([a, a[:, rows].sum(axis=1, keepdims=True)], axis=1)
            for a in (in_time, waits)
        )
    return in_time, waits


def _rates(values: FloatArray, counts: tuple[np.ndarray, np.ndarray], at: dict[str, int]) -> None:
    """Fill in the columns of an area that do not add: rates, shares and quantiles of waits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        approved = values[..., at["approved"]]
        occupancy = values[..., at["occupied"]] / approved
        values[..., at["occupancy_rate"]] = np.where(approved > 0, occupancy, np.nan)
        usable = values[..., at["usable"]]
        load = values[..., at["demand"]] / usable
        values[..., at["load"]] = np.where(usable > 0, load, np.nan)
        in_time, waits = counts
        counted = in_time[..., 1]
        share = np.where(counted > 0, in_time[..., 0] / counted, np.nan)
    values[:, : share.shape[1], at["share_in_time"]] = share
    for name, part in (("wait_median_days", 0.5), ("wait_p90_days", 0.9)):
        values[:, : waits.shape[1], at[name]] = wait_quantile(waits, part)
