"""Run the events of one replication, first to last."""

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, HOME_CARE, N_LEVEL
from simulate.city.assessment import (
    LOWEST,
    ask_assessment,
    end_visits,
    give_notice,
    hold_from_before,
    open_office,
    start_assessments,
    turn_office,
)
from simulate.city.care import (
    choose,
    finish,
    give_up,
    leave_institutions,
    set_assessed,
)
from simulate.city.home_services import fill_pool
from simulate.city.hospital import admit, discharge, end_hold
from simulate.city.institutions import count_held, fill_beds, widen
from simulate.city.lives import change_level, plan_life
from simulate.city.new_rules import turn_admissions, turn_insurance
from simulate.city.pools import district_of, pool_index, resource_of
from simulate.city.start import begin_as_given
from simulate.city.wishes import draw_traits, tabulate_want
from simulate.city.workforce import put_to_work, turn_workforce
from simulate.city.world import N_MARKET, CityWorld, city_world
from simulate.engine.compiled import entry, kernel
from simulate.engine.events import (
    KIND_AT,
    KIND_MASK,
    PERSON_AT,
    PERSON_MASK,
    SECOND_AT,
    SEQUENCE_MASK,
    next_event,
    open_day,
    push,
)
from simulate.engine.log import (
    APPLIED,
    CASE_TIME,
    HOURS,
    IMPATIENT,
    LAST_MONTHS,
    NOBODY,
    ONSET,
    RECHECKED,
    RENEWAL_DUE,
    STAFF,
    TEAMS,
    note,
)
from simulate.engine.queues import mark_dirty, state_of
from simulate.engine.records import (
    ADMISSION_EVENT,
    APPLY_EVENT,
    BED,
    BELOW_2,
    DAY,
    DEATH_NEXT,
    DIED,
    DISCHARGE_EVENT,
    DONE_EVENT,
    EARLY_ASSESSMENT,
    EXIT_EVENT,
    FAR,
    FIRST_ASSESSMENT,
    HOLD_EVENT,
    IN_LAST_MONTHS,
    INSURED_PERSON,
    LAST_MONTHS_EVENT,
    LIFE_EVENT,
    NOTICE_EVENT,
    PATIENCE_EVENT,
    RECHECK_NEXT,
    RECOVER_NEXT,
    RECOVERED,
    RENEW_EVENT,
    RENEWAL,
    SELF_CARING,
    SERVED,
    START_EVENT,
    UNINSURED_PERSON,
    UPGRADE,
    UPGRADE_PATIENCE_EVENT,
    WAITING,
    WITHDRAW_EVENT,
)
from simulate.engine.world import UNLIMITED

FREE_TEAMS = 1 << 30
WARM_UP_SERVICE = 2 * 3600
"""Working seconds a case during the warm-up, when assessors do not bind."""


@entry
def run_world(arrays: tuple[NDArray[np.generic], ...]) -> int:
    """Run a world's arrays to the end; return 0, or 1 if some store was too small."""
    w = city_world(arrays)
    w.state.today = -1
    w.state.free_chunk = -1
    unbind(w)
    tabulate_want(w)
    for i in range(w.people.size):
        push(w, int(w.people[i].onset), START_EVENT, i, 0)
    last_period = w.death.shape[0] - 1
    due = turn_months(w, -1)
    beds_due = turn_beds(w, -1)
    events_due = turn_events(w, -1)
    for day in range(w.bucket.shape[0]):
        while w.tally.period < last_period and w.death_start[w.tally.period + 1] <= day * DAY:
            w.tally.period += 1
        open_day(w, day)
        if w.state.full == 1:
            return 1
        while True:
            event = next_event(w)
            if w.state.full == 1:
                return 1
            if event < 0:
                break
            time = day * DAY + (event >> SECOND_AT)
            if time >= due:
                due = turn_months(w, time)
            w.state.handled += 1
            w.state.now = time
            kind = (event >> KIND_AT) & KIND_MASK
            handle(w, time, kind, (event >> PERSON_AT) & PERSON_MASK, event & SEQUENCE_MASK)
            # Five events in six free nothing.
            if w.state.n_dirty > 0:
                serve_waiting(w, time)
        # What holds from this midnight on is known before anybody is served.
        if (day + 1) * DAY >= events_due:
            events_due = turn_events(w, (day + 1) * DAY)
        if (day + 1) * DAY >= due:
            due = turn_months(w, (day + 1) * DAY)
        if (day + 1) * DAY >= beds_due:
            beds_due = turn_beds(w, (day + 1) * DAY)
        serve_waiting(w, (day + 1) * DAY)
    count_held(w, w.span.end, 0)
    return w.state.full


@kernel
def serve_waiting(w: CityWorld, now: int) -> None:
    """Look at every pool where something has changed, until nothing changes any more."""
    just_filled = -1
    while w.state.n_dirty > 0:
        w.state.n_dirty -= 1
        pool = w.dirty[w.state.n_dirty]
        w.is_dirty[pool] = 0
        if resource_of(w, pool) >= w.rules.first_bed:
            district = district_of(w, pool)
            # All kinds of bed are filled together: a second look at once would find nothing.
            if district != just_filled:
                fill_beds(w, district, now)
            just_filled = district
        else:
            just_filled = -1
            fill_pool(w, pool, now)


@kernel
def handle(w: CityWorld, now: int, kind: int, i: int, sequence: int) -> None:
    """Act on one event."""
    person = w.people[i]
    if kind == DONE_EVENT:
        end_visits(w, i, now)
        return
    if person.alive == 0:
        return
    if kind == NOTICE_EVENT:
        give_notice(w, i, now)
        return
    if kind == LIFE_EVENT:
        live(w, i, now)
    elif kind == START_EVENT:
        note(w, now, ONSET, i, NOBODY, NOBODY, person.level, person.dementia)
        draw_traits(w, i)
        plan_life(w, i, now)
        push(w, max(int(person.apply), now), APPLY_EVENT, i, 0)
    elif kind == APPLY_EVENT:
        apply(w, i, now)
    elif kind == RENEW_EVENT:
        if sequence == person.seq_renew:
            note(w, now, RENEWAL_DUE, i, NOBODY, NOBODY, 0, 0)
            ask_assessment(w, i, RENEWAL, now)
    elif kind == EXIT_EVENT:
        leave_institutions(w, i, now)
    elif kind == PATIENCE_EVENT:
        if state_of(w, i, BED) == WAITING and sequence == person.seq_bed:
            note(w, now, IMPATIENT, i, BED, NOBODY, 0, 0)
            widen(w, i, BED, now)
    elif kind == UPGRADE_PATIENCE_EVENT:
        if state_of(w, i, UPGRADE) == WAITING and sequence == person.seq_upgrade:
            note(w, now, IMPATIENT, i, UPGRADE, NOBODY, 0, 0)
            widen(w, i, UPGRADE, now)
    elif kind == WITHDRAW_EVENT:
        if state_of(w, i, BED) == WAITING and sequence == person.seq_bed:
            give_up(w, i, now)
    elif kind == ADMISSION_EVENT:
        if state_of(w, i, BED) == SERVED and sequence == person.stays:
            admit(w, i, now)
    elif kind == HOLD_EVENT:
        end_hold(w, i, now)
    elif kind == DISCHARGE_EVENT:
        discharge(w, i, now)
    elif kind == LAST_MONTHS_EVENT:
        note(w, now, LAST_MONTHS, i, NOBODY, NOBODY, person.level, 0)
        person.traits |= IN_LAST_MONTHS
        person.chosen_level = 0
        choose(w, i, now)


@kernel
def apply(w: CityWorld, i: int, now: int) -> None:
    """Let a person come forward: to the assessors, or straight to the institutions."""
    person = w.people[i]
    note(w, now, APPLIED, i, NOBODY, NOBODY, 0, 0)
    if person.kind == UNINSURED_PERSON:
        set_assessed(w, i, person.level)
        choose(w, i, now)
    elif person.kind == SELF_CARING:
        choose(w, i, now)
    elif person.kind == INSURED_PERSON and person.settled == 1:
        hold_from_before(w, i, now)
    else:
        ask_assessment(w, i, FIRST_ASSESSMENT, now)


@kernel
def live(w: CityWorld, i: int, now: int) -> None:
    """Act on a life event: the end, or a change of level that may be re-assessed early."""
    person = w.people[i]
    what = person.next_life
    if what == DEATH_NEXT:
        finish(w, i, now, DIED)
        return
    if what == RECOVER_NEXT:
        finish(w, i, now, RECOVERED)
        return
    if what == RECHECK_NEXT:
        note(w, now, RECHECKED, i, NOBODY, NOBODY, person.level, person.dementia)
    else:
        change_level(w, i, now)
    if person.kind == UNINSURED_PERSON:
        if person.assessed > 0:
            set_assessed(w, i, person.level)
            choose(w, i, now)
    elif person.kind != BELOW_2 and person.assessed > 0:
        ask_assessment(w, i, EARLY_ASSESSMENT, now)
    plan_life(w, i, now)


@kernel
def unbind(w: CityWorld) -> None:
    """Start the warm-up: beds as planned for the first month, people and hours without limit."""
    for pool in range(w.capacity.size):
        planned = w.pool_plan[0, pool]
        w.capacity[pool] = planned if planned >= 0 else UNLIMITED
    w.tally.least_level, w.tally.most_hours = LOWEST, UNLIMITED
    for d in range(w.zone.size):
        w.staff_limit[d] = UNLIMITED
        w.pairs[d] = FREE_TEAMS
        w.service[d] = WARM_UP_SERVICE


@kernel
def turn_months(w: CityWorld, now: int) -> int:
    """Bring capacities up to date for every month that has begun; return when the next one begins."""
    last = w.month_start.size - 2
    while w.state.month <= last and w.month_start[w.state.month] <= now:
        month = w.state.month
        if month == w.rules.given_month:
            begin_as_given(w, int(w.month_start[month]) - 1)
        for queue in range(w.is_closed.shape[0]):
            for rank in range(w.is_closed.shape[1]):
                w.is_closed[queue, rank] = 1 - w.open_classes[month, queue, rank]
        # Before anybody is hired: agencies hire for no hours that are not paid.
        w.tally.most_hours = w.most_at[month]
        turn_workforce(w, month)
        for d in range(w.zone.size):
            turn_office(w, d, month)
            note_district(w, d, now)
            start_assessments(w, d, now)
        turn_insurance(w, month, now)
        for pool in range(w.capacity.size):
            if w.pool_plan[month, pool] >= 0:
                w.capacity[pool] = w.pool_plan[month, pool]
                mark_dirty(w, pool)
        for d in range(w.zone.size):
            for level in range(N_LEVEL):
                w.benefits_at[month, d, level] = w.benefits[d, level]
        if w.rules.has_admissions == 1:
            turn_admissions(w, month, now)
        w.state.month += 1
        serve_waiting(w, w.month_start[month])
    return int(w.month_start[w.state.month]) if w.state.month <= last else FAR


@kernel
def turn_beds(w: CityWorld, now: int) -> int:
    """Open and close the beds of every day of changes that has come; return when the next one comes.

    Such a day starts at midnight and no month with it, so nothing has happened in its first second yet.
    """
    while w.tally.bed_step < w.bed_days.size and w.bed_days[w.tally.bed_step] <= now:
        step = w.tally.bed_step
        for pool in range(w.capacity.size):
            if w.bed_plan[step, pool] >= 0:
                w.capacity[pool] = w.bed_plan[step, pool]
                mark_dirty(w, pool)
        w.tally.bed_step += 1
        serve_waiting(w, w.bed_days[step])
    return int(w.bed_days[w.tally.bed_step]) if w.tally.bed_step < w.bed_days.size else FAR


@kernel
def turn_events(w: CityWorld, now: int) -> int:
    """Let events begin and end on every day that has come; return when the next one comes.

    Where a month begins with that day it brings what holds then, with all else that it brings.
    """
    last = w.month_start.size - 2
    while w.tally.event_step < w.event_days.size and w.event_days[w.tally.event_step] <= now:
        step = w.tally.event_step
        for d in range(w.zone.size):
            w.at_office[d] = w.event_office[step, d]
            for market in range(N_MARKET):
                w.at_work[market, d] = w.event_work[step, market, d]
        for pool in range(w.shut.size):
            w.shut[pool] = w.event_shut[step, pool]
        w.tally.event_step += 1
        month = w.state.month
        if month <= last and w.month_start[month] <= w.event_days[step]:
            continue
        for d in range(w.zone.size):
            put_to_work(w, d, month - 1)
            open_office(w, d, month - 1)
            note_district(w, d, now)
            start_assessments(w, d, now)
        for pool in range(w.capacity.size):
            if resource_of(w, pool) > ASSESSMENT:
                mark_dirty(w, pool)
        serve_waiting(w, w.event_days[step])
    step = w.tally.event_step
    return int(w.event_days[step]) if step < w.event_days.size else FAR


@kernel
def note_district(w: CityWorld, district: int, now: int) -> None:
    """Add to the log what a district has from now on."""
    beds = pool_index(w, district, w.rules.first_bed, 0)
    hours = pool_index(w, district, HOME_CARE, 0)
    office = pool_index(w, district, ASSESSMENT, 0)
    note(w, now, STAFF, NOBODY, NOBODY, beds, 0, w.staff_capacity[district])
    note(w, now, HOURS, NOBODY, NOBODY, hours, 0, w.capacity[hours])
    note(w, now, TEAMS, NOBODY, NOBODY, office, 0, w.pairs[district])
    note(w, now, CASE_TIME, NOBODY, NOBODY, office, 0, w.service[district])
