"""Write a plan as a scenario that `yanglao run` takes."""

from pathlib import Path

from params.axes import FloatArray, IntArray
from params.files.toml_text import toml_value
from params.scenario.load import load_scenario
from params.studies.plan.load import target_and_costs
from runs.studies.plan.changes import axis_values, changes_of, rows_text
from runs.studies.plan.evaluate import base_name, table_lines
from runs.studies.plan.layout import Layout


def plan_text(layout: Layout, state: IntArray, assessors: FloatArray, folder: Path) -> str:
    """Return the scenario of a state, seen from a folder.

    It extends the scenario to which is added; rows of beds and posts come behind that one's own, stocks of
    assessors stand in place of its paths, which are therefore written anew.
    """
    asked = layout.asked
    plain = load_scenario(asked.base, asked.city).scenario
    changes = changes_of(layout, state, assessors)
    lines = [f"extends = {toml_value(base_name(asked, folder))}"]
    lines.append(f"name = {toml_value(f'{asked.question.name}-plan')}")
    titles = {"title_zh": asked.question.title_zh, "title_en": asked.question.title_en}
    lines += [f"{key} = {toml_value(title)}" for key, title in titles.items() if title]
    lines.append("")
    for name, table in target_and_costs(asked.question, plain).items():
        lines += table_lines(name, table)
    text = "\n".join(lines)
    text += rows_text("beds.changes", changes.beds)
    text += rows_text("workers.changes", changes.workers)
    if changes.paths:
        text += rows_text("paths", axis_values(asked.scenario, changes)["paths"])
    return text.rstrip("\n") + "\n"
