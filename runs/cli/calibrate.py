"""The command that says what data tell of a city's assumptions."""

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
    max_jobs_option,
    saying_what_is_kept,
    tell,
    where_options,
)

if TYPE_CHECKING:
    from params.studies.calibration.load import LoadedCalibration


@click.command()
@click.argument(
    "targets", required=False, default=None, type=click.Path(path_type=Path, dir_okay=False)
)
@click.option(
    "--leave-out",
    multiple=True,
    metavar="YEAR|AREA|RESOURCE|MEASURE",
    help="Compare these targets afterwards instead of using them; may be given several times.",
)
@click.option("--no-figures", is_flag=True, help="Draw nothing.")
@files_options
@where_options
@max_jobs_option
@click.option("--dry-run", is_flag=True, help="Count what would be run and run nothing.")
@city_option
@tell
def calibrate(
    targets: Path | None,
    leave_out: tuple[str, ...],
    no_figures: bool,
    files: Files,
    where: Where,
    max_jobs: int | None,
    dry_run: bool,
    city_folder: Path | None,
) -> None:
    """Say what observations tell of the assumptions, by history matching 用实测数校准假定.

    TARGETS is a TOML file: what was observed, with errors, and which assumptions are free. Without it what is
    published of the city up to its base year is held against all that is assumed.
    """
    from params.studies.calibration.load import load_calibration
    from params.studies.load import MAX_JOBS
    from runs.produce import Watch
    from runs.studies.calibrate.asked import KNOWN
    from runs.studies.calibrate.study import calibrate as match
    from runs.studies.calibrate.study import check_jobs
    from runs.studies.calibrate.told import text_of
    from runs.studies.calibrate.written import SCENARIO, check_target, words_of, write_all

    loaded = load_calibration(targets, KNOWN, city_of(city_folder), leave_out)
    words, most = words_of(loaded, printable(files.lang)), max_jobs or MAX_JOBS
    if dry_run:
        check_jobs(loaded, most)
        say_jobs(loaded, files.lang)
        return
    folder = files.out / loaded.own.name
    check_target(folder)
    watch = Watch()
    with saying_what_is_kept():
        found = match(loaded, folder, where.how(files.lang), most)
    watch.lap()
    write_all(found, folder, files.lang, files.encoding, not no_figures, watch.times("matched"))
    click.echo(text_of(found, words))
    if (folder / SCENARIO).is_file():
        click.echo(words.text("calibrate", "draw", file=folder / SCENARIO))
    click.echo(f"{folder}")


def say_jobs(loaded: "LoadedCalibration", lang: str) -> None:
    """Say how many targets, assumptions and jobs there are."""
    from runs.studies.calibrate.study import jobs_of
    from runs.studies.calibrate.written import words_of

    words, jobs = words_of(loaded, printable(lang)), jobs_of(loaded)
    engines = ", ".join(f"{words.name('engine', engine)} {n:,}" for engine, n in jobs.items())
    held = sum(loaded.is_held)
    text = words.text(
        "calibrate",
        "jobs",
        targets=len(loaded.targets) - held,
        held=held,
        tried=len(loaded.parameters),
        jobs=f"{sum(jobs.values()):,}",
        engines=engines,
    )
    click.echo(text)
