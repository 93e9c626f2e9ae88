"""The command that finds the least capacity, or where some of it helps most."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from params.language import printable
from runs.cli.options import (
    Files,
    Where,
    city_of,
    city_option,
    files_options,
    ready_names,
    saying_what_is_kept,
    tell,
    where_options,
)

if TYPE_CHECKING:
    from runs.studies.plan.layout import Layout
    from runs.texts.wording import Wording


@click.command()
@click.argument("question", shell_complete=ready_names)
@files_options
@where_options
@click.option("--no-figures", is_flag=True, help="Draw nothing.")
@click.option("--dry-run", is_flag=True, help="Say what is searched and simulate nothing.")
@city_option
@tell
def plan(
    question: str,
    files: Files,
    where: Where,
    no_figures: bool,
    dry_run: bool,
    city_folder: Path | None,
) -> None:
    """Find the least beds and posts that reach a target, or where some help most.

    QUESTION is a ready one's name or a TOML file. Its folder holds the table, the plan as a scenario that
    `yanglao run` takes, a figure, and every simulation, so that asking again goes on from there.
    """
    from params.studies.plan.load import load_question, question_file
    from runs.studies.plan.layout import layout_of
    from runs.studies.plan.study import SCENARIO, answer, write_answer
    from runs.texts.city import city_words

    city = city_of(city_folder)
    asked = load_question(question_file(question, city), city)
    lang = printable(files.lang)
    if dry_run:
        click.echo(dry_text(layout_of(asked), city_words(lang, city)))
        return
    with saying_what_is_kept():
        found = answer(asked, files.out, where.how(lang))
    folder = write_answer(found, files.out, files.lang, files.encoding, not no_figures)
    words = city_words(lang, city)
    click.echo(found.text(lang))
    click.echo(f"{folder / f'{found.name}.csv'}")
    if found.scenario is not None:
        click.echo(words.text("plan", "run", file=folder / SCENARIO))


def dry_text(layout: "Layout", words: "Wording") -> str:
    """Say what is searched, and how many simulations it takes."""
    from params.scenario.path_resources import ASSESSORS
    from runs.studies.plan.told import years_of

    question = layout.asked.question
    joined = "、" if words.lang == "zh" else ", "
    levers = joined.join(
        words.text("lacks", "assessment") if name == ASSESSORS else words.name("resource", name)
        for name in layout.levers
    )
    judged = joined.join(words.name("resource", name) for name in layout.judged)
    said = {"levers": levers, "judged": judged, "years": years_of(layout), "first": layout.first}
    lines = [words.text("plan", "dry", **said)]
    n = question.replications
    if question.question == "least":
        lines.append(words.text("plan", "dry_jobs", n=n))
    else:
        tries = len(layout.districts) * len(layout.levers)
        lines.append(words.text("plan", "dry_tries", n=tries, each=n))
    return "\n".join(lines)
