"""Jobs of sweeps for measuring: of a part of the city, and of no work at all.

In a module of its own, which workers import.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from forecast.base.base import Base
from params.inputs import Inputs
from runs.jobs.job import Task
from runs.jobs.sweep_work import SweepWork, base_key, luck_of
from runs.tables.kept import cells_of, kept_values, part_of
from simulate.city.setting import Setting
from simulate.city.shared import Shared
from simulate.city.warm_up import scaled

SCALE = 0.25


class Part(Shared):
    """Scenarios that share people and forecast, shrunk to a part of the city."""

    def setting(self, inputs: Inputs, base: Base) -> Setting:
        """Return a smaller setting."""
        return scaled(super().setting(inputs, base), SCALE)


@cache
def _shared() -> Part:
    return Part()


@dataclass(frozen=True)
class PartWork(SweepWork):
    """Jobs of a part of the city."""

    def do(self, task: Task) -> bytes:
        """Do as a sweep's work does, in a smaller city."""
        if task.point not in self.loaded:
            return self.only([task]).do(task)
        inputs, point = self.loaded[task.point], self.points[task.point]
        base = self.bases[base_key(point)]
        drawn = inputs.drawn(point.seeds.draws, task.draw)
        outcome = _shared().simulate(drawn, base, point.seeds.luck, luck_of(task, self.levels))
        districts, resources = inputs.districts, inputs.resources
        years = range(inputs.city.first_year, inputs.last_year + 1)
        cells = cells_of(self.kept, districts, resources, years)
        return part_of(kept_values(outcome, self.kept, districts, resources), cells, *task)


@dataclass(frozen=True)
class Small:
    """Jobs that do nothing but hand over a part."""

    part: bytes

    def warm_up(self) -> None:
        """Compile nothing."""

    def only(self, tasks: Sequence[Task]) -> "Small":  # noqa: ARG002
        """Return everything."""
        return self

    def do(self, task: Task) -> bytes:  # noqa: ARG002
        """Return the part."""
        return self.part
