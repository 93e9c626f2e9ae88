"""Say what became of a year's requests by the days since they were made: ``waits.csv``.

Cohorts are the requests of a year by area and resource; for beds in institutions the city's also by class of
the queue. Shares are cumulative incidences, see `simulate.measure.incidence`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from params.axes import FloatArray
from params.inputs import Inputs
from params.names import TOTALS
from params.tables.districts import Districts
from params.tables.resources import ASSESSMENT_KIND, WORKERS, Resources
from runs.tables.stack import Stack, spread
from runs.tables.yearly import waits_of
from simulate.engine.records import N_CLASS
from simulate.measure.incidence import Counts, cumulative_incidence, share_followed, shares_at
from simulate.measure.waits import ENDS
from simulate.outcome import Outcome

DAYS: Final = (0, 7, 14, 30, 60, 90, 180, 365)
"""Days since the request; the days of the scenario's own targets besides."""
SHARES: Final = tuple(f"share_{end}" for end in ENDS)
"""Columns of shares: they add to 1."""
COLUMNS: Final = (*SHARES, "followed")
"""Numeric columns of ``waits.csv``; positions on the last axis of `wait_values`."""
ALL_CLASSES: Final = "all"


class Cohort(NamedTuple):
    """Whose requests: an area, by its place, what they ask for, and their class, or `ALL_CLASSES`."""

    area: int
    resource: str
    rank: str


def cohorts_of(districts: Districts, resources: Resources) -> list[Cohort]:
    """Return the cohorts of a year in the order of the table: areas, then the city's beds by class."""
    asked = [r for r in resources.reported if r not in WORKERS]
    areas = range(len(districts.areas()))
    city = areas[-1]
    return [
        *(Cohort(a, r, ALL_CLASSES) for a in areas for r in asked),
        *(
            Cohort(city, r, str(rank + 1))
            for r in (*resources.bed_names, *TOTALS)
            for rank in range(N_CLASS)
        ),
    ]


def days_of(inputs: Inputs) -> tuple[int, ...]:
    """Return the days since the request that are told: the usual ones and targets of the scenario's own."""
    kinds = dict(zip(inputs.resources.names, inputs.resources.kinds, strict=True))
    own = inputs.scenario.service_target.own_days
    # An assessment is due after so many working days, and these are calendar days.
    return tuple(sorted({*DAYS, *(int(d) for r, d in own.items() if kinds[r] != ASSESSMENT_KIND)}))


def wait_values(
    outcome: Outcome, districts: Districts, resources: Resources, days: Sequence[int] = DAYS
) -> FloatArray:
    """Return what became of every cohort, shape (year, cohort, day, `COLUMNS`); nan where not followed."""
    counts = np.concatenate(
        [
            *(waits_of(outcome, m, resources).waits for _, _, _, m in districts.areas()),
            _by_class(outcome.waits_by_class, resources),
        ],
        axis=1,
    )
    shares = shares_at(cumulative_incidence(counts), days)
    followed = share_followed(counts, days)[..., None, :]
    return np.concatenate([shares, followed], axis=-2).swapaxes(-1, -2)


def _by_class(by_class: Counts, resources: Resources) -> Counts:
    """Return the counts of kinds of bed and their totals by class, shape (year, bed * class, end, bin)."""
    beds = [by_class[:, :, k] for k in range(resources.first_bed, len(resources))]
    totals = [by_class[:, :, list(resources.of_total(t))].sum(axis=2) for t in TOTALS]
    return np.concatenate([*beds, *totals], axis=1)


def waits_table(inputs: Inputs, values: Stack) -> pd.DataFrame:
    """Return ``waits.csv``: one row a cohort and day.

    Parameters
    ----------
    values : `wait_values` of every replication.
    """
    cohorts = cohorts_of(inputs.districts, inputs.resources)
    mean, low, high, error = spread(values)
    first = inputs.city.first_year
    frame = _keys(inputs, cohorts, range(first, first + mean.shape[0]))
    columns = {name: mean[..., c].ravel() for c, name in enumerate(COLUMNS)}
    for c, name in enumerate(SHARES):
        columns[f"{name}_p05"], columns[f"{name}_p95"] = (e[..., c].ravel() for e in (low, high))
        columns[f"{name}_mc_error"] = error[..., c].ravel()
    columns["flag"] = np.array(_flags(columns, len(values)), dtype=object)
    front = (*COLUMNS, "flag")
    ordered = {name: columns[name] for name in (*front, *(c for c in columns if c not in front))}
    frame = pd.concat([frame, pd.DataFrame(ordered)], axis=1)
    # A queue has no more classes than its rules have.
    empty = (frame["class"] != ALL_CLASSES) & frame["followed"].isna()
    order = ["place", "year", "of", "rank", "days"]
    return frame[~empty].sort_values(order, ignore_index=True).drop(columns=["place", "of", "rank"])


def _keys(inputs: Inputs, cohorts: Sequence[Cohort], years: Sequence[int]) -> pd.DataFrame:
    """Return the key columns over years, cohorts and days, and by what rows are put in order."""
    areas, reported = inputs.districts.areas(), inputs.resources.reported
    frame = pd.DataFrame(
        [
            (*areas[c.area][:3], year, c.resource, c.rank, day, c.area, reported.index(c.resource))
            for year in years
            for c in cohorts
            for day in days_of(inputs)
        ],
        columns=[
            *("area_type", "district", "code", "year", "resource", "class", "days"),
            "place",
            "of",
        ],
    )
    frame["rank"] = frame["class"].replace(ALL_CLASSES, "0").astype(int)
    frame.insert(0, "basis", inputs.scenario.population.basis)
    frame.insert(0, "scenario", inputs.scenario.name)
    return frame


def _flags(columns: Mapping[str, FloatArray], n: int) -> list[str]:
    """Say what a reader must know about a row; texts are in the wording."""
    flags = []
    for share, followed in zip(columns[SHARES[0]], columns["followed"], strict=True):
        said = []
        if np.isnan(followed):
            said.append("no_requests")
        elif np.isnan(share):
            said.append("not_followed")
        elif followed < 1.0:
            said.append("partly_followed")
        if n == 1:
            said.append("single_replication")
        flags.append(";".join(said))
    return flags
