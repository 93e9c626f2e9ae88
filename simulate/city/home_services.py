"""Give care at home: home care by the hour, day care, family beds.

A service has one pool a district and one queue: `ask_service` puts a person in it, `fill_pool` serves it.
"""

from params.axes import DAY_CARE, FAMILY_BED, HOME_CARE
from simulate.city.pools import pool_index
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.log import NOBODY, REQUESTED, RESIZED, note
from simulate.engine.queues import (
    close_row,
    enqueue,
    first_waiting,
    follow_row,
    leave_queues,
    mark_dirty,
    mark_lists,
    open_row,
    serve,
    set_state,
    state_of,
)
from simulate.engine.records import (
    ASKS_DAY_CARE,
    ASKS_FAMILY_BED,
    BED,
    CHANGED,
    DAYCARE,
    FAMILYBED,
    HOME,
    IDLE,
    SERVED,
    WAITING,
)


@kernel
def choose_services(w: CityWorld, i: int, now: int) -> None:
    """Ask for, change or end insured care at home."""
    person = w.people[i]
    bed = state_of(w, i, BED)
    if bed == SERVED or (bed == WAITING and w.rules.interim_home_care == 0):
        return
    if (
        person.assessed >= 4
        and state_of(w, i, FAMILYBED) == IDLE
        and person.traits & ASKS_FAMILY_BED
    ):
        ask_service(w, i, FAMILYBED, FAMILY_BED, 1, now)
    if state_of(w, i, DAYCARE) == IDLE and person.traits & ASKS_DAY_CARE:
        ask_service(w, i, DAYCARE, DAY_CARE, 1, now)
    if state_of(w, i, FAMILYBED) != SERVED:
        choose_home_care(w, i, now)


@kernel
def choose_home_care(w: CityWorld, i: int, now: int) -> None:
    """Ask for home care at the assessed level, or change its hours."""
    person = w.people[i]
    size = w.home_size[person.assessed - 2]
    state = state_of(w, i, HOME)
    held = person.home_level
    person.home_level = person.assessed
    if state == IDLE:
        ask_service(w, i, HOME, HOME_CARE, size, now)
        return
    # Most results change nothing, and then the row, long out of cache, need not be looked at.
    if size == w.home_size[held - 2]:
        return
    row = w.ledger[w.lanes[i, HOME].row]
    if state == WAITING:
        row.size = size
        row.level = person.assessed
        note(w, now, RESIZED, i, HOME, NOBODY, row.level, size)
        mark_lists(w, i, HOME)
        return
    pool = pool_index(person.district, HOME_CARE, 0)
    w.used[pool] += size - row.size
    follow_row(w, i, HOME, size, now)
    mark_dirty(w, pool)


@kernel
def ask_service(w: CityWorld, i: int, lane: int, resource: int, size: int, now: int) -> None:
    """Open a request for a service of the own district and try to meet it at once."""
    person = w.people[i]
    rank = 0 if person.assessed >= w.rules.urgent_level else 1
    open_row(w, i, lane, resource, size, rank, now)
    set_state(w, i, lane, WAITING)
    pool = pool_index(person.district, resource, 0)
    note(w, now, REQUESTED, i, lane, pool, rank, size)
    enqueue(w, i, lane, pool, rank)
    fill_pool(w, pool, now)


@kernel
def fill_pool(w: CityWorld, pool: int, now: int) -> None:
    """Serve a service's queue while the next one fits: by class, then first come first served."""
    while True:
        k = first_waiting(w, pool)
        if k < 0:
            return
        i, lane = int(w.nodes[k].person), int(w.nodes[k].lane)
        size = w.ledger[w.lanes[i, lane].row].size
        if w.used[pool] + size > w.capacity[pool]:
            return
        serve(w, i, lane, pool, now)
        if lane == FAMILYBED:
            end_service(w, i, HOME, HOME_CARE, now, CHANGED)


@kernel
def end_service(w: CityWorld, i: int, lane: int, resource: int, now: int, outcome: int) -> None:
    """End care at home, whether served or waited for."""
    state = state_of(w, i, lane)
    if state == IDLE:
        return
    if state == WAITING:
        leave_queues(w, i, lane)
    else:
        pool = pool_index(w.people[i].district, resource, 0)
        w.used[pool] -= w.ledger[w.lanes[i, lane].row].size
        mark_dirty(w, pool)
    close_row(w, i, lane, now, outcome)
    set_state(w, i, lane, IDLE)
