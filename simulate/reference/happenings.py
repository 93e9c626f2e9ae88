"""What a scenario's events do, asked of them event by event and moment by moment."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from params.axes import CITY
from params.scenario.parts.events import Event
from params.scenario.parts.workers import Overtime
from simulate.city.setting import Setting
from simulate.engine.records import DAY

OLDEST_AGE: Final = 100


@dataclass(frozen=True)
class Span:
    """An event, or overtime, from one moment to another."""

    what: Event | Overtime
    start: int
    end: int
    """The midnight after its last day."""
    districts: frozenset[int]

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.what.kind if isinstance(self.what, Event) else "overtime"

    def holds(self, time: int, district: int | None = None) -> bool:
        """Say whether it holds at a moment, in a district."""
        return self.start <= time < self.end and (district is None or district in self.districts)


class Happenings:
    """The events of a setting's scenario, and the overtime of its workers."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        events: tuple[Event | Overtime, ...] = setting.inputs.scenario.events
        self.spans = [self._span(one) for one in events + setting.inputs.scenario.workers.overtime]
        self.office_days = cache(self._office_days)

    def _span(self, what: Event | Overtime) -> Span:
        calendar, districts = self.setting.calendar, self.setting.inputs.districts
        inside = [
            d
            for d, name in enumerate(districts.names)
            if name == what.area
            or what.area == CITY
            or (
                what.area not in districts.names and districts.zones[districts.zone[d]] == what.area
            )
        ]
        start, last = calendar.seconds(what.start), calendar.seconds(what.end)
        return Span(what, start, last + DAY, frozenset(inside))

    @cached_property
    def deaths(self) -> list[Span]:
        """The events that change hazards of death."""
        return [span for span in self.spans if span.kind == "deaths"]

    def death_factor(self, time: int, age: int) -> float:
        """Return how many times the usual hazard of death holds for an age, the one reached this year."""
        factor = 1.0
        for span in self.deaths:
            event = span.what
            assert isinstance(event, Event)
            assert event.factor is not None
            most = OLDEST_AGE if event.most_age is None else event.most_age
            if span.holds(time) and (event.least_age or 0) <= age <= most:
                factor *= event.factor
        return factor

    def hours_worked(self, workers: str, district: int, time: int) -> float:
        """Return the hours of those present over their usual ones."""
        hours = 1.0
        for span in self.spans:
            what = span.what
            if not span.holds(time, district) or what.workers not in (None, workers):
                continue
            if isinstance(what, Overtime):
                hours *= 1.0 + what.share
            elif what.kind == "workers_absent" and what.share is not None:
                hours *= what.share
        return hours

    def at_office(self, district: int, time: int) -> float:
        """Return the assessors at work over those there are; days without any are no working days."""
        share = 1.0
        for span in self.spans:
            if span.kind == "assessors" and span.holds(time, district):
                assert isinstance(span.what, Event)
                share *= span.what.share or 1.0
        return share

    def is_shut(self, resource: int, district: int, time: int) -> bool:
        """Say whether nobody is taken in."""
        resources = self.setting.inputs.resources
        for span in self.spans:
            if span.kind in ("admissions_closed", "service_closed") and span.holds(time, district):
                assert isinstance(span.what, Event)
                named = span.what.resource
                if named == resources.names[resource] or (
                    named is None and resource >= resources.first_bed
                ):
                    return True
        return False

    def turns(self) -> list[int]:
        """Return when work, offices or what is shut change."""
        spans = [
            span
            for span in self.spans
            if span.kind != "deaths" and not (span.kind == "assessors" and span.what.share == 0)
        ]
        return sorted({time for span in spans for time in (span.start, span.end)})

    def _office_days(self, district: int) -> list[bool]:
        """Return whether the assessors of a district work, day by day."""
        work = self.setting.calendar.work
        idle = [
            span
            for span in self.spans
            if span.kind == "assessors" and span.what.share == 0 and district in span.districts
        ]
        return [
            bool(work[day + 1] > work[day]) and not any(span.holds(day * DAY) for span in idle)
            for day in range(len(work) - 1)
        ]
