"""Write a sweep's folder: parts as they are done, each in a list with its digest, and what they belong to.

A part counts if the list has it and it is as long, and has the digest, that the list says. So a sweep that
was killed at any moment goes on: what is not listed, cut or damaged is done again, to the same bytes.
Only one process writes (`runs.jobs.lock`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from params.errors import ParamError, Problem
from params.language import Said, said
from runs.jobs.job import Task
from runs.jobs.listing import HEAD, LISTING, PARTS, Listed, digest_of, is_whole, listed_of
from runs.jobs.store import read_json
from runs.jobs.sweep_folder import FORMAT, KEEPS, KIND, MARK
from runs.tables.kept import Kept
from runs.write import whole_file, write_json, write_text

KEEP_BYTES: Final = 4
ADVICE: Final = Said(
    "choose another --out, or move the folder away", "换一个 --out，或移走该文件夹"
)


@dataclass(frozen=True)
class SweepMark:
    """What all parts of a folder have in common; ``sweep.json``."""

    sweep: str
    seed: int
    city: str
    code: str
    libraries: Mapping[str, str]

    def table(self) -> dict[str, object]:
        """Return the file's content."""
        return {"kind": KIND, "format": FORMAT, **asdict(self)}


def part_name(task: Task) -> str:
    """Return where a job's part lies below ``parts/``."""
    return f"{task.point}/d{task.draw:05d}-r{task.replication:05d}.parquet"


class SweepStore:
    """The folder of a sweep, for its one writer.

    Parameters
    ----------
    kept : what is asked for; parts that were there keep what they kept, and `self.kept` is both.
    """

    def __init__(self, path: Path, mark: SweepMark, kept: Kept) -> None:
        self.path, self.mark = path, mark
        check_mark(path, mark)
        keeps = read_keeps(path)
        self.kept = _joined(path, kept, keeps.values())
        self._keeps = {**keeps, keep_digest(self.kept): self.kept}
        self._listed: dict[str, Listed] = {}

    def open(self) -> None:
        """Make or find the folder and see which parts are whole; called with the folder's lock held."""
        check_mark(self.path, self.mark)
        (self.path / PARTS).mkdir(parents=True, exist_ok=True)
        write_json(self.path / MARK, self.mark.table())
        held = {digest: asdict(kept) for digest, kept in sorted(self._keeps.items())}
        write_json(self.path / KEEPS, held)
        self.look()
        self.write_list()

    def look(self) -> None:
        """See which parts are whole; nothing is written."""
        self._listed = {one.part: one for one in read_list(self.path) if is_whole(self.path, one)}

    def is_done(self, task: Task) -> bool:
        """Say whether a job's part is there and keeps what is asked for."""
        listed = self._listed.get(part_name(task))
        kept = self._keeps.get(listed.keep) if listed else None
        return kept is not None and kept.holds(self.kept)

    def keep(self, task: Task, part: bytes) -> None:
        """Store a part: first the file, then its line."""
        name = part_name(task)
        with whole_file(self.path / PARTS / name) as file:
            file.write_bytes(part)
        line = Listed(name, len(part), digest_of(part), keep_digest(self.kept))
        self._listed[name] = line
        with (self.path / LISTING).open("a", encoding="utf-8", newline="") as stream:
            stream.write(f"{line.line}\n")

    def write_list(self) -> None:
        """Write the list anew, in order, each part once."""
        lines = [HEAD, *(self._listed[name].line for name in sorted(self._listed))]
        write_text(self.path / LISTING, "\n".join(lines) + "\n")


def check_mark(path: Path, mark: SweepMark) -> None:
    """Refuse a folder that is no sweep's, or that of one made otherwise; nothing is written.

    Raises
    ------
    ParamError
        Naming what differs and what to do.
    """
    file = path / MARK
    if not file.exists():
        strangers = [p.name for p in path.iterdir() if not _is_start(p)] if path.is_dir() else []
        if strangers or (path.exists() and not path.is_dir()):
            found = said("is not empty and holds no sweep", "非空，且不是扫描结果")
            allowed = said(
                "a folder that does not exist yet, or an empty one", "尚不存在的文件夹，或空文件夹"
            )
            raise ParamError(Problem(str(path), found, allowed, str(ADVICE)))
        return
    held, wanted = read_json(file, str(ADVICE)), mark.table()
    differs = [key for key, value in wanted.items() if held.get(key) != value]
    if differs:
        found = "; ".join(f"{key} {_short(held.get(key))}" for key in differs)
        allowed = "; ".join(f"{key} {_short(wanted[key])}" for key in differs)
        what = said("is a sweep made otherwise", "由不同版本或设置生成")
        raise ParamError(Problem(str(path), f"{what}: {found}", allowed, str(ADVICE)))


def _is_start(path: Path) -> bool:
    """Say whether a file is what a start leaves that was cut off at once, or its lock."""
    empty = path.name == PARTS and path.is_dir() and not any(path.iterdir())
    return empty or path.name.startswith(".")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def keep_digest(kept: Kept) -> str:
    """Return a short digest of what is kept."""
    text = json.dumps(asdict(kept), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=KEEP_BYTES).hexdigest()


def read_keeps(path: Path) -> dict[str, Kept]:
    """Return what parts of a folder have kept so far, by digest."""
    if not (path / KEEPS).exists():
        return {}
    held = read_json(path / KEEPS, str(ADVICE))
    found = {digest: _kept(table) for digest, table in held.items()}
    keeps = {digest: kept for digest, kept in found.items() if kept is not None}
    if len(keeps) < len(held) or any(keep_digest(kept) != digest for digest, kept in keeps.items()):
        whole = said("a file as yanglao wrote it", "yanglao 写出的完整文件")
        damage = said("is cut or damaged", "文件不完整或已损坏")
        raise ParamError(Problem(str(path / KEEPS), damage, whole, str(ADVICE)))
    return keeps


def _kept(table: object) -> Kept | None:
    """Return what a table says to keep; none where it is not as it was written."""
    if not isinstance(table, dict):
        return None
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    try:
        return Kept(by=str(table["by"]), **lists)
    except (KeyError, TypeError):
        return None


def _joined(path: Path, kept: Kept, others: Iterable[Kept]) -> Kept:
    """Return what keeps all that was ever kept in a folder and what is asked for."""
    for other in others:
        if other.by != kept.by:
            found = said(f"keeps figures by {other.by}", f"按 {other.by} 保留结果")
            raise ParamError(Problem(str(path), found, f"keep.by = {other.by!r}", str(ADVICE)))
        kept = kept if kept.holds(other) else kept.with_all_of(other)
    return kept


def read_list(path: Path) -> list[Listed]:
    """Return the lines of ``parts.csv``; one that a kill cut off or that is damaged does not count."""
    try:
        # A damaged byte shall cost the part of its line only.
        text = (path / LISTING).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [one for one in map(listed_of, text.split("\n")[1:]) if one is not None]
