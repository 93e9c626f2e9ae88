"""Keep a run on disk: replications as parts that appear whole, so that a killed run resumes.

A run folder is known by ``run.json``, which names what was run. The same run finds its parts again
and computes only what is missing; another run is refused.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

import numpy as np

from params.city import FILE, REFERENCE, City, read_city
from params.errors import ParamError, Problem
from runs.write import whole_file, write_json
from simulate.arrays import Arrays

Said = TypeVar("Said", bound=Arrays)
DIGEST_SIZE: Final = 16
"""Bytes of the digest behind a part's own."""
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
    resources: tuple[str, ...] = ()
    """Resources that the scenario turned on."""
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


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run: known by its mark, so that the same run finds its parts again."""

    path: Path
    key: RunKey

    def check(self) -> None:
        """Refuse a folder that is another run's or somebody else's; nothing is written.

        Raises
        ------
        ParamError
            Naming what the folder holds and what to do.
        """
        if (self.path / MARK).exists():
            self._check_mark()
        elif self.path.exists() and not _is_left_by_a_start(self.path):
            raise ParamError(
                Problem(
                    str(self.path),
                    "is not empty and holds no run of yanglao",
                    "a folder that does not exist yet, or an empty one",
                    "choose another --out 换一个 --out",
                )
            )

    def _check_mark(self) -> None:
        held = read_mark(self.path)
        if held.get("run_id") == self.key.digest:
            return
        raise ParamError(
            Problem(
                str(self.path),
                f"holds another run: {held.get('scenario')}, seed {held.get('seed')}, "
                f"id {held.get('run_id')}",
                f"the same scenario, seed, tables and code (id {self.key.digest}), or an empty folder",
                "choose another --out, or move the folder away 换一个 --out 或移走该文件夹",
            )
        )

    def open(self) -> None:
        """Make or find the folder. The mark comes first: whatever else is there then belongs to it."""
        self.check()
        mark: dict[str, object] = {
            "run_id": self.key.digest,
            "kind": self.key.kind,
            "resources": list(self.key.resources),
            "scenario": self.key.scenario,
            "seed": self.key.seed,
            "fixed_parameters": self.key.fixed_parameters,
            "city": (self.key.city or read_city()).name if self.key.kind == "city" else "",
            "tables": tables_digest(self.key.city),
            "code": code_digest(),
        }
        write_json(self.path / MARK, mark)

    def parts(self) -> Path:
        """Open the folder and return where its replications are kept."""
        self.open()
        parts = self.path / PARTS
        parts.mkdir(exist_ok=True)
        return parts


def _is_left_by_a_start(folder: Path) -> bool:
    """Say whether a folder holds nothing but what a start leaves that was cut off at once."""
    return folder.is_dir() and all(
        (path.name == PARTS and path.is_dir() and not any(path.iterdir()))
        or (path.name.startswith(f".{MARK}.") and path.suffix == ".part")
        for path in folder.iterdir()
    )


def read_mark(folder: Path) -> dict[str, object]:
    """Read what was run in a folder.

    Raises
    ------
    ParamError
        If the mark is cut or empty: what lies beside it could then be anybody's.
    """
    return read_json(
        folder / MARK, "choose another --out, or move the folder away 换一个 --out 或移走该文件夹"
    )


def read_json(path: Path, advice: str) -> dict[str, object]:
    """Read a table that a run has written as JSON.

    Raises
    ------
    ParamError
        If it is cut or damaged, with what to do.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # of JSON, or of UTF-8
        held = None
    if not isinstance(held, dict):
        whole = "a file as yanglao wrote it 完整的文件"
        raise ParamError(Problem(str(path), "is cut or damaged 文件不完整或已损坏", whole, advice))
    return held


class DamagedPart(ParamError):
    """A replication that is missing, or not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            Problem(
                str(path),
                "cannot be read back 无法读回",
                "a replication as yanglao wrote it 完整的重复模拟文件",
                "run the same command again: it does what is missing 再次运行同一命令即可补上",
            )
        )


def part_path(parts: Path, replication: int) -> Path:
    """Return where a replication is kept."""
    return parts / f"replication-{replication:05d}.npz"


def save_part(parts: Path, replication: int, outcome: Arrays) -> None:
    """Write one replication with a digest of its bytes behind them, whole or not at all."""
    written = BytesIO()
    np.savez_compressed(written, **outcome.arrays())  # type: ignore[arg-type]
    data = written.getvalue()
    with whole_file(part_path(parts, replication)) as path:
        path.write_bytes(data + _bytes_digest(data))


def is_whole(parts: Path, replication: int) -> bool:
    """Say whether a replication is there as it was written."""
    try:
        _read_bytes(part_path(parts, replication))
    except DamagedPart:
        return False
    return True


def read_part(parts: Path, replication: int, kind: type[Said]) -> Said:
    """Read one replication back.

    Raises
    ------
    DamagedPart
        If it is missing or not as it was written.
    """
    path = part_path(parts, replication)
    with np.load(BytesIO(_read_bytes(path))) as stored:
        arrays = {name: stored[name] for name in stored.files}
    if arrays.keys() != {field.name for field in fields(kind)}:  # type: ignore[arg-type]
        raise DamagedPart(path)
    make: Callable[..., Said] = kind
    return make(**arrays)


def _read_bytes(path: Path) -> bytes:
    """Return a part's bytes, once their digest has shown that they are as they were written.

    Numpy and zipfile would raise a dozen kinds of exception on others, most of them undocumented.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedPart(path) from error
    whole, digest = data[:-DIGEST_SIZE], data[-DIGEST_SIZE:]
    if _bytes_digest(whole) != digest:
        raise DamagedPart(path)
    return whole


def _bytes_digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()


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


def environment() -> dict[str, object]:
    """Return versions and platform for the manifest."""
    return {
        "yanglao": version("yanglao"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
