"""Say a state of additions as lines of a scenario."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from params.axes import FloatArray, IntArray
from params.files.toml_text import toml_value
from params.scenario.model import Scenario
from params.scenario.path_resources import ASSESSORS, WORKERS
from runs.studies.plan.layout import Layout

Row = dict[str, object]


@dataclass(frozen=True)
class Changes:
    """Rows that a plan adds to a scenario."""

    beds: tuple[Row, ...]
    workers: tuple[Row, ...]
    paths: tuple[Row, ...]
    """Stocks of assessors, which have no dated changes."""


def changes_of(layout: Layout, state: IntArray, assessors: FloatArray) -> Changes:
    """Return the rows of a state.

    Parameters
    ----------
    state : ndarray, shape (year, district, lever).
    assessors : ndarray, shape (reported year, district), those present without additions.
    """
    openings = layout.calendar.openings(state)
    beds: list[Row] = []
    workers: list[Row] = []
    for (t, d, lever), units in np.ndenumerate(openings):
        name, district = layout.levers[lever], layout.districts[d]
        if units == 0 or name == ASSESSORS:
            continue
        date = _day(layout, layout.first + t, name in WORKERS)
        if name in WORKERS:
            workers.append(
                {"district": district, "workers": name, "posts": int(units), "date": date}
            )
        else:
            beds.append({"district": district, "resource": name, "beds": int(units), "date": date})
    return Changes(tuple(beds), tuple(workers), _assessor_rows(layout, openings, assessors))


def _day(layout: Layout, year: int, is_post: bool) -> dt.date:
    """Return the day on which a year's additions open.

    Workers of the first simulated month are those of the release: who is added begins a month later.
    """
    late = is_post and year == layout.inputs.city.first_year
    return dt.date(year, 2 if late else 1, 1)


def _assessor_rows(layout: Layout, openings: IntArray, present: FloatArray) -> tuple[Row, ...]:
    """Return stocks of assessors at the ends of years, of districts where some are added.

    A path runs straight between year ends: those of a year are there at the end of the year before.
    """
    if ASSESSORS not in layout.levers:
        return ()
    added = openings[:, :, layout.levers.index(ASSESSORS)].cumsum(axis=0)
    rows: list[Row] = []
    for d in np.flatnonzero(added[-1] > 0):
        by_year = {
            year: present[k, d] + _at(added[:, d], year - layout.first)
            for k, year in enumerate(layout.reported)
        }
        for year in layout.reported:
            value = max(by_year[year], by_year.get(year + 1, 0.0))
            rows.append(
                {
                    "year": year,
                    "district": layout.districts[d],
                    "resource": ASSESSORS,
                    "value": round(float(value), 2),
                }
            )
    return tuple(rows)


def _at(added: IntArray, place: int) -> int:
    return int(added[min(place, len(added) - 1)]) if place >= 0 else 0


def axis_values(scenario: Scenario, changes: Changes) -> Mapping[str, list[Row]]:
    """Return what a scenario's lists hold with a plan's rows behind their own, by key."""
    ours = {(row["district"], row["resource"]) for row in changes.paths}
    paths = [row.model_dump(exclude_none=True) for row in scenario.paths]
    kept = [row for row in paths if (row["district"], row["resource"]) not in ours]
    return {
        "beds.changes": [*_own(scenario.beds.changes), *changes.beds],
        "workers.changes": [*_own(scenario.workers.changes), *changes.workers],
        "paths": [*kept, *changes.paths],
    }


def _own(rows: Sequence[object]) -> list[Row]:
    return [row.model_dump(exclude_none=True) for row in rows]  # type: ignore[attr-defined]


def rows_text(key: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows as a list of tables of a TOML file."""
    lines = []
    for row in rows:
        lines += ["", f"[[{key}]]", *(f"{k} = {toml_value(v)}" for k, v in row.items())]
    return "\n".join(lines) + ("\n" if lines else "")
