"""Every fault of a city's tables is named with file, line and column, all of them at once."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from params.city import read_city
from params.errors import ParamError
from params.inputs import load_inputs
from params.scenario.load import load_scenario
from params.tables.check_counts import city_faults
from runs.cli.app import main
from simulate.city.calendar import Calendar, make_calendar
from tests.cities.conftest import Edit

T = "tables/"
TEMPLATE = Path(__file__).parents[2] / "params" / "template"


def said(folder: Path) -> str:
    return "\n".join(str(problem) for problem in city_faults(read_city(folder)))


def test_the_toy_city_has_no_fault(toy: Path) -> None:
    assert said(toy) == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "people",
            "柳湾区,male,60,69",
            "柳弯区,male,60,69",
            "line 14, column district: '柳弯区'",
        ),
        (
            "people",
            "青石区,male,60,69",
            "青石区,male,61,69",
            "people.csv, line 4, column age_lo: .*a hole",
        ),
        (
            "people",
            "青石区,male,60,69",
            "青石区,male,59,69",
            "line 4, column age_lo: .*an overlap",
        ),
        (
            "people",
            "青石区,male,80,,",
            "青石区,male,80,99,",
            "line 6, column age_hi: .*last band ends",
        ),
        ("people", "青石区,male,0", "青石区,man,0", "people.csv, line 2, column sex: 'man'"),
        ("districts", "周边", "远郊", "districts.csv, line 4, column zone: '远郊': zone unknown"),
        ("districts", "青石区", "全市", "districts.csv, line 2, column district: 全市"),
        ("living", ".07,.36", ".47,.36", "living.csv, line 2, column alone: 0.47"),
        ("living", ".07,.36", "7,.36", "line 2, column alone: 7"),
        ("living", "male,80", "male,81", "living.csv, line 3, column age_lo: .*a hole"),
        (
            "beds_district",
            "2023,青石区",
            "2022,青石区",
            "beds_district.csv, column district: no row for",
        ),
        (
            "net_moves",
            "resident,青石区",
            "registered,青石区",
            "line 2, column basis: registered is not",
        ),
        ("care_hours", "6,7", "5,7", "care_hours.csv, line 6: 5 again"),
        ("care_hours", "6,7", "5,7", "care_hours.csv, column level: missing: 6"),
        (
            "assumptions",
            "take_up",
            "takeup",
            "assumptions.csv, line 24, column name: takeup: no such",
        ),
        (
            "assumptions",
            "take_up,0.85",
            "take_up,1.85",
            "line 24, column take_up: low 0.7, value 1.85",
        ),
        (
            "life_expectancy",
            "2023,male",
            "2024,male",
            "life_expectancy.csv, column sex: 2023: female",
        ),
        ("people", "TOY-COUNT", "TOY", "column source_id: 'TOY' is not in sources.csv"),
    ],
)
def test_a_fault_names_file_line_and_column(
    toy: Path, edit: Edit, file: str, old: str, new: str, message: str
) -> None:
    edit(f"{T}{file}.csv", old, new)
    assert re.search(message, said(toy)), said(toy)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("death_rates", ".09,", "0,", r"death_rates.csv, line 7, column rate: 0"),
        ("death_rates", "male,1,", "male,200,", "death_rates.csv, column age_lo: male"),
        ("life_table", "89000", "99990", "life_table.csv, line 4, column survivors: 99990 after"),
    ],
)
def test_rates_and_survivors_that_cannot_be_are_named(
    toy: Path, edit: Edit, table: str, old: str, new: str, message: str
) -> None:
    text = (TEMPLATE / "optional" / f"{table}.csv").read_text(encoding="utf-8")
    path = toy / T / f"{table}.csv"
    path.write_text(text.replace("MY-COUNT", "TOY-COUNT"), encoding="utf-8")
    assert said(toy) == ""
    edit(f"{T}{table}.csv", old, new)
    assert re.search(message, said(toy)), said(toy)


def test_moves_and_beds_that_cannot_be_are_named(toy: Path, edit: Edit) -> None:
    edit(f"{T}net_moves.csv", "20,44", "44,20")
    beds = toy / T / "beds_district.csv"
    beds.write_text(
        re.sub(r"区,\d+|县,\d+", lambda m: m[0][:2] + "0", beds.read_text("utf-8")), "utf-8"
    )
    assert "net_moves.csv, line 4, column age_hi: 20, age_lo 44" in said(toy)
    assert "beds_district.csv, column beds: no beds at all" in said(toy)


def test_required_tables_that_are_missing_and_strangers_are_named(toy: Path) -> None:
    (toy / T / "people.csv").unlink()
    (toy / T / "life_expectancy.csv").unlink()
    shutil.copy(toy / T / "living.csv", toy / T / "livng.csv")
    found = said(toy)
    assert "people.csv: the file is missing" in found
    assert "life_expectancy.csv / death_rates.csv / life_table.csv: none of them" in found
    assert "livng.csv: no such table" in found
    assert "living" in found


def test_a_basis_that_city_toml_names_must_be_counted(toy: Path, edit: Edit) -> None:
    edit("city.toml", '["resident"]', '["resident", "registered"]')
    assert "people.csv, column basis: no row of registered" in said(toy)


def test_the_calendar_is_that_of_the_country(toy: Path, edit: Edit) -> None:
    edit("city.toml", '"CN"', '"GB"')
    city = read_city(toy)
    calendar = make_calendar(load_inputs(load_scenario("baseline", city).scenario, city))
    # The National Day week is worked in Britain, the 26th of December is not.
    worked = {d: calendar.work[k + 1] > calendar.work[k] for d, k in days_of(calendar).items()}
    assert (worked[date(2024, 10, 2)], worked[date(2024, 12, 26)]) == (True, False)
    edit("city.toml", '"GB"', '"GBR1"')
    assert "city.toml:11:12: holidays: 'GBR1'" in said(toy)


def days_of(calendar: Calendar) -> dict[date, int]:
    days = (date(2024, 10, 2), date(2024, 12, 26))
    return {day: (day - calendar.start).days for day in days}


def test_all_faults_come_at_once_with_status_2_and_nothing_is_written(
    toy: Path, edit: Edit, tmp_path: Path
) -> None:
    edit(f"{T}districts.csv", "周边", "远郊")
    edit(f"{T}living.csv", ".07,.36", ".47,.36")
    edit(f"{T}people.csv", "青石区,male,80,,", "青石区,male,80,99,")
    words = ["run", "baseline", "--city", str(toy), "--out", str(tmp_path / "out")]
    for command in (words, ["params", "--check", "--city", str(toy)]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 2, done.output
        assert "3 problem(s)" in done.output
    assert not (tmp_path / "out").exists()


def test_mistakes_of_city_toml_come_at_once_with_their_lines(toy: Path, edit: Edit) -> None:
    edit("city.toml", "plan_year = 2027", "plan_year = 2020")
    edit("city.toml", '["resident"]', '["residents"]')
    edit("city.toml", 'holidays = "CN"', 'holiday = "CN"')
    with pytest.raises(ParamError, match=r"city\.toml:8:13: plan_year: 2020") as caught:
        read_city(toy)
    said = "\n".join(str(problem) for problem in caught.value.problems)
    assert "city.toml:12:9: bases: found ['residents']" in said
    assert "holiday: unknown key" in said
    assert "did you mean holidays" in said


def test_a_folder_without_city_toml_gets_the_advice_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match=r"(?s)holds no city.toml.*new-city"):
        read_city(tmp_path)
    with pytest.raises(ParamError, match="no such folder"):
        read_city(tmp_path / "nowhere")


def test_a_city_that_counts_no_day_care_lets_nobody_ask_for_it(toy: Path) -> None:
    (toy / T / "beds_city.csv").unlink()
    city = read_city(toy)
    inputs = load_inputs(load_scenario("baseline", city).scenario, city)
    assert inputs.values["day_care_share"] == 0.0
    assert inputs.supply.units_2020 == {}
