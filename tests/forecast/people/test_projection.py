"""Projections start from the base, stay positive to 2050 and in every draw, and can be frozen."""

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.from_censuses import Censuses
from forecast.need.need import need_of
from forecast.people.projection import WARM_UP_YEARS, Projection, project
from params.inputs import Inputs, load_inputs
from params.scenario.load import Horizon, PopulationPlan, Scenario, load_scenario


def scenario(**changes: object) -> Scenario:
    return load_scenario("baseline").scenario.model_copy(update=changes)


def test_years_run_from_the_warm_up_to_one_past_the_horizon(projection: Projection) -> None:
    assert list(projection.years) == list(range(2018, 2027))
    assert projection.base_index == WARM_UP_YEARS


def test_the_projection_passes_through_the_base(base: Base, projection: Projection) -> None:
    for k, basis in enumerate(("resident", "registered")):
        now = projection.people(basis)[projection.base_index]
        np.testing.assert_allclose(now, base.people[k], rtol=1e-6)


def test_a_year_end_lies_a_sixth_of_a_year_after_the_census(inputs: Inputs, base: Base) -> None:
    census = Censuses(inputs, base.mortality).people(2020).sum(axis=(0, 1))
    year_end = base.people[0].sum(axis=(0, 1))
    # Those who turn 60 by the year's end, a sixth of the people of 59, less those who die.
    aged = census[60:].sum() + census[59] / 6
    assert 0.993 < year_end[60:].sum() / aged < 1.0


def test_the_warm_up_leads_to_the_base_by_deaths_alone(projection: Projection) -> None:
    before, now = projection.resident[1], projection.resident[2]
    into = projection.survival[2]
    np.testing.assert_allclose(now[..., 1:100], before[..., :99] * into[:, 1:100], rtol=1e-10)


def test_elders_grow_as_in_the_published_years(projection: Projection) -> None:
    elders = projection.resident[..., 60:].sum(axis=(1, 2, 3))[projection.base_index :]
    # Those who pass 60 in 2021-2026 were born after the famine.
    assert ((np.diff(elders) / elders[:-1] > 0.01) & (np.diff(elders) / elders[:-1] < 0.05)).all()


@pytest.mark.parametrize("basis", ["resident", "registered"])
def test_a_frozen_scenario_keeps_people_and_need_as_they_are(basis: str) -> None:
    plan = PopulationPlan(growth="frozen", basis=basis)  # type: ignore[arg-type]
    inputs = load_inputs(scenario(population=plan))
    projection = project(inputs)
    people = projection.people(basis)[projection.base_index :]
    assert (people == people[0]).all()
    need = need_of(inputs, projection)
    np.testing.assert_array_equal(need.stock[-1], need.stock[projection.base_index])


@pytest.mark.parametrize("index", range(20))
def test_every_draw_gives_finite_and_positive_people_and_need(
    inputs: Inputs, base: Base, index: int
) -> None:
    drawn = inputs.drawn(2024, index)
    projection = project(drawn, base)
    need = need_of(drawn, projection)
    for positive in (projection.resident, projection.registered, need.stock, need.hazards.death):
        assert np.isfinite(positive).all()
        assert (positive > 0).all()
    assert np.isfinite(need.onset).all()
    assert (need.onset >= 0).all()


def test_draws_differ(inputs: Inputs, base: Base) -> None:
    ends = {project(inputs.drawn(2024, k), base).resident[-1].sum() for k in range(5)}
    assert len(ends) == 5


def test_a_horizon_to_2050_stays_positive(base: Base) -> None:
    inputs = load_inputs(scenario(horizon=Horizon(last_year=2050)))
    projection = project(inputs, base)
    need = need_of(inputs, projection)
    assert projection.years[-1] == 2051
    for positive in (projection.resident, projection.registered, need.stock):
        assert np.isfinite(positive).all()
        assert (positive > 0).all()
    assert need.clipped < 1e-2


def test_a_longer_horizon_does_not_change_the_years_before(
    projection: Projection, base: Base
) -> None:
    longer = project(load_inputs(scenario(horizon=Horizon(last_year=2035))), base)
    # The search for life expectancies starts from another grid: the last digit may differ.
    before = longer.resident[: len(projection.years)]
    np.testing.assert_allclose(before, projection.resident, rtol=1e-12)


def test_heavier_mortality_leaves_fewer_of_the_oldest(inputs: Inputs, base: Base) -> None:
    worse = load_inputs(scenario(assumptions={"mortality_level": 0.1}))
    ends = [project(case, base).resident[-1, ..., 80:].sum() for case in (worse, inputs)]
    assert ends[0] < ends[1]
