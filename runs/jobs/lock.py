"""One writer a folder: a second process is told who writes there, and writes nothing."""

import json
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from filelock import FileLock, Timeout

from params.language import said
from runs.faults import MachineError, storing

LOCK: Final = ".lock"
"""Locked by the process that writes; the lock goes with the process, the file may stay."""
WRITER: Final = ".writer.json"
"""Who holds the lock, beside it: a locked file cannot be read everywhere."""
_PART: Final = re.compile(r"\..+\.\d+\.part")
"""Temporary names of `runs.write.whole_file`."""


class InUse(MachineError):
    """Another process writes into a folder."""

    def __init__(self, folder: Path, writer: dict[str, object]) -> None:
        who = said("another process", "另一进程")
        if writer:
            pid, host, since = (writer.get(key) for key in ("pid", "host", "since"))
            who = said(
                f"process {pid} on {host} since {since}", f"主机 {host} 的进程 {pid}，自 {since}"
            )
        super().__init__(
            f"{folder}: "
            + said(
                f"is being written by {who}\n    try: wait for it, or choose another --out",
                f"正由{who} 写入\n    建议：等其结束，或换一个 --out",
            )
        )


class Writer:
    """Holds a folder as the one process that writes there.

    >>> with Writer(folder):
    ...     write_into(folder)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: FileLock | None = None
        self._held: os.stat_result | None = None

    def __enter__(self) -> "Writer":
        self.hold()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def hold(self) -> None:
        """Become the writer; make the folder, and remove what killed writers left half written.

        Raises
        ------
        InUse
            If another process is, naming it; nothing is written then.
        StorageError
            If the folder cannot be made or written.
        """
        if self._holds():
            return
        self.release()
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / LOCK)
            writer = _read(self.folder / WRITER)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise InUse(self.folder, writer) from None
            self._lock, self._held = lock, (self.folder / LOCK).stat()
            remove_orphans(self.folder)
            _say_who(self.folder / WRITER)

    def _holds(self) -> bool:
        """Say whether the lock is held where the folder stands now; it may have been moved away."""
        if self._lock is None or self._held is None:
            return False
        try:
            return os.path.samestat((self.folder / LOCK).stat(), self._held)
        except OSError:
            return False

    def release(self) -> None:
        """Let others write."""
        if self._lock is None:
            return
        if self._holds():
            (self.folder / WRITER).unlink(missing_ok=True)
        self._lock.release()
        self._lock = self._held = None


def _say_who(path: Path) -> None:
    writer = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path.write_text(json.dumps(writer), encoding="utf-8")


def _read(path: Path) -> dict[str, object]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def remove_orphans(folder: Path) -> None:
    """Remove files that killed processes left under temporary names; only the writer may."""
    for path in folder.rglob(".*.part"):
        if _PART.fullmatch(path.name):
            path.unlink(missing_ok=True)
