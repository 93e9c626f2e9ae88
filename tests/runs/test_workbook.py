import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from runs.texts.wording import wording
from runs.workbook import number_formats, write_xlsx
from runs.write import dictionary_frame
from tests.runs.contract import flows, indicators, population, shortfall
from tests.runs.test_write import small


def test_a_workbook_has_a_sheet_a_table_and_a_dictionary(tmp_path: Path) -> None:
    write_xlsx({"shortfall": small(), "flows": flows()}, tmp_path / "a.xlsx", wording("zh"))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        names = book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    for sheet in ("供需缺口", "跨区入住", "数据字典"):
        assert f'name="{sheet}"' in names
    assert "养老床位合计" in texts


def test_an_own_networks_workbook_defines_its_summary_and_a_citys_does_not() -> None:
    own = dictionary_frame(("summary", "shortfall"), wording("zh"))
    assert set(own["file"]) == {"全程汇总", "供需缺口", "各表"}
    assert {"ci_low", "replications"} <= set(own.loc[own["file"] == "全程汇总", "column"])
    assert "refused" in set(own.loc[own["file"] == "供需缺口", "column"])
    city = dictionary_frame(("shortfall",), wording("zh"))
    assert "refused" not in set(city["column"])


def test_replications_are_counted_whole_where_places_are_not() -> None:
    frame = pd.DataFrame({"unit": ["places"], "measure": ["usable"], "replications": [20]})
    assert number_formats(frame, "replications", "#,##0.00") == ["#,##0"]


def test_a_workbook_has_the_same_bytes_when_written_again(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx({"population": population()}, tmp_path / name, wording("en"))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    frame = small().assign(flag="=1+1")
    write_xlsx({"shortfall": frame}, tmp_path / "a.xlsx", wording("en"))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def cells_shown(path: Path, sheet: str = "sheet1") -> dict[str, tuple[str, str]]:
    """Return value and number format of every cell with a number, read from the file itself."""
    with zipfile.ZipFile(path) as book:
        styles = book.read("xl/styles.xml").decode()
        cells = book.read(f"xl/worksheets/{sheet}.xml").decode()
    own = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    built_in = {"0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "49": "@"}
    used = re.findall(r'<xf numFmtId="(\d+)"', styles[styles.index("<cellXfs") :])
    formats = [{**built_in, **own}[number] for number in used]
    found = re.findall(r'<c r="(\w+)" s="(\d+)"><v>([^<]*)</v>', cells)
    return {at: (value, formats[int(style)]) for at, style, value in found}


def test_the_plans_own_units_are_shown_as_they_are(tmp_path: Path) -> None:
    frame = indicators().assign(simulated_2025=17.80000000004)
    write_xlsx({"indicators": frame}, tmp_path / "a.xlsx", wording("zh"))
    shown = cells_shown(tmp_path / "a.xlsx")
    row = list(frame["indicator"]).index("全市养老床位总数") + 2
    assert shown[f"F{row}"] == ("17.8", "General")
    assert shown[f"H{row}"] == ("17.8", "General")
    assert not [kind for _, kind in shown.values() if "%" in kind]


def test_every_number_is_shown_by_the_unit_of_its_column_or_row() -> None:
    frame = pd.DataFrame(
        {
            "unit": ["beds", "persons", "share", "share", "days", "万张", "%"],
            "measure": ["usable", "waiting", "share_in_time", "load", "wait_p90_days", "", ""],
            "mean": [1.0] * 7,
            "replications": [20] * 7,
        }
    )
    wanted = ["#,##0", "#,##0", "0.0%", "0.00", "#,##0.0", "General", "General"]
    assert number_formats(frame, "mean") == wanted
    assert set(number_formats(frame, "replications")) == {"#,##0"}


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("year", "0"),
        ("waiting", "#,##0"),
        ("occupancy_rate_p05", "0.0%"),
        ("load", "0.00"),
        ("wait_median_days_mc_error", "#,##0.0"),
        ("unmet", "#,##0"),
    ],
)
def test_columns_of_shortfalls_are_shown_by_their_unit(column: str, wanted: str) -> None:
    assert set(number_formats(shortfall(), column)) == {wanted}
    assert set(number_formats(population(), "mean")) == {"#,##0"}
