"""Own networks for tests: the plainest ones, and random ones in which anything may happen."""

import datetime as dt
from typing import Any

import numpy as np

from params.network.checks import network_faults
from params.network.model import NetworkPlan
from simulate.network.layout import Network, lay_out

EXPONENTIAL = "exponential"


def law(distribution: str, **numbers: Any) -> dict[str, Any]:
    """Return a law as a scenario file has it."""
    return {"distribution": distribution, **numbers}


def network(**parts: Any) -> Network:
    """Lay out a network, checked like a user's."""
    plan = NetworkPlan.model_validate(parts)
    assert network_faults(plan) == []
    return lay_out(plan)


def one_pool(
    per_day: float,
    stay: dict[str, Any],
    places: int | str,
    days: int,
    **more: Any,
) -> Network:
    """Lay out a single pool of one district: Poisson arrivals at a rate and a law of stays.

    `more` may hold `patience`, `waiting_room`, `classes` (rates a day by priority), `warm_up_days`.
    """
    rates = more.pop("classes", [per_day])
    pool = {"name": "beds", "resource": "bed", "district": "A", "capacity": places}
    if "waiting_room" in more:
        pool["waiting_room"] = more.pop("waiting_room")
    stage = {"name": "stay", "resource": "bed", "stay": stay, "gives_up": "died"}
    if "patience" in more:
        stage["patience"] = more.pop("patience")
    arrivals = [
        {"stage": "stay", "district": "A", "per_day": rate, "priority": k + 1}
        for k, rate in enumerate(rates)
    ]
    return network(
        days=days, districts=("A",), pools=[pool], stages=[stage], arrivals=arrivals, **more
    )


def random_network(seed: int) -> Network:
    """Return a network in which anything may be missing, plentiful, sudden or never."""
    rng = np.random.default_rng(seed)
    days = int(rng.integers(1, 400))
    districts = tuple(f"D{k}" for k in range(rng.integers(1, 5)))
    resources = [f"r{k}" for k in range(rng.integers(1, 4))]
    first_day = dt.date(2021, 1, 1) + dt.timedelta(days=int(rng.integers(0, 365)))
    pools = [
        _random_pool(rng, k, resources, districts, first_day, days)
        for k in range(len(resources) + int(rng.integers(0, 5)))
    ]
    stages = [
        _random_stage(rng, k, resources[k] if k < len(resources) else rng.choice(resources))
        for k in range(len(resources) + int(rng.integers(0, 3)))
    ]
    for stage in stages:
        chances = rng.dirichlet(np.ones(len(stages) + 2))[: len(stages)]
        chances *= rng.random(len(stages)) < 0.5
        stage["next"] = {s["name"]: float(c) for s, c in zip(stages, chances, strict=True) if c}
    more = np.random.default_rng([seed, 1])
    for pool in pools:
        _hours_of(more, pool)
    for k in range(len(stages)):
        _ways_of(more, stages, k, pools, districts)
    elsewhere = {
        name: [str(d) for d in rng.permutation([d for d in districts if d != name])]
        for name in districts
        if rng.random() < 0.7
    }
    return network(
        ties=str(more.choice(["arrivals_first", "departures_first"])),
        first_day=first_day,
        days=days,
        warm_up_days=int(rng.choice([0, 0, 30])),
        districts=districts,
        elsewhere=elsewhere,
        pools=pools,
        stages=stages,
        arrivals=[_random_arrivals(rng, stages, districts, first_day, days) for _ in range(4)],
        present=[
            {
                "stage": str(rng.choice(stages)["name"]),
                "district": str(rng.choice(districts)),
                "count": int(rng.integers(0, 30)),
                "priority": int(rng.integers(1, 7)),
                "stay": str(rng.choice(["remaining", "new"])),
            }
        ],
    )


def _random_pool(
    rng: np.random.Generator,
    k: int,
    resources: list[str],
    districts: tuple[str, ...],
    first_day: dt.date,
    days: int,
) -> dict[str, Any]:
    changed = rng.choice(days, size=min(days, int(rng.integers(0, 4))), replace=False)
    pool: dict[str, Any] = {
        "name": f"p{k}",
        "resource": resources[k] if k < len(resources) else str(rng.choice(resources)),
        "district": str(rng.choice(districts)),
        "capacity": [0, 1, 3, 10, 40, "unlimited"][rng.integers(6)],
        "changes": [
            {"date": first_day + dt.timedelta(days=int(d)), "capacity": int(rng.integers(0, 20))}
            for d in changed
        ],
    }
    if rng.random() < 0.4:
        pool["waiting_room"] = int(rng.integers(0, 6))
    serves = rng.integers(3)
    if serves == 1:
        pool["serves"] = "all"
    elif serves == 2:
        pool["serves"] = [d for d in districts if rng.random() < 0.6]
    return pool


def _hours_of(rng: np.random.Generator, pool: dict[str, Any]) -> None:
    """Give a pool hours, days of admission, a later capacity without limit, or none of these."""
    for change in pool["changes"]:
        if rng.random() < 0.1:
            change["capacity"] = "unlimited"
    if rng.random() < 0.25:
        pool["admits"] = sorted(rng.choice(7, size=int(rng.integers(1, 7)), replace=False) + 1)
        pool["admits"] = [int(day) for day in pool["admits"]]
    if rng.random() < 0.3:
        hour = sorted(rng.choice(25, size=4, replace=False).tolist())
        pool["hours"] = [
            {"opens": f"{hour[0]:02}:00", "closes": f"{hour[1]:02}:00"},
            {"opens": f"{hour[2]:02}:30" if hour[2] < 24 else "24:00", "closes": "24:00"},
        ]
        pool["hours"] = [h for h in pool["hours"] if h["opens"] != h["closes"]]
        if rng.random() < 0.5:
            pool["hours"][0]["weekdays"] = (1, 3, 5)
        if rng.random() < 0.5:
            pool["hours"][0]["capacity"] = int(rng.integers(1, 30))


def _ways_of(
    rng: np.random.Generator,
    stages: list[dict[str, Any]],
    k: int,
    pools: list[dict[str, Any]],
    districts: tuple[str, ...],
) -> None:
    """Let a stage block, and lead on those who were refused or gave up, where a plan may."""
    stage = stages[k]
    later = [s["name"] for s in stages if s["resource"] > stage["resource"]]
    if later and rng.random() < 0.4:
        chosen = [name for name in later if rng.random() < 0.6] or later[:1]
        stage["blocks"] = True
        stage["next"] = {name: float(rng.uniform(0.1, 1.0)) / len(chosen) for name in chosen}
    mine = [p for p in pools if p["resource"] == stage["resource"]]
    served = all(
        any(p.get("serves") == "all" or d in (p.get("serves") or (p["district"],)) for p in mine)
        for d in districts
    )
    can_refuse = not served or any("waiting_room" in p for p in mine)
    can_give_up = "patience" in stage and stage["gives_up"] == "withdrew"
    for key, can in (("after_refusal", can_refuse), ("after_giving_up", can_give_up)):
        if can and rng.random() < 0.5:
            stage[key] = {
                "stage": str(rng.choice(stages)["name"]),
                "share": float(rng.choice([1.0, 0.7])),
                "after": law(EXPONENTIAL, mean=float(rng.choice([0.5, 5.0]))),
            }
            if k + 1 < len(stages) and rng.random() < 0.3:
                # At once only where it cannot come round.
                stage[key] = {"stage": stages[-1]["name"], "share": 0.9}


def _random_stage(rng: np.random.Generator, k: int, resource: str) -> dict[str, Any]:
    stage: dict[str, Any] = {
        "name": f"s{k}",
        "resource": resource,
        "stay": random_law(rng),
        "gives_up": str(rng.choice(["died", "withdrew"])),
        "working_time": bool(rng.random() < 0.2),
    }
    if rng.random() < 0.6:
        stage["patience"] = random_law(rng)
    if rng.random() < 0.6:
        stage["elsewhere_after"] = random_law(rng)
    return stage


def random_law(rng: np.random.Generator) -> dict[str, Any]:
    """Return any law, with a mean between nothing and months."""
    mean = float(rng.choice([0.05, 1.0, 7.0, 60.0]))
    return [
        law("fixed", mean=float(rng.choice([0.0, mean]))),
        law("exponential", mean=mean),
        law("lognormal", mean=mean, cv=float(rng.uniform(0.2, 3))),
        law("gamma", mean=mean, cv=float(rng.uniform(0.2, 3))),
        law("weibull", mean=mean, shape=float(rng.uniform(0.4, 4))),
        law("hyperexponential", shares=(0.3, 0.7), means=(mean, mean / 5)),
        law("empirical", values=tuple(rng.exponential(mean, size=9).tolist())),
    ][rng.integers(7)]


def _random_arrivals(
    rng: np.random.Generator,
    stages: list[dict[str, Any]],
    districts: tuple[str, ...],
    first_day: dt.date,
    days: int,
) -> dict[str, Any]:
    arrival: dict[str, Any] = {
        "stage": str(rng.choice(stages)["name"]),
        "district": str(rng.choice(districts)),
        "priority": int(rng.integers(1, 7)),
        "counting": str(rng.choice(["poisson", "fixed"])),
    }
    if rng.random() < 0.3:
        chosen = rng.choice(days, size=min(days, 10), replace=False)
        arrival["counts"] = [
            {"date": first_day + dt.timedelta(days=int(d)), "count": float(rng.integers(0, 9))}
            for d in chosen
        ]
        return arrival
    arrival["per_day"] = float(rng.choice([0.0, 0.3, 2.0]))
    if rng.random() < 0.4:
        arrival["weekdays"] = tuple(rng.uniform(0, 2, 7).tolist())
    if rng.random() < 0.3:
        arrival["first_day"] = first_day + dt.timedelta(days=int(rng.integers(0, days)))
    return arrival


def separate_pools(
    n: int, rates: list[float], stay: dict[str, Any], places: int | str, days: int, **more: Any
) -> Network:
    """Lay out n pools of a kind, each in a district of its own: so many independent samples.

    `rates` are arrivals a day by priority; `more` may hold `patience`, `waiting_room`,
    `warm_up_days`.
    """
    districts = [f"D{k}" for k in range(n)]
    pool = {"resource": "bed", "capacity": places}
    stage = {"name": "stay", "resource": "bed", "stay": stay, "gives_up": "died"}
    if "waiting_room" in more:
        pool["waiting_room"] = more.pop("waiting_room")
    if "patience" in more:
        stage["patience"] = more.pop("patience")
    return network(
        days=days,
        districts=districts,
        pools=[{**pool, "name": name, "district": name} for name in districts],
        stages=[stage],
        arrivals=[
            {"stage": "stay", "district": name, "per_day": rate, "priority": k + 1}
            for name in districts
            for k, rate in enumerate(rates)
        ],
        **more,
    )
