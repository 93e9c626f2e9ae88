"""Random events for random cities: every kind, in any area, inside months and on their first day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from params.scenario.parts.events import Event
from params.scenario.parts.workers import Overtime, Wage
from simulate.city.setting import Setting
from tests.city import changed, with_events

AREAS = ("全市", "中心城区", "黄浦区", "浦东新区", "崇明区")
CARE_WORKERS = (None, "care_worker_institution", "care_worker_home")


def random_events(city: Setting, rng: np.random.Generator) -> Setting:
    """Let up to eight events of any kind happen, pay rise or fall, workers stay longer and work better."""
    output = np.linspace(1.0, rng.choice([1.0, 1.3]), city.capacity.growth.size)
    growth = city.capacity.growth.copy()
    growth["home_output"] = output
    city = replace(city, capacity=replace(city.capacity, growth=growth))
    words: dict[str, Callable[[], dict[str, object]]] = {
        "admissions_closed": lambda: {
            "resource": rng.choice(["", "nursing_bed", "home_care", "day_care"]) or None
        },
        "service_closed": lambda: {
            "resource": str(rng.choice(["home_care", "day_care", "family_bed"]))
        },
        "assessors": lambda: {"share": float(rng.choice([0.0, 0.0, 0.3, 0.8]))},
        "workers_absent": lambda: {
            "share": float(rng.choice([0.0, 0.5, 0.9])),
            "workers": CARE_WORKERS[rng.integers(3)],
        },
        "deaths": lambda: {
            "factor": float(rng.choice([0.3, 2.0, 20.0])),
            "least_age": [None, 75][rng.integers(2)],
            "most_age": [None, 90, 100][rng.integers(3)],
        },
    }
    events = []
    for kind in rng.choice(list(words), rng.integers(9)):
        said = words[str(kind)]() | random_span(rng)
        events.append(
            Event(kind=str(kind), **said | ({"area": "全市"} if kind == "deaths" else {}))
        )
    wages = tuple(
        Wage(
            rise=float(rng.choice([-0.3, 0.1, 1.0])),
            date=random_day(rng),
            workers=CARE_WORKERS[rng.integers(3)],
        )
        for _ in range(rng.integers(3))
    )
    overtime = tuple(
        Overtime(share=0.25, workers=CARE_WORKERS[rng.integers(3)], **random_span(rng))
        for _ in range(rng.integers(3))
    )
    values = {
        "leaving_wage_elasticity": rng.choice([0.0, 1.0, 2.0]),
        "hiring_wage_elasticity": rng.choice([0.0, 0.5, 1.5]),
    }
    return with_events(changed(city, values), *events, wages=wages, overtime=overtime)


def random_span(rng: np.random.Generator) -> dict[str, Any]:
    """Return an area and days: often the first and last of months, in the first three years."""
    first = random_day(rng)
    return {
        "area": str(rng.choice(AREAS)),
        "start": first,
        "end": first + timedelta(days=int(rng.choice([0, 5, 29, 30, 60, 180]))),
    }


def random_day(rng: np.random.Generator) -> date:
    day = int(rng.choice([1, 1, 1, 10, 31]))
    month = int(rng.choice([1, 1, 3, 5, 7, 12])) if day == 31 else int(rng.integers(1, 13))
    return date(2021 + int(rng.integers(3)), month, day)
