"""Say what a plan may add, and by whose requests it is then judged."""

from typing import Final

from pydantic_core import PydanticCustomError

from params.language import said
from params.names import TIERS, TOTALS, bed_ids, meant
from params.scenario.path_resources import ASSESSORS, WORKERS, path_resource_id

POSTS: Final = (*WORKERS, ASSESSORS)
"""Levers that are people."""
INSTITUTION_WORKERS: Final = WORKERS[0]
JUDGED_BY: Final = {WORKERS[1]: "home_care", ASSESSORS: "assessment"}
"""By whose requests posts are judged; those of institutions by all kinds of bed."""


def lever_ids() -> tuple[str, ...]:
    """Return the ids of all that can be added, and the sum of beds."""
    return (*(bed for bed in bed_ids() if bed not in TIERS), *POSTS, *TOTALS)


def lever_id(name: object) -> object:
    """Return the id of what is called by its Chinese name; anything else as it is."""
    return ASSESSORS if name == "assessor" else path_resource_id(name)


def known_lever(name: str) -> str:
    """Return the id of something that can be added."""
    known = lever_ids()
    if name not in known:
        raise PydanticCustomError(
            "unknown_resource",
            said("cannot be added by a plan", "规划不能新增此项"),
            {"allowed": " ".join(known), "advice": meant(name, known)},
        )
    return name
