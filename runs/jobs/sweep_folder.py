"""Open the folder of a sweep to read it: what was varied, what was drawn, and which jobs are done.

A part counts only if ``parts.csv`` lists it and its bytes are those that were written: every listed part
is hashed before anything is answered from it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from params.errors import ParamError, Problem
from params.language import Said, said
from runs.jobs.listing import HEAD, LISTING, PARTS, Listed, is_whole, listed_of
from runs.jobs.lock import LOCK, WRITER
from runs.jobs.store import read_json

if TYPE_CHECKING:
    import pyarrow as pa

MARK: Final = "sweep.json"
KIND: Final = "sweep"
FORMAT: Final = 1
DESIGN: Final = "design.toml"
POINTS: Final = "points.parquet"
DRAWS: Final = "draws.parquet"
KEEPS: Final = "kept.json"
"""What the digests of the last column mean."""
MANIFEST: Final = "manifest.json"
OWN: Final = frozenset(
    {
        MARK,
        DESIGN,
        POINTS,
        "points.csv",
        DRAWS,
        LISTING,
        KEEPS,
        MANIFEST,
        "failures.csv",
        LOCK,
        WRITER,
    }
)
"""Files that only the sweep writes."""
NAMED: Final = 5
"""Damaged parts that are named before the rest is counted."""
AGAIN: Final = Said("run the same sweep again: it does what is missing", "再次运行同一命令即可补上")


@dataclass(frozen=True)
class Part:
    """One finished job: a replication of a draw of a point."""

    path: Path
    point: int
    draw: int
    replication: int
    keep: str
    """Digest of what it keeps, a key of `KEEPS`."""


@dataclass(frozen=True)
class SweepFolder:
    """A sweep on disk, finished or not, every part of it as it was written."""

    path: Path
    mark: Mapping[str, object]
    points: "pa.Table"
    """One row a point: point, id, scenario, draw_set, then every varied key."""
    draws: "pa.Table"
    """draw_set, draw, parameter, value; no row where no parameter is drawn."""
    parts: tuple[Part, ...]
    """Jobs that are done, by point, draw and replication."""
    jobs: int | None
    """How many jobs there are in all; unknown before the design is written."""

    @property
    def is_finished(self) -> bool:
        """Say whether every job is done."""
        return self.jobs is not None and len(self.parts) >= self.jobs

    @property
    def keys(self) -> tuple[str, ...]:
        """What is varied, as the design names it."""
        fixed = ("point", "id", "scenario", "draw_set")
        return tuple(name for name in self.points.column_names if name not in fixed)

    @property
    def has_two_levels(self) -> bool:
        """Say whether luck was repeated within a draw, so that it can be told from assumptions."""
        repeated = {(part.point, part.draw) for part in self.parts}
        return len(repeated) < len(self.parts) and len(set(self.draws["draw"].to_pylist())) > 1

    def check_target(self, path: Path) -> None:
        """Refuse to write over a file that belongs to the sweep.

        Raises
        ------
        ParamError
            Naming the file.
        """
        folder, target = self.path.resolve(), path.resolve()
        if not target.is_relative_to(folder):
            return
        inside = target.relative_to(folder).parts
        if len(inside) == 1 and inside[0] not in OWN | {PARTS}:
            return
        if inside[0] in OWN | {PARTS} or not inside:
            raise ParamError(
                Problem(
                    str(path),
                    said("belongs to the sweep", "是该扫描自己的文件"),
                    said("any other file", "其他文件"),
                    said("choose another name", "请换一个文件名"),
                )
            )


def open_sweep(path: Path) -> SweepFolder:
    """Open a sweep's folder and check every part that it lists.

    Raises
    ------
    ParamError
        If it is none, of another format, or cut or damaged anywhere; every damaged file is named.
    """
    mark = _read_mark(path)
    points = _read_table(path / POINTS, ("point", "id", "scenario", "draw_set"))
    draws = _read_draws(path)
    numbers = dict(zip(points["id"].to_pylist(), points["point"].to_pylist(), strict=True))
    parts = _whole_parts(path, numbers)
    return SweepFolder(path, mark, points, draws, parts, _jobs(path, len(numbers)))


def _read_mark(folder: Path) -> Mapping[str, object]:
    path = folder / MARK
    if not path.is_file():
        raise ParamError(
            Problem(
                str(folder),
                said("holds no sweep", "不是扫描文件夹"),
                said(
                    f"the folder that `yanglao sweep` has written, with {MARK} in it",
                    f"yanglao sweep 写出的文件夹，其中有 {MARK}",
                ),
                said("name the sweep's folder below --out", "请给出 --out 下该扫描的文件夹"),
            )
        )
    advice = said("move the folder away and run the sweep again", "移走该文件夹后重新运行")
    mark = read_json(path, advice)
    if mark.get("kind") != KIND:
        raise ParamError(
            Problem(
                str(path),
                said(f"is of the kind {mark.get('kind')!r}", f"种类为 {mark.get('kind')!r}"),
                repr(KIND),
            )
        )
    if mark.get("format") != FORMAT:
        raise ParamError(
            Problem(
                str(path),
                said(f"is of format {mark.get('format')!r}", f"格式为 {mark.get('format')!r}"),
                said(f"format {FORMAT}", f"格式 {FORMAT}"),
                said("read it with the version of yanglao that wrote it", "请用写出它的版本读取"),
            )
        )
    return mark


def _read_table(path: Path, columns: tuple[str, ...]) -> "pa.Table":
    """Read a small table that lies beside the parts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException):
        table = pa.table({})
    if not set(columns) <= set(table.column_names):
        raise ParamError(_damage(path))
    return table


def _read_draws(folder: Path) -> "pa.Table":
    import pyarrow as pa

    schema = pa.schema(
        {
            "draw_set": pa.string(),
            "draw": pa.int32(),
            "parameter": pa.string(),
            "value": pa.float64(),
        }
    )
    if not (folder / DRAWS).exists():
        return schema.empty_table()  # nothing is drawn
    table = _read_table(folder / DRAWS, tuple(schema.names))
    return table.select(schema.names).cast(schema)


def _damage(path: Path) -> Problem:
    whole = said("a file as yanglao wrote it", "yanglao 写出的完整文件")
    found = said("is missing, cut or damaged", "文件缺失、不完整或已损坏")
    return Problem(str(path), found, whole, str(AGAIN))


def _whole_parts(folder: Path, numbers: Mapping[str, int]) -> tuple[Part, ...]:
    """Return the listed parts of points that there are, once all of them are found to be whole."""
    parts, damaged = [], []
    for listed in _listed(folder / LISTING).values():
        name_of_point, _, file = listed.part.partition("/")
        if name_of_point not in numbers:
            continue  # of a point that the design no longer has
        path = folder / PARTS / PurePosixPath(listed.part)
        if not is_whole(folder, listed):
            damaged.append(path)
        draw, replication = (int(number[1:]) for number in file.partition(".")[0].split("-"))
        parts.append(Part(path, numbers[name_of_point], draw, replication, listed.keep))
    if damaged:
        problems = [_damage(path) for path in sorted(damaged)[:NAMED]]
        more = len(damaged) - len(problems)
        if more:
            where = str(folder / PARTS)
            found = said(f"{more} more parts are damaged", f"另有 {more} 个文件损坏")
            problems.append(Problem(where, found))
        raise ParamError(problems)
    return tuple(sorted(parts, key=lambda part: (part.point, part.draw, part.replication)))


def _listed(path: Path) -> dict[str, Listed]:
    """Return every listed part by its name; of one listed twice, the last."""
    if not path.exists():
        return {}
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ParamError(_damage(path)) from None
    # A line without an end was being written when the sweep was stopped: its part is not listed.
    head, *lines = text.split("\n")[:-1] or [HEAD]
    found = [one for one in map(listed_of, lines) if one is not None]
    if head != HEAD or len(found) < len(lines):
        raise ParamError(_damage(path))
    return {listed.part: listed for listed in found}


def _jobs(folder: Path, points: int) -> int | None:
    """Return how many jobs there are in all: by the manifest, before it is written by the design."""
    if (folder / MANIFEST).exists():
        states = read_json(folder / MANIFEST, str(AGAIN)).get("states")
        if isinstance(states, dict) and isinstance(states.get("jobs"), int):
            return int(states["jobs"])
    try:
        design: dict[str, Any] = tomllib.loads((folder / DESIGN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    replications, draws = design.get("replications"), design.get("draws", 1)
    if not isinstance(replications, int) or not isinstance(draws, int):
        return None
    return points * replications * draws
