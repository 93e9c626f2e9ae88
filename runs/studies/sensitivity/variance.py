"""Split the variance of a figure into luck, parameters and scenario, from draws x replications x points.

Knows nothing of cities. Every estimate is a difference of mean squares and without bias; a negative one
is told as zero.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray

LEVEL: Final = 0.95
TRIALS: Final = 1000
"""Trials of an interval; its ends move by some hundredths of the interval between sets of trials."""
LUCK, PARAMETERS, TOGETHER, SCENARIO = "luck", "parameters", "together", "scenario"
SOURCES: Final = (LUCK, PARAMETERS, TOGETHER, SCENARIO)
FAR: Final = 1e4
"""Noncentral chi-square beyond which its root counts as normal."""
ROUNDING: Final = 1e-20
"""Variance, as a share of the squared mean, that is but rounding."""


@dataclass(frozen=True)
class Shared:
    """What the points of a study share."""

    lives: bool = True
    """Replication r of draw d has the same luck in every point."""
    draws: bool = True
    """Draw d has the same quantiles of the assumptions in every point."""


class Mean(NamedTuple):
    """A mean square and its degrees of freedom."""

    square: FloatArray
    freedom: int


class Split(NamedTuple):
    """Variance by source, shape (source, figure) in the order of `SOURCES`; nan where there is none."""

    variance: FloatArray
    share: FloatArray
    low: FloatArray
    """Ends of the interval of the share."""
    high: FloatArray


def split(values: FloatArray, shared: Shared = Shared(), seed: int = 0) -> Split:
    """Return how much of the variance of each figure comes from where.

    Parameters
    ----------
    values : ndarray, shape (point, draw, replication, figure), two draws and two replications at least.
    shared : what the points share; of no moment with one point.
    seed : of the trials behind the intervals.

    Notes
    -----
    Points are those that were chosen, draws and replications random (Searle, Casella and McCulloch, *Variance
    Components* (1992), chapters 4 and 5). Points cross with draws where these are shared and with
    replications, which are nested in draws, where lives are: `_components` has the expected mean squares.
    Luck is what replications differ by in a point, parameters what draws do in every point alike, together
    what draws do in one point otherwise than in another, scenario the variance between points.

    Intervals are generalized ones (Burdick, Borror and Montgomery, *Design and Analysis of Gauge R&R Studies*
    (2005), appendix B): every mean square gives way to freedom x square / chi-square. That of points
    has a noncentral chi-square, as points are fixed.
    """
    p, d, r = values.shape[:3]
    form = _Form(p, d, r, shared.lives and p > 1, shared.draws and p > 1)
    means = _grouped(_mean_squares(values), form)
    excess = (p - 1) * (means.point.square - means.both.square)
    found = np.maximum(_components(means, form, excess), 0.0)
    found[found <= ROUNDING * np.mean(values, axis=(0, 1, 2)) ** 2] = 0.0
    found[[not has for has in (True, True, form.draws, p > 1)]] = np.nan
    low, high = _intervals(means, form, seed)
    total = np.nansum(found, axis=0)
    share = np.divide(found, total, out=np.full_like(found, np.nan), where=total > 0)
    known = np.isfinite(share)
    return Split(found, share, np.where(known, low, np.nan), np.where(known, high, np.nan))


@dataclass(frozen=True)
class _Form:
    """How many points, draws and replications there are, and what of them crosses."""

    points: int
    draws_each: int
    replications: int
    lives: bool
    draws: bool


class _Means(NamedTuple):
    point: Mean
    draw: Mean
    both: Mean
    """Points by draws."""
    life: Mean
    """Replications of a draw, over all points."""
    rest: Mean
    """Points by replications of a draw."""


def _mean_squares(y: FloatArray) -> _Means:
    """Return the mean squares of points crossed with draws and with replications nested in these."""
    p, d, r, _ = y.shape
    whole = y.mean(axis=(0, 1, 2))
    of_point, of_draw = y.mean(axis=(1, 2)), y.mean(axis=(0, 2))
    of_both, of_life = y.mean(axis=2), y.mean(axis=0)
    both = of_both - of_point[:, None] - of_draw + whole
    life = of_life - of_draw[:, None]
    rest = y - of_both[:, :, None] - life
    squares = (
        (d * r * ((of_point - whole) ** 2).sum(axis=0), p - 1),
        (p * r * ((of_draw - whole) ** 2).sum(axis=0), d - 1),
        (r * (both**2).sum(axis=(0, 1)), (p - 1) * (d - 1)),
        (p * (life**2).sum(axis=(0, 1)), d * (r - 1)),
        ((rest**2).sum(axis=(0, 1, 2)), (p - 1) * d * (r - 1)),
    )
    return _Means(*(Mean(total / max(free, 1), free) for total, free in squares))


def _pooled(*means: Mean) -> Mean:
    """Return the mean square of effects that have one expectation."""
    free = sum(one.freedom for one in means)
    total = sum((one.square * one.freedom for one in means), np.zeros(()))
    return Mean(np.asarray(total) / max(free, 1), free)


def _grouped(means: _Means, form: _Form) -> _Means:
    """Pool the mean squares of one expectation: what points do not share is new in each of them."""
    point, draw, both, life, rest = means
    if not form.lives:
        life = rest = _pooled(life, rest)
        if not form.draws:
            draw = both = _pooled(draw, both)
    return _Means(point, draw, both, life, rest)


def _components(means: _Means, form: _Form, excess: FloatArray) -> FloatArray:
    """Return unbiased variances by source, shape (..., source, figure).

    Parameters
    ----------
    excess : sum of squares of the points less what draws and luck add to it.

    Notes
    -----
    With S of points, A of draws, SA of both, L of replications in draws and SL of points by these, P points,
    D draws, R replications, expected mean squares are

    * points: SL + R SA + D R S (S the variance between the points at hand);
    * draws: SL + P L + R SA + P R A;  both: SL + R SA;
    * replications: SL + P L;  rest: SL.

    Lives of their own leave out L. Draws of their own leave out A, and SA is all that draws do.
    """
    p, r = form.points, form.replications
    _, draw, both, life, rest = (mean.square for mean in means)
    common = life - rest if form.lives else np.zeros_like(rest)
    parameters = together = (both - rest) / r
    if form.draws:
        parameters = (draw - both - common) / (p * r)
    else:
        together = np.zeros_like(both)
    scenario = excess / (form.draws_each * r * max(p - 1, 1))
    return np.stack([rest + common / p, parameters, together, scenario], axis=-2)


def _intervals(means: _Means, form: _Form, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return both ends of the shares' intervals, shape (source, figure) each."""
    chance = np.random.default_rng(seed)
    trials: dict[int, Mean] = {}
    for mean in means:
        if id(mean) not in trials:  # a pooled one stands in two places
            free = max(mean.freedom, 1)
            factor = free / chance.chisquare(free, TRIALS)
            trials[id(mean)] = Mean(factor[:, None] * mean.square, mean.freedom)
    trial = _Means(*(trials[id(mean)] for mean in means))
    excess = _excess(means.point, trial.both.square, chance.random(TRIALS)[:, None])
    found = np.maximum(_components(trial, form, excess), 0.0)
    total = found.sum(axis=1, keepdims=True)
    share = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(share, [tail, 1 - tail], axis=0)
    return low, high


def _excess(point: Mean, noise: FloatArray, level: FloatArray) -> FloatArray:
    """Return what points add to their sum of squares, such that so much or less is seen with a probability.

    Parameters
    ----------
    noise : ndarray, shape (trial, figure), mean square without differences between points.
    level : ndarray, shape (trial, 1), that probability.
    """
    from scipy.special import chndtrinc, ndtri

    if point.freedom == 0:
        return np.zeros_like(noise)
    seen = point.square * point.freedom
    ratio = np.divide(seen, noise, out=np.zeros_like(noise), where=noise > 0)
    # Far out the root of a noncentral chi-square is normal, with variance 1.
    far = ratio > FAR
    found = np.where(
        far,
        np.maximum(np.sqrt(ratio) - ndtri(level), 0.0) ** 2,
        chndtrinc(np.where(far, 1.0, ratio), point.freedom, level),
    )
    return np.where(noise > 0, found * noise, np.broadcast_to(seen, noise.shape))
