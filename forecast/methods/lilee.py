"""Fit several groups together, so that their death rates do not drift apart.

Every group has its own level a; pattern B and index K of change are common, and what is left of a
group gets a pattern and an index of its own, which returns to its mean (Li and Lee 2005). At high life
expectancy B rotates towards the old (Li, Lee and Gerland 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecast.methods.checks import check_ages, check_cells
from forecast.methods.leecarter import axes_of, fit_un
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said

SMALLEST_RATE: Final = 1e-9
LARGEST_RATE: Final = 10.0
ROTATION_STARTS: Final = 80.0
ROTATION_ENDS: Final = 102.0
"""Life expectancy at birth of both sexes, years, between which B rotates: Li, Lee, Gerland (2013)."""


@dataclass(frozen=True)
class LiLee:
    """Levels, common change and own change of several groups.

    Attributes
    ----------
    a : shape (group, age), mean log death rate.
    b : shape (age,), common pattern of change; sums to one.
    k : shape (group, year), index of each group by itself along b; sums to zero.
    own_b : shape (group, age), pattern of what the common factor leaves; of length one.
    own_k : shape (group, year), its index.
    """

    a: FloatArray
    b: FloatArray
    k: FloatArray
    own_b: FloatArray
    own_k: FloatArray

    @property
    def common_k(self) -> FloatArray:
        """Index common to all groups, shape (year,)."""
        return np.asarray(self.k.mean(axis=0))

    @property
    def log_rates(self) -> FloatArray:
        """Fitted log death rates, shape (group, age, year)."""
        common = self.a[..., None] + self.b[:, None] * self.common_k
        return np.asarray(common + self.own_b[..., None] * self.own_k[:, None, :])


@dataclass(frozen=True)
class Reversion:
    """First-order autoregression: next = level + persistence * (now - level) + chance.

    Attributes
    ----------
    level : mean to which the index returns; of no account where persistence is one.
    persistence : share of a distance from the mean that is left after a year; one is a random walk.
    innovation_sd : standard deviation of the yearly chance.
    """

    level: float
    persistence: float
    innovation_sd: float


def fit_li_lee(
    rates: FloatArray, groups: Sequence[object] | None = None, ages: Sequence[object] | None = None
) -> LiLee:
    """Fit a coherent model to death rates of several groups, shape (group, age, year).

    Parameters
    ----------
    rates : ndarray, per person-year, all above zero; cells without deaths belong in
        `forecast.methods.leecarter.fit_poisson`.
    groups, ages : labels for messages.

    Notes
    -----
    Li and Lee (2005), "Coherent mortality forecasts for a group of populations". As the United
    Nations do it, every group is fitted by `fit_un` and b is the mean of their patterns, all groups
    counting alike. The own terms are the first singular pair of what is left.
    """
    axes = axes_of(rates, group=groups, age=ages, year=None)
    rates = check_cells("death rates", rates, axes, SMALLEST_RATE, LARGEST_RATE, "a person-year")
    logs = np.log(rates)
    fits = [fit_un(group, axes["age"]) for group in logs]
    a = np.array([fit.a for fit in fits])
    b = np.mean([fit.b for fit in fits], axis=0)
    k = np.array([fit.k for fit in fits])
    left = logs - a[..., None] - b[:, None] * k.mean(axis=0)
    patterns, sizes, indices = np.linalg.svd(left, full_matrices=False)
    # The sign of a singular pair is arbitrary: a rising index is to mean rising rates.
    sign = np.where(patterns[..., 0].sum(axis=1) < 0, -1.0, 1.0)[:, None]
    own_k = sign * sizes[:, :1] * indices[:, 0, :]
    return LiLee(a, b, k, sign * patterns[..., 0], own_k)


def ultimate_pattern(b: FloatArray, age_lo: Sequence[int]) -> FloatArray:
    """Return the pattern towards which b rotates, shape (age,); it sums to one.

    Below 70 all ages improve alike; from 70 on b keeps its shape, joined on at 65-69. Li, Lee and
    Gerland (2013).

    Parameters
    ----------
    b : ndarray, shape (age,), pattern of change.
    age_lo : first age of each group; ages of 65 to 69 have to be among them.
    """
    check_ages("ages of the pattern", age_lo)
    b = check_cells("pattern b", b, {"age": age_lo})
    ages = np.asarray(age_lo)
    joint = (ages >= 65) & (ages < 70)
    if not joint.any():
        found = said("none at 65-69", "没有65-69岁")
        raise ParamError(Problem("ages of the pattern", found, said("one or more", "至少一个")))
    # Their level below 70, the mean at 15-64, cancels when the sum is made one.
    ultimate = np.where(ages < 70, 1.0, b / b[joint].mean())
    return np.asarray(ultimate / ultimate.sum())


def rotated(b: FloatArray, ultimate: FloatArray, expectancy: FloatArray | float) -> FloatArray:
    """Rotate b towards its ultimate pattern as life expectancy rises, shape (..., age).

    Parameters
    ----------
    b, ultimate : ndarray, shape (age,).
    expectancy : ndarray, shape (...,), years at birth, mean of both sexes.

    Notes
    -----
    Li, Lee and Gerland (2013): a half sine wave from 80 to 102 years, raised to their exponent of
    one half so that the rotation starts fast.
    """
    reached = (np.asarray(expectancy) - ROTATION_STARTS) / (ROTATION_ENDS - ROTATION_STARTS)
    wave = 0.5 * (1 + np.sin(np.pi / 2 * (2 * np.clip(reached, 0.0, 1.0) - 1)))
    weight = np.sqrt(wave)[..., None]
    return np.asarray((1 - weight) * b + weight * ultimate)


def fit_reversion(k: FloatArray, *, walk: bool = False) -> Reversion:
    """Estimate how the own index of a group, shape (year,), returns to its mean.

    Parameters
    ----------
    k : ndarray, shape (year,), four years or more.
    walk : take a random walk without drift instead.

    Notes
    -----
    Least squares of each year on the one before. A persistence of one or more would carry the group
    away from the others for ever, so a random walk is taken instead.
    """
    k = check_cells("own index", k, axes_of(k, year=None))
    if (n_year := k.size) < 4:
        found = said(f"{n_year} years", f"{n_year} 年")
        raise ParamError(Problem("own index", found, said("four or more", "至少四年")))
    before, after = k[:-1] - k[:-1].mean(), k[1:] - k[1:].mean()
    persistence = 1.0 if walk else float(before @ after / (before @ before))
    if persistence >= 1:
        return Reversion(0.0, 1.0, float(np.sqrt(np.mean(np.diff(k) ** 2))))
    level = (k[1:].mean() - persistence * k[:-1].mean()) / (1 - persistence)
    errors = after - persistence * before
    sd = np.sqrt(errors @ errors / (n_year - 3))
    return Reversion(float(level), persistence, float(sd))


def reverting_paths(reversion: Reversion, last: float, deviates: FloatArray) -> FloatArray:
    """Draw changes of an own index since its last year, shape (draw, horizon).

    Parameters
    ----------
    last : index in the base year.
    deviates : ndarray, shape (draw, horizon), standard normal.
    """
    axes = axes_of(deviates, draw=None, year_ahead=None)
    chance = reversion.innovation_sd * check_cells("yearly deviates", deviates, axes)
    changes = np.empty_like(chance)
    now = np.full(len(chance), last - reversion.level)
    for t in range(chance.shape[1]):
        now = reversion.persistence * now + chance[:, t]
        changes[:, t] = now + reversion.level - last
    return changes
