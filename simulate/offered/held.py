"""Hold what drives an offered load as it stood in a year, one cause or several, and let the rest go on.

People of an age band, rates of need, household, deaths and the insurance each have a course in a setting; a
course that is held repeats its year for ever. What starts need then follows exactly: so many people begin
to need care, or fewer than nobody, that stocks are the people held times the rates held.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from forecast.need.need import Need, onset_needed
from forecast.people.projection import WARM_UP_YEARS
from params.axes import ELDER_AGE, FloatArray
from params.language import said
from simulate.city.insurance import Insurance
from simulate.city.setting import Setting, make_flows
from simulate.engine.world import UNLIMITED
from simulate.offered.limits import NotCarried
from simulate.offered.supply import INSURANCE

BANDS: Final = {"people_60_69": (60, 70), "people_70_79": (70, 80), "people_80": (80, None)}
"""Ages of each band of people: from, and below."""
NEED, ARRANGEMENT, STAY = "need", "arrangement", "stay"
OF_LOAD: Final = (*BANDS, NEED, ARRANGEMENT, STAY, INSURANCE)
"""Causes that move the offered load."""


def check_held(setting: Setting) -> None:
    """Refuse a setting of which not every course can be held.

    Raises
    ------
    NotCarried
        If more people die in an event: their course is no longer people times rates.
    """
    if setting.projection.usual is not None:
        raise NotCarried(
            said("deaths of an event have no course to hold", "事件造成的死亡无法按年固定"),
            said(
                "two scenarios compared, one without the event",
                "与不含该事件的情景相比（两个情景）",
            ),
        )


@dataclass(frozen=True)
class Courses:
    """What drives the load of one setting, and a year in which any of it can be held.

    Attributes
    ----------
    years : after the base year.
    """

    setting: Setting
    years: int

    @property
    def at(self) -> int:
        """The year on the years' axis of people and need."""
        return WARM_UP_YEARS + self.years

    def moving(self) -> tuple[str, ...]:
        """Return the causes that change after the year, in the order of `OF_LOAD`."""
        need, whole = self.setting.need, self.setting.insurance
        courses = {
            **{band: need.elders[..., _ages(band)] for band in BANDS},
            NEED: self._rates,
            ARRANGEMENT: need.arrangement,
            STAY: need.hazards.death,
        }
        # Rates are quotients: what differs in the last digit only does not move.
        found = [k for k, c in courses.items() if not np.allclose(self._held(c), c, 1e-9, 1e-15)]
        held = self._insurance()
        same = all(
            np.array_equal(getattr(held, name), getattr(whole, name), equal_nan=True)
            for name in ("take_up", "insured", "hours", "most_hours")
        )
        return (*found, *(() if same else (INSURANCE,)))

    def held(self, causes: Collection[str]) -> Setting:
        """Return the setting with some causes of `OF_LOAD` held; itself where none is."""
        if not causes:
            return self.setting
        setting = self.setting
        need = self._need(causes)
        insurance = self._insurance() if INSURANCE in causes else setting.insurance
        flows = make_flows(setting.inputs, need, insurance, setting.choice, setting.calendar)
        return replace(setting, need=need, insurance=insurance, flows=flows)

    def _held(self, course: FloatArray) -> FloatArray:
        """Return a course by years that stays as it is in the year."""
        result = np.array(course)
        result[self.at + 1 :] = course[self.at]
        return result

    @cached_property
    def _rates(self) -> FloatArray:
        """Share of people in need by level, shape (year, sex, age 60.., level): alike in all districts."""
        stock, people = self.setting.need.stock.sum(axis=1), self.setting.need.elders.sum(axis=1)
        rates = np.zeros_like(stock)
        np.divide(stock, people[..., None], out=rates, where=people[..., None] > 0)
        return np.asarray(rates)

    @cached_property
    def _usual_onset(self) -> FloatArray:
        """What would have to start need if nothing were held."""
        need = self.setting.need
        return onset_needed(need.stock, need.hazards)

    def _need(self, causes: Collection[str]) -> Need:
        """Return need with some causes held."""
        need = self.setting.need
        elders = need.elders.copy()
        for band in BANDS:
            if band in causes:
                elders[..., _ages(band)] = self._held(need.elders[..., _ages(band)])
        rates = self._held(self._rates) if NEED in causes else self._rates
        hazards = need.hazards
        if STAY in causes:
            hazards = replace(hazards, death=self._held(hazards.death))
        stock = elders[..., None] * rates[:, None]
        # What the forecast set to zero because it would have been below stays so.
        onset = need.onset + onset_needed(stock, hazards) - self._usual_onset
        arrangement = need.arrangement
        if ARRANGEMENT in causes:
            arrangement = self._held(arrangement)
        return replace(
            need, elders=elders, stock=stock, onset=onset, hazards=hazards, arrangement=arrangement
        )

    def _insurance(self) -> Insurance:
        """Return the insurance as it is at the end of the year."""
        whole, month = self.setting.insurance, 12 * self.years
        claims = WARM_UP_YEARS * 12 + month  # entry 0 is the first stock
        take_up, insured = whole.take_up.copy(), whole.insured.copy()
        hours, most = whole.hours.copy(), whole.most_hours.copy()
        for course in (take_up, insured):
            course[claims + 1 :] = course[claims]
        # No rule but those for who applies begins before the release.
        hours[month:] = hours[month - 1] if month else np.nan
        most[month:] = most[month - 1] if month else UNLIMITED
        return replace(whole, take_up=take_up, insured=insured, hours=hours, most_hours=most)


def _ages(band: str) -> slice:
    """Return a band's ages on an axis that begins at 60."""
    first, below = BANDS[band]
    return slice(first - ELDER_AGE, None if below is None else below - ELDER_AGE)


__all__ = ["ARRANGEMENT", "BANDS", "NEED", "OF_LOAD", "STAY", "Courses", "check_held"]
