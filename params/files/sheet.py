"""Read a table as people have it: a CSV of any spreadsheet program, or a workbook.

Excel saves dates as 2021/1/1 or as numbers of days, leaves blank rows and columns behind, writes in GBK or
UTF-16, parts cells by semicolons or tabs; a keyboard types full-width digits. All tables that a user names
are read here, so that what one of them takes all take.
"""

import csv
import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from params.errors import ParamError, Problem, cell_place, missing_file, nearest
from params.files.toml_file import reason, shown
from params.files.written import date_meant, grouped
from params.language import said

WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of Excel begin, .xlsx and .xls."""
SEPARATORS: Final = (",", "\t", ";", "，", "|")
MOST_TITLES: Final = 4
"""Rows that may stand above a table's head: a title, who made it, the unit."""
MOST_IN_TITLE: Final = 2
"""Cells that such a row has at most."""
LONGEST_CELL: Final = 131_072
FIRST_DAY: Final = dt.date(1899, 12, 30)
"""Day 0 of the days that Excel counts."""
SERIALS: Final = range(18_264, 80_000)
"""Days that Excel counts and that are meant as dates: 1950 to 2119."""
HEADERS: Final[Mapping[str, str]] = {
    "日期": "date",
    "人数": "count",
    "数量": "count",
    "到达人数": "count",
    "天数": "days",
    "停留天数": "days",
    "年份": "year",
    "年": "year",
    "指标": "measure",
    "数值": "value",
    "值": "value",
    "人口口径": "basis",
    "口径": "basis",
    "区域": "area",
    "区": "area",
    "地区": "area",
    "公布年份": "published",
    "误差": "error",
    "相对标准误": "error",
    "区名": "district",
    "名称": "name",
    "床位": "beds",
    "床位数": "beds",
    "性别": "sex",
    "年龄": "age",
}
"""Chinese headers of tables, as our own files print them or people write them."""


@dataclass(frozen=True)
class Sheet:
    """The cells of one table as text, with the line that each row ends on."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    head: int = 1
    """Line of the header; titles may stand above it."""

    def cells(self, column: str) -> list[str]:
        """Return one column as text."""
        index = self.header.index(column)
        return [row[index] for row in self.rows]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line and the cells of each row by column."""
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, dict(zip(self.header, row, strict=True))

    def require(self, columns: Sequence[str]) -> None:
        """Refuse a table without some columns.

        Raises
        ------
        ParamError
            Naming each of them, with what may be meant.
        """
        if missing := self.missing(columns):
            raise ParamError(missing)

    def missing(self, columns: Sequence[str]) -> list[Problem]:
        """List the columns that are not there."""
        return [
            Problem(
                cell_place(self.file, self.head),
                said(f"no column {name}", f"缺少 {name} 列"),
                said(f"columns {', '.join(columns)}", f"各列 {'、'.join(columns)}"),
                nearest(name, [found for found in self.header if found and found not in columns]),
            )
            for name in columns
            if name not in self.header
        ]


def read_sheet(path: Path, names: Mapping[str, str] = HEADERS) -> Sheet:
    """Read a CSV file or the first sheet of a workbook.

    Parameters
    ----------
    names : ids of columns by the headers that they may have besides.

    Raises
    ------
    ParamError
        If it cannot be read, is empty, or a row has cells beyond the header.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        where = shown(path)
        raise ParamError(Problem(where, missing_file(), _wanted())) from None
    except (OSError, ValueError) as error:
        found = said(f"cannot be read: {reason(error)}", f"无法读取：{reason(error)}")
        raise ParamError(Problem(shown(path), found, _wanted())) from None
    if data.startswith(WORKBOOKS):
        numbered = _rows_of_workbook(path, data)
    else:
        numbered = _rows_of_text(path.name, decoded(path.name, data))
    return _sheet(path.name, numbered, names)


def decoded(file: str, data: bytes) -> str:
    """Return a file's text, of whichever encoding a spreadsheet program saved it in."""
    codecs = ["utf-8-sig", "gb18030"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codecs = ["utf-16"]
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ParamError(
        Problem(
            file,
            said("its encoding is not known", "文件编码无法识别"),
            said("UTF-8, UTF-16 or GB18030", "UTF-8、UTF-16 或 GB18030"),
            said("save it as CSV UTF-8", "请另存为 CSV UTF-8"),
        )
    )


def _wanted() -> str:
    return said("a CSV file or a workbook", "CSV 文件或 Excel 工作簿")


def _rows_of_text(file: str, text: str) -> list[tuple[int, list[str]]]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    filled = [line for line in text.split("\n") if line.strip()]
    first = filled[0] if filled else ""
    if len(filled) > 1 and "，" in first and "，" not in filled[1]:
        first = filled[1]  # the comma of a sentence above the head
    separator = max(SEPARATORS, key=first.count) if first else ","
    if first.startswith("sep=") and len(first) == 5:  # Excel's own first line
        separator, text = first[4], text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
    except csv.Error:
        found = said(
            "a cell that is too long, or a quote that never ends", "单元格过长，或引号没有结束"
        )
        allowed = said(f"at most {LONGEST_CELL:,} characters", f"至多 {LONGEST_CELL:,} 个字符")
        raise ParamError(Problem(cell_place(file, reader.line_num), found, allowed)) from None
    return rows


def _rows_of_workbook(path: Path, data: bytes) -> list[tuple[int, list[str]]]:
    from python_calamine import load_workbook  # most tables are CSV

    try:
        book = load_workbook(io.BytesIO(data))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception:  # the library has errors of its own for every kind of damage
        found = said("is no workbook that can be read", "不是可读的 Excel 工作簿")
        advice = said("save it as CSV UTF-8", "请另存为 CSV UTF-8")
        raise ParamError(Problem(path.name, found, _wanted(), advice)) from None
    return [(line, [_as_text(cell) for cell in row]) for line, row in enumerate(cells, start=1)]


def _as_text(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _sheet(file: str, numbered: list[tuple[int, list[str]]], names: Mapping[str, str]) -> Sheet:
    filled = [(n, [cell.strip() for cell in row]) for n, row in numbered]
    filled = [(n, row) for n, row in filled if any(row)]
    if not filled:
        raise ParamError(Problem(file, said("the file is empty", "文件为空"), _wanted()))
    filled = _without_titles(filled, names)
    header = [_plain(cell) for cell in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    header = [name if name in names.values() else names.get(name, name) for name in header]
    width, body, problems = (
        len(header),
        filled[1:],
        list(_header_faults(file, filled[0][0], header)),
    )
    if body and not {*header} & {*names.values()}:
        titled = list(_title_fault(file, filled[0][0], header, body))
        if titled:  # what the rows below hold nobody can say
            raise ParamError(titled)
    for line, row in body:
        if any(row[width:]):
            n = max(k for k, cell in enumerate(row) if cell) + 1
            found = said(f"{n} cells", f"{n} 个单元格")
            allowed = said(f"{width} cells, as the header", f"{width} 个，与表头相同")
            problems.append(Problem(cell_place(file, line), found, allowed))
    if problems:
        raise ParamError(problems)
    rows = tuple((*row[:width], *[""] * (width - len(row))) for _, row in body)
    lines = tuple(line for line, _ in body)
    return Sheet(file, tuple(header), rows, lines, filled[0][0])


Rows = list[tuple[int, list[str]]]


def _without_titles(rows: Rows, names: Mapping[str, str]) -> Rows:
    """Drop the titles above a table's head.

    A head has known names of columns only where nothing above has any: of a row with one or two cells that
    are none, above one with nothing but known names, or two of them at least, nobody takes it for the head.
    """
    known = {*names, *names.values()}
    for k, (_, row) in enumerate(rows[: MOST_TITLES + 1]):
        cells = [_plain(cell) for cell in row if cell]
        n_known = sum(cell in known for cell in cells)
        if n_known >= min(2, len(cells)):
            return rows[k:]
        if n_known or len(cells) > MOST_IN_TITLE:
            break
    return rows


def _title_fault(file: str, line: int, header: Sequence[str], body: Rows) -> Iterator[Problem]:
    """Say that a row looks like a title: it has one cell, and what follows has more."""
    if len([c for c in header if c]) == 1 and len([c for c in body[0][1] if c]) > 1:
        title = next(cell for cell in header if cell)
        yield Problem(
            cell_place(file, line),
            said(f"found {title!r}, which looks like a title", f"写的是 {title!r}，似为标题"),
            said("names of columns in the first row", "首行为列名"),
            said("delete the rows above the names of columns", "请删去列名以上各行"),
        )


def _header_faults(file: str, line: int, header: Sequence[str]) -> Iterator[Problem]:
    for k, name in enumerate(header):
        if name and name in header[:k]:
            found = said(f"column {name} stands twice", f"{name} 列重复")
            yield Problem(cell_place(file, line), found, said("each column once", "每列一次"))


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def plain_number(cell: str) -> str:
    """Return a cell's number with plain digits and without separators; any other text as it is."""
    plain = _plain(cell).replace("\N{MINUS SIGN}", "-")
    return grouped(plain) or plain


def number_in(cell: str, whole: bool = False) -> float | int | None:
    """Return the number in a cell; none where there is none, or no finite one."""
    plain = plain_number(cell)
    if not plain.isascii() or "_" in plain or len(plain) > 40:
        return None
    try:
        number = float(plain)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    if whole:
        return int(number) if number.is_integer() else None
    return number


def date_in(cell: str) -> dt.date | None:
    """Return the date in a cell, as ISO or Excel writes it; none where there is none."""
    plain = re.sub(r"[T ]0{1,2}:00(:00(\.0+)?)?$", "", _plain(cell))
    if (
        meant := date_meant(plain)
        if plain.count("-") + plain.count("/") >= 2 or "年" in plain
        else ""
    ):
        return dt.date.fromisoformat(meant) if _has_day(plain) else None
    if plain.isdigit() and len(plain) == 8:
        try:
            return dt.datetime.strptime(plain, "%Y%m%d").date()
        except ValueError:
            return None
    if plain.isdigit() and len(plain) == 5 and int(plain) in SERIALS:
        return FIRST_DAY + dt.timedelta(days=int(plain))
    return None


def _has_day(text: str) -> bool:
    return len(re.findall(r"\d+", text)) == 3
