"""Say how far outputs lie from what was observed, and how likely that is."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray

CUTOFF: Final = 3.0
"""Beyond three standard deviations a value is implausible: Pukelsheim (1994), *The three sigma rule*."""
MANY: Final = 10
"""Targets from which on the second largest implausibility is judged: the largest of many is large by luck."""


@dataclass(frozen=True)
class Observed:
    """What was observed, and how well it is known.

    Attributes
    ----------
    value : ndarray, shape (target,).
    error : ndarray, shape (target,), standard error of each.
    discrepancy : ndarray, shape (target,), by how much a true model would still miss it, standard deviation.
    """

    value: FloatArray
    error: FloatArray
    discrepancy: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @property
    def variance(self) -> FloatArray:
        """Variance that no better knowledge of the model's outputs takes away, shape (target,)."""
        return np.asarray(self.error**2 + self.discrepancy**2)

    def of(self, chosen: list[int]) -> "Observed":
        """Return some of the targets."""
        return Observed(self.value[chosen], self.error[chosen], self.discrepancy[chosen])


@dataclass(frozen=True)
class Told:
    """What is known of the model's outputs at points.

    Attributes
    ----------
    mean : ndarray, shape (point, target).
    variance : ndarray, shape (point, target), of the emulator, and of luck that all its runs share.
    """

    mean: FloatArray
    variance: FloatArray

    def at(self, points: FloatArray) -> "Told":
        """Return some of the points, by position or by true and false."""
        return Told(self.mean[points], self.variance[points])


def implausibility(told: Told, observed: Observed) -> FloatArray:
    """Return |z - E f(x)| in standard deviations of all that is not known, shape (point, target).

    Notes
    -----
    Craig et al. (1997); Vernon, Goldstein and Bower (2010), *Galaxy formation: a Bayesian uncertainty
    analysis*.
    """
    return np.asarray(
        np.abs(observed.value - told.mean) / np.sqrt(told.variance + observed.variance)
    )


def judged(values: FloatArray, rank: int | None = None) -> FloatArray:
    """Return the implausibility by which a point is judged, shape (point,).

    Parameters
    ----------
    values : ndarray, shape (point, target).
    rank : 1 the largest, 2 the second largest ...; as many as there are at most. None: 2 of `MANY` targets
        or more, 1 of fewer.
    """
    n = values.shape[1]
    place = min(rank or (2 if n >= MANY else 1), n)
    return np.asarray(np.partition(values, n - place, axis=1)[:, n - place])


def log_likelihood(told: Told, observed: Observed) -> FloatArray:
    """Return the logarithm of how likely what was observed is at each point, up to a constant, (point,)."""
    variance = told.variance + observed.variance
    apart = (observed.value - told.mean) ** 2 / variance
    return np.asarray(-0.5 * (apart + np.log(variance)).sum(axis=1))
