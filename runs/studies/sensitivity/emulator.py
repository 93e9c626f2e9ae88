"""Stand in for a simulation by a Gaussian process, refused where it foretells badly what it has not seen.

Knows nothing of cities: points lie in the unit cube, answers are means over replications with their errors.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from params.axes import FloatArray
from runs.studies.extra import studies_extra

LEAST_Q2: Final = 0.9
"""Share of the variance between points that leaving one out must foretell."""
FAR: Final = 3.0
"""Errors of points left out, in standard deviations that the emulator claims for them, that count as far."""
MOST_FAR: Final = 0.05
"""Share of points that may be so far."""
RESTARTS: Final = 4
SMOOTHNESS: Final = 2.5
LENGTHS: Final = (0.05, 50.0)
LEAST_NOISE: Final = 1e-8
"""Variance, as a share of that between points, that keeps the matrix invertible."""


class Left(NamedTuple):
    """What an emulator makes of every point that it is not shown, arrays of shape (point,)."""

    error: FloatArray
    """Answer less what was foretold, in the answer's unit."""
    standardized: FloatArray
    """The same in standard deviations that the emulator claims."""
    q2: float

    @property
    def far(self) -> float:
        """Share of the points that are farther off than the emulator would have it."""
        return float((np.abs(self.standardized) > FAR).mean())

    @property
    def is_good(self) -> bool:
        """Whether the emulator may stand in for the simulation."""
        return self.q2 >= LEAST_Q2 and self.far <= MOST_FAR


@dataclass(frozen=True)
class Emulator:
    """A fitted process of one figure."""

    process: Any
    middle: float
    scale: float
    left: Left

    def __call__(self, points: FloatArray) -> FloatArray:
        """Return what it foretells, shape (point,)."""
        parts = np.array_split(points, max(1, len(points) // 4096))
        found = np.concatenate([self.process.predict(part) for part in parts])
        return np.asarray(found * self.scale + self.middle)


def fitted(points: FloatArray, answers: FloatArray, variance: FloatArray, seed: int) -> Emulator:
    """Fit a Gaussian process to the answers at points of the unit cube.

    Parameters
    ----------
    points : ndarray, shape (point, input).
    answers : ndarray, shape (point,), means over replications.
    variance : ndarray, shape (point,), squared Monte Carlo errors of these.
    seed : of the restarts of the fit.

    Notes
    -----
    Matern covariance of order 5/2 with a length for every input; lengths and variance by maximum likelihood.
    Leaving one point out has a closed form with these held (Rasmussen and Williams, *Gaussian Processes for
    Machine Learning* (2006), section 5.4.2).
    """
    import warnings

    with studies_extra("sensitivity"):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern
    middle, scale = float(answers.mean()), float(answers.std()) or 1.0
    n_input = points.shape[1]
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * Matern(np.ones(n_input), LENGTHS, nu=SMOOTHNESS)
    process = GaussianProcessRegressor(
        kernel,
        alpha=variance / scale**2 + LEAST_NOISE,
        n_restarts_optimizer=RESTARTS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # A length at its end means an input that does nothing, which is an answer.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(points, (answers - middle) / scale)
    return Emulator(process, middle, scale, _left_out(process, scale, answers))


def _left_out(process: Any, scale: float, answers: FloatArray) -> Left:
    """Return what the process makes of each point without it, its lengths held."""
    half = np.linalg.inv(process.L_)
    certainty = (half**2).sum(axis=0)  # diagonal of the inverse of the covariance
    error = process.alpha_.ravel() / certainty
    around = answers - answers.mean()
    total = float((around**2).sum())
    q2 = 1 - float(((error * scale) ** 2).sum()) / total if total > 0 else 0.0
    return Left(error * scale, error * np.sqrt(certainty), q2)


def errors_of_points(values: FloatArray) -> FloatArray:
    """Return squared Monte Carlo errors of the means of points that share their lives, shape (point, figure).

    What luck does to all points alike moves no point against another, and is left out.

    Parameters
    ----------
    values : ndarray, shape (point, replication, figure), two points and two replications at least.
    """
    p, r, _ = values.shape
    of_point = values.mean(axis=1, keepdims=True)
    of_life = values.mean(axis=0, keepdims=True)
    rest = values - of_point - of_life + values.mean(axis=(0, 1), keepdims=True)
    return np.asarray((rest**2).sum(axis=1) / ((r - 1) * (1 - 1 / p)) / r)
