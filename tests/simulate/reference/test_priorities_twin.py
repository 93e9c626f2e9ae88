"""Under whatever rules a scenario writes, both models serve the same people in the same order."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from params.scenario.parts.policy import ClassPlan, PriorityClass
from params.scenario.priorities import N_CLASS, QUEUES, leaves_somebody, never_apply, numbered
from simulate.city.priorities import open_classes
from simulate.city.replication import run_replication
from simulate.city.setting import Setting
from simulate.engine.records import BED
from tests.city import GENERAL_BED, SEED, changed, small_city, with_central_beds, with_growth
from tests.fast import few
from tests.simulate.reference.test_twin import assert_same_story, random_city

pytestmark = pytest.mark.twin

JULY = dt.date(2021, 7, 1)
MONTHS = [dt.date(2021 + m // 12, m % 12 + 1, 1 + m) for m in range(1, 20)]
EVERYBODY = PriorityClass()


def written(city: Setting, hardship: float = 0.0, **queues: tuple[PriorityClass, ...]) -> Setting:
    """Return a city whose queues follow written rules."""
    return changed(city, policy={"classes": ClassPlan(**queues), "hardship_share": hardship})


def random_rules(rng: np.random.Generator, queue: str) -> tuple[PriorityClass, ...]:
    """Draw up to five rules, some of them for a time; those in vain are left out."""
    rows = [random_rule(rng, queue) for _ in range(rng.integers(1, 6))]
    in_vain = never_apply(queue, numbered(rows), hardship=True)
    rows = [row for k, row in enumerate(rows) if k not in in_vain]
    rules = numbered(rows)
    ranks = np.cumsum([1, *rng.integers(0, 2, max(len(rows) - 1, 0))])
    assert ranks[-1] + leaves_somebody(queue, rules, hardship=True) <= N_CLASS
    return tuple(
        PriorityClass(rank=int(rank), **row) for rank, row in zip(ranks, rows, strict=False)
    )


def random_rule(rng: np.random.Generator, queue: str) -> dict[str, Any]:
    """Draw conditions, and months between which the class is served."""
    names = ["alone", "returned", "dementia", "hardship", *["local"] * (queue == "beds")]
    row: dict[str, Any] = {name: bool(rng.integers(2)) for name in names if rng.random() < 0.3}
    if rng.random() < 0.3:
        row["least_level"] = int(rng.choice([2, 3, 4, 5, 6]))
    if rng.random() < 0.2:
        row["most_level"] = int(rng.choice([0, 3, 4, 5]))
    if queue == "assessments" and rng.random() < 0.5:
        row["request"] = str(rng.choice(["first", "early", "renewal"]))
    opens, closes = sorted(rng.choice(len(MONTHS), 2, replace=False))
    if rng.random() < 0.4:
        row["opens"] = MONTHS[opens]
    if rng.random() < 0.3:
        row["closes"] = MONTHS[closes]
    return row


def random_order(seed: int) -> Setting:
    """Return a random city in which every queue has random rules and a tenth is in hardship."""
    rng = np.random.default_rng([seed, 10])
    city = written(random_city(seed), 0.1, **{q: random_rules(rng, q) for q in QUEUES})
    policy = ("in_turn", "who_fits")[seed % 2]
    return changed(city, policy={"short_of_staff": policy})


@pytest.mark.parametrize("seed", few(range(500, 516), 6))
def test_both_models_agree_under_random_rules(seed: int) -> None:
    city = random_order(seed)
    assert assert_same_story(city, seed, until=int(city.calendar.month_start[20])) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2000, 2060))
def test_both_models_agree_under_many_random_rules_to_the_end(seed: int) -> None:
    assert assert_same_story(random_order(seed), seed) > 1000


def test_random_rules_close_classes_and_name_people_in_hardship() -> None:
    cities = [random_order(seed) for seed in range(500, 516)]
    assert sum(not open_classes(city).all() for city in cities) > 8
    plans = [city.inputs.scenario.policy.classes for city in cities]
    assert sum("hardship=True" in repr(plan) for plan in plans) > 4


def crowded(scale: float = 1 / 200) -> Setting:
    """Return a city whose centre has few beds: many ask elsewhere, at once."""
    city = changed(small_city(scale=scale), {"patience_days": 1.0, "never_leave_zone": 0.0})
    return with_central_beds(city, 0.5)


TABLES: dict[str, dict[str, tuple[PriorityClass, ...]]] = {
    "first come first served": dict.fromkeys(QUEUES, (EVERYBODY,)),
    "level 4 and living alone": {"beds": (PriorityClass(least_level=4, alone=True),)},
    "locals until July": {
        "beds": (PriorityClass(local=True), PriorityClass(local=False, opens=JULY))
    },
    "hardship": {queue: (PriorityClass(hardship=True), EVERYBODY) for queue in QUEUES},
    "renewals first": {"assessments": (PriorityClass(request="renewal"), EVERYBODY)},
    "out of hospital first": {"services": (PriorityClass(returned=True), EVERYBODY)},
    "six classes, one late": {
        "beds": (
            *(PriorityClass(least_level=level) for level in (6, 5, 4, 3)),
            PriorityClass(least_level=2, opens=JULY),
        )
    },
}


@pytest.mark.parametrize("policy", ["in_turn", "who_fits"])
@pytest.mark.parametrize("name", TABLES)
def test_both_models_agree_under_written_rules(name: str, policy: str) -> None:
    short = with_growth(crowded(1 / 1000), institution=0.8)
    values = {"hospital_admissions": 5.0, "hospital_stay_days": 100.0}
    city = changed(written(short, 0.1, **TABLES[name]), values)
    city = changed(city, policy={"short_of_staff": policy})
    assert assert_same_story(city, SEED, until=int(city.calendar.month_start[15])) > 1000


@pytest.mark.parametrize("policy", ["in_turn", "who_fits"])
def test_while_their_class_is_closed_nobody_from_elsewhere_is_placed(policy: str) -> None:
    # Beds that serve the whole city know no outsiders.
    city = without_city_beds(written(crowded(), **TABLES["locals until July"]))
    rows = run_replication(changed(city, policy={"short_of_staff": policy}), SEED, 0).ledger
    months = city.calendar.month_start
    came = rows[(rows["resource"] >= GENERAL_BED) & (rows["follows"] == 0) & (rows["lane"] == BED)]
    came = came[(came["person"] >= 0) & (came["origin"] != came["dest"]) & (came["dest"] >= 0)]
    start = came["start"]
    assert ((start > months[0]) & (start < months[6])).sum() == 0
    assert ((start >= months[6]) & (start < months[9])).sum() > 10


def without_city_beds(city: Setting) -> Setting:
    """Return a city in which every bed is a district's own."""
    capacity = replace(city.capacity, whole_city=0.0 * city.capacity.whole_city)
    return replace(city, capacity=capacity)


def passed(city: Setting) -> int:
    """Count placements while somebody waits in the same pool who asked before.

    Nobody looks elsewhere and no bed serves the whole city, so that origin and resource are the pool.
    """
    city = without_city_beds(changed(city, {"list_length": 0.0}))
    rows = run_replication(city, SEED, 0).ledger
    rows = rows[(rows["person"] >= 0) & (rows["follows"] == 0) & (rows["resource"] > 0)]
    found = 0
    for pool in np.unique(rows[["origin", "resource"]]):
        found += passed_in(np.sort(rows[rows[["origin", "resource"]] == pool], order="request"))
    return found


def passed_in(rows: np.ndarray) -> int:
    """Count such placements in one pool; rows are sorted by request."""
    waited_until = np.minimum(rows["start"], rows["end"])
    longest = np.concatenate([[0], np.maximum.accumulate(waited_until)])
    asked_before = np.searchsorted(rows["request"], rows["request"])
    placed = rows["start"] <= rows["end"]
    return int((placed & (longest[asked_before] > rows["start"])).sum())


@pytest.mark.parametrize("policy", ["in_turn", "who_fits"])
def test_where_all_are_of_one_class_nobody_passes_one_who_asked_before(policy: str) -> None:
    city = changed(with_growth(crowded(), institution=0.9), policy={"short_of_staff": policy})
    one = (EVERYBODY,)
    assert passed(city) > 100
    assert passed(written(city, beds=one, services=one, assessments=one)) == 0
