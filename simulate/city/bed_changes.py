"""Open and close beds on their day: what a scenario's changes add to the path of a plan, and where.

A change holds from the start of its day. One that names a zone or the city is shared among its districts in
whole numbers that add up. More cannot close than there are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.inputs import Inputs
from params.scenario.parts.beds import BedChange
from params.tables.districts import Districts, area_of
from simulate.city.beds import filled_beds, in_operation, not_above, over_fill_period, whole
from simulate.city.calendar import Calendar

BY_BEDS: Final = "beds"
"""How a change is shared where it does not say."""


@dataclass(frozen=True)
class Moments:
    """When beds may change: the first of every month, and the days of changes between.

    Attributes
    ----------
    at : ndarray, shape (moment,), seconds, rising.
    month : ndarray, shape (moment,), the month that each lies in.
    """

    at: IntArray
    month: IntArray

    @property
    def last(self) -> IntArray:
        """Last moment of every month, shape (month,)."""
        return np.flatnonzero(np.diff(self.month, append=self.month[-1] + 1) > 0)

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """Whether a month begins, shape (moment,)."""
        return np.asarray(np.diff(self.month, prepend=-1) > 0)


@dataclass(frozen=True)
class Changed:
    """Approved beds with a scenario's changes; below 0 where more close than there are.

    Attributes
    ----------
    path : ndarray, shape (month, district, bed), beds without changes.
    moments : when they change.
    opened, closed : ndarray, shape (moment, district, bed), what changes have added and taken (below 0).
    parts : ndarray, shape (change, district), what every change adds, in the scenario's order.
    first : ndarray, shape (change,), the moment from which it does.
    """

    path: IntArray
    moments: Moments
    opened: IntArray
    closed: IntArray
    parts: IntArray
    first: IntArray

    @property
    def at(self) -> IntArray:
        """Beds from each moment on, shape (moment, district, bed)."""
        return np.asarray(self.path[self.moments.month] + self.opened + self.closed)

    @property
    def month_end(self) -> IntArray:
        """Beds at the end of each month, shape (month, district, bed)."""
        return self.at[self.moments.last]

    def operating(self, kinds: list[int], base: IntArray, inputs: Inputs) -> IntArray:
        """Return beds in operation of the kinds of the plan, shape (moment, district, kind).

        Openings come into use over the fill period, one part on their day and one more with each month. A
        closure takes beds of its kind at once: the share of them that operates, more where no more than that
        are approved any longer, never more than it closes. What the plan turns into another kind goes on
        working as its old kind meanwhile: it is no part of a closure.

        Parameters
        ----------
        base : ndarray, shape (district, kind), approved beds at the end of the base year.
        """
        month, path = self.moments.month, self.path[..., kinds]
        opened, closed = self.opened[..., kinds], self.closed[..., kinds]
        ended = opened[self.moments.last]
        used = filled_beds(path, base, inputs)[month]
        used = used + over_fill_period(opened, month, ended, 0 * base, inputs)
        used = np.minimum(used, not_above(path[month] + opened, used))
        before, after = (in_operation(np.maximum(u, 0.0), inputs) for u in (used, used + closed))
        approved = np.maximum(self.at[..., kinds], 0)
        fewest = before + closed
        after = np.clip(after, fewest, np.maximum(approved, fewest))
        return _within(approved, after)


def _within(approved: IntArray, operating: IntArray) -> IntArray:
    """Cut beds in operation where a district has more than are approved of all its kinds."""
    allowed, cut = approved.sum(axis=-1), operating.copy()
    # Whoever closes beds that were still to come into use finds fewer than work as their old kind.
    for place in zip(*np.nonzero(operating.sum(axis=-1) > allowed), strict=True):
        cut[place] = whole(float(allowed[place]), operating[place].astype(np.float64))
    return cut


def moments_of(inputs: Inputs, calendar: Calendar) -> Moments:
    """Return when the beds of a scenario may change."""
    firsts = calendar.month_start[:-1]
    days = [calendar.seconds(change.date) for change in inputs.scenario.beds.changes]
    at = np.union1d(firsts, np.array(days, firsts.dtype))
    return Moments(at, np.searchsorted(firsts, at, side="right") - 1)


def with_changes(path: IntArray, old: FloatArray, inputs: Inputs, calendar: Calendar) -> Changed:
    """Add a scenario's changes to a path, one after the other by date.

    Parameters
    ----------
    path : ndarray, shape (month, district, bed), approved beds without changes.
    old : ndarray, shape (district,), residents of 80+ at the end of the base year.
    """
    moments = moments_of(inputs, calendar)
    changes, names = inputs.scenario.beds.changes, inputs.resources.bed_names
    opened, closed = (np.zeros((moments.at.size, *path.shape[1:]), np.int64) for _ in range(2))
    parts = np.zeros((len(changes), len(old)), np.int64)
    days = np.array([calendar.seconds(change.date) for change in changes], np.int64)
    first = np.searchsorted(moments.at, days)
    for k in np.argsort(days, kind="stable"):
        now, kind = first[k], names.index(changes[k].resource)
        there = path[moments.month[now], :, kind] + opened[now, :, kind] + closed[now, :, kind]
        parts[k] = shared(changes[k], there, old, inputs.districts)
        (opened if changes[k].beds > 0 else closed)[now:, :, kind] += parts[k]
    return Changed(path, moments, opened, closed, parts, first)


def shared(change: BedChange, present: IntArray, old: FloatArray, districts: Districts) -> IntArray:
    """Share a change among the districts that it names, shape (district,).

    By present beds of the kind, where there are none by residents of 80+.
    """
    inside = area_of(change.district, districts)
    weight = np.zeros(len(districts))
    weight[inside] = 1.0
    if change.share != "equal":
        by_beds = weight * np.maximum(present, 0)
        is_by_beds = (change.share or BY_BEDS) == BY_BEDS and by_beds.any()
        weight = by_beds if is_by_beds else weight * old
    return np.asarray(np.sign(change.beds) * whole(abs(change.beds), weight))
