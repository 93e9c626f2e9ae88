"""Do a whole study of sensitivity: of what was drawn already, or of points that are asked; files and text."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from params.city import City
from params.errors import ParamError, Problem
from params.language import printable, said
from params.studies.load import MAX_JOBS
from params.studies.sensitivity import EMULATOR, MORRIS
from runs.jobs.execute import How
from runs.report.sensitivity import observed_text, split_text, study_text
from runs.studies.sensitivity.asked import LUCK, Study, asked, check_jobs, jobs_of, rounds_of
from runs.studies.sensitivity.evaluated import Evaluated, evaluate
from runs.studies.sensitivity.figures import Wanted, figures_of
from runs.studies.sensitivity.observed import Observed, observe
from runs.studies.sensitivity.source import Source, open_source
from runs.studies.sensitivity.written import Files, check_target, write_all
from runs.texts.city import city_words
from runs.texts.wording import Wording

ENDING: Final = "sensitivity"


def explain_source(place: str, wanted: Wanted, city: City, lang: str) -> Observed:
    """Say what moves the figures of a finished run or sweep.

    Parameters
    ----------
    place : folder of a run or a sweep, or SWEEP:3.

    Raises
    ------
    ParamError
        With everything that is wrong with the place and with what is wanted of it.
    """
    return explain(open_source(place, city), wanted, lang)


def explain(source: Source, wanted: Wanted, lang: str) -> Observed:
    """Say what moves the figures of what is open already."""
    figures, faults = figures_of(wanted, source.there, source.city)
    if faults:
        raise ParamError(faults)
    return observe(source, figures, lang)


def study_source(place: str, wanted: Wanted, city: City, files: Files) -> tuple[str, Path]:
    """Explain a finished run or sweep; return the text to print and the folder written."""
    found = explain_source(place, wanted, city, files.lang)
    files = replace(files, folder=files.folder / _folder_of(found.source))
    check_target(files.folder)
    write_all(found.tables, _facts(found), city, files)
    return _observed_text(found, city_words(printable(files.lang), city), files.most), files.folder


def _folder_of(source: Source) -> str:
    """Name the folder of results after the run, sweep or point."""
    point = source.place.rpartition(":")[2]
    own = f"-{point}" if point.isdigit() and not Path(source.place).exists() else ""
    return f"{source.name}{own}-{ENDING}"


def _facts(found: Observed) -> dict[str, object]:
    source = found.source
    return {
        "name": source.name,
        "method": found.method,
        "draws": found.draws,
        "assumptions": list(source.drawn),
        "seed": source.seed,
        "shared_lives": source.shared.lives,
        "shared_draws": source.shared.draws,
        "left_out": [list(one) for one in found.left_out],
    }


def _observed_text(found: Observed, words: Wording, most: int) -> str:
    blocks = []
    if len(found.sensitivity):
        facts = {"method": found.method, "n": found.draws, "k": len(found.source.drawn)}
        blocks.append(observed_text(found.sensitivity, facts, words, most))
    if found.variance is None:
        blocks.append(words.text(ENDING, "no_split"))
    elif len(found.variance):
        blocks.append(split_text(found.variance, words))
    return "\n\n".join([*blocks, *_left_out(len(found.left_out), words)])


def _left_out(n: int, words: Wording) -> list[str]:
    return [words.text(ENDING, "left_out", n=n)] if n else []


def study_points(
    study: Study, files: Files, how: How, max_jobs: int = MAX_JOBS
) -> tuple[str, Path]:
    """Ask the points of a study and say what they tell; return the text to print and the folder written.

    Raises
    ------
    ParamError
        If there are too many jobs, or what would stand in for the simulation is refused.
    JobsFailed
        If some jobs failed whenever they were tried; the others are kept.
    """
    city = study.loaded.city
    files = replace(files, folder=files.folder / study.own.name)
    check_target(files.folder)
    check_jobs(study, rounds_of(study, files.folder), max_jobs)
    values = asked(study, files.folder, how, max_jobs)
    found = evaluate(study, values, city_words(files.lang, city))
    own = study.own
    facts = {
        **own.model_dump(mode="json", exclude_none=True),
        "engine": own.answers,
        "assumptions": list(study.loaded.moved),
        "left_out": [list(one) for one in found.left_out],
    }
    write_all(found.tables, facts, city, files)
    return _study_text(found, city_words(printable(files.lang), city), files.most), files.folder


def _study_text(found: Evaluated, words: Wording, most: int) -> str:
    own = found.study.own
    counts = {"trajectories": own.trajectories, "replications": own.replications}
    if own.method != MORRIS:
        counts = {"samples": own.samples, "engine": words.text(ENDING, own.answers)}  # type: ignore[dict-item]
    note = words.text(ENDING, own.method, luck=words.text(ENDING, LUCK), **counts)
    blocks = [study_text(found.table, note, words, most)]
    if found.emulators is not None and own.answers == EMULATOR:
        refused = int((found.emulators["flag"] != "").sum())
        if refused:
            blocks.append(words.text(ENDING, "refused", n=refused))
    return "\n\n".join([*blocks, *_left_out(len(found.left_out), words)])


def points_text(study: Study, folder: Path, words: Wording) -> str:
    """Say how many points and jobs a study has, without asking any."""
    rounds = rounds_of(study, folder / study.own.name)
    counts = {
        "points": sum(len(one.design.axes[0].values) for one in rounds),
        "jobs": f"{jobs_of(rounds):,}",
        "inputs": len(study.loaded.moved),
        "figures": len(study.figures),
    }
    return words.text(ENDING, "points", **counts)


def only_here(names: Sequence[str], file: Path) -> None:
    """Refuse options that a study's file says itself."""
    if names:
        found = said("is said by the study's file", "由研究文件给出")
        allowed = said("keys of the file", "文件中的键")
        raise ParamError([Problem(f"--{name}", found, allowed, str(file)) for name in names])
