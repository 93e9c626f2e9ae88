"""Find the least additions with which every cell reaches its target, all levers at once.

Each lever has a bracket: the most units with which its cells were seen to miss, the fewest with which they
were seen to hold. All brackets are narrowed together, one state a round; where a lever's neighbours have
moved so far that its bracket no longer holds, that side of it is forgotten. Nothing of a city is known
here: what is asked is a function of states, so that queues of known answers test the search.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from runs.studies.plan.aims import Aims, Margins

NEVER: Final = -1
"""No number of units is known to be too few."""
ALWAYS: Final = 1 << 40
"""No number is known to be enough."""
FIRST_STEP: Final = 0.04
"""Of what is there: how far a lever is moved that has been seen on one side only; doubled every time."""
INNER: Final = (0.15, 0.85)
"""Between which shares of a bracket it is cut: straight lines are wrong at both ends."""


@dataclass(frozen=True)
class Found:
    """Where a search has come.

    Attributes
    ----------
    state : ndarray, shape (year, district, lever).
    margins : ndarray, shape (year, district, judged), with that state.
    asked : states that were asked for.
    settled : whether it ended by itself, not by the number of rounds.
    """

    state: IntArray
    margins: FloatArray
    asked: int
    settled: bool


@dataclass
class _Brackets:
    """What is known of each lever, arrays of the shape of a state."""

    low: IntArray
    high: IntArray
    low_margin: FloatArray
    high_margin: FloatArray
    step: IntArray
    halves: bool = False
    """Whether brackets are halved this time: straight lines alone may be slow."""

    def narrow(self, state: IntArray, margin: FloatArray) -> None:
        """Take in what a state gave."""
        holds = margin >= 0
        self.low[holds & (state <= self.low)] = NEVER
        self.high[~holds & (state >= self.high)] = ALWAYS
        better = holds & (state <= self.high)
        worse = ~holds & (state >= self.low)
        self.high[better], self.high_margin[better] = state[better], margin[better]
        self.low[worse], self.low_margin[worse] = state[worse], margin[worse]

    def next(self, state: IntArray, precision: IntArray) -> IntArray:
        """Return the units to ask for next."""
        both = (self.low > NEVER) & (self.high < ALWAYS)
        near = self.high - np.maximum(self.low, NEVER) <= precision
        settled = (both & near) | (self.high == 0)
        below, above = ~both & (self.high == ALWAYS), ~both & (self.high < ALWAYS) & ~settled
        wanted = np.where(settled, self.high, self._inside(state))
        wanted = np.where(below, state + self.step, wanted)
        wanted = np.where(above, np.maximum(self.high - self.step, 0), wanted)
        self.step = np.where(below | above, 2 * self.step, self.step)
        return np.asarray(wanted)

    def _inside(self, state: IntArray) -> IntArray:
        """Return where a straight line through both ends crosses zero, well inside the bracket."""
        both = (self.low > NEVER) & (self.high < ALWAYS)
        low, high = np.where(both, self.low, state), np.where(both, self.high, state)
        fall = np.where(both, self.high_margin - self.low_margin, 1.0)
        part = np.clip(np.where(both, -self.low_margin, 0.0) / np.maximum(fall, 1e-12), *INNER)
        part = np.where(self.halves, 0.5, part)
        self.halves = not self.halves
        cut = low + np.ceil(part * (high - low)).astype(np.int64)
        return np.asarray(np.clip(cut, low + both, np.maximum(high - both, low + both)))


def least(
    ask: Margins,
    aims: Aims,
    start: IntArray,
    active: BoolArray,
    precision: float = 0.01,
    rounds: int = 16,
) -> Found:
    """Move some levers until each stands at the fewest units with which its cells hold.

    Parameters
    ----------
    ask : gives the margins of states.
    start : ndarray, shape (year, district, lever), units to begin with.
    active : ndarray of bool, shape (lever,), which are moved; the others stay where they begin.
    precision : share of what is there to which a lever is found; never finer than one unit.
    rounds : states that are asked for at most.

    Returns
    -------
    Found
        Cells that miss stand at their bound, unless the rounds were too few.
    """
    state = aims.projected(start)
    known = _Brackets(
        np.full(state.shape, NEVER, np.int64),
        np.full(state.shape, ALWAYS, np.int64),
        np.zeros(state.shape),
        np.zeros(state.shape),
        aims.step(state, FIRST_STEP),
    )
    for n in range(1, rounds + 1):
        margins = ask([state])[0]
        known.narrow(state, aims.of_levers(margins))
        wanted = known.next(state, aims.step(state, precision))
        after = aims.projected(np.where(active, wanted, state))
        if (after == state).all():
            return Found(state, margins, n, True)
        if n < rounds:
            state = after
    return Found(state, margins, rounds, False)


def repaired(
    ask: Margins, aims: Aims, found: Found, active: BoolArray, share: float = 0.01, rounds: int = 12
) -> Found:
    """Raise levers of cells that still miss, step by step, until they hold or stand at their bound."""
    state, margins, step = found.state, found.margins, aims.step(found.state, share)
    for n in range(rounds):
        short = aims.of_levers(margins) < 0
        after = aims.projected(np.where(active & short, state + step, state))
        if (after == state).all():
            return Found(state, margins, found.asked + n, True)
        state, step = after, np.where(short, 2 * step, step)
        margins = ask([state])[0]
    done = not (aims.of_levers(margins)[..., active] < 0).any()
    return Found(state, margins, found.asked + rounds, done)
