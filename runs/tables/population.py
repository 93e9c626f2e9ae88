"""Lay a forecast out as tables: long, wide, and by single age.

Zones and the city are added inside each draw before quantiles are taken. Means are rounded to the
decimals they are written with, districts to largest remainders, so that the files themselves add up.
"""

from typing import Final

import numpy as np
import pandas as pd

from forecast.base.base import Base
from forecast.base.condition.misfits import misfits
from forecast.many_draws import NEED_MEASURES, PEOPLE_MEASURES, Forecast
from params.axes import BASES, N_AGE, SEXES, FloatArray
from params.inputs import Inputs
from params.tables.districts import Districts
from runs.write import COUNT_DECIMALS

QUANTILES: Final = (5, 50, 95)
STATISTICS: Final = ("mean", "p05", "p50", "p95", "mc_error")
AREA_KEYS: Final = ("area_type", "district", "code")
ROW_KEYS: Final = ("scenario", "basis", *AREA_KEYS, "year")
MEASURES: Final = (*PEOPLE_MEASURES, *NEED_MEASURES)
AGES: Final = tuple(str(age) for age in range(N_AGE))
"""Columns of single ages; the last is 100 and older."""

MISFIT_COLUMNS: Final = (
    *("scenario", "basis", "year", "figure", "published", "fitted"),
    *("error", "standard_error", "source_id", "status"),
)


def long_table(inputs: Inputs, result: Forecast) -> pd.DataFrame:
    """Return ``population_long.csv``: one row a basis, area, year and measure, persons."""
    parts = []
    for basis in inputs.city.bases:
        values, measures = measured(inputs, result, basis)
        statistics = _statistics(values, inputs.districts)
        keys = _keys(inputs, result, basis, "measure", measures)
        columns = {name: part.ravel() for name, part in zip(STATISTICS, statistics, strict=True)}
        parts.append(pd.concat([keys, pd.DataFrame(columns)], axis=1))
    return pd.concat(parts, ignore_index=True)


def wide_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``population_wide.csv`` from the long table: a column a measure, its interval beside."""
    keys = list(ROW_KEYS)
    rows = pd.MultiIndex.from_frame(table[keys].drop_duplicates())
    by_measure = table.pivot(index=keys, columns="measure", values=["mean", "p05", "p95"])
    found = by_measure.reindex(rows)
    columns = {
        measure + suffix: found[statistic, measure]
        for measure in table["measure"].unique()
        for statistic, suffix in (("mean", ""), ("p05", "_p05"), ("p95", "_p95"))
    }
    return pd.DataFrame(columns).reset_index()


def ages_table(inputs: Inputs, result: Forecast) -> pd.DataFrame:
    """Return ``ages.csv``: mean over draws, one row a basis, area, year and sex, a column an age."""
    parts = []
    for basis in inputs.city.bases:
        rounded = round_together(result.mean[:, BASES.index(basis)], axis=1)
        areas = area_sums(rounded, inputs.districts, axis=1).round(COUNT_DECIMALS)
        by_age = areas.swapaxes(0, 1).reshape(-1, N_AGE)
        keys = _keys(inputs, result, basis, "sex", SEXES)
        parts.append(pd.concat([keys, pd.DataFrame(by_age, columns=list(AGES))], axis=1))
    return pd.concat(parts, ignore_index=True)


def misfits_table(inputs: Inputs, base: Base) -> pd.DataFrame:
    """Return ``misfits.csv``: every figure that the forecast was fitted to, and what the fit makes of it.

    No rows where nothing was fitted.
    """
    rows = [
        (
            inputs.scenario.name,
            m.figure.basis,
            m.figure.year,
            m.figure.measure,
            m.figure.value,
            m.fitted,
            m.apart,
            m.error,
            m.figure.source_id,
            m.figure.status,
        )
        for m in (misfits(base.known) if base.known else ())
    ]
    return pd.DataFrame(rows, columns=list(MISFIT_COLUMNS))


def measured(inputs: Inputs, result: Forecast, basis: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Return what is reported on a basis, shape (draw, year, district, measure), and the measures."""
    people = result.people[:, :, BASES.index(basis)]
    if basis != inputs.scenario.population.basis:
        return people, PEOPLE_MEASURES
    return np.concatenate([people, result.need], axis=-1), MEASURES


def area_sums(values: FloatArray, districts: Districts, axis: int) -> FloatArray:
    """Replace the district axis by districts, zones and the city, in the order of `areas`."""
    parts = [values.take(members, axis).sum(axis) for *_, members in districts.areas()]
    return np.stack(parts, axis=axis)


def round_together(values: FloatArray, axis: int) -> FloatArray:
    """Round to written decimals by largest remainders: the sum along `axis` is rounded too."""
    scale = 10.0**COUNT_DECIMALS
    exact = values * scale
    floor = np.floor(exact)
    remainder = exact - floor
    missing = remainder.sum(axis=axis, keepdims=True).round()
    rank = (-remainder).argsort(axis=axis, kind="stable").argsort(axis=axis, kind="stable")
    return np.asarray((floor + (rank < missing)) / scale)


def _statistics(values: FloatArray, districts: Districts) -> list[FloatArray]:
    """Return `STATISTICS`, each of shape (area, year, measure); a single projection has a mean only."""
    rounded = round_together(values.mean(axis=0), axis=1)
    mean = area_sums(rounded, districts, axis=1).round(COUNT_DECIMALS).swapaxes(0, 1)
    n = len(values)
    if n < 2:
        return [mean, *([np.full_like(mean, np.nan)] * (len(STATISTICS) - 1))]
    draws = area_sums(values, districts, axis=2).swapaxes(1, 2)
    error = draws.std(axis=0, ddof=1) / np.sqrt(n)
    return [mean, *np.percentile(draws, QUANTILES, axis=0), error]


def _keys(
    inputs: Inputs, result: Forecast, basis: str, last: str, values: tuple[str, ...]
) -> pd.DataFrame:
    """Return the key columns of rows that run over area, year and one thing more."""
    areas = [(kind, name, code) for kind, name, code, _ in inputs.districts.areas()]
    rows = [
        (inputs.scenario.name, basis, *area, year, value)
        for area in areas
        for year in result.years
        for value in values
    ]
    return pd.DataFrame(rows, columns=[*ROW_KEYS, last])
