"""Commands that simulate: run, and the way of one person in a run's event log."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from params.language import printable, said
from runs.cli.options import (
    Asked,
    Count,
    Files,
    Parts,
    Where,
    asked_options,
    city_of,
    count_options,
    files_options,
    lang_option,
    parts_options,
    say_letters,
    saying_what_is_kept,
    seed_option,
    tell,
    where_options,
)

if TYPE_CHECKING:
    from params.network.model import LoadedNetwork
    from params.scenario.model import LoadedScenario
    from runs.jobs.execute import How
    from runs.produce import Findings, Produced, SimulatedFindings, Subject
    from runs.texts.wording import Wording


@click.command()
@asked_options
@count_options
@where_options
@seed_option
@click.option("--fixed-parameters", is_flag=True, help="Keep every assumption at its default.")
@files_options
@parts_options
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
    where: Where,
    seed: int,
    fixed_parameters: bool,
    files: Files,
    parts: Parts,
    log_file: Path | None,
) -> None:
    """Simulate SCENARIO (a ready one's name or a TOML file) and write its results."""
    if count.precision is None and (count.precision_of or count.max_replications):
        needs = said(
            "--precision-of and --max-replications need --precision",
            "--precision-of 和 --max-replications 须与 --precision 同用",
        )
        raise click.UsageError(needs)
    from params.network.load import load_any
    from params.network.model import LoadedNetwork
    from params.scenario.load import placing
    from runs.produce import Options, produce

    loaded = load_any(asked.scenario, city_of(asked.city_folder))
    say_letters(loaded, files.lang)
    subject = subject_of(loaded, count, where.how(files.lang), seed, fixed_parameters)
    options = Options(
        out=files.out,
        lang=files.lang,
        encoding=files.encoding,
        xlsx=parts.xlsx,
        figures=not parts.no_figures,
        report=not parts.no_report,
        only=parts.tables,
    )
    placed = nullcontext() if isinstance(loaded, LoadedNetwork) else placing(loaded)
    with saying_what_is_kept(), placed:
        done = produce(subject, options)
    say_done(done, done.found.words(printable(files.lang)))
    if log_file is not None:
        entries, people = done.found.write_log(log_file)
        click.echo(
            f"{log_file}: "
            + said(
                f"{entries:,} entries, people 0-{people - 1}",
                f"{entries:,} 条记录，人员编号 0-{people - 1}",
            )
        )


def subject_of(
    loaded: "LoadedScenario | LoadedNetwork",
    count: Count,
    how: "How",
    seed: int,
    fixed_parameters: bool,
) -> "Subject[SimulatedFindings]":
    """Return what is to be run: a scenario of the city, or one that brings its own network."""
    from params.network.model import LoadedNetwork
    from runs.jobs.replicate import Amount
    from runs.jobs.stopping import rule_of
    from runs.subjects.city import CityScenario
    from runs.subjects.network import OwnNetwork, network_rule

    own = isinstance(loaded, LoadedNetwork)
    named = None if own else count.precision_of
    rule = rule_of(count.precision, named, count.replications, count.max_replications)
    amount = Amount(count.replications or 20, rule, how)
    if not isinstance(loaded, LoadedNetwork):
        return CityScenario(loaded, amount, seed, fixed_parameters)
    if rule is not None:
        amount = replace(amount, precision=network_rule(loaded, rule, count.precision_of))
    return OwnNetwork(loaded, amount, seed)


def say_done(done: "Produced[Findings]", words: "Wording") -> None:
    """Print what a run found, whether it is as precise as asked, and where its files are."""
    from runs.report.summary import precision_text

    click.echo(done.found.text(words))
    if done.found.precision is not None:
        record = done.found.precision
        click.echo(precision_text(record, words), err=bool(record["not_reached"]))
    click.echo(f"{done.folder}")


@click.command()
@click.argument("log_file", metavar="LOG", type=click.Path(path_type=Path))
@click.argument("person", type=int)
@lang_option
@tell
def trace(log_file: Path, person: int, lang: str) -> None:
    """Tell PERSON's way (a number) from an event log that `run --log` has written."""
    from runs.jobs.trace import trace as tell_way

    click.echo(tell_way(log_file, person, printable(lang)))
