"""Give beds in institutions: queue for them, look in other districts, move in, move out.

`ask_bed` puts a person in the queues of their district, `widen` in those of others, `fill_beds` serves
all bed queues of a district together, `move_in` and `leave_bed` keep what is in use.
"""

import numpy as np

from simulate.city.admitting import is_admitted
from simulate.city.classes import class_in, next_waiting
from simulate.city.home_services import end_services
from simulate.city.pools import district_of, pool_index, resource_of
from simulate.city.room import first_who_fits, has_room, has_staff
from simulate.city.spare_beds import borrows, spare_bed
from simulate.city.wishes import staff_of
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.events import push
from simulate.engine.intrinsics import natural
from simulate.engine.log import LENT, LISTED, MAKESHIFT, NOBODY, REQUESTED, note
from simulate.engine.queues import (
    close_row,
    enqueue,
    follow_row,
    leave_queues,
    mark_dirty,
    open_row,
    serve,
    set_state,
    state_of,
)
from simulate.engine.records import (
    ADMISSION_EVENT,
    BED,
    CHANGED,
    DAY,
    EXIT_EVENT,
    IDLE,
    LENT_BED,
    N_CLASS,
    N_KIND,
    ON_WARD,
    OUTSIDE,
    PATIENCE_EVENT,
    SERVED,
    TRANSFERRED,
    UPGRADE,
    UPGRADE_PATIENCE_EVENT,
    WAITING,
    WITHDRAW_EVENT,
    YEAR,
)
from simulate.engine.streams import (
    ADMISSION,
    EXIT,
    LIST,
    PATIENCE,
    WITHDRAW,
    ZONE,
    exponential,
    uniform,
)

FIRST_YEAR = 12
"""Months from the release on over which beds are counted that are held for residents in hospital."""
LONGEST = 1e15
"""Seconds beyond any run that a whole number still holds: the rarest events have endless waits."""


@kernel
def ask_bed(w: CityWorld, i: int, lane: int, resource: int, district: int, now: int) -> None:
    """Open a request for a bed in a district and try to meet it at once.

    A request for a dementia bed takes over the want for a bed: what is held or waited for meanwhile
    is a makeshift that no longer counts as demand.
    """
    person = w.people[i]
    rank = class_in(w, i, resource, 1, 0)
    r = open_row(w, i, lane, resource, 1, rank, now)
    note(w, now, REQUESTED, i, lane, pool_index(w, district, resource, 0), rank, 1)
    if lane == UPGRADE:
        held = w.lanes[i, BED].row
        if held >= 0:
            w.ledger[held].want_end = min(w.ledger[held].want_end, now)
            note(w, now, MAKESHIFT, i, BED, NOBODY, 0, 0)
    elif state_of(w, i, UPGRADE) == WAITING:
        w.ledger[r].want_end = now
        w.ledger[r].makeshift = 1
        note(w, now, MAKESHIFT, i, BED, NOBODY, 0, 0)
    set_state(w, i, lane, WAITING)
    sequence = person.seq_bed if lane == BED else person.seq_upgrade
    sequence = (sequence + 1) % 30_000
    if lane == BED:
        person.seq_bed = sequence
    else:
        person.seq_upgrade = sequence
    for kind in range(2):
        pool = pool_index(w, district, resource, kind)
        enqueue(w, i, lane, pool, rank)
        fill_beds(w, district, now)
        if state_of(w, i, lane) != WAITING:
            return
    if person.settled == 1 and now < DAY:
        # The first day of the warm-up: those who will look elsewhere have done so long ago.
        widen(w, i, lane, now)
        if state_of(w, i, lane) != WAITING:
            return
    count = sequence * 2 + lane
    wait = exponential(person.key, PATIENCE, count) * w.rules.patience_seconds
    kind_of_event = PATIENCE_EVENT if lane == BED else UPGRADE_PATIENCE_EVENT
    push(w, now + 1 + int(min(wait, LONGEST)), kind_of_event, i, sequence)
    if lane == BED and w.rules.withdrawal > 0.0:
        wait = exponential(person.key, WITHDRAW, sequence) / w.rules.withdrawal * YEAR
        push(w, now + 1 + int(min(wait, LONGEST)), WITHDRAW_EVENT, i, sequence)


@kernel
def widen(w: CityWorld, i: int, lane: int, now: int) -> None:
    """Put a person on the lists of other districts, nearest in their own eyes first.

    The order is by distance with a personal taste (Gumbel), which makes the chance of coming first a
    logit in distance. Part of the people never leave their own zone.
    """
    person = w.people[i]
    resource = w.ledger[w.lanes[i, lane].row].resource
    origin = person.district
    if lane == UPGRADE and person.bed_pool >= 0:
        origin = district_of(w, person.bed_pool)
    stays = uniform(person.key, ZONE, 0) < w.rules.never_leave_zone
    n_district = w.zone.size
    score = np.empty(n_district)
    for j in range(n_district):
        score[j] = -np.inf
        if j == origin or (stays and w.zone[j] != w.zone[origin]):
            continue
        taste = -np.log(exponential(person.key, LIST, j))
        score[j] = taste - w.distance[origin, j] / w.rules.distance_scale_km
    rank, outside_rank = class_in(w, i, resource, 1, 0), class_in(w, i, resource, 0, 0)
    for _ in range(w.rules.list_length):
        j = 0
        for other in range(1, n_district):
            if score[other] > score[j]:
                j = other
        if score[j] == -np.inf:
            return
        score[j] = -np.inf
        for kind in range(2):
            pool = pool_index(w, j, resource, kind)
            if w.capacity[pool] == 0 and not borrows(w, pool):
                continue
            place_rank = outside_rank if kind == 0 else rank
            note(w, now, LISTED, i, lane, pool, place_rank, 1)
            enqueue(w, i, lane, pool, place_rank)
            fill_beds(w, j, now)
            if state_of(w, i, lane) != WAITING:
                return


@kernel
def fill_beds(w: CityWorld, district: int, now: int) -> None:
    """Serve the bed queues of a district together: its staff is one, whatever the kind of bed.

    Beds that need none of that staff come first, by themselves.
    """
    if w.rules.has_unstaffed == 1:
        fill_kinds(w, district, 0, now)
    fill_kinds(w, district, 1, now)


@kernel
def fill_kinds(w: CityWorld, district: int, staffed: int, now: int) -> None:
    """Serve the queues of the kinds of bed that share a district's staff, or of those that need none.

    Of the pools with a free bed, the one whose next person has the best class goes first; among
    equals the most special kind. It ends when no bed or no staff time is left for the person whose turn
    it is, or, by policy, for any class's first person.
    """
    while True:
        best = -1
        best_rank = N_CLASS
        for resource in range(w.rules.n_resource - 1, w.rules.first_bed - 1, -1):
            own = natural(pool_index(w, district, resource, 0))
            # Room first: mostly there is none, and then it does not matter who waits.
            if not has_room(w, own) or w.resources[natural(resource)].staffed != staffed:
                continue
            for kind in range(N_KIND):
                pool = natural(own + kind)
                if w.used[pool] >= w.capacity[pool]:
                    continue
                k = first_who_fits(w, pool) if w.rules.who_fits == 1 else next_waiting(w, pool)
                if k >= 0 and w.nodes[k].rank < best_rank:
                    best, best_rank = k, w.nodes[k].rank
        into = int(w.nodes[best].pool) if best >= 0 else NOBODY
        if best < 0 and w.rules.spare_beds == 1:
            best, into = spare_bed(w, district, staffed)
        if best < 0 or not has_staff(w, best):
            return
        i, lane, asked = int(w.nodes[best].person), int(w.nodes[best].lane), int(w.nodes[best].pool)
        serve(w, i, lane, into, now)
        move_in(w, i, lane, into, now)
        if into != asked:
            # They asked for another kind of bed, and have this one from now on: whoever may not ask for it on
            # loan, and still wants a bed of the other kind.
            follow_row(w, i, BED, 1, now)
            row = w.ledger[w.lanes[i, BED].row]
            row.resource = resource_of(w, into)
            if not is_admitted(w, i, int(row.resource)):
                row.reason = LENT_BED
                note(w, now, LENT, i, BED, into, 0, 1)


@kernel
def move_in(w: CityWorld, i: int, lane: int, pool: int, now: int) -> None:
    """Take a bed: leave the old one or its queue, end care at home, plan what may end the stay."""
    person = w.people[i]
    had_bed = person.bed_pool >= 0
    if lane == UPGRADE:
        if state_of(w, i, BED) == SERVED:
            leave_bed(w, i, now, TRANSFERRED)
        else:
            leave_queues(w, i, BED)
            close_row(w, i, BED, now, CHANGED)
        w.lanes[i, BED].row = w.lanes[i, UPGRADE].row
        w.lanes[i, UPGRADE].row = -1
        set_state(w, i, UPGRADE, IDLE)
        set_state(w, i, BED, SERVED)
    resource = resource_of(w, pool)
    person.bed_pool = pool
    person.staff = staff_of(w, i, resource)
    w.staff_used[district_of(w, pool)] += person.staff
    end_services(w, i, now, CHANGED)
    is_medical = w.resources[resource].medical == 1
    if not is_medical:
        plan_exit(w, i, now)
    if person.hospital == ON_WARD:
        # Their turn for a better bed came while they were in hospital: it is held for them instead.
        count_held(w, now, 1)
    else:
        person.hospital = OUTSIDE
    if not had_bed and not is_medical:
        plan_admission(w, i, now)


@kernel
def is_in_medical_bed(w: CityWorld, i: int) -> bool:
    """Say whether a person lives in a bed that nobody leaves for hospital or for other causes."""
    pool = w.people[i].bed_pool
    return pool >= 0 and w.resources[resource_of(w, pool)].medical == 1


@kernel
def plan_exit(w: CityWorld, i: int, now: int) -> None:
    """Draw once when a person would leave institutions for another reason than death or recovery."""
    person = w.people[i]
    if person.exit_set == 0 and w.rules.other_exit > 0.0:
        person.exit_set = 1
        stay = exponential(person.key, EXIT, 0) / w.rules.other_exit * YEAR
        push(w, now + 1 + int(min(stay, LONGEST)), EXIT_EVENT, i, 0)


@kernel
def plan_admission(w: CityWorld, i: int, now: int) -> None:
    """Draw when a resident next goes to hospital, should they still hold a bed then."""
    person = w.people[i]
    if w.rules.hospital_admissions <= 0.0:
        return
    person.stays = (person.stays + 1) % 30_000
    gap = exponential(person.key, ADMISSION, person.stays) / w.rules.hospital_admissions * YEAR
    push(w, now + 1 + int(min(gap, LONGEST)), ADMISSION_EVENT, i, person.stays)


@kernel
def count_held(w: CityWorld, now: int, change: int) -> None:
    """Keep the bed-seconds of the first reported year in which beds are held for residents in hospital."""
    time = min(max(now, w.span.release), w.month_start[FIRST_YEAR])
    w.tally.held_seconds += w.tally.held_now * (time - w.tally.held_since)
    w.tally.held_since = time
    w.tally.held_now += change


@kernel
def leave_bed(w: CityWorld, i: int, now: int, outcome: int) -> None:
    """Free a bed and its staff time."""
    person = w.people[i]
    district = district_of(w, person.bed_pool)
    w.used[person.bed_pool] -= 1
    w.staff_used[district] -= person.staff
    person.staff = 0
    person.bed_pool = -1
    if person.hospital == ON_WARD:
        count_held(w, now, -1)
    close_row(w, i, BED, now, outcome)
    mark_beds(w, district)


@kernel
def quit_institutions(w: CityWorld, i: int, now: int, outcome: int) -> None:
    """End every claim on an institution: the bed held, the one waited for, and a transfer."""
    if state_of(w, i, UPGRADE) == WAITING:
        leave_queues(w, i, UPGRADE)
        close_row(w, i, UPGRADE, now, outcome)
        set_state(w, i, UPGRADE, IDLE)
    if state_of(w, i, BED) == SERVED:
        leave_bed(w, i, now, outcome)
    else:
        leave_queues(w, i, BED)
        close_row(w, i, BED, now, outcome)
    set_state(w, i, BED, IDLE)


@kernel
def mark_beds(w: CityWorld, district: int) -> None:
    """Look again at every bed pool of a district: beds or staff time have become free."""
    for resource in range(w.rules.n_resource - 1, w.rules.first_bed - 1, -1):
        mark_dirty(w, pool_index(w, district, resource, 0))
        mark_dirty(w, pool_index(w, district, resource, 1))
