"""What begins on the first of a month: other rules of the insurance, other rules of admission."""

from typing import TYPE_CHECKING

from simulate.engine.log import ENDED, NOBODY, REQUESTED
from simulate.engine.records import BED, CHANGED, HOURS, UPGRADE
from simulate.engine.streams import HARDSHIP
from simulate.reference import wishes
from simulate.reference.admission import can_pay, meets_one
from simulate.reference.draws import uniform

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.person import Person


def turn_insurance(city: "City", month: int) -> None:
    """Give everybody the hours of their level where these change, or where rises may have waited."""
    rules, now = city.rules, city.clock.second
    before = rules.hours_in(month - 1)
    if rules.hours_in(month) == before and rules.most_hours(now) is None:
        return
    # Hours that fall make room for those that rise.
    for rises in (False, True):
        for p in city.people:
            claim = p.claims.get(HOURS)
            if claim is None:
                continue
            hours = rules.weekly_hours(p.assessed, now)
            if hours != claim.size and (hours > claim.size) == rises:
                wishes.change_hours(p, claim, hours)


def turn_admissions(city: "City", month: int) -> None:
    """Where the rules of admission change, let those ask anew who wait or were turned away."""
    rules = city.rules
    if rules.admitted_in(month) == rules.admitted_in(month - 1):
        return
    for p in city.people:
        drop_transfer(p)
        bed = p.claims.get(BED)
        if bed is not None and bed.waits and not may_enter(p, bed.resource):
            bed.leave_lists()
    for p in city.people:
        bed = p.claims.get(BED)
        if p.alive and (p.is_turned_away or (bed is not None and bed.waits)):
            wishes.choose(p)


def may_enter(p: "Person", bed: int) -> bool:
    """Say whether they may enter a kind of bed by the rules of the day, and can pay for it."""
    tiers = p.rules.setting.inputs.scenario.tiers
    if not can_pay(tiers, p.rules.bed(bed).name, uniform(p.key, HARDSHIP, 0)):
        return False
    return p.rules.admits(bed, wishes.case_of(p), p.clock.second)


def may_borrow(p: "Person", bed: int) -> bool:
    """Say whether they may live in a 保基本 bed that nobody waits for, whoever may ask for it."""
    rules, now = p.rules, p.clock.second
    tiers = rules.setting.inputs.scenario.tiers
    in_force = rules.admissions_at(bed, now) if now >= rules.release else []
    return can_pay(tiers, rules.bed(bed).name, uniform(p.key, HARDSHIP, 0)) and meets_one(
        wishes.case_of(p), in_force
    )


def drop_transfer(p: "Person", has_followed: bool = False) -> None:
    """Stop waiting for a better bed that they may not enter; what they made do with counts again.

    Parameters
    ----------
    has_followed : whether their stay has just been carried on at another level.
    """
    better = p.claims.get(UPGRADE)
    if better is None or may_enter(p, better.resource):
        return
    better.close(CHANGED)
    bed = p.claims.get(BED)
    if p.residence is not None and bed is not None:
        if not has_followed:
            bed.go_on(1, p.assessed)
    elif bed is not None and bed.waits:
        # The same place in the line, but a request of its own.
        p.note(ENDED, BED, NOBODY, CHANGED, bed.size)
        bed.level = p.assessed
        pool = p.district.own(bed.resource)
        p.note(REQUESTED, BED, pool.number, bed.rank, 1)
