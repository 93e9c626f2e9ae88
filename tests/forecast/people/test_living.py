"""Who lives alone or with elders only adds to the published totals in every draw, and moves on."""

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.methods.logit import selecting
from forecast.people.living import in_institutions, with_spouse
from forecast.people.projection import Projection, project
from params.axes import ARRANGEMENTS, ELDER_AGE
from params.inputs import Inputs, load_inputs
from params.scenario.load import Horizon, load_scenario
from params.tables.draws import Draws

ALONE, ELDERS_ONLY, WITH_FAMILY = range(len(ARRANGEMENTS))


def test_the_published_numbers_live_alone_and_with_elders_only(projection: Projection) -> None:
    found = projection.by_arrangement("registered")[projection.base_index].sum(axis=0)
    assert found[ALONE] == pytest.approx(305_200, rel=1e-9)
    assert found[:WITH_FAMILY].sum() == pytest.approx(1_577_900, rel=1e-9)


@pytest.mark.parametrize("index", range(5))
def test_every_draw_meets_the_published_totals(inputs: Inputs, base: Base, index: int) -> None:
    projection = project(inputs.drawn(7, index), base)
    found = projection.by_arrangement("registered")[projection.base_index].sum(axis=0)
    np.testing.assert_allclose(found[ALONE], 305_200, rtol=1e-9)
    np.testing.assert_allclose(found[:WITH_FAMILY].sum(), 1_577_900, rtol=1e-9)


def test_shares_are_shares_and_add_to_one(projection: Projection) -> None:
    shares = projection.arrangement
    assert ((shares >= 0) & (shares <= 1)).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)


def test_more_of_the_older_and_of_women_live_alone(projection: Projection) -> None:
    alone = projection.arrangement[projection.base_index, ALONE]
    assert (np.diff(alone, axis=-1) > 0).all()
    assert (alone[:, 1] > alone[:, 0]).all()


def test_elders_live_with_family_where_three_generations_share_homes(
    inputs: Inputs, projection: Projection
) -> None:
    family = projection.arrangement[projection.base_index, WITH_FAMILY, :, 1, 15]
    order = np.argsort(inputs.three_generation_share)
    assert (np.diff(family[order]) > 0).all()


def test_residents_of_homes_are_taken_out_first(inputs: Inputs, projection: Projection) -> None:
    registered = projection.registered[projection.base_index]
    default = Draws(inputs.assumptions, 0, [None])
    share = in_institutions(inputs, default.choice, registered[None])[0]
    residents = (registered[..., ELDER_AGE:] * share).sum()
    assert residents == pytest.approx(157_000 * 0.80, rel=1e-9)
    np.testing.assert_allclose(projection.private, 1 - share)
    everyone = projection.by_arrangement("registered")[projection.base_index].sum()
    assert everyone == pytest.approx(registered[..., ELDER_AGE:].sum() - residents, rel=1e-9)


def test_where_spouses_live_longer_fewer_live_alone(base: Base) -> None:
    def alone(gain: float) -> float:
        changes = {"e0_gain_male": gain}
        plain = load_scenario("baseline").scenario
        inputs = load_inputs(
            plain.model_copy(update={"horizon": Horizon(last_year=2040), "assumptions": changes})
        )
        shares = project(inputs, base).arrangement[-1, ALONE, :, 1, 20]
        return float(shares.mean())

    assert alone(0.3) < alone(0.05) - 0.002


def test_fewer_wives_than_husbands_are_widowed_at_the_same_age(inputs: Inputs) -> None:
    default = Draws(inputs.assumptions, 0, [None])
    old = np.exp(-np.exp(-9.5 + 0.09 * np.arange(101)))
    spouse = with_spouse(default.forecast, np.tile(np.stack([old**1.5, old]), (1, 3, 1, 1)))[0]
    assert (spouse[:, 0] > spouse[:, 1]).all()
    assert (np.diff(spouse, axis=-1) < 0).all()
    np.testing.assert_allclose(spouse[0], spouse[-1], rtol=1e-12)


def test_a_level_selects_the_total_of_every_draw() -> None:
    logit = np.random.default_rng(1).normal(0, 3, (4, 2, 41))
    people = np.random.default_rng(2).uniform(1, 100, (4, 2, 41))
    totals = np.array([1.0, 100.0, 2000.0, 3500.0])
    found = (selecting(logit, people, totals) * people).sum(axis=(1, 2))
    np.testing.assert_allclose(found, totals, rtol=1e-12)


def test_more_people_than_there_are_cannot_live_alone() -> None:
    with pytest.raises(ValueError, match="1,000 people cannot be found among 100"):
        selecting(np.zeros((1, 100)), np.ones((1, 100)), 1000.0)
