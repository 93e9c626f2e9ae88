"""Tell how precise the chosen means of a run are, and what the draws saved: ``precision.csv``."""

import pandas as pd

from params.axes import CITY
from params.inputs import Inputs
from runs.jobs.stopping import Decision, Rule
from runs.tables.units import yearly_unit

COLUMNS = (
    *("scenario", "district", "year", "resource", "measure", "unit", "replications", "adjusted"),
    *("half_width", "plain_mean", "plain_half_width", "saved", "reached"),
)


def precision_table(inputs: Inputs, rule: Rule, decision: Decision) -> pd.DataFrame:
    """Return ``precision.csv``: a row for every chosen mean, of the city in the last year."""
    rows = [
        (
            *(inputs.scenario.name, CITY, inputs.last_year, one.resource, one.measure),
            yearly_unit(one.resource, one.measure),
            *(decision.replications, decision.means[k], decision.half_widths[k]),
            *(decision.plain.means[k], decision.plain.half_widths[k]),
            *(decision.saved[k], int(decision.reached[k])),
        )
        for k, one in enumerate(rule.outputs)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
