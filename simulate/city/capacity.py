"""Lay down beds, places, hours and staff by month and district, beds by day.

Staff is kept as growth against the release: the level itself is calibrated there, in the event loop.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from params.errors import ParamError, Problem
from params.inputs import Inputs
from params.language import said
from params.scenario.path_resources import ASSESSORS
from params.tables.districts import area_of
from params.tables.resources import WORKERS, Resources
from simulate.city.bed_changes import Changed, with_changes
from simulate.city.beds import (
    OLD_AGE,
    approved_2020,
    approved_beds,
    open_share,
    plan_kinds,
    plan_period,
    whole,
)
from simulate.city.calendar import Calendar
from simulate.city.impossible import problems_of
from simulate.city.paths import (
    Laying,
    assessor_paths,
    lay_beds,
    lay_places,
    of_the_city,
    worker_paths,
)
from simulate.city.tiers import open_alike, parted
from simulate.engine.records import N_KIND

MONTH_DAYS: Final = 365.25 / 12
DAY_CARE_CENTRES: Final = "day_care_centres"
"""Measure of ``beds_city.csv``."""
GROWTH = np.dtype(
    [
        (name, np.float64)
        for name in ("institution", "home_care", "output", "home_output", "assessors")
    ],
    align=True,
)
"""Care workers whom institutions and home care can find, the residents whom an hour of work in institutions
serves, the clients' hours that an hour of work in home care gives, and assessors, as multiples of those at
the release."""


@dataclass(frozen=True)
class BedDays:
    """Beds from the days of dated changes on that are no first of a month, all beds at each.

    Attributes
    ----------
    at : ndarray, shape (step,), seconds, rising.
    operating : ndarray, shape (step, district, bed).
    whole_city : ndarray, shape (step, district, bed), share of beds open to everyone.
    """

    at: IntArray
    operating: IntArray
    whole_city: FloatArray


@dataclass(frozen=True)
class Capacity:
    """Dated capacity; months run from the release to the end of the run-on.

    Attributes
    ----------
    approved : ndarray, shape (month, district, bed), beds in institutions at each month's end.
    operating : ndarray, shape (month, district, bed), those in operation when the month begins.
    days : beds from days inside a month on, until the month ends.
    places : ndarray, shape (month, district, resource), of resources at home that have places.
    whole_city : ndarray, shape (month, district, bed), share of beds open to everyone.
    growth : recarray of `GROWTH`, shape (month,), and for the months until who is hired begins.
    posts_added : ndarray, shape (month, market, district), workers that dated changes have added.
    worker_paths : recarray of `simulate.city.paths.PERSONS`, shape (month, market, district).
    assessor_paths : the same of assessors, shape (month, district).
    certified : ndarray, shape (month,), share of care workers with a certificate.
    resources : what people can ask for.
    """

    approved: IntArray
    operating: IntArray
    days: BedDays
    places: IntArray
    whole_city: FloatArray
    growth: NDArray[np.void]
    posts_added: FloatArray
    worker_paths: NDArray[np.void]
    assessor_paths: NDArray[np.void]
    certified: FloatArray
    resources: Resources

    def pool_plan(self) -> IntArray:
        """Return capacity by (month, pool); -1 where the event loop calibrates it."""
        plan = self._in_pools(self.operating, self.whole_city)
        for k in self.resources.places:
            if k < self.resources.first_bed:
                plan[:, :, k, 0], plan[:, :, k, 1] = self.places[:, :, k], 0
        return plan.reshape(len(plan), -1)

    def bed_plan(self) -> IntArray:
        """Return beds from each of `days` on by (step, pool); -1 where no beds are."""
        plan = self._in_pools(self.days.operating, self.days.whole_city)
        return plan.reshape(len(plan), self.operating.shape[1] * len(self.resources) * N_KIND)

    def _in_pools(self, operating: IntArray, whole_city: FloatArray) -> IntArray:
        """Divide beds into those for the district and for everyone, (moment, district, resource, kind)."""
        shape = (*operating.shape[:2], len(self.resources), N_KIND)
        plan = np.full(shape, -1, np.int64)
        shared = np.floor(operating * whole_city).astype(np.int64)
        plan[:, :, self.resources.beds, 0] = operating - shared
        plan[:, :, self.resources.beds, 1] = shared
        return plan

    def mean_operating(self, month_start: IntArray) -> FloatArray:
        """Return beds in operation over each month in the mean of its days, (month, district, bed).

        Parameters
        ----------
        month_start : ndarray, shape (month + 1,), seconds.
        """
        mean = self.operating.astype(np.float64)
        months = np.searchsorted(month_start, self.days.at, side="right") - 1
        for k, (at, m) in enumerate(zip(self.days.at, months, strict=True)):
            goes_on = k > 0 and months[k - 1] == m
            before = self.days.operating[k - 1] if goes_on else self.operating[m]
            rest = (month_start[m + 1] - at) / (month_start[m + 1] - month_start[m])
            mean[m] += rest * (self.days.operating[k] - before)
        return mean


def make_capacity(
    inputs: Inputs, calendar: Calendar, elders: FloatArray, registered_2025: FloatArray
) -> Capacity:
    """Lay down the capacity of a scenario.

    Parameters
    ----------
    elders : ndarray, shape (district, age 60..), residents at the end of the base year.
    registered_2025 : ndarray, shape (district,), registered 60+ at the end of 2025, for the bed rule.

    Raises
    ------
    ParamError
        Where more beds or workers go than there are with the default values of the assumptions, and where
        more beds are to take the whole city than the new towns have. In a draw that has fewer, as many
        go as there are.
    """
    n_month = calendar.month_start.size - 1
    # Month 0 is January after the base year: one twelfth of the first year's step is then done.
    month_end = (np.arange(n_month) + 1) / 12 + inputs.city.base_year
    resources = inputs.resources
    old = elders[:, OLD_AGE:].sum(axis=1)
    frozen = inputs.scenario.resources.path == "frozen"
    laying = Laying(inputs, month_end, old)
    places = planned_places(inputs, month_end, old, frozen)
    base = planned_places(inputs, np.array([float(inputs.city.base_year)]), old, frozen)[0]
    lay_places(laying, places, base, resources.places)
    path, base_beds = places[..., resources.beds].copy(), base[:, resources.beds].copy()
    path[..., plan_kinds(resources)] = approved_beds(inputs, month_end, elders, registered_2025)
    base_beds[:, plan_kinds(resources)] = approved_2020(inputs, elders)
    lay_beds(laying, path, base_beds)
    changed = with_changes(path, old, inputs, calendar)
    moments = changed.moments
    if inputs.draw_of is None:
        problems = [*laying.problems, *problems_of(inputs, changed, old)]
        if problems:
            raise ParamError(problems)
    operating, whole_city = _in_use(changed, month_end, approved_2020(inputs, elders), inputs)
    first = moments.is_first
    return Capacity(
        approved=parted(np.maximum(changed.month_end, 0), inputs),
        operating=operating[first],
        days=BedDays(moments.at[~first], operating[~first], whole_city[~first]),
        places=places,
        whole_city=whole_city[first],
        # Who is hired in the last months is hired for the months after.
        growth=staff_growth(inputs, n_month + hire_lag(inputs)),
        posts_added=posts_added(inputs, n_month),
        worker_paths=worker_paths(inputs, month_end),
        assessor_paths=assessor_paths(inputs, month_end),
        certified=np.interp(
            month_end,
            plan_period(inputs),
            [inputs.assumed.supply.certified_2020, inputs.scenario.workers.certified_2025],
        ),
        resources=inputs.resources,
    )


def _in_use(
    changed: Changed, month_end: FloatArray, base: IntArray, inputs: Inputs
) -> tuple[IntArray, FloatArray]:
    """Return beds in operation from each moment on, and the share that takes everyone.

    Both have the shape (moment, district, bed). Beds with places of their own are all in use, and serve
    their district only.
    """
    approved = np.maximum(changed.at, 0)
    kinds, towns = plan_kinds(inputs.resources), inputs.districts.new_town.astype(np.float64)
    operating, whole_city = approved.copy(), np.zeros(approved.shape)
    operating[..., kinds] = changed.operating(kinds, base, inputs)
    time = month_end[changed.moments.month]
    whole_city[..., kinds] = open_share(inputs, approved[..., kinds], towns, time)[..., None]
    return parted(operating, inputs), open_alike(whole_city, inputs)


def planned_places(
    inputs: Inputs, month_end: FloatArray, weight: FloatArray, frozen: bool
) -> IntArray:
    """Return places by (month, district, resource); 0 where beds follow a plan.

    Parameters
    ----------
    weight : ndarray, shape (district,), by which districts share them, times what the scenario says of it.
    """
    planned = units_planned(inputs)
    laid_down = inputs.resources.places_laid_down(inputs.values, inputs.supply.units_2020, planned)
    shape = (month_end.size, weight.size, len(inputs.resources))
    places = np.zeros(shape, np.int64)
    for k, (first, last) in laid_down.items():
        course = np.interp(month_end, plan_period(inputs), [first, first if frozen else last])
        shares = weight * weights_of(inputs, inputs.resources.names[k])
        places[..., k] = [whole(total, shares) for total in course]
    return places


def units_planned(inputs: Inputs) -> dict[str, float]:
    """Return the units, such as centres, of which the scenario says how many the plan ends with."""
    centres = inputs.scenario.resources.day_care_centres_2025
    return {} if centres is None else {DAY_CARE_CENTRES: float(centres)}


def weights_of(inputs: Inputs, resource: str) -> FloatArray:
    """Return how heavily a scenario lets the places of a resource lie in each district, shape (district,)."""
    weights, districts = np.ones(len(inputs.districts)), inputs.districts
    rows = [row for row in inputs.scenario.resources.weights if row.resource == resource]
    # The largest areas first: a district's own row comes before its zone's.
    for row in sorted(rows, key=lambda row: -area_of(row.district, districts).size):
        weights[area_of(row.district, districts)] = row.weight
    if not weights.any():
        found = said(f"no district has a weight for {resource}", f"各区 {resource} 的权重均为 0")
        allowed = said("a weight above 0 somewhere", "至少一处大于 0")
        raise ParamError(Problem(f"{inputs.scenario.name}: resources.weights", found, allowed))
    return weights


def at_base(inputs: Inputs, old: FloatArray) -> IntArray:
    """Return approved beds and places at the end of the base year, shape (district, resource); else 0.

    Parameters
    ----------
    old : ndarray, shape (district,), residents of 80+ then.
    """
    base_year = np.array([float(inputs.city.base_year)])
    found = planned_places(inputs, base_year, old, frozen=True)[0]
    elders = np.zeros((old.size, OLD_AGE + 1))
    elders[:, OLD_AGE] = old
    first = inputs.resources.first_bed
    kinds = [first + kind for kind in plan_kinds(inputs.resources)]
    found[:, kinds] = approved_2020(inputs, elders)
    return found


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
    growth["output"] *= (1 + plan.productivity_institution) ** time
    growth["home_output"] = (1 + plan.productivity_home) ** time
    growth["assessors"] = (1 + (inputs.scenario.assessors.growth or 0.0)) ** time
    month_end = (np.arange(n_month) + 1) / 12 + inputs.city.base_year
    for name, resource, present in (
        ("institution", WORKERS[0], supply.workers_institution_2020),
        ("home_care", WORKERS[1], supply.workers_home_2020),
        ("assessors", ASSESSORS, supply.assessors_2020),
    ):
        laid_down = of_the_city(inputs, resource, month_end, present)
        if laid_down is not None:
            growth[name] = laid_down
    return growth


def posts_added(inputs: Inputs, n_month: int) -> FloatArray:
    """Return workers that the scenario's changes have added by each month, (month, market, district)."""
    added = np.zeros((n_month, len(WORKERS), len(inputs.districts)))
    for change in inputs.scenario.workers.changes:
        month = (change.date.year - inputs.city.first_year) * 12 + change.date.month - 1
        d = inputs.districts.names.index(change.district)
        added[month:, WORKERS.index(change.workers), d] += change.posts
    return added
