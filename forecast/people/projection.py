"""Project residents and registered people as far as they are needed: one scenario, one draw."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.people.draws import (
    arrangement_walk,
    chances,
    drivers_of,
    earlier_people,
)
from forecast.people.engine import Drivers, Trajectories
from forecast.people.excess import death_events, year_factor
from forecast.people.living import Living, arrangements
from forecast.people.own_counts import run_with_counts
from params.axes import BASES, ELDER_AGE, FloatArray
from params.inputs import Inputs
from params.tables.draws import Draws

WARM_UP_YEARS = 2
"""Years before the base over which the event simulation warms up."""
NO_DRAW: Final = (0, None)


@dataclass(frozen=True)
class Projection:
    """People of both bases on 31 December of each year.

    Attributes
    ----------
    first_year : year of the first entry of the year axis, `WARM_UP_YEARS` before the base.
    resident, registered : ndarray, shape (year, district, sex, age), persons.
    survival : ndarray, shape (year, sex, age), the city's survival into each age during the year that
        *ends* with the entry; entry 0 belongs to the first year and is not used.
    arrangement : ndarray, shape (year, arrangement, district, sex, age 60..), shares of people in
        private households.
    private : ndarray, shape (sex, age 60..), share of people who are not in an institution.
    scaling : ndarray, shape (year after the base, basis, 3, 2), see `forecast.people.engine.Trajectories`.
    usual : the same people without events in which more of them die; None where there are none.
    """

    first_year: int
    resident: FloatArray
    registered: FloatArray
    survival: FloatArray
    arrangement: FloatArray
    private: FloatArray
    scaling: FloatArray
    usual: "Projection | None" = None

    @property
    def years(self) -> range:
        """Years of the year axis."""
        return range(self.first_year, self.first_year + len(self.resident))

    def people(self, basis: str) -> FloatArray:
        """Return the people of one basis, shape (year, district, sex, age)."""
        return self.resident if basis == "resident" else self.registered

    def by_arrangement(self, basis: str) -> FloatArray:
        """Count elders in private households, shape (year, district, arrangement)."""
        in_households = self.people(basis)[..., ELDER_AGE:] * self.private
        return np.asarray(np.einsum("tdsa,tkdsa->tdk", in_households, self.arrangement))

    @cached_property
    def base_index(self) -> int:
        """Index of the base year's 31 December on the year axis."""
        return WARM_UP_YEARS


def last_projected_year(inputs: Inputs) -> int:
    """Return the year to which people are projected, whatever is reported of them.

    The event simulation follows the last year's requests into the next one, and meets people there who
    are in the last months of their lives; and the bed rule asks for the people of the plan's last year.
    """
    ahead = 31 * inputs.follow_up_months + inputs.resources.last_months_days(inputs.values)
    return max(inputs.city.plan_year, inputs.last_year + 1 + int(ahead // 365))


def project(inputs: Inputs, base: Base | None = None) -> Projection:
    """Run the cohort-component projection of one scenario and one draw.

    Parameters
    ----------
    inputs : scenario, tables and parameter values; `inputs.draw_of` names the draw.
    base : the base if it is already known; it does not depend on the draw.

    Notes
    -----
    With ``population.growth = "frozen"`` every year repeats the base; death rates go on falling.
    The years before the base are reverse-survived at its own rates; they serve the warm-up of the
    event simulation and are not reported.
    """
    base = base or base_of(inputs)
    usual = project(without_deaths(inputs), base) if death_events(inputs.scenario) else None
    drivers, found, living = project_block(
        inputs, base, *(inputs.draw_of or NO_DRAW), last_year=last_projected_year(inputs)
    )
    people = found.people[0]
    if inputs.scenario.population.growth == "frozen":
        people = np.repeat(people[:1], len(people), axis=0)
    assert drivers.at_base is not None
    before = drivers.at_base[0]
    first = base.year - WARM_UP_YEARS
    both = np.array([*earlier_people(people[0], before, WARM_UP_YEARS), *people])
    shares = living.shares()[0]
    held = np.repeat(shares[:1], WARM_UP_YEARS, axis=0)
    return Projection(
        first_year=first,
        resident=np.ascontiguousarray(both[:, 0]),
        registered=np.ascontiguousarray(both[:, 1]),
        survival=np.array([before] * (WARM_UP_YEARS + 1) + list(drivers.survival[0])),
        arrangement=np.concatenate([held, shares]),
        private=living.private[0],
        scaling=found.scaling[0],
        usual=usual,
    )


def without_deaths(inputs: Inputs) -> Inputs:
    """Return the same inputs without the events that change hazards of death."""
    scenario = inputs.scenario
    kept = tuple(event for event in scenario.events if event.kind != "deaths")
    return replace(inputs, scenario=scenario.model_copy(update={"events": kept}))


def project_block(
    inputs: Inputs,
    base: Base,
    seed: int,
    *indices: int | None,
    last_year: int,
    threads: int = 1,
    keep_flows: bool = False,
) -> tuple[Drivers, Trajectories, Living]:
    """Project some draws of one scenario together, from the base year to `last_year`.

    Parameters
    ----------
    indices : the draws; None for the default.

    Notes
    -----
    Draws are made from ``inputs.assumptions``, as `Inputs.drawn` makes them; a draw of `inputs` itself
    plays no part.
    """
    n_year = last_year - base.year
    drawn = Draws(inputs.assumptions, seed, indices)
    luck = chances(seed, indices, base)
    population = inputs.scenario.population
    drivers = drivers_of(
        base,
        drawn,
        luck,
        n_year,
        BASES,
        timing=population.migration_timing,
        constrain=population.city_constraint,
    )
    events = death_events(inputs.scenario)
    if events and n_year:
        factor = year_factor(events, range(base.year + 1, last_year + 1))
        drivers = replace(drivers, survival=drivers.survival ** factor[:, None])
    drivers, found = run_with_counts(inputs, drivers, seed, indices, threads, keep_flows)
    living = arrangements(
        inputs,
        drawn,
        drivers.base[:, 1],
        drivers.survival,
        arrangement_walk(drawn.spread, luck, n_year),
    )
    return drivers, found, living
