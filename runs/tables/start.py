"""Leave out of tables what lies before a scenario's start, and tell the start itself: ``start.csv``."""

from collections.abc import Callable

import pandas as pd

from params.inputs import Inputs
from runs.tables.sample import Sample
from runs.tables.stack import mean_of
from simulate.city.given import given_of

LISTS = ("residents", "waiting")
"""As `simulate.city.given` counts them."""
COLUMNS = (
    *("scenario", "date", "list", "district", "code", "resource"),
    *("given", "simulated_before", "simulated_after", "not_met"),
)


def reported(inputs: Inputs, make: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    """Return what makes a table without the years, or months, before those that are reported."""
    first = inputs.reported_from
    if first == inputs.city.first_year:
        return make

    def later() -> pd.DataFrame:
        table = make()
        for column, start in (("year", first), ("month", f"{first}-01")):
            if column in table:
                return table[table[column] >= start].reset_index(drop=True)
        return table

    return later


def start_table(inputs: Inputs, sample: Sample) -> pd.DataFrame:
    """Return ``start.csv``: a row for everything given, means over replications."""
    given, day = given_of(inputs).count, inputs.scenario.start.date
    assert sample.start is not None
    before, after = mean_of(sample.start)
    rows = [
        (
            *(inputs.scenario.name, str(day), name),
            *(inputs.districts.names[d], inputs.districts.codes[d], inputs.resources.names[k]),
            *(float(given[w, d, k]), before[w, d, k], after[w, d, k]),
            float(given[w, d, k]) - after[w, d, k],
        )
        for w, name in enumerate(LISTS)
        for d in range(len(inputs.districts))
        for k in range(len(inputs.resources))
        if given[w, d, k] >= 0
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
