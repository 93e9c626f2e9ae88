"""Lay out where an amount was put, and what one batch of each lever gives: ``where.csv``, ``levers.csv``."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from params.names import units_of_resource
from params.scenario.path_resources import ASSESSORS
from runs.studies.plan.layout import Layout
from runs.studies.plan.where import Candidate, Marginal, Shared, cost_of
from runs.texts.wording import contract_columns

PER_MONEY: Final = 10_000.0


def where_table(shared: Shared) -> pd.DataFrame:
    """Return ``where.csv``: one row a batch, in the order in which they were given."""
    rows, total = [], 0
    for number, step in enumerate(shared.steps, start=1):
        one = shared.candidates[step.candidate]
        total += one.units
        rows.append(
            {
                "step": number,
                **_named(shared.layout, one),
                "total_units": total,
                "gain": step.gain,
                "gain_mc_error": step.error,
                "gain_low": step.low,
                "gain_high": step.high,
                "total_gain": step.total,
            }
        )
    return pd.DataFrame(rows, columns=list(contract_columns("where")))


def levers_table(marginal: Marginal) -> pd.DataFrame:
    """Return ``levers.csv``: one row a batch that was tried, the best for its cost first."""
    rows = []
    for one, gain, waited in zip(
        marginal.candidates, marginal.in_time, marginal.waited, strict=True
    ):
        named = _named(marginal.layout, one)
        cost = float(named["cost"])  # type: ignore[arg-type]
        rows.append({**named, **_gained(one, gain, waited, cost)})
    table = pd.DataFrame(rows, columns=list(contract_columns("levers")))
    by = "gain_a_unit" if marginal.layout.prices is None else "gain_a_cost"
    return table.sort_values(by, ascending=False, kind="stable").reset_index(drop=True)


def _gained(
    one: Candidate, gain: Mapping[str, float], waited: Mapping[str, float], cost: float
) -> dict[str, object]:
    """Return the columns of what a batch gives."""
    more = gain["difference"]
    return {
        "gain": more,
        "gain_mc_error": gain["mc_error"],
        "gain_low": gain["low"],
        "gain_high": gain["high"],
        "gain_a_unit": more / one.units,
        "gain_a_cost": PER_MONEY * more / cost if cost > 0 else np.nan,
        "days_less": -waited["difference"],
        "days_less_mc_error": waited["mc_error"],
    }


def _named(layout: Layout, one: Candidate) -> dict[str, object]:
    """Return what a batch is."""
    lever = layout.levers[one.lever]
    return {
        "district": layout.districts[one.district],
        "resource": "assessment" if lever == ASSESSORS else lever,
        "unit": "assessors" if lever == ASSESSORS else units_of_resource()[lever],
        "units": one.units,
        "cost": np.nan if layout.prices is None else cost_of(layout, one),
        "currency": layout.asked.scenario.costs.currency,
    }
