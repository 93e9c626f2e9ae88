"""Let care workers follow the work: they leave, and are hired where posts are vacant.

Institutions and home care are two labour markets, each of the whole city. A district's posts are the hours
that its residents (or clients) need and those of people in line whom a free operating bed would take, over
what a worker does at the load of the base year; the city hires no more than it has posts, nor than can be
found. What workers do is counted as in 2020: thousandths of an hour a day in institutions, hundredths of an
hour a week in home care.
"""

import numpy as np

from params.axes import HOME_CARE
from simulate.city.home_services import hours_given
from simulate.city.pools import pool_index, resource_of
from simulate.city.room import staff_added
from simulate.city.world import AT_HOME, INSTITUTIONS, N_MARKET, CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.queues import mark_dirty
from simulate.engine.records import N_CLASS, N_KIND
from simulate.engine.world import UNLIMITED


@kernel
def calibrate(w: CityWorld) -> None:
    """End the warm-up: workers do what present residents and clients use, over the assumed load."""
    for i in range(w.people.size):
        person = w.people[i]
        if person.bed_pool >= 0:
            resource = resource_of(w, person.bed_pool)
            w.residents[resource, 0] += 1
            w.residents[resource, 1] += person.dementia
    for d in range(w.zone.size):
        w.work_base[INSTITUTIONS, d] = int(w.staff_used[d] / w.rules.staff_load)
        w.work_base[AT_HOME, d] = int(w.used[pool_index(w, d, HOME_CARE, 0)] / w.rules.home_load)
        for market in range(N_MARKET):
            w.work_present[market, d] = w.work_base[market, d]
            # Those who leave in the first months have been replaced already.
            leavers = int(w.work_base[market, d] * (1.0 - w.rules.keep_month))
            for k in range(w.rules.hire_lag):
                w.work_coming[market, k, d] = leavers


@kernel
def turn_workforce(w: CityWorld, month: int) -> None:
    """Bring the workers of a month, everywhere at once: nobody's hires see another's."""
    if month == 0:
        calibrate(w)
    for market in range(N_MARKET):
        if w.rules.by_vacancy == 0:
            grow_in_place(w, market, month)
        elif month > 0:
            hire(w, market, month)
        for d in range(w.zone.size):
            w.work_at[month, market, d] = w.work_present[market, d]
    for d in range(w.zone.size):
        put_to_work(w, d, month)


@kernel
def put_to_work(w: CityWorld, d: int, month: int) -> None:
    """Let the workers present in a district work as long as they do these days."""
    work = w.work_present[INSTITUTIONS, d] * w.growth[month].output * w.at_work[INSTITUTIONS, d]
    w.staff_capacity[d] = int(work)
    w.staff_limit[d] = int(w.staff_capacity[d] * w.rules.staff_stretch)
    hours = pool_index(w, d, HOME_CARE, 0)
    work = w.work_present[AT_HOME, d] * w.growth[month].home_output * w.at_work[AT_HOME, d]
    w.capacity[hours] = int(work)
    mark_dirty(w, hours)


@kernel
def multiple(w: CityWorld, market: int, month: int) -> float:
    """Return how many times the workers of the release the city can find in a month."""
    if market == INSTITUTIONS:
        return float(w.growth[month].institution)
    return float(w.growth[month].home_care)


@kernel
def work_each(w: CityWorld, market: int) -> float:
    """Return what a worker does."""
    workers = w.rules.workers_home if market == AT_HOME else w.rules.workers_institution
    total = 0
    for d in range(w.zone.size):
        total += w.work_base[market, d]
    return total / workers


@kernel
def grow_in_place(w: CityWorld, market: int, month: int) -> None:
    """Let every district's own workers grow alike, wherever they are needed."""
    each = work_each(w, market)
    for d in range(w.zone.size):
        grown = int(w.work_base[market, d] * multiple(w, market, month) * w.found[month, market])
        if w.worker_paths[month, market, d].persons >= 0.0:
            grown = on_path(w, market, d, month, each)
        w.work_present[market, d] = max(0, grown + int(w.posts_added[month, market, d] * each))


@kernel
def on_path(w: CityWorld, market: int, district: int, month: int, each: float) -> int:
    """Return what the workers do of a district whose workers the scenario lays down."""
    path = w.worker_paths[month, market, district]
    return int(path.base * w.work_base[market, district] + path.persons * each)


@kernel
def hire(w: CityWorld, market: int, month: int) -> None:
    """Let leavers go and the newly hired begin, and hire for vacant posts, in proportion to them.

    Who is hired begins after the vacancy and the training; so vacancies are what posts lack of the workers
    expected by then. Districts whose workers are laid down have these, of those whom the city can find.
    """
    each = work_each(w, market)
    lag = w.rules.hire_lag
    added, expected, vacant = 0, 0, 0
    room, awaited = hours_to_come(w) if market == AT_HOME else (0, 0)
    vacancy = np.zeros(w.zone.size, np.int64)
    for d in range(w.zone.size):
        before, now = w.posts_added[month - 1, market, d], w.posts_added[month, market, d]
        changed = int(now * each) - int(before * each)
        added += int(now * each)
        if w.worker_paths[month, market, d].persons >= 0.0:
            laid_down = on_path(w, market, d, month, each) + int(now * each)
            w.work_present[market, d] = max(0, laid_down)
            expected += w.work_present[market, d]
            continue
        present = w.work_present[market, d]
        present -= int(present * (1.0 - w.keep_month[month, market]))
        if lag > 0:
            present += w.work_coming[market, month % lag, d]
            w.work_coming[market, month % lag, d] = 0
        w.work_present[market, d] = max(0, present + changed)
        there = int(w.work_present[market, d] * w.keep_lag[month, market])
        for k in range(lag):
            there += w.work_coming[market, k, d]
        expected += there
        vacancy[d] = max(0, posts(w, market, d, month, room, awaited) - there)
        vacant += vacancy[d]
    last = w.growth.size - 1
    then = multiple(w, market, min(month + lag, last)) * w.found[month, market]
    found = int(w.work_base[market].sum() * then) + added
    left = max(0, found - expected)
    hired = min(left, vacant)
    for d in range(w.zone.size):
        more = hired * vacancy[d] // vacant if vacant > 0 else 0
        left -= more
        if lag > 0:
            w.work_coming[market, month % lag, d] = more
        else:
            w.work_present[market, d] += more
    w.work_room[month, market] = left


@kernel
def hours_to_come(w: CityWorld) -> tuple[int, int]:
    """Return how many more hours the ceiling allows, and how many all wait for; 0, 0 without a ceiling."""
    if w.tally.most_hours >= UNLIMITED:
        return 0, 0
    room, awaited = w.tally.most_hours - hours_given(w), 0
    for d in range(w.zone.size):
        awaited += hours_awaited(w, pool_index(w, d, HOME_CARE, 0))
    return int(max(0, room)), int(awaited)


@kernel
def posts(w: CityWorld, market: int, district: int, month: int, room: int, awaited: int) -> int:
    """Return what the workers of a district would do if none of its posts were vacant.

    Nobody waits for them then, and they carry the load of the base year. Hours that the ceiling does not
    allow (of those ``awaited`` all but ``room``) are no post.
    """
    if market == AT_HOME:
        pool = pool_index(w, district, HOME_CARE, 0)
        waiting = hours_awaited(w, pool)
        if awaited > room:
            waiting = waiting * room // awaited
        hours = w.used[pool] + waiting
        return int(hours / w.growth[month].home_output / w.rules.home_load)
    hours = w.staff_used[district] + hours_in_line(w, district)
    return int(hours / w.growth[month].output / w.rules.staff_load)


@kernel
def hours_awaited(w: CityWorld, pool: int) -> int:
    """Return the hours of all who wait for home care."""
    hours = 0
    for rank in range(N_CLASS):
        k = w.head[pool, rank]
        while k >= 0:
            node = w.nodes[k]
            hours += w.ledger[w.lanes[node.person, node.lane].row].size
            k = node.next
    return hours


@kernel
def hours_in_line(w: CityWorld, district: int) -> int:
    """Return the staff time of those who wait for a bed that stands free, as many as beds are.

    Whoever waits in a district stands on the list of its own beds and on that of those for the whole city;
    the longer one is looked at.
    """
    hours = 0
    for resource in range(w.rules.first_bed, w.rules.n_resource):
        if w.resources[resource].staffed == 0:
            continue
        own = pool_index(w, district, resource, 0)
        free = w.capacity[own] + w.capacity[own + 1] - w.used[own] - w.used[own + 1]
        if free <= 0:
            continue
        most = 0
        for kind in range(N_KIND):
            if w.used[own + kind] < w.capacity[own + kind]:
                most = max(most, first_in_line(w, own + kind, free))
        hours += most
    return hours


@kernel
def first_in_line(w: CityWorld, pool: int, most: int) -> int:
    """Return the staff time of the first of those who wait in a pool and are served now."""
    hours, n = 0, 0
    queue = w.queue[resource_of(w, pool)]
    for rank in range(N_CLASS):
        if w.is_closed[queue, rank] == 1:
            continue
        k = w.head[pool, rank]
        while k >= 0 and n < most:
            hours += staff_added(w, int(w.nodes[k].person), pool)
            n += 1
            k = w.nodes[k].next
    return hours
