"""Registered elders of 2020 are the published ones, by sex and band."""

import numpy as np
import pytest

from forecast.projection import Projection
from forecast.registered import city_bands, fit_elders, registered_gains
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs


@pytest.fixture(scope="module")
def registered(projection: Projection) -> FloatArray:
    """Registered people at the end of 2020, shape (district, sex, age)."""
    now: FloatArray = projection.registered[projection.base_index]
    return now


@pytest.mark.parametrize(
    ("age", "published"), [(60, 5_334_900), (65, 3_824_400), (70, 2_334_700), (80, 825_300)]
)
def test_elders_of_2020_add_to_the_published_number(
    registered: FloatArray, age: int, published: int
) -> None:
    assert registered[..., age:].sum() == pytest.approx(published, rel=1e-12)


@pytest.mark.parametrize(
    ("age", "male_share"), [(60, 0.480), (65, 0.473), (70, 0.463), (80, 0.407)]
)
def test_the_published_share_of_elders_are_men(
    registered: FloatArray, age: int, male_share: float
) -> None:
    elders = registered[..., age:].sum(axis=(0, 2))
    assert elders[0] / elders.sum() == pytest.approx(male_share, rel=1e-12)


def test_centenarians_of_each_sex_are_the_published_ones(registered: FloatArray) -> None:
    np.testing.assert_allclose(registered[..., 100].sum(axis=0), [792, 2288], rtol=1e-12)


def test_the_bands_of_the_city_are_those_of_the_tables(
    inputs: Inputs, registered: FloatArray
) -> None:
    found = [registered[..., a:b].sum(axis=(0, 2)) for a, b in BANDS]
    np.testing.assert_allclose(np.transpose(found), city_bands(inputs), rtol=1e-12)
    assert (city_bands(inputs) > 0).all()


def test_fitting_leaves_everybody_below_60_and_the_districts_mix() -> None:
    people = np.random.default_rng(1).uniform(1, 9, (3, 2, N_AGE))
    fitted = fit_elders(people, np.full((2, len(BANDS)), 100.0))
    np.testing.assert_array_equal(fitted[..., :60], people[..., :60])
    share = people[:, :, 60:65] / people[:, :, 60:65].sum(axis=0)
    np.testing.assert_allclose(fitted[:, :, 60:65] / fitted[:, :, 60:65].sum(axis=0), share)


def test_new_registrations_add_to_the_districts_gain_and_are_below_60(inputs: Inputs) -> None:
    gains = registered_gains(inputs)
    np.testing.assert_allclose(gains.sum(axis=(1, 2)), inputs.registered.gain, rtol=1e-12)
    assert (gains[..., 60:] == 0.0).all()


def test_the_whole_registered_population_is_within_half_a_percent_of_the_published(
    inputs: Inputs, registered: FloatArray
) -> None:
    # Below 60 nothing is fitted to 2020; births of 2018-20 and deaths come from the model.
    assert registered.sum() == pytest.approx(inputs.registered.total_2020, rel=5e-3)


BANDS = [(60, 65), (65, 70), (70, 80), (80, 100), (100, N_AGE)]
