"""Counts of need and of households are compared under our own ids, and what has no forecast is told."""

from pathlib import Path

import pandas as pd
import pytest

from params.axes import LEVELS
from params.errors import ParamError
from params.language import speak
from runs.studies.actuals import read_actuals, read_forecast, score
from runs.texts.wording import wording


@pytest.fixture
def forecast(tmp_path: Path) -> pd.DataFrame:
    words = wording("zh")
    columns = ("basis", "district", "year", "measure", "mean")
    names = ["total", "elders_only", *(f"need_{level}" for level in LEVELS)]
    lines = [",".join(words.column(name) for name in columns)]
    for year in (2021, 2022):
        lines += [f"常住,全市,{year},{words.name('measure', name)},10" for name in names]
        lines += [f"户籍,全市,{year},{words.name('measure', 'total')},9"]
    (tmp_path / "population.csv").write_text("\n".join(lines), encoding="utf-8")
    return read_forecast(tmp_path)


def actuals(folder: Path, row: str, forecast: pd.DataFrame) -> pd.DataFrame:
    path = folder / "own.csv"
    path.write_text(f"basis,district,year,measure,value\n{row}\n", encoding="utf-8")
    return score(forecast, read_actuals(path, forecast))


@pytest.mark.parametrize(
    ("measure", "mean"),
    [
        ("elders_only", 10),
        ("纯老家庭老年人（含独居）", 10),
        ("need_2", 10),
        ("need", 10 * len(LEVELS)),
    ],
)
def test_ids_of_the_dictionary_are_compared_with_a_table_of_chinese_names(
    tmp_path: Path, forecast: pd.DataFrame, measure: str, mean: float
) -> None:
    scored = actuals(tmp_path, f"resident,全市,2022,{measure},10", forecast)
    assert scored["forecast"].tolist() == [mean]


def test_a_measure_of_another_basis_is_told_with_the_basis_that_has_it(
    tmp_path: Path, forecast: pd.DataFrame
) -> None:
    speak("zh")
    with pytest.raises(ParamError) as told:
        actuals(tmp_path, "registered,全市,2022,elders_only,10", forecast)
    assert "没有预测：registered 全市 2022 elders_only" in str(told.value)
    assert "口径 resident" in str(told.value)
