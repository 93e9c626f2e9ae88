"""The same chance as the compiled model: `simulate.engine.streams`, callable one draw at a time."""

import numpy as np
from numpy.typing import NDArray

from params.axes import FloatArray
from simulate.engine import streams
from simulate.engine.compiled import entry
from simulate.network import laws


@entry
def uniform(key: np.uint64, purpose: int, count: int) -> float:
    """Draw from (0, 1) for a person, a purpose and a count."""
    return float(streams.uniform(key, purpose, count))


@entry
def lognormal(key: np.uint64, purpose: int, count: int, mean: float) -> float:
    """Draw a lognormal of a mean and coefficient of variation 1."""
    return float(streams.lognormal(key, purpose, count, mean))


@entry
def exponential(key: np.uint64, purpose: int, count: int) -> float:
    """Draw an exponential of mean one."""
    return float(streams.exponential(key, purpose, count))


@entry
def duration(
    table: NDArray[np.void],
    samples: FloatArray,
    law: int,
    key: np.uint64,
    purpose: int,
    count: int,
) -> float:
    """Draw a duration of an own network, seconds."""
    return float(laws.draw(table[law], samples, key, purpose, count))


@entry
def remaining(
    table: NDArray[np.void],
    samples: FloatArray,
    law: int,
    key: np.uint64,
    purpose: int,
    count: int,
) -> float:
    """Draw what is left of a stay that is under way, seconds."""
    return float(laws.draw_rest(table[law], samples, key, purpose, count))
