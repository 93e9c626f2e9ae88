"""Assess: teams of assessors in every district serve their queue in working hours."""

from simulate.city.care import choose, finish, set_assessed
from simulate.city.classes import class_in, next_waiting
from simulate.city.pools import pool_index
from simulate.city.world import CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.events import push
from simulate.engine.intrinsics import prefetch
from simulate.engine.log import ASSESSED, HELD, NOBODY, REQUESTED, VISITED, note
from simulate.engine.queues import (
    close_row,
    enqueue,
    leave_queues,
    open_row,
    set_state,
    state_of,
)
from simulate.engine.records import (
    ASSESS,
    BELOW_2,
    DAY,
    DONE,
    DONE_EVENT,
    IDLE,
    NOTICE_EVENT,
    RENEW_EVENT,
    SERVED,
    WAITING,
    WORKING_DAY,
)
from simulate.engine.streams import MISTAKE, START, VALIDITY, uniform
from simulate.engine.worktime import moment_in, seconds_in

ASSESSMENT_RESOURCE = 0
VALID_DAYS = 365
CASES_A_PAIR = 4
"""Cases of a team and working day."""
LOWEST, HIGHEST = 2, 6
"""Levels that a person in need can be found to hold."""


@kernel
def ask_assessment(w: CityWorld, i: int, request: int, now: int) -> None:
    """Apply for an assessment, for the first time, early, or because a result expires."""
    person = w.people[i]
    if state_of(w, i, ASSESS) != IDLE:
        return
    w.asked[person.district] += 1
    rank = class_in(w, i, ASSESSMENT_RESOURCE, 1, request)
    r = open_row(w, i, ASSESS, ASSESSMENT_RESOURCE, 1, rank, now)
    w.ledger[r].reason = request
    set_state(w, i, ASSESS, WAITING)
    pool = pool_index(w, person.district, ASSESSMENT_RESOURCE, 0)
    note(w, now, REQUESTED, i, ASSESS, pool, rank, 1)
    enqueue(w, i, ASSESS, pool, rank)
    start_assessments(w, person.district, now)


@kernel
def start_assessments(w: CityWorld, district: int, now: int) -> None:
    """Give waiting cases to free teams."""
    pool = pool_index(w, district, ASSESSMENT_RESOURCE, 0)
    while w.busy[district] < w.pairs[district]:
        k = next_waiting(w, pool)
        if k < 0:
            return
        i = int(w.nodes[k].person)
        ask_next(w, w.nodes[k].next)
        leave_queues(w, i, ASSESS)
        set_state(w, i, ASSESS, SERVED)
        w.busy[district] += 1
        note(w, now, VISITED, i, ASSESS, pool, 0, w.service[district])
        done = moment_after(w, district, now, w.service[district])
        push(w, max(done, now + 1), DONE_EVENT, i, 0)


@kernel
def ask_next(w: CityWorld, k: int) -> None:
    """Ask for whoever is visited next, and for the node behind theirs: both are needed soon."""
    if k >= 0:
        prefetch(w.people, w.nodes[k].person)
        prefetch(w.lanes, w.nodes[k].person)
        prefetch(w.nodes, w.nodes[k].next)


@kernel
def end_visits(w: CityWorld, i: int, now: int) -> None:
    """Free the team; the notice follows at once, or when the steps laid down have taken their time."""
    person = w.people[i]
    district = person.district
    w.busy[district] -= 1
    start_assessments(w, district, now)
    if person.alive == 0:
        return
    if w.span.release - 366 * DAY < now <= w.span.release:
        w.cases[district] += 1
    asked = w.ledger[w.lanes[i, ASSESS].row].request
    notice = moment_after(w, district, asked, w.rules.notice_seconds)
    if notice > now:
        push(w, notice, NOTICE_EVENT, i, 0)
    else:
        give_notice(w, i, now)


@kernel
def give_notice(w: CityWorld, i: int, now: int) -> None:
    """Give the result: the level is known, its validity starts, care is chosen."""
    person = w.people[i]
    district = person.district
    level = result_of(w, i)
    note(w, now, ASSESSED, i, NOBODY, NOBODY, level, person.dementia)
    row = w.ledger[w.lanes[i, ASSESS].row]
    row.start = now
    row.dest = district
    close_row(w, i, ASSESS, now, DONE)
    set_state(w, i, ASSESS, IDLE)
    if person.kind == BELOW_2:
        finish(w, i, now, DONE)
        return
    set_assessed(w, i, level)
    renew_later(w, i, now)
    choose(w, i, now)


@kernel
def turn_office(w: CityWorld, district: int, month: int) -> None:
    """Bring a month's assessors: teams, and the working time a case that makes them do its cases.

    Where no growth and no path is laid down they follow the applications of the year before, within limits.
    """
    day = w.month_start[month] // DAY
    if month == 0:
        # A leap year before the release.
        w.case_rate[district] = cases_a_day(w, district, w.cases[district], day - 366, day)
        w.case_base[district] = w.case_rate[district]
        w.asked[district] = 0
    elif w.rules.assessors_follow == 1 and month % 12 == 0:
        rate, most = w.case_rate[district], w.rules.assessor_growth_most
        first = w.month_start[month - 12] // DAY
        wanted = cases_a_day(w, district, w.asked[district], first, day)
        if rate > 0.0:
            wanted = min(max(wanted, rate * (1.0 - most)), rate * (1.0 + most))
        w.case_rate[district] = wanted
        w.asked[district] = 0
    rate = w.case_rate[district] * w.growth[month].assessors
    # All districts are calibrated in the first month, so what an assessor does is known after it.
    if month > 0 and w.assessor_paths[month, district].persons >= 0.0:
        path = w.assessor_paths[month, district]
        rate = path.base * w.case_base[district] + path.persons * cases_an_assessor(w)
    w.rate_at[month, district] = rate
    open_office(w, district, month)


@kernel
def open_office(w: CityWorld, district: int, month: int) -> None:
    """Have as many teams as assessors are at work these days, and the time a case that they take."""
    day_cases = w.rate_at[month, district] * w.at_office[district]
    w.pairs[district] = max(1, int(day_cases / CASES_A_PAIR + 0.5)) if day_cases > 0 else 0
    if day_cases > 0:
        w.service[district] = int(w.pairs[district] * WORKING_DAY / day_cases)


@kernel
def cases_an_assessor(w: CityWorld) -> float:
    """Return the cases a working day of one assessor, as at the release."""
    cases = 0.0
    for d in range(w.zone.size):
        cases += w.case_base[d]
    return cases / w.rules.assessors_2020


@kernel
def moment_after(w: CityWorld, district: int, since: int, seconds: int) -> int:
    """Return the moment at which a district's assessors have worked so long since another moment."""
    work = w.office_work[w.office_row[district]]
    return moment_in(work, seconds_in(work, since) + seconds, since)


@kernel
def cases_a_day(w: CityWorld, district: int, cases: int, first: int, last: int) -> float:
    """Return the cases a working day that make some days' cases the assumed load."""
    work = w.office_work[w.office_row[district]]
    days = (work[last] - work[first]) / WORKING_DAY
    return cases / days / w.rules.assessor_load if days > 0.0 else 0.0


@kernel
def result_of(w: CityWorld, i: int) -> int:
    """Return the level that an assessment finds: the true one, or by mistake a level beside it.

    A mistake leaves nobody without a level and finds none above the highest.
    """
    person = w.people[i]
    if person.kind == BELOW_2 or w.rules.too_high + w.rules.too_low <= 0.0:
        return person.level
    u = uniform(person.key, MISTAKE, person.seq_renew + 1)
    if u < w.rules.too_high:
        return min(person.level + 1, HIGHEST)
    if u >= 1.0 - w.rules.too_low:
        return max(person.level - 1, LOWEST)
    return person.level


@kernel
def renew_later(w: CityWorld, i: int, now: int) -> None:
    """Plan the renewal: validity is one or two years, applied for some weeks before it ends."""
    person = w.people[i]
    person.seq_renew += 1
    years = 1 if uniform(person.key, VALIDITY, person.seq_renew) < w.rules.one_year_results else 2
    wait = (years * VALID_DAYS - w.rules.lead_days) * DAY
    push(w, now + wait, RENEW_EVENT, i, person.seq_renew)


@kernel
def hold_from_before(w: CityWorld, i: int, now: int) -> None:
    """Give a person of the first stock the level they have held for part of its validity."""
    person = w.people[i]
    level = result_of(w, i)
    note(w, now, HELD, i, NOBODY, NOBODY, level, person.dementia)
    set_assessed(w, i, level)
    person.seq_renew += 1
    years = 1 if uniform(person.key, VALIDITY, person.seq_renew) < w.rules.one_year_results else 2
    wait = (years * VALID_DAYS - w.rules.lead_days) * DAY
    left = int(uniform(person.key, START, 0) * wait)
    push(w, now + left, RENEW_EVENT, i, person.seq_renew)
    choose(w, i, now)
