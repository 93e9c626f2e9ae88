"""Build the registered population (户籍) by district, sex and single age. Status: derived.

Published are district age bands at the ends of 2012 and 2017, and city figures by sex at the end of
2020. The bands of 2012 are spread along the district's residents less those from outside Shanghai;
their survivors and the registrations since then carry the shape inside the bands of 2017; those in turn
are moved to 2020 and fitted to the city's bands by sex. Every published band comes out at its own date.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from forecast.base.migration import observed_registration, registrations
from forecast.base.mortality import Mortality
from forecast.methods.graduate import one_year_on, ungroup
from forecast.methods.ipf import Margin, fit_margins
from params.axes import ELDER_AGE, N_AGE, N_SEX, FloatArray
from params.inputs import Inputs
from params.tables.people import REGISTERED_BANDS

CITY_BANDS: Final = (0, 60, 65, 70, 80, 100)
"""First ages of the bands published for the city by sex, and everybody younger."""
N_SMOOTHING: Final = 30


@dataclass(frozen=True)
class RegisteredBase:
    """Registered people of the base, and how their registration moves.

    Attributes
    ----------
    people : ndarray, shape (district, sex, age).
    internal : ndarray, shape (district, sex, age), yearly net rate inside the city, as between the bands.
    gain : ndarray, shape (district, sex, age), net registrations from outside, persons a year.
    in_last : ndarray, shape (district, sex, age); every band of its year exact.
    """

    people: FloatArray
    internal: FloatArray
    gain: FloatArray
    in_last: FloatArray


def registered_base(
    inputs: Inputs, mortality: Mortality, residents_then: FloatArray
) -> RegisteredBase:
    """Build the registered people of the base.

    Parameters
    ----------
    mortality : of the base year; other years follow their own life expectancy.
    residents_then : ndarray, shape (district, sex, age), residents when the first bands were counted.
    """
    tables, base_year = inputs.registered, inputs.city.base_year
    first, last = inputs.city.census_years.registered
    gain = registrations(np.mean(list(tables.gain.values()), axis=0))
    aged = registered_then(inputs, residents_then)
    for year in range(first, last):
        aged = one_year_on(aged, survival_in(inputs, mortality, year + 1)) + gain
    internal = observed_registration(aged, tables.bands[last], last - first)
    in_last = _spread(tables.bands[last], aged)
    people = in_last
    for year in range(last, base_year):
        people = one_year_on(people, survival_in(inputs, mortality, year + 1)) + gain
        people = people * np.exp(internal)
    return RegisteredBase(fit_city(people, city_bands(inputs)), internal, gain, in_last)


def registered_then(inputs: Inputs, residents: FloatArray) -> FloatArray:
    """Return registered people of the first bands' year, shape (district, sex, age); bands exact.

    Parameters
    ----------
    residents : ndarray, shape (district, sex, age), residents at the end of that year.

    Notes
    -----
    Residents less registered people of the city, by band, are those from outside (and, fewer, the
    registered who live elsewhere). Inside the bands their number is taken to change by a constant
    rate between mid-ages: a ratio of residents to registered that is smooth over ages would put far
    too many migrants among those of 55-59.
    """
    bands = inputs.registered.bands[inputs.city.census_years.registered[0]]
    city = residents.sum(axis=(0, 1))
    local_share = 1 - outsiders(city, bands.sum(axis=0)) / city
    return _spread(bands, residents * local_share)


def outsiders(residents: FloatArray, registered_bands: FloatArray) -> FloatArray:
    """Return residents less registered people by single age, shape (age,); bands exact.

    Parameters
    ----------
    residents : ndarray, shape (age,).
    registered_bands : ndarray, shape (band,).
    """
    bounds = np.append(REGISTERED_BANDS, N_AGE)
    surplus = np.add.reduceat(residents, REGISTERED_BANDS) - registered_bands
    middle = (bounds[:-1] + bounds[1:] - 1) / 2
    log_density = np.log(np.maximum(surplus / np.diff(bounds), 1.0))
    ages = np.arange(N_AGE)
    for _ in range(N_SMOOTHING):
        density = np.exp(np.interp(ages, middle, log_density))
        log_density += np.log(np.maximum(surplus, 1.0) / np.add.reduceat(density, REGISTERED_BANDS))
    group_of = np.searchsorted(bounds, ages, side="right") - 1
    return np.asarray(density * (surplus / np.add.reduceat(density, REGISTERED_BANDS))[group_of])


def _spread(bands: FloatArray, pattern: FloatArray) -> FloatArray:
    """Spread district bands of both sexes over single ages and sexes of a pattern."""
    starts = np.array(REGISTERED_BANDS)
    both = ungroup(bands, starts, pattern.sum(axis=1))
    male = pattern[:, 0] / pattern.sum(axis=1)
    # Below 60 the residents' sex ratio is that of migrants; the registered are near even.
    male[:, :ELDER_AGE] = 0.5
    return np.stack([both * male, both * (1 - male)], axis=1)


def survival_in(inputs: Inputs, mortality: Mortality, year: int) -> FloatArray:
    """Return survival during a past year from its published life expectancy, shape (sex, age)."""
    known = inputs.mortality.expectancy
    years = sorted(known)
    expectancy = np.array(
        [np.interp(year, years, [known[y][s] for y in years]) for s in range(N_SEX)]
    )
    return mortality.survival(mortality.k_of(expectancy))


def city_bands(inputs: Inputs) -> FloatArray:
    """Return the city's registered people of the base year by sex and band, shape (sex, band).

    Bands are `CITY_BANDS`. Below 60 the sexes are even: their split is not published.
    """
    figures = inputs.registered
    male = figures.elders_2020 * figures.male_share_2020
    from_age = np.array([male, figures.elders_2020 - male])
    from_age = np.concatenate([from_age, figures.centenarians_2020[:, None]], axis=1)
    from_age[:, :-1] -= from_age[:, 1:]
    young = (figures.total_2020 - figures.elders_2020[0]) / N_SEX
    return np.concatenate([np.full((N_SEX, 1), young), from_age], axis=1)


def fit_city(people: FloatArray, target: FloatArray) -> FloatArray:
    """Scale people so that the city has the published number in each band and sex.

    Parameters
    ----------
    people : ndarray, shape (district, sex, age).
    target : ndarray, shape (sex, band), bands of `CITY_BANDS`.

    Notes
    -----
    Iterative proportional fitting with the districts' totals as the other margin, so that bands in
    which a district is over-represented do not change its size.
    """
    starts = np.array(CITY_BANDS)
    table = np.add.reduceat(people, starts, axis=2).reshape(len(people), -1)
    rows = people.sum(axis=(1, 2)) * target.sum() / people.sum()
    margins = [Margin("district totals", (0,), rows), Margin("city bands", (1,), target.ravel())]
    fitted = fit_margins(table, margins).table
    factor = (fitted / np.maximum(table, 1e-300)).reshape(len(people), N_SEX, -1)
    widths = [high - low for low, high in pairwise((*CITY_BANDS, N_AGE))]
    return people * np.repeat(factor, widths, axis=2)
