"""Rates between health states from panel data: who was seen in which state, and when.

Yearly or three-yearly transition matrices are never rooted: they need not have a root that is a
chain, and recovery between visits would be missed. The likelihood of what was seen at the visits
leaves open what happened between them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize

from forecast.methods.multistate import reachable, sojourn_times
from params.axes import BoolArray, FloatArray, IntArray
from params.errors import ParamError, Problem
from params.language import said

EQUAL_YEARS = 9
"""Decimals of a year to which two intervals count as equal (less than a tenth of a second)."""
TINY = 1e-30
"""Imaginary step: a derivative by it loses no digits, since nothing is subtracted."""
STEP = 1e-4
"""Step on the log scale for the second derivatives."""
SLOPE = 1e-2
"""Largest slope of -2 log L over a log rate at which the search counts as ended."""
FLAT = 1e-2
"""Least curvature of -2 log L over the log rates; less is a standard error of 14, which is none."""
N_NAMED = 5
"""Bad rows that are named one by one; the rest are counted."""

ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True)
class PanelFit:
    """Rates fitted to panel data.

    Attributes
    ----------
    generator : ndarray, shape (state, state), per year.
    deviance : -2 log likelihood at the fitted rates.
    moves : ndarray, shape (rate, 2), from and to of each fitted rate.
    covariance : ndarray, shape (rate, rate), of the log rates (inverse observed information).
    """

    generator: FloatArray
    deviance: float
    moves: IntArray
    covariance: FloatArray

    @property
    def log_errors(self) -> FloatArray:
        """Standard errors of the log rates, shape (state, state), zero where no move is allowed."""
        errors = np.zeros_like(self.generator)
        errors[self.moves[:, 0], self.moves[:, 1]] = np.sqrt(np.diag(self.covariance))
        return errors

    @property
    def sojourn_errors(self) -> FloatArray:
        """Standard errors of the mean sojourn times in years, shape (state,), by delta method."""
        n_state = len(self.generator)
        slope = np.zeros((n_state, len(self.moves)))
        start, end = self.moves.T
        slope[start, np.arange(len(self.moves))] = self.generator[start, end]
        sojourn = sojourn_times(self.generator)
        left = np.isfinite(sojourn)
        errors = np.full(n_state, np.inf)
        variance = np.einsum("ir,rq,iq->i", slope, self.covariance, slope)
        errors[left] = sojourn[left] ** 2 * np.sqrt(variance[left])
        return errors


@dataclass(frozen=True)
class _Steps:
    """Distinct intervals between visits: (from, to, years), and how many there are of each."""

    years: FloatArray
    length: IntArray
    """Position of each step's length in `years`."""
    start: IntArray
    end: IntArray
    count: IntArray


def fit_panel(
    subject: IntArray,
    time: FloatArray,
    state: IntArray,
    structure: BoolArray,
    death_state: int | None = None,
) -> PanelFit:
    """Fit yearly rates to states seen at visits, by maximum likelihood.

    Parameters
    ----------
    subject : ndarray, shape (row,), who was seen; the rows of one subject lie together.
    time : ndarray, shape (row,), years on any clock, rising within a subject.
    state : ndarray, shape (row,), 0, 1, ...
    structure : ndarray, shape (state, state), true where a direct move is possible.
    death_state : state whose time of entry is known exactly; None if all states are only seen at
        visits.

    Returns
    -------
    PanelFit

    Notes
    -----
    Kalbfleisch and Lawless, "The analysis of panel data under a Markov assumption" (1985). What
    happens between visits is free; an interval that ends in an exact death counts the chance to be
    in each state just before, times its rate of death. Visits must not depend on the state.
    States that are only partly known are not supported, nor are covariates: fit groups apart.
    """
    structure = _checked_structure(structure, death_state)
    moves = np.argwhere(structure)
    steps = _steps(subject, time, state, structure, death_state)

    def deviance(logs: ComplexArray) -> complex:
        return _deviance(_generator(logs, moves, len(structure)), steps, death_state)

    def slope(logs: FloatArray) -> FloatArray:
        shifted = logs + 1j * TINY * np.eye(logs.size)
        return np.array([deviance(row).imag for row in shifted]) / TINY

    logs = minimize(
        lambda logs: deviance(logs + 0j).real, _first_logs(steps, moves), jac=slope, method="BFGS"
    ).x
    curvature = _curvature(slope, logs)
    generator = _generator(logs + 0j, moves, len(structure)).real
    if not np.abs(slope(logs)).max() < SLOPE or np.linalg.eigvalsh(curvature).min() < FLAT:
        msg = (
            "the likelihood has no maximum; where a rate tends to 0 or infinity, drop its move from "
            f"the structure. Rates at the end:\n{generator.round(6)}"
        )
        raise ValueError(msg)
    return PanelFit(
        generator=generator,
        deviance=deviance(logs + 0j).real,
        moves=moves,
        covariance=np.asarray(2 * np.linalg.inv(curvature), dtype=np.float64),
    )


def _generator(logs: ComplexArray, moves: IntArray, n_state: int) -> ComplexArray:
    """Place rates in a generator; complex logs carry a derivative in their imaginary part."""
    rates = np.zeros((n_state, n_state), dtype=np.complex128)
    rates[moves[:, 0], moves[:, 1]] = np.exp(logs)
    np.fill_diagonal(rates, 0.0 - rates.sum(axis=1))
    return rates


def _deviance(generator: ComplexArray, steps: _Steps, death_state: int | None) -> complex:
    """Return -2 log likelihood of the steps."""
    after = expm(generator * steps.years[:, None, None])
    chance = after[steps.length, steps.start, steps.end]
    if death_state is not None:
        into = generator[:, death_state].copy()
        into[death_state] = 0.0
        dead = steps.end == death_state
        chance[dead] = after[steps.length[dead], steps.start[dead]] @ into
    # The line search may try rates so far off that a chance is zero; it then turns back.
    with np.errstate(divide="ignore", invalid="ignore"):
        return complex(-2 * (steps.count @ np.log(chance)))


def _curvature(slope: Callable[[FloatArray], FloatArray], logs: FloatArray) -> FloatArray:
    """Return the second derivatives of the deviance from differences of its slope."""
    across = STEP * np.eye(logs.size)
    found = np.array([slope(logs + h) - slope(logs - h) for h in across]) / (2 * STEP)
    return np.asarray((found + found.T) / 2)


def _checked_structure(structure: BoolArray, death_state: int | None) -> BoolArray:
    """Return the allowed moves without the diagonal."""
    moves = np.asarray(structure)
    if moves.ndim != 2 or moves.shape[0] != moves.shape[1] or moves.dtype != np.bool_:
        msg = f"structure is true or false, shape (state, state), not {moves.dtype} {moves.shape}"
        raise ValueError(msg)
    moves = moves & ~np.eye(len(moves), dtype=np.bool_)
    if not moves.any():
        msg = "structure allows no move between states"
        raise ValueError(msg)
    if death_state is not None and (
        death_state not in range(len(moves)) or moves[death_state].any()
    ):
        msg = f"death_state {death_state} must be a state that no move leaves"
        raise ValueError(msg)
    return moves


def _steps(
    subject: IntArray,
    time: FloatArray,
    state: IntArray,
    structure: BoolArray,
    death_state: int | None,
) -> _Steps:
    """Pair each row with the next of the same subject, and count equal pairs once."""
    subject, state = np.asarray(subject), np.asarray(state)
    time = np.asarray(time, dtype=np.float64)
    if not subject.shape == time.shape == state.shape or state.ndim != 1:
        msg = f"subject, time and state differ: {subject.shape}, {time.shape}, {state.shape}"
        raise ValueError(msg)
    if not np.issubdtype(state.dtype, np.integer):
        msg = f"states are whole numbers, not {state.dtype}"
        raise ValueError(msg)
    same = subject[1:] == subject[:-1]
    _refuse_rows(subject, time, state, structure, same)
    start, end = state[:-1][same], state[1:][same]
    if death_state is not None:
        _refuse("state", subject[:-1][same], start == death_state, "seen again after death")
    reached = reachable(structure)
    _refuse("state", subject[:-1][same], ~reached[start, end], "a change no moves can make")
    length = (time[1:] - time[:-1])[same].round(EQUAL_YEARS)
    years, at = np.unique(length, return_inverse=True)
    distinct, count = np.unique(np.stack([at, start, end]), axis=1, return_counts=True)
    return _Steps(years, distinct[0], distinct[1], distinct[2], count)


def _refuse_rows(
    subject: IntArray, time: FloatArray, state: IntArray, structure: BoolArray, same: BoolArray
) -> None:
    """Refuse rows that cannot be a panel, whatever the rates."""
    n_state = len(structure)
    _refuse("state", subject, (state < 0) | (state >= n_state), f"a state outside 0-{n_state - 1}")
    _refuse(
        "time", subject, ~np.isfinite(time), said("a time that is not finite", "时间不是有限数")
    )
    _refuse(
        "time",
        subject[1:],
        same & (np.diff(time).round(EQUAL_YEARS) <= 0),
        said("a time that does not rise", "时间没有递增"),
    )
    blocks = subject[np.append(True, ~same)[: subject.size]]
    first = np.unique(blocks, return_index=True)[1]
    _refuse(
        "subject",
        blocks,
        ~np.isin(np.arange(blocks.size), first),
        said("rows that lie apart", "各行不相连"),
    )
    if not same.any():
        found = said("nobody was seen twice", "没有人被观察两次")
        allowed = said("two rows or more of someone", "至少有人有两行")
        raise ParamError(Problem("subject", found, allowed))


def _refuse(where: str, subject: IntArray, wrong: BoolArray, what: str) -> None:
    """Name the subjects of the first bad rows."""
    if wrong.any():
        named = ", ".join(str(one) for one in subject[wrong][:N_NAMED])
        n = int(wrong.sum())
        found = said(f"{what}, {n} rows: subject {named}", f"{what}，共 {n} 行：subject {named}")
        raise ParamError(Problem(where, found))


def _first_logs(steps: _Steps, moves: IntArray) -> FloatArray:
    """Start from moves seen over years at risk, as if nothing happened between visits."""
    seen = np.array(
        [steps.count[(steps.start == i) & (steps.end == j)].sum() for i, j in moves], dtype=float
    )
    years = steps.count * steps.years[steps.length]
    at_risk = np.array([years[steps.start == i].sum() for i, _ in moves])
    # Half a move where none was seen; a state that nobody starts from gets the overall rate.
    at_risk = np.where(at_risk > 0, at_risk, years.sum())
    return np.asarray(np.log(np.maximum(seen, 0.5) / at_risk))
