from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from params.inputs import Inputs
from params.scenario.load import AssessorPlan, Horizon, Pause
from simulate.city.calendar import Calendar, make_calendar, working_days
from simulate.engine.records import DAY, WORKING_DAY

START = date(2019, 1, 1)


def worked(day: date) -> bool:
    return bool(working_days(START, 365 * 4 + 1)[(day - START).days])


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def calendar(inputs: Inputs) -> Calendar:
    return make_calendar(inputs)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2020, 1, 24), date(2020, 1, 30)),
        (date(2020, 10, 1), date(2020, 10, 8)),
        (date(2021, 2, 11), date(2021, 2, 17)),
        (date(2021, 10, 1), date(2021, 10, 7)),
    ],
    ids=["Spring Festival 2020", "National Day 2020", "Spring Festival 2021", "National Day 2021"],
)
def test_nobody_works_on_a_public_holiday(first: date, last: date) -> None:
    assert not any(worked(day) for day in span(first, last))


@pytest.mark.parametrize(
    "day",
    [
        date(2020, 1, 19),
        date(2020, 9, 27),
        date(2020, 10, 10),
        date(2021, 2, 7),
        date(2021, 2, 20),
        date(2021, 9, 26),
        date(2021, 10, 9),
    ],
    ids=str,
)
def test_a_weekend_exchanged_for_a_holiday_is_worked(day: date) -> None:
    assert day.weekday() >= 5
    assert worked(day)


def test_ordinary_weeks_have_five_days() -> None:
    week = span(date(2021, 3, 1), date(2021, 3, 7))
    assert [worked(day) for day in week] == [True] * 5 + [False] * 2


def test_months_begin_on_their_first_days(calendar: Calendar) -> None:
    months = [calendar.start + timedelta(days=int(s) // DAY) for s in calendar.month_start]
    assert months[0] == date(2021, 1, 1)
    assert all(m.day == 1 for m in months)
    assert (months[-2], months[-1]) == (date(2026, 1, 1), date(2026, 2, 1))
    assert calendar.n_reported_months == 60
    assert calendar.month_start[0] == calendar.release
    assert calendar.month_start[60] == calendar.horizon


def test_a_leap_year_has_its_day(calendar: Calendar) -> None:
    days = np.diff(calendar.month_start) // DAY
    assert list(days[:3]) == [31, 28, 31]
    assert days[37] == 29  # February 2024
    assert list(np.diff(calendar.year_start)[:6] // DAY) == [365, 366, 365, 365, 365, 366]


def test_work_adds_eight_hours_a_working_day(calendar: Calendar) -> None:
    day = np.diff(calendar.work)
    assert set(np.unique(day)) == {0.0, float(WORKING_DAY)}
    assert calendar.work.size == calendar.end // DAY + 1
    # 2021 had 250 working days: 365 less 115 weekend days and holidays after exchanges.
    first = calendar.seconds(date(2021, 1, 1)) // DAY
    assert np.count_nonzero(day[first : first + 365]) == 250


def test_no_work_is_done_in_a_pause_and_none_is_lost_outside_it(inputs: Inputs) -> None:
    pause = Pause(start=date(2022, 4, 1), end=date(2022, 5, 31))
    scenario = inputs.scenario.model_copy(update={"assessors": AssessorPlan(pauses=(pause,))})
    plain, paused = make_calendar(inputs), make_calendar(replace(inputs, scenario=scenario))
    first, after = (plain.seconds(d) // DAY for d in (date(2022, 4, 1), date(2022, 6, 1)))
    a, b = np.diff(plain.work), np.diff(paused.work)
    assert a[first:after].any()
    assert not b[first:after].any()
    a[first:after] = 0
    assert (a == b).all()


def test_a_longer_horizon_only_adds_days(inputs: Inputs) -> None:
    scenario = inputs.scenario.model_copy(update={"horizon": Horizon(last_year=2030)})
    short, long = make_calendar(inputs), make_calendar(replace(inputs, scenario=scenario))
    assert (long.month_start[: short.month_start.size] == short.month_start).all()
    assert (long.work[: short.work.size] == short.work).all()
    assert long.n_reported_months == 120
