"""Let people ask for care, wait for it, be placed and leave.

Reading order: `choose` decides what a person now wants, `ask_bed` and `ask_service` put him in the
queue, `fill_pool` (services) and `fill_beds` (homes) serve the queues, `place` moves him in, `widen`
tries other districts, `finish` ends everything at death, recovery or exit.
"""

import numpy as np

from params.axes import DAY_CARE, DEMENTIA_BED, FAMILY_BED, GENERAL_BED, HOME_CARE, NURSING_BED
from simulate.compiled import kernel
from simulate.log import (
    GAVE_UP,
    GONE,
    LEFT_HOMES,
    LISTED,
    MAKESHIFT,
    NOBODY,
    PLACED,
    REQUESTED,
    RESIZED,
    note,
)
from simulate.queues import (
    close_row,
    enqueue,
    first_waiting,
    follow_row,
    leave_queues,
    mark_dirty,
    mark_lists,
    open_row,
    pool_index,
    set_state,
    state_of,
)
from simulate.records import (
    ASKS_DAY_CARE,
    ASKS_DEMENTIA_BED,
    ASKS_FAMILY_BED,
    ASKS_NURSING_BED,
    BED,
    CHANGED,
    DAY,
    DAYCARE,
    EXIT_EVENT,
    FAMILYBED,
    HOME,
    IDLE,
    IN_HOSPITAL,
    INSURED_PERSON,
    LEFT,
    N_CLASS,
    N_LANE,
    PATIENCE_EVENT,
    SELF_CARING,
    SERVED,
    TRANSFERRED,
    UPGRADE,
    UPGRADE_PATIENCE_EVENT,
    WAITING,
    WITHDRAW_EVENT,
    WITHDRAWN,
    WITHDREW,
    YEAR,
)
from simulate.streams import (
    ASK,
    BED_TYPE,
    EXIT,
    FAMILY,
    HOSPITAL,
    LIST,
    PATIENCE,
    WANT,
    WITHDRAW,
    ZONE,
    exponential,
    uniform,
)
from simulate.streams import DAY as DAY_PURPOSE
from simulate.wheel import push
from simulate.world import (
    AGE_SLOPE,
    ALONE_FIRST,
    ASK_SHARE,
    DAY_SHARE,
    DISTANCE_KM,
    EXIT_RATE,
    FAMILY_SHARE,
    HOSPITAL_SHARE,
    INTERIM_HOME_CARE,
    LIST_LENGTH,
    LOCAL_FIRST,
    N_AGE,
    N_DIRTY,
    NEVER_LEAVE,
    NURSING_AT_2_3,
    PATIENCE_SECONDS,
    POOLS_PER_DISTRICT,
    START_YEAR,
    URGENT_LEVEL,
    WITHDRAW_RATE,
    World,
)

LONGEST = 1e15
"""Seconds beyond any run that a whole number still holds: the rarest events have endless waits."""
OUTSIDER_RANKS = 3
"""Added to an outsider's class where locals come first."""
STAFF_SELF, STAFF_DEMENTIA = 5, 6
"""Positions in World.staff_size after the five levels."""


@kernel
def wants_bed(w: World, i: int, now: int) -> bool:
    """Say whether a person wants a home at his assessed level."""
    person = w.people[i]
    if person.left_home == 1:
        return False
    if person.kind == SELF_CARING:
        return True
    if person.assessed < 2:
        return False
    age = min(w.policy[START_YEAR] + now // YEAR - person.birth_year, N_AGE - 1)
    share = w.want_share[person.assessed - 2, person.alone, person.dementia, age]
    return uniform(person.key, WANT, 0) < share


@kernel
def tabulate_want(w: World) -> None:
    """Work out the share that wants a home by level, living alone, dementia and age."""
    for level, alone, dementia, age in np.ndindex(w.want_share.shape):
        logit = w.want[level, alone, dementia] + w.rate[AGE_SLOPE] * (age - 80)
        w.want_share[level, alone, dementia, age] = 1.0 / (1.0 + np.exp(-logit))


@kernel
def draw_traits(w: World, i: int) -> None:
    """Draw once what a person will always do."""
    person = w.people[i]
    key = person.key
    traits = 0
    if person.kind == INSURED_PERSON and uniform(key, HOSPITAL, 0) < w.rate[HOSPITAL_SHARE]:
        traits |= IN_HOSPITAL
    if uniform(key, ASK, 0) < w.rate[ASK_SHARE]:
        traits |= ASKS_DEMENTIA_BED
    if uniform(key, BED_TYPE, 0) < w.rate[NURSING_AT_2_3]:
        traits |= ASKS_NURSING_BED
    if uniform(key, DAY_PURPOSE, 0) < w.rate[DAY_SHARE]:
        traits |= ASKS_DAY_CARE
    if uniform(key, FAMILY, 0) < w.rate[FAMILY_SHARE]:
        traits |= ASKS_FAMILY_BED
    person.traits = traits


@kernel
def bed_type(w: World, i: int) -> int:
    """Return the kind of bed a person's level asks for, dementia apart."""
    person = w.people[i]
    if person.assessed >= 4:
        return NURSING_BED
    if person.assessed >= 2 and person.traits & ASKS_NURSING_BED:
        return NURSING_BED
    return GENERAL_BED


@kernel
def asks_dementia(w: World, i: int) -> bool:
    """Say whether a person asks for a bed in a dementia unit."""
    person = w.people[i]
    return person.dementia == 1 and person.traits & ASKS_DEMENTIA_BED != 0


@kernel
def bed_rank(w: World, i: int) -> int:
    """Return a local's priority class: urgent level, living alone, others."""
    person = w.people[i]
    if person.assessed >= w.policy[URGENT_LEVEL]:
        return 0
    if w.policy[ALONE_FIRST] == 1 and person.alone == 1:
        return 1
    return 2


@kernel
def staff_of(w: World, i: int, resource: int) -> int:
    """Return the staff time a person needs in a kind of bed, thousandths of an hour a day."""
    if resource == DEMENTIA_BED:
        return w.staff_size[STAFF_DEMENTIA]
    level = w.people[i].assessed
    return w.staff_size[level - 2] if level >= 2 else w.staff_size[STAFF_SELF]


@kernel
def choose(w: World, i: int, now: int) -> None:
    """Compare what a person wants with what he has or waits for, and act on the difference."""
    person = w.people[i]
    if person.traits & IN_HOSPITAL:
        return
    # At another level he may fit where he did not before.
    mark_lists(w, i, BED)
    mark_lists(w, i, UPGRADE)
    if state_of(w, i, BED) == SERVED:
        choose_in_home(w, i, now)
    elif wants_bed(w, i, now):
        choose_bed(w, i, now)
    if person.kind == INSURED_PERSON and person.assessed >= 2:
        choose_services(w, i, now)


@kernel
def choose_bed(w: World, i: int, now: int) -> None:
    """Ask for a bed, or for another kind of bed than the one waited for."""
    person = w.people[i]
    state = state_of(w, i, BED)
    if state == WITHDRAWN and person.assessed <= person.gave_up_level:
        return
    kind = bed_type(w, i)
    if state == WAITING and w.ledger[w.lanes[i, BED].row].resource != kind:
        leave_queues(w, i, BED)
        state = IDLE
    if state == WITHDRAWN:
        state = IDLE
    if asks_dementia(w, i) and state_of(w, i, UPGRADE) == IDLE:
        ask_bed(w, i, UPGRADE, DEMENTIA_BED, person.district, now)
        if state_of(w, i, BED) == SERVED:
            return
    if state == IDLE:
        close_row(w, i, BED, now, CHANGED)
        ask_bed(w, i, BED, kind, person.district, now)


@kernel
def choose_in_home(w: World, i: int, now: int) -> None:
    """Follow a resident's level: staff time, and a transfer while the old bed is held."""
    pool = w.people[i].bed_pool
    district = pool // POOLS_PER_DISTRICT
    kind = (pool % POOLS_PER_DISTRICT) // 2
    if kind == DEMENTIA_BED:
        return
    hours = staff_of(w, i, kind)
    if hours != w.people[i].staff:
        w.staff_used[district] += hours - w.people[i].staff
        w.people[i].staff = hours
        follow_row(w, i, BED, 1, now)
        mark_beds(w, district)
    if state_of(w, i, UPGRADE) == WAITING:
        return
    target = -1
    if asks_dementia(w, i):
        target = DEMENTIA_BED
    elif kind == GENERAL_BED and bed_type(w, i) == NURSING_BED:
        target = NURSING_BED
    if target >= 0:
        ask_bed(w, i, UPGRADE, target, district, now)


@kernel
def ask_bed(w: World, i: int, lane: int, resource: int, district: int, now: int) -> None:
    """Open a request for a bed in a district and try to meet it at once.

    A request for a dementia bed takes over the want for a bed: what is held or waited for meanwhile
    is a makeshift that no longer counts as demand.
    """
    person = w.people[i]
    rank = bed_rank(w, i)
    r = open_row(w, i, lane, resource, 1, rank, now)
    note(w, now, REQUESTED, i, lane, pool_index(district, resource, 0), rank, 1)
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
        pool = pool_index(district, resource, kind)
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
    wait = exponential(person.key, PATIENCE, count) * w.rate[PATIENCE_SECONDS]
    kind_of_event = PATIENCE_EVENT if lane == BED else UPGRADE_PATIENCE_EVENT
    push(w, now + 1 + int(min(wait, LONGEST)), kind_of_event, i, sequence)
    if lane == BED and w.rate[WITHDRAW_RATE] > 0.0:
        wait = exponential(person.key, WITHDRAW, sequence) / w.rate[WITHDRAW_RATE] * YEAR
        push(w, now + 1 + int(min(wait, LONGEST)), WITHDRAW_EVENT, i, sequence)


@kernel
def widen(w: World, i: int, lane: int, now: int) -> None:
    """Put a person on the lists of other districts, nearest in his own eyes first.

    The order is by distance with a personal taste (Gumbel), which makes the chance of coming first a
    logit in distance. Part of the people never leave their own zone.
    """
    person = w.people[i]
    resource = w.ledger[w.lanes[i, lane].row].resource
    home = person.district
    if lane == UPGRADE and person.bed_pool >= 0:
        home = person.bed_pool // POOLS_PER_DISTRICT
    stays = uniform(person.key, ZONE, 0) < w.rate[NEVER_LEAVE]
    n_district = w.zone.size
    score = np.full(n_district, -np.inf)
    for j in range(n_district):
        if j == home or (stays and w.zone[j] != w.zone[home]):
            continue
        taste = -np.log(exponential(person.key, LIST, j))
        score[j] = taste - w.distance[home, j] / w.rate[DISTANCE_KM]
    rank = bed_rank(w, i)
    outside_rank = rank + OUTSIDER_RANKS if w.policy[LOCAL_FIRST] == 1 else rank
    for _ in range(w.policy[LIST_LENGTH]):
        j = int(np.argmax(score))
        if score[j] == -np.inf:
            return
        score[j] = -np.inf
        for kind in range(2):
            pool = pool_index(j, resource, kind)
            if w.capacity[pool] == 0:
                continue
            place_rank = outside_rank if kind == 0 else rank
            note(w, now, LISTED, i, lane, pool, place_rank, 1)
            enqueue(w, i, lane, pool, place_rank)
            fill_beds(w, j, now)
            if state_of(w, i, lane) != WAITING:
                return


@kernel
def choose_services(w: World, i: int, now: int) -> None:
    """Ask for, change or end insured care at home."""
    person = w.people[i]
    bed = state_of(w, i, BED)
    if bed == SERVED or (bed == WAITING and w.policy[INTERIM_HOME_CARE] == 0):
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
def choose_home_care(w: World, i: int, now: int) -> None:
    """Ask for home care at the assessed level, or change its hours."""
    person = w.people[i]
    size = w.home_size[person.assessed - 2]
    state = state_of(w, i, HOME)
    if state == IDLE:
        ask_service(w, i, HOME, HOME_CARE, size, now)
        return
    row = w.ledger[w.lanes[i, HOME].row]
    if row.size == size:
        return
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
def ask_service(w: World, i: int, lane: int, resource: int, size: int, now: int) -> None:
    """Open a request for a service of the own district and try to meet it at once."""
    person = w.people[i]
    rank = 0 if person.assessed >= w.policy[URGENT_LEVEL] else 1
    open_row(w, i, lane, resource, size, rank, now)
    set_state(w, i, lane, WAITING)
    pool = pool_index(person.district, resource, 0)
    note(w, now, REQUESTED, i, lane, pool, rank, size)
    enqueue(w, i, lane, pool, rank)
    fill_pool(w, pool, now)


@kernel
def fill_pool(w: World, pool: int, now: int) -> None:
    """Serve a service's queue while the next one fits: by class, then first come first served."""
    while True:
        k = first_waiting(w, pool)
        if k < 0:
            return
        i, lane = int(w.nodes[k].person), int(w.nodes[k].lane)
        size = w.ledger[w.lanes[i, lane].row].size
        if w.used[pool] + size > w.capacity[pool]:
            return
        place(w, i, lane, pool, now)


@kernel
def place(w: World, i: int, lane: int, pool: int, now: int) -> None:
    """Start service: the row starts, other claims that it replaces end."""
    leave_queues(w, i, lane)
    row = w.ledger[w.lanes[i, lane].row]
    row.start = now
    row.dest = pool // POOLS_PER_DISTRICT
    w.used[pool] += row.size
    set_state(w, i, lane, SERVED)
    note(w, now, PLACED, i, lane, pool, row.level, row.size)
    if lane in (BED, UPGRADE):
        move_in(w, i, lane, pool, now)
    elif lane == FAMILYBED:
        end_service(w, i, HOME, HOME_CARE, now, CHANGED)


@kernel
def move_in(w: World, i: int, lane: int, pool: int, now: int) -> None:
    """Take a bed: leave the old one or its queue, end care at home, plan a possible exit."""
    person = w.people[i]
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
    resource = (pool % POOLS_PER_DISTRICT) // 2
    person.bed_pool = pool
    person.staff = staff_of(w, i, resource)
    w.staff_used[pool // POOLS_PER_DISTRICT] += person.staff
    end_service(w, i, HOME, HOME_CARE, now, CHANGED)
    end_service(w, i, DAYCARE, DAY_CARE, now, CHANGED)
    end_service(w, i, FAMILYBED, FAMILY_BED, now, CHANGED)
    plan_exit(w, i, now)


@kernel
def plan_exit(w: World, i: int, now: int) -> None:
    """Draw once when a person would leave homes for another reason than death or recovery."""
    person = w.people[i]
    if person.exit_set == 0 and w.rate[EXIT_RATE] > 0.0:
        person.exit_set = 1
        stay = exponential(person.key, EXIT, 0) / w.rate[EXIT_RATE] * YEAR
        push(w, now + 1 + int(min(stay, LONGEST)), EXIT_EVENT, i, 0)


@kernel
def leave_bed(w: World, i: int, now: int, outcome: int) -> None:
    """Free a bed and its staff time."""
    person = w.people[i]
    district = person.bed_pool // POOLS_PER_DISTRICT
    w.used[person.bed_pool] -= 1
    w.staff_used[district] -= person.staff
    person.staff = 0
    person.bed_pool = -1
    close_row(w, i, BED, now, outcome)
    mark_beds(w, district)


@kernel
def has_free_bed(w: World, pool: int) -> bool:
    """Say whether a bed of a pool is free.

    Beds given over to the whole city may still hold residents who came as locals: the two pools of a
    district and kind of bed share their walls, so both together must have room as well.
    """
    other = pool ^ 1
    if w.used[pool] >= w.capacity[pool]:
        return False
    return w.used[pool] + w.used[other] < w.capacity[pool] + w.capacity[other]


@kernel
def fill_beds(w: World, district: int, now: int) -> None:
    """Serve the bed queues of a district together: its staff is one, whatever the kind of bed.

    Of the pools with a free bed, the one whose next person has the best class goes first; among
    equals dementia beds, then nursing-type, then general ones. It ends when no bed or no staff time
    is left for the person whose turn it is.
    """
    while True:
        best = -1
        best_rank = N_CLASS
        for resource in (DEMENTIA_BED, NURSING_BED, GENERAL_BED):
            for kind in range(2):
                pool = pool_index(district, resource, kind)
                k = first_waiting(w, pool)
                if k >= 0 and has_free_bed(w, pool) and w.nodes[k].rank < best_rank:
                    best, best_rank = pool, w.nodes[k].rank
        if best < 0:
            return
        k = first_waiting(w, best)
        i, lane = int(w.nodes[k].person), int(w.nodes[k].lane)
        more = staff_of(w, i, (best % POOLS_PER_DISTRICT) // 2)
        held = w.people[i].bed_pool
        if held >= 0 and held // POOLS_PER_DISTRICT == district:
            more -= w.people[i].staff
        if w.staff_used[district] + more > w.staff_capacity[district]:
            return
        place(w, i, lane, best, now)


@kernel
def mark_beds(w: World, district: int) -> None:
    """Look again at every bed pool of a district: beds or staff time have become free."""
    for resource in (DEMENTIA_BED, NURSING_BED, GENERAL_BED):
        mark_dirty(w, pool_index(district, resource, 0))
        mark_dirty(w, pool_index(district, resource, 1))


@kernel
def end_service(w: World, i: int, lane: int, resource: int, now: int, outcome: int) -> None:
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


@kernel
def give_up(w: World, i: int, now: int) -> None:
    """Stop waiting for a bed; the want goes on until life or a wish to leave ends it."""
    person = w.people[i]
    leave_queues(w, i, BED)
    row = w.ledger[w.lanes[i, BED].row]
    row.end = now
    row.outcome = WITHDREW
    note(w, now, GAVE_UP, i, BED, NOBODY, row.level, 0)
    set_state(w, i, BED, WITHDRAWN)
    person.gave_up_level = person.assessed
    plan_exit(w, i, now)
    if w.policy[INTERIM_HOME_CARE] == 0 and person.kind == INSURED_PERSON:
        choose_services(w, i, now)


@kernel
def exit_home(w: World, i: int, now: int) -> None:
    """Leave homes for good by other causes; the insured go on with care at home."""
    person = w.people[i]
    note(w, now, LEFT_HOMES, i, NOBODY, NOBODY, 0, 0)
    if person.kind == SELF_CARING:
        finish(w, i, now, LEFT)
        return
    person.left_home = 1
    if state_of(w, i, UPGRADE) == WAITING:
        leave_queues(w, i, UPGRADE)
        close_row(w, i, UPGRADE, now, LEFT)
        set_state(w, i, UPGRADE, IDLE)
    if state_of(w, i, BED) == SERVED:
        leave_bed(w, i, now, LEFT)
    else:
        leave_queues(w, i, BED)
        close_row(w, i, BED, now, LEFT)
    set_state(w, i, BED, IDLE)
    choose(w, i, now)


@kernel
def set_assessed(w: World, i: int, level: int) -> None:
    """Let a person hold a level (0: none) and keep the count of beneficiaries."""
    person = w.people[i]
    if person.kind == INSURED_PERSON:
        if person.assessed >= 2:
            w.benefits[person.district, person.assessed - 2] -= 1
        if level >= 2:
            w.benefits[person.district, level - 2] += 1
    person.assessed = level


@kernel
def finish(w: World, i: int, now: int, outcome: int) -> None:
    """End every claim of a person: he died, recovered or left."""
    person = w.people[i]
    note(w, now, GONE, i, NOBODY, NOBODY, outcome, 0)
    person.alive = 0
    set_assessed(w, i, 0)
    if person.states == 0:
        return
    if state_of(w, i, BED) == SERVED:
        leave_bed(w, i, now, outcome)
    end_service(w, i, HOME, HOME_CARE, now, outcome)
    end_service(w, i, DAYCARE, DAY_CARE, now, outcome)
    end_service(w, i, FAMILYBED, FAMILY_BED, now, outcome)
    for lane in range(N_LANE):
        if state_of(w, i, lane) != IDLE:
            leave_queues(w, i, lane)
            close_row(w, i, lane, now, outcome)
    person.states = 0


@kernel
def serve_waiting(w: World, now: int) -> None:
    """Look at every pool where something has changed, until nothing changes any more."""
    just_filled = -1
    while w.count[N_DIRTY] > 0:
        w.count[N_DIRTY] -= 1
        pool = w.dirty[w.count[N_DIRTY]]
        w.is_dirty[pool] = 0
        if (pool % POOLS_PER_DISTRICT) // 2 >= GENERAL_BED:
            district = pool // POOLS_PER_DISTRICT
            # All kinds of bed are filled together: a second look at once would find nothing.
            if district != just_filled:
                fill_beds(w, district, now)
            just_filled = district
        else:
            just_filled = -1
            fill_pool(w, pool, now)
