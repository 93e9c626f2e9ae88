"""Say how pay above its course acts on care workers: fewer leave, and more can be found."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.resources import WORKERS
from simulate.city.capacity import hire_lag

MOST_LEAVE: Final = 0.99
"""Share of workers who leave in a year at most, however far pay falls."""


@dataclass(frozen=True)
class Pay:
    """What pay makes of workers, month by month; each of shape (month, market).

    Attributes
    ----------
    keep_month : share of workers who are still there after a month.
    keep_lag : share still there when a post that is vacant now is filled.
    found : workers who can be found over those at the usual pay.
    """

    keep_month: FloatArray
    keep_lag: FloatArray
    found: FloatArray


def pay_of(inputs: Inputs, n_month: int) -> Pay:
    """Return what pay makes of workers.

    Where workers are hired by vacancy, who comes for the pay begins after vacancy and training like all
    others. In place there are no vacancies to fill: the same time passes before they are there.
    """
    supply, lag = inputs.assumed.supply, hire_lag(inputs)
    late = lag if inputs.scenario.workers.hiring == "in_place" else 0
    keep_month, keep_lag, found = (np.ones((n_month, len(WORKERS))) for _ in range(3))
    for market in range(len(WORKERS)):
        for month in range(n_month):
            level = pay_level(inputs, market, month)
            leave = supply.worker_turnover
            if level != 1.0:
                leave = min(leave * level**-supply.leaving_wage_elasticity, MOST_LEAVE)
            keep_month[month, market] = (1.0 - leave) ** (1 / 12)
            keep_lag[month, market] = (1.0 - leave) ** (lag / 12)
            level = pay_level(inputs, market, month - late)
            found[month, market] = level**supply.hiring_wage_elasticity
    return Pay(keep_month, keep_lag, found)


def pay_level(inputs: Inputs, market: int, month: int) -> float:
    """Return pay in a month over its course."""
    level = 1.0
    for wage in inputs.scenario.workers.wages:
        first = (wage.date.year - inputs.city.first_year) * 12 + wage.date.month - 1
        if wage.workers in (None, WORKERS[market]) and month >= first:
            level *= 1.0 + wage.rise
    return level
