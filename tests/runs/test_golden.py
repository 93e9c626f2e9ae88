"""A small golden run: two replications of a hundredth of the city, as files to be read as a diff.

`YANGLAO_GOLDEN=write` writes the files again; the commit that does so says why they changed.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from params.axes import CITY
from runs.tables.city import population_table, shortfall_table
from runs.tables.sample import sample_of
from runs.write import write_csv
from tests.city import SEED, small_city, small_outcome
from tests.shanghai import ZONES

FOLDER = Path(__file__).parent / "golden"
SCALE = 1 / 100
AREAS = (*ZONES, CITY, "黄浦区")
KEYS = ("district", "year", "resource", "basis", "measure", "flag", "unit")
LAST_PLACE = {"share_in_time": 4, "load": 4, "occupancy_rate": 4, "wait": 1}
"""Decimals as written, by how a column begins; others have two."""


@pytest.fixture(scope="module")
def golden_tables() -> dict[str, pd.DataFrame]:
    inputs = small_city(scale=SCALE).inputs
    sample = sample_of(inputs, (small_outcome(k, SCALE) for k in range(2)), SEED)
    shortfall = shortfall_table(inputs, sample)
    kept = [c for c in shortfall.columns if not c.endswith(("_p05", "_p95", "_mc_error"))]
    kept += ["service_gap_p05", "service_gap_p95"]
    kept = [c for c in kept if c not in ("scenario", "basis", "area_type", "code")]
    shortfall = shortfall.loc[shortfall["district"].isin(AREAS), kept]
    population = population_table(inputs, sample)
    population = population[population["district"] == CITY]
    columns = ["basis", "district", "year", "measure", "mean"]
    return {"shortfall": shortfall, "population": population[columns]}


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def tolerance(column: str) -> float:
    """One unit in the last written place: a last bit of libm may turn a rounding."""
    places = next((n for start, n in LAST_PLACE.items() if column.startswith(start)), 2)
    return 1.01 * 10.0**-places


@pytest.mark.parametrize("name", ["shortfall", "population"])
def test_the_golden_run_is_as_it_was(
    golden_tables: dict[str, pd.DataFrame], tmp_path: Path, name: str
) -> None:
    golden = FOLDER / f"{name}.csv"
    writing = os.environ.get("YANGLAO_GOLDEN") == "write"
    path = golden if writing else tmp_path / golden.name
    write_csv(golden_tables[name], path, "en", "utf-8")
    now, before = read(path), read(golden)
    assert golden.stat().st_size < 60_000
    assert list(now.columns) == list(before.columns)
    for column in now.columns:
        if column in KEYS:
            assert (now[column] == before[column]).all(), column
            continue
        assert ((now[column] == "") == (before[column] == "")).all(), column
        a, b = (pd.to_numeric(f[column]).to_numpy(np.float64) for f in (now, before))
        np.testing.assert_allclose(
            a, b, rtol=1e-6, atol=tolerance(column), err_msg=column, equal_nan=True
        )
