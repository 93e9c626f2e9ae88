"""Say in what a figure of a resource is counted."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from params.names import kinds_of_resource, units_of_resource
from runs.texts.wording import dictionary, gap_unit

MONTHLY_UNITS: Final = {
    "waiting": "persons",
    "requests": "cases",
    "placed": "cases",
    "died_waiting": "persons",
    "withdrew_waiting": "persons",
}
ALL: Final = "all"
"""Row of everything that has a cost."""
PEOPLE: Final = "people"
"""Row of people themselves, whatever they ask for."""
ASSESSED: Final = "assessed_in_base_year"
"""Assessments done in the base year, which no reported year holds."""
COST_UNITS: Final = {
    **dict.fromkeys(("cost_capital", "cost_yearly", "cost_total", "cost_so_far"), "money"),
    "placed_so_far": "cases",
    "cost_per_placed": "money a person",
}
"""Of measures that a scenario's unit costs lead to."""
LACKING: Final = (
    *("demand_gap", "service_gap", "gap_beds", "gap_staff"),
    *("short_sum", "surplus_sum"),
)
"""What is lacking, which may be counted in something else than demand is."""


def unit_of(resource: str) -> str:
    """Return the unit of a resource's demand and capacity."""
    return units_of_resource()[resource]


def monthly_unit(resource: str, measure: str) -> str:
    """Return the unit of one monthly measure."""
    if measure == "unmet":
        is_hours = kinds_of_resource()[resource] in ("hours", "worker")
        return "hours" if is_hours else "person-days"
    is_case = kinds_of_resource()[resource] in ("assessment", "cases")
    if is_case and measure in ("demand", "usable"):
        return "cases"
    return MONTHLY_UNITS.get(measure, unit_of(resource))


def yearly_unit(resource: str, measure: str) -> str:
    """Return the unit of one column of ``shortfall.csv``, or of what it costs."""
    if measure in COST_UNITS:
        return COST_UNITS[measure]
    if resource == PEOPLE:
        return "cases" if measure == ASSESSED else "persons"
    if resource == ALL:
        return ""  # there are no other figures of everything
    if measure in LACKING:
        return gap_unit(resource, unit_of(resource))
    if measure == "unmet":
        return monthly_unit(resource, measure)
    said = _yearly_units()[measure]
    return unit_of(resource) if said == "row" else said


@cache
def _yearly_units() -> Mapping[str, str]:
    rows = (row for row in dictionary() if row.file == "shortfall")
    return MappingProxyType({row.column: row.unit for row in rows})
