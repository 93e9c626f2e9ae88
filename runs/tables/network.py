"""Lay replications of an own network out as tables: the contract's, and one of the whole run.

Stocks (demand, occupied, waiting, capacity) are means over the year's reported days, unlike the city's
December means: an own network has no plan dates. Flows are sums. The total is the sum of the districts;
shares and quantiles come from its own counts.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from params.axes import CITY, FloatArray
from runs.tables.city import overload_flags
from runs.tables.confidence import spread_of, with_confidence
from runs.tables.stack import Stack, mean_of, middle, spread, stacked
from runs.tables.yearly import COLUMNS, GAPS
from simulate.engine.records import DAY
from simulate.measure.waits import END_PLACED
from simulate.network.layout import Network
from simulate.network.outcome import FLOWS, MEASURES, NetworkOutcome

EXTRA: Final = ("refused", "wait_mean_days", "share_at_once")
"""Columns that only own networks have, after the contract's."""
FIGURES: Final = (*COLUMNS, *EXTRA)
SUMMARISED: Final = (
    "demand",
    "usable",
    "load",
    "occupied",
    "occupancy_rate",
    "waiting",
    "requests",
    "placed",
    "share_at_once",
    "share_in_time",
    "wait_mean_days",
    "wait_median_days",
    "wait_p90_days",
    "in_line_median_days",
    "died_waiting",
    "withdrew_waiting",
    "refused",
    "unmet",
)
UNITS: Final = {
    "load": "share",
    "occupancy_rate": "share",
    "share_at_once": "share",
    "share_in_time": "share",
    "wait_mean_days": "days",
    "wait_median_days": "days",
    "wait_p90_days": "days",
    "in_line_median_days": "days",
    "unmet": "person-days",
    "requests": "cases",
    "placed": "cases",
    "demand": "places",
    "usable": "places",
    "occupied": "places",
    "capacity": "places",
}
"""Units by measure; the others count persons."""


@dataclass(frozen=True)
class NetworkSample:
    """What all replications say of a network.

    Attributes
    ----------
    values : (year and the whole run, area, resource, `FIGURES`).
    monthly : (month, district and all of them, resource, measure).
    flows : (year, origin, destination, resource, 2), placed, people there in the last month.
    by_class, by_stage, states, used : see `simulate.network.outcome.NetworkOutcome`.
    facts : (fact), see `simulate.network.outcome.FACTS`.
    """

    values: Stack
    monthly: Stack
    flows: Stack
    by_class: Stack
    by_stage: Stack
    states: Stack
    used: Stack
    facts: Stack

    def __len__(self) -> int:
        return len(self.facts)


def network_sample(
    network: Network, outcomes: Iterable[NetworkOutcome], scratch: Path | None = None
) -> NetworkSample:
    """Read every replication once.

    Parameters
    ----------
    scratch : folder for what does not stay in memory.
    """
    rows = (
        {
            "values": network_values(network, outcome),
            "monthly": _with_total(outcome.monthly),
            "flows": outcome.flows,
            "by_class": outcome.by_class,
            "by_stage": outcome.by_stage,
            "states": outcome.states,
            "used": outcome.used,
            "facts": outcome.facts,
        }
        for outcome in outcomes
    )
    return NetworkSample(**stacked(rows, scratch))


def _with_total(monthly: FloatArray) -> FloatArray:
    """Put all districts together behind the districts."""
    return np.concatenate([monthly, monthly.sum(axis=1, keepdims=True)], axis=1)


def areas_of(network: Network) -> list[tuple[str, str, list[int]]]:
    """Return type, name and districts of each area: the districts, then all of them."""
    names = network.plan.districts
    single = [("district", name, [k]) for k, name in enumerate(names)]
    return [*single, ("city", CITY, list(range(len(names))))]


def network_values(network: Network, outcome: NetworkOutcome) -> FloatArray:
    """Return the figures of one replication, shape (year + 1, area, resource, `FIGURES`).

    The last position of the first axis is the whole run.
    """
    spans = [network.year_of_month == y for y in range(len(network.years))]
    spans.append(np.ones_like(spans[0]))
    areas = areas_of(network)
    result = np.full((len(spans), len(areas), len(network.resources), len(FIGURES)), np.nan)
    for s, months in enumerate(spans):
        years = slice(None) if s == len(network.years) else slice(s, s + 1)
        for a, (_, _, members) in enumerate(areas):
            result[s, a] = _figures(network, outcome, months, years, members)
            for k, name in enumerate(("wait_median_days", "wait_p90_days")):
                result[s, a, :, FIGURES.index(name)] = outcome.times_placed[s, a, :, k]
            if s < len(network.years):
                usable = result[s, a, :, FIGURES.index("usable")]
                result[s, a, :, FIGURES.index("service_gap")] = outcome.needed[s, a] - usable
            # Of those in line at the end of the last of these years.
            last = min(s, len(network.years) - 1)
            in_line = outcome.in_line_median[last, a]
            result[s, a, :, FIGURES.index("in_line_median_days")] = in_line
    _short_and_surplus(result)
    return result


def _figures(
    network: Network,
    outcome: NetworkOutcome,
    months: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    years: slice,
    members: list[int],
) -> FloatArray:
    """Return the figures of an area over some months, shape (resource, `FIGURES`)."""
    days = np.diff(network.month_start)[months] / DAY
    part = outcome.monthly[months][:, members].sum(axis=1)
    total, mean = part.sum(axis=0), np.tensordot(days / days.sum(), part, 1)
    at = {name: (total if name in FLOWS else mean)[:, k] for k, name in enumerate(MEASURES)}
    at["approved"] = at["operating"] = at["usable"] = at.pop("capacity")
    in_time = outcome.in_time[years][:, members].sum(axis=(0, 1))
    waits = outcome.waits[years][:, members].sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        at["occupancy_rate"] = np.where(at["usable"] > 0, at["occupied"] / at["usable"], np.nan)
        at["load"] = np.where(at["usable"] > 0, at["demand"] / at["usable"], np.nan)
        share = np.where(in_time[:, 1] > 0, in_time[:, 0] / in_time[:, 1], np.nan)
        at_once = waits[:, END_PLACED, 0]
        at["share_at_once"] = np.where(at["requests"] > 0, at_once / at["requests"], np.nan)
        placed = waits[:, END_PLACED].sum(axis=1)
        waited = outcome.wait_days[years][:, members].sum(axis=(0, 1))
        at["wait_mean_days"] = np.where(placed > 0, waited / placed, np.nan)
    has_target = np.array([name in network.plan.target_days for name in network.resources])
    at["share_in_time"] = np.where(has_target, share, np.nan)
    at["demand_gap"] = at["demand"] - at["usable"]
    at["net_gap"] = at["demand_gap"] + _came(outcome, years, members)
    blank = np.full(len(network.resources), np.nan)
    return np.stack([at.get(name, blank) for name in FIGURES], axis=-1)


def _came(outcome: NetworkOutcome, years: slice, members: list[int]) -> FloatArray:
    """Return residents from elsewhere less own residents elsewhere, mean of the last months."""
    there = outcome.flows[years][..., 1].mean(axis=0)
    return np.asarray(
        there[:, members].sum(axis=(0, 1)) - there[members].sum(axis=(0, 1)), np.float64
    )


def _short_and_surplus(values: FloatArray) -> None:
    """Keep shortages and surpluses of districts apart in the total's rows."""
    gap = values[:, :-1, :, FIGURES.index("demand_gap")]
    values[:, -1, :, FIGURES.index("short_sum")] = np.maximum(gap, 0).sum(axis=1)
    values[:, -1, :, FIGURES.index("surplus_sum")] = np.maximum(-gap, 0).sum(axis=1)


def _keys(network: Network, name: str, first: str, labels: Sequence[object]) -> pd.DataFrame:
    """Return key columns of rows over labels, areas and resources, in that order."""
    rows = [
        (name, "", kind, area, "", label, resource)
        for label in labels
        for kind, area, _ in areas_of(network)
        for resource in network.resources
    ]
    columns = ["scenario", "basis", "area_type", "district", "code", first, "resource"]
    return pd.DataFrame(rows, columns=columns)


def network_shortfall(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``shortfall.csv``: one row a year, area and resource."""
    frame = _keys(network, name, "year", network.years)
    frame["unit"] = "places"
    mean, low, high, error = (part[:-1].reshape(-1, len(FIGURES)) for part in spread(sample.values))
    columns = {column: mean[:, c] for c, column in enumerate(COLUMNS)}
    for c, column in enumerate(COLUMNS):
        columns[f"{column}_p05"], columns[f"{column}_p95"] = low[:, c], high[:, c]
        if column in GAPS:
            columns[f"{column}_mc_error"] = error[:, c]
    for c, column in enumerate(COLUMNS):
        if column not in GAPS:
            columns[f"{column}_mc_error"] = error[:, c]
    for c, column in enumerate(EXTRA, len(COLUMNS)):
        columns[column] = mean[:, c]
        columns[f"{column}_p05"], columns[f"{column}_p95"] = low[:, c], high[:, c]
        columns[f"{column}_mc_error"] = error[:, c]
    table = pd.concat([frame, pd.DataFrame(columns)], axis=1)
    single = table["area_type"] == "district"
    heavy = table[single & (table["load"] >= 1)]
    busy = set(zip(heavy["year"], heavy["resource"], strict=True))
    inside = [
        kind == "city" and (year, resource) in busy
        for kind, year, resource in zip(
            table["area_type"], table["year"], table["resource"], strict=True
        )
    ]
    flags = _flags(table, len(sample), inside, network.plan.target_days)
    table.insert(list(table.columns).index("surplus_sum") + 1, "flag", flags)
    order = ["area_type", "district", "year", "resource"]
    rank = {key: {v: k for k, v in enumerate(table[key].unique())} for key in order}
    return table.sort_values(order, key=lambda s: s.map(rank[str(s.name)]), ignore_index=True)


def _flags(
    table: pd.DataFrame, n: int, inside: Sequence[bool], targets: Container[str]
) -> list[str]:
    """Say what a reader must know about a row."""
    flags = []
    columns = ["load", "load_p95", "usable", "requests", "placed", "share_in_time"]
    cells = table[columns].to_numpy(np.float64)
    judged = [resource in targets for resource in table["resource"]]
    for (load, high, usable, requests, placed, share), within, target in zip(
        cells, inside, judged, strict=True
    ):
        said = [
            *overload_flags(load, high, within),
            "no_capacity" if usable == 0 else "",
            "no_limit" if np.isnan(usable) else "",
            "no_requests" if requests == 0 else ("no_placements" if placed == 0 else ""),
            "not_followed" if target and requests > 0 and np.isnan(share) else "",
            "single_replication" if n == 1 else "",
        ]
        flags.append(";".join(word for word in said if word))
    return flags


def network_summary(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``summary.csv``: every figure of the whole run with its 95 % confidence interval."""
    whole, spreads = mean_of(sample.values)[-1], spread_of(sample.values)[-1]
    parts = []
    for measure in SUMMARISED:
        mean, sd = (v[..., FIGURES.index(measure)].ravel() for v in (whole, spreads))
        frame = _keys(network, name, "measure", [measure]).drop(columns=["basis", "code"])
        frame["unit"] = UNITS.get(measure, "persons")
        parts.append(with_confidence(frame, mean, sd, len(sample)))
    table = pd.concat(parts, ignore_index=True)
    front = ["scenario", "area_type", "district", "resource", "measure", "unit"]
    return pd.DataFrame(table[[*front, *(c for c in table.columns if c not in front)]])


def network_monthly(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``monthly.csv``, long: month, area, resource, measure."""
    frame = _monthly_keys(network, name)
    mean, low, high, error = (part.ravel() for part in spread(sample.monthly))
    frame["mean"], frame["p05"] = mean, low
    frame["p50"] = middle(sample.monthly).ravel()
    frame["p95"], frame["mc_error"] = high, error
    kept = frame[np.isfinite(frame["mean"])].reset_index(drop=True)
    return pd.DataFrame(kept)


def _monthly_keys(network: Network, name: str) -> pd.DataFrame:
    """Return key columns of rows over months, areas, resources and measures, in that order."""
    frame = _keys(network, name, "month", network.months)
    n_row = len(frame)
    frame = frame.loc[frame.index.repeat(len(MEASURES))].reset_index(drop=True)
    frame["measure"] = ["usable" if m == "capacity" else m for m in MEASURES] * n_row
    frame["unit"] = [UNITS.get(m, "persons") for m in frame["measure"]]
    return frame


def network_flows(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``flows.csv``: placements of the year and people there in its last month."""
    mean, _, _, error = spread(sample.flows)
    names = network.plan.districts
    rows = [
        (
            name,
            names[o],
            names[d],
            network.years[y],
            resource,
            *mean[y, o, d, k],
            *error[y, o, d, k],
        )
        for y in range(mean.shape[0])
        for o in range(len(names))
        for d in range(len(names))
        for k, resource in enumerate(network.resources)
        if mean[y, o, d, k].any()
    ]
    columns = ["scenario", "origin", "destination", "year", "resource", "placed", "residents"]
    return pd.DataFrame(rows, columns=[*columns, "placed_mc_error", "residents_mc_error"])


def network_replication_keys(network: Network, name: str) -> pd.DataFrame:
    """Return the key columns of ``replications.parquet``, the same in every replication."""
    keys = _monthly_keys(network, name)
    return keys[keys["area_type"] == "district"].reset_index(drop=True)
