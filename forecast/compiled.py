"""Keep compiled code on disk, keyed by what all kernels of the project say.

A cache of single functions does not see that a *called* function in another file has changed, and would
answer with the old code. So the cache folder carries a digest of every source with kernels, here and in
`simulate`: any edit of one starts a fresh folder. `forecast.code_cache` says where that is.
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import llvmlite
import numba
from numba import njit as _njit

from forecast.code_cache import KernelCache, cache_folder

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
    """Return a short digest of every source, and of the compiler, that compiled code depends on.

    The place counts too: two checkouts never share code, should they differ where nobody thought of.
    """
    made_by = f"{ROOT} {sys.version_info[:2]} {numba.__version__} {llvmlite.__version__}"
    digest = hashlib.blake2b(made_by.encode(), digest_size=8)
    for path in kernel_sources():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCE_DIGEST: Final = source_digest()
CODE_FOLDER: Final = None if numba.config.DISABLE_JIT else cache_folder(SOURCE_DIGEST)
"""Where compiled code is kept; None: nowhere."""

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Decorate a kernel that Python calls: nopython, cached on disk, releases the lock."""
    return cast("F", _prepared(_njit(nogil=True, no_cfunc_wrapper=True)(function)))


def kernel(function: Any) -> Any:
    """Decorate a kernel that only kernels call: without the wrappers that Python would need."""
    return _prepared(_njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


def inlined(function: Any) -> Any:
    """Decorate a kernel that only few kernels call: its code is put in place where it is called.

    That saves a tenth of an own network's event loop; where many call it, compiling takes longer.
    """
    return _prepared(
        _njit(
            nogil=True,
            no_cpython_wrapper=True,
            no_cfunc_wrapper=True,
            forceinline=True,
        )(function)
    )


def _prepared(dispatcher: Any) -> Any:
    """Keep what is compiled, and let every whole number arrive at a called kernel as int64.

    numba would otherwise compile a version for each width and for each constant they are called with,
    a dozen of some kernels.
    """
    if numba.config.DISABLE_JIT:
        return dispatcher
    if CODE_FOLDER is not None:
        dispatcher._cache = KernelCache(dispatcher.py_func, CODE_FOLDER)
    exact = dispatcher.get_call_template

    def widened(args: Any, keywords: Any) -> Any:
        return exact(tuple(_widen(kind) for kind in args), keywords)

    dispatcher.get_call_template = widened
    return dispatcher


def _widen(kind: Any) -> Any:
    kind = numba.types.unliteral(kind)
    signed = isinstance(kind, numba.types.Integer) and kind.signed
    return numba.types.int64 if signed else kind
