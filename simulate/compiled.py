"""Compile kernels once and keep them, keyed by what all of them say.

numba's own disk cache does not see that a *called* function in another file has changed, and would
answer with the old code. So the cache folder carries a digest of every source in this package: any
edit starts a fresh folder, and kernels may be spread over files that a reader can find his way in.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

import numba
from numba import njit as _njit


def source_digest() -> str:
    """Return a short digest of every Python source in this package."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
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

entry = _njit(cache=True, nogil=True)
"""Decorate a kernel that Python calls: nopython, cached on disk, releases the lock."""

kernel = _njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Decorate a kernel that only kernels call: without the wrappers that Python would need."""
