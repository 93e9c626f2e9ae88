"""The assessors of a district: teams that visit one case after another in working hours."""

from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from simulate.engine.log import VISITED
from simulate.engine.records import ASSESS, DONE_EVENT, NOTICE_EVENT
from simulate.reference.claims import Claim, Ticket

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.places import Pool

WARM_UP_CASE: Final = 2 * 3600
"""Working seconds a case while the number of teams does not bind."""
WORKING_DAY: Final = 8 * 3600
CASES_A_TEAM: Final = 4


@dataclass(eq=False)
class Office:
    """Teams out and free, and who waits for them: first assessments, early ones, renewals."""

    city: "City"
    pool: "Pool"
    teams: int | None = None
    """None: as many as are needed (the warm-up)."""
    out: int = 0
    case_time: int = WARM_UP_CASE
    cases: int = 0
    """Assessed in the year before the release."""
    applications: int = 0
    """Of the calendar year."""
    rate: float = 0.0
    """Cases that can be done a working day."""
    at_release: float = 0.0
    """The same when the warm-up ends."""
    waiting: list[Ticket] = field(default_factory=list, repr=False)

    @property
    def district(self) -> int:
        """The number of its district."""
        return self.pool.district.number

    @property
    def days(self) -> list[bool]:
        """Whether its assessors work, day by day."""
        return self.city.rules.happenings.office_days(self.district)

    def join(self, claim: Claim) -> None:
        """Take an application."""
        self.applications += 1
        claim.since = self.city.clock.second
        ticket = Ticket(claim.rank, self.city.next_ticket(), claim, self.pool)
        insort(self.waiting, ticket)
        self.send_teams()

    def forget(self, claim: Claim) -> None:
        """Drop the application of somebody who needs no assessment any more."""
        self.waiting = [t for t in self.waiting if t.claim is not claim]

    def send_teams(self) -> None:
        """Send free teams to those who wait."""
        while self.teams is None or self.out < self.teams:
            rules, now = self.city.rules, self.city.clock.second
            served = (t for t in self.waiting if rules.is_served("assessments", t.rank, now))
            if (turn := next(served, None)) is None:
                return
            self.waiting.remove(turn)
            self.visit(turn.claim)

    def visit(self, claim: Claim) -> None:
        """Send a team to a case."""
        self.out += 1
        claim.person.note(VISITED, ASSESS, self.pool.number, 0, self.case_time)
        back = self.city.clock.after_work(self.case_time, worked=self.days)
        claim.person.at(back, DONE_EVENT, self.come_back, claim)

    def come_back(self, claim: Claim) -> None:
        """Have the team back when the work is done, whatever became of the person."""
        self.out -= 1
        self.send_teams()
        if not claim.person.alive:
            return
        clock, rules = self.city.clock, self.city.rules
        if rules.counts_for_teams(clock.second):
            self.cases += 1
        notice = clock.after_work(rules.steps, claim.since, self.days)
        if notice > clock.second:
            claim.person.at(notice, NOTICE_EVENT, claim.person.is_told, claim)
        else:
            claim.person.hears_result(claim)

    def turn_month(self, month: int) -> None:
        """Have the assessors of a month; where nothing is laid down they follow the applications."""
        rules = self.city.rules
        if month == 0:
            self.rate = self.at_release = rules.cases_a_day(self.cases, 0, self.district)
            self.applications = 0
        elif rules.assessors_follow and month % 12 == 0:
            wanted, most = (
                rules.cases_a_day(self.applications, month, self.district),
                rules.supply.assessor_growth_most,
            )
            if self.rate > 0:
                wanted = min(max(wanted, self.rate * (1.0 - most)), self.rate * (1.0 + most))
            self.rate = wanted
            self.applications = 0
        self.open(month)

    def open(self, month: int) -> None:
        """Have the teams whom the assessors at work these days make."""
        here = self.city.rules.happenings.at_office(self.district, self.city.clock.second)
        self.hire(self.cases_in(month) * here)

    def cases_in(self, month: int) -> float:
        """Return the cases a working day that all assessors of a month could do."""
        rules = self.city.rules
        path = rules.assessors_on_path(month, self.district) if month else None
        if path is None:
            return self.rate * rules.assessors(month)
        share, persons = path
        everywhere = 0.0
        for district in self.city.districts:
            everywhere += district.office.at_release
        each = everywhere / rules.supply.assessors_2020
        return share * self.at_release + persons * each

    def hire(self, cases_a_day: float) -> None:
        """Have teams for so many cases a working day, and the time a case that makes them do it."""
        self.teams = max(1, int(cases_a_day / CASES_A_TEAM + 0.5)) if cases_a_day > 0 else 0
        if cases_a_day > 0:
            self.case_time = int(self.teams * WORKING_DAY / cases_a_day)
