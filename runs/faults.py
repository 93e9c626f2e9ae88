"""What ends a command though its input is right: a machine that would not, jobs that failed.

`ParamError` is for what a user can put right in the input (exit status 2); what stands here ends with
statuses of its own, in one sentence that says what is kept.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from params.language import Said, said

MACHINE: Final = 3
"""Exit status where the machine would not: full, read-only, locked, in use, out of memory."""
FAILED: Final = 4
"""Exit status where some jobs failed."""
KEPT: Final = Said(
    "what was finished is kept, and the same command goes on from there",
    "已完成的均已保存，再次运行同一命令即从此处继续",
)
_FULL: Final = (
    Said("the disk is full", "磁盘空间不足"),
    Said("free some space, or choose another --out", "请腾出空间，或换一个 --out"),
)
_DENIED: Final = (
    Said("may not be written", "不可写入"),
    Said(
        "close the program that has it open (Excel), or choose another --out",
        "请关闭占用它的程序（如 Excel），或换一个 --out",
    ),
)
_TAKEN: Final = (
    Said(
        "a file stands where a folder is needed, or a folder where a file is",
        "文件与文件夹同名",
    ),
    Said("move it away, or choose another --out", "请移走它，或换一个 --out"),
)
_SAID: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: (
        Said("lies on a disk that is read-only", "所在磁盘只读"),
        Said("choose another --out", "请换一个 --out"),
    ),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.ENOTDIR: _TAKEN,
    errno.EEXIST: _TAKEN,
    errno.EISDIR: _TAKEN,
    errno.ENAMETOOLONG: (
        Said("has a name that is too long", "名称过长"),
        Said("choose a shorter name or another --out", "请用较短的名称，或换一个 --out"),
    ),
}


class MachineError(Exception):
    """The machine would not do what was asked; the message is what a user reads."""


class StorageError(MachineError, OSError):
    """A place that did not take what was to be written; nothing half written is left there."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = path
        code = error.errno or type(error).__name__
        otherwise = (
            Said(f"cannot be used: {error.strerror or error}", f"无法使用（系统错误 {code}）"),
            Said("try again, or choose another --out", "请重试，或换一个 --out"),
        )
        found, advice = _SAID.get(error.errno or 0, otherwise)
        super().__init__(f"{path}: {found}\n" + said("    try: ", "    建议：") + str(advice))
        self.errno = error.errno


class JobsFailed(Exception):
    """Some jobs failed whenever they were tried; the others are kept. The message names every one."""


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Name the path and the cause if something cannot be stored there.

    Raises
    ------
    StorageError
        For every error of the system.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(path, error) from error


def said_by_system(error: OSError) -> StorageError | None:
    """Say an error of a place that nobody expected; none for other errors of the system."""
    if error.errno in _SAID and error.filename is not None:
        return StorageError(Path(str(error.filename)), error)
    return None
