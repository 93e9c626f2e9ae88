"""Where care is given: pools of beds, places and hours, and the districts whose staff they share."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from params.axes import (
    ASSESSMENT,
    DEMENTIA_BED,
    GENERAL_BED,
    N_RESOURCE,
    NURSING_BED,
)
from simulate.reference.claims import Claim, Ticket
from simulate.reference.office import Office

if TYPE_CHECKING:
    from simulate.reference.city import City

UNLIMITED: Final = 1 << 50
BED_KINDS: Final = (DEMENTIA_BED, NURSING_BED, GENERAL_BED)
"""Among people of equal class, a dementia bed is filled first."""


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
        self.number = (self.district.number * N_RESOURCE + self.resource) * 2 + self.for_all
        """Its number in the log."""
        self.is_bed = self.resource in BED_KINDS
        """Whether it holds beds of homes."""

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
        """Say whether so much is free.

        Beds given over to the whole city may still hold residents who came as locals: both pools of
        a kind of bed must have room together as well.
        """
        if self.used + size > self.capacity:
            return False
        if not self.is_bed:
            return True
        own, for_all = self.district.pools_of(self.resource)
        return own.used + for_all.used < own.capacity + for_all.capacity

    def fill(self) -> None:
        """Serve the waiting list until the next one does not fit; nobody behind him is tried."""
        if self.is_bed:
            self.district.fill_beds()
            return
        while self.waiting and self.has_room(self.waiting[0].claim.size):
            self.take(self.waiting[0].claim)

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
    staff_capacity: int = UNLIMITED
    staff_used: int = 0
    staff_at_release: int = 0
    hours_at_release: int = 0

    def __post_init__(self) -> None:
        self.pools = [
            (Pool(self.city, self, resource, False), Pool(self.city, self, resource, True))
            for resource in range(N_RESOURCE)
        ]
        """Of every resource the district's own pool and the one for the whole city."""
        self.beds = [pool for resource in BED_KINDS for pool in self.pools[resource]]
        self.office = Office(self.city, self.own(ASSESSMENT))

    def own(self, resource: int) -> Pool:
        """Return what a district has for its own people."""
        return self.pools[resource][0]

    def pools_of(self, resource: int) -> tuple[Pool, Pool]:
        """Return the district's own pool and the one for the whole city."""
        return self.pools[resource]

    def has_staff_for(self, claim: Claim) -> bool:
        """Say whether the workers can care for one more; who moves inside frees his own hours."""
        person = claim.person
        more = person.staff_needed_in(claim.resource)
        if person.home is not None and person.home.district is self:
            more -= person.staff
        return self.staff_used + more <= self.staff_capacity

    def fill_beds(self) -> None:
        """Serve all bed queues together, the best class first, while there are beds and staff.

        Where staff does not suffice for the first in turn, nobody goes before him; or, by policy,
        the first person of another class may.
        """
        while True:
            lists = [pool.waiting for pool in self.beds if pool.waiting and pool.has_room(1)]
            if self.city.rules.who_fits:
                firsts = [t for waiting in lists for t in first_of_classes(waiting)]
                firsts = [ticket for ticket in firsts if self.has_staff_for(ticket.claim)]
            else:
                firsts = [waiting[0] for waiting in lists]
            turn = min(firsts, key=lambda ticket: ticket.rank, default=None)
            if turn is None or not self.has_staff_for(turn.claim):
                return
            turn.pool.take(turn.claim)

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
