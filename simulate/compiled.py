"""Compile kernels once and keep them, keyed by what all of them say.

numba's own disk cache does not see that a *called* function in another file has changed, and would
answer with the old code. So the cache folder carries a digest of every source with kernels: any edit
of one starts a fresh folder, and kernels may be spread over files that a reader can find his way in.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any, Final

import numba
from numba import njit as _njit


def source_digest() -> str:
    """Return a short digest of every source that compiled code can depend on.

    These are the files that use this one, and those whose constants kernels freeze.
    """
    here = Path(__file__).parent
    constants = [here / "records.py", here / "world.py", here.parent / "params" / "axes.py"]
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(here.glob("*.py")) + constants:
        source = path.read_bytes()
        if path in constants or b"simulate.compiled" in source or path == Path(__file__):
            digest.update(path.name.encode())
            digest.update(source)
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

entry = _njit(cache=True, nogil=True)
"""Decorate a kernel that Python calls: nopython, cached on disk, releases the lock."""


def kernel(function: Any) -> Any:
    """Decorate a kernel that only kernels call: without the wrappers that Python would need.

    Every whole number arrives as int64. numba would otherwise compile a version for each width and for
    each constant it is called with, a dozen of some kernels.
    """
    dispatcher = _njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
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
