"""Judge shares in time by replications, and guess from offered loads how much they take."""

from typing import Final

import numpy as np

from params.axes import FloatArray
from runs.studies.plan.aims import HOLDS_ANYWAY

MOST_BETA: Final = 8.0
"""Standard deviations of the load above it at most."""
HALVINGS: Final = 60


def margins(shares: FloatArray, target: FloatArray, confidence: float) -> FloatArray:
    """Return by how much the lower end of a one-sided t-interval of each mean lies above its target.

    Parameters
    ----------
    shares : ndarray, shape (replication, year, district, judged), shares in time; nan where nobody asked.
    target : ndarray, shape (judged,) or what it broadcasts to.
    confidence : of the interval; 0.5 is the mean itself.

    Returns
    -------
    ndarray, shape (year, district, judged)
        `HOLDS_ANYWAY` where nobody asked in any replication.
    """
    from scipy.special import stdtrit

    known = np.isfinite(shares)
    n = known.sum(axis=0)
    mean = np.where(known, shares, 0.0).sum(axis=0) / np.maximum(n, 1)
    apart = np.where(known, shares - mean, 0.0)
    error = np.sqrt((apart**2).sum(axis=0) / np.maximum(n - 1, 1) / np.maximum(n, 1))
    far = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), confidence), 0.0)
    found = mean - far * error - target
    return np.asarray(np.where(n > 0, found, HOLDS_ANYWAY))


def quantile_margins(shares: FloatArray, target: FloatArray, part: float) -> FloatArray:
    """Return by how much every cell is above its target in a part of the replications.

    Parameters
    ----------
    shares, target : as for `margins`.
    part : share of the replications in which a cell must hold.
    """
    known = np.isfinite(shares).any(axis=0)
    filled = np.where(np.isfinite(shares), shares, np.inf)
    ranked = np.sort(filled, axis=0)
    n = len(shares)
    # The worst that may be passed over: of 10 replications and a part of .8 the two worst.
    at = min(int(np.floor(n * (1 - part) + 1e-9)), n - 1)
    found = np.minimum(ranked[at] - target, HOLDS_ANYWAY)
    return np.asarray(np.where(known, found, HOLDS_ANYWAY))


def square_root_rule(
    load: FloatArray, stay_days: FloatArray, days: FloatArray, share: FloatArray
) -> FloatArray:
    """Return the beds that place a share of requests within some days: load and a spread of its root.

    Parameters
    ----------
    load : ndarray, mean number of units in use if nobody ever waited.
    stay_days : ndarray, mean stay.
    days : ndarray, by when a request is to be placed.
    share : ndarray, of requests, in (0, 1).

    Notes
    -----
    Halfin and Whitt, *Operations Research* 29 (1981): with ``R + beta sqrt(R)`` servers a request waits with
    probability ``a = 1 / (1 + beta Phi(beta) / phi(beta))``, and longer than t with ``a exp(-beta sqrt(R) t /
    stay)``. Found by halving for ``a exp(...) = 1 - share``; loads below one unit take one.
    """
    load = np.asarray(load, float)
    root = np.sqrt(np.maximum(load, 1e-9))
    pace = root * days / np.maximum(stay_days, 1e-9)
    low, high = np.zeros(root.shape), np.full(root.shape, MOST_BETA)
    for _ in range(HALVINGS):
        beta = (low + high) / 2
        late = _delayed(beta) * np.exp(-beta * pace)
        enough = late <= 1 - share
        low, high = np.where(enough, low, beta), np.where(enough, beta, high)
    return np.asarray(np.where(load > 0, np.maximum(load + high * root, 1.0), 0.0))


def _delayed(beta: FloatArray) -> FloatArray:
    """Return the probability of waiting at all."""
    from scipy.special import ndtr

    density = np.exp(-(beta**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(1.0 / (1.0 + beta * ndtr(beta) / density))
