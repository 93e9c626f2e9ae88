"""What a scenario lays down, under the names a reader of docs/model.md knows."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import Final

import numpy as np

from forecast.people.projection import WARM_UP_YEARS
from params.axes import CITY, HOME_CARE, LEVELS, IntArray
from params.scenario.parts.admissions import Admission
from params.scenario.priorities import Case, PriorityRule, rules_of_queues
from params.tables.assumed import ChoiceGroup, NeedGroup, SupplyGroup
from params.tables.resources import WORKERS, Ask, Resource, Resources
from simulate.city.pay import MOST_LEAVE
from simulate.city.resources import service_lanes
from simulate.city.rules import LEAD_DAYS
from simulate.city.setting import Setting
from simulate.city.world import HUNDREDTHS
from simulate.engine.records import DAY, WORKING_DAY, YEAR
from simulate.engine.world import UNLIMITED
from simulate.reference.admission import meets_one
from simulate.reference.happenings import Happenings

LEVEL_2: Final = 2
YOUNGEST_COHORT: Final = 59
"""Cohort c is 59 + c years old when a year starts."""
PIVOT_AGE: Final = 80
OLDEST: Final = 199


@dataclass(frozen=True)
class Rules:
    """A scenario's numbers and policies, read from its setting."""

    setting: Setting

    @property
    def need(self) -> NeedGroup[float]:
        """What is assumed of need, claims and results."""
        return self.setting.inputs.assumed.need

    @property
    def choice(self) -> ChoiceGroup[float]:
        """What is assumed of wishes, and of those who live in institutions."""
        return self.setting.inputs.assumed.choice

    @property
    def supply(self) -> SupplyGroup[float]:
        """What is assumed of places and workers."""
        return self.setting.inputs.assumed.supply

    @property
    def first_year(self) -> int:
        """Calendar year in which the warm-up starts."""
        return int(self.setting.calendar.start.year)

    @property
    def release(self) -> int:
        """When the warm-up ends."""
        return int(self.setting.calendar.release)

    # --- lives -------------------------------------------------------------------------------

    def year_of(self, time: int) -> int:
        """Return the calendar year of a moment; hazards of the last one go on."""
        starts = self.setting.calendar.year_start
        return min(self.first_year + bisect_right(starts, time) - 1, self.last_year())

    def last_year(self) -> int:
        """Return the last calendar year with hazards of its own."""
        n_year = len(self.setting.need.hazards.death) - 1
        return self.first_year + n_year - 1

    def start_of(self, year: int) -> int:
        """Return when a calendar year starts."""
        return int(self.setting.calendar.year_start[year - self.first_year])

    def next_turn(self, time: int) -> int | None:
        """Return when hazards of death next change after a moment: a year, or an event, begins or is over."""
        later = bisect_right(self.turns, time)
        return self.turns[later] if later < len(self.turns) else None

    @cached_property
    def turns(self) -> list[int]:
        """When hazards of death change, in their order."""
        years = [self.start_of(year) for year in range(self.first_year, self.last_year() + 1)]
        end = self.start_of(self.last_year() + 1)
        events = [t for span in self.happenings.deaths for t in (span.start, span.end) if t < end]
        return sorted({*years, *events})

    def death_rate(self, time: int, sex: int, birth_year: int, level: int) -> float:
        """Return the yearly hazard of death of a person in need at a moment."""
        year = self.year_of(time)
        table = self.setting.need.hazards.death[year - self.first_year + 1]
        cohort = min(max(year - 1 - birth_year - YOUNGEST_COHORT, 0), table.shape[1] - 1)
        factor = self.happenings.death_factor(time, cohort + YOUNGEST_COHORT + 1)
        return float(table[sex, cohort, level - LEVEL_2] * factor)

    @cached_property
    def happenings(self) -> Happenings:
        """What the scenario's events do."""
        return Happenings(self.setting)

    def changes(self, level: int) -> tuple[float, float, float, float]:
        """Return the yearly rates of worsening, improving, recovery and re-assessment unchanged."""
        h, k = self.setting.need.hazards, level - LEVEL_2
        return float(h.worsen[k]), float(h.improve[k]), float(h.recover[k]), float(h.recheck[k])

    def dementia_on_worsening(self, level: int) -> float:
        """Return the chance that worsening from a level brings dementia.

        It lifts the share with dementia from that of the level to that of the next.
        """
        share, k = self.setting.need.dementia, level - LEVEL_2
        if k + 1 == share.size:
            return 0.0
        return max(float((share[k + 1] - share[k]) / (1 - share[k])), 0.0)

    # --- resources ---------------------------------------------------------------------------

    @cached_property
    def resources(self) -> Resources:
        """What people can ask for."""
        return self.setting.inputs.resources

    @cached_property
    def lanes(self) -> list[int]:
        """Lane in which people wait for each resource."""
        return service_lanes(self.resources)

    @cached_property
    def services(self) -> range:
        """Care at home: hours first, then places."""
        return range(HOME_CARE, self.resources.first_bed)

    @cached_property
    def beds(self) -> range:
        """Kinds of bed in institutions, the most special last."""
        return range(self.resources.first_bed, len(self.resources))

    def bed(self, resource: int) -> Resource:
        """Return what is known of a resource."""
        return self.resources.rows[resource]

    @cached_property
    def chances(self) -> dict[Ask, tuple[float, ...]]:
        """Chance of every reason to ask, by level 0 to 6."""
        table = self.resources.chances(self.setting.inputs.values).tolist()
        reasons = [ask for _, ask in self.resources.asks()]
        return {ask: tuple(row) for ask, row in zip(reasons, table, strict=True)}

    @cached_property
    def last_months(self) -> int:
        """Seconds before death from which people ask for what is meant for their last months; 0: never."""
        return int(self.resources.last_months_days(self.setting.inputs.values) * DAY)

    # --- wishes ------------------------------------------------------------------------------

    def share_wanting_institution(self, level: int, alone: int, dementia: int, age: int) -> float:
        """Return the share that wants an institution at a level, arrangement and age."""
        choice = self.setting.choice
        logit = choice.logit[level - LEVEL_2, alone, dementia]
        logit += choice.age_slope * (min(age, OLDEST) - PIVOT_AGE)
        return 1 / (1 + exp(-float(logit)))

    def weekly_hours(self, level: int, time: int = 0) -> int:
        """Return home care at a level and a moment, hundredths of an hour a week."""
        hours = self.setting.inputs.weekly_hours[level - LEVEL_2]
        told = self.insurance(f"hours_{level}", time)
        return int(
            np.round((hours if told is None else told) * self.choice.entitlement_used * HUNDREDTHS)
        )

    def hours_in(self, month: int) -> list[int]:
        """Return home care of every level in a month; before the release for month -1."""
        time = int(self.setting.calendar.month_start[month]) if month >= 0 else 0
        return [self.weekly_hours(level, time) for level in LEVELS]

    # --- the insurance -----------------------------------------------------------------------

    def insurance(self, key: str, time: int) -> float | None:
        """Return what the last change before a moment says of the whole city; None: nothing was said."""
        changes = self.setting.inputs.scenario.insurance.changes
        said = [
            (self.setting.calendar.seconds(change.date.replace(day=1)), k, getattr(change, key))
            for k, change in enumerate(changes)
            if getattr(change, key) is not None
        ]
        held = [entry for entry in said if entry[0] <= time]
        return max(held)[2] if held else None

    def least_level(self, time: int) -> int:
        """Return the level from which results of a moment give benefits."""
        return int(self.insurance("least_level", time) or LEVEL_2)

    def most_hours(self, time: int) -> int | None:
        """Return the hours that are given a week at most, hundredths; None: as many as there are."""
        month = bisect_right(self.setting.calendar.month_start, time) - 1
        # Cities of tests are smaller than what their scenario speaks of: so this is the setting's.
        most = int(self.setting.insurance.most_hours[month]) if month >= 0 else UNLIMITED
        return most if most < UNLIMITED else None

    # --- admission ---------------------------------------------------------------------------

    def admissions_at(self, bed: int, time: int) -> list[Admission]:
        """Return the rules of admission to a kind of bed that hold at a moment."""
        seconds = self.setting.calendar.seconds
        return [
            rule
            for rule in self.setting.inputs.scenario.policy.admissions
            if rule.resource == self.resources.names[bed]
            and seconds(rule.date.replace(day=1)) <= time
            and (rule.until is None or time < seconds(rule.until.replace(day=1)))
        ]

    def admits(self, bed: int, case: Case, time: int) -> bool:
        """Say whether the rules of a moment let a case enter a kind of bed, whoever pays for it."""
        rules = self.admissions_at(bed, time) if time >= self.release else []
        return meets_one(case, rules) and (
            not self.bed(bed).tier_of or meets_one(case, self.setting.inputs.scenario.tiers.who)
        )

    def admitted_in(self, month: int) -> list[bool]:
        """Return who may enter which bed in a month, case by case; month -1 is before the release."""
        time = int(self.setting.calendar.month_start[month]) if month >= 0 else 0
        plain = Case(0, False, False, True, False, False, "first")
        return [
            self.admits(bed, plain._replace(level=level, alone=alone, hardship=hard), time)
            for bed in self.beds
            for level in range(7)
            for alone in (False, True)
            for hard in (False, True)
        ]

    # --- what residents need, and where they look --------------------------------------------

    def staff_time(self, level: int, bed: int) -> int:
        """Return the staff time of a resident, thousandths of an hour a day."""
        hours = self.resources.staff_hours(self.setting.inputs.values)
        return int(np.round(hours[bed, level] * 1000))

    @property
    def patience_seconds(self) -> float:
        """Mean time before other districts are tried."""
        return self.choice.patience_days * DAY

    @property
    def list_length(self) -> int:
        """Other districts that join a person's list."""
        return round(self.choice.list_length)

    def distance(self, origin: int, other: int) -> float:
        """Return the distance of two districts in units of the scale at which it deters."""
        km = float(self.setting.inputs.districts.distance_km[origin, other])
        return km / self.choice.distance_scale_km

    def same_zone(self, origin: int, other: int) -> bool:
        """Say whether two districts lie in one zone."""
        zone = self.setting.inputs.districts.zone
        return bool(zone[origin] == zone[other])

    # --- classes -----------------------------------------------------------------------------

    @cached_property
    def queues(self) -> dict[str, tuple[PriorityRule, ...]]:
        """Rules of every queue."""
        return rules_of_queues(self.setting.inputs.scenario.policy)

    def rank_in(self, queue: str, case: Case) -> int:
        """Return the class of a case: that of the first rule it meets, or one after the last."""
        rules = self.queues[queue]
        met = [rule.rank for rule in rules if rule.holds(case)]
        return met[0] - 1 if met else rules[-1].rank

    def is_served(self, queue: str, rank: int, time: int) -> bool:
        """Say whether a class is served at a moment."""
        calendar = self.setting.calendar
        if time < self.release:
            return True
        rules = [rule for rule in self.queues[queue] if rule.rank - 1 == rank]
        return not rules or any(
            (not r.opens or time >= calendar.seconds(r.opens.replace(day=1)))
            and (not r.closes or time < calendar.seconds(r.closes.replace(day=1)))
            for r in rules
        )

    @property
    def hardship_share(self) -> float:
        """Share of people in hardship."""
        return self.setting.inputs.scenario.policy.hardship_share

    @property
    def interim_home_care(self) -> bool:
        """Whether those waiting for a bed have home care meanwhile."""
        return self.setting.inputs.scenario.policy.interim_home_care

    @property
    def hospital_hold(self) -> int:
        """Return how long the bed of a resident in hospital is held, seconds."""
        policy = self.setting.inputs.scenario.policy
        return policy.hospital_hold_days * DAY if policy.hospital_bed == "held" else 0

    @property
    def who_fits(self) -> bool:
        """Whether somebody for whom there is not staff enough may be passed."""
        return self.setting.inputs.scenario.policy.short_of_staff == "who_fits"

    @property
    def spare_beds(self) -> bool:
        """Whether a bed that nobody waits for takes who waits for another kind."""
        return self.setting.inputs.scenario.policy.spare_beds

    @property
    def keep_free(self) -> float | None:
        """Share of 保基本 beds that is not lent; None: none is, be it that everybody may ask for them."""
        tiers = self.setting.inputs.scenario.tiers
        return tiers.keep_free if tiers.who and tiers.keep_free < 1 else None

    # --- assessment --------------------------------------------------------------------------

    @property
    def mistakes(self) -> tuple[float, float]:
        """Return the shares of results one level too high and one too low."""
        assessors = self.setting.inputs.scenario.assessors
        return assessors.too_high, assessors.too_low

    def renewal_after(self, years: int) -> int:
        """Return how long after a result its renewal is applied for."""
        return (years * 365 - LEAD_DAYS) * DAY

    def counts_for_teams(self, time: int) -> bool:
        """Say whether a case of this moment is one of the year from which teams are calibrated."""
        return self.release - 366 * DAY < time <= self.release

    def cases_a_day(self, cases: int, month: int, district: int) -> float:
        """Return the cases a working day at which those of the year before a month are the assumed load."""
        starts = self.setting.calendar.month_start
        end = int(starts[month]) // DAY
        start = end - 366 if month == 0 else int(starts[month - 12]) // DAY
        days = float(sum(self.happenings.office_days(district)[start:end]))
        return cases / days / self.supply.assessor_load_2020 if days > 0 else 0.0

    @property
    def steps(self) -> int:
        """Return the working seconds from an application to its notice at least."""
        return round(self.supply.notice_days * WORKING_DAY)

    # --- capacity ----------------------------------------------------------------------------

    @property
    def n_district(self) -> int:
        """Number of districts."""
        return len(self.setting.inputs.districts)

    def planned(self) -> list[list[list[list[int]]]]:
        """Return planned capacity by month, district, resource, own or whole-city; -1: calibrated."""
        return self._by_district(self.setting.capacity.pool_plan())

    def bed_days(self) -> list[tuple[int, list[list[list[int]]]]]:
        """Return the days inside a month on which beds open or close, and all beds from then on.

        Beds are by district, resource, own or whole-city; -1: no beds.
        """
        capacity = self.setting.capacity
        plans = self._by_district(capacity.bed_plan())
        return list(zip(capacity.days.at.tolist(), plans, strict=True))

    def _by_district(self, plan: IntArray) -> list[list[list[list[int]]]]:
        table: list[list[list[list[int]]]] = plan.reshape(
            len(plan), self.n_district, len(self.resources), 2
        ).tolist()
        return table

    def multiple(self, workers: str, month: int) -> float:
        """Return how many times the workers of the release can be found in a month."""
        name = "institution" if workers == WORKERS[0] else "home_care"
        return float(self.setting.capacity.growth[month][name])

    def output(self, month: int) -> float:
        """Return the residents whom an hour of work serves, against the release."""
        return float(self.setting.capacity.growth[month]["output"])

    def home_output(self, month: int) -> float:
        """Return the clients' hours that an hour of work gives, against the release."""
        return float(self.setting.capacity.growth[month]["home_output"])

    def assessors(self, month: int) -> float:
        """Return assessors against the release, or against those who follow the applications."""
        return float(self.setting.capacity.growth[month]["assessors"])

    @property
    def last_month(self) -> int:
        """Last month whose capacities are laid down."""
        return len(self.setting.capacity.growth) - 1

    def workers_2020(self, workers: str) -> float:
        """Return the care workers of the base year."""
        supply = self.supply
        institution = workers == WORKERS[0]
        return supply.workers_institution_2020 if institution else supply.workers_home_2020

    def posts_added(self, workers: str, month: int, district: int) -> float:
        """Return the workers whom dated changes have added by a month."""
        added = self.setting.capacity.posts_added
        return float(added[month, WORKERS.index(workers), district])

    @property
    def hires_by_vacancy(self) -> bool:
        """Whether workers go where posts are vacant."""
        return self.setting.inputs.scenario.workers.hiring == "by_vacancy"

    @property
    def months_to_fill(self) -> int:
        """Months until a vacant post is filled by somebody trained."""
        days = self.supply.vacancy_days + self.supply.training_days
        return round(days / (365.25 / 12))

    def pay(self, workers: str, month: int) -> float:
        """Return pay in a month over its usual course."""
        level = 1.0
        for wage in self.setting.inputs.scenario.workers.wages:
            years = wage.date.year - self.first_year - WARM_UP_YEARS
            has_begun = years * 12 + wage.date.month - 1 <= month
            if has_begun and wage.workers in (None, workers):
                level *= 1.0 + wage.rise
        return level

    def leaving(self, workers: str, month: int) -> float:
        """Return the share of workers who leave in a year, at the pay of a month."""
        pay, usual = self.pay(workers, month), self.supply.worker_turnover
        return (
            usual
            if pay == 1
            else min(usual * pay**-self.supply.leaving_wage_elasticity, MOST_LEAVE)
        )

    def stays_a_month(self, workers: str, month: int) -> float:
        """Return the share of workers still there after a month."""
        return float((1.0 - self.leaving(workers, month)) ** (1 / 12))

    def stays_until_filled(self, workers: str, month: int) -> float:
        """Return the share of workers still there when a vacant post is filled."""
        return float((1.0 - self.leaving(workers, month)) ** (self.months_to_fill / 12))

    def found_for_pay(self, workers: str, month: int) -> float:
        """Return who can be found in a month over those at the usual pay."""
        late = 0 if self.hires_by_vacancy else self.months_to_fill
        return float(self.pay(workers, month - late) ** self.supply.hiring_wage_elasticity)

    @property
    def assessors_follow(self) -> bool:
        """Whether assessors follow the applications of the year before: no growth or stock is laid down."""
        scenario = self.setting.inputs.scenario
        stocks = [r for r in scenario.paths if r.resource == "assessors" and r.district == CITY]
        return scenario.assessors.growth is None and not stocks

    def assessors_on_path(self, month: int, district: int) -> tuple[float, float] | None:
        """Return what a district's assessors are if the scenario lays them down, or None.

        So many times those of the release, and so many persons besides.
        """
        return _on_path(self.setting.capacity.assessor_paths[month, district])

    def workers_on_path(
        self, workers: str, month: int, district: int
    ) -> tuple[float, float] | None:
        """Return the same of care workers."""
        market = WORKERS.index(workers)
        return _on_path(self.setting.capacity.worker_paths[month, market, district])


def years_before(seconds: int) -> int:
    """Return whole years of 365.25 days, by which age is counted on."""
    return seconds // YEAR


def _on_path(cell: np.void) -> tuple[float, float] | None:
    base, persons = cell.item()
    return (base, persons) if persons >= 0 else None
