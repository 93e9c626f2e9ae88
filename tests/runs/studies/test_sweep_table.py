"""`yanglao sweep-table`: one table of a whole sweep, the same bytes for the same parts."""

import csv
import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from runs.cli.app import main
from runs.jobs.sweep_folder import open_sweep
from runs.studies.query import ask
from runs.studies.sweep_table import point_frames, write_sweep_table
from runs.texts.wording import contract_columns
from tests.sweeps import Sketch, frame_of, write_frame, write_sweep

ROOT = Path(__file__).parents[3]
KEYS = {
    "beds.total_2025": (170_000, 178_000),
    "assumptions.take_up": (0.123456789, None),
    "assumptions.stay": (2.0, 2.5),
    "policy.open": (True, False),
}


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def written(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_every_cell_of_every_point_has_a_row_with_its_keys_and_figures(tmp_path: Path) -> None:
    sketch = Sketch(points=2, draws=5, keys=KEYS)
    folder = write_sweep(tmp_path / "s", sketch)
    assert yanglao("sweep-table", folder, "--lang", "en").exit_code == 0
    rows = written(folder / "summary.csv")
    group = frame_of(sketch).groupby(["point", "area", "year", "resource", "measure"])["value"]
    assert len(rows) == len(group)
    for row in rows[:: len(rows) // 7]:
        key = (int(row["point"]), row["area"], int(row["year"]), row["resource"], row["measure"])
        values = group.get_group(key)
        share = row["measure"] == "share_in_time"
        near = 0.5e-4 if share else 0.5e-2
        assert int(row["n"]) == 5
        assert float(row["mean"]) == pytest.approx(values.mean(), abs=near * 1.01)
        assert float(row["mc_error"]) == pytest.approx(values.sem(), abs=near * 1.01)
        assert float(row["p95"]) == pytest.approx(values.quantile(0.95), abs=near * 1.01)


def test_keys_are_exact_and_figures_are_rounded_by_their_unit(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(points=2, keys=KEYS))
    yanglao("sweep-table", folder, "--lang", "en")
    one, two = (row for row in written(folder / "summary.csv") if row["area"] == "全市"
                and row["year"] == "2025" and row["resource"] == "bed_total"
                and row["measure"] == "waiting")  # fmt: skip
    assert (one["assumptions.take_up"], two["assumptions.take_up"]) == ("0.123456789", "")
    assert (one["assumptions.stay"], two["assumptions.stay"]) == ("2", "2.5")
    assert (one["policy.open"], two["policy.open"]) == ("true", "false")
    assert one["beds.total_2025"] == "170000"
    assert one["unit"] == "persons"
    assert len(one["mean"].partition(".")[2]) <= 2


def test_columns_are_those_of_the_dictionary_with_the_keys_behind_the_scenario(
    tmp_path: Path,
) -> None:
    folder = write_sweep(tmp_path / "s")
    yanglao("sweep-table", folder, "--lang", "en")
    header = list(written(folder / "summary.csv")[0])
    at = header.index("beds.total_2025")
    assert header[at - 1] == "scenario"
    known = [column for column in contract_columns("sweep") if column != "month"]
    assert [column for column in header if column != "beds.total_2025"] == known


def test_headers_and_ids_are_said_in_chinese(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    yanglao("sweep-table", folder)
    row = written(folder / "summary.csv")[0]
    assert row["服务资源"] == "养老床位合计"
    assert row["区域"] == "全市"
    assert "beds.total_2025" in row


def test_a_sweep_by_month_has_months_and_their_units(tmp_path: Path) -> None:
    months = Sketch(months=("2025-11", "2025-12"), measures=("waiting", "unmet"))
    folder = write_sweep(tmp_path / "s", months)
    result = yanglao("sweep-table", folder, "--lang", "en")
    rows = written(folder / "summary.csv")
    assert {row["month"] for row in rows} == {"2025-11", "2025-12"}
    units = {(row["resource"], row["measure"]): row["unit"] for row in rows}
    assert units["bed_total", "unmet"] == "person-days"
    assert "2025-12" in result.stdout


def test_the_terminal_has_a_line_a_point_with_its_keys(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    result = yanglao("sweep-table", folder, "--lang", "en")
    title, head, *lines, last = result.stdout.splitlines()
    assert "2025" in title
    assert head.split()[:2] == ["point", "beds.total_2025"]
    assert [line.split()[:2] for line in lines] == [
        ["0", "170000"],
        ["1", "178000"],
        ["2", "186000"],
    ]
    assert all("±" in line for line in lines)
    assert str(folder / "summary.csv") in last


def test_many_points_are_counted_after_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.cli.query.POINTS_SHOWN", 2)
    result = yanglao("sweep-table", write_sweep(tmp_path / "s"), "--lang", "en")
    assert "1 more points" in result.stdout
    assert (
        len(result.stdout.splitlines()) == 6
    )  # title, header, two points, how many more, the file


def test_a_design_without_the_city_is_told_so(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(areas=("黄浦区",)))
    result = yanglao("sweep-table", folder, "--lang", "en")
    assert result.exit_code == 0
    assert "no figures of the city" in result.stdout


def test_the_view_and_the_table_say_the_same(tmp_path: Path) -> None:
    folder = open_sweep(write_sweep(tmp_path / "s", Sketch(points=2, draws=3, replications=3)))
    found = ask(folder, "select * from summary")
    rows = [row for batch in found.batches for row in batch]
    view = pd.DataFrame(rows, columns=list(found.columns)).set_index(list(found.columns[:5]))
    table = pd.concat(point_frames(folder)).set_index(list(found.columns[:5]))
    table = table.loc[view.index, list(view.columns)].astype(float)
    np.testing.assert_allclose(view.astype(float), table, rtol=1e-12)
    assert (view["sd_assumptions"] > 0).any()


@pytest.mark.parametrize("replications", [1, 3])
def test_the_table_is_the_same_bytes_in_whatever_order_the_jobs_were_done(
    tmp_path: Path, replications: int
) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(draws=4, replications=replications))
    other = shutil.copytree(folder, tmp_path / "other" / "s")
    head, *lines = (other / "parts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    shuffled = np.random.default_rng(7).permutation(lines).tolist()
    (other / "parts.csv").write_text("".join([head, *shuffled]), encoding="utf-8")
    one = write_and_read(folder, {"PYTHONHASHSEED": "1"})
    two = write_and_read(other, {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2"})
    assert one == two


def write_and_read(folder: Path, environment: dict[str, str]) -> bytes:
    """Write the table in a process of its own."""
    code = f"from runs.cli.app import main; main(['sweep-table', {str(folder)!r}])"
    words = [sys.executable, "-c", code]
    subprocess.run(words, check=True, cwd=ROOT, env={**os.environ, **environment})
    return (folder / "summary.csv").read_bytes()


def test_jobs_are_added_up_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    sketch = Sketch(1, 3, areas=("全市",), years=(2025,))
    # In floating point 1e17 + 3 - 1e17 is 0 and 1e17 - 1e17 + 3 is 3.
    values = {0: 1e17, 1: -1e17, 2: 3.0}
    frame = frame_of(sketch)
    frame["value"] = frame["draw"].map(values)
    for name, order in (("a", [0, 1, 2]), ("b", [0, 2, 1])):
        folder = write_frame(tmp_path / name, frame, sketch)
        head, *lines = (folder / "parts.csv").read_text(encoding="utf-8").splitlines(True)
        (folder / "parts.csv").write_text("".join([head, *(lines[k] for k in order)]), "utf-8")
        assert (next(iter(point_frames(open_sweep(folder))))["mean"] == 1.0).all()


def test_a_point_has_the_same_rows_whatever_other_points_there_are(tmp_path: Path) -> None:
    few, many = (write_sweep(tmp_path / f"s{n}", Sketch(points=n)) for n in (1, 3))
    for folder in (few, many):
        yanglao("sweep-table", folder)
    assert (many / "summary.csv").read_bytes().startswith((few / "summary.csv").read_bytes())


def test_draws_with_unlike_numbers_of_jobs_are_weighed_by_them(tmp_path: Path) -> None:
    sketch = Sketch(points=1, draws=3, replications=4, areas=("全市",), years=(2025,))
    frame = frame_of(sketch)
    kept = frame[(frame["draw"] > 0) | (frame["replication"] == 0)]
    folder = open_sweep(write_frame(tmp_path / "s", kept, sketch))
    found = next(iter(point_frames(folder))).set_index(["resource", "measure"])
    wanted = kept.groupby(["resource", "measure"])["value"].mean()
    np.testing.assert_allclose(found["mean"].loc[wanted.index], wanted)
    assert (found["n"] == 9).all()


def test_an_unfinished_sweep_is_summed_up_and_said_to_be_unfinished(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(), done=5)
    result = yanglao("sweep-table", folder)
    assert result.exit_code == 0
    assert "12个任务中已完成5个" in result.stderr
    assert {row["样本数"] for row in written(folder / "summary.csv")} == {"4", "1"}


def test_a_sweep_without_a_job_done_writes_nothing(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s", Sketch(), done=0)
    result = yanglao("sweep-table", folder)
    assert result.exit_code == 2
    assert "no job is done yet" in result.stderr
    assert not (folder / "summary.csv").exists()


def test_the_table_does_not_replace_a_file_of_the_sweep(tmp_path: Path) -> None:
    folder = write_sweep(tmp_path / "s")
    before = (folder / "points.csv").read_bytes()
    assert yanglao("sweep-table", folder, "--csv", folder / "points.csv").exit_code == 2
    assert (folder / "points.csv").read_bytes() == before


@pytest.mark.slow
def test_memory_holds_one_point_however_many_there_are(tmp_path: Path) -> None:
    peaks = []
    measures = [f"measure {k}" for k in range(200)]
    for n in (4, 24):
        sketch = Sketch(n, 2, areas=("全市",), years=(2025,), measures=measures)
        folder = open_sweep(write_sweep(tmp_path / f"s{n}", sketch))
        tracemalloc.start()
        write_sweep_table(folder, tmp_path / f"{n}.csv", "en", "utf-8", told=2)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # All rows of all points would be six times as much; the list of parts has 40 names more.
    assert peaks[1] < 1.5 * peaks[0]
