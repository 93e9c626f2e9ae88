"""Ask a study's points: the unit cube as values of assumptions, every round a sweep in the study's folder."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import CITY, FloatArray, IntArray
from params.city import City
from params.errors import ParamError, Problem
from params.files.positions import where as place_of
from params.inputs import with_scenario
from params.language import said
from params.scenario.model import LoadedScenario
from params.studies.design import Design, Keep
from params.studies.keys import ASSUMPTIONS
from params.studies.load import MAX_JOBS
from params.studies.sensitivity import (
    EMULATOR,
    MORRIS,
    SIMULATION,
    TWIN,
    LoadedStudy,
    SensitivityStudy,
    load_study,
)
from params.tables.assumptions import quantiles
from runs.jobs.execute import How
from runs.jobs.sweep_work import inputs_at
from runs.studies.ask import Figure, answers, ask, listed_axes
from runs.studies.extra import check_extra
from runs.studies.sensitivity.cube import filling_points, morris_points, sobol_points
from runs.studies.sensitivity.figures import Asking, There, Wanted, figures_of
from runs.subjects.possible import idle_assumptions
from runs.tables.offered import OFFERED
from runs.tables.yearly import COLUMNS

LUCK: Final = "luck"
"""The last input of every study: it moves no assumption, only what chance does."""
DIGITS: Final = 12
"""Of an assumption's value in a design."""


@dataclass(frozen=True)
class Study:
    """A study that can be asked."""

    loaded: LoadedStudy
    figures: tuple[Figure, ...]

    @property
    def own(self) -> SensitivityStudy:
        """What its file says."""
        return self.loaded.own

    @property
    def inputs(self) -> tuple[str, ...]:
        """What is moved: assumptions, then luck."""
        return (*self.loaded.moved, LUCK)

    @cached_property
    def points(self) -> FloatArray:
        """Points of the unit cube at which the model itself is asked, shape (point, input)."""
        own, n = self.own, len(self.inputs)
        if own.method == MORRIS:
            return morris_points(n, own.trajectories, own.levels, own.seed)
        if own.answers == EMULATOR:
            return filling_points(n, own.points, own.seed)
        return sobol_points(n, own.samples, own.seed)


@dataclass(frozen=True)
class Round:
    """Points that are asked together: they share their luck."""

    design: Design
    place: IntArray
    """Shape (point,): which point of the design answers each of these points of the study."""
    rows: IntArray
    """Which points of the study these are."""


def open_study(path: Path, city: City) -> Study:
    """Read a study's file.

    Raises
    ------
    ParamError
        With all its mistakes at once.
    """
    figures: list[Figure] = []

    def checked(own: SensitivityStudy, base: LoadedScenario) -> list[Problem]:
        found, faults = _figures(own, base, path, city)
        figures.extend(found)
        return faults

    loaded = load_study(path, city, checked)
    if not loaded.own.assumptions:
        idle = idle_assumptions(with_scenario(inputs_at(city), loaded.base.scenario))
        for name in idle & loaded.moved.keys():
            del loaded.moved[name]
    return Study(loaded, tuple(figures))


def _figures(
    own: SensitivityStudy, base: LoadedScenario, path: Path, city: City
) -> tuple[tuple[Figure, ...], list[Problem]]:
    """Return the figures that a study explains, and what is wrong with their names."""
    inputs = with_scenario(inputs_at(city), base.scenario)
    there = There(
        tuple(name for _, name, _, _ in inputs.districts.areas()),
        tuple(range(inputs.reported_from, inputs.last_year + 1)),
        inputs.resources.reported,
        OFFERED if own.answers == TWIN else COLUMNS,
    )
    keys = {"resource": "resources", "measure": "measures", "area": "areas", "year": "years"}
    wanted = Wanted(own.resources, own.measures, own.areas, own.years)
    return figures_of(wanted, there, city, Asking(lambda what: place_of(path, keys[what])))


def rounds_of(study: Study, folder: Path) -> tuple[Round, ...]:
    """Return the designs that a study asks: one for each luck that its points have.

    Parameters
    ----------
    folder : of the study, from which the designs name its base.
    """
    points = study.points
    values = _values(study, points)
    levels = _luck(study, points)
    rounds = []
    for level in np.unique(levels):
        rows = np.flatnonzero(levels == level)
        one, place = np.unique(values[rows], axis=0, return_inverse=True)
        design = _design(study, one, int(level), folder)
        rounds.append(Round(design, place.ravel(), rows))
    return tuple(rounds)


def _luck(study: Study, points: FloatArray) -> IntArray:
    """Return the number of each point's luck; points of an emulator share theirs."""
    if study.own.method != MORRIS or study.own.answers != SIMULATION:
        return np.zeros(len(points), np.int64)
    return np.floor(points[:, -1] * study.own.levels).astype(np.int64)


def _values(study: Study, points: FloatArray) -> FloatArray:
    """Return values of the assumptions at points of the unit cube, shape (point, assumption)."""
    held = study.loaded.moved.values()
    columns = [quantiles(one, points[:, k]) for k, one in enumerate(held)]
    return np.array([[float(f"{v:.{DIGITS}g}") for v in column] for column in columns]).T


def _design(study: Study, values: FloatArray, luck: int, folder: Path) -> Design:
    own, loaded = study.own, study.loaded
    base = loaded.base_file
    named = own.base if base is None else os.path.relpath(base, folder)
    figures = study.figures
    keys = [f"{ASSUMPTIONS}.{name}" for name in loaded.moved]
    return Design(
        name=f"{own.method}-{luck}",
        base=(Path(named).as_posix() if base is not None else named,),
        engine="twin" if own.answers == TWIN else "simulation",
        replications=1 if own.answers == TWIN else own.replications,
        fixed_parameters=True,
        seed=own.seed + luck,
        axes=listed_axes(dict(zip(keys, values.T.tolist(), strict=True))),
        keep=Keep(
            measures=tuple(dict.fromkeys(one.measure for one in figures)),
            resources=tuple(dict.fromkeys(one.resource for one in figures)),
            areas=tuple("city" if one == CITY else one for one in _areas(figures)),
            years=tuple(dict.fromkeys(one.year for one in figures)),
        ),
    )


def _areas(figures: Sequence[Figure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.area for one in figures))


def asked(study: Study, folder: Path, how: How, max_jobs: int = MAX_JOBS) -> FloatArray:
    """Simulate what is missing and return every figure, shape (point, replication, figure).

    Raises
    ------
    ParamError
        If there are more jobs than allowed, or a figure has no meaning in some of them.
    """
    check_extra("sensitivity")
    rounds = rounds_of(study, folder)
    check_jobs(study, rounds, max_jobs)
    n_point = sum(len(one.rows) for one in rounds)
    found = np.full((n_point, rounds[0].design.replications, len(study.figures)), np.nan)
    for one in rounds:
        swept = ask(one.design, folder, study.loaded.city, how, max_jobs)
        found[one.rows] = answers(swept, study.figures)[one.place, 0]
    return found


def jobs_of(rounds: Sequence[Round]) -> int:
    """Return how many replications there are in all."""
    return sum(len(one.design.axes[0].values) * one.design.replications for one in rounds)


def check_jobs(study: Study, rounds: Sequence[Round], max_jobs: int) -> None:
    """Refuse a study of more replications than allowed."""
    jobs = jobs_of(rounds)
    if jobs > max_jobs:
        found = said(f"{jobs:,} jobs", f"{jobs:,} 个任务")
        allowed = said(f"at most {max_jobs:,}", f"至多 {max_jobs:,}")
        advice = said(
            "make it smaller, or allow more with --max-jobs", "减少任务，或用 --max-jobs 放宽"
        )
        raise ParamError(Problem(str(study.loaded.path), found, allowed, advice))
