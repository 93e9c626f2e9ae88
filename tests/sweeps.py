"""Write small folders of sweeps as `yanglao sweep` leaves them, with made-up figures."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

AREAS = ("全市", "中心城区", "黄浦区", "浦东新区")
MEASURES = ("demand", "waiting", "service_gap", "share_in_time")
RESOURCES = ("bed_total", "home_care")
TEXT = pa.dictionary(pa.int32(), pa.string())
RESULTS = pa.schema(
    [
        ("id", TEXT),
        ("draw", pa.int32()),
        ("replication", pa.int32()),
        ("area", TEXT),
        ("year", pa.int16()),
        ("resource", TEXT),
        ("measure", TEXT),
        ("value", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Sketch:
    """A sweep of made-up figures: how many of what."""

    points: int = 3
    draws: int = 4
    replications: int = 1
    """Of every draw; with one, replication k has draw k."""
    areas: Sequence[str] = AREAS
    years: Sequence[int] = (2024, 2025)
    months: Sequence[str] = ()
    """Instead of years."""
    resources: Sequence[str] = RESOURCES
    measures: Sequence[str] = MEASURES
    keys: dict[str, Sequence[object]] = field(
        default_factory=lambda: {"beds.total_2025": (170_000, 178_000, 186_000)}
    )

    def jobs(self) -> list[tuple[int, int]]:
        """Return draw and replication of every job of a point."""
        if self.replications == 1:
            return [(k, k) for k in range(self.draws)]
        return list(product(range(self.draws), range(self.replications)))


def point_id(point: int) -> str:
    """Return the id of a made-up point."""
    return blake2b(f"point {point}".encode(), digest_size=8).hexdigest()


def part_name(point: int, draw: int, replication: int) -> str:
    """Return where a job's part lies below ``parts``."""
    return f"{point_id(point)}/d{draw:05d}-r{replication:05d}.parquet"


def part_table(sketch: Sketch, point: int, draw: int, replication: int) -> pa.Table:
    """Return the made-up figures of one job."""
    spans = sketch.months or sketch.years
    cells = list(product(sketch.areas, spans, sketch.resources, sketch.measures))
    area, span, resource, measure = (list(column) for column in zip(*cells, strict=True))
    chance = np.random.default_rng([point, draw, replication])
    drawn = np.random.default_rng([99, draw]).normal(0, 30)
    values = 1000.0 + 100 * point + drawn + chance.normal(0, 20, len(cells)).round(6)
    n = len(cells)
    times = {"month": pa.array(span).dictionary_encode()} if sketch.months else {"year": span}
    columns = {
        "id": pa.array([point_id(point)] * n).dictionary_encode(),
        "draw": [draw] * n,
        "replication": [replication] * n,
        "area": pa.array(area).dictionary_encode(),
        **times,
        "resource": pa.array(resource).dictionary_encode(),
        "measure": pa.array(measure).dictionary_encode(),
        "value": values,
    }
    schema = RESULTS
    if sketch.months:
        schema = RESULTS.set(RESULTS.get_field_index("year"), pa.field("month", TEXT))
    return pa.table(columns, schema=schema)


def frame_of(sketch: Sketch) -> pd.DataFrame:
    """Return every figure of a made-up sweep: point, scenario, then the columns of a part."""
    tables = [
        part_table(sketch, p, d, r).to_pandas().assign(point=p, scenario="baseline")
        for p in range(sketch.points)
        for d, r in sketch.jobs()
    ]
    frame = pd.concat(tables, ignore_index=True)
    texts = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(texts, object))


def write_part(folder: Path, name: str, table: pa.Table) -> None:
    """Put one part into its place and into the list."""
    written = BytesIO()
    pq.write_table(table, written, compression="zstd")
    data = written.getvalue()
    path = folder / "parts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    listing = folder / "parts.csv"
    if not listing.exists():
        listing.write_text("part,bytes,blake2b,keep\n", encoding="utf-8")
    with listing.open("a", encoding="utf-8", newline="\n") as lines:
        lines.write(f"{name},{len(data)},{blake2b(data, digest_size=16).hexdigest()},0\n")


def write_frame(folder: Path, frame: pd.DataFrame, sketch: Sketch) -> Path:
    """Write a sweep whose figures are given: point, draw, replication, area, year ... value."""
    write_sweep(folder, sketch, done=0)
    for (point, draw, replication), rows in frame.groupby(["point", "draw", "replication"]):
        held = rows.drop(columns="point").assign(id=point_id(point))
        table = pa.Table.from_pandas(held[RESULTS.names], schema=RESULTS, preserve_index=False)
        write_part(folder, part_name(point, draw, replication), table)
    return folder


def write_sweep(folder: Path, sketch: Sketch = Sketch(), done: int | None = None) -> Path:
    """Write a sweep; `done` jobs of it only, and no manifest, where that is said."""
    folder.mkdir(parents=True)
    mark = {
        "kind": "sweep",
        "format": 1,
        "sweep": folder.name,
        "seed": 2020,
        "city": "shanghai",
        "tables": "0" * 32,
        "code": "0" * 32,
        "libraries": {"numpy": np.__version__},
    }
    (folder / "sweep.json").write_text(json.dumps(mark), encoding="utf-8")
    points = pd.DataFrame(
        {
            "point": np.arange(sketch.points, dtype=np.int32),
            "id": [point_id(p) for p in range(sketch.points)],
            "scenario": "baseline",
            "draw_set": "s0",
            **{k: [v[p % len(v)] for p in range(sketch.points)] for k, v in sketch.keys.items()},
        }
    )
    points.to_parquet(folder / "points.parquet", index=False)
    points.to_csv(folder / "points.csv", index=False)
    write_draws(folder, sketch)
    jobs = [(p, d, r) for p in range(sketch.points) for d, r in sketch.jobs()]
    for p, d, r in jobs[:done]:
        write_part(folder, part_name(p, d, r), part_table(sketch, p, d, r))
    design = {"replications": sketch.replications if sketch.replications > 1 else sketch.draws}
    if sketch.replications > 1:
        design["draws"] = sketch.draws
    lines = [f"{key} = {value}\n" for key, value in design.items()]
    (folder / "design.toml").write_text("".join(lines), encoding="utf-8")
    if done is None:
        states = {"points": sketch.points, "jobs": len(jobs), "done": len(jobs), "failed": 0}
        (folder / "manifest.json").write_text(json.dumps({"states": states}), encoding="utf-8")
    return folder


def write_draws(folder: Path, sketch: Sketch) -> None:
    """Write the values of two drawn parameters."""
    rows = [
        ("s0", draw, name, 0.1 + 0.01 * draw + at)
        for draw in range(sketch.draws)
        for at, name in enumerate(("take_up", "withdrawal"))
    ]
    columns = dict(
        zip(("draw_set", "draw", "parameter", "value"), zip(*rows, strict=True), strict=True)
    )
    schema = pa.schema(
        [
            ("draw_set", pa.string()),
            ("draw", pa.int32()),
            ("parameter", pa.string()),
            ("value", pa.float64()),
        ]
    )
    pq.write_table(
        pa.table({k: list(v) for k, v in columns.items()}, schema=schema),
        folder / "draws.parquet",
    )
