"""The plan's indicators: what is set is no result, and no result is judged by what cannot be reached."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.need.need import settled_after
from params.axes import BASES
from params.city import City, read_city
from params.inputs import Inputs, load_inputs
from params.scenario.load import list_scenarios, load_scenario
from params.scenario.model import Scenario
from params.scenario.parts.people import Horizon
from runs.tables.indicators.found import indicator_values
from runs.tables.indicators.table import indicator_table, yearly_indicator_table
from runs.texts.city import city_words
from simulate.outcome import MONTHLY_MEASURES, NEED_MEASURES, POPULATION_MEASURES, Outcome
from tests.cities.conftest import TOY

NAMES = {
    2: "重度失能",
    3: "养老床位总数",
    4: "认知障碍照护床位",
    5: "护理型床位占比",
    6: "养老综合体",
    7: "持等级证率",
    10: "家庭病床",
    12: "轻度认知障碍",
}
RESIDENTS, SEVERE, INSURED = 25_000_000.0, 60_000.0, 0.9
"""People of a made-up outcome: residents, those at level 5-6, the share of elders with insurance."""


def scenario(name: str = "baseline", last_year: int | None = None) -> Scenario:
    found = load_scenario(name).scenario
    if last_year is None:
        return found
    return found.model_copy(update={"horizon": Horizon(last_year=last_year)})


def inputs_of(name: str = "baseline", last_year: int | None = None) -> Inputs:
    return load_inputs(scenario(name, last_year))


def made(
    inputs: Inputs, cover: float = 0.8, beds: float = 178_000.0, sickbeds: float = 0.0
) -> Outcome:
    """Return an outcome with this cover of the insured at level 5-6, these beds, these sickbeds in use."""
    n_year, n = inputs.last_year - inputs.city.base_year, len(inputs.districts)
    reported = inputs.resources.reported
    monthly = np.zeros((12 * n_year, n, len(reported), len(MONTHLY_MEASURES)))
    approved, occupied = (MONTHLY_MEASURES.index(m) for m in ("approved", "occupied"))
    shares = {"bed_total": 1.0, "general_bed": 0.4, "nursing_bed": 0.5, "dementia_bed": 0.1}
    for name, share in shares.items():
        monthly[:, :, reported.index(name), approved] = share * beds / n
    if "home_sickbed" in reported:
        at = reported.index("home_sickbed")
        monthly[:, :, at, occupied] = sickbeds / n
        monthly[:, :, at, approved] = 20_000 / n
    population = np.zeros((len(BASES), n_year + 1, n, len(POPULATION_MEASURES)))
    population[..., POPULATION_MEASURES.index("total")] = RESIDENTS / n
    population[..., POPULATION_MEASURES.index("60+")] = RESIDENTS / n / 4
    need = np.zeros((n_year + 1, n, len(NEED_MEASURES)))
    columns = {
        "insured": INSURED * RESIDENTS / 4,
        "need_5": SEVERE / 3,
        "need_6": 2 * SEVERE / 3,
        "beneficiaries_4": 70_000.0,  # another level's, of no account here
        "beneficiaries_5": cover * INSURED * SEVERE / 2,
        "beneficiaries_6": cover * INSURED * SEVERE / 2,
    }
    for name, value in columns.items():
        need[..., NEED_MEASURES.index(name)] = value / n
    nothing = np.zeros(0)
    return Outcome(
        monthly=monthly,
        in_time=nothing.astype(np.int64),
        waits=nothing.astype(np.int32),
        waits_by_class=nothing.astype(np.int32),
        in_line=nothing.astype(np.int32),
        workers=nothing,
        flows=nothing,
        service=nothing,
        assessors=nothing,
        certified=np.full(n_year, 0.7),
        population=population,
        need=need,
        facts=nothing,
    )


def tables_of(inputs: Inputs, *outcomes: Outcome) -> tuple[pd.DataFrame, pd.DataFrame]:
    values = np.array([indicator_values(inputs, one) for one in outcomes or (made(inputs),)])
    return indicator_table(inputs, values), yearly_indicator_table(inputs, values)


def row(frame: pd.DataFrame, number: int) -> pd.Series:
    return frame[frame["indicator"].str.contains(NAMES[number])].iloc[0]


def by_year(frame: pd.DataFrame, number: int, column: str = "simulated") -> dict[int, float]:
    rows = frame[frame["indicator"].str.contains(NAMES[number])]
    return dict(zip(rows["year"], rows[column], strict=True))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("baseline", {2: "result", 3: "input", 6: "input", 10: "not_modelled", 12: "not_modelled"}),
        ("by-need", {3: "input", 4: "input", 5: "input", 7: "input"}),
        ("rule-met", {3: "result", 4: "input", 5: "input"}),
        ("as-built", {2: "result", 3: "input", 4: "input", 5: "input"}),
        ("frozen-2020", {2: "result", 3: "input", 4: "input", 5: "input", 6: "input"}),
        ("home-sickbeds", {3: "input", 10: "result", 12: "not_modelled"}),
    ],
)
def test_a_row_is_a_result_only_where_the_simulation_finds_it(
    name: str, kinds: dict[int, str]
) -> None:
    frame, years = tables_of(inputs_of(name))
    assert {number: row(frame, number)["kind"] for number in kinds} == kinds
    said = frame[frame["kind"] != "not_modelled"]
    assert list(years["indicator"].unique()) == list(said["indicator"])


@pytest.mark.parametrize("name", list_scenarios())
def test_only_results_are_met_or_not_in_any_scenario(name: str) -> None:
    frame, _ = tables_of(inputs_of(name))
    assert len(frame) == 24
    others = frame[frame["kind"] != "result"]
    assert (others["verdict"] == others["kind"]).all()
    assert others["judged_by_2025"].isna().all()
    results = frame[frame["kind"] == "result"]
    assert set(results["verdict"]) <= {
        "met",
        "not_met",
        "applicants_covered",
        "applicants_not_covered",
    }
    assert results["judged_by_2025"].notna().all()


def test_cover_is_of_the_insured_at_the_severe_levels() -> None:
    inputs = inputs_of()
    frame, years = tables_of(inputs, made(inputs, 0.7))
    assert row(frame, 2)["simulated_2025"] == pytest.approx(70)
    assert list(by_year(years, 2).values()) == pytest.approx([70] * 6)
    assert row(frame, 2)["ceiling_2025"] == pytest.approx(100 * inputs.values["take_up"])


def test_all_who_need_it_are_met_where_all_who_apply_are_served_and_not_where_they_are_not() -> (
    None
):
    inputs = inputs_of()
    take_up, delay, deaths = (
        inputs.values[name] for name in ("take_up", "application_delay_days", "death_rate_in_need")
    )
    in_time = take_up * float(settled_after(deaths, delay))
    assert in_time < take_up < 1
    for cover, verdict in (
        (in_time, "applicants_covered"),
        (in_time - 0.009, "applicants_covered"),
        (in_time - 0.011, "applicants_not_covered"),
    ):
        said = row(tables_of(inputs, made(inputs, cover))[0], 2)
        assert said["verdict"] == verdict
        assert said["judged_by_2025"] == pytest.approx(100 * in_time - 1)


def test_where_need_grows_more_applications_are_under_way() -> None:
    inputs = inputs_of()
    outcome = made(inputs)
    growing = replace(outcome, need=outcome.need * (1.1 ** np.arange(6))[:, None, None])
    still, more = (row(tables_of(inputs, one)[0], 2) for one in (outcome, growing))
    take_up, days, deaths = (
        inputs.values[name] for name in ("take_up", "application_delay_days", "death_rate_in_need")
    )
    settled = settled_after(deaths, days) - settled_after(deaths + 0.1, days)
    assert still["judged_by_2025"] - more["judged_by_2025"] == pytest.approx(
        100 * take_up * settled
    )


def test_a_target_above_what_the_model_can_reach_is_not_called_missed() -> None:
    inputs = inputs_of("home-sickbeds")
    # 20,000 places in use of 80,000 set up in a year are 3.2 for 1,000 of 25 million; for 30 million 2.7.
    everybody = made(inputs, sickbeds=20_000)
    crowded = replace(everybody, population=everybody.population * 1.2)
    said = [row(tables_of(inputs, one)[0], 10) for one in (everybody, crowded)]
    assert [one["simulated_2025"] for one in said] == pytest.approx([3.2, 3.2 / 1.2])
    assert [one["verdict"] for one in said] == ["met", "unknown"]
    half = row(tables_of(inputs, made(inputs, sickbeds=10_000))[0], 10)
    assert (half["simulated_2025"], half["verdict"]) == (pytest.approx(1.6), "not_met")
    assert half["ceiling_2025"] == pytest.approx(3.2)


def test_beds_by_the_rule_are_held_against_the_target() -> None:
    inputs = inputs_of("rule-met")
    for beds, verdict in ((178_000.0, "met"), (177_990.0, "not_met")):
        said = row(tables_of(inputs, made(inputs, beds=beds))[0], 3)
        assert (said["verdict"], said["judged_by_2025"]) == (verdict, 17.8)
        assert np.isnan(said["planned_2025"])


def test_every_year_from_the_base_on_has_a_value() -> None:
    _, years = tables_of(inputs_of(last_year=2027))
    assert by_year(years, 6, "scenario_value") == pytest.approx(
        {2020: 320, 2021: 356, 2022: 392, 2023: 428, 2024: 464, 2025: 500, 2026: 500, 2027: 500}
    )
    assert by_year(years, 3, "scenario_value")[2023] == pytest.approx(16.96)
    assert by_year(years, 3) == pytest.approx({2020: 15.7} | dict.fromkeys(range(2021, 2028), 17.8))
    assert by_year(years, 5)[2020] == pytest.approx(52)
    assert by_year(years, 5)[2021] == pytest.approx(60)
    assert by_year(years, 7)[2020] == pytest.approx(55)
    assert by_year(years, 7)[2027] == pytest.approx(70)
    assert (years.groupby("indicator")["year"].nunique() == 8).all()


def test_beds_as_they_were_built_are_the_published_counts_of_years_that_have_one() -> None:
    _, years = tables_of(inputs_of("as-built", 2026))
    found = by_year(years, 3, "scenario_value")
    assert (found[2020], found[2024], found[2025]) == pytest.approx((15.7, 17.0, 17.22))
    assert np.isnan([found[2023], found[2026]]).all()


@pytest.mark.parametrize("name", ["baseline", "rule-met", "home-sickbeds"])
def test_a_scenario_that_ends_before_the_plan_is_not_judged(name: str) -> None:
    frame, years = tables_of(inputs_of(name, 2023))
    assert set(years["year"]) == {2020, 2021, 2022, 2023}
    assert frame[["planned_2025", "simulated_2025", "ceiling_2025"]].isna().all(axis=None)
    assert set(frame.loc[frame["kind"] == "result", "verdict"]) == {"unknown"}


@pytest.fixture
def planned_toy(tmp_path: Path) -> City:
    """A copy of the toy city with a plan of its own."""
    folder = Path(shutil.copytree(TOY, tmp_path / "toy"))
    head = "no,indicator,category,kind,operator,target_2025,unit,base_2020,note,source_id,status\n"
    rows = (
        "2,重度失能覆盖,甲,result,,,,,,TOY-COUNT,published\n"
        "3,养老床位总数,甲,input,>=,0.235,万张,0.19,,TOY-COUNT,published\n"
        "4,绿地,甲,not_modelled,>=,5,个,,,TOY-COUNT,published\n"
        "6,养老综合体,甲,input,=,40,家,,,TOY-COUNT,published\n"
    )
    (folder / "tables" / "plan_indicators.csv").write_text(head + rows, encoding="utf-8")
    return read_city(folder)


def test_another_city_has_its_own_plan_years_and_numbers(planned_toy: City) -> None:
    inputs = load_inputs(load_scenario("baseline", planned_toy).scenario, planned_toy)
    frame, years = tables_of(inputs)
    assert frame["kind"].tolist() == ["result", "input", "not_modelled", "not_modelled"]
    assert sorted(years["year"].unique()) == [2023, 2024, 2025, 2026, 2027]
    assert by_year(years, 3, "scenario_value")[2025] == pytest.approx((0.19 + 0.235) / 2)
    assert row(frame, 3)["planned_2025"] == pytest.approx(0.235)
    words = city_words("zh", planned_toy)
    assert words.column("target_2025") == "2027年目标"
    assert words.column("simulated_2025_p05").startswith("2027年模拟值")
    assert words.column("base_2020") == "2023年基数"


def test_centres_without_a_printed_base_are_known_from_the_end_of_the_plan_on(
    planned_toy: City,
) -> None:
    own = planned_toy.folder / "scenarios" / "centres.toml"
    text = 'extends = "baseline"\n[horizon]\nlast_year = 2028\n[resources]\ncentres_2025 = 40\n'
    own.write_text(text, encoding="utf-8")
    inputs = load_inputs(load_scenario("centres", planned_toy).scenario, planned_toy)
    frame, years = tables_of(inputs)
    assert (row(frame, 6)["kind"], row(frame, 6)["planned_2025"]) == ("input", 40)
    found = by_year(years, 6, "scenario_value")
    assert np.isnan([found[year] for year in range(2023, 2027)]).all()
    assert (found[2027], found[2028]) == (40, 40)


def test_a_file_that_leaves_centres_out_has_those_of_the_baseline(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('name = "own"\n[resources]\non = ["home_sickbed"]\n', encoding="utf-8")
    loaded = load_scenario(str(own))
    assert loaded.scenario.resources.centres_2025 == 500
    assert loaded.provenance["resources.centres_2025"].endswith("scenarios/baseline.toml")


def test_beds_of_a_year_are_those_of_its_last_month() -> None:
    inputs = inputs_of()
    outcome = made(inputs)
    months = np.arange(1, 61)[:, None, None, None] / 60
    _, years = tables_of(inputs, replace(outcome, monthly=outcome.monthly * months))
    assert by_year(years, 3)[2021] == pytest.approx(17.8 * 12 / 60)
    assert by_year(years, 4)[2025] == pytest.approx(1.78)
