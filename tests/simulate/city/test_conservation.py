"""People are conserved, whatever the scenario: see `tests.simulate.invariants` for each rule."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from params.inputs import load_inputs
from params.scenario.load import Horizon, Pause, load_scenario
from params.scenario.parts.admissions import Admission
from params.scenario.parts.assessors import AssessorPlan
from params.scenario.parts.insurance import InsuranceChange
from params.scenario.parts.workers import Overtime, Wage
from simulate.city.calendar import make_calendar
from simulate.city.capacity import BedDays
from simulate.city.given import NOT_GIVEN, Given
from simulate.city.setting import Setting, setting_of
from simulate.city.warm_up import scaled
from simulate.engine.records import DAY
from tests.city import (
    SCALE,
    STAFF,
    base,
    changed,
    event,
    finished_world,
    insured,
    small_city,
    with_events,
    with_growth,
    with_operating,
    without_staff,
)
from tests.events import random_events
from tests.simulate.invariants import INVARIANTS, Scene, every_placement_fits

Variant = Callable[[Setting], Setting]
PUDONG, LAST_HALF = 10, slice(30, None)


def _no_beds(city: Setting) -> Setting:
    beds = city.capacity.operating.copy()
    beds[:, PUDONG] = 0
    return with_operating(city, beds)


def _beds_close(city: Setting) -> Setting:
    beds = city.capacity.operating.copy()
    beds[LAST_HALF, :8] = 0
    return with_operating(city, beds)


def _beds_close_for_a_week(city: Setting) -> Setting:
    """Close half of the districts' beds inside a month, and open them again before it ends."""
    closed, opened = LAST_HALF.start, LAST_HALF.start + 2
    starts, beds = city.calendar.month_start, city.capacity.operating
    at = np.concatenate([starts[closed:opened] + 8 * DAY, starts[closed:opened] + 15 * DAY])
    month = np.array([*range(closed, opened)] * 2)
    operating = beds[month].copy()
    operating[: opened - closed, :8] = 0
    order = np.argsort(at)
    share = city.capacity.whole_city[month]
    days = BedDays(at[order], operating[order], share[order])
    city = changed(city, policy={"spare_beds": False})  # so that rows tell which kind is taken
    return replace(city, capacity=replace(city.capacity, days=days))


def _a_fifth_of_the_beds(city: Setting) -> Setting:
    """Leave five people for every bed."""
    return with_operating(city, np.round(city.capacity.operating * 0.2))


def _nobody_works(city: Setting) -> Setting:
    """Take away workers of every kind and all assessors for the second half."""
    return without_staff(city, LAST_HALF, *STAFF)


def _nothing_anywhere(city: Setting) -> Setting:
    city = with_operating(city, 0 * city.capacity.operating)
    return replace(city, capacity=replace(city.capacity, places=0 * city.capacity.places))


def _pause(city: Setting) -> Setting:
    pause = Pause(start=dt.date(2021, 3, 1), end=dt.date(2022, 6, 30))
    plan = AssessorPlan(pauses=(pause,))
    scenario = city.inputs.scenario.model_copy(update={"assessors": plan})
    return replace(city, calendar=make_calendar(replace(city.inputs, scenario=scenario)))


def _staff_goes(kind: str) -> Variant:
    return lambda city: without_staff(city, LAST_HALF, kind)


def _values(**values: float) -> Variant:
    return lambda city: changed(city, values=values)


def _hospital(often: float, days: float, **policy: object) -> Variant:
    values = {"hospital_admissions": often, "hospital_stay_days": days}
    return lambda city: changed(city, values, policy)


def _policy(**policy: object) -> Variant:
    return lambda city: changed(city, policy=policy)


def _who_fits(city: Setting) -> Setting:
    """Take away a third of the workers, and let others pass those for whom too few are left."""
    return changed(with_growth(city, institution=2 / 3), policy={"short_of_staff": "who_fits"})


def _another_insurance(city: Setting) -> Setting:
    """Cover less and less, for other hours, up to a total below what is given by then."""
    return insured(
        city,
        InsuranceChange(date=dt.date(2021, 7, 1), least_level=3, take_up=0.95),
        InsuranceChange(date=dt.date(2022, 3, 1), hours_3=1.0, hours_5=10.0, insured_share=0.7),
        InsuranceChange(date=dt.date(2023, 1, 1), most_hours_week=round(1e6 * SCALE)),
        InsuranceChange(date=dt.date(2023, 9, 1), least_level=2, hours_3=5.0),
    )


def _rules_of_admission(city: Setting) -> Setting:
    """Let beds take some people only: the self-caring none for two years, then with others of them."""
    rules = (
        Admission(
            resource="general_bed",
            date=dt.date(2021, 5, 1),
            until=dt.date(2023, 5, 1),
            least_level=3,
        ),
        Admission(resource="nursing_bed", date=dt.date(2021, 5, 1), least_level=4),
        Admission(resource="dementia_bed", date=dt.date(2022, 2, 1), least_level=5, alone=True),
        Admission(resource="dementia_bed", date=dt.date(2022, 2, 1), hardship=True),
    )
    return changed(city, policy={"admissions": rules, "hardship_share": 0.2})


def _persons_laid_down(city: Setting) -> Setting:
    """Let workers and assessors of every second district come and go on paths, none at times."""

    def some(paths: np.ndarray, most: float) -> np.ndarray:
        found = paths.copy()
        found["persons"][..., ::2] = 0.0
        found["persons"][::7, ..., ::2] = most
        return found.view(np.recarray)

    capacity, supply = city.capacity, city.inputs.assumed.supply
    workers = some(capacity.worker_paths, supply.workers_home_2020 / 8)
    assessors = some(capacity.assessor_paths, supply.assessors_2020 / 8)
    return replace(city, capacity=replace(capacity, worker_paths=workers, assessor_paths=assessors))


def _events(city: Setting) -> Setting:
    """Let every kind of event happen, some at once."""
    return with_events(
        city,
        event("admissions_closed", "2021-02-10", "2021-06-20", area="中心城区"),
        event("admissions_closed", "2022-01-01", "2022-03-31", resource="nursing_bed"),
        event("service_closed", "2021-03-01", "2021-05-15", resource="day_care"),
        event("assessors", "2022-04-01", "2022-06-30", share=0.0, area="浦东新区"),
        event("assessors", "2022-05-10", "2022-06-10", share=0.5),
        event("workers_absent", "2023-01-01", "2023-01-31", share=0.7),
        event("deaths", "2022-12-10", "2023-01-20", factor=3.0, least_age=70),
        overtime=(Overtime(share=0.2, start=date(2023, 1, 20), end=date(2023, 2, 10)),),
        wages=(Wage(rise=0.1, date=date(2021, 7, 1)),),
    )


def _begins_as_given(city: Setting) -> Setting:
    """Give far more or far fewer in every second district, after two years."""
    count = np.full_like(city.start.count, NOT_GIVEN)
    count[:, ::2] = np.where(np.arange(count.shape[2]) % 2 == 0, 4, 40)
    return replace(city, start=Given(24, count))


VARIANTS: dict[str, Variant] = {
    "as it is": lambda city: city,
    "persons laid down": _persons_laid_down,
    "no beds in a district": _no_beds,
    "beds close with residents inside": _beds_close,
    "beds close for a week": _beds_close_for_a_week,
    "no places anywhere": _nothing_anywhere,
    "five people for every bed": _a_fifth_of_the_beds,
    "nobody works": _nobody_works,
    "assessors pause": _pause,
    "institution staff goes": _staff_goes("institution"),
    "home-care staff goes": _staff_goes("home_care"),
    "assessors go": _staff_goes("assessors"),
    "no patience": _values(patience_days=0.0, never_leave_zone=0.0, list_length=15),
    "endless patience": _values(patience_days=1e9),
    "everybody gives up": _values(withdrawal=50.0),
    "nobody gives up or leaves": _values(withdrawal=0.0, other_exit=0.0),
    "residents leave": _values(other_exit=5.0),
    "everybody asks for dementia beds": _values(ask_dementia_bed=1.0, nursing_at_2_3=0.0),
    "no care while waiting": _policy(interim_home_care=False),
    "beds are given up in hospital": _hospital(5.0, 14.0, hospital_bed="released"),
    "beds are held in hospital for a week": _hospital(5.0, 30.0, hospital_hold_days=7),
    "who fits goes first where staff is short": _who_fits,
    "assessors err": lambda city: changed(city, assessors={"too_high": 0.3, "too_low": 0.3}),
    "another insurance": _another_insurance,
    "rules of admission": _rules_of_admission,
    "events of every kind": _events,
    "begins as given": _begins_as_given,
    "no order of precedence": _policy(urgent_level=7, alone_first=False, local_first=False),
}


def own_beds_only(city: Setting) -> Setting:
    """Let no district's beds serve the whole city."""
    capacity = city.capacity
    days = replace(capacity.days, whole_city=0 * capacity.days.whole_city)
    share = 0 * capacity.whole_city
    return replace(city, capacity=replace(capacity, whole_city=share, days=days))


@cache
def scene(name: str) -> Scene:
    city = VARIANTS[name](small_city())
    return Scene(city, finished_world(city))


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("rule", INVARIANTS, ids=lambda rule: rule.__name__)
def test_the_rule_holds_in_the_scenario(rule: Callable[[Scene], None], name: str) -> None:
    rule(scene(name))


@pytest.mark.parametrize("name", VARIANTS)
def test_no_placement_exceeds_the_capacity_of_the_month(name: str) -> None:
    city = own_beds_only(VARIANTS[name](small_city()))
    every_placement_fits(Scene(city, finished_world(city)))


def test_a_bed_given_over_to_the_whole_city_is_not_filled_twice() -> None:
    every_placement_fits(scene("as it is"))


@pytest.mark.parametrize(
    "name", ["frozen-2020", "rule-met", "more-workers", "city-pool", "in-turn"]
)
def test_every_rule_holds_in_ready_scenarios(name: str) -> None:
    ready = Scene(small_city(name), finished_world(small_city(name)))
    for rule in INVARIANTS:
        rule(ready)


chances = st.floats(0, 1)
random_values = st.fixed_dictionaries(
    {
        "patience_days": st.floats(0, 1e6),
        "withdrawal": st.floats(0, 20),
        "other_exit": st.floats(0, 5),
        "list_length": st.integers(0, 16).map(float),
        "never_leave_zone": chances,
        "ask_dementia_bed": chances,
        "nursing_at_2_3": chances,
        "hospital_share": st.floats(0, 0.5),
        "family_bed_share": chances,
        "day_care_share": st.floats(0, 0.5),
        "hospital_admissions": st.floats(0, 50),
        "hospital_stay_days": st.floats(0, 200),
        "staff_load_2020": st.floats(0.1, 1),
        "home_load_2020": st.floats(0.1, 1),
        "assessor_load_2020": st.floats(0.1, 2),
    }
)
random_policy = st.fixed_dictionaries(
    {
        "urgent_level": st.integers(2, 7),
        "alone_first": st.booleans(),
        "local_first": st.booleans(),
        "interim_home_care": st.booleans(),
        "hospital_bed": st.sampled_from(["held", "released"]),
        "hospital_hold_days": st.integers(0, 60),
        "short_of_staff": st.sampled_from(["in_turn", "who_fits"]),
    }
)


random_mistakes = st.fixed_dictionaries(
    {"too_high": st.floats(0, 0.5), "too_low": st.floats(0, 0.5)}
)


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(random_values, random_policy, random_mistakes, st.integers(0, 2**32 - 1))
def test_every_rule_holds_in_random_scenarios(
    values: dict[str, float], policy: dict[str, object], mistakes: dict[str, object], seed: int
) -> None:
    city = own_beds_only(changed(small_city(), values, policy, mistakes))
    rng = np.random.default_rng(seed)
    beds = city.capacity.operating
    # Every district and kind jumps between none, as planned and three times as much, by quarters.
    steps = rng.choice([0.0, 0.5, 1.0, 1.0, 3.0], size=(beds.shape[0] // 3 + 1, *beds.shape[1:]))
    city = with_operating(city, np.round(beds * np.repeat(steps, 3, axis=0)[: len(beds)]))
    months = city.capacity.growth.size
    growth = {k: rng.choice([0.0, 0.5, 1.0, 2.0], size=months) for k in STAFF}
    city = random_events(with_growth(city, **growth), rng)
    random_scene = Scene(city, finished_world(city, seed))
    for rule in (*INVARIANTS, every_placement_fits):
        rule(random_scene)


def test_every_rule_holds_over_thirty_years() -> None:
    inputs = load_inputs(
        load_scenario("baseline").scenario.model_copy(update={"horizon": Horizon(last_year=2050)})
    )
    city = own_beds_only(scaled(setting_of(inputs, base()), 1 / 1000))
    scene = Scene(city, finished_world(city))
    assert len(scene.measures.monthly) == 360
    for rule in (*INVARIANTS, every_placement_fits):
        rule(scene)
