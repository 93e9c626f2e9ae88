"""Say what a guest's ledger row tells: their stage, their pool, and that they were there before the run."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray

BEFORE: Final = -1
"""Moment of the request, and of the start, of people who are there when a run without warm-up begins."""
POOL_AT: Final = 10
"""Bit of a row's ``first`` at which the pool begins, counted from 1; below it is the stage."""
REMAINING, NEW = 1, 2
"""Marks of people who are there at the start: what is left of a stay, or a new one; 0: who comes."""


def stage_of(rows: NDArray[np.void]) -> IntArray:
    """Return the stages of rows."""
    return rows["first"].astype(np.int64) & ((1 << POOL_AT) - 1)


def pool_of(rows: NDArray[np.void]) -> IntArray:
    """Return the pools of rows, -1 for those never placed."""
    return (rows["first"].astype(np.int64) >> POOL_AT) - 1
