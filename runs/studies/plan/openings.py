"""Turn what must be in use by each year into what opens in each year, and say what it costs.

New beds come into use over a time: what is to be in use from January of a year on opens so many years
before, or earlier where no more may open in a year.
"""

from dataclasses import dataclass

import numpy as np

from params.axes import BoolArray, FloatArray, IntArray
from runs.studies.plan.aims import shared_out


@dataclass(frozen=True)
class Calendar:
    """When additions may open.

    Attributes
    ----------
    years : ndarray, shape (year,), by which a state counts additions, rising.
    lead : ndarray, shape (lever,), years from opening to full use.
    first : year in which something may open first.
    most : ndarray, shape (district, lever), units that open in a year at most.
    joint : ndarray of bool, shape (lever,), levers that are bounded together.
    together : ndarray, shape (district,), their units that open in a year at most.
    """

    years: IntArray
    lead: IntArray
    first: int
    most: IntArray
    joint: BoolArray
    together: IntArray

    @property
    def opening(self) -> range:
        """Years in which something may open."""
        return range(self.first, int(self.years[-1]) + 1)

    @property
    def at(self) -> IntArray:
        """When additions by each year open at the latest, shape (year, lever)."""
        return np.asarray(np.maximum(self.years[:, None] - self.lead, self.first))

    def chances(self) -> IntArray:
        """Return in how many years additions by each year may open, shape (year, lever)."""
        return np.asarray(self.at - self.first + 1)

    def openings(self, state: IntArray) -> IntArray:
        """Return what opens in every year, shape (opening year, district, lever).

        Parameters
        ----------
        state : ndarray, shape (year, district, lever), within what the years before can open.
        """
        new = np.diff(state, axis=0, prepend=0)
        found = np.zeros((len(self.opening), *state.shape[1:]), np.int64)
        for (y, lever), at in np.ndenumerate(self.at):
            found[at - self.first, :, lever] += new[y, :, lever]
        for t in range(len(found) - 1, 0, -1):
            kept = self._kept(found[t])
            found[t - 1] += found[t] - kept
            found[t] = kept
        return found

    def _kept(self, wanted: IntArray) -> IntArray:
        """Return what of a year's openings may open in it, shape (district, lever)."""
        kept = np.minimum(wanted, self.most)
        for d in np.flatnonzero((kept * self.joint).sum(axis=1) > self.together):
            of_sum = kept[d] * self.joint
            kept[d] += shared_out(int(self.together[d]), of_sum) - of_sum
        return np.asarray(kept)


@dataclass(frozen=True)
class Prices:
    """What a unit costs.

    Attributes
    ----------
    capital : ndarray, shape (lever,), when it opens.
    yearly : ndarray, shape (lever,), a year in full use.
    fill_years : ndarray, shape (lever,), over which it comes into use.
    discount_rate : a year, from `first_year` on.
    """

    capital: FloatArray
    yearly: FloatArray
    fill_years: FloatArray
    discount_rate: float
    first_year: int

    def by_year(self, openings: IntArray | FloatArray, first: int) -> FloatArray:
        """Return what additions cost in each year, shape (opening year, district, lever).

        Parameters
        ----------
        openings : ndarray, shape (opening year, district, lever), each on 1 January.
        first : year of the first openings.
        """
        found = openings * self.capital
        for t in range(len(openings)):
            for later in range(t, len(openings)):
                found[later] = found[later] + openings[t] * self.yearly * self._in_use(later - t)
        years = first + np.arange(len(openings)) - self.first_year
        worth = (1.0 + self.discount_rate) ** -years.astype(float)
        return np.asarray(found * worth[:, None, None])

    def _in_use(self, age: int) -> FloatArray:
        """Return the share in use over a year that begins `age` years after opening, shape (lever,)."""
        filled = np.clip((age + 0.5) / np.maximum(self.fill_years, 1e-9), 0.0, 1.0)
        return np.asarray(np.where(self.fill_years > 0, filled, 1.0))

    @property
    def of_unit(self) -> FloatArray:
        """What tells dear levers from cheap ones, shape (lever,)."""
        return self.capital + self.yearly
