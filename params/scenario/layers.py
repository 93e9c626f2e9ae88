"""Read scenario files and lay those that extend one another on top of each other.

Tables merge, everything else replaces. Each value remembers the file it came from.
"""

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from params.city import City, read_city
from params.errors import ParamError, Problem, nearest

NETWORK_FOLDER: Final = Path(__file__).parents[1] / "networks"
"""Ready scenarios that bring their own network."""
NOT_INHERITED: Final = ("name", "title_zh", "title_en", "description")
"""Keys that name a file's own scenario: one that extends it has another name."""


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


def read_toml(path: Path) -> dict[str, object]:
    """Read one TOML file.

    Raises
    ------
    ParamError
        If it is missing, empty, no UTF-8 or no TOML, with the line.
    """
    values = _parse(path, _text(path))
    if not values:
        example = 'extends = "baseline"'
        raise ParamError(
            Problem(str(path), "says nothing 文件为空", "a scenario", f"begin with {example}")
        )
    return values


def _read(path: Path, above: tuple[Path, ...], city: City) -> Layers:
    values = read_toml(path)
    extends = values.pop("extends", None)
    own = Layers(values, dict.fromkeys(leaves(values), path), (path,))
    if extends is None:
        return own
    try:
        chain = (*above, path)
        return laid_over(_read(_extended(path, extends, chain, city), chain, city), own)
    except ParamError as error:  # go on, so that this file's own mistakes are listed too
        return replace(own, problems=error.problems)


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
        problem = _missing(target)
        raise ParamError(replace(problem, where=where, found=f"{problem.found}: {target}"))
    return target


def laid_over(base: Layers, top: Layers) -> Layers:
    """Lay one scenario's tables over those of another, which it extends."""
    inherited = {key: value for key, value in base.values.items() if key not in NOT_INHERITED}
    values = merged_tables(inherited, top.values)
    origin = {}
    for key in leaves(values):
        # A table that replaced a number has no leaf of that path in the base, and vice versa.
        origin[key] = top.origin[key] if key in top.origin else base.origin[key]
    return Layers(values, origin, top.files + base.files, base.problems)


def merged_tables(base: Mapping[str, object], top: Mapping[str, object]) -> dict[str, object]:
    """Lay one table over another: tables merge, everything else replaces."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = merged_tables(below, value) if both else value  # type: ignore[arg-type]
    return merged


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


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ParamError(_unreadable(path, error)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ParamError(_wrong_encoding(path, raw, line)) from None


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return _missing(path)
    reason = error.strerror or type(error).__name__
    return Problem(str(path), f"cannot be read 无法读取: {reason}", "a readable .toml file")


def _missing(path: Path) -> Problem:
    beside = [file.name for file in path.parent.glob("*.toml")]
    close = difflib.get_close_matches(path.name, beside, n=1)
    advice = f"did you mean 是否指 {path.with_name(close[0])}?" if close else ""
    return Problem(str(path), "no such file 找不到文件", "an existing .toml file", advice)


def _wrong_encoding(path: Path, raw: bytes, line: int) -> Problem:
    encodings = {"UTF-16": "utf-16"} if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else {}
    for name, codec in (encodings | {"GBK": "gb18030"}).items():
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        found = f"line {line} is not UTF-8; it looks like {name} 文件似为{name}编码"
        break
    else:
        found = f"line {line} is not UTF-8 文件不是UTF-8编码"
    return Problem(str(path), found, "UTF-8, with or without BOM", "save it as UTF-8 另存为 UTF-8")


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        place = place.rstrip(")")
        advice = _width_advice(text, place)
        where = f"{path}: {place}" if place else str(path)
        raise ParamError(Problem(where, f"not TOML: {message} 语法错误", "TOML", advice)) from None


def _width_advice(text: str, place: str) -> str:
    """Say so when the broken line has full-width signs, as Chinese keyboards type them."""
    number = place.removeprefix("line ").partition(",")[0]
    line = text.splitlines()[int(number) - 1 :][:1] if number.isdigit() else []
    odd = [sign for sign in "".join(line).partition("#")[0] if _is_typed_wide(sign)]
    if not odd:
        return ""
    return f"type plain signs instead of {' '.join(dict.fromkeys(odd))} 请改用半角符号"


def _is_typed_wide(sign: str) -> bool:
    plain = unicodedata.normalize("NFKC", sign)
    return sign in "“”‘’。、" or (plain != sign and plain.isascii())
