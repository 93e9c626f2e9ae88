"""Write runs and sweeps of small outcomes as the program leaves them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from params.city import read_city
from params.tables.districts import read_districts
from runs.jobs.job import Task
from runs.jobs.key import RunKey, code_digest, libraries
from runs.jobs.store import RunFolder, part_bytes, save_part
from runs.jobs.sweep_store import SweepMark, SweepStore
from runs.tables.kept import Kept, cells_of, kept_values, part_of
from runs.tables.yearly import COLUMNS
from simulate.outcome import Outcome
from tests.city import RESOURCES, small_outcome

ALL: Final = Kept("year", COLUMNS, (), ("districts", "zones", "city"), ())
YEARS: Final = range(2021, 2026)


def stored(folder: Path, seed: int = 1, first: int = 0, n: int = 2, fixed: bool = False) -> Path:
    """Write a run whose replication k has the outcome of replication first + k of the small city."""
    run = RunFolder(folder, RunKey(folder.name, folder.name, seed, fixed))
    parts = run.parts()
    for k in range(n):
        save_part(parts, k, part_bytes(small_outcome(first + k)))
    run.close()
    return folder


def finish(folder: Path, replications: object, **more: object) -> Path:
    """Write a run's manifest."""
    table = json.dumps({"replications": replications, **more})
    (folder / "manifest.json").write_text(table, encoding="utf-8")
    return folder


def point_id(point: int) -> str:
    return f"{point:016x}"


def stored_sweep(
    folder: Path,
    jobs: Mapping[Task, Outcome],
    kept: Kept = ALL,
    design: str = "",
    seed: int = 1,
) -> Path:
    """Write a sweep; the points of the tasks are numbers as text, and vary a number of beds."""
    mark = SweepMark(folder.name, seed, "shanghai", code_digest(), libraries())
    store = SweepStore(folder, mark, kept)
    store.open()
    cells = cells_of(store.kept, read_districts(read_city()), RESOURCES, YEARS)
    for task, outcome in jobs.items():
        named = Task(point_id(int(task.point)), task.draw, task.replication)
        values = kept_values(outcome, store.kept, read_districts(read_city()), RESOURCES)
        store.keep(named, part_of(values, cells, *named))
    points = sorted({int(task.point) for task in jobs})
    table = {
        "point": points,
        "id": [point_id(p) for p in points],
        "scenario": "baseline",
        "draw_set": "one",
        "beds.total_2025": [1000 * (p + 1) for p in points],
    }
    pd.DataFrame(table).to_parquet(folder / "points.parquet", index=False)
    lives = "" if "shared_lives" in design else "shared_lives = true\n"
    (folder / "design.toml").write_text(f"{design}{lives}", encoding="utf-8")
    return folder


def drawn(points: Sequence[int], n: int = 3) -> dict[Task, Outcome]:
    """Return one level of chance; point p's replication k has the outcome of replication p + k."""
    return {Task(str(p), k, k): small_outcome(p + k) for p in points for k in range(n)}
