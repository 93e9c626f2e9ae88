"""Find the assumption that moves a gap most among the draws of a run, or say that none is known to.

Every replication has its own draw of the assumptions. The one whose ranks go most with those of the gap is
named, if it goes with it more than the best of as many assumptions without any influence would in one run of
twenty. How far such ones go by luck is measured on stand-ins that are drawn the same way: draws of a run are
stratified, so that two of them go together by luck more than independent numbers do.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.assumptions import draw_many
from params.tables.strata import key_of, stratified
from runs.report.told import ENDS, Band, Driver

LEAST: Final = 20
"""Replications below which nothing is named."""
FALSE_ALARM: Final = 0.05
"""Chance that anything at all is named in a run where no assumption matters."""
STAND_INS: Final = (2_000, 8_000)
"""Stand-ins at least and at most: so many that they take some two hundred thousand draws."""


def drawn_of(inputs: Inputs, names: Iterable[str], seed: int, n: int) -> dict[str, FloatArray]:
    """Return what the replications of a run have drawn, of assumptions that differ between them.

    Returns
    -------
    dict of ndarray, shape (replication,).
    """
    values = draw_many(inputs.assumptions, seed, range(n), inputs.assumptions)
    return {name: values[name] for name in names if np.ptp(values[name]) > 0}


def driver_of(
    drawn: Mapping[str, FloatArray], gap: FloatArray, seed: int, looks: int = 1
) -> Driver | None:
    """Return the assumption that moves a gap most, or None if none is known to.

    Parameters
    ----------
    drawn : values by assumption, shape (replication,) each.
    gap : ndarray, shape (replication,).
    seed : of the run.
    looks : gaps that are looked at in this run, all of which share the chance of a false alarm.
    """
    n = gap.size
    if n < LEAST or not drawn or np.ptp(gap) == 0:
        return None
    names = list(drawn)
    found = rank_correlations(np.stack([drawn[name] for name in names], axis=1), gap)
    best = int(np.abs(found).argmax())
    if abs(found[best]) <= by_luck(gap, seed, len(names) * looks).bound:
        return None
    line = _line(names[best], drawn[names[best]], gap)
    # Ranks and line point the same way, unless few far values make the line.
    return line if (line.gaps[1] - line.gaps[0]) * found[best] > 0 else None


class ByLuck(NamedTuple):
    """How far numbers without any influence go with a gap.

    Attributes
    ----------
    bound : rank correlation that the largest of those looked at passes in one run of twenty.
    freedom : degrees of freedom that the spread of a single one is worth: of n independent pairs n - 2.
    """

    bound: float
    freedom: float


def by_luck(gap: FloatArray, seed: int, looks: int) -> ByLuck:
    """Say how far so many assumptions without influence go with a gap by luck.

    Parameters
    ----------
    gap : ndarray, shape (replication,).
    seed : of the run.
    looks : how many are looked at; the largest of them passes the bound in one run of twenty.
    """
    from scipy import stats

    least, most = STAND_INS
    n_key = max(least, min(most, 200_000 // gap.size))
    keys = [key_of(f"stand-in {k}") for k in range(n_key)]
    found = rank_correlations(stratified(seed, range(gap.size), keys), gap)
    # A correlation of n independent pairs has variance 1 / (n - 1): stand-ins say how many these are worth.
    freedom = 1 / float(np.mean(found**2)) - 1
    t = float(stats.t.isf(FALSE_ALARM / (2 * looks), freedom))
    # Tails of stratified draws are a little heavier than those of t: the larger of both counts.
    seen = float(np.quantile(np.abs(found), 1 - FALSE_ALARM / looks))
    return ByLuck(max(seen, t / float(np.sqrt(freedom + t * t))), freedom)


def rank_correlations(values: FloatArray, gap: FloatArray) -> FloatArray:
    """Return Spearman's rank correlation of each column with a gap, shape (column,).

    Parameters
    ----------
    values : ndarray, shape (replication, column).
    gap : ndarray, shape (replication,).
    """
    from scipy.stats import rankdata

    ranks, own = rankdata(values, axis=0), rankdata(gap)
    ranks -= ranks.mean(axis=0)
    own -= own.mean()
    size = np.sqrt((ranks**2).sum(axis=0) * (own**2).sum())
    return np.asarray(own @ ranks / size)


def _line(name: str, x: FloatArray, y: FloatArray) -> Driver:
    """Fit a straight line by least squares and read it at both ends."""
    ends = np.percentile(x, ENDS)
    across = x - x.mean()
    squares = float(across @ across)
    slope = float(across @ y) / squares
    rest = y - y.mean() - slope * across
    deviation = float(np.sqrt(rest @ rest / (x.size - 2)))
    gaps = np.maximum(y.mean() + slope * (ends - x.mean()), 0.0)
    errors = deviation * np.sqrt(1 / x.size + (ends - x.mean()) ** 2 / squares)
    spread = float(((y - y.mean()) ** 2).sum())
    return Driver(
        name,
        (float(ends[0]), float(ends[1])),
        (float(gaps[0]), float(gaps[1])),
        (float(errors[0]), float(errors[1])),
        1 - float(rest @ rest) / spread,
    )


LEAST_BAND: Final = 5
"""Replications of a band."""
MOST_BANDS: Final = 5


def bands_of(values: FloatArray, gap: FloatArray) -> tuple[Band, ...]:
    """Return a gap by bands of an assumption, equally many replications in each; none of too few.

    Parameters
    ----------
    values, gap : ndarrays, shape (replication,).
    """
    n_band = min(MOST_BANDS, gap.size // LEAST_BAND)
    if n_band < 2 or np.ptp(values) == 0:
        return ()
    bands = []
    for members in np.array_split(np.argsort(values, kind="stable"), n_band):
        own, here = gap[members], values[members]
        low, high = np.percentile(own, ENDS)
        error = float(own.std(ddof=1)) / own.size**0.5
        found = (float(own.mean()), error, float(low), float(high))
        bands.append(Band(float(here.min()), float(here.max()), own.size, *found))
    return tuple(bands)
