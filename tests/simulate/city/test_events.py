"""What events do to care: closed doors, absent workers and assessors, more deaths."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from params.axes import ASSESSMENT, HOME_CARE
from params.scenario.load import Pause
from params.scenario.parts.events import Event
from params.scenario.parts.workers import Overtime
from simulate.city.calendar import make_calendar
from simulate.city.monthly import monthly_measures
from simulate.city.observe import city_frame
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, INSTITUTIONS
from simulate.engine.log import GONE, VISITED, entries
from simulate.engine.records import DAY, DIED, LEFT, NEVER, RECOVERED
from simulate.measure.measures import measure
from simulate.outcome import MONTHLY_MEASURES
from tests.city import (
    DAY_CARE,
    GENERAL_BED,
    REPORTED_RESOURCES,
    SEED,
    changed,
    event,
    small_city,
    with_events,
)

SCALE = 1 / 100
AT = {name: k for k, name in enumerate(MONTHLY_MEASURES)}
MARCH = 14
"""March 2022 among the months from the release on."""


@cache
def run_of(*events: Event, overtime: tuple[Overtime, ...] = ()) -> Run:
    return run_replication(city_of(*events, overtime=overtime), SEED, 0)


def city_of(*events: Event, overtime: tuple[Overtime, ...] = ()) -> Setting:
    return with_events(small_city(scale=SCALE), *events, overtime=overtime)


def monthly(*events: Event, overtime: tuple[Overtime, ...] = ()) -> np.ndarray:
    """Return the city's measures, shape (month, reported, measure)."""
    return by_district(*events, overtime=overtime).sum(axis=1)


def by_district(*events: Event, overtime: tuple[Overtime, ...] = ()) -> np.ndarray:
    city, run = city_of(*events, overtime=overtime), run_of(*events, overtime=overtime)
    months = city.calendar.n_reported_months
    return monthly_measures(city, run, measure(run.ledger, city_frame(city)), months)


def placed_between(run: Run, low: int, high: int, resource: int) -> np.ndarray:
    """Return the districts in which people were placed anew between two moments."""
    rows = run.ledger
    is_new = (rows["person"] >= 0) & (rows["follows"] == 0) & (rows["start"] < NEVER)
    inside = (rows["start"] >= low) & (rows["start"] < high)
    wanted = (
        rows["resource"] >= resource if resource == GENERAL_BED else rows["resource"] == resource
    )
    return rows["dest"][is_new & inside & wanted]


def closed(last: str, **words: object) -> Event:
    return event("admissions_closed", "2022-03-01", last, **words)


# --- closed doors ------------------------------------------------------------------------------------


def test_while_admissions_are_closed_nobody_moves_in_and_nobody_is_moved_out() -> None:
    city, run = city_of(closed("2022-04-30")), run_of(closed("2022-04-30"))
    low, high = (city.calendar.seconds(date(2022, m, 1)) for m in (3, 5))
    assert placed_between(run, low, high, GENERAL_BED).size == 0
    assert placed_between(run, high, high + 5 * DAY, GENERAL_BED).size > 0
    assert placed_between(run_of(), low, high, GENERAL_BED).size > 30
    assert placed_between(run, low, high, HOME_CARE).size > 0
    total = REPORTED_RESOURCES.index("bed_total")
    month = monthly(closed("2022-04-30"))[:, total]
    # Residents go by death and other exits only: a few percent a month.
    assert 0.9 < month[MARCH + 1, AT["occupied"]] / month[MARCH - 1, AT["occupied"]] < 1.0
    usable, occupied = month[MARCH, AT["usable"]], month[MARCH, AT["occupied"]]
    assert usable == pytest.approx(occupied)


def test_what_closes_is_the_area_and_the_kind_of_bed_that_is_named() -> None:
    shut = closed("2022-05-31", area="中心城区", resource="nursing_bed")
    city, run = city_of(shut), run_of(shut)
    low, high = city.calendar.seconds(date(2022, 3, 1)), city.calendar.seconds(date(2022, 6, 1))
    centre = np.flatnonzero(np.asarray(city.inputs.districts.zone) == 0)
    nursing = city.inputs.resources.index("nursing_bed")
    assert not np.isin(placed_between(run, low, high, nursing), centre).any()
    assert placed_between(run, low, high, nursing).size > 0
    assert np.isin(placed_between(run, low, high, GENERAL_BED), centre).any()


def test_the_longer_admissions_are_closed_the_more_wait() -> None:
    total = REPORTED_RESOURCES.index("bed_total")
    ends = ("2022-03-15", "2022-04-30", "2022-07-31")
    waits = [monthly()[:, total, AT["unmet"]].sum()]
    waits += [monthly(closed(end))[:, total, AT["unmet"]].sum() for end in ends]
    assert waits == sorted(waits)
    late = slice(MARCH + 1, MARCH + 2)
    waiting = [
        monthly(*e)[late, total, AT["waiting"]].mean() for e in ((), (closed("2022-04-30"),))
    ]
    assert waiting[1] > 1.5 * waiting[0]


def test_clients_of_a_closed_service_keep_their_place_and_get_nothing() -> None:
    shut = event("service_closed", "2022-03-11", "2022-04-20", resource="day_care")
    city, run = city_of(shut), run_of(shut)
    low, high = (city.calendar.seconds(date(2022, m, d)) for m, d in ((3, 11), (4, 21)))
    assert placed_between(run, low, high, DAY_CARE).size == 0
    usual, month = monthly()[:, DAY_CARE], monthly(shut)[:, DAY_CARE]
    taken = month[MARCH, AT["occupied"]]
    assert taken > 0.9 * usual[MARCH, AT["occupied"]]
    assert month[MARCH, AT["usable"]] == pytest.approx(usual[MARCH, AT["usable"]] * 10 / 31)
    waited = month[MARCH, AT["waiting"]] * 31
    assert month[MARCH, AT["unmet"]] == pytest.approx(waited + taken * 21)
    # New clients only stop where the doors are closed and the service goes on.
    half = monthly(event("admissions_closed", "2022-03-11", "2022-04-20", resource="day_care"))
    waited = half[MARCH, DAY_CARE, AT["waiting"]] * 31
    assert half[MARCH, DAY_CARE, AT["unmet"]] == pytest.approx(waited)


def test_hours_of_home_care_that_is_closed_are_unmet() -> None:
    shut = event("service_closed", "2022-03-01", "2022-03-31", resource="home_care")
    month = monthly(shut)
    wanted = month[MARCH, HOME_CARE, AT["demand"]]
    assert month[MARCH, HOME_CARE, AT["usable"]] == month[MARCH, HOME_CARE, AT["occupied"]] == 0
    assert month[MARCH, HOME_CARE, AT["unmet"]] == pytest.approx(wanted * 31 / 7, rel=1e-3)
    assert monthly()[MARCH, HOME_CARE, AT["unmet"]] < 0.5 * wanted * 31 / 7


# --- assessors -----------------------------------------------------------------------------------------


def months_off(share: float, area: str = "全市") -> Event:
    return event("assessors", "2022-03-01", "2022-05-31", share=share, area=area)


def test_no_assessor_in_the_city_is_a_pause() -> None:
    city = small_city(scale=SCALE)
    pause = Pause(start=date(2022, 3, 1), end=date(2022, 5, 31))
    paused = changed(city, assessors={"pauses": (pause,)})
    paused = replace(paused, calendar=make_calendar(paused.inputs))
    expected = run_replication(paused, SEED, 0)
    each = [months_off(0.0, name) for name in city.inputs.districts.names]
    for run in (run_of(months_off(0.0)), run_of(*each)):
        assert run.ledger.tobytes() == expected.ledger.tobytes()
        assert run.rate_at.tobytes() == expected.rate_at.tobytes()


def test_where_assessors_pause_nobody_is_visited_and_elsewhere_they_are() -> None:
    city = city_of(months_off(0.0, "中心城区"))
    run = run_replication(city, SEED, 0, log=True)
    low, high = (city.calendar.seconds(date(2022, m, 1)) for m in (3, 6))
    centre = np.asarray(city.inputs.districts.zone) == 0
    day = (low // DAY, high // DAY)
    work = city.calendar.office_work[city.calendar.office_row]
    assert (work[centre, day[1]] == work[centre, day[0]]).all()
    assert (work[~centre, day[1]] > work[~centre, day[0]]).all()
    per_district = len(city.inputs.resources) * 2
    visits = np.array(
        [e[4] // per_district for e in entries(run.log) if e[1] == VISITED and low <= e[0] < high]
    )
    # Teams that wait for the doors to open have a case each at hand, no more.
    most = run.rate_at.max(axis=0) / 4 + 1.5
    assert (np.bincount(visits[centre[visits]], minlength=centre.size) <= most).all()
    assert (~centre[visits]).sum() > 100


def test_half_the_assessors_do_half_the_cases_and_more_people_wait() -> None:
    waits = [
        monthly(*events)[MARCH : MARCH + 3, ASSESSMENT, AT["waiting"]].mean()
        for events in ((), (months_off(0.5),), (months_off(0.0),))
    ]
    assert 1.2 * waits[0] < waits[1] < waits[2]
    usual, half = (monthly(*e)[MARCH, ASSESSMENT, AT["usable"]] for e in ((), (months_off(0.5),)))
    assert half == pytest.approx(usual / 2)


# --- workers ---------------------------------------------------------------------------------------------


def test_absent_workers_leave_care_undone_and_come_back() -> None:
    absent = event("workers_absent", "2022-03-01", "2022-03-31", share=0.7)
    month, usual, run = monthly(absent), monthly(), run_of(absent)
    for market, name in enumerate(("care_worker_institution", "care_worker_home")):
        k = REPORTED_RESOURCES.index(name)
        assert month[MARCH, k, AT["usable"]] == pytest.approx(0.7 * usual[MARCH, k, AT["usable"]])
        assert (
            month[MARCH, k, AT["unmet"]]
            > usual[MARCH, k, AT["unmet"]] + 0.2 * (usual[MARCH, k, AT["occupied"]])
        )
        # Nobody has left for good: the same are there.
        assert (run.work_at[: MARCH + 1, market] == run_of().work_at[: MARCH + 1, market]).all()
        after = run.work_at[MARCH + 3, market].sum() / run_of().work_at[MARCH + 3, market].sum()
        assert after == pytest.approx(1.0, abs=0.02)
    beds = REPORTED_RESOURCES.index("bed_total")
    assert month[MARCH, beds, AT["placed"]] < 0.2 * usual[MARCH, beds, AT["placed"]]


def test_only_those_named_are_absent() -> None:
    absent = event(
        "workers_absent", "2022-03-01", "2022-03-31", share=0.5, workers="care_worker_home"
    )
    k, other = (REPORTED_RESOURCES.index(f"care_worker_{w}") for w in ("home", "institution"))
    month, usual = monthly(absent)[MARCH], monthly()[MARCH]
    assert month[k, AT["usable"]] == pytest.approx(0.5 * usual[k, AT["usable"]])
    assert month[other, AT["usable"]] == pytest.approx(usual[other, AT["usable"]])


def test_absence_of_some_days_counts_by_its_days_and_overtime_makes_up_for_it() -> None:
    absent = event("workers_absent", "2022-03-01", "2022-03-10", share=0.5)
    extra = Overtime(share=1.0, start=date(2022, 3, 1), end=date(2022, 3, 10))
    k = REPORTED_RESOURCES.index("care_worker_institution")
    usual = monthly()[MARCH, k, AT["usable"]]
    assert monthly(absent)[MARCH, k, AT["usable"]] == pytest.approx(usual * (1 - 0.5 * 10 / 31))
    both = run_of(absent, overtime=(extra,))
    assert (both.ledger == run_of().ledger).all()
    longer = Overtime(share=0.1, start=date(2022, 3, 1), end=date(2022, 8, 31))
    more = monthly(overtime=(longer,))
    assert more[MARCH, k, AT["usable"]] == pytest.approx(1.1 * usual)
    assert more[MARCH, k, AT["unmet"]] <= monthly()[MARCH, k, AT["unmet"]]
    waiting = AT["waiting"]
    assert more[MARCH, HOME_CARE, waiting] <= monthly()[MARCH, HOME_CARE, waiting]


# --- deaths ----------------------------------------------------------------------------------------------


def ends_of(run: Run) -> dict[int, tuple[int, int]]:
    """Return when and how people are gone."""
    return {e[2]: (e[0], e[5]) for e in entries(run.log) if e[1] == GONE}


def test_more_deaths_bring_deaths_forward_and_never_put_one_off() -> None:
    deadly = event("deaths", "2022-03-01", "2022-04-30", factor=2.0)
    city = city_of(deadly)
    before, after = (
        ends_of(run_replication(c, SEED, 0, log=True)) for c in (small_city(scale=SCALE), city)
    )
    low, high = (city.calendar.seconds(date(2022, m, 1)) for m in (3, 5))
    # Who leaves, or is found to be without need, does so when care says it.
    by_life = {person: end for person, end in before.items() if end[1] in (DIED, RECOVERED)}
    assert by_life.keys() <= after.keys()
    for person, (time, how) in by_life.items():
        now, then = after[person]
        assert now <= time
        assert time >= low or (now, then) == (time, how)
        assert how != DIED or then in (DIED, LEFT)
    died = [
        sum(how == DIED and low <= time < high for time, how in ends.values())
        for ends in (before, after)
    ]
    # Twice the hazard, of a few percent fewer people by the end: by 4 standard errors of either count.
    assert abs(died[1] / died[0] - 1.97) < 4 * np.sqrt(2 * 1.97 / died[0])


def test_lives_before_the_event_and_everything_of_a_city_without_one_are_the_same() -> None:
    late = event("deaths", "2025-12-01", "2025-12-31", factor=5.0)
    run, city = run_of(late), city_of(late)
    low = city.calendar.seconds(date(2025, 12, 1))
    assert run.work_at[:59].tobytes() == run_of().work_at[:59].tobytes()
    for name in ("request", "person"):
        ours, usual = (
            np.sort(r.ledger[name][(r.ledger["person"] >= 0) & (r.ledger["request"] < low)])
            for r in (run, run_of())
        )
        assert (ours == usual).all()


def test_the_release_may_fall_into_an_event() -> None:
    first = event("workers_absent", "2021-01-01", "2021-01-15", share=0.5)
    shut = event("admissions_closed", "2021-01-01", "2021-01-31")
    run = run_of(first, shut)
    for market in (INSTITUTIONS, AT_HOME):
        assert (run.work_base[market] == run_of().work_base[market]).all()
    assert monthly(first, shut)[0, REPORTED_RESOURCES.index("bed_total"), AT["placed"]] == 0
