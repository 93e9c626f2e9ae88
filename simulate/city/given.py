"""Lay down residents and people in line that a scenario gives for the day from which it looks ahead."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import IntArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.names import TOTALS
from params.tables.districts import area_of
from simulate.city.capacity import Capacity

RESIDENTS, WAITING_LISTS = range(2)
NOT_GIVEN: Final = -1
NEVER_GIVEN: Final = -1


@dataclass(frozen=True)
class Given:
    """What a scenario gives of one 31 December.

    Attributes
    ----------
    month : the one that begins when that day is over, from the release on; -1: nothing is given.
    count : ndarray, shape (2, district, resource), residents by the district of the bed, people in line by
        the district in which they live; -1 where the simulation's own stay.
    """

    month: int
    count: IntArray

    def scaled(self, scale: float) -> "Given":
        """Return what is given of a smaller city."""
        fewer = np.where(self.count < 0, self.count, (self.count * scale).round())
        return Given(self.month, fewer.astype(np.int64))


def given_of(inputs: Inputs) -> Given:
    """Return what a scenario gives."""
    plan, names = inputs.scenario.start, inputs.districts.names
    count = np.full((2, len(names), len(inputs.resources)), NOT_GIVEN, np.int64)
    if plan.date is None:
        return Given(NEVER_GIVEN, count)
    for which, rows in ((RESIDENTS, plan.residents), (WAITING_LISTS, plan.waiting)):
        for row in rows:
            d, k = names.index(row.district), inputs.resources.index(row.resource)
            count[which, d, k] = row.count
    return Given(12 * (plan.date.year - inputs.city.base_year), count)


def require_beds(inputs: Inputs, start: Given, capacity: Capacity) -> None:
    """Refuse more residents than beds in use in December, where paths lay down beds of the district.

    Judged with the default values of the assumptions; elsewhere, and in draws, beds bind and what is
    lacking is told.

    Raises
    ------
    ParamError
        Naming every such row.
    """
    day = inputs.scenario.start.date
    if day is None or inputs.draw_of is not None:
        return
    names, resources, problems = inputs.districts.names, inputs.resources, []
    laid_down = {
        (int(d), row.resource)
        for row in inputs.scenario.paths
        for d in area_of(row.district, inputs.districts)
    }
    for i, row in enumerate(inputs.scenario.start.residents):
        d, bed = names.index(row.district), resources.bed_names.index(row.resource)
        beds = int(capacity.operating[start.month - 1, d, bed])
        if not laid_down & {(d, row.resource), (d, TOTALS[0])} or row.count <= beds:
            continue
        approved = int(capacity.approved[start.month - 1, d, bed])
        problems.append(
            Problem(
                f"{inputs.scenario.name}: start.residents[{i}].count",
                said(
                    f"{row.count}, but {beds:,} of {row.district}'s {approved:,} {row.resource} "
                    f"are in use on {day}",
                    f"{row.count}，而{row.district} {day} 的 {row.resource} 核定 {approved:,} 张、投入运营 "
                    f"{beds:,} 张",
                ),
                said("no more than the beds in use", "不超过投入运营的床位"),
                said(
                    "correct one of them; operating_share says how many approved beds are in use",
                    "请更正其一；投入运营的比例见假定 operating_share",
                ),
            )
        )
    if problems:
        raise ParamError(problems)
