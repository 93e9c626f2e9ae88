"""Tell the state of a network at moments, and the share of time with n places used."""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.network.model import NetworkPlan, second_of
from params.network.when import days_observed
from simulate.engine.records import DAY
from simulate.engine.world import UNLIMITED
from simulate.network.layout import Network
from simulate.network.visits import pool_of, stage_of

STATES: Final = ("waiting", "in_place", "there")
"""People at a stage at a moment: who wait for a place, who are in one, and both. Who keeps a place of the
stage before while they wait counts as waiting here and in place there, and in both once each."""
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


def states_at(ledger: NDArray[np.void], network: Network) -> FloatArray:
    """Return people by (moment, district of residence and all of them, stage, `STATES`).

    After everything that happens in the second of a moment.
    """
    moments = moments_of(network.plan)
    n_district, n_stage = len(network.plan.districts), len(network.plan.stages)
    if moments.size == 0:
        return np.zeros((0, n_district + 1, n_stage, len(STATES)))
    n_cell = n_district * n_stage
    cell = ledger["origin"].astype(np.int64) * n_stage + stage_of(ledger)
    request, start, end = (ledger[name].astype(np.int64) for name in ("request", "start", "end"))
    met = pool_of(ledger) >= 0
    waiting = _present(n_cell, cell, request, np.minimum(start, end), moments)
    placed = _present(n_cell, cell[met], start[met], end[met], moments)
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
