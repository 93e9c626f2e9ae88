"""Cut a plan to a budget: of what reaches the target, keep what places most requests in time for its cost."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from runs.studies.plan.evaluate import Simulated
from runs.studies.plan.gains import Batches, greedy
from runs.studies.plan.layout import Layout
from runs.studies.plan.where import worth

PARTS: Final = 4
"""Parts in which what a district gets of one kind is given or left out."""


def cost_of_state(layout: Layout, state: IntArray) -> FloatArray:
    """Return what a state costs until the last reported year, shape (district, lever)."""
    assert layout.prices is not None
    opened = layout.calendar.openings(state)
    missing = layout.reported[-1] - layout.first + 1 - len(opened)
    whole = np.concatenate([opened, np.zeros((missing, *opened.shape[1:]), np.int64)])
    return np.asarray(layout.prices.by_year(whole, layout.first).sum(axis=0))


def is_over(layout: Layout, state: IntArray) -> bool:
    """Say whether a state costs more than the question's budget."""
    budget = layout.asked.question.bounds.budget
    return budget is not None and float(cost_of_state(layout, state).sum()) > budget


def within_budget(simulated: Simulated, state: IntArray) -> IntArray:
    """Return as much of a state as the budget buys, parts of it chosen as by `where`."""
    layout, question = simulated.layout, simulated.layout.asked.question
    budget = question.bounds.budget
    assert budget is not None
    cost = cost_of_state(layout, state)
    places = np.argwhere(state[-1] > 0)

    def state_of(counts: IntArray) -> IntArray:
        kept = simulated.none()
        for n, (d, lever) in zip(counts, places, strict=True):
            kept[:, d, lever] = state[:, d, lever] * n // PARTS
        return kept

    def values(counts: Sequence[IntArray]) -> list[FloatArray]:
        states = [state_of(one) for one in counts]
        return [one[:, 0] for one in worth(simulated, states, question.replications)]

    parts = np.array([cost[d, lever] / PARTS for d, lever in places])
    batches = Batches(parts, places[:, 0], np.full(len(places), PARTS))
    counts = np.zeros(len(places), np.int64)
    for step in greedy(values, batches, budget):
        counts[step.candidate] += 1
    return state_of(counts)
