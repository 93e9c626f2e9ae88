"""Measure a difference by pairs: its mean, its error and by how much the pairing cut its variance.

Pairs come one at a time and none is kept, so memory holds a few arrays however many there are.
"""

from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray

LEVEL: Final = 0.95
ROUNDING: Final = 1e-12
"""A difference that varies by less than this share of the figures themselves does not vary."""


class Paired(NamedTuple):
    """What pairs say, arrays of one shape; nan where a cell has no meaning in some pair."""

    first: FloatArray
    """Mean of the first of each pair."""
    second: FloatArray
    difference: FloatArray
    """Second less first."""
    mc_error: FloatArray
    """Standard error of the difference; nan with one pair, and so are its followers."""
    low: FloatArray
    """Ends of the paired t-interval."""
    high: FloatArray
    variance_cut: FloatArray
    """How many times as many replications runs of unlike seeds would take for the same interval: the sum
    of the two variances over the variance of the difference. Nan where the difference never varies."""


class Moments:
    """Mean and variance of arrays of one shape, updated one array at a time.

    Notes
    -----
    Welford, *Technometrics* 4 (1962): no sum of squares that rounding could eat.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.count = 0
        self.mean = np.zeros(shape)
        self._squares = np.zeros(shape)

    def add(self, values: FloatArray) -> None:
        """Take in one more array."""
        self.count += 1
        apart = values - self.mean
        self.mean += apart / self.count
        self._squares += apart * (values - self.mean)

    @property
    def variance(self) -> FloatArray:
        """Variance of two or more arrays, with one less than their number below the line."""
        return self._squares / (self.count - 1)


class PairedMoments:
    """The moments of pairs: of the first of each, of the second, and of their difference.

    Pairs of one unit, next to one another, are no independent ones: their mean counts as one pair.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._before, self._after, self._change = (Moments(shape) for _ in range(3))
        self._unit: int | None = None
        self._sums: tuple[FloatArray, FloatArray] = (np.zeros(shape), np.zeros(shape))
        self._waiting = 0

    def add(self, before: FloatArray, after: FloatArray, unit: int) -> None:
        """Take in one more pair of a unit."""
        if unit != self._unit:
            self._close()
            self._unit, self._sums = unit, (before, after)
        else:
            self._sums = (self._sums[0] + before, self._sums[1] + after)
        self._waiting += 1

    def _close(self) -> None:
        """Take in the mean of the unit that has ended."""
        if self._waiting:
            before, after = (total / self._waiting for total in self._sums)
            self._before.add(before)
            self._after.add(after)
            self._change.add(after - before)
        self._unit, self._waiting = None, 0

    @property
    def pairs(self) -> int:
        """How many units have been taken in."""
        return self._change.count + (self._waiting > 0)

    def found(self) -> Paired:
        """Return what the pairs say so far."""
        from scipy.special import stdtrit

        self._close()
        n, difference = self.pairs, self._change.mean
        error = np.full_like(difference, np.nan)
        half, cut = error.copy(), error.copy()
        if n > 1:
            scale = np.abs(self._before.mean) + np.abs(self._after.mean)
            spread = np.sqrt(self._change.variance)
            together = np.where(spread > ROUNDING * scale, spread, 0.0 * scale) ** 2
            apart = self._before.variance + self._after.variance
            error = np.sqrt(together / n)
            half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
            np.divide(apart, together, out=cut, where=together > 0)
        ends = difference - half, difference + half
        return Paired(self._before.mean, self._after.mean, difference, error, *ends, cut)


def paired(before: FloatArray, after: FloatArray) -> dict[str, float]:
    """Return what the pairs of one figure say, under the names of `Paired`, and how many there are.

    Parameters
    ----------
    before, after : ndarray, shape (replication,), pair by pair.
    """
    moments = PairedMoments(())
    for unit, (one, other) in enumerate(zip(before, after, strict=True)):
        moments.add(one, other, unit)
    said = {name: float(value) for name, value in moments.found()._asdict().items()}
    return {**said, "pairs": moments.pairs}
