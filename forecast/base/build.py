"""Build where a projection starts, in the way that the city's tables allow."""

from dataclasses import replace

from forecast.base.base import Base
from forecast.base.condition.of_censuses import known_registered
from forecast.base.from_censuses import base_of_censuses
from forecast.base.from_counts import base_of_counts
from forecast.methods.oldest import pooled, raked
from params.axes import BASES
from params.inputs import Inputs


def base_of(inputs: Inputs) -> Base:
    """Build the people of the end of the base year on both bases, and how they move."""
    if inputs.from_counts is not None:
        return base_of_counts(inputs)
    base = base_of_censuses(inputs)
    known = known_registered(inputs, base.year, base.year)
    people = base.people.copy()
    registered = BASES.index("registered")
    city = pooled(known.at_base(known.mode))[0]
    people[registered] = raked(people[registered], city)
    return replace(base, people=people, known=known)
