"""Draw what a plan adds and what comes of it, or what batches of beds and posts give, by district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from params.axes import CITY
from params.names import kinds_of_resource
from runs.figures.draw import figure_style, named_areas, save_figures
from runs.figures.parts import (
    GREY,
    SHORT,
    SURPLUS,
    district_axis,
    footed_figure,
    number_axis,
    ordered_districts,
    panels,
    zone_lines,
)
from runs.texts.wording import Wording

COLOURS: Final = ("#56B4E9", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#999999")
"""Okabe and Ito's, one a kind of what is added."""
BEDS: Final = "beds"
ROW: Final = 0.3
"""Height of a district, inches."""


@dataclass(frozen=True)
class PlanData:
    """What the figure of a question is drawn from."""

    kind: str
    """Name of the table: ``plan``, ``where`` or ``levers``."""
    table: pd.DataFrame
    districts: pd.DataFrame
    zones: tuple[str, ...]
    titles: Mapping[str, str]
    years: str
    year: int
    """Last year of the target."""
    run: str
    fresh: int
    judged_by: Mapping[str, str]
    """Whose requests tell whether there is enough of what is added, where it is not its own."""


def draw_plan(data: PlanData, folder: Path, words: Wording, formats: Sequence[str]) -> None:
    """Draw the figure of a question into a folder, in every format."""
    save_figures((data.kind,), lambda _: plan_figure(data, words), folder, formats)


def plan_figure(data: PlanData, words: Wording) -> Figure:
    """Return the figure of a question."""
    named = named_areas(words, data.districts)
    with figure_style():
        return least_figure(data, named) if data.kind == "plan" else gains_figure(data, named)


def least_figure(data: PlanData, words: Wording) -> Figure:
    """Draw beds and posts that are added, and shares in time with and without them where these matter."""
    order = ordered_districts(data.districts, data.zones)
    table = data.table[data.table["district"] != CITY]
    last = table[table["year"] == table["year"].max()]
    is_bed = last["unit"] == BEDS
    added = [part for part in (last[is_bed], last[~is_bed]) if part["add"].any()] or [last]
    rows = table[table["year"] == data.year]
    moved = [r for r in rows["resource"].unique() if _matters(rows[rows["resource"] == r])]
    n_panel = len(added) + len(moved)
    figure = _begin(data, len(order), n_panel, words)
    axes = panels(figure, n_panel, 3)
    for axis, part in zip(axes, added, strict=False):
        _stacked(axis, part, "add", order, words)
        axis.set_title(words.text("plan", "panel_added", year=int(last["year"].iloc[0])))
        axis.set_xlabel(words.name("unit", str(part["unit"].iloc[0])))
    for axis, resource in zip(axes[len(added) :], moved, strict=True):
        _shares(axis, rows[rows["resource"] == resource], order, words)
        name = words.name("resource", data.judged_by.get(resource, resource))
        axis.set_title(words.text("plan", "panel_share", resource=name, year=data.year))
    _finish(figure, axes, data, order, words)
    return figure


def _matters(rows: pd.DataFrame) -> bool:
    """Say whether somewhere a resource misses its target, with the additions or without."""
    least = rows[["share_before", "share_in_time"]].min(axis=1)
    return bool((least < rows["target_share"]).any() or rows["add"].any()) and bool(
        rows["share_in_time"].notna().any()
    )


def gains_figure(data: PlanData, words: Wording) -> Figure:
    """Draw where an amount went, or what a batch of each lever gives, by district."""
    order = ordered_districts(data.districts, data.zones)
    kinds = list(data.table["resource"].unique())
    figure = _begin(data, len(order), 1, words)
    axes = panels(figure, 1, 1)
    if data.kind == "where":
        _stacked(axes[0], data.table, "units", order, words)
        axes[0].set_xlabel(words.text("plan", "axis_units"))
    else:
        place = {name: k for k, name in enumerate(order)}
        for k, resource in enumerate(kinds):
            rows = data.table[data.table["resource"] == resource]
            at = rows["district"].map(place) + 0.7 * ((k + 0.5) / len(kinds) - 0.5)
            scale = 100 / rows["units"]
            half = (rows["gain_high"] - rows["gain"]) * scale
            axes[0].errorbar(
                rows["gain"] * scale,
                at,
                xerr=half.where(half.notna(), 0.0),
                fmt="o",
                markersize=3.5,
                linewidth=1,
                color=COLOURS[k % len(COLOURS)],
                label=words.name("resource", resource),
            )
        axes[0].axvline(0, color="black", linewidth=0.8)
        axes[0].set_xlabel(words.text("plan", "panel_gain", years=data.years))
    number_axis(axes[0].xaxis)
    _finish(figure, axes, data, order, words)
    return figure


def _begin(data: PlanData, n_district: int, n_panel: int, words: Wording) -> Figure:
    rows = -(-n_panel // 3)
    wide = min(n_panel, 3)
    height = rows * (1.2 + ROW * n_district) + 0.9
    footer = words.text("plan", "footer", run=data.run, fresh=data.fresh)
    return footed_figure(3.0 + 3.2 * wide, height, footer)


def _finish(
    figure: Figure, axes: Sequence[Axes], data: PlanData, order: Sequence[str], words: Wording
) -> None:
    """Name districts, draw zones, put the legend and the title."""
    for axis in axes:
        district_axis(axis, order, words)
    zone_lines(axes, data.districts, order)
    handles = {
        label: handle
        for axis in axes
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    if handles:
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower right", ncols=7, fontsize=8
        )
    figure.suptitle(words.text("plan", "figure", title=data.titles[words.lang]), fontsize=13)


def _stacked(
    axis: Axes, rows: pd.DataFrame, column: str, order: Sequence[str], words: Wording
) -> None:
    """Draw bars of what is added in each district, resource beside resource."""
    left = np.zeros(len(order))
    colours = dict(zip(kinds_of_resource(), COLOURS * 5, strict=False))
    for resource in rows["resource"].unique():
        sums = rows[rows["resource"] == resource].groupby("district")[column].sum()
        units = np.array([float(sums.get(name, 0.0)) for name in order])
        if units.any():
            name, colour = words.name("resource", str(resource)), colours[str(resource)]
            axis.barh(range(len(order)), units, left=left, height=0.7, color=colour, label=name)
        left += units
    number_axis(axis.xaxis)


def _shares(axis: Axes, rows: pd.DataFrame, order: Sequence[str], words: Wording) -> None:
    """Draw shares in time without and with the additions, and the target."""
    rows = rows.set_index("district").reindex(list(order))
    at = np.arange(len(order))
    before, after = (100 * rows[c].to_numpy(float) for c in ("share_before", "share_in_time"))
    low, high = (100 * rows[c].to_numpy(float) for c in ("in_time_low", "in_time_high"))
    target = 100 * rows["target_share"].to_numpy(float)
    colours = [SHORT if a < t else SURPLUS for a, t in zip(after, target, strict=True)]
    axis.hlines(at, before, after, color=GREY, linewidth=0.8)
    axis.hlines(at, low, high, color=colours, linewidth=2.2)
    axis.plot(
        before,
        at,
        "o",
        markersize=4,
        color="white",
        markeredgecolor=GREY,
        label=words.text("plan", "before"),
    )
    axis.scatter(after, at, s=16, color=colours, zorder=3, label=words.text("plan", "after"))
    axis.vlines(
        target,
        at - 0.5,
        at + 0.5,
        color="black",
        linewidth=1,
        linestyle=(0, (4, 2)),
        label=words.text("plan", "aim"),
    )
    axis.set_xlim(-2, 102)
    axis.set_xlabel("%")
