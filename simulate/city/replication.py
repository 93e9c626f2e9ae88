"""Set up one replication from the forecast, run it, and hand back its ledger."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast.need.need import Need
from forecast.people.projection import WARM_UP_YEARS, Projection
from params.axes import ELDER_AGE, LEVELS, FloatArray, IntArray
from params.inputs import Inputs
from simulate.city.calendar import Calendar, make_calendar
from simulate.city.capacity import OLD_AGE, Capacity, make_capacity
from simulate.city.people import Flows, Traits, make_people
from simulate.city.wish_for_bed import PIVOT_AGE, Choice, solve_choice
from simulate.engine.records import DAY, ENTRY, NEVER, ROW, YEAR
from simulate.engine.streams import replication_key
from simulate.engine.world import HANDLED, N_LOG, N_ROWS, World, empty_world_arrays, no_guests

LEAD_DAYS = 60
"""Renewals are applied for so many days before a result expires (assumed)."""
HUNDREDTHS = 100
THOUSANDTHS = 1000
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


@dataclass(frozen=True)
class Run:
    """What the event loop leaves behind.

    Attributes
    ----------
    ledger : recarray of `simulate.engine.records.ROW`: every request still open at the release or made
        after it; rows with person -1 are free.
    people : recarray of `simulate.engine.records.PERSON`.
    staff_base, home_base, cases : ndarray, shape (district,), calibrated at the release: staff hours
        (thousandths of an hour a day), home-care hours (hundredths a week), assessments of the
        year before.
    benefits_at : ndarray, shape (month, district, level), beneficiaries at the start of each month.
    count : the kernel's counters, see `simulate.engine.world`.
    """

    ledger: NDArray[np.void]
    people: NDArray[np.void]
    staff_base: IntArray
    home_base: IntArray
    cases: IntArray
    benefits_at: IntArray
    count: IntArray
    release: int
    """When the warm-up ended, seconds."""
    log: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, ENTRY))
    """The event log, if one was asked for; shape (entry,) of `simulate.engine.records.ENTRY`."""

    @property
    def n_event(self) -> int:
        """Events handled."""
        return int(self.count[HANDLED])


def prepare(inputs: Inputs, projection: Projection, need: Need) -> Setting:
    """Derive calendar, capacity, choice and flows from a forecast."""
    calendar = make_calendar(inputs)
    at_base = WARM_UP_YEARS
    residents = projection.resident[at_base][..., ELDER_AGE:].sum(axis=1)
    year = min(inputs.city.plan_year, inputs.last_year) - projection.first_year
    registered = projection.registered[year][..., ELDER_AGE:].sum(axis=(1, 2))
    choice = solve_choice(inputs, need)
    return Setting(
        inputs=inputs,
        projection=projection,
        need=need,
        calendar=calendar,
        capacity=make_capacity(inputs, calendar, residents, registered),
        choice=choice,
        flows=make_flows(inputs, need, choice, calendar),
    )


def make_flows(inputs: Inputs, need: Need, choice: Choice, calendar: Calendar) -> Flows:
    """Derive the people without a level: self-caring bed seekers, applicants found below level 2."""
    values = inputs.values
    months = calendar.warm_month_start
    days = np.diff(months) / DAY
    n_month = days.size
    year_of = np.arange(n_month) // 12 + 1
    old = need.elders[..., OLD_AGE:].sum(axis=(2, 3))
    weight = old / old[WARM_UP_YEARS].sum()
    exits = values["self_caring_death"] + values["self_caring_onset"] + values["other_exit"]
    growth = float(np.log(weight[WARM_UP_YEARS].sum() / weight[WARM_UP_YEARS - 1].sum()))
    a_year = choice.self_caring * (exits + growth) * weight
    insured = (need.onset.sum(axis=(2, 3, 4)) * need.insured) * need.take_up
    below = insured * values["first_below_2"] / (1 - values["first_below_2"])
    share = (days / 365.25)[:, None]
    return Flows(
        self_stock=choice.self_caring * weight[0],
        self_flow=a_year[year_of] * share,
        below_flow=below[year_of] * share,
    )


def make_traits(setting: Setting) -> Traits:
    """Collect what new people are drawn from."""
    values, need = setting.inputs.values, setting.need
    alone = np.ascontiguousarray(need.arrangement[:, 0])
    at_80 = float(alone[WARM_UP_YEARS, :, :, OLD_AGE].mean())
    return Traits(
        insured=need.insured,
        alone=alone,
        dementia=need.dementia,
        want_most=_most(setting.choice),
        stayed=setting.choice.stayed,
        take_up=need.take_up,
        settled=need.settled,
        delay_days=values["application_delay_days"],
        self_alone=at_80,
        self_dementia=values["self_caring_dementia"],
    )


def _most(choice: Choice) -> FloatArray:
    """Return the largest share that wants a home at any age and level, shape (alone,)."""
    logit = choice.logit.max(axis=(0, 2)) + choice.age_slope * (MAX_AGE - PIVOT_AGE)
    return np.asarray(1 / (1 + np.exp(-logit)))


def run_replication(setting: Setting, seed: int, replication: int, log: bool = False) -> Run:
    """Run one replication one to one and return what it left behind, with its event log if wanted."""
    from simulate.city.loop import run_world
    from simulate.engine.grow import finished

    key = replication_key(seed, replication)
    months = setting.calendar.warm_month_start

    def make(room: float) -> World:
        people = make_people(setting.need, setting.flows, make_traits(setting), months, key)
        return make_world(setting, people, room, log)

    world = finished(make, run_world)
    return Run(
        ledger=world.ledger[: world.count[N_ROWS]],
        people=world.people,
        staff_base=world.staff_base,
        home_base=world.home_base,
        cases=world.cases,
        benefits_at=world.benefits_at,
        count=world.count,
        release=setting.calendar.release,
        log=world.log[: world.count[N_LOG]],
    )


def make_world(setting: Setting, people: NDArray[np.void], room: float, log: bool = False) -> World:
    """Lay out the arrays of a replication; `room` scales the stores whose size is a guess."""
    inputs, calendar, need = setting.inputs, setting.calendar, setting.need
    n = people.size
    if calendar.end >= NEVER:
        msg = f"a run of {calendar.end / YEAR:.0f} years does not fit into 32 bits of seconds"
        raise AssertionError(msg)
    home_size = np.round(inputs.weekly_hours * inputs.values["entitlement_used"] * HUNDREDTHS)
    if home_size.max() > np.iinfo(ROW["size"]).max:
        msg = (
            f"{home_size.max() / HUNDREDTHS:.0f} hours of home care a week do not fit into 16 bits"
        )
        raise AssertionError(msg)
    years = max(1.0, (calendar.end - calendar.release) / (365.25 * DAY))
    n_district = len(inputs.districts)
    arrays = empty_world_arrays(
        n_people=n,
        n_rows=int(room * (n * (1.2 + 0.45 * years) + 10_000)),
        n_nodes=int(room * (n + 10_000)),
        n_chunks=int(room * (0.15 * n + 10_000)) + 2 * (calendar.end // DAY),
        n_today=int(room * (n + 10_000)),
        n_days=calendar.end // DAY,
        n_district=n_district,
        n_month=calendar.month_start.size - 1,
        n_log=int(room * (n * (6.0 + 3.0 * years) + 10_000)) if log else 0,
    )
    hazards = need.hazards
    dementia = need.dementia
    acquire = np.append(np.maximum(np.diff(dementia) / (1 - dementia[:-1]), 0.0), 0.0)
    return World(
        people=people,
        **arrays,  # type: ignore[arg-type]
        **no_guests(),  # type: ignore[arg-type]
        death=np.ascontiguousarray(hazards.death[1:]),
        change=np.stack(
            [hazards.worsen, hazards.improve, hazards.recover, hazards.recheck], axis=-1
        ),
        acquire=acquire,
        year_start=calendar.year_start,
        month_start=calendar.month_start,
        work=np.round(calendar.work).astype(np.int64),
        want=setting.choice.logit,
        home_size=home_size.astype(np.int64),
        staff_size=staff_sizes(inputs),
        distance=inputs.districts.distance_km,
        zone=inputs.districts.zone,
        pool_plan=setting.capacity.pool_plan(),
        growth=setting.capacity.growth,
        rate=_rates(setting),
        policy=_policy(inputs, calendar),
    )


def staff_sizes(inputs: Inputs) -> IntArray:
    """Return staff time by level 2..6, self-caring and dementia unit, thousandths of an hour a day."""
    names = ("23", "23", "4", "56", "56", "0", "dementia")
    hours = np.array([inputs.values[f"staff_hours_{name}"] for name in names])
    return np.round(hours * THOUSANDTHS).astype(np.int64)


def _rates(setting: Setting) -> FloatArray:
    """Return the kernel's real numbers, in the order of `simulate.engine.world`."""
    v = setting.inputs.values
    at_home = 1 - v["hospital_share"]
    return np.array(
        [
            v["patience_days"] * DAY,
            v["withdrawal"],
            v["other_exit"],
            v["never_leave_zone"],
            v["distance_scale_km"],
            v["ask_dementia_bed"],
            v["nursing_at_2_3"],
            v["hospital_share"],
            v["day_care_share"] / at_home,
            v["family_bed_share"],
            v["one_year_results"],
            v["self_caring_death"],
            v["self_caring_onset"],
            v["staff_load_2020"],
            v["home_load_2020"],
            v["assessor_load_2020"],
            setting.choice.age_slope,
            v["hospital_admissions"],
            v["hospital_stay_days"],
            setting.inputs.scenario.assessors.too_high,
            setting.inputs.scenario.assessors.too_low,
        ]
    )


def _policy(inputs: Inputs, calendar: Calendar) -> IntArray:
    """Return the kernel's whole numbers, in the order of `simulate.engine.world`."""
    policy = inputs.scenario.policy
    return np.array(
        [
            policy.urgent_level,
            int(policy.alone_first),
            int(policy.local_first),
            int(policy.interim_home_care),
            round(inputs.values["list_length"]),
            LEAD_DAYS,
            inputs.city.base_year + 1 - WARM_UP_YEARS,
            calendar.release,
            calendar.horizon,
            calendar.end,
            policy.hospital_hold_days * DAY if policy.hospital_bed == "held" else 0,
            int(policy.short_of_staff == "who_fits"),
        ]
    )


__all__ = ["LEVELS", "Run", "Setting", "prepare", "run_replication"]
