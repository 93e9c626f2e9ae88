"""The deterministic twin: expected stocks and flows of care, as if nothing were ever scarce.

The same rates as in the event simulation, carried as expected numbers instead of single people: what
each resource is asked for when everybody gets what they ask for at once (its offered load). Nothing is
drawn and nothing of the event loop is used, so that its means are a check on the event simulation.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from forecast.people.excess import death_events, mean_factor
from params.axes import ASSESSMENT, ELDER_AGE, HOME_CARE, LEVELS, FloatArray
from params.tables.resources import IN_HOSPITAL, WHO, WITH_DEMENTIA, Ask
from simulate.city.resources import staff_sizes
from simulate.city.rules import LEAD_DAYS
from simulate.city.setting import Setting
from simulate.city.wish_for_bed import PIVOT_AGE
from simulate.city.world import N_AGE, SELF_CARING_AGE
from simulate.engine.records import DAY, WORKING_DAY, YEAR
from simulate.offered.clock import (
    SAMPLE,
    SLOT,
    Steps,
    arrivals,
    at_once,
    ends_of_results,
    make_steps,
    mean_wait,
    news,
    renewals,
    requests,
    weights,
)
from simulate.offered.limits import check_carried
from simulate.offered.lives import Carried, carry, empty_carried
from simulate.offered.moments import Sheet

SERVICE: Final = 2 * 3600
"""Working seconds of a case where a pair of assessors does four a day."""
PARTS: Final = 2
"""Steps a month; four change no figure of a month and district by more than .03 % in the baseline, requests
for assessments by .2 %."""
LOWEST: Final = LEVELS[0]
"""First level with need on an axis that begins at level 0."""


@dataclass(frozen=True)
class Offered:
    """Expected numbers where nothing is scarce; months run from the release to the horizon.

    Attributes
    ----------
    need : ndarray, shape (month, district, level), people in need at the start of each month, whether
        or not they have come forward.
    beneficiaries : ndarray, shape (month, district, level), holders of a level at the same moments.
    demand : ndarray, shape (month, district, resource), means over the month: beds, day-care places,
        family beds, home care in hours a week; assessments are requests of the month.
    staff : ndarray, shape (month, district), staff hours a day that residents of institutions need, mean.
    """

    need: FloatArray
    beneficiaries: FloatArray
    demand: FloatArray
    staff: FloatArray


def service_of(setting: Setting) -> int:
    """Return the working seconds from an application to its result where nobody waits for assessors."""
    return max(SERVICE, round(setting.inputs.assumed.supply.notice_days * WORKING_DAY))


def offered_load(setting: Setting, parts: int = PARTS) -> Offered:
    """Work out the offered load of every resource for one setting.

    Parameters
    ----------
    parts : steps of the integration in a month.

    Raises
    ------
    NotCarried
        If assessors err, beds are given up on admission to hospital, something is asked for in the last
        months of life, the insurance covers from a higher level on, or beds do not take everybody: none of
        these is carried here.

    Notes
    -----
    Exact up to the length of a step, but for people whose level improved and who would want an institution
    again some years later, levels that change twice while a result is awaited, and ages at looks that
    fall into a wait over the new year; none of these shows in two dozen replications of the city.
    While assessors pause for three months, requests for an assessment come out 2 % too many. Beds
    given up because a stay in hospital is longer than they are held are left out.
    Residents of medical beds leave for other causes here as anybody does; in the simulation they stay, so
    that demand for such beds comes out too low by what `other_exit` takes.
    """
    check_carried(setting)
    steps = make_steps(setting.calendar, parts)
    assumed = setting.inputs.assumed.choice
    weight = _weights(setting, steps)
    insured = _carried(setting, steps, insured=True)
    others = _carried(setting, steps, insured=False)
    at_home = 1 - assumed.hospital_share
    # A stay counts from the move, not from the request: exits lag behind by the mean wait.
    late = np.exp(assumed.other_exit * mean_wait(setting.calendar, service_of(setting)) / YEAR)
    # (month, district, level, best level so far, dementia)
    residents = at_home * late * _known(insured.residents, weight.month)
    everybody = residents + _known(others.residents, weight.month_now)
    self_caring = _over_steps(weight.month_now[0], _self_caring(setting, steps))
    holders = _known(insured.held, weight.month)
    demand = np.zeros((*self_caring.shape, len(setting.inputs.resources)))
    _services(setting, at_home * holders - residents.sum(-1), demand)
    hospital = assumed.hospital_share * holders
    staff = _beds(setting, everybody, self_caring, hospital, demand)
    demand[..., ASSESSMENT] = _assessments(setting, steps, insured)
    return Offered(
        need=_over_steps(weight.start_now[0], insured.need),
        beneficiaries=_known(insured.held, weight.start).sum(axis=-1),
        demand=demand,
        staff=staff,
    )


@dataclass(frozen=True)
class _Weights:
    """How months follow from the ends of steps: pairs of weights, and of weights times age.

    Each of shape (2, month, step + 1): at the starts of months and over them, from what assessors
    know and from what is true now.
    """

    start: FloatArray
    start_now: FloatArray
    month: FloatArray
    month_now: FloatArray


def _weights(setting: Setting, steps: Steps) -> _Weights:
    calendar = setting.calendar
    bounds = calendar.month_start[calendar.month_start <= calendar.horizon].astype(np.float64)
    starts = [bounds[m : m + 1] for m in range(bounds.size - 1)]
    insides = [np.arange(low + SAMPLE / 2, high, SAMPLE) for low, high in pairwise(bounds)]

    def of(moments: FloatArray, known: FloatArray) -> FloatArray:
        return np.stack(weights(steps, known, moments - known))

    def both(samples: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
        late = [of(t, news(calendar, t, service_of(setting))) for t in samples]
        return np.stack(late, axis=1), np.stack([of(t, t) for t in samples], axis=1)

    start, start_now = both(starts)
    month, month_now = both(insides)
    return _Weights(start=start, start_now=start_now, month=month, month_now=month_now)


def _over_steps(weight: FloatArray, sums: FloatArray) -> FloatArray:
    """Return what months have of the ends of steps, shape (month, ...).

    Term by term: a product of matrices rounds in another order for another number of months.
    """
    return np.asarray(np.einsum("ms,s...->m...", weight, sums))


def _known(sums: FloatArray, weight: FloatArray) -> FloatArray:
    """Return who is there now of those whom news tells of: less those who have gone since then.

    Parameters
    ----------
    sums : ndarray, shape (step + 1, 2, ...): people, and what they lose a year.
    weight : ndarray, shape (2, month, step + 1), see `_Weights`.
    """
    people, lost = (_over_steps(weight[j], sums[:, j]) for j in range(2))
    rate = np.divide(lost, people, out=np.zeros_like(people), where=people > 0)
    return np.asarray(people * np.exp(-rate))


def _carried(setting: Setting, steps: Steps, insured: bool) -> Carried:
    """Carry the insured who come forward, or the uninsured, who turn to institutions themselves."""
    need = setting.need
    n_year = int(steps.year[-1]) + 1
    out = empty_carried(steps.year.size, len(setting.inputs.districts))
    # Cohorts by their place on the hazards' axis in the first year; those who start later are below 0.
    first = 1 - n_year
    carry(_sheet(setting, steps, insured), first, need.stock.shape[3] + 1 - first, out)
    return out


def _sheet(setting: Setting, steps: Steps, insured: bool) -> Sheet:
    """Lay out rates with the district last, so that districts are carried side by side."""
    need, assumed, choice = setting.need, setting.inputs.assumed, setting.choice
    n_year = int(steps.year[-1]) + 1
    dementia = need.dementia
    acquire = np.maximum(np.diff(dementia) / (1 - dementia[:-1]), 0.0)
    age = choice.age_slope * (np.arange(N_AGE) - PIVOT_AGE)
    delay = assumed.need.application_delay_days
    hazards = need.hazards
    wait = mean_wait(setting.calendar, service_of(setting))
    no_renewal = np.zeros((steps.year.size + 1, steps.year.size))
    return Sheet(
        stock=_district_last(need.stock[0], 0),
        onset=_district_last(need.onset[1 : n_year + 1], 1),
        alone=_district_last(need.arrangement[:, 0], 1),
        claim=_claims(setting, steps, insured),
        settled=need.settled if insured else 1.0,
        dementia=dementia,
        stayed=choice.stayed,
        death=np.ascontiguousarray(hazards.death[1:]),
        factor=np.ascontiguousarray(_death_factor(setting, steps)[:, ELDER_AGE:]),
        change=np.stack(
            [hazards.worsen, hazards.improve, hazards.recover, hazards.recheck], axis=-1
        ),
        acquire=np.append(acquire, 0.0),
        share=1 / (1 + np.exp(-(choice.logit[..., None] + age))),
        exits=assumed.choice.other_exit,
        step=steps.length,
        part=steps.share,
        year=steps.year,
        arrive=arrivals(steps, delay) if insured else at_once(steps),
        renew=(
            renewals(
                steps,
                setting.calendar,
                service_of(setting),
                assumed.need.one_year_results,
                LEAD_DAYS,
            )
            if insured
            else no_renewal
        ),
        ends=ends_of_results(steps, wait, LEAD_DAYS),
        wait=wait / YEAR,
    )


def _claims(setting: Setting, steps: Steps, insured: bool) -> FloatArray:
    """Return the share of people in need who are carried: of the stock, then of each step's onsets.

    Shape (1 + step, district).
    """
    need, insurance = setting.need, setting.insurance
    covered = insurance.insured_of(need)
    share = covered * insurance.take_up_of(need) if insured else 1 - covered
    month = np.arange(steps.year.size) // steps.parts
    return np.asarray(share[np.append(0, 1 + month)])


def _death_factor(setting: Setting, steps: Steps) -> FloatArray:
    """Return by how much events multiply hazards of death in the mean of each step, (step, age)."""
    events, calendar = death_events(setting.inputs.scenario), setting.calendar
    return mean_factor(events, calendar.start, steps.bounds / DAY)


def _district_last(array: FloatArray, axis: int) -> FloatArray:
    return np.ascontiguousarray(np.moveaxis(array, axis, -1))


def _self_caring(setting: Setting, steps: Steps) -> FloatArray:
    """Return self-caring residents at the end of every step, shape (step + 1, district).

    They arrive at a given rate and stay an exponential time: no one is in another's way.
    """
    assumed, flows = setting.inputs.assumed.choice, setting.flows
    factor = _death_factor(setting, steps)[:, SELF_CARING_AGE]
    rates = assumed.self_caring_death * factor + assumed.self_caring_onset + assumed.other_exit
    people = [np.floor(flows.self_stock + 0.5)]
    for n, (length, rate) in enumerate(zip(steps.length, rates, strict=True)):
        stay = np.exp(-rate * length)
        come = flows.self_flow[n // steps.parts] / steps.parts
        people.append(people[-1] * stay + come * (1 - stay) / (rate * length))
    return np.array(people)


def _services(setting: Setting, at_home: FloatArray, demand: FloatArray) -> None:
    """Fill in care at home from the insured at home, (month, district, level, best level so far).

    A place once given stays when the level improves; some take the place of home care.
    """
    resources, chances = setting.inputs.resources, _chances(setting)
    without_hours = np.zeros_like(at_home)
    for k in range(HOME_CARE + 1, resources.first_bed):
        asked = at_home * sum(chance[LOWEST:] for _, chance in chances[k])
        demand[..., k] = asked.sum(axis=(2, 3))
        if resources.rows[k].replaces == resources.names[HOME_CARE]:
            without_hours += asked
    used = setting.inputs.assumed.choice.entitlement_used
    hours = np.round(setting.insurance.weekly_hours(setting.inputs) * used * 100) / 100
    clients = (at_home - without_hours).sum(axis=-1)
    demand[..., HOME_CARE] = (clients * hours[: len(clients), None]).sum(axis=-1)


def _chances(setting: Setting) -> dict[int, list[tuple[Ask, FloatArray]]]:
    """Return the reasons to ask for each resource with their chance by level 0 to 6."""
    inputs = setting.inputs
    found: dict[int, list[tuple[Ask, FloatArray]]] = {k: [] for k in range(len(inputs.resources))}
    table = inputs.resources.chances(inputs.values)
    for (k, ask), chance in zip(inputs.resources.asks(), table, strict=True):
        found[k].append((ask, chance))
    return found


def _beds(
    setting: Setting,
    residents: FloatArray,
    self_caring: FloatArray,
    hospital: FloatArray,
    demand: FloatArray,
) -> FloatArray:
    """Share residents over kinds of bed, the most special first; return the staff hours they need.

    Nobody moves down: what counts is the best level so far.

    Parameters
    ----------
    residents : ndarray, shape (month, district, level, best level so far, dementia).
    self_caring : ndarray, shape (month, district).
    hospital : ndarray, shape (month, district, level, best), the fixed share cared for in hospital.
    """
    resources, chances = setting.inputs.resources, _chances(setting)
    hours = staff_sizes(setting.inputs) / 1000
    part = setting.inputs.assumed.choice.self_caring_dementia
    left = residents.copy()
    alone = self_caring[..., None] * np.array([1 - part, part])
    staff = np.zeros_like(self_caring)
    for k in range(len(resources) - 1, resources.first_bed - 1, -1):
        here, here_alone = np.zeros_like(left), np.zeros_like(alone)
        for ask, chance in chances[k]:
            if ask.who == WHO[IN_HOSPITAL]:
                demand[..., k] += (hospital * chance[LOWEST:]).sum(axis=(2, 3))
                continue
            asks = np.array([0.0 if ask.who == WHO[WITH_DEMENTIA] else 1.0, 1.0])
            here += left * chance[LOWEST:, None] * asks
            here_alone += alone * chance[0] * asks
        left, alone = left - here, alone - here_alone
        demand[..., k] += here.sum(axis=(2, 3, 4)) + here_alone.sum(axis=-1)
        staff += here.sum(axis=(3, 4)) @ hours[k, LOWEST:] + here_alone.sum(axis=-1) * hours[k, 0]
    return staff


def _assessments(setting: Setting, steps: Steps, insured: Carried) -> FloatArray:
    """Return requests for an assessment by month from the release on, shape (month, district)."""
    calendar = setting.calendar
    one_year = setting.inputs.assumed.need.one_year_results
    all_asked = insured.asked.sum(axis=2)[..., None]
    lasting = np.divide(
        insured.lasting, all_asked, out=np.zeros_like(insured.lasting), where=all_asked > 0
    )
    slots = requests(
        steps,
        calendar,
        service_of(setting),
        LEAD_DAYS,
        insured.asked[..., :2].sum(axis=2) + insured.stock,
        lasting * np.array([one_year, 1 - one_year]),
    )
    months = calendar.warm_month_start[:-1]
    by_month = np.add.reduceat(slots, months // SLOT) + setting.flows.below_flow
    reported = (months >= calendar.release) & (months < calendar.horizon)
    return np.asarray(by_month[reported])


__all__ = ["Offered", "offered_load"]
