"""Reduce numbers over replications, however many there are.

A `Stack` keeps a row of numbers a replication in a scratch file and gives some columns of all rows at
a time, so memory holds a block of columns and not every replication.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Final, NamedTuple
from weakref import finalize

import numpy as np

from params.axes import FloatArray
from runs.faults import storing

LOW, HIGH = 5, 95
BLOCK: Final = 2_000_000
"""Values that are sorted together, 16 MB of them."""
NUMBER_BYTES: Final = np.dtype(np.float64).itemsize


class Stack:
    """Arrays of one shape, one a replication, in a file that nobody else sees and that is gone with it.

    Parameters
    ----------
    shape : of what one replication gives.
    scratch : folder on the disk that shall hold the file; the system's own for such files by default.

    Raises
    ------
    StorageError
        If there is no space for it.
    """

    def __init__(self, shape: tuple[int, ...], scratch: Path | None = None) -> None:
        self.shape = shape
        self.columns = math.prod(shape)
        self._rows = 0
        self._scratch = scratch or Path(gettempdir())
        with storing(self._scratch):
            self._file = TemporaryFile(dir=scratch)  # noqa: SIM115  closed with the stack:
        finalize(self, _close, self._file)

    def __len__(self) -> int:
        return self._rows

    def add(self, values: FloatArray) -> None:
        """Put the array of the next replication behind the others."""
        if values.shape != self.shape:
            msg = f"a stack of arrays of shape {self.shape} takes none of shape {values.shape}"
            raise AssertionError(msg)
        with storing(self._scratch):
            self._file.seek(self._rows * self.columns * NUMBER_BYTES)
            self._file.write(np.ascontiguousarray(values, np.float64).data)
            self._file.flush()  # a full disk is found here, and not in the middle of the tables
        self._rows += 1

    def block(self, first: int, last: int) -> FloatArray:
        """Return some columns of every replication, shape (replication, column)."""
        found = np.empty((self._rows, last - first))
        for k, row in enumerate(found):
            self._file.seek((k * self.columns + first) * NUMBER_BYTES)
            self._file.readinto(row.data)
        return found

    def rows(self) -> FloatArray:
        """Return everything of every replication, shape (replication, column); for short rows only."""
        return self.block(0, self.columns)


def _close(file: IO[bytes]) -> None:
    """Close a scratch file; what a full disk did not take is not missed."""
    with suppress(OSError):
        file.close()


def stacked(
    rows: Iterable[Mapping[str, FloatArray]], scratch: Path | None = None
) -> dict[str, Stack]:
    """Stack what each replication gives under each name."""
    stacks: dict[str, Stack] = {}
    for row in rows:
        for name, values in row.items():
            if name not in stacks:
                stacks[name] = Stack(values.shape, scratch)
            stacks[name].add(values)
    return stacks


class Spread(NamedTuple):
    """Mean, 5 %, 95 % and the standard error of the mean over replications."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    error: FloatArray


def spread(stack: Stack | FloatArray) -> Spread:
    """Return mean, ends of the interval and error; a single replication has a mean only."""
    mean = mean_of(stack)
    if len(stack) < 2:
        empty = np.full_like(mean, np.nan)
        return Spread(mean, empty, empty, empty)
    with np.errstate(invalid="ignore"):
        low, high = in_blocks(lambda part: np.percentile(part, [LOW, HIGH], axis=0), stack)
    return Spread(mean, low, high, deviation(stack) / np.sqrt(len(stack)))


def mean_of(stack: Stack | FloatArray) -> FloatArray:
    """Return the mean over replications."""
    return in_blocks(lambda part: part.mean(axis=0), stack)


def deviation(stack: Stack | FloatArray) -> FloatArray:
    """Return the standard deviation over replications, of which there are two or more."""
    with np.errstate(invalid="ignore"):
        return in_blocks(lambda part: part.std(axis=0, ddof=1), stack)


def middle(stack: Stack | FloatArray) -> FloatArray:
    """Return the median over replications."""
    return in_blocks(lambda part: np.median(part, axis=0), stack)


def share_missing(stack: Stack | FloatArray) -> FloatArray:
    """Return the share of the replications in which a number has no meaning."""
    return in_blocks(lambda part: np.isnan(part).mean(axis=0), stack)


def in_blocks(reduce: Callable[[FloatArray], FloatArray], stack: Stack | FloatArray) -> FloatArray:
    """Reduce over replications, some columns at a time: sorting copies what it is given.

    Parameters
    ----------
    reduce : takes shape (replication, column) and returns shape (..., column).

    Returns
    -------
    ndarray, shape of what `reduce` puts before the columns and of what one replication gives.
    """
    shape = stack.shape if isinstance(stack, Stack) else stack.shape[1:]
    parts = [
        reduce(
            stack.block(first, last)
            if isinstance(stack, Stack)
            else stack.reshape(len(stack), -1)[:, first:last]
        )
        for first, last in _bounds(math.prod(shape), len(stack))
    ]
    whole = np.concatenate(parts, axis=-1)
    return whole.reshape(whole.shape[:-1] + shape)


def _bounds(columns: int, rows: int) -> list[tuple[int, int]]:
    """Cut columns into blocks; none of one column alone, which numpy would add up in another order."""
    starts = list(range(0, columns, max(2, BLOCK // rows)))
    if len(starts) > 1 and columns - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], columns], strict=True))
