"""Project a scenario's population alone, many times: tables, figures, and what was run.

The event simulation is not run; what a planner asks of people, households and need comes from the
same forecast with the same draws.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from forecast.base.build import base_of
from forecast.many_draws import Forecast, forecast
from forecast.people.engine import SCALING_HIGH, SCALING_LOW
from params.axes import BASES, CITY
from params.city import City
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.scenario.load import LoadedScenario, load_scenario
from params.scenario.resolved import resolved_toml
from params.seed import DEFAULT_SEED
from params.tables.known import has_table
from params.tables.read import read_table, table_columns
from runs.figures.population import (
    FAN_MEASURES,
    FAN_SHARES,
    PYRAMID_BAND,
    PopulationData,
    draw_population,
)
from runs.jobs.store import RunFolder, RunKey, Watch, code_digest, environment, tables_digest
from runs.tables.population import AGES, ages_table, long_table, wide_table
from runs.texts.city import city_words, without
from runs.texts.wording import Wording
from runs.workbook import write_xlsx
from runs.write import Encoding, write_csv, write_json, write_text

NEAR: Final = (SCALING_LOW, SCALING_HIGH)
"""Factors of the city's constraint between which districts need no second look."""
FOLDER_ENDING: Final = "-population"
"""Results lie beside those of ``run``, which have the scenario's bare name."""


@dataclass(frozen=True)
class ProjectOptions:
    """How to project a scenario; `draws` 0 is the one default projection."""

    out: Path
    draws: int = 1000
    seed: int = DEFAULT_SEED
    threads: int = 1
    lang: str = "zh"
    encoding: Encoding = "utf-8-sig"
    xlsx: bool = False


@dataclass(frozen=True)
class Projected:
    """What a projection leaves: its folder, its tables by file name, its manifest."""

    folder: Path
    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]


def project_table(
    scenario: str | Path,
    draws: int = 1000,
    seed: int = DEFAULT_SEED,
    city: City | None = None,
) -> pd.DataFrame:
    """Return the long table of a projection, with English ids; nothing is written.

    Parameters
    ----------
    scenario : name of a ready scenario, or path of a scenario file.
    draws : number of draws; 0 gives the one default projection, without intervals.
    seed : the same seed gives the same numbers.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    loaded = load_scenario(scenario, city)
    inputs = load_inputs(loaded.scenario, loaded.city)
    return long_table(inputs, forecast_of(inputs, draws, seed, os.cpu_count() or 1))


def produce_projection(loaded: LoadedScenario, options: ProjectOptions) -> Projected:
    """Project a scenario and write every file into its folder; the manifest comes last.

    Raises
    ------
    ParamError
        For anything a user can put right; nothing is written then.
    """
    watch = Watch()
    inputs = load_inputs(loaded.scenario, loaded.city)
    key = projection_key(loaded, options)
    folder = options.out / f"{loaded.scenario.name}{FOLDER_ENDING}"
    kept = RunFolder(folder, key)
    kept.check()  # Refused before the work, not after it.
    result = forecast_of(inputs, options.draws, options.seed, options.threads, cells=True)
    watch.lap()
    table = long_table(inputs, result)
    tables = {
        "population_long": table,
        "population_wide": wide_table(table),
        "ages": ages_table(inputs, result),
    }
    kept.open()
    manifest = make_manifest(inputs, key, options, result)
    words = city_words(options.lang, loaded.city)
    write_tables(folder, tables, options, words)
    write_text(folder / "scenario.toml", resolved_toml(loaded))
    run = f"{inputs.scenario.name} {key.digest}"
    data = chart_data(inputs, result, table, run, options.draws)
    draw_population(data, folder / "figures", words)
    manifest["times"] = watch.times("projected")
    write_json(folder / "manifest.json", manifest)
    return Projected(folder, tables, manifest)


def forecast_of(
    inputs: Inputs, draws: int, seed: int, threads: int, *, cells: bool = False
) -> Forecast:
    """Run the forecast; what it finds impossible becomes a message that names the scenario."""
    name = inputs.scenario.name
    if draws < 0:
        raise ParamError(Problem(name, f"{draws} draws 抽样次数", "0 or more 不小于0"))
    try:
        base = base_of(inputs)
        return forecast(inputs, draws, seed, base=base, threads=threads, cells=cells)
    except ValueError as error:
        advice = "change the assumption it names 请调整其中提到的假定"
        raise ParamError(Problem(name, str(error), "", advice)) from error


def projection_key(loaded: LoadedScenario, options: ProjectOptions) -> RunKey:
    """Say what makes two projections the same; never the same as a simulation of the scenario."""
    resolved = f"projection\n{resolved_toml(loaded)}"
    is_default = options.draws == 0
    return RunKey(loaded.scenario.name, resolved, options.seed, is_default, city=loaded.city)


def make_manifest(
    inputs: Inputs, key: RunKey, options: ProjectOptions, result: Forecast
) -> dict[str, Any]:
    """Say what was projected, with what, and how hard the city's totals bound the districts."""
    scaling = {
        basis: [float(result.scaling[:, b, :, 0].min()), float(result.scaling[:, b, :, 1].max())]
        for b, basis in enumerate(BASES)
        if basis in inputs.city.bases
    }
    return {
        "run_id": key.digest,
        "scenario": inputs.scenario.name,
        "city": inputs.city.name,
        "city_zh": inputs.city.name_zh,
        "city_en": inputs.city.name_en,
        "title_zh": inputs.scenario.title_zh,
        "title_en": inputs.scenario.title_en,
        "basis": inputs.scenario.population.basis,
        "last_year": inputs.last_year,
        "seed": options.seed,
        "draws": options.draws,
        "interval": "5-95 % over draws" if options.draws > 1 else "none",
        "city_constraint_factors": scaling,
        "without": without(inputs.city, options.lang),
        "tables_digest": tables_digest(inputs.city),
        "code_digest": code_digest(),
        "environment": environment(),
    }


def write_tables(
    folder: Path, tables: dict[str, pd.DataFrame], options: ProjectOptions, words: Wording
) -> None:
    """Write the tables as CSV and, if asked for, as a workbook."""
    words = with_ages(words)
    sexes = [words.name("sex", sex) for sex in tables["ages"]["sex"]]
    said = {**tables, "ages": tables["ages"].assign(sex=sexes)}
    for name, table in said.items():
        write_csv(table, folder / f"{name}.csv", options.lang, options.encoding, words)
    if options.xlsx:
        write_xlsx(said, folder / f"{folder.name}.xlsx", words)


def with_ages(words: Wording) -> Wording:
    """Add headers for single ages, the last of which is open."""
    headers = {age: words.text("project", "age", age=age) for age in AGES[:-1]}
    headers[AGES[-1]] = words.text("project", "open_age", age=AGES[-1])
    columns = MappingProxyType({**words.sections["column"], **headers})
    return replace(words, sections=MappingProxyType({**words.sections, "column": columns}))


def chart_data(
    inputs: Inputs, result: Forecast, table: pd.DataFrame, run: str, draws: int
) -> PopulationData:
    """Take from a forecast what the figures show, of the populations that are counted."""
    bases = inputs.city.bases
    rows = [BASES.index(basis) for basis in bases]
    city = np.stack([result.values(b, m).sum(axis=2) for b in bases for m in FAN_MEASURES], axis=-1)
    city = city.reshape(*city.shape[:2], len(bases), len(FAN_MEASURES))
    pyramid = result.pyramid[:, :, rows]
    ends = [(50 - share / 2, 50 + share / 2) for share in FAN_SHARES]
    return PopulationData(
        years=result.years,
        table=table,
        first_pyramid=pyramid[:, 0].mean(axis=0),
        last_pyramid=pyramid[:, -1].mean(axis=0),
        pyramid_band=np.percentile(pyramid[:, -1], PYRAMID_BAND, axis=0),
        bands=np.percentile(city, np.ravel(ends), axis=0).reshape(len(ends), 2, *city.shape[1:]),
        plan=foreseen(inputs.city, result.years),
        districts=read_table("districts.csv", inputs.city.tables),
        run=run,
        draws=draws,
        zones=inputs.city.zones,
    )


def foreseen(city: City, years: range) -> pd.DataFrame:
    """Return what the city's plan foresees for its people in some years; nothing without a plan."""
    columns = [c.name for c in table_columns("projections_published")]
    if not has_table(city, "projections_published"):
        return pd.DataFrame(columns=columns)
    published = read_table("projections_published.csv", city.tables)
    of_the_plan = (published["source_id"] == city.plan_source) & (published["area"] == CITY)
    return published[of_the_plan & published["target_year"].astype(int).isin(years)]
