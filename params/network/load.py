"""Load a scenario that brings its own network, with the tables of durations and arrivals it names."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from params.city import City
from params.errors import ParamError, Problem, cell_place, in_order
from params.files.sheet import date_in, number_in, read_sheet
from params.language import Said, said
from params.network.checks import faults_as_far_as_known, network_faults
from params.network.model import LoadedNetwork, NetworkPlan, NetworkScenario
from params.scenario.faults import Fault
from params.scenario.layers import NETWORK_FOLDER, Layers, leaves, read_layers
from params.scenario.load import NETWORK_KEY as KEY
from params.scenario.load import LoadedScenario, file_label, load_scenario, shaped, with_names
from params.scenario.mistakes import field_faults, problem
from params.scenario.parts.fields import model_in
from params.scenario.rows_file import named_at

Part = TypeVar("Part", bound=BaseModel)
SCHEMA_FILE: Final = NETWORK_FOLDER / "network.schema.json"


def load_any(name_or_path: str | Path, city: City | None = None) -> LoadedScenario | LoadedNetwork:
    """Load a scenario of the city, or one that brings its own network.

    Raises
    ------
    ParamError
        With all mistakes of the files at once.
    """
    layers = read_layers(name_or_path, city)
    return network_of(layers) if KEY in layers.values else load_scenario(name_or_path, city)


def network_schema() -> dict[str, Any]:
    """Describe scenarios with their own network for editors, as JSON schema."""
    schema = NetworkScenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["required"] = ["network"]  # names are filled in from the file's
    extends = {
        "type": "string",
        "description": "Packaged network or path to a file that this one changes. 继承的情景。",
    }
    schema["properties"] = {"extends": extends} | schema["properties"]
    return schema


def load_network(name_or_path: str | Path) -> LoadedNetwork:
    """Load a scenario with its own network.

    Raises
    ------
    ParamError
        With all mistakes at once: file, key path or line, what was found, what is allowed.
    """
    return network_of(read_layers(name_or_path))


def network_of(layers: Layers) -> LoadedNetwork:
    """Check the tables of a scenario's files."""
    layers = shaped(layers, NetworkScenario)
    values = with_names(layers)
    problems: list[Problem] = list(layers.problems)
    unread: list[str] = []
    values[KEY] = _with_tables(values.get(KEY), layers, problems, unread)
    try:
        scenario = NetworkScenario.model_validate(values)
    except ValidationError as error:
        faults = _once(field_faults(error, NetworkScenario))
        faults += _between(values.get(KEY), {fault.path for fault in faults})
        faults = [f for f in faults if f.path not in unread]
        raise ParamError(in_order(problems, (problem(layers, fault) for fault in faults))) from None
    faults = [f for f in network_faults(scenario.network) if f.path not in unread]
    problems += [problem(layers, fault) for fault in faults]
    if problems:
        raise ParamError(problems)
    labels = {file: file_label(file, layers.files[0]) for file in layers.files}
    provenance = {key: labels[file] for key, file in layers.origin.items()}
    stated = {key: provenance.get(key, "default") for key in leaves(scenario.model_dump())}
    return LoadedNetwork(scenario, stated, layers.files)


EITHER: Final = {
    "capacity": Said('a whole number, 0 or more, or "unlimited"', '不小于0的整数，或 "unlimited"'),
    "serves": Said('a list of districts, or "all"', '区的列表，或 "all"'),
}
"""Keys that take a number, a list or a word, and what to say of them."""


def _once(faults: list[Fault]) -> list[Fault]:
    """Say one mistake of a key that takes this or that once, not once for each."""
    by_path: dict[str, Fault] = {}
    for fault in faults:
        path, allowed = fault.path, fault.allowed
        for key, words in EITHER.items():
            head, dot, rest = path.partition(f".{key}.")
            if dot or path.endswith(f".{key}"):
                path = f"{head}.{key}" if dot else path
                allowed = allowed if "[0" in rest else str(words)
        by_path.setdefault(path, fault._replace(path=path, allowed=allowed))
    # A list is called empty when what is in it is wrong: say only what is wrong.
    return [f for f in by_path.values() if not any(p.startswith(f"{f.path}[") for p in by_path)]


def _between(raw: object, known: set[str]) -> list[Fault]:
    """List mistakes between fields although some fields are wrong; not again what is said already."""
    if not isinstance(raw, Mapping):
        return []
    plan = _as_far_as_valid(NetworkPlan, raw)
    return [
        fault
        for fault in faults_as_far_as_known(plan)
        if not any(fault.path.startswith(path) or path.startswith(fault.path) for path in known)
    ]


def _as_far_as_valid(model: type[Part], raw: Mapping[str, object]) -> Part:
    """Build a model from what is valid; None stands for the rest."""
    values: dict[str, object] = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        values[name] = None if field.is_required() else default
        if name in raw:
            values[name] = _valid(field, model_in(field.annotation), raw[name])
    return model.model_construct(None, **values)


def _valid(field: FieldInfo, inner: type[BaseModel] | None, value: object) -> object:
    if inner is not None and isinstance(value, list):
        return tuple(_as_far_as_valid(inner, v) for v in value if isinstance(v, Mapping))
    if inner is not None and isinstance(value, Mapping):
        return _as_far_as_valid(inner, value)
    try:
        kind: Any = field.annotation
        if field.metadata:
            kind = Annotated[field.annotation, *field.metadata]
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


# --- tables beside the scenario ------------------------------------------------------------------


def _with_tables(
    plan: object, layers: Layers, problems: list[Problem], unread: list[str]
) -> object:
    """Read the files that laws and arrivals name; their rows take the place of the name.

    Parameters
    ----------
    problems : takes what is wrong with the files.
    unread : takes the keys that have no values because of that.
    """
    if not isinstance(plan, Mapping):
        return plan
    result: dict[str, Any] = dict(plan)
    for key, columns in (("stages", ("days",)), ("arrivals", ("date", "count"))):
        rows = plan.get(key)
        if not isinstance(rows, list):
            continue
        file = layers.origin.get(f"{KEY}.{key}", layers.files[0])
        result[key] = []
        for k, row in enumerate(rows):
            before, where = len(problems), f"{KEY}.{key}[{k}]"
            result[key].append(_read_in(row, (file, where), columns, problems))
            if len(problems) > before:
                laws = [f"{where}.{law}.values" for law in row] if isinstance(row, Mapping) else []
                unread += [where, *laws]
    return result


def _read_in(
    row: object, place: tuple[Path, str], columns: tuple[str, ...], problems: list[Problem]
) -> object:
    """Read the tables that a row names; `place` is the row's own, file and key path."""
    file, where = place
    if not isinstance(row, Mapping):
        return row
    if columns == ("days",):
        laws = {k: _read_in_law(v, (file, f"{where}.{k}"), problems) for k, v in row.items()}
        return {**row, **laws}
    name = row.get("file")
    if not isinstance(name, str) or not name:
        return row
    found = list(_cells(place, name, columns, problems))
    days = [{"date": day, "count": count} for day, count in found]
    if not isinstance(row.get("counts", []), list):
        return row  # no list of counts, which its own check says
    return {**row, "file": "", "counts": [*row.get("counts", ()), *days]}


def _read_in_law(law: object, place: tuple[Path, str], problems: list[Problem]) -> object:
    if not isinstance(law, Mapping) or not isinstance(law.get("file"), str) or not law["file"]:
        return law
    values = [days for (days,) in _cells(place, law["file"], ("days",), problems)]
    if not isinstance(law.get("values", []), list):
        return law
    return {**law, "file": "", "values": [*law.get("values", ()), *values]}


def _cells(
    place: tuple[Path, str], name: str, columns: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table; what is wrong with it goes to `problems`."""
    file, where = place
    path = file.parent / name
    try:
        sheet = read_sheet(path)
        sheet.require(columns)
    except ParamError as error:
        problems += named_at(path, f"{where}.file", file, error.problems)
        return
    for line, row in sheet.records():
        cells = [_cell(row[c], c, cell_place(sheet.file, line, c), problems) for c in columns]
        if all(cell is not None for cell in cells):
            yield tuple(cells)


def _cell(text: str, column: str, where: str, problems: list[Problem]) -> dt.date | float | None:
    if column == "date":
        day = date_in(text)
        if day is None:
            allowed = said("a date: 2023-07-01", "日期，如 2023-07-01")
            problems.append(Problem(where, repr(text), allowed))
        return day
    number = number_in(text)
    if number is None or number < 0:
        problems.append(Problem(where, repr(text), said("a number, 0 or more", "不小于0的数字")))
        return None
    return number


if __name__ == "__main__":
    text = json.dumps(network_schema(), ensure_ascii=False, indent=2)
    SCHEMA_FILE.write_text(f"{text}\n", encoding="utf-8")
