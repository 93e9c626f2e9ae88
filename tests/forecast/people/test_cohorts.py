"""A year's step loses and invents nobody, adds over districts, and agrees with the UN's engine."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.fertility import SHARE_MALE, fertility_rates
from forecast.people.cohorts import YearStep, age_one_year
from params.axes import N_AGE, FloatArray
from tests.forecast.canada import Canada
from tests.forecast.sweden import preston_step

SHAPE = (3, 2, N_AGE)
FERTILITY = fertility_rates(1.3, 30.0)
people = arrays(float, SHAPE, elements=st.floats(0.0, 1e5))
shares = arrays(float, SHAPE[1:], elements=st.floats(0.0, 1.0))
moves = arrays(float, SHAPE, elements=st.floats(-1e5, 1e5))


def step(start: FloatArray, into: FloatArray, net_moves: FloatArray) -> YearStep:
    return age_one_year(start, into, net_moves, FERTILITY, SHARE_MALE)


@given(people, shares, moves)
def test_every_cell_balances_births_deaths_and_moves(
    start: FloatArray, into: FloatArray, net_moves: FloatArray
) -> None:
    year = step(start, into, net_moves)
    came = np.zeros(SHAPE)
    came[..., 1:] = start[..., :-1]
    came[..., -1] += start[..., -1]
    came[..., 0] = year.births
    np.testing.assert_allclose(year.end, came - year.deaths + year.net_moves, atol=1e-7)


@given(people, shares, moves)
def test_the_city_changes_by_births_deaths_and_moves(
    start: FloatArray, into: FloatArray, net_moves: FloatArray
) -> None:
    year = step(start, into, net_moves)
    change = year.births.sum() - year.deaths.sum() + year.net_moves.sum()
    assert year.end.sum() - start.sum() == pytest.approx(change, abs=1e-4)


@given(people, shares, moves)
def test_no_cell_loses_more_than_it_has(
    start: FloatArray, into: FloatArray, net_moves: FloatArray
) -> None:
    year = step(start, into, net_moves)
    assert (year.end >= 0).all()
    assert (year.deaths >= -1e-9).all()
    assert (year.net_moves >= net_moves).all()


@given(people, shares)
def test_projected_districts_add_to_the_projected_city(start: FloatArray, into: FloatArray) -> None:
    apart = step(start, into, 0.01 * start).end.sum(axis=0)
    city = start.sum(axis=0, keepdims=True)
    np.testing.assert_allclose(apart, step(city, into, 0.01 * city).end[0], atol=1e-6)


def test_boys_are_born_at_the_given_share() -> None:
    start = np.full(SHAPE, 1000.0)
    births = step(start, np.full(SHAPE[1:], 0.99), np.zeros(SHAPE)).births
    np.testing.assert_allclose(births[:, 0] / births.sum(axis=1), SHARE_MALE)


@pytest.mark.parametrize(("total", "mean_age"), [(0.75, 30.5), (2.1, 27.0)])
def test_fertility_adds_to_its_total_between_15_and_49(total: float, mean_age: float) -> None:
    rates = fertility_rates(total, mean_age)
    assert rates.sum() == pytest.approx(total, rel=1e-12)
    assert rates[:15].sum() == rates[50:].sum() == 0.0


@pytest.mark.reference
def test_seventy_years_of_canada_agree_with_the_united_nations_engine(reference: Path) -> None:
    canada = Canada(reference / "ccmppWPP")
    population = canada.people(1950)
    for year in range(1950, 2020):
        population = age_one_year(
            population,
            canada.survival[year],
            canada.moves[year][None],
            canada.fertility[year],
            canada.share_male[year],
        ).end
        theirs = canada.people(year + 1)
        # The base is printed in whole persons, the rates to ten digits.
        np.testing.assert_allclose(population, theirs, rtol=1e-8, atol=1e-3, err_msg=str(year))
    np.testing.assert_allclose(population, theirs, rtol=1e-8)


@pytest.mark.reference
def test_five_years_of_sweden_are_those_of_the_textbook(reference: Path) -> None:
    step, end = preston_step(reference / "ccmppWPP")
    assert np.abs(step.end[0] - end).max() < 0.6
    assert step.births.sum() == pytest.approx(615_989, abs=1.0)
