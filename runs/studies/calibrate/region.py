"""Find the part of the unit cube where a score is small enough, however small that part is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray

BATCH: Final = 1 << 13
"""Points that are looked at together."""
ROUNDS: Final = 12
"""Batches at most."""
BEST: Final = 0.02
"""Share of a batch around which is looked on where hardly any point is good enough."""
ENOUGH: Final = 100
"""Points of a batch that say well enough where the region lies."""
MARGIN: Final = 0.1
"""By how much the box around good points is wider than they are, on either side."""

Score = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Box:
    """A part of the unit cube with sides along its axes; shapes (input,)."""

    low: FloatArray
    high: FloatArray

    @property
    def volume(self) -> float:
        """Share of the cube."""
        return float(np.prod(self.high - self.low))

    def fill(self, unit: FloatArray) -> FloatArray:
        """Bring points of the unit cube into the box."""
        return np.asarray(self.low + unit * (self.high - self.low))

    def around(self, points: FloatArray, axes: Sequence[int]) -> "Box":
        """Return the box around points along some axes, a little wider than they are, inside this one."""
        low, high = self.low.copy(), self.high.copy()
        chosen = list(axes)
        near = points[:, chosen]
        wider = MARGIN * np.ptp(near, axis=0) + 1e-9
        low[chosen] = np.maximum(low[chosen], near.min(axis=0) - wider)
        high[chosen] = np.minimum(high[chosen], near.max(axis=0) + wider)
        return Box(low, high)


@dataclass(frozen=True)
class Region:
    """Points spread evenly over what is good enough.

    Attributes
    ----------
    points : ndarray, shape (point, input).
    share : of the cube that is good enough, as far as it was found.
    least : least score that was seen.
    box : that the points lie in.
    """

    points: FloatArray
    share: float
    least: float
    box: Box


@dataclass(frozen=True)
class Wanted:
    """How much is looked for."""

    points: int
    batch: int = BATCH
    """Points that are looked at together."""
    enough: int = ENOUGH
    """Good points of a batch from which on it will do."""


ANY: Final = Wanted(1, BATCH // 4, 1)
"""Whether there is anything at all."""


def whole(n_input: int) -> Box:
    """Return the unit cube."""
    return Box(np.zeros(n_input), np.ones(n_input))


def spread(n: int, n_input: int, seed: tuple[int, ...]) -> FloatArray:
    """Return a Latin hypercube, shape (point, input), away from the ends 0 and 1."""
    from scipy.stats import qmc

    rng = np.random.default_rng(np.random.SeedSequence(seed))
    tiny = 2.0**-53
    return np.asarray(np.clip(qmc.LatinHypercube(n_input, rng=rng).random(n), tiny, 1 - tiny))


def find_region(
    score: Score,
    most: float,
    n_input: int,
    axes: Sequence[int],
    wanted: Wanted,
    seed: tuple[int, ...],
) -> Region:
    """Look for points whose score is at most a number.

    Parameters
    ----------
    score : of points, shape (point, input) to (point,).
    axes : inputs that the score hangs on.
    wanted : how many points, and from how many on a batch will do.

    Notes
    -----
    Where a batch has hardly any good point, the next one lies in the box around its best ones: subset by
    subset, as rare events are reached. All points that are returned are of the last box, so that they are
    spread evenly over what of it is good enough.
    """
    box = whole(n_input)
    least, tried = np.inf, 0
    good: list[FloatArray] = []
    for k in range(ROUNDS):
        points = box.fill(spread(wanted.batch, n_input, (*seed, k)))
        found = score(points)
        least = min(least, float(found.min()))
        passed: BoolArray = found <= most
        narrower = _narrower(box, points, found, passed, axes, wanted.enough)
        if narrower is not None and k < ROUNDS - 1:
            box, good, tried = narrower, [], 0
            continue
        good.append(points[passed])
        tried += wanted.batch
        if sum(map(len, good)) >= wanted.points:
            break
    kept = np.concatenate(good) if good else np.zeros((0, n_input))
    share = len(kept) / max(tried, 1) * box.volume
    return Region(kept, share, least, box)


def _narrower(
    box: Box,
    points: FloatArray,
    found: FloatArray,
    passed: BoolArray,
    axes: Sequence[int],
    enough: int,
) -> Box | None:
    """Return a box worth going on in, or None where this one will do."""
    if not len(axes):
        return None
    n_good = int(passed.sum())
    if n_good >= enough:
        closer = box.around(points[passed], axes)
        return closer if closer.volume < box.volume / 2 else None
    best = np.argsort(found, kind="stable")[: max(int(BEST * len(points)), n_good)]
    closer = box.around(points[best], axes)
    return closer if closer.volume < 0.9 * box.volume else None
