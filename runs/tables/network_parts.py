"""Lay an own network out by class, by stage, at moments, and by places used."""

from datetime import datetime, time, timedelta
from typing import Final

import numpy as np
import pandas as pd

from params.axes import FloatArray
from runs.tables.confidence import spread_of, with_confidence
from runs.tables.network import UNITS, NetworkSample, areas_of
from runs.tables.stack import mean_of, middle, spread
from simulate.network.layout import Network
from simulate.network.moments import STATES, TOP, levels_of, moments_of
from simulate.network.requests import FIGURES

KEPT_UNIT: Final = "places"
CLASSES, STAGES, MOMENTS, USED = "classes", "stages", "states", "occupancy"


def parts_of(network: Network) -> tuple[str, ...]:
    """Return which of these tables a network has."""
    has_moments, has_levels = moments_of(network.plan).size > 0, levels_of(network).sum() > 0
    more = [(MOMENTS, has_moments), (USED, has_levels)]
    return (CLASSES, STAGES, *(name for name, there in more if there))


def network_classes(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``classes.csv``: the whole run of all districts by resource and class, long.

    Classes of which nobody asked, waited or stayed are left out.
    """
    mean, sd = mean_of(sample.by_class), spread_of(sample.by_class)
    seen = [FIGURES.index(figure) for figure in ("requests", "waiting", "occupied")]
    at = [
        (rank, k)
        for k in range(len(network.resources))
        for rank in range(mean.shape[0])
        if mean[rank, k, seen].any()
    ]
    keys = [(name, network.resources[k], rank + 1) for rank, k in at]
    frame = pd.DataFrame(keys, columns=["scenario", "resource", "priority"])
    ranks, resources = (np.array([pair[i] for pair in at], np.int64) for i in (0, 1))
    return _long(frame, mean[ranks, resources], sd[ranks, resources], len(sample))


def network_stages(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``stages.csv``: the whole run of all districts by stage, long."""
    keys = [
        {"scenario": name, "stage": stage.name, "resource": stage.resource}
        for stage in network.plan.stages
    ]
    mean, sd = mean_of(sample.by_stage), spread_of(sample.by_stage)
    return _long(pd.DataFrame(keys), mean, sd, len(sample))


def _long(keys: pd.DataFrame, mean: FloatArray, sd: FloatArray, n: int) -> pd.DataFrame:
    """Return one row a key and figure; `mean` and `sd` have shape (key, figure)."""
    frame = keys.loc[keys.index.repeat(len(FIGURES))].reset_index(drop=True)
    frame["measure"] = list(FIGURES) * len(keys)
    units = UNITS | {"kept": KEPT_UNIT}
    frame["unit"] = [units.get(measure, "persons") for measure in frame["measure"]]
    return with_confidence(frame, mean.ravel(), sd.ravel(), n).reset_index(drop=True)


def network_states(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``states.csv``: people by moment, district of residence, stage and state, long."""
    start = datetime.combine(network.start, time())
    keys = [
        (name, (start + timedelta(seconds=moment)).isoformat(" "), kind, area, stage.name, state)
        for moment in moments_of(network.plan).tolist()
        for kind, area, _ in areas_of(network)
        for stage in network.plan.stages
        for state in STATES
    ]
    columns = ["scenario", "moment", "area_type", "district", "stage", "measure"]
    frame = pd.DataFrame(keys, columns=columns)
    frame["unit"] = "persons"
    mean, low, high, error = (part.ravel() for part in spread(sample.states))
    frame["mean"], frame["p05"] = mean, low
    frame["p50"] = middle(sample.states).ravel()
    frame["p95"], frame["mc_error"] = high, error
    return frame


def network_occupancy(network: Network, name: str, sample: NetworkSample) -> pd.DataFrame:
    """Return ``occupancy.csv``: the share of time with so many places of a pool used."""
    levels = levels_of(network)
    keys = [
        (name, pool.district, pool.resource, pool.name, used, int(used == TOP))
        for pool, n in zip(network.plan.pools, levels.tolist(), strict=True)
        for used in range(n)
    ]
    columns = ["scenario", "district", "resource", "pool", "used", "or_more"]
    frame = pd.DataFrame(keys, columns=columns)
    mean, low, high, error = spread(sample.used)
    frame["share"], frame["share_p05"], frame["share_p95"] = mean, low, high
    frame["share_mc_error"] = error
    return pd.DataFrame(frame[mean > 0].reset_index(drop=True))
