"""Subdivide five-year groups of people into single ages by Beers's ordinary formula.

Every group keeps its total. The formula follows whatever wave the groups carry, so that steep ends
can come out negative; with a reference pattern at hand `graduate.ungroup` is the safer way.
"""

from typing import Final

import numpy as np

from forecast.methods.checks import check_people
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.language import said

N_TERMS: Final = 5
"""Groups that bear on each single age, and single ages in a group."""

# Beers, "Modified-interpolation formulas that minimize fourth differences", Record of the American
# Institute of Actuaries 34 (1945): the ordinary formula. A row for each fifth of the group, a column
# for each of the five groups. The last two groups mirror the first two.
FIRST: Final = np.array(
    [
        [0.3333, -0.1636, -0.0210, 0.0796, -0.0283],
        [0.2595, -0.0780, 0.0130, 0.0100, -0.0045],
        [0.1924, 0.0064, 0.0184, -0.0256, 0.0084],
        [0.1329, 0.0844, 0.0054, -0.0356, 0.0129],
        [0.0819, 0.1508, -0.0158, -0.0284, 0.0115],
    ]
)
SECOND: Final = np.array(
    [
        [0.0404, 0.2000, -0.0344, -0.0128, 0.0068],
        [0.0093, 0.2268, -0.0402, 0.0028, 0.0013],
        [-0.0108, 0.2272, -0.0248, 0.0112, -0.0028],
        [-0.0198, 0.1992, 0.0172, 0.0072, -0.0038],
        [-0.0191, 0.1468, 0.0822, -0.0084, -0.0015],
    ]
)
MIDDLE: Final = np.array(
    [
        [-0.0117, 0.0804, 0.1570, -0.0284, 0.0027],
        [-0.0020, 0.0160, 0.2200, -0.0400, 0.0060],
        [0.0050, -0.0280, 0.2460, -0.0280, 0.0050],
        [0.0060, -0.0400, 0.2200, 0.0160, -0.0020],
        [0.0027, -0.0284, 0.1570, 0.0804, -0.0117],
    ]
)

# Johnson's adjustment (the sheet BEERSP of the United States Census Bureau's population analysis
# system): ages 2-8, a row each, out of age 1, ages 2-4, ages 5-8, age 9 and age 10.
JOHNSON: Final = np.array(
    [
        [0.2333, 0.3445, -0.1222, 0.3778, -0.1556],
        [-0.0875, 0.3847, -0.0236, 0.0389, -0.0111],
        [-0.1458, 0.2708, 0.1458, -0.4167, 0.1667],
        [-0.0833, 0.1151, 0.2817, -0.6111, 0.2222],
        [0.0000, -0.0080, 0.3254, -0.3889, 0.1111],
        [0.0458, -0.0613, 0.2637, 0.1833, -0.1000],
        [0.0375, -0.0458, 0.1292, 0.8167, -0.2333],
    ]
)


def beers_single_ages(counts: FloatArray, *, last_is_open: bool = True) -> FloatArray:
    """Subdivide five-year groups into single ages; every closed group keeps its total.

    Parameters
    ----------
    counts : ndarray, shape (group,), persons in five-year groups from age 0.
    last_is_open : keep the last group whole, as the last entry of the result.

    Returns
    -------
    ndarray, shape (age,)
        Persons by single age, then the open group if there is one. Can be negative.

    Raises
    ------
    ParamError
        If fewer than five groups are closed, or a count is negative or not finite.
    """
    counts = np.asarray(counts, dtype=np.float64)
    lows = {"age": [N_TERMS * i for i in range(counts.size)]}
    counts = check_people("five-year groups", counts, lows)
    closed = counts[:-1] if last_is_open else counts
    if closed.size < N_TERMS:
        found = said(f"{closed.size} closed groups", f"{closed.size} 个封闭组")
        allowed = said(f"{N_TERMS} or more", f"至少 {N_TERMS} 组")
        raise ParamError(Problem("five-year groups", found, allowed))
    inner = np.lib.stride_tricks.sliding_window_view(closed, N_TERMS)
    single = [
        FIRST @ closed[:N_TERMS],
        SECOND @ closed[:N_TERMS],
        *(MIDDLE @ five for five in inner),
        SECOND[::-1, ::-1] @ closed[-N_TERMS:],
        FIRST[::-1, ::-1] @ closed[-N_TERMS:],
    ]
    return np.concatenate(single + ([counts[-1:]] if last_is_open else []))


def beers_johnson(infants: float, counts: FloatArray, *, last_is_open: bool = True) -> FloatArray:
    """Subdivide five-year groups with a count of infants of its own, by Johnson's adjustment.

    Age 0 is taken as counted, age 1 and ages from 9 on are Beers's, and those between are laid anew
    so that 0-4 and 5-9 keep their totals.

    Parameters
    ----------
    infants : persons aged 0, part of the first group.
    counts : ndarray, shape (group,), persons in five-year groups from age 0, infants included.
    last_is_open : see `beers_single_ages`.

    Raises
    ------
    ParamError
        If there are more infants than people under five; or see `beers_single_ages`.
    """
    single = beers_single_ages(counts, last_is_open=last_is_open)
    if not 0 <= infants <= counts[0]:
        raise ParamError(
            Problem(
                "persons aged 0",
                f"{infants:g}",
                said(
                    f"0 to {counts[0]:g}, the persons aged 0-4", f"0 至 {counts[0]:g}，即0-4岁人数"
                ),
            )
        )
    toddlers = counts[0] - infants - single[1]
    given = np.array([single[1], toddlers, single[5:9].sum(), single[9], single[10]])
    return np.concatenate([[infants, single[1]], JOHNSON @ given, single[9:]])
