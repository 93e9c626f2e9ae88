"""Work out in closed form how much of a capacity workers can serve, given what is asked for.

The rules of `simulate.city.workforce` and of the reported `usable`, with expected numbers in place of people
and queues: residents of a district are those who ask there, as far as beds operate; posts are what they take;
the city fills posts as far as workers can be found. Nobody moves to another district's beds here, and who is
hired is there at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import ASSESSMENT, HOME_CARE, FloatArray
from params.scenario.path_resources import follow_applications
from simulate.city.paths import NO_PATH
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, INSTITUTIONS
from simulate.offered.load import Offered
from simulate.offered.supply import Supply

BEFORE = 12
"""Months before the release of which the load is needed: the base year."""
TINY = 1e-9


class Met(NamedTuple):
    """An offered load of one year beside what can meet it; stocks of December, cases of the year.

    Each of shape (district, resource).
    """

    demand: FloatArray
    usable: FloatArray
    gap: FloatArray
    """Demand less usable; of assessments in assessors: those whom the year's cases take less those there."""


def met(setting: Setting, load: Offered, supply: Supply, years: int) -> Met:
    """Set an offered load of a year beside the capacity.

    Parameters
    ----------
    load : with the `BEFORE` months of the base year in front.
    supply : of the setting, courses held or not.
    years : after the base year; 0 is the base year itself.
    """
    row = 12 * years
    demand = load.demand[row + BEFORE - 1].copy()
    usable = np.zeros_like(demand)
    resources = setting.inputs.resources
    for k in resources.places:
        if k < resources.first_bed:
            there, taken = (
                supply.places[row, :, k],
                np.minimum(demand[:, k], supply.places[row, :, k]),
            )
            shut, closed = supply.shut[row, :, k], supply.closed[row, :, k]
            usable[:, k] = (1 - shut) * there + (shut - closed) * taken
    usable[:, resources.beds] = _beds(setting, load, supply, row)
    usable[:, HOME_CARE] = _hours(setting, load, supply, row)
    gap = demand - usable
    cases = _cases(setting, load, supply, years)
    for values, column in zip((demand, usable, gap), cases, strict=True):
        values[:, ASSESSMENT] = column
    return Met(demand, usable, gap)


def _at_release(course: FloatArray) -> FloatArray:
    """Return a course of months at the release: between the months before and after it."""
    return np.asarray((course[BEFORE - 1] + course[BEFORE]) / 2)


def _beds(setting: Setting, load: Offered, supply: Supply, row: int) -> FloatArray:
    """Return beds that workers can serve, shape (district, bed)."""
    resources, assumed = setting.inputs.resources, setting.inputs.assumed.supply
    staffed = np.array([bool(r.workers) for r in resources.rows[resources.first_bed :]])
    month = row + BEFORE - 1
    asked, operating = load.demand[month][:, resources.beds], supply.operating[row]
    occupied = residents(asked, operating)
    # Hours are those of the bed in which somebody lives: in another kind than asked for, as its others.
    needed = (occupied * _ratio(load.bed_staff[month], asked, 0.0))[:, staffed].sum(axis=1)
    first = _at_release(load.demand)[:, resources.beds]
    base = residents(first, supply.operating[0]) * _ratio(_at_release(load.bed_staff), first, 0.0)
    taken, free = occupied[:, staffed].sum(axis=1), operating - occupied
    each = _ratio(needed, taken, 1.0)
    market = _Market(
        INSTITUTIONS,
        base[:, staffed].sum(axis=1) / assumed.staff_load_2020,
        needed / supply.output[row, INSTITUTIONS] / assumed.staff_load_2020,
        float(assumed.workers_institution_2020),
        free.sum(axis=1),
    )
    hours = _hours_within_reach(setting, supply, row, market) * assumed.staff_stretch
    served = _ratio(hours, each, np.inf)
    part = np.clip(_ratio(served - taken, free[:, staffed].sum(axis=1), 0.0), 0.0, 1.0)
    kept = np.minimum(1.0, _ratio(served, taken, 1.0))
    usable = operating.copy()
    usable[:, staffed] = kept[:, None] * occupied[:, staffed] + part[:, None] * free[:, staffed]
    shut = supply.shut[row][:, resources.beds]
    return np.asarray(usable - shut * np.maximum(usable - occupied, 0.0))


def residents(asked: FloatArray, operating: FloatArray) -> FloatArray:
    """Return who lives in which beds: who finds none of those asked for takes another that is free.

    First one of another kind in the own district, then one anywhere in the city; free beds are taken in
    proportion. All of shape (district, bed).
    """
    occupied = np.minimum(asked, operating)
    without = (asked - occupied).sum(axis=1)
    free = operating - occupied
    housed = np.minimum(without, free.sum(axis=1))
    occupied = occupied + free * _ratio(housed, free.sum(axis=1), 0.0)[:, None]
    free = operating - occupied
    left = min(float((without - housed).sum()), float(free.sum()))
    return np.asarray(occupied + free * left / max(float(free.sum()), TINY))


def _hours(setting: Setting, load: Offered, supply: Supply, row: int) -> FloatArray:
    """Return hours of home care a week that workers can give, shape (district,)."""
    assumed = setting.inputs.assumed.supply
    base = _at_release(load.demand)[:, HOME_CARE] / assumed.home_load_2020
    asked = load.demand[row + BEFORE - 1, :, HOME_CARE]
    posts = asked / supply.output[row, AT_HOME] / assumed.home_load_2020
    workers = float(assumed.workers_home_2020)
    hours = _hours_within_reach(setting, supply, row, _Market(AT_HOME, base, posts, workers, None))
    most = supply.most_hours[row]
    return np.asarray(hours * min(1.0, most / max(float(hours.sum()), TINY)))


class _Market(NamedTuple):
    """One labour market in one month; hours as at the release."""

    number: int
    base: FloatArray
    """Hours worked at the release, shape (district,), as the posts and the weight."""
    posts: FloatArray
    """Hours of all posts."""
    workers: float
    """Of the release."""
    weight: FloatArray | None
    """By which districts share those whom the city could hire besides; none: by those present."""


def _hours_within_reach(setting: Setting, supply: Supply, row: int, market: _Market) -> FloatArray:
    """Return what workers give who are there or whom the city could hire, shape (district,)."""
    k = market.number
    each = max(float(market.base.sum()), TINY) / market.workers
    added = supply.posts_added[row, k] * each
    path = supply.worker_paths[row, k]
    on_path = path["persons"] > NO_PATH
    laid_down = path["base"] * market.base + np.maximum(path["persons"], 0.0) * each + added
    if setting.inputs.scenario.workers.hiring == "in_place":
        present = market.base * supply.found[row, k] + added
        present = np.where(on_path, laid_down, present)
    else:
        found = float(market.base.sum()) * supply.found[row, k] + float(added.sum())
        present = _hired(found, market, on_path, np.maximum(laid_down, 0.0))
    return np.asarray(np.maximum(present, 0.0) * supply.output[row, k] * supply.work[row, k])


def _hired(
    found: float, market: _Market, on_path: NDArray[np.bool_], laid_down: FloatArray
) -> FloatArray:
    """Fill posts as far as workers can be found, and share the room that is left."""
    posts = np.where(on_path, 0.0, market.posts)
    left = max(found - float(laid_down[on_path].sum()), 0.0)
    present = np.where(on_path, laid_down, posts * min(1.0, left / max(float(posts.sum()), TINY)))
    room = max(left - float(posts.sum()), 0.0)
    weight = present if market.weight is None else market.weight
    return np.asarray(present + room * weight / max(float(weight.sum()), TINY))


def _cases(
    setting: Setting, load: Offered, supply: Supply, years: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return cases applied for, cases that can be done, and assessors lacking, by district."""
    assumed, scenario = setting.inputs.assumed.supply, setting.inputs.scenario
    asked = load.demand[: BEFORE + 12 * years, :, ASSESSMENT]
    asked = asked.reshape(years + 1, 12, -1).sum(axis=1)
    wanted = _ratio(asked, supply.office[: years + 1], 0.0) / assumed.assessor_load_2020
    rate, most = wanted[0], assumed.assessor_growth_most
    if follow_applications(scenario):
        for before in range(1, min(years, supply.office_held)):
            follows = np.clip(wanted[before], rate * (1 - most), rate * (1 + most))
            rate = np.where(rate > 0, follows, wanted[before])
    row = 12 * years
    each = max(float(wanted[0].sum()), TINY) / assumed.assessors_2020
    path = supply.assessor_paths[row]
    rate = np.where(
        path["persons"] > NO_PATH,
        path["base"] * wanted[0] + np.maximum(path["persons"], 0.0) * each,
        rate * supply.assessor_growth[row],
    )
    needed = _ratio(asked[-1], supply.office[years], 0.0) / each
    return asked[-1], rate * supply.office[years], needed - rate / each


def _ratio(above: FloatArray, below: FloatArray, otherwise: float) -> FloatArray:
    """Return a ratio; something else where nothing is below the line."""
    out = np.full(np.shape(above), otherwise)
    return np.asarray(np.divide(above, below, out=out, where=below > 0))
