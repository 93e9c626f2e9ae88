"""Take sets from what is not ruled out, the likelier ones more often."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray
from runs.studies.calibrate.implausible import log_likelihood
from runs.studies.calibrate.region import BATCH, Region, Score, spread
from runs.studies.calibrate.waves import History

WORTH: Final = 3
"""Independent candidates that stand behind each set that is taken."""
MOST: Final = 24
"""Batches of candidates at most."""
HEAVY: Final = 1e-4
"""Likelihood, as a share of the greatest, below which nothing is looked for."""


@dataclass(frozen=True)
class Accepted:
    """Sets from the posterior distribution.

    Attributes
    ----------
    points : ndarray, shape (set, input), in the unit cube; inputs that move nothing are as in the prior.
    log_likelihood : ndarray, shape (set,), up to a constant.
    worth : independent sets that these are worth.
    """

    points: FloatArray
    log_likelihood: FloatArray
    worth: float

    def __len__(self) -> int:
        return len(self.points)


def accept(history: History, n: int) -> Accepted:
    """Take sets from the prior times the likelihood, among those that are not ruled out.

    Parameters
    ----------
    n : how many.

    Notes
    -----
    Importance resampling with even steps (Kitagawa 1996). Candidates are uniform in a box of the unit cube
    around what is left: the prior, as the cube's axes are the assumptions' own probabilities. More of them
    are drawn, in a box around the likely ones, until they are worth `WORTH` times as many sets.
    """
    targets = history.judging
    observed = history.observed.of(list(targets))
    region = history.region(BATCH // 4, 4)

    def weighed(points: FloatArray) -> FloatArray:
        likely = log_likelihood(history.told(points, targets), observed)
        return np.where(history.score(points) <= history.rules.cutoff, likely, -np.inf)

    points, likely = _candidates(history, region, weighed, n)
    if not len(points):
        return Accepted(np.zeros((0, history.n_input)), np.zeros(0), 0.0)
    weight = np.exp(likely - likely.max())
    weight /= weight.sum()
    worth = 1 / float((weight**2).sum())
    rng = np.random.default_rng(np.random.SeedSequence((history.rules.seed, n, 5)))
    steps = (np.arange(n) + rng.random()) / n
    taken = np.searchsorted(np.cumsum(weight), steps * (1 - 1e-12))
    taken = np.minimum(taken, len(weight) - 1)
    return Accepted(points[taken], likely[taken], min(worth, float(n)))


def _candidates(
    history: History, region: Region, weighed: Score, n: int
) -> tuple[FloatArray, FloatArray]:
    """Draw candidates until they are worth enough; none where nothing is left."""
    box = region.box
    found: list[tuple[FloatArray, FloatArray]] = []
    for k in range(MOST if len(region.points) else 0):
        points = box.fill(spread(BATCH, history.n_input, (history.rules.seed, 6, k)))
        likely = weighed(points)
        good = likely > likely.max() + np.log(HEAVY) if np.isfinite(likely).any() else likely > 0
        closer = box.around(points[good], history.active) if good.sum() > 20 else box
        if closer.volume < box.volume / 2 and k < MOST // 2:
            box, found = closer, []
            continue
        found.append((points[np.isfinite(likely)], likely[np.isfinite(likely)]))
        all_likely = np.concatenate([one for _, one in found])
        if all_likely.size and _worth(all_likely) >= WORTH * n:
            break
    if not found:
        return np.zeros((0, history.n_input)), np.zeros(0)
    points, likely = (np.concatenate(part) for part in zip(*found, strict=True))
    return points, likely


def _worth(log_weight: FloatArray) -> float:
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight**2).sum())
