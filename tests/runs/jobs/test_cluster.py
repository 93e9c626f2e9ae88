"""The same jobs on a Dask cluster of separate processes: same parts, whatever happens to its workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from params.errors import ParamError
from runs.cli.app import main
from runs.faults import MachineError
from runs.jobs.execute import How, run_tasks
from runs.jobs.pools import cluster
from runs.jobs.task import Task
from tests.runs.jobs.works import TINY, Killing, Plain, Raising, part_of, tasks

pytestmark = [pytest.mark.fault, pytest.mark.slow]
ROOT = Path(__file__).parents[3]


class LocalCluster:
    """A scheduler and its workers as processes of their own."""

    def __init__(self, logs: Path) -> None:
        self.logs, self.workers = logs, list[subprocess.Popen[bytes]]()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self.begin("scheduler", "--host", "127.0.0.1", "--port", str(port))

    def begin(self, what: str, *words: str) -> "subprocess.Popen[bytes]":
        line = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--no-dashboard"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.logs / f"{what}-{len(self.workers)}.log").open("wb") as log:
            return subprocess.Popen(line, env=env, stdout=log, stderr=log, cwd=self.logs)

    def add_worker(self, *words: str) -> "subprocess.Popen[bytes]":
        new = self.begin("worker", self.address, "--nthreads", "1", *words)
        self.workers.append(new)
        return new

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def cluster_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    here = LocalCluster(tmp_path_factory.mktemp("cluster"))
    for _ in range(2):
        here.add_worker()  # with a nanny, which starts it again after a death
    yield here
    here.end()


def kept_by(work: Plain, n: int, address: str, at: dict[int, object] | None = None) -> list[int]:
    """Do jobs on a cluster and return which failed; nothing is kept twice."""
    kept: dict[Task, bytes] = {}

    def keep(task: Task, part: bytes) -> None:
        assert task not in kept
        kept[task] = part
        if at and len(kept) in at:
            at[len(kept)]()  # type: ignore[operator]

    failures = run_tasks(work, tasks(n), keep, How(scheduler=address))
    assert set(kept) | {f.task for f in failures} == set(tasks(n))
    assert all(part == part_of(task) for task, part in kept.items())
    return [f.task.replication for f in failures]


def test_workers_that_are_killed_and_that_join_change_nothing(cluster_here: LocalCluster) -> None:
    extra = cluster_here.add_worker("--no-nanny")
    moments = {60: extra.kill, 100: cluster_here.add_worker}
    failed = kept_by(Raising(0.01, bad=(7,)), 300, cluster_here.address, moments)
    assert failed == [7]


def test_a_run_on_a_cluster_leaves_the_bytes_of_a_run_here(
    cluster_here: LocalCluster, tmp_path: Path
) -> None:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    found = []
    for where in (("--workers", "1"), ("--scheduler", cluster_here.address)):
        words = [
            "run",
            str(tmp_path / "tiny.toml"),
            "--no-figures",
            "--out",
            str(tmp_path / where[0]),
        ]
        result = CliRunner().invoke(main, [*words, "--replications", "12", *where])
        assert result.exit_code == 0, result.output
        folder = tmp_path / where[0] / "tiny"
        paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "manifest.json"]
        found.append({p.relative_to(folder): p.read_bytes() for p in paths})
    assert found[0] == found[1]
    assert len(found[0]) > 12


def test_a_job_that_kills_every_worker_it_meets_is_named(cluster_here: LocalCluster) -> None:
    assert kept_by(Killing(0.01, bad=(5,)), 20, cluster_here.address) == [5]


def test_a_worker_of_other_versions_is_told_apart(
    cluster_here: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = cluster.made_with()
    monkeypatch.setattr(cluster, "made_with", lambda: {**ours, "numpy": "1.0"})
    with pytest.raises(MachineError, match=rf"has other versions.*numpy {ours['numpy']} / 1\.0"):
        kept_by(Plain(), 3, cluster_here.address)


def test_a_scheduler_that_is_gone_is_said(tmp_path: Path) -> None:
    short = LocalCluster(tmp_path)
    short.add_worker()
    try:
        end = {20: lambda: short.scheduler.send_signal(signal.SIGKILL)}
        with pytest.raises(MachineError, match="the Dask scheduler is gone"):
            kept_by(Plain(0.05), 400, short.address, end)
        begin = time.monotonic()
        with pytest.raises(MachineError, match="no Dask scheduler answers"):
            kept_by(Plain(), 3, short.address)
        assert time.monotonic() - begin < 60
    finally:
        short.end()


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParamError, match=r"pip install 'yanglao\[cluster\]'"):
        kept_by(Plain(), 3, "tcp://127.0.0.1:1")
