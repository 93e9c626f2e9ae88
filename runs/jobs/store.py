"""Keep a run on disk: replications as parts that appear whole, so that a killed run resumes.

A run folder is known by ``run.json``, which names what was run. The same run finds its parts again
and computes only what is missing; another run is refused.
"""

import hashlib
import json
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from params.city import FILE, REFERENCE, City, read_city
from params.errors import ParamError, Problem
from runs.write import whole_file, write_json
from simulate.arrays import Arrays
from simulate.outcome import Outcome

MARK = "run.json"
PARTS = "parts"
PACKAGES = ("forecast", "simulate", "params")
LIBRARIES = ("numpy", "scipy", "numba", "pandas")


@dataclass(frozen=True)
class RunKey:
    """What makes two runs the same: scenario, seed, tables and code; not how many replications."""

    scenario: str
    resolved: str
    seed: int
    fixed_parameters: bool
    kind: str = "city"
    """What was simulated: the city, or a network that the scenario brought."""
    city: City | None = None
    """The city; the packaged one if none is named."""

    @property
    def digest(self) -> str:
        """Return the run's id."""
        parts = [
            self.resolved,
            str(self.seed),
            str(self.fixed_parameters),
            tables_digest(self.city),
            code_digest(),
        ]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


def tables_digest(city: City | None = None) -> str:
    """Return a digest of a city: what it is, and every table that its numbers are made from."""
    city = city or read_city()
    tables = [p for folder in (city.tables, REFERENCE) for p in sorted(folder.glob("*.csv"))]
    return _digest([city.folder / FILE, *tables])


def code_digest() -> str:
    """Return a digest of the code that makes numbers."""
    return _digest(code_sources())


def code_sources() -> list[Path]:
    """Return every file that makes numbers; the reference model checks them and makes none."""
    root = Path(__file__).parents[2]
    sources = (p for name in PACKAGES for p in (root / name).rglob("*.py"))
    return sorted(p for p in sources if p.parent.name != "reference")


def _digest(paths: list[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        digest.update(path.name.encode())
        # A checkout with other line ends is the same input.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def open_folder(folder: Path, key: RunKey) -> Path:
    """Make or find the folder of a run; return the folder of its parts.

    Raises
    ------
    ParamError
        If the folder holds another run, or files that are no run. Nothing is written then.
    """
    mark = folder / MARK
    if mark.exists():
        held = json.loads(mark.read_text(encoding="utf-8"))
        if held.get("run_id") != key.digest:
            raise ParamError(
                Problem(
                    str(folder),
                    f"holds another run: {held.get('scenario')}, seed {held.get('seed')}, "
                    f"id {held.get('run_id')}",
                    f"the same scenario, seed, tables and code (id {key.digest}), or an empty folder",
                    "choose another --out, or move the folder away 换一个 --out 或移走该文件夹",
                )
            )
    elif folder.exists() and any(folder.iterdir()):
        raise ParamError(
            Problem(
                str(folder),
                "is not empty and holds no run of yanglao",
                "a folder that does not exist yet, or an empty one",
                "choose another --out 换一个 --out",
            )
        )
    parts = folder / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    write_json(
        mark,
        {
            "run_id": key.digest,
            "kind": key.kind,
            "scenario": key.scenario,
            "seed": key.seed,
            "fixed_parameters": key.fixed_parameters,
            "city": (key.city or read_city()).name if key.kind == "city" else "",
            "tables": tables_digest(key.city),
            "code": code_digest(),
        },
    )
    return parts


def part_path(parts: Path, replication: int) -> Path:
    """Return where a replication is kept."""
    return parts / f"replication-{replication:05d}.npz"


def save_part(parts: Path, replication: int, outcome: Arrays) -> None:
    """Write one replication, whole or not at all."""
    with whole_file(part_path(parts, replication)) as path, path.open("wb") as file:
        np.savez_compressed(file, **outcome.arrays())  # type: ignore[arg-type]


def load_part(parts: Path, replication: int, kind: type[Any] = Outcome) -> Any:
    """Read one replication; none if it is missing or unreadable (then it is computed again)."""
    try:
        with np.load(part_path(parts, replication)) as stored:
            arrays = {name: stored[name] for name in stored.files}
        outcome = kind(**arrays)
    except Exception:
        # numpy and zipfile raise a dozen kinds of exception on damaged bytes, most undocumented.
        return None
    whole = all(isinstance(a, np.ndarray) for a in arrays.values())
    return outcome if whole else None


class Watch:
    """Time a run for its manifest."""

    def __init__(self) -> None:
        self.started, self.begin = datetime.now(UTC), perf_counter()
        self.worked = 0.0

    def lap(self) -> None:
        """Note that the work is done and only its files are missing."""
        self.worked = perf_counter() - self.begin

    def times(self, work: str = "simulated") -> dict[str, str | float]:
        """Return when the run began and what it took, seconds of wall-clock time."""
        return {
            "started": self.started.isoformat(timespec="seconds"),
            f"{work}_seconds": round(self.worked, 1),
            "seconds": round(perf_counter() - self.begin, 1),
        }


def environment() -> dict[str, Any]:
    """Return versions and platform for the manifest."""
    return {
        "yanglao": version("yanglao"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
