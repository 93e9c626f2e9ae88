"""Lay down a scenario's numbers and switches as one record, each under its name."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from forecast.people.excess import death_events
from forecast.people.projection import WARM_UP_YEARS
from params.scenario.path_resources import follow_applications
from params.scenario.priorities import rules_of_queues
from simulate.city.capacity import hire_lag
from simulate.city.setting import Setting
from simulate.engine.records import DAY, WORKING_DAY
from simulate.engine.world import one_record

LEAD_DAYS: Final = 60
"""Renewals are applied for so many days before a result expires (assumed)."""

RULES = np.dtype(
    [
        ("patience_seconds", np.float64),
        ("withdrawal", np.float64),
        ("other_exit", np.float64),
        ("never_leave_zone", np.float64),
        ("distance_scale_km", np.float64),
        ("hospital_share", np.float64),
        ("one_year_results", np.float64),
        ("self_caring_death", np.float64),
        ("self_caring_onset", np.float64),
        ("staff_load", np.float64),
        ("home_load", np.float64),
        ("assessor_load", np.float64),
        ("age_slope", np.float64),
        ("hospital_admissions", np.float64),
        ("hospital_stay_days", np.float64),
        ("too_high", np.float64),
        ("too_low", np.float64),
        ("hardship_share", np.float64),
        ("staff_stretch", np.float64),
        ("keep_month", np.float64),
        ("keep_free", np.float64),
        ("workers_institution", np.float64),
        ("workers_home", np.float64),
        ("assessors_2020", np.float64),
        ("assessor_growth_most", np.float64),
        ("interim_home_care", np.int64),
        ("list_length", np.int64),
        ("lead_days", np.int64),
        ("start_year", np.int64),
        ("hold_seconds", np.int64),
        ("who_fits", np.int64),
        ("spare_beds", np.int64),
        ("by_vacancy", np.int64),
        ("hire_lag", np.int64),
        ("assessors_follow", np.int64),
        ("notice_seconds", np.int64),
        ("n_resource", np.int64),
        ("first_bed", np.int64),
        ("has_unstaffed", np.int64),
        ("has_closed", np.int64),
        ("has_admissions", np.int64),
        ("fixed_hours", np.int64),
        ("asks_without_wish", np.int64),
        ("last_months", np.int64),
        ("has_deaths", np.int64),
        ("given_month", np.int64),
    ],
    align=True,
)
"""Rates are hazards a year, loads those of the release; ``hold_seconds`` is how long a bed is held for a
resident in hospital, ``who_fits`` 1 if a person for whom there is not staff enough may be passed,
``spare_beds`` 1 if a bed that nobody waits for may take who waits for another kind, and ``keep_free`` the
share of 保基本 beds that is not lent. ``keep_month`` is the share of workers who are still there after a
month at the usual pay, ``hire_lag`` the months in which a vacant post is filled, ``by_vacancy`` is 1 where
workers go where posts are vacant,
``assessors_follow`` 1 where assessors follow the applications of the year before; ``notice_seconds`` is the
working time from an application to its notice at least. Beds in
institutions are the resources from ``first_bed`` on. 1 where some of them need no workers
(``has_unstaffed``), some class of a queue is not always served (``has_closed``), some beds do not take
everybody (``has_admissions``), the hours of a level never change (``fixed_hours``), or some beds are asked
for by people who do not want to live in an institution (``asks_without_wish``). ``last_months`` is how long
before death, in seconds, people ask for what is meant for their last months (0: nothing
is); ``has_deaths`` is 1 where events multiply hazards of death; ``given_month`` is the month before which
residents and waiting lists become those of the scenario (-1: never)."""

TALLY = np.dtype(
    [
        (name, np.int64)
        for name in (
            "period",
            "bed_step",
            "event_step",
            "held_now",
            "held_since",
            "held_seconds",
            "least_level",
            "most_hours",
        )
    ],
    align=True,
)
"""The period of the world's hazards of death, the next of its ``bed_days`` and ``event_days``, and beds held
for residents in hospital: now, since when, bed-seconds of the first reported year; from which level the
insurance gives benefits, and for how many hours in all (hundredths a week)."""


def rules_of(setting: Setting) -> NDArray[np.void]:
    """Return the rules of one setting."""
    rules = one_record(RULES)
    _add_assumed(rules, setting)
    _add_policy(rules, setting)
    _add_resources(rules, setting)
    rules["age_slope"] = setting.choice.age_slope
    rules["lead_days"] = LEAD_DAYS
    rules["given_month"] = setting.start.month
    rules["start_year"] = setting.inputs.city.base_year + 1 - WARM_UP_YEARS
    return rules


def _add_assumed(rules: NDArray[np.void], setting: Setting) -> None:
    """Fill in what is assumed."""
    assumed = setting.inputs.assumed
    choice, supply = assumed.choice, assumed.supply
    rules["withdrawal"], rules["other_exit"] = choice.withdrawal, choice.other_exit
    rules["patience_seconds"] = choice.patience_days * DAY
    rules["list_length"] = round(choice.list_length)
    rules["never_leave_zone"] = choice.never_leave_zone
    rules["distance_scale_km"] = choice.distance_scale_km
    rules["hospital_share"] = choice.hospital_share
    rules["hospital_admissions"] = choice.hospital_admissions
    rules["hospital_stay_days"] = choice.hospital_stay_days
    rules["self_caring_death"] = choice.self_caring_death
    rules["self_caring_onset"] = choice.self_caring_onset
    rules["one_year_results"] = assumed.need.one_year_results
    rules["staff_load"], rules["home_load"] = supply.staff_load_2020, supply.home_load_2020
    rules["assessor_load"] = supply.assessor_load_2020
    _add_workforce(rules, setting)


def _add_workforce(rules: NDArray[np.void], setting: Setting) -> None:
    """Fill in how workers leave and come, and what assessors keep to."""
    supply, scenario = setting.inputs.assumed.supply, setting.inputs.scenario
    rules["staff_stretch"] = supply.staff_stretch
    rules["hire_lag"] = hire_lag(setting.inputs)
    rules["keep_month"] = (1.0 - supply.worker_turnover) ** (1 / 12)
    rules["workers_institution"] = supply.workers_institution_2020
    rules["workers_home"] = supply.workers_home_2020
    rules["by_vacancy"] = scenario.workers.hiring == "by_vacancy"
    rules["assessor_growth_most"] = supply.assessor_growth_most
    rules["assessors_follow"] = follow_applications(scenario)
    rules["assessors_2020"] = supply.assessors_2020
    rules["has_deaths"] = bool(death_events(scenario))
    rules["notice_seconds"] = round(supply.notice_days * WORKING_DAY)


def _add_policy(rules: NDArray[np.void], setting: Setting) -> None:
    """Fill in what the scenario decides."""
    policy, assessors = setting.inputs.scenario.policy, setting.inputs.scenario.assessors
    rules["too_high"], rules["too_low"] = assessors.too_high, assessors.too_low
    rules["hardship_share"] = policy.hardship_share
    rules["interim_home_care"] = policy.interim_home_care
    rules["hold_seconds"] = policy.hospital_hold_days * DAY if policy.hospital_bed == "held" else 0
    rules["who_fits"] = policy.short_of_staff == "who_fits"
    tiers = setting.inputs.scenario.tiers
    has_tiers = tiers.share is not None
    takes = policy.spare_beds and any(row.takes for row in setting.inputs.resources)
    rules["spare_beds"] = takes or tiers.lends
    rules["keep_free"] = tiers.keep_free
    rules["has_admissions"] = len(policy.admissions) > 0 or has_tiers
    rules["fixed_hours"] = not setting.insurance.changes_hours
    queues = rules_of_queues(policy).values()
    rules["has_closed"] = any(rule.opens or rule.closes for queue in queues for rule in queue)


def _add_resources(rules: NDArray[np.void], setting: Setting) -> None:
    """Fill in what the table of resources says of them all."""
    resources = setting.inputs.resources
    rules["n_resource"], rules["first_bed"] = len(resources), resources.first_bed
    rules["has_unstaffed"] = any(not bed.workers for bed in resources.rows[resources.first_bed :])
    rules["asks_without_wish"] = resources.asks_without_wish
    rules["last_months"] = resources.last_months_days(setting.inputs.values) * DAY
