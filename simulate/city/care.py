"""Let people ask for care, give up, leave and end: what events do to a person's care.

Reading order: `choose` compares what a person wants (`simulate.city.wishes`) with what they have, and
asks for beds (`simulate.city.institutions`) or care at home (`simulate.city.home_services`);
`simulate.city.loop` serves their queues when something has become free; `give_up`, `leave_institutions` and
`finish` end what they wait for or have.
"""

from simulate.city.admitting import drop_transfer, is_admitted, turn_away, waits_in_vain
from simulate.city.home_services import choose_services, end_services
from simulate.city.institutions import (
    ask_bed,
    is_in_medical_bed,
    leave_bed,
    mark_beds,
    plan_exit,
    quit_institutions,
)
from simulate.city.pools import district_of, resource_of
from simulate.city.wishes import best_bed, staff_of, wants_bed
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.log import ENTITLED, GAVE_UP, GONE, LEFT_HOMES, NOBODY, note
from simulate.engine.queues import (
    close_row,
    follow_row,
    leave_queues,
    mark_lists,
    set_state,
    state_of,
)
from simulate.engine.records import (
    BED,
    CHANGED,
    IDLE,
    IN_HOSPITAL,
    INSURED_PERSON,
    LEFT,
    LENT_BED,
    N_LANE,
    NOT_COVERED,
    ON_WARD,
    OUTSIDE,
    RETURNED,
    SELF_CARING,
    SERVED,
    TURNED_AWAY,
    UPGRADE,
    WAITING,
    WITHDRAWN,
    WITHDREW,
)


@kernel
def choose(w: CityWorld, i: int, now: int) -> None:
    """Compare what a person wants with what they have or wait for, and act on the difference."""
    person = w.people[i]
    if person.traits & IN_HOSPITAL and w.rules.asks_without_wish == 0:
        return
    if person.hospital == ON_WARD and state_of(w, i, BED) != SERVED:
        # They ask for everything anew when they come out.
        return
    # At another level they may fit where they did not before.
    mark_lists(w, i, BED)
    mark_lists(w, i, UPGRADE)
    if state_of(w, i, BED) == SERVED:
        choose_in_institution(w, i, now)
    else:
        drop_transfer(w, i, now)
        # A wish once voiced does not fade: who waits in vain asks for another kind of bed.
        if wants_bed(w, i, now) or waits_in_vain(w, i, BED):
            choose_bed(w, i, now)
        elif w.rules.asks_without_wish == 1:
            ask_special(w, i, False, now)
    if person.kind == INSURED_PERSON and person.assessed >= 2:
        choose_services(w, i, now)


@kernel
def choose_bed(w: CityWorld, i: int, now: int) -> None:
    """Ask for a bed, or for another kind of bed than the one waited for."""
    person = w.people[i]
    state = state_of(w, i, BED)
    if state == WITHDRAWN and person.assessed <= person.gave_up_level:
        if w.rules.asks_without_wish == 1:
            ask_special(w, i, False, now)
        return
    kind = best_bed(w, i, 0, True)
    if state == WAITING and w.ledger[w.lanes[i, BED].row].resource != kind:
        leave_queues(w, i, BED)
        state = IDLE
    if state == WITHDRAWN:
        state = IDLE
    if w.rules.has_admissions == 1:
        person.traits &= ~TURNED_AWAY
        if kind < 0:
            turn_away(w, i, now)
    ask_special(w, i, True, now)
    if state_of(w, i, BED) == SERVED:
        return
    if state == IDLE and kind >= 0:
        close_row(w, i, BED, now, CHANGED)
        ask_bed(w, i, BED, kind, person.district, now)


@kernel
def ask_special(w: CityWorld, i: int, wants: bool, now: int) -> None:
    """Ask for the most special bed that a person has a reason for, besides an ordinary one."""
    target = best_bed(w, i, 1, wants)
    if target >= 0 and may_ask_better(w, i, target, now):
        ask_bed(w, i, UPGRADE, target, w.people[i].district, now)


@kernel
def may_ask_better(w: CityWorld, i: int, target: int, now: int) -> bool:
    """Say whether a person may ask for a better bed: they wait for none, or a medical reason has come up."""
    if state_of(w, i, UPGRADE) != WAITING:
        return True
    waited_for = w.ledger[w.lanes[i, UPGRADE].row].resource
    if waited_for >= target or w.resources[target].medical == 0:
        return False
    leave_queues(w, i, UPGRADE)
    close_row(w, i, UPGRADE, now, CHANGED)
    set_state(w, i, UPGRADE, IDLE)
    return True


@kernel
def choose_in_institution(w: CityWorld, i: int, now: int) -> None:
    """Follow a resident's level: staff time, and a transfer while the old bed is held."""
    pool = w.people[i].bed_pool
    district = district_of(w, pool)
    held = resource_of(w, pool)
    hours = staff_of(w, i, held)
    is_own_now = w.ledger[w.lanes[i, BED].row].reason == LENT_BED and is_admitted(w, i, held)
    if hours != w.people[i].staff or is_own_now:
        follow_row(w, i, BED, 1, now)
    if is_own_now:
        # Whoever may ask for such a bed has it in their own right, and wants this kind from now on.
        w.ledger[w.lanes[i, BED].row].reason = 0
        note(w, now, ENTITLED, i, BED, pool, 0, 1)
    if hours != w.people[i].staff:
        w.staff_used[district] += hours - w.people[i].staff
        w.people[i].staff = hours
        mark_beds(w, district)
    drop_transfer(w, i, now)
    target = best_bed(w, i, 1, True)
    if target <= held and w.resources[held].special == 0:
        target = best_bed(w, i, 0, True)
    if target > held and may_ask_better(w, i, target, now):
        ask_bed(w, i, UPGRADE, target, district, now)


@kernel
def give_up(w: CityWorld, i: int, now: int) -> None:
    """Stop waiting for a bed; the want goes on until life or a wish to leave ends it."""
    person = w.people[i]
    leave_queues(w, i, BED)
    row = w.ledger[w.lanes[i, BED].row]
    row.end = now
    row.outcome = WITHDREW
    note(w, now, GAVE_UP, i, BED, NOBODY, row.level, 0)
    set_state(w, i, BED, WITHDRAWN)
    person.gave_up_level = person.assessed
    person.hospital = OUTSIDE
    plan_exit(w, i, now)
    if w.rules.interim_home_care == 0 and person.kind == INSURED_PERSON:
        choose_services(w, i, now)


@kernel
def leave_institutions(w: CityWorld, i: int, now: int) -> None:
    """Leave institutions for good by other causes; nobody in a medical bed does."""
    if not is_in_medical_bed(w, i):
        leave_for_good(w, i, now)


@kernel
def leave_for_good(w: CityWorld, i: int, now: int) -> None:
    """End every wish for an institution; the insured go on with care at home."""
    person = w.people[i]
    note(w, now, LEFT_HOMES, i, NOBODY, NOBODY, 0, 0)
    if person.kind == SELF_CARING:
        finish(w, i, now, LEFT)
        return
    person.left_institutions = 1
    if person.hospital == RETURNED:
        person.hospital = OUTSIDE
    quit_institutions(w, i, now, LEFT)
    choose(w, i, now)


@kernel
def set_assessed(w: CityWorld, i: int, level: int) -> None:
    """Let a person hold a level (0: none) and keep the count of beneficiaries.

    A result says by the rules of its day whether the insurance gives benefits at the level; this holds until
    the next one.
    """
    person = w.people[i]
    before, after = person.traits & NOT_COVERED, 0
    if person.kind == INSURED_PERSON and 2 <= level < w.tally.least_level:
        after = NOT_COVERED
    if person.assessed == level and before == after:
        return
    if person.kind == INSURED_PERSON:
        if person.assessed >= 2 and before == 0:
            w.benefits[person.district, person.assessed - 2] -= 1
        if level >= 2 and after == 0:
            w.benefits[person.district, level - 2] += 1
    if before != after:
        person.traits = (person.traits & ~NOT_COVERED) | after
        # Whoever is covered anew chooses anew.
        person.chosen_level = 0
    person.assessed = level


@kernel
def finish(w: CityWorld, i: int, now: int, outcome: int) -> None:
    """End every claim of a person: they died, recovered or left."""
    person = w.people[i]
    note(w, now, GONE, i, NOBODY, NOBODY, outcome, 0)
    person.alive = 0
    set_assessed(w, i, 0)
    if person.states == 0:
        return
    if state_of(w, i, BED) == SERVED:
        leave_bed(w, i, now, outcome)
    end_services(w, i, now, outcome)
    for lane in range(N_LANE):
        if state_of(w, i, lane) != IDLE:
            leave_queues(w, i, lane)
            close_row(w, i, lane, now, outcome)
    person.states = 0
