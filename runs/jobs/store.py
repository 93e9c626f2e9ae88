"""Keep a run on disk: its folder has a mark and one writer, and its replications are parts.

A run folder is known by ``run.json``, which names what was run. The same run finds its parts again
and computes only what is missing; another run is refused. A part appears whole or not at all, so that
a killed run resumes.
"""

import errno
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from params.city import read_city
from params.errors import ParamError, Problem
from params.language import Said, said
from runs.faults import storing
from runs.jobs.key import RunKey, code_digest, libraries, tables_digest
from runs.jobs.lock import LOCK, WRITER, Writer
from runs.write import whole_file, write_json
from simulate.arrays import Arrays

Whole = TypeVar("Whole", bound=Arrays)
DIGEST_SIZE: Final = 16
"""Bytes of the digest behind a part's own."""
MARK: Final = "run.json"
PARTS: Final = "parts"
FORMAT: Final = 1
"""Number of the way in which a run lies in its folder; another number is another way."""
_MOVE: Final = Said("choose another --out, or move the folder away", "换一个 --out，或移走该文件夹")


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run: known by its mark, so that the same run finds its parts again."""

    path: Path
    key: RunKey

    @cached_property
    def writer(self) -> Writer:
        """The right to write into it, held from `open` to `close`."""
        return Writer(self.path)

    def check(self) -> None:
        """Refuse a folder that is another run's or somebody else's; nothing is written.

        Raises
        ------
        ParamError
            Naming what the folder holds and what to do.
        """
        with storing(self.path):
            if self.path.exists() and not self.path.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "is no folder", str(self.path))
            if (self.path / MARK).exists():
                self._check_mark()
            elif self.path.exists() and not _is_left_by_a_start(self.path):
                raise ParamError(
                    Problem(
                        str(self.path),
                        said(
                            "is not empty and holds no run of yanglao",
                            "非空，且不是 yanglao 的运行结果",
                        ),
                        said(
                            "a folder that does not exist yet, or an empty one",
                            "尚不存在的文件夹，或空文件夹",
                        ),
                        said("choose another --out", "请换一个 --out"),
                    )
                )

    def _check_mark(self) -> None:
        held = read_mark(self.path)
        if held.get("run_id") == self.key.digest:
            return
        raise ParamError(
            Problem(
                str(self.path),
                said(
                    f"holds another run: {held.get('scenario')}, seed {held.get('seed')}, "
                    f"id {held.get('run_id')}; not the same: {differing(held, self._mark())}",
                    f"已有另一次运行：{held.get('scenario')}，种子 {held.get('seed')}，"
                    f"编号 {held.get('run_id')}；不同之处：{differing(held, self._mark())}",
                ),
                said(
                    f"the same scenario, seed, tables, code and libraries (id {self.key.digest}), "
                    "or an empty folder",
                    f"相同的情景、种子、数据表、代码和库（编号 {self.key.digest}），或空文件夹",
                ),
                str(_MOVE),
            )
        )

    def _mark(self) -> dict[str, object]:
        key = self.key
        return {
            "run_id": key.digest,
            "format": FORMAT,
            "kind": key.kind,
            "resources": list(key.resources),
            "scenario": key.scenario,
            "seed": key.seed,
            "fixed_parameters": key.fixed_parameters,
            "city": (key.city or read_city()).name if key.kind == "city" else "",
            "tables": tables_digest(key.city),
            "code": code_digest(),
            "libraries": libraries(),
        }

    def reserve(self) -> None:
        """Become the writer of a folder that holds this run already, before any work.

        Raises
        ------
        ParamError, InUse
            If it is another run's, or another process writes there.
        """
        self.check()
        if (self.path / MARK).exists():
            self.open()

    def open(self) -> None:
        """Make or find the folder. The mark comes first: whatever else is there then belongs to it.

        Raises
        ------
        ParamError, InUse, StorageError
            If it is another run's, another process writes there, or it cannot be written.
        """
        self.check()
        self.writer.hold()
        self.check()  # Between both another process may have begun here and ended.
        write_json(self.path / MARK, self._mark())

    def close(self) -> None:
        """Let other processes write there."""
        self.writer.release()

    def parts(self) -> Path:
        """Open the folder and return where its replications are kept."""
        self.open()
        parts = self.path / PARTS
        with storing(parts):
            parts.mkdir(exist_ok=True)
        return parts


def _is_left_by_a_start(folder: Path) -> bool:
    """Say whether a folder holds nothing but what a start leaves that was cut off at once."""
    return all(
        (path.name == PARTS and path.is_dir() and not any(path.iterdir()))
        or path.name in (LOCK, WRITER)
        or (path.name.startswith(f".{MARK}.") and path.suffix == ".part")
        for path in folder.iterdir()
    )


def differing(held: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    """Say in which facts two marks of runs differ; their values too, where those tell people more."""
    found = []
    for fact in ("format", "kind", "city", "seed", "fixed_parameters", "tables", "code"):
        if held.get(fact) != wanted.get(fact):
            both = f" {held.get(fact)} / {wanted.get(fact)}"
            found.append(fact + both * (fact not in ("tables", "code")))
    other = held.get("libraries")
    for name, number in libraries().items():
        theirs = other.get(name) if isinstance(other, dict) else None
        if theirs != number:
            found.append(f"{name} {theirs} / {number}")
    return ", ".join(found) or said("values of the scenario", "情景取值")


def read_mark(folder: Path) -> dict[str, object]:
    """Read what was run in a folder.

    Raises
    ------
    ParamError
        If the mark is cut or empty: what lies beside it could then be anybody's. If another version
        wrote it that keeps runs in another way.
    """
    path = folder / MARK
    mark = read_json(path, str(_MOVE))
    if mark.get("format") != FORMAT:
        raise ParamError(
            Problem(
                str(path),
                said(
                    f"is of another version of yanglao (format {mark.get('format')})",
                    f"由其他版本的 yanglao 写成（格式 {mark.get('format')}）",
                ),
                said(f"format {FORMAT}", f"格式 {FORMAT}"),
                str(_MOVE),
            )
        )
    return mark


def read_json(path: Path, advice: str) -> dict[str, object]:
    """Read a table that a run has written as JSON.

    Raises
    ------
    ParamError
        If it is missing, cut or damaged, with what to do.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # of JSON, or of UTF-8
        held = None
    if not isinstance(held, dict):
        whole = said("a file as yanglao wrote it", "yanglao 写出的完整文件")
        found = said("is cut or damaged", "文件不完整或已损坏")
        raise ParamError(Problem(str(path), found, whole, str(advice)))
    return held


class DamagedPart(ParamError):
    """A replication that is missing, or not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            Problem(
                str(path),
                said("cannot be read back", "无法读回"),
                said("a replication as yanglao wrote it", "yanglao 写出的完整重复模拟文件"),
                said(
                    "run the same command again: it does what is missing",
                    "再次运行同一命令即可补上",
                ),
            )
        )


def part_path(parts: Path, replication: int) -> Path:
    """Return where a replication is kept."""
    return parts / f"replication-{replication:05d}.npz"


def part_bytes(outcome: Arrays) -> bytes:
    """Return a replication as it is kept, with a digest of its bytes behind them."""
    written = BytesIO()
    np.savez_compressed(written, **outcome.arrays())  # type: ignore[arg-type]
    data = written.getvalue()
    return data + _bytes_digest(data)


def save_part(parts: Path, replication: int, part: bytes) -> None:
    """Write one replication, whole or not at all."""
    with whole_file(part_path(parts, replication)) as path:
        path.write_bytes(part)


def is_whole(parts: Path, replication: int) -> bool:
    """Say whether a replication is there as it was written."""
    try:
        _read_bytes(part_path(parts, replication))
    except DamagedPart:
        return False
    return True


def read_part(parts: Path, replication: int, kind: type[Whole]) -> Whole:
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
    make: Callable[..., Whole] = kind
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
