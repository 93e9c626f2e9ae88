"""Take away again what the margin allows, dearest first, until no part of a plan can be missed."""

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from runs.studies.plan.aims import Aims, Margins
from runs.studies.plan.search import Found

SHARE = 0.03
"""Of what is there with a plan: what is taken away at a time."""


def openings(state: IntArray) -> IntArray:
    """Return what is added in each year, shape (year, district, lever)."""
    return np.diff(state, axis=0, prepend=0)


def parts_of(state: IntArray, aims: Aims, share: float) -> IntArray:
    """Return what may be taken at a time of what each year adds, (year, district, lever)."""
    return np.asarray(np.minimum(openings(state), aims.step(state, share)))


def without(state: IntArray, parts: IntArray) -> IntArray:
    """Return a state with parts of what some years add taken away, from then on."""
    return np.asarray(state - parts.cumsum(axis=0))


def trimmed(ask: Margins, aims: Aims, found: Found, active: BoolArray, share: float = SHARE) -> Found:
    """Take away parts while every cell that held still holds.

    One lever and year at a time, the dearest lever and the last year first, in all districts together;
    those whose cells then miss get their part back. So no single part is left that could be missed, but
    for what districts lend each other.

    Parameters
    ----------
    found : a state and its margins.
    active : ndarray of bool, shape (lever,), of which parts may be taken.
    share : size of a part.
    """
    order = [lever for lever in np.argsort(-aims.cost, kind="stable") if active[lever]]
    goes_on = True
    while goes_on:
        goes_on = False
        for lever in order:
            for year in reversed(range(len(found.state))):
                less = _less(ask, aims, found, (year, int(lever)), share)
                goes_on |= less.state.sum() < found.state.sum()
                found = less
    return found


def _less(ask: Margins, aims: Aims, found: Found, at: tuple[int, int], share: float) -> Found:
    """Take parts of one lever's additions of one year, in every district that can spare them."""
    year, lever = at
    held = found.margins >= 0
    parts = np.zeros_like(found.state)
    # Where a cell misses, at its bound, whatever helps it stays.
    spare = held[year:, :, aims.serves[lever]].all(axis=(0, 2))
    parts[year, :, lever] = spare * parts_of(found.state, aims, share)[year, :, lever]
    asked = found.asked
    while parts.any():
        state = without(found.state, parts)
        margins, asked = ask([state])[0], asked + 1
        missed = held & (margins < 0)
        if not missed.any():
            return Found(state, margins, asked, found.settled)
        parts[year, _blamed(missed[year:], aims.serves[lever], parts[year, :, lever] > 0), lever] = 0
    return Found(found.state, found.margins, asked, found.settled)


def _blamed(missed: BoolArray, serves: BoolArray, taken: BoolArray) -> BoolArray:
    """Return the districts that get their part back: those that miss, or all where it is none of these.

    Parameters
    ----------
    missed : ndarray, shape (year, district, judged), cells that missed for it.
    serves : ndarray, shape (judged,), what the lever is meant for.
    taken : ndarray, shape (district,), of which parts were taken.
    """
    own = (missed & serves).any(axis=(0, 2)) & taken
    return own if own.any() else taken


