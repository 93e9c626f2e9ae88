"""A table fitted to margins meets them, keeps its zeros and its interaction, and says when it cannot."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.methods.ipf import Margin, fit_margins
from params.axes import FloatArray
from params.errors import ParamError

cells = st.floats(0.1, 10.0)
tables = arrays(float, (3, 2, 4), elements=cells)
ROWS, COLUMNS = np.array([2.0, 1.0]), np.array([1.0, 2.0])


@given(tables, tables)
def test_a_fitted_table_meets_margins_of_one_and_two_axes(
    first: FloatArray, other: FloatArray
) -> None:
    margins = [
        Margin("district", (0,), other.sum(axis=(1, 2))),
        Margin("sex and age", (1, 2), other.sum(axis=0)),
    ]
    found = fit_margins(first, margins)
    assert found.residual <= 1e-10 * other.sum()
    np.testing.assert_allclose(found.table.sum(axis=(1, 2)), margins[0].totals, rtol=1e-7)
    np.testing.assert_allclose(found.table.sum(axis=0), margins[1].totals, rtol=1e-7)


@given(tables, tables)
def test_the_factors_take_the_first_table_to_the_fitted_one(
    first: FloatArray, other: FloatArray
) -> None:
    margins = [
        Margin("district", (0,), other.sum(axis=(1, 2))),
        Margin("sex", (1,), other.sum(axis=(0, 2))),
        Margin("age", (2,), other.sum(axis=(0, 1))),
    ]
    found = fit_margins(first, margins)
    district, sex, age = found.factors
    scaled = first * district[:, None, None] * sex[None, :, None] * age[None, None, :]
    np.testing.assert_allclose(found.table, scaled, rtol=1e-10)
    ratio = found.table / first
    assert (found.smallest_factor, found.largest_factor) == (ratio.min(), ratio.max())


@given(tables)
def test_a_table_that_meets_its_margins_is_left_alone(first: FloatArray) -> None:
    margins = [Margin("district", (0,), first.sum(axis=(1, 2)))]
    found = fit_margins(first, margins)
    assert found.n_steps == 0
    np.testing.assert_array_equal(found.table, first)


@given(arrays(float, (2, 2), elements=cells))
def test_the_odds_ratio_of_the_first_table_is_kept(first: FloatArray) -> None:
    found = fit_margins(first, [Margin("rows", (0,), ROWS), Margin("columns", (1,), COLUMNS)])
    np.testing.assert_allclose(odds(found.table), odds(first), rtol=1e-8)


def test_zero_cells_stay_zero_and_an_empty_slice_may_have_an_empty_margin() -> None:
    first = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 0.0]])
    margins = [Margin("rows", (0,), ROWS), Margin("columns", (1,), np.array([1.0, 2.0, 0.0]))]
    found = fit_margins(first, margins, max_steps=100_000, tolerance=1e-4)
    assert ((found.table == 0) == (first == 0)).all()


@pytest.mark.parametrize(
    ("first", "rows", "columns", "message"),
    [
        ([[1, 1], [1, 1]], [2.0, 1.0], [1.0, 3.0], r"columns: adds to 4\n.*3, the total of rows"),
        ([[1, 1], [0, 0]], [2.0, 1.0], [1.0, 2.0], r"rows \[1\]: 1 over cells that are all 0"),
        ([[1, -1], [1, 1]], [2.0, 1.0], [1.0, 2.0], r"table \[0, 1\]: -1\n"),
        ([[1, 1], [1, 1]], [2.0, np.nan], [1.0, 2.0], r"rows \[1\]: nan\n"),
        ([[1, 1], [1, 1]], [2.0, 1.0, 1.0], [1.0, 2.0], r"rows: shape \(3,\)\n.*\(2,\)"),
        ([[1, 0], [0, 1]], [2.0, 1.0], [1.0, 2.0], r"missed by 1 after 100 steps\n.*zero cells"),
    ],
)
def test_margins_that_cannot_be_met_are_refused_by_name(
    first: list[list[float]], rows: list[float], columns: list[float], message: str
) -> None:
    margins = [Margin("rows", (0,), np.array(rows)), Margin("columns", (1,), np.array(columns))]
    with pytest.raises(ParamError, match=message):
        fit_margins(np.array(first), margins)


@pytest.mark.parametrize("axes", [(), (2,), (1, 0), (0, 0)])
def test_axes_that_the_table_does_not_have_are_refused(axes: tuple[int, ...]) -> None:
    with pytest.raises(ParamError, match=r"rows: axes \(.*\)\n.*rising, 0 to 1"):
        fit_margins(np.ones((2, 2)), [Margin("rows", axes, ROWS)])
    with pytest.raises(ParamError, match="margins: none"):
        fit_margins(np.ones((2, 2)), [])


@pytest.mark.reference
def test_the_classic_table_comes_out_as_from_loglin_and_a_poisson_model(reference: Path) -> None:
    first = pd.read_csv(reference / "ipf" / "seed_4x4.csv").to_numpy(np.float64)
    fitted = pd.read_csv(reference / "ipf" / "fitted_4x4.csv").to_numpy()
    rows = Margin("rows", (0,), np.array([150.0, 300.0, 400.0, 150.0]))
    columns = Margin("columns", (1,), np.array([200.0, 300.0, 400.0, 100.0]))
    found = fit_margins(first, [rows, columns], tolerance=1e-14)
    np.testing.assert_allclose(found.table, fitted, atol=1e-10)


def odds(table: FloatArray) -> float:
    return float(table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]))
