"""Bring what a scenario inherits down to what its own totals leave room for.

Whoever plans fewer beds than the scenario extended has for the whole city does not contradict it: as many of
them stay as there are beds. Stated in one file, or above the total, the two contradict one another, and
`params.scenario.checks.beds` says so.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from params.scenario.faults import table_at
from params.scenario.layers import Layers, merged_tables

PART: Final = "whole_city_beds"
TOTALS: Final = ("total_2025", "total_2020")
TABLE: Final = "beds"
PATHS: Final = ("plan", "by-need", "frozen")
"""Paths that are laid to a total."""


def within_totals(layers: Layers) -> Layers:
    """Return a scenario's tables in which the inherited beds for the whole city are no more than all beds."""
    beds, part = table_at(layers.values, TABLE), f"{TABLE}.{PART}"
    some = beds.get(PART)
    for key, file in _own_totals(layers, part):
        total = beds[key]
        if type(some) is int and type(total) is int and some > total >= 0:
            values = merged_tables(layers.values, {TABLE: {PART: total}})
            return replace(layers, values=values, origin={**layers.origin, part: file})
    return layers


def _own_totals(layers: Layers, part: str) -> Iterator[tuple[str, Path]]:
    """Yield the total that the path is laid to, if it is stated nearer than the part."""
    path = table_at(layers.values, TABLE).get("path", "plan")
    key = TOTALS[path == "frozen"]
    file, below = layers.origin.get(f"{TABLE}.{key}"), layers.origin.get(part)
    if path not in PATHS or file is None or below is None:
        return
    if _place(layers, file) < _place(layers, below):
        yield key, file


def _place(layers: Layers, file: Path) -> int:
    """Return how far below the scenario's own file a file is; the city's baseline may be no part of them."""
    return layers.files.index(file) if file in layers.files else len(layers.files)
