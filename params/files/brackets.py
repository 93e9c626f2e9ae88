"""Say what is wrong with brackets: names of tables, lists and inline tables that do not close, wrong kinds.

Where a list ends that is not closed nobody can know; but no list holds the name of a table or a key with an
equals sign at the start of a line: what begins there is read again.
"""

import re
from collections.abc import Collection
from typing import Final

from params.files.mistake import Mistake, cut, without_comment, write
from params.files.positions import HEADER, Place
from params.language import said

CLOSING: Final = {"[": "]", "{": "}", "(": ")", "<": ">"}
_NAME: Final = r"[A-Za-z_][\w.-]*"
_WITH_SPACE: Final = re.compile(rf"^\s*\[\[?\s*({_NAME}(?:\s+{_NAME})+)\s*\]\]?\s*$")
_WITH_TEXT: Final = re.compile(rf"^\s*(\[\[?\s*{_NAME}\s*\]\]?)\s*([^\s\]#].*)$")
_GOES_ON: Final = re.compile(rf"^\s*(\[\[?\s*{_NAME}\s*\]\]?\s*(#.*)?$|{_NAME}\s*=)")
"""A line that begins something new: a table or a key."""
_TABLE: Final = re.compile(r"^\s*\[\[?\s*[A-Za-z_]")
_LONE: Final = re.compile(r"^[\s\])},]+$")
_IN_OTHERS: Final = re.compile(r"^[({<](?P<items>[^=]*)[)}>]$")
MOST_LINES: Final = 200
"""Lines that a list may have in which its end is looked for."""


def header_mistake(line: int, written: str, lists: Collection[str]) -> Mistake | None:
    """Say that a table's name has brackets that are missing, too many or of another kind.

    Parameters
    ----------
    lists : names of lists of tables, which have two brackets.
    """
    code = without_comment(written)
    place = Place(line, 1 + len(written) - len(written.lstrip()))
    if match := _WITH_SPACE.match(code):
        return _with_space(place, written, ".".join(match[1].split()), lists)
    if match := _WITH_TEXT.match(code):
        header, text = match[1], match[2].strip()
        found = said(f"text behind a table's name: {cut(text)}", f"表名后有文字：{cut(text)}")
        allowed = said("[table] alone in its line", "[表] 独占一行")
        advice = write(f"{header}  # {text}")
        if "=" in text:
            advice = said(f"put {text} in the next line", f"请把 {text} 另起一行")
        return Mistake(place, found, allowed, advice, header)
    match = HEADER.match(code)
    if match is None or not (match["opens"] or match["closes"]):
        return None
    name, opens, closes = match["name"], match["opens"], match["closes"]
    if (opens, closes) in (("[", "]"), ("[[", "]]")):
        return None
    many = max(len(opens), len(closes)) == 2
    is_list = many or name in lists
    return Mistake(
        place,
        said(f"found {cut(written.strip())}", f"写的是 {cut(written.strip())}"),
        said("[table], or [[list of tables]]", "[表] 或 [[列表]]"),
        write(f"[[{name}]]" if is_list else f"[{name}]"),
        f"[[{name}]]" if many else f"[{name}]",
    )


def _with_space(place: Place, written: str, name: str, lists: Collection[str]) -> Mistake:
    """Say that a table's name has a space; what stands in it is read where the name is known."""
    header = f"[[{name}]]" if name in lists else f"[{name}]"
    return Mistake(
        place,
        said(f"found {cut(written.strip())!r}", f"写的是 {cut(written.strip())!r}"),
        said("a table's name without spaces", "表名不含空格"),
        write(header),
        header if name in lists else None,
    )


def begins_anew(line: str) -> bool:
    """Say whether a line names a table or gives a key a value: no list goes on in it."""
    return _GOES_ON.match(line) is not None


def unclosed(text: str, lines: list[str], place: Place) -> Mistake:
    """Say where a list, an inline table or a text begins that never ends."""
    line = text.split("\n")[place.line - 1]
    sign = line[place.column - 1 :][:1]
    sign = {"【": "[", "［": "[", "｛": "{"}.get(sign, sign)
    closing = CLOSING.get(sign, sign)
    last = without_comment(line).rstrip()[-1:]
    wrong = last if last in ")}]>" and last != closing else ""
    advice = said(f"write {closing} instead of {wrong}", f"请把 {wrong} 改为 {closing}")
    return Mistake(
        place,
        said(f"begins with {sign} and never ends", f"以 {sign} 开始，没有结束"),
        said(f"{closing} at its end", f"以 {closing} 结束"),
        advice if wrong else "",
        *_left_out(lines, place.line, sign),
    )


def _left_out(lines: list[str], line: int, sign: str) -> tuple[str | None, int]:
    """Return what to read in place of what never ends, and how many more lines belong to it."""
    key = re.match(rf"^\s*({_NAME})\s*=", lines[line - 1])
    if key is None or sign not in CLOSING:
        return None, 0
    # In braces there are pairs; where something stands behind the brace they stand in this line.
    opened_last = without_comment(lines[line - 1]).rstrip().endswith("{")
    begins = _TABLE if opened_last else _GOES_ON
    following = 0
    for other in lines[line : line + MOST_LINES]:
        if begins.match(other):
            break
        following += 1
        if opened_last and other.strip().startswith("}"):
            break
    return f'{key[1]} = ""', following


def over_lines(line: int, lines: list[str]) -> Mistake | None:
    """Say that an inline table stands in more than one line."""
    written = lines[line - 1]
    code = without_comment(written)
    key = re.match(rf"^\s*({_NAME})\s*=\s*\{{", code)
    if key is None or code.count("{") <= code.count("}"):
        return None
    depth = 0
    for k, other in enumerate(lines[line - 1 : line + MOST_LINES]):
        if k and _TABLE.match(other):
            return None
        depth += without_comment(other).count("{") - without_comment(other).count("}")
        if depth <= 0:
            return Mistake(
                Place(line, 1 + written.index("{", written.index("="))),
                said("a table in braces over several lines", "花括号内的表分了多行"),
                said("{ a = 1, b = 2 } in one line", "{ a = 1, b = 2 }，写在一行内"),
                said("join the lines", "请并为一行"),
                f'{key[1]} = ""',
                k,
            )
    return None


def lone_bracket(line: int, written: str) -> Mistake | None:
    """Say that a bracket closes nothing."""
    if not written.strip() or not _LONE.match(written):
        return None
    return Mistake(
        Place(line, 1 + len(written) - len(written.lstrip())),
        said(f"found {written.strip()}", f"写的是 {written.strip()}"),
        said("a bracket that closes one above", "与上文配对的括号"),
        said("delete it", "请删除"),
    )


def list_meant(value: str) -> tuple[str, str, str] | None:
    """Say what was found, what is allowed and what to do, of a list in other brackets or without commas."""
    found = said(f"found {cut(value)}", f"写的是 {cut(value)}")
    if match := _IN_OTHERS.match(value):
        allowed = said("lists stand in [ ]", "列表用 [ ]")
        return found, allowed, write(f"[{match['items'].strip()}]")
    if value.startswith("[") and value.endswith("]") and not re.search(r"[\[\]{}]", value[1:-1]):
        items = re.findall(r"\"[^\"]*\"|'[^']*'|[^\s,;|/，、；]+", value[1:-1])
        allowed = said("commas between the items of a list", "列表各项以英文逗号隔开")
        return found, allowed, write(f"[{', '.join(items)}]")
    return None


def deepest(text: str) -> Place:
    """Return the place where lists or tables stand deepest in each other."""
    deep = most = 0
    place, line, start = Place(1, 1), 1, 0
    for k, sign in enumerate(text):
        if sign == "\n":
            line, start = line + 1, k + 1
        deep += (sign in "[{") - (sign in "]}")
        if deep > most:
            most, place = deep, Place(line, k - start + 1)
    return place
