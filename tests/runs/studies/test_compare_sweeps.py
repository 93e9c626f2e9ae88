"""Points of sweeps are compared like runs: with one another and with runs, as far as they keep it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from params.errors import ParamError
from params.studies.design import MOST_DRAWS
from runs.cli.app import main
from runs.jobs.job import Task
from runs.studies.compare import compare
from runs.studies.compared.choice import Wanted
from runs.studies.compared.sweep import read_sweep
from runs.studies.paired import paired
from tests.city import small_outcome
from tests.runs.studies.points import ALL, drawn, point_id, stored, stored_sweep

KEYS = ["area_type", "district", "year", "resource", "measure"]


def yanglao(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(w) for w in words])
    return result.exit_code, result.output


def change_json(path: Path, **changes: object) -> None:
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**held, **changes}), encoding="utf-8")


def values(table: pd.DataFrame) -> pd.DataFrame:
    found = table[[*KEYS, "first", "difference", "low", "high", "pairs"]]
    return found.sort_values(KEYS).reset_index(drop=True)


def test_points_say_what_runs_of_the_same_outcomes_say(tmp_path: Path) -> None:
    runs = [stored(tmp_path / name, first=k, n=3) for k, name in enumerate(("one", "two"))]
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1)))
    by_runs = compare(runs, Wanted("all")).table
    by_points = compare([f"{sweep}:0", f"{sweep}:1"], Wanted("all")).table
    # A sweep leaves a zone that is one district of its own name to the district.
    alone = (by_runs["area_type"] == "zone") & (by_runs["district"] == "浦东新区")
    pd.testing.assert_frame_equal(values(by_runs[~alone]), values(by_points))


def test_a_sweeps_folder_stands_for_all_its_points(tmp_path: Path) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1, 2)))
    table = compare([sweep]).table
    assert set(table["against"]) == {"beds:0"}
    assert table["scenario"].unique().tolist() == ["beds:1", "beds:2"]
    assert table["title"].unique().tolist() == ["beds.total_2025 = 2000", "beds.total_2025 = 3000"]


def test_a_run_and_a_point_share_their_lives(tmp_path: Path) -> None:
    run = stored(tmp_path / "baseline", n=3)
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1)))
    table = compare([run, f"{sweep}:0"]).table
    assert set(table["difference"]) == {0.0}
    assert set(table["pairs"]) == {3}


def test_the_first_replication_of_each_of_two_levels_is_a_runs(tmp_path: Path) -> None:
    jobs = {Task("0", d, r): small_outcome(d + 2 * r) for d in range(2) for r in range(2)}
    sweep = stored_sweep(tmp_path / "levels", jobs, design="draws = 2\nreplications = 2\n")
    run = stored(tmp_path / "baseline", n=3)
    found = compare([run, sweep])
    assert set(found.table["difference"]) == {0.0}
    assert (found.pairs[0].pairs, found.pairs[0].first, found.pairs[0].own) == (2, 3, 4)


def test_replications_of_one_draw_are_one_pair(tmp_path: Path) -> None:
    jobs = {
        Task(str(p), d, r): small_outcome(p + d + r)
        for p in range(2)
        for d in range(3)
        for r in range(2)
    }
    sweep = stored_sweep(tmp_path / "levels", jobs, design="draws = 3\n")
    row = compare([sweep]).table.query("district == '全市' and measure == 'waiting'").iloc[0]
    single = compare([stored_sweep(tmp_path / "one", drawn((0, 1, 2, 3, 4), 1))]).table
    at = "district == '全市' and measure == 'waiting' and resource == @row.resource"
    rows = single.query(at)
    waiting = np.array([rows["first"].iloc[0], *rows["second"]])
    means = np.array([[waiting[p + d : p + d + 2].mean() for d in range(3)] for p in range(2)])
    known = paired(means[0], means[1])
    assert row["pairs"] == 3
    assert (row["low"], row["high"]) == pytest.approx((known["low"], known["high"]))


def test_what_only_one_has_is_said(tmp_path: Path) -> None:
    run = stored(tmp_path / "baseline", n=2)
    kept = replace(ALL, measures=("waiting", "usable"), areas=("city",), years=(2025,))
    sweep = stored_sweep(tmp_path / "beds", drawn((0,)), kept)
    status, output = yanglao("compare", run, f"{sweep}:0", "--lang", "en", "--year", "all")
    assert status == 0
    assert "beds:0: not compared, as only one of the two has them: years 2021; 2022" in output
    assert "measures demand; approved" in output
    assert "areas 黄浦区; 徐汇区" in output
    table = compare([run, sweep], Wanted("all")).table
    assert set(table["measure"]) == {"waiting", "usable"}
    assert set(table["district"]) == {"全市"}


def test_parts_done_for_another_design_hold_other_cells(tmp_path: Path) -> None:
    few = replace(ALL, measures=("waiting",))
    jobs = drawn((0, 1), 2)
    sweep = stored_sweep(tmp_path / "beds", dict(list(jobs.items())[:1]), few)
    stored_sweep(sweep, dict(list(jobs.items())[1:]))
    found = compare([sweep])
    assert set(found.table["measure"]) == {"waiting"}
    assert "usable" in found.pairs[0].lacking["measures"]


def test_jobs_that_are_not_done_leave_fewer_pairs_and_it_is_said(tmp_path: Path) -> None:
    jobs = drawn((0, 1), 3)
    del jobs[Task("1", 1, 1)]
    status, output = yanglao("compare", stored_sweep(tmp_path / "beds", jobs), "--lang", "en")
    assert status == 0
    assert "beds:1: 2 pairs (beds:0 has 3 replications, the scenario 2)" in output


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_part_of_a_sweep_is_said(tmp_path: Path, damage: str) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1)))
    path = sweep / "parts" / point_id(1) / "d00001-r00001.parquet"
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        flipped = data[:100] + bytes([data[100] ^ 1]) + data[101:]
        path.write_bytes(data[:-1] if damage == "cut" else flipped)
    status, output = yanglao("compare", sweep)
    assert status == 2
    assert f"{path}: is missing, cut or damaged" in output


@pytest.mark.parametrize("name", ["sweep.json", "points.parquet", "design.toml"])
@pytest.mark.parametrize("held", [b"", b"\xff\xfe[", None], ids=["empty", "bytes", "gone"])
def test_a_damaged_table_of_a_sweep_is_said(tmp_path: Path, name: str, held: bytes | None) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1), 1))
    path = sweep / name
    path.unlink() if held is None else path.write_bytes(held)
    status, output = yanglao("compare", sweep)
    assert status == 2
    if (name, held) == ("sweep.json", None):
        assert f"{sweep}: holds no run and no sweep" in output
    else:
        assert str(path) in output
        assert "damaged" in output


@pytest.mark.parametrize("key", ["shared_lives", "shared_draws"])
def test_points_with_chance_of_their_own_are_refused(tmp_path: Path, key: str) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1), 1), design=f"{key} = false\n")
    with pytest.raises(ParamError, match=rf"chance of their own \({key} = false\)"):
        compare([sweep])


def test_fixed_parameters_need_no_shared_draws(tmp_path: Path) -> None:
    jobs = {Task(str(p), 0, k): small_outcome(p + k) for p in (0, 1) for k in range(3)}
    design = "fixed_parameters = true\nshared_draws = false\n"
    table = compare([stored_sweep(tmp_path / "beds", jobs, design=design)]).table
    assert set(table["pairs"]) == {3}


def test_points_of_unlike_sweeps_are_refused_naming_all(tmp_path: Path) -> None:
    one = stored_sweep(tmp_path / "one", drawn((0,), 1), design="seed = 1\n")
    two = stored_sweep(tmp_path / "two", drawn((0,), 1), seed=2)
    fixed = {Task("0", 0, 0): small_outcome(0)}
    three = stored_sweep(tmp_path / "three", fixed, design="fixed_parameters = true\n")
    change_json(three / "sweep.json", libraries={"numpy": "1.9"}, code="0")
    status, output = yanglao("compare", one, two, three)
    assert status == 2
    assert f"{two}:0: is no pair of {one}:0" in output
    assert f"{three}:0: is no pair of {one}:0" in output
    for said in ("seed 2", "parameters fixed", "library numpy 1.9", "code 0"):
        assert said in output


def test_a_horizon_that_is_varied_is_no_pair(tmp_path: Path) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1), 1))
    points = pd.read_parquet(sweep / "points.parquet")
    points.assign(**{"horizon.last_year": [2025, 2030]}).to_parquet(sweep / "points.parquet")
    with pytest.raises(ParamError, match=r"beds:1: is no pair of .*last year 2030"):
        compare([sweep])


def test_months_and_points_that_there_are_not_are_refused(tmp_path: Path) -> None:
    months = replace(ALL, by="month", measures=("waiting",))
    jobs = drawn((0, 1), 1)
    sweep = stored_sweep(tmp_path / "months", jobs, months)
    with pytest.raises(ParamError, match="months:0: keeps months"):
        compare([sweep])
    with pytest.raises(ParamError, match="no such point: 7"):
        compare([sweep, f"{sweep}:7"])


def test_a_sweep_without_finished_jobs_is_said(tmp_path: Path) -> None:
    sweep = stored_sweep(tmp_path / "beds", drawn((0, 1), 1))
    (sweep / "parts.csv").unlink()
    with pytest.raises(ParamError, match="beds:1: has no finished replication"):
        compare([sweep])


def test_luck_of_further_replications_lies_beyond_all_draws(tmp_path: Path) -> None:
    jobs = {Task("0", 1, r): small_outcome(r) for r in range(2)}
    sweep = read_sweep(stored_sweep(tmp_path / "levels", jobs, design="draws = 2\n"))
    assert [sweep.life(part).luck for part in sweep.folder.parts] == [1, 1 + MOST_DRAWS]
