"""Measure sweeps: parallel efficiency, cost of a job beside its replication, memory, disk and queries.

    python benches/sweeps.py

Writes ``benches/SWEEPS.md``. 200 points of 5 replications of a quarter of the city, by one worker and by two
in turns; 100 and 10,000 small jobs for the parent's memory; a query over a million rows. Smaller numbers
of points with ``--points``.
"""

import argparse
import os
import platform
import resource
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time, sleep

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sweep_jobs import Part, PartWork, Small

from params.studies.load import load_design
from runs.jobs.execute import How, run_tasks
from runs.jobs.listing import PARTS
from runs.jobs.sweep_folder import open_sweep
from runs.jobs.sweep_store import SweepStore
from runs.jobs.sweep_work import base_key
from runs.studies.query import ask
from runs.studies.sweep import sweep
from runs.studies.sweep_files import write_draws, write_points
from runs.studies.sweep_plan import MEASURES, SweepPlan, plan_of

HERE = Path(__file__).resolve().parent
POINTS, REPLICATIONS = 200, 5
FEW, MANY = 100, 10_000
MILLION = 1_000_000
MIB = 1 << 20
DESIGN = """
replications = {replications}
[sample]
points = {points}
[[sample.axes]]
key = "beds.total_2025"
low = 160000
high = 190000
[[sample.axes]]
key = "workers.growth_institution"
low = 0.0
high = 0.06
"""


def plan(folder: Path, points: int, replications: int) -> SweepPlan:
    """Return a sweep of sampled points."""
    path = folder / "bench.toml"
    path.write_text(DESIGN.format(points=points, replications=replications), encoding="utf-8")
    return plan_of(load_design(path, MEASURES))


def children_cpu() -> float:
    """Return CPU seconds of all worker processes that have ended, and of this one."""
    own, ended = (resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


@dataclass(frozen=True)
class Timed:
    """One sweep: seconds on the clock, CPU seconds of all its processes, parts by job."""

    wall: float
    cpu: float
    sizes: tuple[int, ...]


def timed(plan_: SweepPlan, workers: int) -> Timed:
    """Simulate a sweep of a part of the city with so many workers."""
    base = plan_.work(plan_.kept)
    work = PartWork(base.points, base.kept, base.levels)
    sizes: list[int] = []
    begin, used = perf_counter(), children_cpu()
    failed = run_tasks(
        work, plan_.tasks, lambda _, part: sizes.append(len(part)), How(workers, bar=False)
    )
    assert not failed, failed[0]
    if workers > 1:
        _end_workers()
    return Timed(perf_counter() - begin, children_cpu() - used, tuple(sizes))


def _end_workers() -> None:
    """End idle workers, so that the system tells what they have used."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def replications_alone(plan_: SweepPlan, n: int) -> float:
    """Return CPU seconds a replication by itself takes in this process, sharing what a sweep shares."""
    work = plan_.work(plan_.kept)
    tasks = plan_.tasks[:n]
    held = work.only(tasks)
    shared = Part()
    spent = 0.0
    for task in tasks:
        inputs, point = held.loaded[task.point], held.points[task.point]
        drawn = inputs.drawn(point.seeds.draws, task.draw)
        begin = process_time()
        shared.simulate(drawn, held.bases[base_key(point)], point.seeds.luck, task.replication)
        spent += process_time() - begin
    return spent / n


def parent_memory(plan_: SweepPlan, part: bytes) -> float:
    """Return by how much the parent's memory rises while small jobs are done and stored, MiB."""
    start = now = _memory()
    peak = [start]
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            peak[0] = max(peak[0], _memory())
            sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        store = SweepStore(Path(folder) / "small", plan_.mark, plan_.kept)
        store.open()
        run_tasks(Small(part), plan_.tasks, store.keep, How(2, bar=False))
        store.write_list()
    over.set()
    watcher.join()
    now = peak[0]
    return (now - start) / MIB


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def query_seconds(plan_: SweepPlan, part: bytes, rows: int) -> tuple[float, int]:
    """Return how long a grouped query over so many rows takes, opening and checking included."""
    with tempfile.TemporaryDirectory(dir=HERE) as name:
        folder = Path(name) / "query"
        store = SweepStore(folder, plan_.mark, plan_.kept)
        store.open()
        write_points(plan_, folder)
        write_draws(plan_, folder)
        jobs = -(-MILLION // rows)
        for task in plan_.tasks[:jobs]:
            store.keep(task, part)
        store.write_list()
        best = float("inf")
        for _ in range(3):
            begin = perf_counter()
            answer = ask(
                open_sweep(folder),
                "select point, area, resource, measure, avg(value), stddev(value) from results "
                "group by all order by all",
            )
            n = sum(len(batch) for batch in answer.batches)
            best = min(best, perf_counter() - begin)
        assert n > 0
        return best, jobs * rows


def whole_sweep(plan_: SweepPlan) -> int:
    """Return bytes of a finished sweep of one job, without its part."""
    with tempfile.TemporaryDirectory(dir=HERE) as name:
        swept = sweep(plan_, Path(name), How(1, bar=False))
        files = [p for p in swept.folder.rglob("*") if p.is_file() and PARTS not in p.parts]
        return sum(p.stat().st_size for p in files)


def main() -> None:
    """Measure and write the page."""
    # Workers import the jobs from beside this file.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parent)])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    asked = parser.parse_args()
    rows: list[tuple[str, str, str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        design = plan(folder, asked.points, asked.replications)
        work = design.work(design.kept)
        work.warm_up()
        part = PartWork(work.points, work.kept, work.levels).do(design.tasks[0])
        alone = replications_alone(design, min(20, len(design.tasks)))
        one, two = timed(design, 1), timed(design, 2)
        n = len(design.tasks)
        efficiency = one.cpu / (2 * two.wall)
        rows.append(("jobs of a quarter of the city", "jobs", "", f"{n:,}"))
        rows.append(("one worker", "CPU s", "", f"{one.cpu:,.1f}"))
        rows.append(("two workers, on the clock", "s", "", f"{two.wall:,.1f}"))
        rows.append(("two workers, CPU of all processes", "CPU s", "", f"{two.cpu:,.1f}"))
        rows.append(("parallel efficiency", "", "at least 0.9", f"{efficiency:.3f}"))
        rows.append(("a replication by itself", "CPU s", "", f"{alone:.3f}"))
        over = one.cpu / n / alone - 1
        rows.append(("a job beyond its replication", "share", "0.05", f"{over:.3f}"))
        rows.append(("disk a job", "kB", "60", f"{sum(two.sizes) / n / 1e3:.1f}"))
        few, many = (plan(folder, MANY // 100, k // (MANY // 100)) for k in (FEW, MANY))
        for sweep_ in (few, many):
            rise = parent_memory(sweep_, part)
            what = f"parent's memory above its start, {len(sweep_.tasks):,} small jobs"
            rows.append((what, "MiB", "286", f"{rise:.0f}"))
        n_rows = _rows_of(part)
        seconds, total = query_seconds(many, part, n_rows)
        rows.append((f"grouped query over {total:,} rows", "s", "1", f"{seconds:.2f}"))
    write(rows)


def _rows_of(part: bytes) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(pa.BufferReader(part)).metadata.num_rows)


def write(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Write the page."""
    head = [
        "# Sweeps, measured",
        "",
        "Written by `python benches/sweeps.py`; do not edit.",
        "",
        f"- Machine: {os.cpu_count()} cores, {platform.system()}",
        f"- Python {platform.python_version()}",
        f"- Date: {datetime.now(UTC).date().isoformat()}",
        "",
        "| what | unit | bar | reached |",
        "|---|---|---:|---:|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
    text = "\n".join(head)
    (HERE / "SWEEPS.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
