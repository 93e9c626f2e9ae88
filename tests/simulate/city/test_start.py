"""The step that makes residents and waiting lists of one day those that a scenario gives."""

import datetime as dt
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from params.axes import HOME_CARE
from params.errors import ParamError
from params.scenario.parts.paths import PathRow
from params.scenario.parts.start import StartPlan
from simulate.city.given import (
    NOT_GIVEN,
    RESIDENTS,
    WAITING_LISTS,
    Given,
    given_of,
    require_beds,
)
from simulate.city.observe import observe
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.city.shared import forecast_key
from simulate.city.warm_up import scaled
from simulate.engine.records import BED, LEFT, UPGRADE
from simulate.outcome import MONTHLY_MEASURES
from tests.city import (
    DAY_CARE,
    DEMENTIA_BED,
    FAMILY_BED,
    GENERAL_BED,
    NURSING_BED,
    SEED,
    small_city,
    whole_city,
)

MONTH = 24
FIRST_BED = GENERAL_BED
KINDS = (GENERAL_BED, NURSING_BED, DEMENTIA_BED)
Cell = tuple[int, int, int]


def begun(city: Setting, given: dict[Cell, int]) -> Setting:
    """The city with some lists given for the last second before a month: (which, district, resource)."""
    count = np.full(city.start.count.shape, NOT_GIVEN, np.int64)
    for cell, number in given.items():
        count[cell] = number
    return replace(city, start=Given(MONTH, count))


@cache
def plain() -> Run:
    """With a step at which nothing is given: what is there before."""
    return run_replication(begun(small_city(), {}), SEED, 0)


def found() -> np.ndarray:
    return plain().start_counts[0]


def told_by_ledger(run: Run, city: Setting) -> np.ndarray:
    """Count residents and people in line at the end of the day from the ledger alone."""
    rows = run.ledger[run.ledger["person"] >= 0]
    end = int(city.calendar.month_start[MONTH])
    counts = np.zeros(city.start.count.shape, np.int64)
    is_bed = rows["resource"] >= FIRST_BED
    lives = is_bed & (rows["start"] < end) & (rows["end"] >= end) & (rows["dest"] >= 0)
    np.add.at(counts[RESIDENTS], (rows["dest"][lives], rows["resource"][lives]), 1)
    waits = (rows["request"] < end) & (np.minimum(rows["start"], rows["end"]) >= end)
    homeless = waits & is_bed & ~np.isin(rows["person"], rows["person"][lives])
    # Of two beds the better one is meant.
    better = rows["person"][homeless & (rows["lane"] == UPGRADE)]
    homeless &= (rows["lane"] == UPGRADE) | ~np.isin(rows["person"], better)
    for kept in (homeless, waits & ~is_bed & (rows["resource"] >= HOME_CARE)):
        lines = counts[WAITING_LISTS]
        np.add.at(lines, (rows["origin"][kept], rows["resource"][kept]), 1)
    return counts


def test_a_step_at_which_nothing_is_given_changes_nothing() -> None:
    without = run_replication(small_city(), SEED, 0)
    assert without.ledger.tobytes() == plain().ledger.tobytes()
    assert (plain().start_counts[0] == plain().start_counts[1]).all()
    assert (without.start_counts == 0).all()


def test_what_is_counted_before_the_step_is_what_the_ledger_tells() -> None:
    assert (told_by_ledger(plain(), small_city()) == found()).all()
    assert found()[RESIDENTS].sum() > 100
    assert found()[WAITING_LISTS, :, FIRST_BED:].sum() > 10


def many(rng: np.random.Generator) -> dict[Cell, int]:
    """Residents and lines of half of the districts, a few more or fewer than there are."""
    given = {}
    for d in range(0, 16, 2):
        for k in KINDS:
            for which in (RESIDENTS, WAITING_LISTS):
                there = int(found()[which, d, k])
                given[which, d, k] = max(there + int(rng.integers(-4, 4)), 0)
        given[WAITING_LISTS, d, DAY_CARE] = int(found()[WAITING_LISTS, d, DAY_CARE]) // 2
    return given


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_met_exactly_where_there_are_beds_and_people(seed: int) -> None:
    given = many(np.random.default_rng(seed))
    city = begun(small_city(), given)
    run = run_replication(city, SEED, 0)
    ledger = told_by_ledger(run, city)
    assert (ledger == run.start_counts[1]).all()
    beds = city.capacity.pool_plan()[MONTH - 1].reshape(ledger.shape[1], ledger.shape[2], 2)
    for (which, d, k), number in given.items():
        room = max(int(beds[d, k].sum()), int(found()[which, d, k]))
        # Few live with dementia, hold a level and ask for nothing else.
        if k != DEMENTIA_BED:
            assert ledger[which, d, k] == (min(number, room) if which == RESIDENTS else number)
        assert ledger[which, d, k] <= max(number, int(found()[which, d, k]))
    # What is not given stays, but for those in line who came in elsewhere.
    others = list(range(1, 16, 2))
    assert (ledger[RESIDENTS, others] == found()[RESIDENTS, others]).all()
    lines, before = (counts[WAITING_LISTS][others][:, FIRST_BED:] for counts in (ledger, found()))
    assert (lines <= before).all()


def test_beds_bind_where_more_residents_are_given_than_there_are_beds() -> None:
    d = int(np.argmax(found()[RESIDENTS, :, NURSING_BED]))
    city = begun(small_city(), {(RESIDENTS, d, NURSING_BED): 10_000})
    run = run_replication(city, SEED, 0)
    beds = city.capacity.pool_plan()[MONTH - 1].reshape(16, -1, 2)[d, NURSING_BED].sum()
    assert run.start_counts[1, RESIDENTS, d, NURSING_BED] == beds


def test_who_leaves_lives_on_and_never_comes_back() -> None:
    d = int(np.argmax(found()[RESIDENTS, :, NURSING_BED]))
    city = begun(small_city(), {(RESIDENTS, d, NURSING_BED): 0})
    run = run_replication(city, SEED, 0)
    rows = run.ledger[run.ledger["person"] >= 0]
    last = int(city.calendar.month_start[MONTH]) - 1
    here = (rows["dest"] == d) & (rows["resource"] == NURSING_BED)
    gone = rows[here & (rows["end"] == last) & (rows["outcome"] == LEFT)]
    assert gone.size == found()[RESIDENTS, d, NURSING_BED] > 0
    beds = np.isin(rows["lane"], (BED, UPGRADE)) & (rows["request"] > last)
    assert not np.isin(rows["person"][beds], gone["person"]).any()
    # The insured have or await care at home again.
    asked = rows[(rows["request"] == last) & (rows["resource"] == HOME_CARE)]
    assert np.isin(gone["person"], asked["person"]).mean() > 0.5


def test_requests_placements_and_departures_of_the_step_are_none_of_the_years_after() -> None:
    d = int(np.argmax(found()[RESIDENTS, :, NURSING_BED]))
    given = {(RESIDENTS, d, NURSING_BED): 0, (WAITING_LISTS, d, NURSING_BED): 30}
    with_step = run_replication(begun(small_city(), given), SEED, 0)
    rows = with_step.ledger[with_step.ledger["person"] >= 0]
    end = int(small_city().calendar.month_start[MONTH])
    before = plain().ledger[plain().ledger["person"] >= 0]
    step = (rows["request"] == end - 1).sum() - (before["request"] == end - 1).sum()
    assert step > 0
    assert (rows["request"] == end).sum() <= (before["request"] == end).sum()


@pytest.mark.parametrize("seed", range(3))
def test_more_people_in_line_leave_no_fewer_waiting_in_that_january(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d, k = int(rng.integers(16)), int(rng.choice([GENERAL_BED, NURSING_BED]))
    waiting = []
    for more in (0, 3, 9, 27):
        given = {(WAITING_LISTS, d, k): int(found()[WAITING_LISTS, d, k]) + more}
        city = begun(small_city(), given)
        outcome = observe(city, run_replication(city, SEED, 0), services=False)
        measure = MONTHLY_MEASURES.index("waiting")
        row = city.inputs.resources.reported.index("bed_total")
        waiting.append(outcome.monthly[MONTH, :, row, measure].sum())
    # Those who come first are the same whoever stands behind them; a patience less is half a person-month.
    assert all(after >= before - 0.5 for before, after in pairwise(waiting))
    assert waiting[-1] > waiting[0]


def test_services_at_home_are_asked_for_by_who_is_nearest_to_it() -> None:
    given = {(WAITING_LISTS, d, FAMILY_BED): 6 for d in range(16)}
    run = run_replication(begun(small_city(), given), SEED, 0)
    after = run.start_counts[1, WAITING_LISTS, :, FAMILY_BED]
    assert (after <= np.maximum(6, found()[WAITING_LISTS, :, FAMILY_BED])).all()
    assert (after == 6).sum() > 8


# --- what a scenario says --------------------------------------------------------------------------


def planned(plan: dict[str, object], *paths: dict[str, object]) -> Setting:
    city = whole_city("baseline")
    update = {
        "start": StartPlan.model_validate(plan),
        "paths": tuple(PathRow.model_validate(row) for row in paths),
    }
    scenario = city.inputs.scenario.model_copy(update=update)
    return replace(city, inputs=replace(city.inputs, scenario=scenario))


DAY = {"date": dt.date(2022, 12, 31)}


def test_counts_stand_where_the_scenario_says_and_shrink_with_a_small_city() -> None:
    rows = [{"district": "普陀区", "resource": "护理型床位", "count": 4200}]
    given = given_of(planned({**DAY, "residents": rows, "waiting": rows}).inputs)
    assert given.month == MONTH
    d = whole_city("baseline").inputs.districts.names.index("普陀区")
    assert (given.count >= 0).sum() == 2
    assert given.count[:, d, NURSING_BED].tolist() == [4200, 4200]
    small = scaled(replace(whole_city("baseline"), start=given), 1 / 200).start
    assert small.count[:, d, NURSING_BED].tolist() == [21, 21]
    assert (small.count == NOT_GIVEN).sum() == given.count.size - 2


def test_more_residents_than_beds_are_refused_only_where_beds_are_laid_down() -> None:
    rows = [{"district": "普陀区", "resource": "nursing_bed", "count": 60_000}]
    path = {"year": 2022, "district": "普陀区", "resource": "bed_total", "value": 9000}
    for paths in ((), ({**path, "district": "黄浦区"},)):
        city = planned({**DAY, "residents": rows}, *paths)
        require_beds(city.inputs, given_of(city.inputs), city.capacity)
    city = planned({**DAY, "residents": rows}, path)
    with pytest.raises(ParamError, match=r"start\.residents\[0\]\.count") as caught:
        require_beds(city.inputs, given_of(city.inputs), city.capacity)
    assert "60000" in str(caught.value)
    drawn = replace(city.inputs, draw_of=(1, 1))
    require_beds(drawn, given_of(drawn), city.capacity)


def test_lives_are_the_same_whatever_is_given() -> None:
    rows = [{"district": "普陀区", "resource": "nursing_bed", "count": 10}]
    city = planned({**DAY, "waiting": rows})
    assert forecast_key(city.inputs) == forecast_key(whole_city("baseline").inputs)
