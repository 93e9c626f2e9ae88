"""Care levels as a Markov chain: as stages of an own network, and in the product's own lives.

Expected values are matrix exponentials, computed elsewhere or by scipy. Counts of independent people are
compared with the quantiles of their exact or normal law, one false alarm in 200,000 a check.
"""

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import expm

from simulate.city.loop import run_world
from simulate.city.people import make_people
from simulate.city.setting import make_traits
from simulate.city.world import make_world
from simulate.engine.records import DAY, INSURED_PERSON, RECOVER_NEXT, UNINSURED_PERSON, YEAR
from simulate.engine.streams import replication_key
from simulate.network.layout import Network
from simulate.network.run import run_network
from tests.city import small_city
from tests.networks import EXPONENTIAL, law, network
from tests.reference import reference_rows
from tests.theory import FALSE_ALARM, assert_count, assert_mean_of

pytestmark = [pytest.mark.theory, pytest.mark.statistical]
UNIT = 100
"""Days that stand for a year of the table: a hundred years fit into a run."""
N = 10_000
LEVELS = range(1, 5)
COMING = (100.0, 50.0, 20.0, 10.0)
"""Arrivals a year of the table's occupancies."""
FIRST_DAY = dt.date(2021, 1, 1)


def generator() -> np.ndarray:
    """Return the rates a year between levels, shape (from, to), the last column death."""
    rows = reference_rows("queueing/care_levels_generator.csv")
    return np.array([[float(r[c]) for c in ("to1", "to2", "to3", "to4", "dead")] for r in rows])


def levels(days: int, arrivals: list[dict[str, Any]]) -> Network:
    """Lay out the levels as stages in pools without limit."""
    rates = generator()
    stages = [
        {
            "name": f"level {k}",
            "resource": f"care {k}",
            "stay": law(EXPONENTIAL, mean=UNIT / -rates[k - 1, k - 1]),
            "next": {
                f"level {j}": rates[k - 1, j - 1] / -rates[k - 1, k - 1]
                for j in LEVELS
                if j != k and rates[k - 1, j - 1] > 0
            },
        }
        for k in LEVELS
    ]
    pools = [
        {
            "name": f"pool {k}",
            "resource": f"care {k}",
            "district": "A",
            "capacity": "unlimited",
        }
        for k in LEVELS
    ]
    return network(
        first_day=FIRST_DAY,
        days=days,
        districts=["A"],
        pools=pools,
        stages=stages,
        arrivals=[{"district": "A", **arrival} for arrival in arrivals],
    )


@cache
def cohort(level: int) -> Any:
    """Return the ledger of ten thousand people who begin in a level and live a hundred years."""
    first = {"date": FIRST_DAY, "count": float(N)}
    own = levels(100 * UNIT, [{"stage": f"level {level}", "counting": "fixed", "counts": [first]}])
    return run_network(own, 6, 0).ledger


def table(quantity: str) -> list[dict[str, str]]:
    found = reference_rows("queueing/care_levels_markov.csv")
    return [row for row in found if row["quantity"].startswith(quantity)]


@pytest.mark.parametrize("level", LEVELS)
def test_years_spent_in_levels_agree_with_the_table(level: int) -> None:
    # Nobody outlives a hundred years: the slowest rate of the chain is above 0.18 a year.
    rows = cohort(level)
    assert rows.end.max() < 100 * UNIT * DAY
    for row in table("expected_years_in_level"):
        if row["from"] == str(level) and float(row["value"]) > 0.35:
            here = rows[rows.resource == int(row["to"]) - 1]
            spent = np.bincount(here.person, here.end - here.start, N) / (UNIT * DAY)
            assert_mean_of(spent, float(row["value"]), 0.15)
    alive = np.bincount(rows.person, rows.end - rows.start, N) / (UNIT * DAY)
    (row,) = (r for r in table("expected_years_to_death") if r["from"] == str(level))
    assert_mean_of(alive, float(row["value"]), 0.06)


@pytest.mark.parametrize("level", LEVELS)
def test_levels_after_some_years_agree_with_the_table(level: int) -> None:
    rows = cohort(level)
    came = np.full(N, np.iinfo(np.int64).max)
    np.minimum.at(came, rows.person, rows.request)
    since, until = rows.start - came[rows.person], rows.end - came[rows.person]
    for row in table("transition_probability"):
        if row["from"] != str(level):
            continue
        then = round(float(row["t_years"]) * UNIT * DAY)
        there = (since <= then) & (until > then)
        to, chance = row["to"], float(row["value"])
        here = there & (rows.resource == int(to) - 1) if to != "dead" else there
        count = N - int(here.sum()) if to == "dead" else int(here.sum())
        # Rare levels are seen by few: the width is that of the share itself.
        assert_count(count, stats.binom(N, chance), 0.06 / np.sqrt(chance))


@pytest.mark.parametrize("replications", [12, pytest.param(120, marks=pytest.mark.slow)])
def test_people_in_levels_are_a_poisson_number_of_the_tables_mean(replications: int) -> None:
    arrivals = [
        {"stage": f"level {k}", "per_day": coming / UNIT}
        for k, coming in zip(LEVELS, COMING, strict=True)
    ]
    own = levels(10 * UNIT + 1, arrivals)
    ledgers = [run_network(own, 7, r).ledger for r in range(replications)]
    rows = table("expected_occupancy")
    assert len(rows) == 20
    for row in rows:
        then = float(row["t_years"]) * UNIT * DAY
        level = int(row["to"]) - 1
        count = sum(
            int(((r.resource == level) & (r.start <= then) & (r.end > then)).sum()) for r in ledgers
        )
        assert_count(count, stats.poisson(replications * float(row["value"])), 1.0)


# --- the product's own lives ----------------------------------------------------------------------------

DEATH = np.array([0.06, 0.10, 0.17, 0.28, 0.45])
"""A year, by level 2 to 6, at every age: the age no longer matters, and the chain has an answer."""
IMPROVE = np.array([0.0, 0.12, 0.12, 0.12, 0.12])
"""A year: the product's own, one in 170, would show in few."""


def chain(change: np.ndarray) -> np.ndarray:
    """Return the generator of levels 2..6, dead, recovered from hazards a year."""
    worsen, improve, recover = change[:, 0], change[:, 1], change[:, 2]
    rates = np.zeros((7, 7))
    for k in range(5):
        if k < 4:
            rates[k, k + 1] = worsen[k]
        if k > 0:
            rates[k, k - 1] = improve[k]
        rates[k, 5], rates[k, 6] = DEATH[k], recover[k]
        rates[k, k] = -rates[k].sum()
    return rates


@cache
def lives() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Run a small city; return levels at first, states at the end (0..6), years lived, generator."""
    city = small_city(scale=1 / 35)
    key = replication_key(3, 0)
    people = make_people(city.need, city.flows, make_traits(city), city.calendar, key)
    chosen = (people.kind == INSURED_PERSON) | (people.kind == UNINSURED_PERSON)
    first = people.level.astype(int)
    years = (city.calendar.end - people.onset) / YEAR
    world = make_world(city, people, 2.0)
    change = world.change.copy()
    change[:, 1] = IMPROVE
    death = np.ascontiguousarray(0 * world.death + DEATH)
    world = replace(world, death=death, change=change)
    assert run_world(world.arrays()) == 0
    after = np.where(people.next_life == RECOVER_NEXT, 6, 5)
    last = np.where(people.alive == 1, people.level - 2, after)
    rates = chain(world.change)
    return first[chosen] - 2, last[chosen], years[chosen], rates


def test_the_citys_own_lives_have_worsening_improving_and_recovery() -> None:
    first, _, years, rates = lives()
    assert (np.bincount(first, minlength=5) > 300).all()
    assert all(rates[k, k + 1] > 0 and rates[k + 1, k] > 0 and rates[k, 6] > 0 for k in range(4))
    assert years.max() > 5


@pytest.mark.parametrize("years_lived", [(0.0, 3.0), (3.0, 6.0), (6.0, 100.0)])
@pytest.mark.parametrize("level", range(5))
def test_the_citys_own_lives_agree_with_the_exponential_of_their_hazards(
    level: int, years_lived: tuple[float, float]
) -> None:
    first, last, years, rates = lives()
    chosen = (first == level) & (years > years_lived[0]) & (years <= years_lived[1])
    assert chosen.sum() > 100
    # Years are whole seconds: a chance a person for every one, cut into 2,000 steps of a day or two.
    steps, counts = np.unique(np.round(years[chosen] * 200).astype(int), return_counts=True)
    chances = np.array([expm(rates * step / 200)[level] for step in steps])
    expected = counts @ chances
    spread = np.sqrt(counts @ (chances * (1 - chances)))
    seen = np.bincount(last[chosen], minlength=7)
    many = expected > 30
    bound = stats.norm.ppf(1 - FALSE_ALARM / 2) * spread + 1
    assert (np.abs(seen - expected) < bound)[many].all(), (seen, expected, bound)
    assert many.sum() >= 2
