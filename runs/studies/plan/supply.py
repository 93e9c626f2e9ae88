"""Find what a city has without additions, and what everybody would take if nobody ever waited."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from params.scenario.path_resources import ASSESSORS, WORKERS
from runs.studies.plan.evaluate import Simulated
from runs.studies.plan.rule import square_root_rule

AMPLE: Final = 2.0
"""Times what is there and what is wanted: additions that leave nobody waiting for lack of them."""
MEASURES: Final = (
    *("share_in_time", "approved", "operating", "usable", "demand", "requests", "demand_gap"),
)
AT: Final = {name: k for k, name in enumerate(MEASURES)}
DAYS: Final = 365.0


@dataclass(frozen=True)
class Supply:
    """What there is, means over replications.

    Attributes
    ----------
    shares : ndarray, shape (replication, reported year, area, judged), in time without additions.
    has : ndarray, shape (reported year, area, lever), approved beds at the year's end, workers and
        assessors present.
    in_use : ndarray, shape (reported year, area, lever), operating beds; posts as `has`.
    wanted : ndarray, shape (reported year, area, lever), of beds those that everybody would live in.
    """

    shares: FloatArray
    has: FloatArray
    in_use: FloatArray
    wanted: FloatArray


def supply_of(simulated: Simulated) -> Supply:
    """Simulate the city without additions, and note its assessors."""
    layout, question = simulated.layout, simulated.layout.asked.question
    reported = tuple(dict.fromkeys((*layout.judged, *_reported(layout.levers))))
    found = simulated.measured([simulated.none()], MEASURES, reported, question.replications)[0]
    shares = found[..., [reported.index(r) for r in layout.judged], AT["share_in_time"]]
    mean = _mean(found)
    has, in_use, wanted = (np.zeros((*mean.shape[:2], len(layout.levers))) for _ in range(3))
    for k, (lever, row) in enumerate(zip(layout.levers, _reported(layout.levers), strict=True)):
        values = mean[:, :, reported.index(row)]
        if lever == ASSESSORS:
            has[..., k] = in_use[..., k] = _assessors(values)
        elif lever in WORKERS:
            has[..., k] = in_use[..., k] = values[..., AT["usable"]]
        else:
            has[..., k] = values[..., AT["approved"]]
            in_use[..., k] = values[..., AT["operating"]]
        wanted[..., k] = np.nan_to_num(values[..., AT["demand"]])
    if ASSESSORS in layout.levers:
        simulated.assessors = has[:, :-1, layout.levers.index(ASSESSORS)]
    return Supply(shares, has, in_use, wanted)


def workers_present(simulated: Simulated, state: IntArray) -> FloatArray:
    """Return care workers present with a state, (reported year, area, lever); nan for other levers."""
    layout = simulated.layout
    found = np.full((len(layout.reported), len(layout.districts) + 1, len(layout.levers)), np.nan)
    posts = [k for k, lever in enumerate(layout.levers) if lever in WORKERS]
    if posts:
        names = [layout.levers[k] for k in posts]
        n = layout.asked.question.replications
        found[..., posts] = _mean(simulated.measured([state], ("usable",), names, n)[0, ..., 0])
    return found


def _reported(levers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rows in which levers are reported: assessors in that of assessments."""
    return tuple("assessment" if lever == ASSESSORS else lever for lever in levers)


def _mean(values: FloatArray) -> FloatArray:
    """Return means over the first axis; nan where nothing is known."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)


def _assessors(values: FloatArray) -> FloatArray:
    """Return assessors present, shape (year, area): cases that they can do, over those of one a year.

    The city's cases and the assessors that it lacks tell how many cases one does.
    """
    city = values[:, -1]
    lacking = city[:, AT["demand"]] - city[:, AT["usable"]]
    each = lacking / np.where(city[:, AT["demand_gap"]] == 0, np.nan, city[:, AT["demand_gap"]])
    return np.asarray(values[..., AT["usable"]] / each[:, None])


def ample(simulated: Simulated, supply: Supply) -> IntArray:
    """Return additions with which nobody waits for lack of anything, shape (year, district, lever)."""
    layout = simulated.layout
    years = [layout.reported.index(year) for year in layout.years]
    each = AMPLE * (supply.has + supply.wanted)[years][:, :-1]
    most = np.ceil(np.where(layout.beds, each, AMPLE * supply.has[years][:, :-1])) + 1
    return np.broadcast_to(most.max(axis=0).astype(np.int64), most.shape).copy()


def first_guess(
    simulated: Simulated, supply: Supply, plenty: IntArray
) -> tuple[IntArray, FloatArray]:
    """Guess the beds that are lacking from what is asked for where nobody waits.

    Returns
    -------
    state : ndarray, shape (year, district, lever); posts 0.
    shares : ndarray, shape (replication, reported year, area, judged), in time with all that is ample.
    """
    layout, question = simulated.layout, simulated.layout.asked.question
    found = simulated.measured(
        [plenty], ("share_in_time", "demand", "requests"), layout.judged, question.replications
    )[0]
    mean = np.nan_to_num(_mean(found))
    years = [layout.reported.index(year) for year in layout.years]
    state = simulated.none()
    operating = float(layout.inputs.assumed.supply.operating_share)
    for k in np.flatnonzero(layout.beds):
        j = layout.judged.index(layout.levers[k])
        load, asked = mean[years][:, :-1, j, 1], mean[years][:, :-1, j, 2]
        stay = DAYS * load / np.maximum(asked, 1.0)
        share = np.full(load.shape, layout.target[j])
        enough = square_root_rule(load, stay, np.full(load.shape, layout.days[j]), share)
        lacking = (enough - supply.in_use[years][:, :-1, k]) / operating
        state[..., k] = np.ceil(np.maximum(lacking, 0.0))
    return state, found[..., 0]
