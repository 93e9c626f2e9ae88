"""Rates from panel data agree with R's msm and with what can be solved by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.methods.multistate import length_of_stay, sojourn_times, transition_probabilities
from forecast.methods.panel import PanelFit, fit_panel
from params.axes import FloatArray
from params.errors import ParamError

BOTH_WAYS = np.array([[False, True], [True, False]])
ONE_WAY = np.array([[False, True], [False, False]])


def table(reference: Path, name: str) -> FloatArray:
    return pd.read_csv(reference / "multistate" / f"msm_cav_{name}.csv").to_numpy(float)


@pytest.fixture(scope="module")
def cav(reference: Path) -> pd.DataFrame:
    """Heart transplants: three grades of disease, seen about yearly, and death on its day."""
    return pd.read_csv(reference / "multistate" / "msm_cav.csv.gz")


@pytest.fixture(scope="module")
def fit(reference: Path, cav: pd.DataFrame) -> PanelFit:
    structure = table(reference, "qmatrix") > 0
    state = cav["state"].to_numpy() - 1
    return fit_panel(cav["PTNUM"].to_numpy(), cav["years"].to_numpy(), state, structure, 3)


@pytest.mark.reference
def test_the_likelihood_is_that_of_msm(reference: Path, fit: PanelFit) -> None:
    published = float((reference / "multistate" / "msm_cav_minus2loglik.txt").read_text())
    assert fit.deviance == pytest.approx(published, abs=1e-3)


@pytest.mark.reference
def test_rates_are_those_of_msm_as_near_as_its_search_went(reference: Path, fit: PanelFit) -> None:
    allowed = fit.log_errors > 0
    apart = np.log(fit.generator[allowed] / table(reference, "qmatrix")[allowed])
    # msm ended 1.2e-5 above this likelihood: for seven rates together that is, at most, the root of
    # it, 0.0035 standard errors, of which the rate from 2 to 4 has one of 65 %.
    assert np.abs(apart / fit.log_errors[allowed]).max() < 3.5e-3
    assert np.sort(np.abs(apart))[:-1].max() < 4e-4


@pytest.mark.reference
@pytest.mark.parametrize("years", [1, 5, 10])
def test_chances_of_the_fit_are_those_of_msm(reference: Path, fit: PanelFit, years: int) -> None:
    found = transition_probabilities(fit.generator, years)
    np.testing.assert_allclose(found, table(reference, f"pmatrix_t{years}"), atol=1e-4)


@pytest.mark.reference
def test_sojourns_and_their_errors_are_those_of_msm(reference: Path, fit: PanelFit) -> None:
    published = table(reference, "sojourn")
    np.testing.assert_allclose(sojourn_times(fit.generator)[:3], published[:, 0], rtol=1e-4)
    np.testing.assert_allclose(fit.sojourn_errors[:3], published[:, 1], rtol=1e-3)
    assert fit.sojourn_errors[3] == np.inf


@pytest.mark.reference
@pytest.mark.parametrize(
    ("years", "name"), [(10.0, "totlos_10y_by_start"), (np.inf, "totlos_by_start")]
)
def test_lengths_of_stay_of_the_fit_are_those_of_msm(
    reference: Path, fit: PanelFit, years: float, name: str
) -> None:
    found = length_of_stay(fit.generator, years, np.eye(4)[:3])
    np.testing.assert_allclose(found, table(reference, name), atol=1e-3)


@pytest.mark.reference
def test_deaths_seen_only_at_visits_have_another_likelihood(
    reference: Path, cav: pd.DataFrame, fit: PanelFit
) -> None:
    structure = table(reference, "qmatrix") > 0
    state = cav["state"].to_numpy() - 1
    seen = fit_panel(cav["PTNUM"].to_numpy(), cav["years"].to_numpy(), state, structure)
    assert abs(seen.deviance - fit.deviance) > 10


def test_two_states_seen_at_equal_intervals_have_a_closed_form() -> None:
    # 30 of 100 fall ill and 20 of 80 recover within half a year.
    start = np.repeat([0, 0, 1, 1], [70, 30, 60, 20])
    end = np.repeat([0, 1, 1, 0], [70, 30, 60, 20])
    subject = np.repeat(np.arange(180), 2)
    time = np.tile([0.0, 0.5], 180)
    fit = fit_panel(subject, time, np.stack([start, end], axis=1).ravel(), BOTH_WAYS)
    total = -np.log(1 - 0.3 - 0.25) / 0.5
    expected = [total * 0.3 / 0.55, total * 0.25 / 0.55]
    np.testing.assert_allclose(fit.generator[[0, 1], [1, 0]], expected, rtol=1e-6)


def test_exact_deaths_have_the_rate_of_deaths_over_years_lived() -> None:
    # Three deaths in 12 years, of five persons; the error of a log rate is 1 / sqrt(deaths).
    subject = np.repeat(np.arange(5), 2)
    time = np.array([0, 1.5, 0, 2.5, 0, 4.0, 0, 1.0, 0, 3.0])
    state = np.array([0, 1, 0, 1, 0, 1, 0, 0, 0, 0])
    fit = fit_panel(subject, time, state, ONE_WAY, death_state=1)
    assert fit.generator[0, 1] == pytest.approx(3 / 12, rel=1e-6)
    assert fit.log_errors[0, 1] == pytest.approx(1 / np.sqrt(3), rel=1e-6)
    assert fit.deviance == pytest.approx(-2 * (3 * np.log(0.25) - 3), rel=1e-9)


def test_a_rate_that_tends_to_zero_is_refused() -> None:
    subject, time = np.repeat(np.arange(4), 3), np.tile([0.0, 1.0, 2.0], 4)
    state = np.array([0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0])
    with pytest.raises(ValueError, match="no maximum; where a rate tends to 0"):
        fit_panel(subject, time, state, BOTH_WAYS)


@pytest.mark.parametrize(
    ("subject", "time", "state", "message"),
    [
        ([1, 1, 2, 2], [0, 1, 0, 0], [0, 1, 0, 1], "does not rise, 1 rows: subject 2"),
        ([1, 1, 2, 2], [0, 1, 0, np.nan], [0, 1, 0, 1], "not finite, 1 rows: subject 2"),
        ([1, 1, 2, 2], [0, 1, 0, 1], [0, 1, 0, 2], "a state outside 0-1, 1 rows: subject 2"),
        ([1, 2, 2, 1], [0, 0, 1, 1], [0, 0, 1, 1], "lie apart, 1 rows: subject 1"),
        ([1, 2, 3, 4], [0, 0, 1, 1], [0, 0, 1, 1], "nobody was seen twice"),
        ([1, 1, 1, 2], [0, 1, 2, 1], [0, 1, 1, 1], "seen again after death, 1 rows: subject 1"),
    ],
)
def test_rows_that_are_no_panel_are_refused_by_subject(
    subject: list[int], time: list[float], state: list[int], message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        fit_panel(np.array(subject), np.array(time), np.array(state), ONE_WAY, 1)


def test_a_change_that_the_structure_rules_out_is_refused() -> None:
    with pytest.raises(ParamError, match="a change no moves can make, 1 rows: subject 7"):
        fit_panel(np.array([7, 7]), np.array([0.0, 1.0]), np.array([1, 0]), ONE_WAY)


@pytest.mark.parametrize(
    ("structure", "death_state", "message"),
    [
        (BOTH_WAYS[:1], None, r"not bool \(1, 2\)"),
        (np.eye(2), None, r"not float64 \(2, 2\)"),
        (np.eye(2, dtype=bool), None, "allows no move"),
        (BOTH_WAYS, 1, "death_state 1 must be a state that no move leaves"),
        (ONE_WAY, 2, "death_state 2 must be"),
    ],
)
def test_a_structure_that_cannot_be_is_refused(
    structure: np.ndarray, death_state: int | None, message: str
) -> None:
    pair = np.array([0, 1])
    with pytest.raises(ValueError, match=message):
        fit_panel(np.array([1, 1]), pair * 1.0, pair, structure, death_state)


def test_states_and_times_that_do_not_match_are_refused() -> None:
    one = np.array([1, 1])
    with pytest.raises(ValueError, match=r"differ: \(2,\), \(3,\), \(2,\)"):
        fit_panel(one, np.arange(3.0), np.array([0, 1]), ONE_WAY)
    with pytest.raises(ValueError, match="states are whole numbers, not float64"):
        fit_panel(one, np.arange(2.0), np.array([0.0, 1.0]), ONE_WAY)
