"""What a person asks for: a home, another bed, care at home; and where he waits for it."""

from math import log
from typing import TYPE_CHECKING

from params.axes import DAY_CARE, DEMENTIA_BED, FAMILY_BED, GENERAL_BED, HOME_CARE, NURSING_BED
from simulate.engine.log import GAVE_UP, IMPATIENT, LISTED, MAKESHIFT, NOBODY, REQUESTED, RESIZED
from simulate.engine.records import (
    BED,
    CHANGED,
    DAY,
    DAYCARE,
    FAMILYBED,
    HOME,
    INSURED_PERSON,
    PATIENCE_EVENT,
    SELF_CARING,
    UPGRADE,
    UPGRADE_PATIENCE_EVENT,
    WITHDRAW_EVENT,
    WITHDREW,
    YEAR,
)
from simulate.engine.streams import (
    ASK,
    BED_TYPE,
    FAMILY,
    HOSPITAL,
    LIST,
    PATIENCE,
    WANT,
    WITHDRAW,
    ZONE,
)
from simulate.engine.streams import DAY as DAY_PURPOSE
from simulate.reference.claims import Claim
from simulate.reference.draws import exponential, uniform
from simulate.reference.rules import years_before

if TYPE_CHECKING:
    from simulate.reference.person import Person
    from simulate.reference.places import District

OUTSIDERS_AFTER = 3
"""Where locals come first, an outsider's class is so many further back."""
LONGEST = 1e15


def choose(p: "Person") -> None:
    """Compare what he wants with what he has or waits for, and act on the difference."""
    if is_in_hospital(p):
        return
    if p.is_on_ward and p.home is None:
        # He asks for everything anew when he comes out.
        return
    for lane in (BED, UPGRADE):
        if lane in p.claims:
            # At another level he may fit where he did not before.
            p.claims[lane].look_again()
    if p.home is not None:
        follow_level_in_home(p)
    elif wants_home(p):
        seek_home(p)
    if p.kind == INSURED_PERSON and p.assessed >= 2:
        seek_care_at_home(p)


# --- lasting inclinations, each one uniform for life ---------------------------------------------


def is_in_hospital(p: "Person") -> bool:
    """Say whether he is cared for in hospital all the time and asks for nothing."""
    share = p.rules.choice.hospital_share
    return p.kind == INSURED_PERSON and uniform(p.key, HOSPITAL, 0) < share


def wants_home(p: "Person") -> bool:
    """Say whether he wants a home at the level he is known to hold."""
    if p.has_left_homes:
        return False
    if p.kind == SELF_CARING:
        return True
    if p.assessed < 2:
        return False
    age = p.rules.first_year + years_before(p.clock.second) - p.life.birth_year
    share = p.rules.share_wanting_home(p.assessed, p.alone, p.life.dementia, age)
    return uniform(p.key, WANT, 0) < share


def asks_dementia_bed(p: "Person") -> bool:
    """Say whether he asks for a bed in a dementia unit."""
    return p.life.dementia == 1 and uniform(p.key, ASK, 0) < p.rules.choice.ask_dementia_bed


def ordinary_bed(p: "Person") -> int:
    """Return the kind of bed his level asks for, dementia apart."""
    if p.assessed >= 4:
        return NURSING_BED
    if p.assessed >= 2 and uniform(p.key, BED_TYPE, 0) < p.rules.choice.nursing_at_2_3:
        return NURSING_BED
    return GENERAL_BED


def uses_day_care(p: "Person") -> bool:
    """Say whether he asks for day care."""
    return uniform(p.key, DAY_PURPOSE, 0) < p.rules.day_care_share


def asks_family_bed(p: "Person") -> bool:
    """Say whether he asks for a family bed, from level 4 on."""
    return p.assessed >= 4 and uniform(p.key, FAMILY, 0) < p.rules.choice.family_bed_share


# --- homes -----------------------------------------------------------------------------------------


def seek_home(p: "Person") -> None:
    """Ask for a bed, or for another kind of bed than the one waited for."""
    present = p.claims.get(BED)
    if present is not None and present.is_given_up and p.assessed <= p.gave_up_level:
        return
    bed = ordinary_bed(p)
    if present is not None and present.waits and present.resource != bed:
        present.leave_lists()
    asks_anew = present is None or present.is_given_up or present.resource != bed
    if asks_dementia_bed(p) and UPGRADE not in p.claims:
        ask_bed(p, UPGRADE, DEMENTIA_BED, p.district)
        if p.home is not None:
            return
    if asks_anew:
        if BED in p.claims:
            p.claims[BED].close(CHANGED)
        ask_bed(p, BED, bed, p.district)


def follow_level_in_home(p: "Person") -> None:
    """Give a resident the staff time of his level; let him ask for a transfer."""
    home = p.home
    assert home is not None
    if home.resource == DEMENTIA_BED:
        return
    staff = p.staff_needed_in(home.resource)
    if staff != p.staff:
        home.district.staff_used += staff - p.staff
        p.staff = staff
        p.claims[BED].go_on(1, p.assessed)
        home.district.look_again_at_beds()
    if UPGRADE in p.claims:
        return
    if asks_dementia_bed(p):
        ask_bed(p, UPGRADE, DEMENTIA_BED, home.district)
    elif home.resource == GENERAL_BED and ordinary_bed(p) == NURSING_BED:
        ask_bed(p, UPGRADE, NURSING_BED, home.district)


def bed_class(p: "Person") -> int:
    """Return his class among locals: out of hospital or urgent level, living alone, others."""
    if p.goes_first or p.rules.is_urgent(p.assessed):
        return 0
    return 1 if p.rules.alone_first and p.alone else 2


def ask_bed(p: "Person", lane: int, bed: int, district: "District") -> None:
    """Request a bed in a district; failing that, wait, and look elsewhere when patience ends.

    Whoever asks for a better bed only makes do with what he holds or waits for meanwhile.
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
    home = p.district
    if claim.lane == UPGRADE and p.home is not None:
        home = p.home.district
    outside = claim_class = bed_class(p)
    if p.rules.local_first:
        outside += OUTSIDERS_AFTER
    for district in other_districts(p, home)[: p.rules.list_length]:
        for pool in district.pools_of(claim.resource):
            if pool.capacity == 0:
                continue
            rank = claim_class if pool.for_all else outside
            p.note(LISTED, claim.lane, pool.number, rank, 1)
            claim.join(pool, rank)
            pool.fill()
            if not claim.waits:
                return


def other_districts(p: "Person", home: "District") -> "list[District]":
    """Return the districts he would go to, best first: near ones, with a taste of his own."""
    stays_in_zone = uniform(p.key, ZONE, 0) < p.rules.choice.never_leave_zone
    liking = {}
    for district in p.city.districts:
        k = district.number
        if district is home or (stays_in_zone and not p.rules.same_zone(k, home.number)):
            continue
        taste = -log(exponential(p.key, LIST, k))
        liking[district] = taste - p.rules.distance(home.number, k)
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
    bed = p.claims.get(BED)
    if p.home is not None or (bed is not None and bed.waits and not p.rules.interim_home_care):
        return
    if FAMILYBED not in p.claims and asks_family_bed(p):
        ask_service(p, FAMILYBED, FAMILY_BED, 1)
    if DAYCARE not in p.claims and uses_day_care(p):
        ask_service(p, DAYCARE, DAY_CARE, 1)
    family_bed = p.claims.get(FAMILYBED)
    if family_bed is None or not family_bed.is_served:
        seek_home_care(p)


def seek_home_care(p: "Person") -> None:
    """Ask for the weekly hours of his level, or change them."""
    hours = p.rules.weekly_hours(p.assessed)
    claim = p.claims.get(HOME)
    if claim is None:
        ask_service(p, HOME, HOME_CARE, hours)
    elif claim.size == hours:
        return
    elif claim.pool is None:
        claim.size, claim.level = hours, p.assessed
        p.note(RESIZED, HOME, NOBODY, p.assessed, hours)
        claim.look_again()
    else:
        claim.pool.used += hours - claim.size
        claim.go_on(hours, p.assessed)
        claim.pool.look_again()


def ask_service(p: "Person", lane: int, resource: int, size: int) -> None:
    """Request a service of the own district; it is given at once if there is room."""
    rank = 0 if p.rules.is_urgent(p.assessed) else 1
    pool = p.district.own(resource)
    claim = Claim(p, lane, resource, size, rank, p.assessed)
    p.claims[lane] = claim
    p.note(REQUESTED, lane, pool.number, rank, size)
    claim.join(pool, rank)
    pool.fill()
