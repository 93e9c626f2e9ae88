"""Keep pending events: one bucket a day, and today's events in order.

With a million pending events a heap of all of them costs more than the events themselves. A bucket is
a list of chunks of two cache lines, filled first to last. When its day begins its events are sorted;
those that the day itself adds wait in a small heap beside them. Inside a day an event is one number,
whose order is that of (time, kind, person, sequence): a total order.

Most of an event's time would go by in waiting for memory: whose turn comes soon is asked for ahead, the
person and their lanes first, and once these are there the ledger rows that they point to.
"""

from simulate.engine.compiled import inlined, kernel
from simulate.engine.intrinsics import natural, prefetch
from simulate.engine.records import ASSESS, BED, CHUNK_SLOTS, DAY, HOURS
from simulate.engine.world import SHORTEST_PART, World

# World holds plain arrays, so these kernels take it whole and touch only the event arrays.

# Bits of an event, from the last: sequence, person, kind, second of the day.
PERSON_AT = 15
KIND_AT = 42
SECOND_AT = 46
SEQUENCE_MASK = (1 << PERSON_AT) - 1
PERSON_MASK = (1 << (KIND_AT - PERSON_AT)) - 1
KIND_MASK = (1 << (SECOND_AT - KIND_AT)) - 1

CHUNK_EVENTS = CHUNK_SLOTS - 1
"""A chunk's first slot is the next chunk of its bucket, or -1."""
FIRST, LAST, EVENTS = range(3)
"""What is kept of a bucket: its chunks, and how many events they hold."""

NO_EVENT = (1 << 63) - 1
"""Later than any event."""
FEW = 64
"""So many events of a day are sorted at once, more by parts of the day first."""
RANKED = 32
"""So many at most are ranked, more inserted one by one."""
CROWD = 24
"""More events than these in one part of a day are sorted by themselves."""
NEAR = 10_000
"""So many people at most have ledger rows that stay in cache and need not be asked for ahead."""
PERSON_AHEAD = 24
ROWS_AHEAD = 8
LATE_AHEAD = 3
"""Events of today by which a person, and their ledger rows, are asked for ahead; positions of the heap of
late events from which persons are."""


@kernel
def push(w: World, time: int, kind: int, person: int, sequence: int) -> None:
    """Schedule an event; beyond the end of the run it is forgotten."""
    if time >= w.span.end:
        return
    day = natural(time) // DAY
    second = time - day * DAY
    event = (second << SECOND_AT) | (kind << KIND_AT) | (person << PERSON_AT) | sequence
    if day <= w.state.today:
        add_late(w, event)
        return
    # The bucket counts, not the chunk: writing does not wait for memory, as reading would.
    n = natural(w.bucket[day, EVENTS])
    if n % CHUNK_EVENTS == 0 and not append_chunk(w, day):
        return
    w.chunks[natural(w.bucket[day, LAST]), 1 + n % CHUNK_EVENTS] = event
    w.bucket[day, EVENTS] = n + 1


@kernel
def append_chunk(w: World, day: int) -> bool:
    """Append an empty chunk to a bucket; return whether one was left."""
    chunk = w.state.free_chunk
    if chunk >= 0:
        w.state.free_chunk = w.chunks[chunk, 0]
    elif w.state.n_chunks < w.chunks.shape[0]:
        chunk = w.state.n_chunks
        w.state.n_chunks += 1
    else:
        w.state.full = 1
        return False
    w.chunks[chunk, 0] = -1
    if w.bucket[day, EVENTS] > 0:
        w.chunks[w.bucket[day, LAST], 0] = chunk
    else:
        w.bucket[day, FIRST] = chunk
    w.bucket[day, LAST] = chunk
    return True


@kernel
def open_day(w: World, day: int) -> None:
    """Put a day's events in order: by parts of the day, then one by one inside a part."""
    w.state.today = day
    w.state.next_today = 0
    w.state.n_today = 0
    n = w.bucket[day, EVENTS]
    if n == 0:
        return
    if n > w.today.size:
        # Nothing of the day may be read: what is in its place was never written.
        w.state.full = 1
        return
    w.state.n_today = n
    width = part_of_day(n)
    if n > FEW:
        count_bins(w, day, width)
    chunk, left, at = w.bucket[day, FIRST], n, 0
    while left > 0:
        after = w.chunks[chunk, 0]
        for slot in range(1, 1 + min(left, CHUNK_EVENTS)):
            event = w.chunks[chunk, slot]
            if n > FEW:
                part = event >> (SECOND_AT + width)
                at = w.bins[part]
                w.bins[part] = at + 1
            w.today[at] = event
            at += 1
        left -= CHUNK_EVENTS
        w.chunks[chunk, 0] = w.state.free_chunk
        w.state.free_chunk = chunk
        chunk = after
    w.bucket[day, EVENTS] = 0
    if n <= RANKED:
        rank_events(w, n)
    else:
        if n > FEW:
            sort_crowds(w, width)
        insert_events(w, n)
    for k in range(min(n, PERSON_AHEAD)):
        ask_person(w, w.today[k])


@kernel
def rank_events(w: World, n: int) -> None:
    """Put a few events in order, each by how many come before it: no step depends on luck.

    The heap of late events is empty as a day begins and holds them meanwhile.
    """
    for k in range(n):
        w.late[k] = w.today[k]
    for k in range(n):
        event = w.late[k]
        before = 0
        for j in range(n):
            other = w.late[j]
            before += (other < event) | ((other == event) & (j < k))
        w.today[before] = event


@kernel
def insert_events(w: World, n: int) -> None:
    """Put events that are nearly in order in order."""
    for k in range(1, n):
        event = w.today[k]
        j = k
        while j > 0 and w.today[j - 1] > event:
            w.today[j] = w.today[j - 1]
            j -= 1
        w.today[j] = event


@kernel
def part_of_day(n: int) -> int:
    """Return by which parts a day's events are sorted, 2 ** width seconds: as many as events, or more.

    Most events fall into working hours; parts that do not grow with a city would hold ever more.
    """
    width = 8
    while width > SHORTEST_PART and (DAY >> width) < n:
        width -= 1
    return width


@kernel
def count_bins(w: World, day: int, width: int) -> None:
    """Find where each part of a day begins among its events."""
    n_part = (DAY >> width) + 1
    w.bins[:n_part] = 0
    chunk, left = w.bucket[day, FIRST], w.bucket[day, EVENTS]
    while left > 0:
        after = w.chunks[chunk, 0]
        prefetch(w.chunks, after)
        for slot in range(1, 1 + min(left, CHUNK_EVENTS)):
            w.bins[w.chunks[chunk, slot] >> (SECOND_AT + width)] += 1
        left -= CHUNK_EVENTS
        chunk = after
    total = 0
    for part in range(n_part):
        here = w.bins[part]
        w.bins[part] = total
        total += here


@kernel
def sort_crowds(w: World, width: int) -> None:
    """Put the events of every crowded part of a day in order, where inserting one by one would be slow.

    All who applied over a holiday can end their assessment in the same second.
    """
    begin = 0
    for part in range((DAY >> width) + 1):
        end = int(w.bins[part])
        if end - begin > CROWD:
            w.today[begin:end].sort()
        begin = end


@kernel
def ask_person(w: World, event: int) -> None:
    """Ask for the person of an event and for their lanes."""
    person = (event >> PERSON_AT) & PERSON_MASK
    prefetch(w.people, person)
    prefetch(w.lanes, person)


@kernel
def ask_rows(w: World, event: int) -> None:
    """Ask for the ledger rows that the lanes of an event's person point to."""
    person = (event >> PERSON_AT) & PERSON_MASK
    if w.lanes.shape[1] > 1:
        prefetch(w.ledger, w.lanes[person, HOURS].row)
        prefetch(w.ledger, w.lanes[person, ASSESS].row)
    prefetch(w.ledger, w.lanes[person, BED].row)


@inlined
def next_event(w: World) -> int:
    """Take today's next event; -1 when the day is over."""
    k, n = w.state.next_today, w.state.n_today
    is_far = w.people.size > NEAR
    if is_far and w.state.n_late > 0:
        ask_rows(w, w.late[0])
    if k < n and (w.state.n_late == 0 or w.today[k] <= w.late[0]):
        w.state.next_today = k + 1
        if k + PERSON_AHEAD < n:
            ask_person(w, w.today[k + PERSON_AHEAD])
        if is_far and k + ROWS_AHEAD < n:
            ask_rows(w, w.today[k + ROWS_AHEAD])
        return w.today[k]
    if w.state.n_late > 0:
        return take_late(w)
    return -1


@kernel
def add_late(w: World, event: int) -> None:
    """Add to the heap of events that came up today."""
    n = w.state.n_late
    if n + 1 >= w.late.size:
        w.state.full = 1
        return
    w.state.n_late = n + 1
    w.late[n + 1] = NO_EVENT
    lift(w, n, event)


@kernel
def lift(w: World, i: int, event: int) -> None:
    """Put an event into the heap's free place i, or above it where it comes before what is there."""
    while i > 0:
        up = (i - 1) >> 1
        if w.late[up] <= event:
            break
        w.late[i] = w.late[up]
        i = up
    w.late[i] = event


@kernel
def take_late(w: World) -> int:
    """Remove and return the first of the events that came up today.

    The free place goes down to the very end, where the last event takes it and rises again, seldom far:
    so no step down depends on luck. What lies behind the last event is later than all.
    """
    first = w.late[0]
    n = w.state.n_late - 1
    w.state.n_late = n
    event = w.late[n]
    w.late[n] = NO_EVENT
    i, child = 0, 1
    while child < n:
        child += w.late[child + 1] < w.late[child]
        w.late[i] = w.late[child]
        i = child
        child = 2 * i + 1
    if n > 0:
        lift(w, i, event)
    if w.people.size > NEAR:
        for k in range(min(n, LATE_AHEAD)):
            ask_person(w, w.late[k])
    return first
