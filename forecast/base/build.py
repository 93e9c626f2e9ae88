"""Build where a projection starts, in the way that the city's tables allow."""

from forecast.base.base import Base
from forecast.base.from_censuses import base_of_censuses
from forecast.base.from_counts import base_of_counts
from params.inputs import Inputs


def base_of(inputs: Inputs) -> Base:
    """Build the people of the end of the base year on both bases, and how they move."""
    if inputs.from_counts is not None:
        return base_of_counts(inputs)
    return base_of_censuses(inputs)
