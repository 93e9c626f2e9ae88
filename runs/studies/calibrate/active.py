"""Find which inputs move an output, among many that were all varied together."""

from typing import Final

import numpy as np

from params.axes import FloatArray

FALSE_ALARM: Final = 0.01
"""Chance that any input without influence is taken for one that moves the output."""
FREEDOM: Final = 10
"""Points that are left over at least when all terms are fitted."""
EXACT: Final = 1e-12
"""Share of the output's variance below which nothing is left to explain."""


def active_inputs(x: FloatArray, y: FloatArray, small: float = 0.0) -> list[int]:
    """Return the inputs that move an output, the strongest first.

    Parameters
    ----------
    x : ndarray, shape (point, input), in the unit cube.
    y : ndarray, shape (point,).
    small : variance that does not matter: once no more is left, whatever moves it is not looked for.

    Notes
    -----
    Forward selection among straight and curved terms, x - 1/2 and (x - 1/2)^2 - 1/12: the term that takes
    most of what is left comes in while its t-test passes, at a level divided by all terms that are tried
    (Bonferroni). Active inputs carry the emulator, what the others do is its nugget: Craig, Goldstein,
    Seheult and Smith (1997), *Pressure matching for hydrocarbon reservoirs*.
    """
    from scipy import stats

    n, n_input = x.shape
    terms = np.concatenate([x - 0.5, (x - 0.5) ** 2 - 1 / 12], axis=1)
    length = np.sqrt((terms**2).sum(axis=0))
    taken = np.full((n, 1), 1 / np.sqrt(n))
    rest = y - y.mean()
    whole = float(rest @ rest)
    chosen: list[int] = []
    while (freedom := n - taken.shape[1] - 1) >= FREEDOM:
        left = terms - taken @ (taken.T @ terms)
        size = np.sqrt((left**2).sum(axis=0))
        share = np.divide(left.T @ rest, size, out=np.zeros(size.size), where=size > 1e-6 * length)
        best = int(np.abs(share).argmax())
        squares = float(rest @ rest)
        if squares <= max(EXACT * whole, small * n):
            break
        unexplained = max(squares - share[best] ** 2, EXACT * whole)
        t = abs(share[best]) / np.sqrt(unexplained / freedom)
        if 2 * stats.t.sf(t, freedom) * terms.shape[1] > FALSE_ALARM:
            break
        taken = np.column_stack([taken, left[:, best] / size[best]])
        rest = rest - taken[:, -1] * (taken[:, -1] @ rest)
        chosen.append(best % n_input)
    return list(dict.fromkeys(chosen))
