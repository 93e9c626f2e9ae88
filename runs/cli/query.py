"""Commands that read what a sweep has left."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from params.language import printable
from runs.cli.options import encoding_option, lang_option, tell

if TYPE_CHECKING:
    from runs.jobs.sweep_folder import SweepFolder
    from runs.report.rows import Add
    from runs.texts.wording import Wording
    from runs.write import Encoding

POINTS_SHOWN: Final = 60
"""Points that have a line on the terminal; the file has all."""
_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@click.command()
@_folder
@click.argument("sql")
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=40,
    show_default=True,
    help="Rows shown on the terminal; files hold all of them.",
)
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write every row to a CSV file."
)
@click.option(
    "--xlsx", "xlsx_file", type=click.Path(path_type=Path), help="Write every row to a workbook."
)
@lang_option
@encoding_option
@tell
def query(
    folder: Path,
    sql: str,
    rows: int,
    csv_file: Path | None,
    xlsx_file: Path | None,
    lang: str,
    encoding: "Encoding",
) -> None:
    """Answer SQL over a sweep in DIR.

    Views: points (every varied key), draws (every drawn parameter), results (every figure of every job),
    summary (means with errors and intervals). Only reads:

    yanglao query out/my-sweep "select point, mean from summary where measure = 'waiting'"
    """
    from runs.jobs.sweep_folder import open_sweep
    from runs.report.rows import Shown, csv_rows, headers, xlsx_rows
    from runs.studies.query import ask
    from runs.texts.wording import wording

    sweep, words = open_sweep(folder), wording(printable(lang))
    for target in (csv_file, xlsx_file):
        if target is not None:
            sweep.check_target(target)
    _say_unfinished(sweep, words)
    with _without_pandas():
        answer = ask(sweep, sql)
    header = headers(answer.columns, words) if lang != "en" else answer.columns
    shown = Shown(header, rows)
    with ExitStack() as files:
        into: list[Add] = [shown.add]
        if csv_file is not None:
            into.append(files.enter_context(csv_rows(csv_file, header, encoding)))
        if xlsx_file is not None:
            title = words.text("sweep", "answer")
            into.append(files.enter_context(xlsx_rows(xlsx_file, header, title)))
        for batch in answer.batches:
            for add in into:
                add(batch)
    click.echo("\n".join(shown.lines()))
    if shown.more:
        click.echo(words.text("sweep", "more_rows", more=f"{shown.more:,}"))


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Keep pyarrow from loading pandas, a third of the command's time, for its data sets.

    It asks once in a process, as its data sets are first used, and goes without where there is none. Nothing
    here needs it; a process that has pandas already keeps it.
    """

    class Hidden:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "pandas":
                raise ModuleNotFoundError("not wanted by this command", name=name)
            return

    finder = Hidden()
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


def _say_unfinished(sweep: "SweepFolder", words: "Wording") -> None:
    """Say on stderr how far a sweep is that is not finished: its figures will still change."""
    if not sweep.is_finished:
        jobs = "?" if sweep.jobs is None else f"{sweep.jobs:,}"
        text = words.text("sweep", "unfinished", done=f"{len(sweep.parts):,}", jobs=jobs)
        click.echo(text, err=True)


@click.command("sweep-table")
@_folder
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    show_default="DIR/summary.csv",
    help="Where the table goes.",
)
@lang_option
@encoding_option
@tell
def sweep_table(folder: Path, csv_file: Path | None, lang: str, encoding: "Encoding") -> None:
    """Sum up the sweep in DIR as CSV: every point with its keys, means, errors and intervals.

    The terminal shows a line a point: the city's main figures of the last year.
    """
    from runs.jobs.sweep_folder import open_sweep
    from runs.report.sweep import points_text
    from runs.studies.sweep_table import write_sweep_table
    from runs.texts.wording import wording

    sweep, words = open_sweep(folder), wording(printable(lang))
    target = csv_file or folder / "summary.csv"
    sweep.check_target(target)
    _say_unfinished(sweep, words)
    city = write_sweep_table(sweep, target, lang, encoding, POINTS_SHOWN)
    click.echo(points_text(city, sweep.keys, words))
    more = len({part.point for part in sweep.parts}) - POINTS_SHOWN
    if more > 0:
        click.echo(words.text("sweep", "more_points", more=f"{more:,}"))
    click.echo(words.text("sweep", "written", file=target))
