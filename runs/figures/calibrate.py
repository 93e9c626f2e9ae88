"""Draw what a calibration has learned: accepted values beside the prior, and pairs that go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from params.axes import FloatArray
from runs.figures.draw import figure_style, save_figures
from runs.figures.parts import BAND, GREY, SHORT, SURPLUS, footed_figure, number_axis, panels
from runs.texts.wording import Wording

FIGURES: Final = ("marginals", "pairs")
WIDTH, HEIGHT, HEAD = 3.1, 2.3, 0.9
"""Of a panel and of what titles and footer take, inches."""
COLUMNS: Final = 4
MOST: Final = 12
"""Panels; the assumptions of which most is learned come first."""
MOST_PAIRS: Final = 8
BINS: Final = 20
FINE: Final = 400
"""Quantiles that draw a prior."""


@dataclass(frozen=True)
class Learned:
    """One assumption.

    Attributes
    ----------
    called : what it is called in a panel's title.
    prior : ndarray, shape (`FINE`,), evenly spaced quantiles of its prior.
    accepted : ndarray, shape (set,); empty where no set is accepted.
    share : of the prior's variance that is gone; nan where no set is accepted.
    """

    called: str
    prior: FloatArray
    accepted: FloatArray
    share: float


@dataclass(frozen=True)
class GoTogether:
    """Two assumptions, as places among all."""

    first: int
    second: int
    correlation: float
    is_bound: bool


@dataclass(frozen=True)
class CalibrationData:
    """What the figures are drawn from."""

    name: str
    base: str
    assumptions: Sequence[Learned]
    pairs: Sequence[GoTogether]


def draw_calibration(data: CalibrationData, folder: Path, words: Wording) -> None:
    """Draw every figure into a folder, each file whole or not at all."""
    save_figures(
        FIGURES, lambda name: calibration_figure(name, data, words), folder, ("png", "svg")
    )


def calibration_figure(name: str, data: CalibrationData, words: Wording) -> Figure:
    """Return one of `FIGURES`."""
    with figure_style():
        return {"marginals": _marginals, "pairs": _pairs}[name](data, words)


def _marginals(data: CalibrationData, words: Wording) -> Figure:
    """Draw the prior and the accepted values of each assumption."""
    shown = sorted(data.assumptions, key=lambda one: -np.nan_to_num(one.share))[:MOST]
    figure, axes = _figure(len(shown), data, "marginals", words)
    for axis, one in zip(axes, shown, strict=True):
        bins = np.linspace(one.prior.min(), one.prior.max(), BINS + 1).tolist()
        label = words.column("prior")
        axis.hist(one.prior, bins, density=True, color=GREY, alpha=BAND, label=label)
        if len(one.accepted):
            label = words.column("accepted")
            axis.hist(one.accepted, bins, density=True, histtype="step", color=SURPLUS, label=label)
        told = "" if np.isnan(one.share) else f"  {one.share:.0%}"
        axis.set_title(f"{one.called}{told}")
        axis.set_yticks([])
        number_axis(axis.xaxis)
    if axes:
        axes[0].legend(fontsize=7)
    return figure


def _pairs(data: CalibrationData, words: Wording) -> Figure:
    """Draw accepted values of the pairs that go together most."""
    shown = sorted(data.pairs, key=lambda pair: -abs(pair.correlation))[:MOST_PAIRS]
    figure, axes = _figure(len(shown), data, "pairs", words)
    for axis, pair in zip(axes, shown, strict=True):
        first, second = data.assumptions[pair.first], data.assumptions[pair.second]
        colour = SHORT if pair.is_bound else SURPLUS
        axis.plot(first.accepted, second.accepted, ".", color=colour, markersize=2.5)
        _whole_priors(axis, first, second)
        axis.set_xlabel(first.called, fontsize=8)
        axis.set_ylabel(second.called, fontsize=8)
        axis.set_title(f"{pair.correlation:+.2f}".replace("-", "\N{MINUS SIGN}"))
    return figure


def _whole_priors(axis: Axes, first: Learned, second: Learned) -> None:
    """Let the axes show all that might have been."""
    axis.set_xlim(first.prior.min(), first.prior.max())
    axis.set_ylim(second.prior.min(), second.prior.max())
    number_axis(axis.xaxis)
    number_axis(axis.yaxis)


def _figure(
    count: int, data: CalibrationData, title: str, words: Wording
) -> tuple[Figure, list[Axes]]:
    """Start a figure of so many panels."""
    rows = max(1, -(-count // COLUMNS))
    width = WIDTH * min(max(count, 2), COLUMNS)
    footer = words.text("calibrate", "footer", name=data.name, base=data.base)
    figure = footed_figure(width, HEIGHT * rows + HEAD, footer)
    figure.suptitle(words.text("calibrate", title), fontsize=11)
    if count:
        return figure, panels(figure, count, COLUMNS)
    figure.text(0.5, 0.5, words.figure("no_data"), ha="center", color=GREY)
    return figure, []
