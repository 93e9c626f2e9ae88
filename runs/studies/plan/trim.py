"""Take away again what the margin allows, dearest first, until no part of a plan can be missed."""

from dataclasses import replace
from typing import Final

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from runs.studies.plan.aims import Aims, Margins
from runs.studies.plan.search import Found

SHARE: Final = 0.03
"""Of what is there with a plan: what is taken away at a time."""

FEW: Final = 8
"""Districts that are all tried alone; of more those that come near."""


def openings(state: IntArray) -> IntArray:
    """Return what is added in each year, shape (year, district, lever)."""
    return np.diff(state, axis=0, prepend=0)


def parts_of(state: IntArray, aims: Aims, share: float) -> IntArray:
    """Return what may be taken at a time of what each year adds, (year, district, lever)."""
    return np.asarray(np.minimum(openings(state), aims.step(state, share)))


def without(state: IntArray, parts: IntArray) -> IntArray:
    """Return a state with parts of what some years add taken away, from then on."""
    return np.asarray(state - parts.cumsum(axis=0))


def trimmed(
    ask: Margins, aims: Aims, found: Found, active: BoolArray, share: float = SHARE
) -> Found:
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
    whole, near, asked = parts.copy(), np.zeros(parts.shape[1], bool), found.asked
    while parts.any():
        state = without(found.state, parts)
        margins, asked = ask([state])[0], asked + 1
        missed = held & (margins < 0)
        if not missed.any():
            return Found(state, margins, asked, found.settled)
        blamed = _blamed(missed[year:], aims.serves[lever], parts[year, :, lever] > 0)
        near |= blamed & (
            (blamed.size <= FEW)
            | _is_near(found.margins[year:], margins[year:], aims.serves[lever])
        )
        parts[year, blamed, lever] = 0
    return _alone(ask, replace(found, asked=asked), whole, near)


def _is_near(before: FloatArray, after: FloatArray, serves: BoolArray) -> BoolArray:
    """Return the districts that may hold without their part if no other lacks its own, shape (district,).

    A part of one district alone is taken to cost it no less than half of what all parts together did.
    """
    fell = before[..., serves] - after[..., serves]
    return np.asarray((before[..., serves] >= fell / 2).all(axis=(0, 2)))


def _alone(ask: Margins, found: Found, parts: IntArray, districts: BoolArray) -> Found:
    """Take the part of one district, if one alone can be missed: that which leaves most to spare."""
    tried = []
    for d in np.flatnonzero(districts):
        one = np.zeros_like(parts)
        one[:, d] = parts[:, d]
        tried.append(without(found.state, one))
    if not tried:
        return found
    held = found.margins >= 0
    margins = ask(tried)
    best = max(range(len(tried)), key=lambda k: float(margins[k][held].min()))
    if margins[best][held].min() < 0:
        return replace(found, asked=found.asked + len(tried))
    return Found(tried[best], margins[best], found.asked + len(tried), found.settled)


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
