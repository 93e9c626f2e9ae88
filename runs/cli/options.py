"""Options that several commands share, and the frozen dataclasses in which commands get them.

Read on every start: nothing heavy is imported here.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, ParamSpec, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from params.errors import ParamError
from params.language import LANGUAGES, said, speak
from params.seed import DEFAULT_SEED
from runs.faults import FAILED, KEPT, MACHINE, JobsFailed, MachineError, said_by_system

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from params.city import City
    from params.network.model import LoadedNetwork
    from params.scenario.model import LoadedScenario
    from runs.jobs.execute import How
    from runs.write import Encoding

INTERRUPTED: Final = 130
"""Exit status of a command that the user stopped."""
TERMINATED: Final = 143
"""Exit status of a command that the system, or a cluster's queue, told to end."""
P = ParamSpec("P")
R = TypeVar("R")
Command = Callable[..., None]


def listed(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas, Western or Chinese."""
    return tuple(name.strip() for name in text.replace("，", ",").split(","))


@dataclass(frozen=True)
class Files:
    """Where a command's results go, in which language and which bytes."""

    out: Path
    lang: str
    encoding: "Encoding"


@dataclass(frozen=True)
class Parts:
    """What `run` writes beside and of its tables."""

    xlsx: bool
    no_figures: bool
    no_report: bool
    only: str | None

    @property
    def tables(self) -> tuple[str, ...] | None:
        """The names given with ``--only``."""
        if self.only is None:
            return None
        return listed(self.only)


@dataclass(frozen=True)
class Count:
    """How many replications `run` does, a number or as many as a precision takes."""

    replications: int | None
    precision: float | None
    precision_of: str | None
    max_replications: int | None


@dataclass(frozen=True)
class Where:
    """Where jobs are done."""

    workers: int | None
    scheduler: str | None

    def how(self, lang: str) -> "How":
        """Return it for `runs.jobs.execute`, its progress told in a language."""
        from runs.jobs.execute import How

        return How(cores(self.workers), scheduler=self.scheduler, lang=lang)


@dataclass(frozen=True)
class Asked:
    """Which scenario a command is about, and of which city."""

    scenario: str
    city_folder: Path | None


def gathered(name: str, kind: "type[DataclassInstance]") -> Callable[[Command], Command]:
    """Hand a command the options that are fields of a dataclass as one value of it."""
    names = tuple(field.name for field in fields(kind))

    def wrap(function: Command) -> Command:
        @wraps(function)
        def called(**words: object) -> None:
            one = kind(**{key: words.pop(key) for key in names})
            function(**{name: one}, **words)

        return called

    return wrap


class Terminated(KeyboardInterrupt):
    """The command was told to end by SIGTERM."""


@contextmanager
def ending_when_told() -> Iterator[None]:
    """End at SIGTERM as at Ctrl-C: what is under way is put in order first."""

    def end(number: int, frame: object) -> None:  # noqa: ARG001
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not in the main thread, where no signal arrives
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def tell(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what ends a command into its message on stderr and its exit status.

    2 for wrong input, 3 where the machine would not, 4 where jobs failed, 130 and 143 for a command that
    was stopped. A bug of ours keeps its traceback.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            speak_as_asked()
            with ending_when_told():
                return function(*args, **kwargs)
        except ParamError as error:
            n = len(error.problems)
            click.echo(said(f"{n} problem(s):", f"{n} 个问题："), err=True)
            # Told anew: what speaks may have changed since they were found.
            end("\n".join(str(problem) for problem in error.problems), 2)
        except JobsFailed as error:
            end(str(error), FAILED)
        except MachineError as error:
            end(str(error), MACHINE)
        except MemoryError as error:
            found = f"{said('out of memory', '内存不足')}: {error}".rstrip(": ")
            advice = said("    try: fewer --workers", "    建议：减少 --workers")
            end(f"{found}\n{advice}", MACHINE)
        except OSError as error:
            known = said_by_system(error)
            if known is None:
                raise
            end(str(known), MACHINE)
        except Terminated:
            end(said("stopped", "已中断"), TERMINATED)
        except KeyboardInterrupt:
            end(said("stopped", "已中断"), INTERRUPTED)

    return wrapped


def speak_as_asked() -> None:
    """Speak the language that ``--lang`` names; without it what was chosen before, or the machine's."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    lang = context.params.get("lang")
    if lang in LANGUAGES and context.get_parameter_source("lang") is ParameterSource.COMMANDLINE:
        speak(lang)


def end(text: str, status: int) -> NoReturn:
    """Say why a command ends."""
    click.echo(text, err=True)
    sys.exit(status)


@contextmanager
def saying_what_is_kept() -> Iterator[None]:
    """Say, where a run is stopped or the machine would not go on, that it need not begin again."""
    try:
        yield
    except (KeyboardInterrupt, MachineError, MemoryError):
        click.echo(str(KEPT), err=True)
        raise


def cores(chosen: int | None) -> int:
    """Return a chosen number of processes or threads, or one a core."""
    return chosen or os.cpu_count() or 1


seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=DEFAULT_SEED, show_default=True
)
lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True
)
city_option = click.option(
    "--city",
    "city_folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    metavar="DIR",
    help="A city's folder; the packaged city by default. `yanglao new-city` writes templates of one.",
)


def ready_names(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete the name of a ready scenario, network or design, or a file; loads nothing heavy."""
    from params.city import read_city
    from params.scenario.layers import NETWORK_FOLDER

    city = read_city()
    folders = (city.scenarios, city.questions, NETWORK_FOLDER, city.designs, city.plans)
    names = sorted(path.stem for folder in folders for path in folder.glob("*.toml"))
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


def asked_options(function: Command) -> Command:
    """Add SCENARIO and ``--city``; the command gets them as `asked`."""
    command = city_option(gathered("asked", Asked)(function))
    return click.argument("scenario", default="baseline", shell_complete=ready_names)(command)


max_jobs_option = click.option(
    "--max-jobs",
    type=click.IntRange(1),
    default=None,
    show_default="100000",
    help="Refuse a design of more replications than this.",
)
xlsx_option = click.option("--xlsx", is_flag=True, help="Write a workbook too.")
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    help="Results go into a folder of their own below it.",
)
encoding_option = click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "utf-8", "gb18030"]),
    default="utf-8-sig",
    show_default=True,
    help="Bytes of the CSV files.",
)


def files_options(function: Command) -> Command:
    """Add ``--out``, ``--lang`` and ``--encoding``; the command gets them as `files`."""
    return out_option(lang_option(encoding_option(gathered("files", Files)(function))))


_replications = click.option(
    "--replications",
    type=click.IntRange(1, 100_000),
    default=None,
    show_default="20",
    help="Replications, each with its own draw of the assumptions; with --precision the least (5).",
)
_precision = click.option(
    "--precision",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    default=None,
    help="Add replications until the 95 % interval of every chosen mean is within this share of it "
    "on either side, for example 0.02. With drawn assumptions the interval holds their spread too "
    "and takes many (some 130 for 0.1); with --fixed-parameters 0.02 takes tens.",
)
_precision_of = click.option(
    "--precision-of",
    default=None,
    metavar="MEASURE:RESOURCE,...",
    help="The chosen means, of the city in the last year, for example "
    "waiting:bed_total,died_waiting:home_care. By default demand, occupied, waiting, requests, placed "
    "and died_waiting of assessment, home_care, dementia_bed and bed_total.",
)
_max_replications = click.option(
    "--max-replications",
    type=click.IntRange(2, 100_000),
    default=None,
    show_default="1000",
    help="Where --precision ends at the latest; what is not precise then is named.",
)


workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=None,
    help="Processes; all cores by default. Results do not depend on it.",
)
_scheduler = click.option(
    "--scheduler",
    default=None,
    metavar="tcp://HOST:PORT",
    help="Let the workers of this Dask scheduler do the work, with the same results: docs/clusters.md.",
)


def where_options(function: Command) -> Command:
    """Add the options that say where jobs are done; the command gets them as `where`."""
    return workers_option(_scheduler(gathered("where", Where)(function)))


def count_options(function: Command) -> Command:
    """Add the options that say how many replications; the command gets them as `count`."""
    command = gathered("count", Count)(function)
    return _replications(_precision(_precision_of(_max_replications(command))))


def city_of(folder: Path | None) -> "City":
    """Read the city that a command is about."""
    from params.city import read_city

    return read_city(folder)


def say_letters(loaded: "LoadedScenario | LoadedNetwork", lang: str) -> None:
    """Say before a run which letters of its names no font can draw."""
    from params.network.model import LoadedNetwork
    from params.scenario.places import district_names
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


_no_figures = click.option("--no-figures", is_flag=True, help="Draw nothing.")
_no_report = click.option("--no-report", is_flag=True, help="Write no report.")
_only = click.option(
    "--only",
    default=None,
    metavar="TABLE,...",
    help="Write these tables only, for example shortfall,indicators; replications are one of them. "
    "Figures and report are not touched by it.",
)


def parts_options(function: Command) -> Command:
    """Add the options that say what is written; the command gets them as `parts`."""
    command = gathered("parts", Parts)(function)
    return xlsx_option(_no_figures(_no_report(_only(command))))
