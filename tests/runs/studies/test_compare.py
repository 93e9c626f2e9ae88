"""Two runs side by side: only true pairs are compared, and the difference has its own error."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from params.errors import ParamError
from runs.cli.app import main
from runs.jobs.key import RunKey
from runs.jobs.store import MARK, RunFolder, part_bytes, part_path, save_part
from runs.studies.compare import SHOWN, compare, paired
from runs.texts.wording import contract_columns
from tests.city import small_outcome


def stored(folder: Path, seed: int = 1, first: int = 0, n: int = 2, fixed: bool = False) -> Path:
    run = RunFolder(folder, RunKey(folder.name, folder.name, seed, fixed))
    parts = run.parts()
    for k in range(n):
        save_part(parts, k, part_bytes(small_outcome(first + k)))
    run.close()
    return folder


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def cell(table: pd.DataFrame, measure: str, resource: str = "bed_total") -> pd.Series:
    rows = table.query("district == '全市' and resource == @resource and measure == @measure")
    return rows.iloc[0]


def test_the_interval_and_the_cut_are_those_of_the_textbook() -> None:
    before = np.array([10.0, 20.0, 30.0, 40.0])
    found = paired(before, before + np.array([1.0, 2.0, 3.0, 2.0]))
    # Changes 1, 2, 3, 2: mean 2, variance 2/3; t with 3 degrees of freedom 3.1824.
    error = np.sqrt(2 / 3 / 4)
    assert found["difference"] == pytest.approx(2.0)
    assert found["mc_error"] == pytest.approx(error)
    assert (found["low"], found["high"]) == pytest.approx(
        (2 - 3.1824 * error, 2 + 3.1824 * error), abs=1e-4
    )
    after_variance = np.var([11.0, 22.0, 33.0, 42.0], ddof=1)
    assert found["variance_cut"] == pytest.approx((500 / 3 + after_variance) / (2 / 3))
    assert found["pairs"] == 4


def test_unlike_seeds_cut_nothing() -> None:
    rng = np.random.default_rng(0)
    # 4000 independent pairs: the ratio's standard error is 3 %, so 15 % is five of them.
    cut = paired(rng.normal(9, 2, 4000), rng.normal(9, 2, 4000))["variance_cut"]
    assert cut == pytest.approx(1.0, rel=0.15)


def test_one_pair_has_a_difference_and_no_error() -> None:
    found = paired(np.array([5.0]), np.array([7.0]))
    assert found["difference"] == 2.0
    assert all(np.isnan(found[k]) for k in ("mc_error", "low", "high", "variance_cut"))


@pytest.mark.parametrize(
    ("other", "said"),
    [({"seed": 2}, "another seed"), ({"fixed": True}, "another seed or parameter setting")],
)
def test_runs_that_share_no_lives_are_refused(tmp_path: Path, other: dict, said: str) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", **other)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("name", ["code", "tables"])
def test_runs_of_another_version_are_refused(tmp_path: Path, name: str) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    mark = json.loads((two / MARK).read_text(encoding="utf-8"))
    assert mark[name]
    (two / MARK).write_text(json.dumps({**mark, name: "0"}), encoding="utf-8")
    with pytest.raises(ParamError, match="another version of the code: " + name + " 0"):
        compare(one, two)


def test_replications_are_paired_by_their_number(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=3), stored(tmp_path / "two", n=2)
    found = cell(compare(one, two), "waiting")
    assert found["pairs"] == 2
    assert found["difference"] == found["mc_error"] == 0.0
    assert np.isnan(found["variance_cut"])


def test_parts_that_a_runs_tables_do_not_count_are_left_out(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one", n=3), stored(tmp_path / "two", n=3)
    assert cell(compare(one, two), "waiting")["pairs"] == 3
    (two / "manifest.json").write_text('{"replications": 2}', encoding="utf-8")
    assert cell(compare(one, two), "waiting")["pairs"] == 2


@pytest.mark.parametrize("lost", [b"", None], ids=["empty", "missing"])
def test_no_pair_is_left_out_because_a_part_is_lost(tmp_path: Path, lost: bytes | None) -> None:
    one, two = stored(tmp_path / "one", n=3), stored(tmp_path / "two", n=3)
    (two / "manifest.json").write_text('{"replications": 3}', encoding="utf-8")
    path = part_path(two / "parts", 1)
    path.unlink() if lost is None else path.write_bytes(lost)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert f"{path}: cannot be read back" in result.output


@pytest.mark.parametrize("name", [MARK, "manifest.json"])
@pytest.mark.parametrize("held", [b"", b'{"run_id": "', b"[]", b"\xff\xfe"])
def test_a_cut_table_of_a_run_is_said(tmp_path: Path, name: str, held: bytes) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two")
    (two / name).write_bytes(held)
    result = yanglao("compare", one, two)
    assert result.exit_code == 2
    assert "is cut or damaged" in result.output


def test_a_run_against_itself_differs_in_nothing(tmp_path: Path) -> None:
    table = compare(stored(tmp_path / "one"), stored(tmp_path / "two"))
    assert len(table) > 500
    assert set(table["difference"]) == {0.0}


def test_second_less_first_is_shown(tmp_path: Path) -> None:
    table = compare(stored(tmp_path / "one"), stored(tmp_path / "two", first=1))
    assert (table["difference"] != 0).any()
    np.testing.assert_allclose(table["second"] - table["first"], table["difference"], atol=1e-6)
    inside = table["low"].le(table["difference"]) & table["difference"].le(table["high"])
    assert inside.all()
    assert set(SHOWN) == set(table["measure"])


def test_the_file_has_the_columns_of_the_dictionary_in_both_languages(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    for lang in ("zh", "en"):
        path = tmp_path / f"{lang}.csv"
        assert yanglao("compare", one, two, "--lang", lang, "--csv", path).exit_code == 0
    english, chinese = (pd.read_csv(tmp_path / f"{lang}.csv") for lang in ("en", "zh"))
    assert tuple(english.columns) == contract_columns("compare")
    assert {"差", "方差缩减", "配对数"} <= set(chinese.columns)
    assert len(english) == len(chinese) > 500


def test_the_terminal_shows_difference_interval_and_cut(tmp_path: Path) -> None:
    one, two = stored(tmp_path / "one"), stored(tmp_path / "two", first=1)
    lines = yanglao("compare", one, two, "--lang", "en").output.splitlines()
    found = cell(compare(one, two), "waiting")
    row = next(s for s in lines if s.startswith("all beds") and " waiting" in s)
    assert f"{found['low']:,.0f} .. {found['high']:,.0f}" in row
    assert row.endswith(f"{found['variance_cut']:,.0f}")
    assert lines[-1].startswith("2 pairs")


@pytest.mark.parametrize("year", [2020, 2026])
def test_the_years_there_are_are_named(tmp_path: Path, year: int) -> None:
    one = stored(tmp_path / "one")
    result = yanglao("compare", one, one, "--year", year)
    assert result.exit_code == 2
    assert "2021 to 2025" in result.output
