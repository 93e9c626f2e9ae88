"""Hand over one replication: monthly measures of every reported resource, waits, flows, people."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from params.axes import (
    FloatArray,
    IntArray,
)
from simulate.arrays import Arrays
from simulate.measure.waits import CountArray

MONTHLY_MEASURES: Final = (
    "demand",
    "approved",
    "operating",
    "usable",
    "occupied",
    "waiting",
    "requests",
    "placed",
    "died_waiting",
    "withdrew_waiting",
    "unmet",
)
"""Positions on the last axis of `Outcome.monthly`; nan where a measure has no meaning."""
POPULATION_MEASURES: Final = (
    "total",
    "60+",
    "65+",
    "70+",
    "80+",
    "living_alone",
    "elders_only",
)
NEED_MEASURES: Final = (
    "insured",
    *(f"need_{k}" for k in range(2, 7)),
    *(f"beneficiaries_{k}" for k in range(2, 7)),
    "dementia",
)


@dataclass(frozen=True)
class Outcome(Arrays):
    """What one replication says, by district; zones and the city are sums made later.

    Attributes
    ----------
    monthly : ndarray, shape (month, district, reported, measure); what is reported, and in which order, says
        `params.tables.resources.Resources.reported`.
    in_time : ndarray, shape (year, district, counted, 2), requests met in time, requests that count; counted
        are the resources, and behind them assessments by reason. Of all assessments first and early ones
        count only.
    waits : ndarray, shape (year, district, counted, end, bin), the year's requests by what became of them
        (`simulate.measure.waits.ENDS`) and days until then.
    waits_by_class : ndarray, shape (year, class, resource, end, bin), those for beds, of the whole city.
    in_line : ndarray, shape (year, district, counted, bin), those in line at the year's end by days waited.
    flows : ndarray, shape (year, origin, destination, resource, 2), placed, December residents.
    service : ndarray, shape (year, district, resource + total), least capacity for the target;
        assessments in assessors, home care in hours a week.
    assessors : ndarray, shape (year, district, 2), needed for the year's cases, present.
    workers : ndarray, shape (year, district, market, 2), care workers of institutions and of home care: what
        the least capacity takes, of beds no more than operate; those within reach.
    certified : ndarray, shape (year,), share of care workers with a certificate in December.
    population : ndarray, shape (basis, year from 2020, district, measure), 31 December.
    need : ndarray, shape (year from 2020, district, measure), on the demand's basis.
    facts : ndarray, shape (fact,), see `FACTS`: what calibration is checked against.
    start : ndarray, shape (2, 2, district, resource), residents and people in line before and after they
        became those of the scenario's `[start]`; empty without one.
    lent : ndarray, shape (month, district, resource), residents to whom their bed is lent, among those in
        use; empty where no bed is lent.
    """

    monthly: FloatArray
    in_time: IntArray
    waits: CountArray
    waits_by_class: CountArray
    in_line: CountArray
    flows: FloatArray
    service: FloatArray
    assessors: FloatArray
    workers: FloatArray
    certified: FloatArray
    population: FloatArray
    need: FloatArray
    facts: FloatArray
    start: FloatArray = field(default_factory=lambda: np.zeros(0))
    lent: FloatArray = field(default_factory=lambda: np.zeros(0))


FACTS: Final = (
    "assessments_2020",
    "beneficiaries_2020",
    "residents_dementia_share",
    "events",
    "beds_held_in_hospital",
)
"""The first three as they are at the release, events of the whole run, and mean beds over the first reported
year that are held for residents in hospital."""
