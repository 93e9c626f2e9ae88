"""Run the events of one replication of an own network, first to last.

Pending events, lists, ledger and log are the city's; the loop is one of its own, so that it is compiled
without the city's rules: in a few seconds, and small enough to be quick.
"""

import numpy as np
from numpy.typing import NDArray

from simulate.engine.compiled import entry
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
from simulate.engine.records import DAY
from simulate.network.guests import await_turn, guest_event
from simulate.network.world import network_world


@entry
def run_guests(arrays: tuple[NDArray[np.generic], ...]) -> int:
    """Run a world of guests to the end; return 0, or 1 if some store was too small."""
    w = network_world(arrays)
    w.state.today = -1
    w.state.free_chunk = -1
    for i in range(w.people.size):
        push(w, int(w.people[i].onset), w.rules.comes, i, 0)
    for pool in range(w.capacity.size):
        w.capacity[pool] = w.opening[pool]
    await_turn(w)
    for day in range(w.bucket.shape[0]):
        open_day(w, day)
        if w.state.full == 1:
            return 1
        event = next_event(w)
        while event >= 0:
            now = day * DAY + (event >> SECOND_AT)
            w.state.handled += 1
            kind = (event >> KIND_AT) & KIND_MASK
            guest_event(w, (event >> PERSON_AT) & PERSON_MASK, kind, event & SEQUENCE_MASK, now)
            if w.state.full == 1:
                return 1
            event = next_event(w)
    return int(w.state.full)
