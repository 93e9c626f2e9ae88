"""The list of a sweep's finished parts, ``parts.csv``: how a line is told, and when a part is whole."""

import re
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from runs.jobs.store import DIGEST_SIZE

PARTS: Final = "parts"
"""Folder of the parts."""
LISTING: Final = "parts.csv"
PART_NAME: Final = re.compile(r"[0-9a-f]{16}/d\d{5,}-r\d{5,}\.parquet")
_NUMBER: Final = re.compile(r"[0-9]+")
_DIGEST: Final = re.compile(r"[0-9a-f]+")


class Listed(NamedTuple):
    """A finished part, a line of the list."""

    part: str
    """Path below `PARTS`, with ``/`` on every machine."""
    bytes: int
    blake2b: str
    keep: str
    """Digest of what it keeps, a key of ``kept.json``."""

    @property
    def line(self) -> str:
        """Return its line, without an end."""
        return ",".join(map(str, self))


HEAD: Final = ",".join(Listed._fields)
"""First line of the list."""


def listed_of(line: str) -> Listed | None:
    """Read one line; none if it is not as it was written."""
    cells = line.split(",")
    if len(cells) != len(Listed._fields):
        return None
    part, n_bytes, digest, keep = cells
    patterns = (PART_NAME, _NUMBER, _DIGEST, _DIGEST)
    if not all(one.fullmatch(cell) for one, cell in zip(patterns, cells, strict=True)):
        return None
    return Listed(part, int(n_bytes), digest, keep)


def digest_of(data: bytes) -> str:
    """Return the digest of a part's bytes."""
    return blake2b(data, digest_size=DIGEST_SIZE).hexdigest()


def is_whole(folder: Path, listed: Listed) -> bool:
    """Say whether a part of a sweep's folder is there as it was written."""
    try:
        data = (folder / PARTS / PurePosixPath(listed.part)).read_bytes()
    except OSError:
        return False
    return len(data) == listed.bytes and digest_of(data) == listed.blake2b
