"""Where no set is left, find which targets the model cannot meet, alone or together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from params.axes import FloatArray
from runs.studies.calibrate.implausible import implausibility
from runs.studies.calibrate.region import ANY, find_region
from runs.studies.calibrate.waves import History


@dataclass(frozen=True)
class Conflicts:
    """What cannot be met.

    Attributes
    ----------
    alone : targets that no point meets, with the least implausibility of each.
    together : pairs that no point meets both of, each of which is met somewhere.
    without : targets without any one of which something is left; where neither of the above says why.
    """

    alone: tuple[tuple[int, float], ...]
    together: tuple[tuple[int, int, float], ...]
    without: tuple[int, ...]


def conflicts_of(history: History) -> Conflicts:
    """Look for the reason why nothing is left."""
    targets = history.judging
    cutoff = history.rules.cutoff
    alone = [(t, least(history, [t])) for t in targets]
    apart = tuple((t, score) for t, score in alone if score > cutoff)
    met = [t for t, score in alone if score <= cutoff]
    pairs = [(s, t, least(history, [s, t])) for s, t in combinations(met, 2)]
    together = tuple(pair for pair in pairs if pair[2] > cutoff)
    without: tuple[int, ...] = ()
    if not apart and not together:
        others = [(t, [s for s in targets if s != t]) for t in targets]
        without = tuple(t for t, rest in others if rest and least(history, rest) <= cutoff)
    return Conflicts(apart, together, without)


def least(history: History, targets: Sequence[int]) -> float:
    """Return the least that the largest implausibility of some targets can be; any that will do, will do."""
    observed = history.observed.of(list(targets))

    def score(x: FloatArray) -> FloatArray:
        return np.asarray(implausibility(history.told(x, targets), observed).max(axis=1))

    seed = (history.rules.seed, 7, *targets)
    cutoff = history.rules.cutoff
    return find_region(score, cutoff, history.n_input, history.active, ANY, seed).least
