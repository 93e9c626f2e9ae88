"""Load what a run assumes: a TOML file that says only what differs from the one it extends."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os.path import relpath
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from params.axes import CITY
from params.city import CITIES, City, read_city
from params.errors import ParamError, Problem, in_order
from params.files.positions import counted_from_one
from params.language import said
from params.names import bed_ids, optional_ids, place_ids, resource_names, services
from params.scenario.checks.costs import cost_notes
from params.scenario.choice_words import with_choices, with_words
from params.scenario.evidence import KEY as EVIDENCE_KEY
from params.scenario.evidence import read_evidence, with_evidence
from params.scenario.faults import Fault
from params.scenario.inherited import within_totals
from params.scenario.late import late_notes
from params.scenario.layers import Layers, leaves, list_scenarios, read_layers
from params.scenario.left_out import needed_keys, with_baseline
from params.scenario.mistakes import problem, problems_of
from params.scenario.model import LoadedScenario, Scenario
from params.scenario.own_counts import with_counts
from params.scenario.parts.assessors import AssessorPlan, Pause
from params.scenario.parts.assumed import AssumptionChange
from params.scenario.parts.beds import BedChange, BedPlan
from params.scenario.parts.people import Horizon, PopulationPlan
from params.scenario.parts.policy import Policy
from params.scenario.parts.resources import ServiceTarget
from params.scenario.parts.workers import WorkerPlan
from params.scenario.path_resources import ASSESSORS, ASSESSORS_ZH, path_ids
from params.scenario.paths import path_notes, with_paths
from params.scenario.places import district_names, halfwidth
from params.scenario.priority_faults import switch_notes, urgent_notes
from params.scenario.resolved import resolved_toml
from params.scenario.rows_file import with_table
from params.scenario.shapes import with_shapes
from params.scenario.start import start_notes, with_start
from params.scenario.unused import unused_faults
from params.tables.assumptions import bounds_of, read_assumptions

__all__ = [
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
    "schema_file",
]

SCHEMA: Final = "scenario.schema.json"
NETWORK_KEY: Final = "network"
"""The table that makes a scenario one with its own network, see `params.network.load`."""
DEFAULT: Final = "default"
"""Origin of a value that no file states."""


def load_scenario(
    name_or_path: str | Path, city: City | None = None, evidence: Path | None = None
) -> LoadedScenario:
    """Load a scenario by the name of a ready one or by path.

    Parameters
    ----------
    city : City, optional
        Whose scenario it is; the packaged city by default.
    evidence : Path, optional
        Table of figures in place of `population.evidence`.

    Raises
    ------
    ParamError
        With all mistakes of the files at once: file, key path, what was found, what is allowed.
    """
    city = city or read_city()
    layers = read_layers(name_or_path, city)
    if evidence is not None:
        layers = with_table(layers, EVIDENCE_KEY, read_evidence(evidence), is_named=False)
    return scenario_of(layers, city)


def scenario_of(layers: Layers, city: City) -> LoadedScenario:
    """Check the tables of a scenario that were read already.

    Raises
    ------
    ParamError
        With all mistakes at once, each where its value stands.
    """
    if NETWORK_KEY in layers.values:
        raise ParamError(
            Problem(
                str(layers.files[0]),
                said("brings its own network", "自带网络的情景"),
                said("a scenario of the city here", "此处须为城市情景"),
                said(
                    "`yanglao run` and `yanglao check` take it", "请用 yanglao run 或 yanglao check"
                ),
            )
        )
    layers = shaped(layers)
    layers = with_paths(with_counts(with_evidence(with_baseline(layers, city)), city))
    layers = with_start(layers)
    layers = within_totals(with_choices(layers))
    try:
        scenario = Scenario.model_validate(with_names(layers), context=city)
    except ValidationError as error:
        raise ParamError(problems_of(layers, error, city)) from None
    unused = (problem(layers, fault) for fault in unused_faults(layers))
    problems = in_order(layers.problems, unused)
    if problems:
        raise ParamError(problems)
    return LoadedScenario(city, scenario, _provenance(layers, scenario), layers.files)


def shaped(layers: Layers, root: type[BaseModel] = Scenario) -> Layers:
    """Return tables in the shape that they must have; what had another is a mistake of the files."""
    layers, faults = with_shapes(layers, root)
    broken = in_order(layers.problems, (problem(layers, fault) for fault in faults))
    return replace(layers, problems=tuple(broken))


@contextmanager
def placing(loaded: LoadedScenario) -> Iterator[None]:
    """Say where in a scenario's files stands what only the tables or the forecast find wrong.

    Raises
    ------
    ParamError
        The same mistakes, each with file, line and column where it is one of a key.
    """
    try:
        yield
    except ParamError as error:
        head = f"{loaded.scenario.name}: "
        layers = with_baseline(read_layers(loaded.files[0], loaded.city), loaded.city)

        def at_its_place(found: Problem) -> Problem:
            if not found.where.startswith(head):
                return found
            path = found.where.removeprefix(head)
            return problem(layers, Fault(path, found.found, found.allowed, found.advice))

        raise ParamError([at_its_place(p) for p in error.problems]) from None


def notes_on(scenario: Scenario) -> list[str]:
    """Say what of a valid scenario holds otherwise than its words may make one think."""
    notes = [
        counted_from_one(f"workers.{key}[{k}].date: ")
        + said(
            f"{row.date} counts from {row.date.replace(day=1)}",
            f"{row.date}，按月计，自 {row.date.replace(day=1)} 起生效",
        )
        for key in ("changes", "wages")
        for k, row in enumerate(getattr(scenario.workers, key))
        if row.date.day != 1
    ]
    if any(change.beds > 0 for change in scenario.beds.changes):
        notes.append(
            said(
                "beds.changes: new beds come into use bit by bit over fill_months, and operating_share of "
                "them operate (`yanglao explain fill_months`)",
                "beds.changes：新增床位在 fill_months 个月内陆续投入使用，其中 operating_share 投入运营"
                "（见 yanglao explain fill_months）",
            )
        )
    if scenario.beds.path == "frozen" != scenario.resources.path:
        notes.append(
            said(
                "beds.path = frozen: beds in institutions stay; family beds and other places at home follow "
                'the plan, unless resources.path = "frozen"',
                "beds.path = frozen：仅养老床位保持基期不变；家庭照护床位等名额仍按规划，"
                '如需一并不变请写 resources.path = "frozen"',
            )
        )
    policy = scenario.policy.model_dump()
    costs = cost_notes({"costs": scenario.costs.model_dump()})
    said_of_policy = (*switch_notes(policy), *urgent_notes(policy))
    others = (*path_notes(scenario), *start_notes(scenario), *late_notes(scenario))
    return [*notes, *said_of_policy, *others, *costs]


def with_names(layers: Layers) -> dict[str, object]:
    """Fill in the name from the file's and the titles from the name."""
    values = {"name": name_of(layers.files[0], "scenario")} | layers.values
    return {"title_zh": values["name"], "title_en": values["name"]} | values


def name_of(file: Path, otherwise: str) -> str:
    """Return what a file is called that does not say it: its own name, in signs that names may have."""
    stem = halfwidth(file.stem)
    name = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in stem)
    return name.lstrip(".-") or otherwise


def _provenance(layers: Layers, scenario: Scenario) -> dict[str, str]:
    """Name the file of every value; of a list with rows of several files that of every row."""
    found = {}
    for key in leaves(scenario.model_dump(exclude_none=True)):
        if key not in layers.origin:
            found[key] = DEFAULT
            continue
        rows = layers.rows.get(key, ())
        if len({row.file for row in rows}) > 1:
            places = {f"{key}[{k}]": row.file for k, row in enumerate(rows)}
        else:
            places = {key: rows[0].file} if rows else {key: layers.origin[key]}
        found |= {place: file_label(file, layers.files[0]) for place, file in places.items()}
    return found


def file_label(file: Path, own: Path) -> str:
    """Name a file without the path of a machine: packaged ones by their place, others from `own`."""
    place = file.resolve()
    if CITIES in place.parents:
        return f"params/cities/{place.relative_to(CITIES).as_posix()}"
    return Path(relpath(file, own.parent)).as_posix()


def schema_file(city: City) -> Path:
    """Return where the schema of a city's scenarios lies."""
    return city.scenarios / SCHEMA


def scenario_schema(city: City | None = None) -> dict[str, object]:
    """Describe a city's scenario files for editors: JSON schema with districts and parameters named."""
    city = city or read_city()
    schema: dict[str, Any] = with_words(Scenario.model_json_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema.pop("required", None)  # names are filled in from the file's
    extends = {
        "type": "string",
        "description": "Packaged scenario or path to a file that this one changes. 继承的情景。",
        "examples": list(list_scenarios(city)),
    }
    schema["properties"] = {"extends": extends} | schema["properties"]
    areas = dict.fromkeys((*district_names(city), *city.zones, CITY))
    for table in ("BedChange", "PathRow", "PlaceWeight"):
        schema["$defs"][table]["properties"]["district"]["enum"] = list(areas)
    for table in ("StartResidents", "StartWaiting"):
        schema["$defs"][table]["properties"]["district"]["enum"] = list(district_names(city))
    for table in ("Event", "Overtime"):
        schema["$defs"][table]["properties"]["area"]["enum"] = list(areas)
    places = (
        (schema["$defs"]["PathRow"]["properties"]["resource"], path_ids()),
        (schema["$defs"]["PlaceWeight"]["properties"]["resource"], place_ids()),
        (schema["$defs"]["BedChange"]["properties"]["resource"], bed_ids()),
        (schema["$defs"]["StartResidents"]["properties"]["resource"], bed_ids()),
        (schema["$defs"]["StartWaiting"]["properties"]["resource"], services()),
        (schema["$defs"]["ResourcePlan"]["properties"]["on"]["items"], optional_ids()),
        (schema["$defs"]["Event"]["properties"]["resource"]["anyOf"][0], services()),
    )
    names = {**resource_names(), ASSESSORS_ZH: ASSESSORS}
    for place, ids in places:
        place["enum"] = [*ids, *(name for name, id_ in names.items() if id_ in ids)]
    entry = schema["properties"]["assumptions"].pop("additionalProperties")
    schema["properties"]["assumptions"] |= {
        "properties": {
            name: entry | {"description": text} for name, text in _meanings(city).items()
        },
        "additionalProperties": False,
    }
    schema["properties"]["assumptions"].pop("propertyNames", None)
    _describe_baseline(schema, city)
    return schema


def _describe_baseline(schema: dict[str, Any], city: City) -> None:
    """Say what holds where a scenario leaves a key out that the city's baseline says."""
    tables = {name: part["$ref"].rpartition("/")[2] for name, part in _tables(schema).items()}
    baseline = load_scenario(city.baseline, city).scenario.model_dump()
    for table, key in needed_keys():
        described = schema["$defs"][tables[table]]
        described.pop("required", None)
        described["properties"][key]["default"] = baseline[table][key]
    limits = {"minimum": city.first_year, "maximum": city.last_year}
    schema["$defs"][tables["horizon"]]["properties"]["last_year"] |= limits


def _tables(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in schema["properties"].items() if "$ref" in part}


def _meanings(city: City) -> Mapping[str, str]:
    return {
        name: f"{a.meaning_en} {a.meaning_zh}: {bounds_of(a).en}"
        for name, a in read_assumptions(city.assumptions).items()
    }


if __name__ == "__main__":
    text = json.dumps(scenario_schema(), ensure_ascii=False, indent=2)
    schema_file(read_city()).write_text(f"{text}\n", encoding="utf-8")
