"""Commands about people alone: project them ahead, and say how far off such forecasts were."""

from pathlib import Path

import click

from params.language import printable, said
from runs.cli.options import (
    Files,
    city_of,
    city_option,
    cores,
    files_options,
    ready_names,
    say_letters,
    seed_option,
    tell,
    xlsx_option,
)


@click.command()
@click.argument("scenario", default="baseline", shell_complete=ready_names)
@click.option(
    "--draws",
    type=click.IntRange(0, 10_000),
    default=1000,
    show_default=True,
    help="Draws of the assumptions; 0 is the one default projection, without intervals.",
)
@seed_option
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    default=None,
    help="All cores by default. Results do not depend on it.",
)
@files_options
@xlsx_option
@city_option
@tell
def project(
    scenario: str,
    draws: int,
    seed: int,
    threads: int | None,
    files: Files,
    xlsx: bool,
    city_folder: Path | None,
) -> None:
    """Project the people of SCENARIO 预测人口, without the event simulation."""
    from params.scenario.load import load_scenario

    loaded = load_scenario(scenario, city_of(city_folder))
    say_letters(loaded, files.lang)
    from runs.produce import Options, produce
    from runs.subjects.projection import Projection

    subject = Projection(loaded, draws, seed, cores(threads))
    done = produce(subject, Options(files.out, files.lang, files.encoding, xlsx))
    click.echo(done.found.text(done.found.words(printable(files.lang))))
    click.echo(f"{done.folder}")


@click.command()
@click.argument("scenario", default="baseline", shell_complete=ready_names)
@click.option(
    "--actuals",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="CSV of counts (basis, district, year, measure, value) to score a forecast against.",
)
@click.option(
    "--forecast",
    "forecast_path",
    type=click.Path(path_type=Path),
    default=None,
    help="With --actuals: a long population table or a results folder; SCENARIO is projected if not given.",
)
@click.option("--draws", type=click.IntRange(2, 100_000), default=500, show_default=True)
@seed_option
@click.option(
    "--level",
    type=click.FloatRange(0.5, 0.99),
    default=0.8,
    show_default=True,
    help="Probability of the intervals that are checked.",
)
@files_options
@city_option
@tell
def backtest(
    scenario: str,
    actuals: Path | None,
    forecast_path: Path | None,
    draws: int,
    seed: int,
    level: float,
    files: Files,
    city_folder: Path | None,
) -> None:
    """Forecast the past and say how far off it was, or score a forecast against your own counts."""
    from params.scenario.load import load_scenario

    city = city_of(city_folder)
    loaded = load_scenario(scenario, city)
    from runs.studies.backtest import BacktestOptions, run_actuals, run_backtest

    options = BacktestOptions(
        out=files.out,
        draws=draws,
        seed=seed,
        threads=cores(None),
        level=level,
        lang=files.lang,
        encoding=files.encoding,
    )
    if actuals is not None:
        text, folder = run_actuals(scenario, actuals, forecast_path, options, city)
    elif forecast_path is not None:
        raise click.UsageError(said("--forecast needs --actuals", "--forecast 须与 --actuals 同用"))
    else:
        text, folder = run_backtest(loaded, options)
    click.echo(text)
    click.echo(f"{folder}")


@click.command()
@click.argument("scenario", default="baseline", shell_complete=ready_names)
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="CSV of your own figures (year, measure, value), in place of those the scenario names.",
)
@click.option("--draws", type=click.IntRange(2, 10_000), default=200, show_default=True)
@seed_option
@files_options
@city_option
@tell
def monitor(
    scenario: str,
    evidence: Path | None,
    draws: int,
    seed: int,
    files: Files,
    city_folder: Path | None,
) -> None:
    """Follow the plan 动态监测: what was planned, what came, the forecast as of each bulletin."""
    from params.scenario.load import load_scenario

    loaded = load_scenario(scenario, city_of(city_folder), evidence)
    from runs.studies.monitor import MonitorOptions, run_monitor

    options = MonitorOptions(
        out=files.out,
        draws=draws,
        seed=seed,
        threads=cores(None),
        lang=files.lang,
        encoding=files.encoding,
    )
    text, folder = run_monitor(loaded, options)
    click.echo(text)
    click.echo(f"{folder}")
