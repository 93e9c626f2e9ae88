"""Say a scenario's mistakes in words: which file, which key, what was found, what is allowed."""

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, ValidationError

from params.city import City
from params.errors import Problem, cell_place, did_you_mean, in_order, nearest
from params.errors import either as either_of
from params.files.positions import where
from params.files.toml_text import toml_value
from params.files.written import date_meant, day_never, number_meant, share_words
from params.language import Said, said
from params.names import meant
from params.scenario.checks.between import faults_between_fields
from params.scenario.faults import Fault, is_date, is_number
from params.scenario.key_words import keys_meant
from params.scenario.layers import Layers, merged_tables, row_at
from params.scenario.left_out import model_defaults, needed_keys
from params.scenario.model import Scenario, model_at
from params.scenario.parts.fields import model_in
from params.scenario.places import halfwidth
from params.scenario.shapes import shape_of
from params.scenario.unused import unused_faults

MOST_PLACES: Final = 4
"""Places that are told where a key may belong; of more none is likely."""
KEY_TAG: Final = "[key]"
UNION_TAGS: Final = ("number", "range", KEY_TAG)
"""Steps that pydantic adds to a location and that no user wrote."""
ALLOWED: Final = {
    "missing": Said("the key is required", "此项必填"),
    "int_type": Said("a whole number without quotes", "整数，不加引号"),
    "int_from_float": Said("a whole number", "整数"),
    "int_parsing_size": Said("a number of a few digits", "常规位数的数字"),
    "float_type": Said("a number without quotes", "数字，不加引号"),
    "finite_number": Said("a finite number", "有限的数字"),
    "string_type": Said('text in quotes: "..."', '文字，加引号："..."'),
    "bool_type": Said("true or false", "true 或 false，不加引号"),
    "date_type": Said("a date without quotes: 2023-07-01", "日期，不加引号，如 2023-07-01"),
    "string_pattern_mismatch": Said(
        "letters, digits, - _ . without spaces, no - or . at the start",
        "文字、数字和 - _ . ，不含空格，不以 - 或 . 开头",
    ),
    "string_too_long": Said("at most {max_length} characters", "至多{max_length}个字"),
    "string_too_short": Said("at least {min_length} characters", "至少{min_length}个字"),
    "too_short": Said("at least {min_length}", "至少{min_length}项"),
    "too_long": Said("at most {max_length}", "至多{max_length}项"),
    "tuple_type": Said("a list of tables: [[{path}]]", "列表：[[{path}]]"),
    "list_type": Said("a list: {key} = [...]", "列表：{key} = [...]"),
    "dict_type": Said("a table: [{path}]", "表：[{path}]"),
    "model_type": Said("a table: [{path}]", "表：[{path}]"),
    "model_attributes_type": Said("a table: [{path}]", "表：[{path}]"),
}
"""What is allowed, by the kind of mistake that pydantic names; with names of its context."""
TABLE_DUE: Final = ("tuple_type", "dict_type", "model_type", "model_attributes_type")
"""Kinds of mistakes where something else stands in the place of a table."""
OTHERWISE: Final = Said("a value as `yanglao schema` describes it", "yanglao schema 所述的取值")
MOST_SHARE: Final = 2
"""Numbers that may be no larger are shares: who writes 15 means 15 %."""
LIMITS: Final = {
    "ge": Said("at least", "不小于"),
    "gt": Said("more than", "大于"),
    "le": Said("at most", "不大于"),
    "lt": Said("less than", "小于"),
}


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
    faults += [
        f for f in faults_between_fields(_known(layers), city, Scenario) if f.path not in seen
    ]
    faults += unused_faults(layers)
    told = (problem(layers, fault) for fault in faults if fault.path not in layers.unread)
    return in_order(layers.problems, told)


def _known(layers: Layers) -> Mapping[str, object]:
    """Return what a scenario says with its defaults; without them where a file below could not be read."""
    if layers.is_whole:
        return merged_tables(model_defaults(), layers.values)
    values = dict(layers.values)
    for table, key in needed_keys():
        held = values.get(table)
        if isinstance(held, Mapping) and layers.origin.get(f"{table}.{key}") not in layers.files:
            values[table] = {name: value for name, value in held.items() if name != key}
    return values


def field_faults(error: ValidationError | None, root: type[BaseModel] = Scenario) -> list[Fault]:
    """Say what the fields' own checks found; `root` is the model that was checked."""
    details = error.errors() if error else []
    return [_fault(d, root) for d in details if d["type"] != "between_fields"]


def problem(layers: Layers, fault: Fault) -> Problem:
    """Say where in the files a mistake stands, and where what it repeats."""
    place, found = place_of(layers, fault.path, fault.at_key), fault.found
    if fault.first:
        found = found.replace(fault.first, place_of(layers, fault.first))
    return Problem(place, found, fault.allowed, fault.advice)


def place_of(layers: Layers, path: str, at_key: bool = False) -> str:
    """Say where in the files a key path stands; rows of a list are counted as in their own file."""
    file = file_of(layers, path)
    judged = [
        one for one in layers.written if path == one or path.startswith((f"{one}.", f"{one}["))
    ]
    if judged:
        head = max(judged, key=len)
        path = f"{layers.written[head]}{path.removeprefix(head)}"
    elif found := row_at(layers, path):
        row, key, rest = found
        file, path = row.file, f"{key}[{row.number}]{rest}"
    return cell_at(layers, path) or where(file, path, at_key)  # no path: of the whole file


def cell_at(layers: Layers, path: str) -> str:
    """Say where in a table that a scenario names a row stands; nothing for what stands in the scenario."""
    for key, (file, lines) in layers.tables.items():
        number, bracket, rest = path.removeprefix(f"{key}[").partition("]")
        if path.startswith(f"{key}[") and bracket and number.isdigit() and int(number) < len(lines):
            return cell_place(file.name, lines[int(number)], rest.removeprefix("."))
    return ""


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
    value = detail["input"]
    found = said(f"found {_shown(value)}", f"写的是 {_shown(value)}")
    if kind == "extra_forbidden":
        return _unknown_key(path, names, root)
    if kind == "missing":
        return Fault(path, said("missing", "缺少此项"), str(ALLOWED[kind]))
    if "allowed" in context:  # our own checks bring their words along
        input_ = f": {_shown(detail['input'])}" if path else ""  # nobody reads a whole file again
        return Fault(path, f"{detail['msg']}{input_}", *_words(context))
    if kind == "literal_error":
        words = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return Fault(path, found, either_of(words), meant(str(value), words))
    for limit, text in LIMITS.items():
        if limit in context:
            return _of_limits(path, found, value, names, root, f"{text} {context[limit]:g}")
    table = path if "[" not in path else f"[{path.partition('[')[0]}]"
    if kind == "tuple_type" and ("[" in path or model_at(names, root) is None):
        kind = "list_type"  # of plain values
    allowed = str(ALLOWED.get(kind, OTHERWISE)).replace("{path}", table)
    allowed = allowed.replace("{key}", path.rpartition(".")[2])
    for name in ("min_length", "max_length"):
        allowed = allowed.replace(f"{{{name}}}", str(context.get(name, "")))
    if kind in TABLE_DUE and (keys := ", ".join(_keys_below(names, root))):
        advice = said(f"its keys stand below it: {keys}", f"其下逐行写键：{keys}")
        return Fault(path, found, allowed, advice)
    return Fault(path, found, allowed, _instead(kind, value))


def _of_limits(
    path: str,
    found: str,
    value: object,
    names: tuple[str, ...],
    root: type[BaseModel],
    limit: str,
) -> Fault:
    """Say a number outside its limits; of a share what to write for a percentage."""
    ends = _ends(names, root)
    percent = value if is_number(value) and 2 <= abs(value) <= 100 else 0.0
    if ends.get("ge") == 0 and ends.get("le") == 1 and percent > 0:
        return Fault(path, found, *share_words(percent))
    least, most = ends.get("gt", ends.get("ge", 0.0)), ends.get("le", ends.get("lt", math.inf))
    advice = ""
    if percent and most <= MOST_SHARE and least < percent / 100 <= most:
        advice = share_words(percent)[1]  # a rise or growth of 3 is meant as 3 %
    said_ends = [f"{LIMITS[key]} {end:.15g}" for key, end in ends.items()]
    return Fault(path, found, said(", ", "，").join(said_ends) or limit, advice)


def _instead(kind: str, value: object) -> str:
    """Say what to write instead of a value of the wrong kind."""
    text = value.strip() if isinstance(value, str) else value
    if kind == "date_type":
        plain = f"{text:%Y-%m-%d}" if isinstance(text, dt.datetime) else str(text)
        day = date_meant(re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", plain))
        if day:
            return _write(day)
        if never := day_never(text):
            return never[1]
        return said("TOML writes dates as 2023-07-01", "日期写作 2023-07-01")
    if kind in ("float_type", "int_type") and isinstance(text, str):
        plain = halfwidth(text)
        if plain.endswith("%") and (number := number_meant(plain[:-1])):
            return share_words(float(number))[1]
        number = number_meant(plain)
        return _write(number) if number else ""
    if kind == "list_type" and not isinstance(value, list | tuple | Mapping):
        item = text if isinstance(text, str) and text.isdigit() else toml_value(value)
        return _write(f"[{item}]")
    if kind == "bool_type":
        word = YES_NO.get(str(text).lower())
        return _write(word) if word else ""
    if kind == "string_type" and (is_number(value) or is_date(value)):
        return _write(f'"{value}"')
    return ""


def _write(text: str) -> str:
    return said(f"write {text}", f"请写 {text}")


YES_NO: Final = {"是": "true", "yes": "true", "true": "true", "1": "true"} | {
    "否": "false",
    "no": "false",
    "false": "false",
    "0": "false",
}
"""What people write for true and false."""


def _words(context: Mapping[str, object]) -> tuple[str, str]:
    return str(context["allowed"]), str(context["advice"])


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
    plain = isinstance(value, bool | Mapping | list | tuple)
    text = toml_value(value) if plain else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _ends(names: tuple[str, ...], root: type[BaseModel]) -> dict[str, float]:
    """Return both ends that a field allows, by the name of the rule."""
    model = model_at(names[:-1], root)
    field = model.model_fields.get(names[-1]) if model else None
    rules = [*field.metadata, *_inner_rules(field.annotation)] if field else []
    return {key: getattr(rule, key) for key in LIMITS for rule in rules if hasattr(rule, key)}


def _inner_rules(annotation: Any) -> list[object]:
    """Return the rules inside a type, as of a number that may be left out."""
    rules: list[object] = []
    for part in get_args(annotation):
        for held in getattr(part, "__metadata__", ()):
            rules += held.metadata if isinstance(held, FieldInfo) else [held]
    return rules


def _unknown_key(path: str, names: tuple[str, ...], root: type[BaseModel]) -> Fault:
    key, table = names[-1], model_at(names[:-1], root)
    known = list(table.model_fields) if table else []
    # A design does not extend scenarios: it names them.
    extends = ["extends"] if len(names) == 1 and "base" not in root.model_fields else []
    elsewhere = _elsewhere(key, ".".join(names[:-1]), root)
    advice = nearest(key, known + extends)
    if not key.isascii():
        advice = did_you_mean(close) if (close := keys_meant(key, table)) else ""
    if elsewhere:
        places = " / ".join(elsewhere)
        advice = said(f"it belongs here: {places}", f"应写在 {places}")
    found = said(f"unknown key {key!r}", f"未知的键 {key!r}")
    return Fault(path, found, ", ".join(known + extends), advice, at_key=True)


def _keys_below(names: tuple[str, ...], root: type[BaseModel]) -> list[str]:
    """Return the keys of a table or of the rows of a list; none of what people name themselves."""
    model = model_at(names[:-1], root)
    held = model.model_fields.get(names[-1]) if model and names else None
    inner = model_in(held.annotation) if held else None
    if held is None or inner is None or shape_of(held) == "named":
        return []
    return [key for key in inner.model_fields if not key.endswith("_replace")]


def _elsewhere(key: str, table: str, root: type[BaseModel]) -> list[str]:
    """Return where in a file a key belongs that is none of its table: below it, if it is there."""
    everywhere = [
        (full, place) for full, place in _all_keys(root) if full.rpartition(".")[2] == key
    ]
    below = [(full, place) for full, place in everywhere if table and full.startswith(f"{table}.")]
    # In rows of many lists there is a district or a date: where it is meant nobody can say.
    high = [(full, place) for full, place in everywhere if not place.startswith("[[")]
    some = below or high or everywhere
    return [place for _, place in some] if len(some) <= MOST_PLACES else []


def _all_keys(root: type[BaseModel], above: str = "", head: str = "") -> Iterator[tuple[str, str]]:
    """Yield the key paths of every field, and how each is written, its list of tables told."""
    for name, held in root.model_fields.items():
        path = f"{above}{name}"
        yield path, f"{head} {name}" if head else path
        inner, shape = model_in(held.annotation), shape_of(held)
        if inner is not None and shape in ("table", "rows"):
            in_rows = f"[[{path}]]" if shape == "rows" else head
            yield from _all_keys(inner, f"{path}.", in_rows)
