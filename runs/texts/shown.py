"""Choose which resources figures and report judge one by one, from those that a table has."""

from collections.abc import Iterable
from typing import Final

from params.names import CASES_BY_REASON

FIRST: Final = (
    "bed_total",
    "dementia_bed",
    "home_care",
    "care_worker_institution",
    "care_worker_home",
    "assessment",
)
"""In this order; resources that are not named here come after them, in the table's order."""
IN_TABLES_ONLY: Final = ("day_care", "family_bed", "general_bed", "nursing_bed", *CASES_BY_REASON)
"""Parts of all beds and of all assessments, which are judged together, and small services."""


def judged(resources: Iterable[str]) -> tuple[str, ...]:
    """Return the resources that are ranked and told, most important first."""
    present = dict.fromkeys(resources)
    others = (r for r in present if r not in (*FIRST, *IN_TABLES_ONLY))
    return (*(r for r in FIRST if r in present), *others)
