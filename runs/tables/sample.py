"""Gather from every replication of a city what its tables are made from, reading each one once."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from params.axes import BoolArray, FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from params.tables.resources import Resources
from runs.tables.costs import sheet_of
from runs.tables.indicators.found import indicator_values
from runs.tables.population import area_sums
from runs.tables.stack import Stack, stacked
from runs.tables.waits import days_of, wait_values
from runs.tables.yearly import COLUMNS, yearly_values
from runs.texts.wording import column_applies
from simulate.outcome import Outcome


@dataclass(frozen=True)
class Sample:
    """What all replications say of a city, by area: districts, zones, the city.

    Attributes
    ----------
    yearly : (year, area, reported resource, column), see `runs.tables.yearly.COLUMNS`; cells
        without meaning are nan.
    population : (basis, area, year from 2020, measure), persons at 31 December.
    need : (area, year from 2020, measure), persons, on the demand's basis.
    monthly : (area, month, reported resource, measure).
    waits : (year, cohort, day, column), see `runs.tables.waits`.
    flows : (year, origin, destination, kind of bed and all of them, 2), placed, December residents.
    indicators : (year from 2020, indicator, 3), see `runs.tables.indicators.found.indicator_values`.
    facts : (fact), see `simulate.outcome.FACTS`.
    costs : (year, area, row, column), see `runs.tables.costs.CostSheet`; of a scenario with unit costs.
    start : (2, 2, district, resource), see `simulate.outcome.Outcome`; of a scenario with `[start]`.
    lent : (year, area, 保基本 kind), beds lent in December; of a scenario that lends any.
    """

    yearly: Stack
    population: Stack
    need: Stack
    monthly: Stack
    waits: Stack
    flows: Stack
    indicators: Stack
    facts: Stack
    costs: Stack | None = None
    start: Stack | None = None
    lent: Stack | None = None

    def __len__(self) -> int:
        return len(self.facts)


def sample_of(
    inputs: Inputs, outcomes: Iterable[Outcome], seed: int | None, scratch: Path | None = None
) -> Sample:
    """Read every replication once.

    Parameters
    ----------
    outcomes : one a replication, in their order.
    seed : of the draws of the assumptions that the replications have; None: all have the default values.
    scratch : folder for what does not stay in memory.
    """
    districts, resources = inputs.districts, inputs.resources
    meant, days, sheet = meaningful(resources), days_of(inputs), sheet_of(inputs)

    def row(replication: int, outcome: Outcome) -> dict[str, FloatArray]:
        drawn = inputs.drawn(seed or 0, None if seed is None else replication)
        yearly = yearly_values(outcome, districts, resources)
        costs = {} if sheet is None else {"costs": sheet.values(outcome, drawn, yearly)}
        return {
            "yearly": np.where(meant, yearly, np.nan),
            "population": area_sums(outcome.population, districts, 2).swapaxes(1, 2),
            "need": area_sums(outcome.need, districts, 1).swapaxes(0, 1),
            "monthly": area_sums(outcome.monthly, districts, 1).swapaxes(0, 1),
            "waits": wait_values(outcome, districts, resources, days),
            "flows": _bed_flows(outcome, resources),
            "indicators": indicator_values(drawn, outcome),
            "facts": outcome.facts,
            **costs,
            **({"start": outcome.start} if outcome.start.size else {}),
            **({"lent": _lent(outcome, inputs)} if outcome.lent.size else {}),
        }

    return Sample(**stacked((row(k, outcome) for k, outcome in enumerate(outcomes)), scratch))


def _lent(outcome: Outcome, inputs: Inputs) -> FloatArray:
    """Return the beds lent in December by area, shape (year, area, 保基本 kind)."""
    return area_sums(outcome.lent[11::12][..., inputs.resources.tiers], inputs.districts, 1)


def _bed_flows(outcome: Outcome, resources: Resources) -> FloatArray:
    """Return flows of the kinds of bed and of their totals."""
    flows = outcome.flows
    totals = [
        flows[:, :, :, list(resources.of_total(total))].sum(axis=3, keepdims=True)
        for total in TOTALS
    ]
    return np.concatenate([flows[:, :, :, resources.beds], *totals], axis=3)


def meaningful(resources: Resources) -> BoolArray:
    """Say which column has a meaning for which resource, shape (reported resource, column)."""
    applies = column_applies()
    return np.array([[applies.get((c, r), True) for c in COLUMNS] for r in resources.reported])
