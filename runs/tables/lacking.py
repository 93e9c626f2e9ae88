"""Say what a city lacks at the end of a run: beds, care workers, assessors, and what moves it most.

Shortages of districts are added in every replication, and so are their surpluses; neither is set off against
the other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from params.axes import CITY, FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from params.scenario.path_resources import follow_applications
from runs.report.told import AtTimes, Lack, at_times
from runs.tables.drivers import driver_of
from runs.tables.sample import Sample
from runs.tables.units import yearly_unit
from runs.tables.yearly import COLUMNS
from runs.texts.wording import column_applies, gap_column

LACKING: Final = (
    ("bed_total", "gap_beds", "bed_total"),
    ("care_worker_institution", "gap_staff", "bed_total"),
    ("care_worker_home", "gap_staff", "home_care"),
    ("assessment", "service_gap", "assessment"),
)
"""What is told first of all: a resource, the column that names the lever, and for what people wait."""
DAY_CARE_ID: Final = "day_care"
DONE_AFTER_ALL: Final = ("assessment",)
"""Here what need not be done in time must be done within the year: renewals are no reason to hurry, and
take most of the assessors' time."""


def lacks_of(inputs: Inputs, sample: Sample) -> tuple[Lack, ...]:
    """Return what is lacking in the last year, of those of `LACKING` that the city has."""
    n_year, n_area, n_resource, n_column = sample.yearly.shape
    size = n_area * n_resource * n_column
    last = sample.yearly.block((n_year - 1) * size, n_year * size)
    last = last.reshape(len(sample), n_area, n_resource, n_column)
    reported, applies = inputs.resources.reported, column_applies()

    def values(resource: str, column: str) -> FloatArray:
        return last[:, :, reported.index(resource), COLUMNS.index(column)]

    def gaps(resource: str, column: str) -> FloatArray:
        own = values(resource, column)
        everything = values(resource, "demand_gap") if resource in DONE_AFTER_ALL else own
        return np.maximum(own, everything)[:, :n_district]

    def of_beds(resource: str, one: str, less: str = "") -> FloatArray:
        if resource not in TOTALS:
            return np.zeros(0)
        found = values(resource, one) - (values(resource, less) if less else 0.0)
        return np.asarray(found[:, :n_district])

    n_district = len(inputs.districts)
    follows = follow_applications(inputs.scenario)
    return tuple(
        Lack(
            resource,
            yearly_unit(resource, column),
            inputs.last_year,
            tuple(inputs.districts.names),
            gaps(resource, column),
            values(resource, "demand_gap")[:, :n_district],
            values(waited_for, "share_in_time")[:, -1],
            follows=follows and resource in DONE_AFTER_ALL,
            waiting=of_beds(resource, "waiting"),
            away=of_beds(resource, "demand_gap", "net_gap"),
        )
        for resource, column, waited_for in LACKING
        if {resource, waited_for} <= set(reported) and applies.get((column, resource), True)
    )


def times_of(inputs: Inputs, sample: Sample, shares: Mapping[str, float]) -> Mapping[str, AtTimes]:
    """Return in how many replications districts are short and requests late in the last year, by resource.

    Parameters
    ----------
    shares : of requests that shall be met in time, by resource; nan for a sum whose kinds differ.
    """
    n_year, n_area, n_resource, n_column = sample.yearly.shape
    size = n_area * n_resource * n_column
    last = sample.yearly.block((n_year - 1) * size, n_year * size)
    last = last.reshape(len(sample), n_area, n_resource, n_column)
    found = {}
    for k, resource in enumerate(inputs.resources.reported):
        gaps = last[:, : len(inputs.districts), k, COLUMNS.index(gap_column(resource))]
        in_time = last[:, -1, k, COLUMNS.index("share_in_time")]
        short = np.nan_to_num(gaps).clip(min=0).sum(axis=1)
        found[resource] = at_times(short, in_time, shares.get(resource, math.nan))
    return found


def stays_of(inputs: Inputs) -> tuple[str, ...]:
    """Return the resources whose places stay as they are, as nobody says how many there will be."""
    plan = inputs.scenario.resources
    laid_down = any(
        (row.district, row.resource) == (CITY, DAY_CARE_ID) for row in inputs.scenario.paths
    )
    says = plan.day_care_centres_2025 is not None or plan.path == "frozen" or laid_down
    return () if says or DAY_CARE_ID not in inputs.resources.names else (DAY_CARE_ID,)


def with_drivers(
    lacks: Sequence[Lack], drawn: Mapping[str, FloatArray], seed: int
) -> tuple[Lack, ...]:
    """Return them with the assumption that moves each most, where one is known to.

    Parameters
    ----------
    drawn : values by assumption, shape (replication,) each; none if the run drew none.
    """
    return tuple(
        replace(lack, driver=driver_of(drawn, lack.short, seed, len(lacks))) for lack in lacks
    )
