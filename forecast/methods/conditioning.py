"""Condition joint draws of many unknowns on noisy figures that depend on them smoothly.

Unknowns are independent standard normal numbers, figures are y = h(unknowns) + error. The mode comes by
Gauss and Newton. Draws are conditioned one by one (Matheron's rule; randomized maximum likelihood where h
is not linear): draw i is its own unknowns and errors moved by the gain towards the figures. So draw i
depends on its own chances and on the figures alone, never on the other draws.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from params.axes import FloatArray

Predict = Callable[[FloatArray], FloatArray]
"""From unknowns, shape (draw, unknown), to figures, shape (draw, figure)."""

STEP: Final = 1e-3
"""Step of the numerical derivatives, standard deviations of an unknown."""
MOST_STEPS: Final = 12
NEAR: Final = 0.05
"""Derivatives are taken once more until no unknown moves by more than this, standard deviations."""
SETTLED: Final = 1e-13
MOST_REPEATS: Final = 60


@dataclass(frozen=True)
class Fit:
    """What figures say about unknowns.

    Attributes
    ----------
    mode : ndarray, shape (unknown,), likeliest unknowns.
    jacobian : ndarray, shape (figure, unknown), derivatives of h at the mode.
    gain : ndarray, shape (unknown, figure).
    figures : ndarray, shape (figure,).
    root : ndarray, shape (figure, figure), lower Cholesky factor of the errors' covariance.
    evidence : log marginal likelihood of the figures, Laplace's approximation at the mode.
    """

    mode: FloatArray
    jacobian: FloatArray
    gain: FloatArray
    figures: FloatArray
    root: FloatArray
    evidence: float


def fit_figures(predict: Predict, figures: FloatArray, covariance: FloatArray, n: int) -> Fit:
    """Find the mode of n unknowns and the gain around it.

    Parameters
    ----------
    figures : ndarray, shape (figure,).
    covariance : ndarray, shape (figure, figure), of their errors.

    Raises
    ------
    ValueError
        If the steps do not settle: the figures cannot come of these unknowns.
    """
    mode = np.zeros(n)
    if not figures.size:
        nothing = np.zeros((0, n))
        return Fit(mode, nothing, nothing.T, figures, np.zeros((0, 0)), 0.0)
    for _ in range(MOST_STEPS):
        at, jacobian = linearised(predict, mode)
        solved = cho_factor(jacobian @ jacobian.T + covariance, lower=True)
        missed = figures - at + jacobian @ mode
        new = jacobian.T @ cho_solve(solved, missed)
        moved = float(np.abs(new - mode).max(initial=0.0))
        mode = new
        if moved < NEAR:
            break
    else:
        raise ValueError(f"the figures do not settle the unknowns: the last step was {moved:.3g}")
    gain = np.asarray(cho_solve(solved, jacobian).T)
    for _ in range(MOST_REPEATS):
        new = gain @ (figures - predict(mode[None])[0] + jacobian @ mode)
        moved, mode = float(np.abs(new - mode).max(initial=0.0)), new
        if moved < SETTLED:
            break
    missed = figures - predict(mode[None])[0] + jacobian @ mode
    evidence = -0.5 * float(
        missed @ cho_solve(solved, missed)
        + 2 * np.log(np.diag(solved[0])).sum()
        + figures.size * np.log(2 * np.pi)
    )
    return Fit(
        mode=mode,
        jacobian=jacobian,
        gain=gain,
        figures=figures,
        root=np.asarray(np.linalg.cholesky(covariance), dtype=np.float64),
        evidence=evidence,
    )


def linearised(predict: Predict, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return h and its derivatives, all from one batch."""
    n = at.size
    batch = np.tile(at, (n + 1, 1))
    batch[np.arange(n), np.arange(n)] += STEP
    found = predict(batch)
    return found[-1], np.ascontiguousarray((found[:-1] - found[-1]).T / STEP)


def conditioned(
    fit: Fit,
    predict: Predict,
    unknowns: FloatArray,
    errors: FloatArray,
    most: float = np.inf,
    corrections: int = 1,
) -> FloatArray:
    """Return unknowns that agree with the figures.

    Parameters
    ----------
    unknowns : ndarray, shape (draw, unknown), standard normal numbers.
    errors : ndarray, shape (draw, figure), standard normal numbers.
    most : largest error of a figure, standard deviations: beyond it errors are cut off.
    corrections : steps for what is not linear, each one more batch.

    Notes
    -----
    Each step is one of Gauss and Newton's towards the draw's own objective: far from its own unknowns
    by as little as its own figures allow, with the derivatives of the mode. The first starts at the mode.
    """
    bound = most * np.sqrt((fit.root**2).sum(axis=1))
    wanted = fit.figures + np.clip(errors @ fit.root.T, -bound, bound)
    here = np.broadcast_to(fit.mode, unknowns.shape)
    at = predict(fit.mode[None])
    for step in range(1 + corrections):
        if step:
            at = predict(here)
        missed = wanted - at + (here - unknowns) @ fit.jacobian.T
        here = unknowns + missed @ fit.gain.T
    return np.asarray(here)


def innovations(
    fit: Fit, predict: Predict, figures: FloatArray, covariance: FloatArray
) -> FloatArray:
    """Return how far each further figure lies from what the fit and the figures before it say.

    Parameters
    ----------
    predict : from unknowns to the further figures.
    covariance : ndarray, shape (figure, figure), of their errors.

    Returns
    -------
    ndarray, shape (2, figure): the distance in standard deviations of what was expected, and in the
    figures' own unit. Derivatives are those at the mode.
    """
    at, jacobian = linearised(predict, fit.mode)
    known = jacobian @ jacobian.T - (jacobian @ fit.gain) @ (fit.jacobian @ jacobian.T)
    root = np.linalg.cholesky(known + covariance)
    apart = solve_triangular(root, figures - at, lower=True)
    return np.array([apart, np.diag(root) * apart])
