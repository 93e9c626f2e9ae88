"""Find who may take a bed that nobody waits for, because they wait for another kind; be it on loan."""

from simulate.city.admitting import may_take
from simulate.city.classes import next_waiting
from simulate.city.pools import pool_index, resource_of
from simulate.city.room import first_who_fits, has_room, has_staff
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.log import NOBODY
from simulate.engine.records import N_CLASS, N_KIND


@kernel
def spare_bed(w: CityWorld, district: int, staffed: int) -> tuple[int, int]:
    """Return who waits for a kind of bed and may take another that nobody waits for, and its pool, or -1.

    It is looked for when no bed is free that anybody waits for (or whom the staff can care for).
    """
    for resource in range(w.rules.n_resource - 1, w.rules.first_bed - 1, -1):
        own = natural(pool_index(w, district, resource, 0))
        row = w.resources[natural(resource)]
        takes_others = row.takes >= 0 or row.basic >= 0 or row.borrower >= 0
        if not takes_others or row.staffed != staffed or not has_room(w, own):
            continue
        for kind in range(N_KIND):
            pool = own + kind
            if w.used[pool] >= w.capacity[pool] or next_waiting(w, pool) >= 0:
                continue
            k = first_to_take(w, district, resource, int(row.takes), kind)
            if k < 0:
                k = first_to_take(w, district, resource, int(row.basic), kind)
            if k < 0 and row.borrower >= 0 and is_to_lend(w, own):
                k = first_to_take(w, district, resource, int(row.borrower), kind)
            if k >= 0:
                return k, int(pool)
    return NOBODY, NOBODY


@kernel
def first_to_take(w: CityWorld, district: int, resource: int, waited_for: int, kind: int) -> int:
    """Return the node of who waits for a kind of bed and may take a free one of another kind, or -1."""
    if waited_for < 0:
        return -1
    other = pool_index(w, district, waited_for, kind)
    if w.rules.has_admissions == 1:
        return first_admitted(w, other, resource)
    if w.rules.who_fits == 1:
        return first_who_fits(w, other)
    return next_waiting(w, other)


@kernel
def first_admitted(w: CityWorld, pool: int, resource: int) -> int:
    """Return the node of the best class whose first person may take another kind of bed, or -1."""
    queue = w.queue[resource_of(w, pool)]
    for rank in range(N_CLASS):
        k = w.head[pool, rank]
        if k < 0 or w.is_closed[queue, rank] == 1:
            continue
        if w.rules.who_fits == 1 and not has_staff(w, k):
            continue
        if may_take(w, int(w.nodes[k].person), resource):
            return int(k)
    return -1


@kernel
def is_to_lend(w: CityWorld, own: int) -> bool:
    """Say whether so many of a district's 保基本 beds of a kind are free that one may be lent."""
    own = natural(own)
    there = w.capacity[own] + w.capacity[own + 1]
    free = there - w.used[own] - w.used[own + 1]
    return bool(free - 1 >= w.rules.keep_free * there)


@kernel
def borrows(w: CityWorld, pool: int) -> bool:
    """Say whether who waits in a pool may be lent a bed of another."""
    resource = resource_of(w, pool)
    lender = w.resources[natural(resource)].lender
    return lender >= 0 and w.capacity[natural(pool + (lender - resource) * N_KIND)] > 0
