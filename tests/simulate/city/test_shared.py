"""Scenarios that share people and forecast come out as each does by itself, to the byte."""

import datetime as dt
import re
from datetime import date

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from params.inputs import load_inputs, with_scenario
from params.tables.assumptions import read_assumptions
from simulate.city import shared
from simulate.city.observe import observe, simulate_one, simulate_setting
from simulate.city.replication import run_replication
from simulate.city.setting import setting_of
from simulate.city.shared import Shared, forecast_key
from simulate.outcome import Outcome
from tests.city import whole_city
from tests.designs import scenario_with, toy, toy_base, toy_inputs

SEED = 2020
FOUND = (Phase.explicit, Phase.generate)
"""A failing example is not made smaller, which would take minutes."""
Changes = dict[str, object]
MOVED = tuple(
    (name, a.low, a.high)
    for name, a in read_assumptions(toy().assumptions).items()
    if a.low < a.high and a.concentration is None
)
assumption = st.sampled_from(MOVED).flatmap(
    lambda a: st.tuples(st.just(f"assumptions.{a[0]}"), st.sampled_from(a[1:]))
)
JULY = dt.date(2025, 7, 1)
DOUBLED = ({"kind": "deaths", "start": date(2025, 3, 1), "end": date(2025, 4, 30), "factor": 2.0},)
CLOSED = ({**DOUBLED[0], "kind": "admissions_closed", "factor": None},)
OTHER: tuple[tuple[str, object], ...] = (
    ("beds.total_2025", 3000),
    ("beds.total_2020", 1700),
    ("beds.dementia_2020", 20),
    ("horizon.last_year", 2025),
    ("horizon.last_year", 2029),
    ("population.growth", "frozen"),
    ("population.migration_timing", "start"),
    ("population.city_constraint", True),
    ("workers.extra_institution", 200),
    ("workers.certified_2025", 0.2),
    ("assessors.growth", -0.2),
    ("assessors.too_high", 0.3),
    ("policy.urgent_level", 2),
    ("policy.local_first", False),
    ("policy.hardship_share", 0.4),
    ("policy.interim_home_care", False),
    ("policy.admissions", ({"resource": "nursing_bed", "date": JULY, "least_level": 4},)),
    ("insurance.changes", ({"date": JULY, "take_up": 0.6},)),
    ("insurance.changes", ({"date": JULY, "insured_share": 0.5},)),
    ("insurance.changes", ({"date": JULY, "least_level": 4, "hours_5": 10.0},)),
    ("policy.hospital_bed", "released"),
    ("policy.short_of_staff", "who_fits"),
    ("service_target.share", 0.6),
    ("service_target.resources.general_bed.days", 60),
    ("costs.resources.general_bed.yearly", 5.0),
    ("assumptions.total_fertility", 2.0),
    ("assumptions.mortality_level", -0.12),
    ("assumptions.take_up", 0.7),
    ("assumptions.self_caring_onset", 0.03),
    ("assumptions.patience_days", 30.0),
    ("assumptions.operating_share", 0.9),
)
other = st.sampled_from(OTHER)
changes = st.lists(st.one_of(assumption, other), max_size=3).map(dict)


def alone(change: Changes, draw: int | None, replication: int) -> Outcome:
    """Simulate a scenario by itself, its tables read anew."""
    drawn = load_inputs(scenario_with(change), toy()).drawn(SEED, draw)
    return simulate_setting(setting_of(drawn, toy_base()), SEED, replication)


def together(
    held: Shared, change: Changes, draw: int | None, replication: int, services: bool = True
) -> Outcome:
    drawn = with_scenario(toy_inputs(), scenario_with(change)).drawn(SEED, draw)
    return held.simulate(drawn, toy_base(), SEED, replication, services)


def unlike(one: Outcome, other: Outcome) -> set[str]:
    """Name the arrays that are not the same bytes."""
    held = other.arrays()
    return {name for name, a in one.arrays().items() if a.tobytes() != held[name].tobytes()}


def check(held: Shared, change: Changes, draw: int | None, replication: int) -> None:
    """Hold what is shared against the same scenario by itself, whose forecast may be impossible."""
    try:
        expected = alone(change, draw, replication)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error))):
            together(held, change, draw, replication)
        return
    assert unlike(together(held, change, draw, replication), expected) == set()


@pytest.mark.slow
@given(st.lists(changes, min_size=2, max_size=3), st.integers(0, 3))
@settings(max_examples=4, derandomize=True, phases=FOUND)
def test_scenarios_of_one_draw_come_out_as_each_does_by_itself(
    several: list[Changes], draw: int
) -> None:
    held = Shared()
    for change in several:
        assert unlike(together(held, change, draw, draw), alone(change, draw, draw)) == set(), (
            change
        )


@pytest.mark.parametrize("change", [*OTHER, ("events", DOUBLED), ("events", CLOSED)])
def test_every_kind_of_change_comes_out_beside_the_baseline_as_by_itself(
    change: tuple[str, object],
) -> None:
    held = Shared()
    together(held, {}, None, 0)
    check(held, dict([change]), None, 0)


@pytest.mark.slow
@given(
    st.lists(st.tuples(changes, st.sampled_from([None, 0, 1]), st.integers(0, 2)), min_size=4),
)
@settings(max_examples=20, derandomize=True, phases=FOUND)
def test_many_scenarios_draws_and_replications_come_out_as_each_does_by_itself(
    several: list[tuple[Changes, int | None, int]],
) -> None:
    held = Shared()
    for change, draw, replication in several[:8]:
        check(held, change, draw, replication)


def test_a_replication_is_that_of_a_run() -> None:
    found = together(Shared(), {}, 2, 2)
    assert unlike(found, simulate_one(toy_inputs(), toy_base(), SEED, 2)) == set()


ENTRIES = {
    "drawn": ({}, {}),
    "population": ({}, {"population.migration_timing": "start"}),
    "horizon": ({"horizon.last_year": 2024}, {"horizon.last_year": 2025}),
    "total_2020": ({}, {"beds.total_2020": 1700}),
    "deaths": ({}, {"events": DOUBLED}),
    "forecast": ({}, {"assumptions.total_fertility": 2.0, "assumptions.mortality_level": -0.12}),
    "spread": ({}, {"assumptions.moves_error_resident": 0.5}),
    "need": ({}, {"assumptions.take_up": 0.6}),
    "choice": ({}, {"assumptions.self_caring_onset": 0.05}),
}
"""For every entry of the key but the city, two scenarios that only it tells apart."""


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_of_the_key_is_needed(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1 + list(ENTRIES).index(entry)
    first, second = ENTRIES[entry]
    draws = (0, 1) if entry == "drawn" else (0, 0)
    whole = forecast_key

    def poorer(inputs: object) -> object:
        key = list(whole(inputs))  # type: ignore[call-overload, arg-type]
        del key[at]
        if entry == "drawn":  # the values of a draw are in the key too
            return tuple(key[:5])
        return tuple(key)

    expected = alone(second, draws[1], 0)
    monkeypatch.setattr(shared, "forecast_key", poorer)
    held = Shared()
    together(held, first, draws[0], 0)
    assert unlike(together(held, second, draws[1], 0), expected)
    monkeypatch.setattr(shared, "forecast_key", whole)
    held = Shared()
    together(held, first, draws[0], 0)
    assert unlike(together(held, second, draws[1], 0), expected) == set()


def test_a_basis_of_its_own_has_people_of_its_own() -> None:
    inputs = whole_city().inputs
    population = inputs.scenario.population.model_copy(update={"basis": "registered"})
    other = inputs.scenario.model_copy(update={"population": population})
    assert forecast_key(inputs) != forecast_key(with_scenario(inputs, other))
    assert forecast_key(inputs) == forecast_key(with_scenario(inputs, inputs.scenario))


def test_scenarios_that_differ_in_beds_workers_and_policy_share_one_forecast_and_one_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    for name in ("project", "people_of"):
        real = getattr(shared, name)
        monkeypatch.setattr(
            shared, name, lambda *a, real=real, name=name: (made.append(name), real(*a))[1]
        )
    held = Shared()
    for change in (
        {},
        {"beds.total_2025": 3000, "workers.extra_home": 50},
        {"policy.local_first": False, "assessors.growth": 0.1},
    ):
        together(held, change, 0, 0)
    assert made == ["project", "people_of"]


def test_the_crowd_that_is_held_is_not_written_into() -> None:
    held = Shared()
    first = together(held, {}, 0, 0)
    assert unlike(together(held, {}, 0, 0), first) == set()


def test_only_the_last_forecasts_and_crowds_are_held() -> None:
    held = Shared()
    for draw in range(shared.FORECASTS + 2):
        together(held, {}, draw, draw)
    assert len(held._forecasts) == shared.FORECASTS
    assert len(held._crowds) == shared.CROWDS


def test_without_the_search_for_the_least_capacity_nothing_else_changes() -> None:
    setting = setting_of(toy_inputs().drawn(SEED, 1), toy_base())
    run = run_replication(setting, SEED, 1)
    whole, without = observe(setting, run), observe(setting, run, services=False)
    assert unlike(whole, without) == {"service", "workers"}
    assert without.service.shape == whole.service.shape
    assert np.isfinite(whole.service).any()
