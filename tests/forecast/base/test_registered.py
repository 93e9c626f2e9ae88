"""Registered elders of 2020 are the published ones, by sex and band."""

import numpy as np
import pytest

from forecast.base.base import Base
from forecast.base.from_censuses import Censuses
from forecast.base.registered import (
    CITY_BANDS,
    city_bands,
    fit_city,
    outsiders,
    registered_base,
    registered_then,
)
from forecast.people.projection import Projection
from params.axes import N_AGE, FloatArray
from params.inputs import Inputs
from params.tables.people import REGISTERED_BANDS


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
    found = np.add.reduceat(registered, CITY_BANDS, axis=2).sum(axis=0)
    np.testing.assert_allclose(found, city_bands(inputs), rtol=1e-12)
    assert (city_bands(inputs) > 0).all()


def test_fitting_meets_the_bands_and_keeps_the_mix_of_ages_inside_them() -> None:
    people = np.random.default_rng(1).uniform(1, 9, (3, 2, N_AGE))
    target = np.linspace(100.0, 900.0, 2 * len(CITY_BANDS)).reshape(2, -1)
    fitted = fit_city(people, target)
    found = np.add.reduceat(fitted, CITY_BANDS, axis=2).sum(axis=0)
    np.testing.assert_allclose(found, target, rtol=1e-12)
    share = people[:, :, 60:65] / people[:, :, 60:65].sum(axis=2, keepdims=True)
    np.testing.assert_allclose(
        fitted[:, :, 60:65] / fitted[:, :, 60:65].sum(axis=2, keepdims=True), share
    )
    # Districts keep their size against each other: only ages change hands.
    size = fitted.sum(axis=(1, 2)) / people.sum(axis=(1, 2))
    np.testing.assert_allclose(size, target.sum() / people.sum(), rtol=1e-6)


def test_the_bands_of_2012_and_2017_come_out_in_every_district(inputs: Inputs, base: Base) -> None:
    censuses = Censuses(inputs, base.mortality)
    residents = censuses.aged(censuses.people(2010), 2 + 1 / 6)
    found = {
        2012: registered_then(inputs, residents),
        2017: registered_base(inputs, base.mortality, residents).in_last,
    }
    for year, people in found.items():
        bands = np.add.reduceat(people.sum(axis=1), REGISTERED_BANDS, axis=1)
        np.testing.assert_allclose(bands, inputs.registered.bands[year], rtol=1e-12)


def test_everybody_registered_in_2020_adds_to_the_published_number(
    inputs: Inputs, registered: FloatArray
) -> None:
    assert registered.sum() == pytest.approx(inputs.registered.total_2020, rel=1e-12)


@pytest.mark.parametrize(
    ("district", "published"),
    [("黄浦区", 0.417), ("静安区", 0.401), ("普陀区", 0.411), ("虹口区", 0.425)],
)
def test_shares_of_elders_that_districts_publish_for_2020_come_out_within_one_percent(
    inputs: Inputs, registered: FloatArray, district: str, published: float
) -> None:
    # Nothing is fitted to these four: they check bands of 2017 carried to 2020.
    people = registered[inputs.districts.names.index(district)]
    assert people[:, 60:].sum() / people.sum() == pytest.approx(published, rel=0.012)


def test_migrants_inside_a_band_fall_off_towards_the_old(inputs: Inputs, base: Base) -> None:
    censuses = Censuses(inputs, base.mortality)
    city = censuses.aged(censuses.people(2010), 2 + 1 / 6).sum(axis=(0, 1))
    bands = inputs.registered.bands[2012].sum(axis=0)
    found = outsiders(city, bands)
    surplus = np.add.reduceat(city, REGISTERED_BANDS) - bands
    np.testing.assert_allclose(np.add.reduceat(found, REGISTERED_BANDS), surplus, rtol=1e-9)
    assert found[40] > 2 * found[55] > 3 * found[62]
