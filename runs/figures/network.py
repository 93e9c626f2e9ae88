"""Draw an own network by month: places occupied and usable, people waiting, a row a resource."""

from pathlib import Path
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from params.axes import CITY
from runs.figures.draw import figure_style, save_figure
from runs.figures.parts import GREY, SHORT, SURPLUS, THIRD, draw_band, number_axis, start_at_zero
from runs.texts.wording import Wording

MOST_ROWS: Final = 12
"""Resources that are drawn; the tables have all."""
MOST_TICKS: Final = 8
COLOURS: Final = {"demand": SHORT, "occupied": THIRD, "usable": SURPLUS}


def draw_network(monthly: pd.DataFrame, path: Path, title: str, run: str, words: Wording) -> None:
    """Draw all districts together into a PNG file."""
    save_figure(network_figure(monthly, title, run, words), path)


@figure_style()
def network_figure(monthly: pd.DataFrame, title: str, run: str, words: Wording) -> Figure:
    """Return the figure of all districts together."""
    rows = monthly[monthly["district"] == CITY]
    resources = list(rows["resource"].unique())[:MOST_ROWS]
    figure = Figure(figsize=(12.0, 0.9 + 2.9 * len(resources)), layout="constrained")
    axes = figure.subplots(len(resources), 2, squeeze=False)
    for line, resource in zip(axes, resources, strict=True):
        mine = rows[rows["resource"] == resource]
        name = words.name("resource", resource)
        unit = words.name("unit", "places")
        for measure, colour in COLOURS.items():
            _band(line[0], mine, measure, colour)
        line[0].set_title(words.text("network", "places", resource=name, unit=unit))
        _band(line[1], mine, "waiting", SHORT)
        # At least one person high: a queue that is empty but for minutes is not news.
        line[1].set_ylim(top=max(1.0, line[1].get_ylim()[1]))
        line[1].set_title(words.text("network", "waiting", resource=name))
        for axis in line:
            _tidy(axis, list(mine["month"].unique()))
    handles = [Patch(color=c, label=words.text("network", m)) for m, c in COLOURS.items()]
    figure.suptitle(words.text("network", "title", title=title), fontsize=13)
    figure.legend(handles=handles, loc="outside lower right", ncols=3)
    note = words.text("network", "interval")
    figure.supxlabel(f"{run} · {note}", x=0.01, ha="left", fontsize=8, color=GREY)
    return figure


def _band(axis: Axes, rows: pd.DataFrame, measure: str, colour: str) -> None:
    course = rows[rows["measure"] == measure].reset_index(drop=True)
    months = list(rows["month"].unique())
    course["time"] = course["month"].map(months.index).astype(float)
    if len(course):
        draw_band(axis, course, colour, 1.0)


def _tidy(axis: Axes, months: list[str]) -> None:
    step = max(1, -(-len(months) // MOST_TICKS))
    axis.set_xticks(range(0, len(months), step), months[::step])
    axis.grid(axis="y")
    start_at_zero(axis)
    number_axis(axis.yaxis)
