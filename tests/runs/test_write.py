import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from runs.write import (
    ENCODINGS,
    Encoding,
    round_written,
    safe_text,
    whole_file,
    write_csv,
)
from tests.runs.contract import flows, shortfall


def small() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "district": ["黄浦区", "徐汇区"],
            "code": ["310101", "310104"],
            "year": [2025, 2025],
            "resource": ["bed_total", "home_care"],
            "demand": [12.0, -0.001],
            "occupancy_rate": [0.81239, np.nan],
            "wait_p90_days": [30.25, 7.0],
            "flag": ["overloaded;no_requests", ""],
        }
    )


def test_csv_in_english_keeps_ids_and_writes_each_unit_with_its_decimals(tmp_path: Path) -> None:
    write_csv(small(), tmp_path / "a.csv", "en", "utf-8")
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").split("\n")
    header = "district,code,year,resource,demand,occupancy_rate,wait_p90_days,flag"
    assert lines[0] == header
    assert lines[1] == "黄浦区,310101,2025,bed_total,12,0.8124,30.2,overloaded;no_requests"
    assert lines[2] == "徐汇区,310104,2025,home_care,0,,7,"


def test_csv_in_chinese_says_headers_and_names(tmp_path: Path) -> None:
    write_csv(small(), tmp_path / "a.csv")
    frame = pd.read_csv(tmp_path / "a.csv", dtype=str)
    assert list(frame)[:5] == ["区域", "行政区划代码", "年份", "服务资源", "需求"]
    assert list(frame["服务资源"]) == ["养老床位合计", "居家照护"]
    assert frame["提示"][0] == "负荷率不低于1; 没有申请"


def test_csv_opens_with_a_byte_order_mark_and_ends_lines_in_lf_by_default(tmp_path: Path) -> None:
    write_csv(small(), tmp_path / "a.csv")
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_csv_comes_back_the_same_in_every_encoding(tmp_path: Path, encoding: Encoding) -> None:
    write_csv(flows(), tmp_path / "a.csv", "zh", encoding)
    write_csv(flows(), tmp_path / "b.csv", "zh", "utf-8")
    again = (tmp_path / "a.csv").read_bytes().decode(encoding)
    assert again == (tmp_path / "b.csv").read_text(encoding="utf-8")


def test_district_rows_rounded_as_written_add_to_the_city_in_the_file(tmp_path: Path) -> None:
    frame = shortfall().query("area_type == 'district' and resource == 'home_care'").copy()
    frame["demand"] = round_written(frame, "demand")
    city = frame.iloc[:1].assign(district="全市", demand=frame["demand"].sum())
    write_csv(pd.concat([frame, city]), tmp_path / "a.csv", "en", "utf-8")
    cents = (pd.read_csv(tmp_path / "a.csv")["demand"] * 100).round().astype(int)
    assert cents.iloc[:-1].sum() == cents.iloc[-1]


def write_half(path: Path) -> None:
    with whole_file(path) as part:
        part.write_text("half")
        raise RuntimeError("stopped")


def test_a_file_whose_writing_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError, match="stopped"):
        write_half(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@sum(a)", "\t=1"])
def test_no_text_of_a_user_becomes_a_formula_in_a_csv_file(tmp_path: Path, text: str) -> None:
    write_csv(small().assign(scenario=text), tmp_path / "a.csv", "en")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["scenario"] for row in rows} == {f"'{text}"}


@pytest.mark.parametrize("text", ["-", "-5", "+0.3", "a=b", ""])
def test_texts_that_are_no_formula_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text
