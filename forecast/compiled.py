"""Keep compiled code on disk, keyed by what all kernels of the project say.

numba's own disk cache does not see that a *called* function in another file has changed, and would
answer with the old code. So the cache folder carries a digest of every source with kernels, here and in
`simulate`: any edit of one starts a fresh folder. Modules with kernels import this one first.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba
from numba import njit as _njit

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("forecast", "simulate")
MARKS: Final = (b"forecast.compiled", b"simulate.engine.compiled")
"""What a source says that has kernels, or compiles them."""
FROZEN: Final = (
    "params/axes.py",
    "simulate/engine/records.py",
    "simulate/engine/pointer.py",
    "simulate/engine/world.py",
    "simulate/city/capacity.py",
    "simulate/city/rules.py",
    "simulate/city/world.py",
    "simulate/network/world.py",
)
"""Sources without kernels whose constants, records and field orders kernels freeze."""


def kernel_sources() -> list[Path]:
    """Return every source that compiled code can depend on.

    These are the files that use this one, and those whose constants kernels freeze.
    """
    constants = [ROOT / name for name in FROZEN]
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    kernels = (p for p in sources if any(mark in p.read_bytes() for mark in MARKS))
    return sorted({*constants, *kernels})


def source_digest() -> str:
    """Return a short digest of every source that compiled code can depend on."""
    digest = hashlib.blake2b(digest_size=8)
    for path in kernel_sources():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_root() -> Path:
    """Return where compiled code is kept: ``YANGLAO_CACHE`` or the user's cache folder."""
    chosen = os.environ.get("YANGLAO_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "yanglao" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yanglao"


SOURCE_DIGEST: Final = source_digest()

if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(cache_root() / f"kernels-{SOURCE_DIGEST}")

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Decorate a kernel that Python calls: nopython, cached on disk, releases the lock."""
    return cast("F", _with_int64(_njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)))


def kernel(function: Any) -> Any:
    """Decorate a kernel that only kernels call: without the wrappers that Python would need."""
    return _with_int64(
        _njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    )


def inlined(function: Any) -> Any:
    """Decorate a kernel that only few kernels call: its code is put in place where it is called.

    That saves a tenth of an own network's event loop; where many call it, compiling takes longer.
    """
    return _with_int64(
        _njit(
            cache=True,
            nogil=True,
            no_cpython_wrapper=True,
            no_cfunc_wrapper=True,
            forceinline=True,
        )(function)
    )


def _with_int64(dispatcher: Any) -> Any:
    """Let every whole number of a kernel arrive at those that it calls as int64.

    numba would otherwise compile a version for each width and for each constant they are called with,
    a dozen of some kernels.
    """
    if numba.config.DISABLE_JIT:
        return dispatcher
    exact = dispatcher.get_call_template

    def widened(args: Any, keywords: Any) -> Any:
        return exact(tuple(_widen(kind) for kind in args), keywords)

    dispatcher.get_call_template = widened
    return dispatcher


def _widen(kind: Any) -> Any:
    kind = numba.types.unliteral(kind)
    signed = isinstance(kind, numba.types.Integer) and kind.signed
    return numba.types.int64 if signed else kind
