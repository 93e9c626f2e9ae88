"""Commands about scenarios and tables: what there is, what a file says, whether it is right."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from params.language import said
from runs.cli.options import (
    city_of,
    city_option,
    cores,
    gathered,
    lang_option,
    max_jobs_option,
    out_option,
    ready_names,
    tell,
    workers_option,
)

if TYPE_CHECKING:
    from params.scenario.model import Scenario


@dataclass(frozen=True)
class Shown:
    """What `check` lists of a right scenario."""

    resolved: bool
    inherited: bool


@click.command()
@click.argument("scenario", shell_complete=ready_names)
@click.option("--resolved", is_flag=True, help="Print every value and the file it came from.")
@click.option("--inherited", is_flag=True, help="List what the files that it extends say, too.")
@out_option
@workers_option
@max_jobs_option
@lang_option
@city_option
@gathered("shown", Shown)
@tell
def check(
    scenario: str,
    shown: Shown,
    out: Path,
    workers: int | None,
    max_jobs: int | None,
    lang: str,
    city_folder: Path | None,
) -> None:
    """Say what is wrong with SCENARIO, or that nothing is; of a sweep's design also what it takes.

    ``--out``, ``--workers`` and ``--max-jobs`` are those with which a design would be run.
    """
    from params.network.load import load_any
    from params.network.model import LoadedNetwork
    from params.scenario.load import DEFAULT, file_label, placing
    from params.scenario.resolved import resolved_network, resolved_toml
    from params.scenario.stated import stated_lines
    from params.studies.load import find_design

    city = city_of(city_folder)
    design = find_design(scenario, city)
    if design is not None:
        from runs.cli.sweep import plan_from, say_check

        say_check(plan_from(design, city_folder, max_jobs), out, cores(workers), lang)
        return
    loaded = load_any(scenario, city)
    if not isinstance(loaded, LoadedNetwork) and has_changes(loaded.scenario):
        # How many beds and posts there are to take away the tables say, and the forecast.
        from params.inputs import load_inputs
        from runs.subjects.possible import check_ranges, possible

        with placing(loaded):
            inputs = load_inputs(loaded.scenario, loaded.city)
            possible(inputs)
            check_ranges(inputs)
    if shown.resolved:
        if isinstance(loaded, LoadedNetwork):
            click.echo(resolved_network(loaded), nl=False)
        else:
            click.echo(resolved_toml(loaded), nl=False)
        return
    named = loaded.scenario
    titles = [title for title in (named.title_zh, named.title_en) if title != named.name]
    click.echo(f"{named.name}: {' '.join(titles)}" if titles else named.name)
    files = [file_label(path, loaded.files[0]) for path in loaded.files]
    tables = [
        where
        for where in loaded.provenance.values()
        if where != DEFAULT and not where.lower().endswith(".toml")
    ]
    for file in dict.fromkeys([*(files if shown.inherited else files[:1]), *tables]):
        n = sum(where == file for where in loaded.provenance.values())
        click.echo(said(f"{file}: {n} values set", f"{file}：设定 {n} 项"))
        for line in stated_lines(named.model_dump(), loaded.provenance, file):
            click.echo(f"  {line}")
    if not isinstance(loaded, LoadedNetwork):
        from params.scenario.load import notes_on

        for note in notes_on(loaded.scenario):
            click.echo(note)


def has_changes(scenario: "Scenario") -> bool:
    """Say whether a scenario changes what only the tables or the forecast can find impossible."""
    return bool(
        scenario.beds.changes
        or scenario.workers.changes
        or scenario.assumptions
        or scenario.paths
        or scenario.start.residents
        or scenario.resources.weights
        or scenario.population.counts
    )


@click.command()
@city_option
@tell
def scenarios(city_folder: Path | None) -> None:
    """List the ready scenarios."""
    from params.network.load import load_network
    from params.scenario.layers import list_networks
    from params.scenario.load import list_scenarios, load_scenario
    from params.studies.load import design_file, list_designs
    from params.studies.plan.load import list_questions_of_plans, question_file, read_question
    from params.studies.read import read_design

    city = city_of(city_folder)
    ready = [load_scenario(name, city).scenario for name in list_scenarios(city)]
    networks = [load_network(name).scenario for name in list_networks()]
    designs = {n: read_design(design_file(n, city)) for n in list_designs(city)}
    plans = {n: read_question(question_file(n, city), city) for n in list_questions_of_plans(city)}
    names = (*list_scenarios(city), *list_networks(), *designs, *plans)
    width = max(len(name) for name in names)
    for scenario in ready:
        click.echo(f"{scenario.name:{width}}  {scenario.title_zh}  {scenario.title_en}")
    click.echo(said("own networks:", "自带网络："))
    for network in networks:
        click.echo(f"{network.name:{width}}  {network.title_zh}  {network.title_en}")
    click.echo(said("designs of sweeps:", "扫描设计："))
    for name, design in designs.items():
        click.echo(f"{name:{width}}  {design.title_zh}  {design.title_en}")
    if plans:
        click.echo(said("questions to `yanglao plan`:", "规划问题（yanglao plan）："))
    for name, question in plans.items():
        click.echo(f"{name:{width}}  {question.title_zh}  {question.title_en}")


@click.command()
@click.option("--assumed", is_flag=True, help="Only what was assumed, with ranges.")
@click.option("--check", "checking", is_flag=True, help="Re-add every table.")
@city_option
@tell
def params(assumed: bool, checking: bool, city_folder: Path | None) -> None:
    """List every number with its source and status, or check the tables."""
    from params.tables.check import check_tables, list_parameters

    city = city_of(city_folder)
    if checking:
        results = check_tables(city)
        wrong = [r for r in results if not r.ok]
        for result in wrong:
            click.echo(str(result), err=True)
        n, whole = len(results) - len(wrong), len(results)
        click.echo(said(f"{n} of {whole} checks hold", f"{whole} 项核对中 {n} 项通过"))
        sys.exit(1 if wrong else 0)
    click.echo(list_parameters(assumed, city).to_csv(index=False), nl=False)


@dataclass(frozen=True)
class Kind:
    """Of which files the schema is asked; none of them: of scenarios."""

    network: bool
    design: bool
    sensitivity: bool
    calibration: bool
    plan: bool


@click.command()
@click.option("--network", is_flag=True, help="Of scenarios that bring their own network.")
@click.option("--design", is_flag=True, help="Of the designs of sweeps.")
@click.option("--sensitivity", is_flag=True, help="Of studies of sensitivity.")
@click.option("--calibration", is_flag=True, help="Of the files of `yanglao calibrate`.")
@click.option("--plan", is_flag=True, help="Of the questions to `yanglao plan`.")
@city_option
@gathered("kind", Kind)
@tell
def schema(kind: Kind, city_folder: Path | None) -> None:
    """Print the JSON schema of scenario files, for completion in an editor."""
    import json

    from params.network.load import network_schema
    from params.scenario.load import scenario_schema
    from params.studies.calibration.load import calibration_schema
    from params.studies.load import design_schema
    from params.studies.plan.load import question_schema
    from params.studies.sensitivity import sensitivity_schema

    schemas = {
        "network": network_schema,
        "design": design_schema,
        "sensitivity": sensitivity_schema,
        "calibration": calibration_schema,
        "plan": question_schema,
    }
    chosen = [name for name in schemas if getattr(kind, name)]
    described = schemas[chosen[0]]() if chosen else scenario_schema(city_of(city_folder))
    click.echo(json.dumps(described, ensure_ascii=False, indent=1))


@click.command("new-city")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@tell
def new_city(folder: Path) -> None:
    """Write the templates of a city's folder into DIR 生成城市文件夹模板."""
    from runs.new_city import new_city as write_templates

    for path in write_templates(folder):
        click.echo(f"{path}")
    click.echo(f"yanglao params --check --city {folder}")
