"""Share the difference between two states among its causes: the Shapley value on arrays.

A game says what comes out for every subset of the causes that has gone over to the second state, the
others being as in the first. A cause's value is the mean, over all orders in which causes can go over, of
what comes of its own going: values add exactly to the whole difference.

Shapley, in *Contributions to the Theory of Games* II (1953); by sampled orders Castro, Gómez and Tejada,
*Computers & Operations Research* 36 (2009), each with its reverse.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from math import factorial
from typing import Final

import numpy as np

from params.axes import FloatArray

Subset = frozenset[str]
Worth = Callable[[Subset], FloatArray]
MOST_SUBSETS: Final = 256
"""Subsets up to which all are asked; of more causes, orders are drawn."""
ORDERS: Final = 24
"""Orders drawn then, and as many reversed."""


def subsets(causes: Sequence[str]) -> Iterator[Subset]:
    """Yield every subset, smaller ones first."""
    for size in range(len(causes) + 1):
        yield from map(frozenset, combinations(causes, size))


def exact(causes: Sequence[str], worth: Worth) -> dict[str, FloatArray]:
    """Return the value of every cause from all subsets.

    Parameters
    ----------
    worth : what comes out for a subset, arrays of one shape.
    """
    n = len(causes)
    known = {subset: worth(subset) for subset in subsets(causes)}
    weights = [factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)]
    values = {}
    for cause in causes:
        others = [c for c in causes if c != cause]
        terms = [
            weights[len(subset)] * (known[subset | {cause}] - known[subset])
            for subset in subsets(others)
        ]
        values[cause] = np.sum(terms, axis=0)
    return values


def drawn_orders(causes: Sequence[str], seed: int, n: int = ORDERS) -> list[tuple[str, ...]]:
    """Draw orders, each followed by its reverse."""
    rng = np.random.default_rng(seed)
    orders = []
    for _ in range(n):
        order = tuple(causes[k] for k in rng.permutation(len(causes)))
        orders += [order, order[::-1]]
    return orders


def prefixes(order: Sequence[str]) -> list[Subset]:
    """Return the subsets that an order passes through, from nobody to all."""
    return [frozenset(order[:k]) for k in range(len(order) + 1)]


def sampled(
    orders: Sequence[Sequence[str]], worth: Worth
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return values and their standard errors from drawn orders, pairs of an order and its reverse.

    The mean of a pair is one observation. Values of each order add to the whole, and so do the means.
    """
    known: dict[Subset, FloatArray] = {}
    gains: dict[str, list[FloatArray]] = {cause: [] for cause in orders[0]}
    for order in orders:
        passed = prefixes(order)
        for subset in passed:
            if subset not in known:
                known[subset] = worth(subset)
        for cause, (before, after) in zip(order, pairwise(passed), strict=True):
            gains[cause].append(known[after] - known[before])
    means, errors = {}, {}
    for cause, found in gains.items():
        pairs = np.array(found).reshape(-1, 2, *np.shape(found[0])).mean(axis=1)
        means[cause] = pairs.mean(axis=0)
        errors[cause] = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return means, errors


def needed(causes: Sequence[str], seed: int) -> list[Subset]:
    """Return the subsets that have to be asked, without repeats: all of them, or those of drawn orders."""
    if 2 ** len(causes) <= MOST_SUBSETS:
        return list(subsets(causes))
    passed = (subset for order in drawn_orders(causes, seed) for subset in prefixes(order))
    return list(dict.fromkeys(passed))


def shared(
    causes: Sequence[str], known: Mapping[Subset, FloatArray], seed: int
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return the value of every cause, and the error of drawing orders: zero where all subsets are known."""
    if 2 ** len(causes) <= MOST_SUBSETS:
        values = exact(causes, known.__getitem__)
        return values, {cause: np.zeros_like(value) for cause, value in values.items()}
    return sampled(drawn_orders(causes, seed), known.__getitem__)


def key_of(causes: Sequence[str], subset: Collection[str]) -> str:
    """Return a short name of a subset: one digit a cause."""
    return "".join("1" if cause in subset else "0" for cause in causes) or "0"
