"""What the report sets beside its results: the gap by what is least known, and published figures."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from params.tables.assumptions import read_assumptions
from params.tables.read import read_sources
from runs.report.evidence import (
    HEADLINE,
    LARGEST,
    band_section,
    check_section,
    figure_name,
    misfit_section,
)
from runs.report.page import report_html
from runs.report.told import Band, Check
from runs.texts.wording import wording
from tests.runs.contract import report_context


def misfits() -> pd.DataFrame:
    head = [(2020, figure, 1_000_000.0, 0.0001, 0.001) for figure in HEADLINE]
    others = [(2001 + k, "births", 100_000.0, 0.01 * k, 0.05) for k in range(12)]
    rows = pd.DataFrame(
        [*others, *head], columns=["year", "figure", "published", "error", "standard_error"]
    )
    fitted = rows["published"] * (1 + rows["error"])
    return rows.assign(
        basis="registered", fitted=fitted, source_id="SH-ELD-2020", status="published"
    )


def test_misfits_show_the_base_years_figures_and_then_the_worst_first() -> None:
    section = misfit_section(misfits(), 2020, wording("zh"))
    assert section is not None
    years = [int(row[0].text) for row in section.table.rows]
    assert years == [2020] * len(HEADLINE) + [2012 - k for k in range(LARGEST)]
    assert section.table.rows[-1][5].text == "+4.00%"
    assert "17个公布数" in section.note


def test_without_fitted_figures_there_are_no_misfits() -> None:
    assert misfit_section(misfits().iloc[:0], 2020, wording("zh")) is None


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("60+", "60岁及以上"),
        ("deaths", "死亡"),
        ("100+_male", "100岁及以上 男"),
        ("share_80+_of_60+", "80岁及以上占60岁及以上比例"),
        ("male_share_of_65+", "65岁及以上中男性占比"),
    ],
)
def test_a_fitted_figure_is_said_in_words(figure: str, said: str) -> None:
    assert figure_name(figure, wording("zh")) == said


def test_a_check_says_the_figure_the_model_its_ratio_and_who_published_it() -> None:
    check = Check(
        "workers", 2023, "workers", 60_400.0, "SH-CARE-2023", np.full(3, 66_440.0), "seen"
    )
    row = check_section([check], read_sources(), wording("zh")).table.rows[0]
    assert [cell.text for cell in row[1:5]] == ["2023", "60,400", "66,440", "1.10"]
    assert "上海市民政局" in row[5].text
    assert "已知" in row[6].text


def test_bands_stand_in_the_report_by_the_value_that_was_drawn() -> None:
    assumption = read_assumptions()["city_occupancy_2020"]
    band = Band(0.70, 0.742, 6, 7_168.0, 536.0, 5_844.0, 8_924.0)
    section = band_section([band], assumption, "beds", 2025, wording("zh"))
    assert section.table.rows[0][0].text == "70% – 74%"
    html = report_html(replace(report_context("zh", {}), demand=section))
    assert re.search(r"7,168<small>\[5,844, 8,924\] ±536</small>", html)


def test_a_report_without_them_has_no_empty_parts() -> None:
    html = report_html(report_context("zh", {}))
    assert 'id="demand"' not in html
    assert 'class="lead"' not in html


def test_what_is_lacking_is_the_first_that_the_report_says() -> None:
    html = report_html(replace(report_context("zh", {}), lead=("还缺 <5> 张",)))
    findings = html[html.index('id="findings"') :]
    assert findings.index("还缺 &lt;5&gt; 张") < findings.index("<h3>")
