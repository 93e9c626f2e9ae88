"""A claim: one wish for one thing, from the request to its end."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from simulate.engine.log import ENDED, FOLLOWED, NOBODY
from simulate.engine.records import CHANGED, OPEN

if TYPE_CHECKING:
    from simulate.reference.person import Person
    from simulate.reference.places import Pool


@dataclass(eq=False, slots=True)
class Claim:
    """What a person waits for or has, in one of the lanes in which they can wait at the same time."""

    person: "Person"
    lane: int
    resource: int
    size: int
    rank: int
    level: int
    number: int = 0
    """Which request for a bed it is: the count of its draws."""
    pool: "Pool | None" = None
    """Where it is served."""
    lists: list["Ticket"] = field(default_factory=list, repr=False)
    """Places on waiting lists."""
    outcome: int = OPEN
    is_over: bool = False
    since: int = 0
    """When an assessment or care at home was asked for."""
    is_lent: bool = False
    """Whether it is met by a bed for which the person may not ask."""

    @property
    def waits(self) -> bool:
        """Whether it is neither met nor given up nor over."""
        return self.pool is None and not self.is_over and self.outcome == OPEN

    @property
    def is_served(self) -> bool:
        """Whether it is met now."""
        return self.pool is not None and not self.is_over

    @property
    def is_given_up(self) -> bool:
        """Whether the person stopped waiting although the wish goes on."""
        return self.outcome != OPEN and not self.is_over

    def join(self, pool: "Pool", rank: int) -> None:
        """Stand at the end of a class of a waiting list."""
        ticket = Ticket(rank, pool.city.next_ticket(), self, pool)
        self.lists.append(ticket)
        pool.add(ticket)

    def leave_lists(self) -> None:
        """Leave every waiting list, the last one joined first; who stood behind may fit now."""
        while self.lists:
            ticket = self.lists.pop()
            ticket.pool.remove(ticket)
            ticket.pool.look_again()

    def look_again(self) -> None:
        """Have the lists looked at again on which it stands, the last one joined first."""
        for ticket in reversed(self.lists):
            ticket.pool.look_again()

    def close(self, outcome: int) -> None:
        """End it; what had been given up before keeps that outcome."""
        self.leave_lists()
        if self.outcome == OPEN:
            self.outcome = outcome
        self.is_over = True
        person = self.person
        person.note(ENDED, self.lane, NOBODY, self.outcome, self.size)
        del person.claims[self.lane]

    def go_on(self, size: int, level: int) -> None:
        """Carry on in the same place with another size or level: no new request."""
        self.person.note(ENDED, self.lane, NOBODY, CHANGED, self.size)
        self.size, self.level = size, level
        self.person.note(FOLLOWED, self.lane, NOBODY, level, size)


class Ticket(NamedTuple):
    """A place on a waiting list, in its order: by class, first come first served inside it."""

    rank: int
    number: int
    """Of all tickets, so that no two are equal."""
    claim: Claim
    pool: "Pool"
