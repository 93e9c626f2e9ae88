"""Conditioned draws have the distribution that Bayes gives them, and depend on nothing else."""

import numpy as np
import pytest

from forecast.methods.conditioning import conditioned, fit_figures
from params.axes import FloatArray

pytestmark = pytest.mark.core

WEIGHTS = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0]])
COVARIANCE = np.array([[0.04, 0.01], [0.01, 0.09]])
FIGURES = np.array([0.7, -0.4])


def linear(unknowns: FloatArray) -> FloatArray:
    return unknowns @ WEIGHTS.T


def bent(unknowns: FloatArray) -> FloatArray:
    return np.exp(0.3 * unknowns @ WEIGHTS.T)


def posterior() -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance in closed form."""
    precision = np.eye(3) + WEIGHTS.T @ np.linalg.solve(COVARIANCE, WEIGHTS)
    covariance = np.linalg.inv(precision)
    return covariance @ WEIGHTS.T @ np.linalg.solve(COVARIANCE, FIGURES), covariance


def test_linear_figures_give_the_closed_form() -> None:
    fit = fit_figures(linear, FIGURES, COVARIANCE, 3)
    mean, covariance = posterior()
    np.testing.assert_allclose(fit.mode, mean, atol=1e-9)
    n = 40_000
    chance = np.random.default_rng(3).standard_normal((n, 5))
    found = conditioned(fit, linear, chance[:, :3], chance[:, 3:])
    # 5 standard errors of 3 means, and of 9 covariances of which none exceeds sqrt(2 / n) of its scale.
    assert (np.abs(found.mean(axis=0) - mean) < 5 * np.sqrt(np.diag(covariance) / n)).all()
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    off = (np.cov(found.T) - covariance) / scale
    assert (np.abs(off) < 5 * np.sqrt(2 / n)).all()


def test_evidence_of_linear_figures_is_their_marginal_likelihood() -> None:
    fit = fit_figures(linear, FIGURES, COVARIANCE, 3)
    total = WEIGHTS @ WEIGHTS.T + COVARIANCE
    expected = -0.5 * (
        FIGURES @ np.linalg.solve(total, FIGURES) + np.log(np.linalg.det(2 * np.pi * total))
    )
    assert fit.evidence == pytest.approx(float(expected), abs=1e-6)


def test_bent_figures_are_met_where_they_are_exact() -> None:
    figures = np.array([1.3, 0.8])
    fit = fit_figures(bent, figures, 1e-8 * np.eye(2), 3)
    chance = np.random.default_rng(4).standard_normal((50, 5))
    found = bent(conditioned(fit, bent, chance[:, :3], chance[:, 3:], corrections=3))
    np.testing.assert_allclose(found, np.broadcast_to(figures, found.shape), rtol=1e-3)


def test_errors_are_cut_off_where_asked() -> None:
    fit = fit_figures(linear, FIGURES, 1e-6 * np.eye(2), 3)
    chance = np.random.default_rng(5).standard_normal((500, 5))
    found = linear(conditioned(fit, linear, chance[:, :3], chance[:, 3:], most=1.5))
    assert np.abs(found - FIGURES).max() <= 1.5e-3 * 1.1


def test_a_draw_is_the_same_alone_and_among_others() -> None:
    fit = fit_figures(bent, np.array([1.3, 0.8]), COVARIANCE, 3)
    chance = np.random.default_rng(6).standard_normal((7, 5))
    together = conditioned(fit, bent, chance[:, :3], chance[:, 3:])
    alone = conditioned(fit, bent, chance[4:5, :3], chance[4:5, 3:])
    np.testing.assert_allclose(alone[0], together[4], rtol=1e-12)


def test_figures_that_cannot_be_are_refused() -> None:
    def jumping(unknowns: FloatArray) -> FloatArray:
        return np.sin(40.0 * unknowns[:, :1])

    with pytest.raises(ValueError, match="do not settle the unknowns"):
        fit_figures(jumping, np.array([3.0]), np.array([[1e-12]]), 1)
