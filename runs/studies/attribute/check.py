"""Hold the twin's differences against simulation: the whole one, and one cause at a time.

What the twin splits can be simulated as far as keys of a scenario say it: people, rates of need, beds,
workers and assessors that stay as in the base year, or the keys of two scenarios group by group. Both sides
are of the same scenarios, with assumptions at their defaults and, in the simulation, the same lives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from scipy.special import stdtrit

from params.axes import FloatArray
from params.inputs import assumptions_of
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario, Scenario
from params.scenario.path_resources import ASSESSORS as ASSESSORS_ON_PATHS
from params.studies.keys import with_value
from params.tables.resources import WORKERS
from runs.jobs.execute import How
from runs.jobs.twin_work import MetWork, answered, depends
from runs.studies.attribute.shapley import Subset
from runs.studies.attribute.simulated import Chance, simulated, standard_error
from runs.studies.paired import LEVEL

WHOLE: Final = "whole"
"""The whole difference, among the causes."""
PEOPLE: Final = "people"
HELD: Final[Mapping[str, Mapping[str, object]]] = {
    PEOPLE: {"population.growth": "frozen"},
    "need": {"assumptions.need_growth": 0.0, "assumptions.incidence_growth": 0.0},
    "beds": {"beds.path": "frozen", "beds.changes": ()},
    "staff": {
        "workers.growth_institution": 0.0,
        "workers.growth_home": 0.0,
        "workers.extra_institution": 0,
        "workers.extra_home": 0,
        "workers.productivity_institution": 0.0,
        "workers.productivity_home": 0.0,
        "workers.changes": (),
        "workers.wages": (),
        "workers.overtime": (),
        "assumptions.staff_hours_fall": 0.0,
    },
    "assessors": {"assessors.growth": 0.0},
}
"""What a scenario says that keeps a cause as in the base year."""


@dataclass(frozen=True)
class Difference:
    """A difference of two scenarios: of one cause, or the whole one."""

    cause: str
    before: str
    after: str


@dataclass(frozen=True)
class Checked:
    """One difference on the twin and by simulation; arrays (measure, area, resource)."""

    cause: str
    twin: FloatArray
    simulated: FloatArray
    mc_error: FloatArray
    low: FloatArray
    high: FloatArray


def check(
    points: Mapping[str, LoadedScenario],
    differences: tuple[Difference, ...],
    year: int,
    chance: Chance,
    folder: Path,
    how: How,
) -> tuple[Checked, ...]:
    """Work out differences on the twin and by simulation, in pairs."""
    said = {name: depends(loaded, year) for name, loaded in points.items()}
    twin = answered(MetWork(year, points), said, folder, how)
    runs = simulated(points, year, replace(chance, fixed=True), folder, how)
    found = []
    for one in differences:
        pairs = runs[one.after] - runs[one.before]
        error = standard_error(pairs)
        half = float(stdtrit(max(len(pairs) - 1, 1), (1 + LEVEL) / 2)) * error
        mean = pairs.mean(axis=0)
        apart = twin[one.after] - twin[one.before]
        found.append(Checked(one.cause, apart, mean, error, mean - half, mean + half))
    return tuple(found)


def held_points(
    loaded: LoadedScenario,
) -> tuple[dict[str, LoadedScenario], tuple[Difference, ...]]:
    """Return a scenario, and the same with each cause and with all of them as in the base year."""
    points, own = {"as-is": loaded}, _by_default(loaded)
    held, differences = {}, []
    for cause in HELD:
        one = with_held(loaded, (cause,))
        if _by_default(one) != own:
            held[cause] = one
    if len(held) > 1:
        points["held-all"] = with_held(loaded, tuple(held))
        differences.append(Difference(WHOLE, "held-all", "as-is"))
    for cause, one in held.items():
        points[f"held-{cause}"] = one
        differences.append(Difference(cause, f"held-{cause}", "as-is"))
    return points, tuple(differences)


def _by_default(loaded: LoadedScenario) -> tuple[object, ...]:
    """Return what a scenario's numbers depend on where assumptions keep their defaults."""
    values = assumptions_of(loaded.city, loaded.scenario)
    plain = loaded.scenario.model_copy(update={"assumptions": {}})
    said = identity(replace(loaded, scenario=plain))
    return said, {name: one.value for name, one in values.items()}


def with_held(loaded: LoadedScenario, causes: tuple[str, ...]) -> LoadedScenario:
    """Return a scenario with some of `HELD` as in the base year."""
    values: dict[str, Any] = loaded.scenario.model_dump(exclude_none=True)
    for cause in causes:
        for key, value in HELD[cause].items():
            values = with_value(values, key, value)
        values["paths"] = tuple(p for p in values["paths"] if _moves(p["resource"]) != cause)
    scenario = Scenario.model_validate(values, context=loaded.city)
    return replace(loaded, scenario=scenario, provenance={})


def _moves(resource: str) -> str:
    """Return the cause to which a path of a resource belongs."""
    if resource in WORKERS:
        return "staff"
    return "assessors" if resource == ASSESSORS_ON_PATHS else "beds"


def group_points(
    mixes: Mapping[Subset, LoadedScenario], groups: tuple[str, ...]
) -> tuple[dict[str, LoadedScenario], tuple[Difference, ...]]:
    """Return two scenarios, and the first with each group alone as in the second."""
    points = {"first": mixes[frozenset()], "second": mixes[frozenset(groups)]}
    differences = [Difference(WHOLE, "first", "second")]
    for k, group in enumerate(groups):
        alone = mixes.get(frozenset({group}))
        if len(groups) > 1 and alone is not None:
            points[f"only-{k}"] = alone
            differences.append(Difference(group, "first", f"only-{k}"))
    return points, tuple(differences)
