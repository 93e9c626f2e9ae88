"""The command that sets two runs side by side."""

from pathlib import Path

import click

from runs.cli.options import city_of, city_option, lang_option, tell


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--year", type=int, default=None, help="The last year by default.")
@lang_option
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    default=None,
    help="Write every area and measure to a file.",
)
@city_option
@tell
def compare(
    first: Path,
    second: Path,
    year: int | None,
    lang: str,
    csv_file: Path | None,
    city_folder: Path | None,
) -> None:
    """Say what the run in SECOND changes against the run in FIRST, replication by replication."""
    from runs.studies.compare import compare as compare_runs
    from runs.studies.compare import compare_text
    from runs.texts.wording import wording
    from runs.write import write_csv

    table = compare_runs(first, second, year, city_of(city_folder))
    click.echo(compare_text(table, (first.name, second.name), wording(lang)))
    if csv_file is not None:
        write_csv(table, csv_file, lang)
