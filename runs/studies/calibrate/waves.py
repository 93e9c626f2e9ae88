"""Match a model's history in waves: run it, emulate it, cut away what cannot have led to what was observed.

Vernon, Goldstein and Bower (2010); Andrianakis et al. (2015), *Bayesian history matching of complex
infectious disease models using emulation*. Knows nothing of cities: a model is what makes outputs of points
of the unit cube.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from params.axes import FloatArray
from runs.studies.calibrate.active import active_inputs
from runs.studies.calibrate.emulator import Emulator, fit_emulator
from runs.studies.calibrate.implausible import CUTOFF, Observed, Told, implausibility, judged
from runs.studies.calibrate.region import Region, Wanted, find_region, spread

SURE: Final = 0.1
"""Share of an observation's variance below which an emulator's own no longer matters."""
CHOICE: Final = 20
"""Candidates for each point of the next wave."""


@dataclass(frozen=True)
class Runs:
    """What a model says at points.

    Attributes
    ----------
    points : ndarray, shape (run, input), in the unit cube.
    value : ndarray, shape (run, target); nan where a figure has no meaning.
    noise : ndarray, shape (run, target), squared Monte Carlo error.
    """

    points: FloatArray
    value: FloatArray
    noise: FloatArray

    def after(self, before: "Runs | None") -> "Runs":
        """Return all runs of this and those before."""
        if before is None:
            return self
        return Runs(
            np.concatenate([before.points, self.points]),
            np.concatenate([before.value, self.value]),
            np.concatenate([before.noise, self.noise]),
        )


MATTERS: Final = 0.02
"""Share of an observation's variance below which it does not matter what moves an output."""
RUNS_EACH: Final = 5
"""Runs for each input from which on all that were named are read."""
Model = Callable[[FloatArray], Runs]


@dataclass(frozen=True)
class Rules:
    """How waves go on."""

    points: int
    """Runs of each wave."""
    waves: int
    cutoff: float = CUTOFF
    rank: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Wave:
    """Emulators of some targets, from all runs of their model so far."""

    number: int
    """From 1."""
    targets: tuple[int, ...]
    emulators: tuple[Emulator, ...]
    luck: FloatArray
    """Variance of the luck that all runs share, shape (target,)."""
    runs: int
    """Of this wave."""
    share: float = np.nan
    """Of the prior that is left after it."""

    def told(self, x: FloatArray, places: Sequence[int]) -> Told:
        """Return what it tells at points of some of its targets, by their places here."""
        pairs = [self.emulators[k].predict(x) for k in places]
        mean, variance = (np.column_stack(part) for part in zip(*pairs, strict=True))
        return Told(mean, variance + self.luck[list(places)])


@dataclass(frozen=True)
class History:
    """Waves so far; every one of them has its say for good."""

    observed: Observed
    n_input: int
    rules: Rules
    waves: tuple[Wave, ...] = ()
    fixed: tuple[int, ...] = field(default=())
    """Inputs that were named: emulators read them whatever runs say, if they are few enough."""
    held: frozenset[int] = frozenset()
    """Targets that rule nothing out: they are emulated to be compared."""

    @property
    def active(self) -> tuple[int, ...]:
        """Inputs that any target hangs on."""
        found = {
            k
            for wave in self.waves
            for t, one in zip(wave.targets, wave.emulators, strict=True)
            if t not in self.held
            for k in one.active
        }
        return tuple(sorted(found | set(self.fixed)))

    @property
    def last(self) -> dict[int, tuple[Wave, int]]:
        """The latest wave that tells of each target, and its place there."""
        return {t: (wave, k) for wave in self.waves for k, t in enumerate(wave.targets)}

    @property
    def judging(self) -> tuple[int, ...]:
        """Targets that were run and may rule out."""
        return tuple(sorted(set(self.last) - self.held))

    def score(self, x: FloatArray) -> FloatArray:
        """Return the implausibility that judges each point: the worst of all waves, shape (point,)."""
        worst = np.zeros(len(x))
        for wave in self.waves:
            places = [k for k, t in enumerate(wave.targets) if t not in self.held]
            if places:
                observed = self.observed.of([wave.targets[k] for k in places])
                own = implausibility(wave.told(x, places), observed)
                worst = np.maximum(worst, judged(own, self.rules.rank))
        return worst

    def told(self, x: FloatArray, targets: Sequence[int]) -> Told:
        """Return what the latest wave of each target tells at points."""
        columns = []
        for t in targets:
            wave, k = self.last[t]
            mean, variance = wave.emulators[k].predict(x)
            columns.append((mean, variance + wave.luck[k]))
        mean, variance = (np.column_stack(part) for part in zip(*columns, strict=True))
        return Told(mean, variance)

    def region(self, wanted: int, purpose: int) -> Region:
        """Return points that are not ruled out."""
        seed = (self.rules.seed, len(self.waves), purpose)
        cutoff = self.rules.cutoff
        return find_region(self.score, cutoff, self.n_input, self.active, Wanted(wanted), seed)


def match(history: History, model: Model, targets: Sequence[int], rules: Rules) -> History:
    """Add waves of a model that tells of some of the targets.

    Ends when nothing is left, when all emulators are sure enough, or after the last wave.

    Parameters
    ----------
    model : its runs have these targets, in this order.
    """
    history = replace(history, rules=rules)
    runs: Runs | None = None
    for _ in range(rules.waves):
        points = next_points(history)
        if not len(points):
            break
        new = model(points)
        runs = new.after(runs)
        wave = _emulated(history, runs, tuple(targets), len(points))
        history = _with(history, wave)
        if _is_sure(history, wave):
            break
    return history


def next_points(history: History) -> FloatArray:
    """Return the points of the next wave: spread over what is left, in all other inputs over everything.

    None where nothing is left.
    """
    rules = history.rules
    seed = (rules.seed, len(history.waves), 0)
    points = spread(rules.points, history.n_input, seed)
    if not history.waves:
        return points
    left = history.region(CHOICE * rules.points, 1).points
    rng = np.random.default_rng(np.random.SeedSequence((*seed, 1)))
    chosen = left[rng.permutation(len(left))[: rules.points]]
    active = list(history.active)
    points = points[: len(chosen)]
    points[:, active] = chosen[:, active]
    return points


def _emulated(history: History, runs: Runs, targets: tuple[int, ...], n: int) -> Wave:
    emulators = []
    for k in range(len(targets)):
        known = np.isfinite(runs.value[:, k])
        value, noise, points = runs.value[known, k], runs.noise[known, k], runs.points[known]
        small = MATTERS * float(history.observed.variance[targets[k]])
        active = set(active_inputs(points, value, small))
        if len(history.fixed) * RUNS_EACH <= len(value):
            active |= set(history.fixed)
        emulators.append(fit_emulator(points, value, noise, sorted(active)))
    number = len(history.waves) + 1
    return Wave(number, targets, tuple(emulators), np.nanmean(runs.noise, axis=0), n)


def _with(history: History, wave: Wave) -> History:
    """Add a wave, and say what it leaves."""
    tried = replace(history, waves=(*history.waves, wave))
    share = tried.region(CHOICE * history.rules.points, 2).share
    return replace(history, waves=(*history.waves, replace(wave, share=share)))


def _is_sure(history: History, wave: Wave) -> bool:
    """Say whether emulators are so sure where points are left that more runs would cut nothing away."""
    left = history.region(CHOICE * history.rules.points, 3).points
    if not len(left):
        return True
    places = [k for k, t in enumerate(wave.targets) if t not in history.held]
    if not places:
        return True
    known = history.observed.of([wave.targets[k] for k in places]).variance
    own = np.median(wave.told(left, places).variance - wave.luck[places], axis=0)
    return bool((own <= SURE * known).all())
