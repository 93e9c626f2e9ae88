"""Ask the deterministic twin many times, in several processes; answers stay in the study's folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.build import base_of
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario
from runs.faults import JobsFailed
from runs.jobs.execute import How, Work, run_tasks
from runs.jobs.key import code_digest, tables_digest
from runs.jobs.task import Task
from runs.tables.met import by_area
from runs.write import whole_file
from simulate.city.setting import Setting, setting_of
from simulate.offered.held import Courses
from simulate.offered.limits import NotCarried, check_carried
from simulate.offered.load import Offered, offered_load
from simulate.offered.supply import supply_of
from simulate.offered.usable import BEFORE, met

ANSWERS: Final = "twin"
"""Folder of the answers, below the study's."""


def setting_at(loaded: LoadedScenario) -> Setting:
    """Forecast a scenario with the default values of the assumptions.

    Raises
    ------
    ParamError
        If the twin does not carry it.
    """
    inputs, base = _inputs(loaded)
    setting = setting_of(inputs, base)
    try:
        check_carried(setting)
    except NotCarried as error:
        raise ParamError(Problem(loaded.scenario.name, error.found, error.allowed)) from None
    return setting


def _inputs(loaded: LoadedScenario) -> tuple[Inputs, Base]:
    inputs = load_inputs(loaded.scenario, loaded.city).drawn(0, None)
    return inputs, base_of(inputs)


@dataclass(frozen=True)
class HeldWork:
    """Loads of one scenario with causes held as they stood in a year: a task a set of causes."""

    courses: Courses
    held: Mapping[str, tuple[str, ...]]

    def warm_up(self) -> None:
        """Compile the kernels."""
        offered_load(self.courses.setting, parts=1)

    def only(self, tasks: Sequence[Task]) -> "HeldWork":
        """Return no more than these tasks need."""
        return replace(self, held={task.point: self.held[task.point] for task in tasks})

    def do(self, task: Task) -> bytes:
        """Return the load of one set of causes held, see `load_from`."""
        load = offered_load(self.courses.held(self.held[task.point]), before=BEFORE)
        return _bytes(np.concatenate([load.demand, load.bed_staff], axis=-1))


def load_from(answer: FloatArray, n_resource: int) -> Offered:
    """Return a load as `HeldWork` keeps it: what is asked for, and the hours it takes."""
    nothing = np.zeros(0)
    return Offered(
        need=nothing,
        beneficiaries=nothing,
        demand=answer[..., :n_resource],
        bed_staff=answer[..., n_resource:],
        assessed=nothing,
    )


@dataclass(frozen=True)
class MetWork:
    """Loads of several scenarios beside their own capacity in one year: a task a scenario."""

    year: int
    points: Mapping[str, LoadedScenario]

    def warm_up(self) -> None:
        """Compile the kernels."""
        offered_load(setting_at(next(iter(self.points.values()))), parts=1)

    def only(self, tasks: Sequence[Task]) -> "MetWork":
        """Return no more than these tasks need."""
        return replace(self, points={task.point: self.points[task.point] for task in tasks})

    def do(self, task: Task) -> bytes:
        """Return demand, usable and gap of one scenario, shape (measure, area, resource)."""
        setting = setting_at(self.points[task.point])
        inputs = setting.inputs
        load = offered_load(setting, before=BEFORE)
        found = met(setting, load, supply_of(setting), self.year - inputs.city.base_year)
        return _bytes(by_area(found, inputs.resources, inputs.districts))


def answered(work: Work, said: Mapping[str, str], folder: Path, how: How) -> dict[str, FloatArray]:
    """Do what is missing of some work and return every answer by task.

    Parameters
    ----------
    said : all that an answer depends on, by task: it is named by its digest.

    Raises
    ------
    JobsFailed
        If some failed; the others are kept.
    """
    places = {point: folder / ANSWERS / f"{_digest(text)}.npy" for point, text in said.items()}
    missing = [Task(point, 0, 0) for point, place in places.items() if not place.exists()]

    def keep(task: Task, part: bytes) -> None:
        with whole_file(places[task.point]) as path:
            path.write_bytes(part)

    failures = run_tasks(work, missing, keep, how, len(places) - len(missing))
    if failures:
        raise JobsFailed(failures[0].message)
    return {point: np.load(place) for point, place in places.items()}


def depends(loaded: LoadedScenario, *more: object) -> str:
    """Say what an answer about a scenario depends on."""
    parts = (identity(loaded), tables_digest(loaded.city), code_digest(), *map(str, more))
    return "\0".join(parts)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _bytes(array: FloatArray) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


__all__ = [
    "HeldWork",
    "MetWork",
    "Setting",
    "answered",
    "depends",
    "load_from",
    "setting_at",
]
