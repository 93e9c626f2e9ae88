"""Read scenario files and lay those that extend one another on top of each other.

Tables merge, the lists of `ADDED` grow, everything else replaces. Each value remembers the file it came from,
and so does each row of a list that grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

from params.city import City, read_city
from params.errors import ParamError, Problem, in_order, nearest
from params.files.positions import where as place_of
from params.files.toml_file import missing, read_as_far, shown
from params.language import said
from params.names import costed_id
from params.scenario.faults import table_at

NETWORK_FOLDER: Final = Path(__file__).parents[1] / "networks"
"""Ready scenarios that bring their own network."""
NOT_INHERITED: Final = ("name", "title_zh", "title_en", "description")
"""Keys that name a file's own scenario: one that extends it has another name."""
ADDED: Final = (
    ("beds", "changes"),
    ("workers", "changes"),
    ("workers", "wages"),
    ("workers", "overtime"),
    ("assessors", "pauses"),
    ("insurance", "changes"),
    ("policy", "admissions"),
    ("", "events"),
)
"""Lists, as table and key, to which a scenario adds: the rows of the one that it extends stay. No table: the
list stands by itself."""
MOST_FILES: Final = 40
"""Files that may extend one another."""
BY_RESOURCE: Final = (("service_target", "resources"), ("costs", "resources"))
"""Tables, as table and key, whose keys are resources; a Chinese name there stands for the id."""
REPLACE: Final = "_replace"
"""How the key ends that, true beside such a list, drops the rows below."""


class Row(NamedTuple):
    """Where a row of a list stands."""

    file: Path
    number: int
    """Its place in the file's own list, from 0."""


@dataclass(frozen=True)
class Layers:
    """One scenario's tables after merging."""

    values: dict[str, object]
    origin: dict[str, Path]
    """File of each value, by dotted key path; a list counts as one value."""
    files: tuple[Path, ...]
    """The scenario's own file first, then those that it extends."""
    problems: tuple[Problem, ...] = ()
    """What could not be read, in this file or one that it extends; the rest is here all the same."""
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Where every row of the lists of `ADDED` stands, by dotted key path."""
    tables: Mapping[str, tuple[Path, tuple[int, ...]]] = field(default_factory=dict)
    """The table that the rows of a list were read from and the line of each, by dotted key path."""
    written: Mapping[str, str] = field(default_factory=dict)
    """How a path is written in its file, by the path that it is judged at (`params.scenario.shapes`)."""
    unread: frozenset[str] = frozenset()
    """Key paths whose values a table should have brought that could not be read."""
    is_whole: bool = True
    """Whether every file that is extended could be read: else nobody knows what it says."""


def list_scenarios(city: City | None = None) -> tuple[str, ...]:
    """Names of a city's ready scenarios; those of the packaged city by default."""
    folder = (city or read_city()).scenarios
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def list_questions(city: City | None = None) -> tuple[str, ...]:
    """Names of a city's questions: scenarios of a few lines that show how something is asked."""
    folder = (city or read_city()).questions
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def list_networks() -> tuple[str, ...]:
    """Names of the own networks that come with the package."""
    return tuple(sorted(path.stem for path in NETWORK_FOLDER.glob("*.toml")))


def find_scenario(
    name_or_path: str | Path, folder: Path | None = None, city: City | None = None
) -> Path:
    """Find a scenario's file: a bare name is a ready scenario, anything else a path.

    Parameters
    ----------
    name_or_path : str or Path
        `baseline`, or a path, which ends in `.toml` or has a folder in it.
    folder : Path, optional
        Where a relative path starts; default the working directory.
    city : City, optional
        Whose ready scenarios are meant; the packaged city by default.
    """
    city = city or read_city()
    text = str(name_or_path)
    if text.endswith(".toml") or "/" in text or "\\" in text:
        return Path(text) if folder is None else folder / text
    if text in list_scenarios(city):
        return city.scenarios / f"{text}.toml"
    if text in list_questions(city):
        return city.questions / f"{text}.toml"
    if text in list_networks():
        return NETWORK_FOLDER / f"{text}.toml"
    known = (*list_scenarios(city), *list_questions(city), *list_networks())
    told = (*list_scenarios(city), *list_networks())
    advice = [nearest(text, known)]
    advice += [said("a file of your own is named with .toml", "自己的文件请写出 .toml")]
    names, name = ", ".join(told), shown(Path(text))
    raise ParamError(
        Problem(
            name,
            said(f"unknown scenario {name!r}", f"没有这个情景 {name!r}"),
            said(f"{names}, or a path to a .toml file", f"{names}，或 .toml 文件的路径"),
            said("; ", "").join(a for a in advice if a),
        )
    )


def read_layers(name_or_path: str | Path, city: City | None = None) -> Layers:
    """Read a scenario's file and all that it extends, and merge them.

    Raises
    ------
    ParamError
        If the scenario's own file is missing, cannot be read or is not TOML.
    """
    city = city or read_city()
    return _read(find_scenario(name_or_path, city=city), (), city)


def _read(path: Path, above: tuple[Path, ...], city: City) -> Layers:
    from params.scenario.shapes import lists_of  # a model, which is checked with what stands here

    values, problems = read_as_far(path, lists_of())
    values = with_resource_ids(values)
    extends = values.pop("extends", None)
    rows = {
        dotted(table, key): tuple(Row(path, k) for k in range(len(found)))
        for table, key in ADDED
        if (found := list_at(values, table, key)) is not None
    }
    own = Layers(values, dict.fromkeys(leaves(values), path), (path,), problems, rows)
    if extends is None:
        return without_replace(own)
    try:
        chain = (*above, path)
        return laid_over(_read(_extended(path, extends, chain, city), chain, city), own)
    except ParamError as error:  # go on, so that this file's own mistakes are listed too
        broken = tuple(in_order(problems, error.problems))
        return replace(without_replace(own), problems=broken, is_whole=False)


def _extended(path: Path, extends: object, chain: tuple[Path, ...], city: City) -> Path:
    """Find the file that `path` extends."""
    where = place_of(path, "extends")
    if not isinstance(extends, str) or not extends.strip():
        found = said(f"found {extends!r}", f"写的是 {extends!r}")
        allowed = said("a scenario's name or path", "情景的名称或路径")
        raise ParamError(Problem(where, found, allowed, 'extends = "baseline"'))
    try:
        target = find_scenario(extends, path.parent, city)
    except ParamError as error:
        raise ParamError(replace(error.problems[0], where=where)) from None
    try:
        in_circle = target.resolve() in {file.resolve() for file in chain}
        is_there = in_circle or target.is_file()
        is_folder = target.is_dir()
    except (OSError, ValueError, RuntimeError):  # a NUL, a name too long, links in a circle
        in_circle = is_there = is_folder = False
    if in_circle:
        loop = " -> ".join(str(file) for file in (*chain, target))
        found = said(f"files extend one another in a circle: {loop}", f"循环继承：{loop}")
        allowed = said("a chain that ends", "有头有尾的继承")
        advice = said("drop one `extends`", "请删去其中一个 extends")
        raise ParamError(Problem(where, found, allowed, advice))
    if not is_there:
        problem = missing(target)
        name = shown(target)
        if is_folder:
            problem = replace(problem, found=said("it is a folder", "这是一个文件夹"))
        raise ParamError(replace(problem, where=where, found=f"{problem.found}: {name}"))
    if len(chain) >= MOST_FILES:
        raise ParamError(
            Problem(
                where,
                said(f"more than {MOST_FILES} files extend one another", f"继承超过{MOST_FILES}层"),
                said(f"at most {MOST_FILES}", f"至多{MOST_FILES}层"),
                said("join some of them", "请合并一些文件"),
            )
        )
    return target


def laid_over(base: Layers, top: Layers, adds: bool = True) -> Layers:
    """Lay one scenario's tables over those of another, which it extends.

    The rows of the lists of `ADDED` come after those below, unless the key beside the list
    (`changes_replace`) says that they stand in their place, or nothing is added: the lists on top are whole.
    """
    if adds:
        top = with_rows_below(base, top)
    inherited = {key: value for key, value in base.values.items() if key not in NOT_INHERITED}
    values = merged_tables(inherited, top.values)
    origin = {}
    for key in leaves(values):
        # A table that replaced a number has no leaf of that path in the base, and vice versa.
        origin[key] = top.origin[key] if key in top.origin else base.origin[key]
    rows = {key: places for key, places in base.rows.items() if key not in top.origin}
    rows |= top.rows
    return replace(
        top,
        values=values,
        origin=origin,
        files=top.files + base.files,
        problems=top.problems + base.problems,
        rows=rows,
        is_whole=top.is_whole and base.is_whole,
    )


def with_rows_below(base: Layers, top: Layers) -> Layers:
    """Return a scenario's own tables with the rows that its lists are added to."""
    for table, key in ADDED:
        name, replaces = dotted(table, key), value_of(top.values, table, f"{key}{REPLACE}")
        own, below = list_at(top.values, table, key), list_at(base.values, table, key)
        if replaces is True and own is None and below:
            values = merged_tables(top.values, nested(table, key, []))
            origin = {**top.origin, name: top.origin[f"{name}{REPLACE}"]}
            top = replace(top, values=values, origin=origin, rows={**top.rows, name: ()})
        elif replaces is not True and own is not None and below:
            values = merged_tables(top.values, nested(table, key, [*below, *own]))
            rows = (*base.rows.get(name, ()), *top.rows.get(name, ()))
            top = replace(top, values=values, rows={**top.rows, name: rows})
    return without_replace(top)


def without_replace(layers: Layers) -> Layers:
    """Drop the keys that say how lists are added, once that is done; one that is no true or false stays."""
    values, origin = dict(layers.values), dict(layers.origin)
    for table, key in ADDED:
        name = f"{key}{REPLACE}"
        if not isinstance(value_of(values, table, name), bool):
            continue
        if not table:
            del values[name], origin[name]
        else:
            held = values[table]
            assert isinstance(held, Mapping)
            values[table] = {k: v for k, v in held.items() if k != name}
            del origin[f"{table}.{name}"]
            if not values[table]:
                origin[table] = layers.origin[f"{table}.{name}"]
    return replace(layers, values=values, origin=origin)


def with_resource_ids(values: dict[str, object]) -> dict[str, object]:
    """Call resources by their ids in the tables of `BY_RESOURCE`; one said twice keeps both its names."""
    for table, key in BY_RESOURCE:
        held = value_of(values, table, key)
        if isinstance(held, Mapping):
            ids = {name: str(costed_id(name)) for name in held}
            named = {
                ids[name] if ids[name] == name or ids[name] not in held else name: cells
                for name, cells in held.items()
            }
            values = {**values, table: {**table_at(values, table), key: named}}
    return values


def dotted(table: str, key: str) -> str:
    """Write the path of a key in a table, or of one that stands by itself."""
    return f"{table}.{key}" if table else key


def nested(table: str, key: str, value: object) -> dict[str, object]:
    """Return a value in its table, or by itself."""
    return {table: {key: value}} if table else {key: value}


def value_of(values: Mapping[str, object], table: str, key: str) -> object:
    """Return the value of a key in a table, or of one that stands by itself; none where there is none."""
    held = values.get(table) if table else values
    return held.get(key) if isinstance(held, Mapping) else None


def list_at(values: Mapping[str, object], table: str, key: str) -> list[object] | None:
    """Return a list in a table; none where something else stands."""
    found = value_of(values, table, key)
    return list(found) if isinstance(found, list | tuple) else None


def merged_tables(base: Mapping[str, object], top: Mapping[str, object]) -> dict[str, object]:
    """Lay one table over another: tables merge, everything else replaces."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merged_tables(below, value) if both else value  # type: ignore[arg-type]
    return merged


def row_at(layers: Layers, path: str) -> tuple[Row, str, str] | None:
    """Find the row of a list that a path such as `beds.changes[3].date` leads to.

    Returns
    -------
    tuple
        Where the row stands, the list's own path, and what follows; None for a path elsewhere.
    """
    for key, rows in layers.rows.items():
        number, bracket, rest = path.removeprefix(f"{key}[").partition("]")
        if path.startswith(f"{key}[") and bracket and number.isdigit() and int(number) < len(rows):
            return rows[int(number)], key, rest
    return None


def leaves(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Flatten tables to dotted key paths; a list and an empty table are one value."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat |= leaves(value, f"{path}.")
        else:
            flat[path] = value
    return flat
