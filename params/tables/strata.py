"""Give draw i of a seed a uniform number that fills the range evenly with those of its neighbours.

Any four draws 4k..4k+3 fall into different quarters, any 16 into different sixteenths, and so on up to 1,024;
which draw falls where is shuffled for each parameter by itself, so that parameters stay independent. A
draw depends on (seed, i, key) only: runs are extended without changing what was drawn before.

Each number alone is uniform. A mean over draws errs less than that of independent draws, so standard
errors computed as if draws were independent are never too small.

Owen (1995), *Randomly permuted (t,m,s)-nets and (t,s)-sequences*: nested scrambling in base 4, here of one
dimension at a time with its order shuffled.
"""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import permutations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

    from params.axes import FloatArray

LEVELS: Final = 5
"""Nested quarters: 4 to the fifth draws fill 1,024 strata."""
PERMUTED: Final = tuple(permutations(range(4)))
ALL_BITS: Final = (1 << 64) - 1
MIX: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def key_of(name: str) -> int:
    """Return the key of a parameter by its name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def stratified(seed: int, indices: Sequence[int], keys: Sequence[int]) -> "FloatArray":
    """Return uniform numbers, shape (draw, key), never 0 or 1.

    Parameters
    ----------
    indices : draws, 0 and above.
    keys : one for each parameter, see `key_of`.
    """
    import numpy as np

    own = _mixed(
        np.asarray(keys, dtype=np.uint64) ^ _mixed(np.array([seed & ALL_BITS], dtype=np.uint64))
    )
    index = np.asarray(indices, dtype=np.uint64)[:, None]
    table = np.array(PERMUTED, dtype=np.uint64)
    path = np.zeros((index.size, own.size), dtype=np.uint64)
    for level in range(LEVELS):
        digit = (index >> np.uint64(2 * level)) & np.uint64(3)
        before = index >> np.uint64(2 * level + 2)
        # Which quarter comes when hangs on the draws above this level and on the strata so far.
        state = own + np.uint64((level + 1) * MIX[1] & ALL_BITS)
        which = _mixed(_mixed(state + before * np.uint64(MIX[0])) + path)
        path = path * np.uint64(4) + table[which % np.uint64(24), digit]
    inside = _mixed(_mixed(own + np.uint64(MIX[2])) + index * np.uint64(MIX[0]))
    place = ((inside >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    return np.asarray((path.astype(np.float64) + place) / 4.0**LEVELS)


def _mixed(state: "np.typing.NDArray[np.uint64]") -> "np.typing.NDArray[np.uint64]":
    """Scramble 64 bits (Steele, Lea and Flood 2014, SplitMix)."""
    import numpy as np

    z = state + np.uint64(MIX[0])
    z = (z ^ (z >> np.uint64(30))) * np.uint64(MIX[1])
    z = (z ^ (z >> np.uint64(27))) * np.uint64(MIX[2])
    return z ^ (z >> np.uint64(31))
