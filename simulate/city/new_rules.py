"""Bring the rules of a month that begin on its first: of the insurance, and of admission to institutions."""

from params.axes import N_LEVEL
from simulate.city.admissions import ADMITTED
from simulate.city.admitting import drop_transfer, waits_in_vain
from simulate.city.care import choose
from simulate.city.home_services import change_hours
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.queues import leave_queues, state_of
from simulate.engine.records import BED, HOURS, IDLE, TURNED_AWAY, WAITING
from simulate.engine.world import UNLIMITED


@kernel
def turn_insurance(w: CityWorld, month: int, now: int) -> None:
    """Bring the rules of the insurance; hours of a level change for whoever has or awaits them."""
    w.tally.least_level = w.least_at[month]
    looks = w.tally.most_hours < UNLIMITED
    for k in range(N_LEVEL):
        if w.hours_size[k] != w.hours_at[month, k]:
            w.hours_size[k] = w.hours_at[month, k]
            looks = True
    if looks:
        # Hours that fall make room for those that rise, whoever comes first.
        review_hours(w, 0, now)
        review_hours(w, 1, now)


@kernel
def review_hours(w: CityWorld, rise: int, now: int) -> None:
    """Give whoever has or awaits hours those of their level, where they fall (or where they rise)."""
    for i in range(w.people.size):
        person = w.people[i]
        if person.alive == 0 or person.assessed < 2 or state_of(w, i, HOURS) == IDLE:
            continue
        size = w.hours_size[person.assessed - 2]
        held = w.ledger[w.lanes[i, HOURS].row].size
        if size != held and (size > held) == (rise == 1):
            change_hours(w, i, size, now)


@kernel
def turn_admissions(w: CityWorld, month: int, now: int) -> None:
    """Bring the rules of admission; where they change, who waits or was turned away asks anew."""
    changes = False
    now_admitted, before = w.admits_at[month].ravel(), w.admits.ravel()
    for k in range(before.size):
        if before[k] != now_admitted[k]:
            # Who may only borrow a bed does not ask for it.
            changes |= before[k] == ADMITTED or now_admitted[k] == ADMITTED
            before[k] = now_admitted[k]
    if not changes:
        return
    # All who may not enter leave the lists first, so that nobody of them is served meanwhile.
    for i in range(w.people.size):
        if w.people[i].alive == 1:
            drop_transfer(w, i, now)
            if waits_in_vain(w, i, BED):
                leave_queues(w, i, BED)
    for i in range(w.people.size):
        person = w.people[i]
        if person.alive == 1 and (
            state_of(w, i, BED) == WAITING or person.traits & TURNED_AWAY != 0
        ):
            choose(w, i, now)
