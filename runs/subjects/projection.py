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

from forecast.base.base import Base
from forecast.base.build import base_of
from forecast.many_draws import Forecast, forecast
from forecast.people.engine import SCALING_HIGH, SCALING_LOW
from params.axes import BASES, CITY
from params.city import City
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.language import said
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario
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
    population_figure,
)
from runs.figures.population import FIGURES as POPULATION_FIGURES
from runs.jobs.key import RunKey, tables_digest
from runs.jobs.precision import PrecisionRecord
from runs.jobs.store import RunFolder
from runs.produce import FIGURES, About, Writing
from runs.report.population_summary import population_summary, scaling_text
from runs.subjects.possible import impossible
from runs.tables.made import Tables
from runs.tables.own_counts import counts_table
from runs.tables.population import AGES, ages_table, long_table, misfits_table, wide_table
from runs.texts.city import city_words, without
from runs.texts.wording import Wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR: Final = (SCALING_LOW, SCALING_HIGH)
"""Factors of the city's constraint between which districts need no second look."""
FOLDER_ENDING: Final = "-population"
"""Results lie beside those of ``run``, which have the scenario's bare name."""
LONG: Final = "population_long"
COUNTS: Final = "counts"
"""Written where a scenario brings counts of its own."""
TABLES: Final = (LONG, "population_wide", "ages", "misfits")


@dataclass(frozen=True)
class Projection:
    """A scenario whose people are projected; `draws` 0 is the one default projection."""

    loaded: LoadedScenario
    draws: int = 1000
    seed: int = DEFAULT_SEED
    threads: int = 1

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""
        return f"{self.loaded.scenario.name}{FOLDER_ENDING}"

    @property
    def key(self) -> RunKey:
        """What makes two projections the same; never the same as a simulation of the scenario."""
        values = f"projection\n{identity(self.loaded)}"
        name, city = self.loaded.scenario.name, self.loaded.city
        return RunKey(name, values, self.seed, self.draws == 0, city=city)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes."""
        own = (COUNTS,) if self.loaded.scenario.population.counts else ()
        return (*TABLES, *own, FIGURES)

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
    inputs = load_inputs(subject.loaded.scenario, subject.loaded.city)
    draws, seed = subject.draws, subject.seed
    if draws < 0:
        name = inputs.scenario.name
        found = said(f"{draws} draws", f"{draws} 次抽样")
        raise ParamError(Problem(name, found, said("0 or more", "不小于0")))
    try:
        base = base_of(inputs)
        result = forecast(inputs, draws, seed, base=base, threads=subject.threads, cells=True)
    except ValueError as error:
        raise impossible(inputs, error) from error
    return ProjectionFindings(subject, inputs, result, base)


@dataclass(frozen=True)
class ProjectionFindings:
    """What the draws of a projection say."""

    subject: Projection
    inputs: Inputs
    result: Forecast
    base: Base
    precision: PrecisionRecord | None = None

    @property
    def about(self) -> About:
        """What was worked on."""
        scenario = self.inputs.scenario
        titles = {"zh": scenario.title_zh, "en": scenario.title_en}
        resolved = resolved_toml(self.subject.loaded)
        return About(scenario.name, titles, resolved, "projected", self.inputs.city)

    @cached_property
    def tables(self) -> Tables:
        """Tables by file name."""
        makers = {
            LONG: lambda: long_table(self.inputs, self.result),
            "population_wide": lambda: wide_table(self.tables[LONG]),
            "ages": lambda: ages_table(self.inputs, self.result),
            "misfits": lambda: misfits_table(self.inputs, self.base),
        }
        own = {COUNTS: lambda: counts_table(self.inputs)} if self.inputs.own_counts else {}
        return Tables(makers | own)

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
            if basis in self.inputs.city.bases
        }

    def facts(self, lang: str) -> Mapping[str, object]:
        """Say with what it was projected, and how hard the city's totals bound the districts."""
        return {
            "basis": self.inputs.scenario.population.basis,
            "last_year": self.inputs.last_year,
            "seed": self.subject.seed,
            "draws": self.subject.draws,
            "interval": "5-95 % over draws" if self.subject.draws > 1 else "none",
            "city_constraint_factors": self.scaling,
            "without": without(self.inputs.city, lang),
            "tables_digest": tables_digest(self.inputs.city),
        }

    def words(self, lang: str) -> Wording:
        """Return the words of a language, with headers for single ages, the last of which is open."""
        words = city_words(lang, self.inputs.city)
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
        told = (
            population_summary(self.tables[LONG], words, self.inputs.city.plan_year),
            scaling_text(self.scaling, NEAR, words),
        )
        return "\n".join(text for text in told if text)

    def figure(self, name: str, run: str, words: Wording) -> "Figure":
        """Draw one of `runs.figures.population.FIGURES`."""
        return population_figure(name, self._figure_data(run), words)

    def write_rest(self, to: Writing) -> None:
        """Write the figures."""
        if to.options.want(FIGURES):
            draw_population(self._figure_data(to.run), to.folder / "figures", to.words)

    def _figure_data(self, run: str) -> PopulationData:
        """Take from a forecast what the figures show, of the populations that are counted."""
        result, bases = self.result, self.inputs.city.bases
        city = np.stack(
            [result.values(b, m).sum(axis=2) for b in bases for m in FAN_MEASURES], axis=-1
        )
        city = city.reshape(*city.shape[:2], len(bases), len(FAN_MEASURES))
        pyramid = result.pyramid[:, :, [BASES.index(basis) for basis in bases]]
        ends = [(50 - share / 2, 50 + share / 2) for share in FAN_SHARES]
        bands = np.percentile(city, np.ravel(ends), axis=0)
        return PopulationData(
            years=result.years,
            table=self.tables[LONG],
            first_pyramid=pyramid[:, 0].mean(axis=0),
            last_pyramid=pyramid[:, -1].mean(axis=0),
            pyramid_band=np.percentile(pyramid[:, -1], PYRAMID_BAND, axis=0),
            bands=bands.reshape(len(ends), 2, *city.shape[1:]),
            plan=foreseen(self.inputs.city, result.years),
            districts=read_table("districts.csv", self.inputs.city.tables),
            run=run,
            draws=self.subject.draws,
            zones=self.inputs.city.zones,
        )


def foreseen(city: City, years: range) -> pd.DataFrame:
    """Return what the city's plan foresees for its people in some years; nothing without a plan."""
    columns = [c.name for c in table_columns("projections_published")]
    if not has_table(city, "projections_published"):
        return pd.DataFrame(columns=columns)
    published = read_table("projections_published.csv", city.tables)
    of_the_plan = (published["source_id"] == city.plan_source) & (published["area"] == CITY)
    return published[of_the_plan & published["target_year"].astype(int).isin(years)]
