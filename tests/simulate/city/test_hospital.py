"""Residents of institutions go to hospital: what holding or giving up their beds changes, and what not."""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from simulate.city.institutions import FIRST_YEAR
from simulate.city.observe import observe
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.engine.log import ADMITTED, DISCHARGED, ENDED, GONE, PLACED, REQUESTED, Entry, entries
from simulate.engine.records import (
    BED,
    DAY,
    DIED,
    LEFT,
    NEVER,
    RECOVERED,
    TO_HOSPITAL,
    UPGRADE,
    YEAR,
)
from simulate.outcome import FACTS
from tests.city import GENERAL_BED, SEED, changed

OFTEN = {"hospital_admissions": 6.0, "hospital_stay_days": 14.0}
RARE_ALARM = 4.57
"""Standard deviations of a normal that are passed once in 200,000 times, either way."""
BED_LOST = (DIED, RECOVERED, LEFT, TO_HOSPITAL)


def told(city: Setting, values: dict[str, float], **policy: object) -> Run:
    return run_replication(changed(city, values, policy), SEED, 0, log=True)


def stays(log: list[Entry]) -> Iterator[tuple[int, int, bool]]:
    """Yield (begin, end, whether the bed is held) of every stretch that somebody spends in hospital.

    A stretch ends where the stay does, where the bed is lost, or with the log.
    """
    since: dict[int, int] = {}
    bedded: set[int] = set()
    last = log[-1][0]
    for time, event, person, lane, _, mark, _ in log:
        loses_bed = event == ENDED and lane == BED and mark in BED_LOST and person in bedded
        ends_stay = event in (DISCHARGED, GONE)
        if person in since and (loses_bed or ends_stay):
            yield since.pop(person), time, person in bedded
            if loses_bed:
                since[person] = time
        if event == ADMITTED:
            since[person] = time
        elif event == PLACED and lane in (BED, UPGRADE):
            bedded.add(person)
        elif loses_bed or event == GONE:
            bedded.discard(person)
    yield from ((begin, last, person in bedded) for person, begin in since.items())


@pytest.fixture(scope="module")
def never(city: Setting) -> Run:
    return told(city, {"hospital_admissions": 0.0})


@pytest.fixture(scope="module")
def released(city: Setting) -> Run:
    return told(city, OFTEN, hospital_bed="released")


def test_a_bed_held_through_every_stay_changes_nothing_but_the_log(city: Setting) -> None:
    # Nobody leaves institutions by other causes: care at home would begin on coming out of hospital.
    staying = changed(city, {"other_exit": 0.0})
    never = told(staying, {"hospital_admissions": 0.0})
    always_held = told(staying, OFTEN, hospital_hold_days=3650)
    log = always_held.log
    on_the_way = np.isin(log["event"], (ADMITTED, DISCHARGED))
    assert on_the_way.sum() > 10_000
    assert always_held.ledger.tobytes() == never.ledger.tobytes()
    assert (log[~on_the_way] == never.log).all()


def test_a_bed_held_for_no_days_is_a_bed_released(city: Setting, released: Run) -> None:
    held = told(city, OFTEN, hospital_bed="held", hospital_hold_days=0)
    assert (held.log == released.log).all()
    assert held.ledger.tobytes() == released.ledger.tobytes()


def test_where_nobody_goes_to_hospital_no_rule_about_it_matters(city: Setting, never: Run) -> None:
    other = {"hospital_admissions": 0.0, "hospital_stay_days": 99.0}
    assert (told(city, other, hospital_bed="released").log == never.log).all()
    assert not np.isin(never.log["event"], (ADMITTED, DISCHARGED)).any()


def test_a_released_bed_is_free_from_the_second_of_the_admission(released: Run) -> None:
    log = released.log
    lost = (log["event"] == ENDED) & (log["lane"] == BED) & (log["mark"] == TO_HOSPITAL)
    admitted = log["event"] == ADMITTED
    assert lost.sum() > 5_000
    for field in ("person", "time"):
        assert (log[field][lost] == log[field][admitted]).all()


def test_a_bed_is_given_up_on_the_day_on_which_its_hold_ends(city: Setting) -> None:
    log = entries(told(city, OFTEN, hospital_hold_days=7).log)
    admitted: dict[int, int] = {}
    holds = []
    for time, event, person, lane, _, mark, _ in log:
        if event == ADMITTED:
            admitted[person] = time
        elif event == ENDED and lane == BED and mark == TO_HOSPITAL:
            holds.append(time - admitted[person])
    assert len(holds) > 3_000
    assert set(holds) == {7 * DAY}
    kept = [end - begin for begin, end, held in stays(log) if held]
    assert max(kept) == 7 * DAY


def test_a_freed_bed_goes_to_others_and_its_want_ends(never: Run, released: Run) -> None:
    rows = released.ledger[released.ledger["person"] >= 0]
    lost = rows[rows["outcome"] == TO_HOSPITAL]
    assert (lost["resource"] >= GENERAL_BED).all()
    assert (lost["want_end"] <= lost["end"]).all()
    assert (lost["end"] < NEVER).all()
    placed = [(run.log["event"] == PLACED) & (run.log["lane"] == BED) for run in (never, released)]
    assert placed[1].sum() > 2 * placed[0].sum()


def test_whoever_comes_out_without_a_bed_asks_at_once_and_goes_first(city: Setting) -> None:
    # Without urgent levels nobody else is in the first class.
    run = told(city, OFTEN, hospital_bed="released", urgent_level=7, alone_first=False)
    back: dict[int, int] = {}
    asked_at_once, first = 0, set()
    for time, event, person, lane, _, mark, amount in entries(run.log):
        if event == DISCHARGED and amount == 0:
            back[person] = time
        elif event == REQUESTED and lane in (BED, UPGRADE):
            first.add(mark == 0)
            if back.get(person) == time:
                asked_at_once += 1
                assert mark == 0
            elif person not in back:
                assert mark == 2
    assert asked_at_once > 5_000
    assert first == {True, False}


@pytest.mark.statistical
def test_days_in_hospital_are_the_rate_times_the_mean_stay(city: Setting) -> None:
    # Nobody dies, recovers or leaves, so every stay is seen to its end. Stays come at a rate r while a
    # resident is not in hospital; with cv 1 the days of n stays have variance 2 n mean^2.
    hazards = city.need.hazards
    lasting = replace(hazards, death=0 * hazards.death, recover=0 * hazards.recover)
    undying = replace(city, need=replace(city.need, hazards=lasting))
    values = {"self_caring_death": 1e-9, "self_caring_onset": 1e-9, "other_exit": 0.0, **OFTEN}
    run = told(undying, values, hospital_hold_days=3650)
    low, high = run.release, city.calendar.horizon - 365 * DAY
    all_stays = np.array([(b, e) for b, e, _ in stays(entries(run.log))])
    inside = (all_stays[:, 0] >= low) & (all_stays[:, 0] < high)
    days = (all_stays[inside, 1] - all_stays[inside, 0]).sum() / DAY
    in_hospital = np.clip(all_stays, low, high)
    rows = run.ledger[run.ledger["person"] >= 0]
    rows = rows[(rows["resource"] >= GENERAL_BED) & (rows["start"] < NEVER)]
    resident = np.clip(rows["end"], low, high) - np.clip(rows["start"], low, high)
    years = (resident.sum() - (in_hospital[:, 1] - in_hospital[:, 0]).sum()) / YEAR
    n = values["hospital_admissions"] * years
    bound = RARE_ALARM * values["hospital_stay_days"] * sqrt(2 * n)
    expected = n * values["hospital_stay_days"]
    assert abs(days - expected) < bound
    assert bound < 0.1 * expected


@pytest.mark.parametrize("days", [0, 7, 30])
def test_beds_held_empty_are_those_of_the_log(city: Setting, days: int) -> None:
    often = changed(city, OFTEN, {"hospital_hold_days": days})
    run = run_replication(often, SEED, 0, log=True)
    low, high = run.release, city.calendar.month_start[FIRST_YEAR]
    held = [(min(e, high), max(b, low)) for b, e, kept in stays(entries(run.log)) if kept]
    mean = sum(max(e - b, 0) for e, b in held) / (high - low)
    found = observe(often, run).facts[FACTS.index("beds_held_in_hospital")]
    assert found == pytest.approx(mean, rel=1e-9)
    assert (mean > 10) == (days > 0)
