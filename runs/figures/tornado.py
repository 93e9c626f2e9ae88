"""Draw a tornado: the assumptions that move a figure most, the strongest on top, a panel a resource."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from runs.figures.draw import figure_style, named_areas, save_figures
from runs.figures.parts import GREY, SHORT, SURPLUS, footed_figure, grid_of, number_axis, panels
from runs.figures.waterfall import LINE
from runs.texts.effects import Row, figures_in, name_of, say_at, title_of
from runs.texts.wording import Wording

NAMES: Final = ("tornado",)
MOST_PANELS: Final = 6
COLUMNS: Final = 2
WIDTH: Final = 7.2
"""Of a panel, inches; likewise below."""
ROW: Final = 0.36
HEAD: Final = 1.5
BAR: Final = 0.7
"""Of a row."""
LINE_LENGTH: Final = 36
"""Letters of a line of an assumption's name, of which there are two at most."""
NEAR: Final = 1.2
"""A gap's zero is drawn where it lies at most so many times as far out as the longest bar."""
HATCH: Final = "////"


@dataclass(frozen=True)
class TornadoData:
    """What a tornado is drawn from: a table of `yanglao sensitivity`, with English columns and ids.

    `districts` has ``district, name_en``.
    """

    table: pd.DataFrame
    districts: pd.DataFrame
    name: str
    draws: int
    most: int
    """Assumptions that are drawn."""

    @property
    def figures(self) -> list[pd.DataFrame]:
        """The figures of the first area and year, a panel each."""
        first = self.table.iloc[0]
        same = self.table["district"].eq(first["district"]) & self.table["year"].eq(first["year"])
        return [rows.head(self.most) for rows in figures_in(self.table[same])][:MOST_PANELS]

    @property
    def method(self) -> str:
        """``prcc``, ``rank``, ``morris`` or ``sobol``."""
        return str(self.table["method"].iloc[0])


def draw_tornado(data: TornadoData, folder: Path, words: Wording) -> None:
    """Draw the tornado into a folder as PNG and SVG, each file whole or not at all."""
    save_figures(NAMES, lambda _: tornado(data, words), folder, ("png", "svg"))


def tornado(data: TornadoData, words: Wording) -> Figure:
    """Return the figure."""
    with figure_style():
        return _tornado(data, named_areas(words, data.districts))


def _tornado(data: TornadoData, words: Wording) -> Figure:
    shown = data.figures
    n_row, n_column = grid_of(len(shown), COLUMNS)
    height = HEAD + n_row * (ROW * max(map(len, shown)) + 1.1)
    is_study = data.method in ("morris", "sobol")
    footer = words.text(
        "sensitivity",
        "footer_study" if is_study else "footer",
        **({"name": data.name} if is_study else {"name": data.name, "n": data.draws}),
    )
    figure = footed_figure(WIDTH * n_column, height, f"{footer}\n\n")
    for axis, rows in zip(panels(figure, len(shown), COLUMNS), shown, strict=True):
        _PANELS[data.method](axis, rows, words)
        axis.set_title(title_of(rows, words, "panel" if "mean" in rows else "panel_plain"))
        names = [_label(row) for row in rows.to_dict("records")]
        axis.set_yticks(range(len(rows)), names, fontsize=8)
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.tick_params(axis="y", length=0)
        axis.axvline(0, color="black", linewidth=0.8)
        number_axis(axis.xaxis)
        axis.grid(visible=True, axis="x")
    first = shown[0].iloc[0]
    title = {"area": words.name("area", first["district"]), "year": first["year"]}
    figure.suptitle(words.text("sensitivity", "tornado_title", **title), fontsize=13)
    figure.legend(handles=_handles(data.method, words), loc="outside lower right", ncols=4)
    return figure


def _label(row: Row) -> str:
    """Return the name of an assumption on one line or two."""
    return "\n".join(wrap(name_of(row), LINE_LENGTH, max_lines=2, placeholder=" …"))


def _observed(axis: Axes, rows: pd.DataFrame, words: Wording) -> None:
    """Draw what the figure is at both ends of an assumption, as differences from its mean."""
    mean = float(rows["mean"].iloc[0])
    ends = {column: rows[column].to_numpy(float) - mean for column in ("figure_low", "figure_high")}
    reach = max(float(np.abs(list(ends.values())).max()), 1e-9)
    for (column, apart), colour, hatch in zip(
        ends.items(), (SURPLUS, SHORT), (HATCH, ""), strict=True
    ):
        axis.barh(
            range(len(rows)), apart, height=BAR, color=colour, hatch=hatch, edgecolor="white", linewidth=0
        )  # fmt: skip
        value = "at_low" if column == "figure_low" else "at_high"
        for place, (row, at) in enumerate(zip(rows.to_dict("records"), apart, strict=True)):
            axis.annotate(
                say_at(row, value, words),
                (at, place),
                xytext=(4 if at >= 0 else -4, 0),
                textcoords="offset points",
                ha="left" if at >= 0 else "right",
                va="center",
                fontsize=7,
            )
    low, high = -reach, reach
    if rows["closes"].iloc[0] and abs(mean) <= NEAR * reach:
        axis.axvline(-mean, color=GREY, linewidth=1.2, linestyle=(0, (4, 2)))
        low, high = min(low, -mean), max(high, -mean)
    room = 0.3 * (high - low)
    axis.set_xlim(low - room, high + room)
    unit = words.name("unit", str(rows["unit"].iloc[0]))
    axis.set_xlabel(words.text("sensitivity", "axis", unit=unit))


def _screened(axis: Axes, rows: pd.DataFrame, words: Wording) -> None:
    """Draw sizes of effects with their intervals, and signed means as marks."""
    _sized(axis, rows, ("effect_size", "effect_low", "effect_high"))
    axis.plot(rows["effect_mean"], range(len(rows)), "D", color=LINE, markersize=4)
    unit = words.name("unit", str(rows["unit"].iloc[0]))
    axis.set_xlabel(words.text("sensitivity", "axis_morris", unit=unit))


def _indexed(axis: Axes, rows: pd.DataFrame, words: Wording) -> None:
    """Draw total indices with their intervals, and first-order ones as marks."""
    _sized(axis, rows, ("total_index", "total_low", "total_high"))
    axis.plot(rows["first_index"], range(len(rows)), "D", color=LINE, markersize=4)
    axis.set_xlabel(words.text("sensitivity", "axis_sobol"))


def _sized(axis: Axes, rows: pd.DataFrame, columns: tuple[str, str, str]) -> None:
    size, low, high = (rows[column].to_numpy(float) for column in columns)
    places = range(len(rows))
    axis.barh(places, size, height=BAR, color=SURPLUS)
    axis.hlines(places, low, high, color=LINE, linewidth=1.4)


_PANELS: Final = {"prcc": _observed, "rank": _observed, "morris": _screened, "sobol": _indexed}


def _handles(method: str, words: Wording) -> list[Patch | Line2D]:
    def said(key: str) -> str:
        return words.text("sensitivity", key)

    if method not in ("morris", "sobol"):
        low = Patch(facecolor=SURPLUS, hatch=HATCH, edgecolor="white", label=said("bar_low"))
        zero = Line2D([], [], color=GREY, linestyle=(0, (4, 2)), label=said("closing_line"))
        return [low, Patch(facecolor=SHORT, label=said("bar_high")), zero]
    bar, mark = ("bar_size", "mark_mean") if method == "morris" else ("bar_total", "mark_first")
    return [
        Patch(facecolor=SURPLUS, label=said(bar)),
        Line2D([], [], color=LINE, linewidth=1.4, label=said("whisker")),
        Line2D([], [], color=LINE, marker="D", linestyle="", markersize=4, label=said(mark)),
    ]
