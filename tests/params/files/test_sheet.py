"""A table is read alike however a spreadsheet program has written it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from params.errors import ParamError
from params.files.sheet import HEADERS, date_in, number_in, read_sheet
from params.language import speak
from params.network.load import load_network
from runs.texts.wording import wording

DAYS = [dt.date(2021, 1, 1) + dt.timedelta(days=k) for k in range(5)]
COUNTS = (3, 0, 1200, 2, 7)
NETWORK = """
[network]
first_day = 2021-01-01
days = 5
districts = ["A"]
[[network.pools]]
name = "p"
resource = "bed"
district = "A"
capacity = 5
[[network.stages]]
name = "s"
resource = "bed"
stay = {{ distribution = "exponential", mean = 5.0 }}
[[network.arrivals]]
stage = "s"
district = "A"
file = "{file}"
"""
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "excel"


def text(date: Callable[[dt.date], str], separator: str = ",", head: str = "date,count") -> str:
    rows = [f"{date(day)}{separator}{count}" for day, count in zip(DAYS, COUNTS, strict=True)]
    return "\n".join([head.replace(",", separator), *rows, ""])


def serial(day: dt.date) -> str:
    return str((day - dt.date(1899, 12, 30)).days)


FORMS = {
    "iso": text(dt.date.isoformat).encode(),
    "slashes": text(lambda d: f"{d.year}/{d.month}/{d.day}").encode(),
    "short": text(lambda d: f"{d.year}-{d.month}-{d.day}").encode(),
    "serials": text(serial).encode(),
    "chinese": text(lambda d: f"{d.year}年{d.month}月{d.day}日").encode(),
    "midnight": text(lambda d: f"{d} 00:00:00").encode(),
    "bom": text(dt.date.isoformat).encode("utf-8-sig"),
    "gbk": text(dt.date.isoformat, head="日期,人数").encode("gb18030"),
    "utf16": text(dt.date.isoformat, "\t").encode("utf-16"),
    "semicolons": text(dt.date.isoformat, ";").encode(),
    "tabs": text(dt.date.isoformat, "\t").encode(),
    "carriage": text(dt.date.isoformat).replace("\n", "\r").encode(),
    "blank": text(dt.date.isoformat).replace("\n", ",,\r\n").encode() + b",,,\r\n,,,\r\n",
    "grouped": text(dt.date.isoformat).replace("1200", '"1,200"').encode(),
    "wide": text(dt.date.isoformat).replace("1200", "１２００").encode(),
    "note": text(dt.date.isoformat, head="日期,人数,备注").encode(),
    "sep": b"sep=;\n" + text(dt.date.isoformat, ";").encode(),
}


def counts_in(folder: Path, file: str) -> list[tuple[dt.date, float]]:
    scenario = folder / "own.toml"
    scenario.write_text(NETWORK.format(file=file), encoding="utf-8")
    (arrival,) = load_network(scenario).plan.arrivals
    return [(row.date, row.count) for row in arrival.counts]


@pytest.mark.parametrize("form", FORMS)
def test_a_table_of_any_form_says_the_same(tmp_path: Path, form: str) -> None:
    (tmp_path / "arrivals.csv").write_bytes(FORMS[form])
    assert counts_in(tmp_path, "arrivals.csv") == list(zip(DAYS, COUNTS, strict=True))


@pytest.mark.parametrize("name", ["arrivals.xlsx", "arrivals.csv"])
def test_a_workbook_is_a_table_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    book = xlsxwriter.Workbook(tmp_path / name)
    sheet = book.add_worksheet()
    form = book.add_format({"num_format": "yyyy/m/d"})
    sheet.write_row(0, 0, ["日期", "人数", "备注"])
    for k, (day, count) in enumerate(zip(DAYS, COUNTS, strict=True), start=1):
        sheet.write_datetime(k, 0, dt.datetime.combine(day, dt.time()), form)
        sheet.write(k, 1, count)
    sheet.write_blank(9, 4, None, form)
    book.close()
    assert counts_in(tmp_path, name) == list(zip(DAYS, COUNTS, strict=True))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the files of other people lie beside the checkout")
def test_what_excel_wrote_for_other_people_is_read_alike() -> None:
    tables = [read_sheet(path) for path in sorted(SHARED.glob("*.csv"))]
    found = {
        tuple((date_in(r["date"]), number_in(r["count"])) for _, r in t.records()) for t in tables
    }
    assert len(tables) == 5
    assert len(found) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "bad.csv: the file is empty"),
        (b"\x80\xff\xfe", "bad.csv: its encoding is not known"),
        (b"a,b\n1,2,3\n", "bad.csv, line 2: 3 cells"),
        (b"a,a\n1,2\n", "bad.csv, line 1: column a stands twice"),
        (b"a\n" + b"x" * 200_000 + b"\n", "bad.csv, line 2: a cell that is too long"),
        (b"PK\x03\x04 no workbook", "bad.csv: is no workbook that can be read"),
        (b"a\0b,c\n1,2\n", "bad.csv: its encoding is not known"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    with pytest.raises(ParamError) as refused:
        read_sheet(path)
    assert str(refused.value).startswith(said)
    assert len(refused.value.problems) == 1


def test_a_folder_and_a_name_with_nul_are_no_tables(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "a\0b.csv", tmp_path / ("a" * 300)):
        with pytest.raises(ParamError):
            read_sheet(path)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,200", 1200),
        ("１２", 12),
        ("-3.5", -3.5),
        ("1e3", 1000),
        ("1,20", None),
        ("nan", None),
        ("inf", None),
        ("1_000", None),
        ("", None),
        ("12人", None),
        ("9" * 400, None),
    ],
)
def test_a_number_is_one_or_none(cell: str, number: float | None) -> None:
    assert number_in(cell) == number


@pytest.mark.parametrize(
    "cell", ["2021", "2021-13-01", "2021/2/30", "44", "1-1-2021", "2021-01", "x", "", "999999"]
)
def test_what_is_no_day_is_none(cell: str) -> None:
    assert date_in(cell) is None


def test_headers_are_those_that_our_own_files_print() -> None:
    columns = wording("zh").sections["column"]
    for name in ("date", "year", "measure", "value", "basis", "area", "error"):
        assert HEADERS[columns[name]] == name


def test_a_missing_column_is_said_in_the_language_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("dat,count\n2021-01-01,1\n", encoding="utf-8")
    speak("zh")
    with pytest.raises(ParamError) as refused:
        read_sheet(path).require(("date", "count"))
    assert (
        str(refused.value)
        == "a.csv 第1行: 缺少 date 列\n    允许：各列 date、count\n    建议：是否指 dat？"
    )


HEAD = "日期,人数\n2021-01-01,5\n"


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("", 2),
        ("各区到达人数\n", 3),
        ("各区到达人数，2021年\n", 3),
        ("表1 到达人数,\n单位：人,制表：张三\n\n", 5),
    ],
)
def test_titles_above_a_head_that_is_known_are_passed_over(
    tmp_path: Path, above: str, line: int
) -> None:
    path = tmp_path / "titled.csv"
    path.write_text(above + HEAD, encoding="utf-8")
    sheet = read_sheet(path)
    assert (sheet.header, sheet.lines, sheet.head) == (("date", "count"), (line,), line - 1)
    speak("en")
    assert sheet.missing(["days"])[0].where == f"titled.csv, line {line - 1}"


def test_a_title_in_a_workbook_is_passed_over(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "titled.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 1, "各区到达人数")
    sheet.write_row(1, 0, ["日期", "人数"])
    sheet.write_row(2, 0, ["2021-01-01", 5])
    book.close()
    found = read_sheet(tmp_path / "titled.xlsx")
    assert (found.header, found.lines) == (("date", "count"), (3,))


def test_a_title_above_a_head_that_nobody_knows_is_told(tmp_path: Path) -> None:
    path = tmp_path / "titled.csv"
    path.write_text("各区到达人数\n日子,数\n2021-01-01,5\n", encoding="utf-8")
    speak("en")
    with pytest.raises(ParamError, match=r"line 1: found '各区到达人数', which looks like a title"):
        read_sheet(path)
    path.write_text("date\n2021-01-01,5\n", encoding="utf-8")  # a head of one known column is none
    with pytest.raises(ParamError, match="line 2: 2 cells"):
        read_sheet(path)
