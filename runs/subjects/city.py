"""Run a scenario of a city: what is simulated, what its replications say, what is written of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from params.axes import FloatArray
from params.inputs import Inputs, load_inputs
from params.names import TOTALS
from params.scenario.identity import identity
from params.scenario.model import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.seed import DEFAULT_SEED
from params.tables.known import has_table
from params.tables.read import read_sources, read_table
from runs.figures.data import FigureData
from runs.figures.draw import FIGURES as CITY_FIGURES
from runs.figures.draw import city_figure, draw_figures, named_areas
from runs.jobs.controls import controls_of
from runs.jobs.job import CityJob
from runs.jobs.key import RunKey, tables_digest
from runs.jobs.precision import PrecisionRecord, precision_record
from runs.jobs.replicate import USUAL, Amount, Simulated, simulate
from runs.jobs.stopping import output_values
from runs.jobs.store import RunFolder
from runs.jobs.trace import REPLICATION, write_log
from runs.produce import FIGURES, REPLICATIONS, REPORT, About, Writing
from runs.replications import write_city_replications
from runs.report.costs import Counted, cost_section
from runs.report.lacks import lack_sentences
from runs.report.lent import lent_lines
from runs.report.page import ReportContext, write_report
from runs.report.start import start_lines, start_section
from runs.report.summary import summary_text
from runs.report.told import Lack
from runs.subjects.evidence import demand_section, evidence_sections
from runs.subjects.possible import (
    check_outputs,
    check_ranges,
    idle_assumptions,
    possible,
)
from runs.tables.city import flows_table, monthly_table, population_table, shortfall_table
from runs.tables.costs_table import costs_table
from runs.tables.drivers import drawn_of
from runs.tables.indicators.table import indicator_table, yearly_indicator_table
from runs.tables.lacking import lacks_of, stays_of, times_of, with_drivers
from runs.tables.lent import lent_table
from runs.tables.made import Tables
from runs.tables.precise import precision_table
from runs.tables.sample import Sample, sample_of
from runs.tables.start import reported, start_table
from runs.tables.waits import waits_table
from runs.texts.city import city_words, without
from runs.texts.wording import Wording
from simulate.city.setting import setting_of
from simulate.outcome import FACTS, Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INDICATORS: Final = "indicators"
BY_YEAR: Final = "indicators_by_year"
COSTS: Final = "costs"
START: Final = "start"
PRECISION: Final = "precision"
LENT: Final = "lent_beds"
TABLES: Final = ("population", "shortfall", "monthly", "waits", "flows", INDICATORS, BY_YEAR)
OF_A_PLAN: Final = (INDICATORS, BY_YEAR)
NOT_REPORTED: Final = ("environment", "left_out", "precision")
"""What the manifest says and the report does not."""


@dataclass(frozen=True)
class CityScenario:
    """A scenario of a city, to be simulated."""

    loaded: LoadedScenario
    amount: Amount = USUAL
    seed: int = DEFAULT_SEED
    fixed_parameters: bool = False

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""
        return self.loaded.scenario.name

    @property
    def key(self) -> RunKey:
        """What makes two runs of it the same."""
        return RunKey(
            self.folder,
            identity(self.loaded),
            self.seed,
            self.fixed_parameters,
            resources=self.loaded.scenario.resources.on,
            city=self.loaded.city,
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that there are."""
        precise = () if self.amount.precision is None else (PRECISION,)
        return (*tables_of(self.loaded), *precise)

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes."""
        return (*self.tables, REPLICATIONS, FIGURES, REPORT)

    def work(self, kept: RunFolder) -> "CityFindings":
        """Simulate, once it is known that the scenario can be."""
        inputs = load_inputs(self.loaded.scenario, self.loaded.city)
        rule = self.amount.precision
        if rule is not None:
            check_outputs(inputs, rule)
        base, setting = possible(inputs)
        if not self.fixed_parameters:
            check_ranges(inputs)
        fixed = setting if self.fixed_parameters else None
        job = CityJob(inputs, base, self.seed, fixed)
        parts = kept.parts()

        def values_of(outcome: Outcome) -> FloatArray:
            return output_values(outcome, inputs, rule.outputs if rule else ())

        idle = idle_assumptions(inputs)
        names = [n for n, a in inputs.assumptions.items() if a.is_drawn and n not in idle]
        known = None if self.fixed_parameters else partial(controls_of, self.seed, names=names)
        simulated = simulate(job, self.amount, parts, values_of, known)
        seed = None if self.fixed_parameters else self.seed
        sample = sample_of(inputs, simulated.outcomes, seed, parts)
        return CityFindings(self, job, simulated, sample)


def tables_of(loaded: LoadedScenario) -> tuple[str, ...]:
    """Return the tables of a run: some only where there is a plan, or anything of what they tell."""
    has_plan, costs = has_table(loaded.city, "plan_indicators"), loaded.scenario.costs.resources
    day = loaded.scenario.start.date
    tables = [t for t in TABLES if t not in OF_A_PLAN or has_plan]
    if has_plan and day is not None and day.year >= loaded.city.plan_year:
        # The plan's last year is one that is not reported.
        tables.remove(INDICATORS)
    more = {COSTS: bool(costs), START: day is not None, LENT: loaded.scenario.tiers.lends}
    return (*tables, *(name for name, is_there in more.items() if is_there))


@dataclass(frozen=True)
class CityFindings:
    """What a city's replications say."""

    subject: CityScenario
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
        resolved = resolved_toml(self.subject.loaded)
        return About(scenario.name, titles, resolved, city=self.inputs.city)

    @cached_property
    def tables(self) -> Tables:
        """Tables of the contract by file name."""
        inputs, sample = self.inputs, self.sample
        makers: dict[str, Callable[[], pd.DataFrame]] = {
            "population": lambda: population_table(inputs, sample),
            "shortfall": lambda: shortfall_table(inputs, sample),
            "monthly": lambda: monthly_table(inputs, sample),
            "waits": lambda: waits_table(inputs, sample.waits),
            "flows": lambda: flows_table(inputs, sample),
            INDICATORS: lambda: indicator_table(inputs, sample.indicators),
            BY_YEAR: lambda: yearly_indicator_table(inputs, sample.indicators),
            COSTS: lambda: costs_table(inputs, sample),
            START: lambda: start_table(inputs, sample),
            PRECISION: self._precision_table,
            LENT: lambda: lent_table(inputs, sample),
        }
        return Tables({k: reported(inputs, makers[k]) for k in self.subject.tables})

    def _precision_table(self) -> pd.DataFrame:
        rule, decision = self.subject.amount.precision, self.simulated.decision
        assert rule is not None
        assert decision is not None
        return precision_table(self.inputs, rule, decision)

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""
        return CITY_FIGURES

    @property
    def precision(self) -> PrecisionRecord | None:
        """How precise the means are, if that was asked for."""
        rule = self.subject.amount.precision
        return precision_record(rule, self.simulated.decision, self.inputs.last_year)

    def facts(self, lang: str) -> Mapping[str, object]:
        """Say with what it was run, and how its start compares with what is published."""
        drawn = "its own draw of the parameters"
        fixed = self.subject.fixed_parameters
        rows, city = self.sample.facts.rows().tolist(), self.inputs.city
        return {
            "basis": self.inputs.scenario.population.basis,
            "last_year": self.inputs.last_year,
            "seed": self.subject.seed,
            "replications": len(rows),
            "fixed_parameters": fixed,
            "interval": "5-95 % over replications, each with "
            + ("the default parameters" if fixed else drawn),
            f"start_{city.base_year}": {
                fact: sum(row[k] for row in rows) / len(rows) for k, fact in enumerate(FACTS)
            },
            "without": without(city, lang),
            "tables_digest": tables_digest(city),
        }

    def words(self, lang: str) -> Wording:
        """Return the words of a language, with the names of the city's zones."""
        return city_words(lang, self.inputs.city)

    def as_written(self, table: str) -> pd.DataFrame:
        """Return a table as its CSV file has it."""
        return self.tables[table]

    @cached_property
    def drawn(self) -> Mapping[str, FloatArray]:
        """What the replications have drawn of the assumptions at work, shape (replication,) each."""
        if self.subject.fixed_parameters:
            return {}
        inputs, idle = self.inputs, idle_assumptions(self.inputs)
        acting = [name for name in inputs.assumptions if name not in idle]
        return drawn_of(inputs, acting, self.subject.seed, len(self.sample))

    @cached_property
    def lacks(self) -> tuple[Lack, ...]:
        """What the city lacks in the last year, and what moves it most."""
        return with_drivers(lacks_of(self.inputs, self.sample), self.drawn, self.subject.seed)

    @property
    def _shares(self) -> Mapping[str, float]:
        """Share of requests that shall be met in time, by resource; nan for a sum whose kinds differ."""
        names = (*self.inputs.resources.names, *TOTALS)
        return dict(zip(names, self.inputs.target_shares.tolist(), strict=True))

    def lead(self, words: Wording) -> tuple[str, ...]:
        """Say in a few sentences what the city lacks."""
        inputs, shares = self.inputs, self._shares
        named = named_areas(words, read_table("districts.csv", inputs.city.tables))
        return lack_sentences(self.lacks, inputs.assumptions, shares, named)

    def text(self, words: Wording) -> str:
        """Say what the city lacks, and its last year."""
        summary = summary_text(self.tables["shortfall"], words)
        notes = [
            *(words.report(f"{resource}_stays") for resource in stays_of(self.inputs)),
            *lent_lines(self.tables.get(LENT), words),
            *start_lines(self._start, words),
        ]
        return "\n".join([*self.lead(words), "", summary, *notes])

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

    @property
    def target_days(self) -> Mapping[str, float]:
        """Days within which a request of each resource is due."""
        resources = self.inputs.resources
        return dict(zip(resources.names, resources.target_days.tolist(), strict=True))

    @property
    def _start(self) -> pd.DataFrame | None:
        """What is given of the day from which the scenario looks ahead; none without one."""
        return self.tables.get(START)

    @property
    def _costs_counted(self) -> Counted:
        """How the scenario's costs are counted."""
        plan = self.inputs.scenario.costs
        return Counted(plan.currency, plan.price_year, plan.discount_rate)

    @property
    def _shares_told(self) -> Mapping[str, float]:
        """Shares to be placed in time, of every resource once one has a share of its own."""
        plan, names = self.inputs.scenario.service_target, self.inputs.resources.names
        differs = any(plan.own_share(name) is not None for name in names)
        return {name: plan.share_of(name) for name in names} if differs else {}

    def _figure_data(self, run: str) -> FigureData:
        return FigureData(
            shortfall=self.tables["shortfall"],
            population=self.tables["population"],
            monthly=self.tables["monthly"],
            waits=self.tables["waits"],
            flows=self.tables["flows"],
            districts=read_table("districts.csv", self.inputs.city.tables),
            zones=self.inputs.city.zones,
            run=run,
            basis=self.inputs.scenario.population.basis,
            source="yanglao",
            targets=self.target_days,
        )

    def _report(self, to: Writing, figures: Mapping[str, Path]) -> ReportContext:
        inputs, environment = self.inputs, to.manifest["environment"]
        idle = idle_assumptions(inputs)
        acting = {name: a for name, a in inputs.assumptions.items() if name not in idle}
        assumptions = pd.DataFrame([vars(a) for a in acting.values()])
        told = {k: v for k, v in to.manifest.items() if k not in NOT_REPORTED}
        told["title"] = to.manifest[f"title_{to.words.lang}"]
        told["version"] = environment["yanglao"] if isinstance(environment, dict) else ""
        return ReportContext(
            shortfall=self.tables["shortfall"],
            population=self.tables["population"],
            indicators=self.tables.get(INDICATORS),
            indicators_by_year=self.tables.get(BY_YEAR),
            flows=self.tables["flows"],
            assumptions=assumptions.assign(value=[inputs.values[name] for name in acting]),
            districts=read_table("districts.csv", inputs.city.tables),
            zones=inputs.city.zones,
            sources=read_sources(inputs.city.tables),
            manifest=told,
            figures=figures,
            words=to.words,
            lead=self.lead(to.words),
            demand=demand_section(inputs, self.lacks, self.drawn, to.words),
            evidence=evidence_sections(inputs, self.job.base, self.sample, to.words),
            targets=self.target_days,
            shares=self._shares_told,
            costs=cost_section(self.tables.get(COSTS), self._costs_counted, to.words),
            times=times_of(inputs, self.sample, self._shares),
            stays=stays_of(inputs),
            start=start_section(self._start, self.inputs.scenario.start.date, to.words),
            lent=lent_lines(self.tables.get(LENT), to.words),
        )
