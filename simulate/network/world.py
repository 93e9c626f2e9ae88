"""Lay out what an own network's replication has beside the engine's stores."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.engine.pointer import reference_to
from simulate.engine.records import Record
from simulate.engine.world import World

RULES: Final = np.dtype([("comes", np.int64), ("leaves", np.int64), ("turn", np.int64)], align=True)
"""Kinds of the events at which people come, and at which their stays end, and the turn that comes next."""


@dataclass(frozen=True)
class NetworkWorld(World):
    """State and rules of one replication of an own network. Shapes in comments."""

    turns: NDArray[np.void]  # (turn,) of places.TURN, in order of time: places that pools give
    opening: IntArray  # (pool,): places that pools give at first
    rules: Record  # RULES
    kept: NDArray[
        np.int32
    ]  # (n,) where some stage blocks: row of the place kept while waiting, else -1
    stages: NDArray[np.void]  # (stage,) of records.STAGE
    routes: FloatArray  # (stage, stage): chance to go on to a stage or one before it in the row
    laws: NDArray[np.void]  # (law,) of records.LAW
    samples: FloatArray  # what laws read
    # (stage, district, slot), -1 beyond the last: pools to ask first, and when patience ends.
    stage_pools: NDArray[np.int32]
    other_pools: NDArray[np.int32]
    room: IntArray  # (pool,): people who may wait
    line: IntArray  # (pool,): people who wait


network_world = reference_to(NetworkWorld)
"""By which a kernel turns the arrays of a `NetworkWorld` into one."""
