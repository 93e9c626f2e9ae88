"""Estimate what became of a cohort of requests by the time since they were made.

Placement, death, withdrawal and other ends compete; who still waits when their follow-up ends is censored.
The estimator is that of Aalen and Johansen (1978) on the bins of `simulate.measure.waits`: ends in a bin
come before censorings in it, so without censoring it gives plain shares.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray
from simulate.measure.waits import END_PLACED, STILL_WAITING, WAIT_EDGES

ROUNDING = 1e-12
"""Products of shares may miss a share by so much."""
NEGLIGIBLE = 0.01
"""Share of a cohort: when no more than that waited as the last of them was lost to sight, it is as good as
seen to its end, and what became of the others is said of later days too."""

Counts = NDArray[np.int32] | NDArray[np.int64]


def at_risk(waits: Counts) -> FloatArray:
    """Return how many of a cohort were waited for and followed as a bin begins, shape (..., bin).

    Parameters
    ----------
    waits : ndarray, shape (..., end, bin), requests by `ENDS` and bin of the time until then.
    """
    gone = waits.sum(axis=-2, dtype=np.float64)
    return np.asarray(gone[..., ::-1].cumsum(axis=-1)[..., ::-1])


def cumulative_incidence(waits: Counts) -> FloatArray:
    """Return the share of a cohort that has ended so, or waits, by the upper end of each bin.

    Parameters
    ----------
    waits : ndarray, shape (..., end, bin), requests by `ENDS` and bin of the time until then.

    Returns
    -------
    ndarray of the same shape; over ends it adds to 1. nan where nobody was followed so long (but see
    `NEGLIGIBLE`), and in cohorts of nobody.
    """
    risk = at_risk(waits)
    ended = waits[..., :STILL_WAITING, :].astype(np.float64)
    with np.errstate(invalid="ignore"):
        hazard = np.where(risk[..., None, :] > 0, ended / np.maximum(risk, 1.0)[..., None, :], 0.0)
    stay = np.cumprod(1.0 - hazard.sum(axis=-2), axis=-1)
    before = np.concatenate([np.ones_like(stay[..., :1]), stay[..., :-1]], axis=-1)
    by_end = (before[..., None, :] * hazard).cumsum(axis=-1)
    result = np.concatenate([by_end, 1.0 - by_end.sum(axis=-2, keepdims=True)], axis=-2)
    # After the last one is gone nothing changes, unless that was by the end of the follow-up.
    is_known = (risk > 0) | ((stay <= NEGLIGIBLE) & (risk[..., :1] > 0))
    return np.where(is_known[..., None, :], result, np.nan)


def time_reached(edges: FloatArray, course: FloatArray, share: float) -> FloatArray:
    """Return when a share that grows from bin to bin reaches a value, days, shape (...); nan if never.

    Parameters
    ----------
    edges : ndarray, shape (bin,), upper ends of the bins; the first one has no width.
    course : ndarray, shape (..., bin), the share by the end of each bin; inside a bin it grows evenly.
    """
    with np.errstate(invalid="ignore"):
        there = course >= share - ROUNDING
    k = there.argmax(axis=-1)
    before = np.concatenate([np.zeros_like(course[..., :1]), course[..., :-1]], axis=-1)
    low, high = (np.take_along_axis(c, k[..., None], -1)[..., 0] for c in (before, course))
    lower = np.where(k > 0, edges[np.maximum(k - 1, 0)], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.clip(np.where(high > low, (share - low) / (high - low), 0.0), 0.0, 1.0)
    return np.where(there.any(axis=-1), lower + part * (edges[k] - lower), np.nan)


def time_placed(waits: Counts, share: float) -> FloatArray:
    """Return the time by which a share of a cohort is placed, days, shape (...).

    It is nan where that many are never placed in the time they are followed: the others die, withdraw,
    need it no more or wait on.

    Parameters
    ----------
    waits : ndarray, shape (..., end, bin), requests by `ENDS` and bin of the time until then.
    """
    return time_reached(WAIT_EDGES, cumulative_incidence(waits)[..., END_PLACED, :], share)


def quantile_waited(in_line: Counts, share: float) -> FloatArray:
    """Return a quantile of the time that those in line have waited, days, shape (...).

    Parameters
    ----------
    in_line : ndarray, shape (..., bin), people by bin of the time waited; nan where nobody waits.
    """
    total = in_line.sum(axis=-1, dtype=np.float64)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return time_reached(WAIT_EDGES, in_line.cumsum(axis=-1) / total, share)


def shares_at(shares: FloatArray, days: Sequence[float]) -> FloatArray:
    """Return shares of `cumulative_incidence` some days after the request, shape (..., end, day).

    Inside a bin they change evenly.
    """
    k = np.searchsorted(WAIT_EDGES, days)
    before = np.maximum(k - 1, 0)
    width = np.where(k > 0, WAIT_EDGES[k] - WAIT_EDGES[before], 1.0)
    part = np.where(k > 0, (np.asarray(days) - WAIT_EDGES[before]) / width, 1.0)
    low, high = shares[..., before], shares[..., k]
    return np.asarray(low + part * (high - low))


def share_followed(waits: Counts, days: Sequence[float]) -> FloatArray:
    """Return of how many it is known what had become of them some days after, shape (..., day).

    The others still waited when the follow-up of their year ended, after fewer days; nan without requests.
    """
    k = np.searchsorted(WAIT_EDGES, days)
    lost = waits[..., STILL_WAITING, :].cumsum(axis=-1) - waits[..., STILL_WAITING, :]
    total = waits.sum(axis=(-2, -1), dtype=np.float64)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, 1.0 - lost[..., k] / total, np.nan))
