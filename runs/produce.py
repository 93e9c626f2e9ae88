"""Do a whole run, of whatever subject: work, tabulate, draw, report, and say in a manifest what was run.

A subject is a city's scenario, an own network or a projection (`runs.subjects`). All are produced in
one way: what cannot be done is refused before the work, and the manifest is written last.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import pandas as pd

from params.city import City
from params.errors import ParamError, Problem, nearest
from params.language import said
from runs.faults import storing
from runs.jobs.key import RunKey, code_digest, environment
from runs.jobs.precision import PrecisionRecord
from runs.jobs.store import RunFolder
from runs.tables.made import Tables
from runs.texts.wording import Wording
from runs.workbook import WHOLE, write_xlsx
from runs.write import Encoding, write_csv, write_json, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPLICATIONS: Final = "replications"
FIGURES: Final = "figures"
REPORT: Final = "report"
MANIFEST: Final = "manifest.json"


class Watch:
    """Time a run for its manifest."""

    def __init__(self) -> None:
        self.started, self.begin = datetime.now(UTC), perf_counter()
        self.worked = 0.0

    def lap(self) -> None:
        """Note that the work is done and only its files are missing."""
        self.worked = perf_counter() - self.begin

    def times(self, work: str = "simulated") -> dict[str, str | float]:
        """Return when the run began and what it took, seconds of wall-clock time."""
        return {
            "started": self.started.isoformat(timespec="seconds"),
            f"{work}_seconds": round(self.worked, 1),
            "seconds": round(perf_counter() - self.begin, 1),
        }


@dataclass(frozen=True)
class Options:
    """What is written of a run, where, and in which language and bytes."""

    out: Path
    lang: str = "zh"
    encoding: Encoding = "utf-8-sig"
    xlsx: bool = False
    figures: bool = True
    report: bool = True
    only: tuple[str, ...] | None = None
    """Names of the tables to write, ``replications`` among them; all of them by default."""

    def want(self, part: str) -> bool:
        """Say whether a part of a run is to be written."""
        if part == FIGURES:
            return self.figures
        if part == REPORT:
            return self.report
        return self.only is None or part in self.only


@dataclass(frozen=True)
class About:
    """What was worked on."""

    name: str
    """Name of the scenario."""
    titles: Mapping[str, str]
    """Its title by language."""
    resolved: str
    """The scenario with every value written out."""
    work: str = "simulated"
    """What was done, as the manifest's times say it."""
    city: City | None = None
    """Where; an own network lies in none."""
    counts: str = WHOLE
    """How a workbook shows people, beds, hours and other counts."""

    @property
    def place(self) -> Mapping[str, str]:
        """Names of the city."""
        city = self.city
        if city is None:
            return {}
        return {"city": city.name, "city_zh": city.name_zh, "city_en": city.name_en}


@dataclass(frozen=True)
class Writing:
    """What is written beside tables is written with."""

    folder: Path
    options: Options
    words: Wording
    manifest: Mapping[str, object]
    """Without times."""

    @property
    def run(self) -> str:
        """Say in the footer of a figure which run it is of."""
        return f"{self.manifest['scenario']} {self.manifest['run_id']}"


class Findings(Protocol):
    """What a subject's work has found."""

    @property
    def about(self) -> About:
        """What was worked on."""

    @property
    def tables(self) -> Tables:
        """Tables by file name, English columns and ids."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that there are."""

    @property
    def precision(self) -> PrecisionRecord | None:
        """How precise the means are, if that was asked for."""

    def facts(self, lang: str) -> Mapping[str, object]:
        """Say for the manifest with what it was run, and what only this kind of run knows."""

    def words(self, lang: str) -> Wording:
        """Return the words of a language, with headers that only this kind of run has."""

    def as_written(self, table: str) -> pd.DataFrame:
        """Return a table as its CSV file has it."""

    def text(self, words: Wording) -> str:
        """Say what was found, for a terminal."""

    def figure(self, name: str, run: str, words: Wording) -> "Figure":
        """Draw one figure, with the run in its footer."""

    def write_rest(self, to: Writing) -> None:
        """Write what this kind of run has beside tables, as far as it is wanted."""


class SimulatedFindings(Findings, Protocol):
    """What a simulation has found."""

    def write_log(self, path: Path) -> tuple[int, int]:
        """Run replication 0 once more and write its event log; return entries and people."""


One = TypeVar("One", bound=Findings)
Found = TypeVar("Found", bound=Findings, covariant=True)


class Subject(Protocol[Found]):
    """What a run is about."""

    @property
    def folder(self) -> str:
        """Name of the folder of its results."""

    @property
    def key(self) -> RunKey:
        """What makes two runs of it the same."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What a run of it writes: tables, then ``replications, figures, report`` as far as it has them."""

    def work(self, kept: RunFolder) -> Found:
        """Do the work, keeping in a folder what need not be done again.

        Raises
        ------
        ParamError
            For anything a user can put right; nothing is written then.
        """


@dataclass(frozen=True)
class Produced(Generic[Found]):
    """What a run leaves: its folder, what was found, and the manifest."""

    folder: Path
    found: Found
    manifest: Mapping[str, object]


def produce(subject: Subject[Found], options: Options) -> Produced[Found]:
    """Do a run and write every file of the output contract, or those chosen, into its folder.

    Raises
    ------
    ParamError
        For anything a user can put right; nothing is written then.
    MachineError
        If another process writes there, or the place does not take what is written.
    JobsFailed
        If some replications failed; the others are kept, and no tables are written.
    """
    watch = Watch()
    check_names(options.only or (), subject)
    with closing(RunFolder(options.out / subject.folder, subject.key)) as kept:
        kept.reserve()
        found = subject.work(kept)
        watch.lap()
        return finish(subject, found, kept, options, watch)


def finish(
    subject: Subject[One], found: One, kept: RunFolder, options: Options, watch: Watch
) -> Produced[One]:
    """Write what was found, the manifest last."""
    manifest = manifest_of(subject, found, options)
    write(found, kept, options, manifest)
    manifest["times"] = watch.times(found.about.work)
    write_json(kept.path / MANIFEST, manifest)
    return Produced(kept.path, found, manifest)


def check_names(names: Iterable[str], subject: Subject[Findings]) -> None:
    """Refuse names of tables that a run of the subject does not write.

    Raises
    ------
    ParamError
        Naming every one of them.
    """
    known = [part for part in subject.parts if part not in (FIGURES, REPORT)]
    problems = [
        Problem(
            f"--only {name}",
            said("no such table", "没有此表"),
            ", ".join(known),
            nearest(name, known),
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise ParamError(problems)


def manifest_of(subject: Subject[Findings], found: Findings, options: Options) -> dict[str, object]:
    """Say what was run and with what, and what of it was not written; not how long it took."""
    left_out = [part for part in subject.parts if not options.want(part)]
    return {
        "run_id": subject.key.digest,
        "scenario": found.about.name,
        **found.about.place,
        **{f"title_{lang}": title for lang, title in found.about.titles.items()},
        **found.facts(options.lang),
        "code_digest": code_digest(),
        "environment": environment(),
        **({"left_out": left_out} if left_out else {}),
        **({"precision": found.precision} if found.precision is not None else {}),
    }


def write(
    found: Findings, kept: RunFolder, options: Options, manifest: Mapping[str, object]
) -> None:
    """Write tables, replications, figures and report into the folder of a run."""
    kept.open()  # Again, as the folder may have been moved away during the work.
    folder, words = kept.path, found.words(options.lang)
    with storing(folder / MANIFEST):
        # Older tables' manifest says nothing of those that are written now.
        (folder / MANIFEST).unlink(missing_ok=True)
    chosen = [name for name in found.tables if options.want(name)]
    for name in chosen:
        path = folder / f"{name}.csv"
        write_csv(found.as_written(name), path, options.lang, options.encoding, words)
    if options.xlsx:
        tables = {name: found.tables[name] for name in chosen}
        write_xlsx(tables, folder / f"{folder.name}.xlsx", words, found.about.counts)
    write_text(folder / "scenario.toml", found.about.resolved)
    found.write_rest(Writing(folder, options, words, manifest))
