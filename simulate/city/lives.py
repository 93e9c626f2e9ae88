"""Live a person's level: worsening, improving, recovery and death, whatever care there is.

Lives do not depend on care, so two scenarios share them. Death is one threshold a person, reached by
the hazard accumulated along their levels; the other changes are drawn afresh in every level.
"""

from params.axes import ELDER_AGE
from simulate.city.world import SELF_CARING_AGE, CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.events import push
from simulate.engine.log import LEVEL, NOBODY, note
from simulate.engine.records import (
    BELOW_2,
    DEATH_NEXT,
    FAR,
    IMPROVE_NEXT,
    LAST_MONTHS_EVENT,
    LIFE_EVENT,
    RECHECK_NEXT,
    RECOVER_NEXT,
    SELF_CARING,
    WORSEN_NEXT,
    YEAR,
)
from simulate.engine.streams import DEMENTIA_NEW, LIFE_KIND, LIFE_TIME, exponential, uniform

SELF_CARING_COHORT = SELF_CARING_AGE - ELDER_AGE
# Column order of World.change.
WORSEN, IMPROVE, RECOVER, RECHECK = range(4)


@kernel
def plan_life(w: CityWorld, i: int, now: int) -> None:
    """Draw what happens to a person next and when, and schedule it."""
    person = w.people[i]
    if person.kind == BELOW_2:
        return
    if person.kind == SELF_CARING:
        plan_self_caring(w, i, now)
        return
    k = person.level - 2
    total = w.change[k, WORSEN] + w.change[k, IMPROVE] + w.change[k, RECOVER] + w.change[k, RECHECK]
    change_at = FAR
    if total > 0.0:
        wait = exponential(person.key, LIFE_TIME, person.life_count) / total
        change_at = now + 1 + int(min(wait * YEAR, 1e15))
    death_at = spend_hazard(w, i, now, change_at)
    if death_at <= change_at:
        person.next_life = DEATH_NEXT
        push(w, death_at, LIFE_EVENT, i, 0)
        foresee_death(w, i, now, death_at)
        return
    u = uniform(person.key, LIFE_KIND, person.life_count) * total
    person.life_count += 1
    if u < w.change[k, WORSEN]:
        person.next_life = WORSEN_NEXT
    elif u < w.change[k, WORSEN] + w.change[k, IMPROVE]:
        person.next_life = IMPROVE_NEXT
    elif u < total - w.change[k, RECHECK]:
        person.next_life = RECOVER_NEXT
    else:
        person.next_life = RECHECK_NEXT
    push(w, change_at, LIFE_EVENT, i, 0)


@kernel
def spend_hazard(w: CityWorld, i: int, now: int, until: int) -> int:
    """Let a person use up their death threshold until a time; return when they die or `FAR`."""
    person = w.people[i]
    last = w.death.shape[0] - 1
    period = w.tally.period
    time = now
    left = person.death_left
    while True:
        year = w.death_year[period]
        cohort = min(w.rules.start_year + year - 1 - person.birth_year - 59, w.death.shape[2] - 1)
        hazard = w.death[period, person.sex, max(cohort, 0), person.level - 2] / YEAR
        stop = min(until, w.death_start[period + 1]) if period < last else until
        spent = hazard * (stop - time)
        if spent >= left:
            return time + 1 + int(left / hazard)
        left -= spent
        if stop >= until or period >= last:
            person.death_left = left
            return FAR
        time = stop
        period += 1


@kernel
def plan_self_caring(w: CityWorld, i: int, now: int) -> None:
    """Draw the end of a self-caring resident: death, or need (they then count among onsets)."""
    person = w.people[i]
    if w.rules.has_deaths == 1:
        at, death = end_in_events(w, i, now)
        total = death + w.rules.self_caring_onset
    else:
        death = w.rules.self_caring_death
        total = death + w.rules.self_caring_onset
        at = now + 1 + int(person.death_left / total * YEAR)
    die = uniform(person.key, LIFE_KIND, 0) * total < death
    person.next_life = DEATH_NEXT if die else RECOVER_NEXT
    push(w, at, LIFE_EVENT, i, 0)
    if die:
        foresee_death(w, i, now, at)


@kernel
def end_in_events(w: CityWorld, i: int, now: int) -> tuple[int, float]:
    """Return when a self-caring resident ends, and their yearly hazard of death by then."""
    last = w.death.shape[0] - 1
    period, time, left = w.tally.period, now, w.people[i].death_left
    while True:
        death = w.rules.self_caring_death * w.death_factor[period, SELF_CARING_COHORT]
        hazard = (death + w.rules.self_caring_onset) / YEAR
        if period >= last:
            return time + 1 + int(left / hazard), death
        spent = hazard * (w.death_start[period + 1] - time)
        if spent >= left:
            return time + 1 + int(left / hazard), death
        left -= spent
        time = w.death_start[period + 1]
        period += 1


@kernel
def foresee_death(w: CityWorld, i: int, now: int, death_at: int) -> None:
    """Let a person's last months begin, where something is asked for in them."""
    if w.rules.last_months > 0:
        push(w, max(now + 1, death_at - w.rules.last_months), LAST_MONTHS_EVENT, i, 0)


@kernel
def change_level(w: CityWorld, i: int, now: int) -> None:
    """Apply a change of level that was drawn before; worsening may bring dementia."""
    person = w.people[i]
    if person.next_life == WORSEN_NEXT:
        if person.dementia == 0:
            u = uniform(person.key, DEMENTIA_NEW, person.life_count)
            if u < w.acquire[person.level - 2]:
                person.dementia = 1
        person.level += 1
    elif person.next_life == IMPROVE_NEXT:
        person.level -= 1
    person.chosen_level = 0
    note(w, now, LEVEL, i, NOBODY, NOBODY, person.level, person.dementia)
