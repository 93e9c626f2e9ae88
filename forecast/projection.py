"""Project residents and registered people to the horizon, district by district inside the city."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecast.base import ResidentBase, resident_base
from forecast.cohorts import age_one_year
from forecast.fertility import SHARE_MALE, fertility_rates
from forecast.graduate import one_year_back
from forecast.lifetable import life_table, survival_into
from forecast.living import arrangement_shares
from forecast.migration import net_migration
from forecast.mortality import city_rates, standards
from forecast.registered import registered_base, registered_gains
from params.axes import N_SEX, FloatArray
from params.inputs import BASE_YEAR, Inputs

WARM_UP_YEARS = 2
"""Years before the base over which the event simulation warms up."""
RUN_ON_YEARS = 1
"""Years after the horizon: requests of the last year are followed to their target date."""


@dataclass(frozen=True)
class Projection:
    """People of both bases on 31 December of each year.

    Attributes
    ----------
    first_year : year of the first entry of the year axis, `WARM_UP_YEARS` before the base.
    resident, registered : ndarray, shape (year, district, sex, age), persons.
    survival : ndarray, shape (year, sex, age), survival into each age during the year that *ends*
        with the entry; entry 0 belongs to the first year and is not used.
    arrangement : ndarray, shape (arrangement, sex, age), shares.
    """

    first_year: int
    resident: FloatArray
    registered: FloatArray
    survival: FloatArray
    arrangement: FloatArray

    @property
    def years(self) -> range:
        """Years of the year axis."""
        return range(self.first_year, self.first_year + len(self.resident))

    def people(self, basis: str) -> FloatArray:
        """Return the people of one basis, shape (year, district, sex, age)."""
        return self.resident if basis == "resident" else self.registered

    @cached_property
    def base_index(self) -> int:
        """Index of 31 December 2020 on the year axis."""
        return BASE_YEAR - self.first_year


def project(inputs: Inputs, base: ResidentBase | None = None) -> Projection:
    """Run the cohort-component projection of one scenario and one draw.

    Parameters
    ----------
    inputs : scenario, tables and parameter values.
    base : the resident base if it is already known; it does not depend on the draw.

    Notes
    -----
    With ``population.growth = "frozen"`` every year repeats 31 December 2020. The years before the
    base are reverse-survived; they serve the warm-up of the event simulation and are not reported.
    """
    base = base or resident_base(inputs)
    first = BASE_YEAR - WARM_UP_YEARS
    years = range(first, inputs.last_year + RUN_ON_YEARS + 1)
    survival = survival_by_year(inputs, years)
    at_base = WARM_UP_YEARS
    values = inputs.values

    registered_now = registered_base(inputs, base.year_end, survival[at_base])
    fertility = fertility_rates(values["total_fertility"], values["fertility_mean_age"])
    gains = registered_gains(inputs)
    resident = [base.year_end]
    registered = [registered_now]
    frozen = inputs.scenario.population.growth == "frozen"
    for t in range(at_base + 1, len(years)):
        if frozen:
            resident.append(base.year_end)
            registered.append(registered_now)
            continue
        moves = net_migration(resident[-1], base.moves, values["migration_scale"])
        resident.append(age_one_year(resident[-1], survival[t], moves, fertility, SHARE_MALE).end)
        registered.append(
            age_one_year(registered[-1], survival[t], gains, fertility, SHARE_MALE).end
        )
    for t in range(at_base, 0, -1):
        resident.insert(0, one_year_back(resident[0], survival[t]))
        registered.insert(0, one_year_back(registered[0], survival[t]))
    return Projection(
        first_year=first,
        resident=np.array(resident),
        registered=np.array(registered),
        survival=survival,
        arrangement=arrangement_shares(inputs, registered_now),
    )


def survival_by_year(inputs: Inputs, years: range) -> FloatArray:
    """Return survival into each age during each calendar year, shape (year, sex, age)."""
    values = inputs.values
    gain = np.array([values["e0_gain_male"], values["e0_gain_female"]])
    # The warm-up repeats the rates of the base year.
    from_base = [max(0.0, float(y - BASE_YEAR)) for y in years]
    rates = city_rates(
        standards(inputs.mortality),
        inputs.mortality.expectancy,
        gain,
        from_base,
        values["mortality_level"],
    )
    by_sex = [survival_into(life_table(rates[:, s], s)) for s in range(N_SEX)]
    return np.stack(by_sex, axis=1)
