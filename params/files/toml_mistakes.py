"""Say what is wrong with a line that is no TOML, and what to write instead.

The parser knows only what it expected; what people write instead are a few things: signs of a Chinese
keyboard, dates and numbers as a spreadsheet shows them, words without quotes, a key given twice.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection
from typing import Final

from params.files import brackets
from params.files.mistake import Mistake, cut, without_comment, write
from params.files.positions import Place, Twice, positions_of
from params.files.written import date_meant, day_never, grouped, number_meant, share_words
from params.language import said

_AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_PAIR: Final = re.compile(r"^\s*(?P<key>[^=#]+?)\s*=\s*(?P<value>[^#]*?)\s*(?:#.*)?$")
_PERCENT: Final = re.compile(r"^([-+]?\d+(?:\.\d+)?)\s*[%‰％]$")
_TRUTH: Final = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
_YES_NO: Final = {"yes": "true", "是": "true", "no": "false", "否": "false"}
_BARE: Final = re.compile(r"^[^\W\d][\w .-]*$")
_KEY: Final = re.compile(r"^[A-Za-z0-9_.-]+$")
_PLAIN: Final = {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "。": ".",
    "、": ",",
    "【": "[",
    "】": "]",
    **dict.fromkeys("「」『』", '"'),
    "〔": "[",
    "〕": "]",
    "〖": "[",
    "〗": "]",
}
_BEHIND: Final = re.compile(
    r"^(.*?[^\s;；,，。、])(\s*[;；,，。、]+|\s+(?://|--|[（(]|[^\x00-\x7f\s]).*)$"
)
"""A value, and behind it a mark that ends a sentence or list, or a remark without #."""
_NO_VALUE: Final = ("null", "None", "none", "nil", "NaN", "NA", "N/A", "空", "无")


def mistake_at(
    text: str, lines: list[str], error: Exception, lists: Collection[str] = ()
) -> Mistake:
    """Say what a parser's error means.

    Parameters
    ----------
    text : the file as it is.
    lines : its lines as they were parsed; those that were said already are empty.
    lists : names of lists of tables, which have two brackets.
    """
    if isinstance(error, RecursionError):
        return Mistake(
            brackets.deepest(text),
            said("lists or tables stand too deep in each other", "列表或表嵌套过深"),
            said("a scenario of a few levels", "仅数层嵌套"),
            "",
            repaired=None,
        )
    at = _AT.search(str(error))
    if at is None:
        return _without_place(text, lines, error, lists)
    line, column = int(at[1]), int(at[2])
    written = lines[line - 1] if line <= len(lines) else ""
    unclosed = positions_of("\n".join(lines)).unclosed if "Unclosed" in str(error) else None
    if unclosed is None and brackets.begins_anew(written):
        unclosed = positions_of("\n".join(lines[: line - 1])).unclosed
    if unclosed is not None:
        return brackets.unclosed(text, lines, unclosed)
    return (
        _twice(text, lines, str(error), line, lists)
        or brackets.header_mistake(line, written, lists)
        or brackets.lone_bracket(line, written)
        or brackets.over_lines(line, lines)
        or _of_line(line, column, written)
        or Mistake(Place(line, column), *_parsers_words(str(error)), _as_text(written))
    )


def _without_place(
    text: str, lines: list[str], error: Exception, lists: Collection[str]
) -> Mistake:
    """Say errors for which the parser names no line: at the end of the file, and of long numbers."""
    for k, line in enumerate(lines, start=1):
        if re.search(r"\d{4000,}", line):
            found = said("a number of thousands of digits", "数字有数千位")
            return Mistake(
                Place(k, 1), found, said("a number of a few digits", "常规位数的数字"), ""
            )
    twice = _twice(text, lines, str(error), len(lines), lists)
    if twice is not None:
        return twice
    unclosed = positions_of("\n".join(lines)).unclosed
    if unclosed is not None:
        return brackets.unclosed(text, lines, unclosed)
    last = len(lines) or 1
    while last > 1 and not lines[last - 1].strip():
        last -= 1
    in_line = brackets.header_mistake(last, lines[last - 1], lists) or _of_line(
        last, 1, lines[last - 1]
    )
    if in_line is not None:
        return in_line
    return Mistake(Place(last, 1), *_parsers_words(str(error)), repaired=None)


def _twice(
    text: str, lines: list[str], message: str, line: int, lists: Collection[str]
) -> Mistake | None:
    """Say a key or table that stands twice, with both lines."""
    if not re.search(r"overwrite|twice|redefine|mutate|Duplicate", message):
        return None
    found = positions_of("\n".join(lines)).twice
    # The parser names the place behind the second one.
    near = [one for one in found if one.again.line <= line] or found
    if not near:
        return None
    return said_twice(near[-1], text, lists)


def said_twice(one: Twice, text: str, lists: Collection[str] = ()) -> Mistake:
    """Say a key or table that stands twice, with both lines."""
    name = one.path.rpartition(".")[2]
    first, again = one.first.line, one.again.line
    header = text.split("\n")[again - 1].lstrip().startswith("[")
    advice = said("keep one of the two lines", "两行只留一行")
    if header and one.path in lists:
        advice = said(f"write each as [[{one.path}]]", f"请各写作 [[{one.path}]]")
    elif header:
        advice = said("join both tables into one", "请把两个表合为一个")
    return Mistake(
        one.again,
        said(
            f"{name} stands twice: lines {first} and {again}",
            f"{name} 重复：第{first}行和第{again}行",
        ),
        said("each key once", "每个键只写一次"),
        advice,
        repaired="",
        is_apart=header,
    )


def _of_line(line: int, column: int, written: str) -> Mistake | None:
    """Say what a line has instead of TOML."""
    code = without_comment(written)
    for say in (_of_pair, _of_colon):
        found = say(line, written, code)
        if found is not None:
            return found
    wide = [sign for sign in _outside_quotes(code) if _is_typed_wide(sign)]
    if wide:
        signs = " ".join(dict.fromkeys(wide))
        # Brackets and quotes that open nothing leave the lines after it as they are.
        place = Place(line, 1 + min(written.find(sign) for sign in wide))
        return Mistake(
            place,
            said(f"signs of a Chinese keyboard: {signs}", f"使用了全角符号：{signs}"),
            said("plain signs (half-width)", "半角符号"),
            said(f"type {_plain(wide)} instead", f"请改为 {_plain(wide)}"),
            _typed_plain(written),
        )
    match = _PAIR.match(code)
    if match and code.lstrip().startswith("["):
        return None
    if match:
        return None
    stripped = code.strip()
    if stripped and not stripped.startswith("[") and "=" not in stripped:
        advice = said("begin remarks with #", "说明文字请以 # 开头")
        if stripped[0] in "\"'”“" or column > len(written):
            return None if stripped[0] in "]}" else _no_pair(line, written, advice)
        return None if stripped[0] in "]})" else _no_pair(line, written, advice)
    return None


def _of_pair(line: int, written: str, code: str) -> Mistake | None:
    """Say what a key or its value has that no TOML takes, if what was meant is plain."""
    match = _PAIR.match(code)
    if match is None or code.lstrip().startswith("["):
        return None
    key, value = match["key"], match["value"]
    start = Place(line, 1 + written.find("=") + 1 + _blank(written, written.find("=") + 1))
    if " " in key.strip() and re.fullmatch(r"[\w .-]+", key):
        meant = "_".join(key.split())
        return Mistake(
            Place(line, 1 + _blank(written, 0)),
            said(f"a space in the key {key.strip()}", f"键名含空格：{key.strip()}"),
            said("key = value, the key without spaces", "键 = 值，键名不含空格"),
            write(f"{meant} = {value}"),
        )
    if not value:
        return Mistake(
            start,
            said("no value behind the equals sign", "等号后没有值"),
            said("key = value", "键 = 值"),
            said("write a value, or delete the line", "请写出取值，或删除此行"),
        )
    if not _is_toml(value) and (behind := _BEHIND.match(value)) and _is_toml(behind[1]):
        text = behind[2].strip()
        return Mistake(
            Place(line, start.column + value.rindex(text)),
            said(f"text behind the value: {cut(text)}", f"取值后有文字：{cut(text)}"),
            said("nothing behind a value but # and a remark", "取值后只能是以 # 开头的说明"),
            said("delete it, or write # before it", "请删除，或在其前加 #"),
            f"{key} = {behind[1]}",
        )
    said_of = None if _is_toml(value) else _of_value(value)
    if said_of is None and not _is_toml(value) and (behind := _BEHIND.match(value)):
        said_of = _of_value(behind[1])
    return None if said_of is None else Mistake(start, *said_of, _as_text(written))


def _of_colon(line: int, written: str, code: str) -> Mistake | None:
    """Say that a colon stands for the equals sign."""
    colon = re.match(r"^\s*([\w.-]+)\s*[:：]\s*(.+?)\s*$", code)
    if colon is None or "=" in code:
        return None
    value = colon[2] if _is_toml(colon[2]) or not _BARE.match(colon[2]) else f'"{colon[2]}"'
    found = _no_pair(line, written, write(f"{colon[1]} = {value}"))
    known = _KEY.match(colon[1]) is not None
    return found._replace(repaired=f'{colon[1]} = ""' if known else "")


def _is_toml(value: str) -> bool:
    """Say whether a text is one value of TOML."""
    try:
        return len(tomllib.loads(f"a = {value}")) == 1 and "\n" not in value
    except (ValueError, RecursionError):
        return False


def _no_pair(line: int, written: str, advice: str) -> Mistake:
    return Mistake(
        Place(line, 1 + _blank(written, 0)),
        said("a line without an equals sign", "此行没有等号"),
        said("key = value, or [table]", "键 = 值，或 [表]"),
        advice,
    )


def _of_value(value: str) -> tuple[str, str, str] | None:
    """Say what was found, what is allowed and what to do, of a value that is no TOML."""
    plain = unicodedata.normalize("NFKC", value).strip()
    found = said(f"found {cut(value)}", f"写的是 {cut(value)}")
    if never := day_never(value):
        return found, *never
    if date := date_meant(value):
        return found, said("a date: 2023-07-01", "日期，如 2023-07-01"), write(date)
    if match := _PERCENT.match(plain):
        return found, *share_words(float(match[1]))
    if number := grouped(plain):
        return found, said("a number without separators", "数字，不加分隔符"), write(number)
    if (number := number_meant(value)) and number != plain:
        return found, said("a plain number", "数字"), write(number)
    if plain in _TRUTH or plain.lower() in _YES_NO:
        word = _TRUTH.get(plain) or _YES_NO[plain.lower()]
        return found, said("true or false", "true 或 false"), write(word)
    if plain in _NO_VALUE:
        return (
            found,
            said("a value", "取值"),
            said("leave the line out if nothing is meant", "不设此项请删除此行"),
        )
    if meant := brackets.list_meant(value):
        return meant
    if _BARE.match(plain):
        return found, said("text in quotes", "文字须加引号"), write(f'"{plain}"')
    if "\\" in value and value.startswith('"'):
        return (
            found,
            said("text without \\, or in single quotes", "文字中不用 \\，或改用单引号"),
            said("write paths with /", "路径请用 /"),
        )
    return None


def _parsers_words(message: str) -> tuple[str, str, str]:
    """Say in our words what the parser could not read."""
    for sign, (found, allowed) in _SAID.items():
        if sign in message:
            return (
                said(*found),
                said(*allowed),
                "",
            )
    return said("this line cannot be read", "此行无法读懂"), said("TOML", "TOML 格式"), ""


_SAID: Final = {
    "'='": (
        ("no equals sign behind the key", "键后没有等号"),
        ("key = value", "键 = 值"),
    ),
    "end of document after": (
        ("more than one value in a line", "一行写了多项"),
        ("one key = value a line, text in quotes", "每行一个 键 = 值，文字加引号"),
    ),
    "table declaration": (
        ("a table's name that is not closed", "表名没有写完"),
        ("[table], or [[list of tables]]", "[表] 或 [[列表]]"),
    ),
    "Unterminated string": (
        ("a text that is not closed", "文字缺少结束引号"),
        ("text in quotes, in one line", "引号成对，写在一行内"),
    ),
    "Illegal character": (
        ("a sign that text may not have, or a quote that is missing", "缺少引号，或含有不可见字符"),
        ("text in quotes, in one line", "引号成对，写在一行内"),
    ),
    "invalid character": (
        ("a sign that may not stand here", "含有不可见字符"),
        ("plain text", "普通文字"),
    ),
    "\\": (
        ("a \\ in a text", "文字中有 \\"),
        ("text in single quotes, or / in paths", "改用单引号，路径用 /"),
    ),
    "inline table": (
        ("a table in braces that is not closed", "花括号没有写完"),
        ("{ key = value, key = value } in one line", "{ 键 = 值, 键 = 值 }，写在一行内"),
    ),
    "array": (
        ("a list that is not closed", "列表没有写完"),
        ("[value, value]", "[值, 值]"),
    ),
    "date": (
        ("a day that no calendar has", "没有这一天"),
        ("a date: 2023-07-01", "日期，如 2023-07-01"),
    ),
    "Invalid value": (
        ("a value that is no number, date, text in quotes, true or false", "取值写法不对"),
        (
            "a number, a date, text in quotes, true or false",
            "数字、日期、带引号的文字、true 或 false",
        ),
    ),
    "initial character for a key": (
        ("a key that begins with no letter", "键不以字母开头"),
        ("key = value", "键 = 值"),
    ),
    "Invalid statement": (
        ("a line that is no key and no table", "此行既不是键也不是表"),
        ("key = value, or [table]", "键 = 值，或 [表]"),
    ),
}
"""Words of the parser, and what to say instead: what was found, what is allowed."""


def _as_text(line: str) -> str | None:
    """Return a line with its value in quotes; none for the name of a table."""
    match = _PAIR.match(without_comment(line))
    if match is None or line.lstrip().startswith("["):
        return None if line.lstrip()[:1] in ("[", "]", "}", "{") else ""
    value = "".join(sign for sign in match["value"] if sign.isprintable() and sign not in "\"'\\")
    key = match["key"] if _KEY.match(match["key"]) else ""
    return f'{key} = "{value}"' if key else ""


def _typed_plain(line: str) -> str:
    """Return a line as a keyboard of plain signs would have typed it."""
    return "".join(_typed(sign) if _is_typed_wide(sign) else sign for sign in line)


def _typed(sign: str) -> str:
    return _PLAIN.get(sign) or unicodedata.normalize("NFKC", sign)


def _blank(text: str, start: int) -> int:
    rest = text[start:]
    return len(rest) - len(rest.lstrip())


def _outside_quotes(line: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", line)


def _is_typed_wide(sign: str) -> bool:
    plain = unicodedata.normalize("NFKC", sign)
    return sign in _PLAIN or (plain != sign and plain.isascii())


def _plain(signs: list[str]) -> str:
    made = [_typed(sign) for sign in signs]
    return " ".join(dict.fromkeys(made))
