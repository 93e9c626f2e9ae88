"""Close death rates at old ages, where deaths are few and the last group is open.

Kannisto's law, a logistic curve that never passes 1, is fitted to the last well-known ages and read
off above them. Where it cannot be fitted, or would let rates fall with age, a simpler law takes its
place, and the result says which one and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.optimize import minimize

from forecast.methods.checks import check_ages, check_hazards, check_people
from params.axes import OPEN_AGE, FloatArray, IntArray
from params.errors import ParamError, Problem, span
from params.language import said

LawName = Literal["kannisto", "gompertz", "gompertz_fixed_slope"]

ORIGIN: Final = 80
"""Age at which a law's level is told; it only keeps the numbers small."""
LAST_AGE: Final = 130
LEAST_AGES: Final = 5
"""Ages with deaths that Kannisto's law needs; with fewer, two numbers fit whatever noise there is."""
FIXED_SLOPE: Final = 0.10
"""Growth of log rates a year when the data give none: that of low-mortality countries at 80-100
(Horiuchi and Wilmoth, "Deceleration in the age pattern of mortality at older ages", 1998)."""
FLATTEST: Final = 0.02
STEEPEST: Final = 0.30
"""Slopes outside these double rates in 35 years or in 2.3, which no population shows at 80+; nearly
equal rates give the one, a few noisy ages the other."""
HIGHEST_RATE: Final = 10.0
"""Gompertz's law would run on for ever; a year at this rate leaves nobody."""
N_FIT_STEPS: Final = 500


@dataclass(frozen=True)
class OldAgeLaw:
    """Law of death rates at old ages.

    Attributes
    ----------
    law : the law that is used.
    level : logit (Kannisto) or log (Gompertz) of the rate of age 80.
    slope : its growth a year of age.
    reason : why the laws before it in order were passed over; empty for Kannisto's.
    """

    law: LawName
    level: float
    slope: float
    reason: str

    def rates(self, ages: IntArray) -> FloatArray:
        """Return death rates of single ages, per person-year, same shape as `ages`."""
        heights = self.level + self.slope * (ages.astype(np.float64) - ORIGIN)
        if self.law == "kannisto":
            return _logistic(heights)
        return np.minimum(np.exp(heights), HIGHEST_RATE)


def fit_old_ages(
    ages: IntArray, rates: FloatArray, exposure: FloatArray | None = None
) -> OldAgeLaw:
    """Fit Kannisto's law to single ages such as 80-99, or the nearest law that will do.

    Parameters
    ----------
    ages : ndarray, shape (age,), single ages, rising.
    rates : ndarray, shape (age,), per person-year; ages without deaths have rate 0.
    exposure : ndarray, shape (age,), person-years. With it deaths are taken as Poisson and every age
        counts by its deaths. Without it the law is a line of least squares through the logits
        (Gompertz: logs) of the rates above 0.

    Returns
    -------
    OldAgeLaw
        In order: Kannisto; Gompertz, if Kannisto's fit fails, has under five ages with deaths, a
        rate of 1 or more without exposure, or a slope outside 0.02 to 0.3; Gompertz with a slope of
        0.1 that meets all deaths together (without exposure, the sum of rates), if that fails too.

    Raises
    ------
    ParamError
        If an age or a rate is bad, or nobody dies at any of the ages.

    Notes
    -----
    Thatcher, Kannisto and Vaupel, *The Force of Mortality at Ages 80 to 120* (1998).
    """
    name = "death rates at old ages"
    ages = np.asarray(ages).astype(np.int64)
    check_ages(name, ages, int(ages[0]) if ages.size else 0)
    labels = {"age": ages.tolist()}
    rates = check_hazards(name, rates, labels)
    if exposure is not None:
        exposure = check_people("exposure at old ages", exposure, labels)
    weights = np.ones_like(rates) if exposure is None else exposure
    if not (rates * weights).any():
        found = said(f"no deaths at ages {ages[0]}-{ages[-1]}", f"{ages[0]}-{ages[-1]} 岁没有死亡")
        allowed = said("deaths at one age or more", "至少一个年龄有死亡")
        raise ParamError(Problem(name, found, allowed, said("widen the ages", "请放宽年龄")))
    steps = ages.astype(np.float64) - ORIGIN
    reasons: list[str] = []
    laws: tuple[Literal["kannisto", "gompertz"], ...] = ("kannisto", "gompertz")
    for law in laws:
        level, slope, reason = _try(law, steps, rates, exposure)
        if not reason:
            return OldAgeLaw(law, level, slope, "; ".join(reasons))
        reasons.append(f"{law}: {reason}")
    level = float(np.log((rates * weights).sum() / (np.exp(FIXED_SLOPE * steps) * weights).sum()))
    return OldAgeLaw("gompertz_fixed_slope", level, FIXED_SLOPE, "; ".join(reasons))


def extend_rates(
    rates: FloatArray, law: OldAgeLaw, from_age: int = OPEN_AGE, last_age: int = LAST_AGE
) -> FloatArray:
    """Replace rates from an age on by a law, up to the last age anybody reaches.

    Parameters
    ----------
    rates : ndarray, shape (age,), single ages from 0, per person-year.

    Returns
    -------
    ndarray, shape (last_age + 1,)
    """
    if not 0 < from_age <= min(np.size(rates), last_age):
        most = min(np.size(rates), last_age)
        allowed = said(
            f"1 to {most}, the ages that have a rate before them", f"1 至 {most}，其前须有死亡率"
        )
        raise ParamError(Problem("age to extend from", str(from_age), allowed))
    return np.append(rates[:from_age], law.rates(np.arange(from_age, last_age + 1)))


def open_age_rate(rates: FloatArray, open_age: int = OPEN_AGE) -> float:
    """Return the rate of an open age from the single ages in it: deaths over years lived in it.

    Those who reach `open_age` are followed to the end, so that an age counts by how many live in it.

    Parameters
    ----------
    rates : ndarray, shape (age,), single ages from 0, per person-year; the last is open.
    """
    check_hazards("extended death rates", rates, {"age": range(np.size(rates))})
    if not 0 <= open_age < np.size(rates):
        raise ParamError(Problem("open age", str(open_age), span(0, np.size(rates) - 1)))
    old = np.asarray(rates, dtype=np.float64)[open_age:]
    if (old == 0).any():
        age = open_age + int(np.argmin(old))
        allowed = said("above 0", "大于0")
        raise ParamError(Problem(f"extended death rates [age {age}]", "0", allowed))
    # a_x = 1/2 as in `life_table`; years are deaths over the rate, so that rates above 2 hold too.
    dying = np.minimum(old / (1 + 0.5 * old), 1.0)
    dying[-1] = 1.0
    survivors = np.append(1.0, np.cumprod(1 - dying[:-1]))
    return float(1 / (survivors * dying / old).sum())


def _try(
    law: Literal["kannisto", "gompertz"],
    steps: FloatArray,
    rates: FloatArray,
    exposure: FloatArray | None,
) -> tuple[float, float, str]:
    """Return level, slope and what is wrong with the fit, empty if nothing is."""
    kannisto = law == "kannisto"
    told = rates > 0 if exposure is None else (rates > 0) & (exposure > 0)
    least = LEAST_AGES if kannisto else 2
    if told.sum() < least:
        return 0.0, 0.0, f"{told.sum()} ages with deaths, {least} needed"
    if kannisto and exposure is None and rates.max() >= 1:
        return 0.0, 0.0, f"a rate of {rates.max():.3g}, 1 or more"
    # Small enough a rate has a logit; one noisy rate above 1 must not spoil the start of a fit.
    known = np.minimum(rates[told], 0.999) if kannisto else rates[told]
    heights = np.log(known / (1 - known)) if kannisto else np.log(known)
    slope, level = np.polyfit(steps[told], heights, 1)
    if exposure is not None:
        curve = _logistic if kannisto else np.exp
        level, slope = _likeliest(
            curve, kannisto, steps, rates * exposure, exposure, (level, slope)
        )
    if not np.isfinite([level, slope]).all():
        return 0.0, 0.0, "the fit does not settle"
    if slope < FLATTEST:
        return 0.0, 0.0, f"rates that hardly rise with age (slope {slope:.3g}, least {FLATTEST})"
    if slope > STEEPEST:
        return 0.0, 0.0, f"rates that rise too fast (slope {slope:.3g}, most {STEEPEST})"
    return float(level), float(slope), ""


def _likeliest(
    curve: Callable[[FloatArray], FloatArray],
    bounded: bool,
    steps: FloatArray,
    deaths: FloatArray,
    exposure: FloatArray,
    start: tuple[float, float],
) -> tuple[float, float]:
    """Return the level and slope most likely with Poisson deaths; NaN if the search fails."""
    middle = (deaths * steps).sum() / deaths.sum()

    # Steps from the mean age of death, in tens: level and slope then hardly depend on each other.
    tens = (steps - middle) / 10

    def miss(theta: FloatArray) -> tuple[float, FloatArray]:
        rates = curve(np.clip(theta[0] + theta[1] * tens, -50.0, 50.0))
        pull = (exposure * rates - deaths) * ((1 - rates) if bounded else 1.0)
        loss = (exposure * rates - deaths * np.log(rates)).sum() / deaths.sum()
        return float(loss), np.array([pull.sum(), (pull * tens).sum()]) / deaths.sum()

    begin = np.array([start[0] + start[1] * middle, 10 * start[1]])
    found = minimize(
        miss, begin, jac=True, method="BFGS", options={"maxiter": N_FIT_STEPS, "gtol": 1e-9}
    )
    if not np.abs(found.jac).max() < 1e-5:
        return np.nan, np.nan
    slope = found.x[1] / 10
    return float(found.x[0] - slope * middle), float(slope)


def _logistic(heights: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-heights)))
