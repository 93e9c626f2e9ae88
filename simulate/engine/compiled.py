"""Compile the simulation's kernels once; `forecast.compiled` says how, and where they are kept."""

from forecast.compiled import entry, inlined, kernel

__all__ = ["entry", "inlined", "kernel"]
