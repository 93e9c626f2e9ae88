"""Answer the question for the least additions: search, trim, confirm with fresh seeds, name what binds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from params.errors import ParamError, Problem
from params.files.positions import where as place_of
from params.language import said
from params.names import resource_names
from runs.jobs.execute import How
from runs.studies.plan.aims import HOLDS_ANYWAY, Aims, Margins
from runs.studies.plan.budget import is_over, within_budget
from runs.studies.plan.evaluate import Simulated
from runs.studies.plan.layout import Layout
from runs.studies.plan.rule import margins, quantile_margins
from runs.studies.plan.search import Found, least, repaired
from runs.studies.plan.supply import (
    Supply,
    ample,
    first_guess,
    supply_of,
    workers_present,
)
from runs.studies.plan.trim import trimmed

BEDS_ALONE: Final = 4
"""Rounds in which beds alone are raised where a plan misses."""
REPAIRS: Final = 3
"""Times that a plan is looked at with fresh seeds and raised where it misses."""
SLACK: Final = 0.1
"""Of what is late by the target: what beds leave for a shortage of workers."""
PLENTY: Final = "plenty"
"""Limit where even all that was tried, a multiple of what everybody wants, does not suffice."""
UNREACHABLE: Final = "reachable"
ROUNDS: Final = "rounds"
BUDGET: Final = "budget"


@dataclass(frozen=True)
class Plan:
    """The least additions that were found.

    Attributes
    ----------
    state : ndarray, shape (year, district, lever), units added by each year.
    plenty : ndarray, shape (year, district, lever), with which nobody waits.
    reach : ndarray, shape (replication, reported year, area, judged), shares in time with plenty.
    fresh : ndarray, shape (replication, reported year, area, judged), with the plan and seeds that the
        search never saw.
    drawn : the same with drawn assumptions, where the search kept them at their defaults.
    limits : ndarray of text, shape (year, district, judged), what binds where the target is out of reach.
    samples : replications and seed of every sample that the plan was made with.
    workers : ndarray, shape (reported year, area, lever), care workers present with the plan, those hired for
        its beds included; nan for other levers.
    assessors : ndarray, shape (reported year, district), present without additions.
    asked : rounds of simulations.
    """

    layout: Layout
    supply: Supply
    state: IntArray
    plenty: IntArray
    reach: FloatArray
    fresh: FloatArray
    drawn: FloatArray | None
    limits: np.ndarray
    samples: tuple[tuple[int, int], ...]
    workers: FloatArray
    assessors: FloatArray
    asked: int


@dataclass(frozen=True)
class _Search:
    """One question while its answer is searched."""

    simulated: Simulated
    aims: Aims
    ignored: BoolArray
    """Cells that nothing reaches, (year, district, judged)."""
    target: FloatArray
    """(year, district, judged)."""
    seeds: tuple[tuple[int, int], ...]
    """Replications and seed of every sample that counts; those of the first search first."""

    def ask(self, target: FloatArray) -> Margins:
        """Return what gives margins against a target."""

        def margins_of(states: Sequence[IntArray]) -> list[FloatArray]:
            samples = [self.simulated.shares(states, n, seed) for n, seed in self.seeds]
            return [
                self._margins(np.concatenate([sample[k] for sample in samples]), target)
                for k in range(len(states))
            ]

        return margins_of

    def _margins(self, shares: FloatArray, target: FloatArray) -> FloatArray:
        question = self.simulated.layout.asked.question
        own = self.simulated.target_years(shares)
        if question.holds_in is not None:
            found = quantile_margins(own, target, question.holds_in)
        else:
            found = margins(own, target, question.confidence)
        return np.where(self.ignored, HOLDS_ANYWAY, found)


def find_least(layout: Layout, folder: Path, how: How) -> Plan:
    """Search the least additions with which every district and year that can reaches its target.

    Raises
    ------
    ParamError
        If the target is out of reach everywhere, whatever is added.
    """
    question = layout.asked.question
    simulated = Simulated(layout, folder, how)
    supply = supply_of(simulated)
    plenty = ample(simulated, supply)
    guess, reach = first_guess(simulated, supply, plenty)
    target = np.broadcast_to(layout.target, (*plenty.shape[:2], len(layout.judged)))
    reached = _mean_of(simulated.target_years(reach))
    check_reachable(layout, reached)
    search = _Search(
        simulated,
        aims_of(layout, supply, plenty),
        reached < target,
        target,
        ((question.replications, 0),),
    )
    found = _searched(search, guess, plenty, reached)
    found, fresh, search = _confirmed(search, found)
    cut = is_over(layout, found.state)
    if cut:
        kept = within_budget(simulated, found.state)
        found = replace(found, state=kept, margins=search.ask(target)([kept])[0])
        fresh = simulated.shares([kept], question.fresh, REPAIRS + 1)[0]
    drawn = None
    if question.fixed_parameters:
        drawn = simulated.measured(
            [found.state],
            ("share_in_time",),
            layout.judged,
            question.fresh,
            1,
            fixed_parameters=False,
        )[0][..., 0]
    limits = limits_of(search, found, BUDGET if cut else ROUNDS)
    return Plan(
        layout,
        supply,
        found.state,
        plenty,
        reach,
        fresh,
        drawn,
        limits,
        search.seeds,
        workers_present(simulated, found.state),
        simulated.assessors,
        simulated.rounds,
    )


def aims_of(layout: Layout, supply: Supply, plenty: IntArray) -> Aims:
    """Return what the search is about."""
    years = [layout.reported.index(year) for year in layout.years]
    room = layout.room
    return Aims(
        layout.serves,
        np.nan_to_num(supply.has[years][:, :-1]),
        room.least,
        np.minimum(room.most, plenty),
        layout.beds,
        room.together,
        layout.weight,
    )


def _searched(search: _Search, guess: IntArray, plenty: IntArray, reached: FloatArray) -> Found:
    """Find beds with plenty of workers of institutions, then these workers, then take away what is spare."""
    layout, aims = search.simulated.layout, search.aims
    question = layout.asked.question
    every = np.ones(len(layout.levers), bool)
    care = layout.care
    start, target = aims.projected(guess), search.target
    asked = 0
    if care.any():
        staffed = replace(aims, most=np.where(care, plenty, aims.most))
        start = np.where(care, plenty, start)
        # Of beds alone, a little more: with just enough workers both are short now and then.
        raised = np.minimum(
            target + SLACK * (1 - target), (target + np.maximum(reached, target)) / 2
        )
        ask = search.ask(raised)
        found = least(ask, staffed, start, ~care, question.precision)
        found = repaired(ask, staffed, found, ~care)
        start, asked = np.where(care, 0, found.state), found.asked
        found = least(search.ask(target), aims, start, care, question.precision)
    else:
        found = least(search.ask(target), aims, start, every, question.precision)
    found = _raised(search.ask(target), aims, found, care, question.precision)
    found = trimmed(search.ask(target), aims, found, every)
    return replace(found, asked=asked + found.asked)


def _raised(ask: Margins, aims: Aims, found: Found, care: BoolArray, precision: float) -> Found:
    """Raise what misses: beds first, for a few rounds, and workers too where beds alone do not help."""
    every = np.ones(care.size, bool)
    beds = repaired(ask, aims, found, ~care, precision, BEDS_ALONE)
    if not care.any() or not (aims.of_levers(beds.margins) < 0).any():
        return beds
    return repaired(ask, aims, replace(found, asked=beds.asked), every, precision)


def _confirmed(search: _Search, found: Found) -> tuple[Found, FloatArray, _Search]:
    """Look at a plan with seeds that it was not made with, and raise it where it misses."""
    simulated, question = search.simulated, search.simulated.layout.asked.question
    care = simulated.layout.care
    every = np.ones(care.size, bool)
    for seed in range(1, REPAIRS + 1):
        fresh = simulated.shares([found.state], question.fresh, seed)[0]
        own = _mean_of(simulated.target_years(fresh))
        missed = (own < search.target) & ~search.ignored & (found.margins >= 0)
        if not missed.any() or seed == REPAIRS:
            break
        search = replace(search, seeds=(*search.seeds, (question.fresh, seed)))
        ask = search.ask(search.target)
        wider = replace(found, margins=ask([found.state])[0])
        found = _raised(ask, search.aims, wider, care, question.precision)
        found = trimmed(ask, search.aims, found, every)
    return found, fresh, search


def check_reachable(layout: Layout, reached: FloatArray) -> None:
    """Refuse a target that nothing reaches anywhere.

    Raises
    ------
    ParamError
        Naming for each resource the share that can be reached.
    """
    problems = []
    path = layout.asked.path
    names = {id_: name for name, id_ in resource_names().items()}
    for j, (name, target) in enumerate(zip(layout.judged, layout.target, strict=True)):
        most = float(reached[..., j].max())
        if most < target:
            found = said(f"{name}: share {target:g}", f"{names.get(name, name)}：比例 {target:g}")
            allowed = said(
                f"at most {most:.3f}: more is placed in time nowhere, however much is added",
                f"不高于 {most:.3f}：无论增加多少，各区按期安排的比例都不会更高",
            )
            problems.append(Problem(place_of(path, "target.share"), found, allowed))
    if problems:
        raise ParamError(problems)


def limits_of(search: _Search, found: Found, otherwise: str) -> np.ndarray:
    """Return what binds in cells that miss, shape (year, district, judged), empty text elsewhere.

    Parameters
    ----------
    otherwise : what binds where no bound of the district does.
    """
    layout, aims, margin = search.simulated.layout, search.aims, found.margins
    room = layout.room
    limits = np.full(margin.shape, "", object)
    limits[search.ignored] = UNREACHABLE
    for y, d, j in np.argwhere((margin < 0) & ~search.ignored):
        levers = np.flatnonzero(layout.serves[:, j])
        full = [k for k in levers if found.state[y, d, k] >= aims.most[y, d, k]]
        joint = (found.state[y, d] * aims.joint).sum() >= room.together[y, d]
        named = [str(room.why[y, d, k] or PLENTY) for k in full]
        if joint and not named:
            named = [f"{room.why_together[y, d]}_beds"]
        limits[y, d, j] = named[0] if named else otherwise
    return limits


def _mean_of(shares: FloatArray) -> FloatArray:
    """Return the mean over replications; `HOLDS_ANYWAY` where nobody asks."""
    return margins(shares, np.zeros(shares.shape[-1]), 0.5)
