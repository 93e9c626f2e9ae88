"""What a worker needs to do the jobs of a sweep: points as inputs, and which results are kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Final

from forecast.base.base import Base
from forecast.base.build import base_of
from params.axes import FloatArray
from params.city import City
from params.inputs import Inputs, assumptions_of, load_inputs, with_scenario
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario, Scenario
from params.scenario.parts.people import PopulationPlan
from params.studies.design import MOST_DRAWS, Design
from params.studies.load import jobs_a_point
from params.tables.assumptions import Assumption, draw_many
from runs.jobs.job import Task
from runs.tables.kept import MONTH, Kept, cells_of, kept_values, part_of
from runs.tables.offered import offered_values
from simulate.city.setting import Setting
from simulate.city.shared import Shared
from simulate.city.warm_up import warm_up
from simulate.offered.load import offered_load

ID_BYTES: Final = 8
BASES: Final = 16
"""Bases that a process holds."""
SEED_BYTES: Final = 8
DRAWN, TWO_LEVELS, FIXED = "drawn", "two levels", "fixed"
SIMULATION: Final = "simulation"
TWIN: Final = "twin"


@dataclass(frozen=True)
class Seeds:
    """Seeds of a point's luck and of its draws."""

    luck: int
    draws: int


@dataclass(frozen=True)
class PointWork:
    """One point as jobs need it."""

    id: str
    scenario: Scenario
    city: City
    seeds: Seeds


def levels_of(design: Design) -> str:
    """Say where the assumptions of a job come from."""
    if design.fixed_parameters:
        return FIXED
    return DRAWN if design.draws is None else TWO_LEVELS


def point_id(loaded: LoadedScenario, tables: str, design: Design) -> str:
    """Return the id of a point: a digest of all that its results depend on, but the code.

    Two designs that hold a scenario of the same values, with the same chance, hold the same point.

    Parameters
    ----------
    tables : digest of its city's tables.
    """
    said = [
        identity(loaded),
        tables,
        str(design.seed),
        levels_of(design),
        f"{design.shared_lives} {design.shared_draws}",
    ]
    if design.engine == TWIN:
        said.append(TWIN)
    return hashlib.blake2b("\0".join(said).encode(), digest_size=ID_BYTES).hexdigest()


def seeds_of(point: str, design: Design) -> Seeds:
    """Return a point's seeds: those of the design where points share their chance."""
    return Seeds(
        design.seed if design.shared_lives else _own_seed(design.seed, point, "luck"),
        design.seed if design.shared_draws else _own_seed(design.seed, point, "draws"),
    )


def _own_seed(seed: int, point: str, purpose: str) -> int:
    said = f"{seed}\0{point}\0{purpose}".encode()
    digest = hashlib.blake2b(said, digest_size=SEED_BYTES).digest()
    return int.from_bytes(digest, "little") >> 1


def tasks_of(points: Sequence[str], design: Design) -> list[Task]:
    """Return every job of a sweep, replication by replication: points of one draw share much.

    Parameters
    ----------
    points : ids, each once.
    """
    levels = levels_of(design)
    chances = [
        (k // design.replications, k % design.replications) if levels == TWO_LEVELS else (k, k)
        for k in range(jobs_a_point(design))
    ]
    if levels == FIXED:
        chances = [(0, k) for _, k in chances]
    return [Task(point, *chance) for chance in chances for point in points]


@dataclass(frozen=True)
class SweepWork:
    """Everything about a sweep's jobs but their numbers."""

    points: Mapping[str, PointWork]
    kept: Kept
    levels: str
    engine: str = SIMULATION
    """Or `TWIN`."""
    loaded: Mapping[str, Inputs] = field(default_factory=dict)
    """Inputs of the points at hand; those of all others are made when a job needs them."""
    bases: Mapping["BaseKey", Base] = field(default_factory=dict)
    """Bases of the points at hand."""

    def only(self, tasks: Sequence[Task]) -> "SweepWork":
        """Return what some jobs need, the inputs of their points included."""
        points = {task.point: self.points[task.point] for task in tasks}
        bases = {base_key(point): base_at(point) for point in points.values()}
        loaded = {id_: inputs_of(point) for id_, point in points.items()}
        return replace(self, points=points, loaded=loaded, bases=bases)

    def warm_up(self) -> None:
        """Compile the kernels."""
        point = next(iter(self.points.values()))
        warm_up(inputs_of(point), base_at(point))
        if self.engine == TWIN:
            offered_load(forecast_of(point), parts=1)

    def do(self, task: Task) -> bytes:
        """Simulate one replication and return its part."""
        if task.point not in self.loaded:
            return self.only([task]).do(task)
        inputs, point = self.loaded[task.point], self.points[task.point]
        base = self.bases[base_key(point)]
        drawn = inputs.drawn(point.seeds.draws, None if self.levels == FIXED else task.draw)
        luck = luck_of(task, self.levels)
        districts, resources = inputs.districts, inputs.resources
        years = range(inputs.reported_from, inputs.last_year + 1)
        cells = cells_of(self.kept, districts, resources, years)
        if self.engine == TWIN:
            setting = _shared().setting(drawn, base)
            values = offered_values(setting, offered_load(setting), self.kept.by == MONTH).ravel()
        else:
            service = self.kept.needs_service
            outcome = _shared().simulate(drawn, base, point.seeds.luck, luck, service)
            values = kept_values(outcome, self.kept, districts, resources)
        # Time is the first axis: years before reports begin stand in front.
        before = years.start - inputs.city.first_year
        values = values[values.size * before // (before + len(years)) :]
        return part_of(values, cells, *task)


def luck_of(task: Task, levels: str) -> int:
    """Return the number from which the luck of a job follows.

    Replication 0 of draw d has the luck of replication d of a run; further ones of the same draw lie
    beyond all draws, so that more of either never move those that are there.
    """
    if levels == TWO_LEVELS:
        return task.draw + task.replication * MOST_DRAWS
    return task.replication


def inputs_of(point: PointWork) -> Inputs:
    """Return the inputs of a point, with the default values of the assumptions."""
    return with_scenario(inputs_at(point.city), point.scenario)


def forecast_of(point: PointWork) -> Setting:
    """Return what the default values of the assumptions lead to.

    Raises
    ------
    ValueError
        If the forecast finds them impossible.
    """
    inputs = inputs_of(point)
    return _shared().setting(inputs, base_at(point))


@cache
def inputs_at(city: City) -> Inputs:
    """Return some inputs of a city, from which those of any scenario of it follow."""
    from params.scenario.load import load_scenario

    return load_inputs(load_scenario(city.baseline, city).scenario, city)


BaseKey = tuple[City, PopulationPlan]
"""What a base follows from: the city's tables, and what a scenario says of its population."""


def base_key(point: PointWork) -> BaseKey:
    """Return what the base of a point follows from."""
    return point.city, point.scenario.population


def base_at(point: PointWork) -> Base:
    """Return the base of a point; points that differ in nothing of the population have the same."""
    return _base(*base_key(point))


@lru_cache(maxsize=BASES)
def _base(city: City, population: PopulationPlan) -> Base:
    inputs = inputs_at(city)
    scenario = inputs.scenario.model_copy(update={"population": population})
    return base_of(with_scenario(inputs, scenario))


@cache
def _shared() -> Shared:
    """Return what this process keeps from job to job."""
    return Shared()


@dataclass(frozen=True)
class DrawSet:
    """What the draws of a point follow from; points of the same id have the same draws."""

    assumptions: Mapping[str, Assumption]
    """Those that a draw moves; a point that holds one says so itself."""
    seed: int

    @property
    def id(self) -> str:
        """Return a digest of it."""
        said = {
            name: [float(a.value), float(a.low), float(a.high), a.distribution]
            for name, a in self.assumptions.items()
        }
        text = json.dumps([self.seed, said], ensure_ascii=False, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=ID_BYTES).hexdigest()

    def values(self, draws: Sequence[int]) -> Mapping[str, FloatArray]:
        """Return the value of every drawn assumption, arrays of shape (draw,)."""
        return draw_many(self.assumptions, self.seed, draws, self.assumptions)


def draw_set_of(point: PointWork) -> DrawSet:
    """Return what the draws of a point follow from."""
    drawn = {
        name: a for name, a in assumptions_of(point.city, point.scenario).items() if a.is_drawn
    }
    return DrawSet(drawn, point.seeds.draws)
