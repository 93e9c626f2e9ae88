"""Work out one replication's yearly figures for districts, zones and the city: the gaps above all.

Stocks are December means, flows sums of the year. Counts and linear gaps of a zone or of the city
are sums over districts; times, rates and shares are taken from the summed counts. `short_sum` and
`surplus_sum` keep shortages and surpluses of districts apart, which a plain sum would net away.
"""

from typing import Final, NamedTuple

import numpy as np

from params.axes import ASSESSMENT, ELDER_AGE, FloatArray, IntArray
from params.names import TOTALS
from params.tables.districts import Districts
from params.tables.resources import WORKERS, Resources
from simulate.measure.incidence import quantile_waited, time_placed
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
    "in_line_median_days",
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
        _rates(result[:, a], at)
        _waits(result[:, a], waits_of(outcome, members, resources), at)
        _cases_load(result[:, a], resources, at)
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
        for cases in (ASSESSMENT, resources.cases_by_reason):
            result[:, :, cases, at[name]] = sums[:, :, cases, source[name]]
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


class Waits(NamedTuple):
    """What an area counts of waits, by resource, total and reason of an assessment, as reported.

    Attributes
    ----------
    in_time : ndarray, shape (year, counted, 2).
    waits : ndarray, shape (year, counted, end, bin).
    in_line : ndarray, shape (year, counted, bin).
    """

    in_time: IntArray
    waits: IntArray
    in_line: IntArray


def waits_of(outcome: Outcome, members: IntArray, resources: Resources) -> Waits:
    """Return the counts of waits of an area, those of a total behind the resources."""
    n_resource = len(resources)
    found = []
    for by_district in (outcome.in_time, outcome.waits, outcome.in_line):
        counts = by_district[:, members].sum(axis=1)
        # Who is in line for a better bed has one: a line of all beds together would mix the two.
        known = by_district is not outcome.in_line
        totals = (
            counts[:, list(resources.of_total(total))].sum(axis=1, keepdims=True) * known
            for total in TOTALS
        )
        found.append(
            np.concatenate([counts[:, :n_resource], *totals, counts[:, n_resource:]], axis=1)
        )
    return Waits(*found)


def _rates(values: FloatArray, at: dict[str, int]) -> None:
    """Fill in the rates of an area, which do not add."""
    with np.errstate(divide="ignore", invalid="ignore"):
        approved = values[..., at["approved"]]
        occupancy = values[..., at["occupied"]] / approved
        values[..., at["occupancy_rate"]] = np.where(approved > 0, occupancy, np.nan)
        usable = values[..., at["usable"]]
        load = values[..., at["demand"]] / usable
        values[..., at["load"]] = np.where(usable > 0, load, np.nan)


def _waits(values: FloatArray, counts: Waits, at: dict[str, int]) -> None:
    """Fill in shares in time, when a share of the year's requests is placed, and how long others wait."""
    in_time, waits, in_line = counts
    n = in_time.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = in_time[..., 1]
        share = np.where(counted > 0, in_time[..., 0] / counted, np.nan)
    values[:, :n, at["share_in_time"]] = share
    for name, part in (("wait_median_days", 0.5), ("wait_p90_days", 0.9)):
        values[:, :n, at[name]] = time_placed(waits, part)
    values[:, :n, at["in_line_median_days"]] = quantile_waited(in_line, 0.5)


def _cases_load(values: FloatArray, resources: Resources, at: dict[str, int]) -> None:
    """Fill in what each reason takes of the assessors' time: loads that add to that of all assessments."""
    usable = values[:, ASSESSMENT, at["usable"]][:, None]
    demand = values[:, resources.cases_by_reason, at["demand"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(usable > 0, demand / usable, np.nan)
    values[:, resources.cases_by_reason, at["load"]] = load
