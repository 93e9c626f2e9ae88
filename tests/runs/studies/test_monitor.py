"""A plan is followed: what was planned, what came, and what was expected as of each bulletin."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from params.inputs import load_inputs
from params.scenario.load import load_scenario
from runs.cli.app import main
from runs.studies.monitor import MonitorOptions, monitored
from runs.texts.wording import contract_columns

ROWS = "year,measure,value\n2021,60+,5423000\n2022,60+,5540000\n"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("monitor")
    (folder / "own.csv").write_text(ROWS, encoding="utf-8")
    loaded = load_scenario("baseline", evidence=folder / "own.csv")
    inputs = load_inputs(loaded.scenario, loaded.city)
    return monitored(inputs, MonitorOptions(folder, draws=24))


def row(table: pd.DataFrame, year: int, cut_off: int, measure: str = "60+") -> pd.Series:
    at = (table["year"] == year) & (table["known_until"] == cut_off)
    return table[at & (table["measure"] == measure)].iloc[0]


def test_a_forecast_as_of_a_bulletin_does_not_see_the_next(table: pd.DataFrame) -> None:
    assert sorted(table["known_until"].unique()) == [2020, 2021, 2022]
    before, after = row(table, 2022, 2021), row(table, 2022, 2022)
    assert before["p95"] - before["p05"] > 4 * (after["p95"] - after["p05"])
    assert after["mean"] == pytest.approx(5_540_000, rel=0.002)


def test_what_came_is_judged_by_the_forecasts_before_it_only(table: pd.DataFrame) -> None:
    assert row(table, 2022, 2022)["inside"] != row(table, 2022, 2022)["inside"]
    assert row(table, 2022, 2020)["inside"] in (0.0, 1.0)
    assert table["inside"].notna().sum() == 3


def test_the_plans_path_runs_straight_to_its_target(table: pd.DataFrame) -> None:
    assert row(table, 2020, 2020)["planned"] == 5_334_900
    assert row(table, 2025, 2020)["planned"] == 5_700_000
    assert row(table, 2025, 2020, "65+")["planned"] != row(table, 2025, 2020, "65+")["planned"]


def test_the_dictionary_has_every_column_of_the_table(table: pd.DataFrame) -> None:
    assert tuple(table.columns) == contract_columns("monitor")


def test_monitor_prints_and_writes_its_table(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(ROWS, encoding="utf-8")
    words = ["monitor", "--evidence", str(tmp_path / "own.csv"), "--draws", "4"]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "as of 2022" in done.output
    assert "of 3 figures that came" in done.output
    assert len(pd.read_csv(tmp_path / "monitor" / "monitor.csv")) == 6 * 6 * 3


def test_a_bad_row_ends_with_status_two_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("year,measure,value\n2021,60+,540\n", encoding="utf-8")
    words = ["monitor", "--evidence", str(tmp_path / "own.csv"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*words, "--draws", "4"])
    assert done.exit_code == 2
    assert "population.evidence #1: 2021 60+ = 540" in done.output
    assert not (tmp_path / "out").exists()
