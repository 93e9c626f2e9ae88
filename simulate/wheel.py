"""Keep pending events: one bucket a day, and a small heap for the events of today.

With a million pending events a heap of all of them costs more than the events themselves; a day has
a few thousand. Events are ordered by (time, kind, person, sequence), a total order.
"""

from simulate.compiled import kernel
from simulate.records import DAY
from simulate.world import (
    END,
    FULL,
    HEAP_SIZE,
    N_EVENTS,
    N_FREE_EVENTS,
    TODAY,
    World,
)

# World holds plain arrays, so these kernels take it whole and touch only the event arrays.


@kernel
def encode(kind: int, person: int, sequence: int) -> int:
    """Pack kind, person and sequence so that their order is the order of the numbers."""
    return (kind << 48) | (person << 16) | sequence


@kernel
def push(w: World, time: int, kind: int, person: int, sequence: int) -> None:
    """Schedule an event; beyond the end of the run it is forgotten."""
    if time >= w.policy[END]:
        return
    code = encode(kind, person, sequence)
    day = time // DAY
    if day <= w.count[TODAY]:
        heap_push(w, time, code)
        return
    if w.count[N_FREE_EVENTS] > 0:
        w.count[N_FREE_EVENTS] -= 1
        e = w.free_events[w.count[N_FREE_EVENTS]]
    elif w.count[N_EVENTS] < w.events.size:
        e = w.count[N_EVENTS]
        w.count[N_EVENTS] += 1
    else:
        w.count[FULL] = 1
        return
    event = w.events[e]
    event.time = time
    event.code = code
    event.next = w.bucket[day]
    w.bucket[day] = e


@kernel
def heap_push(w: World, time: int, code: int) -> None:
    """Add to today's heap."""
    i = w.count[HEAP_SIZE]
    if i >= w.heap_time.size:
        w.count[FULL] = 1
        return
    w.count[HEAP_SIZE] = i + 1
    while i > 0:
        up = (i - 1) >> 1
        if w.heap_time[up] < time or (w.heap_time[up] == time and w.heap_code[up] <= code):
            break
        w.heap_time[i] = w.heap_time[up]
        w.heap_code[i] = w.heap_code[up]
        i = up
    w.heap_time[i] = time
    w.heap_code[i] = code


@kernel
def heap_pop(w: World) -> None:
    """Remove the first of today's events (read it at position 0 before)."""
    n = w.count[HEAP_SIZE] - 1
    w.count[HEAP_SIZE] = n
    if n == 0:
        return
    time, code = w.heap_time[n], w.heap_code[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        right = child + 1
        if right < n and (
            w.heap_time[right] < w.heap_time[child]
            or (
                w.heap_time[right] == w.heap_time[child]
                and w.heap_code[right] < w.heap_code[child]
            )
        ):
            child = right
        if time < w.heap_time[child] or (
            time == w.heap_time[child] and code <= w.heap_code[child]
        ):
            break
        w.heap_time[i] = w.heap_time[child]
        w.heap_code[i] = w.heap_code[child]
        i = child
    w.heap_time[i] = time
    w.heap_code[i] = code


@kernel
def open_day(w: World, day: int) -> None:
    """Move a day's bucket into the heap."""
    w.count[TODAY] = day
    e = w.bucket[day]
    while e >= 0:
        event = w.events[e]
        heap_push(w, event.time, event.code)
        w.free_events[w.count[N_FREE_EVENTS]] = e
        w.count[N_FREE_EVENTS] += 1
        e = event.next
    w.bucket[day] = -1
