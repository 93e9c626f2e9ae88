"""Hold a run against the plan's 24 indicators: what it sets, what it finds, what it cannot say."""

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.read import read_table
from runs.tables.stack import spread
from simulate.outcome import MONTHLY_MEASURES, NEED_MEASURES, Outcome

TEN_THOUSAND = 10_000
SIMULATED = (2, 3, 4, 5, 7)
"""Numbers of the indicators that a simulation finds, in the order of `indicator_values`."""
UNIT_FOUND = {2: "%", 5: "%", 7: "%"}
"""Units of what is found, where the plan prints none."""
ENDS = ("simulated_2025_p05", "simulated_2025_p95", "simulated_2025_mc_error")


def indicator_table(inputs: Inputs, values: FloatArray) -> pd.DataFrame:
    """Return ``indicators.csv``: target, what the scenario plans, what the simulation finds, verdict.

    A target that a scenario sets is not "met" by it: such rows carry the verdict ``input``.

    Parameters
    ----------
    values : ndarray, shape (replication, indicator), see `indicator_values`.
    """
    plan = read_table("plan_indicators.csv", inputs.city.tables)
    planned = _planned(inputs)
    found = {number: spread(draws) for number, draws in zip(SIMULATED, values.T, strict=False)}
    simulated = {number: float(mean) for number, (mean, *_) in found.items()}
    unknown = (np.nan,) * 4
    rows = []
    for row in plan.itertuples(index=False):
        number, target = int(str(row.no)), float(str(row.target_2025))
        kind = str(row.kind)
        # Indicators without a counterpart in the model stay what they are: not modelled.
        if kind != "not_modelled" and number not in planned and number not in simulated:
            kind = "not_modelled"
        rows.append(
            {
                "scenario": inputs.scenario.name,
                "indicator": row.indicator,
                "kind": kind,
                # The plan may word a target without a figure; what is found is a percentage then.
                "unit": row.unit
                if isinstance(row.unit, str) and row.unit
                else UNIT_FOUND.get(number),
                "base_2020": row.base_2020,
                "target_2025": target,
                "planned_2025": planned.get(number, np.nan),
                "simulated_2025": simulated.get(number, np.nan),
                "verdict": _verdict(kind, number, target, simulated),
                "source_id": row.source_id,
                # As plain numbers: of one replication they come as arrays, whose nan would be written.
                **dict(zip(ENDS, map(float, found.get(number, unknown)[1:]), strict=True)),
            }
        )
    return pd.DataFrame(rows)


def _verdict(kind: str, number: int, target: float, simulated: dict[int, float]) -> str:
    if kind in ("input", "not_modelled"):
        return kind
    value = simulated.get(number, np.nan)
    wanted = 100.0 if np.isnan(target) else float(target)
    if np.isnan(value):
        return "unknown"
    return "met" if value >= wanted else "not_met"


def _planned(inputs: Inputs) -> dict[int, float]:
    """Return what the scenario itself sets, by the indicator's number."""
    beds, workers = inputs.scenario.beds, inputs.scenario.workers
    values: dict[int, float] = {7: workers.certified_2025 * 100}
    if beds.path in ("plan", "rule-met"):
        values[4] = beds.dementia_2025 / TEN_THOUSAND
        values[5] = beds.nursing_share_2025 * 100
    if beds.path == "plan":
        values[3] = beds.total_2025 / TEN_THOUSAND
    return values


def indicator_values(inputs: Inputs, outcome: Outcome) -> FloatArray:
    """Return what one replication has at the end of the plan, in the order of `SIMULATED`.

    Empty where the scenario ends before.
    """
    if inputs.last_year < inputs.city.plan_year:
        return np.empty(0)
    year = inputs.city.plan_year - inputs.city.base_year
    approved = outcome.monthly[12 * year - 1, ..., MONTHLY_MEASURES.index("approved")].sum(axis=0)
    total, nursing, dementia = (
        approved[inputs.resources.reported.index(r)]
        for r in ("bed_total", "nursing_bed", "dementia_bed")
    )
    return np.array(
        [
            _severe_coverage(outcome, year),
            total / TEN_THOUSAND,
            dementia / TEN_THOUSAND,
            (nursing + dementia) / total * 100,
            outcome.certified[year - 1] * 100,
        ]
    )


def _severe_coverage(outcome: Outcome, year: int) -> float:
    """Return the insured people of level 5-6 who hold a level, in percent of those in need (应保尽保)."""
    at = {name: k for k, name in enumerate(NEED_MEASURES)}
    need = outcome.need[year].sum(axis=0)
    held = need[at["beneficiaries_5"]] + need[at["beneficiaries_6"]]
    wanted = need[at["need_5"]] + need[at["need_6"]]
    return float(held / wanted * 100)
