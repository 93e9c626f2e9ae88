"""Say which of the plan's indicators a scenario sets, and which the simulation finds."""

from enum import IntEnum
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.read import read_table

TEN_THOUSAND: Final = 10_000
SICKBED: Final = "home_sickbed"
INPUT, RESULT, NOT_MODELLED = "input", "result", "not_modelled"


class Indicator(IntEnum):
    """Numbers in the plan of the indicators that the model can say something of."""

    COVER = 2
    """People of level 5-6 among the insured who hold such a level, %."""
    BEDS = 3
    """Approved beds, 10,000."""
    DEMENTIA = 4
    """Beds in dementia units, 10,000."""
    NURSING = 5
    """Nursing-type share of beds, dementia units included, %."""
    CENTRES = 6
    """Integrated community centres, sites."""
    CERTIFIED = 7
    """Care workers with a certificate, %."""
    SICKBEDS = 10
    """Home sickbeds set up in a year for 1,000 residents."""


def years_of(inputs: Inputs) -> range:
    """Return the base year and every simulated year."""
    return range(inputs.city.base_year, inputs.last_year + 1)


def kind_of(number: int, stated: str, inputs: Inputs) -> str:
    """Say whether a scenario sets an indicator, the simulation finds it, or the model has nothing to say.

    Parameters
    ----------
    number, stated : number and kind in the plan's table; what is not modelled there is not here either.
    """
    if stated == NOT_MODELLED or number not in set(Indicator):
        return NOT_MODELLED
    if number == Indicator.COVER:
        return RESULT
    if number == Indicator.BEDS and inputs.scenario.beds.path == "rule-met":
        return RESULT  # from the forecast of registered elders
    if number == Indicator.SICKBEDS:
        return RESULT if SICKBED in inputs.resources.names else NOT_MODELLED
    if number == Indicator.CENTRES and inputs.scenario.resources.centres_2025 is None:
        return NOT_MODELLED
    return INPUT


def scenario_values(inputs: Inputs) -> dict[Indicator, FloatArray]:
    """Return what the scenario sets by year, shape (year,) each; nan in years of which it says nothing.

    Dated changes of beds are left out; assumptions have their default values.
    """
    values = {
        Indicator.CERTIFIED: _straight(
            100 * inputs.assumed.supply.certified_2020,
            100 * inputs.scenario.workers.certified_2025,
            inputs,
        )
    }
    centres = inputs.scenario.resources.centres_2025
    if centres is not None:
        values[Indicator.CENTRES] = _straight(
            _printed_base(Indicator.CENTRES, inputs), centres, inputs
        )
    return values | _beds_set(inputs)


def _beds_set(inputs: Inputs) -> dict[Indicator, FloatArray]:
    plan = inputs.scenario.beds
    if plan.path == "as-built":
        return _beds_published(inputs)
    share = 100 * inputs.assumed.supply.nursing_share_2020
    now = {
        Indicator.BEDS: plan.total_2020 / TEN_THOUSAND,
        Indicator.DEMENTIA: plan.dementia_2020 / TEN_THOUSAND,
        Indicator.NURSING: max(share, 100 * plan.dementia_2020 / max(plan.total_2020, 1)),
    }
    then = {
        Indicator.BEDS: plan.total_2025 / TEN_THOUSAND,
        Indicator.DEMENTIA: plan.dementia_2025 / TEN_THOUSAND,
        Indicator.NURSING: max(share, 100 * plan.nursing_share_2025),
    }
    if plan.path == "frozen":
        then = now
    if plan.path == "rule-met":
        del now[Indicator.BEDS]
    return {which: _straight(first, then[which], inputs) for which, first in now.items()}


def _beds_published(inputs: Inputs) -> dict[Indicator, FloatArray]:
    """Return the published counts of the years that have one, up to the end of the plan."""
    plan, supply, city = inputs.scenario.beds, inputs.supply, inputs.city
    years = [y for y in years_of(inputs) if y <= city.plan_year]
    base = {
        Indicator.BEDS: float(plan.total_2020),
        Indicator.DEMENTIA: float(plan.dementia_2020),
        Indicator.NURSING: inputs.assumed.supply.nursing_share_2020 * plan.total_2020,
    }
    published = {
        Indicator.BEDS: supply.city_beds,
        Indicator.DEMENTIA: supply.city_dementia_beds,
        Indicator.NURSING: supply.city_nursing_beds,
    }
    beds = {
        which: np.array([{**published[which], city.base_year: first}.get(y, np.nan) for y in years])
        for which, first in base.items()
    }
    scaled = {
        Indicator.BEDS: beds[Indicator.BEDS] / TEN_THOUSAND,
        Indicator.DEMENTIA: beds[Indicator.DEMENTIA] / TEN_THOUSAND,
        Indicator.NURSING: 100 * beds[Indicator.NURSING] / beds[Indicator.BEDS],
    }
    after = np.full(len(years_of(inputs)) - len(years), np.nan)
    return {which: np.concatenate([values, after]) for which, values in scaled.items()}


def _straight(first: float, last: float, inputs: Inputs) -> FloatArray:
    """Return values from the base to the end of the plan on a line, flat afterwards, shape (year,).

    Without a first value there is none before the end of the plan.
    """
    city = inputs.city
    years = np.array(years_of(inputs), dtype=np.float64)
    return np.asarray(np.interp(years, [city.base_year, city.plan_year], [first, last]))


def _printed_base(which: Indicator, inputs: Inputs) -> float:
    """Return the value of the base year that the plan prints; nan where it prints none."""
    plan = read_table("plan_indicators.csv", inputs.city.tables).set_index("no")
    return float(str(plan["base_2020"].get(int(which), np.nan)))
