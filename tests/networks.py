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
    elsewhere = {
        name: [str(d) for d in rng.permutation([d for d in districts if d != name])]
        for name in districts
        if rng.random() < 0.7
    }
    return network(
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
