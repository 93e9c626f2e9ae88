"""A person's way: life, application, assessment, and what others do to their claims.

What goes through several moments is a SimPy process that yields them; what waits for a single one is a
method, called then. What they ask for is in `simulate.reference.wishes`.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import simpy

from params.scenario.priorities import REQUESTS
from simulate.engine.log import (
    APPLIED,
    ASSESSED,
    GONE,
    HELD,
    LAST_MONTHS,
    LEFT_HOMES,
    LEVEL,
    NOBODY,
    ONSET,
    PLACED,
    RECHECKED,
    RENEWAL_DUE,
    REQUESTED,
)
from simulate.engine.records import (
    APPLY_EVENT,
    ASSESS,
    BED,
    BELOW_2,
    CHANGED,
    DIED,
    DONE,
    EARLY_ASSESSMENT,
    EXIT_EVENT,
    FIRST_ASSESSMENT,
    INSURED_PERSON,
    LAST_MONTHS_EVENT,
    LEFT,
    LIFE_EVENT,
    RECOVERED,
    RENEW_EVENT,
    RENEWAL,
    SELF_CARING,
    START_EVENT,
    TRANSFERRED,
    UNINSURED_PERSON,
    UPGRADE,
    YEAR,
)
from simulate.engine.streams import EXIT, MISTAKE, START, VALIDITY
from simulate.reference import hospital, wishes
from simulate.reference.claims import Claim
from simulate.reference.clock import Ts
from simulate.reference.draws import exponential, uniform
from simulate.reference.life import Life

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.places import Pool

LONGEST = 1e15
"""Seconds after which nothing is waited for: rates may be as small as they like."""


class Person:
    """Somebody who can ever stand in a queue, as drawn by `simulate.city.people`."""

    def __init__(self, city: "City", number: int, record: Any) -> None:
        self.city, self.rules, self.clock = city, city.rules, city.clock
        self.number, self.key = number, record["key"]
        self.kind, self.alone = int(record["kind"]), int(record["alone"])
        self.onset, self.apply_at = int(record["onset"]), int(record["apply"])
        self.district = city.districts[int(record["district"])]
        self.is_of_first_stock = bool(record["settled"])
        self.has_left_institutions = bool(record["left_institutions"])
        self.life = Life(self, record)
        self.alive = True
        self.assessed = 0
        """Level they are known to hold; 0 for none."""
        self.is_covered = True
        """Whether the insurance gives benefits by the last result."""
        self.is_turned_away = False
        """Whether there was no bed that they might enter when they last asked for one."""
        self.results = 0
        self.bed_requests = {BED: 0, UPGRADE: 0}
        self.gave_up_level = 0
        self.stays = 0
        """Number of the hospital stay that comes next."""
        self.is_on_ward = False
        self.is_in_last_months = False
        self.wants_by_count = False
        """Whether they want an institution because the scenario's own counts say that more do."""
        self.goes_first = False
        """Whether they wait for a bed because they lost their own in hospital."""
        self.exit_is_planned = False
        self.residence: Pool | None = None
        """The pool whose bed they live in."""
        self.staff = 0
        """Staff time they are given there."""
        self.claims: dict[int, Claim] = {}

    def note(self, event: int, lane: int, pool: int, mark: int, amount: int) -> None:
        """Add to the log what has just happened to them."""
        self.city.note(event, self.number, lane, pool, mark, amount)

    def at(self, time: int, kind: int, action: Callable[[*Ts], None], *what: *Ts) -> None:
        """Have something done at a moment, whatever becomes of them until then."""
        self.clock.at(time, kind, self.number, action, *what)

    # --- the way ---------------------------------------------------------------------------------

    def way(self) -> Iterator[simpy.Event]:
        """Live from the onset of need, from one change of level to the next, until it ends."""
        yield self.clock.moment(self.onset, START_EVENT, self.number)
        self.note(ONSET, NOBODY, NOBODY, self.life.level, self.life.dementia)
        self.at(max(self.apply_at, self.clock.second), APPLY_EVENT, self.come_forward)
        while self.alive and self.kind != BELOW_2:
            time, change = self.life.next_change(self.clock.second)
            if change == "death" and self.rules.last_months:
                begin = max(self.clock.second + 1, time - self.rules.last_months)
                self.at(begin, LAST_MONTHS_EVENT, self.nears_death)
            yield self.clock.moment(time, LIFE_EVENT, self.number)
            if self.alive:
                self.life_changes(change)

    def life_changes(self, change: str) -> None:
        """Die, recover, or change in level, which becomes known by and by."""
        if change == "death":
            self.ends(DIED)
            return
        if change == "recovery":
            self.ends(RECOVERED)
            return
        if change == "recheck":
            self.note(RECHECKED, NOBODY, NOBODY, self.life.level, self.life.dementia)
        else:
            self.life.change(change)
            self.note(LEVEL, NOBODY, NOBODY, self.life.level, self.life.dementia)
        if self.assessed == 0:
            return
        if self.kind == UNINSURED_PERSON:
            self.knows_level()
            wishes.choose(self)
        else:
            self.ask_assessment(EARLY_ASSESSMENT)

    def nears_death(self) -> None:
        """Enter the last months of life."""
        if self.alive:
            self.note(LAST_MONTHS, NOBODY, NOBODY, self.life.level, 0)
            self.is_in_last_months = True
            wishes.choose(self)

    def come_forward(self) -> None:
        """Go to the assessors, or straight to the institutions."""
        if not self.alive:
            return
        self.note(APPLIED, NOBODY, NOBODY, 0, 0)
        if self.kind == SELF_CARING:
            wishes.choose(self)
        elif self.kind == UNINSURED_PERSON:
            self.knows_level()
            wishes.choose(self)
        elif self.kind == INSURED_PERSON and self.is_of_first_stock:
            level = self.level_found()
            self.note(HELD, NOBODY, NOBODY, level, self.life.dementia)
            self.holds(level)
            # Part of the validity has run off before the first day.
            self.plan_renewal(int(uniform(self.key, START, 0) * self.validity()))
            wishes.choose(self)
        else:
            self.ask_assessment(FIRST_ASSESSMENT)

    # --- assessment ------------------------------------------------------------------------------

    def ask_assessment(self, request: int) -> None:
        """Apply for an assessment unless one is under way."""
        if ASSESS in self.claims:
            return
        case = wishes.case_of(self, request=REQUESTS[request])
        rank = self.rules.rank_in("assessments", case)
        office = self.district.office
        claim = Claim(self, ASSESS, office.pool.resource, 1, rank, self.assessed)
        self.claims[ASSESS] = claim
        self.note(REQUESTED, ASSESS, office.pool.number, rank, 1)
        office.join(claim)

    def hears_result(self, claim: Claim) -> None:
        """Learn the level; care follows it, and a renewal is planned."""
        level = self.level_found()
        self.note(ASSESSED, NOBODY, NOBODY, level, self.life.dementia)
        claim.close(DONE)
        if self.kind == BELOW_2:
            self.ends(DONE)
            return
        self.holds(level)
        self.plan_renewal(self.validity())
        wishes.choose(self)

    def is_told(self, claim: Claim) -> None:
        """Get the notice, if it still finds them."""
        if self.alive:
            self.hears_result(claim)

    def level_found(self) -> int:
        """Return what an assessment says: the true level, or by mistake one of level 2-6 beside it."""
        level = self.life.level
        if self.kind == BELOW_2:
            return level
        too_high, too_low = self.rules.mistakes
        u = uniform(self.key, MISTAKE, self.results + 1)
        if u < too_high and level < 6:
            return level + 1
        if u >= 1 - too_low and level > 2:
            return level - 1
        return level

    def validity(self) -> int:
        """Count a result and draw how long after it a renewal is applied for."""
        self.results += 1
        one_year = uniform(self.key, VALIDITY, self.results) < self.rules.need.one_year_results
        return self.rules.renewal_after(1 if one_year else 2)

    def plan_renewal(self, wait: int) -> None:
        """Have the present result renewed after a while."""
        self.at(self.clock.second + wait, RENEW_EVENT, self.renew, self.results)

    def renew(self, result: int) -> None:
        """Apply for renewal, unless a later result has replaced this one."""
        if self.alive and result == self.results:
            self.note(RENEWAL_DUE, NOBODY, NOBODY, 0, 0)
            self.ask_assessment(RENEWAL)

    def knows_level(self) -> None:
        """Hold the true level, as the uninsured do: nobody assesses them."""
        self.holds(self.life.level)

    def holds(self, level: int) -> None:
        """Hold a level (0: none any more); the insured count as beneficiaries.

        Whether the insurance gives benefits at the level is decided with every result.
        """
        if self.kind == INSURED_PERSON:
            if self.is_covered:
                self.city.count_beneficiary(self.district.number, self.assessed, -1)
            self.is_covered = level >= self.rules.least_level(self.clock.second)
            if self.is_covered:
                self.city.count_beneficiary(self.district.number, level, +1)
        self.assessed = level

    # --- in institutions -------------------------------------------------------------------------

    def staff_needed_in(self, bed: int) -> int:
        """Return the staff time they need a day in a kind of bed."""
        return self.rules.staff_time(self.assessed, bed)

    def is_placed(self, claim: Claim, pool: "Pool") -> None:
        """Begin to be served."""
        self.note(PLACED, claim.lane, pool.number, claim.level, claim.size)
        if claim.lane in (BED, UPGRADE):
            self.moves_in(claim, pool)
        elif replaced := self.rules.bed(claim.resource).replaces:
            self.ends_service(self.rules.resources.index(replaced), CHANGED)

    def moves_in(self, claim: Claim, pool: "Pool") -> None:
        """Take a bed: the old bed or its waiting list ends, and so does all care at home."""
        had_bed = self.residence is not None
        if claim.lane == UPGRADE:
            if self.residence is not None:
                self.leaves_bed(TRANSFERRED)
            elif BED in self.claims:
                self.claims[BED].close(CHANGED)
            del self.claims[UPGRADE]
            claim.lane = BED
            self.claims[BED] = claim
        self.residence = pool
        self.staff = self.staff_needed_in(pool.resource)
        pool.district.staff_used += self.staff
        for service in self.rules.services:
            self.ends_service(service, CHANGED)
        if not self.is_in_medical_bed:
            self.plan_exit()
        self.goes_first = False
        if not had_bed and not self.is_in_medical_bed:
            hospital.plan_admission(self)

    @property
    def is_in_medical_bed(self) -> bool:
        """Whether they live in a bed that nobody leaves for hospital or for other causes."""
        return self.residence is not None and self.rules.bed(self.residence.resource).medical

    def leaves_bed(self, outcome: int) -> None:
        """Free the bed and the staff time."""
        residence, claim = self.residence, self.claims[BED]
        assert residence is not None
        residence.give_back(claim)
        residence.district.staff_used -= self.staff
        self.residence, self.staff = None, 0
        claim.close(outcome)
        residence.district.look_again_at_beds()

    def plan_exit(self) -> None:
        """Draw once when they would leave institutions for another reason than death or recovery."""
        rate = self.rules.choice.other_exit
        if self.exit_is_planned or rate <= 0.0:
            return
        self.exit_is_planned = True
        stay = exponential(self.key, EXIT, 0) / rate * YEAR
        self.at(self.clock.second + 1 + int(min(stay, LONGEST)), EXIT_EVENT, self.exit)

    def exit(self) -> None:
        """Leave institutions, or the wish for one, for good."""
        if self.alive and not self.is_in_medical_bed:
            self.leaves_for_good()

    def leaves_for_good(self) -> None:
        """Never want an institution again, and live at home."""
        self.note(LEFT_HOMES, NOBODY, NOBODY, 0, 0)
        if self.kind == SELF_CARING:
            self.ends(LEFT)
            return
        self.has_left_institutions = True
        self.goes_first = False
        self.quits_institutions(LEFT)
        wishes.choose(self)

    def quits_institutions(self, outcome: int) -> None:
        """End every claim on an institution."""
        if UPGRADE in self.claims:
            self.claims[UPGRADE].close(outcome)
        if self.residence is not None:
            self.leaves_bed(outcome)
        elif BED in self.claims:
            self.claims[BED].close(outcome)

    def ends_service(self, service: int, outcome: int) -> None:
        """End care at home, whether served or waited for."""
        claim = self.claims.get(self.rules.lanes[service])
        if claim is None:
            return
        if claim.pool is not None:
            claim.pool.give_back(claim)
        claim.close(outcome)

    # --- the end ---------------------------------------------------------------------------------

    def ends(self, outcome: int) -> None:
        """End every claim: they died, recovered, left, or were found below level 2."""
        self.note(GONE, NOBODY, NOBODY, outcome, 0)
        self.alive = False
        self.holds(0)
        if self.residence is not None:
            self.leaves_bed(outcome)
        for service in self.rules.services:
            self.ends_service(service, outcome)
        if ASSESS in self.claims:
            self.district.office.forget(self.claims[ASSESS])
        for lane in sorted(self.claims):
            self.claims[lane].close(outcome)
