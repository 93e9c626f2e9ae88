"""`yanglao sweep` and `yanglao check DESIGN`: what they say, their exit status, and what they leave."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runs.cli.app import main
from runs.cli.sweep import duration
from runs.jobs.job import Task
from runs.jobs.sweep_work import SweepWork
from tests.designs import BEDS, TOTAL, TOY, axis, written

KEEP = '\n[keep]\nmeasures = ["demand"]\nareas = ["city"]\n'
SMALL = "replications = 2" + axis(TOTAL, "[2200, 2900]") + KEEP


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def swept(folder: Path, text: str, *more: object) -> Result:
    path = written(folder, text)
    out = folder / "out"
    return yanglao("sweep", path, "--city", TOY, "--out", out, "--workers", 1, *more)


def test_a_sweep_says_what_it_did_and_where(tmp_path: Path) -> None:
    done = swept(tmp_path, SMALL, "--lang", "en")
    assert done.exit_code == 0
    assert "2 points, 4 jobs (0 of them were there before)" in done.output
    assert str(tmp_path / "out" / "design") in done.output
    assert "4 of them were there before" in swept(tmp_path, SMALL, "--lang", "en").output


@pytest.mark.parametrize(
    "text",
    [
        SMALL.replace("2200", "-5"),
        SMALL.replace("total_2025", "totl"),
        SMALL.replace('"demand"', '"demnd"'),
        "replications = 200_000" + BEDS,
        axis(TOTAL, "[]"),
        axis("assumptions.death_rate_in_need", "[0.3, 0.9]"),
        axis("resources.on", "[['home_sickbed']]"),
    ],
)
@pytest.mark.parametrize("command", ["sweep", "check"])
def test_a_refused_design_ends_with_2_and_nothing_is_written(
    tmp_path: Path, text: str, command: str
) -> None:
    path = written(tmp_path, text)
    done = yanglao(command, path, "--city", TOY, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert re.match(r"\d+ problem\(s\)", done.stderr)
    assert "design.toml" in done.stderr
    assert list(tmp_path.iterdir()) == [path]


def test_impossible_points_are_all_named(tmp_path: Path) -> None:
    done = swept(tmp_path, axis("assumptions.death_rate_in_need", "[0.3, 0.9, 0.2, 0.95]"))
    assert "point 1): death_rate_in_need 0.9 does not fit" in done.stderr
    assert "point 3): death_rate_in_need 0.95 does not fit" in done.stderr


def test_what_only_the_tables_know_is_told_with_its_points(tmp_path: Path) -> None:
    done = swept(tmp_path, axis("resources.on", "[[], ['home_sickbed']]"))
    assert "home_sickbed (point 1): needs the assumption" in done.stderr


def test_a_dry_run_lists_the_points_and_writes_nothing(tmp_path: Path) -> None:
    done = swept(tmp_path, SMALL, "--dry-run", "--lang", "en")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].split() == ["point", "scenario", TOTAL]
    assert [line.split() for line in lines[1:3]] == [
        ["0", "baseline", "2200"],
        ["1", "baseline", "2900"],
    ]
    assert lines[-1] == "2 points, 4 jobs."
    assert [p.name for p in tmp_path.iterdir()] == ["design.toml"]


def test_many_points_are_listed_in_part(tmp_path: Path) -> None:
    done = swept(tmp_path, axis(TOTAL, str(list(range(2200, 2250)))), "--dry-run")
    assert "… +10" in done.output


def test_check_says_what_a_design_takes_and_what_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL)
    words = ("--city", TOY, "--out", tmp_path / "out", "--workers", 2, "--lang", "en")
    first = yanglao("check", path, *words)
    assert first.exit_code == 0
    found = re.search(
        r"One job takes ([\d.]+) s; 4 jobs are missing, about \d+ s with 2 processes; "
        r"about ([\d,]+) MB of disk; about ([\d,]+) MB of memory",
        first.output,
    )
    assert found is not None
    assert not (tmp_path / "out").exists()
    swept(tmp_path, SMALL)
    assert "; 0 jobs are missing" in yanglao("check", path, *words).output
    wider = written(tmp_path, SMALL.replace('["demand"]', '["demand", "placed"]'))
    assert "; 4 jobs are missing" in yanglao("check", wider, *words).output


@pytest.mark.parametrize("command", ["sweep", "check"])
def test_more_jobs_are_allowed_on_request(tmp_path: Path, command: str) -> None:
    path = written(tmp_path, SMALL)
    words = (command, path, "--city", TOY, "--out", tmp_path / "out", "--max-jobs")
    few = yanglao(*words, 3)
    assert few.exit_code == 2
    assert "at most 3" in few.stderr
    assert yanglao(*words, 4).exit_code == 0


@pytest.mark.fault
def test_failed_jobs_end_with_4_and_the_next_time_does_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = SweepWork.do

    def failing(self: SweepWork, task: Task) -> bytes:
        if task.replication == 1:
            raise ValueError("no such luck")
        return do(self, task)

    monkeypatch.setattr(SweepWork, "do", failing)
    done = swept(tmp_path, SMALL, "--lang", "en")
    assert done.exit_code == 4
    assert "2 jobs failed twice" in done.stderr
    assert "ValueError: no such luck" in done.stderr
    folder = tmp_path / "out" / "design"
    assert str(folder / "failures.csv") in done.stderr
    monkeypatch.setattr(SweepWork, "do", do)
    assert swept(tmp_path, SMALL).exit_code == 0
    assert not (folder / "failures.csv").exists()


def test_a_sweep_of_another_code_is_refused_in_one_sentence(tmp_path: Path) -> None:
    swept(tmp_path, SMALL)
    mark = tmp_path / "out" / "design" / "sweep.json"
    held = json.loads(mark.read_text(encoding="utf-8"))
    mark.write_text(json.dumps(held | {"code": "0" * 32}), encoding="utf-8")
    done = swept(tmp_path, SMALL)
    assert done.exit_code == 2
    assert done.stderr.startswith("1 problem(s)")
    assert "is a sweep made otherwise" in done.stderr
    assert f"code {'0' * 32}" in done.stderr


def test_a_scenario_is_no_design_and_a_design_no_scenario(tmp_path: Path) -> None:
    scenario = written(tmp_path, 'extends = "baseline"', "scenario")
    done = yanglao("sweep", scenario, "--city", TOY)
    assert done.exit_code == 2
    assert "holds no design" in done.stderr


def test_the_schema_of_designs_is_printed() -> None:
    schema = json.loads(yanglao("schema", "--design").output)
    assert "axes" in schema["properties"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")],
)
def test_times_are_said_in_a_fitting_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said
