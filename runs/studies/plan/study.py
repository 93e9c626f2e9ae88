"""Answer a question to `yanglao plan` and write its folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from params.studies.plan.levers import JUDGED_BY
from params.studies.plan.load import LoadedQuestion
from params.tables.read import read_table
from runs.jobs.execute import How
from runs.jobs.key import code_digest, tables_digest
from runs.studies.plan.gain_tables import levers_table, where_table
from runs.studies.plan.layout import Layout, layout_of
from runs.studies.plan.least import find_least
from runs.studies.plan.scenario_file import plan_text
from runs.studies.plan.table import plan_table
from runs.studies.plan.told import least_text, levers_text, title_of, where_text, years_of
from runs.studies.plan.where import find_levers, find_where
from runs.texts.city import city_words
from runs.texts.wording import Wording
from runs.write import Encoding, write_csv, write_json, write_text

if TYPE_CHECKING:
    from runs.figures.plan import PlanData

SCENARIO: Final = "plan.toml"
MANIFEST: Final = "manifest.json"
FORMATS: Final = ("png", "svg")


@dataclass(frozen=True)
class Answer:
    """What a question has found, whatever it asked."""

    layout: Layout
    name: str
    """Of its table: ``plan``, ``where`` or ``levers``."""
    table: pd.DataFrame
    scenario: Callable[[Path], str] | None
    """Writes the plan as a scenario seen from a folder; none where nothing is planned."""
    tell: Callable[[Wording], str]
    states: int
    """Rounds of simulations that it took."""

    def text(self, lang: str) -> str:
        """Return what the command line prints."""
        return self.tell(city_words(lang, self.layout.asked.city))


def folder_of(asked: LoadedQuestion, out: Path) -> Path:
    """Return the folder of a question below `out`."""
    return out / asked.question.name


def answer(asked: LoadedQuestion, out: Path, how: How) -> Answer:
    """Simulate what a question takes, in its folder below `out`.

    What is there already from an earlier time is not simulated again.

    Raises
    ------
    ParamError
        If the target is out of reach everywhere, or the folder holds something else.
    """
    layout, folder = layout_of(asked), folder_of(asked, out)
    kinds: Mapping[str, Callable[[Layout, Path, How], Answer]] = {
        "least": _least,
        "where": _where,
        "levers": _levers,
    }
    return kinds[asked.question.question](layout, folder, how)


def _least(layout: Layout, folder: Path, how: How) -> Answer:
    plan = find_least(layout, folder, how)
    table = plan_table(plan)

    def scenario(seen_from: Path) -> str:
        return plan_text(layout, plan.state, plan.assessors, seen_from)

    return Answer(
        layout, "plan", table, scenario, lambda words: least_text(plan, table, words), plan.asked
    )


def _where(layout: Layout, folder: Path, how: How) -> Answer:
    shared = find_where(layout, folder, how)
    table = where_table(shared)

    def scenario(seen_from: Path) -> str:
        return plan_text(layout, shared.state, shared.assessors, seen_from)

    return Answer(
        layout,
        "where",
        table,
        scenario,
        lambda words: where_text(shared, table, words),
        shared.asked,
    )


def _levers(layout: Layout, folder: Path, how: How) -> Answer:
    marginal = find_levers(layout, folder, how)
    table = levers_table(marginal)
    return Answer(
        layout,
        "levers",
        table,
        None,
        lambda words: levers_text(marginal, table, words),
        marginal.asked,
    )


def write_answer(
    found: Answer, out: Path, lang: str, encoding: Encoding, figures: bool = True
) -> Path:
    """Write table, scenario, figure and manifest, the manifest last; return the folder."""
    layout = found.layout
    asked, folder = layout.asked, folder_of(layout.asked, out)
    words = city_words(lang, asked.city)
    (folder / MANIFEST).unlink(missing_ok=True)
    write_csv(found.table, folder / f"{found.name}.csv", lang, encoding, words)
    if found.scenario is not None:
        write_text(folder / SCENARIO, found.scenario(folder))
    if figures:
        from runs.figures.plan import draw_plan

        draw_plan(figure_data(found), folder, words, FORMATS)
    write_json(folder / MANIFEST, manifest_of(found))
    return folder


def figure_data(found: Answer) -> "PlanData":
    """Return what the figure is drawn from."""
    from runs.figures.plan import PlanData

    layout = found.layout
    titles = {lang: title_of(layout, lang) for lang in ("zh", "en")}
    question = layout.asked.question
    return PlanData(
        found.name,
        found.table,
        read_table("districts.csv", layout.asked.city.tables),
        layout.asked.city.zones,
        titles,
        years_of(layout),
        layout.years[-1],
        question.name,
        question.fresh,
        JUDGED_BY,
    )


def manifest_of(found: Answer) -> dict[str, object]:
    """Say what was asked and with what it was answered; no times, so that two runs write the same."""
    layout = found.layout
    asked = layout.asked
    return {
        "question": asked.question.model_dump(mode="json", exclude_none=True),
        "base": asked.loaded.scenario.name,
        "city": asked.city.name,
        "levers": list(layout.levers),
        "judged": list(layout.judged),
        "years": list(layout.years),
        "first_additions": layout.first,
        "rounds": found.states,
        "tables_digest": tables_digest(asked.city),
        "code_digest": code_digest(),
    }
