"""Give care at home: home care by the hour, and places such as day care and family beds.

A service has one pool a district and one queue: `ask_service` puts a person in it, `fill_pool` serves it.
"""

from params.axes import HOME_CARE
from simulate.city.classes import class_in, next_waiting
from simulate.city.pools import pool_index, resource_of
from simulate.city.wishes import asks_service
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.log import NOBODY, REQUESTED, RESIZED, note
from simulate.engine.queues import (
    close_row,
    enqueue,
    follow_row,
    leave_queues,
    mark_dirty,
    mark_lists,
    open_row,
    resize_waiting,
    serve,
    set_state,
    state_of,
)
from simulate.engine.records import (
    BED,
    CHANGED,
    HOURS,
    IDLE,
    IN_HOSPITAL,
    NOT_COVERED,
    SERVED,
    WAITING,
)
from simulate.engine.world import UNLIMITED


@kernel
def choose_services(w: CityWorld, i: int, now: int) -> None:
    """Ask for, change or end insured care at home."""
    person = w.people[i]
    bed = state_of(w, i, BED)
    if person.traits & NOT_COVERED:
        end_services(w, i, now, CHANGED)
        return
    if bed == SERVED or (bed == WAITING and w.rules.interim_home_care == 0):
        return
    if person.traits & IN_HOSPITAL:
        return
    # Most results change nothing: who chose at this level and lost nothing since would ask for nothing.
    before = person.chosen_level
    if person.assessed == before and w.rules.fixed_hours == 1:
        return
    # Set first: what ends while they choose lets them choose anew next time.
    person.chosen_level = person.assessed
    is_replaced = False
    for k in range(w.rules.first_bed - 1, HOME_CARE, -1):
        service = w.resources[natural(k)]
        lane = service.lane
        if state_of(w, i, lane) == IDLE and asks_service(w, i, k):
            ask_service(w, i, k, 1, now)
        if service.replaces == HOME_CARE and state_of(w, i, lane) == SERVED:
            is_replaced = True
    if not is_replaced:
        choose_home_care(w, i, before, now)


@kernel
def choose_home_care(w: CityWorld, i: int, before: int, now: int) -> None:
    """Ask for home care at the assessed level, or change its hours.

    Parameters
    ----------
    before : the level at which they last chose care at home; 0 where only their row tells the hours.
    """
    person = w.people[i]
    size = w.hours_size[person.assessed - 2]
    state = state_of(w, i, HOURS)
    if state == IDLE:
        if asks_service(w, i, HOME_CARE):
            ask_service(w, i, HOME_CARE, size, now)
        return
    # Where the hours stay the same, the row, long out of cache, need not be looked at.
    if w.rules.fixed_hours == 1 and before > 0 and size == w.hours_size[before - 2]:
        return
    if size != w.ledger[w.lanes[i, HOURS].row].size:
        change_hours(w, i, size, now)


@kernel
def change_hours(w: CityWorld, i: int, size: int, now: int) -> None:
    """Change the hours that a person has or waits for; a rise beyond the ceiling has to wait."""
    person = w.people[i]
    held = w.ledger[w.lanes[i, HOURS].row].size
    if state_of(w, i, HOURS) == WAITING:
        resize_waiting(w, i, HOURS, size, now)
        note(w, now, RESIZED, i, HOURS, NOBODY, person.assessed, size)
        mark_lists(w, i, HOURS)
        return
    if size > held and not is_below_ceiling(w, size - held):
        return
    pool = pool_index(w, person.district, HOME_CARE, 0)
    w.used[pool] += size - held
    follow_row(w, i, HOURS, size, now)
    mark_dirty(w, pool)


@kernel
def ask_service(w: CityWorld, i: int, resource: int, size: int, now: int) -> None:
    """Open a request for a service of the own district and try to meet it at once."""
    person = w.people[i]
    lane = w.resources[resource].lane
    rank = class_in(w, i, resource, 1, 0)
    open_row(w, i, lane, resource, size, rank, now)
    set_state(w, i, lane, WAITING)
    pool = pool_index(w, person.district, resource, 0)
    note(w, now, REQUESTED, i, lane, pool, rank, size)
    enqueue(w, i, lane, pool, rank)
    fill_pool(w, pool, now)


@kernel
def is_below_ceiling(w: CityWorld, more: int) -> bool:
    """Say whether so many more hours, hundredths a week, keep the city below what is given at most."""
    if w.tally.most_hours >= UNLIMITED:
        return True
    return hours_given(w) + more <= w.tally.most_hours


@kernel
def hours_given(w: CityWorld) -> int:
    """Return the hours of home care that the city gives now, hundredths a week."""
    total = 0
    for d in range(w.zone.size):
        total += w.used[pool_index(w, d, HOME_CARE, 0)]
    return total


@kernel
def fill_hours(w: CityWorld, now: int) -> None:
    """Serve the queues of home care of all districts together, below the ceiling that they share.

    Of those whom their district's workers can serve, the best class comes first, then the longest wait; where
    the ceiling leaves no room for that person, nobody behind them is tried.
    """
    while True:
        best = -1
        for d in range(w.zone.size):
            pool = pool_index(w, d, HOME_CARE, 0)
            k = next_waiting(w, pool)
            if k < 0 or w.shut[pool] == 1 or w.used[pool] + size_of(w, k) > w.capacity[pool]:
                continue
            if best < 0 or comes_before(w, k, best):
                best = k
        if best < 0 or not is_below_ceiling(w, size_of(w, best)):
            return
        serve(w, int(w.nodes[best].person), HOURS, int(w.nodes[best].pool), now)


@kernel
def size_of(w: CityWorld, k: int) -> int:
    """Return the hours that somebody in a queue of home care waits for."""
    return int(w.ledger[w.lanes[w.nodes[k].person, HOURS].row].size)


@kernel
def comes_before(w: CityWorld, k: int, other: int) -> bool:
    """Say whether one who waits for hours comes before another, from wherever in the city."""
    if w.nodes[k].rank != w.nodes[other].rank:
        return bool(w.nodes[k].rank < w.nodes[other].rank)
    one, two = asked_at(w, k), asked_at(w, other)
    return one < two or (one == two and w.nodes[k].person < w.nodes[other].person)


@kernel
def asked_at(w: CityWorld, k: int) -> int:
    """Return when somebody in a queue asked, whatever the size of their request has been since."""
    row = w.ledger[w.lanes[w.nodes[k].person, w.nodes[k].lane].row]
    return int(w.ledger[row.first].request)


@kernel
def fill_pool(w: CityWorld, pool: int, now: int) -> None:
    """Serve a service's queue while the next one fits: by class, then first come first served."""
    if w.shut[pool] == 1:
        return
    if w.tally.most_hours < UNLIMITED and resource_of(w, pool) == HOME_CARE:
        fill_hours(w, now)
        return
    while True:
        k = next_waiting(w, pool)
        if k < 0:
            return
        i, lane = int(w.nodes[k].person), int(w.nodes[k].lane)
        size = w.ledger[w.lanes[i, lane].row].size
        if w.used[pool] + size > w.capacity[pool]:
            return
        serve(w, i, lane, pool, now)
        replaced = w.resources[resource_of(w, pool)].replaces
        if replaced >= 0:
            end_service(w, i, replaced, now, CHANGED)


@kernel
def end_service(w: CityWorld, i: int, resource: int, now: int, outcome: int) -> None:
    """End a service at home, whether served or waited for."""
    lane = w.resources[natural(resource)].lane
    state = state_of(w, i, lane)
    if state == IDLE:
        return
    if state == WAITING:
        leave_queues(w, i, lane)
    else:
        pool = pool_index(w, w.people[i].district, resource, 0)
        w.used[pool] -= w.ledger[w.lanes[i, lane].row].size
        mark_dirty(w, pool)
    close_row(w, i, lane, now, outcome)
    set_state(w, i, lane, IDLE)
    w.people[i].chosen_level = 0


@kernel
def end_services(w: CityWorld, i: int, now: int, outcome: int) -> None:
    """End all care at home."""
    for resource in range(HOME_CARE, w.rules.first_bed):
        end_service(w, i, resource, now, outcome)
