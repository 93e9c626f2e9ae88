"""Turn a ledger into what is reported: stocks by month, flows, waits.

Everything is a sum over ledger rows. A stock is the mean over the month of people (or hours) in an
interval; where an interval begins the stock rises, where it ends it falls. Rises are kept by month in
whole units and unit-seconds, so that sums are exact; means are formed once, at the end.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray, IntArray
from simulate.engine.compiled import entry, kernel
from simulate.engine.intrinsics import borrowed
from simulate.engine.records import (
    BED,
    DAY,
    DIED,
    DONE,
    N_CLASS,
    NEVER,
    REFUSED,
    RENEWAL,
    WITHDREW,
    Record,
)
from simulate.measure.waits import (
    END_PLACED,
    ENDS,
    WAIT_EDGES,
    CountArray,
    is_early,
    unplaced_end,
    wait_bin,
)

# Positions on the last axis of `Measures.monthly`.
DEMAND, WAITING_NOW, OCCUPIED, REQUESTS, PLACED, DIED_WAITING, WITHDREW_WAITING, UNMET = range(8)
TURNED_AWAY: Final = 8
N_MEASURE: Final = 9

# Kinds of resources: how their rows are counted.
CASES, HOURS, PLACES, BED_PLACES, OWN_PLACES = range(5)
"""Cases of assessors, hours of home care, places at home, beds in institutions: as in
`params.tables.resources.KINDS`; and places of own networks."""

# Stocks while they are summed up, and what is kept of each month: by how much it rises in all, and what
# that adds up to in unit-seconds until the month ends.
DEMANDED, HELD, AWAITED = range(3)
N_STOCK: Final = 3
RISE, PART = range(2)

N_REASON: Final = 3
"""Reasons to ask for an assessment, see `simulate.engine.records`: cases count by reason, too."""


@dataclass(frozen=True)
class Measures:
    """What one replication measured; months run from the release to the horizon.

    Behind the resources of a frame with cases these stand by reason (`N_REASON`); the cases' own place has
    them all, but requests in time are those of first and early ones: a renewal's care goes on.

    Attributes
    ----------
    monthly : ndarray, shape (month, district, resource, measure). Demand, waiting, requests and what
        follows from waiting count by district of residence, occupied by district of the bed.
        Home care is in hours a week where it is an amount (demand, occupied) and in persons where it
        counts people (waiting, requests, placed); unmet is person-days for beds and places, hours
        for home care.
    bedless : ndarray, shape (month, district), people who wait for a bed and hold none.
    bedless_ended : ndarray, shape (month, district, 2), of these who died, and who gave up.
    staff_demand, staff_used : ndarray, shape (month, district), staff hours a day: of everybody who
        wants a bed by residence, of residents by district of the bed.
    in_time : ndarray, shape (year, district, resource, 2), requests met in time and those that count.
    waits : ndarray, shape (year, district, resource, end, bin), every request of a year once, by what had
        become of it when the year's follow-up ended (`simulate.measure.waits.ENDS`) and the days until then.
    waits_by_class : ndarray, shape (year, class, resource, end, bin), those for beds and own places by class.
    in_line : ndarray, shape (year, district, resource, bin), those in line at the end of the last day of a
        year, by days since their request.
    wait_days : ndarray, shape (year, district, resource), days waited by the placed, summed.
    flows : ndarray, shape (year, origin, destination, resource, 2), placements of the year and mean
        residents in its last month.
    """

    monthly: FloatArray
    bedless: FloatArray
    bedless_ended: FloatArray
    staff_demand: FloatArray
    staff_used: FloatArray
    in_time: IntArray
    waits: CountArray
    waits_by_class: CountArray
    in_line: CountArray
    wait_days: FloatArray
    flows: FloatArray


@dataclass(frozen=True)
class Frame:
    """What a ledger is measured against.

    Attributes
    ----------
    month_start : ndarray, shape (month + 1,), seconds.
    year_of_month : ndarray, shape (month,), from 0.
    kinds : ndarray, shape (resource,), how a resource's rows are counted.
    targets : ndarray, shape (resource,), target of a wait in seconds; cases are judged in working
        days instead.
    n_district : districts.
    staff_size : ndarray, shape (resource, level 0..6), thousandths of an hour a resident-day.
    followed : ndarray, shape (year,), up to when the requests of each year are followed, seconds: what came
        of them later is not known yet. So figures of a year do not hang on how long a run goes on.
    working_days : ndarray, working days before each day; empty where no cases are judged.
    assessment_days : target of cases, working days.
    lent_for : ndarray, shape (resource,), the kind that is wanted by whom a bed of each kind is lent to;
        empty: no bed is lent.
    """

    month_start: IntArray
    year_of_month: IntArray
    kinds: IntArray
    targets: IntArray
    n_district: int
    staff_size: IntArray
    followed: IntArray
    working_days: IntArray
    assessment_days: int = 0
    lent_for: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def counted_kinds(self) -> IntArray:
        """Kinds of what is counted: the resources, and behind them cases by reason, if there are any."""
        by_reason = [CASES] * N_REASON if (self.kinds == CASES).any() else []
        return np.append(self.kinds, np.array(by_reason, np.int64))

    @cached_property
    def month_end(self) -> IntArray:
        """Ends of the months, seconds, and of one more, which does not end: it takes what comes later."""
        return np.append(self.month_start[1:], NEVER)

    @cached_property
    def month_of_day(self) -> IntArray:
        """Month in which each day from the first on begins."""
        days = np.arange(self.month_start[0], self.month_start[-1] + 1, DAY)
        return np.searchsorted(self.month_start, days, side="right") - 1

    @cached_property
    def year_end(self) -> IntArray:
        """End of the year of each month, seconds, and of one more month, as in `month_end`."""
        ends = self.month_end[self.last_months]
        return np.append(ends[self.year_of_month], NEVER)

    @cached_property
    def last_months(self) -> IntArray:
        """Last month of each year."""
        n_year = self.year_of_month[-1] + 1
        return np.flatnonzero(np.diff(self.year_of_month, append=n_year))


class Against(NamedTuple):
    """The arrays of a `Frame`."""

    month_start: IntArray
    month_end: IntArray
    month_of_day: IntArray
    year_of_month: IntArray
    last_months: IntArray
    year_end: IntArray
    kinds: IntArray
    staff_size: IntArray
    targets: IntArray
    followed: IntArray
    working_days: IntArray
    assessment_days: int
    lent_for: IntArray


class Sums(NamedTuple):
    """The arrays of `Measures`, in which district and resource share an axis, here called cell.

    But for flows. Scratch, zeros at first, are ``stocks``, shape (month + 1, cell, 2 * stock), and
    ``plain``, the same by district.
    """

    stocks: IntArray
    plain: IntArray
    monthly: FloatArray
    bedless: FloatArray
    bedless_ended: FloatArray
    staff_demand: FloatArray
    staff_used: FloatArray
    in_time: IntArray
    waits: CountArray
    waits_by_class: CountArray
    in_line: CountArray
    wait_days: FloatArray
    flows: FloatArray


def measure(ledger: NDArray[np.void], frame: Frame) -> Measures:
    """Measure a ledger in a frame."""
    result = empty_measures(frame)
    add_rows(ledger, against(frame), sums_of(result))
    add_up_cases(result, frame)
    return result


def add_up_cases(measures: Measures, frame: Frame) -> None:
    """Put all cases together in their own place; those judged in time are not renewals."""
    by_reason = slice(frame.kinds.size, None)
    for k in np.flatnonzero(frame.kinds == CASES):
        for name in ("monthly", "waits", "in_line", "wait_days", "in_time"):
            counted = getattr(measures, name)
            counted[:, :, k] = counted[:, :, by_reason].sum(axis=2)
        measures.in_time[:, :, k] -= measures.in_time[:, :, frame.kinds.size + RENEWAL]


def empty_measures(frame: Frame) -> Measures:
    """Return the measures of a ledger without rows."""
    n_month, n_district, n_resource = (
        frame.year_of_month.size,
        frame.n_district,
        frame.counted_kinds.size,
    )
    n_year = int(frame.year_of_month[-1]) + 1
    by_end = (len(ENDS), WAIT_EDGES.size)
    return Measures(
        monthly=np.zeros((n_month, n_district, n_resource, N_MEASURE)),
        bedless=np.zeros((n_month, n_district)),
        bedless_ended=np.zeros((n_month, n_district, 2)),
        staff_demand=np.zeros((n_month, n_district)),
        staff_used=np.zeros((n_month, n_district)),
        in_time=np.zeros((n_year, n_district, n_resource, 2), np.int64),
        waits=np.zeros((n_year, n_district, n_resource, *by_end), np.int32),
        waits_by_class=np.zeros((n_year, N_CLASS, frame.kinds.size, *by_end), np.int32),
        in_line=np.zeros((n_year, n_district, n_resource, WAIT_EDGES.size), np.int32),
        wait_days=np.zeros((n_year, n_district, n_resource)),
        flows=np.zeros((n_year, n_district, n_district, frame.kinds.size, 2)),
    )


def against(frame: Frame) -> Against:
    """Return the arrays of a frame."""
    return Against(
        month_start=frame.month_start,
        month_end=frame.month_end,
        month_of_day=frame.month_of_day,
        year_of_month=frame.year_of_month,
        last_months=frame.last_months,
        year_end=frame.year_end,
        kinds=frame.counted_kinds,
        staff_size=frame.staff_size,
        targets=frame.targets,
        followed=frame.followed,
        working_days=frame.working_days,
        assessment_days=frame.assessment_days,
        lent_for=frame.lent_for,
    )


def sums_of(measures: Measures) -> Sums:
    """Return the arrays of measures for adding to them, and scratch."""
    n_month, n_district, n_resource, _ = measures.monthly.shape
    n_year = len(measures.in_time)
    return Sums(
        stocks=np.zeros((n_month + 1, n_district * n_resource, N_STOCK * 2), np.int64),
        plain=np.zeros((n_month + 1, n_district, N_STOCK * 2), np.int64),
        monthly=measures.monthly.reshape(n_month, -1, N_MEASURE),
        bedless=measures.bedless,
        bedless_ended=measures.bedless_ended,
        staff_demand=measures.staff_demand,
        staff_used=measures.staff_used,
        in_time=measures.in_time.reshape(n_year, -1, 2),
        waits=measures.waits.reshape(n_year, -1, len(ENDS), WAIT_EDGES.size),
        waits_by_class=measures.waits_by_class,
        in_line=measures.in_line.reshape(n_year, -1, WAIT_EDGES.size),
        wait_days=measures.wait_days.reshape(n_year, -1),
        flows=measures.flows,
    )


@entry
def add_rows(ledger: NDArray[np.void], frame: Against, sums: Sums) -> None:
    """Add every row of a ledger to the measures."""
    ledger = borrowed(ledger)
    month_start, month_end = borrowed(frame.month_start), borrowed(frame.month_end)
    month_of_day, last_months = borrowed(frame.month_of_day), borrowed(frame.last_months)
    year_of_month, kinds = borrowed(frame.year_of_month), borrowed(frame.kinds)
    year_end = borrowed(frame.year_end)
    staff_size, target_seconds = borrowed(frame.staff_size), borrowed(frame.targets)
    working_days, assessment_days = borrowed(frame.working_days), frame.assessment_days
    followed, lent_for = borrowed(frame.followed), borrowed(frame.lent_for)
    stocks, plain = borrowed(sums.stocks), borrowed(sums.plain)
    monthly, bedless, flows = borrowed(sums.monthly), borrowed(sums.bedless), borrowed(sums.flows)
    bedless_ended = borrowed(sums.bedless_ended)
    staff_demand, staff_used = borrowed(sums.staff_demand), borrowed(sums.staff_used)
    in_time, wait_days = borrowed(sums.in_time), borrowed(sums.wait_days)
    waits, in_line = borrowed(sums.waits), borrowed(sums.in_line)
    waits_by_class = borrowed(sums.waits_by_class)
    n_month = month_start.size - 1
    n_district, n_counted, n_resource = bedless.shape[1], kinds.size, flows.shape[3]
    release, horizon = month_start[0], month_start[n_month]
    for r in range(ledger.size):
        row = ledger[r]
        if row.person < 0:
            continue
        o, d, k = row.origin, row.dest, row.resource
        kind = kinds[k]
        wanted = k
        if row.reason > 0 and kind == BED_PLACES:
            wanted = lent_for[k]
        elif kind == CASES:
            wanted = n_resource + row.reason
        here = np.uint64(o * n_counted + wanted)
        # Every moment is brought inside the reported time, and its month found once.
        asked = min(max(row.request, release), horizon)
        start = min(max(row.start, release), horizon)
        end = min(max(row.end, release), horizon)
        want_end = min(max(row.want_end, release), horizon)
        a = month_of(asked, release, month_end, month_of_day)
        b = month_of(start, release, month_end, month_of_day)
        c = month_of(end, release, month_end, month_of_day)
        e = month_of(want_end, release, month_end, month_of_day)
        size = row.size if kind == HOURS else 1
        staff = staff_of(row, staff_size) if kind == BED_PLACES else 0
        if row.makeshift == 0 and kind != CASES and want_end > asked:
            turn(stocks, a, here, DEMANDED, size, asked, month_end)
            turn(stocks, e, here, DEMANDED, -size, want_end, month_end)
            if staff > 0:
                turn(plain, a, np.uint64(o), DEMANDED, staff, asked, month_end)
                turn(plain, e, np.uint64(o), DEMANDED, -staff, want_end, month_end)
        if kind != CASES and end > start:
            there = np.uint64(d * n_counted + k)
            turn(stocks, b, there, HELD, size, start, month_end)
            turn(stocks, c, there, HELD, -size, end, month_end)
            if staff > 0:
                turn(plain, b, np.uint64(d), HELD, staff, start, month_end)
                turn(plain, c, np.uint64(d), HELD, -staff, end, month_end)
            if kind >= BED_PLACES:
                y = year_of_month[b]
                while y < flows.shape[0] and last_months[y] <= int(c):
                    low, high = month_start[last_months[y]], month_end[last_months[y]]
                    flows[y, o, d, k, 1] += max(min(end, high) - max(start, low), 0)
                    y += 1
        if row.follows == 1 and row.start == row.request:
            continue
        if start < end:
            end, c = start, b
        if kind == BED_PLACES and row.lane == BED and end > asked:
            turn(plain, a, np.uint64(o), AWAITED, 1, asked, month_end)
            turn(plain, c, np.uint64(o), AWAITED, -1, end, month_end)
            if row.start == NEVER and release <= row.end < horizon:
                ended = month_of(row.end, release, month_end, month_of_day)
                bedless_ended[ended, np.uint64(o), 0] += row.outcome == DIED
                bedless_ended[ended, np.uint64(o), 1] += row.outcome == WITHDREW
        if row.makeshift == 1:
            continue
        if end >= year_end[a] and row.follows == 0:
            y = year_of_month[a]
            while y < flows.shape[0] and last_months[y] < int(c):
                so_far = month_end[last_months[y]] - row.request
                in_line[np.uint64(y), here, np.uint64(wait_bin(so_far))] += 1
                y += 1
        if kind != OWN_PLACES and want_end < end:
            end, c = want_end, e
        if end > asked:
            turn(stocks, a, here, AWAITED, 1, asked, month_end)
            turn(stocks, c, here, AWAITED, -1, end, month_end)
        if row.follows == 1:
            continue
        if release <= row.start < horizon:
            monthly[b, here, PLACED] += 1.0
            if kind >= BED_PLACES:
                flows[year_of_month[b], o, d, k, 0] += 1.0
            elif kind == CASES and row.outcome == DONE:
                monthly[b, here, OCCUPIED] += 1.0
        elif row.start == NEVER and release <= row.end < horizon:
            ended = month_of(row.end, release, month_end, month_of_day)
            count_ending(monthly, ended, here, row.outcome)
        if release <= row.request < horizon:
            monthly[a, here, REQUESTS] += 1.0
            y = np.uint64(year_of_month[a])
            known = followed[y]
            early = is_early(
                row, kind == CASES, target_seconds[k], known, working_days, assessment_days
            )
            # Requests count but for those that ended without being met before the target. (Written out:
            # to hand three arrays on at every row takes longer than what is done with them.)
            if row.start < known:
                became, stop = END_PLACED, row.start
                wait_days[y, here] += (stop - row.request) / DAY
                in_time[y, here, 0] += early
                in_time[y, here, 1] += 1
            else:
                became, stop = unplaced_end(row, known)
                in_time[y, here, 1] += not early
            lasted = np.uint64(wait_bin(stop - row.request))
            waits[y, here, np.uint64(became), lasted] += 1
            if kind >= BED_PLACES:
                waits_by_class[y, row.rank, k, np.uint64(became), lasted] += 1
    for y in range(flows.shape[0]):
        flows[y, :, :, :, 1] /= month_end[last_months[y]] - month_start[last_months[y]]
    for d in range(n_district):
        average(staff_demand[:, d], plain[:, d], DEMANDED, month_start, 1000)
        average(staff_used[:, d], plain[:, d], HELD, month_start, 1000)
        average(bedless[:, d], plain[:, d], AWAITED, month_start, 1)
    for cell in range(n_district * n_counted):
        kind = kinds[cell % n_counted]
        units = 100 if kind == HOURS else 1
        average(monthly[:, cell, DEMAND], stocks[:, cell], DEMANDED, month_start, units)
        average(monthly[:, cell, OCCUPIED], stocks[:, cell], HELD, month_start, units)
        average(monthly[:, cell, WAITING_NOW], stocks[:, cell], AWAITED, month_start, 1)
        for m in range(n_month):
            days = (month_start[m + 1] - month_start[m]) / DAY
            if kind == HOURS:
                # Waiting people's hours: the demand that is not delivered.
                short = monthly[m, cell, DEMAND] - monthly[m, cell, OCCUPIED]
                monthly[m, cell, UNMET] = max(short, 0.0) * days / 7.0
            else:
                monthly[m, cell, UNMET] = monthly[m, cell, WAITING_NOW] * days


@kernel
def month_of(time: int, release: int, month_end: IntArray, month_of_day: IntArray) -> np.uint64:
    """Return the month in which a moment from the release to the horizon lies.

    Without a sign: the many places that are looked up by it need not be told from those counted
    from the end, which halves the work.
    """
    month = np.uint64(month_of_day[np.uint64(time - release) // np.uint64(DAY)])
    while month_end[month] <= time:
        month += np.uint64(1)
    return month


@kernel
def turn(
    stocks: IntArray,
    month: np.uint64,
    cell: np.uint64,
    j: int,
    size: int,
    time: int,
    month_end: IntArray,
) -> None:
    """Let a stock be higher (or lower) from a moment on: for what is left of its month, and after.

    Whole seconds and units add up without error, in any order.
    """
    stocks[month, cell, 2 * j + RISE] += size
    stocks[month, cell, 2 * j + PART] += size * (month_end[month] - time)


@kernel
def average(means: FloatArray, stock: IntArray, j: int, month_start: IntArray, units: int) -> None:
    """Add a stock's mean over every month, from its changes; so many units make one."""
    level = 0
    for m in range(means.size):
        length = month_start[m + 1] - month_start[m]
        means[m] += (level * length + stock[m, 2 * j + PART]) / (length * units)
        level += stock[m, 2 * j + RISE]


@kernel
def staff_of(row: Record, staff_size: IntArray) -> int:
    """Return the staff time of a resident, thousandths of an hour a day."""
    return int(staff_size[row.resource, row.level])


@kernel
def count_ending(monthly: FloatArray, month: np.uint64, cell: np.uint64, outcome: int) -> None:
    """Count the end of a wait that was not met, shape (month, cell, measure)."""
    if outcome == DIED:
        monthly[month, cell, DIED_WAITING] += 1.0
    elif outcome == WITHDREW:
        monthly[month, cell, WITHDREW_WAITING] += 1.0
    elif outcome == REFUSED:
        monthly[month, cell, TURNED_AWAY] += 1.0
