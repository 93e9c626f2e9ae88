"""Split the change between two years of one scenario: every cause as in the later year, or as in the first.

Causes that move the load ask the twin once for every subset of them; what beds, workers and assessors then
make of it follows in closed form, so that they cost nothing. What changes though every cause is held is what
was under way already: stays that had begun, people whose level has risen since, results that run out.
"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.scenario.model import LoadedScenario
from params.scenario.path_resources import follow_applications
from runs.jobs.execute import How
from runs.jobs.twin_work import HeldWork, Setting, answered, depends, load_from, setting_at
from runs.studies.attribute.shapley import Subset, exact
from runs.studies.attribute.split import Split
from runs.tables.met import by_area
from simulate.offered.held import (
    ARRANGEMENT,
    BANDS,
    NEED,
    OF_LOAD,
    STAY,
    Courses,
    check_held,
)
from simulate.offered.limits import NotCarried
from simulate.offered.supply import ASSESSORS, BEDS, COURSES, INSURANCE, STAFF, supply_of
from simulate.offered.usable import met

WISH, UNDER_WAY = "wish", "under_way"
CAUSES: Final = (*BANDS, NEED, ARRANGEMENT, WISH, STAY, BEDS, STAFF, ASSESSORS, INSURANCE)
"""Causes in the order of the table; what was under way comes last."""
WHY_STILL: Final = {WISH: "wish_constant", NEED: "need_constant", INSURANCE: "no_insurance"}
"""Texts that say why a cause cannot move; others are as they were by the scenario's own figures."""
UNCHANGED: Final = "unchanged"


def split_years(
    loaded: LoadedScenario, first: int, last: int, folder: Path, how: How
) -> tuple[Split, int]:
    """Split the change from one year to a later one; return it and how often the twin was asked.

    Raises
    ------
    ParamError
        If the twin does not carry the scenario.
    """
    setting = held_setting(loaded)
    start, end = (year - setting.inputs.city.base_year for year in (first, last))
    causes = moving(setting, start, end)
    loads = _loads(loaded, setting, start, [c for c in causes if c in OF_LOAD], folder, how)
    supply, inputs = supply_of(setting), setting.inputs

    def figures(held: Subset, years: int) -> FloatArray:
        load = load_from(loads[held & frozenset(OF_LOAD)], len(inputs.resources))
        there = supply.held(start, held & frozenset(COURSES))
        return by_area(met(setting, load, there, years), inputs.resources, inputs.districts)

    def worth(gone_over: Subset) -> FloatArray:
        return figures(frozenset(causes) - gone_over, end)

    before, after = figures(frozenset(), start), figures(frozenset(), end)
    values: dict[str, FloatArray] = {cause: np.zeros_like(before) for cause in CAUSES}
    values |= exact(causes, worth)
    values[UNDER_WAY] = worth(frozenset()) - before
    still = {c: WHY_STILL.get(c, UNCHANGED) for c in CAUSES if c not in causes}
    none = {cause: np.full_like(before, np.nan) for cause in values}
    return Split(before, after, values, none, still), len(loads)


def held_setting(loaded: LoadedScenario) -> Setting:
    """Forecast a scenario of which every cause can be held.

    Raises
    ------
    ParamError
        If there is something that the twin does not carry, or whose course cannot be held.
    """
    setting = setting_at(loaded)
    try:
        check_held(setting)
    except NotCarried as error:
        raise ParamError(Problem(loaded.scenario.name, error.found, error.allowed)) from None
    return setting


def moving(setting: Setting, start: int, end: int) -> tuple[str, ...]:
    """Return the causes that change between two years after the base, in the order of `CAUSES`."""
    follows = follow_applications(setting.inputs.scenario)
    found = {
        *Courses(setting, start).moving(),
        *supply_of(setting).moving(start, end, follows),
    }
    return tuple(cause for cause in CAUSES if cause in found)


def _loads(
    loaded: LoadedScenario,
    setting: Setting,
    start: int,
    causes: list[str],
    folder: Path,
    how: How,
) -> Mapping[Subset, FloatArray]:
    """Ask the twin for the load of every set of causes held."""
    held = {
        "+".join(some) or "none": some
        for size in range(len(causes) + 1)
        for some in combinations(causes, size)
    }
    said = {name: depends(loaded, setting.inputs.city.base_year + start, name) for name in held}
    found = answered(HeldWork(Courses(setting, start), held), said, folder, how)
    return {frozenset(some): found[name] for name, some in held.items()}
