"""Keep pending events: one bucket a day, and today's events in order.

With a million pending events a heap of all of them costs more than the events themselves. A bucket is
a list of chunks of two cache lines, filled first to last. When its day begins its events are sorted;
those that the day itself adds wait in a small heap beside them. Inside a day an event is one number,
whose order is that of (time, kind, person, sequence): a total order.
"""

from simulate.compiled import kernel
from simulate.records import CHUNK_SLOTS, DAY
from simulate.world import (
    BIN_SECONDS,
    END,
    FREE_CHUNK,
    FULL,
    N_CHUNKS,
    N_LATE,
    N_TODAY,
    NEXT_TODAY,
    TODAY,
    World,
    prefetch,
)

# World holds plain arrays, so these kernels take it whole and touch only the event arrays.

# Bits of an event, from the last: sequence, person, kind, second of the day.
PERSON_AT = 15
KIND_AT = 42
SECOND_AT = 46
SEQUENCE_MASK = (1 << PERSON_AT) - 1
PERSON_MASK = (1 << (KIND_AT - PERSON_AT)) - 1
KIND_MASK = (1 << (SECOND_AT - KIND_AT)) - 1

# A chunk's first slot: the next chunk of its bucket or -1, and how many events it holds.
NEXT_AT = 8
COUNT_MASK = (1 << NEXT_AT) - 1
CHUNK_EVENTS = CHUNK_SLOTS - 1


@kernel
def push(w: World, time: int, kind: int, person: int, sequence: int) -> None:
    """Schedule an event; beyond the end of the run it is forgotten."""
    if time >= w.policy[END]:
        return
    day = time // DAY
    second = time - day * DAY
    event = (second << SECOND_AT) | (kind << KIND_AT) | (person << PERSON_AT) | sequence
    if day <= w.count[TODAY]:
        add_late(w, event)
        return
    chunk = w.bucket[day, 1]
    if chunk < 0 or w.chunks[chunk, 0] & COUNT_MASK == CHUNK_EVENTS:
        chunk = append_chunk(w, day, chunk)
        if chunk < 0:
            return
    w.chunks[chunk, 0] += 1
    w.chunks[chunk, w.chunks[chunk, 0] & COUNT_MASK] = event


@kernel
def append_chunk(w: World, day: int, last: int) -> int:
    """Append an empty chunk to a bucket whose last one is given; return it, or -1 if none is left."""
    chunk = w.count[FREE_CHUNK]
    if chunk >= 0:
        w.count[FREE_CHUNK] = w.chunks[chunk, 0] >> NEXT_AT
    elif w.count[N_CHUNKS] < w.chunks.shape[0]:
        chunk = w.count[N_CHUNKS]
        w.count[N_CHUNKS] += 1
    else:
        w.count[FULL] = 1
        return -1
    w.chunks[chunk, 0] = -1 << NEXT_AT
    if last >= 0:
        w.chunks[last, 0] = (chunk << NEXT_AT) | CHUNK_EVENTS
    else:
        w.bucket[day, 0] = chunk
    w.bucket[day, 1] = chunk
    return chunk


@kernel
def open_day(w: World, day: int) -> None:
    """Put a day's events in order: by parts of the day, then one by one inside a part."""
    w.count[TODAY] = day
    w.count[NEXT_TODAY] = 0
    w.count[N_TODAY] = 0
    if not count_bins(w, day):
        return
    chunk = w.bucket[day, 0]
    while chunk >= 0:
        header = w.chunks[chunk, 0]
        for slot in range(1, (header & COUNT_MASK) + 1):
            event = w.chunks[chunk, slot]
            part = (event >> SECOND_AT) // BIN_SECONDS
            w.today[w.bins[part]] = event
            w.bins[part] += 1
            person = (event >> PERSON_AT) & PERSON_MASK
            prefetch(w.people, person)
            prefetch(w.lanes, person)
        after = header >> NEXT_AT
        w.chunks[chunk, 0] = w.count[FREE_CHUNK] << NEXT_AT
        w.count[FREE_CHUNK] = chunk
        chunk = after
    w.bucket[day, 0] = -1
    w.bucket[day, 1] = -1
    for k in range(1, w.count[N_TODAY]):
        event = w.today[k]
        j = k
        while j > 0 and w.today[j - 1] > event:
            w.today[j] = w.today[j - 1]
            j -= 1
        w.today[j] = event


@kernel
def count_bins(w: World, day: int) -> bool:
    """Find where each part of a day begins among its events; return whether there is room."""
    w.bins[:] = 0
    chunk = w.bucket[day, 0]
    while chunk >= 0:
        header = w.chunks[chunk, 0]
        for slot in range(1, (header & COUNT_MASK) + 1):
            w.bins[(w.chunks[chunk, slot] >> SECOND_AT) // BIN_SECONDS] += 1
        chunk = header >> NEXT_AT
    total = 0
    for part in range(w.bins.size):
        here = w.bins[part]
        w.bins[part] = total
        total += here
    if total > w.today.size:
        w.count[FULL] = 1
        return False
    w.count[N_TODAY] = total
    return True


@kernel
def next_event(w: World) -> int:
    """Take today's next event; -1 when the day is over."""
    k = w.count[NEXT_TODAY]
    if k < w.count[N_TODAY] and (w.count[N_LATE] == 0 or w.today[k] <= w.late[0]):
        w.count[NEXT_TODAY] = k + 1
        return w.today[k]
    if w.count[N_LATE] > 0:
        return take_late(w)
    return -1


@kernel
def add_late(w: World, event: int) -> None:
    """Add to the heap of events that came up today."""
    i = w.count[N_LATE]
    if i >= w.late.size:
        w.count[FULL] = 1
        return
    w.count[N_LATE] = i + 1
    while i > 0:
        up = (i - 1) >> 1
        if w.late[up] <= event:
            break
        w.late[i] = w.late[up]
        i = up
    w.late[i] = event


@kernel
def take_late(w: World) -> int:
    """Remove and return the first of the events that came up today."""
    first = w.late[0]
    n = w.count[N_LATE] - 1
    w.count[N_LATE] = n
    event = w.late[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and w.late[child + 1] < w.late[child]:
            child += 1
        if event <= w.late[child]:
            break
        w.late[i] = w.late[child]
        i = child
    w.late[i] = event
    return first
