"""Commands that simulate: run, and the way of one person in a run's event log."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runs.cli.options import (
    Asked,
    Count,
    Files,
    asked_options,
    city_of,
    cores,
    count_options,
    files_options,
    lang_option,
    say_letters,
    saying_what_is_kept,
    seed_option,
    tell,
    xlsx_option,
)

if TYPE_CHECKING:
    from params.network.model import LoadedNetwork
    from params.scenario.model import LoadedScenario
    from runs.produce import Produced, RunOptions


@click.command()
@asked_options
@count_options
@seed_option
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=None,
    help="Processes; all cores by default. Results do not depend on it.",
)
@click.option("--fixed-parameters", is_flag=True, help="Keep every assumption at its default.")
@files_options
@xlsx_option
@click.option(
    "--log",
    "log_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Run replication 0 once more and write everything that happens in it (Parquet), for `trace`.",
)
@tell
def run(
    asked: Asked,
    count: Count,
    seed: int,
    workers: int | None,
    fixed_parameters: bool,
    files: Files,
    xlsx: bool,
    log_file: Path | None,
) -> None:
    """Simulate SCENARIO (a ready one's name or a TOML file) and write its results."""
    if count.precision is None and (count.precision_of or count.max_replications):
        needs = "--precision-of and --max-replications need --precision 须同时给出 --precision"
        raise click.UsageError(needs)
    from params.network.load import load_any
    from params.network.model import LoadedNetwork

    loaded = load_any(asked.scenario, city_of(asked.city_folder))
    say_letters(loaded, files.lang)
    from runs.produce import RunOptions

    options = RunOptions(
        out=files.out,
        replications=count.replications or 20,
        seed=seed,
        workers=cores(workers),
        fixed_parameters=fixed_parameters,
        lang=files.lang,
        encoding=files.encoding,
        xlsx=xlsx,
    )
    if isinstance(loaded, LoadedNetwork):
        run_network(loaded, options, count, log_file)
    else:
        run_city(loaded, options, count, log_file)


def run_city(
    loaded: "LoadedScenario", options: "RunOptions", count: Count, log_file: Path | None
) -> None:
    """Simulate a scenario of the city."""
    from runs.jobs.stopping import rule_of
    from runs.produce import produce
    from runs.report.summary import summary_text
    from runs.texts.wording import wording

    rule = rule_of(count.precision, count.precision_of, count.replications, count.max_replications)
    with saying_what_is_kept():
        done = produce(loaded, replace(options, precision=rule))
    say_done(done, summary_text(done.tables["shortfall"], wording(options.lang)), options.lang)
    if log_file is not None:
        from runs.jobs.trace import write_log

        entries = write_log(loaded, options.seed, options.fixed_parameters, log_file)
        say_log(log_file, *entries)


def run_network(
    loaded: "LoadedNetwork", options: "RunOptions", count: Count, log_file: Path | None
) -> None:
    """Simulate a scenario that brings its own network."""
    from runs.jobs.stopping import rule_of
    from runs.network_run import network_rule, network_text, produce_network
    from runs.texts.wording import wording

    rule = rule_of(count.precision, None, count.replications, count.max_replications)
    if rule is not None:
        options = replace(options, precision=network_rule(loaded, rule, count.precision_of))
    with saying_what_is_kept():
        done = produce_network(loaded, options)
    say_done(done, network_text(done, loaded, wording(options.lang)), options.lang)
    if log_file is not None:
        from runs.jobs.trace import write_network_log

        say_log(log_file, *write_network_log(loaded, options.seed, log_file))


def say_done(done: "Produced", text: str, lang: str) -> None:
    """Print what a run found, whether it is as precise as asked, and where its files are."""
    from runs.report.summary import precision_text
    from runs.texts.wording import wording

    click.echo(text)
    if "precision" in done.manifest:
        said = precision_text(done.manifest["precision"], wording(lang))
        click.echo(said, err=bool(done.manifest["precision"]["not_reached"]))
    click.echo(f"{done.folder}")


def say_log(file: Path, entries: int, people: int) -> None:
    """Print what an event log holds."""
    click.echo(f"{file}: {entries:,} entries 条, people 人员编号 0-{people - 1}")


@click.command()
@click.argument("log_file", metavar="LOG", type=click.Path(path_type=Path))
@click.argument("person", type=int)
@lang_option
@tell
def trace(log_file: Path, person: int, lang: str) -> None:
    """Tell PERSON's way (a number) from an event log that `run --log` has written."""
    from runs.jobs.trace import trace as tell_way

    click.echo(tell_way(log_file, person, lang))
