"""The shipped tables add up, and every kind of fault in them is found and named."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from params.city import read_city
from params.errors import ParamError
from params.tables.check import CheckResult, check_tables, list_parameters
from params.tables.known import known_tables, tables_of
from params.tables.read import STATUSES, data_path, read_columns, read_sources, read_table
from tests.shanghai import ZONES, shanghai

pytestmark = pytest.mark.core
TABLES = tables_of(shanghai())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(shanghai().folder, tmp_path / "copy")
    return tmp_path / "copy" / "tables"


def edit(folder: Path, table: str, old: str, new: str) -> None:
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def failures(folder: Path) -> list[CheckResult]:
    return [result for result in check_tables(read_city(folder.parent)) if not result.ok]


def test_every_check_of_the_shipped_tables_passes() -> None:
    assert [result for result in check_tables() if not result.ok] == []


def test_every_file_of_the_city_is_a_known_table_and_every_known_table_is_described() -> None:
    described = {column.table for column in read_columns()}
    assert {path.stem for path in shanghai().tables.glob("*.csv")} <= set(TABLES)
    assert {table.table for table in known_tables()} == described


@pytest.mark.parametrize("table", TABLES)
def test_files_are_utf8_with_unix_lines_and_no_byte_order_mark(table: str) -> None:
    content = data_path(table).read_bytes()
    content.decode("utf-8")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"sources"}))
def test_source_and_status_are_the_last_two_columns(table: str) -> None:
    frame = read_table(table)
    assert frame.columns[-2:].tolist() == ["source_id", "status"]
    assert set(frame["status"]) <= set(STATUSES)


def test_every_source_is_cited_somewhere() -> None:
    cited = {s for t in TABLES if "status" in (f := read_table(t)) for s in f["source_id"]}
    assert set(read_sources()["source_id"]) == cited - {""}


def test_reading_gives_a_copy_of_its_own() -> None:
    first = read_table("districts")
    first.loc[0, "district"] = "changed"
    assert read_table("districts.csv").loc[0, "district"] == "黄浦区"


def test_zones_hold_seven_one_and_eight_districts() -> None:
    assert read_table("districts")["zone"].value_counts()[list(ZONES)].tolist() == [7, 1, 8]


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("census", "2020,黄浦区,female,60,64,", "2020,黄浦区,female,60,64,1"),
        ("registered_bands", "2017,崇明区,80,,38", "2017,崇明区,80,,39"),
        ("registration", "2020,徐汇区,1113078", "2020,徐汇区,1113079"),
        ("households", "2020,长宁区,", "2020,长宁区,9"),
        ("hukou_flows", "2016,闵行区,", "2016,闵行区,1"),
        ("beds_district", "2024,静安区,", "2024,静安区,9"),
        ("vital_city", "2020,registered,life_expectancy_both,83.67", "2020,registered,x,83.67"),
        ("plan_indicators", ",17.8,", ",17.9,"),
    ],
)
def test_a_changed_number_no_longer_adds_up(folder: Path, table: str, old: str, new: str) -> None:
    edit(folder, table, old, new)
    assert failures(folder)


def test_a_district_sum_that_is_off_says_expected_and_found(folder: Path) -> None:
    edit(folder, "registered_bands", "2012,黄浦区,80,,", "2012,黄浦区,80,,1")
    found = next(r for r in failures(folder) if r.what == "2012 80+")
    assert found.table == "registered_bands"
    assert found.found > found.expected == 670_333


def test_a_district_that_is_missing_is_found(folder: Path) -> None:
    path = folder / "beds_list.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:-1]), encoding="utf-8")
    assert any("each district once" in result.what for result in failures(folder))


def test_a_value_outside_its_range_is_found(folder: Path) -> None:
    edit(folder, "assumptions", "take_up,0.85,0.70", "take_up,0.85,0.90")
    assert [result.what for result in failures(folder)] == ["low <= value <= high (rows that fail)"]


def test_a_survey_outside_the_range_that_is_assumed_is_found(folder: Path) -> None:
    edit(folder, "occupancy", "全市,0.8268", "全市,0.9")
    assert any("city_occupancy_2020" in str(result) for result in failures(folder))


def test_shares_of_levels_that_do_not_add_to_one_are_found(folder: Path) -> None:
    edit(folder, "assumptions", "level_2,0.18", "level_2,0.19")
    assert [result.what for result in failures(folder)] == ["levels of beneficiaries add to 1"]


def test_people_alone_cannot_outnumber_those_with_elders_only(folder: Path) -> None:
    edit(folder, "living_city", "living_alone,305200", "living_alone,3052000")
    assert any("独居" in result.what for result in failures(folder))


def test_a_row_printed_twice_is_found(folder: Path) -> None:
    path = folder / "occupancy.csv"
    lines = path.read_text("utf-8").splitlines(True)
    path.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    assert any("no two rows share" in result.what for result in failures(folder))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SH-HOMES-2025", "SH-HOMES-2024", r"line 2, column source_id: 'SH-HOMES-2024' is not in"),
        ("derived", "derivd", r"line 2, column status: 'derivd'[\s\S]*did you mean derived"),
        ("institutions", "houses", r"line 1, column institutions: column is missing"),
        ("黄浦区,2385", "黄浦区,-2385", r"line 2, column beds: '-2385'[\s\S]*a whole number"),
        ("黄浦区,2385", "黄浦区,2385.5", r"line 2, column beds: '2385.5'"),
        ("黄浦区,2385", "黄浦区,", r"line 2, column beds: empty cell"),
        ("黄浦区,2385", "黄浦区,1,2385", r"line 2: 6 cells"),
    ],
)
def test_an_unreadable_cell_is_named(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder, "beds_list", old, new)
    with pytest.raises(ParamError, match=f"beds_list.csv, {message}"):
        read_table("beds_list", folder)


@pytest.mark.parametrize("cell", ["nan", "inf", "-1", "many"])
def test_a_number_must_be_finite_and_not_negative(folder: Path, cell: str) -> None:
    edit(folder, "life_expectancy", "2012,male,80.18", f"2012,male,{cell}")
    with pytest.raises(ParamError, match="line 4, column years"):
        read_table("life_expectancy", folder)


def test_all_mistakes_of_all_tables_come_at_once(folder: Path) -> None:
    edit(folder, "beds_list", "derived", "derivd")
    edit(folder, "care_hours", "2,3,", "two,3,")
    edit(folder, "occupancy", "SUMHS-2019", "SUMHS")
    with pytest.raises(ParamError, match="status") as caught:
        check_tables(read_city(folder.parent))
    assert len(caught.value.problems) == 3


def test_a_file_in_gbk_says_the_same_and_one_in_no_encoding_is_named(folder: Path) -> None:
    path = folder / "occupancy.csv"
    before = read_table("occupancy", folder)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert read_table("occupancy", folder).equals(before)
    path.write_bytes(b"period,area\n2016,\xff\xff\n")
    with pytest.raises(ParamError, match=r"occupancy\.csv: its encoding is not known"):
        read_table("occupancy", folder)


def test_a_missing_file_and_an_unknown_table_are_named(folder: Path) -> None:
    (folder / "census.csv").unlink()
    with pytest.raises(ParamError, match="file is missing"):
        read_table("census", folder)
    with pytest.raises(ParamError, match=r"(?s)table cencus.*census"):
        read_table("cencus")


def test_a_byte_order_mark_from_a_spreadsheet_is_no_mistake(folder: Path) -> None:
    path = folder / "care_hours.csv"
    path.write_text(path.read_text("utf-8"), encoding="utf-8-sig")
    assert read_table("care_hours", folder)["level"].tolist() == [2, 3, 4, 5, 6]


def test_every_number_is_listed_with_its_source_and_status() -> None:
    listed = list_parameters()
    assert listed[["value", "status", "source_id"]].notna().all(axis=None)
    assert not listed.duplicated(["table", "key"]).any()
    assert set(listed["source_id"]) <= set(read_sources()["source_id"])


def test_the_assumed_listing_holds_every_assumption_and_only_chosen_numbers() -> None:
    listed = list_parameters(assumed_only=True)
    others = listed[listed["table"] != "assumptions"]
    assert (listed["table"] == "assumptions").sum() == len(read_table("assumptions"))
    assert set(others["status"]) == {"assumed"}
    assert set(others["table"]) == {"districts", "resources"}


def test_importing_the_reader_does_not_import_pandas() -> None:
    code = "import sys, params.tables.check, params.tables.read; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
