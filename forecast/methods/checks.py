"""Refuse arrays that cannot be what they are called, and name the cells by their labels.

Every public function that takes rates, people or shares from outside calls one of these first. All
bad cells of an array are counted; the first few are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.errors import ParamError, Problem, nearest
from params.language import said

N_NAMED: Final = 5
"""Cells that are named one by one; the rest are counted."""

Axes = Mapping[str, Sequence[object]]
"""Labels of every axis, in the order of the array's axes: ``{"sex": SEXES, "age": range(101)}``."""


def check_cells(
    name: str,
    values: FloatArray,
    axes: Axes,
    low: float = -np.inf,
    high: float = np.inf,
    unit: str = "",
) -> FloatArray:
    """Return `values` as floats if shape, finiteness and range are right.

    Parameters
    ----------
    name : what the array is, as the user knows it.
    axes : labels of each axis in order; their lengths are the expected shape.
    low, high : least and largest value allowed, inclusive.

    Raises
    ------
    ParamError
        One problem for a wrong shape, or one for each of the first bad cells, by its labels.
    """
    array = np.asarray(values, dtype=np.float64)
    expected = tuple(len(labels) for labels in axes.values())
    if array.shape != expected:
        raise ParamError(
            Problem(
                name,
                said(f"shape {array.shape}", f"形状 {array.shape}"),
                f"{expected} = ({', '.join(axes)})",
                said("give every cell, ages that are missing too", "每个单元都须给出"),
            )
        )
    bad = ~np.isfinite(array) | (array < low) | (array > high)
    if bad.any():
        raise ParamError(_bad_cells(name, array, bad, axes, _range_text(low, high, unit)))
    return array


def check_rates(name: str, values: FloatArray, axes: Axes) -> FloatArray:
    """Return shares or one-year rates in [0, 1]; see `check_cells`."""
    return check_cells(name, values, axes, 0.0, 1.0)


def check_hazards(name: str, values: FloatArray, axes: Axes) -> FloatArray:
    """Return central death rates: finite, never negative, at most 10 a person-year."""
    return check_cells(name, values, axes, 0.0, 10.0, "a person-year")


def check_people(name: str, values: FloatArray, axes: Axes) -> FloatArray:
    """Return persons: finite and never negative."""
    return check_cells(name, values, axes, 0.0, np.inf, "persons")


def check_names(name: str, found: Iterable[str], known: Sequence[str], *, every: bool) -> None:
    """Refuse names that are not known, and missing ones if `every` is asked for.

    Raises
    ------
    ParamError
        All unknown and missing names at once, each with the nearest known ones.
    """
    found = list(found)
    problems = [
        Problem(name, said(f"unknown {f!r}", f"未知 {f!r}"), "、".join(known), nearest(f, known))
        for f in found
        if f not in known
    ]
    if every and (missing := [k for k in known if k not in found]):
        gone = "、".join(missing)
        allowed = said("one row for each", "每个一行")
        problems.append(Problem(name, said(f"missing {gone}", f"缺少 {gone}"), allowed))
    if problems:
        raise ParamError(problems)


def check_ages(name: str, age_lo: Iterable[int], first: int = 0) -> None:
    """Refuse ages that do not rise from `first`.

    Raises
    ------
    ParamError
        Naming the first age at which the order breaks.
    """
    ages = [int(a) for a in age_lo]
    if not ages or ages[0] != first:
        start = str(ages[0]) if ages else said("nothing", "空")
        found_ = said(f"ages start at {start}", f"年龄从 {start} 开始")
        raise ParamError(Problem(name, found_, said(f"first age {first}", f"首个年龄 {first}")))
    for before, after in pairwise(ages):
        if after <= before:
            found_ = said(f"age {after} follows {before}", f"年龄 {after} 排在 {before} 之后")
            allowed = said("ages that rise, each once", "年龄递增，各出现一次")
            raise ParamError(Problem(name, found_, allowed))


def _bad_cells(
    name: str, array: FloatArray, bad: np.ndarray, axes: Axes, allowed: str
) -> list[Problem]:
    cells = np.argwhere(bad)
    problems = []
    for cell in cells[:N_NAMED]:
        labels = ", ".join(
            f"{axis} {labels[i]}" for (axis, labels), i in zip(axes.items(), cell, strict=True)
        )
        problems.append(Problem(f"{name} [{labels}]", f"{array[tuple(cell)]:g}", allowed))
    if len(cells) > N_NAMED:
        more = len(cells) - N_NAMED
        problems.append(Problem(name, said(f"{more} more such cells", f"另有 {more} 个此类单元")))
    return problems


UNITS: Final = {"persons": "人", "years": "年", "a person-year": "每人年"}
"""Units of the ranges, in Chinese."""


def _range_text(low: float, high: float, unit: str) -> str:
    if np.isinf(low) and np.isinf(high):
        en, zh = "finite numbers", "有限的数字"
    elif np.isinf(high):
        en, zh = f"finite, {low:g} or more", f"不小于 {low:g} 的有限数"
    else:
        en, zh = f"{low:g} to {high:g}", f"{low:g} 至 {high:g}"
    return said(f"{en} {unit}".strip(), f"{zh} {UNITS.get(unit, unit)}".strip())
