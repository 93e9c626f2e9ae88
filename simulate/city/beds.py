"""Lay down the beds of the plan: how many there are, of which kind, and where, month by month.

Approved beds follow the scenario's path by district and kind; operating beds are the approved ones that are
in use by the assumed share, new ones coming into use over the fill period. What opens and closes besides
is in `simulate.city.bed_changes`.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from params.axes import FloatArray, IntArray
from params.inputs import Inputs
from params.tables.resources import Resources

OLD_AGE = 20
"""Position of age 80 on the axis of ages 60..100."""
PLAN_BEDS: Final = ("general_bed", "nursing_bed", "dementia_bed")
"""Kinds of bed that a plan of beds speaks of, in the order in which it splits them."""
SITING_YEARS: Final = 5
"""Years before the base year whose openings say where beds of the plan open, whole-city beds apart."""


def plan_kinds(resources: Resources) -> list[int]:
    """Return where the kinds of the bed plan stand among beds in institutions."""
    return [resources.index(name) - resources.first_bed for name in PLAN_BEDS]


def plan_period(inputs: Inputs) -> tuple[int, int]:
    """Return the years at whose ends the plan starts and is met; beds then stay as they are."""
    return inputs.city.base_year, inputs.city.plan_year


def whole(total: float, weight: FloatArray) -> IntArray:
    """Share a total over weights in whole numbers that add to it (largest remainders)."""
    if round(total) == 0:
        return np.zeros(weight.size, np.int64)
    exact = round(total) * weight / weight.sum()
    floor = np.floor(exact).astype(np.int64)
    missing = round(total) - int(floor.sum())
    order = np.argsort(-(exact - floor), kind="stable")
    floor[order[:missing]] += 1
    return np.asarray(floor)


def bed_shares(inputs: Inputs, year: int) -> FloatArray:
    """Return district shares of the listed beds that had opened by a year end, shape (district,)."""
    listed = _listed(inputs, year)
    return np.asarray(listed / listed.sum())


def _listed(inputs: Inputs, year: int) -> FloatArray:
    """Return the listed beds that had opened by a year end, shape (district,)."""
    supply = inputs.supply
    k = int(np.clip(year - supply.bed_years[0], 0, supply.bed_years.size - 1))
    return np.asarray(supply.beds_listed[k])


def dementia_weights(total: FloatArray, old: FloatArray) -> FloatArray:
    """Share dementia beds half by beds, half by residents of 80+."""
    by_beds = total / total.sum() if total.any() else total
    return np.asarray((by_beds + old / old.sum()) / 2)


def split_kinds(
    total: IntArray, dementia_city: float, nursing_share: float, old: FloatArray
) -> IntArray:
    """Split a district's beds into general, nursing-type and dementia beds, shape (district, 3)."""
    dementia = whole(dementia_city, dementia_weights(total.astype(np.float64), old))
    nursing_type = np.maximum(
        whole(nursing_share * total.sum(), total.astype(np.float64)), dementia
    )
    nursing_type = np.minimum(nursing_type, total)
    dementia = np.minimum(dementia, nursing_type)
    return np.stack([total - nursing_type, nursing_type - dementia, dementia], axis=-1)


def approved_2020(inputs: Inputs, elders: FloatArray) -> IntArray:
    """Return the beds at the end of 2020 by district and kind, shape (district, 3)."""
    plan = inputs.scenario.beds
    total = whole(plan.total_2020, bed_shares(inputs, inputs.city.base_year))
    old = elders[:, OLD_AGE:].sum(axis=1)
    return split_kinds(total, plan.dementia_2020, inputs.assumed.supply.nursing_share_2020, old)


def approved_beds(
    inputs: Inputs, month_end: FloatArray, elders: FloatArray, registered_2025: FloatArray
) -> IntArray:
    """Return approved beds along the path, without dated changes, shape (month, district, 3)."""
    old = elders[:, OLD_AGE:].sum(axis=1)
    base = approved_2020(inputs, elders)
    years, totals, dementia, nursing = _yearly_path(inputs, base.sum(axis=1), registered_2025)
    n_month = month_end.size
    beds = np.empty((n_month, *base.shape), np.int64)
    for m in range(n_month):
        total = np.array([np.interp(month_end[m], years, totals[:, d]) for d in range(len(base))])
        share = float(np.interp(month_end[m], years, nursing))
        city_dementia = float(np.interp(month_end[m], years, dementia))
        beds[m] = split_kinds(whole(total.sum(), total), city_dementia, share, old)
    return beds


def _yearly_path(
    inputs: Inputs, base: IntArray, registered_2025: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return years, totals (year, district), city dementia beds and nursing share along the path."""
    plan = inputs.scenario.beds
    share_now = inputs.assumed.supply.nursing_share_2020
    ends = np.array(plan_period(inputs), dtype=np.float64)
    rule = inputs.districts.rule * registered_2025
    if plan.path == "frozen":
        flat = np.array([base, base], dtype=np.float64)
        return ends, flat, np.full(2, float(plan.dementia_2020)), np.full(2, share_now)
    if plan.path == "as-built":
        return _as_built(inputs, base)
    if plan.path == "rule-met":
        final = np.maximum(base, rule)
    elif plan.path == "by-need":
        missing = np.maximum(rule - base, 0.0)
        final = base + (plan.total_2025 - base.sum()) * missing / missing.sum()
    else:
        final = _sited(inputs, base.astype(np.float64))
    return (
        ends,
        np.array([base, final], dtype=np.float64),
        np.array([plan.dementia_2020, plan.dementia_2025], dtype=np.float64),
        np.array([share_now, max(share_now, plan.nursing_share_2025)]),
    )


def _sited(inputs: Inputs, base: FloatArray) -> FloatArray:
    """Return each district's beds at the end of the plan, where the plan puts the new ones.

    Whole-city beds open in the new towns, in equal shares; the others where institutions opened in the years
    before the base year. No district loses beds, unless the whole city does: then all in proportion.
    """
    plan, towns = inputs.scenario.beds, inputs.districts.new_town.astype(np.float64)
    added = plan.total_2025 - float(base.sum())
    if added <= 0:
        return base * (plan.total_2025 / base.sum())
    for_all = min(float(plan.whole_city_beds), added) if towns.any() else 0.0
    return np.asarray(
        base
        + for_all * towns / max(towns.sum(), 1.0)
        + (added - for_all) * _opened_before(inputs, base)
    )


def _opened_before(inputs: Inputs, base: FloatArray) -> FloatArray:
    """Return the districts' shares of the listed beds opened in `SITING_YEARS` before the base year.

    Where none are listed, beds open where beds are.
    """
    supply, year = inputs.supply, inputs.city.base_year
    now, before = (_listed(inputs, y) for y in (year, year - SITING_YEARS))
    opened = (
        np.maximum(now - before, 0.0) if year - SITING_YEARS >= supply.bed_years[0] else now * 0
    )
    weight = opened if opened.any() else base
    return np.asarray(weight / weight.sum())


def _as_built(
    inputs: Inputs, base: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Follow the published year-end counts; districts by the institutions opened by then."""
    supply = inputs.supply
    first_year, last_year = plan_period(inputs)
    years = np.arange(first_year, last_year + 1).astype(np.float64)

    def along(series: Mapping[int, float], first: float) -> FloatArray:
        known = {first_year: first}
        known |= {y: v for y, v in series.items() if first_year < y <= last_year}
        return np.asarray(np.interp(years, sorted(known), [known[y] for y in sorted(known)]))

    city = along(supply.city_beds, float(base.sum()))
    totals = np.array(
        [base.astype(np.float64)]
        + [c * bed_shares(inputs, int(y)) for y, c in zip(years[1:], city[1:], strict=True)]
    )
    dementia = along(supply.city_dementia_beds, float(inputs.scenario.beds.dementia_2020))
    nursing = along(
        supply.city_nursing_beds, inputs.assumed.supply.nursing_share_2020 * float(base.sum())
    )
    return years, totals, dementia, nursing / city


def filled_beds(path: IntArray, base: IntArray, inputs: Inputs) -> FloatArray:
    """Return what is in use of the beds of a path, before a share of them is out of operation.

    New ones come into use over the fill period, so it is the mean of approved beds over that time; a fall in
    a district's total acts at once.

    Parameters
    ----------
    path : ndarray, shape (month, district, kind), approved beds.
    base : ndarray, shape (district, kind), those at the end of the base year.

    Returns
    -------
    ndarray, shape (month, district, kind).
    """
    filled = over_fill_period(path, np.arange(len(path)), path, base, inputs)
    return np.asarray(np.minimum(filled, not_above(path, filled)))


def over_fill_period(
    beds: IntArray, month: IntArray, month_end: IntArray, base: IntArray, inputs: Inputs
) -> FloatArray:
    """Return beds in the mean of the fill period: of the month of each moment and of those before.

    Parameters
    ----------
    beds : ndarray, shape (moment, district, kind), from each moment on.
    month : ndarray, shape (moment,), the month that each moment lies in.
    month_end : ndarray, shape (month, district, kind), at each month's end.
    base : ndarray, shape (district, kind), before the first month.
    """
    fill = max(1, round(inputs.assumed.supply.fill_months))
    earlier = np.concatenate([np.repeat(base[None], fill, axis=0), month_end])
    sums = np.cumsum(np.concatenate([np.zeros((1, *base.shape), np.int64), earlier]), axis=0)
    return np.asarray((sums[month + fill] - sums[month + 1] + beds) / fill)


def in_operation(used: FloatArray, inputs: Inputs) -> IntArray:
    """Return the share of beds that is in operation, whole beds."""
    share = inputs.assumed.supply.operating_share
    return np.asarray(np.floor(share * used).astype(np.int64))


def not_above(approved: IntArray, filled: FloatArray) -> FloatArray:
    """Cap each kind so that a district never operates more beds than it has approved."""
    total = filled.sum(axis=-1, keepdims=True)
    allowed = approved.sum(axis=-1, keepdims=True)
    capped = filled * allowed / np.maximum(total, 1e-300)
    return np.asarray(np.where(total > allowed, capped, filled))


def open_share(
    inputs: Inputs, approved: IntArray, towns: FloatArray, time: FloatArray
) -> FloatArray:
    """Return the share of each district's beds that takes everybody in the city on equal terms.

    Parameters
    ----------
    approved : ndarray, shape (moment, district, kind).
    time : ndarray, shape (moment,), in years.
    """
    if inputs.scenario.beds.whole_city_all_new_towns:
        return np.tile(towns, (time.size, 1))
    beds = approved.sum(axis=-1) * towns
    share = whole_city_beds(inputs, time) / np.maximum(beds.sum(axis=1), 1.0)
    return np.asarray(np.minimum(share[:, None] * towns, 1.0))


def whole_city_beds(inputs: Inputs, time: FloatArray) -> FloatArray:
    """Return how many beds of the new towns are to take everybody, shape (moment,)."""
    planned = float(inputs.scenario.beds.whole_city_beds)
    return np.asarray(np.interp(time, plan_period(inputs), [0.0, planned]))
