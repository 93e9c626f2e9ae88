"""What a scenario lays down, under the names a reader of docs/model.md knows."""

from bisect import bisect_right
from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np

from params.axes import DEMENTIA_BED, N_RESOURCE
from params.tables.assumed import ChoiceGroup, NeedGroup, SupplyGroup
from simulate.city.rules import LEAD_DAYS
from simulate.city.setting import Setting
from simulate.city.world import HUNDREDTHS, THOUSANDTHS
from simulate.engine.records import DAY, YEAR

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
        """What is assumed of wishes, and of those who live in homes."""
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

    def death_rate(self, year: int, sex: int, birth_year: int, level: int) -> float:
        """Return the yearly hazard of death of a person in need."""
        table = self.setting.need.hazards.death[year - self.first_year + 1]
        cohort = year - 1 - birth_year - YOUNGEST_COHORT
        return float(table[sex, min(max(cohort, 0), table.shape[1] - 1), level - LEVEL_2])

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

    # --- wishes ------------------------------------------------------------------------------

    def share_wanting_home(self, level: int, alone: int, dementia: int, age: int) -> float:
        """Return the share that wants a home at a level, arrangement and age."""
        choice = self.setting.choice
        logit = choice.logit[level - LEVEL_2, alone, dementia]
        logit += choice.age_slope * (min(age, OLDEST) - PIVOT_AGE)
        return 1 / (1 + exp(-float(logit)))

    def weekly_hours(self, level: int) -> int:
        """Return home care at a level, hundredths of an hour a week."""
        hours = self.setting.inputs.weekly_hours[level - LEVEL_2] * self.choice.entitlement_used
        return int(np.round(hours * HUNDREDTHS))

    def staff_time(self, level: int, bed: int) -> int:
        """Return the staff time of a resident, thousandths of an hour a day."""
        hours = self.supply.staff_hours_dementia
        if bed != DEMENTIA_BED:
            hours = {
                0: self.supply.staff_hours_0,
                2: self.supply.staff_hours_23,
                3: self.supply.staff_hours_23,
                4: self.supply.staff_hours_4,
                5: self.supply.staff_hours_56,
                6: self.supply.staff_hours_56,
            }[level]
        return int(np.round(hours * THOUSANDTHS))

    @property
    def patience_seconds(self) -> float:
        """Mean time before other districts are tried."""
        return self.choice.patience_days * DAY

    @property
    def list_length(self) -> int:
        """Other districts that join a person's list."""
        return round(self.choice.list_length)

    def distance(self, home: int, other: int) -> float:
        """Return the distance of two districts in units of the scale at which it deters."""
        km = float(self.setting.inputs.districts.distance_km[home, other])
        return km / self.choice.distance_scale_km

    def same_zone(self, home: int, other: int) -> bool:
        """Say whether two districts lie in one zone."""
        zone = self.setting.inputs.districts.zone
        return bool(zone[home] == zone[other])

    @property
    def day_care_share(self) -> float:
        """Share of those not in hospital who use day care."""
        return self.choice.day_care_share / (1 - self.choice.hospital_share)

    # --- classes -----------------------------------------------------------------------------

    def is_urgent(self, level: int) -> bool:
        """Say whether a level goes first."""
        return level >= self.setting.inputs.scenario.policy.urgent_level

    @property
    def alone_first(self) -> bool:
        """Whether those living alone go before others."""
        return self.setting.inputs.scenario.policy.alone_first

    @property
    def local_first(self) -> bool:
        """Whether outsiders come after all locals."""
        return self.setting.inputs.scenario.policy.local_first

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

    def working_days_of_base_year(self) -> float:
        """Return the working days of the leap year before the release."""
        work, end = self.setting.calendar.work, self.release // DAY
        return float(work[end] - work[end - 366]) / (8 * 3600)

    # --- capacity ----------------------------------------------------------------------------

    @property
    def n_district(self) -> int:
        """Number of districts."""
        return len(self.setting.inputs.districts)

    def planned(self) -> list[list[list[list[int]]]]:
        """Return planned capacity by month, district, resource, own or whole-city; -1: calibrated."""
        plan = self.setting.capacity.pool_plan()
        table: list[list[list[list[int]]]] = plan.reshape(
            len(plan), self.n_district, N_RESOURCE, 2
        ).tolist()
        return table

    def growth(self, month: int) -> tuple[float, float, float]:
        """Return staff in homes, home-care hours and assessors against the release."""
        now = self.setting.capacity.growth[month]
        return float(now["institution"]), float(now["home_care"]), float(now["assessors"])


def years_before(seconds: int) -> int:
    """Return whole years of 365.25 days, by which age is counted on."""
    return seconds // YEAR
