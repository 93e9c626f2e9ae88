"""A ledger of six rows whose measures are worked out by hand.

Months have 30 days of 24 hours, three years of 360 days; there are two districts, A (0) and B (1).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from params.axes import ASSESSMENT, HOME_CARE, FloatArray
from simulate.engine.records import (
    BED,
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


def measured(rows: Sequence[tuple[int, ...]], assessment_days: int = 15) -> Measures:
    month_start = 1000 * DAY + MONTH * np.arange(37)
    targets = np.full(N_RESOURCE, 30 * DAY)
    targets[ASSESSMENT], targets[HOME_CARE] = 15 * DAY, 14 * DAY
    staff = np.zeros((N_RESOURCE, 7), np.int64)
    staff[RESOURCES.beds] = [500, 500, 1000, 2000, 3000, 4000, 5000]
    staff[DEMENTIA_BED] = 6000
    return measure(ledger(rows), frame(month_start, staff, targets, assessment_days))


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
