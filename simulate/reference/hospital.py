"""Residents of institutions go to hospital: the bed is held, or given up, and they come back."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import simpy

from simulate.engine.log import ADMITTED, DISCHARGED, NOBODY
from simulate.engine.records import (
    ADMISSION_EVENT,
    BED,
    DAY,
    DISCHARGE_EVENT,
    HOLD_EVENT,
    TO_HOSPITAL,
    YEAR,
)
from simulate.engine.streams import ADMISSION, HOSPITAL_STAY
from simulate.reference import wishes
from simulate.reference.draws import exponential, lognormal

if TYPE_CHECKING:
    from simulate.reference.person import Person


def plan_admission(p: "Person") -> None:
    """Let a resident go to hospital after a while, should they still hold a bed then."""
    rate = p.rules.choice.hospital_admissions
    if rate > 0.0:
        # A thirty-thousandth stay would start the count of draws afresh.
        p.stays = (p.stays + 1) % 30_000
        gap = exponential(p.key, ADMISSION, p.stays) / rate * YEAR
        p.city.start(stay(p, p.stays, wishes.after(p, gap)))


def stay(p: "Person", number: int, admission: int) -> Iterator[simpy.Event]:
    """Go to hospital, give up the bed when it is held no longer, come out."""
    yield p.clock.moment(admission, ADMISSION_EVENT, p.number)
    if not p.alive or p.residence is None or p.stays != number or p.is_in_medical_bed:
        return
    p.note(ADMITTED, NOBODY, NOBODY, 0, 0)
    p.is_on_ward = True
    days = lognormal(p.key, HOSPITAL_STAY, number, p.rules.choice.hospital_stay_days)
    discharge, end_of_hold = wishes.after(p, days * DAY), p.clock.second + p.rules.hospital_hold
    if end_of_hold < discharge:
        if p.rules.hospital_hold > 0:
            yield p.clock.moment(end_of_hold, HOLD_EVENT, p.number)
        if p.alive and p.residence is not None:
            p.quits_institutions(TO_HOSPITAL)
    yield p.clock.moment(discharge, DISCHARGE_EVENT, p.number)
    if p.alive:
        comes_out(p)


def comes_out(p: "Person") -> None:
    """Go back to the bed; whoever has none any more asks anew and goes first for one."""
    p.is_on_ward = False
    p.note(DISCHARGED, NOBODY, NOBODY, 0, p.residence is not None)
    if p.residence is not None:
        plan_admission(p)
        return
    p.goes_first = True
    wishes.choose(p)
    p.goes_first = BED in p.claims and p.claims[BED].waits
