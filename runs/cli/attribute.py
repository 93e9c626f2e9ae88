"""The command that says why a gap changes, or why two scenarios differ."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from params.language import printable
from runs.cli.options import (
    Files,
    Where,
    city_of,
    city_option,
    files_options,
    gathered,
    max_jobs_option,
    ready_names,
    saying_what_is_kept,
    seed_option,
    tell,
    where_options,
)

if TYPE_CHECKING:
    from pathlib import Path

    from runs.studies.attribute.question import Question


@dataclass(frozen=True)
class Asked:
    """Between which years, and what of it is shown."""

    first: int | None
    year: int | None
    area: str | None
    resource: str | None


@dataclass(frozen=True)
class Engine:
    """By what differences are worked out, and how they are held against simulation."""

    engine: str
    check: bool
    replications: int
    seed: int


@dataclass(frozen=True)
class Limits:
    """How much is done at most, or nothing."""

    max_jobs: int | None
    dry_run: bool


@click.command()
@click.argument("scenario", default="baseline", shell_complete=ready_names)
@click.argument("other", required=False, shell_complete=ready_names)
@click.option(
    "--from",
    "first",
    type=int,
    default=None,
    metavar="YEAR",
    help="First of the two years of one scenario; the base year by default.",
)
@click.option(
    "--year",
    type=int,
    default=None,
    metavar="YEAR",
    help="The later year, or that in which two scenarios are compared; the last one by default.",
)
@click.option("--area", default=None, help="Shown and drawn instead of the city.")
@click.option("--resource", default=None, help="Shown and drawn alone, for example bed_total.")
@gathered("asked", Asked)
@click.option(
    "--engine",
    type=click.Choice(["twin", "simulation"]),
    default="twin",
    show_default=True,
    help="What is split: the deterministic twin, or, of two scenarios, replications in pairs.",
)
@click.option(
    "--check/--no-check",
    default=True,
    show_default=True,
    help="Hold the twin's differences against simulation.",
)
@click.option(
    "--replications",
    type=click.IntRange(1, 100_000),
    default=8,
    show_default=True,
    help="Of each scenario that is simulated.",
)
@seed_option
@gathered("engine", Engine)
@where_options
@max_jobs_option
@click.option("--dry-run", is_flag=True, help="Name the causes and do nothing.")
@gathered("limits", Limits)
@files_options
@city_option
@tell
def attribute(
    scenario: str,
    other: str | None,
    asked: Asked,
    engine: Engine,
    where: Where,
    limits: Limits,
    files: Files,
    city_folder: "Path | None",
) -> None:
    """Say why: split a gap's change over the years of SCENARIO, or its difference from OTHER, into causes.

    The parts add exactly to the whole (Shapley values).
    """
    from params.studies.load import MAX_JOBS
    from runs.report.attribution import attribution_text
    from runs.studies.attribute.question import Wanted, question_of
    from runs.studies.attribute.run import attribute as do_attribute
    from runs.studies.attribute.run import write
    from runs.texts.city import city_words

    city = city_of(city_folder)
    wanted = Wanted(
        asked.first,
        asked.year,
        asked.area,
        asked.resource,
        engine.engine,
        engine.check,
        engine.replications,
        engine.seed,
    )
    question = question_of(scenario, other, wanted, city)
    if limits.dry_run:
        say_causes(question, files.lang)
        return
    with saying_what_is_kept():
        found, folder = do_attribute(
            question, files.out, where.how(files.lang), limits.max_jobs or MAX_JOBS
        )
        write(found, folder, files.lang, files.encoding)
    words = city_words(printable(files.lang), city)
    click.echo(attribution_text(found.table, found.check, question.told, words))
    click.echo(f"{folder}")


def say_causes(question: "Question", lang: str) -> None:
    """Name the causes that would be split."""
    from runs.studies.attribute.run import causes_of
    from runs.texts.wording import wording

    words = wording(printable(lang))
    causes = causes_of(question)
    named = words.text("attribute", "comma").join(words.name("cause", cause) for cause in causes)
    click.echo(words.text("attribute", "causes", n=len(causes), causes=named))
