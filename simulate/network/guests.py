"""Lead the people of an own scenario through its stages.

Guests arrive, ask for what their stage needs in the pools that serve their district, wait in the pools'
lists by class, give up when their patience ends, stay for a drawn time and go on to the next stage
or leave. One pool, Poisson arrivals and exponential stays are M/M/c. The lists, events, ledger and log
are those of the city's model.
"""

from simulate.engine.compiled import inlined, kernel
from simulate.engine.events import push
from simulate.engine.intrinsics import natural
from simulate.engine.log import (
    ENDED,
    GONE,
    IMPATIENT,
    LISTED,
    NOBODY,
    ONSET,
    PLACED,
    REQUESTED,
    note,
)
from simulate.engine.queues import (
    enqueue,
    first_waiting,
    mark_dirty,
    open_row,
    set_state,
    state_of,
    unlink,
)
from simulate.engine.records import (
    BED,
    DONE,
    IDLE,
    LIFE_EVENT,
    NEVER,
    PATIENCE_EVENT,
    REFUSED,
    SERVED,
    WAITING,
    WITHDRAW_EVENT,
    Record,
)
from simulate.engine.streams import DELAY, ELSEWHERE, GIVE_UP, ROUTE, STAY, uniform
from simulate.engine.worktime import moment_of, working_seconds
from simulate.network.laws import HYPEREXPONENTIAL, draw, draw_formula, draw_rest
from simulate.network.visits import BEFORE, POOL_AT, REMAINING
from simulate.network.world import NetworkWorld

TURN_EVENT = LIFE_EVENT
"""Places of pools change, before all else of its second; guests have no events of this kind."""
AGAIN = 1
"""Sequence of the event at which a guest comes to a stage who was refused or gave up before."""
VISITS = 30_000
"""Stages of one guest after which their draws begin afresh."""


@inlined
def guest_event(w: NetworkWorld, i: int, kind: int, sequence: int, now: int) -> None:
    """Act on one event of a guest."""
    i, now = natural(i), natural(now)
    person = w.people[i]
    if kind == w.rules.leaves:
        end_stay(w, i, now)
    elif kind == w.rules.comes:
        if sequence != AGAIN:
            note(w, now, ONSET, i, NOBODY, NOBODY, person.rank, 0)
        enter_stage(w, i, now)
    elif kind == TURN_EVENT:
        take_turns(w, now)
    elif state_of(w, i, BED) == WAITING and sequence == person.seq_bed:
        if kind == PATIENCE_EVENT:
            note(w, now, IMPATIENT, i, BED, NOBODY, 0, 0)
            join_lists(w, i, now, True)
            settle(w, now)
        elif kind == WITHDRAW_EVENT:
            stop_asking(w, i, now, w.stages[person.stage].gives_up)


@kernel
def enter_stage(w: NetworkWorld, i: int, now: int) -> None:
    """Ask for what the stage needs: a place now, one on a waiting list, or none at all."""
    i, now = natural(i), natural(now)
    person = w.people[i]
    stage = w.stages[natural(person.stage)]
    visit = person.life_count + 1 if person.life_count + 1 < VISITS else 0
    person.life_count = visit
    person.seq_bed = visit
    law = w.laws[natural(stage.stay)]
    was_there = person.settled
    person.settled = 0
    if was_there == REMAINING:
        stay = draw_rest(law, w.samples, person.key, STAY, person.life_count)
    else:
        stay = drawn(w, law, person, STAY)
    person.death_left = stay
    end = end_of(w, stage, stay, now)
    r = open_row(w, i, BED, stage.resource, 1, person.rank, now)
    row = w.ledger[natural(r)]
    row.want_end = end
    row.first = person.stage
    if was_there != 0 and w.span.release == 0:
        # They asked before the run began, and are none of its requests.
        row.request = BEFORE
    note(w, now, REQUESTED, i, BED, NOBODY, person.rank, person.stage)
    set_state(w, i, BED, WAITING)
    join_lists(w, i, now, False)
    if state_of(w, i, BED) != WAITING:
        return
    if stage.elsewhere >= 0 and w.lanes[i, BED].node >= 0:
        law = w.laws[stage.elsewhere]
        wait = drawn(w, law, person, ELSEWHERE)
        push(w, later(now, wait), PATIENCE_EVENT, i, person.seq_bed)
    elif stage.elsewhere >= 0:
        # Nobody takes them here, not even on a list: they need not wait to look further.
        join_lists(w, i, now, True)
        if state_of(w, i, BED) != WAITING:
            return
    if w.lanes[i, BED].node < 0:
        stop_asking(w, i, now, REFUSED)
        return
    if stage.patience >= 0:
        law = w.laws[stage.patience]
        wait = drawn(w, law, person, GIVE_UP)
        push(w, later(now, wait), WITHDRAW_EVENT, i, person.seq_bed)


@kernel
def drawn(w: NetworkWorld, law: Record, person: Record, purpose: int) -> float:
    """Draw a duration of the stage that a guest is at, seconds."""
    if law.kind < HYPEREXPONENTIAL:
        # Most laws read no samples, and to hand these on takes as long as a draw.
        return float(draw_formula(law, person.key, purpose, person.life_count))
    return float(draw(law, w.samples, person.key, purpose, person.life_count))


@kernel
def later(now: int, seconds: float) -> int:
    """Return the moment some seconds from now, to the nearest second, at most `NEVER`."""
    return min(now + int(min(seconds + 0.5, float(NEVER))), NEVER)


@kernel
def join_lists(w: NetworkWorld, i: int, now: int, elsewhere: bool) -> None:
    """Take the first free place of the pools in their order; without one, stand in their lists.

    A list that is full takes nobody. Where places are free nobody waits for them.
    """
    i = natural(i)
    person = w.people[i]
    stage, district = natural(person.stage), natural(person.district)
    pools = w.other_pools if elsewhere else w.stage_pools
    n = pools.shape[2]
    for k in range(n):
        pool = pools[stage, district, k]
        if pool < 0:
            break
        if w.used[pool] < w.capacity[pool]:
            seat(w, i, pool, now)
            return
    waits_inside = person.bed_pool >= 0
    for k in range(n):
        pool = pools[stage, district, k]
        if pool < 0:
            break
        # Who keeps a place waits there, and takes no room.
        if w.line[pool] < w.room[pool] or waits_inside:
            note(w, now, LISTED, i, BED, pool, person.rank, 1)
            w.line[pool] += not waits_inside
            enqueue(w, i, BED, pool, person.rank)


@kernel
def leave_lists(w: NetworkWorld, i: int) -> None:
    """Leave every waiting list.

    Nobody behind has their turn by that: where people wait, no place is free.
    """
    i = natural(i)
    k = w.lanes[i, BED].node
    if k < 0:
        return
    took_room = w.people[i].bed_pool < 0
    while k >= 0:
        w.line[natural(w.nodes[k].pool)] -= took_room
        k = unlink(w, k)
    w.lanes[i, BED].node = -1


@kernel
def seat(w: NetworkWorld, i: int, pool: int, now: int) -> None:
    """Start a stay."""
    i, pool = natural(i), natural(pool)
    leave_lists(w, i)
    person = w.people[i]
    row = w.ledger[natural(w.lanes[i, BED].row)]
    row.start = now if now > 0 or row.request >= 0 else BEFORE
    row.dest = w.pool_district[pool]
    row.first += (pool + 1) << POOL_AT
    w.used[pool] += 1
    if person.bed_pool >= 0:
        give_up_place(w, i, now)
    person.bed_pool = pool
    set_state(w, i, BED, SERVED)
    note(w, now, PLACED, i, BED, pool, person.rank, 1)
    end = row.want_end
    if row.request < now:
        # Who had to wait stays as long as they wanted, but later.
        end = end_of(w, w.stages[natural(person.stage)], person.death_left, now)
    push(w, end, w.rules.leaves, i, 0)


@inlined
def end_of(w: NetworkWorld, stage: Record, stay: float, now: int) -> int:
    """Return when a stay at a stage, of so many seconds, would end if it began now."""
    end = later(now, stay)
    if stage.in_working_time == 1 and end > now:
        end = moment_of(w, working_seconds(w, now) + end - now, now)
    return int(end)


@inlined
def end_stay(w: NetworkWorld, i: int, now: int) -> None:
    """Free the place for the next in line, then go on to the next stage or leave for good."""
    i = natural(i)
    person = w.people[i]
    if w.stages[natural(person.stage)].blocks == 1:
        stage = next_stage(w, i)
        if stage >= 0:
            w.kept[i] = w.lanes[i, BED].row
            person.stage = stage
            enter_stage(w, i, now)
            settle(w, now)
            return
    pool = natural(person.bed_pool)
    w.used[pool] -= 1
    person.bed_pool = -1
    close(w, i, now, DONE)
    serve_list(w, pool, now)
    if w.state.n_dirty > 0:
        settle(w, now)
    stage = next_stage(w, i)
    if stage < 0:
        leave(w, i, now, DONE)
        return
    person.stage = stage
    enter_stage(w, i, now)


@kernel
def give_up_place(w: NetworkWorld, i: int, now: int) -> None:
    """Free a place that was kept after the end of a stay; who waits for it comes next (`settle`)."""
    i = natural(i)
    person = w.people[i]
    w.used[natural(person.bed_pool)] -= 1
    row = w.ledger[natural(w.kept[i])]
    row.end = now
    row.outcome = DONE
    note(w, now, ENDED, i, BED, NOBODY, DONE, 1)
    w.kept[i] = -1
    mark_dirty(w, person.bed_pool)
    person.bed_pool = -1


@kernel
def settle(w: NetworkWorld, now: int) -> None:
    """Offer places that were kept and are free now, the last one first, to whoever waits for them."""
    while w.state.n_dirty > 0:
        w.state.n_dirty -= 1
        pool = w.dirty[w.state.n_dirty]
        w.is_dirty[pool] = 0
        serve_list(w, int(pool), now)


@kernel
def next_stage(w: NetworkWorld, i: int) -> int:
    """Return the stage to which a guest goes on, or -1; only where there is a choice is one drawn."""
    person = w.people[natural(i)]
    u, here = -1.0, natural(person.stage)
    for stage in range(w.routes.shape[1]):
        share = w.routes[here, stage]
        if share >= 1.0:
            return stage
        if share > 0.0:
            if u < 0.0:
                u = uniform(person.key, ROUTE, person.life_count)
            if u < share:
                return stage
    return -1


@kernel
def stop_asking(w: NetworkWorld, i: int, now: int, outcome: int) -> None:
    """End a request that was not met: the guest is gone, or comes to another stage."""
    i = natural(i)
    leave_lists(w, i)
    row = w.ledger[natural(w.lanes[i, BED].row)]
    close(w, i, now, outcome)
    person = w.people[i]
    if person.bed_pool >= 0:
        give_up_place(w, i, now)
        settle(w, now)
    stage = w.stages[natural(person.stage)]
    to, law, share = stage.left_to, stage.left_after, stage.left_share
    if outcome == REFUSED:
        to, law, share = stage.refused_to, stage.refused_after, stage.refused_share
    if to < 0 or uniform(person.key, ROUTE, person.life_count) >= share:
        leave(w, i, now, outcome)
        return
    again = now
    if law >= 0:
        again = later(now, drawn(w, w.laws[natural(law)], person, DELAY))
    # What they wanted they will ask for again, or something else instead.
    row.want_end = min(row.want_end, now)
    person.stage = to
    # As an event of its own, also at once: who is refused there too does not go round here.
    push(w, again, w.rules.comes, i, AGAIN)


@kernel
def leave(w: NetworkWorld, i: int, now: int, outcome: int) -> None:
    """Leave for good."""
    w.people[natural(i)].alive = 0
    note(w, now, GONE, i, NOBODY, NOBODY, outcome, 0)


@kernel
def close(w: NetworkWorld, i: int, now: int, outcome: int) -> None:
    """End the ledger row; what was wanted stays as drawn, met or not."""
    i = natural(i)
    row = w.ledger[natural(w.lanes[i, BED].row)]
    row.end = now
    row.outcome = outcome
    note(w, now, ENDED, i, BED, NOBODY, outcome, 1)
    w.lanes[i, BED].row = -1
    set_state(w, i, BED, IDLE)


@kernel
def serve_list(w: NetworkWorld, pool: int, now: int) -> None:
    """Seat people while there is a place: by class, then first come first served."""
    pool = natural(pool)
    while w.used[pool] < w.capacity[pool]:
        k = first_waiting(w, pool)
        if k < 0:
            return
        seat(w, int(w.nodes[k].person), pool, now)


@kernel
def take_turns(w: NetworkWorld, now: int) -> None:
    """Change the places that pools give from this second on, then seat whoever waits for them."""
    first = w.rules.turn
    last = first
    while last < w.turns.size and w.turns[last].time <= now:
        turn = w.turns[last]
        w.capacity[turn.pool] = turn.capacity
        last += 1
    w.rules.turn = last
    for k in range(last - 1, first - 1, -1):
        serve_list(w, int(w.turns[k].pool), now)
    settle(w, now)
    await_turn(w)
    w.state.handled -= 1  # no event of a person


@kernel
def await_turn(w: NetworkWorld) -> None:
    """Schedule the next turn, before all else of its second."""
    if w.rules.turn < w.turns.size:
        push(w, int(w.turns[w.rules.turn].time), TURN_EVENT, 0, 0)
