"""Keep compiled code on disk: in which folder, and in files that show whether they are whole.

numba's own cache believes what it finds: a cut file ends in a traceback, a wrong byte in anything, and of
two processes that compile at once one may be given the other's code. Here a compiled function is one file,
named by what it was compiled for, that begins with a digest of the rest. What is not whole is compiled
again, and code that cannot be kept is compiled at every start.
"""

import hashlib
import os
import pickle
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import current_process
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.errors import NumbaWarning
from numba.core.serialize import dumps

from params.language import said

DIGEST_SIZE: Final = 16
PROBE_SIZE: Final = 4096
"""Bytes written to see whether a folder takes any: on a full disk an empty file still finds room."""
MARK: Final = "warm"
"""File that lists the compiled functions of a folder in which all that a run needs were compiled once."""


def cache_folder(digest: str) -> Path | None:
    """Return the folder of code compiled from sources with this digest, or None if nothing can be kept.

    In ``YANGLAO_CACHE``, ``NUMBA_CACHE_DIR`` or the user's cache folder, whichever is given first; where
    that cannot be written, in a folder of the user's own among the temporary files.
    """
    tried: list[str] = []
    for root in _roots():
        folder = root / f"kernels-{digest}"
        try:
            if not (folder / MARK).is_file():
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder) as probe:
                    probe.write(bytes(PROBE_SIZE))
        except OSError as error:
            tried.append(f"{root}: {_why(error)}")
        else:
            return folder
    where = "; ".join(tried) or said("no folder", "没有可用的文件夹")
    _say(
        said(
            f"compiled code cannot be kept ({where}); every start compiles anew: "
            "name a folder in YANGLAO_CACHE",
            f"编译结果无法保存（{where}），每次启动都将重新编译：可用 YANGLAO_CACHE 指定文件夹",
        )
    )
    return None


def _roots() -> Iterator[Path]:
    with suppress(RuntimeError):  # there may be no home
        yield _chosen_root()
    with suppress(OSError):
        yield _temporary_root()


def _chosen_root() -> Path:
    for name in ("YANGLAO_CACHE", "NUMBA_CACHE_DIR"):
        if os.environ.get(name):
            return Path(os.environ[name])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "yanglao" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yanglao"


def _temporary_root() -> Path:
    """Return a folder that no other user can have put code into."""
    if sys.platform == "win32":  # temporary files are each user's own
        return Path(tempfile.gettempdir()) / "yanglao"
    root = Path(tempfile.gettempdir()) / f"yanglao-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    found = root.lstat()
    if root.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{root} is not private")
    return root


def is_warm(folder: Path) -> bool:
    """Say whether all that a run needs were compiled before and are still there, whole in size."""
    body = _whole(folder / MARK)
    if body is None:
        return False
    listed = (line.rsplit(" ", 1) for line in body.decode().splitlines())
    try:
        return all((folder / name).stat().st_size == int(size) for name, size in listed)
    except OSError:
        return False


def mark_warm(folder: Path) -> None:
    """Note that all that a run needs are compiled."""
    lines = [f"{path.name} {path.stat().st_size}\n" for path in sorted(folder.glob("*.nbc"))]
    _write(folder / MARK, "".join(lines).encode())


class KernelCache(FunctionCache):  # type: ignore[misc]  # numba carries no types
    """What was compiled of one function; each signature and processor has a file of its own."""

    def __init__(self, function: Any, folder: Path) -> None:
        self._name = repr(function)
        self._py_func = function
        self._cache_path = folder
        self.enable()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, or None."""
        target_context.refresh()
        code = self._kept(self._index_key(sig, target_context.codegen()))
        return None if code is None else CompileResult._rebuild(target_context, *code)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature."""
        if data.library.has_dynamic_globals or not all(part.can_cache for part in data.lifted):
            warnings.warn(f"{self._name} cannot be kept", NumbaWarning, stacklevel=2)
            return
        key = self._index_key(sig, data.codegen)
        # Another process may have kept it meanwhile, and noted its size.
        if self._kept(key) is None:
            _write(self._path(key), dumps((key, data._reduce())))

    def flush(self) -> None:
        """Forget what was compiled of this function."""
        for path in self._cache_path.glob(f"{self._stem()}-*.nbc"):
            path.unlink(missing_ok=True)

    def _stem(self) -> str:
        name = f"{self._py_func.__module__}.{self._py_func.__qualname__}"
        return name.replace("<", "").replace(">", "")

    def _kept(self, key: Any) -> Any:
        body = _whole(self._path(key))
        if body is None:
            return None
        kept_for, code = pickle.loads(body)
        return code if kept_for == key else None

    def _path(self, key: Any) -> Path:
        text = hashlib.blake2b(repr(key).encode(), digest_size=12).hexdigest()
        return Path(self._cache_path / f"{self._stem()}-{text}.nbc")


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=DIGEST_SIZE).digest()


def _whole(path: Path) -> bytes | None:
    """Return what a file holds behind its digest, or None if there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, body = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    return body if digest == _digest(body) else None


_said: set[str] = set()


def _write(path: Path, body: bytes) -> None:
    """Write a file whole behind its digest, or not at all if there is no room or no permission."""
    part = path.with_name(f"{path.name}.{uuid4().hex[:12]}.part")
    try:
        part.write_bytes(_digest(body) + body)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        folder, why = path.parent, _why(error)
        _say(
            said(
                f"compiled code cannot be kept in {folder} ({why})",
                f"编译结果无法保存到 {folder}（{why}）",
            )
        )


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _say(message: str) -> None:
    """Tell the user once; workers, which meet the same, say nothing."""
    if message not in _said and current_process().name == "MainProcess":
        _said.add(message)
        print(f"yanglao: {message}", file=sys.stderr)
