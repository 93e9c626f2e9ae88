"""Say what a person asks for: a home or not, which bed, in which class, with how much staff time.

What he will always do is drawn once (`draw_traits`); all else follows from his assessed level.
"""

import numpy as np

from params.axes import DEMENTIA_BED, GENERAL_BED, NURSING_BED
from simulate.city.world import N_AGE, CityWorld
from simulate.engine.compiled import kernel
from simulate.engine.records import (
    ASKS_DAY_CARE,
    ASKS_DEMENTIA_BED,
    ASKS_FAMILY_BED,
    ASKS_NURSING_BED,
    IN_HOSPITAL,
    INSURED_PERSON,
    RETURNED,
    SELF_CARING,
    YEAR,
)
from simulate.engine.streams import ASK, BED_TYPE, FAMILY, HOSPITAL, WANT, uniform
from simulate.engine.streams import DAY as DAY_PURPOSE

STAFF_SELF, STAFF_DEMENTIA = 5, 6
"""Positions in World.staff_size after the five levels."""


@kernel
def draw_traits(w: CityWorld, i: int) -> None:
    """Draw once what a person will always do."""
    person = w.people[i]
    key = person.key
    traits = 0
    if person.kind == INSURED_PERSON and uniform(key, HOSPITAL, 0) < w.rules.hospital_share:
        traits |= IN_HOSPITAL
    if uniform(key, ASK, 0) < w.rules.ask_dementia_bed:
        traits |= ASKS_DEMENTIA_BED
    if uniform(key, BED_TYPE, 0) < w.rules.nursing_at_2_3:
        traits |= ASKS_NURSING_BED
    if uniform(key, DAY_PURPOSE, 0) < w.rules.day_care_share:
        traits |= ASKS_DAY_CARE
    if uniform(key, FAMILY, 0) < w.rules.family_bed_share:
        traits |= ASKS_FAMILY_BED
    person.traits = traits


@kernel
def wants_bed(w: CityWorld, i: int, now: int) -> bool:
    """Say whether a person wants a home at his assessed level."""
    person = w.people[i]
    if person.left_home == 1:
        return False
    if person.kind == SELF_CARING:
        return True
    if person.assessed < 2:
        return False
    age = min(w.rules.start_year + now // YEAR - person.birth_year, N_AGE - 1)
    share = w.want_share[person.assessed - 2, person.alone, person.dementia, age]
    return uniform(person.key, WANT, 0) < share


@kernel
def tabulate_want(w: CityWorld) -> None:
    """Work out the share that wants a home by level, living alone, dementia and age."""
    for level, alone, dementia, age in np.ndindex(w.want_share.shape):
        logit = w.want[level, alone, dementia] + w.rules.age_slope * (age - 80)
        w.want_share[level, alone, dementia, age] = 1.0 / (1.0 + np.exp(-logit))


@kernel
def bed_type(w: CityWorld, i: int) -> int:
    """Return the kind of bed a person's level asks for, dementia apart."""
    person = w.people[i]
    if person.assessed >= 4:
        return NURSING_BED
    if person.assessed >= 2 and person.traits & ASKS_NURSING_BED:
        return NURSING_BED
    return GENERAL_BED


@kernel
def asks_dementia(w: CityWorld, i: int) -> bool:
    """Say whether a person asks for a bed in a dementia unit."""
    person = w.people[i]
    return person.dementia == 1 and person.traits & ASKS_DEMENTIA_BED != 0


@kernel
def bed_rank(w: CityWorld, i: int) -> int:
    """Return a local's class: out of hospital without a bed or urgent level, living alone, others."""
    person = w.people[i]
    if person.hospital == RETURNED or person.assessed >= w.rules.urgent_level:
        return 0
    if w.rules.alone_first == 1 and person.alone == 1:
        return 1
    return 2


@kernel
def staff_of(w: CityWorld, i: int, resource: int) -> int:
    """Return the staff time a person needs in a kind of bed, thousandths of an hour a day."""
    if resource == DEMENTIA_BED:
        return w.staff_size[STAFF_DEMENTIA]
    level = w.people[i].assessed
    return w.staff_size[level - 2] if level >= 2 else w.staff_size[STAFF_SELF]
