"""Draw a comparison: how a figure moves from scenario to scenario, and differences with intervals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from runs.figures.draw import figure_style, named_areas, save_figures
from runs.figures.parts import (
    GREY,
    SHORT,
    SURPLUS,
    district_axis,
    footed_figure,
    grid_of,
    number_axis,
    ordered_districts,
    panels,
    say_no_data,
    zone_lines,
)
from runs.figures.waterfall import LINE, colours_of, draw_steps
from runs.texts.shown import judged
from runs.texts.wording import Wording, gap_column

FIGURES: Final = ("waterfall", "by_scenario", "by_district")
WIDTH: Final = 4.4
"""Of a panel, inches; likewise below."""
ROW: Final = 0.42
"""Height of a scenario."""
DISTRICT_ROW: Final = 0.27
HEAD: Final = 1.9
"""What titles, legend and footer take."""
COLUMNS: Final = 3
MOST_PANELS: Final = 12
"""Scenarios drawn by district; more would fill a wall."""


@dataclass(frozen=True)
class ComparisonData:
    """The table that a comparison's figures are drawn from, with English columns and ids.

    `districts` has ``district, code, name_en, zone``.
    """

    table: pd.DataFrame
    districts: pd.DataFrame
    area_type: str
    area: str
    resource: str | None = None
    """The one that is drawn; None: all that are judged one by one."""
    measure: str | None = None
    """The one that is drawn; None: the gap by which a resource is judged."""
    zones: tuple[str, ...] = ()
    """Zones from the centre outwards."""

    @property
    def year(self) -> int:
        """Year that is drawn: the last one of the table."""
        return int(self.table["year"].max())

    @property
    def against(self) -> str:
        """Scenario that the others are set against."""
        return str(self.table["against"].iloc[0])

    @property
    def scenarios(self) -> dict[str, str]:
        """Titles of the others by their names, in order."""
        names = self.table[["scenario", "title"]].drop_duplicates("scenario")
        return dict(zip(names["scenario"], names["title"], strict=True))

    def chosen(self) -> dict[str, pd.DataFrame]:
        """Return the area's rows that are drawn, by resource: one measure of each."""
        table = self.table
        area = (table["area_type"] == self.area_type) & (table["district"] == self.area)
        rows = table[area & (table["year"] == self.year)]
        resources = [self.resource] if self.resource else judged(rows["resource"].unique())
        found = {}
        for resource in resources:
            mine = rows[rows["resource"] == resource]
            measure = self.measure or drawn_measure(list(mine["measure"].unique()), resource)
            if (mine["measure"] == measure).any():
                found[resource] = mine[mine["measure"] == measure]
        return found


def drawn_measure(measures: Collection[str], resource: str) -> str:
    """Return the gap by which a resource is judged, or what there is instead."""
    gap = gap_column(resource)
    return gap if gap in measures else next(iter(measures), gap)


def draw_comparison(
    data: ComparisonData, folder: Path, words: Wording, formats: Sequence[str] = ("png",)
) -> None:
    """Draw every figure into a folder, each file whole or not at all."""
    save_figures(FIGURES, lambda name: comparison_figure(name, data, words), folder, formats)


def comparison_figure(name: str, data: ComparisonData, words: Wording) -> Figure:
    """Return one of `FIGURES`."""
    drawings = {"waterfall": waterfall, "by_scenario": by_scenario, "by_district": by_district}
    with figure_style():
        return drawings[name](data, named_areas(words, data.districts))


def waterfall(data: ComparisonData, words: Wording) -> Figure:
    """Draw how a figure moves from the first scenario to each next one, a panel a resource."""
    chosen = data.chosen()
    last = list(data.scenarios)[-1]
    names = [data.against, *_labels(data), words.text("compare", "waterfall_end", last=last)]
    figure, axes = _figure(data, len(chosen), len(names), words)
    for axis, (resource, rows) in zip(axes, chosen.items(), strict=False):
        draw_steps(axis, rows)
        axis.set_title(_panel_title(resource, rows, words), linespacing=1.35)
    _name_rows(axes, names, bool(chosen), words)
    area = words.name("area", data.area)
    title = {"against": data.against, "last": last, "area": area, "year": data.year}
    figure.suptitle(words.text("compare", "waterfall_title", **title), fontsize=13)
    shown = [str(rows["measure"].iloc[0]) for rows in chosen.values()]
    colours = [colours_of(measure) for measure in shown] or [(SHORT, SURPLUS)]
    handles = [Patch(facecolor=GREY, label=words.text("compare", "level"))]
    for up, down in dict.fromkeys(colours):
        handles.append(Patch(facecolor=up, label=words.text("compare", "more")))
        handles.append(
            Patch(
                facecolor=down, hatch="////", edgecolor="white", label=words.text("compare", "less")
            )
        )
    said = words.text("compare", "whisker", against=data.against)
    whisker = Line2D([], [], color=LINE, linewidth=1.2, label=said)
    figure.legend(handles=[*handles, whisker], loc="outside lower right", ncols=4)
    return figure


def by_scenario(data: ComparisonData, words: Wording) -> Figure:
    """Draw one area's differences with their intervals, a panel a resource, a row a scenario."""
    chosen = data.chosen()
    names = list(data.scenarios)
    figure, axes = _figure(data, len(chosen), len(names), words)
    for axis, (resource, rows) in zip(axes, chosen.items(), strict=False):
        _dots(axis, rows.set_index("scenario").reindex(names))
        axis.set_title(_panel_title(resource, rows, words), linespacing=1.35)
    _name_rows(axes, _labels(data), bool(chosen), words)
    title = {"against": data.against, "area": words.name("area", data.area), "year": data.year}
    figure.suptitle(words.text("compare", "scenarios_title", **title), fontsize=13)
    _dot_legend(figure, words)
    return figure


def by_district(data: ComparisonData, words: Wording) -> Figure:
    """Draw the districts' differences with their intervals, a panel a scenario."""
    order = ordered_districts(data.districts, data.zones)
    rows = data.table[(data.table["area_type"] == "district") & (data.table["year"] == data.year)]
    resource = data.resource or next(iter(judged(rows["resource"].unique())), "bed_total")
    mine = rows[rows["resource"] == resource]
    measure = data.measure or drawn_measure(list(mine["measure"].unique()), resource)
    mine = mine[mine["measure"] == measure]
    scenarios = list(data.scenarios)[:MOST_PANELS]
    n_row, n_column = grid_of(len(scenarios), COLUMNS)
    height = HEAD + n_row * (DISTRICT_ROW * len(order) + 0.8)
    note = ""
    if len(scenarios) < len(data.scenarios):
        counts = {"shown": len(scenarios), "all": len(data.scenarios)}
        note = words.text("compare", "footer_some", **counts)
    figure = _footed(n_column, height, data, words, note)
    axes = list(figure.subplots(n_row, n_column, sharex=True, sharey=True, squeeze=False).flat)
    for axis in axes[len(scenarios) :]:
        axis.set_visible(False)
    unit = words.name("unit", str(mine["unit"].iloc[0])) if len(mine) else ""
    for axis, scenario, label in zip(axes, scenarios, _labels(data), strict=False):
        _dots(axis, mine[mine["scenario"] == scenario].set_index("district").reindex(order))
        axis.set_title(label)
        axis.tick_params(axis="y", length=0)
        axis.set_xlabel(words.text("compare", "axis", unit=unit))
        axis.tick_params(axis="x", labelbottom=True)
        if mine.empty:
            say_no_data(axis, words)
    district_axis(axes[0], order, words)
    zone_lines(axes[: len(scenarios)], data.districts, order)
    title = {
        "against": data.against,
        "resource": words.name("resource", resource),
        "measure": words.name("measure", measure),
        "year": data.year,
    }
    figure.suptitle(words.text("compare", "districts_title", **title), fontsize=13)
    _dot_legend(figure, words)
    return figure


def _figure(
    data: ComparisonData, count: int, n_row: int, words: Wording
) -> tuple[Figure, list[Axes]]:
    """Start a figure with a panel for each of so many resources and so many rows in each."""
    rows, columns = grid_of(count, COLUMNS)
    height = HEAD + rows * (ROW * n_row + 0.8)
    figure = _footed(columns, height, data, words)
    return figure, panels(figure, max(count, 1), COLUMNS)


def _footed(
    columns: int, height: float, data: ComparisonData, words: Wording, note: str = ""
) -> Figure:
    """Start a figure of so many panels beside one another, with its footer."""
    width = WIDTH * max(columns, 2)
    footer = _footer(data, words, note)
    # Beside the legend there is room for it on a wide figure only; else it stands above.
    return footed_figure(width, height, footer if columns >= COLUMNS else f"{footer}\n\n\n")


def _footer(data: ComparisonData, words: Wording, note: str = "") -> str:
    pairs = sorted(set(data.table["pairs"].astype(int)))
    said = str(pairs[0]) if len(pairs) == 1 else f"{pairs[0]}–{pairs[-1]}"
    footer = words.text("compare", "footer", against=data.against, pairs=said)
    return f"{footer} · {note}" if note else footer


def _labels(data: ComparisonData) -> list[str]:
    """Return names of the scenarios, with their titles under them where they say more."""
    named = data.scenarios.items()
    return [name if title in ("", name) else f"{name}\n{title}" for name, title in named]


def _name_rows(axes: Sequence[Axes], names: Sequence[str], any_rows: bool, words: Wording) -> None:
    """Name the rows of the panels at the left of each line of panels."""
    _, columns = grid_of(len(axes), COLUMNS)
    for k, axis in enumerate(axes):
        axis.set_yticks(range(len(names)), names if k % columns == 0 else [""] * len(names))
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.tick_params(axis="y", length=0)
        axis.grid(visible=True, axis="x")
        if not any_rows:
            say_no_data(axis, words)


def _panel_title(resource: str, rows: pd.DataFrame, words: Wording) -> str:
    return words.text(
        "compare",
        "panel",
        resource=words.name("resource", resource),
        measure=words.name("measure", str(rows["measure"].iloc[0])),
        unit=words.name("unit", str(rows["unit"].iloc[0])),
    )


def _dots(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw a difference a row with its interval: filled where the interval leaves 0 out."""
    places = np.arange(len(rows))
    difference, low, high = rows[["difference", "low", "high"]].to_numpy(float).T
    axis.axvline(0, color="black", linewidth=0.8)
    axis.hlines(places, low, high, color=LINE, linewidth=1.4)
    apart = (low > 0) | (high < 0)
    known = np.isfinite(low)
    for chosen, face in ((apart, SURPLUS), (known & ~apart, "white")):
        axis.plot(difference[chosen], places[chosen], "o", color=SURPLUS, markerfacecolor=face)
    axis.plot(difference[~known], places[~known], "x", color=GREY)
    number_axis(axis.xaxis)
    axis.grid(visible=True, axis="x")


def _dot_legend(figure: Figure, words: Wording) -> None:
    handles = [
        Line2D(
            [],
            [],
            marker=marker,
            linestyle="",
            color=colour,
            markerfacecolor=face,
            label=words.text("compare", key),
        )
        for marker, key, colour, face in (
            ("o", "apart", SURPLUS, SURPLUS),
            ("o", "unsure", SURPLUS, "white"),
            ("x", "exact", GREY, GREY),
        )
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=3)
