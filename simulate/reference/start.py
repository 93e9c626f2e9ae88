"""The day from which a scenario looks ahead: who lives where and who is in line become what it gives."""

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Final

import simpy

from params.axes import HOME_CARE
from simulate.city.given import RESIDENTS, WAITING_LISTS
from simulate.engine.log import NOBODY
from simulate.engine.records import (
    BED,
    CHANGED,
    INSURED_PERSON,
    NOTICE_EVENT,
    SELF_CARING,
    UPGRADE,
    WITHDREW,
)
from simulate.engine.streams import LEAVE_AT_START, WANT
from simulate.reference import wishes
from simulate.reference.draws import uniform

if TYPE_CHECKING:
    from simulate.reference.city import City
    from simulate.reference.claims import Claim
    from simulate.reference.person import Person
    from simulate.reference.places import District, Pool

AFTER_ALL: Final = NOTICE_EVENT + 1
"""Kind of what happens when everything else of a second has."""


def day_of_counts(city: "City") -> Iterator[simpy.Event]:
    """Wait for the last second of the day, and do it; whoever may be served then is so with the new month."""
    given, calendar = city.rules.setting.start, city.rules.setting.calendar
    yield city.clock.moment(int(calendar.month_start[given.month]) - 1, AFTER_ALL, NOBODY)
    city.takes_nobody_in = True
    residents, lists = given.count[RESIDENTS].tolist(), given.count[WAITING_LISTS].tolist()
    beds, services = city.rules.beds, city.rules.services
    for district in city.districts:
        for bed in beds:
            some_leave(district, bed, residents[district.number][bed])
    for district in city.districts:
        for bed in beds:
            some_move_in(district, bed, residents[district.number][bed])
    for resources in (beds, services):
        for change in (some_withdraw, some_ask):
            for district in city.districts:
                for resource in resources:
                    change(district, resource, lists[district.number][resource])
    for district in city.districts:
        for resource in (*services, *beds):
            for pool in district.pools_of(resource):
                pool.look_again()


def residents_of(district: "District", bed: int) -> "list[Person]":
    """Return who lives in a district's beds of a kind."""
    pools = district.pools_of(bed)
    return [p for p in district.city.people if p.residence in pools]


def some_leave(district: "District", bed: int, given: int) -> None:
    """Have no more residents than given; who goes first is each one's luck, whatever the scenario."""
    residents = residents_of(district, bed)
    if given >= 0:
        residents.sort(key=lambda p: uniform(p.key, LEAVE_AT_START, 0))
        for p in residents[: max(len(residents) - given, 0)]:
            p.leaves_for_good()


def some_move_in(district: "District", bed: int, given: int) -> None:
    """Have no fewer residents than given, as long as there are beds and people."""
    lacking = given - len(residents_of(district, bed))
    if lacking <= 0:
        return
    for pool in district.pools_of(bed):
        for ticket in list(pool.waiting):
            if lacking > 0 and is_free(pool) and ticket.claim.person.residence is None:
                pool.take(ticket.claim)
                lacking -= 1
    for p in nearest_to_wish(district, bed):
        free = [pool for pool in district.pools_of(bed) if is_free(pool)]
        if lacking == 0 or not free:
            return
        asks_now(p)
        claim = bed_waited_for(p)
        if claim is not None and claim.resource == bed:
            free[0].take(claim)
            lacking -= 1


def is_free(pool: "Pool") -> bool:
    """Say whether a pool has a bed free, and both of its kind together."""
    pools = pool.district.pools_of(pool.resource)
    together = sum(p.capacity - p.used for p in pools)
    return pool.used < pool.capacity and together > 0


def bed_waited_for(p: "Person") -> "Claim | None":
    """Return the request for the bed that somebody without one wants most."""
    if p.residence is not None:
        return None
    for lane in (UPGRADE, BED):
        if lane in p.claims and p.claims[lane].waits:
            return p.claims[lane]
    return None


def asks_now(p: "Person") -> None:
    """Want an institution from now on, whatever the share that does, and ask for a bed."""
    p.wants_by_count = True
    if BED in p.claims:
        p.claims[BED].close(CHANGED)
    wishes.choose(p)


def nearest_to_wish(district: "District", bed: int) -> "list[Person]":
    """Return who of a district is at home and would ask for a kind of bed, nearest to it first."""
    people = [p for p in district.city.people if p.district is district and could_ask(p)]
    people = [p for p in people if kind_of_wish(p) == bed]
    return sorted(people, key=distance_to_wish)


def could_ask(p: "Person") -> bool:
    """Say whether somebody is known, at home, in no line for a bed, and may still want one."""
    came_forward = p.assessed >= 2 or (p.kind == SELF_CARING and p.apply_at <= p.clock.second)
    at_home = p.residence is None and not p.is_on_ward and not wishes.is_in_hospital(p)
    return (
        p.alive
        and came_forward
        and at_home
        and bed_waited_for(p) is None
        and not p.has_left_institutions
    )


def kind_of_wish(p: "Person") -> int | None:
    """Return the bed that they would want most if they wanted any."""
    special = wishes.most_special(p, special=True, wants=True)
    return wishes.most_special(p, special=False, wants=True) if special is None else special


def distance_to_wish(p: "Person") -> float:
    """Return how far their uniform lies above the share of people like them who want a bed."""
    share = 1.0 if p.kind == SELF_CARING else wishes.share_like_them(p)
    return uniform(p.key, WANT, 0) - share


def line_for(district: "District", resource: int) -> "list[Claim]":
    """Return a line in its order; of beds those who live in the district and have no bed."""
    claims = [ticket.claim for ticket in district.own(resource).waiting]
    if resource not in district.city.rules.beds:
        return claims
    return [
        claim
        for claim in claims
        if claim.person.district is district and bed_waited_for(claim.person) is claim
    ]


def some_withdraw(district: "District", resource: int, given: int) -> None:
    """Have no more people in line than given: the last go."""
    line = line_for(district, resource)
    if given < 0:
        return
    for claim in reversed(line[given:]):
        p = claim.person
        if resource not in p.rules.beds:
            p.ends_service(resource, WITHDREW)
            continue
        if UPGRADE in p.claims:
            p.claims[UPGRADE].close(WITHDREW)
        if BED in p.claims:
            wishes.give_up(p, p.claims[BED])


def some_ask(district: "District", resource: int, given: int) -> None:
    """Have no fewer people in line than given, as long as there are people."""
    lacking = given - len(line_for(district, resource))
    if lacking <= 0:
        return
    if resource in district.city.rules.beds:
        for p in nearest_to_wish(district, resource)[:lacking]:
            asks_now(p)
        return
    people = [(distance_to_service(p, resource), p.number, p) for p in district.city.people]
    near = sorted(one for one in people if one[0] < inf and one[2].district is district)
    for _, _, p in near[:lacking]:
        is_hours = resource == HOME_CARE
        size = p.rules.weekly_hours(p.assessed, p.clock.second) if is_hours else 1
        wishes.ask_service(p, resource, size)


def distance_to_service(p: "Person", service: int) -> float:
    """Return how far somebody at home is from asking for a service; infinite if they could not."""
    lane, rules = p.rules.lanes[service], p.rules
    if not p.alive or p.kind != INSURED_PERSON or p.assessed < 2 or not p.is_covered:
        return inf
    if wishes.is_in_hospital(p) or p.is_on_ward or p.residence is not None or lane in p.claims:
        return inf
    bed = p.claims.get(BED)
    if bed is not None and bed.waits and not rules.interim_home_care:
        return inf
    for other in rules.services:
        held = p.claims.get(rules.lanes[other])
        if rules.bed(other).replaces == rules.bed(service).name and held and held.is_served:
            return inf
    distance = inf
    for ask in rules.bed(service).asks:
        level = p.assessed
        if ask.who == "hospital" or (ask.who == "dementia" and p.life.dementia == 0):
            continue
        if ask.who == "last_months":
            if not p.is_in_last_months:
                continue
            level = p.life.level
        chance = rules.chances[ask][level]
        if chance > 0.0:
            distance = min(distance, uniform(p.key, ask.luck, 0) - chance)
    return distance
