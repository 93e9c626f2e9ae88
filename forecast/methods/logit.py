"""Move a curve of shares on the logit scale until the people it selects add to a published total."""

from typing import Final

import numpy as np

from params.axes import FloatArray
from params.language import said

NEWTON_STEPS: Final = 60
LONGEST_STEP: Final = 2.0
"""Of the level in one step; the curve is flat far out, where Newton would overshoot."""


def selecting(logit: FloatArray, people: FloatArray, total: FloatArray | float) -> FloatArray:
    """Return the shares that select a total, same shape as `logit`; see `level_for`."""
    return logistic(logit + _column(level_for(logit, people, total), logit))


def level_for(logit: FloatArray, people: FloatArray, total: FloatArray | float) -> FloatArray:
    """Return what to add to a logit surface so that it selects a total, draw by draw.

    Parameters
    ----------
    logit : ndarray, shape (draw, ...).
    people : ndarray, same shape, persons.
    total : ndarray, shape (draw,), or one number for all.

    Returns
    -------
    ndarray, shape (draw,).

    Raises
    ------
    ValueError
        If there are fewer people than the total.
    """
    axes = tuple(range(1, logit.ndim))
    everybody = people.sum(axis=axes)
    total = np.broadcast_to(np.asarray(total, dtype=np.float64), everybody.shape)
    if (total >= everybody).any():
        worst = int(np.argmax(total - everybody))
        some, all_ = f"{total[worst]:,.0f}", f"{everybody[worst]:,.0f}"
        msg = said(
            f"{some} people cannot be found among {all_}", f"无法从 {all_} 人中得到 {some} 人"
        )
        raise ValueError(msg)
    level = logit_of(total / everybody) - (logit * people).sum(axis=axes) / everybody
    for _ in range(NEWTON_STEPS):
        share = logistic(logit + _column(level, logit))
        selected = people * share
        miss = selected.sum(axis=axes) - total
        step = miss / (selected * (1 - share)).sum(axis=axes)
        level = level - np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max() < 1e-14:
            break
    return np.asarray(level)


def logit_of(share: FloatArray) -> FloatArray:
    """Return the logit of a share."""
    return np.asarray(np.log(share / (1 - share)))


def logistic(logit: FloatArray) -> FloatArray:
    """Turn a logit into a share."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def _column(level: FloatArray, like: FloatArray) -> FloatArray:
    return level.reshape(-1, *([1] * (like.ndim - 1)))
