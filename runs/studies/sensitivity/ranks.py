"""Say how figures go with inputs that were drawn together: rank correlations and what lines explain.

Knows nothing of cities: rows are draws, columns inputs or figures.
"""

from typing import Final, NamedTuple

import numpy as np

from params.axes import BoolArray, FloatArray
from runs.tables.drivers import FALSE_ALARM, by_luck, rank_correlations

LEVEL: Final = 0.95
LEAST_FREEDOM: Final = 10
"""Draws beyond those that inputs use up, below which partial correlations say nothing."""
PARTIAL, PLAIN = "prcc", "rank"
ENDS: Final = (5, 95)
"""Percentiles of an input between which its effect is told."""


class Effects(NamedTuple):
    """What every input does to every figure, shape (input, figure); nan of a figure that never varies."""

    correlation: FloatArray
    """Partial rank correlation, or plain one."""
    low: FloatArray
    high: FloatArray
    sure: BoolArray
    """Whether it passes what the largest of as many without influence reaches in one study of twenty."""
    share: FloatArray
    """Share of the variance that a straight line in this input explains."""
    slope: FloatArray
    """Of the line, figure's unit per unit of the input."""
    slope_error: FloatArray
    rest: FloatArray
    """Standard deviation around the line, shape (figure,) or (input, figure)."""
    freedom: int
    """Degrees of freedom of `rest`."""


def can_be_partial(inputs: FloatArray) -> bool:
    """Say whether there are enough draws to take the other inputs out of each.

    Parameters
    ----------
    inputs : ndarray, shape (draw, input).
    """
    n, k = inputs.shape
    if n - k - 1 < LEAST_FREEDOM:
        return False
    apart = inputs - inputs.mean(axis=0)
    return bool(np.linalg.matrix_rank(apart / apart.std(axis=0)) == k)


def partial(inputs: FloatArray, figures: FloatArray) -> Effects:
    """Return partial rank correlations, and the shares and slopes of a line in all inputs.

    Parameters
    ----------
    inputs : ndarray, shape (draw, input), for which `can_be_partial` holds.
    figures : ndarray, shape (draw, figure).

    Notes
    -----
    With ranks regressed on the ranks of all inputs, the partial correlation of one is t / sqrt(t^2 + f), f
    the degrees of freedom (Marino et al., *J. Theor. Biol.* 254 (2008)). Its interval is Fisher's with the
    wider error of ranks, sqrt((1 + r^2 / 2) / (n - k - 2)) (Bonett and Wright, *Psychometrika* 65 (2000)).
    The share is the squared standardized coefficient of a line in the values themselves, less its squared
    error: inputs are drawn independently, so that shares add up to what lines explain.
    """
    from scipy.stats import rankdata, t

    n, k = inputs.shape
    free = n - k - 1
    of_ranks = _regression(rankdata(inputs, axis=0), rankdata(figures, axis=0))
    found = of_ranks.t / np.sqrt(of_ranks.t**2 + free)
    bound = float(t.isf(FALSE_ALARM / (2 * k), free))
    lines = _regression(inputs, figures)
    low, high = _interval(found, n - k - 2)
    return Effects(
        found,
        low,
        high,
        np.abs(of_ranks.t) > bound,
        lines.share,
        lines.slope,
        lines.error,
        np.broadcast_to(lines.rest, found.shape),
        free,
    )


def plain(inputs: FloatArray, figures: FloatArray, seed: int) -> Effects:
    """Return rank correlations one input at a time, where draws are too few to take the others out.

    Parameters
    ----------
    inputs : ndarray, shape (draw, input).
    figures : ndarray, shape (draw, figure).
    seed : of the draws, which are stratified: so are the stand-ins that say how far luck goes.
    """
    n, k = inputs.shape
    columns = [_plain_of(inputs, figures[:, f], seed) for f in range(figures.shape[1])]
    correlation, low, high, sure = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    lines = [_regression(inputs[:, [i]], figures) for i in range(k)]
    slope, error, share = (
        np.concatenate([getattr(one, name) for one in lines])
        for name in ("slope", "error", "share")
    )
    rest = np.stack([one.rest for one in lines])
    return Effects(correlation, low, high, sure.astype(bool), share, slope, error, rest, n - 2)


def _plain_of(
    inputs: FloatArray, figure: FloatArray, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Return the rank correlations of one figure, their intervals, and which of them luck does not reach."""
    n, k = inputs.shape
    if np.ptp(figure) == 0:
        nothing = np.full(k, np.nan)
        return nothing, nothing, nothing, np.zeros(k, dtype=bool)
    found = rank_correlations(inputs, figure)
    luck = by_luck(figure, seed, k)
    low, high = _interval(found, max(min(luck.freedom, n - 2.0) - 1, 1.0))
    return found, low, high, np.abs(found) > luck.bound


def _interval(correlation: FloatArray, worth: float) -> tuple[FloatArray, FloatArray]:
    """Return both ends of Fisher's interval with the error of ranks.

    Parameters
    ----------
    worth : independent draws less 3 and less the inputs that were taken out.
    """
    from scipy.special import ndtri

    error = np.sqrt((1 + correlation**2 / 2) / worth)
    at = np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    half = float(ndtri((1 + LEVEL) / 2)) * error
    return np.tanh(at - half), np.tanh(at + half)


class _Regression(NamedTuple):
    """Least squares of every figure on all inputs; shapes (input, figure) and, of the last, (figure,)."""

    slope: FloatArray
    error: FloatArray
    t: FloatArray
    share: FloatArray
    rest: FloatArray


def _regression(inputs: FloatArray, figures: FloatArray) -> _Regression:
    n, k = inputs.shape
    # By standard deviations: units of inputs differ by many powers of ten.
    scale = inputs.std(axis=0)
    x = (inputs - inputs.mean(axis=0)) / scale
    y = figures - figures.mean(axis=0)
    q, r = np.linalg.qr(x)
    inverse = np.linalg.inv(r)
    slope = inverse @ (q.T @ y)
    total = (y**2).sum(axis=0)
    varies = np.ptp(figures, axis=0) > 0
    squares = np.where(varies, ((y - x @ slope) ** 2).sum(axis=0), np.nan)
    rest = np.sqrt(squares / (n - k - 1))
    error = np.sqrt((inverse**2).sum(axis=1))[:, None] * rest
    exact = np.where(slope == 0, 0.0, np.copysign(np.inf, slope))
    t = np.divide(slope, error, out=np.where(varies, exact, np.nan), where=error > 0)
    explained = np.maximum(slope**2 - error**2, 0.0) * n
    share = np.divide(explained, total, out=np.full_like(explained, np.nan), where=varies)
    return _Regression(slope / scale[:, None], error / scale[:, None], t, share, rest)
