"""Draw what a calibration has learned: accepted values beside the prior, and pairs that go together."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runs.figures.draw import figure_style, save_figures
from runs.figures.parts import BAND, GREY, SHORT, SURPLUS, footed_figure, number_axis, panels
from runs.texts.wording import Wording

if TYPE_CHECKING:
    from runs.studies.calibrate.study import Calibrated

FIGURES: Final = ("marginals", "pairs")
WIDTH, HEIGHT, HEAD = 3.1, 2.3, 0.9
"""Of a panel and of what titles and footer take, inches."""
COLUMNS: Final = 4
MOST: Final = 12
"""Panels; the assumptions of which most is learned come first."""
BINS: Final = 20
FINE: Final = 400
"""Quantiles that draw the prior."""


def draw_calibration(found: "Calibrated", folder: Path, words: Wording) -> None:
    """Draw every figure into a folder, each file whole or not at all."""
    save_figures(
        FIGURES, lambda name: calibration_figure(name, found, words), folder, ("png", "svg")
    )


def calibration_figure(name: str, found: "Calibrated", words: Wording) -> Figure:
    """Return one of `FIGURES`."""
    with figure_style():
        return {"marginals": _marginals, "pairs": _pairs}[name](found, words)


def _marginals(found: "Calibrated", words: Wording) -> Figure:
    """Draw the prior and the accepted values of each assumption."""
    learned = {m.input: m.learned for m in found.marginals}
    order = sorted(range(len(found.chosen)), key=lambda k: -learned.get(found.chosen[k], 0.0))
    figure, axes = _figure(min(len(order), MOST), found, "marginals", words)
    for axis, k in zip(axes, order, strict=False):
        parameter = found.parameters[k]
        prior = parameter.values((np.arange(FINE) + 0.5) / FINE)
        bins = np.linspace(prior.min(), prior.max(), BINS + 1)
        axis.hist(
            prior, bins=bins, density=True, color=GREY, alpha=BAND, label=words.column("prior")
        )
        if len(found.sets):
            label = words.column("accepted")
            axis.hist(
                found.sets[:, k],
                bins=bins,
                density=True,
                histtype="step",
                color=SURPLUS,
                label=label,
            )
        share = learned.get(found.chosen[k])
        told = "" if share is None else f"  {share:.0%}"
        axis.set_title(f"{_called(found, k, words)}{told}")
        axis.set_yticks([])
        number_axis(axis.xaxis)
    if axes:
        axes[0].legend(fontsize=7)
    return figure


def _pairs(found: "Calibrated", words: Wording) -> Figure:
    """Draw accepted values of the pairs that go together most."""
    place = {k: column for column, k in enumerate(found.chosen)}
    shown = sorted(found.pairs, key=lambda p: -abs(p.correlation))[: MOST // 2]
    figure, axes = _figure(len(shown), found, "pairs", words)
    for axis, pair in zip(axes, shown, strict=False):
        first, second = place[pair.first], place[pair.second]
        colour = SHORT if pair.is_bound else SURPLUS
        axis.plot(found.sets[:, first], found.sets[:, second], ".", color=colour, markersize=2.5)
        _ends(axis, found, first, second)
        axis.set_xlabel(_called(found, first, words), fontsize=8)
        axis.set_ylabel(_called(found, second, words), fontsize=8)
        axis.set_title(f"{pair.correlation:+.2f}".replace("-", "\N{MINUS SIGN}"))
        number_axis(axis.xaxis)
        number_axis(axis.yaxis)
    return figure


def _ends(axis: Axes, found: "Calibrated", first: int, second: int) -> None:
    """Show the whole prior."""
    ends = np.array([0.001, 0.999])
    axis.set_xlim(*found.parameters[first].values(ends))
    axis.set_ylim(*found.parameters[second].values(ends))


def _called(found: "Calibrated", k: int, words: Wording) -> str:
    a = found.parameters[k].assumption
    return a.meaning_zh.partition("（")[0] if words.lang == "zh" else a.name


def _figure(
    count: int, found: "Calibrated", title: str, words: Wording
) -> tuple[Figure, list[Axes]]:
    rows = max(1, -(-count // COLUMNS))
    width = WIDTH * min(max(count, 1), COLUMNS)
    own = found.loaded.own
    footer = words.text("calibrate", "footer", name=own.name, base=own.base)
    figure = footed_figure(max(width, 6.0), HEIGHT * rows + HEAD, footer)
    figure.suptitle(words.text("calibrate", title), fontsize=11)
    if count:
        return figure, panels(figure, count, COLUMNS)
    figure.text(0.5, 0.5, words.figure("no_data"), ha="center", color=GREY)
    return figure, []
