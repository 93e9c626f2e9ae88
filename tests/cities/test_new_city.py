"""Templates of a new city run as they are and describe every table in both languages."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from params.city import read_city
from params.errors import ParamError
from params.tables.check import check_tables
from params.tables.check_counts import city_faults
from params.tables.known import known_tables, tables_for
from params.tables.read import table_columns
from runs.cli.app import main
from runs.new_city import new_city


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "mine"
    assert new_city(folder)
    return folder


def test_the_templates_have_no_fault_and_every_check_holds(mine: Path) -> None:
    city = read_city(mine)
    assert city_faults(city) == []
    assert [r for r in check_tables(city) if not r.ok] == []


@pytest.mark.slow
def test_the_templates_run_as_they_are(mine: Path, tmp_path: Path) -> None:
    words = ["run", "baseline", "--city", str(mine), "--replications", "1", "--workers", "1"]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "name", ["death_rates", "life_table", "registration", "households", "plan_indicators"]
)
def test_every_optional_table_may_be_moved_in(mine: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(mine, tmp_path / "copy"))
    shutil.move(copy / "optional" / f"{name}.csv", copy / "tables" / f"{name}.csv")
    assert city_faults(read_city(copy)) == []
    done = CliRunner().invoke(
        main,
        ["project", "--city", str(copy), "--draws", "0", "--out", str(tmp_path / "out")],
    )
    assert done.exit_code == 0, done.output


def test_the_readme_describes_every_table_and_column_in_both_languages(mine: Path) -> None:
    text = (mine / "README.md").read_text(encoding="utf-8")
    for table in tables_for("counts"):
        if table.need == "record":
            continue
        assert f"### `{table.table}.csv`" in text
        for column in table_columns(table.table):
            assert column.meaning_zh, f"{table.table}.{column.name}"
            assert f"| `{column.name}` |" in text


def test_nothing_of_the_templates_speaks_of_the_packaged_city(mine: Path) -> None:
    for path in mine.rglob("*"):
        if path.is_file():
            assert not re.search("上海|沪|Shanghai", path.read_text(encoding="utf-8")), path


def test_an_optional_table_says_what_holds_without_it() -> None:
    for table in known_tables():
        assert bool(table.without_zh and table.without_en) == (table.need == "optional"), (
            table.table
        )


def test_a_folder_that_holds_anything_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ParamError, match="is not empty"):
        new_city(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]
