"""Who lives alone or with elders only adds to the published totals in every draw."""

import numpy as np
import pytest

from forecast.living import arrangement_shares
from forecast.projection import Projection
from params.axes import ARRANGEMENTS, ELDER_AGE, FloatArray
from params.inputs import Inputs

ALONE, ELDERS_ONLY, WITH_FAMILY = range(len(ARRANGEMENTS))


def people_by_arrangement(projection: Projection) -> FloatArray:
    """Registered people of 2020, shape (arrangement,)."""
    now = projection.registered[projection.base_index].sum(axis=0)
    people: FloatArray = np.einsum("ksa,sa->k", projection.arrangement, now)
    return people


def test_the_published_number_lives_alone(projection: Projection) -> None:
    assert people_by_arrangement(projection)[ALONE] == pytest.approx(305_200, rel=1e-9)


def test_the_published_number_lives_with_elders_only_or_alone(projection: Projection) -> None:
    both = people_by_arrangement(projection)[[ALONE, ELDERS_ONLY]].sum()
    assert both == pytest.approx(1_577_900, rel=1e-9)


def test_shares_are_shares_and_add_to_one_from_60_on(projection: Projection) -> None:
    shares = projection.arrangement
    assert ((shares >= 0) & (shares <= 1)).all()
    np.testing.assert_allclose(shares[..., ELDER_AGE:].sum(axis=0), 1.0, rtol=1e-12)
    assert (shares[..., :ELDER_AGE] == 0.0).all()


def test_more_of_the_older_and_of_women_live_alone(projection: Projection) -> None:
    alone = projection.arrangement[ALONE][:, ELDER_AGE:]
    assert (np.diff(alone, axis=1) > 0).all()
    assert (alone[1] > alone[0]).all()


@pytest.mark.parametrize("index", range(5))
def test_every_draw_meets_the_published_totals(
    inputs: Inputs, projection: Projection, index: int
) -> None:
    registered = projection.registered[projection.base_index]
    shares = arrangement_shares(inputs.drawn(7, index), registered)
    found = np.einsum("ksa,sa->k", shares, registered.sum(axis=0))
    np.testing.assert_allclose(found[ALONE], 305_200, rtol=1e-9)
    np.testing.assert_allclose(found[:WITH_FAMILY].sum(), 1_577_900, rtol=1e-9)
