"""What an attribution finds: a difference, and what of it each cause takes, by area, resource and measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from params.axes import FloatArray

TOLERANCE: Final = 1e-9
"""By how much, as a share of the levels, values may miss the difference they are to add to."""


@dataclass(frozen=True)
class Split:
    """A difference shared among causes.

    Attributes
    ----------
    first, second : ndarray, shape (measure, area, resource), the two levels; areas as in `Districts.areas`,
        resources and
        measures as in `runs.tables.met`.
    values : by cause, arrays of the same shape that add to the difference.
    errors : by cause, standard errors; nan where a value has none.
    still : causes whose values are exactly zero, and the key of the text that says why.
    """

    first: FloatArray
    second: FloatArray
    values: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    still: Mapping[str, str]

    def __post_init__(self) -> None:
        total = np.sum(list(self.values.values()), axis=0)
        size = np.abs(self.first) + np.abs(self.second) + 1.0
        missed = np.abs(total - (self.second - self.first)) / size
        assert not (missed > TOLERANCE).any(), "values do not add to the difference"
