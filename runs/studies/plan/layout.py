"""Lay out a question on a city: which levers there are, by what they are judged, when they may open."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from params.errors import ParamError, Problem
from params.files.positions import where as place_of
from params.inputs import Inputs, load_inputs
from params.language import said
from params.names import ASSESSOR, TOTALS
from params.scenario.path_resources import ASSESSORS
from params.studies.plan.levers import INSTITUTION_WORKERS, JUDGED_BY, POSTS
from params.studies.plan.load import LoadedQuestion, judged_beds
from params.studies.plan.question import Limit
from runs.studies.plan.aims import NO_END
from runs.studies.plan.openings import Calendar, Prices

NOT_HERE: Final = "not_here"
"""Limit of a district that may add nothing."""
EARLY: Final = "first_year"
"""Limit of years before anything may open."""
MOST: Final = "most"
A_YEAR: Final = "most_a_year"


@dataclass(frozen=True)
class Room:
    """How much may be added.

    Attributes
    ----------
    least, most : ndarray, shape (year, district, lever).
    together : ndarray, shape (year, district), of beds of all kinds.
    why : ndarray of text, shape (year, district, lever), what `most` comes from.
    why_together : ndarray of text, shape (year, district).
    """

    least: IntArray
    most: IntArray
    together: IntArray
    why: np.ndarray
    why_together: np.ndarray


@dataclass(frozen=True)
class Layout:
    """A question on its city."""

    asked: LoadedQuestion
    inputs: Inputs

    @cached_property
    def districts(self) -> tuple[str, ...]:
        """Names, in the order of every district axis."""
        return self.inputs.districts.names

    @cached_property
    def levers(self) -> tuple[str, ...]:
        """What may be added: beds, then posts."""
        chosen = self.asked.question.bounds.resources
        beds = judged_beds(self.asked.scenario)
        every = (*beds, *POSTS)
        if TOTALS[0] in chosen:
            chosen = (*chosen, *beds)
        return tuple(name for name in every if not chosen or name in chosen)

    @cached_property
    def beds(self) -> BoolArray:
        """Which levers are beds, shape (lever,)."""
        return np.array([lever not in POSTS for lever in self.levers])

    @cached_property
    def care(self) -> BoolArray:
        """Which lever is the care workers of institutions, who serve every kind of bed, shape (lever,)."""
        return np.array([lever == INSTITUTION_WORKERS for lever in self.levers])

    @cached_property
    def judged(self) -> tuple[str, ...]:
        """By whose requests a plan is judged."""
        beds = self._kinds if INSTITUTION_WORKERS in self.levers else ()
        own = (JUDGED_BY.get(lever, lever) for lever in self.levers if lever != INSTITUTION_WORKERS)
        return tuple(dict.fromkeys((*beds, *own)))

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        """Kinds of bed by which workers of institutions are judged: those that may be added, if any may.

        What is short of beds that may not be added no number of workers puts right.
        """
        every = judged_beds(self.asked.scenario)
        own = tuple(name for name in every if name in self.levers)
        return own or every

    @cached_property
    def serves(self) -> BoolArray:
        """Which judged resources a lever is meant for, shape (lever, judged)."""
        return np.array(
            [
                [
                    name in self._kinds
                    if lever == INSTITUTION_WORKERS
                    else name == JUDGED_BY.get(lever, lever)
                    for name in self.judged
                ]
                for lever in self.levers
            ]
        )

    @cached_property
    def reported(self) -> tuple[int, ...]:
        """Years that are reported."""
        return tuple(range(self.inputs.reported_from, self.inputs.last_year + 1))

    @cached_property
    def first(self) -> int:
        """Year in which something may open first."""
        return self.asked.question.bounds.first_year or self.reported[0]

    @cached_property
    def fill_years(self) -> float:
        """Years until new beds are all in use, by the default values of the assumptions."""
        return float(self.inputs.assumed.supply.fill_months) / 12

    @cached_property
    def lead(self) -> IntArray:
        """Years from opening to full use, shape (lever,)."""
        return np.where(self.beds, math.ceil(self.fill_years - 1e-9), 0)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years in which the target is to be reached, and by which a state counts additions."""
        own = self.asked.question.target.years
        if own:
            return tuple(sorted(set(own)))
        begin = min(self.first + int(self.lead.max(initial=0)), self.reported[-1])
        return tuple(year for year in self.reported if year >= begin)

    @cached_property
    def target(self) -> FloatArray:
        """Shares to be placed in time, shape (judged,)."""
        aim = self.asked.scenario.service_target
        return np.array([aim.share_of(name) for name in self.judged])

    @cached_property
    def days(self) -> FloatArray:
        """Days by which a request is to be placed, shape (judged,)."""
        own = self.asked.scenario.service_target.own_days
        rows = {row.name: row.target_days for row in self.inputs.resources}
        return np.array([own.get(name, rows[name]) for name in self.judged])

    @cached_property
    def calendar(self) -> Calendar:
        """When additions may open."""
        shape = (len(self.districts), len(self.levers))
        most, together = np.full(shape, NO_END), np.full(shape[0], NO_END)
        for limit, d, lever in self._limits():
            if limit.most_a_year is None:
                continue
            if lever is None:
                together[d] = min(together[d], limit.most_a_year)
            else:
                most[d, lever] = min(most[d, lever], limit.most_a_year)
        return Calendar(np.array(self.years), self.lead, self.first, most, self.beds, together)

    def _limits(self) -> Iterator[tuple[Limit, int, int | None]]:
        """Yield every limit with the districts and levers that it speaks of; no lever: all beds."""
        for limit in self.asked.question.bounds.limits:
            of = [d for d, name in enumerate(self.districts) if limit.district in (None, name)]
            resource = limit.resource or TOTALS[0]
            for d in of:
                if resource in TOTALS:
                    yield limit, d, None
                elif resource in self.levers:
                    yield limit, d, self.levers.index(resource)

    @cached_property
    def room(self) -> Room:
        """How much may be added by each year, and what says so."""
        shape = (len(self.years), len(self.districts), len(self.levers))
        chances = self.calendar.chances()[:, None, :]
        most = np.minimum(self.calendar.most, NO_END // chances) * chances
        why = np.where(most < NO_END // 2, A_YEAR, "").astype(object)
        beds_chances = chances[..., self.beds].min(axis=-1) if self.beds.any() else chances[..., 0]
        together = np.minimum(self.calendar.together, NO_END // beds_chances) * beds_chances
        why_together = np.where(together < NO_END // 2, A_YEAR, "").astype(object)
        least = np.zeros(shape, np.int64)
        for limit, d, lever in self._limits():
            if limit.most is not None:
                bound, words = (together, why_together) if lever is None else (most, why)
                at = (slice(None), d) if lever is None else (slice(None), d, lever)
                words[at] = np.where(bound[at] > limit.most, MOST, words[at])
                bound[at] = np.minimum(bound[at], limit.most)
            if limit.least and lever is not None:
                least[-1, d, lever] = max(least[-1, d, lever], limit.least)
        may = self.asked.question.bounds.districts
        barred = [d for d, name in enumerate(self.districts) if may and name not in may]
        most[:, barred], why[:, barred] = 0, NOT_HERE
        early = np.array(self.years)[:, None] < self.first
        most = np.where(early[..., None], 0, most)
        why = np.where(early[..., None], EARLY, why)
        return Room(least, most, together, why, why_together)

    @cached_property
    def prices(self) -> Prices | None:
        """What a unit costs; none where nothing has a cost."""
        plan = self.asked.scenario.costs
        if not plan.resources:
            return None
        operating = float(self.inputs.assumed.supply.operating_share)
        capital, yearly = [], []
        for lever, is_bed in zip(self.levers, self.beds, strict=True):
            unit = plan.resources.get(ASSESSOR if lever == ASSESSORS else lever)
            capital.append(unit.capital or 0.0 if unit else 0.0)
            yearly.append((unit.yearly or 0.0 if unit else 0.0) * (operating if is_bed else 1.0))
        return Prices(
            np.array(capital),
            np.array(yearly),
            np.where(self.beds, self.fill_years, 0.0),
            plan.discount_rate or 0.0,
            self.inputs.city.first_year,
        )

    @property
    def weight(self) -> FloatArray:
        """By which dear levers are told from cheap ones; 1 each where nothing has a cost, shape (lever,)."""
        return np.ones(len(self.levers)) if self.prices is None else self.prices.of_unit


def layout_of(asked: LoadedQuestion) -> Layout:
    """Lay out a question on its city.

    Raises
    ------
    ParamError
        Naming every district that must add more than all its bounds together allow.
    """
    layout = Layout(asked, load_inputs(asked.scenario, asked.city))
    room, problems = layout.room, []
    for d, k in np.argwhere(room.least[-1] > room.most[-1]):
        least, most = int(room.least[-1, d, k]), int(room.most[-1, d, k])
        name = f"{layout.districts[d]} {layout.levers[k]}"
        found = said(f"{name}: at least {least} must be added", f"{name}：至少须新增{least}")
        allowed = said(f"at most {most}, as its bounds have it", f"按其他限制至多{most}")
        problems.append(Problem(place_of(asked.path, "bounds.limits"), found, allowed))
    if problems:
        raise ParamError(problems)
    return layout
