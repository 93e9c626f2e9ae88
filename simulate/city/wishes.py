"""Say what a person asks for: a bed in an institution or not, which one, with how much staff time.

Which resources there are, and who asks for them with what chance, is data (`w.asks`, `w.ask_chance`); a
person decides by one uniform of their own for each, which never changes.
"""

import numpy as np

from params.tables.resources import IN_HOSPITAL as HOSPITAL_SHARE
from params.tables.resources import LAST_MONTHS, WITH_DEMENTIA
from simulate.city.admitting import is_admitted
from simulate.city.world import N_AGE, CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.intrinsics import natural
from simulate.engine.records import (
    IN_HOSPITAL,
    IN_LAST_MONTHS,
    INSURED_PERSON,
    SELF_CARING,
    WANTS_BED,
    YEAR,
)
from simulate.engine.streams import HOSPITAL, WANT, uniform

NOTHING = -1


@kernel
def draw_traits(w: CityWorld, i: int) -> None:
    """Draw once whether a person is cared for in hospital all the time."""
    person = w.people[i]
    if person.kind == INSURED_PERSON and uniform(person.key, HOSPITAL, 0) < w.rules.hospital_share:
        person.traits = IN_HOSPITAL


@kernel
def wants_bed(w: CityWorld, i: int, now: int) -> bool:
    """Say whether a person wants to live in an institution at the level they hold."""
    person = w.people[i]
    if person.left_institutions == 1 or person.traits & IN_HOSPITAL:
        return False
    if person.kind == SELF_CARING:
        return True
    if person.assessed < 2:
        return False
    return person.traits & WANTS_BED != 0 or reluctance(w, i, now) < 0.0


@kernel
def reluctance(w: CityWorld, i: int, now: int) -> float:
    """Return by how much the uniform of a person with a level exceeds the share that wants a bed."""
    person = w.people[i]
    age = min(w.rules.start_year + now // YEAR - person.birth_year, N_AGE - 1)
    level, alone, dementia = person.assessed - 2, natural(person.alone), natural(person.dementia)
    share = w.want_share[natural(level), alone, dementia, natural(age)]
    return uniform(person.key, WANT, 0) - share


@kernel
def tabulate_want(w: CityWorld) -> None:
    """Work out the share that wants a bed by level, living alone, dementia and age."""
    for level, alone, dementia, age in np.ndindex(w.want_share.shape):
        logit = w.want[level, alone, dementia] + w.rules.age_slope * (age - 80)
        w.want_share[level, alone, dementia, age] = 1.0 / (1.0 + np.exp(-logit))


@kernel
def asks(w: CityWorld, i: int, j: int) -> bool:
    """Say whether a person asks for a resource for one reason (a row of `w.asks`)."""
    person = w.people[natural(i)]
    j = natural(j)
    who = w.asks[j].who
    level = person.assessed
    if who == WITH_DEMENTIA and person.dementia == 0:
        return False
    if who == HOSPITAL_SHARE and person.traits & IN_HOSPITAL == 0:
        return False
    if who == LAST_MONTHS:
        if person.traits & IN_LAST_MONTHS == 0:
            return False
        # Whoever sees to the dying sees their state, assessed or not.
        level = person.level
    chance = w.ask_chance[j, natural(level)]
    if chance <= 0.0:
        return False
    return chance >= 1.0 or uniform(person.key, w.asks[j].luck, 0) < chance


@kernel
def best_bed(w: CityWorld, i: int, special: int, wants: bool) -> int:
    """Return the last kind of bed, special or ordinary, that a person asks for and may enter, or -1."""
    for j in range(w.asks.size - 1, w.ask_begin[natural(w.rules.first_bed)] - 1, -1):
        row = w.asks[natural(j)]
        if row.special != special or (row.wish == 1 and not wants):
            continue
        if asks(w, i, j) and is_admitted(w, i, int(row.resource)):
            return int(row.resource)
    return NOTHING


@kernel
def asks_service(w: CityWorld, i: int, resource: int) -> bool:
    """Say whether a person at home asks for a service."""
    for j in range(w.ask_begin[natural(resource)], w.ask_begin[natural(resource) + 1]):
        if asks(w, i, j):
            return True
    return False


@kernel
def staff_of(w: CityWorld, i: int, resource: int) -> int:
    """Return the staff time a person needs in a kind of bed, thousandths of an hour a day."""
    return int(w.staff_size[natural(resource), natural(w.people[i].assessed)])
