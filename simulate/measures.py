"""Turn a ledger into what is reported: stocks by month, flows, waits.

Everything is a sum over ledger rows. A stock is the mean over the month of people (or hours) in an
interval; each interval adds its part of the months where it begins and ends and one to those between.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from params.axes import BEDS, DEMENTIA_BED, FloatArray, IntArray
from simulate.compiled import entry, kernel
from simulate.records import BED, DAY, DIED, DONE, NEVER, REFUSED, WITHDREW, YEAR, Record
from simulate.world import borrowed

# Positions on the last axis of `Measures.monthly`.
DEMAND, WAITING_NOW, OCCUPIED, REQUESTS, PLACED, DIED_WAITING, WITHDREW_WAITING, UNMET = range(8)
TURNED_AWAY: Final = 8
N_MEASURE: Final = 9

# Kinds of resources: how their rows are counted.
CASES, HOURS, PLACES, BED_PLACES, OWN_PLACES = range(5)
CITY_KINDS: Final = np.array([CASES, HOURS, PLACES, PLACES, *[BED_PLACES] * len(BEDS)])
"""Of `params.axes.RESOURCES`: cases of assessors, hours of home care, places, beds."""

MEAN_MONTH: Final = YEAR // 12
WHOLE_DAYS: Final = 60
WAIT_EDGES: Final = np.concatenate(
    [[0.0], np.arange(1.0, WHOLE_DAYS + 1.0), np.round(60 * 1.06 ** np.arange(1, 66), 1)]
)
"""Upper ends of the bins of waits, days; bin 0 holds those placed at once."""


@dataclass(frozen=True)
class Measures:
    """What one replication measured; months run from the release to the horizon.

    Attributes
    ----------
    monthly : ndarray, shape (month, district, resource, measure). Demand, waiting, requests and what
        follows from waiting count by district of residence, occupied by district of the bed.
        Home care is in hours a week where it is an amount (demand, occupied) and in persons where it
        counts people (waiting, requests, placed); unmet is person-days for beds and places, hours
        for home care.
    homeless : ndarray, shape (month, district), people who wait for a bed and hold none.
    staff_demand, staff_used : ndarray, shape (month, district), staff hours a day: of everybody who
        wants a bed by residence, of residents by district of the bed.
    in_time : ndarray, shape (year, district, resource, 2), requests met in time and those that count.
    waits : ndarray, shape (year, district, resource, bin), the placed by days waited.
    flows : ndarray, shape (year, origin, destination, resource, 2), placements of the year and mean
        residents in its last month.
    """

    monthly: FloatArray
    homeless: FloatArray
    staff_demand: FloatArray
    staff_used: FloatArray
    in_time: IntArray
    waits: IntArray
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
    staff_size : see `simulate.world.World`; empty where no staff is counted.
    working_days : ndarray, working days before each day; empty where no cases are judged.
    assessment_days : target of cases, working days.
    """

    month_start: IntArray
    year_of_month: IntArray
    kinds: IntArray
    targets: IntArray
    n_district: int
    staff_size: IntArray
    working_days: IntArray
    assessment_days: int = 0


def measure(
    ledger: NDArray[np.void],
    month_start: IntArray,
    n_month: int,
    n_district: int,
    staff_size: IntArray,
    target_seconds: IntArray,
    work: FloatArray,
    assessment_days: int,
) -> Measures:
    """Measure a ledger of the city.

    Parameters
    ----------
    month_start : ndarray, shape (month + 1 or more,), seconds.
    n_month : reported months, a whole number of years.
    staff_size : see `simulate.world.World`.
    target_seconds : ndarray, shape (resource,), target of a wait; assessments are judged in working
        days instead.
    work : ndarray, working seconds before each day.
    """
    return measure_in(
        ledger,
        Frame(
            month_start=month_start[: n_month + 1].copy(),
            year_of_month=np.arange(n_month) // 12,
            kinds=CITY_KINDS,
            targets=target_seconds,
            n_district=n_district,
            staff_size=staff_size,
            working_days=np.round(work / (8 * 3600)).astype(np.int64),
            assessment_days=assessment_days,
        ),
    )


def measure_in(ledger: NDArray[np.void], frame: Frame) -> Measures:
    """Measure a ledger in a frame."""
    n_month, n_district, n_resource = (
        frame.year_of_month.size,
        frame.n_district,
        frame.kinds.size,
    )
    n_year = int(frame.year_of_month[-1]) + 1
    result = Measures(
        monthly=np.zeros((n_month, n_district, n_resource, N_MEASURE)),
        homeless=np.zeros((n_month, n_district)),
        staff_demand=np.zeros((n_month, n_district)),
        staff_used=np.zeros((n_month, n_district)),
        in_time=np.zeros((n_year, n_district, n_resource, 2), np.int64),
        waits=np.zeros((n_year, n_district, n_resource, WAIT_EDGES.size), np.int64),
        flows=np.zeros((n_year, n_district, n_district, n_resource, 2)),
    )
    last_month = np.flatnonzero(np.diff(frame.year_of_month, append=n_year))
    add_rows(
        ledger,
        frame.month_start,
        frame.year_of_month,
        last_month,
        frame.kinds,
        frame.staff_size,
        frame.targets,
        frame.working_days,
        frame.assessment_days,
        result.monthly,
        result.homeless,
        result.staff_demand,
        result.staff_used,
        result.in_time,
        result.waits,
        result.flows,
    )
    return result


@entry
def add_rows(
    ledger: NDArray[np.void],
    month_start: IntArray,
    year_of_month: IntArray,
    last_months: IntArray,
    kinds: IntArray,
    staff_size: IntArray,
    target_seconds: IntArray,
    working_days: IntArray,
    assessment_days: int,
    monthly: FloatArray,
    homeless: FloatArray,
    staff_demand: FloatArray,
    staff_used: FloatArray,
    in_time: IntArray,
    waits: IntArray,
    flows: FloatArray,
) -> None:
    """Add every row of a ledger to the measures."""
    ledger, month_start, working_days = (
        borrowed(ledger),
        borrowed(month_start),
        borrowed(working_days),
    )
    target_seconds, in_time, waits = borrowed(target_seconds), borrowed(in_time), borrowed(waits)
    monthly, homeless, flows = borrowed(monthly), borrowed(homeless), borrowed(flows)
    staff_demand, staff_used = borrowed(staff_demand), borrowed(staff_used)
    year_of_month, last_months = borrowed(year_of_month), borrowed(last_months)
    kinds, staff_size = borrowed(kinds), borrowed(staff_size)
    n_month = month_start.size - 1
    n_district = homeless.shape[1]
    n_resource = kinds.size
    release, horizon = month_start[0], month_start[n_month]
    # Whole months between an interval's ends go into a difference array and are summed at the end.
    step = np.zeros((n_month + 2, n_district, n_resource, 3))
    step_plain = np.zeros((n_month + 2, n_district, 3))
    for r in range(ledger.size):
        row = ledger[r]
        if row.person < 0:
            continue
        o, d, k = row.origin, row.dest, row.resource
        kind = kinds[k]
        amount = row.size / 100.0 if kind == HOURS else 1.0
        staff = 0.0
        if kind == BED_PLACES:
            level = row.level
            place = 6 if k == DEMENTIA_BED else (level - 2 if level >= 2 else 5)
            staff = staff_size[place] / 1000.0
        if row.makeshift == 0 and kind != CASES:
            spread(monthly, step, o, k, DEMAND, 0, amount, row.request, row.want_end, month_start)
            if staff > 0.0:
                spread_plain(
                    staff_demand, step_plain, o, 0, staff, row.request, row.want_end, month_start
                )
        if row.start < NEVER and kind != CASES:
            spread(monthly, step, d, k, OCCUPIED, 1, amount, row.start, row.end, month_start)
            if staff > 0.0:
                spread_plain(staff_used, step_plain, d, 1, staff, row.start, row.end, month_start)
            if kind >= BED_PLACES:
                last_month(flows, o, d, k, row.start, row.end, month_start, last_months)
        if row.follows == 1:
            continue
        stop = min(row.start, row.end)
        if kind == BED_PLACES and row.lane == BED:
            spread_plain(homeless, step_plain, o, 2, 1.0, row.request, stop, month_start)
        if row.makeshift == 1:
            continue
        if kind != OWN_PLACES:
            stop = min(stop, row.want_end)
        spread(monthly, step, o, k, WAITING_NOW, 2, 1.0, row.request, stop, month_start)
        count_flows(row, kind, month_start, year_of_month, release, horizon, monthly, flows, amount)
        judge(
            row,
            kind,
            month_start,
            year_of_month,
            horizon,
            target_seconds,
            working_days,
            assessment_days,
            in_time,
            waits,
        )
    for d in range(n_district):
        for j in range(3):
            plain = staff_demand if j == 0 else (staff_used if j == 1 else homeless)
            level_now = 0.0
            for m in range(n_month):
                level_now += step_plain[m, d, j]
                plain[m, d] += level_now
            for k in range(n_resource):
                level_now = 0.0
                for m in range(n_month):
                    level_now += step[m, d, k, j]
                    monthly[
                        m, d, k, DEMAND if j == 0 else (OCCUPIED if j == 1 else WAITING_NOW)
                    ] += level_now
    for m in range(n_month):
        days = (month_start[m + 1] - month_start[m]) / DAY
        for d in range(n_district):
            for k in range(n_resource):
                if kinds[k] == HOURS:
                    # Waiting people's hours: the demand that is not delivered.
                    short = monthly[m, d, k, DEMAND] - monthly[m, d, k, OCCUPIED]
                    monthly[m, d, k, UNMET] = max(short, 0.0) * days / 7.0
                else:
                    monthly[m, d, k, UNMET] = monthly[m, d, k, WAITING_NOW] * days


@kernel
def month_of(time: int, month_start: IntArray) -> int:
    """Return the month in which a moment lies; the caller has checked that it is inside.

    Months are nearly of a length: a guess is off by one at most, but for months cut short.
    """
    last = month_start.size - 2
    month = int(min((time - month_start[0]) // MEAN_MONTH, last))
    while month_start[month] > time:
        month -= 1
    while month < last and month_start[month + 1] <= time:
        month += 1
    return month


@kernel
def spread(
    monthly: FloatArray,
    step: FloatArray,
    d: int,
    k: int,
    measure_index: int,
    j: int,
    amount: float,
    begin: int,
    end: int,
    month_start: IntArray,
) -> None:
    """Add an amount held during [begin, end) to a district's monthly means."""
    n_month = month_start.size - 1
    begin = max(begin, month_start[0])
    end = min(end, month_start[n_month])
    if end <= begin:
        return
    a = month_of(begin, month_start)
    b = month_of(end - 1, month_start)
    if a == b:
        part = (end - begin) / (month_start[a + 1] - month_start[a])
        monthly[a, d, k, measure_index] += amount * part
        return
    part = (month_start[a + 1] - begin) / (month_start[a + 1] - month_start[a])
    monthly[a, d, k, measure_index] += amount * part
    part = (end - month_start[b]) / (month_start[b + 1] - month_start[b])
    monthly[b, d, k, measure_index] += amount * part
    step[a + 1, d, k, j] += amount
    step[b, d, k, j] -= amount


@kernel
def spread_plain(
    monthly: FloatArray,
    step: FloatArray,
    d: int,
    j: int,
    amount: float,
    begin: int,
    end: int,
    month_start: IntArray,
) -> None:
    """Add an amount held during [begin, end) to a (month, district) array."""
    n_month = month_start.size - 1
    begin = max(begin, month_start[0])
    end = min(end, month_start[n_month])
    if end <= begin:
        return
    a = month_of(begin, month_start)
    b = month_of(end - 1, month_start)
    if a == b:
        monthly[a, d] += amount * (end - begin) / (month_start[a + 1] - month_start[a])
        return
    monthly[a, d] += amount * (month_start[a + 1] - begin) / (month_start[a + 1] - month_start[a])
    monthly[b, d] += amount * (end - month_start[b]) / (month_start[b + 1] - month_start[b])
    step[a + 1, d, j] += amount
    step[b, d, j] -= amount


@kernel
def last_month(
    flows: FloatArray,
    o: int,
    d: int,
    k: int,
    begin: int,
    end: int,
    month_start: IntArray,
    last_months: IntArray,
) -> None:
    """Add a resident to the mean of every year's last month that he spends in a bed."""
    for y in range(flows.shape[0]):
        low, high = month_start[last_months[y]], month_start[last_months[y] + 1]
        part = min(end, high) - max(begin, low)
        if part > 0:
            flows[y, o, d, k, 1] += part / (high - low)


@kernel
def count_flows(
    row: Record,
    kind: int,
    month_start: IntArray,
    year_of_month: IntArray,
    release: int,
    horizon: int,
    monthly: FloatArray,
    flows: FloatArray,
    amount: float,
) -> None:
    """Count request, placement and the end of a wait in their months."""
    o, k = row.origin, row.resource
    if release <= row.request < horizon:
        monthly[month_of(row.request, month_start), o, k, REQUESTS] += 1.0
    if release <= row.start < horizon:
        m = month_of(row.start, month_start)
        monthly[m, o, k, PLACED] += 1.0
        if kind >= BED_PLACES:
            flows[year_of_month[m], o, row.dest, k, 0] += 1.0
    if row.start == NEVER and release <= row.end < horizon:
        m = month_of(row.end, month_start)
        if row.outcome == DIED:
            monthly[m, o, k, DIED_WAITING] += 1.0
        elif row.outcome == WITHDREW:
            monthly[m, o, k, WITHDREW_WAITING] += 1.0
        elif row.outcome == REFUSED:
            monthly[m, o, k, TURNED_AWAY] += 1.0
    elif kind == CASES and row.outcome == DONE and release <= row.start < horizon:
        monthly[month_of(row.start, month_start), o, k, OCCUPIED] += amount


@kernel
def judge(
    row: Record,
    kind: int,
    month_start: IntArray,
    year_of_month: IntArray,
    horizon: int,
    target_seconds: IntArray,
    working_days: IntArray,
    assessment_days: int,
    in_time: IntArray,
    waits: IntArray,
) -> None:
    """Judge a request against its target, and bin the wait if it was met.

    Requests of the reported years count, less those that ended without being met before the target.
    """
    if row.request < month_start[0] or row.request >= horizon:
        return
    y = year_of_month[month_of(row.request, month_start)]
    o, k = row.origin, row.resource
    met = row.start < NEVER
    if kind == CASES:
        seen = working_days.size - 2
        asked = working_days[min(row.request // DAY, seen)]
        waited = working_days[min(min(row.start, row.end) // DAY, seen)] - asked
        early = waited <= assessment_days
    else:
        early = min(row.start, row.end) - row.request <= target_seconds[k]
    if met or not early:
        in_time[y, o, k, 1] += 1
        if met and early:
            in_time[y, o, k, 0] += 1
    if met:
        waits[y, o, k, wait_bin(row.start - row.request)] += 1


@kernel
def wait_bin(seconds: int) -> int:
    """Return the bin of a wait; those of whole days need no search."""
    if seconds <= WHOLE_DAYS * DAY:
        return (seconds + DAY - 1) // DAY
    return int(np.searchsorted(WAIT_EDGES, seconds / DAY))


def wait_quantile(waits: IntArray, share: float) -> FloatArray:
    """Return a quantile of waits in days from their bins, shape (...); nan where nobody was placed.

    Inside a bin waits are taken as spread evenly.
    """
    total = waits.sum(axis=-1)
    below = np.cumsum(waits, axis=-1)
    wanted = share * total
    k = np.argmax(below >= wanted[..., None], axis=-1)
    inside = np.take_along_axis(waits, k[..., None], -1)[..., 0]
    before = np.take_along_axis(below, k[..., None], -1)[..., 0] - inside
    upper = WAIT_EDGES[k]
    lower = np.where(k > 0, WAIT_EDGES[np.maximum(k - 1, 0)], 0.0)
    part = np.where(inside > 0, (wanted - before) / np.maximum(inside, 1), 0.0)
    return np.where(total > 0, lower + part * (upper - lower), np.nan)
