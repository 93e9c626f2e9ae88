"""Healthy, ill, dead: incidence from prevalence, years in each state, and prevalence ahead.

"Ill" stands for what the caller means: need of care, disability, dementia. Whoever knows one curve
of prevalence, a rate of recovery, a mortality ratio and the life table knows the incidence; carrying
cohorts forward with these rates must give the prevalence back. Prevalence is never shifted by
itself: if incidence falls, those who fell ill before still live with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from forecast.methods.checks import check_cells
from forecast.methods.multistate import occupancy, transition_probabilities
from params.axes import FloatArray
from params.language import said

MOST = 20.0
"""Largest yearly rate accepted."""
BELOW_ONE = 1 - 1e-9
"""Largest prevalence accepted: where everyone is ill, incidence has nobody to fall on."""
AXES = ("draw", "year", "district", "sex", "age")
"""Names of the last axes of an array, for messages."""
N_STEP = 40
"""Steps of the search for a year's incidence; four or five are the rule."""
CLOSE = 1e-13
"""Miss of the prevalence at which that search ends."""
TINY = 1e-30
"""Imaginary step: a derivative by it loses no digits, since nothing is subtracted."""
HEALTHY, ILL, DEAD = range(3)
ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True)
class IllnessRates:
    """Yearly rates of the illness-death model; every array has shape (..., age).

    Attributes
    ----------
    incidence, recovery : from healthy to ill, and back.
    death_healthy, death_ill : rates of dying in each state.
    """

    incidence: FloatArray
    recovery: FloatArray
    death_healthy: FloatArray
    death_ill: FloatArray

    @property
    def generator(self) -> FloatArray:
        """Generator over (healthy, ill, dead), shape (..., age, 3, 3)."""
        alive = _alive(self.incidence, self.recovery, self.death_healthy, self.death_ill).real
        matrix = np.zeros((*alive.shape[:-2], 3, 3))
        matrix[..., :DEAD, :DEAD] = alive
        matrix[..., HEALTHY, DEAD] = self.death_healthy
        matrix[..., ILL, DEAD] = self.death_ill
        return matrix


@dataclass(frozen=True)
class StateYears:
    """Years expected from the first age to the end of the last, by state at the start.

    Attributes
    ----------
    healthy, ill : ndarray, shape (..., 2), years in the state; starting healthy and starting ill.
    alive : ndarray, shape (..., 2), share that is alive at the end.
    """

    healthy: FloatArray
    ill: FloatArray
    alive: FloatArray


def check_by_age(
    name: str, values: FloatArray, shape: tuple[int, ...], high: float = MOST
) -> FloatArray:
    """Return rates or shares as floats of a shape (..., age), finite and in [0, high].

    Raises
    ------
    ParamError
        Naming the first bad cells.
    """
    # An array of draws, years, districts, sexes and ages may lack any of the first axes.
    labels = dict(zip(AXES[len(AXES) - len(shape) :], map(range, shape), strict=True))
    return check_cells(name, np.broadcast_to(values, shape), labels, 0.0, high)


def check_illness(rates: IllnessRates) -> IllnessRates:
    """Return the rates if all of them are finite and 0 or more, and their shapes agree.

    Raises
    ------
    ParamError
        Naming the array and its first bad cells.
    """
    arrays = (rates.incidence, rates.recovery, rates.death_healthy, rates.death_ill)
    shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
    names = ("incidence", "recovery", "death_healthy", "death_ill")
    return IllnessRates(*(check_by_age(n, a, shape) for n, a in zip(names, arrays, strict=True)))


def state_mortality(
    mortality: FloatArray, prevalence: FloatArray, ratio: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Split the life table's deaths between the healthy and the ill so that they average to it.

    Parameters
    ----------
    mortality : ndarray, death rates of all, a person-year.
    prevalence : ndarray, same shape, share in [0, 1] that is ill at the same age.
    ratio : ndarray, same shape, death rate of the ill over that of the healthy.

    Returns
    -------
    death_healthy, death_ill : ndarray, same shape: m / (1 + p (RR - 1)), and RR times that.
    """
    shape = np.shape(mortality)
    p = check_by_age("prevalence", prevalence, shape, 1.0)
    ratio = check_by_age("mortality ratio", ratio, shape, np.inf)
    healthy = check_by_age("mortality", mortality, shape) / (1 - p + p * ratio)
    return np.asarray(healthy), np.asarray(ratio * healthy)


def incidence_identity(
    prevalence: FloatArray,
    slope: FloatArray,
    recovery: FloatArray,
    death_healthy: FloatArray,
    death_ill: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the incidence at points of age that a curve of prevalence implies.

    Parameters
    ----------
    prevalence : ndarray, shape (..., age), share in [0, 1), by exact age.
    slope : ndarray, same shape, its derivative by age along a cohort, a year.
    recovery, death_healthy, death_ill : ndarray, same shape, rates a person-year.

    Returns
    -------
    incidence : ndarray, same shape, a healthy person-year; not below zero.
    clipped : ndarray, same shape, what was added to lift negative ones to zero.

    Notes
    -----
    i = [p' + r p + p (1 - p) (m1 - m0)] / (1 - p): Brunet and Struchiner, "A non-parametric method
    for the reconstruction of age- and time-dependent incidence from the prevalence data of
    irreversible diseases with differential mortality" (1999), with recovery added.
    """
    shape = np.shape(prevalence)
    p = check_by_age("prevalence", prevalence, shape, BELOW_ONE)
    rates = check_illness(IllnessRates(np.zeros(shape), recovery, death_healthy, death_ill))
    excess = rates.death_ill - rates.death_healthy
    incidence = (slope + rates.recovery * p + p * (1 - p) * excess) / (1 - p)
    return np.maximum(incidence, 0.0), np.maximum(-incidence, 0.0)


def incidence_between(
    start: FloatArray,
    end: FloatArray,
    recovery: FloatArray,
    death_healthy: FloatArray,
    death_ill: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the constant incidence that leads each cohort from one prevalence to the next.

    The identity holds at a point of age; over a whole year its middle misses by up to some percent
    at the ages where prevalence doubles in six years. Here the year is solved, so that carrying
    forward with `prevalence_after` returns `end` exactly.

    Parameters
    ----------
    start, end : ndarray, shape (..., age), share ill at the start and the end of a year, in [0, 1).
    recovery, death_healthy, death_ill : ndarray, same shape, rates of that year.

    Returns
    -------
    incidence, clipped : ndarray, same shape; see `incidence_identity`.
    """
    shape = np.shape(end)
    start = check_by_age("prevalence at the start", start, shape, BELOW_ONE)
    end = check_by_age("prevalence at the end", end, shape, BELOW_ONE)
    incidence, clipped = np.zeros_like(end), np.zeros_like(end)
    rates = check_illness(IllnessRates(incidence, recovery, death_healthy, death_ill))
    for step in range(N_STEP):
        # The prevalence after the year and, in the imaginary part, its derivative by the incidence.
        trial = np.asarray(incidence + 1j * TINY, dtype=np.complex128)
        found = _after(start, trial, rates.recovery, rates.death_healthy, rates.death_ill)
        change = (end - found.real) * TINY / found.imag
        # Newton's steps rise from zero to the root; only the first can ask for less than nothing.
        if step == 0:
            clipped = np.maximum(-change, 0.0)
        left = (clipped == 0) & (np.abs(found.real - end) > CLOSE)
        if not left.any() or (incidence > MOST).any():
            break
        incidence = np.where(left, np.maximum(incidence + change, 0.0), incidence)
    if (missed := left | (incidence > MOST)).any():
        cell = tuple(np.argwhere(missed)[0])
        ends = f"{start[cell]:g}", f"{end[cell]:g}"
        msg = said(
            f"prevalence {ends[0]} to {ends[1]} in a year: no incidence to {MOST:g} does",
            f"患病率一年内由 {ends[0]} 到 {ends[1]}：不超过 {MOST:g} 的发生率都做不到",
        )
        raise ValueError(msg)
    return incidence, clipped


def prevalence_after(prevalence: FloatArray, rates: IllnessRates) -> FloatArray:
    """Carry a prevalence forward by one year of constant rates, among those who stay alive.

    Parameters
    ----------
    prevalence : ndarray, shape (..., age), share ill at the start of the year.
    rates : IllnessRates of that year, shape (..., age).

    Returns
    -------
    ndarray, shape (..., age), share ill a year later of the same people.
    """
    rates = check_illness(rates)
    share = check_by_age("prevalence", prevalence, np.shape(prevalence), 1.0)
    dying = (rates.death_healthy, rates.death_ill)
    return np.asarray(_after(share, rates.incidence, rates.recovery, *dying).real)


def expected_years(rates: IllnessRates) -> StateYears:
    """Return the years lived healthy and ill from the first age to the end of the last.

    Parameters
    ----------
    rates : IllnessRates, shape (..., age), single ages, constant inside each.

    Notes
    -----
    One matrix exponential for each age; nothing is approximated inside the year.
    """
    generator = check_illness(rates).generator
    survive = transition_probabilities(generator, 1.0)
    lived = occupancy(generator, 1.0)
    where = np.broadcast_to(np.eye(3)[:DEAD], (*generator.shape[:-3], 2, 3))
    years = np.zeros(where.shape)
    for a in range(generator.shape[-3]):
        years += where @ lived[..., a, :, :]
        where = where @ survive[..., a, :, :]
    return StateYears(years[..., HEALTHY], years[..., ILL], where[..., :DEAD].sum(axis=-1))


def _after(
    prevalence: FloatArray,
    incidence: FloatArray | ComplexArray,
    recovery: FloatArray,
    death_healthy: FloatArray,
    death_ill: FloatArray,
) -> ComplexArray:
    """Return the prevalence a year later; an imaginary incidence carries a derivative through."""
    alive = expm(_alive(incidence, recovery, death_healthy, death_ill))
    people = np.stack([1 - prevalence, prevalence], axis=-1)
    end = (people[..., None, :] @ alive)[..., 0, :]
    return np.asarray(end[..., ILL] / end.sum(axis=-1))


def _alive(
    incidence: FloatArray | ComplexArray,
    recovery: FloatArray,
    death_healthy: FloatArray,
    death_ill: FloatArray,
) -> ComplexArray:
    """Return the generator between the states of the living, shape (..., 2, 2)."""
    healthy = np.stack(np.broadcast_arrays(-(incidence + death_healthy), incidence), axis=-1)
    ill = np.stack(np.broadcast_arrays(recovery, -(recovery + np.asarray(death_ill))), axis=-1)
    return np.asarray(np.stack(np.broadcast_arrays(healthy, ill), axis=-2))
