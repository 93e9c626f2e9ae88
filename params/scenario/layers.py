"""Read scenario files and lay those that extend one another on top of each other.

Tables merge, the lists of `ADDED` grow, everything else replaces. Each value remembers the file it came from,
and so does each row of a list that grows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, NamedTuple

from params.city import City, read_city
from params.errors import ParamError, Problem, nearest
from params.scenario.toml_file import missing, read_toml

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
    ("", "events"),
)
"""Lists, as table and key, to which a scenario adds: the rows of the one that it extends stay. No table: the
list stands by itself."""
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
    """Why a file that is extended could not be read; the layers above it are here all the same."""
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Where every row of the lists of `ADDED` stands, by dotted key path."""


def list_scenarios(city: City | None = None) -> tuple[str, ...]:
    """Names of a city's ready scenarios; those of the packaged city by default."""
    folder = (city or read_city()).scenarios
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
    if text in list_networks():
        return NETWORK_FOLDER / f"{text}.toml"
    known = (*list_scenarios(city), *list_networks())
    advice = [nearest(text, known)]
    advice += ["a file of your own is named with .toml 自己的文件请写出 .toml"]
    raise ParamError(
        Problem(
            text,
            f"unknown scenario {text!r} 没有这个情景",
            f"{', '.join(known)}, or a path to a .toml file",
            "; ".join(a for a in advice if a),
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
    values = read_toml(path)
    extends = values.pop("extends", None)
    rows = {
        dotted(table, key): tuple(Row(path, k) for k in range(len(found)))
        for table, key in ADDED
        if (found := list_at(values, table, key)) is not None
    }
    own = Layers(values, dict.fromkeys(leaves(values), path), (path,), rows=rows)
    if extends is None:
        return without_replace(own)
    try:
        chain = (*above, path)
        return laid_over(_read(_extended(path, extends, chain, city), chain, city), own)
    except ParamError as error:  # go on, so that this file's own mistakes are listed too
        return replace(without_replace(own), problems=error.problems)


def _extended(path: Path, extends: object, chain: tuple[Path, ...], city: City) -> Path:
    """Find the file that `path` extends."""
    where = f"{path}: extends"
    if not isinstance(extends, str) or not extends.strip():
        example = 'extends = "baseline"'
        raise ParamError(Problem(where, f"found {extends!r}", "a scenario's name or path", example))
    try:
        target = find_scenario(extends, path.parent, city)
    except ParamError as error:
        raise ParamError(replace(error.problems[0], where=where)) from None
    if target.resolve() in {file.resolve() for file in chain}:
        loop = " -> ".join(str(file) for file in (*chain, target))
        found = f"files extend one another in a circle 循环继承: {loop}"
        raise ParamError(Problem(where, found, "a chain that ends", "drop one `extends`"))
    if not target.is_file():
        problem = missing(target)
        raise ParamError(replace(problem, where=where, found=f"{problem.found}: {target}"))
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
    return Layers(values, origin, top.files + base.files, base.problems, rows)


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
