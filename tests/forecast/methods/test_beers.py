"""Beers's formula keeps groups, leaves a straight line straight and gives the published ages."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.beers import beers_johnson, beers_single_ages
from params.axes import FloatArray
from params.errors import ParamError

groups_of_people = st.integers(5, 20).flatmap(
    lambda n: arrays(float, n, elements=st.floats(0, 1e6))
)


@given(groups_of_people)
def test_every_closed_group_keeps_its_total(groups: FloatArray) -> None:
    single = beers_single_ages(groups, last_is_open=False)
    assert single.shape == (5 * groups.size,)
    np.testing.assert_allclose(single.reshape(-1, 5).sum(axis=1), groups, atol=1e-6)


@given(groups_of_people, st.floats(0, 1e6))
def test_an_open_group_is_kept_whole_and_bears_on_no_other(
    groups: FloatArray, open_group: float
) -> None:
    single = beers_single_ages(np.append(groups, open_group))
    assert single[-1] == open_group
    np.testing.assert_array_equal(single[:-1], beers_single_ages(groups, last_is_open=False))


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_single_ages_of_a_smooth_curve_come_back(degree: int) -> None:
    ages = np.arange(41.0)
    single = np.diff((ages / 40) ** (degree + 1))
    found = beers_single_ages(single.reshape(-1, 5).sum(axis=1), last_is_open=False)
    # Beers chose for smoothness, with four decimals: a cubic is met to 1 % of the largest age.
    np.testing.assert_allclose(found, single, atol=0.01 * single.max())
    if degree < 2:
        np.testing.assert_allclose(found, single, rtol=1e-10)


@given(groups_of_people, st.floats(0, 1))
def test_johnsons_adjustment_keeps_infants_and_both_groups(
    groups: FloatArray, share: float
) -> None:
    infants = share * groups[0]
    single = beers_johnson(infants, groups, last_is_open=False)
    beers = beers_single_ages(groups, last_is_open=False)
    assert single[0] == infants
    np.testing.assert_allclose(single.reshape(-1, 5).sum(axis=1), groups, atol=1e-6)
    np.testing.assert_array_equal(single[9:], beers[9:])


def test_bad_groups_are_refused() -> None:
    with pytest.raises(ParamError, match=r"five-year groups: 4 closed groups\n.*5 or more"):
        beers_single_ages(np.ones(5))
    with pytest.raises(ParamError, match=r"five-year groups \[age 10\]: -1\n.*persons"):
        beers_single_ages(np.array([1.0, 1.0, -1.0, 1.0, 1.0, 1.0]))
    with pytest.raises(ParamError, match=r"persons aged 0: 3\n.*0 to 1, the persons aged 0-4"):
        beers_johnson(3.0, np.ones(6))


@pytest.mark.reference
def test_the_sheet_of_johnson_to_one_person(reference: Path) -> None:
    given = pd.read_csv(reference / "lifetables" / "beers_johnson_BEERSP_input.csv")
    published = pd.read_csv(reference / "lifetables" / "beers_johnson_BEERSP_output.csv")
    people = given["pop"].to_numpy(np.float64)
    single = beers_johnson(people[0], np.append(people[0] + people[1], people[2:]))
    # The sheet shows whole persons: half a person of rounding, and some of its own.
    np.testing.assert_allclose(single[:13], published["pop_published"], atol=1.0)
