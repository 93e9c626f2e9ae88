"""A sweep ends with the same bytes however it came there, and does only what is missing."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from params.inputs import load_inputs, with_scenario
from params.studies.design import MOST_DRAWS
from runs.jobs.execute import How
from runs.jobs.job import Task
from runs.jobs.sweep_work import SweepWork, luck_of
from runs.studies.sweep import Swept, sweep
from runs.tables.kept import cells_of, kept_values, part_of
from simulate.city.observe import observe, simulate_one
from simulate.city.replication import run_replication
from simulate.city.setting import setting_of
from tests.designs import BEDS, LEVEL, TOTAL, TOY, axis, planned, toy, toy_base, toy_inputs, written

ROOT = Path(__file__).parents[3]
KEEP = '\n[keep]\nmeasures = ["demand", "waiting"]\nareas = ["city"]\n'
WIDER = '\n[keep]\nmeasures = ["demand", "waiting", "died_waiting"]\nareas = ["city", "zones"]\n'
TWO = axis(TOTAL, "[2200, 2900]")
SMALL = "replications = 2" + TWO + KEEP


def swept(folder: Path, text: str, workers: int = 1, name: str = "design") -> Swept:
    return sweep(planned(folder, text, name), folder / "out", How(workers, bar=False))


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a sweep's folder; of the manifest all but its times."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != ".lock"]
    held = {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}
    if "manifest.json" in held:
        manifest = json.loads(held["manifest.json"])
        del manifest["times"]
        held["manifest.json"] = json.dumps(manifest).encode()
    return held


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `SMALL`, done by one worker; tests copy it."""
    return swept(tmp_path_factory.mktemp("once"), SMALL).folder


@pytest.fixture
def copied(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "out" / "design"))


def results(folder: Path) -> pd.DataFrame:
    parts = [pq.read_table(p).to_pandas() for p in sorted(folder.glob("parts/*/*.parquet"))]
    frame = pd.concat(parts, ignore_index=True)
    texts = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(texts, object))


def test_a_sweep_leaves_what_the_layout_names(once: Path) -> None:
    names = {p.name for p in once.iterdir()} - {".lock"}
    assert names == {
        "sweep.json",
        "design.toml",
        "points.parquet",
        "points.csv",
        "draws.parquet",
        "parts",
        "parts.csv",
        "kept.json",
        "manifest.json",
    }
    manifest = json.loads((once / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["states"] == {"points": 2, "jobs": 4, "done": 4, "failed": 0}
    points = pd.read_csv(once / "points.csv")
    assert points.columns.tolist() == ["point", "id", "scenario", "draw_set", TOTAL]
    assert points[TOTAL].tolist() == [2200, 2900]
    listed = pd.read_csv(once / "parts.csv")["part"]
    assert listed.tolist() == sorted(
        f"{id_}/d{k:05d}-r{k:05d}.parquet" for id_ in points["id"] for k in range(2)
    )


def test_a_part_holds_the_figures_of_a_run_of_its_scenario(once: Path, tmp_path: Path) -> None:
    plan = planned(tmp_path, SMALL)
    for work in plan.works:
        inputs = load_inputs(work.scenario, toy())
        outcome = simulate_one(inputs, toy_base(), 2020, 1)
        cells = cells_of(plan.kept, inputs.districts, inputs.resources, range(2024, 2028))
        values = kept_values(outcome, plan.kept, inputs.districts, inputs.resources)
        expected = part_of(values, cells, work.id, 1, 1)
        assert (once / "parts" / work.id / "d00001-r00001.parquet").read_bytes() == expected


def test_nothing_is_done_twice(copied: Path, tmp_path: Path, once: Path) -> None:
    again = swept(tmp_path, SMALL)
    assert (again.jobs, again.done_before) == (4, 4)
    assert content(copied) == content(once)


def test_more_points_and_replications_end_as_all_at_once(tmp_path: Path, copied: Path) -> None:
    more = "replications = 3" + axis(TOTAL, "[2000, 2200, 2900]") + KEEP
    added = swept(tmp_path, more)
    assert (added.jobs, added.done_before) == (9, 4)
    (tmp_path / "other").mkdir()
    at_once = swept(tmp_path / "other", more)
    assert content(added.folder) == content(at_once.folder)


def test_a_wider_keep_ends_as_the_wider_one_at_once_and_a_narrower_does_nothing(
    tmp_path: Path, copied: Path
) -> None:
    wide = SMALL.replace(KEEP, WIDER)
    widened = swept(tmp_path, wide)
    assert widened.done_before == 0
    (tmp_path / "other").mkdir()
    at_once = content(swept(tmp_path / "other", wide).folder)
    found = content(widened.folder)
    # What parts have kept before stays known.
    assert found.pop("kept.json") != at_once.pop("kept.json")
    assert found == at_once
    narrowed = swept(tmp_path, SMALL)
    assert narrowed.done_before == narrowed.jobs
    parts = {k: v for k, v in content(narrowed.folder).items() if k.startswith("parts")}
    assert parts == {k: v for k, v in at_once.items() if k.startswith("parts")}


def test_another_keep_ends_with_parts_that_hold_both(tmp_path: Path, copied: Path) -> None:
    other = SMALL.replace(KEEP, '\n[keep]\nmeasures = ["placed"]\nareas = ["zones"]\n')
    folder = swept(tmp_path, other).folder
    assert set(results(folder)["measure"]) == {"demand", "waiting", "placed"}
    assert set(results(folder)["area"]) == {"全市", "老城", "周边"}
    assert len(json.loads((folder / "kept.json").read_text(encoding="utf-8"))) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(bytes(data))


@pytest.mark.fault
@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize("name", ["part", "points.parquet", "draws.parquet", "design.toml"])
def test_damage_is_done_again_to_the_same_bytes(
    once: Path, copied: Path, tmp_path: Path, damage: Callable[[Path], None], name: str
) -> None:
    part = sorted(copied.glob("parts/*/*.parquet"))[1]
    damage(part if name == "part" else copied / name)
    again = swept(tmp_path, SMALL)
    assert again.jobs - again.done_before == (name == "part")
    assert content(copied) == content(once)


@pytest.mark.fault
def test_a_sweep_stopped_at_any_job_goes_on_to_the_same_bytes(
    once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = SweepWork.do
    for most in range(4):
        calls = []

        def stopping(
            self: SweepWork, task: Task, calls: list[Task] = calls, most: int = most
        ) -> bytes:
            calls.append(task)
            if len(calls) > most:
                raise KeyboardInterrupt
            return do(self, task)

        monkeypatch.setattr(SweepWork, "do", stopping)
        with pytest.raises(KeyboardInterrupt):
            swept(tmp_path, SMALL)
        folder = tmp_path / "out" / "design"
        assert not (folder / "manifest.json").exists()
        monkeypatch.setattr(SweepWork, "do", do)
        # What was done beside the job in one batch is lost with it.
        assert swept(tmp_path, SMALL).done_before <= most
        assert content(folder) == content(once)
        shutil.rmtree(folder)


@pytest.mark.fault
def test_a_finished_sweep_that_is_stopped_while_it_grows_is_not_called_finished(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopping(self: SweepWork, task: Task) -> bytes:
        raise KeyboardInterrupt

    assert (copied / "manifest.json").exists()
    monkeypatch.setattr(SweepWork, "do", stopping)
    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path, SMALL.replace("replications = 2", "replications = 3"))
    assert not (copied / "manifest.json").exists()


@pytest.mark.fault
def test_a_job_that_fails_is_named_with_its_inputs_and_done_again_the_next_time(
    once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = SweepWork.do

    def failing(self: SweepWork, task: Task) -> bytes:
        if self.points[task.point].scenario.beds.total_2025 == 2900 and task.replication == 1:
            raise ValueError("no such luck")
        return do(self, task)

    monkeypatch.setattr(SweepWork, "do", failing)
    first = swept(tmp_path, SMALL)
    (failure,) = first.failures
    assert (failure.tries, failure.message) == (2, "ValueError: no such luck")
    (row,) = csv.DictReader((first.folder / "failures.csv").open(encoding="utf-8-sig"))
    assert {k: row[k] for k in ("point", "draw", "replication", "scenario", TOTAL, "seed")} == {
        "point": "1",
        "draw": "1",
        "replication": "1",
        "scenario": "baseline",
        TOTAL: "2900",
        "seed": "2020",
    }
    states = json.loads((first.folder / "manifest.json").read_text(encoding="utf-8"))["states"]
    assert states == {"points": 2, "jobs": 4, "done": 3, "failed": 1}
    monkeypatch.setattr(SweepWork, "do", do)
    again = swept(tmp_path, SMALL)
    assert again.done_before == 3
    assert content(again.folder) == content(once)


def test_two_levels_have_the_luck_of_a_run_in_the_first_replication_of_each_draw(
    once: Path, tmp_path: Path
) -> None:
    folder = swept(tmp_path, "draws = 2\n" + SMALL).folder
    one, two = results(once), results(folder)
    keys = ["draw", "area", "year", "resource", "measure"]
    ids = pd.read_csv(once / "points.csv")["id"], pd.read_csv(folder / "points.csv")["id"]
    for run, levels in zip(*ids, strict=True):
        first = two[(two["id"] == levels) & (two["replication"] == 0)].set_index(keys)["value"]
        assert first.sort_index().equals(
            one[one["id"] == run].set_index(keys)["value"].sort_index()
        )
    second = two[two["replication"] == 1]
    assert set(second["draw"]) == {0, 1}
    assert luck_of(Task("", 3, 0), "two levels") == luck_of(Task("", 3, 3), "drawn") == 3
    assert luck_of(Task("", 3, 2), "two levels") == 3 + 2 * MOST_DRAWS


def test_replications_of_one_draw_share_its_parameters_and_not_its_luck(tmp_path: Path) -> None:
    plan = planned(tmp_path, "draws = 2\n" + SMALL)
    work = plan.work(plan.kept)
    task = plan.tasks[2]
    assert (task.draw, task.replication) == (0, 1)
    inputs = with_scenario(toy_inputs(), plan.works[0].scenario).drawn(2020, 0)
    setting = setting_of(inputs, toy_base())
    outcome = observe(setting, run_replication(setting, 2020, MOST_DRAWS))
    cells = cells_of(plan.kept, inputs.districts, inputs.resources, range(2024, 2028))
    values = kept_values(outcome, plan.kept, inputs.districts, inputs.resources)
    assert work.do(task) == part_of(values, cells, *task)


def test_fixed_parameters_draw_nothing(tmp_path: Path) -> None:
    folder = swept(tmp_path, "fixed_parameters = true\n" + SMALL).folder
    assert pq.read_table(folder / "draws.parquet").num_rows == 0
    assert set(pd.read_csv(folder / "points.csv")["draw_set"].isna()) == {True}
    found = results(folder)
    assert set(found["draw"]) == {0}
    assert set(found["replication"]) == {0, 1}
    work = planned(tmp_path, "fixed_parameters = true\n" + SMALL).works[0]
    inputs = load_inputs(work.scenario, toy())
    outcome = simulate_one(inputs, toy_base(), 2020, 1, fixed_parameters=True)
    total = outcome.monthly[-1, :, inputs.resources.reported.index("home_care"), 0].sum()
    row = found[(found["id"] == work.id) & (found["replication"] == 1) & (found["year"] == 2027)]
    assert row.query("measure == 'demand' and resource == 'home_care'")["value"].tolist() == [total]


def people_of(text: str, folder: Path, name: str) -> list[float]:
    """Return the assessments asked for, which no bed has a say in, by point."""
    folder = swept(folder, text, name=name).folder
    found = results(folder).query(
        "measure == 'demand' and resource == 'assessment' and year == 2024"
    )
    order = pd.read_csv(folder / "points.csv")["id"].tolist()
    return [float(found.query("id == @id_ and replication == 0")["value"].iloc[0]) for id_ in order]


def test_points_share_lives_and_draws_unless_they_shall_not(tmp_path: Path) -> None:
    shared = people_of(SMALL, tmp_path, "a")
    assert shared[0] == shared[1]
    own = people_of("shared_lives = false\n" + SMALL, tmp_path, "b")
    assert own[0] != own[1]
    drawn = people_of("shared_draws = false\n" + SMALL, tmp_path, "c")
    assert drawn[0] != drawn[1]


def draws_of(folder: Path) -> pd.DataFrame:
    return pq.read_table(folder / "draws.parquet").to_pandas()


@pytest.mark.parametrize(
    "head", ["replications = 3\n", "draws = 3\nreplications = 2\n", "shared_draws = false\n"]
)
def test_every_drawn_value_is_the_one_that_jobs_used(
    tmp_path: Path, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulate.city.shared import Shared

    used: dict[tuple[str, int], dict[str, float]] = {}
    real = Shared.simulate

    def noting(self: Shared, inputs: object, *rest: object) -> object:
        seed, index = inputs.draw_of  # type: ignore[attr-defined]
        used[inputs.scenario.model_dump_json(), seed, index] = dict(inputs.values)  # type: ignore[attr-defined, index]
        return real(self, inputs, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Shared, "simulate", noting)
    text = (head if "replications" in head else head + "replications = 2\n") + axis(
        LEVEL, "[-0.05, 0.05]"
    )
    folder = swept(tmp_path, text + KEEP).folder
    plan = planned(tmp_path, text + KEEP)
    sets = pd.read_csv(folder / "points.csv")["draw_set"]
    assert len(set(sets)) == (2 if "shared_draws" in head else 1)
    held = draws_of(folder)
    compared = 0
    for work, set_id in zip(plan.works, sets, strict=True):
        own = held[held["draw_set"] == set_id]
        for draw, rows in own.groupby("draw"):
            values = used[work.scenario.model_dump_json(), work.seeds.draws, draw]  # type: ignore[index]
            for row in rows.itertuples():
                assert values[row.parameter] == row.value
                compared += 1
            left = set(values) - set(rows["parameter"])
            defaults = load_inputs(work.scenario, toy()).values
            assert all(values[name] == defaults[name] for name in left)
            assert LEVEL.removeprefix("assumptions.") in left
    assert compared > 300


def test_cells_of_tables_are_swept_with_a_city_of_their_own(tmp_path: Path) -> None:
    cell = axis("tables.beds_district[district=青石区].beds", "[620, 700]")
    keep = '\n[keep]\nmeasures = ["approved"]\nareas = ["青石区"]\nyears = [2024]\n'
    folder = swept(tmp_path, "replications = 1" + cell + keep).folder
    found = results(folder).query("resource == 'bed_total'").set_index("id")["value"]
    plain, other = (found[id_] for id_ in pd.read_csv(folder / "points.csv")["id"])
    alone = swept(tmp_path, "replications = 1\nbase = 'baseline'" + keep, name="plain").folder
    assert results(alone).query("resource == 'bed_total'")["value"].tolist() == [plain]
    assert other > plain


def test_two_workers_leave_the_same_bytes(once: Path, tmp_path: Path) -> None:
    assert content(swept(tmp_path, SMALL, workers=2).folder) == content(once)


KILLS = 10


def run(words: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", "from runs.cli.app import main; main()", "sweep", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
@pytest.mark.fault
def test_a_sweep_killed_at_random_moments_ends_with_the_same_bytes(tmp_path: Path) -> None:
    text = "replications = 40" + BEDS + KEEP
    words = [str(written(tmp_path, text)), "--city", str(TOY), "--workers", "2", "--out"]
    begin = time.monotonic()
    assert run([*words, str(tmp_path / "whole")]).wait() == 0
    took = time.monotonic() - begin
    chance, killed = random.Random(11), 0
    listing = tmp_path / "killed" / "design" / "parts.csv"
    seen = set()
    while killed < KILLS:
        process = run([*words, str(tmp_path / "killed")])
        try:
            process.wait(chance.uniform(0.3, 0.9) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            seen.add(listing.read_text(encoding="utf-8").count("\n") if listing.exists() else 0)
        else:  # it was done before: begin again
            assert process.returncode == 0
            shutil.rmtree(tmp_path / "killed")
    assert run([*words, str(tmp_path / "killed")]).wait() == 0
    found, whole = (content(tmp_path / name / "design") for name in ("killed", "whole"))
    assert found == whole
    assert len(seen) > 2  # it was killed between parts too
