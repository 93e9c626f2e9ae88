"""Print one table at the end of a run of an own network: the whole run, with its errors."""

from typing import Final

import numpy as np
import pandas as pd

from params.axes import CITY
from runs.report.summary import aligned
from runs.texts.wording import Wording

SHOWN: Final = ("load", "occupied", "waiting", "share_at_once", "wait_mean_days", "died_waiting")


def network_text(summary: pd.DataFrame, days: int, words: Wording) -> str:
    """Return the whole run's figures of all districts as aligned lines, each with its error.

    Parameters
    ----------
    summary : as ``summary.csv``.
    days : reported days of a replication.
    """
    table = summary[summary["district"] == CITY]
    rows = [[words.column("resource"), "", *(words.name("measure", m) for m in SHOWN)]]
    for resource in table["resource"].unique():
        mine = table[table["resource"] == resource].set_index("measure")
        rows.append([words.name("resource", resource), "", *(_said(mine, m) for m in SHOWN)])
    n = int(table["replications"].max())
    lines = [words.text("network", "whole", days=days, n=n), *aligned(rows)]
    load = table[(table["measure"] == "load") & (table["mean"] >= 1)]["resource"]
    if len(load):
        names = ", ".join(words.name("resource", r) for r in load)
        lines.append(words.text("network", "overloaded", names=names))
    return "\n".join(lines)


def _said(rows: pd.DataFrame, measure: str) -> str:
    if measure not in rows.index:
        return "-"
    mean, error = (float(rows[column].to_dict()[measure]) for column in ("mean", "mc_error"))
    decimals = 3 if rows["unit"].to_dict()[measure] == "share" else 2
    said = f"{mean:,.{decimals}f}"
    return said if np.isnan(error) else f"{said} ±{error:,.{decimals}f}"
