"""Write the ledger and keep the waiting lists."""

from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.log import ENDED, FOLLOWED, NOBODY, PLACED, note
from simulate.engine.records import ASSESS, CHANGED, N_CLASS, NEVER, OPEN, SERVED
from simulate.engine.world import World


@kernel
def state_of(w: World, i: int, lane: int) -> int:
    """Return the state of a person's lane."""
    return (w.people[natural(i)].states >> (2 * lane)) & 3


@kernel
def set_state(w: World, i: int, lane: int, state: int) -> None:
    """Change the state of a person's lane."""
    person = w.people[natural(i)]
    person.states = (person.states & ~(3 << (2 * lane))) | (state << (2 * lane))


@kernel
def open_row(w: World, i: int, lane: int, resource: int, size: int, rank: int, time: int) -> int:
    """Start a ledger row for a person and lane; return its index."""
    if w.state.n_free_rows > 0:
        w.state.n_free_rows -= 1
        r = w.free_rows[w.state.n_free_rows]
    elif w.state.n_rows < w.ledger.size:
        r = w.state.n_rows
        w.state.n_rows += 1
    else:
        w.state.full = 1
        r = w.ledger.size - 1
    i = natural(i)
    row = w.ledger[natural(r)]
    person = w.people[i]
    row.request = time
    row.start = NEVER
    row.end = NEVER
    row.want_end = NEVER
    row.person = i
    row.size = size
    row.resource = resource
    row.origin = person.district
    row.dest = -1
    row.rank = rank
    row.outcome = OPEN
    row.follows = 0
    row.level = person.assessed
    row.lane = lane
    row.makeshift = 0
    row.reason = 0
    row.first = r
    w.lanes[i, lane].row = r
    return r


@kernel
def close_row(w: World, i: int, lane: int, time: int, outcome: int) -> None:
    """End a lane's row: waiting, service and want all end now, unless they ended before."""
    r = w.lanes[i, lane].row
    if r < 0:
        return
    row = w.ledger[r]
    row.end = min(row.end, time)
    row.want_end = min(row.want_end, time)
    if row.outcome == OPEN:
        row.outcome = outcome
    if row.follows == 1 and row.start == NEVER:
        asked = w.ledger[row.first]
        asked.end, asked.outcome = row.end, row.outcome
    note(w, time, ENDED, i, lane, NOBODY, row.outcome, row.size)
    w.lanes[i, lane].row = -1
    if row.want_end <= w.span.release and row.end <= w.span.release:
        # Closed inside the warm-up: nothing of it is ever reported.
        row.person = -1
        w.free_rows[w.state.n_free_rows] = r
        w.state.n_free_rows += 1


@kernel
def follow_row(w: World, i: int, lane: int, size: int, time: int) -> None:
    """Split a served row because size or level changed: same place, no new request."""
    old = w.ledger[w.lanes[i, lane].row]
    resource, dest, rank, wanted = old.resource, old.dest, old.rank, old.want_end
    first, makeshift, lane_of_row, reason = old.first, old.makeshift, old.lane, old.reason
    close_row(w, i, lane, time, CHANGED)
    row = w.ledger[open_row(w, i, lane, resource, size, rank, time)]
    row.lane = lane_of_row
    row.makeshift = makeshift
    row.reason = reason
    if time > w.span.release:
        row.first = first
    row.start = time
    row.dest = dest
    row.follows = 1
    note(w, time, FOLLOWED, i, lane, NOBODY, row.level, size)
    if wanted <= time:
        row.want_end = time


@kernel
def resize_waiting(w: World, i: int, lane: int, size: int, time: int) -> None:
    """Split a waiting row because its size changed: another is wanted from now on, the request stays one.

    What was wanted before stays as it was, for figures of times past do not change any more.
    """
    old = w.ledger[w.lanes[i, lane].row]
    resource, rank, first, makeshift = old.resource, old.rank, old.first, old.makeshift
    old.want_end = min(old.want_end, time)
    if old.follows == 1:
        old.end, old.outcome = time, CHANGED
    row = w.ledger[open_row(w, i, lane, resource, size, rank, time)]
    row.first = first
    row.makeshift = makeshift
    row.follows = 1


@kernel
def enqueue(w: World, i: int, lane: int, pool: int, rank: int) -> None:
    """Put a person at the end of a pool's class."""
    if w.state.n_free_nodes > 0:
        w.state.n_free_nodes -= 1
        k = w.free_nodes[w.state.n_free_nodes]
    elif w.state.n_nodes < w.nodes.size:
        k = w.state.n_nodes
        w.state.n_nodes += 1
    else:
        w.state.full = 1
        return
    i, pool, rank = natural(i), natural(pool), natural(rank)
    node = w.nodes[natural(k)]
    node.person = i
    node.lane = lane
    node.pool = pool
    node.rank = rank
    node.next = -1
    node.prev = w.tail[pool, rank]
    node.sibling = w.lanes[i, lane].node
    w.lanes[i, lane].node = k
    if node.prev >= 0:
        w.nodes[node.prev].next = k
    else:
        w.head[pool, rank] = k
    w.tail[pool, rank] = k


@kernel
def leave_queues(w: World, i: int, lane: int) -> None:
    """Take a person out of every list they stand in for a lane."""
    k = w.lanes[i, lane].node
    while k >= 0:
        if lane != ASSESS:
            # The one behind may fit where this one did not. (Assessors take their next case
            # themselves, in working hours.)
            mark_dirty(w, w.nodes[k].pool)
        k = unlink(w, k)
    w.lanes[i, lane].node = -1


@kernel
def unlink(w: World, k: int) -> int:
    """Take a node out of its list and free it; return the next node of the same person, or -1."""
    node = w.nodes[natural(k)]
    pool, rank = natural(node.pool), natural(node.rank)
    before, after = node.prev, node.next
    if before >= 0:
        w.nodes[before].next = after
    else:
        w.head[pool, rank] = after
    if after >= 0:
        w.nodes[after].prev = before
    else:
        w.tail[pool, rank] = before
    w.free_nodes[w.state.n_free_nodes] = k
    w.state.n_free_nodes += 1
    return int(node.sibling)


@kernel
def serve(w: World, i: int, lane: int, pool: int, now: int) -> None:
    """Start service: the waiting is over, the row starts, the pool has less to give."""
    leave_queues(w, i, lane)
    row = w.ledger[w.lanes[i, lane].row]
    row.start = now
    row.dest = w.pool_district[natural(pool)]
    if row.follows == 1:
        asked = w.ledger[row.first]
        asked.start, asked.end, asked.dest, asked.outcome = now, now, row.dest, CHANGED
    w.used[pool] += row.size
    set_state(w, i, lane, SERVED)
    note(w, now, PLACED, i, lane, pool, row.level, row.size)


@kernel
def mark_lists(w: World, i: int, lane: int) -> None:
    """Remember that the lists on which a person stands may be able to take somebody."""
    k = w.lanes[i, lane].node
    while k >= 0:
        mark_dirty(w, w.nodes[k].pool)
        k = w.nodes[k].sibling


@kernel
def first_waiting(w: World, pool: int) -> int:
    """Return the node whose turn it is in a pool, or -1."""
    pool = natural(pool)
    for rank in range(N_CLASS):
        if w.head[pool, rank] >= 0:
            return w.head[pool, rank]
    return -1


@kernel
def mark_dirty(w: World, pool: int) -> None:
    """Remember that a pool may be able to take somebody."""
    if w.is_dirty[pool] == 0:
        w.is_dirty[pool] = 1
        w.dirty[w.state.n_dirty] = pool
        w.state.n_dirty += 1
