"""Where care is given: pools of beds, places and hours, and the districts whose staff they share."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from params.axes import ASSESSMENT, HOME_CARE
from simulate.engine.log import LENT
from simulate.reference import new_rules
from simulate.reference.claims import Claim, Ticket
from simulate.reference.office import Office

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.person import Person

UNLIMITED: Final = 1 << 50


@dataclass(eq=False)
class Pool:
    """Beds, places or weekly hours of one kind in a district, with their waiting list.

    A district's own beds and those there that serve the whole city are two pools.
    """

    city: "City"
    district: "District"
    resource: int
    for_all: bool
    capacity: int = UNLIMITED
    used: int = 0
    waiting: list[Ticket] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.number = (
            self.district.number * len(self.city.rules.resources) + self.resource
        ) * 2 + self.for_all
        """Its number in the log."""
        self.is_bed = self.resource in self.city.rules.beds
        """Whether it holds beds of institutions."""

    def add(self, ticket: Ticket) -> None:
        """Put somebody on the waiting list."""
        insort(self.waiting, ticket)

    def remove(self, ticket: Ticket) -> None:
        """Take somebody off the waiting list."""
        del self.waiting[bisect_left(self.waiting, ticket)]

    def look_again(self) -> None:
        """Ask for the waiting list to be looked at once the present event is over."""
        self.city.look_again(self)

    def has_room(self, size: int) -> bool:
        """Say whether so much is free, and people are taken in.

        Beds given over to the whole city may still hold residents who came as locals: both pools of
        a kind of bed must have room together as well.
        """
        rules, now = self.city.rules, self.city.clock.second
        if self.city.takes_nobody_in:
            return False
        if rules.happenings.is_shut(self.resource, self.district.number, now):
            return False
        if self.used + size > self.capacity:
            return False
        if not self.is_bed:
            return True
        own, for_all = self.district.pools_of(self.resource)
        return own.used + for_all.used < own.capacity + for_all.capacity

    def is_worth_waiting_for(self) -> bool:
        """Say whether there are beds of the kind, or of the 保基本 tier that may be lent."""
        rules = self.city.rules
        tiers = [k for k in rules.beds if rules.bed(k).tier_of == rules.bed(self.resource).name]
        kinds = [self.resource, *([] if rules.keep_free is None else tiers)]
        return any(self.district.pools_of(k)[self.for_all].capacity > 0 for k in kinds)

    def fill(self) -> None:
        """Serve the waiting list until the next one does not fit; nobody behind them is tried."""
        if self.is_bed:
            self.district.fill_beds()
            return
        if (
            self.resource == HOME_CARE
            and self.city.rules.most_hours(self.city.clock.second) is not None
        ):
            self.city.fill_hours()
            return
        while (turn := self.next_in_turn()) and self.has_room(turn.claim.size):
            self.take(turn.claim)

    def next_in_turn(self) -> Ticket | None:
        """Return who comes next, of the classes that are served now."""
        rules, now = self.city.rules, self.city.clock.second
        queue = "beds" if self.is_bed else "services"
        served = (t for t in first_of_classes(self.waiting) if rules.is_served(queue, t.rank, now))
        return next(served, None)

    def take(self, claim: Claim) -> None:
        """Begin to serve a claim."""
        claim.leave_lists()
        claim.pool = self
        self.used += claim.size
        claim.person.is_placed(claim, self)

    def give_back(self, claim: Claim) -> None:
        """Stop serving a claim."""
        self.used -= claim.size
        if not self.is_bed:
            self.look_again()


@dataclass(eq=False)
class District:
    """One district: its pools, its care workers, its assessors."""

    city: "City"
    number: int
    staff_limit: int = UNLIMITED
    """Staff time up to which institutions admit."""
    staff_used: int = 0

    def __post_init__(self) -> None:
        self.pools = [
            (Pool(self.city, self, resource, False), Pool(self.city, self, resource, True))
            for resource in range(len(self.city.rules.resources))
        ]
        """Of every resource the district's own pool and the one for the whole city."""
        # Among people of equal class, the most special bed is filled first.
        self.beds = [
            pool for resource in reversed(self.city.rules.beds) for pool in self.pools[resource]
        ]
        self.office = Office(self.city, self.own(ASSESSMENT))

    def own(self, resource: int) -> Pool:
        """Return what a district has for its own people."""
        return self.pools[resource][0]

    def pools_of(self, resource: int) -> tuple[Pool, Pool]:
        """Return the district's own pool and the one for the whole city."""
        return self.pools[resource]

    def has_staff_for(self, claim: Claim) -> bool:
        """Say whether the workers can care for one more."""
        if not self.city.rules.bed(claim.resource).workers:
            return True
        more = self.staff_added(claim.person, claim.resource)
        return self.staff_used + more <= self.staff_limit

    def staff_added(self, person: "Person", resource: int) -> int:
        """Return the staff time that a person adds in a kind of bed; who moves inside frees their own."""
        more = person.staff_needed_in(resource)
        if person.residence is not None and person.residence.district is self:
            more -= person.staff
        return more

    def fill_beds(self) -> None:
        """Serve all bed queues together, those of beds that need no workers of ours before."""
        rules = self.city.rules
        for staffed in (False, True):
            self.fill([p for p in self.beds if bool(rules.bed(p.resource).workers) == staffed])

    def fill(self, beds: list[Pool]) -> None:
        """Serve some bed queues together, the best class first, while there are beds and staff.

        Where staff does not suffice for the first in turn, nobody goes before them; or, by policy,
        the first person of another class may.
        """
        while True:
            rules, now = self.city.rules, self.city.clock.second
            open_beds = [pool for pool in beds if pool.waiting and pool.has_room(1)]
            if rules.who_fits:
                firsts = [t for pool in open_beds for t in first_of_classes(pool.waiting)]
                firsts = [t for t in firsts if rules.is_served("beds", t.rank, now)]
                firsts = [ticket for ticket in firsts if self.has_staff_for(ticket.claim)]
            else:
                firsts = [t for pool in open_beds if (t := pool.next_in_turn())]
            turn = min(firsts, key=lambda ticket: ticket.rank, default=None)
            into = turn.pool if turn else None
            if turn is None:
                turn, into = self.spare_bed(beds)
            if turn is None or into is None or not self.has_staff_for(turn.claim):
                return
            into.take(turn.claim)
            if into is not turn.pool:
                self.hold_other_kind(turn.claim, into)

    def hold_other_kind(self, claim: Claim, pool: Pool) -> None:
        """Let a claim go on as one for the kind of bed that it has got, or only be lent it."""
        claim.resource = pool.resource
        claim.go_on(1, claim.person.assessed)
        if not new_rules.may_enter(claim.person, pool.resource):
            claim.is_lent = True
            claim.person.note(LENT, claim.lane, pool.number, 0, 1)

    def spare_bed(self, beds: list[Pool]) -> "tuple[Ticket | None, Pool | None]":
        """Return who waits for a kind of bed and may take another that nobody waits for, and that bed."""
        rules, now = self.city.rules, self.city.clock.second
        for pool in beds:
            if not pool.has_room(1) or pool.next_in_turn() is not None:
                continue
            for kind in self.served_too(pool):
                other = self.pools_of(kind)[pool.for_all]
                turns = [
                    t
                    for t in first_of_classes(other.waiting)
                    if rules.is_served("beds", t.rank, now)
                    and new_rules.may_borrow(t.claim.person, pool.resource)
                    and (not rules.who_fits or self.has_staff_for(t.claim))
                ]
                # Who may take every bed is passed by nobody.
                if turns:
                    return turns[0], pool
        return None, None

    def served_too(self, pool: Pool) -> list[int]:
        """Return the kinds of bed whose seekers may take one that nobody waits for.

        By policy a lower kind and its own 保基本 tier; to the market a tier lends what need not stay free.
        """
        rules = self.city.rules
        rows, bed = rules.resources, rules.bed(pool.resource)
        kinds = []
        if rules.spare_beds:
            kinds += [rows.index(bed.takes)] if bed.takes else []
            kinds += [k for k, row in enumerate(rows) if row.tier_of == bed.name]
        if bed.tier_of and rules.keep_free is not None:
            both = self.pools_of(pool.resource)
            there, left = sum(p.capacity for p in both), sum(p.capacity - p.used for p in both) - 1
            if left >= rules.keep_free * there:
                kinds.append(rows.index(bed.tier_of))
        return kinds

    def look_again_at_beds(self) -> None:
        """Beds or staff have become free."""
        for pool in self.beds:
            pool.look_again()


def first_of_classes(waiting: list[Ticket]) -> Iterator[Ticket]:
    """Yield who is first of every class on a waiting list, the best class first."""
    place = 0
    while place < len(waiting):
        yield waiting[place]
        place = bisect_left(waiting, (waiting[place].rank + 1,))
