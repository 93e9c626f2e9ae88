"""Make an attribution: split, hold against simulation, write tables, figure and manifest, and say it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from params.errors import ParamError, Problem
from params.inputs import load_inputs
from params.language import said
from params.studies.load import MAX_JOBS
from runs.jobs.execute import How
from runs.jobs.key import code_digest, environment, tables_digest
from runs.jobs.twin_work import setting_at
from runs.studies.attribute.check import Checked, check, group_points, held_points
from runs.studies.attribute.question import SIMULATION, TWIN, Question
from runs.studies.attribute.scenarios import groups_of, mixes, split_twin
from runs.studies.attribute.simulated import Chance, split_simulated
from runs.studies.attribute.table import attribution_table, check_table
from runs.studies.attribute.years import held_setting, moving, split_years
from runs.texts.city import city_words
from runs.write import Encoding, write_csv, write_json

KIND: Final = "attribution"
MARK: Final = "attribution.json"
"""Says that a folder is an attribution's."""
TABLE: Final = "attribution.csv"
CHECK: Final = "check.csv"
MANIFEST: Final = "manifest.json"
FIGURES: Final = "figures"
SPLIT: Final = "mixes"
CHECKED: Final = "check"
"""Folders of the simulated scenarios, below the study's."""


@dataclass(frozen=True)
class Attribution:
    """What an attribution has found."""

    question: Question
    table: pd.DataFrame
    """Columns as in the data dictionary, file ``attribution``."""
    check: pd.DataFrame | None
    """Columns as in file ``check``; None where nothing was held against simulation."""
    asked: int
    """Scenarios, or sets of causes held, that were asked for."""


def causes_of(question: Question) -> tuple[str, ...]:
    """Return the causes that an attribution would split into, but what is under way.

    Raises
    ------
    ParamError
        If scenarios do not mix, or the twin does not carry one of them.
    """
    if question.other is None:
        base = question.scenario.city.base_year
        return moving(held_setting(question.scenario), question.first - base, question.year - base)
    groups = groups_of(question.scenario, question.other)
    mixes(question.scenario, question.other, groups, question.wanted.seed)
    if question.wanted.engine == TWIN:
        for loaded in (question.scenario, question.other):
            setting_at(loaded)
    return groups


def attribute(
    question: Question, out: Path, how: How, max_jobs: int = MAX_JOBS
) -> tuple[Attribution, Path]:
    """Split a difference, in the study's folder, from which the same question goes on.

    Raises
    ------
    ParamError
        For anything a user can put right: nothing is written then.
    JobsFailed
        If parts of it failed; what was finished is kept.
    """
    folder, wanted = out / question.folder, question.wanted
    causes = causes_of(question)
    _mark(folder)
    chance = Chance(wanted.replications, wanted.seed, fixed=False, max_jobs=max_jobs)
    if question.other is None:
        split, asked = split_years(question.scenario, question.first, question.year, folder, how)
    else:
        points = mixes(question.scenario, question.other, causes, wanted.seed)
        asked = len(points)
        if wanted.engine == SIMULATION:
            place = folder / SPLIT
            split = split_simulated(points, causes, question.year, chance, place, how)
        else:
            split = split_twin(points, causes, question.year, wanted.seed, folder, how)
    inputs = load_inputs(question.scenario.scenario, question.scenario.city)
    checked = _checked(question, causes, chance, folder, how)
    table = attribution_table(split, question, inputs.resources, inputs.districts)
    beside = check_table(checked, question, inputs.resources, inputs.districts) if checked else None
    return Attribution(question, table, beside, asked), folder


def _checked(
    question: Question, causes: tuple[str, ...], chance: Chance, folder: Path, how: How
) -> tuple[Checked, ...]:
    """Hold differences against simulation, where that is asked for and can be."""
    wanted = question.wanted
    if not wanted.check or wanted.engine == SIMULATION:
        return ()
    if question.other is not None:
        points = mixes(question.scenario, question.other, causes, wanted.seed)
        asked = group_points(points, causes)
    elif question.first == question.scenario.city.base_year:
        asked = held_points(question.scenario)
    else:
        return ()  # no key of a scenario holds causes as they were in another year
    return check(*asked, question.year, chance, folder / CHECKED, how)


def write(found: Attribution, folder: Path, lang: str, encoding: Encoding) -> None:
    """Write tables, figure and manifest."""
    from params.tables.read import read_table
    from runs.figures.attribute import draw_attribution

    question = found.question
    city = question.scenario.city
    words = city_words(lang, city)
    write_csv(found.table, folder / TABLE, lang, encoding, words)
    if found.check is not None:
        write_csv(found.check, folder / CHECK, lang, encoding, words)
    draw_attribution(
        found.table,
        question.told,
        read_table("districts.csv", city.tables),
        folder / FIGURES,
        words,
    )
    write_json(folder / MANIFEST, _manifest(found))


def _manifest(found: Attribution) -> dict[str, object]:
    question = found.question
    wanted = question.wanted
    other = question.other
    return {
        "kind": KIND,
        "scenario": question.scenario.scenario.name,
        "other": None if other is None else other.scenario.name,
        "from_year": question.first,
        "year": question.year,
        "engine": wanted.engine,
        "asked": found.asked,
        "seed": wanted.seed,
        "replications": wanted.replications,
        "checked": found.check is not None,
        "causes": list(dict.fromkeys(found.table["cause"])),
        "city": question.scenario.city.name,
        "tables_digest": tables_digest(question.scenario.city),
        "code": code_digest(),
        "environment": environment(),
    }


def _mark(folder: Path) -> None:
    """Begin a folder, or refuse one that is something else's."""
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise ParamError(
            Problem(
                str(folder),
                said("holds something else", "已有其他内容"),
                said("a new folder, or that of an attribution", "新文件夹，或原因分解的文件夹"),
                said("choose another --out", "请换一个 --out"),
            )
        )
    write_json(folder / MARK, {"kind": KIND})
