"""Load what a run assumes: a TOML file that says only what differs from the one it extends."""

import json
from collections.abc import Mapping
from os.path import relpath
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from params.errors import ParamError, Problem
from params.names import RESOURCE_NAMES
from params.scenario.checks import district_names, halfwidth
from params.scenario.layers import SCENARIO_FOLDER, Layers, leaves, list_scenarios, read_layers
from params.scenario.mistakes import problems_of
from params.scenario.model import (
    AssessorPlan,
    AssumptionChange,
    BedChange,
    BedPlan,
    Horizon,
    LoadedScenario,
    Pause,
    Policy,
    PopulationPlan,
    Scenario,
    ServiceTarget,
    WorkerPlan,
)
from params.scenario.resolved import resolved_toml
from params.tables.assumptions import bounds_text, read_assumptions

__all__ = [
    "SCENARIO_FOLDER",
    "SCHEMA_FILE",
    "AssessorPlan",
    "AssumptionChange",
    "BedChange",
    "BedPlan",
    "Horizon",
    "LoadedScenario",
    "Pause",
    "Policy",
    "PopulationPlan",
    "Scenario",
    "ServiceTarget",
    "WorkerPlan",
    "list_scenarios",
    "load_scenario",
    "resolved_toml",
    "scenario_schema",
]

SCHEMA_FILE: Final = SCENARIO_FOLDER / "scenario.schema.json"
NETWORK_KEY: Final = "network"
"""The table that makes a scenario one with its own network, see `params.network.load`."""
DEFAULT: Final = "default"
"""Origin of a value that no file states."""


def load_scenario(name_or_path: str | Path) -> LoadedScenario:
    """Load a scenario by the name of a packaged one or by path.

    Raises
    ------
    ParamError
        With all mistakes of the files at once: file, key path, what was found, what is allowed.
    """
    layers = read_layers(name_or_path)
    if NETWORK_KEY in layers.values:
        raise ParamError(
            Problem(
                str(layers.files[0]),
                "brings its own network 自带网络的情景",
                "a scenario of the city here 此处须为城市情景",
                "`yanglao run` and `yanglao check` take it",
            )
        )
    values = with_names(layers)
    try:
        scenario = Scenario.model_validate(values)
    except ValidationError as error:
        raise ParamError(problems_of(layers, error)) from None
    if layers.problems:
        raise ParamError(layers.problems)
    return LoadedScenario(scenario, _provenance(layers, scenario), layers.files)


def notes_on(scenario: Scenario) -> list[str]:
    """Say what of a valid scenario holds otherwise than its words may make one think."""
    return [
        f"beds.changes[{k}].date: {change.date} counts from {change.date.replace(day=1)} "
        "床位按月计,自当月1日起生效"
        for k, change in enumerate(scenario.beds.changes)
        if change.date.day != 1
    ]


def with_names(layers: Layers) -> dict[str, object]:
    """Fill in the name from the file's and the titles from the name."""
    stem = halfwidth(layers.files[0].stem)
    name = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in stem)
    values = {"name": name.lstrip(".-") or "scenario"} | layers.values
    return {"title_zh": values["name"], "title_en": values["name"]} | values


def _provenance(layers: Layers, scenario: Scenario) -> dict[str, str]:
    labels = {file: file_label(file, layers.files[0]) for file in layers.files}
    stated = leaves(scenario.model_dump(exclude_none=True))
    return {key: labels[layers.origin[key]] if key in layers.origin else DEFAULT for key in stated}


def file_label(file: Path, own: Path) -> str:
    """Name a file without the path of a machine: packaged ones by their place, others from `own`."""
    if file.resolve().parent == SCENARIO_FOLDER.resolve():
        return f"params/cities/shanghai/scenarios/{file.name}"
    return Path(relpath(file, own.parent)).as_posix()


def scenario_schema() -> dict[str, object]:
    """Describe scenario files for editors: JSON schema with districts and parameters named."""
    schema: dict[str, Any] = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # names are filled in from the file's
    extends = {
        "type": "string",
        "description": "Packaged scenario or path to a file that this one changes. 继承的情景。",
        "examples": list(list_scenarios()),
    }
    schema["properties"] = {"extends": extends} | schema["properties"]
    schema["$defs"]["BedChange"]["properties"]["district"]["enum"] = list(district_names())
    resource = schema["$defs"]["BedChange"]["properties"]["resource"]
    kinds = resource["enum"]
    resource["enum"] = [*kinds, *(name for name, kind in RESOURCE_NAMES.items() if kind in kinds)]
    entry = schema["properties"]["assumptions"].pop("additionalProperties")
    schema["properties"]["assumptions"] |= {
        "properties": {name: entry | {"description": text} for name, text in _meanings().items()},
        "additionalProperties": False,
    }
    schema["properties"]["assumptions"].pop("propertyNames", None)
    return schema


def _meanings() -> Mapping[str, str]:
    return {
        name: f"{a.meaning_en} {a.meaning_zh}: {bounds_text(a)}"
        for name, a in read_assumptions().items()
    }


if __name__ == "__main__":
    text = json.dumps(scenario_schema(), ensure_ascii=False, indent=2)
    SCHEMA_FILE.write_text(f"{text}\n", encoding="utf-8")
