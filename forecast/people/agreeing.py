"""Give draws the registered people and death rates that agree with what is published."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.condition.course import registration_ages, return_ages
from forecast.base.condition.known import Known
from forecast.methods.fertility import fertility_rates
from forecast.methods.oldest import pooled
from forecast.people.engine import Drivers
from params.axes import N_AGE, N_SEX, FloatArray
from params.tables.assumed import ForecastGroup

YEARS_WALKED: Final = 10.0
"""Later registrations and births hold a level: that of a walk over these years, on average."""


@dataclass(frozen=True)
class Agreed:
    """What some draws know of the city's registered people.

    Attributes
    ----------
    oldest : ndarray, shape (draw, sex, age 0..110), the city at the end of the base year.
    survival : ndarray, shape (draw, year, sex, age 0..110), of years after the base up to the cut-off.
    log_error : ndarray, shape (draw, sex, age 0..110), lasting, on the log of death rates.
    k : ndarray, shape (draw,), how far k had walked off its course by the cut-off.
    young, returned : ndarray, shape (draw, year), net registrations up to the cut-off and, last, after it.
    births : ndarray, shape (draw,), in the first year after the cut-off, if women are then as before.
    """

    oldest: FloatArray
    survival: FloatArray
    log_error: FloatArray
    k: FloatArray
    young: FloatArray
    returned: FloatArray
    births: FloatArray

    @property
    def people(self) -> FloatArray:
        """The city at the end of the base year, shape (draw, sex, age 0..100)."""
        return pooled(self.oldest)


def agreed(known: Known, chances: FloatArray | None, later: FloatArray) -> Agreed:
    """Draw the city.

    Parameters
    ----------
    chances : ndarray, shape (draw, n_chance), standard normal numbers; None for the likeliest.
    later : ndarray, shape (draw, 2), standard normal numbers: registrations and births after the cut-off.
    """
    past, at = known.draw(chances), known.base_index
    spreads, scale = known.unknowns.spreads, known.expected.scale
    walked = np.sqrt(YEARS_WALKED / 3)
    off = spreads.registrations_walk * walked * scale * later[:, :1]
    last = slice(known.unknowns.n_year - 1, None)
    births = past.births[:, -1] * np.exp(spreads.births_walk * walked * later[:, 1])
    return Agreed(
        oldest=known.at_base(past),
        survival=past.survival[:, at:],
        log_error=past.lasting,
        k=past.k,
        young=np.concatenate([past.young[:, at:], past.young[:, last] + off], axis=1),
        returned=np.concatenate([past.returned[:, at:], past.returned[:, last]], axis=1),
        births=births,
    )


def registrations(
    found: Agreed, districts: FloatArray, n_year: int
) -> tuple[FloatArray, FloatArray]:
    """Spread net registrations over districts, sexes and ages.

    Parameters
    ----------
    districts : ndarray, shape (district,), share of each in the city's.

    Returns
    -------
    Gains, shape (draw, year or 1, district, sex, age), persons; one entry where all years are alike.
    Losses, shape (draw, sex, age), a rate.
    """
    young, returned = (np.maximum(a, 0.0) for a in (found.young, found.returned))
    n = min(n_year, young.shape[1])
    if young.shape[1] > 1:
        n = n_year
        held = np.minimum(np.arange(n), young.shape[1] - 1)
        young, returned = young[:, held], returned[:, held]
    at_young, at_return = (a[:N_AGE] / N_SEX for a in (registration_ages(), return_ages()))
    by_age = young[:, :n, None] * at_young + returned[:, :n, None] * at_return
    shape = (len(young), n, len(districts), N_SEX, N_AGE)
    gains = np.broadcast_to(by_age[:, :, None, None] * districts[:, None, None], shape)
    lost = np.minimum(found.returned[:, -1], 0.0)[:, None, None] * at_return
    return gains, lost / np.maximum(found.people, 1.0)


def with_registered(
    drivers: Drivers,
    base: Base,
    found: Agreed,
    basis: int,
    n_year: int,
    at_values: ForecastGroup[FloatArray],
) -> Drivers:
    """Let the registered be born and registered as the figures say.

    Parameters
    ----------
    basis : index of the registered among the bases.
    at_values : the assumptions' values, arrays of shape (1,).
    """
    gains, losses = registrations(found, shares_of_registrations(base, basis), n_year)
    n_draw, n, n_basis = len(gains), gains.shape[1], len(base.moves)
    counts = np.empty((n_draw, n, n_basis, *gains.shape[2:]))
    counts[:] = drivers.external_count
    counts[:, :, basis] = gains
    rate = np.array(np.broadcast_to(drivers.external_rate, drivers.base.shape))
    rate[:, basis] = losses[:, None]
    fertility = np.repeat(drivers.fertility[:, :, None], n_basis, axis=2)
    expected = fertility_rates(
        float(at_values.total_fertility[0]), float(at_values.fertility_mean_age[0])
    )
    # A fertility of their own; what is assumed of fertility, and drawn, moves it in proportion.
    women = found.people[:, 1]
    fertility[:, :, basis] *= (found.births / (women @ expected))[:, None, None]
    return replace(drivers, external_count=counts, external_rate=rate, fertility=fertility)


def shares_of_registrations(base: Base, basis: int) -> FloatArray:
    """Return how net registrations of the base fall on districts, shape (district,)."""
    gains = base.external_count[basis].sum(axis=(1, 2))
    if gains.sum() <= 0:
        gains = base.people[basis].sum(axis=(1, 2))
    return np.asarray(gains / gains.sum())
