"""Own networks against queueing theory: tables computed elsewhere, and closed forms.

A network of forty pools in districts of their own gives forty independent samples. The unit of time is a
day, a mean stay: times in whole seconds are off by half a second at most, 6e-6 of a stay, and two events
fall into one second, where their order is the model's, once in 86,400 / (2 c) events: both are a
hundredth of the narrowest interval here or less. Reported is from a warm-up of twelve relaxation times
on (6e-6 of the empty start is left); every bound is a t interval with one false alarm in 200,000.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from params.network.load import load_network
from simulate.engine.log import ENDED, PLACED, REQUESTED
from simulate.engine.records import DAY, DIED, DONE, NEVER, REFUSED
from simulate.measure.measures import OCCUPIED, WAITING_NOW
from simulate.network.layout import Network, lay_out
from simulate.network.run import measure_network, run_network
from tests.networks import EXPONENTIAL, law, network, random_network, separate_pools
from tests.reference import reference_rows
from tests.theory import (
    FALSE_ALARM,
    assert_count,
    assert_mean_of,
    erlang_a,
    erlang_b,
    erlang_c,
    law_mean,
    limited_mean,
    relaxation,
)

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
SEED = 41
POOLS = 40
ARRIVALS = 300_000
FORGOTTEN = 12.0
UNIT = law(EXPONENTIAL, mean=1.0)
UNBOUNDED = 3000


@dataclass(frozen=True)
class Sample:
    """Requests of the reported time in separate pools, without the last that may still wait."""

    network: Network
    rows: Any
    pools: np.ndarray
    """Pool of every row; those of later replications are counted on."""
    waiting: np.ndarray
    """Mean number waiting by pool, as measured."""
    occupied: np.ndarray
    longest_wait: float

    def mean(self, values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Return the mean of a value of every request by pool."""
        chosen = np.ones(values.size, bool) if among is None else among
        pools, n = self.pools[chosen], self.waiting.size
        return np.bincount(pools, values[chosen], n) / np.bincount(pools, minlength=n)

    @property
    def controls(self) -> np.ndarray:
        """Return how arrivals and their mean stay, both of known mean, turned out by pool."""
        rows, plan = self.rows, self.network.plan
        days = (self.network.end - self.network.release) / DAY - self.longest_wait
        rate = sum(a.per_day for a in plan.arrivals) / POOLS
        came = np.bincount(self.pools, minlength=self.waiting.size) / (rate * days) - 1
        law = plan.stages[0].stay
        if law.distribution == "fixed":
            return came[None]
        wanted = self.mean((rows.want_end.astype(float) - rows.request) / DAY)
        return np.stack([came, wanted / law_mean(law.model_dump()) - 1])

    def agrees(self, samples: np.ndarray, expected: float, width: float) -> None:
        assert_mean_of(samples, expected, width, self.controls)

    @property
    def waits(self) -> np.ndarray:
        """Waits in days, whatever ended them."""
        rows = self.rows
        return (np.minimum(rows.start, rows.end) - rows.request) / DAY


def sample(
    rates: list[float],
    stay: dict[str, Any],
    places: int,
    forget: float,
    longest_wait: float = 0.0,
    replications: int = 1,
    **more: Any,
) -> Sample:
    """Run forty pools for 300,000 arrivals each time; `forget` is the relaxation time, days."""
    days = int(ARRIVALS / POOLS / sum(rates) + longest_wait) + 1
    warm = int(FORGOTTEN * forget) + 1
    network = separate_pools(POOLS, rates, stay, places, days, warm_up_days=warm, **more)
    runs = [_reported(network, r, longest_wait) for r in range(replications)]
    rows, measured = zip(*runs, strict=True)
    pools = [part.origin.astype(int) + POOLS * r for r, part in enumerate(rows)]
    waiting, occupied = np.concatenate(measured, axis=1)
    all_rows = np.concatenate(rows).view(np.recarray)
    return Sample(network, all_rows, np.concatenate(pools), waiting, occupied, longest_wait)


def _reported(network: Network, replication: int, longest_wait: float) -> tuple[Any, np.ndarray]:
    """Return the requests whose answer is known, and mean numbers waiting and staying by pool."""
    run = run_network(network, SEED, replication)
    rows = run.ledger
    seen = (rows.request >= network.release) & (rows.request < network.end - longest_wait * DAY)
    rows = rows[seen]
    assert (np.minimum(rows.start, rows.end) < NEVER).all()
    monthly = measure_network(network, run).monthly[:, :, 0]
    parts = np.diff(network.month_start) / (network.end - network.release)
    means = np.tensordot(parts, monthly, axes=1)
    return rows, means[:, [WAITING_NOW, OCCUPIED]].T


def busy_rates(servers: int, leaving: float = 0.0) -> np.ndarray:
    n = np.arange(UNBOUNDED)
    return np.minimum(n, servers) + np.maximum(n - servers, 0) * leaving


@cache
def waiting_system(servers: int, load: float, replications: int) -> Sample:
    """Run M/M/c without limit. Its relaxation time: van Doorn (1985)."""
    forget = max(1.0, (np.sqrt(servers) - np.sqrt(load)) ** -2)
    return sample([load], UNIT, servers, forget, 40 / (servers - load), replications)


# --- loss systems ------------------------------------------------------------------------------------


def assert_refused(
    servers: int, load: float, stay: dict[str, Any], forget: float, expected: float
) -> None:
    seen = sample([load], stay, servers, forget, waiting_room=0)
    assert (seen.waits == 0).all()
    seen.agrees(seen.mean(seen.rows.outcome == REFUSED), expected, 0.07)


@pytest.mark.parametrize(
    ("servers", "ratio"), [(1, 0.5), (2, 1.2), (5, 0.8), (20, 0.8), (20, 1.2), (50, 1.0)]
)
def test_the_share_refused_agrees_with_erlang_b(servers: int, ratio: float) -> None:
    (row,) = reference_rows("queueing/erlang_b.csv", c=servers, a_over_c=ratio)
    expected = float(row["blocking"])
    assert expected == pytest.approx(erlang_b(servers * ratio, servers), rel=1e-12)
    forget = relaxation(servers * ratio, busy_rates(servers), servers)
    assert_refused(servers, servers * ratio, UNIT, forget, expected)


ANY_STAY = {
    "fixed": law("fixed", mean=1.0),
    "lognormal": law("lognormal", mean=1.0, cv=1.5),
    "gamma": law("gamma", mean=1.0, cv=0.7),
    "weibull": law("weibull", mean=1.0, shape=0.7),
    "hyperexponential": law("hyperexponential", shares=(0.2, 0.8), means=(3.0, 0.5)),
    "empirical": law("empirical", values=(0.1, 0.2, 0.2, 0.5, 4.0)),
}


@pytest.mark.parametrize("stay", ANY_STAY.values(), ids=ANY_STAY)
def test_the_share_refused_depends_on_the_mean_stay_only(stay: dict[str, Any]) -> None:
    # Sevastyanov (1957). All stays here are over within 30 means, but for one in 10,000.
    assert law_mean(stay) == pytest.approx(1.0)
    (row,) = reference_rows("queueing/erlang_b.csv", c=10, a_over_c=0.9)
    assert_refused(10, 9.0, stay, 3.0, float(row["blocking"]))


@pytest.mark.parametrize(("servers", "most", "rho"), [(1, 5, 0.9), (5, 15, 1.2), (50, 60, 1.0)])
def test_a_bounded_waiting_room_agrees_with_m_m_c_k(servers: int, most: int, rho: float) -> None:
    (row,) = reference_rows("queueing/mmck.csv", c=servers, K=most, rho=rho)
    load = servers * rho
    forget = relaxation(load, busy_rates(servers), most)
    seen = sample([load], UNIT, servers, forget, 40.0, waiting_room=most - servers)
    turned_away = seen.rows.outcome == REFUSED
    seen.agrees(seen.mean(turned_away), float(row["blocking"]), 0.1)
    waits = seen.mean(seen.waits, ~turned_away)
    seen.agrees(waits, float(row["Wq_accepted"]), 0.06)
    seen.agrees(seen.waiting, float(row["Lq"]), 0.06)
    seen.agrees(seen.occupied, servers * float(row["utilisation"]), 0.02)


# --- waiting for ever ---------------------------------------------------------------------------------


LONG = pytest.mark.slow
WAITING = [
    (1, 0.7, 2),
    (5, 0.8, 2),
    (20, 0.8, 4),
    pytest.param(20, 0.9, 16, marks=LONG),
    pytest.param(50, 0.9, 16, marks=LONG),
]


@pytest.mark.parametrize(("servers", "rho", "replications"), WAITING)
def test_waits_agree_with_erlang_c(servers: int, rho: float, replications: int) -> None:
    (row,) = reference_rows("queueing/erlang_c.csv", c=servers, rho=rho)
    seen = waiting_system(servers, servers * rho, replications)
    expected = float(row["prob_wait"])
    assert expected == pytest.approx(erlang_c(servers * rho, servers), rel=1e-12)
    seen.agrees(seen.mean(seen.waits > 0), expected, 0.07)
    seen.agrees(seen.mean(seen.waits), float(row["Wq"]), 0.12)
    seen.agrees(seen.waiting, float(row["Lq"]), 0.12)
    seen.agrees(seen.occupied, servers * rho, 0.01)


@pytest.mark.parametrize(("servers", "rho", "replications"), WAITING)
def test_first_come_is_first_served(servers: int, rho: float, replications: int) -> None:
    # Any order gives the same mean wait, but no other such short tails.
    (row,) = reference_rows("queueing/erlang_c.csv", c=servers, rho=rho)
    seen = waiting_system(servers, servers * rho, replications)
    seen.agrees(seen.mean(seen.waits > 0.1), float(row["P(Wq>0.1)"]), 0.07)
    mean = float(row["Wq"])
    seen.agrees(seen.mean((seen.waits - mean) ** 2), float(row["var_Wq"]), 0.3)


@pytest.mark.parametrize(
    ("servers", "replications"),
    [(5, 3), pytest.param(20, 16, marks=LONG), pytest.param(50, 16, marks=LONG)],
)
def test_waits_by_class_agree_with_cobham(servers: int, replications: int) -> None:
    rows = reference_rows("queueing/priority_mmc.csv", c=servers)
    rates = [float(row["lambda_k"]) for row in rows]
    load = sum(rates)
    # The number of people is that of M/M/c; the last class waits for whole busy periods of the others.
    forget = (np.sqrt(servers) - np.sqrt(load)) ** -2
    wait = 40 * servers / ((servers - load) * (servers - load + rates[-1]))
    seen = sample(rates, UNIT, servers, forget, wait, replications)
    for k, row in enumerate(rows):
        waits = seen.mean(seen.waits, seen.rows["rank"] == k)
        seen.agrees(waits, float(row["Wq_nonpreemptive(Cobham)"]), 0.2)


STAYS = {
    ("D", 0.0): law("fixed", mean=1.0),
    ("E2", 0.5): law("gamma", mean=1.0, cv=np.sqrt(0.5)),
    ("H2", 2.0): law(
        # Two phases of equal load.
        "hyperexponential",
        shares=(0.5 + np.sqrt(1 / 12), 0.5 - np.sqrt(1 / 12)),
        means=(1 / (1 + np.sqrt(1 / 3)), 1 / (1 - np.sqrt(1 / 3))),
    ),
}


@pytest.mark.parametrize("servers", [2, 10])
@pytest.mark.parametrize(("service", "scv"), STAYS, ids=[name for name, _ in STAYS])
def test_waits_agree_with_exact_m_g_c(service: str, scv: float, servers: int) -> None:
    found = reference_rows("queueing/mgc_exact_and_approx.csv", c=servers, rho=0.7)
    (row,) = (r for r in found if r["service"] == service and float(r["scv"]) == scv)
    load = 0.7 * servers
    # Slower than M/M/c by no more than stays are more varied (heavy traffic).
    forget = max(1.0, scv) * max(1.0, (np.sqrt(servers) - np.sqrt(load)) ** -2)
    seen = sample([load], STAYS[service, scv], servers, forget, 40 * forget, 2)
    seen.agrees(seen.mean(seen.waits), float(row["Wq_exact_numeric"]), 0.16)


@pytest.mark.parametrize(("service", "cv"), [("lognormal_cv1.5", 1.5), ("lognormal_cv0.5", 0.5)])
def test_waits_for_one_place_agree_with_pollaczek_and_khinchine(service: str, cv: float) -> None:
    (row,) = (r for r in reference_rows("queueing/mg1.csv", rho=0.5) if r["service"] == service)
    stay = law("lognormal", mean=1.0, cv=cv)
    forget = max(1.0, cv**2) * (1 - np.sqrt(0.5)) ** -2
    seen = sample([0.5], stay, 1, forget, 200.0)
    seen.agrees(seen.mean(seen.waits), float(row["Wq"]), 0.2)


# --- patience ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "load", "replications"),
    [
        (1, 0.9, 1),
        (5, 6.0, 1),
        (20, 20.0, 1),
        (50, 60.0, 1),
        pytest.param(100, 100.0, 6, marks=LONG),
        pytest.param(200, 220.0, 6, marks=LONG),
    ],
)
def test_deaths_while_waiting_agree_with_erlang_a(
    servers: int, load: float, replications: int
) -> None:
    (row,) = (
        r
        for r in reference_rows("queueing/erlang_a.csv", c=servers)
        if float(r["lambda"]) == load and float(r["theta"]) >= 0.25
    )
    theta = float(row["theta"])
    forget = relaxation(load, busy_rates(servers, theta), 4 * servers + 100)
    # Patience is exponential: of 300,000 waits none lasts thirty times its mean.
    patience = law(EXPONENTIAL, mean=1 / theta)
    seen = sample([load], UNIT, servers, forget, 30 / theta, replications, patience=patience)
    died = seen.mean(seen.rows.outcome == DIED)
    seen.agrees(died, float(row["prob_abandon"]), 0.1)
    seen.agrees(seen.mean(seen.waits > 0), float(row["prob_wait"]), 0.1)
    seen.agrees(seen.mean(seen.waits), float(row["Wq_all"]), 0.1)
    seen.agrees(seen.waiting, float(row["Lq"]), 0.1)
    seen.agrees(seen.occupied, servers * float(row["utilisation"]), 0.02)
    shares = erlang_a(load, 1.0, theta, servers)
    n_waiting = np.maximum(np.arange(shares.size) - servers, 0)
    assert float(row["Lq"]) == pytest.approx(float((n_waiting * shares).sum()), rel=1e-9)


# --- arrivals that change with time --------------------------------------------------------------------


@dataclass(frozen=True)
class Wave:
    """Arrivals in waves and stays; times in units of so many days."""

    rate: float
    swing: float
    period: float
    mean: float
    unit: int
    last: float
    districts: int
    replications: int

    @property
    def daily(self) -> np.ndarray:
        """Return the mean arrivals of every day."""
        t = np.arange(int(self.last * self.unit) + 2) / self.unit
        phase = 2 * np.pi / self.period
        return self.rate * np.diff(t - self.swing * (np.cos(phase * t) - 1) / phase)

    def people(self, stay: dict[str, Any], t: float) -> float:
        """Return the exact mean number present at t when a day's arrivals are even over the day."""
        daily = self.daily
        since = np.maximum(t * self.unit - np.arange(daily.size + 1), 0.0)
        return float(daily @ -np.diff(limited_mean(stay, since)))


WAVES = {
    # A small share of all times; the slow test goes on to 730 units.
    "quick": [
        Wave(100.0, 0.5, 10.0, 2.0, 20, 10.0, 4, 30),
        Wave(20.0, 0.3, 365.0, 60.0, 2, 90.0, 10, 25),
        Wave(4.0, 0.8, 7.0, 1.0, 20, 10.0, 40, 40),
    ],
    "whole": [
        Wave(100.0, 0.5, 10.0, 2.0, 10, 730.0, 1, 60),
        Wave(20.0, 0.3, 365.0, 60.0, 2, 730.0, 4, 60),
        Wave(4.0, 0.8, 7.0, 1.0, 10, 730.0, 8, 100),
    ],
}
"""Enough districts and replications for three hundred thousand people or some millions."""


def people_at(wave: Wave, stay: dict[str, Any], times: np.ndarray) -> np.ndarray:
    """Return who is present at some times, shape (replication and district, time)."""
    first = dt.date(2021, 1, 1)
    counts = [
        {"date": first + dt.timedelta(days=d), "count": mean} for d, mean in enumerate(wave.daily)
    ]
    districts = [f"D{k}" for k in range(wave.districts)]
    pools = [
        {"name": d, "resource": "bed", "district": d, "capacity": "unlimited"} for d in districts
    ]
    own = network(
        first_day=first,
        days=wave.daily.size,
        districts=districts,
        pools=pools,
        stages=[{"name": "stay", "resource": "bed", "stay": stay}],
        arrivals=[{"stage": "stay", "district": d, "counts": counts} for d in districts],
    )
    seen = []
    for replication in range(wave.replications):
        rows = run_network(own, SEED, replication).ledger
        for moment in (times * wave.unit * DAY).astype(int):
            there = (rows.start <= moment) & (rows.end > moment)
            seen.append(np.bincount(rows.origin[there], minlength=wave.districts))
    return (
        np.reshape(seen, (wave.replications, times.size, -1)).swapaxes(1, 2).reshape(-1, times.size)
    )


@pytest.mark.parametrize("kind", ["exponential", "lognormal"])
@pytest.mark.parametrize(
    "wave",
    [*WAVES["quick"], *(pytest.param(w, marks=pytest.mark.slow) for w in WAVES["whole"])],
)
def test_people_present_under_waves_of_arrivals_are_a_poisson_number(wave: Wave, kind: str) -> None:
    # Eick, Massey and Whitt (1993): without limit the number at any time is Poisson.
    column = "lognormal_scv2.25" if kind == "lognormal" else "exponential"
    mean = wave.mean * wave.unit
    stay = law(kind, mean=mean, **({"cv": 1.5} if kind == "lognormal" else {}))
    table = reference_rows(
        "queueing/mt_g_inf.csv", lambda0=wave.rate, beta=wave.swing, period=wave.period
    )
    rows = [row for row in table if float(row["t"]) <= wave.last]
    times = np.array([float(row["t"]) for row in rows])
    seen = people_at(wave, stay, times)
    for k, row in enumerate(rows):
        exact = float(row[f"m(t)_{column}_from_empty"])
        expected = wave.people(stay, times[k])
        # A rate that stays even over a day is off by the square of a day's phase over 24 at most.
        assert expected == pytest.approx(
            exact, rel=0.8 * (2 * np.pi / wave.period / wave.unit) ** 2
        )
        assert_count(int(seen[:, k].sum()), stats.poisson(expected * len(seen)), 0.15)
        # Fisher's index of dispersion: squared deviations over the mean are chi-square, nearly.
        spread = ((seen[:, k] - expected) ** 2).sum() / expected
        assert_count(round(spread), stats.chi2(len(seen)), 0.9)


# --- the small care network --------------------------------------------------------------------------


def care_network_results(own: Network, replication: int) -> dict[str, float]:
    """Return a replication's results by the names of the table of reference."""
    run = run_network(own, SEED, replication)
    rows = run.ledger
    first, bed = (rows.resource == own.resources.index(n) for n in ("assessment", "bed"))
    placed = bed & (rows.start < NEVER)
    stays = np.minimum(rows.end, own.end)[placed].astype(float) - rows.start[placed]
    waits = rows.start[placed].astype(float) - rows.request[placed]
    return {
        "arr": float(first.sum()),
        "assessed": float((first & (rows.outcome == DONE)).sum()),
        "died1": float((first & (rows.outcome == DIED)).sum()),
        "died2": float((bed & (rows.outcome == DIED)).sum()),
        "placed": float(placed.sum()),
        "left": float((bed & (rows.outcome == DONE)).sum()),
        "mean_wait_of_placed_days": float(waits.mean()) / DAY,
        "mean_occupied_beds": float(stays.sum()) / own.end,
    }


@pytest.mark.parametrize("replications", [100, pytest.param(1500, marks=LONG)])
def test_the_small_care_network_agrees_with_other_engines(replications: int) -> None:
    # Seven engines agree on the table's means, of five thousand replications of another program.
    own = lay_out(load_network("care-network").plan)
    seen = [care_network_results(own, r) for r in range(replications)]
    for row in reference_rows("queueing/care_network_benchmark.csv"):
        values = np.array([result[row["quantity"]] for result in seen])
        expected, spread = float(row["mean_per_replication"]), values.std(ddof=1)
        error = np.hypot(spread / np.sqrt(replications), float(row["se"]))
        bound = stats.t.ppf(1 - FALSE_ALARM / 2, replications - 1) * error
        assert abs(values.mean() - expected) < bound, row["quantity"]
        assert bound < 2.2 * expected / np.sqrt(replications), row["quantity"]
        # Spreads of a hundred normal results are within a factor of 1.4; some here are skewed.
        assert 1 / 1.8 < spread / float(row["sd_between_replications"]) < 1.8, row["quantity"]


# --- Little ------------------------------------------------------------------------------------------


def log_of(own: Network) -> tuple[Any, Any]:
    """Run with a log; return it and the ledger."""
    run = run_network(own, SEED, 0, log=True)
    return run.log, run.ledger


def added_up(steps: list[tuple[int, int]], begin: int, end: int) -> int:
    """Return the integral over [begin, end) of a number that steps up and down."""
    total, number, before = 0, 0, begin
    for time, step in sorted(steps):
        now = min(max(time, begin), end)
        total += number * (now - before)
        number, before = number + step, now
    return total + number * (end - before)


def steps_of(own: Network, log: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Read from a log how the number waiting by resource and the residents by pool step."""
    waiting: dict[int, list[tuple[int, int]]] = {}
    staying: dict[int, list[tuple[int, int]]] = {}
    asks: dict[int, int] = {}
    stays: dict[int, int] = {}
    for entry in log:
        i, time = int(entry.person), int(entry.time)
        if entry.event == REQUESTED:
            asks[i] = int(own.stages[entry.amount].resource)
            waiting.setdefault(asks[i], []).append((time, 1))
        elif entry.event == PLACED:
            waiting[asks.pop(i)].append((time, -1))
            stays[i] = int(entry.pool)
            staying.setdefault(stays[i], []).append((time, 1))
        elif entry.event == ENDED and i in stays:
            staying[stays.pop(i)].append((time, -1))
        elif entry.event == ENDED:
            waiting[asks.pop(i)].append((time, -1))
    return waiting, staying


@pytest.mark.parametrize("seed", range(12))
def test_people_present_are_arrivals_times_the_time_they_spend(seed: int) -> None:
    # Little (1961), without chance: the log gives the number present at every moment, the ledger how
    # many came and their times. Both cut at the ends of the reported time, they agree to the second.
    own = random_network(seed)
    log, rows = log_of(own)
    waiting, staying = steps_of(own, log)
    begin, end = own.release, own.end
    present = np.tensordot(np.diff(own.month_start), monthly_of(own), axes=1)
    request, start, stop = (
        np.clip(t, begin, end).astype(np.int64) for t in (rows.request, rows.start, rows.end)
    )
    for r in range(len(own.resources)):
        asked = rows.resource == r
        waits = (np.minimum(start, stop) - request)[asked]
        assert added_up(waiting.get(r, []), begin, end) == waits.sum()
        assert present[:, r, WAITING_NOW].sum() == pytest.approx(waits.sum(), rel=1e-9)
        for d in range(len(own.plan.districts)):
            stays = (stop - start)[asked & (rows.start < NEVER) & (rows.dest == d)]
            pools = [k for k in staying if place_of(own, k) == (r, d)]
            held = sum(added_up(staying[k], begin, end) for k in pools)
            assert held == stays.sum()
            assert present[d, r, OCCUPIED] == pytest.approx(held, rel=1e-9)


def monthly_of(own: Network) -> np.ndarray:
    return measure_network(own, run_network(own, SEED, 0)).monthly


def place_of(own: Network, pool: int) -> tuple[int, int]:
    """Return resource and district of a pool."""
    plan = own.plan.pools[pool]
    return own.resources.index(plan.resource), own.plan.districts.index(plan.district)
