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
    EARLY_ASSESSMENT,
    FIRST_ASSESSMENT,
    HOURS,
    LEFT,
    LENT_BED,
    NEVER,
    OPEN,
    RECOVERED,
    RENEWAL,
    ROW,
    UPGRADE,
    WITHDREW,
    WORKING_DAY,
)
from simulate.measure.lent import lent_beds
from simulate.measure.measures import (
    DEMAND,
    DIED_WAITING,
    OCCUPIED,
    PLACED,
    REQUESTS,
    UNMET,
    WAITING_NOW,
    WITHDREW_WAITING,
    Frame,
    Measures,
    measure,
)
from simulate.measure.waits import (
    END_DIED,
    END_OTHER,
    END_PLACED,
    END_WITHDREW,
    STILL_WAITING,
    WAIT_EDGES,
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


def test_of_those_without_a_bed_it_is_known_who_died_and_who_gave_up(whole: Measures) -> None:
    assert np.argwhere(whole.bedless_ended).tolist() == [[1, B, 1], [2, A, 0]]
    # Who dies in line for a better bed while holding one did not die for want of a bed; who makes do with
    # waiting for another kind did.
    dies = (7, DEMENTIA_BED, A, -1, 1, 4, 0, NEVER, 40, 40, DIED)
    for lane, makeshift, died in ((UPGRADE, 0, 0), (BED, 1, 1), (BED, 0, 1)):
        row = ledger([dies])
        row["lane"], row["makeshift"] = lane, makeshift
        assert measure(row, usual_frame()).bedless_ended.sum() == died


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
    assert whole.monthly[:, :, :N_RESOURCE, REQUESTS].sum() == 5


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


def bin_of(days: float) -> int:
    return int(np.searchsorted(WAIT_EDGES, days))


def ends(found: Measures, district: int, resource: int, year: int = 0) -> set[tuple[int, int, int]]:
    """Say what became of requests: end, bin, how many."""
    cells = found.waits[year, district, resource]
    return {(int(e), int(b), int(cells[e, b])) for e, b in zip(*np.nonzero(cells), strict=True)}


def test_every_request_is_counted_once_by_what_became_of_it_and_when(whole: Measures) -> None:
    assert ends(whole, A, NURSING_BED) == {(END_PLACED, bin_of(30), 1), (END_DIED, bin_of(60), 1)}
    assert ends(whole, B, GENERAL_BED) == {(END_WITHDREW, bin_of(15), 1)}
    assert ends(whole, A, HOME_CARE) == {(END_PLACED, 0, 1)}
    assert whole.waits[1:].sum() == 0
    assert whole.waits[:, :, :N_RESOURCE].sum() == 5


@pytest.mark.parametrize(
    ("row", "became"),
    [
        # Followed for 30 days after a year of 360; asked on day 350.
        ((380, 600, 600, DIED), (END_PLACED, 30)),
        ((390, 600, 600, DIED), (STILL_WAITING, 40)),
        ((NEVER, 389, 389, DIED), (END_DIED, 39)),
        ((NEVER, 390, 390, DIED), (STILL_WAITING, 40)),
        ((NEVER, 380, NEVER, WITHDREW), (END_WITHDREW, 30)),
        ((NEVER, 380, 380, RECOVERED), (END_OTHER, 30)),
        ((NEVER, 380, 380, CHANGED), (END_OTHER, 30)),
        ((NEVER, NEVER, NEVER, OPEN), (STILL_WAITING, 40)),
    ],
    ids=str,
)
def test_who_still_waits_when_the_follow_up_ends_is_told_by_the_time_waited_until_then(
    row: tuple[int, int, int, int], became: tuple[int, int]
) -> None:
    start, end, want_end, outcome = row
    dest = -1 if start == NEVER else B
    rows = [(0, NURSING_BED, A, dest, 1, 4, 350, start, end, want_end, outcome)]
    found = measured(rows, follow_up=30)
    assert ends(found, A, NURSING_BED) == {(became[0], bin_of(became[1]), 1)}


def test_requests_for_beds_are_counted_by_class_too() -> None:
    rows = ledger(LEDGER)
    rows["rank"] = [2, 2, 1, 0, 3, 0]
    found = measure(rows, usual_frame())
    by_class = found.waits_by_class
    assert (by_class[0, 2, NURSING_BED] == found.waits[0, A, NURSING_BED]).all()
    assert (by_class[0, 1, GENERAL_BED] == found.waits[0, B, GENERAL_BED]).all()
    # Neither home care nor assessments; who asked before the release is in no cohort.
    assert by_class.sum() == 3


def test_those_in_line_at_the_end_of_a_year_are_told_by_the_time_since_their_request() -> None:
    rows: Any = [
        # In line at the ends of years 0 and 1; asked before the release, and since.
        (0, NURSING_BED, A, -1, 1, 4, -40, NEVER, 800, 800, DIED),
        (1, NURSING_BED, A, B, 1, 4, 355, 730, 900, 900, DIED),
        # Placed on the last day, and placed as the year is over.
        (2, NURSING_BED, A, B, 1, 4, 300, 359, 900, 900, DIED),
        (3, NURSING_BED, A, B, 1, 4, 300, 360, 900, 900, DIED),
        # Still in line when all is over.
        (4, GENERAL_BED, B, -1, 1, 4, 1070, NEVER, NEVER, NEVER, OPEN),
        (5, ASSESSMENT, A, A, 1, 0, 350, 362, 362, 362, DONE),
    ]
    found = measured(rows).in_line
    said = {
        (int(y), int(d), int(k), int(b)): int(found[y, d, k, b])
        for y, d, k, b in zip(*np.nonzero(found[:, :, :N_RESOURCE]), strict=True)
    }
    assert said == {
        (0, A, NURSING_BED, bin_of(400)): 1,
        (0, A, NURSING_BED, bin_of(5)): 1,
        (0, A, NURSING_BED, bin_of(60)): 1,
        (0, A, ASSESSMENT, bin_of(10)): 1,
        (1, A, NURSING_BED, bin_of(760)): 1,
        (1, A, NURSING_BED, bin_of(365)): 1,
        (2, B, GENERAL_BED, bin_of(10)): 1,
    }


def test_who_is_carried_on_in_line_has_waited_since_the_first_request() -> None:
    """Four hours asked for on day 300, eight from day 350 on, given on day 365."""
    rows: Any = [
        (0, HOME_CARE, A, A, 400, 3, 300, 365, 365, 350, CHANGED),
        (0, HOME_CARE, A, A, 800, 4, 350, 365, 400, 400, DIED),
    ]
    carried = ledger(rows)
    carried["first"], carried["follows"] = 0, [0, 1]
    in_line = measure(carried, usual_frame()).in_line
    assert np.flatnonzero(in_line[0, A, HOME_CARE]).tolist() == [bin_of(60)]
    assert in_line.sum() == 1


def test_assessments_count_by_reason_and_together_but_in_time_are_judged_without_renewals() -> None:
    waits = [(FIRST_ASSESSMENT, 5), (FIRST_ASSESSMENT, 20), (EARLY_ASSESSMENT, 7), (RENEWAL, 90)]
    rows = ledger(
        [
            (k, ASSESSMENT, A, A, 1, 0, 10, 10 + d, 10 + d, 10 + d, DONE)
            for k, (_, d) in enumerate(waits)
        ]
    )
    rows["reason"] = [reason for reason, _ in waits]
    found = measure(rows, usual_frame())
    by_reason = N_RESOURCE + np.arange(3)
    assert found.monthly[0, A, by_reason, REQUESTS].tolist() == [2, 1, 1]
    assert found.monthly[:, A, by_reason, PLACED].sum(axis=0).tolist() == [2, 1, 1]
    assert found.in_time[0, A, by_reason].tolist() == [[1, 2], [1, 1], [0, 1]]
    assert found.in_time[0, A, ASSESSMENT].tolist() == [2, 3]
    assert found.monthly[0, A, ASSESSMENT, REQUESTS] == 4
    assert (found.waits[0, A, ASSESSMENT] == found.waits[0, A, by_reason].sum(axis=0)).all()
    assert found.waits[0, A, ASSESSMENT].sum() == 4


def test_a_bed_that_is_lent_is_in_use_where_it_is_and_demand_for_the_kind_asked_for() -> None:
    rows = ledger(
        [
            (0, NURSING_BED, A, A, 1, 5, 0, 30, 30, 30, CHANGED),
            (0, DEMENTIA_BED, A, B, 1, 5, 30, 30, NEVER, NEVER, OPEN),
        ]
    )
    rows["reason"][1], rows["follows"][1], rows["first"][1] = LENT_BED, 1, 0
    lent_for = np.arange(N_RESOURCE)
    lent_for[DEMENTIA_BED] = NURSING_BED
    there = replace(usual_frame(), lent_for=lent_for)
    found = measure(rows, there)
    assert monthly(found, A, NURSING_BED, DEMAND) == [1.0, 1.0, 1.0, 1.0]
    assert monthly(found, A, DEMENTIA_BED, DEMAND) == [0.0, 0.0, 0.0, 0.0]
    assert monthly(found, B, DEMENTIA_BED, OCCUPIED) == [0.0, 1.0, 1.0, 1.0]
    lent = lent_beds(rows, there)
    assert lent[:4, B, DEMENTIA_BED].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert lent.sum() == lent[:, B, DEMENTIA_BED].sum()


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
    assert found.waits[0, A, NURSING_BED, END_PLACED].sum() == placed
    assert found.waits[0, A, NURSING_BED].sum() == 1
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
    counts = np.bincount(bins, minlength=WAIT_EDGES.size)
    assert (waits[0, A, NURSING_BED, END_PLACED] == counts).all()
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
