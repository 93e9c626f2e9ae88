"""The laws of durations, drawn through the event loop: whole stays, and what is left of those under way.

Sixty thousand people enter a pool without limit at once; the ledger keeps the stay that each drew. Drawn
days are rounded to a second, 1e-5 of the shortest mean here. One false alarm in 200,000 a check.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulate.engine.records import DAY
from simulate.network.run import run_network
from tests.networks import EXPONENTIAL, law, network
from tests.reference import reference_rows
from tests.theory import (
    FALSE_ALARM,
    assert_count,
    assert_mean_of,
    frozen,
    law_cdf,
    law_mean,
    limited_mean,
)

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
N = 60_000
LAWS = {
    "exponential": law(EXPONENTIAL, mean=20.0),
    "lognormal": law("lognormal", mean=20.0, cv=1.2),
    "gamma": law("gamma", mean=20.0, cv=0.6),
    "gamma below one": law("gamma", mean=20.0, cv=1.7),
    "weibull": law("weibull", mean=20.0, shape=0.8),
    "weibull steep": law("weibull", mean=20.0, shape=2.5),
    "hyperexponential": law("hyperexponential", shares=(0.2, 0.5, 0.3), means=(60.0, 10.0, 2.0)),
}
VALUES = (1.0, 2.0, 2.0, 5.0, 30.0)
BATCHES = 100


def drawn(stay: dict[str, Any], remaining: bool) -> np.ndarray:
    """Return the stays, days, of sixty thousand people who are there at the start."""
    return _drawn(tuple(stay.items()), remaining)


@cache
def _drawn(stay: tuple[tuple[str, Any], ...], remaining: bool) -> np.ndarray:
    own = network(
        days=1,
        districts=["A"],
        pools=[{"name": "beds", "resource": "bed", "district": "A", "capacity": "unlimited"}],
        stages=[{"name": "stay", "resource": "bed", "stay": dict(stay)}],
        present=[
            {
                "stage": "stay",
                "district": "A",
                "count": N,
                "stay": "remaining" if remaining else "new",
            }
        ],
    )
    rows = run_network(own, 8, 0).ledger
    assert rows.size == N
    # They asked before the run began, and stay from its first second on.
    return (rows.want_end.astype(float) - np.maximum(rows.request, 0)) / DAY


def assert_law(seen: np.ndarray, cdf: Any, mean: float) -> None:
    """Compare with a whole distribution (Kolmogorov) and with its mean, by batches."""
    assert stats.kstest(seen, cdf).pvalue > FALSE_ALARM
    assert_mean_of(seen.reshape(BATCHES, -1).mean(axis=1), mean, 0.06)


@pytest.mark.parametrize("stay", LAWS.values(), ids=LAWS)
def test_stays_follow_their_law(stay: dict[str, Any]) -> None:
    assert_law(drawn(stay, False), lambda x: law_cdf(stay, x), law_mean(stay))


@pytest.mark.parametrize(
    "stay",
    [*LAWS.values(), law("fixed", mean=20.0), law("empirical", values=VALUES)],
    ids=[*LAWS, "fixed", "empirical"],
)
def test_what_is_left_of_a_stay_follows_the_law_of_residuals(stay: dict[str, Any]) -> None:
    # Renewal theory: its density is the share of stays that last longer, over the mean stay.
    mean = law_mean(stay)
    left = np.linspace(0, 60, 600_001) * mean
    # Mean of what is left: the integral of its survival, half a second moment over the mean.
    expected = np.trapezoid(1 - limited_mean(stay, left) / mean, left)
    assert_law(drawn(stay, True), lambda x: limited_mean(stay, x) / mean, float(expected))


def test_fixed_and_observed_stays_are_what_they_say() -> None:
    assert (drawn(law("fixed", mean=20.0), False) == 20.0).all()
    seen = drawn(law("empirical", values=VALUES), False)
    for value in set(VALUES):
        share = VALUES.count(value) / len(VALUES)
        assert_count(int((seen == value).sum()), stats.binom(N, share), 0.06)
    assert set(seen) == set(VALUES)


def table_rows() -> list[tuple[str, float, float]]:
    """Return law and parameters of the rows of `durations.csv` that the engine has."""
    spreads = [np.sqrt(np.log1p(cv**2)) for cv in (0.5, 1.5, 1.0, 2.0)]
    means = [1.0, 60.0, 730.0, 900.0]
    found = [
        ("lognormal", float(np.log(m) - s**2 / 2), float(s))
        for m, s in zip(means, spreads, strict=True)
    ]
    return [*found, ("weibull", 0.8, 500.0), ("weibull", 1.5, 700.0), ("weibull", 2.0, 1.0)]


@pytest.mark.parametrize(("kind", "first", "second"), table_rows())
def test_stays_agree_with_the_table_of_durations(kind: str, first: float, second: float) -> None:
    rows = reference_rows("queueing/durations.csv", p1=first, p2=second)
    (row,) = (r for r in rows if r["distribution"] == kind)
    mean, variance = float(row["mean"]), float(row["variance"])
    shape = {"shape": first} if kind == "weibull" else {"cv": np.sqrt(variance) / mean}
    # A law of scale: stays of twenty days on average, so that none ends after the clock does.
    stay = law(kind, mean=20.0, **shape)
    seen = drawn(stay, False) * mean / 20.0
    for share in (0.05, 0.5, 0.95, 0.99):
        below = int((seen < float(row[f"q{round(100 * share):02}"])).sum())
        assert_count(below, stats.binom(N, share), 0.1)
    excess = float(frozen(stay).stats("k"))
    if excess < 30:
        # Beyond, sixty thousand stays say too little about a variance.
        squares = ((seen - mean) ** 2).reshape(BATCHES, -1).mean(axis=1)
        assert_mean_of(squares, variance, 0.15)
