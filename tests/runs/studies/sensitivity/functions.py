"""Functions on the unit cube whose sensitivity is known in closed form."""

from itertools import product
from typing import Final

import numpy as np

from params.axes import FloatArray

ISHIGAMI: Final = (7.0, 0.1)
WEIGHTS: Final = np.array([0.0, 1.0, 4.5, 9.0])
"""Of Sobol's g: the larger, the less an input matters."""
SLOPES: Final = np.array([3.0, -2.0, 1.0, 0.0])


def ishigami(points: FloatArray) -> FloatArray:
    a, b = ISHIGAMI
    x = np.pi * (2 * points - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices() -> tuple[FloatArray, FloatArray]:
    """Return first and total indices (Saltelli et al., *Global Sensitivity Analysis* (2008))."""
    a, b = ISHIGAMI
    one = (1 + b * np.pi**4 / 5) ** 2 / 2
    two = a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    first = np.array([one, two, 0.0])
    return first / whole, (first + np.array([both, 0.0, both])) / whole


def sobol_g(points: FloatArray) -> FloatArray:
    return np.asarray(((np.abs(4 * points - 2) + WEIGHTS) / (1 + WEIGHTS)).prod(axis=1))


def sobol_g_indices() -> tuple[FloatArray, FloatArray]:
    own = 1 / (3 * (1 + WEIGHTS) ** 2)
    whole = (1 + own).prod() - 1
    return own / whole, own * (1 + own).prod() / (1 + own) / whole


def linear(points: FloatArray) -> FloatArray:
    return np.asarray(points @ SLOPES)


def linear_indices() -> tuple[FloatArray, FloatArray]:
    share = SLOPES**2 / (SLOPES**2).sum()
    return share, share


def exact_effects(function, n_input: int, levels: int) -> tuple[FloatArray, FloatArray]:  # type: ignore[no-untyped-def]
    """Return mean absolute and mean effect of a step over half the levels, over all points of the grid."""
    at = (np.arange(levels) + 0.5) / levels
    below = [
        np.array(list(product(*(at[: levels // 2] if i == k else at for i in range(n_input)))))
        for k in range(n_input)
    ]
    effects = [
        function(low + 0.5 * np.eye(n_input)[k]) - function(low) for k, low in enumerate(below)
    ]
    return (
        np.array([np.abs(one).mean() for one in effects]),
        np.array([one.mean() for one in effects]),
    )
