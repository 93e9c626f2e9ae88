"""Set need and home care of a run beside what is published of them, and say what agreement is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.known import has_table
from params.tables.read import read_table
from runs.report.told import FIT, READING, SCALE, SEEN, Check
from runs.tables.sample import Sample
from runs.tables.yearly import COLUMNS
from simulate.outcome import FACTS, NEED_MEASURES

INSURANCE, WORKFORCE = "insurance_city", "workforce_city"


@dataclass(frozen=True)
class _Told:
    """How the model says what was published: of which table and measure, and what it is worth."""

    name: str
    unit: str
    table: str
    measure: str
    worth: str
    of: Callable[[Inputs, Sample, int], FloatArray | None]


def _holders(inputs: Inputs, sample: Sample, year: int) -> FloatArray | None:
    """Return who holds a level on 31 December."""
    need = sample.need.rows().reshape(len(sample), *sample.need.shape)
    at = year - inputs.city.base_year
    levels = [k for k, name in enumerate(NEED_MEASURES) if name.startswith("beneficiaries_")]
    return need[:, -1, at][:, levels].sum(axis=1) if 0 <= at < need.shape[2] else None


def _assessments(inputs: Inputs, sample: Sample, year: int) -> FloatArray | None:
    """Return assessments done in a year."""
    if year == inputs.city.base_year:
        return sample.facts.rows()[:, FACTS.index("assessments_2020")]
    return _yearly(inputs, sample, year, "assessment", "placed")


def _workers(inputs: Inputs, sample: Sample, year: int) -> FloatArray | None:
    """Return care workers present, of institutions and of home care."""
    both = [
        _yearly(inputs, sample, year, resource, "usable")
        for resource in ("care_worker_institution", "care_worker_home")
    ]
    known = [workers for workers in both if workers is not None]
    return np.asarray(sum(known)) if known else None


def _hours(inputs: Inputs, sample: Sample, year: int) -> FloatArray | None:
    """Return hours of home care delivered a week."""
    return _yearly(inputs, sample, year, "home_care", "occupied")


def _yearly(
    inputs: Inputs, sample: Sample, year: int, resource: str, column: str
) -> FloatArray | None:
    """Return a figure of the city, or None where the run has none."""
    at, reported = year - inputs.city.first_year, inputs.resources.reported
    if not 0 <= at < sample.yearly.shape[0] or resource not in reported:
        return None
    place = (at, sample.yearly.shape[1] - 1, reported.index(resource), COLUMNS.index(column))
    cell = int(np.ravel_multi_index(place, sample.yearly.shape))
    return sample.yearly.block(cell, cell + 1)[:, 0]


TOLD: Final = (
    _Told("holders", "persons", INSURANCE, "beneficiaries_reached", READING, _holders),
    _Told("assessments", "cases", INSURANCE, "assessments", FIT, _assessments),
    _Told("workers", "workers", WORKFORCE, "care_workers_total", SEEN, _workers),
    _Told("insured_workers", "workers", WORKFORCE, "ltci_caregivers", SEEN, _workers),
    _Told("hours", "hours a week", INSURANCE, "home_visits_part_year", SCALE, _hours),
)
WEEKS_OF_HALF_A_YEAR: Final = 26
AN_HOUR_A_VISIT: Final = ("home_visits_part_year",)
"""Visits of half a year, of an hour each (the rule of 2016-2018), which are told as hours a week."""


def checks_of(inputs: Inputs, sample: Sample) -> tuple[Check, ...]:
    """Return the comparisons that a city's tables and a run's years allow, with the latest figure of each.

    What is worth its scale only may have been counted before the run begins: then it stands beside the first
    year.
    """
    found = []
    for told in TOLD:
        if not has_table(inputs.city, told.table):
            continue
        rows = read_table(f"{told.table}.csv", inputs.city.tables)
        rows = rows[rows["measure"] == told.measure]
        if rows.empty:
            continue
        row = rows.sort_values("year", kind="stable").iloc[-1]
        year, value = int(row["year"]), float(row["value"])
        first = inputs.city.first_year
        model = told.of(inputs, sample, max(year, first) if told.worth == SCALE else year)
        if model is None:
            continue
        if told.measure in AN_HOUR_A_VISIT:
            value /= WEEKS_OF_HALF_A_YEAR
        source = str(row["source_id"])
        found.append(Check(told.name, year, told.unit, value, source, model, told.worth))
    return tuple(found)
