"""Lay an attribution out as tables that add up as they are written."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from params.tables.districts import Districts
from params.tables.resources import Resources
from runs.studies.attribute.check import Checked
from runs.studies.attribute.question import Question
from runs.studies.attribute.split import Split
from runs.tables.met import MEASURES, resources_of
from runs.tables.units import yearly_unit
from runs.write import round_written

KEYS = ["area_type", "district", "resource", "measure"]
LEVELS = ("start_level", "end_level")


def attribution_table(
    split: Split, question: Question, resources: Resources, districts: Districts
) -> pd.DataFrame:
    """Return ``attribution.csv``: a row an area, resource, measure and cause.

    Contributions and levels are rounded as they are written, and what rounding leaves over goes to the
    largest contribution, so that the file adds up.
    """
    names, causes = resources_of(resources), list(split.values)
    areas = [(kind, name) for kind, name, *_ in districts.areas()]
    index = pd.MultiIndex.from_product([areas, names, MEASURES, causes])
    frame = pd.DataFrame(list(index), columns=["area", "resource", "measure", "cause"])
    kinds, places = zip(*frame.pop("area"), strict=True)
    frame.insert(0, "district", list(places))
    frame.insert(0, "area_type", list(kinds))
    scenario, other = question.scenario.scenario.name, question.other
    against = scenario if other is not None else ""
    frame.insert(0, "year", question.year)
    frame.insert(0, "from_year", question.first)
    frame.insert(0, "against", against)
    frame.insert(0, "scenario", scenario if other is None else other.scenario.name)
    # (measure, area, resource) with causes last becomes (area, resource, measure, cause)
    for column, level in zip(LEVELS, (split.first, split.second), strict=True):
        wide = np.repeat(level[..., None], len(causes), axis=-1)
        frame[column] = wide.transpose(1, 2, 0, 3).ravel()
    for column, by_cause in (("contribution", split.values), ("mc_error", split.errors)):
        wide = np.stack([by_cause[cause] for cause in causes], axis=-1)
        frame[column] = wide.transpose(1, 2, 0, 3).ravel()
    frame["unit"] = [
        yearly_unit(r, m) for r, m in zip(frame["resource"], frame["measure"], strict=True)
    ]
    frame["why"] = frame["cause"].map(split.still).fillna("")
    return _adding_up(frame)


def _adding_up(frame: pd.DataFrame) -> pd.DataFrame:
    for column in (*LEVELS, "contribution"):
        frame[column] = round_written(frame, column)
    change = frame["end_level"] - frame["start_level"]
    sums = frame.groupby(KEYS, sort=False)["contribution"].transform("sum")
    largest = frame.assign(size=frame["contribution"].abs())
    at = largest.groupby(KEYS, sort=False)["size"].idxmax().to_numpy()
    frame.loc[at, "contribution"] += (change - sums)[at]
    frame["contribution"] = round_written(frame, "contribution")
    share = np.full(len(frame), np.nan)
    np.divide(frame["contribution"], change, out=share, where=(change != 0).to_numpy())
    frame.insert(list(frame.columns).index("mc_error") + 1, "share_of_change", share)
    return frame


def check_table(
    found: Sequence[Checked], question: Question, resources: Resources, districts: Districts
) -> pd.DataFrame:
    """Return ``check.csv``: differences on the twin and by simulation, side by side."""
    rows = []
    for one in found:
        for a, (kind, area, *_) in enumerate(districts.areas()):
            for k, resource in enumerate(resources_of(resources)):
                for m, measure in enumerate(MEASURES):
                    rows.append(
                        {
                            "year": question.year,
                            "area_type": kind,
                            "district": area,
                            "resource": resource,
                            "measure": measure,
                            "cause": one.cause,
                            "twin": one.twin[m, a, k],
                            "simulated": one.simulated[m, a, k],
                            "mc_error": one.mc_error[m, a, k],
                            "low": one.low[m, a, k],
                            "high": one.high[m, a, k],
                            "unit": yearly_unit(resource, measure),
                        }
                    )
    return pd.DataFrame(rows)
