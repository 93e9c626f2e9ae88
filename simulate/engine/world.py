"""Hold what the events of any replication read and change, as plain arrays that kernels can take.

`World` is what queues, events, ledger and log need, whatever is simulated; `simulate.city.world` and
`simulate.network.world` add what their rules read.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from simulate.engine.records import (
    CHUNK_SLOTS,
    DAY,
    ENTRY,
    LANE,
    N_CLASS,
    NODE,
    ROW,
    SPAN,
    STATE,
    Record,
    cache_aligned,
)

SHORTEST_PART: Final = 1
"""Parts of a day by which its events are sorted first last 2 seconds, to this power, or longer."""
UNLIMITED: Final = 1 << 50
"""A capacity that nothing fills."""


@dataclass(frozen=True)
class World:
    """State of one replication. Shapes in comments; n is people."""

    people: NDArray[np.void]  # (n,) of records.PERSON
    lanes: NDArray[np.void]  # (n, lane slot) of records.LANE; a guest has their first only
    ledger: NDArray[np.void]  # (row,) of records.ROW
    free_rows: NDArray[np.int32]
    nodes: NDArray[np.void]  # (node,) of records.NODE
    free_nodes: NDArray[np.int32]
    head: NDArray[np.int32]  # (pool, class)
    tail: NDArray[np.int32]  # (pool, class)
    capacity: IntArray  # (pool,)
    used: IntArray  # (pool,)
    pool_district: NDArray[np.int32]  # (pool,)
    dirty: NDArray[np.int32]  # stack of pools to fill
    is_dirty: NDArray[np.int8]  # (pool,)
    chunks: IntArray  # (chunk, slot): pending events of later days, see simulate.engine.events
    bucket: NDArray[np.int32]  # (day, 3): first and last chunk of a day, and its events
    today: IntArray  # today's events in order, as the day began
    late: IntArray  # heap of the events added today for today
    bins: NDArray[np.int32]  # (part of a day,): for sorting
    log: NDArray[np.void]  # (entry,) of records.ENTRY; no room, no log
    state: Record  # records.STATE
    span: Record  # records.SPAN
    month_start: IntArray  # (month + 1,): seconds, months from the release on
    work: IntArray  # (day + 1,): working seconds before each day

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the fields in their order."""
        return tuple(field.name for field in fields(cls))

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Return the arrays in the order of the fields, as the outermost kernels take them."""
        return tuple(getattr(self, name) for name in self.names())


@dataclass(frozen=True)
class Sizes:
    """How much room a replication's stores have; those that are a guess grow when they are full."""

    people: int
    rows: int
    nodes: int
    chunks: int
    today: int
    days: int
    pools: int
    lanes: int
    log: int = 0


def empty_stores(sizes: Sizes) -> dict[str, NDArray[np.generic]]:
    """Allocate the arrays of a `World` that start empty.

    Stacks, lists and pending events are written before they are read, so they need not be cleared.
    """
    return {
        "lanes": empty_lanes(sizes.people, sizes.lanes),
        "ledger": np.zeros(sizes.rows, ROW).view(np.recarray),
        "free_rows": np.empty(sizes.rows, np.int32),
        "nodes": np.empty(sizes.nodes, NODE).view(np.recarray),
        "free_nodes": np.empty(sizes.nodes, np.int32),
        "head": np.full((sizes.pools, N_CLASS), -1, np.int32),
        "tail": np.full((sizes.pools, N_CLASS), -1, np.int32),
        "capacity": np.zeros(sizes.pools, np.int64),
        "used": np.zeros(sizes.pools, np.int64),
        "dirty": np.zeros(sizes.pools, np.int32),
        "is_dirty": np.zeros(sizes.pools, np.int8),
        "chunks": cache_aligned((sizes.chunks, CHUNK_SLOTS), np.dtype(np.int64), cleared=False),
        "bucket": np.zeros((sizes.days, 3), np.int32),
        "today": np.empty(sizes.today, np.int64),
        "late": np.empty(sizes.today, np.int64),
        "bins": np.empty((DAY >> SHORTEST_PART) + 1, np.int32),
        "log": np.zeros(sizes.log, ENTRY).view(np.recarray),
        "state": one_record(STATE),
    }


def span_of(release: int, end: int) -> NDArray[np.void]:
    """Return the moment from which a replication is reported, and its end, seconds."""
    span = one_record(SPAN)
    span["release"], span["end"] = release, end
    return span


def one_record(dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Return one record of zeros, as an array without axes: kernels read its fields by name."""
    return np.zeros((), dtype).view(np.recarray)


def empty_lanes(n_people: int, n_slot: int) -> NDArray[np.void]:
    """Return lanes in which nobody waits or is served."""
    lanes = cache_aligned((n_people, n_slot), LANE, cleared=False)
    lanes.view(np.int32).fill(-1)
    return lanes.view(np.recarray)
