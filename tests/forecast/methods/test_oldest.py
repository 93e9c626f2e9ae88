"""The open age survives as it is made up inside."""

import numpy as np
import pytest

from forecast.methods.lifetable import life_table, survival_into
from forecast.methods.oldest import (
    N_INSIDE,
    parted,
    pooled,
    pooled_survival,
    raked,
    survive,
    with_oldest,
)
from params.axes import N_AGE, N_SEX, OPEN_AGE, FloatArray

pytestmark = pytest.mark.core


@pytest.fixture
def into() -> FloatArray:
    age = np.arange(N_AGE)
    rates = np.array([np.exp(-10.0 + 0.09 * age), np.exp(-10.4 + 0.09 * age)])
    rates = rates / (1 + rates)
    whole = with_oldest(rates)
    return np.array([survival_into(life_table(whole[s], s)) for s in range(N_SEX)])


def test_kannisto_rates_go_on_as_they_are() -> None:
    logits = -10.0 + 0.1 * np.arange(N_INSIDE)
    rates = 1 / (1 + np.exp(-logits))
    both = np.array([rates, rates])
    np.testing.assert_allclose(with_oldest(both[:, :N_AGE]), both, rtol=1e-9)


def test_the_pooled_ratio_gives_what_single_ages_give(into: FloatArray) -> None:
    people = np.random.default_rng(1).uniform(1, 100, (3, N_SEX, N_INSIDE))
    ratios = pooled_survival(people, np.broadcast_to(into, (3, 6, *into.shape)))
    rough = pooled(people)
    for t in range(6):
        older = np.zeros_like(rough)
        older[..., 1:] = rough[..., :-1] * ratios[:, t, :, 1:]
        older[..., -1] += rough[..., -1] * ratios[:, t, :, -1]
        people, rough = survive(people, into), older
        np.testing.assert_allclose(rough[..., OPEN_AGE], pooled(people)[..., OPEN_AGE], rtol=1e-12)


def test_a_younger_open_age_survives_more_often(into: FloatArray) -> None:
    young, old = np.full((2, 1, N_SEX, N_INSIDE), 1.0)
    young[..., 105:], old[..., 100:105] = 0.01, 0.01
    ratio = [pooled_survival(p, into[None, None])[0, 0, :, OPEN_AGE] for p in (young, old)]
    assert (ratio[0] > ratio[1] + 0.05).all()


def test_parting_keeps_the_open_age_and_the_growth_of_generations(into: FloatArray) -> None:
    lived = np.cumprod(np.concatenate([np.ones((N_SEX, 1)), into[:, 1:]], axis=1), axis=1)
    whole = 1e5 * lived * np.exp(-0.03 * np.arange(N_INSIDE))
    np.testing.assert_allclose(parted(pooled(whole), lived), whole, rtol=1e-9)


def test_raking_meets_every_cell_of_the_city() -> None:
    stream = np.random.default_rng(2)
    districts, city = stream.uniform(1, 9, (4, 5, N_SEX, 7)), stream.uniform(1, 9, (4, N_SEX, 7))
    np.testing.assert_allclose(raked(districts, city).sum(axis=1), city, rtol=1e-12)
