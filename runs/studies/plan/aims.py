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


@dataclass(frozen=True)
class Aims:
    """What may be added, and what for.

    Attributes
    ----------
    serves : ndarray of bool, shape (lever, judged), which cells of a year and district a lever is meant for.
    there : ndarray, shape (year, district, lever), units without additions.
    most : ndarray, shape (year, district, lever), units added at most by each year, rising.
    cost : ndarray, shape (lever,), by which dear levers are told from cheap ones.
    """

    serves: BoolArray
    there: FloatArray
    most: IntArray
    cost: FloatArray

    def projected(self, wanted: IntArray) -> IntArray:
        """Return the state nearest to what is wanted: within bounds, and nothing that is there goes again."""
        rising = np.maximum.accumulate(np.maximum(wanted, 0), axis=0)
        return np.asarray(np.minimum(rising, self.most))

    def step(self, state: IntArray, share: float) -> IntArray:
        """Return a share of what is there with a state, whole units and at least one."""
        return np.maximum(np.ceil(share * (self.there + state) - 1e-9), 1).astype(np.int64)

    def of_levers(self, margins: FloatArray) -> FloatArray:
        """Return the worst margin among the cells of each lever, shape (year, district, lever)."""
        own = np.where(self.serves, margins[:, :, None, :], np.inf)
        return np.asarray(own.min(axis=-1))
