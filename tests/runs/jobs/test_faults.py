"""What the machine does to a run is said in one sentence, and nothing that was done is lost."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from params.errors import ParamError
from params.network.load import load_any
from runs.cli.app import main
from runs.jobs import job as jobs
from runs.jobs.key import RunKey
from runs.jobs.store import MARK, RunFolder, is_whole, read_mark
from runs.subjects.city import CityScenario
from runs.subjects.network import OwnNetwork
from simulate.network.outcome import NetworkOutcome
from tests.fast import few
from tests.runs.jobs.works import TINY

pytestmark = pytest.mark.fault
Runs = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Runs:
    """Run a tiny network into a folder."""
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")

    def run_into(out: Path, *words: object, replications: int = 30) -> Result:
        fixed = ("run", tmp_path / "tiny.toml", "--out", out, "--replications", replications)
        fast = ("--no-figures", "--workers", 1)
        return CliRunner().invoke(main, [str(w) for w in (*fixed, *fast, *words)])

    return run_into


def files(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    manifest = json.loads(found["manifest.json"])  # type: ignore[arg-type]
    return {**found, "manifest.json": {k: v for k, v in manifest.items() if k != "times"}}


def parts(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob(".*.part"))


def says(result: Result, *texts: str) -> None:
    """Check that a run was ended by the machine, in a sentence."""
    assert result.exit_code == 3, result.output
    assert "Traceback" not in result.output
    for text in (*texts, "what was finished is kept", "try"):
        assert text in result.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of its own size; only root may."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: only root may")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def remount(disk: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(disk)], check=True)


@pytest.mark.parametrize("kilobytes", few([60, 150, 190, 120, 170, 180, 200, 210], 3))
def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_space(
    run: Runs, tmp_path: Path, small_disk: Path, kilobytes: int
) -> None:
    remount(small_disk, f"size={kilobytes}k")
    says(run(small_disk), "the disk is full", str(small_disk / "tiny"))
    assert parts(small_disk) == []
    assert not (small_disk / "tiny" / "manifest.json").exists()
    remount(small_disk, "size=9m")
    assert run(small_disk).exit_code == 0
    assert run(tmp_path / "wide").exit_code == 0
    assert files(small_disk / "tiny") == files(tmp_path / "wide" / "tiny")


def test_a_read_only_disk_is_said(run: Runs, small_disk: Path) -> None:
    remount(small_disk, "ro")
    says(run(small_disk), "read-only", str(small_disk / "tiny"))


def test_a_file_in_the_way_is_said(run: Runs, tmp_path: Path) -> None:
    (tmp_path / "tiny").write_text("mine")
    says(run(tmp_path), "a file stands where a folder is needed", str(tmp_path / "tiny"))
    (tmp_path / "out").mkdir()
    assert run(tmp_path / "out").exit_code == 0
    shutil.rmtree(tmp_path / "out" / "tiny" / "parts")
    (tmp_path / "out" / "tiny" / "parts").write_text("mine")
    says(run(tmp_path / "out"), "a file stands where a folder is needed")
    assert (tmp_path / "tiny").read_text() == "mine"


def test_a_name_that_is_too_long_is_said(run: Runs, tmp_path: Path) -> None:
    says(run(tmp_path / ("x" * 300)), "too long")


def test_a_table_that_another_program_holds_is_said_and_stays(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, replications=2).exit_code == 0
    table = tmp_path / "tiny" / "shortfall.csv"
    before = table.read_bytes()
    whole = Path.replace

    def held(path: Path, target: Path) -> Path:
        if target == table:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return whole(path, target)

    monkeypatch.setattr(Path, "replace", held)
    says(run(tmp_path, replications=4), "may not be written", str(table), "Excel")
    assert table.read_bytes() == before
    assert parts(tmp_path) == []
    # Tables of two and of four replications stand side by side now, so none of them has a manifest.
    assert not (tmp_path / "tiny" / "manifest.json").exists()


def test_a_workbook_that_cannot_be_written_is_said(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    says(run(tmp_path, "--xlsx"), "the disk is full", "tiny.xlsx")
    assert parts(tmp_path) == []


def test_too_little_memory_is_said(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: object) -> None:
        raise MemoryError("Unable to allocate 81.0 GiB")

    monkeypatch.setattr("runs.subjects.network.network_sample", hungry)
    says(run(tmp_path), "out of memory: Unable to allocate 81.0 GiB")
    assert is_whole(tmp_path / "tiny" / "parts", 29)


def test_replications_that_fail_twice_are_named_and_the_others_kept(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def failing(network: object, seed: int, replication: int) -> NetworkOutcome:
        tried.append(replication)
        if replication in (3, 5):
            raise ValueError("probabilities are not\nnon-negative")
        return simulate(network, seed, replication)

    simulate = jobs.simulate_network
    monkeypatch.setattr(jobs, "simulate_network", failing)
    result = run(tmp_path, replications=8)
    assert result.exit_code == 4
    for k in (3, 5):
        said = f"replication {k}, draw 0: ValueError: probabilities are not non-negative"
        assert said in result.stderr
        assert tried.count(k) == 2
    whole = [k for k in range(8) if is_whole(tmp_path / "tiny" / "parts", k)]
    assert whole == [0, 1, 2, 4, 6, 7]
    assert not list((tmp_path / "tiny").glob("*.csv"))
    assert not (tmp_path / "tiny" / "manifest.json").exists()
    monkeypatch.setattr(jobs, "simulate_network", simulate)
    assert run(tmp_path, replications=8).exit_code == 0
    assert run(tmp_path / "whole", replications=8).exit_code == 0
    assert files(tmp_path / "tiny") == files(tmp_path / "whole" / "tiny")


def key_of(path: Path, text: str) -> RunKey:
    path.write_text(text, encoding="utf-8")
    loaded = load_any(str(path))
    city = path.name.startswith("city")
    return CityScenario(loaded).key if city else OwnNetwork(loaded).key  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["city", "network"])
def test_the_same_values_under_another_name_are_the_same_run(tmp_path: Path, kind: str) -> None:
    text = {"city": 'extends = "baseline"\n[beds]\ntotal_2025 = 170000\n', "network": TINY}[kind]
    one = key_of(tmp_path / f"{kind}-one.toml", text)
    (tmp_path / "sub").mkdir()
    body = text.replace('name = "tiny"\n', "")
    named = f'# a comment\nname = "other"\ntitle_en = "Another title"\n{body}'
    assert key_of(tmp_path / "sub" / f"{kind}-two.toml", named).digest == one.digest
    changed = text.replace("170000", "170001").replace("mean = 8.0", "mean = 8.1")
    assert key_of(tmp_path / f"{kind}-three.toml", changed).digest != one.digest


def test_other_libraries_are_another_run_and_named(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, replications=1).exit_code == 0
    other = {"numpy": "1.0", "scipy": "2.0", "numba": "3.0", "pandas": "4.0"}
    monkeypatch.setattr("runs.jobs.key.libraries", lambda: other)
    monkeypatch.setattr("runs.jobs.store.libraries", lambda: other)
    result = run(tmp_path, replications=1)
    assert result.exit_code == 2
    assert "numpy" in result.stderr
    assert " / 1.0, scipy" in result.stderr


def test_a_mark_of_another_version_is_said(run: Runs, tmp_path: Path) -> None:
    assert run(tmp_path, replications=1).exit_code == 0
    mark = tmp_path / "tiny" / MARK
    mark.write_text(json.dumps({**read_mark(tmp_path / "tiny"), "format": 2}))
    result = run(tmp_path, replications=1)
    assert result.exit_code == 2
    assert "is of another version of yanglao (format 2)" in result.stderr
    with pytest.raises(ParamError, match=r"run\.json: is of another version"):
        read_mark(tmp_path / "tiny")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 7}, "seed 2020 / 7"),
        ({"fixed_parameters": True}, "fixed_parameters False / True"),
        ({"values": "others"}, "values of the scenario"),
    ],
)
def test_another_run_in_a_folder_is_told_apart(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    key = RunKey("baseline", "text", 2020, False)
    first = RunFolder(tmp_path / "run", key)
    first.open()
    first.close()
    with pytest.raises(ParamError, match=f"not the same: {said}"):
        RunFolder(tmp_path / "run", replace(key, **change)).check()  # type: ignore[arg-type]
