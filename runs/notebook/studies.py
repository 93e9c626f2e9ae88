"""The studies of `runs.notebook`: what matters, why, and what observations tell; use them from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pandas as pd

from params.city import read_city
from params.errors import ParamError, Problem, nearest
from params.inputs import load_inputs
from params.language import said
from params.scenario.model import LoadedScenario
from params.studies.plan.load import load_question, question_file
from runs.jobs.execute import How
from runs.notebook.results import Result
from runs.produce import Watch
from runs.studies.calibrate.study import Calibrated
from runs.studies.compared.run import open_run
from runs.studies.plan.study import Answer, answer
from runs.studies.sensitivity.asked import asked, open_study
from runs.studies.sensitivity.evaluated import evaluate
from runs.studies.sensitivity.figures import USUAL
from runs.studies.sensitivity.figures import Wanted as Explained
from runs.studies.sensitivity.source import open_source, source_of_run
from runs.studies.sensitivity.study import explain
from runs.subjects.city import CityScenario
from runs.texts.city import city_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runs.studies.attribute.question import Wanted as Why
    from runs.write import Encoding

LANG: Final = "zh"


def sensitivity(
    what: Result | str | Path,
    wanted: Explained = USUAL,
    *,
    city: str | Path | None = None,
    out: str | Path = "out",
    workers: int = 1,
    lang: str = LANG,
) -> Mapping[str, pd.DataFrame]:
    """Say which assumptions matter, and what would have to be true for a gap to close.

    Parameters
    ----------
    what : a simulation of the city, the folder of a finished run or sweep, or the TOML file of a study.
    wanted : resources, measures, areas and years; of a study its file says them.
    out : where the points of a study are kept.
    workers : processes for these.
    lang : of what assumptions are called.

    Returns
    -------
    dict of DataFrame
        ``sensitivity`` and, with two levels of chance, ``variance_split``; of a study ``screening``, or
        ``sobol`` and ``emulator``.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    if isinstance(what, Result):
        subject = what.subject
        if not isinstance(subject, CityScenario):
            found = said("is no simulation of the city", "不是城市模拟")
            raise ParamError(Problem(subject.folder, found))
        if subject.fixed_parameters:
            found = said("has drawn no assumption", "没有抽取任何假定")
            raise ParamError(Problem(subject.folder, found))
        at = subject.loaded.city
        run = open_run(what.kept.path, at)
        source = source_of_run(run, load_inputs(subject.loaded.scenario, at))
        return explain(source, wanted, lang).tables
    place = read_city(None if city is None else Path(city))
    if str(what).endswith(".toml"):
        study = open_study(Path(what), place)
        values = asked(study, Path(out) / study.own.name, How(workers))
        return evaluate(study, values, city_words(lang, place)).tables
    return explain(open_source(str(what), place), wanted, lang).tables


@dataclass(frozen=True)
class Calibration:
    """What observations tell of a city's assumptions.

    Made by `calibrate`; not by hand.
    """

    found: Calibrated
    watch: Watch
    scratch: TemporaryDirectory[str]

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by name, English columns and ids."""
        from runs.studies.calibrate.tables import tables_of

        return tables_of(self.found, "en")

    @property
    def sets(self) -> pd.DataFrame:
        """The accepted sets, a column for each assumption; empty where nothing is accepted."""
        names = [parameter.name for parameter in self.found.parameters]
        return pd.DataFrame(self.found.sets, columns=names)

    def text(self, lang: str = LANG) -> str:
        """Return what the command line prints."""
        from runs.studies.calibrate.told import text_of
        from runs.studies.calibrate.written import words_of

        return text_of(self.found, words_of(self.found.loaded, lang))

    def figure(self, name: str, lang: str = LANG) -> "Figure":
        """Draw ``marginals`` or ``pairs``."""
        from runs.figures.calibrate import FIGURES, calibration_figure
        from runs.studies.calibrate.written import figure_data, words_of

        if name not in FIGURES:
            advice, found = nearest(name, FIGURES), said("no such figure", "没有此图")
            raise ParamError(Problem(name, found, ", ".join(FIGURES), advice))
        words = words_of(self.found.loaded, lang)
        return calibration_figure(name, figure_data(self.found, lang), words)

    def save(
        self, folder: str | Path, lang: str = LANG, *, encoding: "Encoding" = "utf-8-sig"
    ) -> Path:
        """Write what the command line writes but its sweeps, into a folder of the calibration's name."""
        from runs.studies.calibrate.written import check_target, write_all

        target = Path(folder) / self.found.loaded.own.name
        check_target(target)
        write_all(self.found, target, lang, encoding, True, self.watch.times("matched"))
        return target


def calibrate(
    targets: str | Path | None = None,
    city: str | Path | None = None,
    leave_out: Sequence[str] = (),
    *,
    workers: int = 1,
    progress: bool = False,
) -> Calibration:
    """Say what observations tell of a city's assumptions.

    Parameters
    ----------
    targets : a TOML file, see docs/studies.md; None: what is published of the city up to its base year.
    city : folder of the city; the packaged one by default.
    leave_out : years, areas, resources or measures that are compared afterwards instead of being used.
    workers : processes; results do not depend on it.
    progress : show a bar.

    Raises
    ------
    ParamError
        With all mistakes of the files at once.
    """
    from params.studies.calibration.load import load_calibration
    from runs.studies.calibrate.asked import KNOWN
    from runs.studies.calibrate.study import calibrate as match

    path = None if targets is None else Path(targets)
    at = read_city(None if city is None else Path(city))
    loaded = load_calibration(path, KNOWN, at, leave_out)
    watch, scratch = Watch(), TemporaryDirectory(prefix="yanglao-", ignore_cleanup_errors=True)
    found = match(loaded, Path(scratch.name), How(workers, bar=progress))
    watch.lap()
    return Calibration(found, watch, scratch)


def attribute(
    scenario: str | Path | LoadedScenario,
    folder: str | Path,
    other: str | Path | LoadedScenario | None = None,
    *,
    wanted: "Why | None" = None,
    workers: int = 1,
) -> pd.DataFrame:
    """Split the change of gaps over the years of a scenario, or its difference from another, into causes.

    Parameters
    ----------
    scenario : of the city.
    folder : what the twin and the simulation have answered is kept below it, as with ``--out``.
    other : the scenario set against it; None: the years of the one.
    wanted : years, engine and check, as on the command line.
    workers : processes; results do not depend on it.

    Returns
    -------
    DataFrame
        By area, resource, measure and cause: both levels and the cause's contribution; contributions add
        to the change.

    Raises
    ------
    ParamError
        For anything a user can put right.
    """
    from runs.studies.attribute.question import Wanted as Asked
    from runs.studies.attribute.question import question_of
    from runs.studies.attribute.run import attribute as split

    question = question_of(scenario, other, wanted or Asked(), read_city())
    return split(question, Path(folder), How(workers, bar=False))[0].table


def plan(
    question: str | Path,
    folder: str | Path,
    city: str | Path | None = None,
    *,
    workers: int = 1,
    progress: bool = False,
) -> Answer:
    """Find the least beds and posts that reach a target, or where some help most.

    Parameters
    ----------
    question : a ready one's name or a TOML file.
    folder : as ``--out``: what is simulated is kept in a folder of the question's name below it, and asking
        again goes on from there. `runs.studies.plan.study.write_answer` writes what the command line does.
    city : folder of the city; the packaged one by default.
    workers : processes; results do not depend on it.
    progress : show a bar.

    Returns
    -------
    Answer
        Its `table` has the columns of the data dictionary, `text` says it in a few lines.

    Raises
    ------
    ParamError
        With all mistakes of the question at once.
    """
    of = read_city(None if city is None else Path(city))
    asked = load_question(question_file(question, of), of)
    return answer(asked, Path(folder), How(workers, bar=progress))
