"""Lay down beds, places, hours and staff by month and district.

Approved beds follow the scenario's path by district and kind; operating beds are the approved ones
that are in use by the assumed share, new ones coming into use over the fill period. Staff is
kept as growth against the release: the level itself is calibrated there, in the event loop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.scenario.model import BedChange
from params.tables.resources import WORKERS, Resources
from simulate.city.calendar import Calendar
from simulate.engine.records import N_KIND

MONTH_DAYS: Final = 365.25 / 12
OLD_AGE = 20
"""Position of age 80 on the axis of ages 60..100."""


PLAN_BEDS: Final = ("general_bed", "nursing_bed", "dementia_bed")
"""Kinds of bed that a plan of beds speaks of, in the order in which it splits them."""
SITING_YEARS: Final = 5
"""Years before the base year whose openings say where beds of the plan open, whole-city beds apart."""
GROWTH = np.dtype(
    [(name, np.float64) for name in ("institution", "home_care", "output", "assessors")],
    align=True,
)
"""Care workers whom institutions and home care can find, the residents whom an hour of work in institutions
serves, and assessors, as multiples of those at the release."""


@dataclass(frozen=True)
class Capacity:
    """Dated capacity; months run from the release to the end of the run-on.

    Attributes
    ----------
    approved, operating : ndarray, shape (month, district, bed), beds in institutions.
    places : ndarray, shape (month, district, resource), of resources at home that have places.
    whole_city : ndarray, shape (month, district, bed), share of beds open to everyone.
    growth : recarray of `GROWTH`, shape (month,), and for the months until who is hired begins.
    posts_added : ndarray, shape (month, market, district), workers that dated changes have added.
    certified : ndarray, shape (month,), share of care workers with a certificate.
    resources : what people can ask for.
    """

    approved: IntArray
    operating: IntArray
    places: IntArray
    whole_city: FloatArray
    growth: NDArray[np.void]
    posts_added: FloatArray
    certified: FloatArray
    resources: Resources

    def pool_plan(self) -> IntArray:
        """Return capacity by (month, pool); -1 where the event loop calibrates it."""
        n_month, n_district, _ = self.operating.shape
        plan = np.full((n_month, n_district, len(self.resources), N_KIND), -1, np.int64)
        shared = np.floor(self.operating * self.whole_city).astype(np.int64)
        plan[:, :, self.resources.beds, 0] = self.operating - shared
        plan[:, :, self.resources.beds, 1] = shared
        for k in self.resources.places:
            if k < self.resources.first_bed:
                plan[:, :, k, 0], plan[:, :, k, 1] = self.places[:, :, k], 0
        return plan.reshape(n_month, -1)


def make_capacity(
    inputs: Inputs, calendar: Calendar, elders: FloatArray, registered_2025: FloatArray
) -> Capacity:
    """Lay down the capacity of a scenario.

    Parameters
    ----------
    elders : ndarray, shape (district, age 60..), residents at the end of the base year.
    registered_2025 : ndarray, shape (district,), registered 60+ at the end of 2025, for the bed rule.
    """
    n_month = calendar.month_start.size - 1
    # Month 0 is January after the base year: one twelfth of the first year's step is then done.
    month_end = (np.arange(n_month) + 1) / 12 + inputs.city.base_year
    resources = inputs.resources
    old = elders[:, OLD_AGE:].sum(axis=1)
    frozen = inputs.scenario.beds.path == "frozen"
    places = planned_places(inputs, month_end, old, frozen)
    towns = inputs.districts.new_town.astype(np.float64)
    planned = approved_beds(inputs, month_end, elders, registered_2025)
    in_use = operating_beds(planned, approved_2020(inputs, elders), inputs)
    # Beds with places of their own are all in use, and serve their district only.
    approved = places[..., resources.beds].copy()
    operating = approved.copy()
    whole_city = np.zeros(approved.shape)
    kinds = plan_kinds(resources)
    approved[..., kinds], operating[..., kinds] = planned, in_use
    whole_city[..., kinds] = open_share(inputs, planned, towns, month_end)[..., None]
    _add_changes(approved, operating, inputs)
    return Capacity(
        approved=approved,
        operating=operating,
        places=places,
        whole_city=whole_city,
        # Who is hired in the last months is hired for the months after.
        growth=staff_growth(inputs, n_month + hire_lag(inputs)),
        posts_added=posts_added(inputs, n_month),
        certified=np.interp(
            month_end,
            plan_period(inputs),
            [inputs.assumed.supply.certified_2020, inputs.scenario.workers.certified_2025],
        ),
        resources=inputs.resources,
    )


def plan_kinds(resources: Resources) -> list[int]:
    """Return where the kinds of the bed plan stand among beds in institutions."""
    return [resources.index(name) - resources.first_bed for name in PLAN_BEDS]


def _add_changes(approved: IntArray, operating: IntArray, inputs: Inputs) -> None:
    """Open and close beds that have places of their own; those of the plan follow its path."""
    names = inputs.resources.bed_names
    for change in inputs.scenario.beds.changes:
        if change.resource not in PLAN_BEDS:
            month, d = _when_and_where(change, inputs)
            for beds in (approved, operating):
                beds[month:, d, names.index(change.resource)] += change.beds
    others = tuple(name for name in names if name not in PLAN_BEDS)
    check_closures(approved[..., [names.index(name) for name in others]], others, inputs)
    np.maximum(approved, 0, out=approved)
    np.maximum(operating, 0, out=operating)


def _when_and_where(change: BedChange, inputs: Inputs) -> tuple[int, int]:
    """Return the month and the district of a change."""
    month = (change.date.year - inputs.city.first_year) * 12 + change.date.month - 1
    return month, inputs.districts.names.index(change.district)


def planned_places(
    inputs: Inputs, month_end: FloatArray, weight: FloatArray, frozen: bool
) -> IntArray:
    """Return places by (month, district, resource), shared by weight; 0 where beds follow a plan."""
    laid_down = inputs.resources.places_laid_down(inputs.values, inputs.supply.units_2020)
    shape = (month_end.size, weight.size, len(inputs.resources))
    places = np.zeros(shape, np.int64)
    for k, (first, last) in laid_down.items():
        course = np.interp(month_end, plan_period(inputs), [first, first if frozen else last])
        places[..., k] = [whole(total, weight) for total in course]
    return places


def plan_period(inputs: Inputs) -> tuple[int, int]:
    """Return the years at whose ends the plan starts and is met; beds then stay as they are."""
    return inputs.city.base_year, inputs.city.plan_year


def whole(total: float, weight: FloatArray) -> IntArray:
    """Share a total over weights in whole numbers that add to it (largest remainders)."""
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
    return np.asarray((total / total.sum() + old / old.sum()) / 2)


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
    """Return approved beds at each month's end, shape (month, district, 3)."""
    plan = inputs.scenario.beds
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
    for change in plan.changes:
        if change.resource in PLAN_BEDS:
            month, d = _when_and_where(change, inputs)
            beds[month:, d, PLAN_BEDS.index(change.resource)] += change.beds
    check_closures(beds, PLAN_BEDS, inputs)
    return np.maximum(beds, 0)


def check_closures(beds: IntArray, names: Sequence[str], inputs: Inputs) -> None:
    """Refuse to close more beds than there are with the default values of the assumptions.

    In a draw that has fewer, as many close as there are.

    Parameters
    ----------
    beds : ndarray, shape (month, district, kind), with every change; below 0 where too many close.
    names : ids of the kinds.

    Raises
    ------
    ParamError
        Naming every closure of a kind and district that has too few.
    """
    if inputs.draw_of is not None:
        return
    problems = []
    for k, change in enumerate(inputs.scenario.beds.changes):
        if change.beds >= 0 or change.resource not in names:
            continue
        month, d = _when_and_where(change, inputs)
        fewest = int(beds[month:, d, names.index(change.resource)].min(initial=0))
        if fewest < 0:
            problems.append(
                Problem(
                    f"{inputs.scenario.name}: beds.changes[{k}].beds",
                    f"{change.beds}: {change.district} has {max(0, fewest - change.beds)} of "
                    f"{change.resource} to close 关闭数超过现有床位",
                    "no more than there are then 不超过届时已有床位",
                )
            )
    if problems:
        raise ParamError(problems)


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


def operating_beds(approved: IntArray, base: IntArray, inputs: Inputs) -> IntArray:
    """Return beds in operation: a share of the approved, new ones phased in over the fill period.

    A bed that opens in one month counts for one part of the fill period's length in each month that
    follows, so operating beds follow the mean of approved beds over that period; a fall in a
    district's total acts at once.
    """
    fill = max(1, round(inputs.assumed.supply.fill_months))
    earlier = np.concatenate([np.repeat(base[None], fill, axis=0), approved])
    sums = np.cumsum(earlier, axis=0)
    filled = (sums[fill:] - sums[:-fill]) / fill
    used = np.minimum(filled, _not_above(approved, filled))
    return np.asarray(np.floor(inputs.assumed.supply.operating_share * used).astype(np.int64))


def _not_above(approved: IntArray, filled: FloatArray) -> FloatArray:
    """Cap each kind so that a district never operates more beds than it has approved."""
    total = filled.sum(axis=-1, keepdims=True)
    allowed = approved.sum(axis=-1, keepdims=True)
    capped = filled * allowed / np.maximum(total, 1e-300)
    return np.asarray(np.where(total > allowed, capped, filled))


def open_share(
    inputs: Inputs, approved: IntArray, towns: FloatArray, month_end: FloatArray
) -> FloatArray:
    """Return the share of each district's beds that takes everybody in the city on equal terms."""
    plan = inputs.scenario.beds
    if plan.whole_city_all_new_towns:
        return np.tile(towns, (month_end.size, 1))
    beds = approved.sum(axis=-1) * towns
    wanted = np.interp(month_end, plan_period(inputs), [0.0, float(plan.whole_city_beds)])
    share = wanted / np.maximum(beds.sum(axis=1), 1.0)
    return np.asarray(np.minimum(share[:, None] * towns, 1.0))


def hire_lag(inputs: Inputs) -> int:
    """Return the months until a vacant post is filled by somebody trained."""
    supply = inputs.assumed.supply
    return round((supply.vacancy_days + supply.training_days) / MONTH_DAYS)


def staff_growth(inputs: Inputs, n_month: int) -> NDArray[np.void]:
    """Return workers and assessors against the release, recarray of `GROWTH`, shape (month,).

    Workers grow at a yearly rate plus the scenario's extra posts. Where they stay in their districts, leavers
    are replaced, and new posts filled, after the vacancy and the training: present are the posts of that
    time ago. Where they are hired by vacancy, `simulate.city.workforce` lets that time pass.
    """
    supply, plan = inputs.assumed.supply, inputs.scenario.workers
    time = (np.arange(n_month) + 0.5) / 12
    first, last = plan_period(inputs)
    in_place = plan.hiring == "in_place"
    lag = (supply.vacancy_days + supply.training_days) / 365.25 if in_place else 0.0

    def grown(rate: float, extra: float, present: float) -> FloatArray:
        def posts(t: FloatArray) -> FloatArray:
            added = extra / present * np.clip(t, 0, last - first) / (last - first)
            return np.asarray((1 + rate) ** t + added)

        return np.asarray(posts(time - lag) / posts(np.array(-lag)))

    institution, home_care = plan.growth_institution, plan.growth_home
    if institution is None:
        institution = supply.worker_growth_institution
    if home_care is None:
        home_care = supply.worker_growth_home
    growth = np.zeros(n_month, GROWTH).view(np.recarray)
    growth["institution"] = grown(
        institution, plan.extra_institution, supply.workers_institution_2020
    )
    growth["home_care"] = grown(home_care, plan.extra_home, supply.workers_home_2020)
    growth["output"] = (1 - supply.staff_hours_fall) ** -time
    growth["assessors"] = (1 + (inputs.scenario.assessors.growth or 0.0)) ** time
    return growth


def posts_added(inputs: Inputs, n_month: int) -> FloatArray:
    """Return workers that the scenario's changes have added by each month, (month, market, district)."""
    added = np.zeros((n_month, len(WORKERS), len(inputs.districts)))
    for change in inputs.scenario.workers.changes:
        month = (change.date.year - inputs.city.first_year) * 12 + change.date.month - 1
        d = inputs.districts.names.index(change.district)
        added[month:, WORKERS.index(change.workers), d] += change.posts
    return added
