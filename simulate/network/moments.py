"""Tell the state of a network at moments, and the share of time with n places used."""

from datetime import timedelta
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from params.network.model import NetworkPlan, second_of
from params.network.when import days_observed
from simulate.engine.records import DAY
from simulate.engine.world import UNLIMITED
from simulate.network.layout import Network
from simulate.network.requests import Requests

STATES: Final = ("waiting", "in_place", "there")
"""People at a stage at a moment: who wait for a place, who are in one, and both. Who keeps a place of the stage
before while they wait counts as waiting here and in place there, and in both once each."""
TOP: Final = 1000
"""Places used from which on levels are told together."""
MOST_LEVELS: Final = 100_000
"""Levels of all pools up to which shares of time are told."""


def moments_of(plan: NetworkPlan) -> IntArray:
    """Return the moments at which the state is told, seconds from the start, each once and in order."""
    start = plan.first_day - timedelta(days=plan.warm_up_days)
    found = {
        (day - start).days * DAY + second_of(time)
        for observation in plan.observe
        for day in days_observed(plan, observation)
        for time in observation.at
    }
    return np.array(sorted(found), np.int64)


def states_at(requests: Requests) -> FloatArray:
    """Return people by (moment, district of residence and all of them, stage, `STATES`).

    After everything that happens in the second of a moment.
    """
    network = requests.network
    moments = moments_of(network.plan)
    n_district, n_stage = len(network.plan.districts), len(network.plan.stages)
    cell = requests.origin * n_stage + requests.stage
    stop = np.minimum(requests.start, requests.end)
    waiting = _present(n_district * n_stage, cell, requests.request, stop, moments)
    met = requests.pool >= 0
    inside = (t[met] for t in (cell, requests.start, requests.end))
    placed = _present(n_district * n_stage, *inside, moments)
    both = np.stack([waiting, placed, waiting + placed], axis=-1)
    shaped = both.reshape(moments.size, n_district, n_stage, len(STATES))
    return np.concatenate([shaped, shaped.sum(axis=1, keepdims=True)], axis=1).astype(np.float64)


def _present(n_cell: int, cell: IntArray, begin: IntArray, end: IntArray, at: IntArray) -> IntArray:
    """Return how many intervals [begin, end) hold each moment, shape (moment, cell)."""
    result = np.zeros((at.size + 1, n_cell), np.int64)
    for time, step in ((begin, 1), (end, -1)):
        np.add.at(result, (np.searchsorted(at, time), cell), step)
    return np.asarray(result.cumsum(axis=0)[:-1])


def levels_of(network: Network) -> IntArray:
    """Return how many levels of use each pool has, 0 included; none where they are too many to tell."""
    most = network.opening.copy()
    np.maximum.at(most, network.turns["pool"], network.turns["capacity"])
    levels = np.where(most >= UNLIMITED, TOP, np.minimum(most, TOP)) + 1
    return levels if levels.sum() <= MOST_LEVELS else np.zeros_like(levels)


def shares_used(requests: Requests) -> FloatArray:
    """Return the share of the reported time with n places of a pool used.

    Shape (sum of `levels_of`,): pool after pool; the last level of a pool holds more used than that, too.
    """
    network = requests.network
    levels = levels_of(network)
    if levels.sum() == 0:
        return np.zeros(0)
    low, high = network.release, network.end
    placed = (requests.pool >= 0) & (requests.inside(requests.start, requests.end) > 0)
    pool = requests.pool[placed]
    begin, end = (np.clip(t[placed], low, high) for t in (requests.start, requests.end))
    # One number orders pool and time; a step's direction does not matter inside a second.
    n = pool.size
    keys = np.concatenate([(pool << 33) | (begin << 1) | 1, (pool << 33) | (end << 1)])
    keys.sort()
    pools, time = keys >> 33, (keys >> 1) & ((1 << 32) - 1)
    # Everybody who comes goes again, so that every pool begins and ends at nobody.
    used = np.cumsum(np.where(keys & 1, 1, -1))
    first = np.append(True, pools[1:] != pools[:-1]) if n else np.zeros(0, bool)
    last = np.append(first[1:], True) if n else first
    length = np.diff(time, append=0)
    length[last] = 0
    offset = np.cumsum(levels) - levels
    at = offset[pools] + np.minimum(used, levels[pools] - 1)
    result = np.bincount(at, length, minlength=int(levels.sum())).astype(np.float64)
    # Before the first and after the last of a pool nobody is there.
    empty = np.full(levels.size, high - low, np.float64)
    empty[pools[first]] -= time[last] - time[first]
    result[offset] += empty
    return np.asarray(result / (high - low))
