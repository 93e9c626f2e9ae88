"""Set a bureau's own counts of people beside what the forecast expects without them."""

from typing import Final

import numpy as np
import pandas as pd

from forecast.base.build import base_of
from forecast.base.own_counts import counted
from forecast.people.projection import project
from params.axes import CITY, SEXES
from params.inputs import Inputs, with_scenario
from params.scenario.own_counts import bands_of

COLUMNS: Final = (
    *("scenario", "basis", "year", "district", "sex", "figure"),
    *("counted", "expected", "error"),
)
BOTH: Final = "both"


def counts_table(inputs: Inputs) -> pd.DataFrame:
    """Return ``counts.csv``: every cell of own counts, and what is expected without them."""
    plan = inputs.scenario.population
    without = with_scenario(
        inputs,
        inputs.scenario.model_copy(update={"population": plan.model_copy(update={"counts": ()})}),
    )
    projection = project(without, base_of(without))
    names = inputs.districts.names
    rows = []
    for one in inputs.own_counts:
        table, bands = counted(one, inputs), bands_of(one.ages) or []
        people = projection.people(one.basis)[one.year - projection.first_year]
        for row, (areas, sexes) in enumerate(zip(table.areas, table.sexes, strict=True)):
            area = names[areas[0]] if len(areas) == 1 else CITY
            sex = SEXES[sexes[0]] if len(sexes) == 1 else BOTH
            for band, name in enumerate(bands):
                here = people[np.ix_(areas, sexes)][..., table.ages(band)].sum()
                number, expected = float(table.people[row, band]), float(here)
                error = expected / number - 1 if number else np.nan
                key = (inputs.scenario.name, one.basis, one.year, area, sex, str(name))
                rows.append((*key, number, expected, error))
    return pd.DataFrame(rows, columns=list(COLUMNS))
