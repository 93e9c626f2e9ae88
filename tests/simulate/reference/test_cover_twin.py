"""Whatever a scenario says of the insurance and of admission, both models tell the same story."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from params.scenario.parts.admissions import Admission
from params.scenario.parts.insurance import InsuranceChange
from simulate.city.setting import Setting
from tests.city import BEDS, SEED, changed, insured, small_city
from tests.fast import few
from tests.simulate.reference.test_twin import assert_same_story, random_city

pytestmark = pytest.mark.twin

MONTHS = [dt.date(2021 + m // 12, m % 12 + 1, 1 + m % 28) for m in range(34)]


def random_insurance(rng: np.random.Generator, city: Setting) -> Setting:
    """Let every rule of the insurance change some times; most cities have a ceiling that binds."""
    n_insured = float(city.need.stock[-1].sum())
    districts = (*city.inputs.districts.names[:3], "全市")
    changes = []
    for date in rng.choice(np.array(MONTHS), rng.integers(1, 9), replace=False):
        said: dict[str, Any] = {"date": date}
        match rng.integers(5):
            case 0:
                said["least_level"] = int(rng.integers(2, 7))
            case 1:
                said["take_up"] = rng.random()
                said["district"] = str(rng.choice(districts))
            case 2:
                said["insured_share"] = rng.random()
                said["district"] = str(rng.choice(districts))
            case 3:
                levels = rng.choice(np.arange(2, 7), rng.integers(1, 6), replace=False)
                said |= {f"hours_{k}": float(rng.choice([0.5, 3, 5, 10])) for k in levels}
            case _:
                said["most_hours_week"] = int(n_insured * rng.choice([0.1, 1.0, 2.0, 2.5, 3.0]))
        changes.append(InsuranceChange(**said))
    return insured(city, *changes)


def random_admissions(rng: np.random.Generator, city: Setting) -> Setting:
    """Let kinds of bed take some people only, for some months."""
    rules = []
    for _ in range(rng.integers(1, 6)):
        first, last = np.sort(rng.choice(len(MONTHS), 2, replace=False))
        low, high = np.sort(rng.integers(0, 7, 2))
        alone, hard = rng.choice([None, True, False], 2, p=[0.7, 0.15, 0.15])
        rules.append(
            Admission(
                resource=str(rng.choice(BEDS)),
                date=MONTHS[first],
                until=MONTHS[last] if rng.random() < 0.6 else None,
                least_level=int(low) or None,
                most_level=int(high) if high < 6 and rng.random() < 0.5 else None,
                alone=alone,
                hardship=hard,
            )
        )
    return changed(city, policy={"admissions": tuple(rules), "hardship_share": rng.random()})


def ruled_city(seed: int) -> Setting:
    """Return a random city under random rules of both sorts."""
    rng = np.random.default_rng([seed, 2])
    return random_admissions(rng, random_insurance(rng, random_city(seed)))


@pytest.mark.parametrize("seed", few(range(200, 216), 6))
def test_both_models_agree_under_random_rules(seed: int) -> None:
    city = ruled_city(seed)
    until = city.calendar.month_start[12 + seed % 24]
    assert assert_same_story(city, seed, until=int(until)) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2000, 2024))
def test_both_models_agree_under_many_random_rules_to_the_end(seed: int) -> None:
    assert assert_same_story(ruled_city(seed), seed) > 1000


def test_a_rule_that_changes_nothing_changes_nothing() -> None:
    city = small_city(scale=1 / 1000)
    usual = InsuranceChange(
        date=MONTHS[5], least_level=2, hours_2=float(city.inputs.weekly_hours[0])
    )
    everybody = Admission(resource=BEDS[0], date=MONTHS[5], most_level=5)
    # Nobody above level 5 asks for this kind while the next one takes them.
    quiet = changed(insured(city, usual), policy={"admissions": (everybody,)})
    assert assert_same_story(quiet, SEED, until=int(city.calendar.month_start[8])) > 1000
