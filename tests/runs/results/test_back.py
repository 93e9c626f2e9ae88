"""A table that was written reads back as it was made, in any language and encoding."""

from pathlib import Path

import pandas as pd
import pytest

from params.errors import ParamError
from runs.results.back import read_back
from runs.write import Encoding, write_csv

ROWS = pd.DataFrame(
    {
        "scenario": ["baseline", "baseline"],
        "basis": ["resident", "registered"],
        "area_type": ["district", "city"],
        "district": ["黄浦区", "city"],
        "code": ["310101", "310000"],
        "year": [2021, 2025],
        "measure": ["80+", "living_alone"],
        "mean": [60123.25, 1.5],
        "p05": [59000.0, float("nan")],
        "p50": [60000.0, 1.5],
        "p95": [61000.0, float("nan")],
        "mc_error": [12.5, 0.0],
    }
)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_table_reads_back_as_it_was_written(
    tmp_path: Path, lang: str, encoding: Encoding
) -> None:
    path = tmp_path / "population.csv"
    write_csv(ROWS, path, lang, encoding)
    read = read_back(path, "population")
    pd.testing.assert_frame_equal(read, ROWS, check_dtype=False)


def test_every_header_that_is_not_ours_is_named(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    write_csv(ROWS, path, "zh")
    text = path.read_text(encoding="utf-8-sig").replace("年份", "年岁").replace("均值", "平均")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParamError) as told:
        read_back(path, "population")
    assert [name in str(told.value) for name in ("年岁", "平均")] == [True, True]
