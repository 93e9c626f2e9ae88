"""Project a scenario's population alone, many times: tables, figures, and what was run.

The event simulation is not run; what a planner asks of people, households and need comes from the
same forecast with the same draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from forecast.base.from_censuses import base_of
from forecast.many_draws import Forecast, forecast
from forecast.people.engine import SCALING_HIGH, SCALING_LOW
from params.axes import BASES, CITY
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.tables.read import read_table
from runs.figures.population import (
    FAN_MEASURES,
    FAN_SHARES,
    PLAN_SOURCE,
    PYRAMID_BAND,
    PopulationData,
    draw_population,
    population_figure,
)
from runs.figures.population import FIGURES as POPULATION_FIGURES
from runs.jobs.precision import PrecisionRecord
from runs.jobs.store import RunFolder, RunKey, tables_digest
from runs.produce import FIGURES, About, Writing
from runs.report.population_summary import population_summary, scaling_text
from runs.subjects.city import impossible
from runs.tables.made import Tables
from runs.tables.population import AGES, ages_table, long_table, wide_table
from runs.texts.wording import Wording, wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR: Final = (SCALING_LOW, SCALING_HIGH)
"""Factors of the city's constraint between which districts need no second look."""
FOLDER_ENDING: Final = "-population"
"""Results lie beside those of ``run``, which have the scenario's bare name."""
LONG: Final = "population_long"
TABLES: Final = (LONG, "population_wide", "ages")


@dataclass(frozen=True)
class Projection:
    """A scenario whose people are projected; `draws` 0 is the one default projection."""

    loaded: LoadedScenario
    draws: int = 1000
    seed: int = 2020
    threads: int = 1

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""
        return f"{self.loaded.scenario.name}{FOLDER_ENDING}"

    @property
    def key(self) -> RunKey:
        """What makes two projections the same; never the same as a simulation of the scenario."""
        resolved = f"projection\n{resolved_toml(self.loaded)}"
        return RunKey(self.loaded.scenario.name, resolved, self.seed, self.draws == 0)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes."""
        return (*TABLES, FIGURES)

    def work(self, kept: RunFolder) -> "ProjectionFindings":  # noqa: ARG002
        """Project, in one go: there are no parts to keep."""
        return found_by(self)


def found_by(subject: Projection) -> "ProjectionFindings":
    """Project.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    inputs = load_inputs(subject.loaded.scenario)
    draws, seed = subject.draws, subject.seed
    if draws < 0:
        name = inputs.scenario.name
        raise ParamError(Problem(name, f"{draws} draws 抽样次数", "0 or more 不小于0"))
    try:
        base = base_of(inputs)
        result = forecast(inputs, draws, seed, base=base, threads=subject.threads, cells=True)
    except ValueError as error:
        raise impossible(inputs, error) from error
    return ProjectionFindings(subject, inputs, result)


@dataclass(frozen=True)
class ProjectionFindings:
    """What the draws of a projection say."""

    subject: Projection
    inputs: Inputs
    result: Forecast
    precision: PrecisionRecord | None = None

    @property
    def about(self) -> About:
        """What was worked on."""
        scenario = self.inputs.scenario
        titles = {"zh": scenario.title_zh, "en": scenario.title_en}
        return About(scenario.name, titles, resolved_toml(self.subject.loaded), "projected")

    @cached_property
    def tables(self) -> Tables:
        """Tables by file name."""
        return Tables(
            {
                LONG: lambda: long_table(self.inputs, self.result),
                "population_wide": lambda: wide_table(self.tables[LONG]),
                "ages": lambda: ages_table(self.inputs, self.result),
            }
        )

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""
        return POPULATION_FIGURES

    @property
    def scaling(self) -> Mapping[str, list[float]]:
        """Least and largest factor by which the city's totals scaled the districts, by basis."""
        factors = self.result.scaling
        return {
            basis: [float(factors[:, b, :, 0].min()), float(factors[:, b, :, 1].max())]
            for b, basis in enumerate(BASES)
        }

    def facts(self) -> Mapping[str, object]:
        """Say with what it was projected, and how hard the city's totals bound the districts."""
        return {
            "basis": self.inputs.scenario.population.basis,
            "last_year": self.inputs.last_year,
            "seed": self.subject.seed,
            "draws": self.subject.draws,
            "interval": "5-95 % over draws" if self.subject.draws > 1 else "none",
            "city_constraint_factors": self.scaling,
            "tables_digest": tables_digest(),
        }

    def words(self, lang: str) -> Wording:
        """Return the words of a language, with headers for single ages, the last of which is open."""
        words = wording(lang)
        headers = {age: words.text("project", "age", age=age) for age in AGES[:-1]}
        headers[AGES[-1]] = words.text("project", "open_age", age=AGES[-1])
        columns = MappingProxyType({**words.sections["column"], **headers})
        sections = MappingProxyType({**words.sections, "column": columns})
        return replace(words, sections=sections)

    def as_written(self, table: str) -> pd.DataFrame:
        """Return a table as its CSV file has it."""
        return self.tables[table]

    def text(self, words: Wording) -> str:
        """Say the city's elders in a few years, and where the city's totals bound districts hard."""
        said = (
            population_summary(self.tables[LONG], words),
            scaling_text(self.scaling, NEAR, words),
        )
        return "\n".join(text for text in said if text)

    def figure(self, name: str, run: str, words: Wording) -> "Figure":
        """Draw one of `runs.figures.population.FIGURES`."""
        return population_figure(name, self._figure_data(run), words)

    def write_rest(self, to: Writing) -> None:
        """Write the figures."""
        if to.options.want(FIGURES):
            draw_population(self._figure_data(to.run), to.folder / "figures", to.words)

    def _figure_data(self, run: str) -> PopulationData:
        """Take from a forecast what the figures show."""
        result = self.result
        city = np.stack(
            [result.values(b, m).sum(axis=2) for b in BASES for m in FAN_MEASURES], axis=-1
        )
        city = city.reshape(*city.shape[:2], len(BASES), len(FAN_MEASURES))
        ends = [(50 - share / 2, 50 + share / 2) for share in FAN_SHARES]
        published = read_table("projections_published.csv")
        of_the_plan = (published["source_id"] == PLAN_SOURCE) & (published["area"] == CITY)
        return PopulationData(
            years=result.years,
            table=self.tables[LONG],
            first_pyramid=result.pyramid[:, 0].mean(axis=0),
            last_pyramid=result.pyramid[:, -1].mean(axis=0),
            pyramid_band=np.percentile(result.pyramid[:, -1], PYRAMID_BAND, axis=0),
            bands=np.percentile(city, np.ravel(ends), axis=0).reshape(
                len(ends), 2, *city.shape[1:]
            ),
            plan=published[of_the_plan & published["target_year"].astype(int).isin(result.years)],
            districts=read_table("districts.csv"),
            run=run,
            draws=self.subject.draws,
        )
