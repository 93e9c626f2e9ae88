"""What rules of the insurance and of admission do, and what they can never do."""

import datetime as dt
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from params.axes import HOME_CARE
from params.scenario.parts.admissions import Admission
from params.scenario.parts.insurance import InsuranceChange
from params.scenario.parts.policy import ClassPlan, PriorityClass
from simulate.city.people import make_people
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting, make_traits
from simulate.engine.log import ASSESSED, PLACED, entries
from simulate.engine.records import BED, DAY, N_KIND, NEVER, SELF_CARING, UPGRADE
from simulate.engine.streams import replication_key
from tests.city import (
    GENERAL_BED,
    N_RESOURCE,
    NURSING_BED,
    SEED,
    changed,
    insured,
    small_city,
    with_growth,
    with_operating,
)

SMALL = 1 / 400
FROM = dt.date(2022, 1, 15)
FIRST = 12
"""The month, from the release on, on whose first such a rule begins."""


@cache
def city() -> Setting:
    return small_city(scale=SMALL)


@cache
def usual() -> Run:
    return run_replication(city(), SEED, 0)


def run(*changes: InsuranceChange) -> Run:
    return run_replication(insured(city(), *changes), SEED, 0)


def hours_at_every_moment(found: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments at which hours of home care change, and what is given from each on."""
    rows = found.ledger
    rows = rows[(rows["person"] >= 0) & (rows["resource"] == HOME_CARE) & (rows["start"] < NEVER)]
    moments = np.concatenate([rows["start"], rows["end"]])
    # Rows of one chain follow each other in one second: all changes of a second count together.
    times, place = np.unique(moments, return_inverse=True)
    change = np.concatenate([rows["size"], -rows["size"]]).astype(np.int64)
    given_now = np.cumsum(np.bincount(place, change, times.size))
    return times[times < NEVER], given_now[times < NEVER]


def test_from_a_higher_level_on_nobody_more_is_a_beneficiary_and_some_are_not() -> None:
    before = usual().benefits_at
    for level in (3, 4, 5):
        after = run(InsuranceChange(date=FROM, least_level=level)).benefits_at
        assert (after <= before).all()
        assert (after[: FIRST + 1] == before[: FIRST + 1]).all()
        # Results last two years; a renewal may be late.
        low, there = (b[FIRST + 30, :, : level - 2].sum() for b in (after, usual().benefits_at))
        assert low < 0.02 * there
        assert (after[:, :, level - 2 :] == before[:, :, level - 2 :]).all()
        before = after


def test_a_beneficiary_below_the_level_keeps_home_care_until_the_next_result() -> None:
    rule = insured(city(), InsuranceChange(date=FROM, least_level=4))
    found = run_replication(rule, SEED, 0, log=True)
    since = city().calendar.month_start[FIRST]
    results = {(e[2], e[0]) for e in entries(found.log) if e[1] == ASSESSED}
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] == HOME_CARE)]
    low = rows[(rows["level"] < 4) & (rows["start"] < since) & (rows["end"] >= since)]
    assert low.size > 100
    assert (low["end"] > since + 30 * DAY).mean() > 0.5
    # Nobody below the level begins on a result of after the day.
    begun = rows[(rows["request"] >= since) & (rows["level"] < 4) & (rows["follows"] == 0)]
    assert not any(
        (int(p), int(t)) in results for p, t in zip(begun["person"], begun["request"], strict=True)
    )


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["take_up", "insured_share"]))
def test_more_who_apply_are_the_same_people_and_others(one: float, other: float, key: str) -> None:
    low, high = sorted((one, other))
    fewer, more = (
        insured(city(), InsuranceChange(date=FROM, **{key: share})) for share in (low, high)
    )
    some, all_of_them = (people_of_insurance(c) for c in (fewer, more))
    assert some <= all_of_them
    assert fewer.flows.below_flow.sum() <= more.flows.below_flow.sum()


def people_of_insurance(rule: Setting) -> set[int]:
    key = replication_key(SEED, 0)
    people = make_people(rule.need, rule.flows, make_traits(rule), rule.calendar, key)
    return set(people["key"][people["kind"] == 0].tolist())


def test_take_up_counts_from_its_month_on_and_in_its_district() -> None:
    name = city().inputs.districts.names[3]
    rule = insured(city(), InsuranceChange(date=FROM, take_up=0.0, district=name))
    key = replication_key(SEED, 0)
    people = make_people(rule.need, rule.flows, make_traits(rule), rule.calendar, key)
    since = city().calendar.month_start[FIRST]
    mine = people[(people["kind"] == 0) & (people["onset"] >= since)]
    assert (mine["district"] != 3).all()
    assert mine.size > 100
    early = people[(people["kind"] == 0) & (people["onset"] < since)]
    assert (early["district"] == 3).any()


def test_hours_change_on_their_day_for_whoever_is_served_or_waits() -> None:
    rule = InsuranceChange(date=FROM, hours_5=10.0, hours_6=10.0)
    found = run(rule)
    since = city().calendar.month_start[FIRST]
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] == HOME_CARE)]
    used = city().inputs.assumed.choice.entitlement_used
    later = rows[(rows["level"] >= 5) & (np.minimum(rows["end"], rows["want_end"]) > since)]
    later = later[later["request"] < city().calendar.horizon]
    assert later.size > 100
    assert (later["size"] == round(1000 * used)).all()
    assert (rows["size"][rows["level"] < 5] < round(1000 * used)).all()
    # Who works at the release does not depend on what is given later.
    assert (found.work_base == usual().work_base).all()


@pytest.mark.parametrize("share", [0.6, 1.02, 1.1])
def test_the_ceiling_on_hours_is_never_exceeded(share: float) -> None:
    since = int(city().calendar.month_start[FIRST])
    times, hours = hours_at_every_moment(usual())
    there = int(hours[np.searchsorted(times, since) - 1])
    most = int(share * there / 100)
    rise = InsuranceChange(date=dt.date(2023, 3, 1), hours_5=10.0)
    plenty = with_growth(city(), home_care=3.0)
    rule = insured(plenty, InsuranceChange(date=FROM, most_hours_week=most), rise)
    times, hours = hours_at_every_moment(run_replication(rule, SEED, 0))
    after = hours[times >= since]
    assert after.size > 300
    # Who has hours keeps them: what lies above the ceiling on its day only falls.
    start = int(hours[np.searchsorted(times, since, side="left") - 1])
    highest = np.maximum.accumulate(after[::-1])[::-1]
    assert (after <= max(most * 100, start)).all()
    assert (np.diff(after)[after[:-1] > most * 100] <= 0).all()
    assert highest[0] >= 0.95 * min(most * 100, start)


def test_a_ceiling_makes_people_wait() -> None:
    times, hours = hours_at_every_moment(usual())
    there = int(hours[np.searchsorted(times, int(city().calendar.month_start[FIRST])) - 1])
    found = run(InsuranceChange(date=FROM, most_hours_week=there // 100))
    assert waiting_for_hours(found) > 50 + waiting_for_hours(usual())


def waiting_for_hours(found: Run) -> int:
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] == HOME_CARE)]
    end = city().calendar.horizon
    waits = (rows["request"] < end) & (np.minimum(rows["start"], rows["end"]) >= end)
    return int((waits & (rows["want_end"] > end)).sum())


def admitting(*rules: Admission, **policy: object) -> Run:
    there = changed(city(), policy={"admissions": rules, **policy})
    return run_replication(there, SEED, 0, log=True)


def placements(found: Run, resource: int) -> list[tuple[int, int]]:
    """Return when who began to live in a kind of bed from the day of the rules on."""
    since = city().calendar.month_start[FIRST]
    return [
        (e[0], e[2])
        for e in entries(found.log)
        if e[1] == PLACED
        and e[3] in (BED, UPGRADE)
        and e[0] >= since
        and e[4] // N_KIND % N_RESOURCE == resource
    ]


def test_nobody_below_the_level_enters_and_who_lives_there_stays() -> None:
    rule = Admission(resource="nursing_bed", date=FROM, least_level=4)
    found, since = admitting(rule), city().calendar.month_start[FIRST]
    known: dict[int, list[tuple[int, int]]] = {}
    for time, event, person, _, _, level, _ in entries(found.log):
        if event == ASSESSED:
            known.setdefault(person, []).append((time, level))
    entered = [
        [level for at, level in known[person] if at <= time][-1]
        for time, person in placements(found, NURSING_BED)
        if person in known
    ]
    assert len(entered) > 100
    assert min(entered) >= 4
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] == NURSING_BED)]
    stays = rows[
        (rows["level"].astype(int) < 4)
        & (rows["start"] < since)
        & (rows["end"] > since + 200 * DAY)
    ]
    assert stays.size > 10


def test_who_may_enter_no_bed_stays_at_home_and_asks_again_when_the_rule_ends() -> None:
    rule = Admission(resource="general_bed", date=FROM, until=dt.date(2023, 1, 1), least_level=2)
    found = admitting(rule)
    kind = found.people["kind"]
    low, high = (int(city().calendar.month_start[m]) for m in (FIRST, FIRST + 12))
    general = placements(found, GENERAL_BED)
    assert not any(kind[p] == SELF_CARING for time, p in general if time < high)
    came_back = [time for time, p in general if kind[p] == SELF_CARING and time >= high]
    assert len(came_back) > 10
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] == GENERAL_BED)]
    waits = rows[(rows["request"] < high) & (np.minimum(rows["start"], rows["end"]) > low)]
    assert (
        not (kind[waits["person"]][waits["start"] > low] == SELF_CARING).any()
        or (waits["start"][kind[waits["person"]] == SELF_CARING] <= low).all()
    )


def test_one_of_several_rules_of_a_kind_is_enough() -> None:
    level = Admission(resource="nursing_bed", date=FROM, least_level=5)
    alone = Admission(resource="nursing_bed", date=FROM, alone=True)
    entered = placements(admitting(level, alone), NURSING_BED)
    fewer = placements(admitting(level), NURSING_BED)
    assert len(entered) > len(fewer) > 0


def test_level_4_and_living_alone_first_shortens_their_wait_alone() -> None:
    scarce = with_operating(city(), np.round(city().capacity.operating * 0.7))
    first = PriorityClass(least_level=4, alone=True)
    rule = changed(scarce, policy={"classes": ClassPlan(beds=(first, PriorityClass()))})
    found = run_replication(rule, SEED, 0)
    since, end = (int(city().calendar.month_start[m]) for m in (FIRST, FIRST + 44))
    rows = found.ledger[(found.ledger["person"] >= 0) & (found.ledger["resource"] >= GENERAL_BED)]
    asked = rows[(rows["request"] >= since) & (rows["request"] < end) & (rows["follows"] == 0)]
    in_time = asked["start"].astype(np.int64) - asked["request"] <= 30 * DAY
    urgent = asked["rank"] == 0
    assert urgent.sum() > 20
    assert in_time[urgent].mean() > 1.5 * in_time[~urgent].mean()
