"""Care workers follow the work, and assessors the applications."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from params.inputs import load_inputs
from params.scenario.load import load_scenario
from params.scenario.parts.workers import Wage
from simulate.city.capacity import staff_growth
from simulate.city.monthly_workers import within_reach
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


def paid(rise: float, hiring: str, **values: float) -> Run:
    """Return a run in which pay is above its course from March 2022 on, by so much."""
    wages = (Wage(rise=rise, date=date(2022, 3, 1)),)
    city = changed(small_city(scale=SCALE), values, workers={"hiring": hiring, "wages": wages})
    return run_replication(city, SEED, 0)


@pytest.mark.parametrize("hiring", ["by_vacancy", "in_place"])
def test_the_more_pay_rises_the_more_workers_are_there_and_never_fewer(hiring: str) -> None:
    usual = run_replication(changed(small_city(scale=SCALE), workers={"hiring": hiring}), SEED, 0)
    present = usual.work_at.sum(axis=2)
    for rise in (0.05, 0.1, 0.4):
        more = paid(rise, hiring).work_at.sum(axis=2)
        # Whole units of work are lost in each of 16 districts, in leaving, expecting and hiring.
        assert (more >= present - 100).all(), rise
        assert (more[:14] == present[:14]).all()
        assert (more[30] > present[30]).any()
        present = more


def test_pay_acts_through_those_who_leave_and_through_those_who_can_be_found() -> None:
    values = {"worker_turnover": 0.4, "leaving_wage_elasticity": 0.0, "hiring_wage_elasticity": 0.0}
    nothing = paid(0.2, "by_vacancy", **values)
    same = changed(small_city(scale=SCALE), {"worker_turnover": 0.4})
    assert nothing.ledger.tobytes() == run_replication(same, SEED, 0).ledger.tobytes()
    stay = paid(0.2, "by_vacancy", **values | {"leaving_wage_elasticity": 1.0})
    come = paid(0.2, "by_vacancy", **values | {"hiring_wage_elasticity": 0.5})
    for run in (stay, come):
        assert run.work_at[20, INSTITUTIONS].sum() > 1.001 * nothing.work_at[20, INSTITUTIONS].sum()
    # From the first month on fewer leave; who comes has to be hired and trained before.
    assert stay.work_at[14, INSTITUTIONS].sum() > nothing.work_at[14, INSTITUTIONS].sum()
    assert (come.work_at[:17] == nothing.work_at[:17]).all()


def test_in_place_workers_come_for_the_pay_when_they_are_trained() -> None:
    values = {"hiring_wage_elasticity": 0.5}
    usual = run_replication(
        changed(small_city(scale=SCALE), workers={"hiring": "in_place"}), SEED, 0
    )
    run = paid(0.21, "in_place", **values)
    ratio = run.work_at[:, AT_HOME].sum(axis=1) / usual.work_at[:, AT_HOME].sum(axis=1)
    assert ratio[:17] == pytest.approx(1.0)
    assert ratio[17:] == pytest.approx(1.1, abs=1e-4)


def better(market: str, rate: float) -> tuple[Setting, Run]:
    """Return a city whose hours of work give more care every year, and its run."""
    plain = small_city(scale=SCALE)
    months = np.arange(len(plain.capacity.growth)) / 12 + 0.5 / 12
    growth = plain.capacity.growth.copy()
    growth[market] *= (1 + rate) ** months
    city = replace(plain, capacity=replace(plain.capacity, growth=growth))
    return city, run_replication(city, SEED, 0)


@pytest.mark.parametrize(("market", "output"), [(INSTITUTIONS, "output"), (AT_HOME, "home_output")])
def test_where_hours_give_more_care_fewer_workers_do_for_the_same(market: int, output: str) -> None:
    usual = run_replication(small_city(scale=SCALE), SEED, 0)
    city, run = better(output, 0.05)
    given = run.work_at[:, market].sum(axis=1) * city.capacity.growth[output][: len(run.work_at)]
    before = small_city(scale=SCALE).capacity.growth[output][: len(run.work_at)]
    plain = usual.work_at[:, market].sum(axis=1) * before
    # More care in all while people wait for it, by fewer workers in the end.
    assert given[24:].sum() >= 0.995 * plain[24:].sum()
    assert run.work_at[-1, market].sum() < usual.work_at[-1, market].sum()
    assert run.work_room[24:, market].sum() >= usual.work_room[24:, market].sum()


def test_growth_of_productivity_is_that_of_the_scenario() -> None:
    plan = load_scenario("baseline").scenario
    more = plan.workers.model_copy(
        update={"productivity_home": 0.02, "productivity_institution": 0.03}
    )
    usual, found = (
        staff_growth(load_inputs(plan.model_copy(update={"workers": w})), 25)
        for w in (plan.workers, more)
    )
    assert (usual["home_output"] == 1.0).all()
    assert found["home_output"][24] / found["home_output"][12] == pytest.approx(1.02)
    np.testing.assert_allclose(
        found["output"] / usual["output"], 1.03 ** ((np.arange(25) + 0.5) / 12), rtol=1e-12
    )


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
