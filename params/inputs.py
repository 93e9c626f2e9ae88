"""Gather base tables, one scenario and one draw of the assumptions into `Inputs`.

`Inputs` is what crosses the border from params to forecast: numpy arrays with named axes, in the
district order of ``districts.csv``. Nothing to the right of params opens a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from params.axes import RESOURCES, FloatArray
from params.city import SHANGHAI, City
from params.scenario.load import Scenario
from params.tables.assumptions import Assumption, apply_changes, draw, read_assumptions
from params.tables.districts import Districts, read_districts
from params.tables.people import (
    Census,
    MortalityTables,
    RegisteredTables,
    read_age_pattern,
    read_censuses,
    read_mortality,
    read_registered,
)
from params.tables.read import read_table
from params.tables.supply import SupplyTables, read_supply
from params.tables.surveys import SurveyTables, read_surveys


@dataclass(frozen=True)
class Inputs:
    """One scenario with every table and one set of parameter values."""

    city: City
    scenario: Scenario
    districts: Districts
    censuses: Mapping[int, Census]
    """Residents by census year."""
    age_pattern: FloatArray
    """China by single age, 1 July 2020, persons, shape (sex, age)."""
    mortality: MortalityTables
    registered: RegisteredTables
    elder_households: FloatArray
    """Family households with people of 65+, census of 2020, shape (district,)."""
    three_generation_share: FloatArray
    """Households of three or more generations per household with people of 65+, shape (district,)."""
    supply: SupplyTables
    surveys: SurveyTables
    multistate: FloatArray
    """Log-linear rates of the CLHLS: (transition h2d, d2h, h2dead, d2dead; intercept, per ten
    years of age over 65, female), shape (4, 3)."""
    weekly_hours: FloatArray
    """Insured home-care hours a week by level 2..6, shape (level,)."""
    service_days: FloatArray
    """Target waits by resource, shape (resource,): calendar days, assessments in working days."""
    assumptions: Mapping[str, Assumption]
    values: Mapping[str, float] = field(default_factory=dict)
    """The drawn (or default) value of every assumption."""
    draw_of: tuple[int, int] | None = None
    """Seed and index of the draw, from which the forecast's own chances follow; None: no chance."""

    @property
    def census(self) -> Census:
        """The census of the base year."""
        return self.censuses[self.city.base_year]

    @property
    def last_year(self) -> int:
        """Last simulated year of the scenario."""
        return self.scenario.horizon.last_year

    def drawn(self, seed: int, index: int | None) -> "Inputs":
        """Return the same inputs with one joint draw of the assumptions (None: the defaults)."""
        return replace(
            self,
            values=draw(self.assumptions, seed, index),
            draw_of=None if index is None else (seed, index),
        )


def load_inputs(scenario: Scenario) -> Inputs:
    """Read every table that the scenario needs; values are the defaults until `drawn`."""
    districts = read_districts()
    assumptions = apply_changes(read_assumptions(), scenario.assumptions)
    rates = read_table("multistate.csv").set_index("transition")
    hours = read_table("care_hours.csv").sort_values("level")
    homes = read_table("households.csv").set_index("district").loc[list(districts.names)]
    elder_households = homes["with_65plus"].to_numpy(np.float64)
    return Inputs(
        city=SHANGHAI,
        scenario=scenario,
        districts=districts,
        censuses=read_censuses(districts.names),
        age_pattern=read_age_pattern(),
        mortality=read_mortality(),
        registered=read_registered(districts.names),
        elder_households=elder_households,
        three_generation_share=homes["three_generations"].to_numpy(np.float64) / elder_households,
        supply=read_supply(districts),
        surveys=read_surveys(),
        multistate=rates.loc[
            ["h2d", "d2h", "h2dead", "d2dead"], ["intercept", "age_per_10y", "female"]
        ].to_numpy(np.float64),
        weekly_hours=hours["weekly_hours"].to_numpy(np.float64),
        service_days=read_service_days(),
        assumptions=assumptions,
        values=draw(assumptions, 0, None),
    )


def read_service_days() -> FloatArray:
    """Read the target waits in the order of the resources."""
    days = read_table("service_targets.csv").set_index("resource")["days"]
    return days.loc[list(RESOURCES)].to_numpy(np.float64)
