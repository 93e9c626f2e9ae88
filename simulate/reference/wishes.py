"""What a person asks for: a bed, another bed, care at home; and where they wait for it."""

from math import log
from typing import TYPE_CHECKING

from params.axes import HOME_CARE
from params.scenario.priorities import Case
from params.tables.resources import Ask
from simulate.engine.log import (
    ENTITLED,
    GAVE_UP,
    IMPATIENT,
    LISTED,
    MAKESHIFT,
    NOBODY,
    REQUESTED,
    RESIZED,
)
from simulate.engine.records import (
    BED,
    CHANGED,
    DAY,
    HOURS,
    INSURED_PERSON,
    PATIENCE_EVENT,
    SELF_CARING,
    UPGRADE,
    UPGRADE_PATIENCE_EVENT,
    WITHDRAW_EVENT,
    WITHDREW,
    YEAR,
)
from simulate.engine.streams import HARDSHIP, HOSPITAL, LIST, PATIENCE, WANT, WITHDRAW, ZONE
from simulate.reference import new_rules
from simulate.reference.claims import Claim
from simulate.reference.draws import exponential, uniform
from simulate.reference.rules import years_before

if TYPE_CHECKING:
    from simulate.reference.person import Person
    from simulate.reference.places import District

LONGEST = 1e15


def choose(p: "Person") -> None:
    """Compare what they want with what they have or wait for, and act on the difference."""
    if is_in_hospital(p) and not p.rules.resources.asks_without_wish:
        return
    if p.is_on_ward and p.residence is None:
        # They ask for everything anew when they come out.
        return
    for lane in (BED, UPGRADE):
        if lane in p.claims:
            # At another level they may fit where they did not before.
            p.claims[lane].look_again()
    if p.residence is not None:
        follow_level_in_residence(p)
    else:
        new_rules.drop_transfer(p)
        if wants_institution(p) or waits_in_vain(p):
            seek_bed(p)
        else:
            seek_special_bed(p, wants=False)
    if p.kind == INSURED_PERSON and p.assessed >= 2 and not is_in_hospital(p):
        seek_care_at_home(p)


def waits_in_vain(p: "Person") -> bool:
    """Say whether they wait for a kind of bed that they may not enter."""
    bed = p.claims.get(BED)
    return bed is not None and bed.waits and not new_rules.may_enter(p, bed.resource)


# --- lasting inclinations, each one uniform for life ---------------------------------------------


def is_in_hospital(p: "Person") -> bool:
    """Say whether they are cared for in hospital all the time."""
    share = p.rules.choice.hospital_share
    return p.kind == INSURED_PERSON and uniform(p.key, HOSPITAL, 0) < share


def wants_institution(p: "Person") -> bool:
    """Say whether they want to live in an institution at the level they are known to hold."""
    if p.has_left_institutions or is_in_hospital(p):
        return False
    if p.kind == SELF_CARING:
        return True
    if p.assessed < 2:
        return False
    return p.wants_by_count or uniform(p.key, WANT, 0) < share_like_them(p)


def share_like_them(p: "Person") -> float:
    """Return the share of people like them who want to live in an institution."""
    age = p.rules.first_year + years_before(p.clock.second) - p.life.birth_year
    return p.rules.share_wanting_institution(p.assessed, p.alone, p.life.dementia, age)


def has_reason(p: "Person", ask: Ask) -> bool:
    """Say whether one of the table's reasons makes them ask."""
    level = p.assessed
    if ask.who == "dementia" and p.life.dementia == 0:
        return False
    if ask.who == "hospital" and not is_in_hospital(p):
        return False
    if ask.who == "last_months":
        if not p.is_in_last_months:
            return False
        level = p.life.level
    return uniform(p.key, ask.luck, 0) < p.rules.chances[ask][level]


def asks_for(p: "Person", resource: int, wants: bool = True) -> bool:
    """Say whether they ask for a resource; some reasons need the wish to live in an institution."""
    asks = p.rules.bed(resource).asks
    return any(has_reason(p, ask) for ask in asks if wants or not ask.wish)


def most_special(p: "Person", special: bool, wants: bool) -> int | None:
    """Return the last of the special or of the ordinary kinds of bed that they ask for and may enter."""
    kinds = [k for k in p.rules.beds if p.rules.bed(k).special == special]
    asked = (k for k in reversed(kinds) if asks_for(p, k, wants))
    return next((k for k in asked if new_rules.may_enter(p, k)), None)


# --- institutions ----------------------------------------------------------------------------------


def seek_bed(p: "Person") -> None:
    """Ask for a bed, or for another kind of bed than the one waited for."""
    present = p.claims.get(BED)
    if present is not None and present.is_given_up and p.assessed <= p.gave_up_level:
        seek_special_bed(p, wants=False)
        return
    bed = most_special(p, special=False, wants=True)
    if present is not None and present.waits and present.resource != bed:
        present.leave_lists()
    p.is_turned_away = bed is None
    if bed is None and present is not None:
        present.close(CHANGED)
    asks_anew = present is None or present.is_given_up or present.resource != bed
    seek_special_bed(p, wants=True)
    if p.residence is not None:
        return
    if asks_anew and bed is not None:
        if BED in p.claims:
            p.claims[BED].close(CHANGED)
        ask_bed(p, BED, bed, p.district)


def seek_special_bed(p: "Person", wants: bool) -> None:
    """Ask for a special bed besides an ordinary one."""
    bed = most_special(p, special=True, wants=wants)
    if bed is not None and may_ask_for_better(p, bed):
        ask_bed(p, UPGRADE, bed, p.district)


def may_ask_for_better(p: "Person", bed: int) -> bool:
    """Say whether they wait for no better bed yet; a medical reason overrides another."""
    waited_for = p.claims.get(UPGRADE)
    if waited_for is None:
        return True
    if waited_for.resource >= bed or not p.rules.bed(bed).medical:
        return False
    waited_for.close(CHANGED)
    return True


def follow_level_in_residence(p: "Person") -> None:
    """Give a resident the staff time of their level; let them ask for a transfer."""
    residence = p.residence
    assert residence is not None
    staff = p.staff_needed_in(residence.resource)
    is_other, stay = staff != p.staff, p.claims[BED]
    is_own_now = stay.is_lent and new_rules.may_enter(p, residence.resource)
    if is_other or is_own_now:
        stay.go_on(1, p.assessed)
    if is_own_now:
        stay.is_lent = False
        p.note(ENTITLED, BED, residence.number, 0, 1)
    if is_other:
        residence.district.staff_used += staff - p.staff
        p.staff = staff
        residence.district.look_again_at_beds()
    new_rules.drop_transfer(p, has_followed=is_other or is_own_now)
    better = most_special(p, special=True, wants=True)
    if (better is None or better <= residence.resource) and not p.rules.bed(
        residence.resource
    ).special:
        better = most_special(p, special=False, wants=True)
    if better is not None and better > residence.resource and may_ask_for_better(p, better):
        ask_bed(p, UPGRADE, better, residence.district)


def case_of(p: "Person", local: bool = True, request: str = "first") -> Case:
    """Return what the rules of the queues look at."""
    share = p.rules.hardship_share
    return Case(
        level=p.assessed,
        alone=bool(p.alone),
        returned=p.goes_first,
        local=local,
        dementia=bool(p.life.dementia),
        hardship=uniform(p.key, HARDSHIP, 0) < share,
        request=request,
    )


def bed_class(p: "Person", local: bool = True) -> int:
    """Return their class among those who wait for a bed."""
    return p.rules.rank_in("beds", case_of(p, local))


def ask_bed(p: "Person", lane: int, bed: int, district: "District") -> None:
    """Request a bed in a district; failing that, wait, and look elsewhere when patience ends.

    Whoever asks for a better bed only makes do with what they hold or wait for meanwhile.
    """
    rank = bed_class(p)
    # A thirty-thousandth request would start the count of draws afresh.
    p.bed_requests[lane] = (p.bed_requests[lane] + 1) % 30_000
    claim = Claim(p, lane, bed, 1, rank, p.assessed, p.bed_requests[lane])
    p.claims[lane] = claim
    p.note(REQUESTED, lane, district.own(bed).number, rank, 1)
    if (BED in p.claims) if lane == UPGRADE else (UPGRADE in p.claims):
        p.note(MAKESHIFT, BED, NOBODY, 0, 0)
    for pool in district.pools_of(bed):
        claim.join(pool, rank)
        pool.fill()
        if not claim.waits:
            return
    if p.is_of_first_stock and p.clock.second < DAY:
        # On the first day those who will look elsewhere have done so long ago.
        look_elsewhere(p, claim)
        if not claim.waits:
            return
    kind = PATIENCE_EVENT if lane == BED else UPGRADE_PATIENCE_EVENT
    p.at(after(p, patience_of(p, claim)), kind, lose_patience, p, claim)
    give_up_rate = p.rules.choice.withdrawal
    if lane == BED and give_up_rate > 0.0:
        wait = exponential(p.key, WITHDRAW, claim.number) / give_up_rate * YEAR
        p.at(after(p, wait), WITHDRAW_EVENT, give_up, p, claim)


def after(p: "Person", wait: float) -> int:
    """Return the second at which a wait ends."""
    return p.clock.second + 1 + int(min(wait, LONGEST))


def patience_of(p: "Person", claim: Claim) -> float:
    """Draw how long a request is kept to its own district, seconds."""
    count = 2 * claim.number + (claim.lane == UPGRADE)
    return exponential(p.key, PATIENCE, count) * p.rules.patience_seconds


def lose_patience(p: "Person", claim: Claim) -> None:
    """Look elsewhere if the request still waits when patience ends."""
    if claim.waits:
        p.note(IMPATIENT, claim.lane, NOBODY, 0, 0)
        look_elsewhere(p, claim)


def look_elsewhere(p: "Person", claim: Claim) -> None:
    """Join the lists of other districts in the person's own order until one has a place."""
    origin = p.district
    if claim.lane == UPGRADE and p.residence is not None:
        origin = p.residence.district
    claim_class, outside = bed_class(p), bed_class(p, local=False)
    for district in other_districts(p, origin)[: p.rules.list_length]:
        for pool in district.pools_of(claim.resource):
            if not pool.is_worth_waiting_for():
                continue
            rank = claim_class if pool.for_all else outside
            p.note(LISTED, claim.lane, pool.number, rank, 1)
            claim.join(pool, rank)
            pool.fill()
            if not claim.waits:
                return


def other_districts(p: "Person", origin: "District") -> "list[District]":
    """Return the districts they would go to, best first: near ones, with a taste of their own."""
    stays_in_zone = uniform(p.key, ZONE, 0) < p.rules.choice.never_leave_zone
    liking = {}
    for district in p.city.districts:
        k = district.number
        if district is origin or (stays_in_zone and not p.rules.same_zone(k, origin.number)):
            continue
        taste = -log(exponential(p.key, LIST, k))
        liking[district] = taste - p.rules.distance(origin.number, k)
    return sorted(liking, key=lambda district: -liking[district])


def give_up(p: "Person", claim: Claim) -> None:
    """Give up waiting for a bed; the wish goes on."""
    if not claim.waits:
        return
    claim.leave_lists()
    claim.outcome = WITHDREW
    p.note(GAVE_UP, BED, NOBODY, claim.level, 0)
    p.gave_up_level = p.assessed
    p.goes_first = False
    p.plan_exit()
    if not p.rules.interim_home_care and p.kind == INSURED_PERSON:
        seek_care_at_home(p)


# --- care at home ----------------------------------------------------------------------------------


def seek_care_at_home(p: "Person") -> None:
    """Ask for, change or keep insured care at home."""
    if not p.is_covered:
        for service in p.rules.services:
            p.ends_service(service, CHANGED)
        return
    bed = p.claims.get(BED)
    if p.residence is not None or (bed is not None and bed.waits and not p.rules.interim_home_care):
        return
    is_replaced = False
    for place in reversed(p.rules.services[1:]):
        lane = p.rules.lanes[place]
        if lane not in p.claims and asks_for(p, place):
            ask_service(p, place, 1)
        if lane in p.claims and p.claims[lane].is_served:
            is_replaced |= p.rules.bed(place).replaces == "home_care"
    if not is_replaced:
        seek_home_care(p)


def seek_home_care(p: "Person") -> None:
    """Ask for the weekly hours of their level, or change them."""
    hours = p.rules.weekly_hours(p.assessed, p.clock.second)
    claim = p.claims.get(HOURS)
    if claim is None:
        if asks_for(p, HOME_CARE):
            ask_service(p, HOME_CARE, hours)
    elif claim.size != hours:
        change_hours(p, claim, hours)


def change_hours(p: "Person", claim: Claim, hours: int) -> None:
    """Have other hours, or wait for others; a rise for which the ceiling leaves no room has to wait."""
    if claim.pool is None:
        claim.size, claim.level = hours, p.assessed
        p.note(RESIZED, HOURS, NOBODY, p.assessed, hours)
        claim.look_again()
    elif hours < claim.size or p.city.is_below_ceiling(hours - claim.size):
        claim.pool.used += hours - claim.size
        claim.go_on(hours, p.assessed)
        claim.pool.look_again()


def ask_service(p: "Person", resource: int, size: int) -> None:
    """Request a service of the own district; it is given at once if there is room."""
    lane = p.rules.lanes[resource]
    rank = p.rules.rank_in("services", case_of(p))
    pool = p.district.own(resource)
    claim = Claim(p, lane, resource, size, rank, p.assessed)
    claim.since = p.clock.second
    p.claims[lane] = claim
    p.note(REQUESTED, lane, pool.number, rank, size)
    claim.join(pool, rank)
    pool.fill()
