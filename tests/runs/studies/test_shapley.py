"""Shapley values on made-up games: the axioms that single them out, and orders that are drawn."""

from collections.abc import Mapping
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from params.axes import FloatArray
from runs.studies.attribute.shapley import (
    Subset,
    drawn_orders,
    exact,
    needed,
    prefixes,
    sampled,
    shared,
    subsets,
)

CAUSES = ("a", "b", "c", "d")
Game = Mapping[Subset, FloatArray]
worths = st.lists(st.floats(-1e6, 1e6), min_size=2 ** len(CAUSES), max_size=2 ** len(CAUSES)).map(
    lambda values: dict(zip(subsets(CAUSES), map(np.array, values), strict=True))
)
everybody = frozenset(CAUSES)


def values_of(game: Game) -> dict[str, float]:
    return {c: float(v) for c, v in exact(CAUSES, game.__getitem__).items()}


def close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * (1e6 + abs(one) + abs(other))


@given(worths)
def test_values_add_to_what_all_causes_make(game: Game) -> None:
    total = sum(values_of(game).values())
    assert close(total, float(game[everybody] - game[frozenset()]))


@given(worths)
def test_causes_that_make_the_same_everywhere_have_the_same_value(game: Game) -> None:
    swapped = {"a": "b", "b": "a"}
    other = {s: game[frozenset(swapped.get(c, c) for c in s)] for s in game}
    alike = {s: game[s] + other[s] for s in game}
    found = values_of(alike)
    assert close(found["a"], found["b"])


@given(worths)
def test_a_cause_that_makes_nothing_has_no_value_and_leaves_the_others_theirs(game: Game) -> None:
    without = {s: game[s - {"d"}] for s in game}
    found = values_of(without)
    fewer = exact(CAUSES[:3], {s: game[s] for s in subsets(CAUSES[:3])}.__getitem__)
    assert found["d"] == 0.0
    assert all(close(found[c], float(fewer[c])) for c in CAUSES[:3])


@given(worths, worths)
def test_values_of_two_games_add(one: Game, other: Game) -> None:
    both = {s: one[s] + other[s] for s in one}
    first, second, found = values_of(one), values_of(other), values_of(both)
    assert all(close(found[c], first[c] + second[c]) for c in CAUSES)


@given(worths)
def test_a_value_is_the_mean_gain_over_all_orders(game: Game) -> None:
    gains = []
    for order in permutations(CAUSES):
        at = order.index("b")
        gains.append(float(game[frozenset(order[: at + 1])] - game[frozenset(order[:at])]))
    assert close(values_of(game)["b"], float(np.mean(gains)))


@given(worths)
def test_drawn_orders_add_to_the_whole_whichever_they_are(game: Game) -> None:
    found, _ = sampled(drawn_orders(CAUSES, 5, n=3), game.__getitem__)
    assert close(float(sum(found.values())), float(game[everybody] - game[frozenset()]))


def pairs_of(causes: tuple[str, ...]) -> dict[Subset, FloatArray]:
    """Every two causes next to one another make their numbers' product together; each alone its own."""

    def worth(subset: Subset) -> float:
        numbers = [k for k, cause in enumerate(causes) if cause in subset]
        return sum(numbers) + sum(j * k for j, k in pairwise(numbers) if k == j + 1)

    orders = drawn_orders(causes, 1)
    return {s: np.array(worth(s)) for order in orders for s in prefixes(order)}


def test_many_causes_are_asked_by_drawn_orders_with_an_error_that_holds() -> None:
    causes = tuple(f"c{k}" for k in range(9))
    assert len(needed(causes, 1)) < 2**9
    found, errors = shared(causes, pairs_of(causes), 1)
    # A pair's product is shared by halves; an order and its reverse give one of two each: no error at all.
    truth = [k + (k * (k - 1) + k * (k + 1) * (k < 8)) / 2 for k in range(9)]
    np.testing.assert_allclose([float(found[c]) for c in causes], truth)
    assert max(float(e) for e in errors.values()) < 1e-12


def test_the_error_of_drawn_orders_is_that_of_their_mean() -> None:
    causes = tuple(f"c{k}" for k in range(9))
    rng = np.random.default_rng(3)
    game: dict[Subset, FloatArray] = {s: rng.normal(size=400) for s in subsets(causes)}
    truth = exact(causes, game.__getitem__)["c0"]
    found, errors = sampled(drawn_orders(causes, 8), game.__getitem__)
    # 400 games of independent worths: the mean square of 400 standardised misses with 23 degrees of freedom
    # has mean 23/21 and standard deviation 1.6/20; five of these are passed once in a million runs.
    squares = float(np.mean(((found["c0"] - truth) / errors["c0"]) ** 2))
    assert squares == pytest.approx(23 / 21, abs=0.4)
