"""Closed forms of queueing theory that tests compare with."""

import numpy as np


def birth_death(births: float, deaths: np.ndarray) -> np.ndarray:
    """Return the stationary shares of 0, 1, 2, ... people; `deaths[n]` is the rate out of n."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(births) - np.log(deaths[1:]))])
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def erlang_a(arrivals: float, service: float, leaving: float, servers: int) -> np.ndarray:
    """Return the shares of n people in an M/M/c queue in which those who wait leave too.

    Palm (1957). `leaving` = 0 is Erlang C, servers without bound Erlang's M/M/infinity.
    """
    n = np.arange(servers * 20 + 400)
    rates = np.minimum(n, servers) * service + np.maximum(n - servers, 0) * leaving
    return birth_death(arrivals, rates)


def erlang_c(load: float, servers: int) -> float:
    """Return the share that waits in M/M/c (Erlang 1917), by Erlang B's recursion."""
    b = 1.0
    for n in range(1, servers + 1):
        b = load * b / (n + load * b)
    return b / (1 - load / servers * (1 - b))
