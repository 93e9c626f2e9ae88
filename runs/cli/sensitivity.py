"""The command that says which assumptions matter."""

from dataclasses import dataclass
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
    gathered,
    listed,
    max_jobs_option,
    saying_what_is_kept,
    tell,
    where_options,
)

if TYPE_CHECKING:
    from params.city import City
    from runs.studies.sensitivity.written import Files as Written


@dataclass(frozen=True)
class Chosen:
    """Which figures are explained, and how many assumptions are shown."""

    resource: str | None
    measure: str | None
    area: str | None
    year: str | None
    top: int
    no_figures: bool


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, listed(text or "")))


@click.command()
@click.argument("what", metavar="WHAT")
@click.option(
    "--resource", default=None, metavar="NAME,...", help="Explained, beds first by default."
)
@click.option(
    "--measure",
    default=None,
    metavar="NAME,...",
    help="Shortages of the city and gaps of districts by default.",
)
@click.option(
    "--area",
    default=None,
    metavar="NAME,...",
    help="city, districts, zones or names; the city and its districts by default.",
)
@click.option("--year", default=None, metavar="YEAR,...", help="The last year by default.")
@click.option(
    "--top",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="Assumptions shown and drawn; files hold all.",
)
@click.option("--no-figures", is_flag=True, help="Draw nothing.")
@gathered("chosen", Chosen)
@files_options
@where_options
@max_jobs_option
@click.option("--dry-run", is_flag=True, help="Count a study's jobs and simulate nothing.")
@city_option
@tell
def sensitivity(
    what: str,
    chosen: Chosen,
    files: Files,
    where: Where,
    max_jobs: int | None,
    dry_run: bool,
    city_folder: Path | None,
) -> None:
    """Say which assumptions matter 什么最要紧, and what would have to be true for a gap to close.

    WHAT is the folder of a finished run or sweep (SWEEP:3 is a point of it): nothing is simulated then. Or
    it is the TOML file of a study, whose points are simulated first.

    yanglao sensitivity out/baseline
    """
    from runs.studies.sensitivity.figures import Wanted
    from runs.studies.sensitivity.study import study_source
    from runs.studies.sensitivity.written import Files as Written

    city = city_of(city_folder)
    to = Written(files.out, files.lang, files.encoding, not chosen.no_figures, chosen.top)
    if what.endswith(".toml"):
        _study(Path(what), chosen, to, (where, max_jobs, dry_run), city)
        return
    wanted = Wanted(
        _names(chosen.resource), _names(chosen.measure), _names(chosen.area), _names(chosen.year)
    )
    text, folder = study_source(what, wanted, city, to)
    click.echo(text)
    click.echo(f"{folder}")


def _study(
    path: Path, chosen: Chosen, to: "Written", how: tuple[Where, int | None, bool], city: "City"
) -> None:
    """Do the study of a file."""
    from params.studies.load import MAX_JOBS
    from runs.studies.sensitivity.asked import open_study
    from runs.studies.sensitivity.study import only_here, points_text, study_points
    from runs.texts.city import city_words

    named = ("resource", "measure", "area", "year")
    only_here([name for name in named if getattr(chosen, name) is not None], path)
    where, max_jobs, dry_run = how
    study = open_study(path, city)
    if dry_run:
        click.echo(points_text(study, to.folder, city_words(printable(to.lang), city)))
        return
    with saying_what_is_kept():
        text, folder = study_points(study, to, where.how(to.lang), max_jobs or MAX_JOBS)
    click.echo(text)
    click.echo(f"{folder}")
