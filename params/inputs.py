"""Gather base tables, one scenario and one draw of the assumptions into `Inputs`.

`Inputs` is what crosses the border from params to forecast: numpy arrays with named axes, in the
district order of ``districts.csv``. Nothing to the right of params opens a table that numbers are made
from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from params.axes import CITY, FloatArray
from params.city import City, read_city
from params.errors import ParamError
from params.names import TIERS, TOTALS
from params.scenario.load import Scenario
from params.scenario.own_counts import KEY as COUNTS
from params.scenario.parts.people import OwnCounts
from params.scenario.places import district_names
from params.tables.assumed import Assumed, assumed_of, strangers
from params.tables.assumptions import Assumption, apply_changes, draw, read_assumptions
from params.tables.check_counts import city_faults
from params.tables.counts import CountTables, read_counts, read_need
from params.tables.districts import Districts, read_districts
from params.tables.figures import Figure, figures_of_counts, read_figures, with_evidence
from params.tables.known import has_table
from params.tables.living import (
    LivingShares,
    LivingTotals,
    assumed_living,
    read_living_shares,
    read_living_totals,
)
from params.tables.people import (
    Census,
    MortalityTables,
    RegisteredTables,
    read_age_pattern,
    read_censuses,
    read_mortality,
    read_outside_share,
    read_registered,
)
from params.tables.read import read_table
from params.tables.resource_tables import read_resources, resource_faults
from params.tables.resources import Resources
from params.tables.row_draws import with_rows
from params.tables.supply import SupplyTables, read_supply
from params.tables.surveys import SurveyTables, read_surveys

MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of the months of a year without a leap day."""


@dataclass(frozen=True)
class CensusTables:
    """What a base built from censuses rests on."""

    censuses: Mapping[int, Census]
    """Residents by census year."""
    registered: RegisteredTables


@dataclass(frozen=True)
class Inputs:
    """One scenario with every table and one set of parameter values."""

    city: City
    scenario: Scenario
    districts: Districts
    from_censuses: CensusTables | None
    from_counts: CountTables | None
    """Of the two, that one by which the city's base is built."""
    age_pattern: FloatArray
    """A nation by single age, persons, shape (sex, age)."""
    age_pattern_moment: float
    """When it was counted: 2020.5 is 1 July 2020."""
    mortality: MortalityTables
    figures: tuple[Figure, ...]
    """What is published of the city's people, year by year."""
    outside_share: FloatArray
    """Residents registered outside the city, share of all in the base year, shape (district,)."""
    living: LivingTotals | LivingShares
    elder_households: FloatArray
    """Family households with people of 65+, census of the base year, shape (district,)."""
    three_generation_share: FloatArray
    """Households of three or more generations per household with people of 65+, shape (district,)."""
    supply: SupplyTables
    surveys: SurveyTables
    multistate: FloatArray
    """Log-linear rates of the CLHLS: (transition h2d, d2h, h2dead, d2dead; intercept, per ten
    years of age over 65, female), shape (4, 3)."""
    weekly_hours: FloatArray
    """Insured home-care hours a week by level 2..6, shape (level,)."""
    resources: Resources
    """What people can ask for in this scenario."""
    assumptions: Mapping[str, Assumption]
    values: Mapping[str, float] = field(default_factory=dict)
    """The drawn (or default) value of every assumption, by name; code reads `assumed`."""
    draw_of: tuple[int, int] | None = None
    """Seed and index of the draw, from which the forecast's own chances follow; None: no chance."""

    @cached_property
    def assumed(self) -> Assumed[float]:
        """The drawn (or default) assumptions, group by group."""
        return assumed_of(self.values)

    @property
    def censuses(self) -> Mapping[int, Census]:
        """Residents by census year, in a city whose base is built from censuses."""
        return self._censused.censuses

    @property
    def census(self) -> Census:
        """The census of the base year."""
        return self.censuses[self.city.base_year]

    @property
    def registered(self) -> RegisteredTables:
        """Registered people, in a city whose base is built from censuses."""
        return self._censused.registered

    @property
    def counts(self) -> CountTables:
        """Plain counts, in a city whose base is built from them."""
        if self.from_counts is None:
            raise AssertionError(f"{self.city.name} has no counts")
        return self.from_counts

    @property
    def _censused(self) -> CensusTables:
        if self.from_censuses is None:
            raise AssertionError(f"{self.city.name} has no censuses")
        return self.from_censuses

    @property
    def known_until(self) -> int:
        """Last year whose figures the forecast agrees with."""
        until = self.scenario.population.known_until
        population = self.scenario.population
        own = [row.year for row in population.evidence]
        own += [f.year for f in self.figures if f.key == COUNTS and _is_fitted(self.city, f)]
        return max([self.city.base_year, *own]) if until is None else until

    @property
    def own_counts(self) -> tuple[OwnCounts, ...]:
        """A bureau's own counts, as far as they are known, by year."""
        population = self.scenario.population
        until = population.known_until
        known = [one for one in population.counts if until is None or one.year <= until]
        return tuple(sorted(known, key=lambda one: one.year))

    @property
    def last_year(self) -> int:
        """Last year of the scenario that is reported."""
        return self.scenario.horizon.last_year

    @property
    def reported_from(self) -> int:
        """First year that reports tell of: the one after the day from which the scenario looks ahead."""
        day = self.scenario.start.date
        return self.city.first_year if day is None else day.year + 1

    @property
    def follow_up_months(self) -> int:
        """Months after every reported year over which its requests are followed: past the longest target.

        What comes later than that is nothing of the year, so that its figures are the same however many
        years are simulated.
        """
        whole, rest = divmod(self.resources.follow_up_days - 1, 365)
        return 12 * whole + 1 + int(np.searchsorted(np.cumsum(MONTH_DAYS), rest, side="right"))

    @property
    def target_shares(self) -> FloatArray:
        """Shares of requests to be met in time, shape (resource + total,).

        A total without a share of its own asks for as many as its resources do together: nan, where theirs
        differ.
        """
        plan, resources = self.scenario.service_target, self.resources
        shares = [plan.share_of(name) for name in resources.names]
        for total in TOTALS:
            members = {shares[k] for k in resources.of_total(total)} or {plan.share}
            own = plan.own_share(total)
            alike = members.pop() if len(members) == 1 else np.nan
            shares.append(alike if own is None else own)
        return np.array(shares)

    def drawn(self, seed: int, index: int | None) -> "Inputs":
        """Return the same inputs with one joint draw of the assumptions (None: the defaults)."""
        return replace(
            self,
            values=draw(self.assumptions, seed, index),
            draw_of=None if index is None else (seed, index),
        )


def _is_fitted(city: City, figure: Figure) -> bool:
    """Say whether the fit of the city takes figures of this basis."""
    return figure.area == CITY and (figure.basis == "registered" or city.base != "censuses")


def load_inputs(scenario: Scenario, city: City | None = None) -> Inputs:
    """Read every table that the scenario needs; values are the defaults until `drawn`.

    Parameters
    ----------
    city : City, optional
        The city of the scenario; the packaged one by default.
    """
    city = city or read_city()
    require_whole(city)
    districts = read_districts(city)
    rates = read_table("multistate.csv", city.tables).set_index("transition")
    hours = read_table("care_hours.csv", city.tables).sort_values("level")
    moment, pattern = read_age_pattern(city.tables)
    elder_households, three_generations = _households(city, districts)
    by_census = city.base == "censuses"
    return Inputs(
        city=city,
        districts=districts,
        from_censuses=_censused(city, districts) if by_census else None,
        from_counts=None if by_census else read_counts(city, districts.names),
        age_pattern=pattern,
        age_pattern_moment=moment,
        mortality=read_mortality(city),
        outside_share=read_outside_share(city, districts.names),
        elder_households=elder_households,
        three_generation_share=three_generations / elder_households,
        supply=read_supply(city, districts),
        multistate=rates.loc[
            ["h2d", "d2h", "h2dead", "d2dead"], ["intercept", "age_per_10y", "female"]
        ].to_numpy(np.float64),
        weekly_hours=hours["weekly_hours"].to_numpy(np.float64),
        **_by_scenario(city, scenario),
    )


def with_scenario(inputs: Inputs, scenario: Scenario) -> Inputs:
    """Return what `load_inputs` does for another scenario of the same city, its tables not read again."""
    return replace(inputs, **_by_scenario(inputs.city, scenario), draw_of=None)


def assumptions_of(city: City, scenario: Scenario) -> dict[str, Assumption]:
    """Return the assumptions of a scenario with the values and ranges that hold."""
    held = apply_changes(read_assumptions(city.assumptions), scenario.assumptions)
    held = with_rows(held, scenario.draws, scenario.assumptions)
    return held if has_table(city, "beds_city") else without_day_care(held)


def _by_scenario(city: City, scenario: Scenario) -> dict[str, Any]:
    """Return those fields of `Inputs` that follow from the scenario."""
    assumptions = assumptions_of(city, scenario)
    resources = (
        read_resources(city.tables)
        .with_on(turned_on(scenario), assumptions)
        .with_targets(scenario.service_target.own_days)
    )
    resources.require(scenario.costs.resources, "costs.resources")
    resources.require(scenario.service_target.resources, "service_target.resources")
    return {
        "scenario": scenario,
        "figures": _figures(city, scenario),
        "living": _living(city, assumptions),
        "surveys": _surveys(city, assumptions),
        "resources": resources,
        "assumptions": assumptions,
        "values": draw(assumptions, 0, None),
    }


def turned_on(scenario: Scenario) -> tuple[str, ...]:
    """Return the resources that a scenario turns on: those that it names, and 保基本 beds with tiers."""
    tiers = TIERS if scenario.tiers.share is not None else ()
    return (*scenario.resources.on, *tiers)


def require_whole(city: City) -> None:
    """Refuse a city of plain counts whose tables are not whole, with all their mistakes at once."""
    if city.base == "counts":
        problems = city_faults(city)
    else:
        problems = list(strangers(read_assumptions(city.assumptions)))
    problems += resource_faults(city.tables)
    if problems:
        raise ParamError(list(dict.fromkeys(problems)))


def _censused(city: City, districts: Districts) -> CensusTables:
    names = districts.names
    return CensusTables(read_censuses(city, names), read_registered(city, names))


def _living(city: City, assumptions: Mapping[str, Assumption]) -> LivingTotals | LivingShares:
    if city.base == "censuses":
        return read_living_totals(city.tables, city.base_year)
    if has_table(city, "living"):
        return read_living_shares(city.tables)
    return assumed_living(assumptions)


def _figures(city: City, scenario: Scenario) -> tuple[Figure, ...]:
    plan = scenario.population
    own = figures_of_counts(plan.counts, district_names(city))
    seen = {(f.basis, f.area, f.year, f.of) for f in own}
    published = [f for f in read_figures(city) if (f.basis, f.area, f.year, f.of) not in seen]
    # A single figure that the counts hold too is the same people counted once.
    evidence = with_evidence(published, plan.evidence)
    kept = [f for f in evidence if f.row is None or (f.basis, f.area, f.year, f.of) not in seen]
    return (*kept, *own)


def _surveys(city: City, assumptions: Mapping[str, Assumption]) -> SurveyTables:
    if city.base == "censuses":
        return read_surveys(city.tables, city.census_years.survey)
    return read_need(city, assumptions)


def without_day_care(assumptions: Mapping[str, Assumption]) -> dict[str, Assumption]:
    """Let nobody ask for day care: a city that counts no centres has none to wait for."""
    off = replace(assumptions["day_care_share"], value=0.0, low=0.0, high=0.0)
    return {**assumptions, "day_care_share": off}


def _households(city: City, districts: Districts) -> tuple[FloatArray, FloatArray]:
    """Return households with people of 65+, and of three generations; alike where none are known."""
    if not has_table(city, "households"):
        every = np.ones(len(districts))
        return every, every / 2
    households = read_table("households.csv", city.tables).set_index("district")
    rows = households.loc[list(districts.names)]
    elders = rows["with_65plus"].to_numpy(np.float64)
    return elders, rows["three_generations"].to_numpy(np.float64)
