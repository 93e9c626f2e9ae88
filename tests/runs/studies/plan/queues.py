"""Queues whose shares in time are known exactly, as what a plan's search asks."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy.linalg import expm

from params.axes import FloatArray, IntArray
from runs.studies.plan.aims import Aims, Margins
from runs.studies.plan.rule import margins

MANY = 10_000


def one_lever(n_district: int = 1, n_year: int = 1, there: float = 0.0) -> Aims:
    shape = (n_year, n_district, 1)
    many = np.full(shape, MANY)
    bounds = np.zeros(shape, int), many, np.zeros(1, bool), many[..., 0]
    return Aims(np.ones((1, 1), bool), np.full(shape, there), *bounds, np.ones(1))


@cache
def erlang_c_in_time(load: float, servers: int, days: float) -> float:
    """Share that waits no longer than some mean stays in M/M/c; 0 where the queue has no limit."""
    if servers <= load:
        return 0.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    delayed = blocked / (1 - load / servers * (1 - blocked))
    return float(1 - delayed * np.exp(-(servers - load) * days))


@cache
def impatient_in_time(load: float, servers: int, patience: float, days: float) -> float:
    """Share of M/M/c+M that is served within some mean stays: by the places ahead of who comes."""
    if servers == 0:
        return 0.0
    leaving = 1 / patience
    rates = [min(n, servers) + max(n - servers, 0) * leaving for n in range(1, servers + MANY_WAIT)]
    weight = np.cumprod([1.0, *(load / rate for rate in rates)])
    weight /= weight.sum()
    ahead = len(weight) - servers
    # State k: k stand ahead of me; state -1: served. Those ahead leave, I leave, a server gets free.
    steps = np.zeros((ahead + 1, ahead + 1))
    for k in range(ahead):
        out = servers + k * leaving
        steps[k, k - 1 if k else ahead] += out
        steps[k, k] -= out + leaving
    served = expm(steps * days)[:ahead, ahead]
    return float(weight[:servers].sum() + weight[servers:] @ served)


MANY_WAIT = 150


@cache
def overflowing(loads: tuple[float, float], servers: tuple[int, int]) -> tuple[float, float]:
    """Shares of two districts' requests placed at once, where each lends the other its free beds."""
    states = [(a, b) for a in range(servers[0] + 1) for b in range(servers[1] + 1)]
    at = {state: k for k, state in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for (a, b), k in at.items():
        for own in (0, 1):
            to = _where((a, b), servers, own)
            if to is not None:
                flow[k, at[to]] += loads[own]
        for to, rate in (((a - 1, b), a), ((a, b - 1), b)):
            if rate:
                flow[k, at[to]] += rate
    flow -= np.diag(flow.sum(axis=1))
    ends = np.vstack([flow.T, np.ones(len(states))])
    chance = np.linalg.lstsq(ends, np.array([*np.zeros(len(states)), 1.0]), rcond=None)[0]
    lost = float(chance[at[servers]])
    return (1 - lost, 1 - lost)


def _where(state: tuple[int, int], servers: tuple[int, int], own: int) -> tuple[int, int] | None:
    for d in (own, 1 - own):
        if state[d] < servers[d]:
            return (state[0] + (d == 0), state[1] + (d == 1))
    return None


def asked_exactly(share_of: object, target: float) -> Margins:
    """Ask a function of the units of one year's districts, shape (district,), without chance."""

    def ask(states: Sequence[IntArray]) -> list[FloatArray]:
        found = []
        for state in states:
            shares = np.stack([np.asarray(share_of(year[:, 0])) for year in state])  # type: ignore[operator]
            found.append(margins(shares[None, :, :, None], np.array([target]), 0.5))
        return found

    return ask
