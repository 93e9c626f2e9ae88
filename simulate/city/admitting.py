"""Keep to the rules of admission: who may enter a kind of bed, and what becomes of who no longer may.

A rule is met by the level that a person is known to hold, living alone and hardship. Who waits in vain leaves
the list and asks for another kind of bed that they may have; where there is none they stay at home.
"""

from simulate.city.admissions import ADMITTED, REFUSED
from simulate.city.pools import pool_index
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.log import REQUESTED, note
from simulate.engine.queues import (
    close_row,
    follow_row,
    leave_queues,
    open_row,
    set_state,
    state_of,
)
from simulate.engine.records import (
    BED,
    CHANGED,
    IDLE,
    NEVER,
    SERVED,
    TURNED_AWAY,
    UPGRADE,
    WAITING,
)
from simulate.engine.streams import HARDSHIP, uniform


@kernel
def is_admitted(w: CityWorld, i: int, resource: int) -> bool:
    """Say whether a person may ask for a kind of bed by the rules of the day, and can pay for it."""
    return w.rules.has_admissions == 0 or standing(w, i, resource) == ADMITTED


@kernel
def may_take(w: CityWorld, i: int, resource: int) -> bool:
    """Say whether a person may live in a kind of bed that nobody waits for, be it on loan."""
    return w.rules.has_admissions == 0 or standing(w, i, resource) != REFUSED


@kernel
def standing(w: CityWorld, i: int, resource: int) -> int:
    """Return what a person is to a kind of bed, see `simulate.city.admissions`."""
    person = w.people[natural(i)]
    # The rank of their income: the poorest are in hardship.
    rank = uniform(person.key, HARDSHIP, 0)
    if rank < w.least_rank[natural(resource)]:
        return REFUSED
    hard = int(rank < w.rules.hardship_share)
    level, alone = natural(person.assessed), natural(person.alone)
    return int(w.admits[natural(resource), level, alone, natural(hard)])


@kernel
def waits_in_vain(w: CityWorld, i: int, lane: int) -> bool:
    """Say whether a person waits for a bed that they may not enter."""
    if w.rules.has_admissions == 0 or state_of(w, i, lane) != WAITING:
        return False
    return not is_admitted(w, i, int(w.ledger[w.lanes[i, lane].row].resource))


@kernel
def turn_away(w: CityWorld, i: int, now: int) -> None:
    """End the request of somebody for whom there is no kind of bed that they may enter."""
    close_row(w, i, BED, now, CHANGED)
    set_state(w, i, BED, IDLE)
    w.people[i].traits |= TURNED_AWAY


@kernel
def drop_transfer(w: CityWorld, i: int, now: int) -> None:
    """End a transfer, or the wait for a special bed, that is not allowed; the bed before counts again."""
    if not waits_in_vain(w, i, UPGRADE):
        return
    leave_queues(w, i, UPGRADE)
    close_row(w, i, UPGRADE, now, CHANGED)
    set_state(w, i, UPGRADE, IDLE)
    state = state_of(w, i, BED)
    if state == SERVED:
        row = w.ledger[w.lanes[i, BED].row]
        if row.follows == 0 or row.request != now:
            follow_row(w, i, BED, 1, now)
        row = w.ledger[w.lanes[i, BED].row]
        row.want_end = NEVER
        row.makeshift = 0
    elif state == WAITING:
        # They keep their place; figures of times past do not change, so this is a request of its own.
        old = w.ledger[w.lanes[i, BED].row]
        resource, rank = old.resource, old.rank
        close_row(w, i, BED, now, CHANGED)
        open_row(w, i, BED, resource, 1, rank, now)
        pool = pool_index(w, w.people[i].district, resource, 0)
        note(w, now, REQUESTED, i, BED, pool, rank, 1)
