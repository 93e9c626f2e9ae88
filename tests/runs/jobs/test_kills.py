"""A run that is killed, stopped or loses workers at any moment ends with the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from runs.jobs.execute import How, run_tasks
from runs.jobs.task import Task
from tests.fast import few
from tests.runs.jobs.works import TINY, Killing, Plain, Raising, part_of, tasks

ROOT = Path(__file__).parents[3]
REPLICATIONS = 60
pytestmark = pytest.mark.fault


class Server:
    """Starts commands as processes, see `server`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tiny.toml").write_text(TINY, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.runs.jobs.server", *self.words("first", 1)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def words(self, out: str, workers: int) -> list[str]:
        words = ["run", self.folder / "tiny.toml", "--out", self.folder / out, "--no-figures"]
        return [*map(str, words), "--replications", str(REPLICATIONS), "--workers", str(workers)]

    def ask(self, order: list[object]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith(" "):
            assert line, "the server has ended"
        return int(line)

    def start(self, out: str, workers: int = 2) -> int:
        return self.ask([self.words(out, workers), str(self.folder / f"{out}.log")])

    def end(self, pid: int) -> int:
        return self.ask([pid])

    def said(self, out: str) -> str:
        return (self.folder / f"{out}.log").read_text(encoding="utf-8")

    def files(self, out: str) -> dict[str, object]:
        folder = self.folder / out / "tiny"
        found: dict[str, object] = {
            p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*")
            if p.is_file()
        }
        manifest = json.loads(found["manifest.json"])  # type: ignore[arg-type]
        return {**found, "manifest.json": {k: v for k, v in manifest.items() if k != "times"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("kills"))
    yield one
    assert one.process.stdin is not None
    one.process.stdin.close()
    one.process.wait(20)


@pytest.fixture(scope="module")
def undisturbed(server: Server) -> tuple[dict[str, object], float]:
    """Return the files of a run that nothing happens to, and its seconds."""
    begin = time.monotonic()
    assert server.end(server.start("undisturbed")) == 0, server.said("undisturbed")
    return server.files("undisturbed"), time.monotonic() - begin


def workers_of(pid: int, seconds: float = 20.0) -> list[psutil.Process]:
    """Return the workers of a run once they are there, the tracker of resources left out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = psutil.Process(pid).children(recursive=True)
            workers = [p for p in found if "popen_loky" in " ".join(p.cmdline())]
        except psutil.Error:
            return []
        if workers:
            return workers
        time.sleep(0.01)
    return []


def gone(processes: list[psutil.Process], seconds: float) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return alive == [] or all(p.status() == psutil.STATUS_ZOMBIE for p in alive)


def test_one_and_two_workers_leave_the_same_bytes(
    server: Server, undisturbed: tuple[dict[str, object], float]
) -> None:
    assert server.end(server.start("one", workers=1)) == 0
    assert server.files("one") == undisturbed[0]


@pytest.mark.slow
def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(
    server: Server, undisturbed: tuple[dict[str, object], float]
) -> None:
    wanted, seconds = undisturbed
    rng = np.random.default_rng(11)
    killed = 0
    # One moment in every twentieth of a run's time, so that none of its stages is left out.
    for k, moment in enumerate((np.arange(20) + rng.random(20)) / 20 * seconds):
        pid = server.start(f"killed{k}")
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        killed += server.end(pid) == -signal.SIGKILL
        assert server.end(server.start(f"killed{k}", workers=1 + (k % 5 == 0))) == 0, moment
        assert server.files(f"killed{k}") == wanted, moment
    assert killed >= 10


@pytest.mark.parametrize("workers", few([2, 1], 1))
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_what_is_kept_and_leaves_no_worker(
    server: Server,
    undisturbed: tuple[dict[str, object], float],
    number: signal.Signals,
    status: int,
    workers: int,
) -> None:
    out = f"stopped-{number.name}-{workers}"
    pid = server.start(out, workers)
    busy = workers_of(pid) if workers > 1 else []
    while workers == 1 and not (server.folder / out / "tiny" / "parts").exists():
        time.sleep(0.001)
    os.kill(pid, number)
    begin = time.monotonic()
    assert server.end(pid) == status, server.said(out)
    assert time.monotonic() - begin < 20  # about one second where nothing else is done
    assert gone(busy, 2)
    assert "stopped" in server.said(out)
    assert "kept" in server.said(out)
    assert "Traceback" not in server.said(out)
    assert not list((server.folder / out).rglob(".*.part"))
    assert server.end(server.start(out, workers)) == 0
    assert server.files(out) == undisturbed[0]


def test_workers_end_when_their_parent_is_killed(server: Server) -> None:
    pid = server.start("orphans")
    busy = workers_of(pid)
    assert busy
    os.kill(pid, signal.SIGKILL)
    server.end(pid)
    assert gone(busy, 15)


def test_a_run_that_loses_a_worker_ends_with_the_same_bytes(
    server: Server, undisturbed: tuple[dict[str, object], float]
) -> None:
    pid = server.start("lost")
    workers_of(pid)[0].kill()
    assert server.end(pid) == 0, server.said("lost")
    assert server.files("lost") == undisturbed[0]


def kept_by(work: Plain, n: int, how: How, at: dict[int, object] | None = None) -> dict:
    """Do jobs; call what is to happen when so many are kept. Nothing is kept twice."""
    kept: dict[Task, bytes] = {}

    def keep(task: Task, part: bytes) -> None:
        assert task not in kept
        kept[task] = part
        if at and len(kept) in at:
            at[len(kept)]()  # type: ignore[operator]

    failures = run_tasks(work, tasks(n), keep, how)
    assert set(kept) | {f.task for f in failures} == set(tasks(n))
    assert all(part == part_of(task) for task, part in kept.items())
    return {f.task.replication: f for f in failures}


def kill_one() -> None:
    """Kill one of this process's workers, if any lives: those of a moment ago may just be replaced."""
    for worker in workers_of(os.getpid())[:1]:
        worker.kill()


@pytest.mark.slow
def test_workers_killed_at_any_moment_lose_no_job_and_double_none() -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):  # twice each: no job can be alone at two deaths, which would be its failure
        moments = rng.choice(np.arange(1, 150), 2, replace=False).tolist()
        assert kept_by(Plain(0.01), 150, How(2), dict.fromkeys(moments, kill_one)) == {}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_raises_is_tried_once_more_and_stops_no_other(
    tmp_path: Path, workers: int
) -> None:
    assert kept_by(Raising(bad=(3, 9), once=tmp_path), 40, How(workers)) == {}
    failed = kept_by(Raising(bad=(3, 9)), 40, How(workers))
    assert list(failed) == [3, 9]
    assert failed[3].message == "ValueError: replication 3 is impossible"
    assert failed[3].tries == 2


def test_a_job_that_kills_its_worker_whenever_it_is_tried_is_named() -> None:
    failed = kept_by(Killing(0.001, bad=(30,)), 60, How(2))
    assert list(failed) == [30]
    assert "worker died, perhaps out of memory" in failed[30].message


def test_a_worker_killed_once_by_its_job_is_replaced(tmp_path: Path) -> None:
    assert kept_by(Killing(0.001, bad=(5, 30), once=tmp_path), 60, How(2)) == {}


def test_the_memory_of_the_parent_does_not_grow_with_the_number_of_jobs() -> None:
    me = psutil.Process()
    kept_none = run_tasks(Plain(), tasks(100), lambda *_: None, How(2))
    before = me.memory_info().rss
    assert run_tasks(Plain(), tasks(10_000), lambda *_: None, How(2)) == kept_none == ()
    assert me.memory_info().rss - before < 50e6


LONG = """
from runs.cli.options import tell
from runs.jobs.execute import How, run_tasks
from tests.runs.jobs.works import Plain, tasks
tell(lambda: run_tasks(Plain(300.0), tasks(5), lambda *_: None, How(2)))()
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_jobs_that_take_minutes_are_not_waited_for(number: signal.Signals, status: int) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", LONG], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        busy = workers_of(process.pid)
        assert busy
        process.send_signal(number)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == status, said
    assert said == "stopped\n"
    assert gone(busy, 5)
