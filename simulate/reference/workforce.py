"""The labour markets of care workers: who leaves, whose post is vacant, who is hired and begins later."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from params.axes import HOME_CARE

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.places import District, Pool

INSTITUTIONS: Final = "care_worker_institution"
AT_HOME: Final = "care_worker_home"


@dataclass(eq=False)
class Crew:
    """The workers of one district in one market, told by the work they do.

    Thousandths of an hour of care a day in institutions, hundredths of an hour a week in home care.
    """

    district: "District"
    at_release: int = 0
    present: int = 0
    hired: list[int] = field(default_factory=list)
    """Who was hired in the months before and has not begun yet, the first to begin first."""


class Market:
    """One labour market of the city."""

    def __init__(self, city: "City", workers: str) -> None:
        self.city, self.rules, self.workers = city, city.rules, workers
        self.crews = [Crew(district) for district in city.districts]

    def begin(self) -> None:
        """Let workers do what present residents or clients use, over the assumed load."""
        supply = self.rules.supply
        for crew in self.crews:
            if self.workers == INSTITUTIONS:
                crew.at_release = int(crew.district.staff_used / supply.staff_load_2020)
            else:
                crew.at_release = int(crew.district.own(HOME_CARE).used / supply.home_load_2020)
            crew.present = crew.at_release
            # The month before the release: pay was the usual one.
            crew.hired = [self.leavers(crew, -1)] * self.rules.months_to_fill

    def leavers(self, crew: Crew, month: int) -> int:
        """Return who leaves in a month."""
        return int(crew.present * (1 - self.rules.stays_a_month(self.workers, month)))

    def work(self, month: int, crew: Crew) -> int:
        """Return what workers do in a district whom dated changes have added by a month."""
        if month < 0:
            return 0
        return int(self.rules.posts_added(self.workers, month, crew.district.number) * self.each())

    def each(self) -> float:
        """Return what a worker does."""
        return sum(c.at_release for c in self.crews) / self.rules.workers_2020(self.workers)

    def is_laid_down(self, crew: Crew, month: int) -> bool:
        """Say whether the scenario itself says how many workers a district has."""
        return self.rules.workers_on_path(self.workers, month, crew.district.number) is not None

    def lay_down(self, crew: Crew, month: int) -> None:
        """Give a district the workers of its path, and those of dated changes."""
        path = self.rules.workers_on_path(self.workers, month, crew.district.number)
        assert path is not None
        share, persons = path
        there = int(share * crew.at_release + persons * self.each())
        crew.present = max(0, there + self.work(month, crew))
        crew.hired = [0] * self.rules.months_to_fill

    def turn(self, month: int) -> None:
        """Bring the workers of a month."""
        if month == 0:
            self.begin()
        if not self.rules.hires_by_vacancy:
            for crew in self.crews:
                if self.is_laid_down(crew, month):
                    self.lay_down(crew, month)
                    continue
                grown = int(
                    crew.at_release
                    * self.rules.multiple(self.workers, month)
                    * self.rules.found_for_pay(self.workers, month)
                )
                crew.present = max(0, grown + self.work(month, crew))
        elif month > 0:
            for crew in self.crews:
                if self.is_laid_down(crew, month):
                    self.lay_down(crew, month)
                else:
                    self.leave_and_begin(crew, month)
            self.hire(month)

    def leave_and_begin(self, crew: Crew, month: int) -> None:
        """Let leavers go and those begin whose training is over."""
        crew.present -= self.leavers(crew, month)
        if crew.hired:
            crew.present += crew.hired.pop(0)
        crew.present += self.work(month, crew) - self.work(month - 1, crew)
        crew.present = max(0, crew.present)

    def hire(self, month: int) -> None:
        """Hire for vacant posts, in proportion to them, as many as the city can find."""
        fixed = [self.is_laid_down(c, month) for c in self.crews]
        expected = [
            c.present
            if f
            else int(c.present * self.rules.stays_until_filled(self.workers, month)) + sum(c.hired)
            for c, f in zip(self.crews, fixed, strict=True)
        ]
        vacant = [
            0 if f else max(0, self.posts(c.district, month) - there)
            for c, f, there in zip(self.crews, fixed, expected, strict=True)
        ]
        then = min(month + self.rules.months_to_fill, self.rules.last_month)
        times = self.rules.multiple(self.workers, then)
        times *= self.rules.found_for_pay(self.workers, month)
        found = int(sum(c.at_release for c in self.crews) * times) + sum(
            self.work(month, c) for c in self.crews
        )
        hired = min(max(0, found - sum(expected)), sum(vacant))
        for crew, posts, f in zip(self.crews, vacant, fixed, strict=True):
            if f:
                continue
            more = hired * posts // sum(vacant) if hired else 0
            if self.rules.months_to_fill:
                crew.hired.append(more)
            else:
                crew.present += more

    def posts(self, district: "District", month: int) -> int:
        """Return what workers would do if no post were vacant: nobody waits, at the load of 2020."""
        if self.workers == AT_HOME:
            pool = district.own(HOME_CARE)
            hours = pool.used + self.that_may_come(pool)
            output = self.rules.home_output(month)
            return int(hours / output / self.rules.supply.home_load_2020)
        hours = district.staff_used
        for resource in self.rules.beds:
            if self.rules.bed(resource).workers:
                hours += self.in_line(district, resource)
        return int(hours / self.rules.output(month) / self.rules.supply.staff_load_2020)

    def that_may_come(self, pool: "Pool") -> int:
        """Return the hours that wait in a district, of which a ceiling may allow a part only."""

        def waiting(pool: "Pool") -> int:
            return sum(ticket.claim.size for ticket in pool.waiting)

        left = self.city.hours_left()
        if left is None:
            return waiting(pool)
        everybody = sum(waiting(district.own(HOME_CARE)) for district in self.city.districts)
        left = max(0, left)
        return waiting(pool) if everybody <= left else waiting(pool) * left // everybody

    def in_line(self, district: "District", resource: int) -> int:
        """Return the staff time of the first of those who wait, as many as beds stand free.

        They stand on the list of the district's own beds and on that of those for the whole city.
        """
        pools = district.pools_of(resource)
        free = sum(pool.capacity - pool.used for pool in pools)
        open_pools = [pool for pool in pools if pool.used < pool.capacity]
        return (
            max((self.staff_time(pool, free) for pool in open_pools), default=0) if free > 0 else 0
        )

    def staff_time(self, pool: "Pool", most: int) -> int:
        """Return the staff time of the first in a line."""
        now = self.city.clock.second
        served = [t for t in pool.waiting if self.rules.is_served("beds", t.rank, now)]
        return sum(
            pool.district.staff_added(ticket.claim.person, pool.resource)
            for ticket in served[:most]
        )
