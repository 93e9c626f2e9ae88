"""Draw an attribution: how a gap moves from its first level to its last, cause by cause."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from runs.figures.draw import figure_style, named_areas, save_figures
from runs.figures.parts import GREY, footed_figure, grid_of, panels
from runs.figures.waterfall import colours_of, draw_steps
from runs.texts.attribution import Told
from runs.texts.shown import judged
from runs.texts.wording import Wording

FIGURES: Final = ("waterfall",)
DRAWN: Final = "demand_gap"
"""The measure whose causes are drawn."""
WIDTH: Final = 4.6
ROW: Final = 0.34
HEAD: Final = 1.9
COLUMNS: Final = 3
ENDS: Final = {
    "years": ("first_year", "last_year"),
    "scenarios": ("first_scenario", "second_scenario"),
}
"""Texts of the first and the last level."""
T_95: Final = 1.96


def draw_attribution(
    table: pd.DataFrame, told: Told, districts: pd.DataFrame, folder: Path, words: Wording
) -> None:
    """Draw every figure into a folder, each file whole or not at all."""
    drawings = {"waterfall": waterfall}

    def drawn(name: str) -> Figure:
        with figure_style():
            return drawings[name](table, told, named_areas(words, districts))

    save_figures(FIGURES, drawn, folder, ("png", "svg"))


def waterfall(table: pd.DataFrame, told: Told, words: Wording) -> Figure:
    """Draw the gap's way from its first level to its last, a panel a resource, a row a cause."""
    kind, area = told.area
    rows = table[(table["area_type"] == kind) & (table["district"] == area)]
    rows = rows[rows["measure"] == DRAWN]
    resources = [told.resource] if told.resource else judged(rows["resource"].unique())
    by_resource = {r: rows[rows["resource"] == r] for r in resources}
    causes = _drawn_causes(by_resource)
    left_out = [c for c in dict.fromkeys(rows["cause"]) if c not in causes]
    lines, columns = grid_of(len(by_resource), COLUMNS)
    note = words.text("attribute", "footer")
    if left_out:
        named = words.text("attribute", "comma").join(words.name("cause", c) for c in left_out)
        note += "\n" + words.text("attribute", "not_drawn", causes=named)
    height = HEAD + lines * (ROW * (len(causes) + 2) + 0.9)
    figure = footed_figure(WIDTH * max(columns, 2), height, f"{note}\n\n")
    names = [words.name("cause", cause) for cause in causes]
    ends = [words.text("attribute", key, **told.ends) for key in ENDS[told.kind]]
    for k, (axis, (resource, mine)) in enumerate(
        zip(panels(figure, len(by_resource), COLUMNS), by_resource.items(), strict=True)
    ):
        draw_steps(axis, _steps(mine, causes))
        unit = words.name("unit", str(mine["unit"].iloc[0]))
        said = {"resource": words.name("resource", resource), "unit": unit}
        axis.set_title(words.text("attribute", "panel", **said))
        shown = [ends[0], *names, ends[1]]
        axis.set_yticks(range(len(shown)), shown if k % columns == 0 else [""] * len(shown))
        axis.set_ylim(len(shown) - 0.5, -0.5)
        axis.tick_params(axis="y", length=0)
        axis.grid(visible=True, axis="x")
    title = {"area": words.name("area", area), **told.ends}
    figure.suptitle(words.text("attribute", f"{told.kind}_title", **title), fontsize=13)
    up, down = colours_of(DRAWN)
    figure.legend(
        handles=[
            Patch(facecolor=GREY, label=words.text("compare", "level")),
            Patch(facecolor=up, label=words.text("compare", "more")),
            Patch(
                facecolor=down, hatch="////", edgecolor="white", label=words.text("compare", "less")
            ),
        ],
        loc="outside lower right",
        ncols=3,
    )
    return figure


def _drawn_causes(by_resource: dict[str, pd.DataFrame]) -> list[str]:
    """Return the causes that move some panel, in the table's order."""
    seen: dict[str, bool] = {}
    for rows in by_resource.values():
        for cause, size in zip(rows["cause"], rows["contribution"], strict=True):
            seen[cause] = seen.get(cause, False) or size != 0.0
    return [cause for cause, is_seen in seen.items() if is_seen]


def _steps(rows: pd.DataFrame, causes: list[str]) -> pd.DataFrame:
    """Lay causes out as steps of a waterfall."""
    mine = rows.set_index("cause")
    steps = mine["contribution"].reindex(causes).to_numpy(float)
    ends = np.cumsum(steps)
    half = T_95 * mine["mc_error"].reindex(causes).to_numpy(float)
    return pd.DataFrame(
        {
            "scenario": causes,
            "measure": DRAWN,
            "first": float(mine["start_level"].iloc[0]),
            "difference": ends,
            "low": ends - half,
            "high": ends + half,
            "pairs": 1,
        }
    )
