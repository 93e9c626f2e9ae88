"""Bins of waits, how a wait can end, and whether it ended in time, for kernels that go through a ledger."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import IntArray
from simulate.engine.compiled import kernel
from simulate.engine.records import DAY, DIED, NEVER, WITHDREW, Record

CountArray = NDArray[np.int32]

WHOLE_DAYS: Final = 60
WAIT_EDGES: Final = np.concatenate(
    [[0.0], np.arange(1.0, WHOLE_DAYS + 1.0), np.round(60 * 1.06 ** np.arange(1, 66), 1)]
)
"""Upper ends of the bins of waits, days; bin 0 holds those placed at once."""
BIN_OF_DAY: Final = np.searchsorted(WAIT_EDGES, np.arange(int(WAIT_EDGES[-1]) + 1))
"""Bin of a wait of so many whole days."""

END_PLACED, END_DIED, END_WITHDREW, END_OTHER, STILL_WAITING = range(5)
ENDS: Final = ("placed", "died", "withdrew", "other", "waiting")
"""What became of a request: placed, died, withdrew, ended otherwise (no need any more, another wish, left the
city, turned away), or still waiting when the follow-up of its year ended; by this position on an axis."""


@kernel
def wait_bin(seconds: int) -> int:
    """Return the bin of a wait, the last one for whatever is longer."""
    if seconds <= WHOLE_DAYS * DAY:
        return (seconds + DAY - 1) // DAY
    k = BIN_OF_DAY[min(seconds // DAY, BIN_OF_DAY.size - 1)]
    while k < WAIT_EDGES.size - 1 and WAIT_EDGES[k] < seconds / DAY:
        k += 1
    return int(k)


@kernel
def unplaced_end(row: Record, known: int) -> tuple[int, int]:
    """Return what became of a request that was not placed by a moment, and when; that moment if it waits."""
    if row.start < NEVER or row.end >= known:
        return STILL_WAITING, known
    if row.outcome == DIED:
        return END_DIED, row.end
    return (END_WITHDREW if row.outcome == WITHDREW else END_OTHER), row.end


@kernel
def is_early(
    row: Record,
    is_case: bool,
    target_seconds: int,
    known: int,
    working_days: IntArray,
    assessment_days: int,
) -> bool:
    """Tell whether a wait ended inside its target, met or not, by what is known at a moment.

    Cases of assessors are judged in working days.
    """
    stop = min(row.start, row.end)
    if stop >= known:
        stop = NEVER
    if not is_case:
        return bool(stop - row.request <= target_seconds)
    seen = min(known // DAY, working_days.size - 1) - 1
    asked = working_days[min(row.request // DAY, seen)]
    return bool(working_days[min(stop // DAY, seen)] - asked <= assessment_days)
