"""A life in need: what changes next and when, whatever care there is."""

from typing import TYPE_CHECKING, Any

from simulate.city.world import SELF_CARING_AGE
from simulate.engine.records import FAR, SELF_CARING, YEAR
from simulate.engine.streams import DEMENTIA_NEW, LIFE_KIND, LIFE_TIME
from simulate.reference.draws import exponential, uniform

if TYPE_CHECKING:
    from simulate.reference.person import Person

LONGEST = 1e15
"""Seconds within which a next change is sought."""


class Life:
    """Level, dementia, and the one threshold of accumulated hazard at which a person dies."""

    def __init__(self, person: "Person", record: Any) -> None:
        self.person, self.rules, self.key = person, person.rules, person.key
        self.sex, self.birth_year = int(record["sex"]), int(record["birth_year"])
        self.level, self.dementia = int(record["level"]), int(record["dementia"])
        self.hazard_left = float(record["death_left"])
        self.changes = 0

    def next_change(self, now: int) -> tuple[int, str]:
        """Return when and what happens next: death, recovery, worsen, improve or recheck."""
        if self.person.kind == SELF_CARING:
            return self._end_of_self_care(now)
        rates = self.rules.changes(self.level)
        total = sum(rates)
        change_at = FAR
        if total > 0.0:
            wait = exponential(self.key, LIFE_TIME, self.changes) / total
            change_at = now + 1 + int(min(wait * YEAR, LONGEST))
        death_at = self._death_before(now, change_at)
        if death_at is not None:
            return death_at, "death"
        u = uniform(self.key, LIFE_KIND, self.changes) * total
        self.changes += 1
        worsen, improve, _, recheck = rates
        if u < worsen:
            return change_at, "worsen"
        if u < worsen + improve:
            return change_at, "improve"
        return change_at, "recovery" if u < total - recheck else "recheck"

    def change(self, what: str) -> None:
        """Move a level up or down; worsening may bring dementia."""
        if what == "improve":
            self.level -= 1
            return
        if self.dementia == 0:
            chance = self.rules.dementia_on_worsening(self.level)
            self.dementia = int(uniform(self.key, DEMENTIA_NEW, self.changes) < chance)
        self.level += 1

    def _death_before(self, now: int, until: int) -> int | None:
        """Use up the threshold until a time, from turn to turn; return when it is reached before."""
        left = self.hazard_left
        while True:
            rate = self.rules.death_rate(now, self.sex, self.birth_year, self.level) / YEAR
            turn = self.rules.next_turn(now)
            stop = until if turn is None else min(until, turn)
            spent = rate * (stop - now)
            if spent >= left:
                death = now + 1 + int(left / rate)
                return death if death <= until else None
            left -= spent
            if stop == until:
                self.hazard_left = left
                return None
            now = stop

    def _end_of_self_care(self, now: int) -> tuple[int, str]:
        """Draw the end of a self-caring resident: death, or need."""
        death, need = self.rules.choice.self_caring_death, self.rules.choice.self_caring_onset
        if self.rules.happenings.deaths:
            return self._end_among_events(now, death, need)
        time = now + 1 + int(self.hazard_left / (death + need) * YEAR)
        dies = uniform(self.key, LIFE_KIND, 0) * (death + need) < death
        return time, "death" if dies else "recovery"

    def _end_among_events(self, now: int, usual: float, need: float) -> tuple[int, str]:
        """Draw the same where events multiply the hazard of death."""
        left = self.hazard_left
        while True:
            death = usual * self.rules.happenings.death_factor(now, SELF_CARING_AGE)
            rate, turn = (death + need) / YEAR, self.rules.next_turn(now)
            if turn is None or rate * (turn - now) >= left:
                dies = uniform(self.key, LIFE_KIND, 0) * (death + need) < death
                return now + 1 + int(left / rate), "death" if dies else "recovery"
            left -= rate * (turn - now)
            now = turn
