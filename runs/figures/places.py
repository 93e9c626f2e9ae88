"""Draw where: flows between districts, and the districts' elders and gaps as tiles."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from params.names import members_of
from runs.figures.data import FigureData
from runs.figures.parts import (
    SHORT,
    SURPLUS,
    THIRD,
    district_axis,
    draw_band,
    first_of,
    new_figure,
    number_axis,
    ordered_districts,
    scaled_unit,
    tidy_years,
    years_of,
    zone_edges,
    zone_lines,
)
from runs.texts.wording import Wording, gap_column, say_number

MORE: Final = LinearSegmentedColormap.from_list("more", ["#f4f6f8", "#7fb3d5", "#0b3c5d"])
BALANCE: Final = LinearSegmentedColormap.from_list("balance", [SURPLUS, "#f7f7f7", SHORT])


def flow_matrix(data: FigureData, words: Wording) -> Figure:
    """Show how many residents of each district live in each other one, by zone."""
    year = years_of(data.shortfall)[1]
    figure = new_figure(12.5, 8.6, data, words, _error_note(data.flows, year, words))
    axis, share_axis = figure.subplots(1, 2, width_ratios=(4, 1))
    order = ordered_districts(data.districts, data.zones)
    beds = data.flows[
        (data.flows["year"] == year) & data.flows["resource"].isin(members_of("bed_total"))
    ]
    residents = _matrix(beds, "residents", order)
    np.fill_diagonal(residents, np.nan)
    largest = float(np.nanmax(residents, initial=1.0))
    image = axis.imshow(residents, cmap=MORE, vmin=0.0, vmax=largest, aspect="auto")
    axis.set_facecolor("#d9d9d9")
    for (row, column), count in np.ndenumerate(residents):
        if count > 0.5:  # what is written as a whole number
            shade = "white" if count > 0.55 * largest else "black"
            axis.text(column, row, f"{count:.0f}", ha="center", va="center", color=shade, size=7)
    names = [words.name("area", place) for place in order]
    axis.set_xticks(range(len(order)), names, rotation=90)
    axis.set_xlabel(words.figure("flow_destination"))
    axis.set_ylabel(words.figure("flow_origin"))
    district_axis(axis, order, words)
    zone_lines([axis], data.districts, order)
    for edge in zone_edges(data.districts, order):
        axis.axvline(edge, color="black", linewidth=1.2)
    _outside_bars(share_axis, _matrix(beds, "placed", order), words)
    share_axis.set_ylim(axis.get_ylim())
    bar = figure.colorbar(image, ax=axis, label=words.figure("flow_residents"), shrink=0.7)
    # On its right the label would stand among the ticks of the bars beside it.
    bar.ax.yaxis.set_label_position("left")
    number_axis(bar.ax.yaxis)
    figure.suptitle(words.figure("flow_title", year=year), fontsize=13)
    return figure


def population(data: FigureData, words: Wording) -> Figure:
    """Show 60+ and 80+ of the city with bands, and the districts' growth and bed gap as tiles."""
    figure = new_figure(13.0, 9.2, data, words)
    axes = figure.subplots(2, 2, width_ratios=(1, 1.15))
    first, last = years_of(data.population)
    for axis, measure in zip(axes[:, 0], ("60+", "80+"), strict=True):
        _population_panel(axis, data.population, measure, words)
        tidy_years(axis, first, last)
    growth = _growth(data, first, last)
    axes[0, 1].set_title(
        words.figure("pop_growth", basis=words.name("basis", data.basis), first=first, last=last)
    )
    _tiles(axes[0, 1], data.districts, growth, "%", words, MORE)
    gap = gap_column("bed_total")
    year = years_of(data.shortfall)[1]
    rows = data.shortfall.query(
        "area_type == 'district' and resource == 'bed_total' and year == @year"
    )
    rows = rows.set_index("district")
    errors = rows.get(f"{gap}_mc_error")
    _tiles(axes[1, 1], data.districts, rows[gap], "", words, BALANCE, errors)
    axes[1, 1].set_title(
        words.figure(
            "pop_gap",
            resource=words.name("resource", "bed_total"),
            gap=words.column(gap),
            unit=words.name("unit", first_of(rows["unit"])),
            year=year,
        )
    )
    figure.suptitle(words.figure("pop_title", first=first, last=last), fontsize=13)
    return figure


def _error_note(flows: pd.DataFrame, year: int, words: Wording) -> str:
    """Say how large the Monte Carlo error of a cell of the matrix is at most, if it is known."""
    if "residents_mc_error" in flows:
        cells = flows[(flows["year"] == year) & (flows["resource"] == "bed_total")]
        apart = cells[cells["origin"] != cells["destination"]]
        largest = float(apart["residents_mc_error"].max())
        if np.isfinite(largest):
            return words.figure("footer_error", error=say_number(largest, 1))
    return words.figure("footer_mean")


def _outside_bars(axis: Axes, placed: np.ndarray, words: Wording) -> None:
    """Draw each origin's share of placements that went to another district."""
    total = placed.sum(axis=1)
    share = np.divide(
        total - np.diag(placed), total, out=np.full(len(total), np.nan), where=total > 0
    )
    axis.barh(range(len(share)), 100 * share, color=SHORT, alpha=0.85, height=0.7)
    for place, value in enumerate(share):
        if np.isfinite(value):
            axis.text(100 * value + 1, place, f"{100 * value:.0f}%", va="center", size=8)
    axis.set_yticks([])
    axis.set_xlim(0, max(10.0, 118.0 * float(np.nanmax(share, initial=0.05))))
    axis.set_xlabel("%")
    axis.set_title(words.figure("flow_share"), fontsize=9)


def _population_panel(axis: Axes, population: pd.DataFrame, measure: str, words: Wording) -> None:
    rows = population.query("area_type == 'city' and measure == @measure")
    largest = float(rows["mean"].max()) if len(rows) else 0.0
    scale, label = scaled_unit(largest, "persons", words)
    decimals = 1 if scale > 1 else 0
    for basis, colour in (("resident", SURPLUS), ("registered", THIRD)):
        course = rows[rows["basis"] == basis].sort_values("year").rename(columns={"year": "time"})
        if draw_band(axis, course, colour, scale):
            end = course.iloc[-1]
            axis.annotate(
                f"{words.name('basis', basis)}\n{say_number(end['mean'] / scale, decimals)}",
                (end["time"], end["mean"] / scale),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=colour,
            )
    axis.set_title(words.figure("pop_panel", measure=words.name("measure", measure), unit=label))
    axis.margins(x=0.16)
    number_axis(axis.yaxis)
    axis.grid(axis="y")


def _tiles(
    axis: Axes,
    districts: pd.DataFrame,
    values: pd.Series,
    unit: str,
    words: Wording,
    colours: Colormap,
    errors: pd.Series | None = None,
) -> None:
    """Draw one tile a district at its place in the grid, coloured and labelled by its value and error."""
    norm = _norm(values.reindex(districts["district"]).dropna().to_numpy(float), colours)
    places = districts[["district", "tile_col", "tile_row"]]
    for place, column, line in places.itertuples(index=False, name=None):
        value = float(values.get(place, np.nan))
        known = np.isfinite(value)
        colour = colours(norm(value)) if known else (0.85, 0.85, 0.85, 1.0)
        x, y = float(column), float(line)
        axis.add_patch(Rectangle((x + 0.03, y + 0.03), 0.94, 0.94, facecolor=colour))
        said = say_number(value, sign="+") + unit if known else "—"
        text = f"{words.name('area', place)}\n{said}"
        error = np.nan if errors is None else float(errors.get(place, np.nan))
        text += f"\n±{say_number(error)}" if np.isfinite(error) else ""
        dark = sum(w * c for w, c in zip((0.3, 0.59, 0.11), colour[:3], strict=True)) < 0.55
        shade = "white" if dark else "black"
        axis.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=shade, size=8.5)
    axis.set_xlim(districts["tile_col"].min(), districts["tile_col"].max() + 1)
    axis.set_ylim(districts["tile_row"].max() + 1, districts["tile_row"].min())
    axis.set_axis_off()


def _norm(values: np.ndarray, colours: Colormap) -> Normalize:
    """Spread colours over the values; shortage and surplus get the same strength."""
    if values.size == 0:
        return Normalize(0.0, 1.0)
    if colours is BALANCE:
        largest = max(float(np.abs(values).max()), 1.0)
        return Normalize(-largest, largest)
    return Normalize(min(float(values.min()), 0.0), max(float(values.max()), 1.0))


def _growth(data: FigureData, first: int, last: int) -> pd.Series:
    rows = data.population.query(
        "area_type == 'district' and measure == '80+' and basis == @data.basis"
    )
    by_year = rows.pivot_table(index="district", columns="year", values="mean")
    return 100.0 * (by_year[last] / by_year[first] - 1.0)


def _matrix(flows: pd.DataFrame, value: str, order: list[str]) -> np.ndarray:
    table = flows.pivot_table(index="origin", columns="destination", values=value, aggfunc="sum")
    return table.reindex(index=order, columns=order).fillna(0.0).to_numpy(float).copy()
