"""Set two runs of the same seed side by side: what a measure changes, with its error.

Replications are paired: replication k of both runs has the same draw of the parameters and the same
people's luck, so most of the noise cancels in the difference. How much is measured and said: the
variance that the difference would have between runs of unlike seeds, over the variance it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from params.axes import CITY, FloatArray
from params.city import City, read_city
from params.errors import ParamError, Problem
from params.tables.districts import Districts, read_districts
from params.tables.resource_tables import read_resources
from params.tables.resources import Resources
from runs.jobs.store import MARK, PARTS, part_path, read_json, read_mark, read_part
from runs.report.summary import aligned
from runs.tables.units import unit_of
from runs.tables.yearly import COLUMNS, yearly_values
from runs.texts.wording import Wording, dictionary
from simulate.outcome import Outcome

LEVEL: Final = 0.95
SHOWN: Final = (
    "demand",
    "usable",
    "occupied",
    "waiting",
    "placed",
    "share_in_time",
    "died_waiting",
    "unmet",
    "load",
    "demand_gap",
    "service_gap",
    "short_sum",
)
PRINTED: Final = (
    "demand",
    "usable",
    "occupied",
    "waiting",
    "died_waiting",
    "unmet",
    "service_gap",
)
"""What the terminal shows of them."""
SAME: Final = {
    "seed": "was run with another seed or parameter setting",
    "fixed_parameters": "was run with another seed or parameter setting",
    "tables": "was run with other tables or another version of the code",
    "code": "was run with other tables or another version of the code",
}
"""What two runs must share for their replications to be pairs."""
CITY_RUN: Final = "city"


@dataclass(frozen=True)
class StoredRun:
    """A finished or half-finished run on disk."""

    folder: Path
    mark: dict[str, object]

    def values(
        self, replication: int, districts: Districts, shared: Sequence[str]
    ) -> "FloatArray | None":
        """Return a replication's yearly values of some resources; none where it was never done.

        Raises
        ------
        DamagedPart
            If a replication that was done cannot be read back: no pair is left out in silence.
        """
        parts = self.folder / PARTS
        if np.isinf(self.replications) and not part_path(parts, replication).exists():
            return None
        values = yearly_values(read_part(parts, replication, Outcome), districts, self.resources)
        rows = [self.resources.reported.index(name) for name in shared]
        return np.asarray(values[:, :, rows])

    @property
    def resources(self) -> Resources:
        """Return what people could ask for in it."""
        on = self.mark.get("resources")
        return read_resources().chosen(on if isinstance(on, list) else ())

    @property
    def replications(self) -> float:
        """Return how many replications its tables count; any number while it has no tables.

        Parts beyond them, left by a precision reached or by a longer run that was stopped, would make
        the comparison depend on more than the runs' settings.
        """
        manifest = self.folder / "manifest.json"
        if not manifest.exists():
            return np.inf
        held = read_json(manifest, "run the scenario again 请重新运行该情景")["replications"]
        return float(str(held))


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
    held = read_mark(folder)
    if held.get("kind", CITY_RUN) != CITY_RUN:
        raise ParamError(
            Problem(
                str(folder),
                "holds the run of an own network 自带网络的运行",
                "two runs of the city 两次本市情景的运行",
                "set the summary.csv of both side by side 请对照两者的 summary.csv",
            )
        )
    return StoredRun(folder, held)


def check_paired(one: StoredRun, two: StoredRun) -> None:
    """Refuse runs whose replications do not share their people's lives.

    Raises
    ------
    ParamError
        Naming what differs.
    """
    differs = [name for name in SAME if one.mark.get(name) != two.mark.get(name)]
    if not differs:
        return
    wanted = ", ".join(f"{name} {one.mark.get(name)}" for name in differs)
    found = ", ".join(f"{name} {two.mark.get(name)}" for name in differs)
    raise ParamError(
        Problem(
            str(two.folder),
            f"{SAME[differs[0]]}: {found}",
            f"as {one.folder}: {wanted}",
            "run both again alike; only then are replications paired "
            "两次运行须用同一 --seed、同一参数设置和同一版本",
        )
    )


def compare(
    first: Path, second: Path, year: int | None = None, city: City | None = None
) -> pd.DataFrame:
    """Return second less first by area, resource and measure, with what is known about the difference.

    Parameters
    ----------
    year : the year compared; the last one by default.
    city : of the runs; the packaged one by default.

    Returns
    -------
    DataFrame
        Columns as in the data dictionary, file ``compare``.
    """
    one, two = open_run(first), open_run(second)
    check_paired(one, two)
    city = city or read_city()
    check_city(one, city)
    districts = read_districts(city)
    shared = shared_resources(one, two)
    pairs = _pairs(one, two, districts, shared)
    last = city.base_year + min(values.shape[0] for values in pairs[0])
    chosen = last if year is None else year
    if not city.base_year < chosen <= last:
        raise ParamError(Problem("--year", str(chosen), f"{city.first_year} to {last}"))
    y = chosen - city.first_year
    before, after = (np.array([pair[side][y] for pair in pairs]) for side in (0, 1))
    units = {row.column: row.unit for row in dictionary() if row.file == "shortfall"}
    rows: list[dict[str, object]] = []
    for a, (kind, name, _, _) in enumerate(districts.areas()):
        for r, resource in enumerate(shared):
            for column in SHOWN:
                c = COLUMNS.index(column)
                if np.isnan(before[:, a, r, c] + after[:, a, r, c]).any():
                    continue  # without meaning in a replication of one run: so is the difference
                unit = units[column] if units[column] != "row" else unit_of(resource)
                keys = (kind, name, chosen, resource, column)
                head = zip(
                    ("area_type", "district", "year", "resource", "measure"), keys, strict=True
                )
                found = paired(before[:, a, r, c], after[:, a, r, c])
                rows.append({**dict(head), **found, "unit": unit})
    return pd.DataFrame(rows)


def check_city(run: StoredRun, city: City) -> None:
    """Refuse a city that is not that of the runs."""
    held = str(run.mark.get("city", city.name))
    if held != city.name:
        raise ParamError(
            Problem(
                str(run.folder),
                f"is a run of the city {held!r}",
                f"a run of {city.name!r}",
                "name the city's folder with --city 请用 --city 指出城市文件夹",
            )
        )


def paired(before: FloatArray, after: FloatArray) -> dict[str, float]:
    """Return means, difference, its standard error and interval, and the measured variance cut.

    Parameters
    ----------
    before, after : ndarray, shape (replication,), pair by pair.

    Notes
    -----
    The interval is the paired t-interval. `variance_cut` is the sum of the two variances over the
    variance of the difference: how many times as many replications runs of unlike seeds would take
    for the same interval. It is empty where nothing varies, or where the difference never does.
    """
    from scipy.special import stdtrit

    change = after - before
    n = len(change)
    error = half = cut = np.nan
    if n > 1:
        error = float(change.std(ddof=1) / np.sqrt(n))
        half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
        apart, together = before.var(ddof=1) + after.var(ddof=1), change.var(ddof=1)
        cut = float(apart / together) if together > 0 else np.nan
    difference = float(change.mean())
    return {
        "first": float(before.mean()),
        "second": float(after.mean()),
        "difference": difference,
        "mc_error": error,
        "low": difference - half,
        "high": difference + half,
        "variance_cut": cut,
        "pairs": n,
    }


def shared_resources(one: StoredRun, two: StoredRun) -> tuple[str, ...]:
    """Return what both runs report; a resource that only one of them has cannot be compared."""
    others = two.resources.reported
    return tuple(name for name in one.resources.reported if name in others)


def _pairs(
    one: StoredRun, two: StoredRun, districts: Districts, shared: Sequence[str]
) -> list[tuple[FloatArray, FloatArray]]:
    pairs: list[tuple[FloatArray, FloatArray]] = []
    while len(pairs) < min(one.replications, two.replications):
        a, b = (run.values(len(pairs), districts, shared) for run in (one, two))
        if a is None or b is None:
            break
        pairs.append((a, b))
    if not pairs:
        raise ParamError(Problem(str(two.folder), "shares no replication with the other run"))
    return pairs


def city_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the city's rows, and of its measures those that the terminal shows."""
    return table[(table["district"] == CITY) & table["measure"].isin(PRINTED)]


def compare_text(table: pd.DataFrame, names: tuple[str, str], words: Wording) -> str:
    """Return the city's rows as aligned lines, and under them how to read them.

    Parameters
    ----------
    names : what the two runs are called.
    """
    head = [words.column("resource"), words.column("measure"), *names, words.column("difference")]
    rows = [[*head, "95 %", words.column("mc_error"), words.column("variance_cut")]]
    for row in city_rows(table).to_dict("records"):
        known = np.isfinite(row["mc_error"])
        rows.append(
            [
                words.name("resource", str(row["resource"])),
                words.name("measure", str(row["measure"])),
                *(f"{row[c]:,.0f}" for c in ("first", "second", "difference")),
                f"{row['low']:,.0f} .. {row['high']:,.0f}" if known else "-",
                f"{row['mc_error']:,.1f}" if known else "-",
                f"{row['variance_cut']:,.0f}" if np.isfinite(row["variance_cut"]) else "-",
            ]
        )
    pairs = int(table["pairs"].iloc[0])
    title = f"{words.name('area', CITY)} {int(table['year'].iloc[0])}"
    return "\n".join([title, *aligned(rows), words.text("run", "compared", pairs=pairs)])
