"""What the jobs of a sweep say together, against pandas and closed forms."""

import math
from functools import cache

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runs.tables.sweep import T_TABLE, student, summary_sql

CELL = ["point", "area", "year", "resource", "measure"]
T_95 = {1: 12.706205, 2: 4.302653, 3: 3.182446, 4: 2.776445, 9: 2.262157, 19: 2.093024}
"""Quantiles of Student's t, from a printed table."""


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Return one database for all cells."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create schema house")
    connection.register("t", student(12_000))
    connection.execute(f"create table {T_TABLE} as select * from t")
    return connection


def summed_up(frame: pd.DataFrame, two_levels: bool) -> pd.DataFrame:
    """Sum up point, area, year, resource, measure, draw, value."""
    connection = database()
    connection.register("jobs", frame)
    found = connection.execute(summary_sql("jobs", "year", two_levels)).df()
    return found.sort_values(CELL, ignore_index=True)


def rows(values: list[tuple[int, float]], area: str = "全市") -> pd.DataFrame:
    """Return the rows of one cell from pairs of draw and value."""
    frame = pd.DataFrame(values, columns=["draw", "value"])
    return frame.assign(point=0, area=area, year=2025, resource="beds", measure="waiting")


values = st.floats(-1e6, 1e6).map(lambda v: round(v, 3))
pairs = st.lists(st.tuples(st.integers(0, 4), values), min_size=1, max_size=30)


def parted(group: pd.DataFrame) -> dict[str, float]:
    """Part the variance of one cell, draw by draw, as textbooks write it."""
    n, mean = len(group), group["value"].mean()
    draws = [part["value"].to_numpy() for _, part in group.groupby("draw")]
    d, sizes = len(draws), np.array([len(draw) for draw in draws])
    out = dict.fromkeys(("mc_error", "sd_luck", "sd_assumptions", "share_assumptions"), math.nan)
    if d < 2:
        return out
    moved = sum((len(draw) / n * (draw.mean() - mean)) ** 2 for draw in draws)
    out["mc_error"] = math.sqrt(d / (d - 1) * moved)
    if n == d:
        return out
    within = sum(((draw - draw.mean()) ** 2).sum() for draw in draws) / (n - d)
    between = sum(len(draw) * (draw.mean() - mean) ** 2 for draw in draws) / (d - 1)
    a_draw = (n - (sizes**2).sum() / n) / (d - 1)
    assumed = max(0.0, (between - within) / a_draw)
    out |= {"sd_luck": math.sqrt(within), "sd_assumptions": math.sqrt(assumed)}
    if within + assumed > 0:
        out["share_assumptions"] = assumed / (within + assumed)
    return out


@given(st.lists(pairs, min_size=1, max_size=3))
def test_means_and_quantiles_are_those_of_pandas(cells: list[list[tuple[int, float]]]) -> None:
    frame = pd.concat([rows(cell, f"area {k}") for k, cell in enumerate(cells)])
    for two_levels in (False, True):
        found = summed_up(frame, two_levels)
        group = frame.groupby(CELL)["value"]
        assert found["n"].tolist() == group.count().tolist()
        np.testing.assert_allclose(found["mean"], group.mean(), rtol=1e-9, atol=1e-6)
        for column, share in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
            wanted = group.quantile(share)
            if column != "p50":  # a single job has no interval
                wanted = wanted.where(group.count() > 1)
            np.testing.assert_allclose(found[column], wanted, rtol=1e-9, atol=1e-6)


@given(pairs)
def test_errors_of_one_level_are_those_of_independent_jobs(cell: list[tuple[int, float]]) -> None:
    found = summed_up(rows(cell), two_levels=False).iloc[0]
    wanted = rows(cell)["value"].sem() if len(cell) > 1 else math.nan
    assert found["mc_error"] == pytest.approx(wanted, rel=1e-6, abs=1e-4, nan_ok=True)
    assert found[["sd_luck", "sd_assumptions", "share_assumptions"]].isna().all()


@given(pairs)
@example([(0, 0.094)] * 3 + [(1, 0.094)])
def test_the_variance_is_parted_as_in_textbooks_however_many_each_draw_has(
    cell: list[tuple[int, float]],
) -> None:
    frame = rows(cell)
    found = summed_up(frame, two_levels=True).iloc[0]
    wanted_all = parted(frame)
    if wanted_all["sd_luck"] ** 2 + wanted_all["sd_assumptions"] ** 2 < 1e-9:
        assert np.isnan(found["share_assumptions"])  # rounding has no shares
        del wanted_all["share_assumptions"]
    for name, wanted in wanted_all.items():
        # Sums of squares of a million or so keep some 1e-3 of a difference of squares.
        assert found[name] == pytest.approx(wanted, rel=1e-5, abs=1e-2, nan_ok=True), name


@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 10**6))
def test_with_equal_counts_the_error_is_that_of_the_draws(d: int, r: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    grid = chance.normal(0, 3, (d, 1)) + chance.normal(100, 2, (d, r))
    frame = rows([(k, v) for k in range(d) for v in grid[k]])
    found = summed_up(frame, two_levels=True).iloc[0]
    between = r * grid.mean(axis=1).var(ddof=1)
    within = grid.var(axis=1, ddof=1).mean()
    assert found["mc_error"] == pytest.approx(math.sqrt(between / (d * r)))
    assert found["sd_luck"] ** 2 == pytest.approx(within)
    assert found["sd_assumptions"] ** 2 == pytest.approx(max(0.0, between - within) / r, abs=1e-9)


@pytest.mark.parametrize("draws", [2, 5, 20])
@pytest.mark.parametrize("two_levels", [False, True])
def test_the_interval_of_the_mean_is_students_with_one_degree_less_than_draws(
    draws: int, two_levels: bool
) -> None:
    frame = rows([(k, float(k * k)) for k in range(draws)])
    found = summed_up(frame, two_levels).iloc[0]
    half = T_95[draws - 1] * found["mc_error"]
    assert found["ci_high"] - found["mean"] == pytest.approx(half, rel=1e-6)
    assert found["mean"] - found["ci_low"] == pytest.approx(half, rel=1e-6)


def test_several_replications_of_a_draw_do_not_make_the_interval_narrower_than_its_draws() -> None:
    once = rows([(k, 10.0 * k) for k in range(5)])
    often = pd.concat([once] * 40)
    one, many = (summed_up(frame, two_levels=True).iloc[0] for frame in (once, often))
    assert many["ci_high"] == pytest.approx(one["ci_high"])
    assert many["sd_luck"] == 0
    assert many["share_assumptions"] == 1


def test_a_single_draw_of_several_says_nothing_about_the_error() -> None:
    found = summed_up(rows([(0, 1.0), (0, 2.0), (0, 3.0)]), two_levels=True).iloc[0]
    assert found["mean"] == 2
    assert found[["mc_error", "ci_low", "ci_high", "sd_luck", "sd_assumptions"]].isna().all()


@pytest.mark.statistical
def test_luck_and_assumptions_are_told_apart() -> None:
    chance = np.random.default_rng(2020)
    drawn = chance.normal(0, 30, 4000)
    frame = rows([(k, drawn[k] + chance.normal(0, 40)) for k in range(4000) for _ in range(3)])
    found = summed_up(frame, two_levels=True).iloc[0]
    # sd of a mean square with f degrees of freedom: sqrt(2 / f) of it. f = 8000 and 3999: the sd of
    # sd_luck is 40 * 0.5 * 0.0158 = 0.32; of sd_assumptions (B = 1600 + 2700, over 3):
    # sqrt((4300 * 0.0224)^2 + (1600 * 0.0158)^2) / 3 / (2 * 30) = 0.55. Five of them: 1 in 1.7 million.
    assert found["sd_luck"] == pytest.approx(40, abs=1.6)
    assert found["sd_assumptions"] == pytest.approx(30, abs=2.8)
    assert found["share_assumptions"] == pytest.approx(900 / 2500, abs=0.06)
