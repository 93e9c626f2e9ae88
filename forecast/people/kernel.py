"""Compiled loops of the projection: all years of one draw, both bases, every district.

`cohorts.age_one_year` says the same step in a few lines of numpy; a test holds the two together.
Nothing is checked here, see `forecast.people.engine`.
"""

from typing import NamedTuple

import numpy as np

from forecast.compiled import entry, kernel
from params.axes import FloatArray

MOST_LEAVING = 0.95
"""Largest share of a cell that leaves it in one year; nobody's rate comes near it."""
IPF_STEPS = 30
IPF_TOLERANCE = 1e-11
SMALLEST_COUNT = 10.0
"""Cells with fewer deaths say nothing about scaling and are left out of its report."""


class Rates(NamedTuple):
    """What moves the people of one draw; `forecast.people.engine.Drivers` says what each is."""

    base: FloatArray
    """Shape (basis, district, sex, age), as `internal` and `external_rate`."""
    log_survival: FloatArray
    """Shape (year, sex, age)."""
    deviation: FloatArray
    """Shape (year, district)."""
    internal: FloatArray
    external_rate: FloatArray
    external_count: FloatArray
    """Shape (year or 1, basis, district, sex, age)."""
    fertility: FloatArray
    """Shape (year or 1, basis, age)."""
    share_male: FloatArray
    """Shape (year or 1,)."""


class Course(NamedTuple):
    """What becomes of the people of one draw, written by `project_one`."""

    people: FloatArray
    """Shape (year + 1, basis, district, sex, age)."""
    births: FloatArray
    """Shape (year, basis, district, sex)."""
    flows: FloatArray
    """Shape (year or 0, 3, basis, district, sex, age): deaths, internal and external moves."""
    scaling: FloatArray
    """Shape (year, basis, 3, 2): least and largest factor on deaths, moves across the border, stocks."""


class YearlyMoves(NamedTuple):
    """How one basis moves in a year; every array is (district, sex, age)."""

    leaving: FloatArray
    arriving: FloatArray
    external_rate: FloatArray
    external_count: FloatArray


class City(NamedTuple):
    """The city of one basis: its people and their rate of moves across the border, both (sex, age)."""

    people: FloatArray
    rate: FloatArray


class Moved(NamedTuple):
    """Moves made inside the city and across its border, (district, sex, age), and how they were scaled."""

    inside: FloatArray
    across: FloatArray
    scaling: FloatArray


@kernel
def split_moves(  # type: ignore[no-untyped-def]
    base: FloatArray, internal: FloatArray, leaving: FloatArray, arriving: FloatArray
):
    """Turn net rates inside the city into out-rates and shares of the pool of leavers.

    Arrays are (basis, district, sex, age). Net rates are first shifted so that they add to zero over
    the city's people; what is negative then leaves, what is positive is where the pool goes.
    """
    n_basis, n_district, n_sex, n_age = base.shape
    for b in range(n_basis):
        for s in range(n_sex):
            for a in range(n_age):
                people = 0.0
                moved = 0.0
                for d in range(n_district):
                    people += base[b, d, s, a]
                    moved += internal[b, d, s, a] * base[b, d, s, a]
                shift = moved / people if people > 0.0 else 0.0
                taken = 0.0
                for d in range(n_district):
                    rate = internal[b, d, s, a] - shift
                    leaving[b, d, s, a] = min(max(-rate, 0.0), MOST_LEAVING)
                    arriving[b, d, s, a] = max(rate, 0.0) * base[b, d, s, a]
                    taken += arriving[b, d, s, a]
                for d in range(n_district):
                    if taken > 0.0:
                        arriving[b, d, s, a] /= taken
                    else:
                        leaving[b, d, s, a] = 0.0


@kernel
def plus_minus(gains: float, losses: float, wanted: float) -> float:
    """Return f such that ``gains * f + losses / f`` is `wanted`; losses are negative.

    The plus-minus method for net figures of both signs. Zero where no factor does it.
    """
    if gains > 0.0:
        root: float = np.sqrt(wanted * wanted - 4.0 * gains * losses)
        return (wanted + root) / (2.0 * gains)
    if losses < 0.0 and wanted < 0.0:
        return losses / wanted
    return 0.0


@kernel
def move(  # type: ignore[no-untyped-def]
    stock: FloatArray,
    moves: YearlyMoves,
    part: float,
    first: int,
    stop: int,
    constrain: bool,
    city: City,
    moved: Moved,
):
    """Move people of one basis inside the city and across its border, a part of a year's moves.

    `stock` (district, sex, age) changes in place; `moved` are this part's moves, at ages from `first` up
    to but without `stop` only. With `constrain` the moves across the border are scaled to those of
    `city`, which moves too.
    """
    n_district, n_sex, n_age = stock.shape
    inside, across = moved.inside, moved.across
    leaving, arriving = moves.leaving, moves.arriving
    external_rate, external_count = moves.external_rate, moves.external_count
    pool = np.zeros((n_sex, n_age))
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(first, stop):
                here = stock[d, s, a]
                gone = here * leaving[d, s, a] * part
                pool[s, a] += gone
                inside[d, s, a] = -gone
                across[d, s, a] = part * (here * external_rate[d, s, a] + external_count[d, s, a])
    if constrain:
        _scale_across(stock, external_count, part, first, stop, city, moved)
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(first, stop):
                inside[d, s, a] += pool[s, a] * arriving[d, s, a]
                here = stock[d, s, a] + inside[d, s, a]
                across[d, s, a] = max(across[d, s, a], -here)
                stock[d, s, a] = here + across[d, s, a]


@kernel
def _scale_across(  # type: ignore[no-untyped-def]
    stock: FloatArray,
    external_count: FloatArray,
    part: float,
    first: int,
    stop: int,
    city: City,
    moved: Moved,
):
    across, scaling = moved.across, moved.scaling
    n_district, n_sex, n_age = across.shape
    gains = np.zeros((n_sex, n_age))
    losses = np.zeros((n_sex, n_age))
    people = np.zeros((n_sex, n_age))
    wanted = np.zeros((n_sex, n_age))
    for s in range(n_sex):
        for a in range(first, stop):
            wanted[s, a] = city.people[s, a] * city.rate[s, a]
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(first, stop):
                people[s, a] += stock[d, s, a]
                gains[s, a] += max(across[d, s, a], 0.0)
                losses[s, a] += min(across[d, s, a], 0.0)
                wanted[s, a] += external_count[d, s, a]
    factor = np.zeros((n_sex, n_age))
    shift = np.zeros((n_sex, n_age))
    for s in range(n_sex):
        for a in range(first, stop):
            factor[s, a] = 1.0
            found = plus_minus(gains[s, a], losses[s, a], wanted[s, a] * part)
            if found > 0.0:
                factor[s, a] = found
                if gains[s, a] - losses[s, a] > SMALLEST_COUNT:
                    scaling[0] = min(scaling[0], found)
                    scaling[1] = max(scaling[1], found)
            elif people[s, a] > 0.0:
                # Everybody leaves and the city gains, or the reverse: a shift by people does it.
                missed = wanted[s, a] * part - gains[s, a] - losses[s, a]
                shift[s, a] = missed / people[s, a]
            city.people[s, a] = max(city.people[s, a] + wanted[s, a] * part, 0.0)
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(first, stop):
                if across[d, s, a] > 0.0:
                    across[d, s, a] *= factor[s, a]
                else:
                    across[d, s, a] /= factor[s, a]
                across[d, s, a] += shift[s, a] * stock[d, s, a]


@kernel
def district_survival(  # type: ignore[no-untyped-def]
    log_survival: FloatArray, deviation: FloatArray, survival: FloatArray
):
    """Give every district its survival: the city's hazard times ``exp(deviation)``."""
    n_district, n_sex, n_age = survival.shape
    for d in range(n_district):
        # A district without deviation has the city's own survival: exp(0) is 1.
        factor = np.exp(deviation[d])
        for s in range(n_sex):
            for a in range(n_age):
                survival[d, s, a] = np.exp(log_survival[s, a] * factor)


@kernel
def survive(  # type: ignore[no-untyped-def]
    start: FloatArray, survival: FloatArray, stock: FloatArray, deaths: FloatArray
):
    """Age one basis by a year; the last age pools those who enter it and those already in it.

    `stock[..., 0]` and `deaths[..., 0]` are left to `bear`, at zero.
    """
    n_district, n_sex, n_age = start.shape
    for d in range(n_district):
        for s in range(n_sex):
            stock[d, s, 0] = 0.0
            deaths[d, s, 0] = 0.0
            for a in range(1, n_age):
                alive = start[d, s, a - 1] * survival[d, s, a]
                stock[d, s, a] = alive
                deaths[d, s, a] = start[d, s, a - 1] - alive
            alive = start[d, s, n_age - 1] * survival[d, s, n_age - 1]
            stock[d, s, n_age - 1] += alive
            deaths[d, s, n_age - 1] += start[d, s, n_age - 1] - alive


@kernel
def scale_deaths(  # type: ignore[no-untyped-def]
    log_survival: FloatArray,
    stock: FloatArray,
    deaths: FloatArray,
    city: FloatArray,
    scaling: FloatArray,
):
    """Scale the deaths of every sex and age to those of the city's own life table.

    `city` (sex, age) becomes the city's survivors.
    """
    n_district, n_sex, n_age = stock.shape
    came = np.zeros((n_sex, n_age))
    found = np.zeros((n_sex, n_age))
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(1, n_age):
                came[s, a] += stock[d, s, a] + deaths[d, s, a]
                found[s, a] += deaths[d, s, a]
    for s in range(n_sex):
        for a in range(1, n_age):
            wanted = came[s, a] * (1.0 - np.exp(log_survival[s, a]))
            city[s, a] = came[s, a] - wanted
            factor = wanted / found[s, a] if found[s, a] > 0.0 else 1.0
            found[s, a] = factor
            if wanted > SMALLEST_COUNT:
                scaling[0] = min(scaling[0], factor)
                scaling[1] = max(scaling[1], factor)
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(1, n_age):
                all_of_them = stock[d, s, a] + deaths[d, s, a]
                deaths[d, s, a] = min(deaths[d, s, a] * found[s, a], all_of_them)
                stock[d, s, a] = all_of_them - deaths[d, s, a]


@kernel
def bear(  # type: ignore[no-untyped-def]
    start: FloatArray,
    stock: FloatArray,
    fertility: FloatArray,
    share_male: float,
    survival: FloatArray,
    births: FloatArray,
    deaths: FloatArray,
    city: FloatArray,
):
    """Add the year's births; women are the mean of the start and the end of the year."""
    n_district = start.shape[0]
    n_age = start.shape[2]
    city[0, 0] = 0.0
    city[1, 0] = 0.0
    for d in range(n_district):
        born = 0.0
        for a in range(n_age):
            born += fertility[a] * (start[d, 1, a] + stock[d, 1, a])
        births[d, 0] = 0.5 * born * share_male
        births[d, 1] = 0.5 * born * (1.0 - share_male)
        for s in range(2):
            alive = births[d, s] * survival[d, s, 0]
            stock[d, s, 0] = alive
            deaths[d, s, 0] = births[d, s] - alive
            city[s, 0] += alive


@kernel
def city_factors(  # type: ignore[no-untyped-def]
    stock: FloatArray, city: FloatArray, scaling: FloatArray, factor: FloatArray
):
    """Work out what brings every sex and age of all districts to the city; return the furthest from 1."""
    n_district, n_sex, n_age = stock.shape
    for s in range(n_sex):
        for a in range(n_age):
            factor[s, a] = 0.0
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                factor[s, a] += stock[d, s, a]
    worst = 0.0
    for s in range(n_sex):
        for a in range(n_age):
            factor[s, a] = city[s, a] / factor[s, a] if factor[s, a] > 0.0 else 1.0
            worst = max(worst, abs(factor[s, a] - 1.0))
            if city[s, a] > SMALLEST_COUNT:
                scaling[0] = min(scaling[0], factor[s, a])
                scaling[1] = max(scaling[1], factor[s, a])
    return worst


@kernel
def scale_cells(stock: FloatArray, factor: FloatArray, totals: FloatArray, rows: FloatArray):  # type: ignore[no-untyped-def]
    """Scale every sex and age, leave the districts' sums in `rows`; return how far they miss `totals`."""
    n_district, n_sex, n_age = stock.shape
    missed = 0.0
    for d in range(n_district):
        rows[d] = 0.0
        for s in range(n_sex):
            for a in range(n_age):
                stock[d, s, a] *= factor[s, a]
                rows[d] += stock[d, s, a]
        if rows[d] > 0.0:
            missed = max(missed, abs(totals[d] / rows[d] - 1.0))
    return missed


@kernel
def wanted_totals(stock: FloatArray, city: FloatArray):  # type: ignore[no-untyped-def]
    """Return the districts' people, all grown alike to add to the city, shape (district,)."""
    n_district, n_sex, n_age = stock.shape
    totals = np.zeros(n_district)
    people = 0.0
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                totals[d] += stock[d, s, a]
        people += totals[d]
    wanted = 0.0
    for s in range(n_sex):
        for a in range(n_age):
            wanted += city[s, a]
    growth = wanted / people
    for d in range(n_district):
        totals[d] *= growth
    return totals


@kernel
def fit_to_city(stock: FloatArray, city: FloatArray, scaling: FloatArray):  # type: ignore[no-untyped-def]
    """Bring districts to the city in every sex and age, keeping their totals, by IPF.

    The last touch is always the city's: districts add to it in every cell.
    """
    n_district, n_sex, n_age = stock.shape
    totals = wanted_totals(stock, city)
    rows = np.zeros(n_district)
    factor = np.zeros((n_sex, n_age))
    for step in range(IPF_STEPS):
        worst = city_factors(stock, city, scaling, factor)
        if step == 0 and worst < IPF_TOLERANCE:
            return
        missed = scale_cells(stock, factor, totals, rows)
        if missed < IPF_TOLERANCE or step == IPF_STEPS - 1:
            return
        for d in range(n_district):
            if rows[d] > 0.0:
                growth = totals[d] / rows[d]
                for s in range(n_sex):
                    for a in range(n_age):
                        stock[d, s, a] *= growth


@kernel
def copy(source: FloatArray, target: FloatArray):  # type: ignore[no-untyped-def]
    """Copy cells (district, sex, age); numba compiles a loop far sooner than an assignment of arrays."""
    n_district, n_sex, n_age = target.shape
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                target[d, s, a] = source[d, s, a]


@kernel
def tally(counts: FloatArray, on_top: bool, total: FloatArray):  # type: ignore[no-untyped-def]
    """Write down counts (district, sex, age), `on_top` of what is there or in its place."""
    n_district, n_sex, n_age = total.shape
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                total[d, s, a] = counts[d, s, a] + (total[d, s, a] if on_top else 0.0)


@kernel
def city_of(  # type: ignore[no-untyped-def]
    base: FloatArray, external_rate: FloatArray, city: FloatArray, city_rate: FloatArray
):
    """Add up the districts of one basis, and weight their rates by their people: both (sex, age)."""
    n_district, n_sex, n_age = base.shape
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                city[s, a] += base[d, s, a]
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                weight = base[d, s, a] / max(city[s, a], 1e-300)
                city_rate[s, a] += weight * external_rate[d, s, a]


@kernel
def infant_survival(log_survival: FloatArray, survival: FloatArray):  # type: ignore[no-untyped-def]
    """Give the city's survival (sex, age) of the first months to every district."""
    n_district, n_sex, _ = survival.shape
    for d in range(n_district):
        for s in range(n_sex):
            survival[d, s, 0] = np.exp(log_survival[s, 0])


@entry
def project_one(rates: Rates, first_part: float, constrain: bool, course: Course):  # type: ignore[no-untyped-def]
    """Project one draw over all its years, into `course`.

    `first_part` of the moves happens at the start of a year, the rest at its end.
    """
    base, people, scaling, flows = rates.base, course.people, course.scaling, course.flows
    n_year = rates.log_survival.shape[0]
    n_basis, n_district, n_sex, n_age = base.shape
    keep = flows.shape[0] > 0
    leaving = np.empty(base.shape)
    arriving = np.empty(base.shape)
    split_moves(base, rates.internal, leaving, arriving)
    survival = np.empty((n_district, n_sex, n_age))
    start = np.empty((n_district, n_sex, n_age))
    deaths = np.empty((n_district, n_sex, n_age))
    inside = np.zeros((n_district, n_sex, n_age))
    across = np.zeros((n_district, n_sex, n_age))
    city_people = np.zeros((n_basis, n_sex, n_age))
    city_rate = np.zeros((n_basis, n_sex, n_age))
    for b in range(n_basis):
        city_of(base[b], rates.external_rate[b], city_people[b], city_rate[b])
        copy(base[b], people[0, b])
    for t in range(n_year):
        counts = rates.external_count[min(t, rates.external_count.shape[0] - 1)]
        fertility = rates.fertility[min(t, rates.fertility.shape[0] - 1)]
        boys = rates.share_male[min(t, rates.share_male.shape[0] - 1)]
        log_survival = rates.log_survival[t]
        district_survival(log_survival, rates.deviation[t], survival)
        for b in range(n_basis):
            stock = people[t + 1, b]
            city = City(city_people[b], city_rate[b])
            moves = YearlyMoves(leaving[b], arriving[b], rates.external_rate[b], counts[b])
            moved = Moved(inside, across, scaling[t, b, 1])
            copy(people[t, b], start)
            for step in range(3):
                scaling[t, b, step, 0] = 1.0
                scaling[t, b, step, 1] = 1.0
            if first_part > 0.0:
                move(start, moves, first_part, 0, n_age, constrain, city, moved)
                if keep:
                    tally(inside, False, flows[t, 1, b])
                    tally(across, False, flows[t, 2, b])
            survive(start, survival, stock, deaths)
            if constrain:
                scale_deaths(log_survival, stock, deaths, city.people, scaling[t, b, 0])
            # Half and half, women who come at the end bear half a step: Preston, Heuveline, Guillot.
            if 0.0 < first_part < 1.0:
                move(stock, moves, 1.0 - first_part, 1, n_age, constrain, city, moved)
            if constrain:
                # The city's births are its own: their first months are not the district's to change.
                infant_survival(log_survival, survival)
            born = course.births[t, b]
            bear(start, stock, fertility[b], boys, survival, born, deaths, city.people)
            if first_part < 1.0:
                last = 1 if first_part > 0.0 else n_age
                move(stock, moves, 1.0 - first_part, 0, last, constrain, city, moved)
                if keep:
                    tally(inside, first_part > 0.0, flows[t, 1, b])
                    tally(across, first_part > 0.0, flows[t, 2, b])
            if constrain:
                fit_to_city(stock, city.people, scaling[t, b, 2])
            if keep:
                tally(deaths, False, flows[t, 0, b])


@entry
def count_arranged(  # type: ignore[no-untyped-def]
    elders: FloatArray,
    private: FloatArray,
    spouse: FloatArray,
    walk: FloatArray,
    share: FloatArray,
    rest: FloatArray,
    counts: FloatArray,
):
    """Count elders who live alone, and with elders only but not alone, in one draw.

    Shapes: `elders` (year, basis, district, sex, age); `private` (sex, age); `spouse` (year, sex,
    age); `walk` (2, year), factors on odds; `share`, `rest` (2, district, sex, age). Written: `counts`
    (year, basis, district, 2). `forecast.people.living.Living.shares` says the same in numpy.
    """
    n_year, n_basis, n_district, n_sex, n_age = elders.shape
    alone = np.empty((n_sex, n_age))
    together = np.empty((n_sex, n_age))
    for t in range(n_year):
        for d in range(n_district):
            for s in range(n_sex):
                for a in range(n_age):
                    odds = share[0, d, s, a] * walk[0, t]
                    single = odds / (1.0 - share[0, d, s, a] + odds)
                    odds = share[1, d, s, a] * walk[1, t]
                    couple = odds / (1.0 - share[1, d, s, a] + odds)
                    one = single * (1.0 - spouse[t, s, a]) + rest[0, d, s, a]
                    two = couple * spouse[t, s, a] + rest[1, d, s, a]
                    in_households = private[s, a] / max(one + two, 1.0)
                    alone[s, a] = one * in_households
                    together[s, a] = two * in_households
            for b in range(n_basis):
                first = 0.0
                second = 0.0
                for s in range(n_sex):
                    for a in range(n_age):
                        first += elders[t, b, d, s, a] * alone[s, a]
                        second += elders[t, b, d, s, a] * together[s, a]
                counts[t, b, d, 0] = first
                counts[t, b, d, 1] = second
