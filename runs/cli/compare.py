"""The command that sets runs and points of sweeps side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runs.cli.options import city_of, city_option, gathered, lang_option, tell

if TYPE_CHECKING:
    from params.city import City
    from runs.studies.compare import Comparison


@dataclass(frozen=True)
class Shown:
    """What is compared, and what of it a terminal and figures show."""

    year: str | None
    area: str | None
    resource: str | None
    measure: str | None


@dataclass(frozen=True)
class Written:
    """Files that are written."""

    csv_file: Path | None
    xlsx_file: Path | None
    figures: Path | None


_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="A B [C ...]")
@click.option("--year", default=None, metavar="YEAR|all", help="The last year by default.")
@click.option("--area", default=None, help="Shown instead of the city: a district or zone.")
@click.option(
    "--resource",
    default=None,
    help="Shown and drawn alone, for example bed_total; all of them by default.",
)
@click.option(
    "--measure",
    default=None,
    help="Shown and drawn, for example waiting; figures draw the gap of each resource by default.",
)
@gathered("shown", Shown)
@click.option(
    "--csv",
    "csv_file",
    type=_file,
    default=None,
    help="Write every area, resource and measure to a file.",
)
@click.option("--xlsx", "xlsx_file", type=_file, default=None, help="Write them as a workbook.")
@click.option(
    "--figures",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="DIR",
    help="Draw a waterfall, and the differences by scenario and by district.",
)
@gathered("written", Written)
@lang_option
@city_option
@tell
def compare(
    places: tuple[str, ...],
    shown: Shown,
    written: Written,
    lang: str,
    city_folder: Path | None,
) -> None:
    """Say what B, C, ... change against A, replication by replication.

    Each is the folder of a run, a point of a sweep (SWEEP:3 is its point number 3) or the folder of a
    sweep, which stands for all its points.
    """
    import shutil

    from runs.report.comparison import comparison_text
    from runs.studies.compare import compare as compare_all
    from runs.studies.compared.choice import Wanted
    from runs.texts.city import city_words

    city = city_of(city_folder)
    wanted = Wanted(shown.year, shown.area, shown.resource, shown.measure)
    found = compare_all(places, wanted, city, lang)
    columns = shutil.get_terminal_size().columns
    click.echo(comparison_text(found.shown, found.pairs, city_words(lang, city), columns))
    write(found, written, city, lang)


def write(found: "Comparison", written: Written, city: "City", lang: str) -> None:
    """Write the files that were asked for."""
    from params.tables.read import read_table
    from runs.texts.city import city_words
    from runs.workbook import write_xlsx
    from runs.write import write_csv

    words = city_words(lang, city)
    if written.csv_file is not None:
        write_csv(found.table, written.csv_file, lang, words=words)
    if written.xlsx_file is not None:
        write_xlsx({"compare": found.table}, written.xlsx_file, words)
    if written.figures is not None:
        from runs.figures.compare import ComparisonData, draw_comparison

        choice = found.choice
        data = ComparisonData(
            found.table,
            read_table("districts.csv", city.tables),
            *choice.area,
            choice.resource,
            choice.measure,
            city.zones,
        )
        draw_comparison(data, written.figures, words)
