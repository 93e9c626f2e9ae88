"""Make residents and waiting lists those that a scenario gives, at the end of its 31 December.

All is done in the last second of the day, so that nothing of it is a request, a placement or a departure of
the years after; nobody else is taken in meanwhile. `begin_as_given` says in which order.
"""

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, HOME_CARE, IntArray
from params.tables.resources import IN_HOSPITAL as HOSPITAL_SHARE
from params.tables.resources import LAST_MONTHS, WITH_DEMENTIA
from simulate.city.care import choose, give_up, leave_for_good
from simulate.city.given import RESIDENTS, WAITING_LISTS
from simulate.city.home_services import ask_service, end_service
from simulate.city.institutions import move_in
from simulate.city.pools import district_of, pool_index, resource_of
from simulate.city.wishes import NOTHING, best_bed, reluctance
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.queues import close_row, leave_queues, mark_dirty, serve, set_state, state_of
from simulate.engine.records import (
    BED,
    CHANGED,
    IDLE,
    IN_HOSPITAL,
    IN_LAST_MONTHS,
    INSURED_PERSON,
    N_CLASS,
    N_KIND,
    NOT_COVERED,
    ON_WARD,
    SELF_CARING,
    SERVED,
    UPGRADE,
    WAITING,
    WANTS_BED,
    WITHDRAWN,
    WITHDREW,
)
from simulate.engine.streams import LEAVE_AT_START, WANT, uniform


@kernel
def begin_as_given(w: CityWorld, now: int) -> None:
    """Let people leave, move in, withdraw and ask until residents and waiting lists are those given."""
    shut = w.shut.copy()
    # Nobody takes the place of who leaves before all is as given.
    w.shut[:] = 1
    first_bed, n_resource, n_district = w.rules.first_bed, w.rules.n_resource, w.zone.size
    w.start_counts[0] = counts_of(w)
    found = w.start_counts[0].copy()
    for d in range(n_district):
        for k in range(first_bed, n_resource):
            given = w.given[RESIDENTS, d, k]
            if 0 <= given < found[RESIDENTS, d, k]:
                let_leave(w, d, k, found[RESIDENTS, d, k] - given, now)
    for d in range(n_district):
        for k in range(first_bed, n_resource):
            lacking = w.given[RESIDENTS, d, k] - found[RESIDENTS, d, k]
            if lacking > 0:
                let_move_in(w, d, k, lacking, now)
    # Beds first: who stands in line for one may have or lose care at home by it.
    shorten_and_lengthen(w, first_bed, n_resource, now)
    shorten_and_lengthen(w, HOME_CARE, first_bed, now)
    w.start_counts[1] = counts_of(w)
    w.shut[:] = shut
    for pool in range(w.capacity.size):
        if resource_of(w, pool) > ASSESSMENT:
            mark_dirty(w, pool)


@kernel
def counts_of(w: CityWorld) -> IntArray:
    """Count residents by the district of the bed and people in line by their own, (2, district, resource)."""
    found = np.zeros(w.given.shape, np.int64)
    for i in range(w.people.size):
        person = w.people[i]
        if person.alive == 0:
            continue
        if person.bed_pool >= 0:
            pool = person.bed_pool
            found[RESIDENTS, district_of(w, pool), resource_of(w, pool)] += 1
        resource = line_of(w, i)
        if resource >= 0:
            found[WAITING_LISTS, person.district, resource] += 1
        for k in range(HOME_CARE, w.rules.first_bed):
            if state_of(w, i, w.resources[natural(k)].lane) == WAITING:
                found[WAITING_LISTS, person.district, k] += 1
    return found


@kernel
def line_of(w: CityWorld, i: int) -> int:
    """Return the kind of bed for which somebody without a bed is in line, the better of two, or -1."""
    if w.people[i].bed_pool >= 0:
        return NOTHING
    if state_of(w, i, UPGRADE) == WAITING:
        return int(w.ledger[w.lanes[i, UPGRADE].row].resource)
    if state_of(w, i, BED) == WAITING:
        return int(w.ledger[w.lanes[i, BED].row].resource)
    return NOTHING


# --- residents -------------------------------------------------------------------------------------


@kernel
def let_leave(w: CityWorld, d: int, k: int, many: int, now: int) -> None:
    """Let some residents of a district's beds of a kind leave institutions for good."""
    order = np.full(w.people.size, np.inf)
    for i in range(w.people.size):
        pool = w.people[i].bed_pool
        if pool >= 0 and resource_of(w, pool) == k and district_of(w, pool) == d:
            order[i] = uniform(w.people[i].key, LEAVE_AT_START, 0)
    for i in first_of(order)[:many]:
        leave_for_good(w, i, now)


@kernel
def let_move_in(w: CityWorld, d: int, k: int, many: int, now: int) -> None:
    """Let people move into a district's free beds of a kind: from the line, then from home."""
    for kind in range(N_KIND):
        pool = natural(pool_index(w, d, k, kind))
        for rank in range(N_CLASS):
            node = w.head[pool, rank]
            while node >= 0 and many > 0 and has_bed(w, d, k, kind):
                i, lane = int(w.nodes[node].person), int(w.nodes[node].lane)
                node = w.nodes[node].next
                if w.people[i].bed_pool < 0:
                    serve(w, i, lane, pool, now)
                    move_in(w, i, lane, pool, now)
                    many -= 1
    if many == 0:
        return
    for i in first_of(wishes_for(w, d, k, now)):
        kind = 0 if has_bed(w, d, k, 0) else 1
        if many == 0 or not has_bed(w, d, k, kind):
            return
        ask_now(w, i, now)
        if line_of(w, i) == k:
            lane = UPGRADE if state_of(w, i, UPGRADE) == WAITING else BED
            pool = pool_index(w, d, k, kind)
            serve(w, i, lane, pool, now)
            move_in(w, i, lane, pool, now)
            many -= 1


@kernel
def has_bed(w: CityWorld, d: int, k: int, kind: int) -> bool:
    """Say whether a pool of beds, and the two of its district and kind together, have a free one."""
    own = natural(pool_index(w, d, k, 0))
    shared = natural(own + 1)
    pool = natural(own + kind)
    if w.used[pool] >= w.capacity[pool]:
        return False
    return w.used[own] + w.used[shared] < w.capacity[own] + w.capacity[shared]


@kernel
def wishes_for(w: CityWorld, d: int, k: int, now: int) -> NDArray[np.float64]:
    """Return how far everybody is from wanting a kind of bed who lives in a district, has and awaits no bed.

    Infinite for all others, and for those who would ask for another kind. Shape (person,).
    """
    order = np.full(w.people.size, np.inf)
    special = w.resources[natural(k)].special
    for i in range(w.people.size):
        person = w.people[i]
        if person.district != d or person.alive == 0 or person.left_institutions == 1:
            continue
        if person.traits & IN_HOSPITAL or person.hospital == ON_WARD or person.bed_pool >= 0:
            continue
        bed = state_of(w, i, BED)
        if (bed != IDLE and bed != WITHDRAWN) or state_of(w, i, UPGRADE) != IDLE:
            continue
        # Who has not come forward yet is not known to anybody.
        if person.assessed < 2 and (person.kind != SELF_CARING or person.apply > now):
            continue
        best = best_bed(w, i, 1, True)
        if special == 0 and best < 0:
            best = best_bed(w, i, 0, True)
        if best != k:
            continue
        if person.kind == SELF_CARING:
            order[i] = uniform(person.key, WANT, 0) - 1.0
        else:
            order[i] = reluctance(w, i, now)
    return order


@kernel
def first_of(order: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the people of finite order, lowest first; of equals who comes first among all people."""
    some = np.flatnonzero(np.isfinite(order))
    return some[np.argsort(order[some], kind="mergesort")]


@kernel
def ask_now(w: CityWorld, i: int, now: int) -> None:
    """Let somebody want an institution from now on, and ask for a bed."""
    w.people[i].traits |= WANTS_BED
    if state_of(w, i, BED) == WITHDRAWN:
        close_row(w, i, BED, now, CHANGED)
        set_state(w, i, BED, IDLE)
    choose(w, i, now)


# --- waiting lists -----------------------------------------------------------------------------------


@kernel
def shorten_and_lengthen(w: CityWorld, first: int, end: int, now: int) -> None:
    """Make waiting lists of some resources those that are given: all that are too long, then the others."""
    found = counts_of(w)
    for d in range(w.zone.size):
        for k in range(first, end):
            given = w.given[WAITING_LISTS, d, k]
            if 0 <= given < found[WAITING_LISTS, d, k]:
                let_withdraw(w, d, k, found[WAITING_LISTS, d, k] - given, now)
    found = counts_of(w)
    for d in range(w.zone.size):
        for k in range(first, end):
            lacking = w.given[WAITING_LISTS, d, k] - found[WAITING_LISTS, d, k]
            if lacking > 0:
                let_ask(w, d, k, lacking, now)


@kernel
def let_withdraw(w: CityWorld, d: int, k: int, many: int, now: int) -> None:
    """Let those who come last on a district's list give up, of beds those of its people who have none."""
    pool = natural(pool_index(w, d, k, 0))
    for rank in range(N_CLASS - 1, -1, -1):
        node = w.tail[pool, rank]
        while node >= 0 and many > 0:
            i = int(w.nodes[node].person)
            node = w.nodes[node].prev
            if k < w.rules.first_bed:
                end_service(w, i, k, now, WITHDREW)
                many -= 1
            elif w.people[i].district == d and line_of(w, i) == k:
                withdraw(w, i, now)
                many -= 1


@kernel
def withdraw(w: CityWorld, i: int, now: int) -> None:
    """Let somebody without a bed give up waiting for any."""
    if state_of(w, i, UPGRADE) == WAITING:
        leave_queues(w, i, UPGRADE)
        close_row(w, i, UPGRADE, now, WITHDREW)
        set_state(w, i, UPGRADE, IDLE)
    if state_of(w, i, BED) == WAITING:
        give_up(w, i, now)


@kernel
def let_ask(w: CityWorld, d: int, k: int, many: int, now: int) -> None:
    """Let people at home ask who are nearest to it, for a kind of bed or a service."""
    if k >= w.rules.first_bed:
        for i in first_of(wishes_for(w, d, k, now))[:many]:
            ask_now(w, i, now)
        return
    for i in first_of(needs_of(w, d, k))[:many]:
        size = w.hours_size[w.people[i].assessed - 2] if k == HOME_CARE else 1
        ask_service(w, i, k, size, now)


@kernel
def needs_of(w: CityWorld, d: int, k: int) -> NDArray[np.float64]:
    """Return how far everybody is from asking for a service who could and has not; infinite for others."""
    order = np.full(w.people.size, np.inf)
    lane = w.resources[natural(k)].lane
    for i in range(w.people.size):
        person = w.people[i]
        if person.district != d or person.alive == 0 or person.kind != INSURED_PERSON:
            continue
        if person.assessed < 2 or person.traits & (IN_HOSPITAL | NOT_COVERED):
            continue
        bed = state_of(w, i, BED)
        if bed == SERVED or (bed == WAITING and w.rules.interim_home_care == 0):
            continue
        if person.hospital == ON_WARD or state_of(w, i, lane) != IDLE or is_replaced(w, i, k):
            continue
        for j in range(w.ask_begin[natural(k)], w.ask_begin[natural(k + 1)]):
            order[i] = min(order[i], excess(w, i, j))
    return order


@kernel
def is_replaced(w: CityWorld, i: int, k: int) -> bool:
    """Say whether somebody has another service in the place of one."""
    for other in range(HOME_CARE, w.rules.first_bed):
        service = w.resources[natural(other)]
        if service.replaces == k and state_of(w, i, service.lane) == SERVED:
            return True
    return False


@kernel
def excess(w: CityWorld, i: int, j: int) -> float:
    """Return by how much a person's uniform exceeds the chance of one reason to ask; infinite without any."""
    person, who = w.people[i], w.asks[natural(j)].who
    level = person.assessed
    if who == WITH_DEMENTIA and person.dementia == 0:
        return np.inf
    if who == HOSPITAL_SHARE:
        return np.inf
    if who == LAST_MONTHS:
        if person.traits & IN_LAST_MONTHS == 0:
            return np.inf
        level = person.level
    chance = w.ask_chance[natural(j), natural(level)]
    if chance <= 0.0:
        return np.inf
    return uniform(person.key, w.asks[natural(j)].luck, 0) - chance
