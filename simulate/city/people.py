"""Turn the forecast's stocks and onsets into single people, each with a key of their own.

Every cell of the forecast (district, sex, cohort, level, and month of onset) is counted by one uniform
of its own: a scenario with more need keeps the same first people in a cell and adds others. Only
those who can ever stand in a queue become people: the uninsured who would never want an institution and the
insured who never apply stay in the forecast's counts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.need.need import Need
from params.axes import FloatArray, IntArray
from simulate.city.calendar import Calendar
from simulate.engine.compiled import entry, kernel
from simulate.engine.records import (
    BELOW_2,
    DAY,
    FAR,
    INSURED_PERSON,
    NEVER,
    PERSON,
    SELF_CARING,
    UNINSURED_PERSON,
    Record,
    cache_aligned,
)
from simulate.engine.streams import (
    ALONE,
    COUNT,
    DEATH,
    DELAY,
    DEMENTIA,
    EXIT,
    INSURED,
    ONSET_TIME,
    SETTLED,
    TAKE_UP,
    WANT,
    exponential,
    join,
    lognormal,
    poisson,
    uniform,
)

STOCK_CELLS, ONSET_CELLS, SELF_STOCK_CELLS, SELF_CELLS, BELOW_CELLS = range(5)


class Traits(NamedTuple):
    """What a new person is drawn from; shapes in comments."""

    insured: FloatArray  # (1 + month, district): of the stock, then of those whose need begins
    alone: FloatArray  # (year, district, sex, age 60..), from the start of the warm-up on
    dementia: FloatArray  # (level,)
    want_most: FloatArray  # (alone,): the largest share wanting an institution at any level
    stayed: FloatArray  # (level,): share of the stock that has not left institutions for good
    take_up: FloatArray  # (1 + month, district)
    settled: float
    delay_days: float
    self_alone: float
    self_dementia: float
    keep_all: bool
    """Whether people who never want an institution may ask for something all the same."""


class InNeed(NamedTuple):
    """The forecast's own expected numbers, from the start of the warm-up; shapes in comments."""

    stock: FloatArray  # (district, sex, age 60.., level): at the start
    onset: FloatArray  # (year, district, sex, cohort, level)
    month_share: FloatArray  # (month,): of a year's onsets
    first_year: int


class Flows(NamedTuple):
    """Expected numbers from which people are drawn, apart from the forecast's own; shapes in comments."""

    self_stock: FloatArray  # (district,): self-caring residents of institutions at the start
    self_flow: FloatArray  # (month, district): new self-caring applicants for a bed
    below_flow: FloatArray  # (month, district): applicants who will be found below level 2


def make_people(
    need: Need,
    flows: Flows,
    traits: Traits,
    calendar: Calendar,
    key: np.uint64,
) -> NDArray[np.void]:
    """Draw everybody of one replication: the stock at the start and all onsets to the end.

    Returns
    -------
    recarray of `simulate.engine.records.PERSON`, in a fixed order that does not depend on chance elsewhere.
    """
    months = calendar.warm_month_start
    expected = _expected_people(need, flows, months.size - 1)
    people = cache_aligned((expected,), PERSON).view(np.recarray)
    in_need = InNeed(
        stock=np.ascontiguousarray(need.stock[0]),
        onset=np.ascontiguousarray(need.onset),
        month_share=calendar.month_share,
        first_year=need.first_year,
    )
    n = fill_people(people, in_need, flows, traits, months, key)
    if n < 0:
        msg = f"room for {expected} people was too small"
        raise AssertionError(msg)
    return people[:n]


def _expected_people(need: Need, flows: Flows, n_month: int) -> int:
    n_year = -(-n_month // 12)
    mean = float(
        need.stock[0].sum()
        + need.onset[1 : n_year + 1].sum()
        + flows.self_stock.sum()
        + flows.self_flow.sum()
        + flows.below_flow.sum()
    )
    cells = need.stock[0].size
    return int(mean + 12 * np.sqrt(mean + 1) + cells + 1000)


@entry
def fill_people(
    people: Record,
    in_need: InNeed,
    flows: Flows,
    traits: Traits,
    month_start: IntArray,
    key: np.uint64,
) -> int:
    """Write people into `people` and return how many; -1 if there is no room."""
    stock, onset, month_share, first_year = in_need
    self_stock, self_flow, below_flow = flows
    n, n_month = 0, month_start.size - 1
    n_district, n_sex, n_age, n_level = stock.shape
    cells = join(key, STOCK_CELLS)
    for d in range(n_district):
        for s in range(n_sex):
            for a in range(n_age):
                for k in range(n_level):
                    cell = join(cells, ((d * 2 + s) * 200 + a) * 10 + k)
                    # The stock is known: its fraction is rounded by chance, nothing more.
                    count = int(np.floor(stock[d, s, a, k] + uniform(cell, COUNT, 0)))
                    for j in range(count):
                        if n >= people.size:
                            return -1
                        person = people[n]
                        person.key = join(cell, j)
                        person.birth_year = first_year - 60 - a
                        kept = describe(person, 0, 0, d, s, a, k, traits)
                        if kept:
                            person.onset = 0
                            settle(person, traits)
                            if uniform(person.key, EXIT, 1) >= traits.stayed[k]:
                                person.left_institutions = 1
                            n += 1
    cells = join(key, ONSET_CELLS)
    for m in range(n_month):
        year, part = m // 12, month_share[m]
        for d in range(n_district):
            for s in range(n_sex):
                for c in range(n_age):
                    for k in range(n_level):
                        mean = onset[year + 1, d, s, c, k] * part
                        if mean <= 0.0:
                            continue
                        cell = join(cells, (((m * 40 + d) * 2 + s) * 200 + c) * 10 + k)
                        count = poisson(mean, uniform(cell, COUNT, 0))
                        for j in range(count):
                            if n >= people.size:
                                return -1
                            person = people[n]
                            person.key = join(cell, j)
                            # Cohort c is 59 + c years old at the start of the year.
                            person.birth_year = first_year + year - 59 - c
                            kept = describe(person, year + 1, m + 1, d, s, c, k, traits)
                            if kept:
                                person.onset = moment(
                                    person.key, month_start[m], month_start[m + 1]
                                )
                                person.apply = min(
                                    int(person.onset) + delay(person.key, traits.delay_days), NEVER
                                )
                                if person.kind == UNINSURED_PERSON:
                                    person.apply = person.onset
                                n += 1
    n = fill_plain(people, n, self_stock, SELF_CARING, join(key, SELF_STOCK_CELLS), traits, 0, 1)
    for m in range(n_month):
        if n < 0:
            return -1
        low, high = month_start[m], month_start[m + 1]
        cell = join(join(key, SELF_CELLS), m)
        n = fill_plain(people, n, self_flow[m], SELF_CARING, cell, traits, low, high)
        if n < 0:
            return -1
        cell = join(join(key, BELOW_CELLS), m)
        n = fill_plain(people, n, below_flow[m], BELOW_2, cell, traits, low, high)
    return n


@kernel
def describe(
    person: Record, year: int, month: int, d: int, s: int, a: int, k: int, traits: Traits
) -> bool:
    """Give a person in need their traits; return whether they can ever stand in a queue.

    Parameters
    ----------
    month : 1 + that in which need begins; 0: the first stock.
    """
    key = person.key
    person.district = d
    person.sex = s
    person.level = 2 + k
    age = min(a, traits.alone.shape[3] - 1)
    person.alone = 1 if uniform(key, ALONE, 0) < traits.alone[year, d, s, age] else 0
    person.dementia = 1 if uniform(key, DEMENTIA, 0) < traits.dementia[k] else 0
    person.death_left = exponential(key, DEATH, 0)
    person.alive = 1
    person.bed_pool = -1
    if uniform(key, INSURED, 0) < traits.insured[month, d]:
        person.kind = INSURED_PERSON
        return uniform(key, TAKE_UP, 0) < traits.take_up[month, d]
    person.kind = UNINSURED_PERSON
    return traits.keep_all or uniform(key, WANT, 0) < traits.want_most[person.alone]


@kernel
def settle(person: Record, traits: Traits) -> None:
    """Let a person of the first stock hold a level already, or be on the way to one."""
    key = person.key
    if uniform(key, SETTLED, 0) < traits.settled or person.kind == UNINSURED_PERSON:
        person.settled = 1
        person.apply = moment(key, 0, DAY)
    else:
        # An application under way: what is left of an exponential delay is exponential again.
        person.apply = min(int(exponential(key, DELAY, 0) * traits.delay_days * DAY), NEVER)


@kernel
def fill_plain(
    people: Record,
    n: int,
    mean: FloatArray,
    kind: int,
    cells: np.uint64,
    traits: Traits,
    low: int,
    high: int,
) -> int:
    """Add people without a level: self-caring bed seekers, or applicants found below level 2."""
    for d in range(mean.size):
        cell = join(cells, d)
        count = poisson(mean[d], uniform(cell, COUNT, 0)) if high > 1 else int(mean[d] + 0.5)
        for j in range(count):
            if n >= people.size:
                return -1
            person = people[n]
            key = join(cell, j)
            person.key = key
            person.kind = kind
            person.district = d
            person.sex = 1
            person.level = 0
            person.alone = 1 if uniform(key, ALONE, 0) < traits.self_alone else 0
            person.dementia = 1 if uniform(key, DEMENTIA, 0) < traits.self_dementia else 0
            person.death_left = exponential(key, DEATH, 0)
            person.alive = 1
            person.bed_pool = -1
            person.onset = 0 if high <= 1 else moment(key, low, high)
            person.apply = moment(key, 0, DAY) if high <= 1 else person.onset
            person.settled = 1 if high <= 1 else 0
            n += 1
    return n


@kernel
def moment(key: np.uint64, low: int, high: int) -> int:
    """Draw a whole second in [low, high)."""
    return low + int(uniform(key, ONSET_TIME, 0) * (high - low))


@kernel
def delay(key: np.uint64, mean_days: float) -> int:
    """Draw the delay from onset to application, seconds: lognormal with coefficient of variation 1."""
    return min(int(lognormal(key, DELAY, 0, mean_days) * DAY), FAR)


__all__ = ["Flows", "Traits", "make_people"]
