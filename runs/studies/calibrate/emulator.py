"""Emulate one output of a model: a trend in the active inputs and a Gaussian process on what it leaves.

The covariance is fitted by scikit-learn's `GaussianProcessRegressor`, with each run's squared Monte Carlo
error as `alpha`; means and variances are those of universal kriging, which knows that the trend is fitted.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from params.axes import FloatArray
from runs.studies.extra import studies_extra

if TYPE_CHECKING:
    from sklearn.gaussian_process.kernels import Kernel

JITTER: Final = 1e-10
"""Added to the diagonal, as a share of the output's variance."""
AT_ONCE: Final = 4096
"""Points whose covariances with all runs are held at a time."""
FAR: Final = 3.0
"""Errors of leave-one-out beyond which a run counts as missed, standard deviations."""


@dataclass(frozen=True)
class LeftOut:
    """How well each run is told from all others.

    Attributes
    ----------
    error : ndarray, shape (run,), run less what the others tell, in the output's unit.
    standard : ndarray, shape (run,), the same in standard deviations that the emulator claims.
    """

    error: FloatArray
    standard: FloatArray

    @property
    def missed(self) -> float:
        """Share of runs that lie further than `FAR` standard deviations off."""
        return float((np.abs(self.standard) > FAR).mean())

    @property
    def inflation(self) -> float:
        """By how much the claimed variances are too small: 1 where they are not."""
        return max(1.0, float(np.mean(self.standard**2)))


@dataclass(frozen=True)
class Emulator:
    """What runs tell of one output anywhere in the unit cube; terms and output are standardized inside.

    Attributes
    ----------
    active : inputs that it reads, as positions on the last axis of points.
    points : ndarray, shape (run, active).
    weights : ndarray, shape (run,), the covariance's inverse times what the trend leaves.
    inverse : ndarray, shape (run, run), of the covariance.
    trend : ndarray, shape (term,): of a constant and of each active input.
    trend_covariance : ndarray, shape (term, term).
    whitened : ndarray, shape (run, term), the covariance's inverse times the terms.
    """

    active: tuple[int, ...]
    kernel: "Kernel"
    points: FloatArray
    centre: float
    scale: float
    weights: FloatArray
    inverse: FloatArray
    trend: FloatArray
    trend_covariance: FloatArray
    whitened: FloatArray
    left_out: LeftOut

    def predict(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the output at points, shape (point,) each.

        Parameters
        ----------
        x : ndarray, shape (point, input), in the unit cube.
        """
        parts = [self._predict(x[k : k + AT_ONCE]) for k in range(0, max(len(x), 1), AT_ONCE)]
        mean, variance = (np.concatenate(part) for part in zip(*parts, strict=True))
        variance = variance * self.left_out.inflation
        return self.centre + self.scale * mean, self.scale**2 * variance

    def _predict(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        near = _near(x, self.active)
        terms = _terms(x, self.active)
        covariance = self.kernel(near, self.points)
        mean = terms @ self.trend + covariance @ self.weights
        known = ((covariance @ self.inverse) * covariance).sum(axis=1)
        off = terms - covariance @ self.whitened
        unsure = ((off @ self.trend_covariance) * off).sum(axis=1)
        return mean, np.maximum(self.kernel.diag(near) - known + unsure, 0.0)


def fit_emulator(
    x: FloatArray, y: FloatArray, noise: FloatArray, active: Sequence[int]
) -> Emulator:
    """Fit an emulator to runs.

    Parameters
    ----------
    x : ndarray, shape (run, input), in the unit cube.
    y : ndarray, shape (run,).
    noise : ndarray, shape (run,), squared Monte Carlo error of each run; 0 where nothing is drawn.
    active : inputs that move the output.

    Notes
    -----
    Universal kriging and its leave-one-out errors: Dubrule (1983), *Cross validation of kriging in a unique
    neighborhood*. With Q = K^-1 - K^-1 H (H' K^-1 H)^-1 H' K^-1 the error of run i is (Q y)_i / Q_ii and its
    variance 1 / Q_ii.
    """
    near, terms = _near(x, active), _terms(x, active)
    centre, scale = float(y.mean()), float(y.std()) or 1.0
    standard, own = (y - centre) / scale, noise / scale**2
    line = np.linalg.lstsq(terms, standard, rcond=None)[0]
    kernel = _covariance(near, standard - terms @ line, own)
    inverse = np.linalg.inv(kernel(near) + np.diag(own + JITTER))
    whitened = inverse @ terms
    trend_covariance = np.asarray(np.linalg.inv(terms.T @ whitened), np.float64)
    trend = trend_covariance @ (whitened.T @ standard)
    q = inverse - whitened @ trend_covariance @ whitened.T
    spread = np.maximum(np.diag(q), np.finfo(np.float64).tiny)
    error = (q @ standard) / spread
    return Emulator(
        active=tuple(active),
        kernel=kernel,
        points=near,
        centre=centre,
        scale=scale,
        weights=inverse @ (standard - terms @ trend),
        inverse=inverse,
        trend=trend,
        trend_covariance=trend_covariance,
        whitened=whitened,
        left_out=LeftOut(error * scale, error * np.sqrt(spread)),
    )


def _near(x: FloatArray, active: Sequence[int]) -> FloatArray:
    """Return what the covariance reads: one place for all where no input is active."""
    return x[:, list(active)] if active else np.zeros((len(x), 1))


def _terms(x: FloatArray, active: Sequence[int]) -> FloatArray:
    """Return a constant and the active inputs, shape (point, term)."""
    return np.column_stack([np.ones(len(x)), x[:, list(active)] - 0.5])


def _covariance(near: FloatArray, rest: FloatArray, noise: FloatArray) -> "Kernel":
    """Fit the covariance of what the trend leaves; its white part is what other inputs do."""
    with studies_extra("calibrate"):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    left = max(float(rest.var()), 1e-8)
    white = WhiteKernel(max(left / 10, 1e-9), (1e-10, 2.0))
    if not np.ptp(near):
        return white.clone_with_theta(np.log([max(left - float(noise.mean()), 1e-10)]))
    smooth = Matern(np.ones(near.shape[1]), (0.15, 20.0), nu=2.5)
    process = GaussianProcessRegressor(
        ConstantKernel(left, (1e-9, 1e2)) * smooth + white, alpha=noise + JITTER
    )
    with warnings.catch_warnings():
        # A length that runs into its bound is an input that hardly matters, and no fault.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(near, rest)
    return process.kernel_
