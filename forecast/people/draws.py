"""Draw what is uncertain, jointly and repeatably, and turn it into what moves people.

A draw is named by (seed, index). Its parameters come from `params.tables.draws`, its chances from one
counter-based stream; horizon, number of draws and order of work do not change it. Index None is the
default: every parameter at its value, every chance zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from forecast.base.base import Base
from forecast.methods.fertility import SHARE_MALE, fertility_rates
from forecast.methods.graduate import one_year_back
from forecast.methods.oldest import pooled_survival, raked
from forecast.people.agreeing import Agreed, agreed, with_registered
from forecast.people.engine import Drivers
from params.axes import ELDER_AGE, N_AGE, N_SEX, OPEN_AGE, FloatArray
from params.tables.assumed import ForecastGroup, SpreadGroup
from params.tables.draws import Draws
from params.tables.people import REGISTERED_BANDS
from params.tables.strata import stratified

MOST_YEARS: Final = 40
"""Years of chances that a draw holds, whether a horizon needs them or not."""
BASE_GROUPS: Final = (0, ELDER_AGE, 80)
"""First ages of the groups whose base numbers have an error of their own."""
N_GROUP: Final = len(BASE_GROUPS)
MOVES_AGES: Final = (20.0, 45.0, 75.0)
"""Ages at which a district's error in net moves holds; between them it runs straight."""
N_MOVES: Final = len(MOVES_AGES)
MOVES_COMMON: Final = 0.8
"""Share of the variance of that error that all ages have in common (assumed)."""
YEARLY_STAY: Final = 0.9
"""Part of a district's mortality deviation that stays from one year to the next: the first-order
autoregression of Li and Lee (2005); its size is assumed."""
DISTRICT_PART: Final = 0.5
"""Base error of a district against that of the city, as a share of the same standard deviation (assumed)."""

OF_CITY: Final = ("mortality", "base_city", "base_age", "arrangement", "later", "known")
OF_DISTRICTS: Final = ("mortality_district", "base_district", "base_tilt", "moves")


@dataclass(frozen=True)
class Chances:
    """Standard normal numbers of some draws; the first axis of every array is the draw.

    Attributes
    ----------
    mortality : (draw, year), the city's yearly shock, shared by both sexes and all districts.
    mortality_district : (draw, year + 1, district), a district's own; the first is its standing.
    base_city : (draw, group), error of the base in an age group, the same in every district.
    base_district : (draw, basis, district, group).
    base_age : (draw, basis, age).
    base_tilt : (draw, basis, 1 + district, band), the city's, then each district's own.
    moves : (draw, basis, district, 1 + ages), common to all ages, then at each of `MOVES_AGES`.
    arrangement : (draw, year, 2).
    later : (draw, 2), registrations and births after the last figures.
    known : (draw, n), what a fit to published figures takes; nothing without one.
    """

    mortality: FloatArray
    mortality_district: FloatArray
    base_city: FloatArray
    base_district: FloatArray
    base_age: FloatArray
    base_tilt: FloatArray
    moves: FloatArray
    arrangement: FloatArray
    later: FloatArray
    known: FloatArray


def chances(seed: int, indices: Sequence[int | None], base: Base) -> Chances:
    """Return the chances of some draws from a base; zeros for index None."""
    n_basis, n_district = base.people.shape[:2]
    shapes = {
        "mortality": (MOST_YEARS,),
        "mortality_district": (MOST_YEARS + 1, n_district),
        "base_city": (N_GROUP,),
        "base_district": (n_basis, n_district, N_GROUP),
        "base_age": (n_basis, N_AGE),
        "base_tilt": (n_basis, 1 + n_district, len(REGISTERED_BANDS)),
        "moves": (n_basis, n_district, 1 + N_MOVES),
        "arrangement": (MOST_YEARS, 2),
        "later": (2,),
        "known": (base.n_known,),
    }
    known = [i for i in indices if i is not None]
    rows = np.array([k for k, i in enumerate(indices) if i is not None], dtype=np.int64)
    parts: dict[str, FloatArray] = {}
    for names, numbers in ((OF_CITY, _stratified_normals), (OF_DISTRICTS, _plain_normals)):
        sizes = [int(np.prod(shapes[name])) for name in names]
        normals = np.zeros((len(indices), sum(sizes)))
        if known:
            normals[rows] = numbers(seed, known, sum(sizes))
        cut = np.split(normals, np.cumsum(sizes)[:-1], axis=1)
        for name, part in zip(names, cut, strict=True):
            parts[name] = part.reshape(len(indices), *shapes[name])
    return Chances(**parts)


def _stratified_normals(seed: int, indices: Sequence[int], n: int) -> FloatArray:
    """Return normal numbers whose mean over draws is near zero: what the whole city has in common."""
    return np.asarray(ndtri(stratified(seed, indices, range(n))))


def _plain_normals(seed: int, indices: Sequence[int], n: int) -> FloatArray:
    """Return independent normal numbers: districts' own errors average out over districts."""
    streams = [np.random.Philox(key=np.array([seed, i], dtype=np.uint64)) for i in indices]
    return np.array([np.random.Generator(stream).standard_normal(n) for stream in streams])


def drivers_of(
    base: Base,
    drawn: Draws,
    luck: Chances,
    n_year: int,
    bases: Sequence[str],
    *,
    timing: str = "end",
    constrain: bool = False,
) -> Drivers:
    """Turn parameters and chances into what moves people.

    Parameters
    ----------
    n_year : years after the base.
    bases : which populations these are, names of `params.axes.BASES`.
    """
    n = len(luck.mortality)
    n_basis = len(base.moves)
    scale = np.ones((n, n_basis, 1, 1, 1))
    for b in range(n_basis):
        if bases[b] == "resident":
            scale[:, b, 0, 0, 0] = drawn.forecast.migration_scale
    found = None if base.known is None else agreed(base.known, luck.known, luck.later)
    people = drawn_base(base, drawn.spread, luck, bases)
    for basis in base.known.bases if base.known else ():
        if found is not None and basis in bases:
            b = bases.index(basis)
            people[:, b] = raked(people[:, b], found.people)
    drivers = Drivers(
        base=people,
        survival=drawn_survival(base, drawn, luck, n_year, found),
        deviation=district_deviation(drawn.spread, luck, n_year),
        internal=scale * base.internal + moves_error(people, drawn.spread, luck, bases),
        external_rate=scale * base.external_rate,
        external_count=(scale * base.external_count)[:, None],
        fertility=drawn_fertility(drawn.forecast)[:, None],
        share_male=np.full((n, 1), SHARE_MALE),
        timing=timing,
        constrain=constrain,
        at_base=survival_at_base(base, drawn, found),
    )
    if found is None or base.known is None or not base.known.registers:
        return drivers
    return with_registered(
        drivers, base, found, bases.index("registered"), n_year, at_values(drawn)
    )


def drawn_fertility(forecast: ForecastGroup[FloatArray]) -> FloatArray:
    """Return births a woman and year by age, shape (draw, age)."""
    levels = zip(forecast.total_fertility, forecast.fertility_mean_age, strict=True)
    return np.array([fertility_rates(float(total), float(mean)) for total, mean in levels])


def at_values(drawn: Draws) -> ForecastGroup[FloatArray]:
    """Return the assumptions' values, which no draw moves, arrays of shape (1,)."""
    return Draws(drawn.assumptions, 0, [None]).forecast


def drawn_survival(
    base: Base, drawn: Draws, luck: Chances, n_year: int, found: Agreed | None = None
) -> FloatArray:
    """Return survival into each age in each year after the base, shape (draw, year, sex, age).

    Life expectancy gains the drawn amount a year; around that course k walks at random. Where published
    figures tell the level of death rates, its assumed error plays no part, only its value does.
    """
    forecast, mortality = drawn.forecast, base.mortality
    if found is None or base.known is None:
        first, level = base.year, forecast.mortality_level[:, None, None]
        expectancy, start = mortality.expectancy, np.zeros((1, 1))
        before = None
        people = mortality.parted(base.people[0].sum(axis=0))[None]
    else:
        first, expectancy = base.known.cut_off, base.known.expectancy
        level = found.log_error + at_values(drawn).mortality_level
        start, before, people = found.k[:, None], found.survival, found.oldest
    # One year at least, even if the horizon ends with the figures.
    years = np.arange(1, max(base.year + n_year - first, 1) + 1)
    course = expectancy + forecast.e0_gains[:, None] * years[:, None]
    walk = mortality.shock * np.cumsum(luck.mortality[:, : years.size], axis=1)
    into = mortality.survival_inside(
        mortality.k_of(course) + (start + walk)[..., None], level[:, None]
    )
    if before is not None:
        into = np.concatenate([before, into], axis=1)[:, :n_year]
    return pooled_survival(people, into)


def survival_at_base(base: Base, drawn: Draws, found: Agreed | None) -> FloatArray:
    """Return survival into each age at the death rates of the base year, shape (draw, sex, age)."""
    level = drawn.forecast.mortality_level[:, None, None]
    people = base.mortality.parted(base.people[0].sum(axis=0))[None]
    if found is not None:
        level = found.log_error + at_values(drawn).mortality_level
        people = found.oldest
    into = base.mortality.survival_inside(np.zeros(N_SEX), level)
    return np.asarray(pooled_survival(people, into[:, None])[:, 0])


def district_deviation(spread: SpreadGroup[FloatArray], luck: Chances, n_year: int) -> FloatArray:
    """Return the log factor on each district's hazards, shape (draw, year, district).

    A stationary first-order autoregression: half its variance stands for ever, half moves.
    """
    own = luck.mortality_district
    moving = np.empty_like(own[:, 1 : n_year + 1])
    last = own[:, 0] * 0.0
    for t in range(n_year):
        last = YEARLY_STAY * last + np.sqrt(1 - YEARLY_STAY**2) * own[:, t + 1]
        moving[:, t] = last
    size = spread.mortality_error_district[:, None, None]
    return np.asarray(size * np.sqrt(0.5) * (own[:, :1] + moving))


def drawn_base(
    base: Base, spread: SpreadGroup[FloatArray], luck: Chances, bases: Sequence[str]
) -> FloatArray:
    """Return the base population of every draw, shape (draw, basis, district, sex, age).

    City and districts err by age group. Single ages err inside five-year groups, and the registered,
    who are published in wide bands, by a tilt inside each band; both leave their groups as they are.
    """
    groups = luck.base_city[:, None, None] + DISTRICT_PART * luck.base_district
    log_error = (spread.base_errors[:, None, None] * groups)[..., _group_of_age()]
    people = base.people * np.exp(log_error)[:, :, :, None]
    for b in range(len(bases)):
        if bases[b] == "registered":
            people[:, b] = _tilted(people[:, b], spread.base_error_bands, luck.base_tilt[:, b])
    within = np.exp(spread.base_error_age[:, None, None] * luck.base_age)
    within[..., OPEN_AGE] = 1.0
    moved = people * within[:, :, None, None]
    fives = np.arange(0, N_AGE, 5)
    ratio = np.add.reduceat(people, fives, axis=-1) / np.maximum(
        np.add.reduceat(moved, fives, axis=-1), 1e-300
    )
    return np.asarray(moved * np.repeat(ratio, 5, axis=-1)[..., :N_AGE])


def _tilted(people: FloatArray, size: FloatArray, tilt: FloatArray) -> FloatArray:
    """Move people of one basis (draw, district, sex, age) inside bands, older against younger."""
    bounds = np.append(REGISTERED_BANDS, N_AGE)
    band = np.searchsorted(bounds, np.arange(N_AGE), side="right") - 1
    middle, half = (bounds[:-1] + bounds[1:] - 1) / 2, (bounds[1:] - bounds[:-1] - 1) / 2
    place = (np.arange(N_AGE) - middle[band]) / half[band]
    slope = tilt[:, :1] + DISTRICT_PART * tilt[:, 1:]
    error = size[:, None, None] * slope[..., band] * place
    moved = people * np.exp(error)[:, :, None]
    found, kept = (np.add.reduceat(p, REGISTERED_BANDS, axis=-1) for p in (moved, people))
    return np.asarray(moved * (kept / np.maximum(found, 1e-300))[..., band])


def moves_error(
    people: FloatArray, spread: SpreadGroup[FloatArray], luck: Chances, bases: Sequence[str]
) -> FloatArray:
    """Return the drawn error of internal net rates, shape (draw, basis, district, sex, age)."""
    sizes = spread.moves_errors(bases)
    common, own = luck.moves[..., :1], luck.moves[..., 1:]
    at = np.sqrt(MOVES_COMMON) * common + np.sqrt(1 - MOVES_COMMON) * own
    weights = _interpolation(MOVES_AGES)
    by_age = sizes[..., None, None] * (at @ weights)
    # Shifted so that the errors move nobody in or out of the city.
    city = people.sum(axis=2, keepdims=True)
    by_age = np.broadcast_to(by_age[:, :, :, None], people.shape)
    shift = (by_age * people).sum(axis=2, keepdims=True) / np.maximum(city, 1e-300)
    return np.asarray(by_age - shift)


def earlier_people(people: FloatArray, into: FloatArray, years: int) -> list[FloatArray]:
    """Reverse-survive people year by year, the earliest first."""
    found: list[FloatArray] = []
    for _ in range(years):
        people = one_year_back(people, into)
        found.insert(0, people)
    return found


def arrangement_walk(spread: SpreadGroup[FloatArray], luck: Chances, n_year: int) -> FloatArray:
    """Return the drift of both propensities of living arrangement, shape (draw, year, 2)."""
    steps = spread.arrangement_walk[:, None, None] * luck.arrangement[:, :n_year]
    return np.asarray(np.cumsum(steps, axis=1))


def _group_of_age() -> np.ndarray:
    return np.searchsorted(BASE_GROUPS, np.arange(N_AGE), side="right") - 1


def _interpolation(ages: Sequence[float]) -> FloatArray:
    """Return weights (knot, age) that run straight between knots and stay level outside."""
    knots = np.eye(len(ages))
    return np.array([np.interp(np.arange(N_AGE), ages, knot) for knot in knots])
