"""Say what chance does not touch: one scenario, one draw and its forecast, as care meets them."""

from dataclasses import dataclass

import numpy as np

from forecast.base.base import Base
from forecast.need.need import Need, need_of
from forecast.people.projection import WARM_UP_YEARS, Projection, project
from params.axes import ELDER_AGE, FloatArray
from params.inputs import Inputs
from simulate.city.beds import OLD_AGE
from simulate.city.calendar import Calendar, make_calendar
from simulate.city.capacity import Capacity, make_capacity
from simulate.city.given import Given, given_of, require_beds
from simulate.city.insurance import Insurance, make_insurance
from simulate.city.people import Flows, Traits
from simulate.city.wish_for_bed import PIVOT_AGE, Choice, solve_choice
from simulate.engine.records import DAY

MAX_AGE = 110


@dataclass(frozen=True)
class Setting:
    """Everything about one replication that chance does not touch."""

    inputs: Inputs
    projection: Projection
    need: Need
    calendar: Calendar
    capacity: Capacity
    choice: Choice
    flows: Flows
    insurance: Insurance
    start: Given


def setting_of(inputs: Inputs, base: Base) -> Setting:
    """Forecast people and their need from a base, and derive all else that chance does not touch."""
    projection = project(inputs, base)
    return prepare(inputs, projection, need_of(inputs, projection))


def prepare(inputs: Inputs, projection: Projection, need: Need) -> Setting:
    """Derive calendar, capacity, choice and flows from a forecast."""
    calendar = make_calendar(inputs)
    at_base = WARM_UP_YEARS
    residents = projection.resident[at_base][..., ELDER_AGE:].sum(axis=1)
    # Of the plan's last year even where fewer years are simulated: beds of a year depend on it.
    plan_year = inputs.city.plan_year - projection.first_year
    registered = projection.registered[plan_year][..., ELDER_AGE:].sum(axis=(1, 2))
    choice, insurance = solve_choice(inputs, need), make_insurance(inputs, calendar)
    capacity = make_capacity(inputs, calendar, residents, registered)
    start = given_of(inputs)
    require_beds(inputs, start, capacity)
    return Setting(
        inputs=inputs,
        projection=projection,
        need=need,
        calendar=calendar,
        capacity=capacity,
        choice=choice,
        flows=make_flows(inputs, need, insurance, choice, calendar),
        insurance=insurance,
        start=start,
    )


def make_flows(
    inputs: Inputs, need: Need, insurance: Insurance, choice: Choice, calendar: Calendar
) -> Flows:
    """Derive the people without a level: self-caring bed seekers, applicants found below level 2."""
    assumed = inputs.assumed
    months = calendar.warm_month_start
    days = np.diff(months) / DAY
    n_month = days.size
    year_of = np.arange(n_month) // 12 + 1
    old = need.elders[..., OLD_AGE:].sum(axis=(2, 3))
    weight = old / old[WARM_UP_YEARS].sum()
    leave = assumed.choice
    exits = leave.self_caring_death + leave.self_caring_onset + leave.other_exit
    growth = float(np.log(weight[WARM_UP_YEARS].sum() / weight[WARM_UP_YEARS - 1].sum()))
    a_year = choice.self_caring * (exits + growth) * weight
    share = (days / 365.25)[:, None]
    return Flows(
        self_stock=choice.self_caring * weight[0],
        self_flow=a_year[year_of] * share,
        below_flow=make_below_flow(inputs, need, insurance, calendar),
    )


def make_below_flow(
    inputs: Inputs, need: Need, insurance: Insurance, calendar: Calendar
) -> FloatArray:
    """Derive the applicants who will be found below level 2: a share of all, shape (month, district)."""
    days = np.diff(calendar.warm_month_start) / DAY
    year_of = np.arange(days.size) // 12 + 1
    first_below = inputs.assumed.need.first_below_2
    onset = need.onset.sum(axis=(2, 3, 4))[year_of]
    # Applications follow the rules of the month in which need begins.
    insured = onset * insurance.insured_of(need)[1:] * insurance.take_up_of(need)[1:]
    return np.asarray(insured * first_below / (1 - first_below) * (days / 365.25)[:, None])


def make_traits(setting: Setting) -> Traits:
    """Collect what new people are drawn from."""
    assumed, need = setting.inputs.assumed, setting.need
    alone = np.ascontiguousarray(need.arrangement[:, 0])
    at_80 = float(alone[WARM_UP_YEARS, :, :, OLD_AGE].mean())
    return Traits(
        insured=setting.insurance.insured_of(need),
        alone=alone,
        dementia=need.dementia,
        want_most=_most(setting.choice),
        stayed=setting.choice.stayed,
        take_up=setting.insurance.take_up_of(need),
        settled=need.settled,
        delay_days=assumed.need.application_delay_days,
        self_alone=at_80,
        self_dementia=assumed.choice.self_caring_dementia,
        keep_all=setting.inputs.resources.asks_without_wish,
    )


def _most(choice: Choice) -> FloatArray:
    """Return the largest share that wants an institution at any age and level, shape (alone,)."""
    logit = choice.logit.max(axis=(0, 2)) + choice.age_slope * (MAX_AGE - PIVOT_AGE)
    return np.asarray(1 / (1 + np.exp(-logit)))
