"""Run a world whose stores are sized by a guess: anew with larger ones until everything fits."""

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulate.engine.events import PERSON_MASK
from simulate.engine.world import World

MAX_ATTEMPTS: Final = 9


W = TypeVar("W", bound=World)


def finished(
    make: Callable[[float], W], run: Callable[[tuple[NDArray[np.generic], ...]], int]
) -> W:
    """Run a world to the end, made anew with stores twice as large as often as they are too small.

    Parameters
    ----------
    make : lays out a fresh world; its argument scales the stores whose size is a guess.
    run : runs a world's arrays to the end; returns 0, or 1 if some store was too small.
    """
    for attempt in range(MAX_ATTEMPTS):
        world = make(2.0**attempt)
        if world.people.size > PERSON_MASK:
            msg = f"{world.people.size} people are more than events can tell apart, {PERSON_MASK}"
            raise AssertionError(msg)
        if run(world.arrays()) == 0:
            return world
    msg = "the stores of the event loop stayed too small"
    raise AssertionError(msg)
