"""Say in which unit a figure of a resource is."""

from typing import Final

from params.names import kinds_of_resource, units_of_resource

MONTHLY_UNITS: Final = {
    "waiting": "persons",
    "requests": "cases",
    "placed": "cases",
    "died_waiting": "persons",
    "withdrew_waiting": "persons",
}


def unit_of(resource: str) -> str:
    """Return the unit of a resource's demand and capacity."""
    return units_of_resource()[resource]


def monthly_unit(resource: str, measure: str) -> str:
    """Return the unit of one monthly measure."""
    if measure == "unmet":
        is_hours = kinds_of_resource()[resource] in ("hours", "worker")
        return "hours" if is_hours else "person-days"
    if resource == "assessment" and measure in ("demand", "usable"):
        return "cases"
    return MONTHLY_UNITS.get(measure, unit_of(resource))
