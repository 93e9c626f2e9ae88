"""Small cities for tests: the product's own model with a two-hundredth of the people and beds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.build import base_of
from params.inputs import Inputs, load_inputs
from params.scenario.load import load_scenario
from params.scenario.parts.events import Event
from params.scenario.parts.insurance import InsuranceChange, InsurancePlan
from params.scenario.parts.tiers import TierPlan
from params.tables.assumptions import read_assumptions
from params.tables.resource_tables import read_resources
from simulate.city.calendar import make_calendar
from simulate.city.capacity import GROWTH
from simulate.city.insurance import make_insurance
from simulate.city.loop import run_world
from simulate.city.observe import observe
from simulate.city.people import make_people
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, make_below_flow, make_traits, setting_of
from simulate.city.warm_up import scaled
from simulate.city.world import CityWorld, make_world
from simulate.engine.streams import replication_key
from simulate.outcome import Outcome

RESOURCES = read_resources().with_on((), read_assumptions())
"""The resources of the baseline."""
REPORTED_RESOURCES = RESOURCES.reported
BEDS = RESOURCES.bed_names
N_RESOURCE = len(RESOURCES)
DAY_CARE, FAMILY_BED, GENERAL_BED, NURSING_BED, DEMENTIA_BED = (
    RESOURCES.index(name)
    for name in ("day_care", "family_bed", "general_bed", "nursing_bed", "dementia_bed")
)
"""Where they stand on the axis of resources."""
SCALE = 1 / 200
SEED = 2020


@cache
def base() -> Base:
    return base_of(load_inputs(load_scenario("baseline").scenario))


@cache
def whole_city(scenario: str = "baseline") -> Setting:
    inputs = load_inputs(load_scenario(scenario).scenario)
    return setting_of(inputs, base())


@cache
def small_city(scenario: str = "baseline", scale: float = SCALE) -> Setting:
    return scaled(whole_city(scenario), scale)


@cache
def parted(plan: TierPlan, scale: float = SCALE) -> Setting:
    """Return a small city with 保基本 beds beside those of the market."""
    scenario = load_scenario("baseline").scenario.model_copy(update={"tiers": plan})
    return scaled(setting_of(load_inputs(scenario), base()), scale)


@cache
def small_outcome(replication: int, scale: float = SCALE, seed: int = SEED) -> Outcome:
    city = small_city(scale=scale)
    return observe(city, run_replication(city, seed, replication))


def simulate_small(
    inputs: Inputs, base: Base, seed: int, replication: int, fixed_parameters: bool = False
) -> Outcome:
    """Stand in for `simulate.outcome.simulate_one` with the small city."""
    return small_outcome(replication, seed=seed)


def changed(
    city: Setting,
    values: Mapping[str, float] | None = None,
    policy: Mapping[str, object] | None = None,
    assessors: Mapping[str, object] | None = None,
    workers: Mapping[str, object] | None = None,
) -> Setting:
    """Return a setting with other numbers and rules for the event loop; the forecast stays."""
    inputs = city.inputs
    scenario = inputs.scenario
    rules = scenario.policy.model_copy(update=dict(policy or {}))
    plan = scenario.assessors.model_copy(update=dict(assessors or {}))
    return replace(
        city,
        inputs=replace(
            inputs,
            values={**inputs.values, **(values or {})},
            scenario=scenario.model_copy(
                update={
                    "policy": rules,
                    "assessors": plan,
                    "workers": scenario.workers.model_copy(update=dict(workers or {})),
                }
            ),
        ),
    )


def with_events(city: Setting, *events: Event, **workers: object) -> Setting:
    """Return a setting in which these events happen; the forecast stays as it is.

    Parameters
    ----------
    workers : other keys of `[workers]`, such as `wages` and `overtime`.
    """
    city = changed(city, workers=workers)
    scenario = city.inputs.scenario.model_copy(update={"events": events})
    inputs = replace(city.inputs, scenario=scenario)
    return replace(city, inputs=inputs, calendar=make_calendar(inputs))


def event(kind: str, first: str, last: str, **words: object) -> Event:
    """Return an event: its kind, first and last day, and what else it says."""
    days = {"start": date.fromisoformat(first), "end": date.fromisoformat(last)}
    return Event.model_validate({"kind": kind, **days, **words})


def with_operating(city: Setting, operating: np.ndarray) -> Setting:
    """Return a setting with other beds in operation, shape (month, district, bed kind)."""
    return replace(city, capacity=replace(city.capacity, operating=operating.astype(np.int64)))


def with_central_beds(city: Setting, factor: float) -> Setting:
    """Return a setting with more or fewer beds in operation in the central districts 中心城区."""
    beds = city.capacity.operating.astype(np.float64)
    beds[:, np.asarray(city.inputs.districts.zone) == 0] *= factor
    return with_operating(city, np.round(beds))


STAFF: Final = tuple(name for name in GROWTH.names or () if "output" not in name)
"""Kinds of staff that grow: in institutions, in home care, assessors."""


def with_growth(city: Setting, **staff: float | np.ndarray) -> Setting:
    """Return a setting with other staff against the release, by month or always; kinds of `STAFF`.

    Workers stay in their districts: where they are hired by vacancy these would be those who can be found.
    """
    growth = city.capacity.growth.copy()
    for kind, number in staff.items():
        growth[kind] = number
    city = replace(city, capacity=replace(city.capacity, growth=growth))
    return changed(city, workers={"hiring": "in_place"}, assessors={"growth": 0.0})


def without_staff(city: Setting, months: slice, *kinds: str) -> Setting:
    """Return a setting in which some kinds of staff are gone in some months."""
    growth = {kind: city.capacity.growth[kind].copy() for kind in kinds}
    for numbers in growth.values():
        numbers[months] = 0.0
    return with_growth(city, **growth)


def finished_world(city: Setting, seed: int = SEED, replication: int = 0) -> CityWorld:
    """Run a replication and keep everything the event loop knew at the end."""
    key = replication_key(seed, replication)
    people = make_people(city.need, city.flows, make_traits(city), city.calendar, key)
    world = make_world(city, people, 8.0)
    assert run_world(world.arrays()) == 0
    return world


def insured(city: Setting, *changes: InsuranceChange) -> Setting:
    """Return a setting with other rules of the insurance; a ceiling is that of this very city."""
    plan = InsurancePlan(changes=changes)
    scenario = city.inputs.scenario.model_copy(update={"insurance": plan})
    inputs = replace(city.inputs, scenario=scenario)
    insurance = make_insurance(inputs, city.calendar)
    below = make_below_flow(inputs, city.need, insurance, city.calendar)
    flows = city.flows._replace(below_flow=below)
    return replace(city, inputs=inputs, insurance=insurance, flows=flows)
