"""One writer a folder: a second one is told who writes, and writes nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from runs.cli.app import main
from runs.jobs.lock import LOCK, WRITER, InUse, Writer
from tests.runs.jobs.works import TINY

pytestmark = pytest.mark.fault
HOLD = """
import sys, time
from pathlib import Path
from runs.jobs.lock import Writer
with Writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def tiny(tmp_path: Path) -> list[str]:
    """Return the words of a run of a tiny network into ``out/tiny``."""
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    words = ["run", tmp_path / "tiny.toml", "--out", tmp_path / "out", "--replications", 3]
    return [*map(str, words), "--no-figures", "--workers", "1"]


@pytest.fixture
def folder(tmp_path: Path, tiny: list[str]) -> Path:
    """Return the folder of a finished run."""
    assert CliRunner().invoke(main, tiny).exit_code == 0
    return tmp_path / "out" / "tiny"


@pytest.fixture
def holder(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that holds the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        p.name: (p.read_bytes(), p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file() and p.name != LOCK
    }


def test_a_second_run_is_told_who_writes_and_writes_nothing(
    folder: Path, tiny: list[str], holder: "subprocess.Popen[str]"
) -> None:
    before = state(folder)
    result = CliRunner().invoke(main, tiny)
    assert result.exit_code == 3
    assert f"is being written by process {holder.pid} on" in result.stderr
    assert state(folder) == before


def test_a_writer_that_was_killed_stands_in_nobodys_way(
    folder: Path, tiny: list[str], holder: "subprocess.Popen[str]"
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert json.loads((folder / WRITER).read_text())["pid"] == holder.pid
    assert CliRunner().invoke(main, tiny).exit_code == 0
    assert not (folder / WRITER).exists()


def test_a_writer_removes_what_killed_ones_left_and_nothing_else(folder: Path) -> None:
    orphans = [folder / ".flows.csv.77.part", folder / "parts" / ".replication-00001.npz.9.part"]
    others = [folder / "mine.part", folder / ".hidden"]
    for path in (*orphans, *others):
        path.touch()
    with Writer(folder):
        assert [path.exists() for path in orphans] == [False, False]
    assert all(path.exists() for path in others)


def test_a_folder_is_held_where_it_stands_and_let_go(tmp_path: Path) -> None:
    one, other = Writer(tmp_path / "run"), Writer(tmp_path / "run")
    one.hold()
    one.hold()  # again, as its holder may
    with pytest.raises(InUse, match=f"process {os.getpid()} on"):
        other.hold()
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    one.hold()
    with pytest.raises(InUse, match="is being written by"):
        other.hold()
    one.release()
    with other:
        assert (tmp_path / "run" / WRITER).exists()
