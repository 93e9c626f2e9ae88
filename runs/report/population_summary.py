"""Print one table at the end of a projection: the city's elders in a few years."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from params.axes import BASES, CITY
from runs.figures.parts import scaled_unit
from runs.report.summary import aligned
from runs.texts.wording import Wording

SUMMARY_MEASURES: Final = ("60+", "80+", "living_alone", "elders_only", "need")


def population_summary(table: pd.DataFrame, words: Wording, plan_year: int) -> str:
    """Return base year, the plan's last year and last year of the city as aligned lines of text."""
    city = table[table["district"] == CITY].set_index(["basis", "year", "measure"])
    first, last = int(table["year"].min()), int(table["year"].max())
    years = sorted({first, last} | ({plan_year} if first <= plan_year <= last else set()))
    scale, unit = scaled_unit(math.inf, "persons", words)
    head = [
        words.column("basis"),
        words.column("year"),
        *(words.name("measure", m) for m in SUMMARY_MEASURES),
    ]
    body = [
        [
            words.name("basis", basis),
            str(year),
            *(_cell(city, (basis, year, measure), scale) for measure in SUMMARY_MEASURES),
        ]
        for basis in BASES
        if basis in set(table["basis"])
        for year in years
    ]
    title = words.text("project", "summary", area=words.name("area", CITY), unit=unit)
    return "\n".join([title, *aligned([head, *body])])


def scaling_text(
    factors: Mapping[str, list[float]], near: tuple[float, float], words: Wording
) -> str:
    """Say how far the city's totals scaled the districts, and where that is far; empty without it.

    Parameters
    ----------
    factors : by basis, least and largest factor of any year, kind of flow and draw.
    near : the factors between which nothing need be said of the districts' assumptions.
    """
    lines = []
    for basis, (low, high) in factors.items():
        if low == high == 1.0:
            continue
        far = low < near[0] or high > near[1]
        lines.append(
            words.text(
                "project",
                "scaling_far" if far else "scaling",
                basis=words.name("basis", basis),
                low=f"{low:.3f}",
                high=f"{high:.3f}",
            )
        )
    return "\n".join(lines)


def _cell(city: pd.DataFrame, key: tuple[str, int, str], scale: float) -> str:
    if key not in city.index:
        return "-"
    values = city[["mean", "p05", "p95"]].to_numpy(float)[city.index.get_loc(key)] / scale
    mean, low, high = np.ravel(values).tolist()
    interval = f" [{low:,.1f}, {high:,.1f}]" if math.isfinite(low) else ""
    return f"{mean:,.1f}{interval}"
