"""The command line: what it says, and its exit status: 0 done, 2 the input is wrong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runs.cli.app import MODULES, main

COMMANDS = tuple(MODULES)
MOST_PARAMETERS = 8
ROOT = Path(__file__).parents[3]


def yanglao(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("run", "baseline"), True),
        (("run", "care-network"), True),
        (("project", "baseline"), False),
    ],
)
def test_a_command_that_is_stopped_says_so_and_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...], kept: bool
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runs.produce.produce", stopped)
    result = yanglao(*words, "--out", tmp_path)
    assert result.exit_code == 130
    assert "stopped" in result.output
    assert ("goes on from there" in result.output) == kept


def test_help_lists_every_command() -> None:
    result = yanglao("--help")
    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.output for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = yanglao(command, "-h")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom runs.cli.app import main\nmain(['--help'], standalone_mode=False)\n"
        "heavy = ('numpy', 'numba', 'pandas', 'pydantic', 'scipy', 'matplotlib')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.splitlines()[-1] == "[]"


def test_a_command_loads_its_own_module_only() -> None:
    code = (
        "import sys\nfrom runs.cli.app import main\n"
        "main(['compare', '--help'], standalone_mode=False)\n"
        "print(sorted(m for m in sys.modules if m.startswith('runs.cli.')))"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ["runs.cli.app", "runs.cli.compare", "runs.cli.console", "runs.cli.options"]
    assert seen.stdout.splitlines()[-1] == str(loaded)


def test_an_unknown_command_is_said() -> None:
    result = yanglao("rum")
    assert result.exit_code == 2
    assert "No such command 'rum'" in result.output


def test_no_function_of_runs_takes_more_than_eight_parameters() -> None:
    long = [
        f"{path.name}: {node.name}"
        for path in (ROOT / "runs").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and len([*node.args.args, *node.args.kwonlyargs]) > MOST_PARAMETERS
    ]
    assert long == []


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_scenario_names_the_nearest_one(command: str, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out") if command == "run" else ()
    result = yanglao(command, "basline", *out)
    assert result.exit_code == 2
    assert "unknown scenario 'basline'" in result.output
    assert "did you mean baseline" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_bad_file_lists_all_its_problems_and_writes_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'extends = "baseline"\n[beds]\ntotal_2052 = 1\nnursing_share_2025 = 1.5\n'
        'changes = [{ district = "黄埔区", resource = "nursing_bed", beds = 5, date = 2022-01-01 }]\n'
        "[assessors]\ngrowth = nan\n",
        encoding="utf-8",
    )
    result = yanglao("run", mine, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.output.startswith("4 problem(s)")
    for said in ("total_2052", "total_2025", "nursing_share_2025", "黄浦区", "growth"):
        assert said in result.output
    assert "Traceback" not in result.output
    assert [p.name for p in tmp_path.iterdir()] == ["mine.toml"]


def test_a_run_with_a_mistyped_option_says_so() -> None:
    result = yanglao("run", "baseline", "--replications", "0")
    assert result.exit_code == 2
    assert "--replications" in result.output


def test_check_says_what_a_scenario_sets() -> None:
    result = yanglao("check", "more-workers")
    assert result.exit_code == 0
    assert "  [workers]\n  extra_institution = " in result.output
    assert "\n  extra_home = " in result.output


def test_check_says_first_what_the_file_itself_sets(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('extends = "more-workers"\n[workers]\nextra_home = 5\n', encoding="utf-8")
    lines = yanglao("check", mine, "--inherited").output.splitlines()
    assert lines[0] == "mine"  # it has no title, and its name is said once
    assert lines[1:4] == ["mine.toml: 1 values set", "  [workers]", "  extra_home = 5"]
    assert lines[4].startswith("params/cities/shanghai/scenarios/more-workers.toml: ")
    end = next(k for k, line in enumerate(lines) if "scenarios/baseline.toml: " in line)
    inherited = " ".join(lines[4:end])
    assert "extra_institution = " in inherited
    assert "extra_home" not in inherited


def test_check_says_that_posts_count_from_the_first_of_their_month(tmp_path: Path) -> None:
    row = '{ district = "黄浦区", workers = "care_worker_home", posts = 5, date = %s }'
    rows = ", ".join(row % day for day in ("2022-03-01", "2022-05-17"))
    mine = tmp_path / "mine.toml"
    mine.write_text(f'extends = "baseline"\n[workers]\nchanges = [{rows}]\n', encoding="utf-8")
    result = yanglao("check", mine)
    assert result.exit_code == 0
    assert "workers.changes #2 date: 2022-05-17 counts from 2022-05-01" in result.output
    assert "workers.changes #1" not in result.output


def test_check_refuses_to_close_more_than_there_is_and_to_cut_more_than_work(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'extends = "baseline"\n[[beds.changes]]\ndistrict = "黄浦区"\nresource = "nursing_bed"\n'
        'beds = -99999\ndate = 2023-03-04\n[[workers.changes]]\ndistrict = "黄浦区"\n'
        'workers = "care_worker_home"\nposts = -99999\ndate = 2022-03-01\n',
        encoding="utf-8",
    )
    result = yanglao("check", mine)
    assert result.exit_code == 2
    assert f"{mine}:5:8: beds.changes #1 beds" in result.output
    assert f"{mine}:10:9: workers.changes #1 posts" in result.output


def test_where_beds_may_be_for_a_zone_or_the_city_the_message_names_these_too(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine.toml"
    row = 'resource = "nursing_bed"\nbeds = 9\ndate = 2023-03-04\n'
    mine.write_text(
        f'extends = "baseline"\n[[beds.changes]]\ndistrict = "中心城"\n{row}', encoding="utf-8"
    )
    output = yanglao("check", mine).output
    assert "did you mean 中心城区" in output
    assert "崇明区 中心城区 郊区 全市" in output


def test_check_resolved_prints_every_value_and_its_file() -> None:
    result = yanglao("check", "more-workers", "--resolved")
    assert result.exit_code == 0
    assert (
        "extra_home = 12000  # params/cities/shanghai/scenarios/more-workers.toml" in result.output
    )
    assert "total_2025 = 178000  # params/cities/shanghai/scenarios/baseline.toml" in result.output
    assert "[assumptions]" in result.output


def test_scenarios_lists_the_ready_ones() -> None:
    lines = yanglao("scenarios").output.splitlines()
    assert {line.split()[0] for line in lines} >= {"baseline", "city-pool", "frozen-2020"}


def test_the_ready_scenarios_titles_stand_below_each_other() -> None:
    lines = yanglao("scenarios").output.splitlines()
    begins = {len(s) - len(s.split(maxsplit=1)[1]) for s in lines if not s.endswith(":")}
    assert len(begins) == 1


def test_params_lists_all_numbers_and_assumed_only_what_was_chosen() -> None:
    everything, assumed = yanglao("params"), yanglao("params", "--assumed")
    assert everything.exit_code == assumed.exit_code == 0
    head = "table,key,value,unit,low,high,status,source_id"
    assert everything.output.splitlines()[0] == assumed.output.splitlines()[0] == head
    assert len(everything.output.splitlines()) > 5 * len(assumed.output.splitlines())
    assert "patience_days" in assumed.output


def test_params_check_holds() -> None:
    result = yanglao("params", "--check")
    assert result.exit_code == 0
    assert "checks hold" in result.output


@pytest.mark.usefixtures("small")
def test_run_leaves_its_folder_and_prints_the_city(tmp_path: Path) -> None:
    result = yanglao("run", "baseline", "--replications", 2, "--workers", 1, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "全市 2025" in result.output
    written = {p.name for p in (tmp_path / "baseline").iterdir()}
    tables = (
        "population",
        "shortfall",
        "monthly",
        "waits",
        "flows",
        "indicators",
        "indicators_by_year",
    )
    assert {f"{name}.csv" for name in tables} <= written
    assert {"replications.parquet", "manifest.json", "scenario.toml", "report.html"} <= written


@pytest.mark.usefixtures("small")
def test_run_writes_only_what_is_wanted(tmp_path: Path) -> None:
    words = ("--replications", 1, "--workers", 1, "--out", tmp_path, "--no-report", "--no-figures")
    result = yanglao("run", "baseline", *words, "--only", "flows, indicators")
    assert result.exit_code == 0, result.output
    written = {p.name for p in (tmp_path / "baseline").iterdir() if p.suffix in (".csv", ".html")}
    assert written == {"flows.csv", "indicators.csv"}


def test_run_refuses_a_table_that_there_is_not(tmp_path: Path) -> None:
    result = yanglao("run", "care-network", "--out", tmp_path, "--only", "indicators，summery")
    assert result.exit_code == 2
    assert result.output.startswith("2 problem(s)")
    assert (
        "summary, shortfall, monthly, flows, classes, stages, occupancy, replications"
        in result.output
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_run_refuses_a_folder_of_another_seed_and_resumes_its_own(tmp_path: Path) -> None:
    words = ("run", "baseline", "--replications", 1, "--workers", 1, "--out", tmp_path)
    assert yanglao(*words).exit_code == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    refused = yanglao(*words, "--seed", 7)
    assert refused.exit_code == 2
    assert "holds another run" in refused.output
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert yanglao(*words).exit_code == 0


def test_compare_says_where_no_run_lies(tmp_path: Path) -> None:
    result = yanglao("compare", tmp_path, tmp_path / "nothing")
    assert result.exit_code == 2
    assert "holds no run" in result.output
