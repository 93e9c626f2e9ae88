"""Lay costs out as a table of the output contract: ``costs.csv``."""

import numpy as np
import pandas as pd

from params.inputs import Inputs
from runs.tables.city import add_up, area_frame
from runs.tables.costs import COLUMNS, GAP, SPENT, CostSheet, sheet_of
from runs.tables.sample import Sample
from runs.tables.stack import spread
from runs.tables.units import ALL, yearly_unit

INTERVALS = (*SPENT, "present_value", *GAP)
"""Columns with an interval and an error."""


def costs_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``costs.csv``: one row an area, year and resource that has a cost, their sums and all of it."""
    sheet = sheet_of(inputs)
    assert sheet is not None
    assert sample.costs is not None
    mean, low, high, error = (np.moveaxis(a, 1, 0) for a in spread(sample.costs))
    frame = _keys(inputs, sheet, mean.shape[1])
    kept = [c for c in COLUMNS if c != "present_value" or sheet.plan.discount_rate is not None]
    for name in kept:
        frame[name] = mean[..., COLUMNS.index(name)].ravel()
    for name in (name for name in kept if name in INTERVALS):
        for ending, values in (("p05", low), ("p95", high), ("mc_error", error)):
            frame[f"{name}_{ending}"] = values[..., COLUMNS.index(name)].ravel()
    for name in kept:
        add_up(frame, name, inputs.districts, ["year", "resource"])
    return frame


def _keys(inputs: Inputs, sheet: CostSheet, n_year: int) -> pd.DataFrame:
    """Return the key columns over areas, years and rows."""
    first = inputs.city.first_year
    areas = area_frame(inputs.districts)
    keys = [
        (*area, year, resource)
        for area in areas.itertuples(index=False, name=None)
        for year in range(first, first + n_year)
        for resource in sheet.rows
    ]
    frame = pd.DataFrame(keys, columns=[*areas.columns, "year", "resource"])
    frame.insert(0, "basis", inputs.scenario.population.basis)
    frame.insert(0, "scenario", inputs.scenario.name)
    units = {r: "" if r == ALL else yearly_unit(r, "service_gap") for r in sheet.rows}
    frame["unit"] = frame["resource"].map(units)
    frame["currency"] = sheet.plan.currency
    return frame
