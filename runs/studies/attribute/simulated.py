"""Simulate the scenarios of an attribution with shared lives: a difference by simulation, with its error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.inputs import load_inputs
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.studies.design import Design, Keep
from params.studies.load import MAX_JOBS
from params.tables.districts import read_districts
from runs.jobs.execute import How
from runs.studies.ask import Figure, answers, ask
from runs.studies.attribute.shapley import Subset, key_of, shared
from runs.studies.attribute.split import Split
from runs.tables.met import MEASURES, resources_of
from runs.write import write_text

POINTS: Final = "points"
"""Name of the sweep, and of the folder with its scenarios."""
AREAS: Final = ("city", "zones", "districts")
"""What is kept of every replication."""


@dataclass(frozen=True)
class Chance:
    """How often every scenario is simulated, and with which seed.

    Attributes
    ----------
    fixed : whether assumptions keep their defaults, as on the twin.
    """

    replications: int
    seed: int
    fixed: bool
    max_jobs: int = MAX_JOBS


def simulated(
    points: Mapping[str, LoadedScenario], year: int, chance: Chance, folder: Path, how: How
) -> dict[str, FloatArray]:
    """Simulate scenarios and return their figures by name, shape (replication, measure, area, resource).

    Raises
    ------
    ParamError
        If one of them cannot be simulated.
    JobsFailed
        If some jobs failed.
    """
    first = next(iter(points.values()))
    for name, loaded in points.items():
        own = loaded.scenario.model_copy(update={"name": name})
        write_text(folder / f"{name}.toml", resolved_toml(replace(loaded, scenario=own)))
    resources = resources_of(load_inputs(first.scenario, first.city).resources)
    areas = [name for _, name, *_ in read_districts(first.city).areas()]
    design = Design(
        name=POINTS,
        base=tuple(f"{name}.toml" for name in points),
        replications=chance.replications,
        seed=chance.seed,
        fixed_parameters=chance.fixed,
        keep=Keep(measures=MEASURES, resources=resources, areas=AREAS, years=(year,)),
    )
    swept = ask(design, folder, first.city, how, chance.max_jobs)
    figures = [Figure(m, r, a, year) for m, a, r in product(MEASURES, areas, resources)]
    found = answers(swept, figures)[:, 0]
    shape = (len(MEASURES), len(areas), len(resources))
    return {name: values.reshape(-1, *shape) for name, values in zip(points, found, strict=True)}


def split_simulated(
    points: Mapping[Subset, LoadedScenario],
    groups: Sequence[str],
    year: int,
    chance: Chance,
    folder: Path,
    how: How,
) -> Split:
    """Split the difference of two scenarios by simulation, replication by replication."""
    named = {key_of(groups, subset): loaded for subset, loaded in points.items()}
    by_name = simulated({f"mix-{k}": v for k, v in named.items()}, year, chance, folder, how)
    known = {subset: by_name[f"mix-{key_of(groups, subset)}"] for subset in points}
    values, errors = shared(groups, known, chance.seed)
    first, second = known[frozenset()], known[frozenset(groups)]
    return Split(
        first.mean(axis=0),
        second.mean(axis=0),
        {cause: value.mean(axis=0) for cause, value in values.items()},
        # Of drawn orders, each replication has its own error of them: the same orders, so their mean.
        {
            cause: np.hypot(standard_error(value), errors[cause].mean(axis=0))
            for cause, value in values.items()
        },
        {},
    )


def standard_error(values: FloatArray) -> FloatArray:
    """Return the standard error of the mean over replications; nan of a single one."""
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))
