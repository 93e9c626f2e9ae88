"""Residents and waiting lists of one day come from files or from rows; what they cannot be is named."""

from pathlib import Path

import pytest

from params.errors import ParamError
from params.language import speak
from params.scenario.identity import identity
from params.scenario.load import load_scenario, notes_on
from params.scenario.resolved import resolved_toml


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


ROWS = """
[start]
date = 2024-12-31
[[start.residents]]
district = "普陀区"
resource = "护理型床位"
count = 4000
[[start.waiting]]
district = "黄浦区"
resource = "day_care"
count = 0
"""
FILES = '[start]\ndate = 2024-12-31\nresidents = "r.csv"\nwaiting = "w.csv"\n'
TABLES = {
    "r.csv": '区,资源,人数,备注\n普陀区,nursing_bed,"4,000",\n',
    "w.csv": "district,resource,count\n黄浦区,日间照护,0\n",
}


def written(folder: Path, text: str) -> Path:
    for name, table in TABLES.items():
        (folder / name).write_bytes(table.encode("gb18030"))
    (folder / "own.toml").write_text(f'extends = "baseline"\n{text}', encoding="utf-8")
    return folder / "own.toml"


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ParamError) as found:
        load_scenario(written(folder, text))
    return str(found.value)


def test_rows_and_files_say_the_same(tmp_path: Path) -> None:
    rows, files = (load_scenario(written(tmp_path, text)).scenario.start for text in (ROWS, FILES))
    assert rows == files
    assert [row.resource for row in (*rows.residents, *rows.waiting)] == ["nursing_bed", "day_care"]


def test_a_resolved_start_is_whole_without_its_files_and_another_run_with_other_people(
    tmp_path: Path,
) -> None:
    loaded = load_scenario(written(tmp_path, FILES))
    (tmp_path / "again.toml").write_text(resolved_toml(loaded), encoding="utf-8")
    for name in TABLES:
        (tmp_path / name).unlink()
    again = load_scenario(tmp_path / "again.toml")
    assert again.scenario.start == loaded.scenario.start
    other = load_scenario(written(tmp_path, ROWS.replace("4000", "4001")))
    assert identity(other) != identity(loaded)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROWS.replace("2024-12-31", "2024-06-30"), "not the last day of a year"),
        (ROWS.replace("2024", "2020"), "31 December of 2021 to 2024"),
        (ROWS.replace("2024", "2025"), "31 December of 2021 to 2024"),
        (ROWS.replace("date = 2024-12-31", ""), "though people are given"),
        (ROWS.replace("护理型床位", "home_care"), "unknown resource"),
        (ROWS.replace("day_care", "hospice_bed"), "hospice_bed is off"),
        (ROWS.replace("day_care", "bed_total"), "unknown resource"),
        (ROWS.replace("黄浦区", "中心城区"), "unknown district"),
        (ROWS.replace("count = 0", "count = -1"), "-1"),
        (ROWS.replace("count = 0", "count = 2.5"), "2.5"),
        (
            ROWS + ROWS[ROWS.index("[[start.waiting]]") :].replace("= 0", "= 7"),
            "黄浦区 day_care stands twice",
        ),
    ],
)
def test_what_a_start_cannot_be_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_check_hints_at_stocks_of_the_same_day(tmp_path: Path) -> None:
    alone = load_scenario(written(tmp_path, ROWS))
    assert any("rows of paths with year = 2024" in note for note in notes_on(alone.scenario))
    path = '\n[[paths]]\nyear = 2024\ndistrict = "普陀区"\nresource = "bed_total"\nvalue = 9000\n'
    both = load_scenario(written(tmp_path, ROWS + path))
    assert not any("rows of paths" in note for note in notes_on(both.scenario))


def test_without_a_date_reports_begin_after_the_base_year() -> None:
    start = load_scenario("baseline").scenario.start
    assert start.date is None
    assert start.residents == start.waiting == ()
