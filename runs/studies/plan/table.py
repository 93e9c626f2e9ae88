"""Lay a plan out as a table that a planner can defend: ``plan.csv``, a row a district, year and resource."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from params.axes import CITY, FloatArray
from params.names import units_of_resource
from params.scenario.path_resources import ASSESSORS
from params.studies.plan.levers import INSTITUTION_WORKERS, JUDGED_BY
from runs.studies.paired import LEVEL
from runs.studies.plan.least import Plan
from runs.texts.wording import contract_columns

MET: Final = "met"
UNSURE: Final = "unsure"
NOT_MET: Final = "not_met"
NOT_ASKED: Final = "not_asked"
ROUNDING: Final = 1e-9


class Shares(NamedTuple):
    """What replications say of shares in time, arrays of shape (reported year, area, judged)."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    holds_in: FloatArray
    """Share of the replications in which the target is reached."""


def shares_of(shares: FloatArray, target: FloatArray) -> Shares:
    """Return means, t-intervals and how often the target is reached; nan where nobody asked.

    Parameters
    ----------
    shares : ndarray, shape (replication, reported year, area, judged).
    target : ndarray, shape (judged,).
    """
    from scipy.special import stdtrit

    known = np.isfinite(shares)
    n = known.sum(axis=0)
    some = np.where(n > 0, n, np.nan)
    mean = np.where(known, shares, 0.0).sum(axis=0) / some
    apart = np.where(known, shares - mean, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt((apart**2).sum(axis=0) / (some - 1) / some)
    half = stdtrit(np.maximum(n - 1, 1), (1 + LEVEL) / 2) * error
    holds = np.where(known, shares >= target - ROUNDING, False).sum(axis=0) / some
    return Shares(mean, np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1), holds)


def plan_table(plan: Plan) -> pd.DataFrame:
    """Return ``plan.csv``: what is there, what is needed, what is added and how sure that is."""
    layout = plan.layout
    first = layout.reported.index(layout.first)
    openings = np.zeros((len(layout.reported), len(layout.districts), len(layout.levers)))
    opened = layout.calendar.openings(plan.state)
    openings[first : first + len(opened)] = opened
    cost = np.full(openings.shape, np.nan)
    if layout.prices is not None:
        cost[:] = 0.0
        whole = openings[first:]
        cost[first:] = layout.prices.by_year(whole, layout.first)
    told = _Told(
        plan,
        _with_city(openings),
        _with_city(openings.cumsum(axis=0)),
        _with_city(cost),
        shares_of(plan.supply.shares, layout.target),
        shares_of(plan.fresh, layout.target),
        None if plan.drawn is None else shares_of(plan.drawn, layout.target),
    )
    areas = (*layout.districts, CITY)
    rows = [
        told.row(t, a, k)
        for a in range(len(areas))
        for t in range(len(layout.reported))
        for k in range(len(layout.levers))
    ]
    return pd.DataFrame(rows, columns=list(contract_columns("plan")))


def _with_city(values: FloatArray) -> FloatArray:
    """Put the sum over districts behind them."""
    return np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)


class _Told(NamedTuple):
    """What rows are made of; arrays of shape (reported year, area, lever)."""

    plan: Plan
    openings: FloatArray
    added: FloatArray
    cost: FloatArray
    before: Shares
    after: Shares
    drawn: Shares | None

    def row(self, t: int, a: int, k: int) -> dict[str, object]:
        """Return one row."""
        layout = self.plan.layout
        lever, year = layout.levers[k], layout.reported[t]
        has, add = float(self.plan.supply.has[t, a, k]), float(self.added[t, a, k])
        present = float(self.plan.workers[t, a, k])
        found: dict[str, object] = {
            "district": (*layout.districts, CITY)[a],
            "year": year,
            "resource": "assessment" if lever == ASSESSORS else lever,
            "unit": "assessors" if lever == ASSESSORS else units_of_resource()[lever],
            "has": has,
            "opens": float(self.openings[t, a, k]),
            "add": add,
            "needs": has + add if np.isnan(present) else present,
            "cost": float(self.cost[t, a, k]),
            "currency": layout.asked.scenario.costs.currency,
        }
        return {**found, **self._judged(t, a, k)}

    def _judged(self, t: int, a: int, k: int) -> dict[str, object]:
        """Return how the requests that a lever is judged by fare; of a district's judged years a verdict."""
        layout = self.plan.layout
        lever, year = layout.levers[k], layout.reported[t]
        if lever == INSTITUTION_WORKERS:
            return {}
        j = layout.judged.index(JUDGED_BY.get(lever, lever))
        after, target = self.after, float(layout.target[j])
        found: dict[str, object] = {
            "target_share": target,
            "share_before": self.before.mean[t, a, j],
            "share_in_time": after.mean[t, a, j],
            "in_time_low": after.low[t, a, j],
            "in_time_high": after.high[t, a, j],
            "holds_in": after.holds_in[t, a, j],
            "holds_in_drawn": np.nan if self.drawn is None else self.drawn.holds_in[t, a, j],
        }
        if a == len(layout.districts):
            return found
        if year not in layout.years:
            return {**found, "verdict": NOT_ASKED}
        limit = self.plan.limits[layout.years.index(year), a, j]
        return {**found, "verdict": _verdict(found, target), "limit": limit}


def _verdict(found: dict[str, object], target: float) -> str:
    """Return what fresh seeds say of a target."""
    mean, high = float(found["share_in_time"]), float(found["in_time_high"])  # type: ignore[arg-type]
    if not np.isfinite(mean) or mean >= target - ROUNDING:
        return MET
    return UNSURE if high >= target else NOT_MET
