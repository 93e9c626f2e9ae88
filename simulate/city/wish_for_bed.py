"""Solve how likely people want an institution, so that those of 2020 are as full as surveys say.

A person wants an institution where their own uniform lies below a share that rises with level, age,
dementia and living alone; it is looked at again with every result of an assessment. Two numbers are solved:
the level of that share (from the occupancy of 2020) and the effect of dementia (from the share of
residents who have it). Both follow in closed form from the stocks, because wanting depends on the
present state only; exits by other causes thin it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from forecast.need.need import N_ELDER, Need
from forecast.people.projection import WARM_UP_YEARS
from params.axes import ELDER_AGE, LEVELS, N_LEVEL, FloatArray
from params.inputs import Inputs
from params.language import said
from params.tables.assumed import ChoiceGroup

PIVOT_AGE = 80
WIDE = 20.0
"""Half of the range of logits searched."""
MOST_WITH_DEMENTIA = 0.9
"""Largest share of the people with dementia who may want an institution, whatever a draw asks for."""


@dataclass(frozen=True)
class Choice:
    """Shares that want an institution.

    Attributes
    ----------
    logit : ndarray, shape (level, alone, dementia), logit of the share at age 80.
    age_slope : added to the logit for every year of age above 80.
    stayed : ndarray, shape (level,), share of those wanting an institution who have not left for good.
    residents : residents of institutions that the shares aim at, self-caring included.
    self_caring : of these, self-caring.
    expected : people in need who want an institution at the end of 2020, by the closed form.
    """

    logit: FloatArray
    age_slope: float
    stayed: FloatArray
    residents: float
    self_caring: float
    expected: float


def solve_choice(inputs: Inputs, need: Need) -> Choice:
    """Solve the shares for one draw of the assumptions."""
    assumed = inputs.assumed.choice
    residents = assumed.city_occupancy_2020 * inputs.scenario.beds.total_2020
    self_caring = assumed.self_caring_share * residents
    in_need = (residents - self_caring) * assumed.bed_demand_fit
    with_dementia = (
        assumed.home_dementia * residents - assumed.self_caring_dementia * self_caring
    ) / (residents - self_caring)
    people = _seekers(inputs, need)
    kept = _kept(inputs, need)

    def wanted(x: FloatArray) -> FloatArray:
        share = _logistic(
            _logit(assumed, x[0], x[1]) + assumed.institution_age_slope * _YEARS_FROM_80
        )
        return np.asarray((people * share * kept[:, None, None]).sum(axis=0))

    # No draw may ask for more residents with dementia than there are people with dementia to want it.
    most = MOST_WITH_DEMENTIA * float((people * kept[:, None, None])[..., 1].sum()) / in_need
    with_dementia = min(with_dementia, most)

    def level_at(dementia: float) -> float:
        def miss(level: float) -> float:
            return float(wanted(np.array([level, dementia])).sum()) - in_need

        return float(brentq(miss, -WIDE, WIDE))

    def miss_dementia(dementia: float) -> float:
        want = wanted(np.array([level_at(dementia), dementia]))
        return float(want[..., 1].sum() / want.sum()) - with_dementia

    try:
        effect = float(brentq(miss_dementia, -WIDE / 2, WIDE / 2))
    except ValueError as error:
        msg = said(
            f"no shares of people wanting an institution give {residents:.0f} residents "
            f"(city_occupancy_2020, self_caring_share), {assumed.home_dementia:.0%} with dementia "
            f"(home_dementia), from {people.sum():.0f} people in need",
            f"从 {people.sum():.0f} 名失能者中无法得到 {residents:.0f} 名在院老人"
            f"（city_occupancy_2020、self_caring_share），其中 {assumed.home_dementia:.0%} 有认知障碍"
            "（home_dementia）",
        )
        raise ValueError(msg) from error
    level = level_at(effect)
    solved = np.array([level, effect])
    return Choice(
        logit=_logit(assumed, level, effect),
        age_slope=assumed.institution_age_slope,
        stayed=kept,
        residents=residents,
        self_caring=self_caring,
        expected=float(wanted(solved).sum()),
    )


_YEARS_FROM_80 = (np.arange(N_ELDER) + ELDER_AGE + 0.5 - PIVOT_AGE)[:, None, None, None]


def _logistic(logit: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-logit)))


def _logit(assumed: ChoiceGroup[float], level: float, dementia: float) -> FloatArray:
    """Return the logit of wanting an institution at age 80, shape (level, alone, dementia)."""
    rise = assumed.institution_level_slope * (np.array(LEVELS) - 4.0)
    yes = np.array([0.0, 1.0])
    return np.asarray(
        level
        + rise[:, None, None]
        + assumed.institution_alone * yes[None, :, None]
        + dementia * yes[None, None, :]
    )


def _seekers(inputs: Inputs, need: Need) -> FloatArray:
    """Return who could ask for a bed at the end of 2020, shape (age, level, alone, dementia)."""
    stock = need.stock[WARM_UP_YEARS]
    insured = stock * need.insured[:, None, None, None]
    rest = stock - insured
    people = (
        insured * need.take_up * need.settled * (1 - inputs.assumed.choice.hospital_share) + rest
    )
    alone = need.arrangement[WARM_UP_YEARS, 0][..., None]
    by_alone = np.stack(
        [(people * (1 - alone)).sum(axis=(0, 1)), (people * alone).sum(axis=(0, 1))], -1
    )
    dementia = np.stack([1 - need.dementia, need.dementia], -1)
    return np.asarray(by_alone[..., None] * dementia[None, :, None, :])


def _kept(inputs: Inputs, need: Need) -> FloatArray:
    """Return the share of those wanting an institution who have not left for other causes, by level.

    In a stock that grows at a steady rate, those who left at level k balance exits and worsening
    into the level against death, recovery, worsening out of it and growth.
    """
    exits = inputs.assumed.choice.other_exit
    stock = need.stock[WARM_UP_YEARS]
    growth = np.log(need.stock[WARM_UP_YEARS].sum() / need.stock[WARM_UP_YEARS - 1].sum())
    hazards = need.hazards
    death = np.einsum("dsal,sal->l", stock, hazards.death[WARM_UP_YEARS]) / stock.sum((0, 1, 2))
    size = stock.sum((0, 1, 2))
    out = death + hazards.recover + hazards.worsen + hazards.improve + growth
    kept = np.empty(N_LEVEL)
    left_before = 0.0
    for k in range(N_LEVEL):
        into = hazards.worsen[k - 1] * left_before if k > 0 else 0.0
        # left = (exits * (size - left) + into) / out
        left = (exits * size[k] + into) / (out[k] + exits)
        kept[k] = 1 - left / size[k]
        left_before = left
    return kept
