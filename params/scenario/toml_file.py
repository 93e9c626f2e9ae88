"""Read one TOML file as a user wrote it, and say in words what keeps it from being read."""

import difflib
import tomllib
import unicodedata
from pathlib import Path

from params.errors import ParamError, Problem


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
        return missing(path)
    reason = error.strerror or type(error).__name__
    return Problem(str(path), f"cannot be read 无法读取: {reason}", "a readable .toml file")


def missing(path: Path) -> Problem:
    """Say that a file is not there, with the nearest one beside it."""
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
