"""Fit Lee-Carter models: log m(x, t) = a(x) + b(x) k(t), with sum b = 1 and sum k = 0.

`fit_poisson` is for counts, so an age without deaths in some year is no trouble. `fit_un` is what
the United Nations do to tables of rates that are given, not counted. `forecast.methods.rates_ahead`
carries a fit into the future, `forecast.methods.lilee` ties several groups together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaln, xlogy

from forecast.methods.checks import Axes, check_cells, check_people
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said

MAX_STEPS: Final = 200
MAX_HALVINGS: Final = 30
FARTHEST: Final = 50.0
LARGEST_LOG_RATE: Final = 2.5
"""A death rate above 12 a person-year is a mistake in the data."""


@dataclass(frozen=True)
class LeeCarter:
    """Level, pattern and pace of the death rates of one group.

    Attributes
    ----------
    a : shape (age,), log death rate at k = 0, that is, its level over the years fitted.
    b : shape (age,), change of the log rate for one unit of k; sums to one.
    k : shape (year,), index of mortality; sums to zero.
    """

    a: FloatArray
    b: FloatArray
    k: FloatArray

    @property
    def log_rates(self) -> FloatArray:
        """Fitted log death rates, shape (age, year)."""
        return self.a[:, None] + self.b[:, None] * self.k


@dataclass(frozen=True)
class PoissonFit(LeeCarter):
    """A Lee-Carter model fitted to counts, and how well it fits.

    Attributes
    ----------
    deviance, log_likelihood : over the cells with exposure, at the last step.
    n_steps : steps of Fisher scoring taken.
    converged : False if the fitted log rates never stood still: deaths are too few for this model.
    """

    deviance: float
    log_likelihood: float
    n_steps: int
    converged: bool


def axes_of(values: FloatArray, **labels: Sequence[object] | None) -> Axes:
    """Return labels of the axes of an array for messages: those given, or else positions."""
    sizes = (*np.shape(values), *([0] * len(labels)))
    return {
        axis: range(size) if given is None else given
        for (axis, given), size in zip(labels.items(), sizes, strict=False)
    }


def fit_un(
    log_rates: FloatArray,
    ages: Sequence[object] | None = None,
    years: Sequence[object] | None = None,
) -> LeeCarter:
    """Fit the United Nations' variant to log death rates, shape (age, year).

    Notes
    -----
    k is the sum over ages of the centred log rates, b its regression coefficient at each age; not
    the singular vectors of Lee and Carter (1992). Sevcikova, Li, Kantorova, Gerland and Raftery
    (2016), "Age-specific mortality and fertility rates for probabilistic population projections".
    """
    axes = axes_of(log_rates, age=ages, year=years)
    log_rates = check_cells("log death rates", log_rates, axes, high=LARGEST_LOG_RATE)
    a = log_rates.mean(axis=1)
    centred = log_rates - a[:, None]
    k = centred.sum(axis=0)
    if np.abs(k).max() <= 1e-9 * a.size:
        raise ParamError(
            Problem(
                "log death rates",
                said("no change over the years", "各年无变化"),
                said("rates that change", "有变化的死亡率"),
            )
        )
    return LeeCarter(a, centred @ k / (k @ k), k)


def fit_poisson(
    deaths: FloatArray,
    exposure: FloatArray,
    ages: Sequence[object] | None = None,
    years: Sequence[object] | None = None,
    tolerance: float = 1e-9,
) -> PoissonFit:
    """Fit a Lee-Carter model to deaths as Poisson counts, by maximum likelihood.

    Parameters
    ----------
    deaths : ndarray, shape (age, year), persons; cells may be zero, whole ages or years may not.
    exposure : ndarray, shape (age, year), person-years; a cell of zero is left out of the fit.
    ages, years : labels for messages.
    tolerance : largest change of a fitted log rate at which the fit is taken to stand still.

    Raises
    ------
    ParamError
        Naming cells that are not counts, deaths without exposure, and ages and years without any
        death: their level would be minus infinity.

    Notes
    -----
    Brouhns, Denuit and Vermunt (2002), "A Poisson log-bilinear regression approach to the
    construction of projected lifetables". They improve a, b and k in turn; here Fisher scoring
    moves all at once, since each is strongly tied to the others.
    """
    axes = axes_of(deaths, age=ages, year=years)
    deaths, exposure = _checked_counts(deaths, exposure, axes)
    model = _first_guess(deaths, exposure)
    converged = False
    n_steps = 0
    while not converged and n_steps < MAX_STEPS:
        moved = _step(model, deaths, exposure)
        if moved is None:
            break
        change = np.abs(moved.log_rates - model.log_rates)[exposure > 0].max()
        converged = bool(change < tolerance)
        model = moved
        n_steps += 1
    expected = _expected(model, exposure)
    likelihood = float((xlogy(deaths, expected) - expected - gammaln(deaths + 1)).sum())
    deviance = _deviance(deaths, expected)
    return PoissonFit(model.a, model.b, model.k, deviance, likelihood, n_steps, converged)


def _checked_counts(
    deaths: FloatArray, exposure: FloatArray, axes: Axes
) -> tuple[FloatArray, FloatArray]:
    """Return counts as floats, or name everything that makes the likelihood unbounded."""
    deaths = check_people("deaths", deaths, axes)
    exposure = check_people("exposure", exposure, axes)
    unexposed = np.where(exposure > 0, 0.0, deaths)
    check_cells("deaths where nobody was exposed", unexposed, axes, 0.0, 0.0, "persons")
    problems = [
        Problem(
            f"deaths [{axis} {labels[int(i)]}]",
            said("none at all", "没有死亡"),
            said("one or more", "至少一人"),
            said("leave it out", "请删去此行列"),
        )
        for (axis, labels), other in zip(axes.items(), (1, 0), strict=True)
        for i in np.flatnonzero(deaths.sum(axis=other) == 0)
    ]
    if min(deaths.shape) < 2:
        problems.append(
            Problem(
                "deaths",
                said(f"shape {deaths.shape}", f"形状 {deaths.shape}"),
                said("two ages and two years or more", "至少两个年龄和两个年份"),
            )
        )
    if problems:
        raise ParamError(problems)
    return deaths, exposure


def _check_change(name: str, k: FloatArray) -> None:
    """Refuse a table without any trend: it has no pattern of change."""
    if np.abs(k).max() <= 1e-9 * k.size:
        found = said("no change over the years", "各年无变化")
        raise ParamError(Problem(name, found, said("rates that change", "有变化的死亡率")))


def _first_guess(deaths: FloatArray, exposure: FloatArray) -> LeeCarter:
    """Return mean rates by age and a k that gets the deaths of every year right."""
    a = np.log(deaths.sum(axis=1) / exposure.sum(axis=1))
    expected = (exposure * np.exp(a)[:, None]).sum(axis=0)
    k = a.size * np.log(deaths.sum(axis=0) / expected)
    _check_change("deaths over exposure", k)
    return _normalised(LeeCarter(a, np.full(a.size, 1 / a.size), k))


def _normalised(model: LeeCarter) -> LeeCarter:
    """Return the same rates with sum b = 1 and sum k = 0."""
    total, mean = model.b.sum(), model.k.mean()
    return LeeCarter(model.a + model.b * mean, model.b / total, (model.k - mean) * total)


def _expected(model: LeeCarter, exposure: FloatArray) -> FloatArray:
    """Return the deaths a model expects; a step too far is bad, and halved, but never overflows."""
    return np.asarray(exposure * np.exp(np.clip(model.log_rates, -FARTHEST, FARTHEST)))


def _deviance(deaths: FloatArray, expected: FloatArray) -> float:
    """Return the Poisson deviance; cells without exposure add nothing."""
    ratio = np.divide(deaths, expected, out=np.ones_like(deaths), where=expected > 0)
    return float(2 * (xlogy(deaths, ratio) - (deaths - expected)).sum())


def _step(model: LeeCarter, deaths: FloatArray, exposure: FloatArray) -> LeeCarter | None:
    """Take one scoring step, halved until the deviance does not rise; none if no step helps."""
    expected = _expected(model, exposure)
    try:
        da, db, dk = _direction(model, deaths, expected)
    except np.linalg.LinAlgError:
        # So few deaths that the likelihood has no maximum: rates of single cells run to zero.
        return None
    # Near the maximum the deviance changes by less than the rounding of its own sum.
    limit = _deviance(deaths, expected) * (1 + 1e-13) + 1e-15 * deaths.sum()
    share = 1.0
    for _ in range(MAX_HALVINGS):
        moved = LeeCarter(model.a + share * da, model.b + share * db, model.k + share * dk)
        if _deviance(deaths, _expected(moved, exposure)) <= limit:
            return _normalised(moved)
        share /= 2
    return None


def _direction(
    model: LeeCarter, deaths: FloatArray, expected: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Solve the scoring equations: a and b age by age, k from what is left of them.

    The information is a 2 x 2 block for each age and a diagonal for k; eliminating the blocks leaves
    one small system in k. Shifting or stretching k changes no rate, so the system is singular in the
    directions 1 and k: adding their outer products keeps the step at right angles to both.
    """
    b, k, residual = model.b[:, None], model.k, deaths - expected
    block = np.empty((b.size, 2, 2))
    block[:, 0, 0] = expected.sum(axis=1)
    block[:, 0, 1] = block[:, 1, 0] = expected @ k
    # An age with exposure in one year only says nothing about b; the last term leaves it at rest.
    block[:, 1, 1] = expected @ k**2 + 1e-12 * block[:, 0, 0]
    inverse = np.linalg.inv(block)
    across = np.stack([expected * b, expected * b * k], axis=1)
    gradient = np.stack([residual.sum(axis=1), residual @ k], axis=1)
    weighted = inverse @ across
    n_year = k.size
    left = np.diag((expected * b**2).sum(axis=0))
    left -= across.reshape(-1, n_year).T @ weighted.reshape(-1, n_year)
    size = np.trace(left)
    left += size * (np.outer(k, k) / (k @ k + 1e-300) + 1 / n_year)
    right = (residual * b).sum(axis=0) - np.einsum("ait,ai->t", weighted, gradient)
    dk = np.linalg.solve(left, right)
    dab = np.einsum("aij,aj->ai", inverse, gradient) - weighted @ dk
    return dab[:, 0], dab[:, 1], dk
