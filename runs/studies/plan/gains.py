"""Share an amount out batch by batch, each to where it gains most; nothing of a city is known here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from runs.studies.paired import paired

Values = Callable[[Sequence[IntArray]], Sequence[FloatArray]]
"""Gives for each of some states, batches by candidate, what it is worth in every replication."""
AT_A_TIME: Final = 4
"""Candidates that are looked at anew together."""


@dataclass(frozen=True)
class Batches:
    """What may be shared out.

    Attributes
    ----------
    cost : ndarray, shape (candidate,), of a batch, in what the amount is counted in.
    group : ndarray, shape (candidate,); candidates of one group may need one another, as beds and workers
        of a district do.
    most : ndarray, shape (candidate,), batches at most.
    """

    cost: FloatArray
    group: IntArray
    most: IntArray


@dataclass(frozen=True)
class Step:
    """One batch, and what it gained."""

    candidate: int
    gain: float
    """Mean over pairs of replications."""
    error: float
    low: float
    high: float
    total: float
    """Gain of all steps so far."""


def greedy(values: Values, batches: Batches, amount: float) -> list[Step]:
    """Give batch after batch to the candidate that gains most for its cost, until the amount is used.

    What a candidate gained when it was last looked at is taken for a bound on what it gains now: more
    helps less and less. Only the best are looked at anew, and those of the group that got the last batch,
    whose gains may have grown.

    Parameters
    ----------
    values : worth of states at common seeds.
    amount : in what `batches.cost` is counted in.

    Returns
    -------
    list of Step
        Fewer than the amount allows where no batch gains anything more.

    Notes
    -----
    Minoux, *Optimization Techniques* (1978): the accelerated greedy algorithm.
    """
    state = np.zeros(batches.cost.size, np.int64)
    bound = np.full(state.size, np.inf)
    left, steps = amount, list[Step]()
    start = before = values([state])[0]
    while True:
        may = (batches.cost <= left + 1e-9) & (state < batches.most)
        best, after = _best(values, batches, state, before, bound, may)
        if best is None:
            return steps
        found = paired(before, after)
        state, before, left = _with(state, best), after, left - batches.cost[best]
        total = float(np.mean(after - start))
        steps.append(
            Step(best, found["difference"], found["mc_error"], found["low"], found["high"], total)
        )
        bound[batches.group == batches.group[best]] = np.inf


def _best(
    values: Values,
    batches: Batches,
    state: IntArray,
    before: FloatArray,
    bound: FloatArray,
    may: BoolArray,
) -> tuple[int | None, FloatArray]:
    """Return the candidate that gains most for its cost and what the state is worth with it.

    `bound` is brought up to date, in place.
    """
    known: dict[int, FloatArray] = {}
    while True:
        order = [int(c) for c in np.argsort(-bound, kind="stable") if may[c] and bound[c] > 0]
        fresh = [c for c in order if c in known]
        if not order or (fresh and order[0] == fresh[0]):
            return (fresh[0], known[fresh[0]]) if fresh else (None, before)
        first = [c for c in order if c not in known]
        unknown = [c for c in first if np.isinf(bound[c])]
        looked_at = unknown or first[:AT_A_TIME]
        after = values([_with(state, c) for c in looked_at])
        for c, one in zip(looked_at, after, strict=True):
            known[c] = one
            bound[c] = float(np.mean(one - before)) / batches.cost[c]


def _with(state: IntArray, candidate: int) -> IntArray:
    more = state.copy()
    more[candidate] += 1
    return more
