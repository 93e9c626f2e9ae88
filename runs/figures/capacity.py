"""Draw when and how much: demand against capacity, the ranking of districts."""

from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from params.names import CASES_BY_REASON
from runs.figures.data import FigureData
from runs.figures.parts import (
    BAND,
    GREY,
    SHORT,
    SURPLUS,
    draw_band,
    first_of,
    grid_of,
    new_figure,
    number_axis,
    panels,
    say_no_data,
    scaled_unit,
    start_at_zero,
    tidy_years,
    years_of,
)
from runs.texts.shown import judged
from runs.texts.wording import Wording, gap_column, gap_unit

FAN_PANEL: Final = (3.0, 3.3)
"""Width and height of one panel, inches; likewise below."""
FAN_COLUMNS: Final = 5
RANK_PANEL: Final = (4.5, 4.8)
RANK_COLUMNS: Final = 3
LEAST_WIDTH: Final = 8.0
"""What title, legend and footer need."""
WIDE_FIGURE: Final = 14.0
"""Inches from which a title and a legend stand side by side."""
COURSES: Final = {"demand": SHORT, "usable": SURPLUS}
WHISKER: Final = "#222222"


def capacity_fan(data: FigureData, words: Wording) -> Figure:
    """Draw demand and usable capacity of the city, a panel a resource, with 5-95 % bands."""
    present = data.shortfall["resource"].unique()
    drawn = [resource for resource in present if resource not in CASES_BY_REASON]
    resources = sorted(drawn, key=lambda resource: resource != "bed_total")  # the sum comes first
    figure, axes = _grid(data, words, len(resources), FAN_COLUMNS, FAN_PANEL)
    first, last = years_of(data.shortfall)
    for axis, resource in zip(axes, resources, strict=True):
        rows = data.shortfall.query("area_type == 'city' and resource == @resource")
        unit = first_of(rows["unit"])
        largest = float(np.nanmax(rows[["demand", "usable"]].to_numpy(float), initial=0.0))
        scale, label = scaled_unit(largest, unit, words)
        lines = [
            draw_band(axis, _course(data, resource, measure), colour, scale)
            for measure, colour in COURSES.items()
        ]
        axis.set_title(
            words.figure("fan_panel", resource=words.name("resource", resource), unit=label),
            linespacing=1.35,
        )
        axis.grid(axis="y")
        tidy_years(axis, first, last, shift=0.5)
        axis.set_xlim(first, last + 1)
        start_at_zero(axis)
        number_axis(axis.yaxis)
        if not any(lines):
            say_no_data(axis, words)
    handles = [Patch(color=c, label=words.column(m)) for m, c in COURSES.items()]
    if data.has_intervals:
        handles.append(Patch(color=GREY, alpha=BAND, label=words.figure("interval")))
    figure.suptitle(words.figure("fan_title", first=first, last=last), fontsize=13)
    # Beside the title there is room for it on a wide figure only.
    wide = figure.get_figwidth() >= WIDE_FIGURE
    place: Literal["outside upper right", "outside lower right"] = (
        "outside upper right" if wide else "outside lower right"
    )
    figure.legend(handles=handles, loc=place, ncols=len(handles))
    return figure


def gap_ranking(data: FigureData, words: Wording) -> Figure:
    """Rank districts by shortfall in the last year, with 5-95 % whiskers."""
    resources = judged(data.shortfall["resource"].unique())
    figure, axes = _grid(data, words, len(resources), RANK_COLUMNS, RANK_PANEL)
    year = years_of(data.shortfall)[1]
    for axis, resource in zip(axes, resources, strict=True):
        gap = gap_column(resource)
        rows = data.shortfall.query(
            "area_type == 'district' and resource == @resource and year == @year"
        ).dropna(subset=[gap])
        _ranked_bars(axis, rows.sort_values(gap), gap, words)
        unit = gap_unit(resource, first_of(rows["unit"]))
        axis.set_title(
            words.figure(
                "rank_panel",
                resource=words.name("resource", resource),
                gap=words.column(gap),
                unit=words.name("unit", unit),
            )
        )
    handles = [
        Patch(color=SHORT, label=words.figure("rank_short")),
        Patch(color=SURPLUS, label=words.figure("rank_surplus")),
        *_interval_handle(data, WHISKER, words),
    ]
    figure.suptitle(words.figure("rank_title", year=year), fontsize=13)
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    return figure


def _interval_handle(data: FigureData, colour: str, words: Wording) -> list[Line2D]:
    """Return the legend's entry of intervals, where there are any."""
    label = words.figure("interval")
    line = Line2D([], [], color=colour, linewidth=1.2, label=label)
    return [line] if data.has_intervals else []


def _grid(
    data: FigureData, words: Wording, count: int, most: int, panel: tuple[float, float]
) -> tuple[Figure, list[Axes]]:
    """Start a figure with a panel for each of so many resources."""
    rows, columns = grid_of(count, most)
    figure = new_figure(max(panel[0] * columns, LEAST_WIDTH), panel[1] * rows, data, words)
    return figure, panels(figure, count, most)


def _course(data: FigureData, resource: str, measure: str) -> pd.DataFrame:
    """Return ``time, mean, p05, p95`` of the city by month, or by year when months are missing."""
    monthly = data.monthly.query(
        "area_type == 'city' and resource == @resource and measure == @measure"
    )
    # Cases a year against cases a month would not fit one axis: assessment is shown by year.
    if len(monthly) and resource != "assessment":
        months = pd.PeriodIndex(monthly["month"].astype(str), freq="M")
        time = months.year + (months.month - 0.5) / 12
        return monthly[["mean", "p05", "p95"]].assign(time=time).sort_values("time")
    yearly = data.shortfall.query("area_type == 'city' and resource == @resource")
    names = {"year": "time", measure: "mean", f"{measure}_p05": "p05", f"{measure}_p95": "p95"}
    kept = yearly[[name for name in names if name in yearly]].rename(columns=names)
    return kept.assign(time=kept["time"] + (0.5 if resource == "assessment" else 0.96)).sort_values(
        "time"
    )


def _ranked_bars(axis: Axes, rows: pd.DataFrame, gap: str, words: Wording) -> None:
    if rows.empty:
        say_no_data(axis, words)
        return
    values = rows[gap].to_numpy(float)
    places = np.arange(len(rows))
    axis.barh(places, values, color=np.where(values > 0, SHORT, SURPLUS), height=0.72, alpha=0.85)
    if {f"{gap}_p05", f"{gap}_p95"} <= set(rows.columns):
        low, high = rows[f"{gap}_p05"], rows[f"{gap}_p95"]
        axis.hlines(places, low, high, color=WHISKER, linewidth=1.2)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(places, [words.name("area", str(place)) for place in rows["district"]])
    axis.tick_params(axis="y", length=0)
    number_axis(axis.xaxis)
    axis.margins(y=0.01)
    axis.grid(axis="x")
