"""Expected stocks and flows against closed forms, the forecast, and the event simulation.

The comparison with the event simulation uses a city with beds, places, staff, hours and assessors for
everybody: nobody meets anybody else there, so that every cell (month, district, level or resource) is
a sum over independent people and scales with the size of the city. A cell's difference is divided by its
standard error over replications. Its variance is the expected number times a dispersion that a
level or resource shares in all districts of a month (16 x 29 degrees of freedom; hardly more than a
Poisson number's 1), so that small cells are judged as safely as large ones.

Beyond 6 standard errors lies 1 normal deviate in 500 million: with 13,000 cells a false alarm in 40,000
runs. The sum of squares of all cells would be chi-square if cells were independent; those of neighbouring
months are nearly the same. With R their correlations it has mean tr R and variance 2 tr R^2, and
is compared with the multiple of a chi-square that has both (Satterthwaite 1946). tr R^2 is estimated
without bias from products of different replications. The interval leaves out 1 in 100,000 at each end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2, lognorm

from params.axes import ASSESSMENT, FAMILY_BED, GENERAL_BED, FloatArray
from simulate.measures import DEMAND, REQUESTS, WAITING_NOW, measure
from simulate.offered import Offered, offered_load
from simulate.offered_clock import arrivals, make_steps, news, renewals, results
from simulate.outcome import target_waits
from simulate.records import DAY
from simulate.replication import Setting, run_replication, staff_sizes
from simulate.warm import scaled
from tests.city import changed, small_city, whole_city

PLENTY = 10_000_000
SCALE = 1 / 20
REPLICATIONS = 30
SEED = 77
SERVICE = 2 * 3600.0
LARGEST = 6.0
TAIL = 1e-5


@dataclass(frozen=True)
class Cells:
    """What both models say of a city, shape (..., month or year, district, kind).

    Kinds: holders of the five levels, the six resources besides assessment, staff hours.
    """

    monthly: FloatArray
    yearly: FloatArray
    """Requests for an assessment: one kind."""


@cache
def unlimited(scale: float) -> Setting:
    """Return a city where everybody gets at once what he asks for."""
    city = scaled(whole_city(), scale)
    capacity = city.capacity
    return replace(
        city,
        capacity=replace(
            capacity,
            operating=np.full_like(capacity.operating, PLENTY),
            day_places=np.full_like(capacity.day_places, PLENTY),
            family_beds=np.full_like(capacity.family_beds, PLENTY),
            growth=np.full_like(capacity.growth, 1e4),
        ),
    )


def cells(beneficiaries: FloatArray, demand: FloatArray, staff: FloatArray) -> Cells:
    requests = demand[..., ASSESSMENT]
    return Cells(
        monthly=np.concatenate(
            [beneficiaries, demand[..., ASSESSMENT + 1 :], staff[..., None]], axis=-1
        ),
        yearly=requests.reshape(*requests.shape[:-2], -1, 12, requests.shape[-1]).sum(axis=-2)[
            ..., None
        ],
    )


def expected(offered: Offered) -> Cells:
    return cells(offered.beneficiaries, offered.demand, offered.staff)


def one_run(city: Setting, replication: int) -> Cells:
    run = run_replication(city, SEED, replication)
    targets, days = target_waits(city.inputs)
    n_month, n_district = city.calendar.n_reported_months, len(city.inputs.districts)
    m = measure(
        run.ledger,
        city.calendar.month_start,
        n_month,
        n_district,
        staff_sizes(city.inputs),
        targets,
        city.calendar.work,
        days,
    )
    assert m.monthly[:, :, ASSESSMENT + 1 :, WAITING_NOW].max() == 0.0
    demand = m.monthly[..., DEMAND].copy()
    demand[..., ASSESSMENT] = m.monthly[:, :, ASSESSMENT, REQUESTS]
    return cells(run.benefits_at[:n_month].astype(np.float64), demand, m.staff_demand)


@cache
def simulated(scale: float, replications: int) -> Cells:
    runs = [one_run(unlimited(scale), r) for r in range(replications)]
    return Cells(
        monthly=np.stack([r.monthly for r in runs]), yearly=np.stack([r.yearly for r in runs])
    )


@dataclass(frozen=True)
class Comparison:
    largest: float
    """Largest standardised difference."""
    squares: float
    """Mean square of the standardised differences."""
    interval: tuple[float, float]
    """Where the mean square should lie."""

    @property
    def agrees(self) -> bool:
        return self.largest < LARGEST and self.interval[0] < self.squares < self.interval[1]


def compare(runs: FloatArray, mean: FloatArray) -> dict[str, Comparison]:
    """Compare replications (replication, time, district, kind) with expected numbers."""
    n = len(runs)
    # A sum over replications is near enough to normal from some hundred people on.
    assert mean.min() * n > 100
    dispersion = runs.var(axis=0, ddof=1).sum(axis=1) / mean.sum(axis=1)
    city_runs, city_mean = runs.sum(axis=2, keepdims=True), mean.sum(axis=1, keepdims=True)
    return {
        "districts": standardised(runs, mean, dispersion),
        "city": standardised(city_runs, city_mean, dispersion),
    }


def standardised(runs: FloatArray, mean: FloatArray, dispersion: FloatArray) -> Comparison:
    """Divide differences by their standard errors; `dispersion` is (time, kind)."""
    n = len(runs)
    deviation = np.sqrt(dispersion[:, None] * mean)
    z = (runs.mean(axis=0) - mean) / deviation * np.sqrt(n)
    # Differences of two replications have mean 0, whatever the means are.
    apart = (runs[0 : n - 1 : 2] - runs[1:n:2]) / (deviation * np.sqrt(2))
    return Comparison(
        largest=float(np.abs(z).max()),
        squares=float((z**2).mean()),
        interval=mean_square_interval(apart.reshape(len(apart), -1)),
    )


def mean_square_interval(draws: FloatArray) -> tuple[float, float]:
    """Return where the mean square of correlated standardised cells should lie.

    Parameters
    ----------
    draws : ndarray, shape (draw, cell), independent, of mean 0 and variance 1.
    """
    n, n_cell = draws.shape
    products = (draws @ draws.T) ** 2
    squared = (products.sum() - np.trace(products)) / (n * (n - 1))
    freedom = n_cell**2 / squared
    low, high = chi2.ppf([TAIL, 1 - TAIL], freedom) / freedom
    return float(low), float(high)


def comparisons(runs: Cells, mean: Cells) -> dict[tuple[str, str], Comparison]:
    parts = {"months": (runs.monthly, mean.monthly), "years": (runs.yearly, mean.yearly)}
    return {
        (part, where): found
        for part, both in parts.items()
        for where, found in compare(*both).items()
    }


@cache
def offered() -> Offered:
    return offered_load(unlimited(SCALE))


@pytest.mark.twin
@pytest.mark.statistical
def test_where_nothing_is_scarce_the_event_simulation_has_the_expected_means() -> None:
    found = comparisons(simulated(SCALE, REPLICATIONS), expected(offered()))
    assert all(c.agrees for c in found.values()), found
