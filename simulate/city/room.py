"""Say whether a district has room for who waits for a bed: a free one, and staff time for them."""

from simulate.city.pools import district_of, resource_of
from simulate.city.wishes import staff_of
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.records import N_CLASS


@kernel
def has_room(w: CityWorld, own: int) -> bool:
    """Say whether a district has a bed of a kind free, of its own or for the whole city, and takes people in.

    Beds given over to the whole city may still hold residents who came as locals: the two pools of a
    district and kind of bed share their walls, so both together must have room for either to have some.
    """
    own, shared = natural(own), natural(own + 1)
    if w.shut[own] == 1:
        return False
    return w.used[own] + w.used[shared] < w.capacity[own] + w.capacity[shared]


@kernel
def has_staff(w: CityWorld, k: int) -> bool:
    """Say whether a district's staff can care for who waits in it; who moves inside frees their hours."""
    pool = int(w.nodes[k].pool)
    if w.resources[resource_of(w, pool)].staffed == 0:
        return True
    district = district_of(w, pool)
    more = staff_added(w, int(w.nodes[k].person), pool)
    return w.staff_used[district] + more <= w.staff_limit[district]


@kernel
def staff_added(w: CityWorld, i: int, pool: int) -> int:
    """Return the staff time that a person adds to a district's; who moves inside it frees their own."""
    person = w.people[i]
    more = staff_of(w, i, resource_of(w, pool))
    if person.bed_pool >= 0 and district_of(w, person.bed_pool) == district_of(w, pool):
        more -= person.staff
    return int(more)


@kernel
def first_who_fits(w: CityWorld, pool: int) -> int:
    """Return the node of the best class whose first person the staff can care for, or -1."""
    queue = w.queue[resource_of(w, pool)]
    for rank in range(N_CLASS):
        k = w.head[pool, rank]
        if k >= 0 and w.is_closed[queue, rank] == 0 and has_staff(w, k):
            return k
    return -1
