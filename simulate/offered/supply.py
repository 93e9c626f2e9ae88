"""Lay down what there is to meet an offered load: beds, places, workers and assessors, month by month.

The first row is that of the base year's last month, on which the event loop calibrates workers and assessors;
the others run from the release to the horizon. Each course can be held where it stood in some month, as if
nothing had come after.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from forecast.people.projection import WARM_UP_YEARS
from params.axes import ELDER_AGE, HOME_CARE, FloatArray, IntArray
from params.tables.resources import WORKERS
from simulate.city.beds import OLD_AGE
from simulate.city.capacity import at_base
from simulate.city.event_days import office_days, spans_of
from simulate.city.paths import NO_PATH, PERSONS
from simulate.city.pay import pay_of
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME
from simulate.engine.records import DAY
from simulate.engine.world import UNLIMITED

BEDS, STAFF, ASSESSORS, INSURANCE = "beds", "staff", "assessors", "insurance"
COURSES: Final = {
    BEDS: ("operating", "places", "shut", "closed"),
    STAFF: ("output", "found", "posts_added", "worker_paths", "work"),
    ASSESSORS: ("assessor_growth", "assessor_paths"),
    INSURANCE: ("most_hours",),
}
"""Which fields of a `Supply` are held together."""


@dataclass(frozen=True)
class Supply:
    """Capacity by month; the first row is the base year's December.

    Attributes
    ----------
    operating : ndarray, shape (month, district, bed), beds in operation, mean of the month.
    places : ndarray, shape (month, district, resource), of resources at home that have places.
    shut, closed : ndarray, shape (month, district, resource), share of the month in which nobody new is
        taken in, and in which clients get nothing.
    output : ndarray, shape (month, market), what an hour of work gives over that of the release.
    found : ndarray, shape (month, market), workers who can be found over those of the release.
    posts_added : ndarray, shape (month, market, district), workers that dated changes have added.
    worker_paths : recarray of `simulate.city.paths.PERSONS`, shape (month, market, district).
    work : ndarray, shape (month, market, district), hours worked over the usual ones of those present.
    assessor_growth : ndarray, shape (month,), multiples of the assessors of the release.
    assessor_paths : recarray of `PERSONS`, shape (month, district).
    most_hours : ndarray, shape (month,), hours a week that the insurance gives at most.
    office : ndarray, shape (year, district), working days of all assessors; the base year first.
    office_held : years after which assessors no longer follow the applications.
    """

    operating: FloatArray
    places: FloatArray
    shut: FloatArray
    closed: FloatArray
    output: FloatArray
    found: FloatArray
    posts_added: FloatArray
    worker_paths: NDArray[np.void]
    work: FloatArray
    assessor_growth: FloatArray
    assessor_paths: NDArray[np.void]
    most_hours: FloatArray
    office: FloatArray
    office_held: int

    def moving(self, years: int, until: int, follows: bool) -> tuple[str, ...]:
        """Return the `COURSES` that change between two years after the base.

        Parameters
        ----------
        follows : whether assessors follow the applications of the year before.
        """
        found = []
        for cause, names in COURSES.items():
            courses = (getattr(self, name)[12 * years : 12 * until + 1] for name in names)
            turns = any((course != course[0]).any() for course in courses)
            following = cause == ASSESSORS and follows and until > max(years, 1)
            if turns or following:
                found.append(cause)
        return tuple(found)

    def held(self, years: int, causes: Collection[str]) -> "Supply":
        """Return the same with some of `COURSES` as they stood so many years after the base, ever after."""
        row = 12 * years
        changes: dict[str, object] = {}
        for cause in causes:
            for name in COURSES[cause]:
                course = getattr(self, name).copy()
                course[row + 1 :] = course[row]
                changes[name] = course
        if ASSESSORS in causes:
            changes["office_held"] = years
        return replace(self, **changes)  # type: ignore[arg-type]


def supply_of(setting: Setting) -> Supply:
    """Lay down the capacity of a setting."""
    inputs, capacity, calendar = setting.inputs, setting.capacity, setting.calendar
    n_month = calendar.n_reported_months
    old = setting.projection.resident[WARM_UP_YEARS][..., ELDER_AGE + OLD_AGE :].sum(axis=(1, 2))
    growth, most = capacity.growth[:n_month], setting.insurance.most_hours[:n_month]
    spans = spans_of(inputs, calendar, n_month)
    work = spans.work.copy()
    work[:, AT_HOME] *= 1 - spans.closed[:, :, HOME_CARE]
    found = np.stack([growth["institution"], growth["home_care"]], axis=1)
    shut, closed = (spans.mean(held, n_month) for held in (spans.shut, spans.closed))
    return Supply(
        operating=_after(
            capacity.operating[0], capacity.mean_operating(calendar.month_start)[:n_month]
        ),
        places=_after(at_base(inputs, old), capacity.places[:n_month]),
        shut=_after(np.zeros(shut.shape[1:]), shut),
        closed=_after(np.zeros(shut.shape[1:]), closed),
        output=_after(
            np.ones(len(WORKERS)), np.stack([growth["output"], growth["home_output"]], axis=1)
        ),
        found=_after(np.ones(len(WORKERS)), found * pay_of(inputs, n_month).found),
        posts_added=_after(
            np.zeros(capacity.posts_added.shape[1:]), capacity.posts_added[:n_month]
        ),
        worker_paths=_without_path(capacity.worker_paths[:n_month]),
        work=_after(np.ones(work.shape[1:]), spans.mean(work, n_month)),
        assessor_growth=_after(np.ones(()), growth["assessors"]),
        assessor_paths=_without_path(capacity.assessor_paths[:n_month]),
        most_hours=_after(np.array(np.inf), np.where(most < UNLIMITED, most / 100, np.inf)),
        office=_office_by_year(setting),
        office_held=n_month // 12,
    )


def _after(first: FloatArray | IntArray, rest: FloatArray | IntArray) -> FloatArray:
    """Put the base year's December in front of the reported months."""
    return np.concatenate([first[None], rest]).astype(np.float64)


def _without_path(paths: NDArray[np.void]) -> NDArray[np.void]:
    """Put a month in front in which nothing is laid down."""
    first = np.zeros((1, *paths.shape[1:]), PERSONS).view(np.recarray)
    first["persons"] = NO_PATH
    return np.concatenate([first, paths]).view(np.recarray)


def _office_by_year(setting: Setting) -> FloatArray:
    """Return working days of all assessors of a district, shape (year, district); the base year first."""
    calendar = setting.calendar
    days = office_days(setting.inputs, calendar)
    n_year = calendar.n_reported_months // 12
    bounds = calendar.year_start[WARM_UP_YEARS - 1 : WARM_UP_YEARS + n_year + 1] // DAY
    return np.add.reduceat(days[: bounds[-1]], bounds[:-1], axis=0)
