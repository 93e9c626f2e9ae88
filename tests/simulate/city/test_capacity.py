import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.base.build import base_of
from forecast.people.projection import WARM_UP_YEARS
from params.axes import ELDER_AGE, HOME_CARE, FloatArray
from params.errors import ParamError
from params.scenario.load import BedChange
from params.scenario.parts.beds import BedPlan
from simulate.city.beds import approved_beds, whole
from simulate.city.capacity import GROWTH, make_capacity
from simulate.city.setting import Setting, setting_of
from simulate.engine.records import N_KIND
from tests.city import BEDS, N_RESOURCE, RESOURCES, whole_city

GENERAL, NURSING, DEMENTIA = (
    BEDS.index(f"{kind}_bed") for kind in ("general", "nursing", "dementia")
)
DECEMBER = slice(11, 60, 12)


def approved(scenario: str) -> np.ndarray:
    """Approved beds at the ends of 2021-2025, shape (year, district, kind)."""
    return whole_city(scenario).capacity.approved[DECEMBER]


def elders(setting: Setting) -> FloatArray:
    return np.asarray(setting.projection.resident[WARM_UP_YEARS][..., ELDER_AGE:].sum(axis=1))


def registered_2025(setting: Setting) -> FloatArray:
    year = 2025 - setting.projection.first_year
    return np.asarray(setting.projection.registered[year][..., ELDER_AGE:].sum(axis=(1, 2)))


def beds_2020(setting: Setting) -> np.ndarray:
    at = np.array([2020.0])
    beds = approved_beds(setting.inputs, at, elders(setting), registered_2025(setting))
    return np.asarray(beds[0])


def with_beds(**changes: object) -> Setting:
    """The baseline with other beds."""
    inputs = whole_city("baseline").inputs
    beds = inputs.scenario.beds.model_copy(update=changes)
    scenario = inputs.scenario.model_copy(update={"beds": beds})
    return setting_of(replace(inputs, scenario=scenario), base_of(inputs))


def last_year_totals(setting: Setting) -> np.ndarray:
    return np.asarray(setting.capacity.approved[DECEMBER][-1].sum(axis=1))


@pytest.mark.core
@given(st.floats(0, 1e6), arrays(float, 16, elements=st.floats(0.001, 1e5)))
def test_whole_shares_add_exactly_and_miss_by_less_than_one(
    total: float, weight: FloatArray
) -> None:
    shares = whole(total, weight)
    assert shares.sum() == round(total)
    assert (np.abs(shares - round(total) * weight / weight.sum()) < 1 + 1e-6).all()


def test_the_plan_goes_from_157000_to_178000_beds(setting: Setting) -> None:
    assert beds_2020(setting).sum() == 157_000
    cities = approved("baseline").sum(axis=(1, 2))
    assert cities[-1] == 178_000
    assert (cities == [161_200, 165_400, 169_600, 173_800, 178_000]).all()


def test_the_plan_raises_dementia_beds_from_4999_to_15000(setting: Setting) -> None:
    assert beds_2020(setting)[:, DEMENTIA].sum() == 4_999
    assert approved("baseline")[-1, :, DEMENTIA].sum() == 15_000


def test_the_plan_makes_three_beds_of_five_nursing_type() -> None:
    last = approved("baseline")[-1]
    assert last[:, [NURSING, DEMENTIA]].sum() / last.sum() >= 0.60


def test_no_district_loses_beds_under_the_plan(setting: Setting) -> None:
    totals = approved("baseline").sum(axis=2)
    path = np.concatenate([beds_2020(setting).sum(axis=1)[None], totals])
    # Rounding to whole beds of a district may take one back for a month.
    assert (np.diff(path, axis=0) >= -1).all()
    assert (totals[-1] >= path[0]).all()


def test_whole_city_beds_of_the_plan_open_in_the_new_towns_and_others_where_beds_opened_before(
    setting: Setting,
) -> None:
    before = beds_2020(setting).sum(axis=1)
    grown = approved("baseline")[-1].sum(axis=1) - before
    supply, towns = setting.inputs.supply, setting.inputs.districts.new_town
    years = supply.bed_years.tolist()
    opened = supply.beds_listed[years.index(2020)] - supply.beds_listed[years.index(2015)]
    expected = 10_000 * towns / towns.sum() + 11_000 * opened / opened.sum()
    np.testing.assert_allclose(grown, expected, atol=1)


def test_a_plan_with_fewer_new_beds_than_whole_city_beds_builds_in_the_new_towns_only() -> None:
    setting = with_beds(total_2025=160_000)
    grown = last_year_totals(setting) - beds_2020(setting).sum(axis=1)
    towns = setting.inputs.districts.new_town.astype(bool)
    assert (np.abs(grown[~towns]) <= 1).all()
    np.testing.assert_allclose(grown[towns], 600, atol=1)


def test_a_plan_that_shrinks_closes_beds_in_proportion() -> None:
    setting = with_beds(total_2025=150_000)
    share = last_year_totals(setting) / beds_2020(setting).sum(axis=1)
    np.testing.assert_allclose(share, 150_000 / 157_000, atol=1e-3)


def test_the_plans_beds_of_2024_lie_near_the_published_list_by_district(setting: Setting) -> None:
    """A check, not a fit: nothing that opened after 2020 says where beds of the plan open."""
    supply = setting.inputs.supply
    planned = approved("baseline")[3].sum(axis=1).astype(float)
    listed = supply.beds_listed[supply.bed_years.tolist().index(2024)]
    listed = listed * planned.sum() / listed.sum()
    assert np.abs(planned / listed - 1).mean() < 0.20


def test_new_beds_by_need_go_where_the_rule_is_missed(setting: Setting) -> None:
    rule = setting.inputs.districts.rule * registered_2025(setting)
    before = beds_2020(setting).sum(axis=1)
    grown = approved("by-need")[-1].sum(axis=1) - before
    assert (np.abs(grown[before >= rule]) <= 1).all()
    lack = np.maximum(rule - before, 0)
    np.testing.assert_allclose(grown, 21_000 * lack / lack.sum(), atol=1)


def test_every_district_reaches_the_rule_where_it_is_met() -> None:
    setting = whole_city("rule-met")
    rule = setting.inputs.districts.rule * registered_2025(setting)
    assert (approved("rule-met")[-1].sum(axis=1) >= rule - 1).all()
    assert (approved("rule-met")[-1].sum(axis=1) >= beds_2020(setting).sum(axis=1) - 1).all()


def test_as_built_is_as_published() -> None:
    setting = whole_city("as-built")
    cities = approved("as-built").sum(axis=(1, 2))
    published = setting.inputs.supply.city_beds
    known = [year for year in range(2021, 2026) if year in published]
    assert known
    assert all(cities[y - 2021] == round(published[y]) for y in known)
    dementia = setting.inputs.supply.city_dementia_beds
    built = approved("as-built")[:, :, DEMENTIA].sum(axis=1)
    assert all(built[y - 2021] == round(dementia[y]) for y in known if y in dementia)


def test_frozen_beds_stay() -> None:
    setting = whole_city("frozen-2020")
    capacity = setting.capacity
    for beds in (capacity.approved, capacity.operating, capacity.places):
        assert (beds == beds[0]).all()
    assert (capacity.approved[0] == beds_2020(setting)).all()
    for kind in GROWTH.names:
        np.testing.assert_allclose(capacity.growth[kind], 1.0, rtol=1e-12)


@pytest.mark.parametrize("frozen", ["beds", "resources"])
def test_beds_and_places_at_home_stay_each_by_a_path_of_its_own(frozen: str) -> None:
    scenario = whole_city("baseline").inputs.scenario
    stays = getattr(scenario, frozen).model_copy(update={"path": "frozen"})
    inputs = replace(
        whole_city("baseline").inputs, scenario=scenario.model_copy(update={frozen: stays})
    )
    capacity, plan = setting_of(inputs, base_of(inputs)).capacity, whole_city("baseline").capacity
    one, other = ("approved", "places") if frozen == "beds" else ("places", "approved")
    assert (getattr(capacity, one) == getattr(capacity, one)[0]).all()
    assert (getattr(capacity, other) == getattr(plan, other)).all()
    assert getattr(plan, other)[-1].sum() > getattr(plan, other)[0].sum()


@pytest.mark.parametrize("scenario", ["baseline", "rule-met", "as-built", "frozen-2020"])
def test_no_more_beds_operate_than_are_approved(scenario: str) -> None:
    capacity = whole_city(scenario).capacity
    assert (capacity.operating >= 0).all()
    assert (capacity.operating.sum(axis=2) <= capacity.approved.sum(axis=2)).all()


def test_dated_openings_and_closures_count_from_their_month_on(
    setting: Setting,
) -> None:
    there = int(setting.capacity.approved[24:, 15, GENERAL].min())
    changes = (
        BedChange(district="黄浦区", resource="nursing_bed", beds=500, date=dt.date(2022, 7, 1)),
        BedChange(district="崇明区", resource="general_bed", beds=-there, date=dt.date(2023, 1, 1)),
    )
    scenario = setting.inputs.scenario
    beds: BedPlan = scenario.beds.model_copy(update={"changes": changes})
    inputs = replace(setting.inputs, scenario=scenario.model_copy(update={"beds": beds}))
    changed = make_capacity(inputs, setting.calendar, elders(setting), registered_2025(setting))
    more = changed.approved - setting.capacity.approved
    assert (more[:18] == 0).all()
    assert (more[18:, 0, NURSING] == 500).all()
    assert (more[24:, 15, GENERAL] == -there).all()
    assert (more[:24, 15, GENERAL] == 0).all()
    assert (changed.operating >= 0).all()


def test_pools_hold_every_operating_bed_once(setting: Setting) -> None:
    capacity = setting.capacity
    plan = capacity.pool_plan().reshape(len(capacity.operating), -1, N_RESOURCE, N_KIND)
    at_home = slice(HOME_CARE + 1, RESOURCES.first_bed)
    assert (plan[:, :, RESOURCES.beds].sum(axis=3) == capacity.operating).all()
    assert (plan[:, :, at_home, 0] == capacity.places[..., at_home]).all()
    assert (plan[:, :, : HOME_CARE + 1] == -1).all()


def test_extra_posts_bring_more_staff_and_training_takes_time() -> None:
    plain, more = (whole_city(s).capacity.growth for s in ("baseline", "more-workers"))
    for kind in ("institution", "home_care"):
        assert (more[kind] >= plain[kind]).all()
        assert more[kind][59] > 1.1 * plain[kind][59]
        assert abs(more[kind][0] - 1) < 0.05
    assert (more["assessors"] == plain["assessors"]).all()


def test_closing_more_beds_than_there_are_is_refused_with_how_many_there_are() -> None:
    day = dt.date(2023, 7, 1)
    change = BedChange(district="黄浦区", resource="nursing_bed", beds=-99_999, date=day)
    with pytest.raises(ParamError) as refused:
        with_beds(changes=(change,))
    assert re.search(r"黄浦区 has \d+ of nursing_bed", str(refused.value))


def test_all_beds_that_are_there_may_close() -> None:
    before = whole_city("baseline").capacity.approved
    d = whole_city("baseline").inputs.districts.names.index("黄浦区")
    there = int(before[30:, d, NURSING].min())
    day = dt.date(2023, 7, 1)
    change = BedChange(district="黄浦区", resource="nursing_bed", beds=-there, date=day)
    assert with_beds(changes=(change,)).capacity.approved[30:, d, NURSING].min() == 0


def test_a_draw_with_fewer_beds_than_close_closes_them_all() -> None:
    day = dt.date(2023, 7, 1)
    change = BedChange(district="黄浦区", resource="nursing_bed", beds=-99_999, date=day)
    inputs = whole_city("baseline").inputs
    beds = inputs.scenario.beds.model_copy(update={"changes": (change,)})
    changed = replace(inputs, scenario=inputs.scenario.model_copy(update={"beds": beds}))
    setting = setting_of(changed.drawn(2020, 0), base_of(inputs))
    assert (setting.capacity.approved >= 0).all()
