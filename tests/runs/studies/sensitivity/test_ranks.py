"""Rank correlations, shares and closings of functions whose answers are known in closed form."""

import numpy as np
import pytest
from scipy.special import ndtri

from params.axes import FloatArray
from params.tables.strata import key_of, stratified
from runs.studies.sensitivity.closing import CLOSED, INSIDE, OUTSIDE, UNKNOWN, closing, verdict
from runs.studies.sensitivity.ranks import can_be_partial, partial, plain
from tests.runs.studies.sensitivity.functions import ishigami, sobol_g

pytestmark = pytest.mark.core
SLOPES = np.array([3.0, 2.0, -1.0, 0.5, *[0.0] * 6])
NOISE = 2.0


def drawn(seed: int, n: int, k: int) -> FloatArray:
    """Return draws as a run makes them: stratified, independent, uniform."""
    return stratified(seed, range(n), [key_of(f"x{i}") for i in range(k)])


def normal_figures(seed: int, n: int) -> tuple[FloatArray, FloatArray]:
    x = ndtri(drawn(seed, n, SLOPES.size))
    noise = NOISE * np.random.default_rng(seed).normal(size=n)
    return x, (x @ SLOPES + noise)[:, None]


def partial_rank_correlations() -> FloatArray:
    """Return what PRCC are of normal inputs of a line with normal noise.

    Grades of two normal numbers of correlation r have the correlation 6 / pi asin(r / 2) (Pearson 1907).
    """
    r = SLOPES / np.sqrt((SLOPES**2).sum() + NOISE**2)
    grades = 6 / np.pi * np.arcsin(r / 2)
    whole = np.eye(SLOPES.size + 1)
    whole[-1, :-1] = whole[:-1, -1] = grades
    inverse = np.linalg.inv(whole)
    return np.asarray(-inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1]))


@pytest.mark.statistical
@pytest.mark.parametrize("n", [30, 150])
def test_intervals_of_partial_correlations_hold_the_true_ones_as_often_as_they_say(n: int) -> None:
    truth, studies = partial_rank_correlations(), 60
    held = np.zeros(SLOPES.size)
    for seed in range(studies):
        found = partial(*normal_figures(seed, n))
        held += (found.low[:, 0] <= truth) & (truth <= found.high[:, 0])
    # 600 intervals of 95 %, not independent inside a study: 30 missed are expected, twice as many never
    # (the sd is below sqrt(600 x .05 x .95 x 2) = 7.6, so 4 of them: 1 false alarm in 30,000).
    assert held.sum() > 0.9 * held.size * studies


@pytest.mark.statistical
def test_shares_are_the_squared_slopes_over_the_variance() -> None:
    shares = np.mean([partial(*normal_figures(s, 60)).share[:, 0] for s in range(60)], axis=0)
    truth = SLOPES**2 / ((SLOPES**2).sum() + NOISE**2)
    # The largest share has an sd of some .08 a study, .01 in the mean.
    np.testing.assert_allclose(shares, truth, atol=0.05)


@pytest.mark.statistical
def test_inputs_that_do_nothing_explain_next_to_nothing() -> None:
    shares = np.array([partial(*normal_figures(s, 30)).share[4:, 0] for s in range(60)])
    # The squared error of a coefficient is 4 / 19 of 18.25, .0115, the mean of an uncorrected share.
    # Less that and cut at 0 .48 of it is left, .0056; 360 shares have an error of .0008: four of them.
    assert shares.mean() < 0.0088


@pytest.mark.parametrize(
    ("function", "inputs", "none"), [(ishigami, 3, [1, 2]), (sobol_g, 4, range(4))]
)
def test_inputs_that_act_the_same_both_ways_have_no_rank_correlation(
    function, inputs, none
) -> None:  # type: ignore[no-untyped-def]
    x = drawn(1, 256, inputs)
    found = partial(x, function(x)[:, None])
    none = list(none)
    assert ((found.low[none, 0] <= 0) & (found.high[none, 0] >= 0)).all()
    if function is ishigami:
        assert found.low[0, 0] > 0.3


def test_partial_correlations_are_those_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    from scipy.stats import rankdata

    x, y = normal_figures(3, 40)
    ranks = rankdata(x, axis=0)
    fit = api.OLS(rankdata(y[:, 0]), api.add_constant(ranks)).fit()
    t = fit.tvalues[1:]
    np.testing.assert_allclose(
        partial(x, y).correlation[:, 0], t / np.sqrt(t**2 + fit.df_resid), rtol=1e-9
    )


def test_too_few_draws_or_inputs_that_add_up_cannot_be_taken_out_of_one_another() -> None:
    x = drawn(1, 40, 12)
    assert can_be_partial(x)
    assert not can_be_partial(x[:22])
    assert not can_be_partial(np.column_stack([x, 1 - x[:, 0] - x[:, 1]]))


def test_few_draws_of_many_inputs_name_only_what_luck_does_not_reach() -> None:
    x = drawn(5, 24, 60)
    found = plain(x, (x[:, 7] + 0.1 * x[:, 8])[:, None], seed=5)
    assert np.flatnonzero(found.sure[:, 0]).tolist() == [7]
    assert found.share[7, 0] == pytest.approx(1.0, abs=0.05)


def test_a_figure_that_never_varies_has_no_correlations() -> None:
    x = drawn(1, 40, 3)
    still = np.full((40, 1), 7.0)
    assert np.isnan(partial(x, still).correlation).all()
    assert np.isnan(plain(x, still, 1).correlation).all()


@pytest.mark.statistical
def test_the_interval_of_where_a_gap_closes_holds_the_truth_as_often_as_it_says() -> None:
    held = []
    for seed in range(200):
        x = drawn(seed, 40, 2)
        noise = 0.3 * np.random.default_rng(seed).normal(size=40)
        y = (2.0 * x[:, 0] - 0.6 + noise)[:, None]
        found = closing(x, y, partial(x, y))
        # The line is read with the other input at its mean, where it does nothing.
        held.append(found.low[0, 0] <= 0.3 <= found.high[0, 0])
    # Binomial (200, .95): fewer than 177 in 1 of 20,000.
    assert np.sum(held) >= 177


def test_a_gap_closes_where_the_line_crosses_and_only_inside_what_was_drawn() -> None:
    x = drawn(2, 60, 3)
    noise = 1e-3 * np.random.default_rng(2).normal(size=60)
    y = (4.0 * x[:, 0] + 1.0 * x[:, 1] + noise)[:, None]
    found = closing(x, y, partial(x, y))
    means = x.mean(axis=0)
    np.testing.assert_allclose(found.value[:2, 0], [-means[1] / 4, -4 * means[0]], atol=0.01)
    assert np.isnan(found.value[2, 0])
    cases = [(0.5, 3.0, INSIDE), (1.5, 3.0, OUTSIDE), (np.nan, 3.0, UNKNOWN), (0.5, -1.0, CLOSED)]
    assert [verdict(value, x[:, 0], mean) for value, mean, _ in cases] == [c[2] for c in cases]
