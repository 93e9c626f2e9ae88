"""Say what each resource of care is: kind, unit, workers, who asks for it and with what chance.

`resources.csv` has a row for each resource, `asks.csv` one for each reason to ask. Everything to the right
loops over these rows; the order of the file is that of every resource axis. `params.tables.resource_tables`
reads them.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from params.errors import ParamError, Problem
from params.language import said
from params.names import ASSESSOR, CASES_BY_REASON, TIERS, TOTALS

KINDS: Final = ("assessment", "hours", "at_home", "institution")
"""Cases of assessors; weekly hours of care at home; places used while living at home; beds to live in."""
ASSESSMENT_KIND, HOURS_KIND, AT_HOME, INSTITUTION = range(4)
WHO: Final = ("anyone", "dementia", "last_months", "hospital")
"""Of whom one reason speaks: anybody, people with dementia, people in their last months of life, the
fixed share of beneficiaries who are cared for in hospital."""
ANYONE, WITH_DEMENTIA, LAST_MONTHS, IN_HOSPITAL = range(4)
LEVELS_OF_CARE: Final = (0, 1, 2, 3, 4, 5, 6)
"""Axis of what goes by level: 0 and 1 stand for nobody's level."""
WORKERS: Final = ("care_worker_institution", "care_worker_home")
BY_LEVEL: Final = "level"
HOURS_BY_LEVEL: Final = ("0", "0", "23", "23", "4", "56", "56")
"""Endings of ``staff_hours_*`` by `LEVELS_OF_CARE`."""
AT_HOME_SHARE: Final = "at_home"
MOST: Final = 15
"""Resources at most: the replay of requests tells so many apart."""
MOST_AT_HOME: Final = 3
"""Kinds of places at home at most: a person has a lane for each."""


@dataclass(frozen=True)
class Ask:
    """One reason to ask for a resource."""

    who: str
    """One of `WHO`."""
    wish: bool
    """Whether only those ask who want to live in an institution."""
    chances: tuple[str, ...]
    """By `LEVELS_OF_CARE`: numbers or names of assumptions."""
    among: str
    luck: int
    """Number of the person's own draw that decides, see `simulate.engine.streams`."""


@dataclass(frozen=True)
class Resource:
    """One thing that people can ask for; see ``columns.csv``."""

    name: str
    kind: str
    name_zh: str
    name_en: str
    unit: str
    total: str
    workers: str
    hours: str
    takes: str
    special: bool
    medical: bool
    replaces: str
    places_first: str
    places_plan: str
    places_of_each: str
    on: bool
    target_days: float
    asks: tuple[Ask, ...] = field(default=())

    @property
    def tier_of(self) -> str:
        """The market kind of bed of which it is the 保基本 tier; empty: it is none."""
        return TIERS.get(self.name, "")

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Names of the assumptions that it needs."""
        chances = [chance for ask in self.asks for chance in ask.chances]
        last_months = any(ask.who == WHO[LAST_MONTHS] for ask in self.asks)
        words = [self.places_first, self.places_plan, self.hours, *chances]
        words += ["last_months_days"] * last_months
        named = (word for word in words if word not in ("", BY_LEVEL) and not is_number(word))
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Resources:
    """The resources of one scenario, in the order of every resource axis."""

    rows: tuple[Resource, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Ids."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def kinds(self) -> IntArray:
        """Positions in `KINDS`, shape (resource,)."""
        return np.array([KINDS.index(row.kind) for row in self.rows])

    @cached_property
    def first_bed(self) -> int:
        """Where the beds in institutions begin; they come last."""
        return int((self.kinds < INSTITUTION).sum())

    @property
    def bed_names(self) -> tuple[str, ...]:
        """Ids of the beds in institutions."""
        return self.names[self.first_bed :]

    @property
    def n_bed(self) -> int:
        """Kinds of beds in institutions."""
        return len(self) - self.first_bed

    @property
    def beds(self) -> slice:
        """Beds in institutions on a resource axis."""
        return slice(self.first_bed, len(self))

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Resources whose places are laid down by the table's own assumptions."""
        return tuple(k for k, row in enumerate(self.rows) if row.places_first)

    @cached_property
    def tiers(self) -> list[int]:
        """Kinds of 保基本 bed."""
        return [k for k, row in enumerate(self.rows) if row.tier_of]

    def of_total(self, total: str) -> tuple[int, ...]:
        """Return the resources that add to a total."""
        return tuple(k for k, row in enumerate(self.rows) if row.total == total)

    @cached_property
    def reported(self) -> tuple[str, ...]:
        """Ids of what is reported: resources, totals, assessments by reason, workers."""
        totals = (t for t in TOTALS if self.of_total(t))
        workers = (w for w in WORKERS if any(row.workers == w for row in self.rows))
        return (*self.names, *totals, *CASES_BY_REASON, *workers)

    @cached_property
    def cases_by_reason(self) -> slice:
        """Assessments by reason among what is reported."""
        first = self.reported.index(CASES_BY_REASON[0])
        return slice(first, first + len(CASES_BY_REASON))

    def index(self, name: str) -> int:
        """Return the place of a resource on the axis."""
        return self.names.index(name)

    @cached_property
    def target_days(self) -> FloatArray:
        """Target waits, shape (resource,): calendar days, assessments in working days."""
        return np.array([row.target_days for row in self.rows])

    @property
    def follow_up_days(self) -> int:
        """Days after which the target of every request has passed.

        A working day is given two days, and the last case's day is over.
        """
        cases = self.kinds == ASSESSMENT_KIND
        days = np.where(cases, 2 * self.target_days + 1, self.target_days)
        return math.ceil(float(days.max()))

    def asks(self) -> tuple[tuple[int, Ask], ...]:
        """Return every reason to ask with its resource, in the order of the axis."""
        return tuple((k, ask) for k, row in enumerate(self.rows) for ask in row.asks)

    @cached_property
    def bed_reasons(self) -> tuple[Ask, ...]:
        """Reasons to ask for a bed in an institution."""
        return tuple(ask for row in self.rows[self.first_bed :] for ask in row.asks)

    @property
    def asks_without_wish(self) -> bool:
        """Whether somebody asks for such a bed who does not want to live in an institution."""
        return any(not ask.wish for ask in self.bed_reasons)

    def last_months_days(self, values: Mapping[str, float]) -> float:
        """Return how long before death people ask for what is meant for their last months; 0: never."""
        if any(ask.who == WHO[LAST_MONTHS] for ask in self.bed_reasons):
            return values["last_months_days"]
        return 0.0

    def chances(self, values: Mapping[str, float]) -> FloatArray:
        """Return the chance of each reason by level, shape (ask, level 0..6).

        Parameters
        ----------
        values : the assumptions of one draw.
        """
        at_home = 1 - values["hospital_share"]
        return np.array(
            [
                [
                    number(chance, values) / (at_home if ask.among == AT_HOME_SHARE else 1.0)
                    for chance in ask.chances
                ]
                for _, ask in self.asks()
            ]
        )

    def places_laid_down(
        self,
        values: Mapping[str, float],
        counted: Mapping[str, float],
        planned: Mapping[str, float] = MappingProxyType({}),
    ) -> dict[int, tuple[float, float]]:
        """Return places at the ends of the base year and of the plan, by resource.

        Parameters
        ----------
        counted : numbers of units at the base, by measure of ``beds_city``.
        planned : those at the end of the plan where they differ.
        """
        found = {}
        for k in self.places:
            row = self.rows[k]
            units = counted.get(row.places_of_each, 0.0) if row.places_of_each else 1.0
            then = planned.get(row.places_of_each, units) if row.places_of_each else 1.0
            found[k] = (units * values[row.places_first], then * values[row.places_plan])
        return found

    def staff_hours(self, values: Mapping[str, float]) -> FloatArray:
        """Return workers' hours a resident-day, shape (resource, level 0..6)."""
        hours = np.zeros((len(self), len(LEVELS_OF_CARE)))
        for k, row in enumerate(self.rows):
            if row.hours == BY_LEVEL:
                hours[k] = [values[f"staff_hours_{ending}"] for ending in HOURS_BY_LEVEL]
            elif row.hours:
                hours[k] = number(row.hours, values)
        return hours

    def with_targets(self, days: Mapping[str, float]) -> "Resources":
        """Return the resources with other days from request to place; what is not named keeps the table's."""
        rows = (replace(r, target_days=days.get(r.name, r.target_days)) for r in self.rows)
        return replace(self, rows=tuple(rows))

    def require(self, names: Iterable[str], where: str) -> None:
        """Refuse what a scenario says of resources that the city's own table lacks.

        Parameters
        ----------
        where : the table of the scenario that names them.

        Raises
        ------
        ParamError
            Naming every one.
        """
        known = (*self.reported, ASSESSOR)
        problems = [
            Problem(
                f"{where}.{name}",
                said("not in resources.csv of this city", "本市的 resources.csv 中无此资源"),
                ", ".join(known),
            )
            for name in names
            if name not in known
        ]
        if problems:
            raise ParamError(problems)

    def chosen(self, on: Collection[str]) -> "Resources":
        """Return the resources that are always there, and those that are turned on."""
        return replace(self, rows=tuple(row for row in self.rows if row.on or row.name in on))

    def with_on(self, on: Collection[str], assumed: Collection[str]) -> "Resources":
        """Return the resources of a scenario that turns some on, as `chosen`, or refuse them.

        Parameters
        ----------
        assumed : names of the city's assumptions.

        Raises
        ------
        ParamError
            Naming every one that the city's own table lacks, and every assumption that one of them
            needs and the city does not have.
        """
        found = self.chosen(on)
        problems = [
            Problem(
                "resources.on",
                said(f"{name}: not in resources.csv of this city", f"{name}：本市无此资源"),
                ", ".join(row.name for row in self.rows if not row.on) or said("none", "无"),
            )
            for name in on
            if name not in self.names
        ]
        problems += [
            Problem(
                f"resources.csv, {row.name}",
                said(f"needs the assumption {name}", f"需要假定 {name}"),
                said("a row of the city's assumptions.csv", "本市 assumptions.csv 中的一行"),
                said(f"add it, or leave {row.name} off", f"请补上该行，或不启用 {row.name}"),
            )
            for row in found
            for name in row.assumptions
            if name not in assumed
        ]
        at_home = [row.name for row in found if row.kind == KINDS[AT_HOME]]
        for names, most in ((at_home, MOST_AT_HOME), (found.names, MOST)):
            if len(names) > most:
                listed = ", ".join(names)
                allowed = said(f"at most {most} of {listed}", f"{listed} 中至多 {most} 种")
                found_ = said(f"{len(names)} at a time", f"同时启用 {len(names)} 种")
                problems.append(Problem("resources.on", found_, allowed))
        if problems:
            raise ParamError(problems)
        return found


def number(text: str, values: Mapping[str, float]) -> float:
    """Return a number as it is written, or the value of the assumption that is named."""
    return values[text] if text in values else float(text)


def is_number(text: str) -> bool:
    """Say whether a cell holds a number, and not the name of one."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
