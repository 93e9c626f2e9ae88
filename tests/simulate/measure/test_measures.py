"""A ledger of six rows whose measures are worked out by hand.

Months have 30 days of 24 hours, three years of 360 days; there are two districts, A (0) and B (1).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from params.axes import ASSESSMENT, HOME_CARE, FloatArray
from simulate.engine.records import (
    BED,
    CHANGED,
    DAY,
    DIED,
    DONE,
    HOURS,
    LEFT,
    NEVER,
    OPEN,
    ROW,
    WITHDREW,
    WORKING_DAY,
)
from simulate.measure.measures import (
    DEMAND,
    DIED_WAITING,
    OCCUPIED,
    PLACED,
    REQUESTS,
    UNMET,
    WAIT_EDGES,
    WAITING_NOW,
    WITHDREW_WAITING,
    Frame,
    Measures,
    measure,
    wait_quantile,
)
from tests.city import DEMENTIA_BED, GENERAL_BED, N_RESOURCE, NURSING_BED, RESOURCES

MONTH = 30 * DAY
ALWAYS = 100_000
"""Days of follow-up beyond all days."""
A, B = 0, 1
COLUMNS = (
    "person", "resource", "origin", "dest", "size", "level",
    "request", "start", "end", "want_end", "outcome",
)  # fmt: skip
LEDGER = [
    # Asks in A at mid-month 0, moves into B after 30 days, dies 45 days later.
    (0, NURSING_BED, A, B, 1, 5, 15, 45, 90, 90, DIED),
    # Waits in A from day 0, dies on day 60 without a bed.
    (1, NURSING_BED, A, -1, 1, 4, 0, NEVER, 60, 60, DIED),
    # Gives up on day 45 after 15 days; the want goes on.
    (2, GENERAL_BED, B, -1, 1, 2, 30, NEVER, 45, NEVER, WITHDREW),
    # Was there before the release and stays to the end.
    (3, GENERAL_BED, B, B, 1, 0, -100, -90, NEVER, NEVER, OPEN),
    # Five hours of home care a week from day 30 to day 120, at once.
    (4, HOME_CARE, A, A, 500, 4, 30, 30, 120, 120, LEFT),
    # An assessment applied for on day 10 and done on day 12.
    (5, ASSESSMENT, A, A, 1, 0, 10, 12, 12, 12, DONE),
]


# Every day is worked.
WORK: FloatArray = (np.arange(1000 + 36 * 30 + 2) * 8 * 3600).astype(np.float64)


def ledger(rows: Sequence[tuple[int, ...]]) -> Any:
    out = np.zeros(len(rows), ROW).view(np.recarray)
    for k, row in enumerate(rows):
        for name, value in zip(COLUMNS, row, strict=True):
            in_days = name in ("request", "start", "end", "want_end") and value != NEVER
            out[name][k] = 1000 * DAY + value * DAY if in_days else value
        out["first"][k] = k
        out["lane"][k] = BED if row[1] >= RESOURCES.first_bed else HOURS
    return out


def measured(
    rows: Sequence[tuple[int, ...]], assessment_days: int = 15, follow_up: int = ALWAYS
) -> Measures:
    return measure(ledger(rows), usual_frame(assessment_days, follow_up))


def usual_frame(assessment_days: int = 15, follow_up: int = ALWAYS) -> Frame:
    month_start = 1000 * DAY + MONTH * np.arange(37)
    targets = np.full(N_RESOURCE, 30 * DAY)
    targets[ASSESSMENT], targets[HOME_CARE] = 15 * DAY, 14 * DAY
    staff = np.zeros((N_RESOURCE, 7), np.int64)
    staff[RESOURCES.beds] = [500, 500, 1000, 2000, 3000, 4000, 5000]
    staff[DEMENTIA_BED] = 6000
    whole = frame(month_start, staff, targets, assessment_days)
    return replace(whole, followed=np.minimum(month_start[12::12] + follow_up * DAY, NEVER))


def frame(
    month_start: np.ndarray, staff: np.ndarray, targets: np.ndarray, assessment_days: int
) -> Frame:
    return Frame(
        month_start=month_start,
        year_of_month=np.arange(36) // 12,
        kinds=RESOURCES.kinds,
        targets=targets,
        n_district=2,
        staff_size=staff,
        followed=np.full(3, NEVER),
        working_days=np.round(WORK / WORKING_DAY).astype(np.int64),
        assessment_days=assessment_days,
    )


@pytest.fixture(scope="module")
def whole() -> Measures:
    return measured(LEDGER)


def monthly(whole: Measures, district: int, resource: int, index: int, n: int = 4) -> list[float]:
    return [round(float(x), 9) for x in whole.monthly[:n, district, resource, index]]


def test_demand_is_the_mean_of_those_who_want(whole: Measures) -> None:
    assert monthly(whole, A, NURSING_BED, DEMAND) == [1.5, 2.0, 1.0, 0.0]
    # One resident, and from day 30 on the one who gave up but still wants a bed.
    assert monthly(whole, B, GENERAL_BED, DEMAND) == [1.0, 2.0, 2.0, 2.0]


def test_residents_count_where_the_bed_is(whole: Measures) -> None:
    assert monthly(whole, B, NURSING_BED, OCCUPIED) == [0.0, 0.5, 1.0, 0.0]
    assert monthly(whole, A, NURSING_BED, OCCUPIED) == [0.0] * 4
    assert monthly(whole, B, GENERAL_BED, OCCUPIED, 36) == [1.0] * 36


def test_those_who_wait_count_where_they_live(whole: Measures) -> None:
    assert monthly(whole, A, NURSING_BED, WAITING_NOW) == [1.5, 1.5, 0.0, 0.0]
    assert monthly(whole, B, GENERAL_BED, WAITING_NOW) == [0.0, 0.5, 0.0, 0.0]
    assert monthly(whole, A, NURSING_BED, UNMET) == [45.0, 45.0, 0.0, 0.0]
    assert [float(x) for x in whole.bedless[:3, A]] == [1.5, 1.5, 0.0]


def test_requests_and_what_became_of_them_count_once_in_their_months(whole: Measures) -> None:
    assert monthly(whole, A, NURSING_BED, REQUESTS) == [2, 0, 0, 0]
    assert monthly(whole, A, NURSING_BED, PLACED) == [0, 1, 0, 0]
    assert monthly(whole, A, NURSING_BED, DIED_WAITING) == [0, 0, 1, 0]
    assert monthly(whole, B, GENERAL_BED, WITHDREW_WAITING) == [0, 1, 0, 0]
    # The resident asked before the release: no request of the reported years.
    assert whole.monthly[:, B, GENERAL_BED, REQUESTS].sum() == 1
    assert whole.monthly[..., REQUESTS].sum() == 5


def test_home_care_counts_hours_where_it_is_an_amount(whole: Measures) -> None:
    assert monthly(whole, A, HOME_CARE, DEMAND, 5) == [0.0, 5.0, 5.0, 5.0, 0.0]
    assert monthly(whole, A, HOME_CARE, OCCUPIED, 5) == [0.0, 5.0, 5.0, 5.0, 0.0]
    assert monthly(whole, A, HOME_CARE, PLACED) == [0, 1, 0, 0]
    assert whole.monthly[:, A, HOME_CARE, UNMET].sum() == 0


def test_staff_hours_follow_level_and_place(whole: Measures) -> None:
    # Level 5 needs 4 h, level 4 3 h; all demand by residence, residents by district of the bed.
    assert [float(x) for x in whole.staff_demand[:3, A]] == [0.5 * 4 + 3, 4 + 3, 4.0]
    np.testing.assert_allclose(whole.staff_used[:3, B], [0.5, 0.5 * 4 + 0.5, 4 + 0.5])
    # Self-caring resident 0.5 h; the one who gave up is of level 2: 1 h.
    np.testing.assert_allclose(whole.staff_demand[:3, B], [0.5, 1.5, 1.5])


def test_share_in_time_leaves_out_who_left_before_the_target(whole: Measures) -> None:
    # Nursing: placed after 30 days (in time), dead after 60 (late). General: gone after 15 days.
    assert whole.in_time[0, A, NURSING_BED].tolist() == [1, 2]
    assert whole.in_time[0, B, GENERAL_BED].tolist() == [0, 0]
    assert whole.in_time[0, A, ASSESSMENT].tolist() == [1, 1]
    assert measured(LEDGER, assessment_days=1).in_time[0, A, ASSESSMENT].tolist() == [0, 1]


def test_flows_hold_placements_and_residents_of_december(whole: Measures) -> None:
    placed, residents = whole.flows[..., 0], whole.flows[..., 1]
    assert placed.sum() == placed[0, A, B, NURSING_BED] == 1
    assert residents[:, B, B, GENERAL_BED].tolist() == [1, 1, 1]
    assert residents.sum() == 3


def test_waits_of_the_placed_fall_into_their_bins(whole: Measures) -> None:
    assert whole.waits[0, A, NURSING_BED].sum() == 1
    assert np.flatnonzero(whole.waits[0, A, NURSING_BED]) == np.searchsorted(WAIT_EDGES, 30)
    assert whole.waits[0, A, HOME_CARE, 0] == 1
    assert whole.waits[1:].sum() == 0


def test_days_waited_add_up_over_the_placed_in_the_year_of_their_request() -> None:
    rows: Any = [
        # Days waited: 30, 0, and 2 asked for in the second year; who is not placed adds nothing.
        *(
            (k, NURSING_BED, A, B, 1, 5, *days, LEFT)
            for k, days in enumerate([(15, 45, 90, 90), (20, 20, 30, 30), (365, 367, 400, 400)])
        ),
        (3, NURSING_BED, A, -1, 1, 4, 0, NEVER, 60, 60, DIED),
        # Asked for before the release.
        (4, NURSING_BED, A, B, 1, 4, -5, 5, 60, 60, DIED),
    ]
    assert measured(rows).wait_days[:, A, NURSING_BED].tolist() == [30.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("end_of_wait", "judged", "placed"),
    [
        # A month of 30 days is known of the year after; the requests of day 350 have a target of 30.
        ((380, 600), [1, 1], 1),
        ((381, 600), [0, 1], 1),
        ((389, 600), [0, 1], 1),
        ((390, 600), [0, 1], 0),
        ((600, 700), [0, 1], 0),
        ((NEVER, NEVER), [0, 1], 0),
        # Who is gone unserved inside the target does not count; who is gone later is a failure.
        ((NEVER, 379), [0, 0], 0),
        ((NEVER, 389), [0, 1], 0),
        ((NEVER, 600), [0, 1], 0),
    ],
    ids=str,
)
def test_a_wait_is_judged_by_what_its_year_s_follow_up_knows(
    end_of_wait: tuple[int, int], judged: list[int], placed: int
) -> None:
    start, end = end_of_wait
    outcome = OPEN if end == NEVER else DIED
    row = (0, NURSING_BED, A, -1 if start == NEVER else B, 1, 4, 350, start, end, end, outcome)
    found = measured([row], follow_up=30)
    assert found.in_time[0, A, NURSING_BED].tolist() == judged
    assert found.waits[0, A, NURSING_BED].sum() == placed
    assert found.wait_days[0, A, NURSING_BED] == placed * (start - 350)


@pytest.mark.parametrize(
    ("done", "judged"), [(374, [1, 1]), (376, [0, 1]), (390, [0, 1]), (600, [0, 1])]
)
def test_a_case_is_judged_in_working_days_up_to_its_year_s_follow_up(
    done: int, judged: list[int]
) -> None:
    row = (0, ASSESSMENT, A, A, 1, 0, 359, done, done, done, DONE)
    assert measured([row], follow_up=30).in_time[0, A, ASSESSMENT].tolist() == judged


@pytest.mark.parametrize("done", [378, 500, NEVER])
def test_a_case_whose_working_days_have_not_passed_in_the_follow_up_is_not_judged(
    done: int,
) -> None:
    # Sixteen working days of target, of which the follow-up of 15 days knows fifteen.
    end, outcome = (NEVER, OPEN) if done == NEVER else (done, DONE)
    row = (0, ASSESSMENT, A, A if outcome == DONE else -1, 1, 0, 359, done, end, end, outcome)
    found = measured([row], assessment_days=16, follow_up=15)
    assert found.in_time[0, A, ASSESSMENT].tolist() == [0, 0]


def test_a_request_that_changes_its_size_while_it_waits_is_one_and_wants_what_it_wants_then() -> (
    None
):
    """Four hours asked for on day 15, eight from day 45 on, given from day 75 until day 90."""
    rows: Any = [
        (0, HOME_CARE, A, A, 400, 3, 15, 75, 75, 45, CHANGED),
        (0, HOME_CARE, A, A, 800, 4, 45, 75, 90, 90, DIED),
    ]
    carried = ledger(rows)
    carried["first"], carried["follows"] = 0, [0, 1]
    found = measure(carried, usual_frame())
    assert monthly(found, A, HOME_CARE, DEMAND) == [2.0, 6.0, 8.0, 0.0]
    assert monthly(found, A, HOME_CARE, WAITING_NOW) == [0.5, 1.0, 0.5, 0.0]
    assert monthly(found, A, HOME_CARE, OCCUPIED) == [0.0, 0.0, 4.0, 0.0]
    assert monthly(found, A, HOME_CARE, REQUESTS) == [1, 0, 0, 0]
    assert monthly(found, A, HOME_CARE, PLACED) == [0, 0, 1, 0]
    assert found.wait_days[0, A, HOME_CARE] == 60
    assert found.in_time[0, A, HOME_CARE].tolist() == [0, 1]


def test_a_wait_falls_into_the_first_bin_that_reaches_it_and_the_last_holds_the_rest() -> None:
    days = [0, 0.5, 1, 59.9, 60, 60.1, 63.6, 63.7, 100, 1000.5, WAIT_EDGES[-1], 2700, 5000]
    rows: Any = [
        (k, NURSING_BED, A, A, 1, 4, 10, 10 + x, NEVER, NEVER, OPEN) for k, x in enumerate(days)
    ]
    waits = measured(rows).waits
    bins = np.minimum(np.searchsorted(WAIT_EDGES, days), WAIT_EDGES.size - 1)
    assert (waits[0, A, NURSING_BED] == np.bincount(bins, minlength=WAIT_EDGES.size)).all()
    assert waits.sum() == len(days)


def test_a_makeshift_or_a_row_that_follows_is_no_request() -> None:
    rows = ledger(LEDGER)
    for name in ("makeshift", "follows"):
        changed = rows.copy().view(np.recarray)
        changed[name][0] = 1
        staff, targets = np.full((N_RESOURCE, 7), 1000), np.full(N_RESOURCE, 30 * DAY)
        months = 1000 * DAY + MONTH * np.arange(37)
        result = measure(changed, frame(months, staff, targets, 15))
        assert result.monthly[..., NURSING_BED, REQUESTS].sum() == 1
        assert result.monthly[1, B, NURSING_BED, OCCUPIED] == 0.5


def test_a_quantile_of_waits_lies_inside_its_bin() -> None:
    waits = np.zeros(WAIT_EDGES.size, np.int64)
    assert np.isnan(wait_quantile(waits, 0.5))
    waits[0] = 10
    assert wait_quantile(waits, 0.9) == 0.0
    waits[20] = 30  # days 19 to 20
    assert wait_quantile(waits, 0.25) == 0.0
    assert wait_quantile(waits, 0.625) == 19.5
    assert wait_quantile(waits, 1.0) == 20.0
