"""Say what one replication finds of the plan's indicators, year by year, and how far it could come."""

from typing import Final

import numpy as np

from forecast.need.need import settled_after
from params.axes import BASES, FloatArray
from params.inputs import Inputs
from runs.tables.indicators.known import SICKBED, TEN_THOUSAND, Indicator, years_of
from simulate.outcome import MONTHLY_MEASURES, NEED_MEASURES, POPULATION_MEASURES, Outcome

FOUND: Final = tuple(which for which in Indicator if which != Indicator.CENTRES)
"""Indicators that a simulation has a value of; centres are the scenario's alone."""
VALUE, CEILING, BAR = range(3)
THOUSAND: Final = 1_000
DECEMBER: Final = slice(11, None, 12)
SEVERE: Final = (5, 6)


def indicator_values(drawn: Inputs, outcome: Outcome) -> FloatArray:
    """Return what each indicator is at each year's end, shape (year, indicator, 3).

    Years begin with the base year; indicators are `FOUND`. The last axis is the value, the most that the
    model can reach, and what it reaches where nobody waits; nan where there is none.

    Parameters
    ----------
    drawn : the inputs with the assumptions of this replication.
    """
    found = np.full((len(years_of(drawn)), len(FOUND), 3), np.nan)
    at: dict[Indicator, int] = {which: k for k, which in enumerate(FOUND)}
    found[:, at[Indicator.COVER], VALUE] = _cover(drawn, outcome)
    found[:, at[Indicator.COVER], CEILING] = 100 * drawn.assumed.need.take_up
    found[:, at[Indicator.COVER], BAR] = _cover_in_time(drawn, outcome)
    for which, values in _beds(drawn, outcome).items():
        found[:, at[which], VALUE] = values
    found[0, at[Indicator.CERTIFIED], VALUE] = 100 * drawn.assumed.supply.certified_2020
    found[1:, at[Indicator.CERTIFIED], VALUE] = 100 * outcome.certified
    if SICKBED in drawn.resources.names:
        found[1:, at[Indicator.SICKBEDS], :BAR] = _sickbeds(drawn, outcome)
    return found


def _cover(drawn: Inputs, outcome: Outcome) -> FloatArray:
    """Return those who hold level 5-6 per 100 insured people at level 5-6 (应保尽保), shape (year,)."""
    at = {name: k for k, name in enumerate(NEED_MEASURES)}
    need, basis = outcome.need, BASES.index(drawn.scenario.population.basis)
    elders = outcome.population[basis, ..., POPULATION_MEASURES.index("60+")]
    # Cover is a district's, the same at every level.
    insured = need[..., at["insured"]] / np.maximum(elders, 1.0)
    severe = need[..., [at[f"need_{k}"] for k in SEVERE]].sum(axis=-1)
    held = need[..., [at[f"beneficiaries_{k}"] for k in SEVERE]].sum(axis=-1)
    wanted = (severe * insured).sum(axis=1)
    return np.asarray(100 * held.sum(axis=1) / np.where(wanted > 0, wanted, np.nan))


def _cover_in_time(drawn: Inputs, outcome: Outcome) -> FloatArray:
    """Return the cover where everybody who applies has a result as soon as that can be, %, shape (year,).

    The others never apply (`take_up`), or have not yet (`application_delay_days`): as many of those in need
    are new in a year as die in it and as there come to be more.
    """
    need = drawn.assumed.need
    in_need = outcome.need[..., [NEED_MEASURES.index(f"need_{k}") for k in SEVERE]].sum(axis=(1, 2))
    more = in_need[1:] / np.where(in_need[:-1] > 0, in_need[:-1], np.nan) - 1
    new = need.death_rate_in_need + np.append(more[:1], more)
    settled = [settled_after(float(rate), need.application_delay_days) for rate in new]
    return 100 * need.take_up * np.array(settled)


def _beds(drawn: Inputs, outcome: Outcome) -> dict[Indicator, FloatArray]:
    """Return approved beds at year ends: all and in dementia units (10,000), nursing-type (%)."""
    plan, names = drawn.scenario.beds, drawn.resources.reported
    approved = outcome.monthly[DECEMBER, ..., MONTHLY_MEASURES.index("approved")].sum(axis=1)
    total, nursing, dementia = (
        approved[:, names.index(r)] for r in ("bed_total", "nursing_bed", "dementia_bed")
    )
    total = np.concatenate([[plan.total_2020], total])
    dementia = np.concatenate([[plan.dementia_2020], dementia])
    # Dementia units are nursing-type beds.
    first = max(drawn.assumed.supply.nursing_share_2020 * plan.total_2020, plan.dementia_2020)
    nursing_type = np.concatenate([[first], nursing + dementia[1:]])
    return {
        Indicator.BEDS: total / TEN_THOUSAND,
        Indicator.DEMENTIA: dementia / TEN_THOUSAND,
        Indicator.NURSING: 100 * nursing_type / np.where(total > 0, total, np.nan),
    }


def _sickbeds(drawn: Inputs, outcome: Outcome) -> FloatArray:
    """Return home sickbeds set up in a year for 1,000 residents, and at most, shape (year after the base, 2).

    The plan counts beds set up in a year; the model has places in use at a time. The assumption
    `home_sickbed_places` is the ratio of the two.
    """
    resources = drawn.resources
    row = resources.rows[resources.index(SICKBED)]
    at_a_time_of_a_year = drawn.values[row.places_first]
    at = resources.reported.index(SICKBED)
    places = outcome.monthly[:, :, at].sum(axis=1)
    whole_year = places.reshape(-1, 12, places.shape[-1]).mean(axis=1)
    used, there = (whole_year[:, MONTHLY_MEASURES.index(m)] for m in ("occupied", "approved"))
    people = outcome.population[BASES.index("resident"), 1:, :, POPULATION_MEASURES.index("total")]
    residents = people.sum(axis=1)[:, None]
    set_up = np.stack([used, there], axis=1) / (at_a_time_of_a_year or np.nan)
    return np.asarray(set_up * THOUSAND / residents)
