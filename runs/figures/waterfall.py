"""Draw a waterfall: how a figure moves from the first scenario to each next one."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from runs.figures.parts import GREY, SHORT, SURPLUS, number_axis
from runs.texts.wording import say_number

CAPACITY: Final = ("approved", "operating", "usable", "placed", "share_in_time", "surplus_sum")
"""Measures of which more is drawn in the colour of capacity."""
LINE: Final = "#222222"
HEIGHT: Final = 0.66
"""Of a bar, rows."""
ROOM: Final = 0.24
"""Share of the axis that figures beside the bars need."""
HATCH: Final = "////"
"""Marks what goes down, so that it can be told in print without colours."""


class Step(NamedTuple):
    """One step of a waterfall, from the figure before it to its own."""

    scenario: str
    start: float
    end: float
    low: float
    """Ends of the interval of its difference from the first scenario, put at the first's level."""
    high: float


def waterfall_steps(rows: pd.DataFrame) -> list[Step]:
    """Return the steps from the first scenario over each next one; they add up to the last difference.

    Parameters
    ----------
    rows : of one area, year, resource and measure, a scenario a row.
    """
    # Scenarios may have unlike numbers of pairs; the most pairs know the first scenario best.
    level = first_level(rows)
    ends = level + rows["difference"].to_numpy(float)
    starts = [level, *ends[:-1]]
    whiskers = level + rows[["low", "high"]].to_numpy(float)
    return [
        Step(str(name), float(start), float(end), float(low), float(high))
        for name, start, end, (low, high) in zip(
            rows["scenario"], starts, ends, whiskers, strict=True
        )
    ]


def first_level(rows: pd.DataFrame) -> float:
    """Return the mean of the first scenario over most pairs."""
    return float(rows["first"].iloc[int(np.argmax(rows["pairs"].to_numpy()))])


def draw_steps(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the first level, a step a scenario, and the last level, one below the other.

    Bars of levels begin at zero; where that would leave no room for the steps, levels are marks.
    """
    steps, level = waterfall_steps(rows), first_level(rows)
    up, down = colours_of(str(rows["measure"].iloc[0]))
    ends = np.array([level, *(step.end for step in steps)])
    whiskers = np.array([[step.low, step.high] for step in steps])
    reach = np.concatenate([ends, whiskers[np.isfinite(whiskers)]])
    far = bool(min(abs(reach.min()), abs(reach.max())) > 4 * np.ptp(reach)) and np.ptp(reach) > 0
    for place, value in ((0, level), (len(steps) + 1, ends[-1])):
        if far:
            axis.plot([value], [place], "D", color=GREY, markersize=6)
        else:
            axis.barh(place, value, color=GREY, height=HEIGHT)
    for place, step in enumerate(steps, start=1):
        grows = step.end > step.start
        axis.barh(
            place,
            step.end - step.start,
            left=step.start,
            height=HEIGHT,
            color=up if grows else down,
            hatch="" if grows else HATCH,
            edgecolor="white",
            linewidth=0,
        )
        axis.hlines(place, step.low, step.high, color=LINE, linewidth=1.2)
    for place, value in enumerate(ends):
        axis.vlines(value, place, place + 1, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    if not far:
        axis.axvline(0, color="black", linewidth=0.8)
    _values(axis, steps, level)
    low, high = (reach.min(), reach.max()) if far else (min(reach.min(), 0), max(reach.max(), 0))
    room = ROOM * (high - low or 1.0)
    axis.set_xlim(low - room if low < 0 or far else 0.0, high + room if high > 0 or far else 0.0)
    number_axis(axis.xaxis)


def _values(axis: Axes, steps: list[Step], level: float) -> None:
    """Write levels and steps beside what is drawn of them."""
    last = steps[-1].end
    sizes = [abs(level), abs(last), *(abs(step.end - step.start) for step in steps)]
    decimals = 0 if max(sizes) >= 100 else 2
    written = [(0, level, level, say_number(level, decimals))]
    for place, step in enumerate(steps, start=1):
        known = [v for v in (step.start, step.end, step.low, step.high) if np.isfinite(v)]
        said = _signed(step.end - step.start, decimals)
        written.append((place, min(known), max(known), said))
    written.append((len(steps) + 1, last, last, say_number(last, decimals)))
    for place, low, high, text in written:
        left = high <= 0  # beside the end that points away from zero
        at = low if left else high
        axis.annotate(
            text,
            (at, place),
            xytext=(-7 if left else 7, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=8,
        )


def _signed(value: float, decimals: int) -> str:
    return say_number(value, decimals, "+" if round(value, decimals) else "-")


def colours_of(measure: str) -> tuple[str, str]:
    """Return the colours of more and of less."""
    return (SURPLUS, SHORT) if measure in CAPACITY else (SHORT, SURPLUS)
