"""Calibrate a city: match its history in waves, and say what the data tell of its assumptions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said
from params.studies.calibration.file import Target
from params.studies.calibration.load import LoadedCalibration, Parameter
from params.studies.load import MAX_JOBS
from runs.jobs.execute import How
from runs.jobs.sweep_work import SIMULATION, TWIN
from runs.studies.calibrate.accepted import Accepted, accept
from runs.studies.calibrate.asked import CityModel, engines_of
from runs.studies.calibrate.conflicts import Conflicts, conflicts_of
from runs.studies.calibrate.implausible import Observed
from runs.studies.calibrate.learned import Marginal, Pair, marginals, pairs
from runs.studies.calibrate.region import spread
from runs.studies.calibrate.waves import History, Model, Rules, match
from runs.studies.extra import check_extra

PRIOR: Final = 4096
"""Points at which targets are emulated over the whole prior."""


@dataclass(frozen=True)
class Calibrated:
    """What was found."""

    loaded: LoadedCalibration
    engines: tuple[str, ...]
    """Which engine ran each target."""
    history: History
    accepted: Accepted
    conflicts: Conflicts | None
    """Why nothing is left; none where something is."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets, those held out too."""
        return self.loaded.targets

    @property
    def chosen(self) -> tuple[int, ...]:
        """Parameters that are told of: those that were named, or that move the targets."""
        every = range(len(self.loaded.parameters))
        return tuple(every) if self.loaded.is_chosen else self.history.active

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The same."""
        return tuple(self.loaded.parameters[k] for k in self.chosen)

    @cached_property
    def marginals(self) -> tuple[Marginal, ...]:
        """What is learned of each; none where no set is accepted."""
        return marginals(self.accepted, self.chosen) if len(self.accepted) else ()

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """How they go together; none where no set is accepted."""
        return pairs(self.accepted, self.chosen) if len(self.accepted) else ()

    @cached_property
    def sets(self) -> FloatArray:
        """Accepted values, shape (set, parameter)."""
        columns = [
            self.loaded.parameters[k].values(self.accepted.points[:, k]) for k in self.chosen
        ]
        return np.column_stack(columns) if columns else np.zeros((len(self.accepted), 0))

    @property
    def share(self) -> float:
        """Share of the prior that no target rules out."""
        waves = self.history.waves
        return waves[-1].share if waves else 1.0

    @cached_property
    def prior(self) -> FloatArray:
        """Points of the whole prior."""
        return spread(PRIOR, self.history.n_input, (self.loaded.own.seed, 8))


def calibrate(
    loaded: LoadedCalibration,
    folder: Path,
    how: How,
    max_jobs: int = MAX_JOBS,
    model_of: Callable[..., Model] = CityModel,
) -> Calibrated:
    """Match the history of a city.

    Parameters
    ----------
    folder : of the study; each wave has a sweep of its own below it, and what is there is not run again.
    model_of : makes what runs an engine's targets, of the arguments of `CityModel`.

    Raises
    ------
    ParamError
        For anything a user can put right.
    JobsFailed
        If some jobs failed whenever they were tried; the others are kept.
    """
    check_jobs(loaded, max_jobs)
    check_extra("calibrate")
    engines = engines_of(loaded)
    history = _start(loaded)
    for engine, asked in ((TWIN, loaded.own.twin), (SIMULATION, loaded.own.simulation)):
        targets = [t for t, one in enumerate(engines) if one == engine]
        if not targets:
            continue
        model = model_of(
            loaded, engine, [loaded.targets[t] for t in targets], folder, how, max_jobs
        )
        history = match(history, model, targets, _rules(loaded, asked.points, asked.waves))
    accepted = accept(history, loaded.own.accepted)
    conflicts = None if len(accepted) else conflicts_of(history)
    return Calibrated(loaded, engines, history, accepted, conflicts)


def jobs_of(loaded: LoadedCalibration) -> dict[str, int]:
    """Return how many jobs each engine has at most."""
    own, engines = loaded.own, engines_of(loaded)
    most = {
        TWIN: own.twin.points * own.twin.waves,
        SIMULATION: own.simulation.points * own.simulation.waves * own.simulation.replications,
    }
    return {engine: n for engine, n in most.items() if engine in engines}


def check_jobs(loaded: LoadedCalibration, max_jobs: int) -> None:
    """Refuse more jobs than are allowed, and targets that no engine runs.

    Raises
    ------
    ParamError
        Naming what is too many or too few.
    """
    where, problems = str(loaded.path or loaded.own.name), []
    jobs = jobs_of(loaded)
    if sum(jobs.values()) > max_jobs:
        found = said(f"{sum(jobs.values()):,} jobs", f"{sum(jobs.values()):,} 个任务")
        allowed = said(f"at most {max_jobs:,}", f"至多 {max_jobs:,}")
        advice = said(
            "fewer points or waves, or --max-jobs", "减少 points 或 waves，或用 --max-jobs 放宽"
        )
        problems.append(Problem(where, found, allowed, advice))
    if not jobs.get(SIMULATION, 1):
        names = [
            f"{t.measure} {t.resource}".strip()
            for t, engine in zip(loaded.targets, engines_of(loaded), strict=True)
            if engine == SIMULATION
        ]
        found = said(f"simulated only: {', '.join(names)}", f"只能仿真：{'、'.join(names)}")
        problems.append(Problem(f"{where}: simulation.waves", found, said("1 or more", "不小于1")))
    if problems:
        raise ParamError(problems)


def _start(loaded: LoadedCalibration) -> History:
    targets = loaded.targets
    observed = Observed(
        np.array([t.value for t in targets]),
        np.array([t.error for t in targets]),
        np.array([loaded.discrepancy(t) for t in targets]),
    )
    n = len(loaded.parameters)
    held = frozenset(k for k, is_held in enumerate(loaded.is_held) if is_held)
    named = tuple(range(n)) if loaded.is_chosen else ()
    rules = _rules(loaded, loaded.own.twin.points, loaded.own.twin.waves)
    return History(observed, n, rules, fixed=named, held=held)


def _rules(loaded: LoadedCalibration, points: int, waves: int) -> Rules:
    own = loaded.own
    return Rules(points, waves, own.cutoff, own.judged, own.seed)
