"""Open a finished run or sweep as what was drawn and what came out, without simulating anything."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numpy as np

from params.axes import FloatArray
from params.city import City
from params.errors import ParamError, Problem, span
from params.inputs import Inputs, load_inputs
from params.language import said
from params.scenario.load import load_scenario
from params.studies.keys import ASSUMPTIONS
from params.tables.assumptions import Assumption, draw_many, read_assumptions
from runs.jobs.store import MARK as RUN_MARK
from runs.jobs.sweep_folder import AGAIN
from runs.jobs.sweep_folder import MARK as SWEEP_MARK
from runs.studies.ask import Figure, answers
from runs.studies.compared.opened import POINT
from runs.studies.compared.run import SCENARIO, StoredRun, open_run
from runs.studies.compared.source import Cells
from runs.studies.compared.sweep import Sweep, SweepPoint, read_sweep
from runs.studies.sensitivity.figures import There
from runs.studies.sensitivity.variance import Shared
from runs.subjects.possible import idle_assumptions

POINTS, DRAWS = "points", "draws"


@dataclass(frozen=True)
class Source:
    """A run or sweep that can be asked what moves its figures."""

    place: str
    name: str
    city: City
    seed: int
    there: There
    drawn: Mapping[str, FloatArray]
    """Values by assumption, shape (draw,) or, of a sweep that holds its assumptions, (point,)."""
    by: str
    """`DRAWS` or `POINTS`: along which of them assumptions differ."""
    assumptions: Mapping[str, Assumption]
    shared: Shared
    two_levels: bool
    """Whether draws have several replications each, so that luck is told from assumptions."""
    answers: Callable[[Sequence[Figure]], FloatArray]
    """Figures of every job, shape (point, draw, replication, figure)."""


def open_source(place: str, city: City) -> Source:
    """Open the folder of a run or of a sweep, or a point of a sweep as SWEEP:3.

    Raises
    ------
    ParamError
        If it is neither, is not finished, or has drawn nothing.
    """
    folder, number = Path(place), None
    found = POINT.fullmatch(place)
    if found and not folder.exists():
        folder, number = Path(found["folder"]), int(found["number"])
    if (folder / SWEEP_MARK).exists():
        source = _of_sweep(read_sweep(folder), number, city)
    elif (folder / RUN_MARK).exists():
        source = _of_run(open_run(folder, city))
    else:
        raise ParamError(
            Problem(
                place,
                said("holds neither a run nor a sweep", "既不是运行也不是扫描的文件夹"),
                said(
                    "the folder of a finished run or sweep, a point SWEEP:3, or a study's TOML file",
                    "已完成的运行或扫描的文件夹、设计点 SWEEP:3，或研究的 TOML 文件",
                ),
                said("name the folder below --out", "请给出 --out 下的文件夹"),
            )
        )
    if not source.drawn and not source.two_levels:
        what = said("has drawn no assumption", "没有抽取任何假定")
        allowed = said(
            "a run or sweep without fixed parameters, with two or more draws",
            "未固定参数、至少有两次抽样的运行或扫描",
        )
        raise ParamError(Problem(place, what, allowed))
    return source


def _unfinished(place: str) -> ParamError:
    found = said("is not finished", "尚未完成")
    return ParamError(Problem(place, found, said("a finished one", "已完成的"), str(AGAIN)))


def _other_city(place: str, own: str, city: City) -> ParamError:
    found = said(f"is of the city {own!r}", f"属于城市 {own!r}")
    advice = said("name the city's folder with --city", "请用 --city 指出城市文件夹")
    return ParamError(Problem(place, found, repr(city.name), advice))


def _there(cells: Cells) -> There:
    return There(tuple(map(str, cells.areas)), cells.years, cells.resources, cells.measures)


def _of_run(run: StoredRun) -> Source:
    if run.city != run.at.name:
        raise _other_city(run.place, run.city, run.at)
    if not run.is_finished:
        raise _unfinished(run.place)
    loaded = load_scenario(run.folder / SCENARIO, run.at)
    return source_of_run(run, load_inputs(loaded.scenario, run.at))


def source_of_run(run: StoredRun, inputs: Inputs) -> Source:
    """Return a run of known inputs as what was drawn and what came out."""
    seed, cells = int(str(run.mark["seed"])), run.cells
    draws = [life.draw for life in run.lives]

    def asked(figures: Sequence[Figure]) -> FloatArray:
        at = _places(cells, figures)
        found = np.array([run.values(life)[at] for life in run.lives])
        return found[None, :, None, :]

    drawn = {} if run.conditions["parameters"] == "fixed" else _drawn(inputs, seed, draws)
    there = _there(cells)
    return Source(
        *(run.place, run.scenario, run.at, seed, there, drawn, DRAWS),
        *(inputs.assumptions, Shared(), False, asked),
    )


def _places(cells: Cells, figures: Sequence[Figure]) -> tuple[list[int], ...]:
    """Return the places of figures on the axes of `cells`."""
    areas = [str(area) for area in cells.areas]
    return (
        [cells.years.index(one.year) for one in figures],
        [areas.index(one.area) for one in figures],
        [cells.resources.index(one.resource) for one in figures],
        [cells.measures.index(one.measure) for one in figures],
    )


def _drawn(inputs: Inputs, seed: int, draws: Sequence[int]) -> dict[str, FloatArray]:
    """Return the draws of the assumptions at work."""
    values = draw_many(inputs.assumptions, seed, draws, inputs.assumptions)
    idle = idle_assumptions(inputs)
    held = {name: one for name, one in values.items() if name not in idle and np.ptp(one) > 0}
    return without_rests(held, inputs.assumptions)


def without_rests(
    drawn: Mapping[str, FloatArray], assumptions: Mapping[str, Assumption]
) -> dict[str, FloatArray]:
    """Leave out, of every group of shares that add up to 1, the largest: the others say it."""
    rests: dict[tuple[str, str], str] = {}
    for name in drawn:
        own = assumptions.get(name)
        if own is None or own.concentration is None:
            continue
        group = (own.group, own.distribution)
        if group not in rests or own.value > assumptions[rests[group]].value:
            rests[group] = name
    return {name: one for name, one in drawn.items() if name not in rests.values()}


def _of_sweep(sweep: Sweep, number: int | None, city: City) -> Source:
    folder = sweep.folder
    place = str(folder.path) if number is None else f"{folder.path}:{number}"
    if folder.mark.get("city") != city.name:
        raise _other_city(place, str(folder.mark.get("city")), city)
    known = [int(point) for point in sweep.points.index]
    if number is not None and number not in known:
        found = said(f"no such point: {number}", f"没有此设计点：{number}")
        raise ParamError(Problem(str(folder.path), found, span(0, len(known) - 1)))
    if not folder.is_finished:
        raise _unfinished(place)
    numbers = known if number is None else [number]
    cells = reduce(Cells.shared, (SweepPoint(sweep, k, city).cells for k in numbers))
    two = folder.has_two_levels

    def asked(figures: Sequence[Figure]) -> FloatArray:
        parts = tuple(part for part in folder.parts if part.point in numbers)
        found = answers(replace(folder, parts=parts), figures)[numbers]
        # Replication k of a single level has draw k of its own.
        return found if two or sweep.is_fixed else np.swapaxes(found, 1, 2)

    assumptions = read_assumptions(city.assumptions)
    by = POINTS if sweep.is_fixed else DRAWS
    drawn = _varied(sweep, numbers) if by == POINTS else _draws_of(sweep, numbers)
    return Source(
        place,
        folder.path.resolve().name,
        city,
        int(str(folder.mark["seed"])),
        _there(cells),
        without_rests(drawn, assumptions),
        by,
        assumptions,
        Shared(bool(sweep.design["shared_lives"]), _shares_draws(sweep)),
        two and not sweep.is_fixed,
        asked,
    )


def _shares_draws(sweep: Sweep) -> bool:
    """Say whether draw d is the same in every point."""
    return bool(sweep.design.get("shared_draws", True))


def _draws_of(sweep: Sweep, numbers: Sequence[int]) -> dict[str, FloatArray]:
    """Return the draws of what every point draws, as the first has them; none if points have their own."""
    if len(numbers) > 1 and not _shares_draws(sweep):
        return {}
    frame = sweep.folder.draws.to_pandas()
    sets = [str(sweep.points.loc[number, "draw_set"]) for number in numbers]
    held: dict[str, FloatArray] = {}
    names = [set(frame["parameter"][frame["draw_set"] == one]) for one in dict.fromkeys(sets)]
    everywhere = set.intersection(*names) if names else set()
    own = frame[frame["draw_set"] == sets[0]]
    for name, rows in own.groupby("parameter", sort=False):
        values = rows.sort_values("draw")["value"].to_numpy(np.float64)
        if name in everywhere and np.ptp(values) > 0:
            held[str(name)] = values
    return held


def _varied(sweep: Sweep, numbers: Sequence[int]) -> dict[str, FloatArray]:
    """Return the assumptions that points hold at values of their own."""
    own = re.compile(rf"{ASSUMPTIONS}\.(\w+)")
    held = {}
    for key in sweep.varied:
        found, column = own.fullmatch(key), sweep.points.loc[list(numbers), key]
        if found and column.dtype.kind in "if" and column.nunique() > 1:
            held[found[1]] = column.to_numpy(np.float64)
    return held
