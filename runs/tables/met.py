"""Lay out what the twin says of a load and of what meets it: by area, with totals of beds."""

from typing import Final

import numpy as np

from params.axes import FloatArray
from params.names import TOTALS
from params.tables.districts import Districts
from params.tables.resources import Resources
from runs.tables.population import area_sums
from simulate.offered.usable import Met

MEASURES: Final = ("demand", "usable", "demand_gap")
"""As in ``shortfall.csv``; the first axis of `by_area`."""


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
