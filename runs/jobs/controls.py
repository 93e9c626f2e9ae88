"""Adjust means over draws by what is known of the draws: control variates that cost nothing.

Each replication has a uniform number for every assumption (`params.tables.strata`), whose mean is known.
What a figure follows from these numbers is taken off, with coefficients from the other replications
only, so that the mean of what is left has the same expectation and less spread. Draws are stratified:
their plain mean is about as good already, but the plain standard error does not know it. The adjusted
one does.

A figure follows from a few assumptions of many: they are chosen one after another (orthogonal matching
pursuit), each only if it goes with what is left more than the largest of so many would by luck.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray, IntArray
from params.tables.strata import key_of, stratified

LEAST: Final = 20
"""Replications below which nothing is adjusted."""
FOLDS: Final = 10
TOGETHER: Final = 4
"""Draws of one fold next to one another: they fill the quarters of a range together."""
PER_CONTROL: Final = 6
"""Replications for each control that is chosen."""
MOST: Final = 15


class Adjusted(NamedTuple):
    """Means of figures with their standard errors, both of shape (output,)."""

    means: FloatArray
    errors: FloatArray


def controls_of(seed: int, numbers: Sequence[int], names: Sequence[str]) -> FloatArray:
    """Return the controls of some draws: a line and a parabola in every drawn assumption.

    Legendre polynomials of the uniform numbers: each has mean 0 and variance 1 over all draws.

    Parameters
    ----------
    names : assumptions that are drawn.

    Returns
    -------
    ndarray, shape (draw, 2 * assumption).
    """
    uniform = stratified(seed, numbers, [key_of(name) for name in names])
    line = np.sqrt(12.0) * (uniform - 0.5)
    parabola = np.sqrt(5.0) * (6 * uniform * (uniform - 1) + 1)
    return np.concatenate([line, parabola], axis=1)


def adjusted(values: FloatArray, controls: FloatArray) -> Adjusted:
    """Return means adjusted by controls of mean 0.

    Parameters
    ----------
    values : ndarray, shape (replication, output), in the order of the replications' numbers.
    controls : ndarray, shape (replication, control).

    Returns
    -------
    Adjusted
        Plain means and errors where there are fewer replications than `LEAST`, or no controls.
    """
    n = len(values)
    left = values.astype(np.float64)
    if n >= LEAST and controls.shape[1]:
        fold = np.arange(n) // TOGETHER % FOLDS
        for k in np.unique(fold):
            own = fold == k
            slopes = _slopes(values[~own], controls[~own])
            left[own] = values[own] - controls[own] @ slopes
    return Adjusted(left.mean(axis=0), left.std(axis=0, ddof=1) / np.sqrt(n))


def _slopes(values: FloatArray, controls: FloatArray) -> FloatArray:
    """Return the slopes of the chosen controls, 0 for all others, shape (control, output)."""
    apart = controls - controls.mean(axis=0)
    gram = apart.T @ apart
    most = min(MOST, len(values) // PER_CONTROL)
    own = values - values.mean(axis=0)
    products = apart.T @ own
    slopes = np.zeros(products.shape)
    for output in range(values.shape[1]):
        squares = float(own[:, output] @ own[:, output])
        if np.isfinite(squares) and squares > 0:
            chosen = _chosen(gram, products[:, output], squares, len(values), most)
            if chosen.size:
                part = gram[np.ix_(chosen, chosen)]
                slopes[chosen, output] = np.linalg.solve(part, products[chosen, output])
    return slopes


def _chosen(gram: FloatArray, product: FloatArray, squares: float, n: int, most: int) -> IntArray:
    """Choose controls one after another while they go with what is left more than by luck.

    Parameters
    ----------
    gram : ndarray, shape (control, control), products of the centred controls.
    product : ndarray, shape (control,), theirs with the centred figure.
    squares : sum of squares of the centred figure.
    """
    size = np.sqrt(gram.diagonal())
    # The largest of k correlations of n independent pairs is about this by luck.
    by_luck = np.sqrt(2 * np.log(len(size)) / n)
    chosen: list[int] = []
    with_rest, rest = product, squares
    while len(chosen) < most and rest > squares * 1e-12:
        strength = np.abs(with_rest) / np.where(size > 0, size, np.inf) / np.sqrt(rest)
        strength[chosen] = 0.0
        best = int(strength.argmax())
        if strength[best] <= by_luck:
            break
        chosen.append(best)
        slopes = np.linalg.solve(gram[np.ix_(chosen, chosen)], product[chosen])
        with_rest = product - gram[:, chosen] @ slopes
        rest = squares - float(product[chosen] @ slopes)
    return np.array(chosen, dtype=np.int64)
