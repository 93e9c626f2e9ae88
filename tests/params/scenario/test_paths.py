"""Stocks by year and district come from a file or from rows; what they cannot be is named."""

from pathlib import Path

import pytest
import xlsxwriter

from params.errors import ParamError
from params.language import speak
from params.scenario.identity import identity
from params.scenario.load import load_scenario, notes_on
from params.scenario.resolved import resolved_toml


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


ROWS = """
[[paths]]
year = 2023
district = "普陀区"
resource = "认知障碍照护床位"
value = 600
[[paths]]
year = 2030
district = "全市"
resource = "评估员"
value = 1500
growth = 0.1
"""
TABLE = (
    '年份,区,资源,数量,年增长率\n2023,普陀区,dementia_bed,600,\n2030,全市,assessors,"1,500",10%\n'
)


def written(folder: Path, text: str, table: str | None = None) -> Path:
    if table is not None:
        (folder / "paths.csv").write_bytes(table.encode("gb18030"))
    (folder / "own.toml").write_text(f'extends = "baseline"\n{text}', encoding="utf-8")
    return folder / "own.toml"


def refused(folder: Path, text: str, table: str | None = None) -> str:
    with pytest.raises(ParamError) as found:
        load_scenario(written(folder, text, table))
    return str(found.value)


def test_rows_and_a_file_say_the_same(tmp_path: Path) -> None:
    rows = load_scenario(written(tmp_path, ROWS))
    table = load_scenario(written(tmp_path, 'paths = "paths.csv"\n', TABLE))
    assert rows.scenario.paths == table.scenario.paths
    assert [row.resource for row in rows.scenario.paths] == ["dementia_bed", "assessors"]


def test_a_resolved_scenario_needs_the_file_no_more(tmp_path: Path) -> None:
    table = load_scenario(written(tmp_path, 'paths = "paths.csv"\n', TABLE))
    (tmp_path / "again.toml").write_text(resolved_toml(table), encoding="utf-8")
    (tmp_path / "paths.csv").unlink()
    assert identity(load_scenario(tmp_path / "again.toml")) == identity(table)


def test_a_mistake_in_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    table = TABLE + "2024,火星区,dementia_bed,5,\n2019,普陀区,dementia_bed,5,\n"
    said = refused(tmp_path, 'paths = "paths.csv"\n', table)
    assert "paths.csv, line 4, column district" in said
    assert "paths.csv, line 5, column year" in said
    said = refused(tmp_path, 'paths = "paths.csv"\n', TABLE + "2024,普陀区,dementia_bed,many,\n")
    assert "paths.csv, line 4, column value: 'many'" in said
    assert "unknown column" in refused(
        tmp_path, 'paths = "paths.csv"\n', "年份,区,资源,数量,beds\n"
    )
    assert "paths: the file is missing: none.csv" in refused(tmp_path, 'paths = "none.csv"\n')


def row(
    year: int = 2024, district: str = "普陀区", resource: str = "dementia_bed", more: str = ""
) -> str:
    return f'[[paths]]\nyear = {year}\ndistrict = "{district}"\nresource = "{resource}"\nvalue = 9\n{more}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (row(2020), "the stock of 2020 is that of the tables"),
        (row(2051), "2021 to 2050"),
        (row() + row(), "stands twice"),
        (row(more="growth = 0.1") + row(2025), "in the last row of a path only"),
        (row(resource="home_care"), "unknown resource"),
        (row(resource="hospice_bed"), "hospice_bed is off"),
        (row(district="郊区", resource="care_worker_home"), "a zone, for care_worker_home"),
        (
            row(resource="care_worker_home")
            + row(district="全市", resource="care_worker_home")
            + '[workers]\nhiring = "in_place"\n',
            "beside districts",
        ),
        (row(more="growth = 3.0"), "growth"),
        (
            row(district="全市", resource="assessors") + "[assessors]\ngrowth = 0.1\n",
            "paths, 全市",
        ),
        (
            '[[resources.weights]]\nresource = "family_bed"\ndistrict = "郊区"\nweight = 2.0\n' * 2,
            "stands twice",
        ),
        (
            '[[resources.weights]]\nresource = "nursing_bed"\ndistrict = "郊区"\nweight = 2.0\n',
            "unknown resource",
        ),
    ],
)
def test_what_a_path_cannot_be_is_refused(text: str, said: str, tmp_path: Path) -> None:
    assert said in refused(tmp_path, text)


def test_a_pudong_path_of_workers_is_the_districts(tmp_path: Path) -> None:
    # Pudong is a district and a zone of its own.
    found = load_scenario(written(tmp_path, row(district="浦东新区", resource="care_worker_home")))
    assert found.scenario.paths[0].district == "浦东新区"


def test_paths_stand_in_place_of_those_extended(tmp_path: Path) -> None:
    written(tmp_path, ROWS).rename(tmp_path / "below.toml")
    (tmp_path / "above.toml").write_text(f'extends = "./below.toml"\n{row()}', encoding="utf-8")
    assert len(load_scenario(tmp_path / "above.toml").scenario.paths) == 1


def test_what_a_path_means_less_than_it_says_is_noted(tmp_path: Path) -> None:
    text = row(district="全市", resource="care_worker_home") + row() + row(resource="day_care")
    notes = notes_on(load_scenario(written(tmp_path, text)).scenario)
    assert [note.split(":")[0] for note in notes] == [
        "paths, 全市 care_worker_home",
        "paths, 普陀区 dementia_bed",
    ]
    text += row(resource="bed_total") + '[workers]\nhiring = "in_place"\n'
    assert notes_on(load_scenario(written(tmp_path, text)).scenario) == []


def test_a_workbook_says_the_same_as_a_text_file(tmp_path: Path) -> None:
    rows = [line.split(",") for line in TABLE.replace('"1,500"', "１５００").splitlines()]
    book = xlsxwriter.Workbook(tmp_path / "paths.xlsx")
    sheet = book.add_worksheet()
    for k, row_ in enumerate(rows):
        sheet.write_row(k, 0, [int(c) if c.isascii() and c.isdigit() else c for c in row_])
    book.close()
    table = load_scenario(written(tmp_path, 'paths = "paths.csv"\n', TABLE))
    assert load_scenario(written(tmp_path, 'paths = "paths.xlsx"\n')).scenario == table.scenario
