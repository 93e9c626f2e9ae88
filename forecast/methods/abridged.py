"""Life tables of age groups: any widths, any first age, four families of infants, no deaths tolerated.

How those who die spread over a group decides the table: given, half of the width, or Greville's
formula from age 15 on as in the United Nations' tables; infants and children by Coale and Demeny.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from forecast.methods.checks import check_ages, check_cells, check_hazards, check_people
from forecast.methods.lifetable import HIGH_RATE, infant_years
from params.axes import SEXES, FloatArray, IntArray
from params.errors import ParamError, Problem
from params.language import said

Family = Literal["west", "north", "east", "south"]
"""Coale and Demeny's families of model life tables."""
Graduation = Literal["half", "greville"]
"""How those who die in a group from age 5 on are spread over it; see `years_of_dying`."""

INFANT_SLOPE: Final = (2.875, 3.000)
"""Years of a_0 per unit of q_0, men and women; the same in all families."""
CHILD_SLOPE: Final = (3.013, 1.627)
"""Years of 4a1 lost per unit of q_0."""
INFANT_LOW: Final = {
    "west": (0.0425, 0.05),
    "north": (0.0425, 0.05),
    "east": (0.0025, 0.01),
    "south": (0.0425, 0.05),
}
INFANT_HIGH: Final = {
    "west": (0.33, 0.35),
    "north": (0.33, 0.35),
    "east": (0.29, 0.31),
    "south": (0.33, 0.35),
}
CHILD_LOW: Final = {
    "west": (1.653, 1.524),
    "north": (1.859, 1.733),
    "east": (1.614, 1.487),
    "south": (1.541, 1.402),
}
CHILD_HIGH: Final = {
    "west": (1.352, 1.361),
    "north": (1.558, 1.570),
    "east": (1.313, 1.324),
    "south": (1.240, 1.239),
}
HIGH_DYING: Final = 0.1
"""Above this q_0 the two are constant."""
CHILD_WEST: Final = ((1.651, 2.816, 1.352), (1.522, 1.518, 1.361))
"""4a1 of the West family restated on m_0: at zero, slope, and above `HIGH_RATE`."""
GREVILLE_FROM: Final = 15
"""First age spread by Greville's formula; 5-9 and 10-14 die in the middle, as in the UN's tables."""


@dataclass(frozen=True)
class AbridgedTable:
    """Life table by age group, of radix one at its first age; every array has shape (group,).

    Attributes
    ----------
    age_lo : first age of each group; the last is open.
    rates : m_x, per person-year.
    years_of_dying : a_x, years lived in the group by those who die in it.
    dying : q_x, share of those alive at the first age of the group who die in it; 1 in the last.
    survivors : l_x, share alive.
    person_years : L_x, years lived in the group.
    """

    age_lo: IntArray
    rates: FloatArray
    years_of_dying: FloatArray
    dying: FloatArray
    survivors: FloatArray
    person_years: FloatArray

    @property
    def years_above(self) -> FloatArray:
        """Years lived from each first age on, T_x, shape (group,)."""
        return np.cumsum(self.person_years[::-1])[::-1]

    @property
    def expectancy(self) -> FloatArray:
        """Remaining years of life at each first age, e_x, shape (group,)."""
        return np.asarray(self.years_above / self.survivors)

    def ending_at(self, open_age: int) -> "AbridgedTable":
        """Pool the groups from `open_age` on; what is left keeps its expectancy."""
        last = _position(self.age_lo, open_age)
        cut, years = slice(0, last + 1), self.years_above[last]
        rates, within = self.rates[cut].copy(), self.years_of_dying[cut].copy()
        dying, lived = self.dying[cut].copy(), self.person_years[cut].copy()
        rates[-1], within[-1] = self.survivors[last] / years, years / self.survivors[last]
        dying[-1], lived[-1] = 1.0, years
        return AbridgedTable(self.age_lo[cut], rates, within, dying, self.survivors[cut], lived)


def abridged_life_table(
    age_lo: IntArray,
    rates: FloatArray,
    sex: int,
    *,
    years_of_dying: FloatArray | None = None,
    family: Family = "west",
    infant_dying: float | None = None,
    graduation: Graduation = "half",
) -> AbridgedTable:
    """Build the life table of age groups of any width, from any first age.

    Parameters
    ----------
    age_lo : ndarray, shape (group,), first age of each group; the last is open.
    rates : ndarray, shape (group,), per person-year. A closed group may have rate 0.
    sex : 0 male, 1 female.
    years_of_dying : ndarray, shape (group,), a_x in years, if it is known; the last is not used.
    family, graduation : rules for a_x otherwise, see `spread_of_dying`.
    infant_dying : q_0 known from elsewhere, such as births; it replaces that of the rates, and d_0
        over L_0 is then not m_0.

    Raises
    ------
    ParamError
        Naming the age of a bad rate or a_x, or an open age with rate 0: nobody would ever die.

    Notes
    -----
    Preston, Heuveline and Guillot, *Demography* (2001), chapter 3. A group in which the rule would
    kill more than are alive dies at its constant rate instead: q = 1 - exp(-n m).
    """
    name = f"death rates, {SEXES[sex]}"
    starts = _rising_ages(name, age_lo)
    rates = check_hazards(name, rates, {"age": starts.tolist()})
    if rates[-1] == 0:
        raise ParamError(
            Problem(
                f"{name} [age {starts[-1]}+]",
                "0",
                said("above 0 in the open age", "开放组大于0"),
                said("pool it with the ages before, or close the rates", "请与前一组合并，或外推"),
            )
        )
    if years_of_dying is None:
        within = spread_of_dying(starts, rates, sex, family, infant_dying, graduation)
        dying, within = _dying(starts, rates, within)
    else:
        within = _given_years(starts, rates, years_of_dying)
        dying, _ = _dying(starts, rates, within)
    if infant_dying is not None:
        dying[0] = _given_infants(starts, infant_dying)
    within[-1], dying[-1] = 1 / rates[-1], 1.0
    survivors = np.append(1.0, np.cumprod(1 - dying[:-1]))
    deaths = survivors * dying
    lived = deaths * within
    lived[:-1] += survivors[1:] * np.diff(starts)
    return AbridgedTable(starts, rates, within, dying, survivors, lived)


def spread_of_dying(
    age_lo: IntArray,
    rates: FloatArray,
    sex: int,
    family: Family = "west",
    infant_dying: float | None = None,
    graduation: Graduation = "half",
) -> FloatArray:
    """Return a_x, the years lived in each group by those who die in it, shape (group,).

    Age 0 and ages 1-4 follow Coale and Demeny, every other group dies in its middle. With
    ``"greville"``, groups from 15 on follow the slope of the rates around them.

    Notes
    -----
    Coale and Demeny (1983), p. 20; on m_0 for West: Preston, Heuveline and Guillot (2001), table
    3.3. Greville (1977) as in the United Nations' *Model Life Tables for Developing Countries*
    (1982), p. 31: a_x = n/2 - n^2/12 (m_x - k), k the growth of log rates a year. The last closed
    group takes the k of the one before it. Where k is not defined, as with a rate of 0, or a_x would
    leave the group, n/2 stays.
    """
    width = np.diff(age_lo).astype(np.float64)
    within = np.append(width / 2, np.nan)
    if graduation == "greville":
        growth = _growth(age_lo, rates)
        bent = width / 2 - width**2 / 12 * (rates[:-1] - growth)
        told = (age_lo[:-1] >= GREVILLE_FROM) & (bent > 0) & (bent < width)
        within[:-1][told] = bent[told]
    if age_lo[0] == 0 and age_lo[1] == 1:
        infants, children = young_years(float(rates[0]), sex, family, infant_dying)
        within[0] = infants
        if age_lo.size > 2 and age_lo[2] == 5:
            within[1] = children
    return within


def young_years(
    infant_rate: float, sex: int, family: Family = "west", infant_dying: float | None = None
) -> tuple[float, float]:
    """Return a_0 and 4a1, years, by a family of Coale and Demeny's model tables.

    The families rest on q_0. Without it, West is taken on m_0 as in `infant_years`, so that groups
    and single ages agree, and the others solve for the q_0 that goes with m_0.
    """
    if family == "west" and infant_dying is None:
        low, slope, high = CHILD_WEST[sex]
        children = low - slope * infant_rate if infant_rate < HIGH_RATE else high
        return float(infant_years(np.asarray(infant_rate), sex)), children
    low, slope = INFANT_LOW[family][sex], INFANT_SLOPE[sex]
    dying = _infant_dying(infant_rate, low, slope) if infant_dying is None else infant_dying
    if dying > HIGH_DYING:
        return INFANT_HIGH[family][sex], CHILD_HIGH[family][sex]
    return low + slope * dying, CHILD_LOW[family][sex] - CHILD_SLOPE[sex] * dying


def rates_from_deaths(age_lo: IntArray, deaths: FloatArray, exposure: FloatArray) -> FloatArray:
    """Divide deaths by person-years, shape (group,); no deaths give rate 0.

    Raises
    ------
    ParamError
        Naming every age (up to five) where nobody was exposed, or a bad count.
    """
    ages = {"age": [int(a) for a in age_lo]}
    deaths = check_people("deaths", deaths, ages)
    exposure = check_cells("exposure", exposure, ages, np.nextafter(0.0, 1.0), unit="person-years")
    return np.asarray(deaths / exposure)


def pool_open_age(
    age_lo: IntArray, counts: FloatArray, open_age: int
) -> tuple[IntArray, FloatArray]:
    """Add up deaths or exposure from `open_age` on; return the ages left and their counts.

    Parameters
    ----------
    counts : ndarray, shape (..., group).
    """
    last = _position(np.asarray(age_lo, dtype=np.int64), open_age)
    pooled = np.array(counts[..., : last + 1], dtype=np.float64)
    pooled[..., -1] = counts[..., last:].sum(axis=-1)
    return np.asarray(age_lo[: last + 1], dtype=np.int64), pooled


def _position(age_lo: IntArray, age: int) -> int:
    found = np.flatnonzero(age_lo == age)
    if not found.size:
        allowed = ", ".join(str(a) for a in age_lo)
        raise ParamError(
            Problem("open age", said(f"{age} starts no group", f"没有从 {age} 开始的组"), allowed)
        )
    return int(found[0])


def _rising_ages(name: str, age_lo: IntArray) -> IntArray:
    starts = np.asarray(age_lo).astype(np.int64)
    check_ages(name, starts, int(starts[0]) if starts.size else 0)
    if starts.size < 2:
        found = said(f"{starts.size} groups", f"{starts.size} 组")
        allowed = said("two or more, the last one open", "至少两组，末组开放")
        raise ParamError(Problem(name, found, allowed))
    return starts


def _dying(
    age_lo: IntArray, rates: FloatArray, within: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return q_x and the a_x that go with it; the open age stays as it is."""
    width, closed = np.diff(age_lo), rates[:-1]
    dying, within = np.ones_like(rates), within.copy()
    dying[:-1] = width * closed / (1 + (width - within[:-1]) * closed)
    too_many = np.append(dying[:-1] > 1, False)
    n, m = width[too_many[:-1]], rates[too_many]
    dying[too_many] = -np.expm1(-n * m)
    within[too_many] = n + 1 / m - n / dying[too_many]
    return dying, within


def _given_infants(starts: IntArray, infant_dying: float) -> float:
    """Return q_0 as it was given, if it is a share and the table has an age 0."""
    if not 0 <= infant_dying < 1:
        allowed = said("0 or more, below 1", "不小于0且小于1")
        raise ParamError(Problem("infant_dying", f"{infant_dying:g}", allowed))
    if starts[0] != 0 or starts[1] != 1:
        group = f"{starts[0]}-{starts[1] - 1}"
        found = said(f"given, but the first group is {group}", f"已给出，但首组为 {group} 岁")
        allowed = said("a table that starts with age 0 alone", "首组只有0岁的表")
        raise ParamError(Problem("infant_dying", found, allowed))
    return infant_dying


def _given_years(starts: IntArray, rates: FloatArray, given: FloatArray) -> FloatArray:
    """Return a_x as it was given, if every group can hold it and nobody dies twice."""
    given = np.array(given, dtype=np.float64)
    ages = starts[:-1].tolist()
    within = check_cells("years of dying", given[:-1], {"age": ages}, 0.0, float(np.inf), "years")
    # At a_x = 1 / m everybody dies in the group; above it more than everybody.
    most = np.minimum(np.diff(starts), 1 / np.maximum(rates[:-1], 1e-300))
    problems = [
        Problem(
            f"years of dying [age {age}]",
            f"{within[i]:g}",
            said(f"0 to {most[i]:g} at this rate", f"在此死亡率下 0 至 {most[i]:g}"),
        )
        for i, age in enumerate(ages)
        if within[i] > most[i] * (1 + 1e-12)
    ]
    if problems:
        raise ParamError(problems)
    return np.append(within, np.nan)


def _growth(age_lo: IntArray, rates: FloatArray) -> FloatArray:
    """Return the growth of log rates a year around each closed group; NaN where not defined."""
    growth = np.full(rates.size - 1, np.nan)
    width = np.diff(age_lo)
    before, after = rates[:-3], rates[2:-1]
    known = (before > 0) & (after > 0)
    ratio = np.where(known, after, 1.0) / np.where(known, before, 1.0)
    span = width[:-2] / 2 + width[1:-1] + width[2:] / 2
    growth[1:-1] = np.where(known, np.log(ratio) / span, np.nan)
    growth[-1] = growth[-2] if growth.size > 1 else np.nan
    return growth


def _infant_dying(rate: float, low: float, slope: float) -> float:
    """Solve q = m / (1 + (1 - a) m), a = low + slope q; without a root q is above every bound."""
    linear = 1 + rate * (1 - low)
    inside = linear**2 - 4 * slope * rate**2
    return 1.0 if inside < 0 else 2 * rate / (linear + inside**0.5)
