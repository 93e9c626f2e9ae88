"""Say a scenario's mistakes in words: which file, which key, what was found, what is allowed."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails, ValidationError

from params.city import City
from params.errors import Problem, nearest
from params.names import meant
from params.scenario.checks.between import faults_between_fields
from params.scenario.faults import Fault
from params.scenario.layers import Layers, merged_tables, row_at
from params.scenario.left_out import model_defaults
from params.scenario.model import Scenario, model_at
from params.scenario.unused import unused_faults

KEY_TAG: Final = "[key]"
UNION_TAGS: Final = ("number", "range", KEY_TAG)
"""Steps that pydantic adds to a location and that no user wrote."""
ALLOWED: Final = {
    "missing": "the key is required 必填",
    "int_type": "a whole number without quotes 整数",
    "int_from_float": "a whole number 整数",
    "float_type": "a number without quotes 数字",
    "finite_number": "a finite number 有限数",
    "string_type": 'text in quotes: "..." 字符串',
    "bool_type": "true or false",
    "date_type": "a date without quotes: 2023-07-01 日期不加引号",
    "string_pattern_mismatch": "letters, digits, - _ . without spaces 不含空格",
    "string_too_long": "at most 60 characters",
    "tuple_type": "a list of tables: [[{path}]]",
    "list_type": "a list: {key} = [...]",
    "dict_type": "a table: [{path}]",
    "model_type": "a table: [{path}]",
    "model_attributes_type": "a table: [{path}]",
}
LIMITS: Final = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def problems_of(layers: Layers, error: ValidationError | None, city: City) -> list[Problem]:
    """List all mistakes of a scenario, in the words of its files.

    Parameters
    ----------
    layers : Layers
        The merged tables and the file that each value came from.
    error : ValidationError, optional
        What the fields' own checks found.
    city : City
        Whose districts, years and assumptions the scenario speaks of.
    """
    faults = field_faults(error)
    seen = {fault.path for fault in faults}
    if not layers.problems:  # without the file below, the horizon is not known
        whole = merged_tables(model_defaults(), layers.values)
        faults += [f for f in faults_between_fields(whole, city) if f.path not in seen]
        faults += unused_faults(layers)
    return [*layers.problems] + [problem(layers, fault) for fault in faults]


def field_faults(error: ValidationError | None, root: type[BaseModel] = Scenario) -> list[Fault]:
    """Say what the fields' own checks found; `root` is the model that was checked."""
    details = error.errors() if error else []
    return [_fault(d, root) for d in details if d["type"] != "between_fields"]


def problem(layers: Layers, fault: Fault) -> Problem:
    """Say where in the files a mistake stands; rows of a list are counted as in their own file."""
    path, file = fault.path, file_of(layers, fault.path)
    if found := row_at(layers, path):
        row, key, rest = found
        file, path = row.file, f"{key}[{row.number}]{rest}"
    where = f"{file}: {path}" if path else str(file)  # no path: of the whole file
    return Problem(where, fault.found, fault.allowed, fault.advice)


def file_of(layers: Layers, path: str) -> object:
    """Find the file that a value came from, or for a missing one the file of its table."""
    own = layers.files[0]
    if path in layers.origin:
        return layers.origin[path]
    inside = [key for key in layers.origin if path.startswith((f"{key}.", f"{key}["))]
    within = [key for key in layers.origin if key.startswith(f"{path}.")]
    near = inside or within
    return layers.origin[max(near, key=len)] if near else own


def _fault(detail: ErrorDetails, root: type[BaseModel]) -> Fault:
    steps = _steps(detail)
    path = dotted(steps)
    names = tuple(step for step in steps if isinstance(step, str))
    kind, context = detail["type"], detail.get("ctx", {})
    found = f"found {_shown(detail['input'])}"
    if kind == "extra_forbidden":
        return _unknown_key(path, names, root)
    if kind == "missing":
        return Fault(path, "missing 缺少", ALLOWED[kind])
    if "allowed" in context:  # our own checks bring their words along
        input_ = f": {_shown(detail['input'])}" if path else ""  # nobody reads a whole file again
        return Fault(path, f"{detail['msg']}{input_}", **_words(context))
    if kind == "literal_error":
        expected = str(context["expected"])
        words = expected.replace("'", "").replace(" or ", ", ").split(", ")
        return Fault(path, found, expected, meant(str(detail["input"]), words))
    for limit, text in LIMITS.items():
        if limit in context:
            return Fault(path, found, _limits(names, root) or f"{text} {context[limit]:g}")
    advice = "TOML writes dates as 2023-07-01" if kind == "date_type" else ""
    table = path if "[" not in path else f"[{path.partition('[')[0]}]"
    if kind == "tuple_type" and model_at(names, root) is None:
        kind = "list_type"  # of plain values
    allowed = ALLOWED.get(kind, detail["msg"]).replace("{path}", table)
    allowed = allowed.replace("{key}", path.rpartition(".")[2])
    return Fault(path, found, allowed, advice)


def _words(context: Mapping[str, object]) -> dict[str, str]:
    return {"allowed": str(context["allowed"]), "advice": str(context["advice"])}


def _steps(detail: ErrorDetails) -> tuple[int | str, ...]:
    """Location as the user sees it."""
    loc = detail["loc"]
    if loc[:1] == ("assumptions",):
        # Third comes the tag of the union; a key may have one of the tags' names only before it.
        return (*loc[:2], *(step for i, step in enumerate(loc[2:]) if i or step not in UNION_TAGS))
    return tuple(step for step in loc if step != KEY_TAG)


def dotted(steps: tuple[int | str, ...]) -> str:
    """Write a location as a key path: `beds.changes[0].date`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str | bool) else str(value)
    text = {"True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _limits(names: tuple[str, ...], root: type[BaseModel]) -> str:
    """Say both ends that a field allows."""
    model = model_at(names[:-1], root)
    field = model.model_fields.get(names[-1]) if model else None
    rules = field.metadata if field else []
    ends = [
        f"{text} {getattr(rule, key):g}"
        for key, text in LIMITS.items()
        for rule in rules
        if hasattr(rule, key)
    ]
    return ", ".join(ends)


def _unknown_key(path: str, names: tuple[str, ...], root: type[BaseModel]) -> Fault:
    key, table = names[-1], model_at(names[:-1], root)
    known = list(table.model_fields) if table else []
    # A design does not extend scenarios: it names them.
    extends = ["extends"] if len(names) == 1 and "base" not in root.model_fields else []
    elsewhere = [full for full in _all_keys(root) if full.rpartition(".")[2] == key]
    advice = nearest(key, known + extends)
    if elsewhere:
        advice = f"it belongs here 应写在: {' / '.join(elsewhere)}"
    return Fault(path, f"unknown key {key!r} 未知的键", ", ".join(known + extends), advice)


def _all_keys(root: type[BaseModel]) -> list[str]:
    """Key paths of every field, the tables' own included."""
    keys = list(root.model_fields)
    for name in root.model_fields:
        model: type[BaseModel] | None = model_at((name,), root)
        keys += [f"{name}.{key}" for key in model.model_fields] if model else []
    return keys
