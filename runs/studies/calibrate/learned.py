"""Say what accepted sets tell of each input and of pairs, and what they cannot tell."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from params.axes import FloatArray
from runs.studies.calibrate.accepted import Accepted

FALSE_ALARM: Final = 0.05
"""Chance that anything is said to be learned, or bound together, where nothing is."""
BOUND: Final = 0.5
"""Rank correlation from which on two inputs are said to be known together only."""
ALONE: Final = 0.75
"""Share of the prior's variance whose loss makes an input known by itself, whatever it goes together with."""
UNIFORM: Final = 1 / 12
"""Variance of the prior along an axis of the unit cube."""


@dataclass(frozen=True)
class Marginal:
    """What is learned of one input.

    Attributes
    ----------
    learned : share of the prior's variance that is gone, on the scale of its own probabilities; 0 at least.
    distance : greatest distance between the distributions of accepted sets and of the prior.
    chance : of such a distance where nothing is learned (Kolmogorov and Smirnov), times all inputs.
    """

    input: int
    learned: float
    distance: float
    chance: float

    @property
    def is_told(self) -> bool:
        """Whether the data tell anything of it."""
        return self.chance < FALSE_ALARM


@dataclass(frozen=True)
class Pair:
    """Two inputs of accepted sets.

    Attributes
    ----------
    correlation : Spearman's, of ranks.
    chance : of so strong a one where the two have nothing to do with one another, times all pairs.
    learned : share of the prior's variance that is gone, of the one of which more is.
    """

    first: int
    second: int
    correlation: float
    chance: float
    learned: float

    @property
    def is_bound(self) -> bool:
        """Whether the data tell of both together only: neither is known by itself."""
        is_strong = self.chance < FALSE_ALARM and abs(self.correlation) >= BOUND
        return is_strong and self.learned < ALONE


def marginals(accepted: Accepted, inputs: tuple[int, ...]) -> tuple[Marginal, ...]:
    """Compare accepted sets with the prior, input by input."""
    from scipy import stats

    worth = max(round(accepted.worth), 1)
    found = []
    for k in inputs:
        own = accepted.points[:, k]
        distance = float(stats.kstest(own, "uniform").statistic)
        chance = float(stats.kstwo.sf(distance, worth)) * len(inputs)
        found.append(Marginal(k, _learned(own), distance, min(chance, 1.0)))
    return tuple(found)


def pairs(accepted: Accepted, inputs: tuple[int, ...]) -> tuple[Pair, ...]:
    """Return how inputs of accepted sets go together, pair by pair."""
    from scipy import stats

    both = list(combinations(inputs, 2))
    freedom = max(accepted.worth - 2, 1.0)
    ranks = stats.rankdata(accepted.points, axis=0)
    found = []
    for first, second in both:
        r = _correlation(ranks[:, first], ranks[:, second])
        t = abs(r) * np.sqrt(freedom / max(1 - r * r, 1e-12))
        chance = 2 * float(stats.t.sf(t, freedom)) * len(both)
        most = max(_learned(accepted.points[:, k]) for k in (first, second))
        found.append(Pair(first, second, r, min(chance, 1.0), most))
    return tuple(found)


def _learned(own: FloatArray) -> float:
    return max(0.0, 1 - float(own.var()) / UNIFORM)


def _correlation(one: FloatArray, other: FloatArray) -> float:
    if not (np.ptp(one) and np.ptp(other)):
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
