"""The command line: one function a command, no model code. Exit status 0 done, 2 wrong input."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import click

from params.errors import ParamError
from params.seed import DEFAULT_SEED

if TYPE_CHECKING:
    from params.city import City
    from params.network.model import LoadedNetwork
    from params.scenario.load import LoadedScenario
    from runs.produce import Produced, RunOptions

# Matrices here are small: threads inside the linear algebra only wait for each other, and take the
# cores from the replications. This must stand before numpy is first loaded.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

KEPT: Final = (
    "replications that were finished are kept: the same command goes on from there\n"
    "已完成的重复模拟均已保存，再次运行同一命令即从此处继续"
)
INTERRUPTED: Final = 130
"""Exit status of a command that the user stopped."""
P = ParamSpec("P")
R = TypeVar("R")


def tell(function: Callable[P, R]) -> Callable[P, R]:
    """Turn `ParamError` into its message on stderr and exit status 2, Ctrl-C into status 130."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ParamError as error:
            click.echo(f"{len(error.problems)} problem(s) 个问题:", err=True)
            click.echo(str(error), err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("stopped 已中断", err=True)
            sys.exit(INTERRUPTED)

    return wrapped


# Options that several commands share.
_seed = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=DEFAULT_SEED, show_default=True
)
_out = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    help="Results go into a folder of their own below it.",
)
_city = click.option(
    "--city",
    "city_folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="DIR",
    help="A city's folder; the packaged city by default. `yanglao new-city` writes templates of one.",
)
_lang = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
_encoding = click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "utf-8", "gb18030"]),
    default="utf-8-sig",
    show_default=True,
    help="Bytes of the CSV files.",
)
_xlsx = click.option("--xlsx", is_flag=True, help="Write a workbook too.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yanglao")
def main() -> None:
    """Forecast and simulate a city's capacity to care for its elders 养老供需预测与仿真.

    Start with: yanglao run baseline
    """


@main.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--replications",
    type=click.IntRange(1, 100_000),
    default=None,
    show_default="20",
    help="Replications, each with its own draw of the assumptions; with --precision the least (5).",
)
@click.option(
    "--precision",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=None,
    help="Add replications until the 95 % interval of every chosen mean is within this share of it "
    "on either side, for example 0.02. With drawn assumptions the interval holds their spread too "
    "and takes many (some 130 for 0.1); with --fixed-parameters 0.02 takes tens.",
)
@click.option(
    "--precision-of",
    default=None,
    metavar="MEASURE:RESOURCE,...",
    help="The chosen means, of the city in the last year, for example "
    "waiting:bed_total,died_waiting:home_care. By default demand, occupied, waiting, requests, placed "
    "and died_waiting of assessment, home_care, dementia_bed and bed_total.",
)
@click.option(
    "--max-replications",
    type=click.IntRange(2, 100_000),
    default=None,
    show_default="1000",
    help="Where --precision ends at the latest; what is not precise then is named.",
)
@_seed
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=None,
    help="Processes; all cores by default. Results do not depend on it.",
)
@click.option("--fixed-parameters", is_flag=True, help="Keep every assumption at its default.")
@_out
@_lang
@_encoding
@_xlsx
@click.option(
    "--log",
    "log_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Run replication 0 once more and write everything that happens in it (Parquet), for `trace`.",
)
@_city
@tell
def run(
    scenario: str,
    replications: int | None,
    precision: float | None,
    precision_of: str | None,
    max_replications: int | None,
    seed: int,
    workers: int | None,
    fixed_parameters: bool,
    out: Path,
    lang: str,
    encoding: str,
    xlsx: bool,
    log_file: Path | None,
    city_folder: Path | None,
) -> None:
    """Simulate SCENARIO (a ready one's name or a TOML file) and write its results."""
    if precision is None and (precision_of or max_replications):
        needs = "--precision-of and --max-replications need --precision 须同时给出 --precision"
        raise click.UsageError(needs)
    from params.network.load import load_any
    from params.network.model import LoadedNetwork

    loaded = load_any(scenario, city_of(city_folder))
    own = isinstance(loaded, LoadedNetwork)
    say_letters(loaded, lang)
    from runs.jobs.stopping import rule_of
    from runs.produce import RunOptions, produce
    from runs.report.summary import summary_text
    from runs.texts.wording import wording

    rule = rule_of(precision, None if own else precision_of, replications, max_replications)
    options = RunOptions(
        out=out,
        replications=replications or 20,
        precision=rule,
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        fixed_parameters=fixed_parameters,
        lang=lang,
        encoding=encoding,  # type: ignore[arg-type]
        xlsx=xlsx,
    )
    if isinstance(loaded, LoadedNetwork):
        run_network(loaded, options, precision_of, log_file)
        return
    with saying_what_is_kept():
        done = produce(loaded, options)
    say_done(done, summary_text(done.tables["shortfall"], wording(lang)), lang)
    if log_file is not None:
        from runs.jobs.trace import write_log

        say_log(log_file, *write_log(loaded, seed, fixed_parameters, log_file))


def run_network(
    loaded: "LoadedNetwork", options: "RunOptions", precision_of: str | None, log_file: Path | None
) -> None:
    """Simulate a scenario that brings its own network."""
    from runs.network_run import network_rule, network_text, produce_network
    from runs.texts.wording import wording

    if options.precision is not None:
        rule = network_rule(loaded, options.precision, precision_of)
        options = replace(options, precision=rule)
    with saying_what_is_kept():
        done = produce_network(loaded, options)
    say_done(done, network_text(done, loaded, wording(options.lang)), options.lang)
    if log_file is not None:
        from runs.jobs.trace import write_network_log

        say_log(log_file, *write_network_log(loaded, options.seed, log_file))


@contextmanager
def saying_what_is_kept() -> Iterator[None]:
    """Say, where a run is stopped, that it need not begin again."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(KEPT, err=True)
        raise


def say_done(done: "Produced", text: str, lang: str) -> None:
    """Print what a run found, whether it is as precise as asked, and where its files are."""
    from runs.report.summary import precision_text
    from runs.texts.wording import wording

    click.echo(text)
    if "precision" in done.manifest:
        said = precision_text(done.manifest["precision"], wording(lang))
        click.echo(said, err=bool(done.manifest["precision"]["not_reached"]))
    click.echo(f"{done.folder}")


def say_letters(loaded: "LoadedScenario | LoadedNetwork", lang: str) -> None:
    """Say before a run which letters of its names no font can draw."""
    from params.network.model import LoadedNetwork
    from params.scenario.checks import district_names
    from runs.figures.letters import letters_without_font
    from runs.texts.wording import wording

    scenario = loaded.scenario
    names = [scenario.name, scenario.title_zh if lang == "zh" else scenario.title_en]
    if isinstance(loaded, LoadedNetwork):
        names += [*loaded.plan.districts, *(pool.resource for pool in loaded.plan.pools)]
    else:
        names += [*district_names(loaded.city), *loaded.city.zones]
    letters = letters_without_font(names)
    if letters:
        click.echo(wording(lang).text("run", "no_font", letters=letters), err=True)


def say_log(file: Path, entries: int, people: int) -> None:
    """Print what an event log holds."""
    click.echo(f"{file}: {entries:,} entries 条, people 人员编号 0-{people - 1}")


def city_of(folder: Path | None) -> "City":
    """Read the city that a command is about."""
    from params.city import read_city

    return read_city(folder)


@main.command()
@click.argument("log_file", metavar="LOG", type=click.Path(path_type=Path))
@click.argument("person", type=int)
@_lang
@tell
def trace(log_file: Path, person: int, lang: str) -> None:
    """Tell PERSON's way (a number) from an event log that `run --log` has written."""
    from runs.jobs.trace import trace as tell_way

    click.echo(tell_way(log_file, person, lang))


@main.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--draws",
    type=click.IntRange(0, 10_000),
    default=1000,
    show_default=True,
    help="Draws of the assumptions; 0 is the one default projection, without intervals.",
)
@_seed
@click.option(
    "--threads",
    type=click.IntRange(1, 1024),
    default=None,
    help="All cores by default. Results do not depend on it.",
)
@_out
@_lang
@_encoding
@_xlsx
@_city
@tell
def project(
    scenario: str,
    draws: int,
    seed: int,
    threads: int | None,
    out: Path,
    lang: str,
    encoding: str,
    xlsx: bool,
    city_folder: Path | None,
) -> None:
    """Project the people of SCENARIO 预测人口, without the event simulation."""
    from params.scenario.load import load_scenario

    loaded = load_scenario(scenario, city_of(city_folder))
    say_letters(loaded, lang)
    from runs.project import NEAR, ProjectOptions, produce_projection
    from runs.report.population_summary import population_summary, scaling_text
    from runs.texts.wording import wording

    options = ProjectOptions(
        out=out,
        draws=draws,
        seed=seed,
        threads=threads or os.cpu_count() or 1,
        lang=lang,
        encoding=encoding,  # type: ignore[arg-type]
        xlsx=xlsx,
    )
    done = produce_projection(loaded, options)
    words = wording(lang)
    click.echo(population_summary(done.tables["population_long"], words, loaded.city.plan_year))
    scaled = scaling_text(done.manifest["city_constraint_factors"], NEAR, words)
    if scaled:
        click.echo(scaled)
    click.echo(f"{done.folder}")


@main.command()
@click.argument("scenario")
@click.option("--resolved", is_flag=True, help="Print every value and the file it came from.")
@_city
@tell
def check(scenario: str, resolved: bool, city_folder: Path | None) -> None:
    """Say what is wrong with SCENARIO, or that nothing is."""
    from params.network.load import load_any
    from params.network.model import LoadedNetwork
    from params.scenario.resolved import resolved_network, resolved_toml

    loaded = load_any(scenario, city_of(city_folder))
    if resolved:
        if isinstance(loaded, LoadedNetwork):
            click.echo(resolved_network(loaded), nl=False)
        else:
            click.echo(resolved_toml(loaded), nl=False)
        return
    changed = [k for k, where in loaded.provenance.items() if where != "default"]
    click.echo(f"{loaded.scenario.name}: {loaded.scenario.title_zh} {loaded.scenario.title_en}")
    click.echo(f"{len(changed)} values set 项设定: {', '.join(sorted(changed))}")


@main.command()
@_city
@tell
def scenarios(city_folder: Path | None) -> None:
    """List the ready scenarios."""
    from params.network.load import load_network
    from params.scenario.layers import list_networks
    from params.scenario.load import list_scenarios, load_scenario

    city = city_of(city_folder)
    for name in list_scenarios(city):
        scenario = load_scenario(name, city).scenario
        click.echo(f"{name:14s} {scenario.title_zh}  {scenario.title_en}")
    click.echo("own networks 自带网络:")
    for name in list_networks():
        network = load_network(name).scenario
        click.echo(f"{name:14s} {network.title_zh}  {network.title_en}")


@main.command()
@click.option("--assumed", is_flag=True, help="Only what was assumed, with ranges.")
@click.option("--check", "checking", is_flag=True, help="Re-add every table.")
@_city
@tell
def params(assumed: bool, checking: bool, city_folder: Path | None) -> None:
    """List every number with its source and status, or check the tables."""
    from params.tables.check import check_tables, list_parameters

    city = city_of(city_folder)
    if checking:
        results = check_tables(city)
        wrong = [r for r in results if not r.ok]
        for result in wrong:
            click.echo(str(result), err=True)
        click.echo(f"{len(results) - len(wrong)} of {len(results)} checks hold 项核对通过")
        sys.exit(1 if wrong else 0)
    click.echo(list_parameters(assumed, city).to_csv(index=False), nl=False)


@main.command("new-city")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@tell
def new_city(folder: Path) -> None:
    """Write the templates of a city's folder into DIR 生成城市文件夹模板."""
    from runs.new_city import new_city as write_templates

    for path in write_templates(folder):
        click.echo(f"{path}")
    click.echo(f"yanglao params --check --city {folder}")


@main.command()
@click.argument("scenario", default="baseline")
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
@_seed
@click.option(
    "--level",
    type=click.FloatRange(0.5, 0.99),
    default=0.8,
    show_default=True,
    help="Probability of the intervals that are checked.",
)
@_out
@_lang
@_encoding
@_city
@tell
def backtest(
    scenario: str,
    actuals: Path | None,
    forecast_path: Path | None,
    draws: int,
    seed: int,
    level: float,
    out: Path,
    lang: str,
    encoding: str,
    city_folder: Path | None,
) -> None:
    """Forecast the past and say how far off it was, or score a forecast against your own counts."""
    from params.scenario.load import load_scenario

    city = city_of(city_folder)
    loaded = load_scenario(scenario, city)
    from runs.studies.backtest import BacktestOptions, run_actuals, run_backtest

    options = BacktestOptions(
        out=out,
        draws=draws,
        seed=seed,
        threads=os.cpu_count() or 1,
        level=level,
        lang=lang,
        encoding=encoding,  # type: ignore[arg-type]
    )
    if actuals is not None:
        text, folder = run_actuals(scenario, actuals, forecast_path, options, city)
    elif forecast_path is not None:
        raise click.UsageError("--forecast needs --actuals 须同时给出 --actuals")
    else:
        text, folder = run_backtest(loaded, options)
    click.echo(text)
    click.echo(f"{folder}")


@main.command()
@click.option("--network", is_flag=True, help="Of scenarios that bring their own network.")
@_city
@tell
def schema(network: bool, city_folder: Path | None) -> None:
    """Print the JSON schema of scenario files, for completion in an editor."""
    import json

    from params.network.load import network_schema
    from params.scenario.load import scenario_schema

    described = network_schema() if network else scenario_schema(city_of(city_folder))
    click.echo(json.dumps(described, ensure_ascii=False, indent=1))


@main.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--year", type=int, default=None, help="The last year by default.")
@_lang
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    default=None,
    help="Write every area and measure to a file.",
)
@_city
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
