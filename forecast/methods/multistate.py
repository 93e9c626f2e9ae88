"""Continuous-time Markov chains of health states: chances, sojourns and lengths of stay.

A generator holds yearly rates: row i, column j is the rate from state i to state j, and rows add to
zero. Leading axes (year, sex, age) are free. Rates are fitted to panel data in `forecast.methods.panel`.
"""

import numpy as np
from scipy.linalg import expm

from params.axes import BoolArray, FloatArray

ROW_SUM = 1e-9
"""Largest sum of a row of a generator, as a share of its largest rate, that is taken for zero."""


def check_generator(generator: FloatArray) -> FloatArray:
    """Return a generator as floats, or stacked ones of shape (..., state, state).

    Raises
    ------
    ValueError
        If it is not square, or a rate is negative or not finite, or a row does not add to zero.
    """
    rates = np.asarray(generator, dtype=np.float64)
    if rates.ndim < 2 or rates.shape[-1] != rates.shape[-2]:
        msg = f"a generator has shape (..., state, state), not {rates.shape}"
        raise ValueError(msg)
    between = ~np.eye(rates.shape[-1], dtype=np.bool_)
    if not np.isfinite(rates).all() or (rates[..., between] < 0).any():
        cell = np.argwhere(~np.isfinite(rates) | ((rates < 0) & between))[0]
        found = rates[tuple(cell)]
        msg = f"rate {found:g} at {cell.tolist()}; rates between states are finite and 0 or more"
        raise ValueError(msg)
    sums = np.abs(rates.sum(axis=-1))
    largest = np.abs(rates).max(axis=(-2, -1), initial=0.0)
    wrong = np.argwhere(sums > ROW_SUM * largest[..., None])
    if wrong.size:
        row = tuple(wrong[0])
        msg = f"row {wrong[0].tolist()} adds to {rates[row].sum():g}; set its diagonal to make it 0"
        raise ValueError(msg)
    return rates


def transition_probabilities(generator: FloatArray, years: float | FloatArray) -> FloatArray:
    """Return the chance to be in each state after some years, by state at the start.

    Parameters
    ----------
    generator : ndarray, shape (..., state, state), per year.
    years : ndarray, shape broadcastable to the leading axes of `generator`, or a number.

    Returns
    -------
    ndarray, shape (..., state from, state to); rows add to one.
    """
    rates = check_generator(generator)
    return np.asarray(expm(rates * _years(years)[..., None, None]))


def occupancy(generator: FloatArray, years: float | FloatArray) -> FloatArray:
    """Return the expected years in each state over a finite time, by state at the start.

    Parameters
    ----------
    generator : ndarray, shape (..., state, state), per year.
    years : ndarray, shape broadcastable to the leading axes of `generator`, or a number.

    Returns
    -------
    ndarray, shape (..., state from, state), years; rows add to `years`.

    Notes
    -----
    The integral of exp(Qs) over s in (0, t) is the upper right block of exp([[Q, 1], [0, 0]] t):
    Van Loan, "Computing integrals involving the matrix exponential" (1978).
    """
    rates = check_generator(generator)
    n_state = rates.shape[-1]
    block = np.zeros((*rates.shape[:-2], 2 * n_state, 2 * n_state))
    block[..., :n_state, :n_state] = rates
    block[..., :n_state, n_state:] = np.eye(n_state)
    return np.asarray(expm(block * _years(years)[..., None, None])[..., :n_state, n_state:])


def sojourn_times(generator: FloatArray) -> FloatArray:
    """Return the mean years of one stay in each state, shape (..., state); infinite if never left."""
    leaving = np.abs(np.diagonal(check_generator(generator), axis1=-2, axis2=-1))
    with np.errstate(divide="ignore"):
        return np.asarray(1 / leaving)


def length_of_stay(generator: FloatArray, years: float, start: FloatArray) -> FloatArray:
    """Return the expected years in each state, all stays together.

    Parameters
    ----------
    generator : ndarray, shape (state, state), per year.
    years : horizon; ``inf`` for a lifetime.
    start : ndarray, shape (..., state), shares in each state at the start; ``np.eye(n)`` gives one
        row for each state of start.

    Returns
    -------
    ndarray, shape (..., state), years. Over a lifetime a state that can be reached and not be left
    for good (death) has infinity.
    """
    rates = check_generator(generator)
    start = np.asarray(start, dtype=np.float64)
    if start.shape[-1:] != rates.shape[:1] or (start < 0).any() or not np.isfinite(start).all():
        msg = f"start has {len(rates)} shares of 0 or more on its last axis, not {start.tolist()}"
        raise ValueError(msg)
    if np.isfinite(years):
        return np.asarray(start @ occupancy(rates, years))
    reached = reachable(rates > 0)
    final = (~reached | reached.T).all(axis=1)  # every state that can be reached leads back
    stay = np.zeros_like(rates)
    passing = np.ix_(~final, ~final)
    stay[passing] = np.linalg.inv(-rates[passing])
    expected = np.asarray(start @ stay)
    expected[((start > 0).astype(np.float64) @ reached > 0) & final] = np.inf
    return expected


def reachable(structure: BoolArray) -> BoolArray:
    """Return which states can be reached from which, in any number of moves or none."""
    reached = structure | np.eye(len(structure), dtype=np.bool_)
    for k in range(len(structure)):
        reached = reached | (reached[:, [k]] & reached[[k], :])
    return np.asarray(reached)


def _years(years: float | FloatArray) -> FloatArray:
    """Return times as floats, none negative or infinite."""
    times = np.asarray(years, dtype=np.float64)
    if not np.isfinite(times).all() or (times < 0).any():
        msg = f"years are finite and 0 or more, not {years}"
        raise ValueError(msg)
    return times
