"""Stocks by year and district: what a scenario's own paths make of beds, places, workers and assessors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from params.errors import ParamError
from params.scenario.parts.beds import BedChange
from params.scenario.parts.paths import PathRow
from params.scenario.parts.resources import PlaceWeight
from simulate.city.capacity import make_capacity
from simulate.city.paths import Line
from simulate.city.replication import Run, run_replication
from simulate.city.setting import Setting
from simulate.city.warm_up import scaled
from tests.city import BEDS, DAY_CARE, FAMILY_BED, SCALE, SEED, whole_city
from tests.simulate.city.test_capacity import elders, registered_2025

GENERAL, NURSING, DEMENTIA = (
    BEDS.index(f"{kind}_bed") for kind in ("general", "nursing", "dementia")
)
DECEMBER = slice(11, 60, 12)
INSTITUTIONS, AT_HOME = range(2)


def row(year: int, district: str, resource: str, value: float, **more: object) -> PathRow:
    named = {"year": year, "district": district, "resource": resource, "value": value}
    return PathRow.model_validate(named | more)


def planned(*rows: PathRow, **tables: dict[str, object]) -> Setting:
    """The baseline with paths, and other keys."""
    city = whole_city("baseline")
    scenario = city.inputs.scenario
    parts = {name: getattr(scenario, name).model_copy(update=t) for name, t in tables.items()}
    scenario = scenario.model_copy(update={**parts, "paths": rows})
    inputs = replace(city.inputs, scenario=scenario)
    capacity = make_capacity(inputs, city.calendar, elders(city), registered_2025(city))
    return replace(city, inputs=inputs, capacity=capacity)


def number(district: str) -> int:
    return whole_city("baseline").inputs.districts.names.index(district)


PLAIN = whole_city("baseline").capacity
PUTUO = number("普陀区")


def test_beds_on_a_path_are_those_of_their_year_and_run_straight_between_years() -> None:
    city = planned(
        row(2025, "普陀区", "dementia_bed", 900), row(2023, "普陀区", "dementia_bed", 300)
    )
    beds = city.capacity.approved[:, PUTUO, DEMENTIA]
    assert beds[[35, 59]].tolist() == [300, 900]
    assert np.abs(np.diff(beds[35:60]) - 25).max() <= 1
    assert (
        np.delete(city.capacity.approved[:60], PUTUO, axis=1)
        == np.delete(PLAIN.approved[:60], PUTUO, axis=1)
    ).all()
    # Beds of other kinds there are those of the plan.
    assert (
        city.capacity.approved[:, PUTUO, :DEMENTIA] == PLAIN.approved[:, PUTUO, :DEMENTIA]
    ).all()


def test_after_its_last_year_a_path_stays_or_grows() -> None:
    months = np.array([2024.0, 2025.0, 2027.0, 2050.0])
    kept = Line((2022, 2024), np.array([100.0, 200.0]), 0.0).at(months, 2020, 50.0)
    assert kept.tolist() == [200.0] * 4
    grown = Line((2022, 2024), np.array([100.0, 200.0]), 0.1).at(months, 2020, 50.0)
    np.testing.assert_allclose(grown, 200 * 1.1 ** (months - 2024))


def test_all_beds_of_a_district_are_divided_as_the_plan_divides_them_there() -> None:
    city = planned(
        row(2025, "普陀区", "bed_total", 12000), row(2025, "普陀区", "dementia_bed", 1500)
    )
    beds, before = city.capacity.approved[59, PUTUO], PLAIN.approved[59, PUTUO]
    assert beds.sum() == 12000
    assert beds[DEMENTIA] == 1500
    assert beds[GENERAL] / beds[NURSING] == pytest.approx(
        before[GENERAL] / before[NURSING], rel=0.01
    )


@given(
    st.integers(0, 400_000), st.integers(0, 5000), st.sampled_from(["郊区", "中心城区", "浦东新区"])
)
def test_districts_with_and_without_paths_add_to_the_citys(total: int, own: int, zone: str) -> None:
    total += 60_000
    city = planned(
        row(2025, "全市", "nursing_bed", total),
        row(2025, zone, "nursing_bed", 40_000),
        row(2025, "黄浦区", "nursing_bed", own),
    )
    beds, districts = city.capacity.approved[59, :, NURSING], city.inputs.districts
    assert beds.sum() == total
    assert beds[number("黄浦区")] == own
    inside = districts.zone == districts.zones.index(zone)
    assert beds[inside].sum() == 40_000
    assert beds.min() >= 0


def test_parts_that_do_not_add_to_their_whole_are_refused() -> None:
    with pytest.raises(ParamError, match="6,000"):
        planned(
            row(2025, "全市", "dementia_bed", 4000), row(2025, "黄浦区", "dementia_bed", 10_000)
        )
    kinds = [
        row(2025, "普陀区", f"{kind}_bed", 1000) for kind in ("general", "nursing", "dementia")
    ]
    with pytest.raises(ParamError, match="2025"):
        planned(row(2025, "普陀区", "bed_total", 9000), *kinds)
    planned(row(2025, "普陀区", "bed_total", 3000), *kinds)


def test_openings_add_to_a_path() -> None:
    opened = BedChange.model_validate(
        {"district": "普陀区", "resource": "dementia_bed", "beds": 300, "date": "2023-07-01"},
        strict=False,
    )
    rows = (row(2022, "普陀区", "dementia_bed", 400),)
    city = planned(*rows, beds={"changes": (opened,)})
    assert city.capacity.approved[[29, 30, 59], PUTUO, DEMENTIA].tolist() == [400, 700, 700]


def test_places_at_home_follow_their_paths_and_keep_them_after_the_plan() -> None:
    city = planned(row(2023, "全市", "day_care", 40_000), row(2022, "普陀区", "family_bed", 77))
    places = city.capacity.places
    assert places[[35, -1], :, DAY_CARE].sum(axis=1).tolist() == [40_000] * 2
    assert places[[23, -1], PUTUO, FAMILY_BED].tolist() == [77] * 2
    shares = places[35, :, DAY_CARE] / 40_000
    np.testing.assert_allclose(
        shares, PLAIN.places[0, :, DAY_CARE] / PLAIN.places[0, :, DAY_CARE].sum(), atol=1e-3
    )


def test_day_care_centres_open_straight_to_the_number_planned() -> None:
    counted = whole_city("baseline").inputs.supply.units_2020["day_care_centres"]
    city = planned(resources={"day_care_centres_2025": 2 * int(counted)})
    before, after = (c.places[..., DAY_CARE].sum(axis=1) for c in (PLAIN, city.capacity))
    assert after[[59, -1]].tolist() == [2 * before[0]] * 2
    np.testing.assert_allclose(after[:60] / before[:60], 1 + np.arange(1, 61) / 60, rtol=1e-3)
    assert (city.capacity.places[..., FAMILY_BED] == PLAIN.places[..., FAMILY_BED]).all()


def test_family_beds_lie_where_their_weights_put_them() -> None:
    weights = tuple(
        PlaceWeight(resource="family_bed", district=place, weight=weight)
        for place, weight in (("黄浦区", 0.0), ("中心城区", 3.0))
    )
    city = planned(resources={"weights": weights})
    beds, before = (c.places[59, :, FAMILY_BED].astype(float) for c in (city.capacity, PLAIN))
    assert beds.sum() == before.sum()
    assert beds[number("黄浦区")] == 0
    centre = (np.asarray(city.inputs.districts.zone) == 0) & (before > 0)
    centre[number("黄浦区")] = False
    others = np.asarray(city.inputs.districts.zone) != 0
    ratio = (beds[centre].sum() / before[centre].sum()) / (
        beds[others].sum() / before[others].sum()
    )
    assert ratio == pytest.approx(3.0, rel=0.01)
    assert (city.capacity.places[..., DAY_CARE] == PLAIN.places[..., DAY_CARE]).all()


def run_of(city: Setting) -> Run:
    return run_replication(scaled(city, SCALE), SEED, 0)


def persons(run: Run, city: Setting, market: int) -> np.ndarray:
    """Workers by month and district."""
    supply = city.inputs.assumed.supply
    there = (supply.workers_institution_2020, supply.workers_home_2020)[market]
    return np.asarray(run.work_at[:, market] / run.work_base[market].sum() * there)


@pytest.mark.parametrize("hiring", ["by_vacancy", "in_place"])
def test_a_district_has_the_workers_of_its_path(hiring: str) -> None:
    city = planned(
        row(2022, "普陀区", "care_worker_institution", 2500),
        row(2024, "普陀区", "care_worker_institution", 500, growth=0.1),
        workers={"hiring": hiring},
    )
    run = run_of(city)
    workers = persons(run, city, INSTITUTIONS)[:, PUTUO]
    # In whole thousandths of an hour of a two-hundredth of the city: to one in a thousand.
    np.testing.assert_allclose(workers[[23, 35, 47, 59]], [2500, 1500, 500, 550], rtol=2e-3)
    first = run.work_base[INSTITUTIONS, PUTUO] / run.work_base[INSTITUTIONS].sum() * 26_000
    assert workers[11] == pytest.approx((first + 2500) / 2, rel=2e-3)


@pytest.mark.parametrize("hiring", ["by_vacancy", "in_place"])
def test_a_path_of_the_city_is_what_can_be_found(hiring: str) -> None:
    rows = [
        row(2021, "全市", "care_worker_home", 9000),
        row(2025, "全市", "care_worker_home", 9000),
    ]
    city = planned(*rows, workers={"hiring": hiring})
    workers = persons(run_of(city), city, AT_HOME).sum(axis=1)
    if hiring == "in_place":
        np.testing.assert_allclose(workers[11:60], 9000, rtol=2e-3)
    else:
        # Nobody is sent away: leavers are not replaced until so few are left.
        assert workers[-1] == pytest.approx(9000, rel=0.01)


def test_a_district_on_a_path_takes_its_workers_from_what_the_city_finds() -> None:
    rows = [row(2021, "全市", "care_worker_institution", 26_000)]
    plain = planned(*rows)
    more = planned(*rows, row(2021, "普陀区", "care_worker_institution", 6000))
    before, after = (persons(run_of(city), city, INSTITUTIONS) for city in (plain, more))
    others = np.arange(before.shape[1]) != PUTUO
    assert after[40, PUTUO] == pytest.approx(6000, rel=2e-3)
    assert after[40, others].sum() < before[40, others].sum() - 2000
    assert after[40].sum() == pytest.approx(26_000, rel=0.01)


def test_assessors_grow_as_their_path_says() -> None:
    rows = [
        row(2021, "全市", "assessors", 891, growth=0.1),
        row(2023, "普陀区", "assessors", 30),
    ]
    city = planned(*rows)
    run = run_of(city)
    each = run.rate_at[0].sum() / city.capacity.growth["assessors"][0] / 810
    assessors = run.rate_at / each
    others = np.delete(assessors, PUTUO, axis=1)
    np.testing.assert_allclose(others[47] / others[11], 1.1**3, rtol=1e-9)
    np.testing.assert_allclose(assessors[[35, 59], PUTUO], 30, rtol=1e-9)
    first = assessors[0, PUTUO] / city.capacity.growth["assessors"][0]
    assert assessors[11, PUTUO] == pytest.approx(first + (30 - first) / 3, rel=1e-9)


def test_without_paths_nothing_is_different() -> None:
    capacity = planned().capacity
    assert (capacity.approved == PLAIN.approved).all()
    assert (capacity.places == PLAIN.places).all()
    assert (capacity.worker_paths["persons"] < 0).all()
    assert (capacity.assessor_paths["persons"] < 0).all()
