"""Chains of health states agree with R's msm, with closed forms, and with themselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.multistate import (
    length_of_stay,
    occupancy,
    reachable,
    sojourn_times,
    transition_probabilities,
)
from params.axes import FloatArray

ONE_WAY = np.array([[-0.3, 0.2, 0.1], [0.0, -0.4, 0.4], [0.0, 0.0, 0.0]])

off_diagonal = arrays(float, (3, 3), elements=st.floats(0.0, 2.0))
some_years = st.floats(0.0, 30.0)


def chain(rates: FloatArray) -> FloatArray:
    """Set the diagonal so that rows add to zero."""
    filled = rates * (1 - np.eye(3))
    return filled - np.diag(filled.sum(axis=1))


def table(reference: Path, name: str) -> FloatArray:
    return pd.read_csv(reference / "multistate" / f"msm_cav_{name}.csv").to_numpy(float)


@pytest.mark.reference
@pytest.mark.parametrize("years", [1, 5, 10])
def test_chances_after_some_years_are_those_of_msm(reference: Path, years: int) -> None:
    found = transition_probabilities(table(reference, "qmatrix"), years)
    np.testing.assert_allclose(found, table(reference, f"pmatrix_t{years}"), atol=1e-13)


@pytest.mark.reference
def test_sojourns_are_those_of_msm_and_death_is_never_left(reference: Path) -> None:
    found = sojourn_times(table(reference, "qmatrix"))
    np.testing.assert_allclose(found[:3], table(reference, "sojourn")[:, 0], rtol=1e-13)
    assert found[3] == np.inf


@pytest.mark.reference
def test_lengths_of_stay_in_ten_years_are_those_of_msm(reference: Path) -> None:
    found = length_of_stay(table(reference, "qmatrix"), 10.0, np.eye(4)[:3])
    np.testing.assert_allclose(found, table(reference, "totlos_10y_by_start"), atol=1e-12)


@pytest.mark.reference
def test_lengths_of_stay_over_a_lifetime_are_those_of_msm(reference: Path) -> None:
    found = length_of_stay(table(reference, "qmatrix"), np.inf, np.eye(4)[:3])
    expected = table(reference, "totlos_by_start")
    # msm integrates numerically: its own error is some 1e-8 of a year.
    np.testing.assert_allclose(found, expected, atol=1e-7)


@given(off_diagonal, some_years, some_years)
def test_two_spans_of_time_are_the_same_as_one(
    rates: FloatArray, first: float, second: float
) -> None:
    parts = transition_probabilities(chain(rates), np.array([first, second, first + second]))
    np.testing.assert_allclose(parts[0] @ parts[1], parts[2], atol=1e-10)
    np.testing.assert_allclose(parts.sum(axis=-1), 1.0, atol=1e-10)


@given(off_diagonal, some_years)
def test_years_in_the_states_add_to_the_years_that_pass(rates: FloatArray, years: float) -> None:
    lived = occupancy(chain(rates), years)
    np.testing.assert_allclose(lived.sum(axis=-1), years, rtol=1e-10, atol=1e-12)
    assert (lived >= -1e-12).all()


@given(off_diagonal, some_years)
def test_what_flows_in_less_what_flows_out_is_the_change(rates: FloatArray, years: float) -> None:
    change = transition_probabilities(chain(rates), years) - np.eye(3)
    np.testing.assert_allclose(occupancy(chain(rates), years) @ chain(rates), change, atol=1e-9)


def test_stacked_chains_and_years_are_solved_one_by_one() -> None:
    chains = np.stack([ONE_WAY, 2 * ONE_WAY])
    found = transition_probabilities(chains, np.array([3.0, 0.5]))
    np.testing.assert_allclose(found[0], transition_probabilities(ONE_WAY, 3.0), rtol=1e-14)
    np.testing.assert_allclose(found[1], transition_probabilities(ONE_WAY, 1.0), rtol=1e-14)


def test_with_one_way_down_a_lifetime_has_a_closed_form() -> None:
    found = length_of_stay(ONE_WAY, np.inf, np.array([0.5, 0.5, 0.0]))
    np.testing.assert_allclose(found, [0.5 / 0.3, 0.5 * (2 / 3 + 1) / 0.4, np.inf], rtol=1e-13)


def test_a_long_horizon_comes_to_the_lifetime() -> None:
    start = np.eye(3)[:2]
    found = length_of_stay(ONE_WAY, 200.0, start)[:, :2]
    np.testing.assert_allclose(found, length_of_stay(ONE_WAY, np.inf, start)[:, :2], rtol=1e-12)


def test_states_that_take_turns_for_ever_last_for_ever_and_others_not_at_all() -> None:
    turns = chain(np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    found = length_of_stay(turns, np.inf, np.eye(3))
    inf = np.inf
    np.testing.assert_array_equal(found, [[inf, inf, 0], [inf, inf, 0], [0, 0, inf]])


def test_a_state_is_reached_by_any_number_of_moves() -> None:
    steps = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    np.testing.assert_array_equal(reachable(steps), np.triu(np.ones((3, 3), dtype=bool)))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (ONE_WAY[:2], r"shape \(\.\.\., state, state\), not \(2, 3\)"),
        (ONE_WAY + 0.01 * np.eye(3), r"row \[0\] adds to 0\.01"),
        (-ONE_WAY, r"rate -0\.2 at \[0, 1\]"),
        (np.where(ONE_WAY == 0.4, np.nan, ONE_WAY), r"rate nan at \[1, 2\]"),
    ],
)
def test_a_matrix_that_is_no_generator_is_refused(broken: FloatArray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        transition_probabilities(broken, 1.0)


@pytest.mark.parametrize("years", [-1.0, np.nan, np.inf])
def test_a_time_that_cannot_pass_is_refused(years: float) -> None:
    with pytest.raises(ValueError, match="years are finite and 0 or more"):
        occupancy(ONE_WAY, years)


@pytest.mark.parametrize("start", [[1.0, 0.0], [1.5, -0.5, 0.0], [np.nan, 0.0, 0.0]])
def test_a_start_that_is_no_set_of_shares_is_refused(start: list[float]) -> None:
    with pytest.raises(ValueError, match="start has 3 shares of 0 or more"):
        length_of_stay(ONE_WAY, np.inf, np.array(start))
