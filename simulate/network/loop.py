"""Run the events of one replication of an own network, first to last.

Pending events, lists, ledger and log are the city's; the loop is one of its own, so that it is compiled
without the city's rules: in a few seconds, and small enough to be quick.
"""

import numpy as np
from numpy.typing import NDArray

from simulate.engine.compiled import entry, kernel
from simulate.engine.events import (
    KIND_AT,
    KIND_MASK,
    PERSON_AT,
    PERSON_MASK,
    SECOND_AT,
    SEQUENCE_MASK,
    next_event,
    open_day,
    push,
)
from simulate.engine.records import DAY, FAR, START_EVENT
from simulate.engine.world import FREE_CHUNK, FULL, HANDLED, MONTH, TODAY, World, by_reference
from simulate.network.guests import guest_event, serve_list


@entry
def run_guests(arrays: tuple[NDArray[np.generic], ...]) -> int:
    """Run a world of guests to the end; return 0, or 1 if some store was too small."""
    w = by_reference(arrays)
    w.count[TODAY] = -1
    w.count[FREE_CHUNK] = -1
    for i in range(w.people.size):
        push(w, int(w.people[i].onset), START_EVENT, i, 0)
    due = change_capacities(w, 0)
    for day in range(w.bucket.shape[0]):
        open_day(w, day)
        if w.count[FULL] == 1:
            return 1
        event = next_event(w)
        while event >= 0:
            now = day * DAY + (event >> SECOND_AT)
            w.count[HANDLED] += 1
            kind = (event >> KIND_AT) & KIND_MASK
            guest_event(w, (event >> PERSON_AT) & PERSON_MASK, kind, event & SEQUENCE_MASK, now)
            if w.count[FULL] == 1:
                return 1
            event = next_event(w)
        # Capacities change at midnight only.
        if (day + 1) * DAY >= due:
            due = change_capacities(w, (day + 1) * DAY)
    return int(w.count[FULL])


@kernel
def change_capacities(w: World, now: int) -> int:
    """Bring capacities up to date for every period that has begun; return when the next one begins."""
    last = w.month_start.size - 2
    while w.count[MONTH] <= last and w.month_start[w.count[MONTH]] <= now:
        period = w.count[MONTH]
        w.count[MONTH] += 1
        for pool in range(w.capacity.size):
            w.capacity[pool] = w.pool_plan[period, pool]
        for pool in range(w.capacity.size - 1, -1, -1):
            serve_list(w, pool, w.month_start[period])
    return int(w.month_start[w.count[MONTH]]) if w.count[MONTH] <= last else FAR
