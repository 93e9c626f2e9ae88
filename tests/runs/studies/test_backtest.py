"""`yanglao backtest` prints and writes errors, and scores any forecast against a user's counts."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from params.errors import ParamError
from runs.cli.app import main
from runs.studies.actuals import read_actuals, read_forecast, score
from runs.studies.backtest import percent
from runs.texts.wording import dictionary, wording

FORECAST = """basis,district,year,measure,mean,p05,p95
resident,黄浦区,2020,60+,100,100,100
resident,黄浦区,2025,60+,150,140,160
resident,浦东新区,2020,60+,1000,990,1010
resident,浦东新区,2025,60+,1200,1100,1300
"""
ACTUALS = """basis,district,year,measure,value
resident,黄浦区,2025,60+,120
resident,浦东新区,2025,60+,1250
"""


def yanglao(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["backtest", *arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    forecast, actuals = tmp_path / "population_long.csv", tmp_path / "actuals.csv"
    forecast.write_text(FORECAST, encoding="utf-8")
    actuals.write_text(ACTUALS, encoding="utf-8")
    return forecast, actuals


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("out")
    result = yanglao("--draws", "40", "--out", str(out), "--lang", "en", "--encoding", "utf-8")
    return out / "backtest", result


def test_a_backtest_prints_every_case_with_its_naive_rivals(done: tuple[Path, Result]) -> None:
    assert done[1].exit_code == 0, done[1].output
    for words in ("Residents 2010→2020", "Registered 2012→2017", "constant share", "no moves"):
        assert words in done[1].output


def test_an_error_that_rounds_to_nothing_has_no_minus(done: tuple[Path, Result]) -> None:
    assert "-0.0 %" not in done[1].output
    assert "-0.00 %" not in done[1].output
    assert percent(-0.0004, 1) == "+0.0 %"
    assert percent(-0.0004, 2) == "-0.04 %"


def test_both_tables_have_the_columns_of_the_dictionary(done: tuple[Path, Result]) -> None:
    for name in ("backtest", "backtest_summary"):
        table = pd.read_csv(done[0] / f"{name}.csv")
        assert list(table.columns) == [row.column for row in dictionary() if row.file == name]


def test_the_summary_is_the_mean_of_the_districts(done: tuple[Path, Result]) -> None:
    table, sums = (pd.read_csv(done[0] / f"{n}.csv") for n in ("backtest", "backtest_summary"))
    part = table.query("case == 'registered' and model == 'yanglao' and measure == '80+'")
    mape = part[part["district"] != "全市"]["error"].abs().mean()
    row = sums.query("case == 'registered' and model == 'yanglao' and measure == '80+'")
    assert row["mape"].item() == pytest.approx(mape, abs=1e-4)


def test_a_forecast_is_scored_against_counts_beside_no_change(files: tuple[Path, Path]) -> None:
    forecast = read_forecast(files[0])
    table = score(forecast, read_actuals(files[1], forecast)).set_index("district")
    assert table.loc["黄浦区", "error"] == pytest.approx(150 / 120 - 1)
    assert table.loc["黄浦区", "unchanged_error"] == pytest.approx(100 / 120 - 1)
    assert table["inside"].to_dict() == {"黄浦区": 0.0, "浦东新区": 1.0}


def test_chinese_headers_names_and_gb18030_are_read_like_ids(files: tuple[Path, Path]) -> None:
    words = wording("zh")
    text = ACTUALS.replace("resident", words.name("basis", "resident"))
    text = text.replace("60+", words.column("60+"))
    head = ",".join(words.column(c) for c in ("basis", "district", "year", "measure", "value"))
    files[1].write_bytes("\n".join([head, *text.splitlines()[1:]]).encode("gb18030"))
    forecast = read_forecast(files[0].parent)
    assert list(read_actuals(files[1], forecast)["value"]) == [120, 1250]


def test_all_mistakes_of_the_counts_are_said_at_once_by_line(files: tuple[Path, Path]) -> None:
    wrong = (
        ACTUALS
        + "resident,黄埔区,2025,60+,5\nresident,黄浦区,2031,60+,many\nresident,黄浦区,2025,60+,9\n"
    )
    files[1].write_text(wrong, encoding="utf-8")
    with pytest.raises(ParamError) as caught:
        read_actuals(files[1], read_forecast(files[0]))
    text = str(caught.value)
    for said in ("line 4, column district", "黄浦区", "line 5, column year", "'many'", "line 6"):
        assert said in text
    assert len(caught.value.problems) == 4


def test_a_missing_column_is_named_with_those_needed(files: tuple[Path, Path]) -> None:
    files[1].write_text(ACTUALS.replace("value", "number"), encoding="utf-8")
    with pytest.raises(ParamError, match=r"line 1: no column value\n.*basis, district, year"):
        read_actuals(files[1], read_forecast(files[0]))


def test_the_command_scores_a_file_and_writes_it(files: tuple[Path, Path], tmp_path: Path) -> None:
    result = yanglao(
        *("--actuals", str(files[1]), "--forecast", str(files[0])),
        *("--out", str(tmp_path / "out"), "--lang", "en"),
    )
    assert result.exit_code == 0, result.output
    assert "mean absolute error 14.50 %" in result.output
    table = pd.read_csv(tmp_path / "out" / "backtest" / "actuals.csv")
    assert list(table.columns) == [row.column for row in dictionary() if row.file == "actuals"]


def test_bad_counts_exit_with_2_and_write_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    files[1].write_text(ACTUALS.replace("2025", "2026"), encoding="utf-8")
    out = tmp_path / "out"
    result = yanglao("--actuals", str(files[1]), "--forecast", str(files[0]), "--out", str(out))
    assert result.exit_code == 2
    assert "2026" in result.output
    assert not out.exists()


def test_a_forecast_without_counts_is_a_mistake(files: tuple[Path, Path]) -> None:
    result = yanglao("--forecast", str(files[0]))
    assert result.exit_code == 2
    assert "--actuals" in result.output
