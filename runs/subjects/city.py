"""Run a scenario of a city: what is simulated, what its replications say, what is written of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from forecast.base.base import Base
from forecast.base.from_censuses import base_of
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.tables.read import read_table
from runs.figures.data import FigureData
from runs.figures.draw import FIGURES as CITY_FIGURES
from runs.figures.draw import city_figure, draw_figures
from runs.jobs.execute import USUAL, Amount, Simulated, simulate
from runs.jobs.job import CityJob
from runs.jobs.precision import PrecisionRecord, precision_record
from runs.jobs.stopping import output_values
from runs.jobs.store import RunFolder, RunKey, tables_digest
from runs.jobs.trace import REPLICATION, write_log
from runs.produce import FIGURES, REPLICATIONS, REPORT, About, Writing
from runs.replications import write_city_replications
from runs.report.page import ReportContext, write_report
from runs.report.summary import summary_text
from runs.tables.city import flows_table, monthly_table, population_table, shortfall_table
from runs.tables.indicators import indicator_table
from runs.tables.made import Tables
from runs.tables.sample import Sample, sample_of
from runs.texts.wording import Wording, wording
from simulate.city.setting import Setting, setting_of
from simulate.outcome import FACTS, Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLES: Final = ("population", "shortfall", "monthly", "flows", "indicators")
NOT_REPORTED: Final = ("environment", "left_out", "precision")
"""What the manifest says and the report does not."""


@dataclass(frozen=True)
class City:
    """A scenario of a city, to be simulated."""

    loaded: LoadedScenario
    amount: Amount = USUAL
    seed: int = 2020
    fixed_parameters: bool = False

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""
        return self.loaded.scenario.name

    @property
    def key(self) -> RunKey:
        """What makes two runs of it the same."""
        return RunKey(self.folder, resolved_toml(self.loaded), self.seed, self.fixed_parameters)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes."""
        return (*TABLES, REPLICATIONS, FIGURES, REPORT)

    def work(self, kept: RunFolder) -> "CityFindings":
        """Simulate, once it is known that the scenario can be."""
        inputs = load_inputs(self.loaded.scenario)
        base, setting = possible(inputs)
        fixed = setting if self.fixed_parameters else None
        job = CityJob(inputs, base, self.seed, fixed)
        parts = kept.parts()
        rule = self.amount.precision

        def values_of(outcome: Outcome) -> FloatArray:
            return output_values(outcome, inputs.districts, rule.outputs if rule else ())

        simulated = simulate(job, self.amount, parts, values_of)
        return CityFindings(self, job, simulated, sample_of(inputs, simulated.outcomes, parts))


def possible(inputs: Inputs) -> tuple[Base, Setting]:
    """Return the base and what it leads to with the default values.

    Raises
    ------
    ParamError
        If the forecast finds the scenario impossible, before anything is simulated.
    """
    try:
        base = base_of(inputs)
        return base, setting_of(inputs, base)
    except ValueError as error:
        raise impossible(inputs, error) from error


def impossible(inputs: Inputs, error: ValueError) -> ParamError:
    """Say which assumption of a scenario leads to what cannot be."""
    advice = "change the assumption it names 请调整其中提到的假定"
    return ParamError(Problem(inputs.scenario.name, str(error), "", advice))


@dataclass(frozen=True)
class CityFindings:
    """What a city's replications say."""

    subject: City
    job: CityJob
    simulated: Simulated[Outcome]
    sample: Sample

    @property
    def inputs(self) -> Inputs:
        """What was simulated from."""
        return self.job.inputs

    @property
    def about(self) -> About:
        """What was worked on."""
        scenario = self.inputs.scenario
        titles = {"zh": scenario.title_zh, "en": scenario.title_en}
        return About(scenario.name, titles, resolved_toml(self.subject.loaded))

    @cached_property
    def tables(self) -> Tables:
        """Tables of the contract by file name."""
        inputs, sample = self.inputs, self.sample
        return Tables(
            {
                "population": lambda: population_table(inputs, sample),
                "shortfall": lambda: shortfall_table(inputs, sample),
                "monthly": lambda: monthly_table(inputs, sample),
                "flows": lambda: flows_table(inputs, sample),
                "indicators": lambda: indicator_table(inputs, sample.indicators.rows()),
            }
        )

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""
        return CITY_FIGURES

    @property
    def precision(self) -> PrecisionRecord | None:
        """How precise the means are, if that was asked for."""
        rule = self.subject.amount.precision
        return precision_record(rule, self.simulated.decision, self.inputs.last_year)

    def facts(self) -> Mapping[str, object]:
        """Say with what it was run, and how its start compares with what is published."""
        drawn = "its own draw of the parameters"
        fixed = self.subject.fixed_parameters
        rows = self.sample.facts.rows().tolist()
        return {
            "basis": self.inputs.scenario.population.basis,
            "last_year": self.inputs.last_year,
            "seed": self.subject.seed,
            "replications": len(rows),
            "fixed_parameters": fixed,
            "interval": "5-95 % over replications, each with "
            + ("the default parameters" if fixed else drawn),
            "start_2020": {f: sum(row[k] for row in rows) / len(rows) for k, f in enumerate(FACTS)},
            "tables_digest": tables_digest(),
        }

    def words(self, lang: str) -> Wording:
        """Return the words of a language."""
        return wording(lang)

    def as_written(self, table: str) -> pd.DataFrame:
        """Return a table as its CSV file has it."""
        return self.tables[table]

    def text(self, words: Wording) -> str:
        """Say the city's last year."""
        return summary_text(self.tables["shortfall"], words)

    def figure(self, name: str, run: str, words: Wording) -> "Figure":
        """Draw one of `runs.figures.draw.FIGURES`."""
        return city_figure(name, self._figure_data(run), words)

    def write_rest(self, to: Writing) -> None:
        """Write replications, figures and report."""
        if to.options.want(REPLICATIONS):
            path = to.folder / "replications.parquet"
            outcomes, fixed = self.simulated.outcomes, self.subject.fixed_parameters
            write_city_replications(path, self.inputs, outcomes, fixed)
        figures: Mapping[str, Path] = {}
        if to.options.want(FIGURES):
            figures = draw_figures(self._figure_data(to.run), to.folder / "figures", to.words)
        if to.options.want(REPORT):
            write_report(to.folder / "report.html", self._report(to, figures))

    def write_log(self, path: Path) -> tuple[int, int]:
        """Run replication 0 once more and write its event log; return entries and people."""
        inputs, base, seed = self.inputs, self.job.base, self.subject.seed
        setting = self.job.setting or setting_of(inputs.drawn(seed, REPLICATION), base)
        return write_log(setting, seed, path)

    def _figure_data(self, run: str) -> FigureData:
        return FigureData(
            shortfall=self.tables["shortfall"],
            population=self.tables["population"],
            monthly=self.tables["monthly"],
            flows=self.tables["flows"],
            districts=read_table("districts.csv"),
            run=run,
            basis=self.inputs.scenario.population.basis,
            source="yanglao",
        )

    def _report(self, to: Writing, figures: Mapping[str, Path]) -> ReportContext:
        inputs, environment = self.inputs, to.manifest["environment"]
        assumptions = pd.DataFrame([vars(a) for a in inputs.assumptions.values()])
        said = {k: v for k, v in to.manifest.items() if k not in NOT_REPORTED}
        said["title"] = to.manifest[f"title_{to.words.lang}"]
        said["version"] = environment["yanglao"] if isinstance(environment, dict) else ""
        return ReportContext(
            shortfall=self.tables["shortfall"],
            population=self.tables["population"],
            indicators=self.tables["indicators"],
            flows=self.tables["flows"],
            assumptions=assumptions.assign(value=[inputs.values[a] for a in inputs.assumptions]),
            districts=read_table("districts.csv"),
            sources=read_table("sources.csv"),
            manifest=said,
            figures=figures,
            words=to.words,
        )
