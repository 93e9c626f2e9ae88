"""What a run of one replication writes and says: it has no intervals, and no word of a computer for that."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from runs.cli.app import main
from tests.fast import few
from tests.runs.subjects.test_network import TINY

NO_NUMBER = re.compile(r"(?<![\w-])[+-]?(nan|NaN|inf|Infinity|NaT|None|<NA>)(?![\w-])")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every text of a folder, pictures left out of pages and workbooks unpacked."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield name, book.read(name).decode()
        elif path.suffix in {".csv", ".html", ".json", ".toml", ".svg"}:
            yield path.name, re.sub(r"base64,[^\"]*", "", path.read_text(encoding="utf-8-sig"))


def run(out: Path, scenario: str, lang: str) -> str:
    words = ("run", scenario, "--replications", "1", "--workers", "1", "--out", str(out))
    result = CliRunner().invoke(main, [*words, "--lang", lang, "--xlsx"])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("lang", few(["zh", "en"], 1))
@pytest.mark.parametrize("kind", ["city", "network"])
def test_no_text_of_one_replication_says_nan(tmp_path: Path, lang: str, kind: str) -> None:
    mine = tmp_path / "tiny.toml"
    mine.write_text(TINY, encoding="utf-8")
    said = run(tmp_path / "out", "baseline" if kind == "city" else str(mine), lang)
    found = [(name, NO_NUMBER.search(text)) for name, text in texts(tmp_path / "out")]
    assert len(found) > 12
    assert [name for name, match in [*found, ("printed", NO_NUMBER.search(said))] if match] == []
    if kind == "city":
        assert ("One replication: no intervals" if lang == "en" else "只有一次模拟") in said


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_flows_are_said_of_the_month_in_monthly_tables_and_of_the_year_in_yearly_ones(
    tmp_path: Path,
) -> None:
    run(tmp_path, "baseline", "zh")
    months, years = (
        (tmp_path / "baseline" / name).read_text(encoding="utf-8-sig")
        for name in ("monthly.csv", "shortfall.csv")
    )
    assert "当月申请数" in months
    assert "当月轮候中去世人数" in months
    assert "全年" not in months
    assert "全年申请数" in years.splitlines()[0]


def test_flows_of_a_whole_run_are_not_called_yearly(tmp_path: Path) -> None:
    mine = tmp_path / "tiny.toml"
    mine.write_text(TINY, encoding="utf-8")
    run(tmp_path / "out", str(mine), "zh")
    summary = pd.read_csv(tmp_path / "out" / "tiny" / "summary.csv")
    assert {"申请数", "安排数"} <= set(summary["指标"])
    assert not summary["指标"].str.contains("全年").any()
