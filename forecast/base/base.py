"""Hold where a projection starts, whatever it was built from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecast.base.condition.known import Known
from forecast.base.migration import Moves
from forecast.base.mortality import Mortality
from params.axes import FloatArray


@dataclass(frozen=True)
class Base:
    """Where a projection starts; no assumption changes it.

    Attributes
    ----------
    year : the people are those of its 31 December.
    people : ndarray, shape (basis, district, sex, age), persons.
    moves : yearly net moves of each basis.
    mortality : the city's death rates and their pattern of change.
    known : the city's registered people as fitted to what is published; None where too little is.
    """

    year: int
    people: FloatArray
    moves: tuple[Moves, ...]
    mortality: Mortality
    known: Known | None = None

    @property
    def n_known(self) -> int:
        """Standard normal numbers that a draw of the fit to published figures takes."""
        return 0 if self.known is None else self.known.n_chance

    @cached_property
    def internal(self) -> FloatArray:
        """Net rates inside the city, shape (basis, district, sex, age)."""
        return np.array([m.internal for m in self.moves])

    @cached_property
    def external_rate(self) -> FloatArray:
        """Losses across the border per person, shape (basis, district, sex, age)."""
        return np.array([m.external_rate for m in self.moves])

    @cached_property
    def external_count(self) -> FloatArray:
        """Gains across the border, persons a year, shape (basis, district, sex, age)."""
        return np.array([m.external_count for m in self.moves])
