"""Closed forms of queueing theory that tests compare with, and how they compare."""

from typing import Any

import numpy as np
from scipy import special, stats
from scipy.linalg import eigh_tridiagonal, expm


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
    b = erlang_b(load, servers)
    return b / (1 - load / servers * (1 - b))


def erlang_b(load: float, servers: int) -> float:
    """Return the share refused by a loss system of any law of stays (Erlang 1917)."""
    b = 1.0
    for n in range(1, servers + 1):
        b = load * b / (n + load * b)
    return b


def relaxation(birth: float, deaths: np.ndarray, room: int) -> float:
    """Return the longest time in which a birth and death process with 0..room people forgets.

    One over the gap of its generator, which a diagonal scaling makes symmetric (van Doorn 1985).
    """
    leaving = deaths[1 : room + 1]
    diagonal = np.append(np.full(room, birth), 0.0) + np.append(0.0, leaving)
    values = eigh_tridiagonal(-diagonal, np.sqrt(birth * leaving), eigvals_only=True)
    return float(-1 / values[-2])


def passage(rates_down: np.ndarray, rates_up: np.ndarray, gone: np.ndarray, times: Any) -> Any:
    """Return who has come down to nothing, and who is gone, by some times, each shape (time, start).

    People stand n = 0, 1, ... steps from the end (0 is the last step before it) and go a step down or up,
    or are gone, at rates by n; by the exponential of the generator with both ends absorbing.
    """
    n = rates_down.size
    generator = np.zeros((n + 2, n + 2))
    at = np.arange(n)
    generator[at[1:], at[:-1]] = rates_down[1:]
    generator[at[:-1], at[1:]] = rates_up[:-1]
    generator[0, n], generator[at, n + 1] = rates_down[0], gone
    generator[at, at] = -generator[at].sum(axis=1)
    by = np.array([expm(generator * t)[:n, n:] for t in times])
    return by[..., 0], by[..., 1]


def served_and_gone(
    arrivals: float, leaving: float, servers: int, times: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares served and gone by some times since they asked in M/M/c+M, mean stay 1.

    Who comes finds n others (Erlang A); while j stand before them, the line moves up at rate c + j theta.
    """
    shares = erlang_a(arrivals, 1.0, leaving, servers)
    n = int(np.flatnonzero(shares > 1e-12)[-1]) - servers + 1
    line = np.arange(n)
    served, gone = passage(servers + line * leaving, np.zeros(n), np.full(n, leaving), times)
    found = shares[servers : servers + n]
    return shares[:servers].sum() + served @ found, gone @ found


def waited_by_class(
    first: float, second: float, servers: int, times: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of two classes served by some times in M/M/c without pre-emption, mean stay 1.

    The first class waits for the places before its own only: an exponential time at rate c less its
    arrivals (Kella and Yechiali 1985). The second waits for all in line and for those of the first who
    come meanwhile.
    """
    rho, busy = (first + second) / servers, erlang_c(first + second, servers)
    times = np.asarray(times, float)
    n = int(np.ceil(np.log(1e-9) / np.log(rho))) + 200
    line = rho ** np.arange(n) * (1 - rho)
    served, _ = passage(np.full(n, float(servers)), np.full(n, first), np.zeros(n), times)
    return 1 - busy * np.exp(-(servers - first) * times), 1 - busy + busy * (served @ line)


# --- laws of durations ------------------------------------------------------------------------------


def law_mean(law: dict[str, Any]) -> float:
    """Return the mean of a law as a scenario has it, in its own unit."""
    kind = law["distribution"]
    if kind == "empirical":
        return float(np.mean(law["values"]))
    if kind == "hyperexponential":
        return float(np.dot(law["shares"], law["means"]))
    return float(law["mean"])


def frozen(law: dict[str, Any]) -> Any:
    """Return a lognormal, gamma, Weibull or exponential law as scipy has it."""
    mean, kind = law["mean"], law["distribution"]
    if kind == "exponential":
        return stats.expon(scale=mean)
    if kind == "gamma":
        return stats.gamma(law["cv"] ** -2, scale=mean * law["cv"] ** 2)
    if kind == "weibull":
        return stats.weibull_min(law["shape"], scale=mean / special.gamma(1 + 1 / law["shape"]))
    spread = np.log1p(law["cv"] ** 2)
    return stats.lognorm(np.sqrt(spread), scale=mean * np.exp(-spread / 2))


def law_cdf(law: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Return the chance that a duration is at most x."""
    if law["distribution"] == "hyperexponential":
        parts = zip(law["shares"], law["means"], strict=True)
        return np.asarray(sum(p * -np.expm1(-x / m) for p, m in parts))
    return np.asarray(frozen(law).cdf(x))


def limited_mean(law: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """Return the mean of the smaller of a duration and x: the integral of its survival to x."""
    kind = law["distribution"]
    if kind == "fixed":
        return np.minimum(law["mean"], x)
    if kind == "empirical":
        return np.minimum(np.asarray(law["values"])[:, None], x).mean(axis=0)
    if kind == "hyperexponential":
        parts = zip(law["shares"], law["means"], strict=True)
        return np.asarray(sum(p * m * -np.expm1(-x / m) for p, m in parts))
    above = x * frozen(law).sf(x)
    mean = law["mean"]
    if kind == "exponential":
        return np.asarray(mean * -np.expm1(-x / mean))
    if kind == "gamma":
        shape = law["cv"] ** -2
        return np.asarray(mean * special.gammainc(shape + 1, x * shape / mean) + above)
    if kind == "weibull":
        shape = law["shape"]
        scale = mean / special.gamma(1 + 1 / shape)
        return np.asarray(mean * special.gammainc(1 + 1 / shape, (x / scale) ** shape) + above)
    spread = np.log1p(law["cv"] ** 2)
    with np.errstate(divide="ignore"):
        # In proportion to length a lognormal is one with its logarithm moved by the variance.
        z = (np.log(x) - np.log(mean) - spread / 2) / np.sqrt(spread)
    return np.asarray(mean * special.ndtr(z) + above)


# --- random results against what is expected ---------------------------------------------------------

FALSE_ALARM = 1 / 200_000
"""Share of sound programs that a check on a random result rejects; both sides together."""


def assert_mean_of(
    samples: np.ndarray, expected: float, width: float, controls: np.ndarray | None = None
) -> None:
    """Check a mean against the t interval of independent samples, at most `width` wide each way.

    `controls`, shape (control, sample), are deviations from known means: what samples owe to them
    is taken off by regression (control variates; Lavenberg and Welch 1981).
    """
    known = np.zeros((0, samples.size)) if controls is None else controls
    columns = np.vstack([np.ones(samples.size), known]).T
    free = samples.size - columns.shape[1]
    fitted = np.linalg.lstsq(columns, samples, rcond=None)[0]
    residual = samples - columns @ fitted
    spread = np.linalg.inv(columns.T @ columns)[0, 0]
    half = stats.t.ppf(1 - FALSE_ALARM / 2, free) * np.sqrt(residual @ residual / free * spread)
    seen = f"{fitted[0]:.6g} +- {half:.2g} of {samples.size}, expected {expected:.6g}"
    assert abs(fitted[0] - expected) < half, seen
    # An interval so wide that it says nothing is no test.
    assert half < width * abs(expected), seen


def assert_count(count: int, law: Any, width: float) -> None:
    """Check a number against the quantiles of its exact law; they may be `width` apart each way."""
    low, high = law.ppf(FALSE_ALARM / 2), law.ppf(1 - FALSE_ALARM / 2)
    seen = f"{count} outside [{low}, {high}]"
    assert low <= count <= high, seen
    assert high - low < 2 * width * law.mean() + 2, seen
