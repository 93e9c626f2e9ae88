"""Beds open and close on their day, where a scenario says; what cannot be is refused."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.base.build import base_of
from params.axes import IntArray
from params.errors import ParamError
from params.scenario.load import BedChange
from params.scenario.parts.workers import WorkerChange
from params.tables.districts import area_of
from simulate.city.bed_changes import Changed, with_changes
from simulate.city.beds import OLD_AGE
from simulate.city.capacity import BedDays
from simulate.city.replication import run_replication
from simulate.city.setting import Setting, setting_of
from simulate.engine.records import DAY
from tests.city import BEDS, GENERAL_BED, N_RESOURCE, SEED, small_city, whole_city

GENERAL, NURSING, DEMENTIA = (
    BEDS.index(f"{kind}_bed") for kind in ("general", "nursing", "dementia")
)
JULY_2023, JULY_11 = 30, dt.date(2023, 7, 11)
FILL = 24


def change(district: str, beds: int, date: dt.date = JULY_11, **more: str) -> BedChange:
    row = {"district": district, "resource": "nursing_bed", "beds": beds, "date": date} | more
    return BedChange.model_validate(row)


def with_plan(*changes: BedChange, **beds: object) -> Setting:
    """The baseline with dated changes and other plans of beds."""
    return planned(beds={"changes": changes} | beds)


def planned(**tables: dict[str, object]) -> Setting:
    inputs = whole_city("baseline").inputs
    scenario = inputs.scenario
    parts = {name: getattr(scenario, name).model_copy(update=t) for name, t in tables.items()}
    changed = replace(inputs, scenario=scenario.model_copy(update=parts))
    return setting_of(changed, base_of(inputs))


def number(district: str) -> int:
    return whole_city("baseline").inputs.districts.names.index(district)


def refusals(**tables: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(ParamError) as refused:
        planned(**tables)
    return tuple(str(problem) for problem in refused.value.problems)


def test_a_change_holds_from_the_start_of_its_day_on() -> None:
    plain, changed = whole_city("baseline"), with_plan(change("黄浦区", -300))
    days, before = changed.capacity.days, plain.capacity.operating
    assert days.at.tolist() == [changed.calendar.seconds(JULY_11)]
    gone = before - changed.capacity.operating
    assert (gone[: JULY_2023 + 1] == 0).all()
    # A share of .95 is in operation; a closure takes beds of its own kind, all at once and for good.
    for fewer in (before[JULY_2023] - days.operating[0], *gone[JULY_2023 + 1 :]):
        assert abs(fewer[number("黄浦区"), NURSING] - 0.95 * 300) <= 1
        assert np.delete(fewer.ravel(), number("黄浦区") * 3 + NURSING).any() == 0


def test_a_change_on_the_first_of_a_month_needs_no_day_inside_it() -> None:
    changed = with_plan(change("黄浦区", -300, dt.date(2023, 7, 1)))
    assert changed.capacity.days.at.size == 0
    plain = whole_city("baseline").capacity.operating
    assert (changed.capacity.operating[JULY_2023] < plain[JULY_2023]).any()


def test_an_opening_fills_by_one_part_on_its_day_and_one_with_each_month() -> None:
    opened = with_plan(change("黄浦区", 2400)).capacity
    plain = whole_city("baseline").capacity.operating
    more = (opened.operating - plain)[:, 0, NURSING]
    part = 0.95 * 2400 / FILL
    day = (opened.days.operating[0] - plain[JULY_2023])[0, NURSING]
    assert abs(day - part) <= 1
    for months in (1, 5, FILL - 1):
        assert abs(more[JULY_2023 + months] - (months + 1) * part) <= 1
    assert abs(more[-1] - FILL * part) <= 1


@pytest.mark.parametrize("kind", BEDS)
def test_a_closure_takes_the_share_that_operates_though_its_kind_shrinks(kind: str) -> None:
    row = change("长宁区", -200, dt.date(2022, 3, 1), resource=kind)
    gone = whole_city("baseline").capacity.operating - with_plan(row).capacity.operating
    # The plan turns general beds into nursing-type ones, which work as general ones for a while.
    assert abs(gone[14, number("长宁区"), BEDS.index(kind)] - 0.95 * 200) <= 1
    assert gone[14].sum() == gone[14, number("长宁区"), BEDS.index(kind)]


COURSE = st.lists(st.integers(0, 400), min_size=2, max_size=2)
ROW = st.tuples(
    st.sampled_from(BEDS), st.integers(-300, 300), st.dates(JULY_11, dt.date(2025, 8, 1))
)
SOME_ROWS = st.lists(ROW.filter(lambda row: row[1] != 0), min_size=1, max_size=4)


def in_operation_after(path: IntArray, rows: list[BedChange]) -> tuple[Changed, IntArray]:
    """What changes make of a path of one district, and what then operates."""
    setting = whole_city("baseline")
    beds = setting.inputs.scenario.beds.model_copy(update={"changes": tuple(rows)})
    inputs = replace(
        setting.inputs, scenario=setting.inputs.scenario.model_copy(update={"beds": beds})
    )
    changed = with_changes(path, np.ones(16), inputs, setting.calendar)
    return changed, changed.operating([GENERAL, NURSING, DEMENTIA], path[0], inputs)


@given(st.tuples(COURSE, COURSE, COURSE), SOME_ROWS)
def test_no_change_takes_more_operating_beds_than_it_closes_or_adds_more_than_it_opens(
    courses: tuple[list[int], ...], some: list[tuple[str, int, dt.date]]
) -> None:
    """Whatever the plan does meanwhile, as when it turns all beds of a kind into another one."""
    months = whole_city("baseline").calendar.month_start.size - 1
    path = np.zeros((months, 16, len(BEDS)), np.int64)
    path[:, 0] = np.linspace(*np.array(courses).T, months).round()
    rows = [change("黄浦区", beds, day, resource=kind) for kind, beds, day in some]
    changed, operating = in_operation_after(path, rows)
    assert (operating.sum(axis=-1) <= np.maximum(changed.at, 0).sum(axis=-1)).all()
    assert (operating >= 0).all()
    for k, row in enumerate(rows):
        without, fewer = in_operation_after(path, rows[:k] + rows[k + 1 :])
        both = np.isin(changed.moments.at, without.moments.at)
        more = np.sign(row.beds) * (operating[both] - fewer).sum(axis=(1, 2))
        assert more.min() >= 0
        assert more.max() <= abs(row.beds)


def test_reported_beds_in_operation_are_those_of_the_days_of_a_month() -> None:
    changed = with_plan(change("黄浦区", -300), change("黄浦区", 300, dt.date(2023, 7, 26)))
    capacity, starts = changed.capacity, changed.calendar.month_start
    mean = capacity.mean_operating(starts)
    by_day = [capacity.operating[JULY_2023]] * 10 + [capacity.days.operating[0]] * 15
    by_day += [capacity.days.operating[1]] * 6
    np.testing.assert_allclose(mean[JULY_2023], np.mean(by_day, axis=0))
    others = np.arange(len(mean)) != JULY_2023
    assert (mean[others] == capacity.operating[others]).all()
    # Approved beds are told as at the month's end.
    assert (capacity.approved == whole_city("baseline").capacity.approved).all()


def test_beds_that_open_inside_a_month_take_the_first_in_line_that_very_second() -> None:
    city = small_city()
    capacity, starts = city.capacity, city.calendar.month_start
    closed = capacity.operating.copy()
    closed[JULY_2023 - 1 : JULY_2023 + 1, 0] = 0
    day = city.calendar.seconds(JULY_11)
    operating = capacity.operating[JULY_2023 : JULY_2023 + 1]
    share = capacity.whole_city[JULY_2023 : JULY_2023 + 1]
    days = BedDays(np.array([day]), operating, share)
    opened = replace(city, capacity=replace(capacity, operating=closed, days=days))
    rows = run_replication(opened, SEED, 0).ledger
    placed = rows[(rows["resource"] >= GENERAL_BED) & (rows["dest"] == 0)]["start"]
    inside = placed[(placed >= starts[JULY_2023 - 1]) & (placed < starts[JULY_2023 + 1])]
    assert inside.min() == day
    assert (day - starts[JULY_2023]) == 10 * DAY


@pytest.mark.parametrize("share", ["beds", "need", "equal"])
@pytest.mark.parametrize(("area", "beds"), [("全市", 1001), ("郊区", 1001), ("中心城区", -999)])
def test_a_change_of_a_zone_or_the_city_is_shared_in_whole_numbers(
    area: str, beds: int, share: str
) -> None:
    setting = whole_city("baseline")
    changed = with_plan(change(area, beds, share=share))
    more = (changed.capacity.approved - setting.capacity.approved)[JULY_2023, :, NURSING]
    districts = setting.inputs.districts
    is_in = np.ones(16, bool) if area == "全市" else districts.zone == districts.zones.index(area)
    present = setting.capacity.approved[JULY_2023, :, NURSING]
    old = setting.projection.resident[2][..., 60 + OLD_AGE :].sum(axis=(1, 2))
    weight = {"beds": present, "need": old, "equal": np.ones(16)}[share] * is_in
    assert more.sum() == beds
    assert (np.abs(more - beds * weight / weight.sum()) < 1).all()


def test_a_district_comes_before_a_zone_of_its_name() -> None:
    districts = whole_city("baseline").inputs.districts
    assert area_of("浦东新区", districts).tolist() == [number("浦东新区")]
    renamed = replace(districts, zones=("崇明区", *districts.zones[1:]))
    assert area_of("崇明区", renamed).tolist() == [number("崇明区")]
    assert area_of("全市", districts).tolist() == list(range(16))


def test_a_share_that_is_left_out_goes_by_present_beds() -> None:
    left_out, by_beds = (with_plan(change("全市", 500, **more)) for more in ({}, {"share": "beds"}))
    assert (left_out.capacity.approved == by_beds.capacity.approved).all()


def test_all_beds_of_a_zone_may_close_and_one_more_may_not() -> None:
    zone = whole_city("baseline").inputs.districts.zone == 0
    last = dt.date(2025, 12, 11)
    there = int(whole_city("baseline").capacity.approved[59:, zone, NURSING].sum(axis=1).min())
    closed = with_plan(change("中心城区", -there, last)).capacity
    assert closed.approved[59, zone, NURSING].sum() == 0
    said = refusals(beds={"changes": (change("中心城区", -there - 1, last),)})
    assert len(said) == 1
    assert "baseline: beds.changes[0].beds" in said[0]


def test_a_bed_closes_no_earlier_than_it_is_there() -> None:
    d, there = number("黄浦区"), whole_city("baseline").capacity.approved[:, number("黄浦区")]
    opened = int(there[JULY_2023:, NURSING].min())
    rows = (change("黄浦区", 50, dt.date(2023, 7, 12)), change("黄浦区", -opened - 50, JULY_11))
    assert refusals(beds={"changes": rows}) == (
        f"baseline: beds.changes[1].beds: {-opened - 50}: from 2023-07-11 on 黄浦区 has {opened} of "
        "nursing_bed to close\n"
        "    allowed: no more than there are then",
    )
    later = (rows[0], change("黄浦区", -opened - 50, dt.date(2023, 7, 12)))
    assert (
        with_plan(*later).capacity.approved[JULY_2023, d, NURSING]
        == there[JULY_2023, NURSING] - opened
    )


def test_more_beds_for_the_whole_city_than_the_new_towns_have_are_refused() -> None:
    (said,) = refusals(beds={"whole_city_beds": 170_000})
    assert said.startswith("baseline: beds.whole_city_beds: 170000, of which ")
    assert "when the new towns have" in said
    assert with_plan(whole_city_all_new_towns=True).capacity.whole_city.max() == 1.0


def cut(district: str, posts: int, workers: str = "care_worker_institution") -> WorkerChange:
    row = {"district": district, "workers": workers, "posts": posts, "date": dt.date(2022, 1, 1)}
    return WorkerChange.model_validate(row)


def test_more_posts_cut_than_a_district_can_have_are_refused_with_what_is_counted() -> None:
    rows = (cut("黄浦区", -40_000), cut("崇明区", -40_000, "care_worker_home"))
    one, other = refusals(workers={"changes": rows})
    assert one.startswith(
        "baseline: workers.changes[0].posts: -40000: on 2022-01-01 黄浦区 has some "
    )
    assert "by beds" in one
    assert "by residents of 80+" in other


def test_posts_added_before_may_be_cut_again() -> None:
    rows = (cut("黄浦区", 40_000), cut("黄浦区", -40_000))
    assert planned(workers={"changes": rows}).capacity.posts_added[-1].sum() == 0


def test_everything_that_cannot_be_is_said_at_once() -> None:
    said = refusals(
        beds={"changes": (change("黄浦区", -99_999),), "whole_city_beds": 170_000},
        workers={"changes": (cut("黄浦区", -40_000),)},
    )
    assert len(said) == 3


def test_no_bed_is_a_plan_too() -> None:
    none = with_plan(total_2025=0, dementia_2025=0, whole_city_beds=0).capacity
    assert (none.approved[-1] == 0).all()
    assert (none.operating >= 0).all()
    plan = none.pool_plan().reshape(len(none.operating), -1, N_RESOURCE, 2)
    assert (plan[-1, :, whole_city("baseline").inputs.resources.beds] == 0).all()
