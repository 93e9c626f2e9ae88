"""Say of what a scenario may lay down stocks, and what these are called."""

from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

from params.axes import CITY
from params.language import said
from params.names import TOTALS, meant, resource_id, resource_rows

if TYPE_CHECKING:
    from params.scenario.model import Scenario

ASSESSORS: Final = "assessors"
ASSESSORS_ZH: Final = "评估员"
WORKERS: Final = ("care_worker_institution", "care_worker_home")
PERSONS: Final = (*WORKERS, ASSESSORS)
"""Stocks that are people: a zone of theirs is not counted."""


def path_ids() -> tuple[str, ...]:
    """Return the ids of all that a path can speak of."""
    with_places = ("at_home", "institution")
    places = tuple(r["resource"] for r in resource_rows() if r["kind"] in with_places)
    return (*places, *TOTALS, *PERSONS)


def path_resource_id(name: object) -> object:
    """Return the id of what is called by its Chinese name; anything else as it is."""
    if isinstance(name, str) and name.strip() == ASSESSORS_ZH:
        return ASSESSORS
    return resource_id(name)


def known_path_resource(name: str) -> str:
    """Return an id that a path can have."""
    known = path_ids()
    if name not in known:
        raise PydanticCustomError(
            "unknown_resource",
            said("unknown resource", "没有这种资源"),
            {"allowed": " ".join(known), "advice": meant(name, known)},
        )
    return name


def follow_applications(scenario: "Scenario") -> bool:
    """Say whether assessors follow the applications of the year before: nothing else is laid down."""
    laid_down = any(row.resource == ASSESSORS and row.district == CITY for row in scenario.paths)
    return scenario.assessors.growth is None and not laid_down
