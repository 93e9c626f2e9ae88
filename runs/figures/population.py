"""Draw a projection: the city's pyramid, its elders to the horizon, and elders by district."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from params.axes import BASES, CITY, N_AGE, SEXES, FloatArray
from runs.figures.draw import figure_style, named_areas, save_figures
from runs.figures.parts import (
    GREY,
    SHORT,
    SURPLUS,
    THIRD,
    district_axis,
    number_axis,
    ordered_districts,
    scaled_unit,
    start_at_zero,
    zone_lines,
)
from runs.texts.wording import Wording, say_number

FIGURES: Final = ("pyramid", "elders_fan", "elders_by_district")
COLOURS: Final = dict(zip(BASES, (SURPLUS, THIRD), strict=True))
FAN_MEASURES: Final = ("60+", "80+")
FAN_SHARES: Final = (95, 80, 50)
"""Middle share of draws in each band, widest first."""
FAN_SHADES: Final = (0.16, 0.22, 0.30)
PYRAMID_BAND: Final = (5, 95)
FIRST_COLOUR: Final = "#bdbdbd"
YEAR_STEPS: Final = (1, 2, 5, 10)
MOST_YEAR_TICKS: Final = 8


@dataclass(frozen=True)
class PopulationData:
    """What the figures of a projection are drawn from.

    Attributes
    ----------
    table : the long table, persons.
    first_pyramid, last_pyramid : ndarray, shape (basis, sex, age), mean of base and last year, the city.
    pyramid_band : ndarray, shape (2, basis, sex, age), ends of the last year's interval.
    bands : ndarray, shape (share, end, year, basis, measure), of `FAN_SHARES` and `FAN_MEASURES`, the
        city; without intervals both ends lie on the mean.
    """

    years: range
    table: pd.DataFrame
    first_pyramid: FloatArray
    last_pyramid: FloatArray
    pyramid_band: FloatArray
    bands: FloatArray
    plan: pd.DataFrame
    districts: pd.DataFrame
    run: str
    draws: int
    zones: tuple[str, ...] = ()
    """Zones from the centre outwards."""

    @property
    def bases(self) -> list[str]:
        """Populations that are counted, in the order of every basis axis here."""
        found = set(self.table["basis"])
        return [basis for basis in BASES if basis in found]

    @property
    def intervals(self) -> bool:
        """Tell whether there are draws to take intervals from."""
        return self.draws > 1


def draw_population(
    data: PopulationData, folder: Path, words: Wording, formats: Sequence[str] = ("png", "svg")
) -> None:
    """Draw every figure into a folder, each file whole or not at all."""
    save_figures(FIGURES, lambda name: population_figure(name, data, words), folder, formats)


def population_figure(name: str, data: PopulationData, words: Wording) -> Figure:
    """Return one of `FIGURES`."""
    drawings = {"pyramid": pyramid, "elders_fan": elders_fan, "elders_by_district": by_district}
    with figure_style():
        return drawings[name](data, named_areas(words, data.districts))


def pyramid(data: PopulationData, words: Wording) -> Figure:
    """Draw the city by single age and sex, base year filled and last year as a line with its band."""
    figure = _new_figure(13.0, 7.4, data, words, "footer_interval")
    axes = figure.subplots(1, len(data.bases), sharey=True, squeeze=False)[0]
    both = np.concatenate([data.first_pyramid, data.pyramid_band[1], data.last_pyramid])
    scale, unit = scaled_unit(float(both.max()), "persons", words)
    for b, (basis, axis) in enumerate(zip(data.bases, axes, strict=True)):
        largest = float(both[b :: len(data.bases)].max()) / scale
        for s, side in enumerate((-1.0, 1.0)):
            _pyramid_side(axis, data, (b, s), side / scale, COLOURS[basis])
            said = words.name("sex", SEXES[s])
            at = 0.5 + side * 0.46
            axis.text(at, 0.985, said, transform=axis.transAxes, ha="center", va="top", size=11)
        axis.set_xlim(-1.08 * largest, 1.08 * largest)
        axis.set_title(words.name("basis", basis), fontsize=11)
        axis.set_xlabel(words.text("project", "pyramid_axis", unit=unit))
        _pyramid_axes(axis)
        axis.legend(handles=_pyramid_legend(data, basis, words), loc="lower right", fontsize=8)
    axes[0].set_ylabel(words.text("project", "pyramid_age"))
    axes[0].set_ylim(-0.5, N_AGE - 0.5)
    _title(figure, data, words, "pyramid_title")
    return figure


def elders_fan(data: PopulationData, words: Wording) -> Figure:
    """Draw the city's 60+ and 80+ with bands of 50, 80 and 95 % of draws, and the plan's numbers."""
    figure = _new_figure(12.0, 7.6, data, words, "footer_fan")
    axes = figure.subplots(len(FAN_MEASURES), len(data.bases), sharey="row", squeeze=False)
    for m, measure in enumerate(FAN_MEASURES):
        scale, unit = scaled_unit(float(data.bands[..., m].max()), "persons", words)
        for b, basis in enumerate(data.bases):
            axis = axes[m, b]
            _fan(axis, data, (b, m), scale)
            _plan_marks(axis, data, (basis, measure), scale, words)
            said = words.name("basis", basis), words.name("measure", measure)
            title = words.text("project", "fan_panel", basis=said[0], measure=said[1], unit=unit)
            axis.set_title(title)
            axis.set_xticks(_year_ticks(data.years))
            axis.grid(axis="y")
        start_at_zero(axes[m, 0])
        number_axis(axes[m, 0].yaxis)
    figure.legend(handles=_fan_legend(data, words), loc="outside upper right", ncols=5)
    _title(figure, data, words, "fan_title")
    return figure


def by_district(data: PopulationData, words: Wording) -> Figure:
    """Show 60+ and 80+ of every district in base and last year, with 5-95 % whiskers."""
    figure = _new_figure(14.0, 6.8, data, words, "footer_interval")
    panels = [(basis, measure) for measure in FAN_MEASURES for basis in data.bases]
    axes = figure.subplots(1, len(panels), sharey=True, gridspec_kw={"wspace": 0.05})
    order = ordered_districts(data.districts, data.zones)
    for axis, (basis, measure) in zip(axes, panels, strict=True):
        rows = data.table.query(
            "area_type == 'district' and basis == @basis and measure == @measure"
        )
        scale, unit = scaled_unit(float(rows["mean"].max()), "persons", words)
        for year, shift, colour in _two_years(data, COLOURS[basis]):
            found = rows[rows["year"] == year].set_index("district").loc[order]
            _whiskers(axis, found[["mean", "p05", "p95"]] / scale, shift, colour)
        said = words.name("basis", basis), words.name("measure", measure)
        title = words.text("project", "fan_panel", basis=said[0], measure=said[1], unit=unit)
        axis.set_title(title, fontsize=9.5)
        axis.set_xlim(left=0)
        axis.grid(axis="x")
        axis.tick_params(axis="y", length=0)
        number_axis(axis.xaxis)
    district_axis(axes[0], order, words)
    zone_lines(axes, data.districts, order)
    figure.legend(handles=_district_legend(data, words), loc="outside upper right", ncols=4)
    _title(figure, data, words, "district_title")
    return figure


def _new_figure(
    width: float, height: float, data: PopulationData, words: Wording, note: str
) -> Figure:
    """Start a figure with its footer: run, draws, and what its intervals are."""
    figure = Figure(figsize=(width, height), layout="constrained")
    kind = "footer" if data.draws else "footer_default"
    footer = words.text("project", kind, run=data.run, draws=f"{data.draws:,}")
    if data.intervals:
        footer = f"{footer} · {words.text('project', note)}"
    figure.supxlabel(footer, x=0.01, ha="left", fontsize=8, color=GREY)
    return figure


def _title(figure: Figure, data: PopulationData, words: Wording, key: str) -> None:
    text = words.text("project", key, first=data.years[0], last=data.years[-1])
    figure.suptitle(text, fontsize=13, x=0.01, ha="left")


def _pyramid_side(
    axis: Axes, data: PopulationData, cell: tuple[int, int], factor: float, colour: str
) -> None:
    """Draw one sex of one basis; `factor` is negative for the left side."""
    edges = np.arange(N_AGE + 1) - 0.5
    first, last = data.first_pyramid[cell] * factor, data.last_pyramid[cell] * factor
    axis.stairs(first, edges, orientation="horizontal", fill=True, color=FIRST_COLOUR)
    if data.intervals:
        low, high = (end[cell] * factor for end in data.pyramid_band)
        axis.stairs(
            high, edges, baseline=low, orientation="horizontal", fill=True, color=colour, alpha=0.35
        )
    # Without its baseline, or the line would close along the middle axis.
    axis.stairs(last, edges, baseline=None, orientation="horizontal", color=colour, linewidth=1.3)


def _pyramid_axes(axis: Axes) -> None:
    axis.axvline(0, color="black", linewidth=0.8)
    axis.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 2, 5, 10], symmetric=True))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,g}"))
    axis.set_yticks(range(0, N_AGE, 10))
    axis.grid(axis="both")


def _pyramid_legend(data: PopulationData, basis: str, words: Wording) -> list[Patch | Line2D]:
    def say(key: str, at: int) -> str:
        return words.text("project", key, year=data.years[at])

    colour = COLOURS[basis]
    handles: list[Patch | Line2D] = [
        Patch(color=FIRST_COLOUR, label=say("pyramid_first", 0)),
        Line2D([], [], color=colour, label=say("pyramid_last", -1)),
    ]
    if data.intervals:
        handles.append(Patch(color=colour, alpha=0.35, label=say("pyramid_band", -1)))
    return handles


def _fan(axis: Axes, data: PopulationData, cell: tuple[int, int], scale: float) -> None:
    """Draw the bands, widest first, and the mean."""
    basis, measure = data.bases[cell[0]], FAN_MEASURES[cell[1]]
    city = data.table[(data.table["district"] == CITY) & (data.table["basis"] == basis)]
    colour = COLOURS[basis]
    if data.intervals:
        for (low, high), shade in zip(data.bands[..., cell[0], cell[1]], FAN_SHADES, strict=True):
            axis.fill_between(
                data.years, low / scale, high / scale, color=colour, alpha=shade, linewidth=0
            )
    mean = city[city["measure"] == measure].sort_values("year")["mean"]
    axis.plot(data.years, mean / scale, color=colour, linewidth=1.8)


def _year_ticks(years: range) -> list[int]:
    """Return round years, not more than fit."""
    step = next(s for s in YEAR_STEPS if len(years) / s <= MOST_YEAR_TICKS)
    return [year for year in years if year % step == 0]


def _plan_marks(
    axis: Axes, data: PopulationData, series: tuple[str, str], scale: float, words: Wording
) -> None:
    """Mark what the plan foresees; a triangle is a lower bound."""
    known = (data.plan["basis"] == series[0]) & (data.plan["measure"] == series[1])
    for _, row in data.plan[known].iterrows():
        value = float(row["value"]) / scale
        more = row["operator"] == ">"
        axis.plot(int(row["target_year"]), value, "^" if more else "D", color=SHORT, markersize=6)
        text = words.text("project", "plan_more" if more else "plan_about", value=say_number(value))
        axis.annotate(
            text,
            (int(row["target_year"]), value),
            xytext=(7, -11),
            textcoords="offset points",
            color=SHORT,
            size=8,
        )


def _fan_legend(data: PopulationData, words: Wording) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = [
        Line2D([], [], color=GREY, linewidth=1.8, label=words.text("project", "fan_mean"))
    ]
    if data.intervals:
        shade = 1.0
        shades = []
        for alpha in FAN_SHADES:  # Bands lie over each other: the legend shows what the eye sees.
            shade *= 1.0 - alpha
            shades.append(1.0 - shade)
        for share, alpha in list(zip(FAN_SHARES, shades, strict=True))[::-1]:
            label = words.text("project", "fan_band", share=share)
            handles.append(Patch(facecolor=GREY, alpha=alpha, linewidth=0, label=label))
    if len(data.plan):
        year = int(data.plan["target_year"].iloc[0])
        label = words.text("project", "fan_plan", year=year)
        handles.append(Line2D([], [], color=SHORT, marker="^", linestyle="", label=label))
    return handles


def _two_years(data: PopulationData, colour: str) -> list[tuple[int, float, str]]:
    """Return base and last year with their place beside a district's line, and colours."""
    return [(data.years[0], -0.17, GREY), (data.years[-1], 0.17, colour)]


def _whiskers(axis: Axes, rows: pd.DataFrame, shift: float, colour: str) -> None:
    places = np.arange(len(rows)) + shift
    if rows["p05"].notna().all():  # Lines between nothing would leave the axis limits to chance.
        axis.hlines(places, rows["p05"], rows["p95"], color=colour, linewidth=2.2, alpha=0.55)
    axis.plot(rows["mean"], places, "o", color=colour, markersize=4)


def _district_legend(data: PopulationData, words: Wording) -> list[Line2D]:
    dot = {"marker": "o", "linestyle": "", "markersize": 5}
    first = words.text("project", "district_first", year=data.years[0])
    handles = [Line2D([], [], color=GREY, label=first, **dot)]  # type: ignore[arg-type]
    for basis in data.bases:
        colour = COLOURS[basis]
        last = words.text("project", "district_last", year=data.years[-1])
        label = f"{last}（{words.name('basis', basis)}）" if words.lang == "zh" else ""
        label = label or f"{last} ({words.name('basis', basis)})"
        handles.append(Line2D([], [], color=colour, label=label, **dot))  # type: ignore[arg-type]
    if data.intervals:
        text = words.text("project", "district_interval")
        handles.append(Line2D([], [], color=GREY, linewidth=2.2, alpha=0.55, label=text))
    return handles
