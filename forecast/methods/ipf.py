"""Fit a table to known margins by iterative proportional fitting, in any number of dimensions.

The fitted table keeps the interaction of the first one, and its zeros; among all tables with these
margins it is the one closest to it in relative entropy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said

N_STEPS: Final = 10_000
PATIENCE: Final = 100
"""Steps that must bring the margins a thousandth nearer; where zero cells stand in the way the factors
grow for ever and the table does not move."""
SAME_TOTAL: Final = 1e-9
"""Relative difference of the margins' totals that is taken for rounding."""


@dataclass(frozen=True)
class Margin:
    """Known sums of a table over all axes but some.

    Attributes
    ----------
    name : what the margin is, as the user knows it.
    axes : axes of the table that the margin keeps, rising: ``(0,)`` are row sums.
    totals : ndarray, one axis for each of `axes`.
    """

    name: str
    axes: tuple[int, ...]
    totals: FloatArray


@dataclass(frozen=True)
class FittedTable:
    """Table that meets its margins.

    Attributes
    ----------
    table : same shape as the first table.
    n_steps : rounds over all margins.
    residual : largest distance of a sum from its margin, same unit as the table.
    factors : for each margin, what its slices were multiplied by in all; a table of factors has the
        shape of the margin, and all of them together take the first table to the fitted one.
    largest_factor, smallest_factor : of any cell above 0, fitted over first.
    """

    table: FloatArray
    n_steps: int
    residual: float
    factors: tuple[FloatArray, ...]
    largest_factor: float
    smallest_factor: float


def fit_margins(
    table: FloatArray,
    margins: Sequence[Margin],
    tolerance: float = 1e-10,
    max_steps: int = N_STEPS,
) -> FittedTable:
    """Scale a table until its sums are the given margins; zero cells stay zero.

    Parameters
    ----------
    table : ndarray, any shape, 0 or more.
    margins : one or more, all with the same total.
    tolerance : distance from the margins that is left, as a share of their total; below 1e-14 the
        rounding of the sums is larger.

    Raises
    ------
    ParamError
        If a cell or margin is bad, totals differ, a margin above 0 lies over a slice of zeros, or
        the margins are not met in time: no table with these zero cells may meet them.

    Notes
    -----
    Deming and Stephan (1940); Bishop, Fienberg and Holland, *Discrete Multivariate Analysis* (1975),
    chapter 3.
    """
    first = np.asarray(table, dtype=np.float64)
    _check(first, margins)
    total = float(margins[0].totals.sum())
    fitted, factors = first.copy(), [np.ones(np.shape(m.totals)) for m in margins]
    residual = _residual(fitted, margins)
    step, before = 0, np.inf
    while residual > tolerance * total:
        stalled = step % PATIENCE == 0 and residual > 0.999 * before
        if stalled or step == max_steps:
            raise ParamError(_out_of_reach(fitted, margins, step))
        before = residual if step % PATIENCE == 0 else before
        for i, margin in enumerate(margins):
            factor = _divide(margin.totals, _sums(fitted, margin.axes))
            fitted *= _spread(factor, margin.axes, fitted.ndim)
            factors[i] *= factor
        step += 1
        residual = _residual(fitted, margins)
    ratio = fitted[first > 0] / first[first > 0]
    return FittedTable(
        fitted,
        step,
        residual,
        tuple(factors),
        float(ratio.max(initial=0.0)),
        float(ratio.min(initial=np.inf)),
    )


def _sums(table: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    others = tuple(i for i in range(table.ndim) if i not in axes)
    return np.asarray(table.sum(axis=others))


def _spread(factor: FloatArray, axes: tuple[int, ...], n_axis: int) -> FloatArray:
    """Give a margin's factors an axis of length one for each axis that they do not have."""
    return np.expand_dims(factor, tuple(i for i in range(n_axis) if i not in axes))


def _divide(above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide; a slice of zeros is left alone, its margin is 0 too."""
    return np.asarray(np.divide(above, below, out=np.ones_like(below), where=below > 0))


def _residual(table: FloatArray, margins: Sequence[Margin]) -> float:
    return max(float(np.abs(_sums(table, m.axes) - m.totals).max()) for m in margins)


def _check(table: FloatArray, margins: Sequence[Margin]) -> None:
    """Raise for everything that can be known before the first step, all at once."""
    if not margins:
        raise ParamError(Problem("margins", said("none", "没有"), said("one or more", "至少一个")))
    problems = _bad_cells("table", table)
    for margin in margins:
        problems += _bad_margin(table, margin)
    if problems:
        raise ParamError(problems)
    total = float(margins[0].totals.sum())
    for margin in margins[1:]:
        other = float(margin.totals.sum())
        if abs(other - total) > SAME_TOTAL * max(total, other):
            first = margins[0].name
            allowed = said(
                f"{total:.10g}, the total of {first}", f"{total:.10g}，即 {first} 的合计"
            )
            advice = said("scale one to the other", "请先统一总数")
            found = said(f"adds to {other:.10g}", f"合计 {other:.10g}")
            problems.append(Problem(margin.name, found, allowed, advice))
    for margin in margins:
        for cell in np.argwhere((_sums(table, margin.axes) == 0) & (margin.totals > 0)):
            where = f"{margin.name} [{', '.join(str(i) for i in cell)}]"
            value = f"{margin.totals[tuple(cell)]:g}"
            found = said(f"{value} over cells that are all 0", f"{value}，而对应单元全为0")
            allowed = said("0, or a cell above 0 in the table", "0，或表中有大于0的单元")
            problems.append(Problem(where, found, allowed))
    if problems:
        raise ParamError(problems)


def _bad_margin(table: FloatArray, margin: Margin) -> list[Problem]:
    rising = list(margin.axes) == sorted(set(margin.axes))
    if not margin.axes or not rising or not all(0 <= i < table.ndim for i in margin.axes):
        last = table.ndim - 1
        allowed = said(f"rising, 0 to {last}", f"递增，0 至 {last}")
        return [Problem(margin.name, said(f"axes {margin.axes}", f"轴 {margin.axes}"), allowed)]
    expected = tuple(table.shape[i] for i in margin.axes)
    if margin.totals.shape != expected:
        shape = margin.totals.shape
        allowed = said(f"{expected}, as the table", f"{expected}，与表相同")
        return [Problem(margin.name, said(f"shape {shape}", f"形状 {shape}"), allowed)]
    return _bad_cells(margin.name, margin.totals)


def _bad_cells(name: str, values: FloatArray) -> list[Problem]:
    bad = np.argwhere(~np.isfinite(values) | (values < 0))
    return [
        Problem(
            f"{name} [{', '.join(str(i) for i in cell)}]",
            f"{values[tuple(cell)]:g}",
            said("finite, 0 or more", "不小于0的有限数"),
        )
        for cell in bad[:5]
    ]


def _out_of_reach(table: FloatArray, margins: Sequence[Margin], steps: int) -> Problem:
    """Name the margin that is missed most."""
    misses = [np.abs(_sums(table, m.axes) - m.totals) for m in margins]
    worst = int(np.argmax([m.max() for m in misses]))
    cell = np.unravel_index(int(misses[worst].argmax()), misses[worst].shape)
    return Problem(
        f"{margins[worst].name} [{', '.join(str(i) for i in cell)}]",
        said(
            f"missed by {misses[worst].max():g} after {steps} steps",
            f"{steps} 步后仍差 {misses[worst].max():g}",
        ),
        said("margins that a table with these zero cells can meet", "这些零单元能满足的合计"),
        said(
            "put a small number where a cell may be above 0; without zero cells, allow more steps",
            "可大于0的单元请填一个小数；没有零单元时请增加步数",
        ),
    )
