"""What an attribution finds: a difference, and what of it each cause takes, by area, resource and measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.names import TOTALS
from params.tables.districts import Districts
from params.tables.resources import Resources
from runs.tables.population import area_sums
from simulate.offered.usable import Met

MEASURES: Final = ("demand", "usable", "demand_gap")
"""What is split, as in ``shortfall.csv``; the first axis of all arrays here."""
TOLERANCE: Final = 1e-9
"""By how much, as a share of the levels, values may miss the difference they are to add to."""


@dataclass(frozen=True)
class Split:
    """A difference shared among causes.

    Attributes
    ----------
    first, second : ndarray, shape (measure, area, resource), the two levels; areas as in `Districts.areas`,
        resources as `resources_of` names them.
    values : by cause, arrays of the same shape that add to the difference.
    errors : by cause, standard errors; nan where a value has none.
    still : causes whose values are exactly zero, and the key of the text that says why.
    """

    first: FloatArray
    second: FloatArray
    values: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    still: Mapping[str, str]

    def __post_init__(self) -> None:
        total = np.sum(list(self.values.values()), axis=0)
        size = np.abs(self.first) + np.abs(self.second) + 1.0
        missed = np.abs(total - (self.second - self.first)) / size
        assert not (missed > TOLERANCE).any(), "values do not add to the difference"


def resources_of(resources: Resources) -> tuple[str, ...]:
    """Return what is split: every resource, and the totals of beds."""
    return (*resources.names, *(total for total in TOTALS if resources.of_total(total)))


def by_area(found: Met, resources: Resources, districts: Districts) -> FloatArray:
    """Lay a year's figures out with totals and areas, shape (measure, area, resource)."""
    values = np.stack([found.demand, found.usable, found.gap])
    sums = [
        values[..., list(resources.of_total(total))].sum(axis=-1, keepdims=True)
        for total in TOTALS
        if resources.of_total(total)
    ]
    return area_sums(np.concatenate([values, *sums], axis=-1), districts, 1)
