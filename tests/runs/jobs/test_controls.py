"""Means over draws are adjusted by what the draws say: their expectation stays, their error is honest."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from params.axes import FloatArray
from params.tables.strata import key_of, stratified
from runs.jobs.controls import LEAST, adjusted, controls_of

NAMES = tuple(f"assumption_{k}" for k in range(60))
WEIGHTS = np.array([3.0, 2.0, 1.5, 1.0, 1.0, 0.7, 0.5])
TRIALS = 300


def figure(uniform: FloatArray, luck: FloatArray) -> FloatArray:
    """Return a shortage that follows from seven assumptions of sixty, bent, crossed and cut off at zero."""
    x = np.sqrt(12) * (uniform[:, : WEIGHTS.size] - 0.5)
    straight = 12 + x @ WEIGHTS
    return np.maximum(straight + x[:, 0] * x[:, 1] + 0.5 * x[:, 2] ** 2 + luck, 0.0)


@cache
def truth() -> tuple[float, float]:
    """Return the mean of the shortage and the variance of independent draws, of two million draws."""
    rng = np.random.default_rng(5)
    values = figure(rng.random((2_000_000, WEIGHTS.size)), rng.normal(size=2_000_000))
    return float(values.mean()), float(values.var())


def trials(n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the error of the adjusted mean, its standard error and the plain one, by trial."""
    rows = []
    keys = [key_of(name) for name in NAMES]
    for seed in range(TRIALS):
        luck = np.random.default_rng([seed, n]).normal(size=n)
        values = figure(stratified(seed, range(n), keys), luck)
        found = adjusted(values[:, None], controls_of(seed, range(n), NAMES))
        off = found.means[0] - truth()[0]
        rows.append((off, found.errors[0], values.std(ddof=1) / np.sqrt(n)))
    off, error, plain = np.array(rows).T
    return off, error, plain


def test_controls_have_mean_zero_and_variance_one() -> None:
    controls = controls_of(3, range(4096), NAMES[:5])
    assert controls.shape == (4096, 10)
    np.testing.assert_allclose(controls.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(controls.var(axis=0), 1.0, atol=1e-3)


@pytest.mark.parametrize("n", [100, 200])
def test_adjusted_intervals_hold_the_truth_as_often_as_they_say_and_are_half_as_wide(
    n: int,
) -> None:
    off, error, plain = trials(n)
    held = (np.abs(off) <= stats.t.isf(0.025, n - 1) * error).mean()
    # Of 300 intervals of 95 %, fewer than 90 % hold the truth by luck once in five thousand times.
    assert 0.90 <= held <= 0.99
    assert (error**2).mean() < (plain**2).mean() / 4
    # Of one variance and of 300 trials: the mean error is no bias at four standard errors.
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(TRIALS)


def test_what_no_assumption_moves_is_left_as_it_is() -> None:
    luck = np.random.default_rng(1).normal(50, 3, (200, 40))
    found = adjusted(luck, controls_of(1, range(200), NAMES))
    plain = luck.std(axis=0, ddof=1) / np.sqrt(200)
    np.testing.assert_allclose(found.means, luck.mean(axis=0), atol=4 * plain.mean())
    assert 0.97 < (found.errors / plain).mean() < 1.05


def test_few_replications_and_figures_that_never_vary_keep_plain_means() -> None:
    few = np.random.default_rng(2).normal(size=(LEAST - 1, 2))
    found = adjusted(few, controls_of(2, range(LEAST - 1), NAMES))
    np.testing.assert_array_equal(found.means, few.mean(axis=0))
    same = np.full((60, 1), 7.0)
    found = adjusted(same, controls_of(2, range(60), NAMES))
    assert (found.means[0], found.errors[0]) == (7.0, 0.0)
    assert np.isnan(adjusted(np.full((60, 1), np.nan), controls_of(2, range(60), NAMES)).means[0])
    assert adjusted(few, np.empty((LEAST - 1, 0))).means.shape == (2,)
