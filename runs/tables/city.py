"""Lay replications out as the tables of the output contract.

Means, 5 % and 95 % quantiles over replications; each replication has its own draw of the parameters
unless they were fixed, so the interval holds both. `mc_error` is the standard error of the mean: how
far it would move with other luck. Errors that came later than the contract stand in the last columns.
District means are rounded as they are written before zones and
the city are summed, so that the file itself adds up.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from params.axes import BASES, BoolArray, FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from params.tables.districts import Districts
from runs.tables.sample import Sample
from runs.tables.stack import middle, share_missing, spread
from runs.tables.units import monthly_unit, unit_of
from runs.tables.yearly import ADDITIVE, COLUMNS, GAPS
from runs.write import COUNT_DECIMALS, decimals_of, round_written
from simulate.outcome import (
    MONTHLY_MEASURES,
    NEED_MEASURES,
    POPULATION_MEASURES,
)


def area_frame(districts: Districts) -> pd.DataFrame:
    """Return the areas: area_type, district, code."""
    rows = [(kind, name, code) for kind, name, code, _ in districts.areas()]
    return pd.DataFrame(rows, columns=["area_type", "district", "code"])


def _frame(keys: Sequence[tuple[str, Any]], areas: pd.DataFrame, area_axis: int) -> pd.DataFrame:
    """Return the key columns of a table whose rows run over a product in order."""
    sizes = [len(values) for _, values in keys]
    index = np.indices(sizes).reshape(len(keys), -1)
    frame = pd.DataFrame(
        {
            name: np.asarray(values, dtype=object)[index[k]]
            for k, (name, values) in enumerate(keys)
            if k != area_axis
        }
    )
    for column in ("code", "district", "area_type"):
        frame.insert(0, column, areas[column].to_numpy()[index[area_axis]])
    return frame


def add_up(frame: pd.DataFrame, column: str, districts: Districts, keys: list[str]) -> None:
    """Round a column's district rows as written and make zone and city rows their exact sums.

    Districts are rounded to largest remainders, so that the city's row is its own mean rounded.
    """
    rounded = pd.Series(round_written(frame, column), index=frame.index)
    single = frame["area_type"] == "district"
    unit = pd.Series(10.0 ** decimals_of(frame, column), index=frame.index)[single]
    exact = frame.loc[single, column] * unit
    groups = [frame.loc[single, k] for k in keys]
    floor = np.floor(exact)
    missing = (exact - floor).groupby(groups, sort=False).transform("sum").round()
    rank = (exact - floor).groupby(groups, sort=False).rank(method="first", ascending=False)
    rounded[single] = (floor + (rank <= missing)) / unit
    for kind, name, _, members in districts.areas():
        if kind == "district":
            continue
        names = [districts.names[k] for k in members]
        part = frame[single & frame["district"].isin(names)]
        sums = rounded[part.index].groupby([part[k] for k in keys], sort=False).sum(min_count=1)
        target = frame.index[(frame["area_type"] == kind) & (frame["district"] == name)]
        wanted = pd.MultiIndex.from_frame(frame.loc[target, keys])
        if len(keys) == 1:
            rounded[target] = sums.reindex(wanted.get_level_values(0)).to_numpy()
        else:
            rounded[target] = sums.reindex(wanted).to_numpy()
    frame[column] = rounded


def shortfall_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``shortfall.csv``: one row an area, year and resource."""
    districts = inputs.districts
    mean, low, high, error = spread(sample.yearly)
    n_year = mean.shape[0]
    areas = area_frame(districts)
    first = inputs.city.first_year
    years = list(range(first, first + n_year))
    order = (1, 0, 2)  # area, year, resource
    frame = _frame(
        [("area", areas.index), ("year", years), ("resource", inputs.resources.reported)], areas, 0
    )
    frame.insert(0, "basis", inputs.scenario.population.basis)
    frame.insert(0, "scenario", inputs.scenario.name)
    frame["year"] = frame["year"].astype(int)
    frame["unit"] = frame["resource"].map(unit_of)
    columns: dict[str, FloatArray] = {}
    for c, name in enumerate(COLUMNS):
        columns[name] = mean[..., c].transpose(order).ravel()
    for c, name in enumerate(COLUMNS):
        columns[f"{name}_p05"] = low[..., c].transpose(order).ravel()
        columns[f"{name}_p95"] = high[..., c].transpose(order).ravel()
        if name in GAPS:
            columns[f"{name}_mc_error"] = error[..., c].transpose(order).ravel()
    for c, name in enumerate(COLUMNS):
        if name not in GAPS:
            columns[f"{name}_mc_error"] = error[..., c].transpose(order).ravel()
    frame = pd.concat([frame, pd.DataFrame(columns)], axis=1)
    for name in ADDITIVE:
        add_up(frame, name, districts, ["year", "resource"])
    _split_exactly(frame)
    after = list(frame.columns).index("surplus_sum") + 1
    load = mean[..., COLUMNS.index("load")].transpose(order)
    never = share_missing(sample.yearly)[..., COLUMNS.index("wait_median_days")].transpose(order)
    lent = _some_lent(inputs, sample, n_year)
    flags = _flags(frame, _overloaded_inside(load, districts), len(sample), never.ravel(), lent)
    frame.insert(after, "flag", flags)
    return frame


def _split_exactly(frame: pd.DataFrame) -> None:
    """Let the parts of a service gap add to it as written: both were rounded, each for itself."""
    rest = (frame["service_gap"] - frame["gap_beds"]).round(COUNT_DECIMALS)
    frame["gap_staff"] = frame["gap_staff"].where(rest.isna(), rest)


def _overloaded_inside(load: FloatArray, districts: Districts) -> BoolArray:
    """Say of every row whether it is a zone or the city and a district of it has a load of 1 or more.

    Parameters
    ----------
    load : ndarray, shape (area, year, reported resource).
    """
    inside = np.zeros(load.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        for a, (kind, _, _, members) in enumerate(districts.areas()):
            if kind != "district":
                inside[a] = (load[members] >= 1).any(axis=0)
    return inside.ravel()


def _some_lent(inputs: Inputs, sample: Sample, n_year: int) -> BoolArray:
    """Say of every row whether beds of its kind are lent in some replication, shape (row,)."""
    resources = inputs.resources
    found = np.zeros((n_year, len(inputs.districts.areas()), len(resources.reported)), np.bool_)
    if sample.lent is not None:
        found[:, :, resources.tiers] = spread(sample.lent)[0] > 0
    return found.swapaxes(0, 1).ravel()


def _flags(
    frame: pd.DataFrame, inside: BoolArray, n: int, never: FloatArray, lent: BoolArray
) -> list[str]:
    """Say what a reader must know about a row; texts are in the wording.

    A load of 1 or more is said wherever it occurs: in the mean, in a part of the replications, or in
    a district of a zone or city whose own load is below 1.

    Parameters
    ----------
    never : ndarray, shape (row,), share of the replications in which half the requests are never placed.
    lent : ndarray, shape (row,), whether some of the beds in use are lent.
    """
    flags = []
    cells = frame[["load", "load_p95", "usable", "requests", "placed"]].to_numpy(np.float64)
    for (load, high, usable, requests, placed), within, part, some_lent in zip(
        cells, inside, never, lent, strict=True
    ):
        said = overload_flags(load, high, within)
        if usable == 0:
            said.append("no_capacity")
        if requests == 0:
            said.append("no_requests")
        elif placed == 0:
            said.append("no_placements")
        if requests > 0 and part > 0:
            said.append("never_half" if part == 1 else "never_half_at_times")
        if some_lent:
            said.append("some_lent")
        if n == 1:
            said.append("single_replication")
        flags.append(";".join(said))
    return flags


def overload_flags(load: float, high: float, inside: bool) -> list[str]:
    """Say where a load of 1 or more occurs: in the mean, in part of the replications, in a part."""
    said = []
    if load >= 1:
        said.append("overloaded")
    elif high >= 1:
        said.append("overloaded_at_times")
    if inside and not load >= 1:
        said.append("overloaded_inside")
    return said


def population_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``population.csv``: persons at 31 December by basis, area, year and measure."""
    districts = inputs.districts
    areas = area_frame(districts)
    people = [*spread(sample.population), middle(sample.population)]
    need = [*spread(sample.need), middle(sample.need)]
    first = inputs.city.base_year
    years = list(range(first, first + need[0].shape[1]))
    parts = []
    for b, name in enumerate(BASES):
        if name not in inputs.city.bases:
            continue  # the other population stands in for it
        values, measures = [part[b] for part in people], list(POPULATION_MEASURES)
        if name == inputs.scenario.population.basis:
            values = [np.concatenate(v, axis=-1) for v in zip(values, need, strict=True)]
            measures += NEED_MEASURES
        frame = _frame([("area", areas.index), ("year", years), ("measure", measures)], areas, 0)
        frame.insert(0, "basis", name)
        mean, low, high, error, mid = (part.ravel() for part in values)
        columns = {"mean": mean, "p05": low, "p50": mid, "p95": high, "mc_error": error}
        frame = frame.assign(**columns)
        add_up(frame, "mean", districts, ["year", "measure"])
        parts.append(frame)
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "scenario", inputs.scenario.name)
    table["year"] = table["year"].astype(int)
    return table


def month_names(first_year: int, n: int) -> list[str]:
    """Return the reported months as 2021-01 ..."""
    return [f"{first_year + m // 12}-{m % 12 + 1:02d}" for m in range(n)]


def monthly_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``monthly.csv``, long: area, month, resource, measure."""
    districts = inputs.districts
    areas = area_frame(districts)
    mean, low, high, error = spread(sample.monthly)
    mid = middle(sample.monthly)
    frame = _frame(
        [
            ("area", areas.index),
            ("month", month_names(inputs.city.first_year, mean.shape[1])),
            ("resource", inputs.resources.reported),
            ("measure", MONTHLY_MEASURES),
        ],
        areas,
        0,
    )
    frame.insert(0, "basis", inputs.scenario.population.basis)
    frame.insert(0, "scenario", inputs.scenario.name)
    units = [monthly_unit(r, m) for r in inputs.resources.reported for m in MONTHLY_MEASURES]
    frame["unit"] = units * (mean.shape[0] * mean.shape[1])
    frame["mean"] = mean.ravel()
    frame["p05"] = low.ravel()
    frame["p50"] = mid.ravel()
    frame["p95"] = high.ravel()
    frame["mc_error"] = error.ravel()
    frame = frame[np.isfinite(frame["mean"])].reset_index(drop=True)
    add_up(frame, "mean", districts, ["month", "resource", "measure"])
    return pd.DataFrame(frame)


def flows_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``flows.csv``: placements and December residents by origin and destination."""
    names = inputs.districts.names
    mean, _, _, error = spread(sample.flows)
    n_year = mean.shape[0]
    keys = [
        np.asarray(list(range(inputs.city.first_year, inputs.city.first_year + n_year))),
        np.asarray(names, dtype=object),
        np.asarray(names, dtype=object),
        np.asarray([*inputs.resources.bed_names, *TOTALS], dtype=object),
    ]
    index = np.indices([len(k) for k in keys]).reshape(4, -1)
    frame = pd.DataFrame(
        {
            "scenario": inputs.scenario.name,
            "origin": keys[1][index[1]],
            "destination": keys[2][index[2]],
            "year": keys[0][index[0]],
            "resource": keys[3][index[3]],
            "placed": mean[..., 0].ravel(),
            "residents": mean[..., 1].ravel(),
            "placed_mc_error": error[..., 0].ravel(),
            "residents_mc_error": error[..., 1].ravel(),
        }
    )
    kept = (frame["placed"] > 0) | (frame["residents"] > 0)
    return pd.DataFrame(frame[kept].reset_index(drop=True))


def replication_keys(inputs: Inputs, months: Sequence[str]) -> pd.DataFrame:
    """Return the key columns of ``replications.parquet``, the same in every replication."""
    areas = area_frame(inputs.districts).iloc[: len(inputs.districts)]
    frame = _frame(
        [
            ("month", months),
            ("area", areas.index),
            ("resource", inputs.resources.reported),
            ("measure", MONTHLY_MEASURES),
        ],
        areas,
        1,
    )
    units = [monthly_unit(r, m) for r in inputs.resources.reported for m in MONTHLY_MEASURES]
    frame["unit"] = units * (len(areas) * len(months))
    frame.insert(0, "basis", inputs.scenario.population.basis)
    frame.insert(0, "scenario", inputs.scenario.name)
    return frame
