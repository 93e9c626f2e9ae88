"""Tell the means of laws of durations, whole and cut at the length of a run."""

from typing import Final

import numpy as np

from params.network.model import Law

POINTS: Final = 2000
"""Quantiles by which the mean of a law cut at a length is found."""


def mean_days(law: Law) -> float:
    """Return the mean of a law, days; of one whose numbers do not fit together as far as they do."""
    if law.distribution == "hyperexponential":
        return sum(share * mean for share, mean in zip(law.shares, law.means, strict=False))
    if law.distribution == "empirical":
        return sum(law.values) / max(len(law.values), 1)
    return law.mean or 0.0


def mean_within(law: Law, most: float) -> float:
    """Return the mean of the smaller of a duration and so many days.

    Laws with a long tail owe much of their mean to stays that no run sees: what counts for how often people
    go round is the rest.
    """
    mean = mean_days(law)
    if mean <= 0.0:
        return 0.0
    if law.distribution == "fixed":
        return min(mean, most)
    if law.distribution == "exponential":
        return float(-mean * np.expm1(-most / mean))
    if law.distribution == "hyperexponential":
        parts = zip(law.shares, law.means, strict=True)
        return float(sum(p * -m * np.expm1(-most / m) for p, m in parts))
    if law.distribution == "empirical":
        return float(np.minimum(law.values, most).mean())
    from scipy import special

    at = (np.arange(POINTS) + 0.5) / POINTS
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        if law.distribution == "lognormal":
            assert law.cv is not None
            variance = np.log1p(law.cv**2)
            stays = mean * np.exp(special.ndtri(at) * np.sqrt(variance) - variance / 2)
        elif law.distribution == "gamma":
            assert law.cv is not None
            stays = special.gammaincinv(law.cv**-2, at) * mean * law.cv**2
        else:
            assert law.shape is not None
            scale = np.log(mean) - special.gammaln(1 + 1 / law.shape)
            stays = np.exp(np.log(-np.log1p(-at)) / law.shape + scale)
    return float(np.minimum(stays, most).mean())
