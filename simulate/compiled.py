"""Compile the simulation's kernels once; `forecast.compiled` says where they are kept.

Kernels may be spread over files that a reader can find his way in: any edit of one starts a fresh cache.
"""

from typing import Any

import numba
from numba import njit as _njit

import forecast.compiled  # noqa: F401  # decides where compiled code is kept

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
