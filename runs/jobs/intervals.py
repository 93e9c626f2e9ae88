"""Follow the confidence intervals of means while replications are added."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray
from runs.jobs.controls import LEAST, adjusted

LEVEL: Final = 0.95
ControlsOf = Callable[[range], FloatArray]
"""Controls of the draws of these replications, shape (replication, control)."""


class Means(NamedTuple):
    """Means and the half-widths of their t-intervals, both of shape (output,)."""

    means: FloatArray
    half_widths: FloatArray


def running_precision(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return means and half-widths after 1, 2, ... replications, both shape (replication, output).

    Parameters
    ----------
    values : ndarray, shape (replication, output), in the order of the replications' numbers.
    """
    from scipy.special import stdtrit

    n = np.arange(1.0, len(values) + 1)[:, None]
    # Sums of squares about the first value: about zero they would cancel for large means.
    shifted = values - values[0]
    sums, squares = np.cumsum(shifted, axis=0), np.cumsum(shifted**2, axis=0)
    means = values[0] + sums / n
    half_widths = np.full(values.shape, np.inf)
    with np.errstate(invalid="ignore"):
        variance = np.maximum(squares - sums**2 / n, 0.0)[1:] / (n[1:] - 1)
        quantile = stdtrit(n[1:] - 1, (1 + LEVEL) / 2)
        half_widths[1:] = quantile * np.sqrt(variance / n[1:])
    return means, half_widths


def is_looked_at(n: int) -> bool:
    """Say whether means of n replications are adjusted: every fifth, above a hundred every tenth, ..."""
    return n >= LEAST and n % (5 * -(-n // 100)) == 0


class Running:
    """Means and half-widths after 1, 2, ... replications, adjusted by controls where there are some.

    What was worked out for a number of replications is kept: more of them do not change it.
    """

    def __init__(self, controls_of: ControlsOf | None = None) -> None:
        self._controls_of = controls_of
        self._known: dict[int, Means] = {}

    def precision(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return means and half-widths, both shape (replication, output).

        From `LEAST` replications on they are adjusted, at the numbers that are looked at; between these,
        and up to the next, the last ones hold.
        """
        means, half_widths = running_precision(values)
        if self._controls_of is None:
            return means, half_widths
        for n in range(LEAST, len(values) + 1):
            if is_looked_at(n):
                means[n - 1], half_widths[n - 1] = self._adjusted(values[:n])
            else:
                means[n - 1], half_widths[n - 1] = means[n - 2], half_widths[n - 2]
        return means, half_widths

    def _adjusted(self, values: FloatArray) -> Means:
        from scipy.special import stdtrit

        n = len(values)
        if n not in self._known:
            assert self._controls_of is not None
            found = adjusted(values, self._controls_of(range(n)))
            half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * found.errors
            self._known[n] = Means(found.means, half)
        return self._known[n]


PLAIN: Final = Running()
"""Nothing is known of the draws."""
