"""Runs of own networks: what they leave, that it adds up, and what the command line says."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from runs.cli.app import main
from runs.texts.wording import contract_columns, split_suffix

TINY = """
name = "tiny"
[network]
days = 500
warm_up_days = 100
first_day = 2021-03-10
districts = ["甲区", "乙区"]
elsewhere = { "甲区" = ["乙区"] }
target_days = { bed = 10 }
[[network.pools]]
name = "a"
resource = "bed"
district = "甲区"
capacity = 4
waiting_room = 6
[[network.pools]]
name = "b"
resource = "bed"
district = "乙区"
capacity = 9
[[network.pools]]
name = "tea"
resource = "tea"
district = "乙区"
capacity = "unlimited"
serves = "all"
[[network.stages]]
name = "stay"
resource = "bed"
stay = { distribution = "lognormal", mean = 8.0, cv = 1.0 }
patience = { distribution = "exponential", mean = 20.0 }
elsewhere_after = { distribution = "fixed", mean = 2.0 }
next = { tea = 0.5 }
[[network.stages]]
name = "tea"
resource = "tea"
stay = { distribution = "fixed", mean = 1.0 }
[[network.arrivals]]
stage = "stay"
district = "甲区"
per_day = 0.8
[[network.arrivals]]
stage = "stay"
district = "乙区"
per_day = 0.4
"""


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("network")
    (folder / "tiny.toml").write_text(TINY, encoding="utf-8")
    result = yanglao(
        *("run", folder / "tiny.toml", "--out", folder / "out", "--replications", 6),
        *("--workers", 1, "--lang", "en", "--log", folder / "log.parquet"),
    )
    assert result.exit_code == 0, result.output
    return folder / "out" / "tiny", result


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")


def test_every_file_is_there(done: tuple[Path, Result]) -> None:
    names = {p.name for p in done[0].iterdir() if p.is_file()}
    assert names >= {
        *("summary.csv", "shortfall.csv", "monthly.csv", "flows.csv", "manifest.json"),
        *("scenario.toml", "replications.parquet", "run.json"),
    }
    assert (done[0] / "figures" / "by-month.png").stat().st_size > 20_000


def test_columns_are_the_contracts_and_then_the_networks_own(done: tuple[Path, Result]) -> None:
    def plain(name: str) -> tuple[str, ...]:
        return tuple(c for c in table(done[0], name).columns if split_suffix(c)[1] == "")

    own = contract_columns("network_shortfall")
    assert plain("shortfall") == (*contract_columns("shortfall"), *own)
    assert tuple(table(done[0], "summary").columns) == contract_columns("network_summary")
    assert tuple(table(done[0], "monthly").columns) == contract_columns("monthly")
    assert plain("flows") == contract_columns("flows")


def test_the_total_is_the_sum_of_the_districts(done: tuple[Path, Result]) -> None:
    monthly = table(done[0], "monthly")
    keys = ["month", "resource", "measure"]
    single = monthly[monthly["area_type"] == "district"].groupby(keys)["mean"].sum()
    total = monthly[monthly["area_type"] == "city"].set_index(keys)["mean"]
    both = pd.concat([single, total], axis=1, keys=["parts", "whole"]).dropna()
    assert len(both) > 100
    np.testing.assert_allclose(both["parts"], both["whole"], atol=0.021)


def test_what_was_asked_for_was_met_refused_given_up_or_waits(done: tuple[Path, Result]) -> None:
    rows = pd.read_parquet(done[0] / "replications.parquet")
    rows = rows[rows["resource"] == "bed"]
    sums = rows.groupby(["replication", "measure"])["value"].sum().unstack()
    left = sums["requests"] - sums["placed"] - sums["refused"] - sums["withdrew_waiting"]
    # Lists hold six in the one district; in the other nobody is kept out.
    assert (left.abs() < 60).all()
    assert (sums["refused"] + sums["withdrew_waiting"] > 0).all()


def test_replications_hold_the_values_whose_means_the_months_are(
    done: tuple[Path, Result],
) -> None:
    keys = ["district", "month", "resource", "measure"]
    rows = pd.read_parquet(done[0] / "replications.parquet")
    assert sorted(rows["replication"].unique()) == list(range(6))
    assert not rows.duplicated(["replication", *keys]).any()
    monthly = table(done[0], "monthly")
    monthly = monthly[monthly["area_type"] == "district"].set_index(keys)["mean"]
    both = pd.concat([rows.groupby(keys)["value"].mean(), monthly], axis=1, keys=["of", "mean"])
    assert len(both) == len(monthly)
    assert both.notna().all(axis=None)
    # Tables are written to two decimals at least.
    np.testing.assert_allclose(both["of"], both["mean"], atol=0.0051)


def test_months_begin_and_end_with_the_run(done: tuple[Path, Result]) -> None:
    months = table(done[0], "monthly")["month"].unique()
    assert (months[0], months[-1], len(months)) == ("2021-03", "2022-07", 17)


def test_the_summary_has_a_confidence_interval_beside_every_mean(
    done: tuple[Path, Result],
) -> None:
    summary = table(done[0], "summary")
    assert (summary["replications"] == 6).all()
    moving = summary[summary["sd"] > 0]
    assert len(moving) > 40
    # t with five degrees of freedom
    np.testing.assert_allclose(
        moving["ci_high"] - moving["mean"], 2.5706 * moving["mc_error"], rtol=0.01
    )


def test_what_never_varies_has_no_deviation_from_the_last_digits(tmp_path: Path) -> None:
    words = (
        "--replications",
        3,
        "--workers",
        1,
        "--lang",
        "en",
        "--no-figures",
        "--only",
        "summary",
    )
    assert yanglao("run", "two-districts", "--out", tmp_path, *words).exit_code == 0
    rows = table(tmp_path / "two-districts", "summary").query("measure == 'usable'")
    beds = rows[(rows["resource"] == "bed") & (rows["mean"] % 1 > 0)]
    assert len(beds) == 2  # some open during the run: the centre's, and so all
    assert set(rows["sd"]) == {0.0}


def test_a_pool_without_limit_has_no_load_and_says_so(done: tuple[Path, Result]) -> None:
    rows = table(done[0], "shortfall")
    tea = rows[(rows["resource"] == "tea") & (rows["district"] == "乙区")]
    assert tea["load"].isna().all()
    assert tea["flag"].str.contains("no_limit").all()


def test_the_same_run_again_computes_nothing_and_writes_the_same(
    done: tuple[Path, Result],
) -> None:
    before = {p.name: p.read_bytes() for p in done[0].glob("*.csv")}
    again = yanglao(
        *("run", done[0].parent.parent / "tiny.toml", "--out", done[0].parent),
        *("--replications", 6, "--workers", 2, "--lang", "en"),
    )
    assert again.exit_code == 0
    assert {p.name: p.read_bytes() for p in done[0].glob("*.csv")} == before


def test_one_persons_way_can_be_told(done: tuple[Path, Result]) -> None:
    log = done[0].parent.parent / "log.parquet"
    told = yanglao("trace", log, 100, "--lang", "en").output
    assert "comes to stage stay" in told
    assert "leaves" in told
    assert "到来" in yanglao("trace", log, 100).output


def test_precision_is_reached_for_chosen_means(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    result = yanglao(
        *("run", tmp_path / "tiny.toml", "--out", tmp_path, "--workers", 1),
        *("--precision", 0.05, "--precision-of", "occupied:bed,demand:tea"),
    )
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "tiny" / "manifest.json").read_text())["precision"]
    assert [o["reached"] for o in record["outputs"]] == [True, True]
    assert all(o["half_width"] <= 0.05 * o["mean"] for o in record["outputs"])


def test_an_unknown_output_is_said_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    result = yanglao(
        *("run", tmp_path / "tiny.toml", "--out", tmp_path, "--precision", 0.05),
        *("--precision-of", "occupied:bad"),
    )
    assert result.exit_code == 2
    assert "bed, tea" in result.output
    assert not (tmp_path / "tiny").exists()


def test_commands_about_the_city_refuse_a_network(tmp_path: Path) -> None:
    for command in ("project", "backtest"):
        result = yanglao(command, "care-network", "--out", tmp_path)
        assert result.exit_code == 2
        assert "brings its own network" in result.output
    assert list(tmp_path.iterdir()) == []


def test_compare_says_that_it_takes_runs_of_the_city(done: tuple[Path, Result]) -> None:
    result = yanglao("compare", done[0], done[0])
    assert result.exit_code == 2
    assert "own network" in result.output
