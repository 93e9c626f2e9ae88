"""Work out what is there costs, and what the service gap takes to close, from a scenario's unit costs.

Nothing of a simulation hangs on it: costs are put to what replications counted. Money is spent by district;
zones and the city are sums. A district that lacks nothing saves nothing for another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from params.axes import ASSESSMENT, BASES, FloatArray
from params.inputs import Inputs
from params.names import ASSESSOR, TOTALS
from params.scenario.parts.costs import CostPlan
from params.tables.resources import AT_HOME, HOURS_KIND, INSTITUTION, WORKERS, Resources
from runs.tables.units import ALL
from runs.tables.yearly import COLUMNS as YEARLY
from simulate.city.capacity import at_base
from simulate.city.pay import pay_level
from simulate.outcome import MONTHLY_MEASURES, POPULATION_MEASURES, Outcome

WEEKS: Final = 365 / 7
"""Weeks of a year: what is counted by the week is paid by the hour."""
UNITS: Final = ("units_built", "units_added", "units_run")
SPENT: Final = ("cost_capital", "cost_yearly", "cost_total")
GAP: Final = ("gap_units", "gap_capital", "gap_yearly", "gap_total")
COLUMNS: Final = (*UNITS, *SPENT, "present_value", *GAP)
"""Numeric columns of ``costs.csv``; positions on the last axis of `CostSheet.values`."""
MEASURES: Final = (*SPENT, "cost_so_far", "placed_so_far")
"""Measures of a comparison: what a year costs, and since the first year what was spent and who was placed."""
PER_PLACED: Final = "cost_per_placed"
"""By how much more was spent since the first year for every person placed more."""
AT: Final = {name: k for k, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class CostSheet:
    """The unit costs of a scenario, and what they are put to.

    Attributes
    ----------
    plan : what the scenario says.
    resources : of the scenario.
    first_year : the first simulated one; money is discounted to it.
    """

    plan: CostPlan
    resources: Resources
    first_year: int

    @cached_property
    def priced(self) -> tuple[str, ...]:
        """Ids of what has a cost, in the order of what is reported; assessments stand for their assessors."""
        named = {
            ASSESSOR if r == self.resources.names[ASSESSMENT] else r: r for r in self._reported
        }
        return tuple(r for name, r in named.items() if name in self.plan.resources)

    @property
    def _reported(self) -> tuple[str, ...]:
        return tuple(r for r in self.resources.reported if r not in TOTALS)

    @cached_property
    def totals(self) -> tuple[str, ...]:
        """Ids of the sums all of whose kinds have a cost."""
        return tuple(
            t for t in TOTALS if self._members(t) and set(self._members(t)) <= {*self.priced}
        )

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of the rows of a year and area."""
        return (*self.priced, *self.totals, ALL)

    def _members(self, total: str) -> tuple[str, ...]:
        return tuple(self.resources.names[k] for k in self.resources.of_total(total))

    def _prices(self, resource: str) -> tuple[float, float]:
        """Return what one unit of a priced resource costs once, and a year."""
        is_case = resource == self.resources.names[ASSESSMENT]
        unit = self.plan.resources[ASSESSOR if is_case else resource]
        return unit.capital or 0.0, (unit.yearly or 0.0) + (unit.hour or 0.0) * WEEKS

    def values(self, outcome: Outcome, drawn: Inputs, yearly: FloatArray) -> FloatArray:
        """Return what one replication costs, shape (year, area, `rows`, `COLUMNS`).

        Parameters
        ----------
        drawn : with the draw of the replication.
        yearly : its `runs.tables.yearly.yearly_values`.
        """
        areas = drawn.districts.areas()
        n_year, n_district = len(outcome.monthly) // 12, len(drawn.districts)
        by_district = np.full((n_year, n_district, len(self.rows), len(COLUMNS)), np.nan)
        place = {row: k for k, row in enumerate(self.rows)}
        base = base_units(outcome, drawn)
        for resource in self.priced:
            k = drawn.resources.reported.index(resource)
            built, run = _units(outcome, resource, k, drawn.resources)
            gap = yearly[:, :n_district, k, YEARLY.index(self._gap_column(resource))]
            capital, each = self._prices(resource)
            by_district[:, :, place[resource]] = self.of_one(
                (capital, each * pay_by_year(drawn, resource, n_year)),
                np.concatenate([base[None, :, k], built]),
                run,
                gap,
            )
        for total in self.totals:
            k = drawn.resources.reported.index(total)
            gap = np.maximum(yearly[:, :n_district, k, YEARLY.index("gap_beds")], 0.0)
            members = by_district[:, :, [place[m] for m in self._members(total)]]
            prices = np.array([self._prices(m) for m in self._members(total)])
            by_district[:, :, place[total]] = _summed(members, gap, prices)
        apart = [r for r in self.priced if not any(r in self._members(t) for t in self.totals)]
        parts = [place[r] for r in (*apart, *self.totals)]
        by_district[:, :, place[ALL]] = by_district[:, :, parts].sum(axis=2)
        by_district[:, :, place[ALL], [AT[c] for c in (*UNITS, "gap_units")]] = np.nan
        return np.stack([by_district[:, list(m)].sum(axis=1) for _, _, _, m in areas], axis=1)

    def _gap_column(self, resource: str) -> str:
        """Return the column of ``shortfall.csv`` that says how many units close the service gap."""
        if resource in WORKERS:
            return "gap_staff"
        kind = self.resources.kinds[self.resources.index(resource)]
        return "gap_beds" if kind == INSTITUTION else "service_gap"

    def of_one(
        self,
        prices: tuple[float, float | FloatArray],
        built: FloatArray,
        run: FloatArray,
        gap: FloatArray,
    ) -> FloatArray:
        """Return every column of one resource, shape (year, district, column).

        Parameters
        ----------
        prices : of a unit: capital, and a year; that of each year where it has shape (year, 1).
        built : ndarray, shape (year from the base year, district).
        run : ndarray, shape (year, district), units that cost something in the year.
        gap : ndarray, shape (year, district), units that are lacking; below 0: to spare.
        """
        capital, each = prices
        most = np.maximum.accumulate(built, axis=0)
        added, lacking = np.diff(most, axis=0), np.maximum(gap, 0.0)
        spent = added * capital + run * each
        found = np.stack(
            [
                *(built[1:], added, run),
                *(added * capital, run * each, spent, spent * self.discount(len(run))[:, None]),
                *(lacking, lacking * capital, lacking * each, lacking * (capital + each)),
            ],
            axis=-1,
        )
        return np.asarray(found)

    def discount(self, n_year: int) -> FloatArray:
        """Return what money of each year is worth in the first one, shape (year,)."""
        return np.asarray((1.0 + (self.plan.discount_rate or 0.0)) ** -np.arange(float(n_year)))

    def measures(self, costs: FloatArray, yearly: FloatArray) -> FloatArray:
        """Return `MEASURES` beside what is reported, shape (year, area, reported + `ALL`, measure).

        What was spent so far on a resource is that of its workers too: a person placed takes both.

        Parameters
        ----------
        costs : `values` of a replication.
        yearly : its `runs.tables.yearly.yearly_values`.
        """
        labels = (*self.resources.reported, ALL)
        found = np.full((*costs.shape[:2], len(labels), len(MEASURES)), np.nan)
        for k, row in enumerate(self.rows):
            at = labels.index(row)
            found[:, :, at, : len(SPENT)] = costs[:, :, k][..., [AT[name] for name in SPENT]]
            if row in WORKERS or row == ALL:
                continue
            parts = [k, *(self.rows.index(w) for w in self._workers_of(row))]
            spent = costs[:, :, parts, AT["present_value"]].sum(axis=2)
            placed = yearly[:, :, at, YEARLY.index("placed")]
            found[:, :, at, len(SPENT) :] = np.stack(
                [spent.cumsum(axis=0), placed.cumsum(axis=0)], axis=-1
            )
        return found

    def _workers_of(self, row: str) -> tuple[str, ...]:
        """Return the priced workers whom a resource takes; of one kind of bed none, as kinds share them."""
        of = self._members(row) if row in TOTALS else (row,)
        rows = [self.resources.rows[self.resources.index(name)] for name in of]
        shared = [r.name for r in self.resources.rows if r.workers == rows[0].workers]
        workers = {one.workers for one in rows} if set(shared) <= set(of) else set()
        return tuple(w for w in self.priced if w in workers)


def sheet_of(inputs: Inputs) -> CostSheet | None:
    """Return the unit costs of a scenario, if it has any."""
    plan = inputs.scenario.costs
    return CostSheet(plan, inputs.resources, inputs.city.first_year) if plan.resources else None


def base_units(outcome: Outcome, drawn: Inputs) -> FloatArray:
    """Return what was there at the end of the base year, shape (district, reported).

    Beds and places as approved; workers, hours and assessors as the first month begins.
    """
    resources, source = drawn.resources, {m: k for k, m in enumerate(MONTHLY_MEASURES)}
    base = outcome.monthly[0, :, :, source["usable"]].copy()
    old = outcome.population[BASES.index("resident"), 0, :, POPULATION_MEASURES.index("80+")]
    laid_down = at_base(drawn, old)
    placed = [k for k, kind in enumerate(resources.kinds) if kind in (AT_HOME, INSTITUTION)]
    base[:, placed] = laid_down[:, placed]
    cases = base[:, ASSESSMENT]
    share = cases / cases.sum() if cases.sum() > 0 else cases
    base[:, ASSESSMENT] = drawn.assumed.supply.assessors_2020 * share
    return base


def pay_by_year(inputs: Inputs, resource: str, n_year: int) -> FloatArray:
    """Return pay over its course in the mean of each year, shape (year, 1); 1 of what is no worker."""
    if resource not in WORKERS:
        return np.ones((n_year, 1))
    market = WORKERS.index(resource)
    months = [pay_level(inputs, market, month) for month in range(12 * n_year)]
    return np.asarray(np.array(months).reshape(n_year, 12).mean(axis=1, keepdims=True))


def _units(
    outcome: Outcome, resource: str, k: int, resources: Resources
) -> tuple[FloatArray, FloatArray]:
    """Return units in December, and in the mean of the year's months those that cost something."""
    if k == ASSESSMENT:
        present = outcome.assessors[..., 1]
        return present, present
    kind = -1 if resource in WORKERS else int(resources.kinds[resources.index(resource)])
    built, run = {
        HOURS_KIND: ("usable", "occupied"),
        AT_HOME: ("approved", "operating"),
        INSTITUTION: ("approved", "operating"),
    }.get(kind, ("usable", "usable"))
    months = outcome.monthly[:, :, k]
    by_year = months.reshape(-1, 12, *months.shape[1:])
    at: Mapping[str, int] = {name: m for m, name in enumerate(MONTHLY_MEASURES)}
    return by_year[:, -1, :, at[built]], by_year[..., at[run]].mean(axis=1)


def _summed(members: FloatArray, gap: FloatArray, prices: FloatArray) -> FloatArray:
    """Return the columns of a sum: what is there adds; what it lacks is one pooled gap.

    It is priced at the mean of the kinds, by how many of each the district lacks; where none is lacking
    by itself, by how many there are.

    Parameters
    ----------
    members : ndarray, shape (year, district, kind, column).
    gap : ndarray, shape (year, district).
    prices : ndarray, shape (kind, 2), of a unit: capital, and a year.
    """
    found = members.sum(axis=2)
    lacking, built = members[..., AT["gap_units"]], members[..., AT["units_built"]]
    weight = np.where(lacking.sum(axis=-1, keepdims=True) > 0, lacking, built)
    weight = np.where(weight.sum(axis=-1, keepdims=True) > 0, weight, 1.0)
    mean = weight @ prices / weight.sum(axis=-1)[..., None]
    found[..., AT["gap_units"]] = gap
    found[..., AT["gap_capital"]], found[..., AT["gap_yearly"]] = np.moveaxis(
        mean * gap[..., None], -1, 0
    )
    found[..., AT["gap_total"]] = found[..., AT["gap_capital"]] + found[..., AT["gap_yearly"]]
    return np.asarray(found)
