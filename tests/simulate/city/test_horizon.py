"""What a replication says of a year is the same whatever later years are simulated."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from forecast.people.projection import last_projected_year
from params.inputs import Inputs, load_inputs
from params.scenario.load import Horizon, load_scenario
from simulate.city.observe import observe
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting, setting_of
from simulate.city.warm_up import scaled
from simulate.engine.records import DAY
from simulate.outcome import FACTS, Outcome
from tests.city import RESOURCES, SEED, base

SHORT, LONG = 2021, 2026
"""The plan ends between them."""
SCALE = 1 / 40
YEAR_AXIS = {"population": 1}
"""Where it is not the first axis, of months or years."""


def inputs_until(last_year: int) -> Inputs:
    scenario = load_scenario("baseline").scenario
    horizon = Horizon(last_year=last_year)
    return load_inputs(scenario.model_copy(update={"horizon": horizon})).drawn(SEED, 3)


@cache
def city_until(last_year: int) -> Setting:
    return scaled(setting_of(inputs_until(last_year), base()), SCALE)


@cache
def run_until(last_year: int) -> Run:
    return run_replication(city_until(last_year), SEED, 3)


@cache
def outcome_until(last_year: int) -> Outcome:
    return observe(city_until(last_year), run_until(last_year))


def first_part(longer: np.ndarray, shorter: np.ndarray, axis: int = 0) -> np.ndarray:
    return longer.take(range(shorter.shape[axis]), axis)


@pytest.mark.parametrize(
    "name", [f.name for f in fields(Outcome) if f.name not in ("facts", "start", "lent")]
)
def test_what_is_said_of_a_year_does_not_depend_on_later_years(name: str) -> None:
    short, long = (getattr(outcome_until(year), name) for year in (SHORT, LONG))
    assert short.size > 0
    axis = YEAR_AXIS.get(name, 0)
    np.testing.assert_array_equal(first_part(long, short, axis), short, strict=True)


def test_what_is_said_of_the_start_does_not_depend_on_later_years() -> None:
    of_the_start = [k for k, name in enumerate(FACTS) if name != "events"]
    short, long = (outcome_until(year).facts[of_the_start] for year in (SHORT, LONG))
    assert (short == long).all()
    assert (short > 0).all()


@pytest.mark.parametrize("name", ["resident", "registered", "survival", "arrangement"])
def test_people_of_a_year_are_projected_to_the_same_last_bit(name: str) -> None:
    short, long = (getattr(city_until(year).projection, name) for year in (SHORT, LONG))
    assert len(long) > len(short)
    assert (first_part(long, short) == short).all()


def test_beds_of_a_year_follow_the_whole_plan_where_it_is_not_simulated_to_its_end() -> None:
    short, long = (city_until(year).capacity for year in (SHORT, LONG))
    for name in ("approved", "operating", "whole_city"):
        early, later = getattr(short, name), getattr(long, name)
        assert (first_part(later, early) == early).all()


def test_a_month_takes_its_part_of_a_year_that_is_not_simulated_to_its_end() -> None:
    short, long = (city_until(year).calendar for year in (SHORT, LONG))
    assert (first_part(long.month_share, short.month_share) == short.month_share).all()
    years = long.month_share[: 12 * 8].reshape(8, 12).sum(axis=1)
    np.testing.assert_allclose(years, 1.0, rtol=1e-15)


def test_every_year_is_followed_for_as_long() -> None:
    calendar = city_until(LONG).calendar
    ends = calendar.month_start[12 : calendar.n_reported_months + 1 : 12]
    assert (calendar.followed - ends == 31 * DAY).all()
    assert calendar.followed[-1] == calendar.end


def with_targets(inputs: Inputs, **days: float) -> Inputs:
    rows = tuple(
        replace(row, target_days=days.get(row.name, row.target_days))
        for row in inputs.resources.rows
    )
    return replace(inputs, resources=replace(inputs.resources, rows=rows))


@pytest.mark.parametrize(
    ("days", "months"),
    [
        ({"nursing_bed": 31}, 1),
        ({"nursing_bed": 32}, 2),
        ({"day_care": 59}, 2),
        ({"day_care": 60}, 3),
        ({"nursing_bed": 366}, 13),
        ({"assessment": 16}, 2),
    ],
    ids=str,
)
def test_a_year_is_followed_until_the_longest_target_has_passed(
    days: dict[str, float], months: int
) -> None:
    inputs = with_targets(inputs_until(SHORT), **days)
    assert inputs.follow_up_months == months


def test_people_are_projected_past_all_that_is_asked_of_them() -> None:
    short, long = inputs_until(SHORT), inputs_until(LONG)
    assert last_projected_year(short) == short.city.plan_year
    assert last_projected_year(long) == LONG + 1
    assert last_projected_year(with_targets(long, nursing_bed=366)) == LONG + 2


def test_the_last_months_of_those_who_die_after_the_run_are_foreseen() -> None:
    scenario = load_scenario("medical-and-hospice").scenario
    horizon = Horizon(last_year=LONG)
    inputs = load_inputs(scenario.model_copy(update={"horizon": horizon}))
    assert last_projected_year(inputs) == LONG + 1
    lasting = replace(inputs, values={**inputs.values, "last_months_days": 400.0})
    assert last_projected_year(lasting) == LONG + 2


def test_residents_at_the_release_are_those_of_the_ledger() -> None:
    run = run_until(SHORT)
    rows = run.ledger[run.ledger["person"] >= 0]
    there = (rows["start"] <= run.release) & (rows["end"] > run.release)
    lived_in = np.bincount(rows["resource"][there], minlength=len(RESOURCES))
    beds = RESOURCES.beds
    assert (run.residents[beds, 0] == lived_in[beds]).all()
    assert (run.residents[:, 1] <= run.residents[:, 0]).all()
    assert run.residents[: RESOURCES.first_bed].sum() == 0
