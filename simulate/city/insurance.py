"""Lay down the rules of the insurance by month: who is covered, for how many hours, up to which total.

Those for who applies (take-up, insured share) count at the onset of need, so they have the months of the
warm-up too; all others begin at the release at the earliest.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from forecast.need.need import Need
from forecast.people.projection import WARM_UP_YEARS
from params.axes import LEVELS, N_LEVEL, FloatArray, IntArray
from params.inputs import Inputs
from params.scenario.parts.insurance import InsuranceChange
from params.tables.districts import area_of
from simulate.city.calendar import Calendar
from simulate.engine.world import UNLIMITED

HUNDREDTHS = 100


@dataclass(frozen=True)
class Insurance:
    """Rules of the insurance; nan: as the forecast or the table of hours has it.

    Attributes
    ----------
    take_up, insured : ndarray, shape (1 + month, district), of those whose need begins in a month of the
        warm-up or later; entry 0 is the first stock.
    least_level : ndarray, shape (month,), from the release on: level from which on benefits are given.
    hours : ndarray, shape (month, level), hours a week that a level is entitled to.
    most_hours : ndarray, shape (month,), hundredths of an hour that are given a week at most.
    """

    take_up: FloatArray
    insured: FloatArray
    least_level: IntArray
    hours: FloatArray
    most_hours: IntArray

    @cached_property
    def changes_claims(self) -> bool:
        """Whether who applies changes at some time."""
        return not bool(np.isnan(self.take_up).all() and np.isnan(self.insured).all())

    @property
    def changes_hours(self) -> bool:
        """Whether hours of a level change, or rises may have to wait below a ceiling."""
        return self.has_ceiling or not bool(np.isnan(self.hours).all())

    @property
    def has_ceiling(self) -> bool:
        """Whether the total of hours is limited at some time."""
        return bool((self.most_hours < UNLIMITED).any())

    def take_up_of(self, need: Need) -> FloatArray:
        """Return the share of the insured who apply, shape (1 + month, district)."""
        return np.where(np.isnan(self.take_up), need.take_up, self.take_up)

    def insured_of(self, need: Need) -> FloatArray:
        """Return the share of people who are insured, shape (1 + month, district)."""
        return np.where(np.isnan(self.insured), need.insured, self.insured)

    def weekly_hours(self, inputs: Inputs) -> FloatArray:
        """Return the hours a week that levels are entitled to, shape (month, level)."""
        return np.where(np.isnan(self.hours), inputs.weekly_hours, self.hours)


def make_insurance(inputs: Inputs, calendar: Calendar) -> Insurance:
    """Lay down what a scenario says of the insurance."""
    n_warm, n_month = calendar.warm_month_start.size, calendar.month_start.size - 1
    n_district = len(inputs.districts)
    result = Insurance(
        take_up=np.full((n_warm, n_district), np.nan),
        insured=np.full((n_warm, n_district), np.nan),
        least_level=np.full(n_month, LEVELS[0]),
        hours=np.full((n_month, N_LEVEL), np.nan),
        most_hours=np.full(n_month, UNLIMITED),
    )
    # In the order of their months; of one month in that of the list.
    for change in sorted(
        inputs.scenario.insurance.changes, key=lambda c: (c.date.year, c.date.month)
    ):
        _lay_down(result, change, inputs)
    return result


def _lay_down(table: Insurance, change: InsuranceChange, inputs: Inputs) -> None:
    month = (change.date.year - inputs.city.first_year) * 12 + change.date.month - 1
    onset = 1 + WARM_UP_YEARS * 12 + month
    where = area_of(change.district, inputs.districts)
    if change.take_up is not None:
        table.take_up[onset:, where] = change.take_up
    if change.insured_share is not None:
        table.insured[onset:, where] = change.insured_share
    if change.least_level is not None:
        table.least_level[month:] = change.least_level
    for k, level in enumerate(LEVELS):
        hours = getattr(change, f"hours_{level}")
        if hours is not None:
            table.hours[month:, k] = hours
    if change.most_hours_week is not None:
        table.most_hours[month:] = change.most_hours_week * HUNDREDTHS


def with_ceiling_of(insurance: Insurance, scale: float) -> Insurance:
    """Return the rules for a city of another size."""
    most = insurance.most_hours
    smaller = np.where(most < UNLIMITED, np.round(most * scale), most).astype(np.int64)
    return replace(insurance, most_hours=smaller)
