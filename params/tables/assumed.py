"""Hold the assumptions by name: a frozen group for each `group` of ``assumptions.csv``.

A field is named as its row of the table, where its range and its source stand; a test and `strangers`
hold the two against each other. One draw has numbers, several of them (`params.tables.draws`) have arrays
of shape (draw,).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np

from params.axes import FloatArray
from params.errors import Problem, nearest
from params.language import said
from params.tables.assumptions import Assumption

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Number = TypeVar("Number", float, FloatArray)


def _side_by_side(*members: float | FloatArray) -> FloatArray:
    """Put members on a last axis, behind that of the draws if there are several."""
    return np.stack([np.asarray(member, np.float64) for member in members], axis=-1)


@dataclass(frozen=True)
class ForecastGroup(Generic[Number]):
    """What moves people, and whom they live with."""

    mortality_level: Number
    """Added to every log death rate."""
    e0_gain_male: Number
    """Years of life expectancy a year."""
    e0_gain_female: Number
    migration_scale: Number
    """Factor on residents' net moves."""
    total_fertility: Number
    """Births a woman."""
    fertility_mean_age: Number
    alone_age_slope: Number
    """Logit a year of age."""
    alone_female: Number
    """Logit of women against men."""
    elders_only_age_slope: Number
    """Logit a year of age."""
    generation_effect: Number
    """Logit per logit of a district's three-generation households."""
    without_spouse: Number
    """Share of people of 60+ who never married or are divorced."""
    spouse_age_gap: Number
    """Years by which husbands are older."""

    @property
    def e0_gains(self) -> FloatArray:
        """Gains of life expectancy, shape (..., sex), years a year."""
        return _side_by_side(self.e0_gain_male, self.e0_gain_female)


@dataclass(frozen=True)
class SpreadGroup(Generic[Number]):
    """Standard deviations of what is uncertain beside the parameters."""

    base_error_young: Number
    """Log error of the base population below 60."""
    base_error_elders: Number
    """The same at 60-79."""
    base_error_oldest: Number
    """The same at 80+."""
    base_error_age: Number
    """Log error of a single age inside its group."""
    base_error_bands: Number
    """Log error at the ends of a registered band."""
    moves_error_resident: Number
    """Of a district's lasting yearly net rate."""
    moves_error_registered: Number
    mortality_error_district: Number
    """Of a district's lasting log death rate."""
    arrangement_walk: Number
    """Logit, one year's change."""

    @property
    def base_errors(self) -> FloatArray:
        """Errors of the base by age group: below 60, 60-79, 80+; shape (..., group)."""
        return _side_by_side(self.base_error_young, self.base_error_elders, self.base_error_oldest)

    def moves_errors(self, bases: Sequence[str]) -> FloatArray:
        """Return errors of net rates of some bases, shape (..., basis)."""
        by_basis = {
            "resident": self.moves_error_resident,
            "registered": self.moves_error_registered,
        }
        return _side_by_side(*(by_basis[name] for name in bases))


@dataclass(frozen=True)
class NeedGroup(Generic[Number]):
    """Who needs care, who applies for it, and what becomes of them."""

    beneficiaries_2020: Number
    """Persons who hold a level at the end of 2020."""
    take_up: Number
    """Share of insured people in need who apply."""
    insured_shift: Number
    """Added to every district's insured share."""
    outside_uninsured: Number
    """Uninsured share of residents of 60+ registered outside."""
    application_delay_days: Number
    """Mean from onset to application."""
    level_2: Number
    """Share of beneficiaries, as the next four."""
    level_3: Number
    level_4: Number
    level_5: Number
    level_6: Number
    need_growth: Number
    """Log change of the odds of need a year."""
    incidence_growth: Number
    """Relative change of incidence a year."""
    death_rate_in_need: Number
    """Deaths a year among those in need at the end of 2020."""
    death_hazard_2: Number
    """A year, against the other levels, as the next four."""
    death_hazard_3: Number
    death_hazard_4: Number
    death_hazard_5: Number
    death_hazard_6: Number
    recovery_low: Number
    """A year, levels 2-3."""
    recovery_high: Number
    """A year, level 4 and over."""
    one_year_results: Number
    """Share of results valid for one year instead of two."""
    early_reassessment: Number
    """Hazard a year."""
    first_below_2: Number
    """Share of first assessments."""
    dementia_2: Number
    """Share of people in the level, as the next four."""
    dementia_3: Number
    dementia_4: Number
    dementia_5: Number
    dementia_6: Number
    dementia_total: Number
    """Share of residents of 60+."""

    @property
    def levels(self) -> FloatArray:
        """Shares of the levels among beneficiaries, shape (..., level)."""
        return _side_by_side(self.level_2, self.level_3, self.level_4, self.level_5, self.level_6)

    @property
    def death_hazards(self) -> FloatArray:
        """Relative death hazards, shape (..., level)."""
        low = (self.death_hazard_2, self.death_hazard_3)
        return _side_by_side(*low, self.death_hazard_4, self.death_hazard_5, self.death_hazard_6)

    @property
    def recoveries(self) -> FloatArray:
        """Recovery out of need altogether, a year, shape (..., level)."""
        return _side_by_side(*(self.recovery_low,) * 2, *(self.recovery_high,) * 3)

    @property
    def dementia(self) -> FloatArray:
        """Shares with dementia, shape (..., level)."""
        low = (self.dementia_2, self.dementia_3)
        return _side_by_side(*low, self.dementia_4, self.dementia_5, self.dementia_6)


@dataclass(frozen=True)
class ChoiceGroup(Generic[Number]):
    """What people ask for, and how long they stay with it."""

    bed_demand_fit: Number
    """Factor on people in need who want a bed, against the closed form."""
    city_occupancy_2020: Number
    """Residents of institutions over approved beds."""
    self_caring_share: Number
    """Share of residents of institutions."""
    home_dementia: Number
    """Share of residents of institutions."""
    self_caring_dementia: Number
    """Share of self-caring residents of institutions."""
    ask_dementia_bed: Number
    """Share of residents with dementia."""
    institution_level_slope: Number
    """Logit of wanting a bed, a level."""
    institution_age_slope: Number
    """Logit of wanting a bed, a year of age."""
    institution_alone: Number
    """Logit of wanting a bed, living alone against others."""
    nursing_at_2_3: Number
    """Share of bed seekers of level 2-3."""
    hospital_share: Number
    """Share of beneficiaries."""
    hospital_admissions: Number
    """A resident of institutions and year."""
    hospital_stay_days: Number
    day_care_share: Number
    """Share of beneficiaries at home."""
    family_bed_share: Number
    """Share of beneficiaries of level 4+ at home."""
    self_caring_death: Number
    """Hazard a year."""
    self_caring_onset: Number
    """Hazard a year."""
    other_exit: Number
    """Hazard a year."""
    entitlement_used: Number
    """Share of insured hours."""
    patience_days: Number
    never_leave_zone: Number
    """Share of bed seekers."""
    distance_scale_km: Number
    list_length: Number
    """Other districts."""
    withdrawal: Number
    """Hazard a year."""


@dataclass(frozen=True)
class SupplyGroup(Generic[Number]):
    """What there is at the start, and how it comes into use."""

    operating_share: Number
    """Operating over approved beds."""
    nursing_share_2020: Number
    """Share of beds."""
    fill_months: Number
    day_care_places: Number
    """A centre."""
    family_beds_2020: Number
    family_beds_2025: Number
    assessors_2020: Number
    """Persons."""
    workers_institution_2020: Number
    workers_home_2020: Number
    worker_growth_institution: Number
    """A year."""
    worker_growth_home: Number
    worker_turnover: Number
    """Share of the workers a year."""
    leaving_wage_elasticity: Number
    """By how many percent turnover falls where pay is one percent above its course."""
    hiring_wage_elasticity: Number
    """By how many percent the workers who can be found rise then."""
    staff_stretch: Number
    """Hours of care over hours worked up to which institutions admit."""
    staff_hours_fall: Number
    """Share a year of the hours a resident-day."""
    vacancy_days: Number
    training_days: Number
    staff_hours_0: Number
    """Hours a resident-day at level 0-1; the number behind the others is the level too."""
    staff_hours_23: Number
    staff_hours_4: Number
    staff_hours_56: Number
    staff_hours_dementia: Number
    """Hours a resident-day in a dementia unit."""
    staff_load_2020: Number
    """Hours needed over hours worked."""
    home_load_2020: Number
    assessor_load_2020: Number
    assessor_growth_most: Number
    """Share of a district's assessors a year, up or down."""
    notice_days: Number
    """Working days from application to notice at least."""
    certified_2020: Number
    """Share of care workers."""

    @property
    def staff_hours(self) -> FloatArray:
        """Hours a resident-day at levels 2-6, shape (..., level)."""
        low, high = (self.staff_hours_23,) * 2, (self.staff_hours_56,) * 2
        return _side_by_side(*low, self.staff_hours_4, *high)


@dataclass(frozen=True)
class Assumed(Generic[Number]):
    """The assumptions of one draw, group by group."""

    forecast: ForecastGroup[Number]
    spread: SpreadGroup[Number]
    need: NeedGroup[Number]
    choice: ChoiceGroup[Number]
    supply: SupplyGroup[Number]


GROUPS: Final[Mapping[str, "type[DataclassInstance]"]] = {
    "forecast": ForecastGroup,
    "spread": SpreadGroup,
    "need": NeedGroup,
    "choice": ChoiceGroup,
    "supply": SupplyGroup,
}
"""The class of each `group` of the table."""
RESOURCES_GROUP: Final = "resources"
"""Group of rows without a field: ``resources.csv`` and ``asks.csv`` name them."""


def assumed_of(values: Mapping[str, float]) -> Assumed[float]:
    """Put the values of one draw in their groups."""

    def of(group: "type[DataclassInstance]") -> dict[str, float]:
        return {field.name: values[field.name] for field in fields(group)}

    return Assumed(
        forecast=ForecastGroup(**of(ForecastGroup)),
        spread=SpreadGroup(**of(SpreadGroup)),
        need=NeedGroup(**of(NeedGroup)),
        choice=ChoiceGroup(**of(ChoiceGroup)),
        supply=SupplyGroup(**of(SupplyGroup)),
    )


def strangers(
    assumptions: Mapping[str, Assumption], besides: Collection[str] = ()
) -> Iterator[Problem]:
    """Say which rows no group has a field for, and which fields have no row in their group.

    Parameters
    ----------
    besides : names that a city may have without a field: they stand in for a table it does not have.
    """
    group_of = {field.name: group for group, kind in GROUPS.items() for field in fields(kind)}
    for name, row in assumptions.items():
        where = f"assumptions.csv: {name}"
        if name in besides or row.group == RESOURCES_GROUP:
            continue
        if name not in group_of:
            yield Problem(
                where,
                said("no such assumption", "没有这个假定"),
                said("the packaged names", "自带的名称"),
                nearest(name, group_of),
            )
        elif row.group != group_of[name]:
            own, wanted = repr(row.group), repr(group_of[name])
            yield Problem(
                where, said(f"group {own}", f"组 {own}"), said(f"group {wanted}", f"组 {wanted}")
            )
    for name, group in group_of.items():
        if name not in assumptions:
            allowed = said(f"one in group {group!r}", f"组 {group!r} 中的一行")
            yield Problem(f"assumptions.csv: {name}", said("no row", "缺少此行"), allowed)
