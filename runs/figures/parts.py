"""Share axes, colours and words between the figures.

Colours are Okabe and Ito's, told apart by people with any colour vision: orange-red is need and
shortage, blue is capacity and surplus, everywhere.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from runs.figures.data import FigureData
from runs.texts.wording import Wording, say_number

SHORT: Final = "#D55E00"
SURPLUS: Final = "#0072B2"
THIRD: Final = "#009E73"
GREY: Final = "#6b6b6b"
BAND: Final = 0.22
"""How opaque the band of an interval is."""


def ordered_districts(districts: pd.DataFrame, first: Sequence[str] = ()) -> list[str]:
    """Return the districts by zone, those of `first` first, and by code inside a zone."""
    zones = [*first, *(z for z in districts["zone"].unique() if z not in first)]
    rank = districts["zone"].map({zone: at for at, zone in enumerate(zones)})
    order = districts.assign(rank=rank).sort_values(["rank", "code"])
    return [str(place) for place in order["district"]]


def new_figure(
    width: float, height: float, data: FigureData, words: Wording, note: str = ""
) -> Figure:
    """Start a figure with its footer: run, basis, source, and what its intervals are."""
    basis = words.name("basis", data.basis)
    footer = words.figure("footer", run=data.run, basis=basis, source=data.source)
    if not note:
        known = data.has_intervals
        note = (
            words.figure("footer_interval") if known else words.name("flag", "single_replication")
        )
    return footed_figure(width, height, f"{footer} · {note}")


def footed_figure(width: float, height: float, footer: str) -> Figure:
    """Start a figure with a line under it."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.supxlabel(footer, x=0.01, ha="left", fontsize=8, color=GREY)
    return figure


def grid_of(count: int, most: int) -> tuple[int, int]:
    """Return rows and columns for so many panels, at most `most` beside each other, evenly filled."""
    rows = max(1, math.ceil(count / most))
    return rows, max(1, math.ceil(count / rows))


def panels(figure: Figure, count: int, most: int) -> list[Axes]:
    """Divide a figure into so many panels; what is left of the grid stays empty."""
    axes = list(figure.subplots(*grid_of(count, most), squeeze=False).flat)
    for axis in axes[count:]:
        axis.set_visible(False)
    return axes[:count]


def draw_band(axis: Axes, course: pd.DataFrame, colour: str, scale: float) -> bool:
    """Draw a line with its band; say whether there was anything to draw."""
    course = course.dropna(subset=["mean"])
    marker = "o" if len(course) <= 8 else ""
    if {"p05", "p95"} <= set(course.columns):
        low, high = course["p05"] / scale, course["p95"] / scale
        axis.fill_between(course["time"], low, high, color=colour, alpha=BAND, linewidth=0)
    axis.plot(course["time"], course["mean"] / scale, color=colour, marker=marker, markersize=3.5)
    return bool(len(course))


def district_axis(axis: Axes, order: Sequence[str], words: Wording) -> None:
    """Name the districts down the side."""
    axis.set_yticks(range(len(order)), [words.name("area", place) for place in order])
    axis.set_ylim(len(order) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)


def zone_edges(districts: pd.DataFrame, order: Sequence[str]) -> list[float]:
    """Return where one zone ends and the next begins, in places of the order."""
    zone = districts.set_index("district")["zone"].to_dict()
    return [
        at + 0.5 for at, (here, after) in enumerate(pairwise(order)) if zone[here] != zone[after]
    ]


def zone_lines(axes: Sequence[Axes], districts: pd.DataFrame, order: Sequence[str]) -> None:
    """Draw a line between zones."""
    for axis in axes:
        for edge in zone_edges(districts, order):
            axis.axhline(edge, color="black", linewidth=1.2)


def scaled_unit(largest: float, unit: str, words: Wording) -> tuple[float, str]:
    """Return what to divide by, and the unit's name with it: 万张, thousand beds."""
    name = words.name("unit", unit)
    scale = 10_000.0 if words.lang == "zh" else 1_000.0
    return (scale, words.figure("scale") + name) if largest >= 20_000 else (1.0, name)


def tidy_years(axis: Axes, first: int, last: int, shift: float = 0.0) -> None:
    """Label whole years, at most eight of them, `shift` of a year after their beginning."""
    years = range(first, last + 1, -(-(last - first + 1) // 8))
    axis.set_xticks([year + shift for year in years], [str(year) for year in years])


def number_axis(axis: Axis) -> None:
    """Write thousands with a comma and as many decimals as the ticks need."""
    locator = MaxNLocator(6, steps=[1, 2, 5, 10])
    ticks = locator.tick_values(*axis.get_view_interval())
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    axis.set_major_locator(locator)
    axis.set_major_formatter(FuncFormatter(lambda value, _: say_number(value, decimals)))


def start_at_zero(axis: Axes) -> None:
    """Begin the axis at zero where that does not flatten what there is to see."""
    low, high = axis.get_ylim()
    if low < 0.5 * high:
        axis.set_ylim(bottom=min(low, 0.0))


def say_no_data(axis: Axes, words: Wording) -> None:
    """Say that a panel is empty because nothing is known."""
    text = words.figure("no_data")
    axis.text(0.5, 0.5, text, color=GREY, ha="center", va="center", transform=axis.transAxes)


def years_of(frame: pd.DataFrame) -> tuple[int, int]:
    """Return first and last year of a table."""
    return int(frame["year"].min()), int(frame["year"].max())


def first_of(values: pd.Series) -> str:
    """Return the first of some words, or nothing."""
    return str(values.iloc[0]) if len(values) else ""
