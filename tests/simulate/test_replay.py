"""The service gap: least capacities against hand cases and a brute-force search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from params.axes import ASSESSMENT, HOME_CARE, N_RESOURCE
from simulate.least import REQUEST, least_cases, least_size
from simulate.outcome import target_waits
from simulate.records import DAY, N_CLASS, NEVER
from simulate.replay import N_REPLAYED, service_capacity
from simulate.replication import Run, Setting

YEAR = 365
Row = tuple[int, int, int, int, int, int]


def requests(rows: list[Row]) -> np.ndarray:
    """Rows of (request, start, quit, want_end, size, rank); moments in days, -1 for never."""
    out = np.zeros(len(rows), REQUEST).view(np.recarray)
    for k, row in enumerate(sorted(rows)):
        for name, value in zip(REQUEST.names or (), row, strict=True):
            moment = name in ("request", "start", "quit", "want_end")
            out[name][k] = (NEVER if value < 0 else value * DAY) if moment else value
    return out


def least(rows: list[Row], target: int, share: float = 1.0, step: int = 1, guess: int = 0) -> int:
    """Find the capacity for requests of days 1000-1365."""
    low, high = 1000 * DAY, (1000 + YEAR) * DAY
    return least_size(requests(rows), low, high, target * DAY, share, step, guess)


def share_by_brute_force(rows: list[Row], target: int, capacity: int) -> float:
    """Serve the same requests again, a step a moment, with lists in place of heaps."""
    low, high, stop = 1000, 1000 + YEAR, 1000 + YEAR + target
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
        served = [(end, size) for end, size in served if end > now]
        queue += [r for r in todo if r[0] == now and now >= low and r not in queue]
        queue.sort(key=lambda r: r[5])
        while queue:
            a, _, quit_at, want_end, size, _ = queue[0]
            gone = min(quit_at, want_end)
            used = sum(s for _, s in served)
            if gone > now and used + size > capacity:
                break
            queue.pop(0)
            if gone <= now:
                counted += low <= a < high and gone - a > target
                continue
            served.append((want_end, size))
            counted += low <= a < high
            met += low <= a < high and now - a <= target
    counted += sum(low <= r[0] < high and min(r[2], r[3]) - r[0] > target for r in queue)
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


def every_day(n: int) -> np.ndarray:
    return np.arange(n + 2)


def cases(rows: list[Row], target: int, share: float = 1.0, guess: float = 0.0) -> float:
    low, high = 1000 * DAY, (1000 + YEAR) * DAY
    return float(least_cases(requests(rows), low, high, every_day(1500), target, share, guess))


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
    targets, working_days = target_waits(city.inputs)
    return service_capacity(
        run.ledger, city.calendar.month_start, 60, 16, targets * factor, share,
        city.calendar.work, working_days * factor,
    )  # fmt: skip


def test_a_city_needs_less_for_a_lower_share_or_a_later_target(city: Setting, run: Run) -> None:
    strict, usual, late = (
        capacity_for(city, run, share, factor) for share, factor in ((0.99, 1), (0.5, 1), (0.5, 4))
    )
    assert strict.shape == (5, 16, N_REPLAYED)
    assert (strict.sum(axis=(0, 1)) >= usual.sum(axis=(0, 1)) - 1e-9).all()
    assert (usual.sum(axis=(0, 1)) >= late.sum(axis=(0, 1)) - 1e-9).all()
    whole = np.delete(strict, [ASSESSMENT], axis=2)
    assert (whole == np.round(whole)).all()
    assert strict[..., HOME_CARE].sum() > strict[..., N_RESOURCE].sum() > 0
