"""Sample the unit cube, and say what a model's answers there tell: Morris' effects and Sobol's indices.

Knows nothing of cities: every input is uniform on (0, 1), and a model is what it answers at points.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from params.axes import FloatArray
from runs.studies.extra import studies_extra

LEVEL: Final = 0.95
RESAMPLES: Final = 1000
LEAST_SPREAD: Final = 1e-12
"""Spread of answers, as a share of the largest, that is but rounding."""


class Screened(NamedTuple):
    """Morris' measures of every input for every figure, arrays of shape (input, figure).

    Effects are in the figure's unit: what it changes by when the input moves over half of its distribution.
    """

    size: FloatArray
    """Mean of the absolute effects."""
    low: FloatArray
    high: FloatArray
    mean: FloatArray
    """Mean of the effects with their signs."""
    spread: FloatArray
    """Their standard deviation: large where the effect hangs on the other inputs."""


class Indices(NamedTuple):
    """Sobol's indices of every input for every figure, shares of the variance, shape (input, figure)."""

    first: FloatArray
    """Of the input alone."""
    first_low: FloatArray
    first_high: FloatArray
    total: FloatArray
    """With all that it does together with others."""
    total_low: FloatArray
    total_high: FloatArray


def morris_points(n_input: int, trajectories: int, levels: int, seed: int) -> FloatArray:
    """Return trajectories that move one input at a time, shape (trajectory x (input + 1), input).

    Values are middles of `levels` equally probable parts: each stands for its part of the distribution.

    Parameters
    ----------
    levels : an even number; a step goes over half of them.
    """
    with studies_extra("sensitivity"):
        from SALib.sample.morris import sample
    ends = sample(_problem(n_input), trajectories, num_levels=levels, seed=seed)
    return np.asarray((np.round(ends * (levels - 1)) + 0.5) / levels)


def morris_effects(points: FloatArray, answers: FloatArray, levels: int, seed: int) -> Screened:
    """Return the measures of trajectories that `morris_points` has made.

    Parameters
    ----------
    answers : ndarray, shape (point, figure).

    Notes
    -----
    Morris, *Technometrics* 33 (1991); the mean of absolute effects: Campolongo, Cariboni and Saltelli,
    *Environ. Model. Softw.* 22 (2007), its interval by resampling trajectories.
    """
    with studies_extra("sensitivity"):
        from SALib.analyze.morris import analyze
    n_input = points.shape[1]
    ends = (points * levels - 0.5) / (levels - 1)
    step = levels / (2 * (levels - 1))  # SALib divides effects by it
    names = ("mu_star", "mu_star_conf", "mu", "sigma")
    options = {"num_levels": levels, "num_resamples": RESAMPLES, "conf_level": LEVEL, "seed": seed}
    figures = [np.ascontiguousarray(one) for one in answers.T]
    told = [analyze(_problem(n_input), ends, one, **options) for one in figures]
    found = step * np.array([[np.asarray(one[name]) for name in names] for one in told], float)
    size, half, mean, spread = found.transpose(1, 2, 0)
    return Screened(size, np.maximum(size - half, 0.0), size + half, mean, spread)


def sobol_points(n_input: int, samples: int, seed: int) -> FloatArray:
    """Return Saltelli's sample, shape (sample x (input + 2), input): A, A with one column of B each, B.

    Parameters
    ----------
    samples : a power of 2.
    """
    with studies_extra("sensitivity"):
        from SALib.sample.sobol import sample
    points = sample(_problem(n_input), samples, calc_second_order=False, seed=seed)
    tiny = 2.0**-53  # quantiles of 0 and 1 may be infinite
    return np.asarray(np.clip(points, tiny, 1 - tiny))


def sobol_indices(answers: FloatArray, n_input: int, seed: int) -> Indices:
    """Return indices from the answers at the points of `sobol_points`; nan of a figure that never varies.

    Parameters
    ----------
    answers : ndarray, shape (point, figure).

    Notes
    -----
    Saltelli et al., *Comput. Phys. Commun.* 181 (2010), with intervals by resampling.
    """
    with studies_extra("sensitivity"):
        from SALib.analyze.sobol import analyze
    options = {
        "calc_second_order": False,
        "num_resamples": RESAMPLES,
        "conf_level": LEVEL,
        "seed": seed,
    }
    told = []
    for one in answers.T:
        if np.ptp(one) <= LEAST_SPREAD * np.abs(one).max():
            told.append(np.full((4, n_input), np.nan))
            continue
        found = analyze(_problem(n_input), np.ascontiguousarray(one), **options)
        told.append(np.array([found[key] for key in ("S1", "S1_conf", "ST", "ST_conf")]))
    first, first_half, total, total_half = np.array(told).transpose(1, 2, 0)
    return Indices(
        *(first, first - first_half, first + first_half),
        *(total, np.maximum(total - total_half, 0.0), total + total_half),
    )


def filling_points(n_input: int, points: int, seed: int) -> FloatArray:
    """Return points spread evenly over the cube to fit an emulator to, shape (point, input)."""
    from scipy.stats import qmc

    spread = qmc.LatinHypercube(n_input, optimization="random-cd", rng=seed).random(points)
    return np.asarray(spread)


def _problem(n_input: int) -> dict[str, Any]:
    return {
        "num_vars": n_input,
        "names": [f"x{k}" for k in range(n_input)],
        "bounds": [[0.0, 1.0]] * n_input,
    }
