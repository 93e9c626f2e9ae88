"""Tables of a projection: what adds up, what does not, and what each form says."""

from collections.abc import Sequence
from functools import cache
from typing import cast

import numpy as np
import pandas as pd
import pytest

from forecast.many_draws import Forecast, forecast
from params.axes import BASES, CITY
from params.inputs import Inputs, load_inputs
from params.language import LANGUAGES
from params.scenario.load import load_scenario
from runs.report.population_summary import population_summary
from runs.tables.own_counts import COLUMNS as COUNT_COLUMNS
from runs.tables.population import (
    AGES,
    MEASURES,
    MISFIT_COLUMNS,
    ages_table,
    long_table,
    round_together,
    wide_table,
)
from runs.texts.wording import dictionary, split_suffix, wording
from tests.city import base
from tests.shanghai import ZONES

KEYS = ["basis", "year", "measure"]


@cache
def inputs(scenario: str = "baseline") -> Inputs:
    return load_inputs(load_scenario(scenario).scenario)


@cache
def result(draws: int = 12, scenario: str = "baseline") -> Forecast:
    return forecast(inputs(scenario), draws, base=base(), cells=True)


@cache
def table(draws: int = 12) -> pd.DataFrame:
    return long_table(inputs(), result(draws))


def rows(frame: pd.DataFrame, area: str, kind: str = "city") -> pd.DataFrame:
    # Pudong is a district and a zone.
    return frame[(frame["district"] == area) & (frame["area_type"] == kind)].set_index(KEYS)


def members(zone: str) -> list[str]:
    districts = inputs().districts
    return [n for n, z in zip(districts.names, districts.zone, strict=True) if ZONES[z] == zone]


def added(names: Sequence[str], column: str = "mean") -> pd.Series:
    return cast(pd.Series, sum(rows(table(), name, "district")[column] for name in names))


@pytest.mark.parametrize("zone", ZONES)
def test_means_of_districts_add_to_their_zone_as_written(zone: str) -> None:
    wanted = rows(table(), zone, "zone")["mean"]
    np.testing.assert_allclose(added(members(zone)), wanted, rtol=0, atol=1e-6)


def test_means_of_districts_add_to_the_city_as_written() -> None:
    found = added(inputs().districts.names)
    np.testing.assert_allclose(found, rows(table(), CITY)["mean"], rtol=0, atol=1e-6)


def test_intervals_of_the_city_are_not_sums_of_its_districts() -> None:
    key = ("resident", 2025, "80+")
    city, districts = rows(table(), CITY).loc[key], inputs().districts.names
    width = added(districts, "p95").loc[key] - added(districts, "p05").loc[key]
    assert city["p95"] - city["p05"] < 0.9 * width
    draws = result().values("resident", "80+")[:, -1].sum(axis=1)
    np.testing.assert_allclose(
        city[["p05", "p50", "p95"]].astype(float), np.percentile(draws, [5, 50, 95])
    )


def test_the_error_of_the_mean_is_that_of_the_draws() -> None:
    draws = result().values("registered", "60+")[:, -1].sum(axis=1)
    found = rows(table(), CITY).loc[("registered", 2025, "60+")]
    assert found["mc_error"] == pytest.approx(draws.std(ddof=1) / np.sqrt(12))
    assert found["mean"] == pytest.approx(draws.mean(), abs=0.01)


def test_need_is_said_on_the_basis_of_demand_only() -> None:
    by_basis = table().groupby("basis")["measure"].unique()
    assert list(by_basis["resident"]) == list(MEASURES)
    assert not [m for m in by_basis["registered"] if m.startswith(("need", "dementia"))]


def test_levels_of_need_add_to_need() -> None:
    mean = rows(table(), CITY)["mean"].unstack("measure").loc["resident"]
    np.testing.assert_allclose(mean[[f"need_{k}" for k in range(2, 7)]].sum(axis=1), mean["need"])


def test_wide_and_long_say_the_same() -> None:
    wide = wide_table(table())
    assert list(wide["district"].unique()) == list(table()["district"].unique())
    for suffix, column in (("", "mean"), ("_p05", "p05"), ("_p95", "p95")):
        columns = [f"{m}{suffix}" for m in MEASURES]
        found = wide.set_index(["basis", "area_type", "district", "year"])[columns].stack()
        wanted = table()[column]
        assert len(found.dropna()) == len(wanted) == len(table())
        np.testing.assert_array_equal(found.dropna(), wanted)


def test_ages_add_to_the_measures_of_the_long_table() -> None:
    keys = ["basis", "area_type", "district", "year"]
    ages = ages_table(inputs(), result()).groupby(keys)[list(AGES)].sum()
    for measure, first in (("total", 0), ("80+", 80), ("100+", 100)):
        wanted = table()[table()["measure"] == measure].set_index(keys)
        found = ages[list(AGES[first:])].sum(axis=1).reindex(wanted.index)
        # Each of 2 x 101 cells, and the measure, is written to 0.01.
        np.testing.assert_allclose(found, wanted["mean"], rtol=0, atol=0.01 * (2 * 101 + 1))


def test_ages_of_the_districts_add_to_the_city_as_written() -> None:
    ages = ages_table(inputs(), result()).set_index(["basis", "year", "sex"])
    districts = ages[ages["area_type"] == "district"].groupby(level=[0, 1, 2])[list(AGES)].sum()
    city = ages[ages["area_type"] == "city"][list(AGES)].reindex(districts.index)
    np.testing.assert_allclose(districts, city, rtol=0, atol=1e-6)


def test_frozen_growth_repeats_the_base_year_in_every_table() -> None:
    ages = ages_table(inputs("frozen-2020"), result(0, "frozen-2020"))
    by_year = ages.groupby("year")[list(AGES)].sum()
    assert (by_year == by_year.iloc[0]).all(axis=None)


def test_without_draws_there_is_no_interval_but_a_mean() -> None:
    single = table(0)
    assert single[["p05", "p50", "p95", "mc_error"]].isna().all(axis=None)
    assert single["mean"].notna().all()


@pytest.mark.parametrize(
    "file", ["population_long", "population_wide", "ages", "misfits", "counts"]
)
def test_every_column_is_in_the_data_dictionary_in_its_order(file: str) -> None:
    ages = ages_table(inputs(), result())
    frames = {
        "population_long": table(),
        "population_wide": wide_table(table()),
        "ages": ages.rename(columns={"0": "0…100"}).drop(columns=list(AGES[1:])),
        "misfits": pd.DataFrame(columns=list(MISFIT_COLUMNS)),
        "counts": pd.DataFrame(columns=list(COUNT_COLUMNS)),
    }
    columns = list(dict.fromkeys(split_suffix(c)[0] for c in frames[file].columns))
    assert columns == [row.column for row in dictionary() if row.file == file]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_measure_has_one_name_as_row_and_as_column(lang: str) -> None:
    words = wording(lang)
    assert [words.name("measure", m) for m in MEASURES] == [words.column(m) for m in MEASURES]
    assert len({words.column(m) for m in MEASURES}) == len(MEASURES)


def test_rounding_together_keeps_the_sum_rounded() -> None:
    values = np.random.default_rng(1).uniform(0, 5, (4, 16, 3))
    rounded = round_together(values, axis=1)
    assert np.abs(rounded - values).max() < 0.01
    np.testing.assert_allclose(rounded.sum(axis=1), values.sum(axis=1).round(2))


@pytest.mark.parametrize("draws", [0, 12])
def test_the_summary_shows_base_and_last_year_of_both_bases(draws: int) -> None:
    text = population_summary(table(draws), wording("zh"), 2025)
    said = [line.split()[:2] for line in text.splitlines()[2:]]
    names = [wording("zh").name("basis", b) for b in BASES]
    assert said == [[name, year] for name in names for year in ("2020", "2025")]
    assert ("[" in text.splitlines()[2]) == (draws > 0)
