"""What a sweep keeps of a replication are the figures of its tables, cell by cell."""

from dataclasses import replace
from functools import cache
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from params.axes import CITY
from params.tables.districts import Districts
from runs.tables.city import population_table
from runs.tables.kept import MAIN, Kept, cells_of, kept_of, kept_values, part_of
from runs.tables.people import OF_PEOPLE
from runs.tables.population import area_sums
from runs.tables.sample import sample_of
from runs.tables.units import ASSESSED, PEOPLE
from runs.tables.yearly import COLUMNS, yearly_values
from simulate.city.observe import simulate_one
from simulate.outcome import MONTHLY_MEASURES, Outcome
from tests.designs import toy_base, toy_inputs

YEARS = range(2024, 2028)


@cache
def outcome() -> Outcome:
    return simulate_one(toy_inputs(), toy_base(), 2020, 0)


def kept(by: str = "year", **changed: tuple[object, ...]) -> Kept:
    names = {
        "measures": COLUMNS if by == "year" else MONTHLY_MEASURES,
        "resources": (),
        "areas": ("city", "zones", "districts"),
        "years": (),
    } | changed
    return kept_of(by, *names.values())  # type: ignore[arg-type]


def frame(asked: Kept, districts: Districts | None = None) -> pd.DataFrame:
    found = pq.read_table(BytesIO(part(asked, districts))).to_pandas()
    return found.astype(dict.fromkeys(found.select_dtypes("category"), object))


def part(asked: Kept, districts: Districts | None = None) -> bytes:
    inputs = toy_inputs()
    districts = districts or inputs.districts
    cells = cells_of(asked, districts, inputs.resources, YEARS)
    values = kept_values(outcome(), asked, districts, inputs.resources)
    return part_of(values, cells, "0123456789abcdef", 3, 5)


def names() -> list[str]:
    return [name for _, name, _, _ in toy_inputs().districts.areas()]


def test_kept_cells_by_year_are_those_of_shortfall() -> None:
    found = frame(kept())
    whole = yearly_values(outcome(), toy_inputs().districts, toy_inputs().resources)
    reported = toy_inputs().resources.reported
    for row in found.sample(400, random_state=1).itertuples():
        at = (
            row.year - 2024,
            names().index(row.area),
            reported.index(row.resource),
            COLUMNS.index(row.measure),
        )
        assert row.value == whole[at]
    assert not found.duplicated(["area", "year", "resource", "measure"]).any()
    # Every figure with a value is kept, but for those that the dictionary says have no meaning.
    assert 0.9 < len(found) / np.isfinite(whole).sum() <= 1


def test_kept_cells_by_month_are_those_of_the_monthly_table() -> None:
    found = frame(kept("month"))
    whole = area_sums(outcome().monthly, toy_inputs().districts, 1)
    reported = toy_inputs().resources.reported
    assert len(found) == np.isfinite(whole).sum()
    for row in found.sample(400, random_state=1).itertuples():
        year, month = map(int, row.month.split("-"))
        at = (
            (year - 2024) * 12 + month - 1,
            names().index(row.area),
            reported.index(row.resource),
            MONTHLY_MEASURES.index(row.measure),
        )
        assert row.value == whole[at]
    assert found["month"].unique().tolist()[::11] == [
        "2024-01",
        "2024-12",
        "2025-11",
        "2026-10",
        "2027-09",
    ]


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (("city",), {"全市"}),
        (("zones",), {"老城", "周边"}),
        (("districts",), {"青石区", "柳湾区", "云坪县", "石桥县"}),
        (("city", "周边", "青石区"), {"全市", "周边", "青石区"}),
    ],
)
def test_areas_are_groups_or_names(areas: tuple[str, ...], expected: set[str]) -> None:
    assert set(frame(kept(areas=areas))["area"]) == expected


@pytest.mark.parametrize("areas", [("zones",), ("districts",), ("zones", "districts"), ("周边",)])
def test_a_zone_that_is_one_district_is_kept_once(areas: tuple[str, ...]) -> None:
    whole = toy_inputs().districts
    # The last district is a zone of its own, under its own name.
    own = replace(whole, names=(*whole.names[:3], "周边"), zone=np.array([0, 0, 0, 1]))
    found = frame(kept(areas=areas, measures=("demand",), resources=("bed_total",)), own)
    counted = found.query("year == 2025")["area"].value_counts()
    assert counted["周边"] == 1
    assert (counted == 1).all()
    expected = frame(kept(areas=("石桥县",), measures=("demand",), resources=("bed_total",)))
    assert found.query("area == '周边'")["value"].tolist() == expected["value"].tolist()


def test_years_resources_and_measures_are_those_asked_for() -> None:
    asked = kept(years=(2025, 2027), resources=("一般养老床位", "bed_total"), measures=("demand",))
    found = frame(asked)
    assert set(found["year"]) == {2025, 2027}
    assert set(found["resource"]) == {"general_bed", "bed_total"}
    assert set(found["measure"]) == {"demand"}


@pytest.mark.parametrize("by", ["year", "month"])
def test_a_part_without_a_kept_year_has_the_same_columns_and_no_row(by: str) -> None:
    empty, some = (pq.read_table(BytesIO(part(kept(by, years=(y,))))) for y in (2040, 2025))
    assert empty.num_rows == 0
    assert empty.schema.names == some.schema.names
    assert empty.schema.types == some.schema.types
    assert by in empty.schema.names


def test_types_are_those_of_the_store() -> None:
    types = {field.name: str(field.type) for field in pq.read_table(BytesIO(part(kept()))).schema}
    text = "dictionary<values=string, indices=int16, ordered=0>"
    assert types == {
        "id": text,
        "draw": "int32",
        "replication": "int32",
        "area": text,
        "year": "int16",
        "resource": text,
        "measure": text,
        "value": "double",
    }
    one = frame(kept()).iloc[0]
    assert (one["id"], one["draw"], one["replication"]) == ("0123456789abcdef", 3, 5)


def test_a_part_is_the_same_bytes_twice() -> None:
    for asked in (kept(), kept("month")):
        assert part(asked) == part(asked)


def test_the_least_capacity_is_searched_only_for_what_needs_it() -> None:
    for measure in COLUMNS:
        whole = simulate_values(True)[..., COLUMNS.index(measure)]
        without = simulate_values(False)[..., COLUMNS.index(measure)]
        same = np.array_equal(whole, without, equal_nan=True)
        assert same or kept(measures=(measure,)).needs_service, measure
    assert not kept("month").needs_service


@cache
def simulate_values(services: bool) -> np.ndarray:
    from simulate.city.observe import observe
    from simulate.city.replication import run_replication
    from simulate.city.setting import setting_of

    setting = setting_of(toy_inputs().drawn(2020, 0), toy_base())
    found = observe(setting, run_replication(setting, 2020, 0), services)
    return yearly_values(found, toy_inputs().districts, toy_inputs().resources)


def test_what_holds_more_holds_less_and_the_union_holds_both() -> None:
    one = kept(areas=("city",), measures=("demand", "waiting"), years=(2025,))
    other = kept(areas=("zones",), measures=MAIN, resources=("bed_total",))
    both = one.with_all_of(other)
    assert both.holds(one)
    assert both.holds(other)
    assert not one.holds(other)
    assert not other.holds(one)
    assert (both.years, both.resources) == ((), ())
    assert not kept("month").holds(one)
    assert other.with_all_of(one) == both


def test_what_is_kept_is_one_however_it_was_named() -> None:
    one = kept_of(
        "year", ("waiting", "demand", "demand"), ("护理型床位",), ("b", "a"), (2026, 2025)
    )
    other = kept_of("year", ("demand", "waiting"), ("nursing_bed",), ("a", "b", "a"), (2025, 2026))
    assert one == other


def test_people_are_those_of_the_population_table_and_begin_with_the_base_year() -> None:
    inputs, asked = toy_inputs(), kept(measures=(*OF_PEOPLE, "demand"), resources=("bed_total",))
    found = frame(asked).set_index(["resource", "measure", "area", "year"])["value"]
    people = found.loc[PEOPLE]
    base = inputs.city.base_year
    assert sorted(set(people.index.get_level_values("year"))) == [base, *YEARS]
    # A year before the first is one of people only.
    assert base not in found.loc["bed_total"].index.get_level_values("year")
    sample = sample_of(inputs, [outcome()], None)
    table = population_table(inputs, sample)
    table = table[table["basis"] == inputs.scenario.population.basis]
    table = table.set_index(["measure", "district", "year"])["mean"]
    for (measure, area, year), value in people.items():
        if measure in ("need", "beneficiaries"):
            parts = [people[f"{measure}_{k}", area, year] for k in range(2, 7)]
            assert value == pytest.approx(sum(parts))
        elif measure != ASSESSED:
            # The table's counts are rounded so that districts add to the city.
            assert value == pytest.approx(table[measure, area, year], abs=0.05), (measure, area)
    assert people[ASSESSED].to_dict() == {(CITY, base): outcome().facts[0]}


def test_years_before_the_reported_ones_are_left_out() -> None:
    inputs, asked = toy_inputs(), kept(measures=("60+", "waiting"), resources=("bed_total",))
    cells = cells_of(asked, inputs.districts, inputs.resources, range(2026, 2028))
    values = kept_values(outcome(), asked, inputs.districts, inputs.resources, before=2)
    part = pq.read_table(BytesIO(part_of(values, cells, "0123456789abcdef", 0, 0))).to_pandas()
    later = {("people", y) for y in (2025, 2026, 2027)} | {("bed_total", y) for y in (2026, 2027)}
    assert set(zip(part["resource"], part["year"], strict=True)) == later
    whole = frame(asked).merge(part, on=["area", "year", "resource", "measure"])
    assert len(whole) == len(part)
    assert whole["value_x"].tolist() == whole["value_y"].tolist()
