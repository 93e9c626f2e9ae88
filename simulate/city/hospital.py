"""Let residents of institutions go to hospital and come back: to their bed, or without one.

Only who holds a bed is admitted; `simulate.city.institutions.plan_admission` draws when. `admit` begins
a stay, the bed is held by policy for so many days, `end_hold` gives it to others, `discharge` ends the stay.
"""

from simulate.city.care import choose
from simulate.city.institutions import (
    LONGEST,
    count_held,
    is_in_medical_bed,
    plan_admission,
    quit_institutions,
)
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.events import push
from simulate.engine.log import ADMITTED, DISCHARGED, NOBODY, note
from simulate.engine.queues import state_of
from simulate.engine.records import (
    BED,
    DAY,
    DISCHARGE_EVENT,
    HOLD_EVENT,
    ON_WARD,
    OUTSIDE,
    RETURNED,
    SERVED,
    TO_HOSPITAL,
    WAITING,
)
from simulate.engine.streams import HOSPITAL_STAY, lognormal


@kernel
def admit(w: CityWorld, i: int, now: int) -> None:
    """Begin a stay in hospital: the bed is held, or given up at once where none is ever held."""
    person = w.people[i]
    if is_in_medical_bed(w, i):
        return
    note(w, now, ADMITTED, i, NOBODY, NOBODY, 0, 0)
    person.hospital = ON_WARD
    count_held(w, now, 1)
    days = lognormal(person.key, HOSPITAL_STAY, person.stays, w.rules.hospital_stay_days)
    stay = 1 + int(min(days * DAY, LONGEST))
    push(w, now + stay, DISCHARGE_EVENT, i, 0)
    hold = w.rules.hold_seconds
    if hold == 0:
        end_hold(w, i, now)
    elif stay > hold:
        push(w, now + hold, HOLD_EVENT, i, 0)


@kernel
def end_hold(w: CityWorld, i: int, now: int) -> None:
    """Give up the bed of somebody who is still in hospital, and what they wait for besides."""
    if state_of(w, i, BED) == SERVED:
        quit_institutions(w, i, now, TO_HOSPITAL)


@kernel
def discharge(w: CityWorld, i: int, now: int) -> None:
    """End a stay in hospital: back to the bed, or asking for care anew and going first for a bed."""
    person = w.people[i]
    is_held = state_of(w, i, BED) == SERVED
    note(w, now, DISCHARGED, i, NOBODY, NOBODY, 0, 1 if is_held else 0)
    if is_held:
        person.hospital = OUTSIDE
        count_held(w, now, -1)
        plan_admission(w, i, now)
        return
    person.hospital = RETURNED
    choose(w, i, now)
    if state_of(w, i, BED) != WAITING:
        person.hospital = OUTSIDE
