"""Load, project, simulate and compare scenarios: what `runs.notebook` offers of single runs."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pandas as pd

from params.city import read_city
from params.errors import ParamError, Problem, nearest
from params.language import said
from params.network.load import load_any
from params.network.model import LoadedNetwork
from params.scenario.load import load_scenario
from params.scenario.model import LoadedScenario
from params.seed import DEFAULT_SEED
from runs.jobs.execute import How
from runs.jobs.replicate import Amount
from runs.jobs.store import PARTS, RunFolder
from runs.produce import Findings, Options, Subject, Watch, finish, manifest_of
from runs.studies.compare import compare as compare_all
from runs.studies.compared.choice import Wanted
from runs.subjects.city import CityScenario
from runs.subjects.network import OwnNetwork
from runs.subjects.projection import Projection

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.write import Encoding


Scenario = str | Path | LoadedScenario | LoadedNetwork
"""A ready scenario's name, a file, or what `load` has returned."""
LANG: Final = "zh"


@dataclass(frozen=True)
class Result:
    """What a simulation or a projection has found.

    Made by `simulate` and `project`; not by hand.
    """

    subject: Subject[Findings]
    found: Findings
    kept: RunFolder
    watch: Watch
    scratch: TemporaryDirectory[str]

    def __repr__(self) -> str:
        return f"<{self.subject.folder}: {', '.join(self.tables)}>"

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by name, as in the output contract; each is made when it is asked for."""
        return self.found.tables

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that `figure` draws."""
        return self.found.figures

    @property
    def manifest(self) -> Mapping[str, object]:
        """What was run and with what, as ``manifest.json`` says it, but for the times."""
        return manifest_of(self.subject, self.found, Options(Path()))

    def text(self, lang: str = LANG) -> str:
        """Return what the command line prints at the end of a run.

        Parameters
        ----------
        lang : ``zh`` or ``en``.
        """
        return self.found.text(self.found.words(lang))

    def figure(self, name: str, lang: str = LANG) -> "Figure":
        """Draw one figure.

        Parameters
        ----------
        name : one of `figures`.
        lang : ``zh`` or ``en``.

        Raises
        ------
        ParamError
            If there is no such figure.
        """
        if name not in self.figures:
            advice = nearest(name, self.figures)
            raise ParamError(
                Problem(name, said("no such figure", "没有此图"), ", ".join(self.figures), advice)
            )
        run = f"{self.found.about.name} {self.subject.key.digest}"
        return self.found.figure(name, run, self.found.words(lang))

    def save(
        self,
        folder: str | Path,
        lang: str = LANG,
        *,
        encoding: "Encoding" = "utf-8-sig",
        xlsx: bool = False,
    ) -> Path:
        """Write everything that the command line writes, into a folder of the scenario's name.

        Parameters
        ----------
        folder : as ``--out``.
        lang, encoding, xlsx : as on the command line.

        Returns
        -------
        Path
            The folder with the files; ``yanglao run`` goes on from there, and ``yanglao compare`` takes it.

        Raises
        ------
        ParamError
            If the folder holds another run, or files that are no run.
        MachineError
            If another process writes there, or the place does not take the files.
        """
        options = Options(Path(folder), lang, encoding, xlsx)
        with closing(RunFolder(options.out / self.subject.folder, self.subject.key)) as kept:
            kept.check()
            parts = self.kept.path / PARTS
            if parts.is_dir():
                shutil.copytree(parts, kept.parts(), dirs_exist_ok=True)
            return finish(self.subject, self.found, kept, options, self.watch).folder


def load(scenario: str | Path, city: str | Path | None = None) -> LoadedScenario | LoadedNetwork:
    """Load and check a scenario of a city, or one that brings its own network.

    Parameters
    ----------
    scenario : a ready one's name (``yanglao scenarios``) or a TOML file.
    city : folder of the city; the packaged one by default.

    Raises
    ------
    ParamError
        With all mistakes of the files at once.
    """
    return load_any(scenario, read_city(None if city is None else Path(city)))


def project(
    scenario: Scenario = "baseline", draws: int = 1000, seed: int = DEFAULT_SEED, threads: int = 1
) -> Result:
    """Project a scenario's people, households and need, without the event simulation.

    Parameters
    ----------
    scenario : of the city.
    draws : of the assumptions; 0 gives the one default projection, without intervals.
    seed : the same seed gives the same numbers.
    threads : results do not depend on it.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    if isinstance(scenario, LoadedNetwork):
        scenario = scenario.files[0]
    loaded = scenario if isinstance(scenario, LoadedScenario) else load_scenario(scenario)
    return _worked_out(Projection(loaded, draws, seed, threads))


def simulate(
    scenario: Scenario = "baseline",
    replications: int = 20,
    seed: int = DEFAULT_SEED,
    *,
    fixed_parameters: bool = False,
    workers: int = 1,
    progress: bool = False,
) -> Result:
    """Simulate a scenario of the city, or one that brings its own network.

    Parameters
    ----------
    scenario : what to simulate.
    replications : each with its own draw of the assumptions.
    seed : the same seed gives the same numbers, and scenarios that share it share people's lives.
    fixed_parameters : keep every assumption at its default; own networks have none.
    workers : processes; results do not depend on it.
    progress : show a bar.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    if replications < 1:
        allowed = said("1 or more", "不小于1")
        raise ParamError(Problem("replications", str(replications), allowed))
    amount = Amount(replications, how=How(workers, bar=progress))
    loaded = load_any(scenario) if isinstance(scenario, str | Path) else scenario
    if isinstance(loaded, LoadedNetwork):
        return _worked_out(OwnNetwork(loaded, amount, seed))
    return _worked_out(CityScenario(loaded, amount, seed, fixed_parameters))


def _worked_out(subject: Subject[Findings]) -> Result:
    """Do the work in a folder that goes with its result."""
    watch, scratch = Watch(), TemporaryDirectory(prefix="yanglao-", ignore_cleanup_errors=True)
    kept = RunFolder(Path(scratch.name) / subject.folder, subject.key)
    with closing(kept):
        found = subject.work(kept)
    watch.lap()
    return Result(subject, found, kept, watch, scratch)


def compare(first: Result, *others: Result, year: int | str | None = None) -> pd.DataFrame:
    """Say what other simulations change against the first, replication by replication.

    Parameters
    ----------
    first, others : simulations of the city with one seed, as long as they are: pairs are counted.
    year : the year compared, or ``all``; the last one by default.

    Returns
    -------
    DataFrame
        By scenario, area, resource and measure: both means, their difference with its error and
        interval, and by how much the pairing cut the variance.

    Raises
    ------
    ParamError
        If one shares no lives with the first, or is not of the city.
    """
    city = first.subject.loaded.city if isinstance(first.subject, CityScenario) else None
    folders = [result.kept.path for result in (first, *others)]
    return compare_all(folders, Wanted(year), city, LANG).table
