"""A thousand draws are one call; city intervals come from sums inside draws."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.many_draws import DRAWS_A_BLOCK, NEED_MEASURES, Forecast, forecast
from forecast.need.need import need_of
from forecast.people.projection import WARM_UP_YEARS, project
from params.axes import BASES
from params.inputs import Inputs, load_inputs
from params.scenario.load import PopulationPlan, load_scenario

DRAWS = 60


@pytest.fixture(scope="module")
def found(inputs: Inputs, base: Base) -> Forecast:
    return forecast(inputs, DRAWS, 7, base=base, cells=True)


def test_the_default_is_the_projection_that_the_simulation_takes(
    inputs: Inputs, base: Base
) -> None:
    plain, projection = forecast(inputs, 0, base=base), project(inputs, base)
    now = slice(WARM_UP_YEARS, -1)
    for basis in BASES:
        people = projection.people(basis)[now]
        np.testing.assert_allclose(plain.values(basis, "80+")[0], people[..., 80:].sum((2, 3)))
        arranged = projection.by_arrangement(basis)[now]
        np.testing.assert_allclose(plain.values(basis, "living_alone")[0], arranged[..., 0])
        np.testing.assert_allclose(
            plain.values(basis, "elders_only")[0], arranged[..., :2].sum(axis=-1)
        )


def test_need_is_that_of_the_simulation(inputs: Inputs, base: Base) -> None:
    plain = forecast(inputs, 0, base=base).need[0]
    need = need_of(inputs, project(inputs, base))
    stock = need.stock[WARM_UP_YEARS:-1].sum(axis=(2, 3))
    np.testing.assert_allclose(plain[..., :5], stock, rtol=1e-6)
    elders = need.elders[WARM_UP_YEARS:-1].sum(axis=(2, 3))
    dementia = stock @ need.dementia + (elders - stock.sum(-1)) * need.dementia_below
    np.testing.assert_allclose(plain[..., NEED_MEASURES.index("dementia")], dementia, rtol=1e-6)


@pytest.mark.parametrize("index", [0, 23])
def test_a_draw_is_the_draw_of_the_simulation_with_the_same_seed(
    inputs: Inputs, base: Base, found: Forecast, index: int
) -> None:
    drawn = inputs.drawn(7, index)
    projection = project(drawn, base)
    people = projection.resident[WARM_UP_YEARS:-1]
    np.testing.assert_allclose(
        found.values("resident", "60+")[index], people[..., 60:].sum((2, 3)), rtol=1e-10
    )
    stock = need_of(drawn, projection).stock[WARM_UP_YEARS:-1].sum(axis=(2, 3, 4))
    # The onset rate is that of the default draw: it moves the stock without a result a little.
    np.testing.assert_allclose(found.need[index, ..., 5], stock, rtol=0.005)


def test_a_draw_alone_in_the_last_block_has_its_own_parameters(inputs: Inputs, base: Base) -> None:
    alone, beside = (forecast(inputs, DRAWS_A_BLOCK + n, 7, base=base) for n in (1, 2))
    np.testing.assert_allclose(alone.people[-1], beside.people[-2], rtol=1e-12)


def test_threads_do_not_change_a_digit(inputs: Inputs, base: Base, found: Forecast) -> None:
    again = forecast(inputs, DRAWS, 7, base=base, cells=True, threads=1)
    for name in ("people", "need", "pyramid", "mean", "spread", "scaling"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))


def test_cells_and_the_pyramid_add_to_the_measures(found: Forecast) -> None:
    everyone = found.people[..., 0]
    np.testing.assert_allclose(found.mean.sum(axis=(3, 4)), everyone.mean(axis=0))
    np.testing.assert_allclose(found.pyramid.sum(axis=(3, 4)), everyone.sum(axis=3))


def test_the_spread_of_a_cell_is_that_of_its_draws(inputs: Inputs, base: Base) -> None:
    few = forecast(inputs, 5, 7, base=base, cells=True)
    people = np.array([project(inputs.drawn(7, i), base).registered[-2, 4, 1] for i in range(5)])
    np.testing.assert_allclose(few.mean[-1, 1, 4, 1], people.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(few.spread[-1, 1, 4, 1], people.std(axis=0), rtol=1e-5, atol=1e-4)


def test_the_city_is_surer_than_a_district_but_not_by_a_quarter_as_if_all_were_apart(
    found: Forecast,
) -> None:
    old = found.values("resident", "80+")[:, -1]
    district = (old / old.mean(axis=0)).std(axis=0).mean()
    city = old.sum(axis=1).std() / old.sum(axis=1).mean()
    assert district / 4 < city < district


def test_intervals_widen_with_the_years(found: Forecast) -> None:
    spread = found.values("resident", "60+").std(axis=0)
    assert (np.diff(spread, axis=0) > 0).mean() > 0.9


def test_published_households_come_out_in_every_draw(found: Forecast) -> None:
    alone = found.values("registered", "living_alone")[:, 0].sum(axis=1)
    np.testing.assert_allclose(alone, 305_200, rtol=1e-9)


def test_a_constrained_city_says_how_far_districts_were_scaled(inputs: Inputs, base: Base) -> None:
    plan = PopulationPlan(city_constraint=True)
    held = replace(inputs, scenario=inputs.scenario.model_copy(update={"population": plan}))
    low, high = np.moveaxis(forecast(held, 5, 7, base=base).scaling[:, :, 0], -1, 0)
    assert ((low < 1) & (low > 0.9) & (high > 1) & (high < 1.1)).all()


def test_a_frozen_population_stays(inputs: Inputs, base: Base) -> None:
    plan = PopulationPlan(growth="frozen")
    still = replace(inputs, scenario=inputs.scenario.model_copy(update={"population": plan}))
    found = forecast(still, 3, 7, base=base, cells=True)
    people, mean = found.people, found.mean
    np.testing.assert_array_equal(people, np.broadcast_to(people[:, :1], people.shape))
    np.testing.assert_array_equal(mean, np.broadcast_to(mean[:1], mean.shape))


def test_falling_incidence_leaves_fewer_in_need_later_but_nobody_at_first(base: Base) -> None:
    plain, falling = (
        forecast(load_inputs(load_scenario(name).scenario), 0, base=base)
        .need[0, ..., 5]
        .sum(axis=1)
        for name in ("baseline", "falling-incidence")
    )
    lost = 1 - falling / plain
    assert lost[0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(lost) > 0).all()
    # Five years of 1 % less: those who fell ill under the old rates still make up most of them.
    assert 0.01 < lost[5] < 0.05
