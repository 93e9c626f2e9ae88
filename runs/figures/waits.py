"""Draw waits: what has become of a year's requests for beds some days after, districts ranked by it."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from params.names import kinds_of_resource
from runs.figures.data import FigureData
from runs.figures.parts import (
    GREY,
    SHORT,
    SURPLUS,
    THIRD,
    grid_of,
    new_figure,
    panels,
    say_no_data,
    years_of,
)
from runs.texts.wording import Wording, say_number

PANEL: Final = (4.9, 6.6)
"""Width and height of one panel, inches."""
COLUMNS: Final = 3
LEAST_WIDTH: Final = 9.0
"""What title, legend and footer need."""
LATER: Final = 90
"""Days after which a second bar tells of the same requests."""
USUAL_DAYS: Final = 30
"""Days of the first bar where a resource has no target."""
ENDS: Final = {
    "share_placed": SURPLUS,
    "share_waiting": "#d9d9d9",
    "share_other": THIRD,
    "share_withdrew": "#E69F00",
    "share_died": SHORT,
}
"""Columns of ``waits.csv`` as they are stacked, with colours of Okabe and Ito's."""
BAR: Final = 0.38
HALF: Final = 0.5


def waits(data: FigureData, words: Wording) -> Figure:
    """Stack what became of the last year's requests for a bed by the target and 90 days after.

    Districts are ranked by the days until half of their requests were placed, in the mean of the replications
    as the bars are; where fewer than half ever were, they come first.
    """
    beds = waited_for(data.shortfall)
    rows, columns = grid_of(len(beds), COLUMNS)
    width = max(PANEL[0] * columns, LEAST_WIDTH)
    figure = new_figure(width, PANEL[1] * rows, data, words)
    axes = panels(figure, max(1, len(beds)), COLUMNS)
    year = years_of(data.shortfall)[1]
    for axis, bed in zip(axes, beds, strict=False):
        days = (int(data.targets.get(bed, USUAL_DAYS)), LATER)
        chosen = "area_type == 'district' and resource == @bed and year == @year"
        _stacks(axis, data.shortfall.query(chosen), data.waits.query(chosen), days, words)
        axis.set_title(
            words.figure(
                "wait_panel", resource=words.name("resource", bed), first=days[0], second=days[1]
            )
        )
    if not beds:
        say_no_data(axes[0], words)
    figure.suptitle(words.figure("wait_title", year=year), fontsize=13)
    handles = [Patch(color=colour, label=words.column(end)) for end, colour in ENDS.items()]
    # In two lines, beside what the figure says of its run.
    figure.legend(handles=handles, loc="outside lower right", ncols=(len(handles) + 1) // 2)
    return figure


def waited_for(shortfall: pd.DataFrame) -> list[str]:
    """Return the beds that people wait for: those of institutions, and kinds of one's own; no sums."""
    kinds = kinds_of_resource()
    counted = shortfall.loc[shortfall["unit"] == "beds", "resource"].unique()
    return [bed for bed in counted if kinds.get(bed, "institution") == "institution"]


def half_placed(shares: pd.Series) -> float:
    """Return the days until half of the requests were placed, inf if fewer ever were.

    Parameters
    ----------
    shares : placed by the days since the request, which are its index, rising; a straight line between them.
    """
    known = shares.dropna()
    if known.empty or known.max() < HALF:
        return np.inf
    days, placed = known.index.to_numpy(float), known.to_numpy(float)
    k = int(np.argmax(placed >= HALF))
    if k == 0:
        return float(days[0])
    part = (HALF - placed[k - 1]) / (placed[k] - placed[k - 1])
    return float(days[k - 1] + part * (days[k] - days[k - 1]))


def ranked(rows: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    """Return districts by the days until half of their requests were placed, the longest first.

    Among equals the one with the fewest placed comes first, after all those without requests.
    """
    cells = waits[waits["class"] == "all"].sort_values("days").set_index("days")
    by_place = {place: mine["share_placed"] for place, mine in cells.groupby("district")}
    empty = pd.Series(dtype=float)
    half = [half_placed(by_place.get(place, empty)) for place in rows["district"]]
    placed = [by_place.get(place, empty).max() for place in rows["district"]]
    rank = pd.Series(half, index=rows.index).where(rows["requests"] > 0, -1.0)
    ordered = rows.assign(rank=rank, placed_at_last=placed)
    return ordered.sort_values(["rank", "placed_at_last"], ascending=[False, True], kind="stable")


def _stacks(
    axis: Axes, year: pd.DataFrame, waits: pd.DataFrame, days: tuple[int, int], words: Wording
) -> None:
    """Draw two bars a district, the first for the target."""
    order = ranked(year, waits)
    places = np.arange(len(order))
    cells = waits[waits["class"] == "all"].set_index(["district", "days"])
    for shift, day in zip((-BAR / 2, BAR / 2), days, strict=True):
        keys = [(district, day) for district in order["district"]]
        shares = cells.reindex(keys)
        left = np.zeros(len(order))
        for end, colour in ENDS.items():
            share = shares[end].fillna(0.0).to_numpy(float)
            axis.barh(places + shift, share, BAR * 0.92, left, color=colour, linewidth=0)
            left += share
        for place in places[shares["share_placed"].isna()].tolist():
            text = words.figure("no_data")
            axis.text(0.02, place + shift, text, va="center", color=GREY, size=7)
    names = [words.name("area", str(place)) for place in order["district"]]
    axis.set_yticks(places, names)
    axis.set_ylim(max(len(order), 1) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axis.set_xlabel(words.figure("wait_axis"))
    inside = axis.get_yaxis_transform()
    for place, text in zip(places.tolist(), _said(order, words), strict=True):
        axis.text(1.02, place, text, va="center", size=8, transform=inside)


def _said(order: pd.DataFrame, words: Wording) -> list[str]:
    """Say by when half were placed."""
    said = []
    for days in order["rank"]:
        if days < 0:
            said.append("")
        elif np.isinf(days):
            said.append(words.figure("wait_never_half"))
        else:
            said.append(words.figure("wait_half", days=_days(days)))
    return said


def _days(value: float) -> str:
    """Say days, and tenths of them where they are few."""
    return say_number(float(value), 1 if value < 9.95 else 0)
