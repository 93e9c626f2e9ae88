"""Fit the registered people of a city that is built from censuses and published bands."""

from collections.abc import Sequence

import numpy as np

from forecast.base.condition.known import Known, Start
from forecast.base.condition.misfits import fit_both
from forecast.base.from_censuses import CENSUS_TO_YEAR_END, Censuses
from forecast.base.mortality import Mortality, mortality_of
from forecast.base.registered import CITY_BANDS, city_bands, registered_then
from params.axes import CITY, FloatArray
from params.inputs import Inputs
from params.tables.figures import EVIDENCE, Figure


def known_registered(
    inputs: Inputs,
    base_year: int,
    cut_off: int,
    exceptional_years: Sequence[int] = (),
) -> Known:
    """Fit the registered people to what had come out when the cut-off's bulletins had.

    Parameters
    ----------
    base_year : year from which people are wanted.
    cut_off : last year of the figures; one of a later bulletin is not seen.

    Notes
    -----
    The shape that single ages start from is that of the first bands, whatever the cut-off.
    """
    tables, years = inputs.mortality, inputs.city.census_years
    first = years.registered[0]
    published = {y: e for y, e in tables.expectancy.items() if y <= cut_off}
    last = max(published)
    then = mortality_of(tables, first, tables.expectancy[first])
    start = Start(
        people=registered_then(inputs, residents_at(inputs, then, first)).sum(axis=0),
        year=first,
        mortality=mortality_of(tables, base_year),
        expectancy=published,
        gain=(published[last] - published[years.registered_before])
        / (last - years.registered_before),
    )
    figures = figures_known(inputs, years.registered_before, cut_off)
    known = fit_both(start, figures, base_year, cut_off, exceptional_years)
    own = any(f.source_id == EVIDENCE and f.year == base_year for f in known.reading.figures)
    if own or base_year != inputs.city.base_year:
        return known
    return known.corrected(city_bands(inputs), CITY_BANDS)


def figures_known(inputs: Inputs, first: int, cut_off: int) -> list[Figure]:
    """Return the city's registered figures of some years, as had come out by the year after the last."""
    return [
        f
        for f in inputs.figures
        if first <= f.year <= cut_off
        and f.published <= cut_off + 1
        and (f.basis, f.area) == ("registered", CITY)
    ]


def residents_at(inputs: Inputs, mortality: Mortality, year: int) -> FloatArray:
    """Return residents at the end of a year from the census before it, without moves."""
    censuses = Censuses(inputs, mortality, mortality.expectancy, centenarians_known=False)
    before = inputs.city.census_years.before
    return np.asarray(censuses.aged(censuses.people(before), year - before + CENSUS_TO_YEAR_END))
