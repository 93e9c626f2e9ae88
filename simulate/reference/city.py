"""The model once more, in SimPy, to be read beside docs/model.md and compared with the fast one.

Plain before quick: people are processes, pools keep sorted lists. It shares the people drawn, the tables
of a setting and the draws of chance with the compiled model, and nothing else; both must write the same log.
Start with `simulate.reference.person`, then `wishes`, `hospital`, `places` and `office`.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import simpy
from numpy.typing import NDArray

from params.axes import ASSESSMENT, HOME_CARE, N_LEVEL
from simulate.city.people import make_people
from simulate.city.setting import Setting, make_traits
from simulate.engine.log import CASE_TIME, HOURS, NOBODY, STAFF, TEAMS, Entry
from simulate.engine.streams import replication_key
from simulate.reference.clock import MONTH_TURNS, Clock
from simulate.reference.new_rules import turn_admissions, turn_insurance
from simulate.reference.person import Person
from simulate.reference.places import District, Pool
from simulate.reference.rules import Rules
from simulate.reference.start import day_of_counts
from simulate.reference.workforce import AT_HOME, INSTITUTIONS, Market

NO_PLAN: Final = -1
AFTER_EVENTS: Final = NOBODY + 1
"""Place of what happens at the start of a day, after events have begun."""


@dataclass(frozen=True)
class Story:
    """What the reference tells of one replication.

    Attributes
    ----------
    log : its entries in order.
    beneficiaries : ndarray, shape (month, district, level), at the start of each month.
    """

    log: list[Entry]
    beneficiaries: NDArray[np.int64]


class City:
    """Districts, people and the clock of one replication."""

    def __init__(self, setting: Setting, people: NDArray[np.void]) -> None:
        self.rules = Rules(setting)
        worked = (np.diff(setting.calendar.work) > 0).tolist()
        self.clock = Clock(worked, self.settle)
        self.log: list[Entry] = []
        self.to_look_at: list[Pool] = []
        self.tickets = 0
        self.takes_nobody_in = False
        """Whether residents and waiting lists are just being made those of the scenario."""
        self.planned = self.rules.planned()
        self.districts = [District(self, d) for d in range(self.rules.n_district)]
        self.markets = [Market(self, INSTITUTIONS), Market(self, AT_HOME)]
        self.people = [Person(self, i, record) for i, record in enumerate(people)]
        self.beneficiaries = np.zeros((self.rules.n_district, N_LEVEL), np.int64)
        self.beneficiaries_at: list[NDArray[np.int64]] = []

    def tell(self, until: int) -> Story:
        """Run to a moment."""
        self.open_places(self.planned[0])
        self.start(self.months())
        self.start(self.bed_days())
        self.start(self.event_days())
        if self.rules.setting.start.month > 0:
            self.start(day_of_counts(self))
        for person in self.people:
            self.start(person.way())
        self.clock.run(until=until)
        return Story(self.log, np.array(self.beneficiaries_at))

    def start(self, process: Iterator[simpy.Event]) -> None:
        """Let a process run."""
        self.clock.process(process)  # type: ignore[arg-type]

    def note(self, event: int, person: int, lane: int, pool: int, mark: int, amount: int) -> None:
        """Add to the log."""
        self.log.append((self.clock.second, event, person, lane, pool, mark, amount))

    def next_ticket(self) -> int:
        """Return the next number of a waiting list."""
        self.tickets += 1
        return self.tickets

    def count_beneficiary(self, district: int, level: int, change: int) -> None:
        """Count who holds a level."""
        if level >= 2:
            self.beneficiaries[district, level - 2] += change

    # --- what has become free ----------------------------------------------------------------------

    def look_again(self, pool: Pool) -> None:
        """Have a waiting list looked at when the present event is over, the last one asked for first."""
        if pool not in self.to_look_at:
            self.to_look_at.append(pool)

    def settle(self) -> None:
        """Look at every waiting list where something has changed, until nothing changes any more."""
        while self.to_look_at and not self.takes_nobody_in:
            self.to_look_at.pop().fill()

    # --- hours of home care, whose total may be limited ----------------------------------------------

    def hours_left(self) -> int | None:
        """Return the hours of home care that may be given besides, hundredths a week; None: any."""
        most = self.rules.most_hours(self.clock.second)
        if most is None:
            return None
        return most - sum(district.own(HOME_CARE).used for district in self.districts)

    def is_below_ceiling(self, more: int) -> bool:
        """Say whether so many more hours may be given."""
        left = self.hours_left()
        return left is None or more <= left

    def fill_hours(self) -> None:
        """Serve who waits for hours, from the whole city in one order, while the ceiling leaves room.

        Nobody is in the way of others because the workers of their own district do not suffice.
        """
        while True:
            turns = [
                turn
                for district in self.districts
                if (turn := district.own(HOME_CARE).next_in_turn())
                and turn.pool.has_room(turn.claim.size)
            ]
            turn = min(
                turns, key=lambda t: (t.rank, t.claim.since, t.claim.person.number), default=None
            )
            if turn is None or not self.is_below_ceiling(turn.claim.size):
                return
            turn.pool.take(turn.claim)

    # --- months ------------------------------------------------------------------------------------

    def months(self) -> Iterator[simpy.Event]:
        """Bring capacities up to date on the first of every month, before anything else happens."""
        for month, time in enumerate(self.rules.setting.calendar.month_start[:-1].tolist()):
            yield self.clock.moment(time, MONTH_TURNS, NOBODY)
            self.takes_nobody_in = False
            for market in self.markets:
                market.turn(month)
            for district in self.districts:
                self.staff_district(district, month)
            turn_insurance(self, month)
            self.open_places(self.planned[month])
            self.beneficiaries_at.append(self.beneficiaries.copy())
            turn_admissions(self, month)

    def staff_district(self, district: District, month: int) -> None:
        """Give a district its workers, hours and assessors of a month."""
        district.office.turn_month(month)
        self.put_to_work(district, month)

    def put_to_work(self, district: District, month: int) -> None:
        """Let those who are there work as long as they do these days."""
        institutions, agencies = (market.crews[district.number] for market in self.markets)
        at_work, at_home = (
            self.rules.happenings.hours_worked(market.workers, district.number, self.clock.second)
            for market in self.markets
        )
        hours = int(institutions.present * self.rules.output(month) * at_work)
        district.staff_limit = int(hours * self.rules.supply.staff_stretch)
        home_care, office = district.own(HOME_CARE), district.office
        home_care.capacity = int(agencies.present * self.rules.home_output(month) * at_home)
        assert office.teams is not None
        for event, resource, amount in (
            (STAFF, self.rules.beds[0], hours),
            (HOURS, HOME_CARE, home_care.capacity),
            (TEAMS, ASSESSMENT, office.teams),
            (CASE_TIME, ASSESSMENT, office.case_time),
        ):
            self.note(event, NOBODY, NOBODY, district.own(resource).number, 0, amount)
        home_care.look_again()
        office.send_teams()

    def event_days(self) -> Iterator[simpy.Event]:
        """Let events begin and end at the start of their day, before beds open or close.

        The first of a month brings what holds then by itself.
        """
        months = self.rules.setting.calendar.month_start.tolist()
        for time in self.rules.happenings.turns():
            yield self.clock.moment(time, MONTH_TURNS, NOBODY)
            if time in months:
                continue
            for district in self.districts:
                district.office.open(bisect_right(months, time) - 1)
                self.put_to_work(district, bisect_right(months, time) - 1)
            for district in self.districts:
                for resource in (*self.rules.services, *self.rules.beds):
                    for pool in district.pools_of(resource):
                        pool.look_again()

    def bed_days(self) -> Iterator[simpy.Event]:
        """Open and close beds at the start of their day, before anything else happens."""
        for time, plan in self.rules.bed_days():
            yield self.clock.moment(time, MONTH_TURNS, AFTER_EVENTS)
            self.open_places(plan)

    def open_places(self, plan: list[list[list[int]]]) -> None:
        """Have the beds and places of a plan, by district; what is calibrated has none."""
        for district, resources in zip(self.districts, plan, strict=True):
            for resource, kinds in enumerate(resources):
                for pool, planned in zip(district.pools_of(resource), kinds, strict=True):
                    if planned != NO_PLAN:
                        pool.capacity = planned
                        pool.look_again()


def tell(setting: Setting, seed: int, replication: int, until: int | None = None) -> Story:
    """Run one replication of a setting in the reference model."""
    key = replication_key(seed, replication)
    calendar = setting.calendar
    people = make_people(setting.need, setting.flows, make_traits(setting), calendar, key)
    return City(setting, people).tell(until or setting.calendar.end)
