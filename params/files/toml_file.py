"""Read one TOML file as a user wrote it, and say in words what keeps it from being read."""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from params.errors import ParamError, Problem, did_you_mean
from params.files.mistake import Mistake
from params.files.positions import counted_from_one, positions_of
from params.files.toml_mistakes import mistake_at, said_twice
from params.language import said

NO_TEXT: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")
"""How files of office programs and archives begin, whatever they are called."""
MOST: Final = 20
"""Broken lines that are said of one file."""
_WIDE_KEY: Final = re.compile(
    r"^(\s*(?:\[\[?\s*)?)([^\s\"'=#\[\]]*[^\x00-\x7f][^\s\"'=#\[\]]*)(?=\s*[\]=])"
)
"""A key or a table's name without quotes that is not of plain letters, at the start of a line."""


def read_toml(path: Path) -> dict[str, object]:
    """Read one TOML file.

    Raises
    ------
    ParamError
        If it is missing, empty, no UTF-8 or no TOML, with line and column.
    """
    values, problems = read_as_far(path)
    if problems:
        raise ParamError(problems)
    return values


def read_as_far(
    path: Path, lists: Collection[str] = ()
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Read one TOML file, and say what of it is no TOML; the rest can be checked all the same.

    Parameters
    ----------
    lists : names of lists of tables.

    Raises
    ------
    ParamError
        If nothing after a mistake can be read.
    """
    values, problems = parse_toml(path, read_text(path), lists)
    if not values and not problems:
        raise ParamError(
            Problem(
                str(path),
                said("the file says nothing", "文件为空"),
                said("a scenario", "一个情景"),
                said('begin with extends = "baseline"', '首行写 extends = "baseline"'),
            )
        )
    return values, problems


def read_text(path: Path) -> str:
    """Read a file of UTF-8 text, with or without a byte-order mark.

    Raises
    ------
    ParamError
        If it cannot be read, or is in another encoding.
    """
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise ParamError(_unreadable(path, error)) from None
    if raw.startswith(NO_TEXT):
        raise ParamError(_no_text(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ParamError(_wrong_encoding(path, raw, line)) from None


def _unreadable(path: Path, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return missing(path)
    return Problem(
        shown(path),
        said(f"cannot be read: {reason(error)}", f"无法读取：{reason(error)}"),
        said("a readable .toml file", "可读的 .toml 文件"),
    )


def shown(path: Path) -> str:
    """Name a path in a message: short enough to read, without signs that move the console."""
    text = "".join(sign if sign.isprintable() else "?" for sign in str(path))
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"


def reason(error: OSError | ValueError) -> str:
    """Say in the reader's language why the system did not read a file."""
    if isinstance(error, IsADirectoryError):
        return said("it is a folder", "这是一个文件夹")
    if isinstance(error, PermissionError):
        return said("no permission", "没有权限")
    if isinstance(error, NotADirectoryError):
        return said("a part of its path is no folder", "路径中有一段不是文件夹")
    if isinstance(error, ValueError):
        return said("its name has signs that no file may have", "文件名含有不允许的字符")
    if error.errno == 36:  # ENAMETOOLONG
        return said("its name is too long", "文件名过长")
    if error.errno == 40:  # ELOOP
        return said("its links lead in a circle", "链接循环指向")
    return said(f"the system says {type(error).__name__} {error.errno}", f"系统错误 {error.errno}")


def missing(path: Path) -> Problem:
    """Say that a file is not there, with the nearest one beside it."""
    try:
        beside = [file.name for file in path.parent.glob("*.toml")]
        is_link = path.is_symlink()
    except (OSError, ValueError):
        beside, is_link = [], False
    close = difflib.get_close_matches(path.name, beside, n=1) if path.name.isprintable() else []
    found = said("no such file", "找不到文件")
    if is_link:
        found = said("a link to a file that is not there", "链接所指的文件不存在")
    return Problem(
        shown(path),
        found,
        said("an existing .toml file", "已有的 .toml 文件"),
        did_you_mean([str(path.with_name(close[0]))]) if close else "",
    )


def _no_text(path: Path) -> Problem:
    return Problem(
        f"{path}:1:1",
        said("is a document, a workbook or an archive", "是 Word、WPS、Excel、PDF 文件或压缩包"),
        said("plain text", "纯文本"),
        said(
            "copy its text into a plain text file that is saved as .toml",
            "请把内容复制到记事本等纯文本编辑器，另存为 .toml",
        ),
    )


def _wrong_encoding(path: Path, raw: bytes, line: int) -> Problem:
    encodings = {"UTF-16": "utf-16"} if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else {}
    for name, codec in (encodings | {"GBK": "gb18030"}).items():
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        found = said(f"is not UTF-8; it looks like {name}", f"不是 UTF-8 编码，似为 {name}")
        break
    else:
        found = said("is not UTF-8", "不是 UTF-8 编码")
    return Problem(
        f"{path}:{line}:1",
        found,
        said("UTF-8, with or without BOM", "UTF-8 编码，有无 BOM 均可"),
        said("save it as UTF-8", "请另存为 UTF-8 编码"),
    )


def parse_toml(
    path: Path, text: str, lists: Collection[str] = ()
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    """Parse a file's text as far as it goes, and say every broken line that can be told.

    Names in Chinese that stand without quotes are taken as if they had some: what they are called here is
    said with all other mistakes. A value that is no TOML is taken as a text.

    Parameters
    ----------
    lists : names of lists of tables: what stands in two tables of such a name are two rows.

    Raises
    ------
    ParamError
        If nothing after a mistake can be read.
    """
    lines = [_WIDE_KEY.sub(r'\1"\2"', line) for line in text.split("\n")]
    problems: list[Problem] = []
    values = _as_far(path, text, lines, lists, problems)
    return values, tuple(problems)


def _as_far(
    path: Path, text: str, lines: list[str], lists: Collection[str], problems: list[Problem]
) -> dict[str, object]:
    """Parse lines as far as they go; what is broken goes to `problems`."""
    while True:
        try:
            return tomllib.loads("\n".join(lines))
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            mistake = mistake_at(text, lines, error, lists)
        line, column = mistake.place
        key = _key_in(lines, line)
        where = f"{path}:{line}:{column}" + (f": {key}" if key else "")
        problems.append(Problem(where, mistake.found, mistake.allowed, mistake.advice))
        once_more = mistake.repaired is not None and mistake.repaired != lines[line - 1]
        if len(problems) >= MOST or not (once_more or mistake.is_apart):
            raise ParamError(problems)
        if mistake.is_apart:
            above = _as_far(path, text, lines[: line - 1], lists, problems)
            below = _as_far(path, text, [""] * (line - 1) + lines[line - 1 :], lists, problems)
            problems += _stand_in_both(path, text, lines, mistake, lists)
            return _joined(above, below, lists)
        lines[line - 1] = mistake.repaired or ""
        lines[line : line + mistake.following] = [""] * mistake.following


def _stand_in_both(
    path: Path, text: str, lines: list[str], table: Mistake, lists: Collection[str]
) -> Iterator[Problem]:
    """Yield the keys that stand in a table and again where it begins a second time."""
    for one in positions_of("\n".join(lines)).twice:
        header = lines[one.again.line - 1].lstrip().startswith("[")
        if header and one.again.line > table.place.line:
            return  # the table begins once more, where its own keys are said
        held = one.path.rpartition(".")[0]
        if not header and held not in lists and one.first.line < table.place.line < one.again.line:
            where = f"{path}:{one.again.line}:{one.again.column}: {counted_from_one(one.path)}"
            again = said_twice(one, text)
            yield Problem(where, again.found, again.allowed, again.advice)


def _joined(
    above: Mapping[str, object], below: Mapping[str, object], lists: Collection[str], path: str = ""
) -> dict[str, object]:
    """Lay what stands below a table's second beginning to what stands above it; the first value stays."""
    whole = dict(above)
    for key, value in below.items():
        held, name = whole.get(key), f"{path}.{key}" if path else key
        if key not in whole:
            whole[key] = value
        elif isinstance(held, list | Mapping) and isinstance(value, list | Mapping):
            if isinstance(held, list) or isinstance(value, list) or name in lists:
                parts = (part if isinstance(part, list) else [part] for part in (held, value))
                whole[key] = [row for part in parts for row in part]
            else:
                whole[key] = _joined(held, value, lists, name)
    return whole


def _key_in(lines: list[str], line: int) -> str:
    """Return the key that a line gives a value to, as a message names it; nothing of other lines."""
    keys = positions_of("\n".join(lines)).keys
    found = [path for path, place in keys.items() if place.line == line]
    is_pair = "=" in lines[line - 1] and not lines[line - 1].lstrip().startswith("[")
    return counted_from_one(found[0]) if found and is_pair else ""
