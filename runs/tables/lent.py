"""Say how many 保基本 beds are lent to people who may not ask for one: ``lent_beds.csv``."""

import numpy as np
import pandas as pd

from params.inputs import Inputs
from runs.tables.city import add_up, area_frame
from runs.tables.sample import Sample
from runs.tables.stack import spread
from runs.tables.yearly import COLUMNS

BESIDE = ("operating", "occupied")
"""What the lent beds are among, as in ``shortfall.csv``."""


def lent_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``lent_beds.csv``: one row an area, year and 保基本 kind of bed, means of December."""
    assert sample.lent is not None
    districts, resources = inputs.districts, inputs.resources
    statistics = [np.moveaxis(part, 1, 0) for part in spread(sample.lent)]
    yearly, _, _, _ = spread(sample.yearly)
    kinds = [resources.names[k] for k in resources.tiers]
    areas, first = area_frame(districts), inputs.city.first_year
    keys = [
        (*area, year, kind)
        for area in areas.itertuples(index=False, name=None)
        for year in range(first, first + len(yearly))
        for kind in kinds
    ]
    frame = pd.DataFrame(keys, columns=[*areas.columns, "year", "resource"])
    frame.insert(0, "scenario", inputs.scenario.name)
    for name in BESIDE:
        values = yearly[:, :, [resources.reported.index(kind) for kind in kinds]]
        frame[name] = values[..., COLUMNS.index(name)].swapaxes(0, 1).ravel()
    for name, values in zip(
        ("lent", "lent_p05", "lent_p95", "lent_mc_error"), statistics, strict=True
    ):
        frame[name] = values.ravel()
    for name in (*BESIDE, "lent"):
        add_up(frame, name, districts, ["year", "resource"])
    return frame
