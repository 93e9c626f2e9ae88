"""Find the value of an input at which a figure reaches zero: where its line crosses, with an interval."""

from typing import Final, NamedTuple

import numpy as np

from params.axes import FloatArray
from runs.studies.sensitivity.ranks import LEVEL, Effects

INSIDE, OUTSIDE, UNKNOWN = "inside", "outside", "unknown"
CLOSED: Final = "closed"


class Closing(NamedTuple):
    """Where lines cross zero, arrays of shape (input, figure); nan where nothing is known."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


def closing(inputs: FloatArray, figures: FloatArray, effects: Effects) -> Closing:
    """Return the value of each input at which a figure is zero, the other inputs at their means.

    Parameters
    ----------
    inputs, figures : as `effects` was made from, shapes (draw, input) and (draw, figure).

    Notes
    -----
    Fieller, *J. R. Statist. Soc. B* 16 (1954): all values at which the line's own interval holds zero. Where
    the slope may be zero they have no ends: nothing is known then.
    """
    from scipy.special import stdtrit

    t2 = float(stdtrit(effects.freedom, (1 + LEVEL) / 2)) ** 2
    mean, middle = figures.mean(axis=0), inputs.mean(axis=0)[:, None]
    a = effects.slope**2 - t2 * effects.slope_error**2
    b = mean * effects.slope
    c = mean**2 - t2 * effects.rest**2 / len(inputs)
    known = (a > 0) & np.isfinite(a)
    safe = np.where(known, a, 1.0)
    # With a > 0 the quadratic has two roots: it is negative where the line crosses.
    root = np.sqrt(np.maximum(b**2 - safe * c, 0.0))
    value = -mean / np.where(known, effects.slope, 1.0)
    ends = (-b - root) / safe, (-b + root) / safe
    return Closing(*(np.where(known, middle + one, np.nan) for one in (value, *ends)))


def verdict(value: float, drawn: FloatArray, mean: float) -> str:
    """Say whether a figure closes inside what was drawn of an input.

    Parameters
    ----------
    value : where its line crosses zero, nan where that is not known.
    drawn : ndarray, shape (draw,).
    mean : of the figure; one that is not above zero is closed already.
    """
    if mean <= 0:
        return CLOSED
    if np.isnan(value):
        return UNKNOWN
    return INSIDE if drawn.min() <= value <= drawn.max() else OUTSIDE
