"""Do a whole run: check, simulate, tabulate, draw, report."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.base.build import base_of
from params.axes import FloatArray
from params.errors import ParamError, Problem
from params.inputs import Inputs, load_inputs
from params.scenario.load import LoadedScenario
from params.scenario.resolved import resolved_toml
from params.seed import DEFAULT_SEED
from params.tables.known import has_table
from params.tables.read import read_sources, read_table
from runs.figures.data import FigureData
from runs.figures.draw import draw_figures
from runs.jobs.execute import Replications, run_all
from runs.jobs.job import CityJob
from runs.jobs.stopping import Decision, Rule, output_values, precision_record, run_to_precision
from runs.jobs.store import (
    RunFolder,
    RunKey,
    Watch,
    code_digest,
    environment,
    tables_digest,
)
from runs.replications import write_city_replications
from runs.report.page import ReportContext, write_report
from runs.tables.city import (
    flows_table,
    monthly_table,
    population_table,
    shortfall_table,
)
from runs.tables.indicators import indicator_table
from runs.tables.sample import Sample, sample_of
from runs.texts.city import city_words, without
from runs.workbook import write_xlsx
from runs.write import Encoding, write_csv, write_json, write_text
from simulate.outcome import FACTS, Outcome


@dataclass(frozen=True)
class RunOptions:
    """How to run a scenario."""

    out: Path
    replications: int = 20
    seed: int = DEFAULT_SEED
    workers: int = 1
    fixed_parameters: bool = False
    lang: str = "zh"
    encoding: Encoding = "utf-8-sig"
    xlsx: bool = False
    precision: Rule | None = None
    """Choose the number of replications by this rule instead."""


@dataclass(frozen=True)
class Produced:
    """What a run leaves: its folder and its tables."""

    folder: Path
    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]


def produce(loaded: LoadedScenario, options: RunOptions) -> Produced:
    """Run a scenario and write every file of the output contract into its folder.

    Raises
    ------
    ParamError
        For anything a user can put right; nothing is written then.
    """
    watch = Watch()
    inputs = load_inputs(loaded.scenario, loaded.city)
    check_feasible(inputs)
    key = RunKey(
        loaded.scenario.name,
        resolved_toml(loaded),
        options.seed,
        options.fixed_parameters,
        resources=loaded.scenario.resources.on,
        city=loaded.city,
    )
    folder = options.out / loaded.scenario.name
    parts = RunFolder(folder, key).parts()
    outcomes, decision = simulate(inputs, options, parts)
    watch.lap()
    sample = sample_of(inputs, outcomes, parts)
    tables = make_tables(inputs, sample)
    manifest = make_manifest(inputs, key, options, sample)
    if options.precision is not None and decision is not None:
        manifest["precision"] = precision_record(options.precision, decision, inputs.last_year)
    manifest["times"] = watch.times()
    write_files(folder, loaded, inputs, options, outcomes, tables, manifest)
    return Produced(folder, tables, manifest)


def simulate(
    inputs: Inputs, options: RunOptions, parts: Path
) -> tuple[Replications[Outcome], Decision | None]:
    """Do the replications asked for, or as many as the precision takes."""
    job = CityJob(inputs, base_of(inputs), options.seed, options.fixed_parameters)

    def these(replications: range) -> Replications[Outcome]:
        return run_all(job, replications, options.workers, parts)

    rule = options.precision
    if rule is None:
        return these(range(options.replications)), None

    def values_of(outcome: Outcome) -> FloatArray:
        return output_values(outcome, inputs, rule.outputs)

    decision = run_to_precision(these, values_of, rule, options.workers)
    return these(range(decision.replications)), decision


def check_feasible(inputs: Inputs) -> None:
    """Forecast once with the default values, so that an impossible scenario is said before it runs."""
    from forecast.need.need import need_of
    from forecast.people.projection import project
    from simulate.city.setting import prepare

    try:
        projection = project(inputs)
        prepare(inputs, projection, need_of(inputs, projection))
    except ValueError as error:
        raise ParamError(
            Problem(
                inputs.scenario.name,
                str(error),
                "",
                "change the assumption it names 请调整其中提到的假定",
            )
        ) from error


def make_tables(inputs: Inputs, sample: Sample) -> dict[str, pd.DataFrame]:
    """Return the tables of the contract by file name."""
    return {
        "population": population_table(inputs, sample),
        "shortfall": shortfall_table(inputs, sample),
        "monthly": monthly_table(inputs, sample),
        "flows": flows_table(inputs, sample),
        **indicators_of(inputs, sample),
    }


def indicators_of(inputs: Inputs, sample: Sample) -> dict[str, pd.DataFrame]:
    """Return the table of the plan's indicators, of a city that has a plan."""
    known = has_table(inputs.city, "plan_indicators")
    return {"indicators": indicator_table(inputs, sample.indicators.rows())} if known else {}


def make_manifest(
    inputs: Inputs, key: RunKey, options: RunOptions, sample: Sample
) -> dict[str, Any]:
    """Say what was run, with what, and how its start compares with what is published."""
    rows = sample.facts.rows().tolist()
    facts = {name: sum(row[k] for row in rows) / len(rows) for k, name in enumerate(FACTS)}
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
        "replications": len(sample),
        "fixed_parameters": options.fixed_parameters,
        "interval": "5-95 % over replications, each with "
        + (
            "the default parameters"
            if options.fixed_parameters
            else "its own draw of the parameters"
        ),
        f"start_{inputs.city.base_year}": facts,
        "without": without(inputs.city, options.lang),
        "tables_digest": tables_digest(inputs.city),
        "code_digest": code_digest(),
        "environment": environment(),
    }


def write_files(
    folder: Path,
    loaded: LoadedScenario,
    inputs: Inputs,
    options: RunOptions,
    outcomes: Iterable[Outcome],
    tables: dict[str, pd.DataFrame],
    manifest: dict[str, Any],
) -> None:
    """Write tables, figures, report and manifest; the manifest comes last."""
    words = city_words(options.lang, inputs.city)
    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv", options.lang, options.encoding, words)
    if options.xlsx:
        write_xlsx(tables, folder / f"{inputs.scenario.name}.xlsx", words)
    path = folder / "replications.parquet"
    write_city_replications(path, inputs, outcomes, options.fixed_parameters)
    write_text(folder / "scenario.toml", resolved_toml(loaded))
    data = FigureData(
        shortfall=tables["shortfall"],
        population=tables["population"],
        monthly=tables["monthly"],
        flows=tables["flows"],
        districts=read_table("districts.csv", inputs.city.tables),
        zones=inputs.city.zones,
        run=f"{inputs.scenario.name} {manifest['run_id']}",
        basis=inputs.scenario.population.basis,
        source="yanglao",
    )
    figures = draw_figures(data, folder / "figures", words)
    assumptions = pd.DataFrame([vars(a) for a in inputs.assumptions.values()])
    values = (inputs.values[name] for name in inputs.assumptions)
    write_report(
        folder / "report.html",
        ReportContext(
            shortfall=tables["shortfall"],
            population=tables["population"],
            indicators=tables.get("indicators"),
            flows=tables["flows"],
            assumptions=assumptions.assign(value=list(values)),
            districts=read_table("districts.csv", inputs.city.tables),
            zones=inputs.city.zones,
            sources=read_sources(inputs.city.tables),
            manifest={
                **{k: v for k, v in manifest.items() if k not in ("times", "environment")},
                "title": manifest[f"title_{options.lang}"],
                "version": manifest["environment"]["yanglao"],
            },
            figures=figures,
            words=words,
        ),
    )
    write_json(folder / "manifest.json", manifest)
