"""Care workers follow the work, and assessors the applications."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simulate.city.monthly import within_reach
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.city.world import AT_HOME, INSTITUTIONS
from simulate.engine.log import ASSESSED, REQUESTED, entries
from simulate.engine.records import ASSESS, DAY, WORKING_DAY
from tests.city import SEED, changed, small_city, with_operating

SCALE = 1 / 50
MARKETS = (INSTITUTIONS, AT_HOME)


def growing(city: Setting, rate: float) -> Setting:
    """Return a city that finds so many more workers each year, in both markets."""
    time = np.arange(len(city.capacity.growth)) / 12
    growth = city.capacity.growth.copy()
    growth["institution"] = growth["home_care"] = (1 + rate) ** time
    return replace(city, capacity=replace(city.capacity, growth=growth))


@cache
def run_of(rate: float, turnover: float = 0.25) -> Run:
    city = changed(growing(small_city(scale=SCALE), rate), {"worker_turnover": turnover})
    return run_replication(city, SEED, 0)


@pytest.mark.parametrize("rate", [-0.1, 0.0, 0.03])
def test_the_city_never_has_more_workers_than_it_can_find(rate: float) -> None:
    run = run_of(rate)
    months = np.arange(len(run.work_at)) / 12
    for market in MARKETS:
        found = run.work_base[market].sum() * np.maximum(1 + rate, 1) ** months
        assert (run.work_at[:, market].sum(axis=1) <= found + 1).all()


def test_where_few_can_be_found_all_who_can_be_found_are_hired() -> None:
    run = run_of(-0.05)
    for market in MARKETS:
        assert run.work_room[12:, market].max() < 0.001 * run.work_base[market].sum()
        after = run.work_at[48, market].sum() / run.work_base[market].sum()
        # Those hired with a view to three months later are there by then.
        assert after == pytest.approx(0.95**4, abs=0.005)


def test_where_everybody_can_be_found_the_city_hires_no_more_than_it_has_posts() -> None:
    run = run_of(1.0)
    home = run.work_at[24:, AT_HOME].sum(axis=1) / run.work_base[AT_HOME].sum()
    # Demand grows by some five percent a year, and so do workers, not by a hundred.
    assert home[-1] < 1.5
    assert run.work_room[24:].min() > 0


def test_nobody_leaves_and_nobody_comes_where_nobody_changes_posts_and_nobody_can_be_found() -> (
    None
):
    run = run_of(0.0, turnover=0.0)
    # Vacancies may be filled by nobody: those of the release stay where they are, for ever.
    assert (run.work_at[:, INSTITUTIONS] == run.work_base[INSTITUTIONS]).all()


def test_workers_go_where_beds_are_that_somebody_waits_for() -> None:
    city = growing(small_city(scale=SCALE), 0.0)
    centre = np.asarray(city.inputs.districts.zone) == 0
    beds = city.capacity.operating.astype(np.float64)
    beds[12:, centre] *= 1.3
    before, after = (run_replication(c, SEED, 0) for c in (city, with_operating(city, beds)))
    there, then = (r.work_at[48, INSTITUTIONS] for r in (before, after))
    assert then[centre].sum() > 1.05 * there[centre].sum()
    assert then[~centre].sum() < there[~centre].sum()


def test_workers_within_reach_are_those_present_and_those_the_city_could_hire() -> None:
    run = run_of(1.0)
    for market in MARKETS:
        reach = within_reach(run, market, 24)
        assert (reach >= run.work_at[:24, market]).all()
        spare = reach.sum(axis=1) - run.work_at[:24, market].sum(axis=1)
        np.testing.assert_allclose(spare, run.work_room[:24, market], rtol=1e-9)


@pytest.mark.parametrize("hiring", ["by_vacancy", "in_place"])
def test_posts_of_a_date_and_district_are_there_from_their_month_on(hiring: str) -> None:
    city = changed(small_city(scale=SCALE), workers={"hiring": hiring})
    added = city.capacity.posts_added.copy()
    added[18:, INSTITUTIONS, 0] += 20.0
    more = replace(city, capacity=replace(city.capacity, posts_added=added))
    run = run_replication(city, SEED, 0)
    before, after = (r.work_at[:, INSTITUTIONS] for r in (run, run_replication(more, SEED, 0)))
    assert (before[:18] == after[:18]).all()
    each = run.work_base[INSTITUTIONS].sum() / city.inputs.assumed.supply.workers_institution_2020
    assert after[18, 0] - before[18, 0] == pytest.approx(20 * each, abs=2)
    assert (before[18, 1:] == after[18, 1:]).all()


def test_institutions_admit_up_to_the_stretch_and_not_beyond() -> None:
    plenty = with_operating(small_city(scale=SCALE), small_city(scale=SCALE).capacity.operating * 3)
    held = []
    for stretch in (1.0, 1.2):
        city = changed(growing(plenty, 0.0), {"staff_stretch": stretch, "city_occupancy_2020": 1.0})
        run = run_replication(city, SEED, 0)
        held.append((run.people["bed_pool"] >= 0).sum())
    assert held[1] > 1.02 * held[0]


def working_seconds(city: Setting, time: int) -> float:
    work, day = city.calendar.work, time // DAY
    if work[day + 1] == work[day]:
        return float(work[day])
    return float(work[day]) + min(max(time - day * DAY - 9 * 3600, 0), WORKING_DAY)


def test_no_notice_comes_before_the_steps_have_taken_their_time() -> None:
    city = changed(small_city(scale=1 / 400), {"notice_days": 7.0})
    asked: dict[int, int] = {}
    steps = []
    for time, event, person, lane, *_ in entries(run_replication(city, SEED, 0, log=True).log):
        if event == REQUESTED and lane == ASSESS:
            asked[person] = time
        elif event == ASSESSED:
            steps.append(working_seconds(city, time) - working_seconds(city, asked[person]))
    assert len(steps) > 1000
    assert min(steps) >= 7 * WORKING_DAY - 1


@pytest.mark.parametrize("most", [0.02, 0.5])
def test_assessors_follow_the_applications_of_the_year_before_within_limits(most: float) -> None:
    city = changed(small_city(scale=SCALE), {"assessor_growth_most": most})
    run = run_replication(city, SEED, 0)
    rate = run.rate_at[::12]
    change = rate[1:] / rate[:-1] - 1
    assert np.abs(change).max() < most + 1e-9
    assert (np.abs(change) > 0.999 * most).any() == (most == 0.02)
    assert (run.rate_at[1:12] == run.rate_at[0]).all()
    fixed = changed(city, assessors={"growth": 0.0})
    assert (run_replication(fixed, SEED, 0).rate_at == rate[0]).all()
