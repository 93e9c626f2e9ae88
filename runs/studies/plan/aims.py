"""Say what a search is about: levers, the cells each is meant for, what is there, what may be added.

A state is how many units are added by each year, (year, district, lever); levels never fall from year to
year. A cell is a year, a district and something judged there, (year, district, judged).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray

Margins = Callable[[Sequence[IntArray]], Sequence[FloatArray]]
"""Gives for each of some states by how much every cell is above its target, (year, district, judged); below
0 it is missed."""
HOLDS_ANYWAY: Final = 1.0
"""Margin of a cell in which nobody asks for anything."""
NO_END: Final = 1 << 40
"""A bound that binds nothing."""


@dataclass(frozen=True)
class Aims:
    """What may be added, and what for.

    Attributes
    ----------
    serves : ndarray of bool, shape (lever, judged), which cells of a year and district a lever is meant for.
    there : ndarray, shape (year, district, lever), units without additions.
    least, most : ndarray, shape (year, district, lever), units added by each year, rising.
    joint : ndarray of bool, shape (lever,), levers that are bounded together.
    together : ndarray, shape (year, district), their units at most, rising.
    cost : ndarray, shape (lever,), of a unit, by which dear levers are told from cheap ones.
    """

    serves: BoolArray
    there: FloatArray
    least: IntArray
    most: IntArray
    joint: BoolArray
    together: IntArray
    cost: FloatArray

    def projected(self, wanted: IntArray) -> IntArray:
        """Return the state nearest to what is wanted: within bounds, and nothing that is there goes again.

        Where levers want more together than they may have, what each year adds shares the room.
        """
        state = np.maximum.accumulate(np.maximum(wanted, self.least), axis=0)
        state = np.minimum(state, self.most)
        before = np.zeros_like(state[0])
        for year, now in enumerate(state):
            more = (now - before) * self.joint
            room = self.together[year] - (before * self.joint).sum(axis=1)
            for d in np.flatnonzero(more.sum(axis=1) > room):
                now[d] += shared_out(max(int(room[d]), 0), more[d]) - more[d]
            before = now
        return np.asarray(state)

    def step(self, state: IntArray, share: float) -> IntArray:
        """Return a share of what is there with a state, whole units and at least one."""
        return np.maximum(np.ceil(share * (self.there + state) - 1e-9), 1).astype(np.int64)

    def of_levers(self, margins: FloatArray) -> FloatArray:
        """Return the worst margin among the cells of each lever, shape (year, district, lever)."""
        own = np.where(self.serves, margins[:, :, None, :], np.inf)
        return np.asarray(own.min(axis=-1))


def shared_out(total: int, weight: IntArray) -> IntArray:
    """Share a total over weights in whole numbers that add to it, none above its weight.

    Parameters
    ----------
    total : no more than the weights together.
    """
    exact = total * weight / max(int(weight.sum()), 1)
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts
