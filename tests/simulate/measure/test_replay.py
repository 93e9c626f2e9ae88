"""The service gap: least capacities against hand cases and a brute-force search."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from params.axes import ASSESSMENT, HOME_CARE
from simulate.city.observe import city_frame
from simulate.city.replication import Run
from simulate.city.setting import Setting
from simulate.engine.records import DAY, N_CLASS, NEVER, RENEWAL, ROW
from simulate.measure.gaps.least import REQUEST, least_size
from simulate.measure.gaps.least_cases import least_cases
from simulate.measure.gaps.replay import (
    ROW_BITS,
    ROW_MASK,
    keys_at,
    keys_of,
    line_of,
    service_capacity,
    weighted,
)
from simulate.measure.measures import Frame
from tests.city import N_RESOURCE, NURSING_BED, RESOURCES

YEAR = 365
Row = tuple[int, int, int, int, int, int]


def requests(rows: list[Row], kinds: int = 1) -> np.ndarray:
    """Rows of (request, start, quit, want_end, size, rank); moments in days, -1 for never.

    Each is of the kind that its size tells.
    """
    out = np.zeros(len(rows), REQUEST).view(np.recarray)
    for k, row in enumerate(sorted(rows)):
        for name, value in zip(REQUEST.names or (), (*row, row[4] % kinds), strict=True):
            moment = name in ("request", "start", "quit", "want_end")
            out[name][k] = (NEVER if value < 0 else value * DAY) if moment else value
    return out


def least(rows: list[Row], target: int, share: float = 1.0, step: int = 1, guess: int = 0) -> int:
    """Find the capacity for requests of days 1000-1365."""
    low, high = 1000 * DAY, (1000 + YEAR) * DAY
    return least_size(requests(rows), low, high, np.array([target * DAY]), share, step, guess)


def share_by_brute_force(rows: list[Row], target: int | tuple[int, ...], capacity: int) -> float:
    """Serve the same requests again, a step a moment, with lists in place of heaps.

    Of several targets each request has that of its kind, which its size tells.
    """
    targets = target if isinstance(target, tuple) else (target,)
    low, high, stop = 1000, 1000 + YEAR, 1000 + YEAR + max(targets)
    far = 10**9
    seen = [
        [a, s, far if q < 0 else q, far if w < 0 else w, size, rank % N_CLASS]
        for a, s, q, w, size, rank in sorted(rows)
        if a < stop
    ]
    seen = [r for r in seen if r[3] > low and r[2] > low]
    served = [(r[3], r[4]) for r in seen if r[0] < low and r[1] <= low and r[1] >= 0]
    todo = [r for r in seen if not (r[0] < low and r[1] <= low and r[1] >= 0)]
    counted = met = 0
    queue: list[list[int]] = [r for r in todo if r[0] < low]
    moments = sorted({low} | {r[0] for r in todo} | {r[3] for r in seen})
    for now in [m for m in moments if low <= m < stop]:
        # Only a request and an end that frees something are moments at which anybody is served.
        if now > low and all(r[0] != now for r in todo) and all(end != now for end, _ in served):
            continue
        served = [(end, size) for end, size in served if end > now]
        queue += [r for r in todo if r[0] == now and now >= low and r not in queue]
        queue.sort(key=lambda r: r[5])
        while queue:
            a, _, quit_at, want_end, size, _ = queue[0]
            due = targets[size % len(targets)]
            gone = min(quit_at, want_end)
            used = sum(s for _, s in served)
            if gone > now and used + size > capacity:
                break
            queue.pop(0)
            if gone <= now:
                counted += low <= a < high and gone - a > due
                continue
            served.append((want_end, size))
            counted += low <= a < high
            met += low <= a < high and now - a <= due
    counted += sum(
        low <= r[0] < high and min(r[2], r[3]) - r[0] > targets[r[4] % len(targets)] for r in queue
    )
    return met / counted if counted else 1.0


@pytest.mark.parametrize(("target", "capacity"), [(0, 3), (30, 2), (60, 1)])
def test_three_who_leave_a_month_apart_need_the_fewer_beds_the_later_the_target(
    target: int, capacity: int
) -> None:
    # All three ask on day 1100; one after the other they wait 0, 30 and 60 days.
    rows: list[Row] = [(1100, -1, -1, 1130 + 30 * k, 1, 0) for k in range(3)]
    assert least(rows, target) == capacity


def test_residents_of_before_hold_their_beds() -> None:
    there: Row = (500, 600, -1, -1, 1, 0)
    newcomer: Row = (1100, -1, -1, -1, 1, 0)
    assert least([there], 30) == 0
    assert least([there, newcomer], 30) == 2
    assert least([there, there, newcomer], 30) == 3


def test_the_backlog_is_served_before_newcomers_of_its_class() -> None:
    backlog: Row = (900, -1, -1, -1, 1, 0)
    newcomer: Row = (1100, -1, -1, -1, 1, 0)
    assert least([backlog, newcomer], 30) == 2
    urgent: Row = (1100, -1, -1, -1, 1, 0)
    assert least([(900, -1, -1, -1, 1, 1), urgent], 30) == 2


def test_who_gives_up_before_the_target_does_not_count() -> None:
    assert least([(1100, -1, 1120, -1, 1, 0)], 30) == 0
    assert least([(1100, -1, 1140, -1, 1, 0)], 30) == 1


def test_a_share_below_one_lets_some_wait() -> None:
    rows: list[Row] = [(1100, -1, -1, -1, 1, 0)] * 10
    assert least(rows, 30, share=0.85) == 9
    assert least(rows, 30, share=0.90) == 9
    assert least(rows, 30, share=1.0) == 10


def test_nobody_asks_so_nothing_is_needed() -> None:
    assert least([], 30) == 0


def test_home_care_is_found_to_its_step() -> None:
    rows: list[Row] = [(1100, -1, -1, -1, 300, 0), (1100, -1, -1, -1, 550, 0)]
    assert least(rows, 14, step=100) == 900


def test_who_gives_up_ahead_of_others_lets_them_in_when_somebody_asks() -> None:
    there: list[Row] = [(500, 600, -1, -1, 3, 0), (500, 600, -1, 1300, 1, 0)]
    large: Row = (1100, -1, 1110, -1, 4, 0)
    small: list[Row] = [(1101, -1, -1, -1, 1, 0), (1112, -1, -1, -1, 1, 0)]
    # With eight the large one is served first and the small ones are late: so the search starts at five.
    assert least([*there, large, *small], 14, share=0.5, guess=5) == 5


@st.composite
def random_rows(draw: st.DrawFn) -> list[Row]:
    """Draw requests on odd days and ends on even ones: what happens at one moment has no order."""
    rows: list[Row] = []
    for asked in draw(st.lists(st.integers(470, 690), min_size=1, max_size=25, unique=True)):
        request = 2 * asked + 1
        start = request + draw(st.integers(0, 120))
        stay = 2 * draw(st.integers(1, 100))
        patience = 2 * draw(st.integers(1, 30)) - 1
        there = request < 1000 and start <= 1000
        quit_at = request + patience if not there and patience < 30 else -1
        want_end = (start + start % 2 if there else request + 1) + stay
        rows.append((request, start if there else -1, quit_at, want_end, 1, draw(ranks)))
    return rows


ranks = st.integers(0, N_CLASS - 1)


@settings(max_examples=60, deadline=None)
@given(
    random_rows(),
    st.sampled_from([0, 7, 30]),
    st.sampled_from([0.5, 0.85, 1.0]),
    st.integers(0, 40),
)
def test_the_least_capacity_meets_the_target_and_one_less_misses_it(
    rows: list[Row], target: int, share: float, guess: int
) -> None:
    found = least(rows, target, share, guess=guess)
    assert share_by_brute_force(rows, target, found) >= share
    assert found == 0 or share_by_brute_force(rows, target, found - 1) < share


def many_rows(seed: int, sizes: list[int], share_of_impatient: float) -> list[Row]:
    """Draw a year of requests, more than a few blocks of events; moments as in `random_rows`."""
    draw = np.random.default_rng(seed)
    rows: list[Row] = []
    for request in range(801 + seed % 2 * 100, 1400, 2):
        there = request < 1000 and draw.random() < 0.8
        stay = 2 * int(draw.integers(1, 150))
        patience = 2 * int(draw.integers(1, 40)) - 1
        quits = not there and draw.random() < share_of_impatient
        row = (request, request if there else -1, request + patience if quits else -1)
        rank = int(draw.integers(0, 3))
        rows.append((*row, request + 1 + stay, int(draw.choice(sizes)), rank))
    return rows


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("sizes", "impatient"), [([1], 0.5), ([2, 3, 5], 0.0), ([1, 4], 0.3)])
def test_a_year_of_many_blocks_is_served_as_by_brute_force(
    seed: int, sizes: list[int], impatient: float
) -> None:
    rows, target = many_rows(seed, sizes, impatient), (7, 14, 30)[seed % 3]
    share = (0.5, 0.7, 0.85, 0.95)[seed % 4]
    found = least(rows, target, share, guess=seed)
    assert share_by_brute_force(rows, target, found) >= share
    assert share_by_brute_force(rows, target, found - 1) < share


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("targets", [(30, 7), (7, 30), (0, 60)])
def test_in_one_queue_every_request_is_due_by_the_target_of_its_kind(
    seed: int, targets: tuple[int, int]
) -> None:
    rows, share = many_rows(seed, [1, 2], 0.3), 0.85
    low, high, days = 1000 * DAY, (1000 + YEAR) * DAY, np.array(targets) * DAY
    found = least_size(requests(rows, kinds=2), low, high, days, share, 1, 0)
    assert share_by_brute_force(rows, targets, found) >= share
    assert share_by_brute_force(rows, targets, found - 1) < share
    both = [share_by_brute_force(rows, (target, target), found) for target in targets]
    assert min(both) < max(both)


def test_sizes_beyond_what_an_event_can_tell_are_refused() -> None:
    rows: list[Row] = [(1100, -1, -1, -1, 32_767, 0)] * 65_540
    with pytest.raises(AssertionError, match="more than 32 bits can count"):
        least(rows, 30)


def every_day(n: int) -> np.ndarray:
    return np.arange(n + 2)


def ledger_of(rows: list[Row], renewals: frozenset[int] = frozenset()) -> np.ndarray:
    """Applications as ledger rows of one district; renewals are named by their places when sorted."""
    asked = requests(rows)
    out = np.zeros(len(rows), ROW).view(np.recarray)
    out["reason"][list(renewals)] = RENEWAL
    for name in ("request", "start", "want_end", "rank"):
        out[name] = asked[name]
    out["first"] = np.arange(len(rows))
    return out


def cases(
    rows: list[Row],
    target: int,
    share: float = 1.0,
    guess: float = 0.0,
    working_days: np.ndarray | None = None,
    renewals: frozenset[int] = frozenset(),
) -> float:
    low, high = 1000 * DAY, (1000 + YEAR) * DAY
    ledger, chain_end = ledger_of(rows, renewals), np.zeros(len(rows), np.int32)
    keys = keys_of(ledger, chain_end, np.array([low, high]), (1, N_RESOURCE))
    line = line_of(ledger, chain_end, keys_at(keys, ASSESSMENT), high // DAY)
    calendar = every_day(1500) if working_days is None else working_days
    return least_cases(line, low, high, calendar, target, share, guess)


def case_share(
    rows: list[Row],
    target: int,
    working_days: np.ndarray,
    a_day: float,
    renewals: frozenset[int] = frozenset(),
) -> tuple[float, int]:
    """Assess day by day with plain lists; return the share in time and how many queue up."""
    low, high = 1000, 1000 + YEAR
    own = [
        (*r, k not in renewals)
        for k, r in enumerate(sorted(rows))
        if low <= r[0] < high + 2 * target
        or (r[0] < low and not 0 <= r[1] <= low and not 0 <= r[3] <= low)
    ]
    free, counted, late, queue = 0.0, 0, 0, list[tuple[int, ...]]()
    todo = own[:]
    for day in range(low, min(high + 2 * target, len(working_days) - 2)):
        queue += [r for r in todo if r[0] <= day]
        todo = [r for r in todo if r[0] > day]
        if working_days[day + 1] == working_days[day]:
            continue
        free = min(free, 1.0) + a_day
        queue.sort(key=lambda r: r[5])
        while queue and free >= 1.0:
            asked, start, _, want_end, _, _, judged_at_all = queue.pop(0)
            counts = low <= asked < high and judged_at_all
            if start < 0 <= want_end <= day:
                failed = working_days[want_end] - working_days[asked] > target
                counted += counts and failed
                late += counts and failed
                continue
            free -= 1.0
            counted += counts
            late += counts and working_days[day] > working_days[asked] + target
    left = sum(low <= r[0] < high and r[6] for r in queue)
    judged = counted + left
    return ((judged - late - left) / judged if judged else 1.0), len(own)


@pytest.mark.parametrize("seed", range(16))
def test_the_least_cases_a_day_meet_the_target_and_a_part_less_misses_it(seed: int) -> None:
    draw = np.random.default_rng(seed)
    working_days = np.cumsum(np.append(0, draw.random(1600) < 0.7))
    rows: list[Row] = []
    for asked in np.sort(draw.integers(960, 1450, 900)).tolist():
        waited = int(draw.integers(1, 60))
        never = draw.random() < 0.3
        gone = asked + waited if draw.random() < 0.8 else -1
        rank = int(draw.integers(0, 3))
        rows.append((asked, *((-1, -1, gone) if never else (asked + waited, -1, -1)), 1, rank))
    renewals = frozenset(np.flatnonzero(draw.random(len(rows)) < draw.choice([0.0, 0.5])).tolist())
    target, share = int(draw.integers(0, 20)), float(draw.choice([0.6, 0.85, 0.97]))
    guess = float(draw.choice([0.0, 0.5, 5.0]))
    found = cases(rows, target, share, guess, working_days, renewals)
    in_time, n = case_share(rows, target, working_days, found, renewals)
    part = n / 2 ** int(np.ceil(np.log2(n / 0.01)))
    assert in_time >= share
    assert case_share(rows, target, working_days, found - part, renewals)[0] < share


def test_renewals_take_their_share_of_the_assessors_but_need_not_be_in_time() -> None:
    # Each day one asks first and one renews; without classes every second case is a renewal.
    days = range(1000, 1000 + YEAR)
    asked = [(day, day + 1, -1, -1, 1, 0) for day in days for _ in range(2)]
    every_second = frozenset(range(1, len(asked), 2))
    assert cases(asked, 0, renewals=every_second) == pytest.approx(2.0, abs=0.02)
    # In a class of their own they wait as long as they have to.
    last = [(day, day + 1, -1, -1, 1, rank) for day in days for rank in range(2)]
    assert cases(last, 0, renewals=every_second) == pytest.approx(1.0, abs=0.02)
    assert cases(last, 0) == pytest.approx(2.0, abs=0.02)


def test_a_ledger_is_sorted_out_by_place_and_time() -> None:
    draw = np.random.default_rng(3)
    ledger = np.zeros(5000, ROW).view(np.recarray)
    for name, n in (("request", 900), ("person", 400), ("resource", N_RESOURCE), ("origin", 2)):
        ledger[name] = draw.integers(0, n, ledger.size)
    ledger["person"][draw.random(ledger.size) < 0.1] = -1
    ledger["makeshift"] = draw.random(ledger.size) < 0.1
    ledger["want_end"] = draw.integers(900, 2000, ledger.size)
    here = np.arange(ledger.size)
    ledger["first"] = np.where(draw.random(ledger.size) < 0.2, draw.integers(0, 5000, 5000), here)
    first = ledger["first"]
    ledger["person"][1::3] = ledger["person"][first[1::3]]
    ledger["start"] = ledger["request"] + draw.integers(0, 2, ledger.size)
    is_over = draw.random(ledger.size) < 0.3
    ledger["want_end"][is_over] = ledger["request"][is_over]
    follows = (first != here) & (ledger["person"][first] == ledger["person"])
    asks = (ledger["person"] >= 0) & (ledger["makeshift"] == 0) & ~follows
    chain_end = np.zeros(ledger.size, np.int32)
    keys = keys_of(ledger, chain_end, np.array([100, 800]), (2, N_RESOURCE))
    place = ledger["origin"] * N_RESOURCE + ledger["resource"]
    for p in range(2 * N_RESOURCE):
        rows = ((keys_at(keys, p) >> ROW_BITS) & ROW_MASK).tolist()
        there = np.flatnonzero(asks & (place == p))
        assert rows == there[np.argsort(ledger["request"][there], kind="stable")].tolist()
    expected = np.zeros(ledger.size, np.int32)
    followers = follows & (ledger["person"] >= 0)
    wanted = followers & ~is_over
    np.maximum.at(expected, first[wanted], ledger["want_end"][wanted])
    waits = (ledger["start"] > ledger["request"]) | (ledger["resource"] == HOME_CARE)
    carried_on = followers & waits & (ledger["makeshift"] == 0)
    for d in range(2):
        rows = ((keys_at(keys, 2 * N_RESOURCE + d) >> ROW_BITS) & ROW_MASK).tolist()
        there = np.flatnonzero(carried_on & (ledger["origin"] == d))
        assert rows == there[np.argsort(ledger["request"][there], kind="stable")].tolist()
    assert (chain_end == expected).all()
    assert chain_end.any()


def two_years(targets: int) -> Frame:
    """Days 1000 to 1730 in one district."""
    month_start = (1000 + np.append(np.arange(24) * 30, 730)) * DAY
    month_start[12] = 1365 * DAY
    return Frame(
        month_start=month_start,
        year_of_month=np.arange(24) // 12,
        kinds=RESOURCES.kinds,
        targets=np.full(N_RESOURCE, targets * DAY),
        n_district=1,
        staff_size=np.zeros((N_RESOURCE, 7), np.int64),
        followed=np.full(2, NEVER),
        working_days=every_day(2000),
    )


def carried(resource: int, rows: list[tuple[Row, int]]) -> np.ndarray:
    """Rows of a ledger, each with the one in which its request began, its own number if it is one."""
    out = np.zeros(len(rows), ROW).view(np.recarray)
    for k, (row, first) in enumerate(rows):
        asked = requests([row])[0]
        for name in ("request", "start", "want_end", "size", "rank"):
            out[name][k] = asked[name]
        out["first"][k], out["follows"][k], out["end"][k] = first, first != k, NEVER
    out["resource"] = resource
    return out


@pytest.mark.parametrize(("changed", "least_hours"), [(980, [9, 9]), (1100, [5, 9])])
@pytest.mark.parametrize("served", [False, True])
def test_who_waits_or_is_served_as_a_year_begins_counts_with_the_hours_of_that_day(
    served: bool, changed: int, least_hours: list[int]
) -> None:
    """Four hours, then eight, beside one hour that is asked for in every year."""
    first, then = (950, changed) if served else (-1, -1)
    ledger = carried(
        HOME_CARE,
        [
            ((950, first, -1, changed, 400, 0), 0),
            ((changed, then, -1, -1, 800, 0), 0),
            ((1200, -1, -1, 1210, 100, 0), 2),
            ((1500, -1, -1, 1510, 100, 0), 3),
        ],
    )
    found = service_capacity(ledger, two_years(0), 1.0, [])
    assert found[:, 0, HOME_CARE].tolist() == least_hours


def test_a_bed_held_until_a_better_one_is_wanted_no_longer_when_its_staff_hours_change() -> None:
    """The want for it ended on day 1010; a newcomer of day 1100 needs no bed beside it."""
    ledger = carried(
        NURSING_BED,
        [
            ((900, 900, -1, 1010, 1, 0), 0),
            ((1200, 1200, -1, 1200, 1, 0), 0),
            ((1100, -1, -1, -1, 1, 0), 2),
        ],
    )
    assert service_capacity(ledger, two_years(30), 1.0, [])[0, 0, NURSING_BED] == 1


def test_applications_after_the_last_one_is_judged_change_nothing() -> None:
    rows: list[Row] = [(1000 + k * k % YEAR, -1, -1, -1, 1, k % 3) for k in range(300)]
    later: list[Row] = [(1000 + YEAR + 2 * 15 + k, -1, -1, -1, 1, 0) for k in range(40)]
    assert cases([*rows, *later], 15, 0.9) == cases(rows, 15, 0.9)


def test_one_application_a_day_needs_one_case_a_day_or_less_with_time() -> None:
    rows: list[Row] = [(1000 + k, -1, -1, -1, 1, 0) for k in range(YEAR)]
    assert cases(rows, 0) == pytest.approx(1.0, abs=0.02)
    # 365 cases in 365 + 60 days, the last one after 60 days.
    assert cases(rows, 60) == pytest.approx(365 / 425, abs=0.02)


@pytest.mark.parametrize("guess", [0.01, 0.8, 3.0, 1e6])
def test_the_cases_a_day_do_not_depend_on_where_the_search_starts(guess: float) -> None:
    rows: list[Row] = [(1000 + k * k % YEAR, -1, -1, -1, 1, k % 3) for k in range(300)]
    assert cases(rows, 5, 0.9, guess) == cases(rows, 5, 0.9) > 0.5


def test_assessors_need_nothing_where_nobody_applies() -> None:
    assert cases([], 15) == 0.0


def capacity_for(city: Setting, run: Run, share: float, factor: int = 1) -> np.ndarray:
    frame = city_frame(city)
    later = replace(
        frame, targets=frame.targets * factor, assessment_days=frame.assessment_days * factor
    )
    return service_capacity(run.ledger, later, share, [range(RESOURCES.first_bed, N_RESOURCE)])


def test_a_city_needs_less_for_a_lower_share_or_a_later_target(city: Setting, run: Run) -> None:
    strict, usual, late = (
        capacity_for(city, run, share, factor) for share, factor in ((0.99, 1), (0.5, 1), (0.5, 4))
    )
    assert strict.shape == (5, 16, N_RESOURCE + 1)
    assert (strict.sum(axis=(0, 1)) >= usual.sum(axis=(0, 1)) - 1e-9).all()
    assert (usual.sum(axis=(0, 1)) >= late.sum(axis=(0, 1)) - 1e-9).all()
    whole = np.delete(strict, [ASSESSMENT], axis=2)
    assert (whole == np.round(whole)).all()
    assert strict[..., HOME_CARE].sum() > strict[..., N_RESOURCE].sum() > 0


def shares_of(total: float, **shares: float) -> np.ndarray:
    """Return .85 of every resource but those named, and the share of the total behind them."""
    every = [shares.get(name, 0.85) for name in RESOURCES.names]
    return np.array([*every, total])


def test_a_share_of_one_resource_moves_its_own_capacity_and_a_weighted_total(
    city: Setting, run: Run
) -> None:
    frame, beds = city_frame(city), [range(RESOURCES.first_bed, N_RESOURCE)]

    def capacity(shares: np.ndarray) -> np.ndarray:
        return service_capacity(run.ledger, frame, shares, beds).sum(axis=(0, 1))

    usual = capacity(shares_of(0.85))
    assert (usual == service_capacity(run.ledger, frame, 0.85, beds).sum(axis=(0, 1))).all()
    assert (usual == capacity(shares_of(np.nan))).all()
    more = capacity(shares_of(np.nan, nursing_bed=0.99))
    others = [k for k in range(N_RESOURCE) if k != NURSING_BED]
    assert (more[others] == usual[others]).all()
    assert more[NURSING_BED] > usual[NURSING_BED]
    assert capacity(shares_of(0.99))[-1] > more[-1] > usual[-1]


def test_a_total_weighs_the_shares_by_the_year_s_requests() -> None:
    rows: list[Row] = [(1000 + k, -1, -1, -1, 1 + (k % 4 == 0), 0) for k in range(100)]
    asked = requests([(900, -1, -1, -1, 1, 0), *rows], kinds=2)
    low, high = 1000 * DAY, (1000 + YEAR) * DAY
    # A quarter has size 2, kind 0.
    assert weighted(asked, low, high, np.array([1.0, 0.6])) == pytest.approx(0.7)
    assert weighted(asked, low + YEAR * DAY, high + YEAR * DAY, np.array([1.0, 0.6])) == 0.0


def test_a_total_follows_the_days_of_its_kinds(city: Setting, run: Run) -> None:
    frame, beds = city_frame(city), [range(RESOURCES.first_bed, N_RESOURCE)]
    days = frame.targets.copy()
    days[NURSING_BED] *= 3
    later = replace(frame, targets=days)
    usual, late = (
        service_capacity(run.ledger, one, 0.85, beds).sum(axis=(0, 1)) for one in (frame, later)
    )
    assert late[NURSING_BED] < usual[NURSING_BED]
    assert late[-1] < usual[-1]
    assert late[RESOURCES.index("general_bed")] == usual[RESOURCES.index("general_bed")]
