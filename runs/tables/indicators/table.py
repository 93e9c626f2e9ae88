"""Hold a run against the plan's indicators: at the end of the plan, and year by year."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.inputs import Inputs
from params.tables.read import read_table
from runs.tables.indicators.found import BAR, CEILING, FOUND, VALUE
from runs.tables.indicators.known import (
    INPUT,
    NOT_MODELLED,
    RESULT,
    Indicator,
    kind_of,
    scenario_values,
    years_of,
)
from runs.tables.stack import Stack, spread

UNIT_FOUND: Final = {Indicator.COVER: "%"}
"""Units of what is found, where the plan prints none."""
READINGS: Final = {
    (Indicator.COVER, RESULT): "held_of_insured",
    (Indicator.BEDS, RESULT): "beds_by_rule",
    (Indicator.CENTRES, INPUT): "straight_line",
    (Indicator.SICKBEDS, RESULT): "set_up_in_a_year",
}
"""What is to be said of how a number is counted and judged."""
LEEWAY: Final = 1.0
"""Percentage points below its bar within which a target without a figure is met: a replication meets what
the bar takes to be under way to some tenths."""
ENDS: Final = ("p05", "p95", "mc_error")


def indicator_table(inputs: Inputs, values: Stack | FloatArray) -> pd.DataFrame:
    """Return ``indicators.csv``: target, what the scenario plans, what the simulation finds, verdict.

    A target that a scenario sets is not "met" by it: such rows carry the verdict ``input``.

    Parameters
    ----------
    values : one array a replication, shape (year, indicator, 3), see `indicator_values`.
    """
    at = inputs.city.plan_year - inputs.city.base_year
    rows = []
    for row in _rows_by_year(inputs, values):
        by_year = row["by_year"]
        # A scenario may end before the plan does.
        last = by_year[at] if at < len(by_year) else dict.fromkeys(by_year[0], np.nan)
        target = float(str(row["target_2025"]))
        wanted = _wanted(row["kind"], target, last["bar"])
        rows.append(
            {
                "scenario": inputs.scenario.name,
                "indicator": row["indicator"],
                "kind": row["kind"],
                "unit": row["unit"],
                "base_2020": row["base_2020"],
                "target_2025": target,
                "planned_2025": last["scenario_value"],
                "simulated_2025": last["simulated"],
                "ceiling_2025": last["ceiling"],
                "judged_by_2025": wanted,
                "verdict": _of_applicants(_verdict(row["kind"], wanted, last), target),
                "reading": row["reading"],
                "source_id": row["source_id"],
                **{f"simulated_2025_{end}": last[f"simulated_{end}"] for end in ENDS},
            }
        )
    return pd.DataFrame(rows)


def yearly_indicator_table(inputs: Inputs, values: Stack | FloatArray) -> pd.DataFrame:
    """Return ``indicators_by_year.csv``: a row an indicator of which the model says something, and year.

    Parameters
    ----------
    values : one array a replication, shape (year, indicator, 3), see `indicator_values`.
    """
    said = [row for row in _rows_by_year(inputs, values) if row["kind"] != NOT_MODELLED]
    rows = [
        {
            "scenario": inputs.scenario.name,
            **{key: row[key] for key in ("indicator", "kind", "unit")},
            "year": year,
            **{name: value for name, value in of_year.items() if name != "bar"},
        }
        for row in said
        for year, of_year in zip(years_of(inputs), row["by_year"], strict=True)
    ]
    columns = ("scenario", "indicator", "kind", "unit", "year", "scenario_value", "simulated")
    ends = [f"simulated_{end}" for end in ENDS]
    return pd.DataFrame(rows, columns=[*columns, "ceiling", *ends])


def _rows_by_year(inputs: Inputs, values: Stack | FloatArray) -> list[dict[str, Any]]:
    """Return the plan's rows with their kind in this scenario and what is said of every year."""
    planned = scenario_values(inputs)
    found = np.stack(list(spread(values)))  # (mean and ENDS, year, indicator, 2)
    nothing = np.full(len(years_of(inputs)), np.nan)
    rows = []
    for row in read_table("plan_indicators.csv", inputs.city.tables).to_dict("records"):
        number = int(row["no"])
        kind = kind_of(number, str(row["kind"]), inputs)
        which = Indicator(number) if kind != NOT_MODELLED else None
        is_found = which in FOUND
        k = FOUND.index(which) if which is not None and is_found else 0
        mean, *ends = found[:, :, k, VALUE] if is_found else np.tile(nothing, (4, 1))
        series = {
            "scenario_value": nothing if which is None else planned.get(which, nothing),
            "simulated": mean,
            "ceiling": found[0, :, k, CEILING] if is_found else nothing,
            "bar": found[0, :, k, BAR] if is_found else nothing,
            **{f"simulated_{end}": line for end, line in zip(ENDS, ends, strict=True)},
        }
        by_year = [
            {name: float(line[year]) for name, line in series.items()}
            for year in range(len(nothing))
        ]
        # The plan may word a target without a figure; what is found is a percentage then.
        unit = row["unit"] if isinstance(row["unit"], str) and row["unit"] else None
        rows.append(
            {
                **{str(name): cell for name, cell in row.items()},
                "kind": kind,
                "unit": unit or (UNIT_FOUND.get(which) if which is not None else None),
                "reading": READINGS.get((which, kind), "") if which is not None else "",
                "by_year": by_year,
            }
        )
    return rows


def _wanted(kind: str, target: float, bar: float) -> float:
    """Return by what a result is judged: the target, or one without a figure what can be reached in time."""
    if kind != RESULT:
        return np.nan
    return bar - LEEWAY if np.isnan(target) else target


def _of_applicants(verdict: str, target: float) -> str:
    """Return the verdict, of a target without a figure only on those who apply: the others nobody covers."""
    of_applicants = {"met": "applicants_covered", "not_met": "applicants_not_covered"}
    return of_applicants.get(verdict, verdict) if np.isnan(target) else verdict


def _verdict(kind: str, wanted: float, said: Mapping[str, float]) -> str:
    """Judge what the simulation finds.

    A target above the ceiling of the model itself is not missed for want of anything that was simulated.
    """
    if kind != RESULT:
        return kind
    value, ceiling = said["simulated"], said["ceiling"]
    if np.isnan(value) or np.isnan(wanted):
        return "unknown"
    if value >= wanted:
        return "met"
    return "unknown" if ceiling < wanted else "not_met"
