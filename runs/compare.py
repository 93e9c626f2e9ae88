"""Set two runs of the same seed side by side: what a measure changes, with its error.

Replications are paired: replication k of both runs has the same draw of the parameters and the same
people's luck, so most of the noise cancels in the difference.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from params.axes import CITY, REPORTED_RESOURCES
from params.errors import ParamError, Problem
from params.inputs import BASE_YEAR, Districts, read_districts
from runs.store import MARK, PARTS, load_part
from runs.yearly import COLUMNS, yearly_values

SHOWN = ("demand", "usable", "occupied", "waiting", "died_waiting", "unmet", "service_gap")


@dataclass(frozen=True)
class StoredRun:
    """A finished or half-finished run on disk."""

    folder: Path
    mark: dict[str, object]

    def values(self, replication: int, districts: Districts) -> "np.ndarray | None":
        """Return the yearly values of a replication, or none."""
        outcome = load_part(self.folder / PARTS, replication)
        return None if outcome is None else yearly_values(outcome, districts)


def open_run(folder: Path) -> StoredRun:
    """Find a run in a folder."""
    mark = folder / MARK
    if not mark.exists():
        raise ParamError(
            Problem(
                str(folder),
                "holds no run",
                "the folder of a scenario below --out, with run.json in it",
                "name a folder that `yanglao run` has written 请给出 yanglao run 写出的文件夹",
            )
        )
    return StoredRun(folder, json.loads(mark.read_text(encoding="utf-8")))


def compare(first: Path, second: Path, year: int | None = None) -> pd.DataFrame:
    """Return second less first by area, resource and column, with the paired standard error.

    Parameters
    ----------
    year : the year compared; the last one by default.
    """
    one, two = open_run(first), open_run(second)
    same = ("seed", "fixed_parameters")
    if any(one.mark[k] != two.mark[k] for k in same):
        raise ParamError(
            Problem(
                str(second),
                "was run with another seed or parameter setting",
                f"seed {one.mark['seed']}, fixed_parameters {one.mark['fixed_parameters']}",
                "run both with the same --seed; only then are replications paired 两次运行须用同一 --seed",
            )
        )
    districts = read_districts()
    pairs = _pairs(one, two, districts)
    n_year = min(pairs[0][0].shape[0], pairs[0][1].shape[0])
    last = BASE_YEAR + n_year
    chosen = last if year is None else year
    if not BASE_YEAR < chosen <= last:
        raise ParamError(Problem("--year", str(chosen), f"{BASE_YEAR + 1} to {last}"))
    y = chosen - BASE_YEAR - 1
    before = np.array([a[y] for a, _ in pairs])
    after = np.array([b[y] for _, b in pairs])
    change = after - before
    error = (
        change.std(axis=0, ddof=1) / np.sqrt(len(change))
        if len(change) > 1
        else np.full(change.shape[1:], np.nan)
    )
    rows = []
    for a, (kind, name, _, _) in enumerate(districts.areas()):
        for r, resource in enumerate(REPORTED_RESOURCES):
            for column in SHOWN:
                c = COLUMNS.index(column)
                if np.isnan(before[:, a, r, c]).all():
                    continue
                rows.append(
                    {
                        "area_type": kind,
                        "district": name,
                        "year": chosen,
                        "resource": resource,
                        "measure": column,
                        "first": before[:, a, r, c].mean(),
                        "second": after[:, a, r, c].mean(),
                        "difference": change[:, a, r, c].mean(),
                        "mc_error": error[a, r, c],
                    }
                )
    return pd.DataFrame(rows)


def _pairs(
    one: StoredRun, two: StoredRun, districts: Districts
) -> list[tuple[np.ndarray, np.ndarray]]:
    pairs = []
    k = 0
    while True:
        a, b = one.values(k, districts), two.values(k, districts)
        if a is None or b is None:
            break
        pairs.append((a, b))
        k += 1
    if not pairs:
        raise ParamError(Problem(str(two.folder), "shares no replication with the other run"))
    return pairs


def city_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the city's rows."""
    return table[table["district"] == CITY]
