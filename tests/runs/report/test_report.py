import base64
import re
from pathlib import Path

import pytest

from runs.report.findings import findings
from runs.report.page import report_html, write_report
from runs.texts.wording import wording
from tests.runs.contract import districts, flows, report_context, shortfall

PICTURE = b"\x89PNG picture"


@pytest.fixture
def picture(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "waits.png"
    path.write_bytes(PICTURE)
    return {"waits": path}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_asks_for_nothing_from_outside(lang: str, picture: dict[str, Path]) -> None:
    html = report_html(report_context(lang, picture))
    asked = re.findall(r"""(?:src|href)\s*=\s*["']([^"']*)|url\(([^)]*)|@import""", html)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link, _ in asked)
    assert "<script" not in html


def test_the_report_holds_its_pictures(picture: dict[str, Path]) -> None:
    html = report_html(report_context("zh", picture))
    assert base64.b64encode(PICTURE).decode() in html


def test_a_title_with_markup_is_shown_and_not_run() -> None:
    html = report_html(report_context("en", {}, title="<script>alert(1)</script>"))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_report_names_every_district_in_its_language() -> None:
    zh, en = (report_html(report_context(lang, {})) for lang in ("zh", "en"))
    assert all(name in zh for name in districts()["district"])
    assert all(name.replace("'", "&#39;") in en for name in districts()["name_en"])


def test_the_report_has_tables_for_every_year_and_one_row_for_pudong_in_each() -> None:
    html = report_html(report_context("zh", {}))
    assert html.count("<summary>") == 5
    assert html.count('<td class="">浦东新区</td>') == 5 * 3


def test_an_input_of_the_plan_is_not_called_met() -> None:
    html = report_html(report_context("en", {}))
    row = re.search(r"<tr><td[^>]*>beds in the city</td>.*?</tr>", html)
    assert row is not None
    assert "set by the scenario, not judged" in row[0]


def test_findings_name_the_district_that_is_shortest() -> None:
    zones = districts().set_index("district")["zone"]
    found = findings(shortfall(), flows(), zones, wording("zh"))
    beds = shortfall().query("year == 2025 and resource == 'bed_total'")
    worst = beds.query("area_type == 'district'").nlargest(1, "service_gap")["district"].iloc[0]
    assert found[0].title == "养老床位合计"
    assert f"缺口最大：{worst}" in found[0].sentences[1]


def test_findings_say_when_no_district_is_short() -> None:
    frame = shortfall().assign(service_gap=-10.0, demand_gap=-10.0, surplus_sum=160.0)
    zones = districts().set_index("district")["zone"]
    found = findings(frame, flows(), zones, wording("en"))
    assert all(f.sentences[0].startswith("No district is short in 2025") for f in found)


def test_a_load_of_one_or_more_is_said_and_never_averaged_away() -> None:
    zones = districts().set_index("district")["zone"]
    frame = shortfall().copy()
    beds = (frame["year"] == 2025) & (frame["resource"] == "bed_total")
    frame.loc[beds, "load"] = 0.7
    frame.loc[beds & frame["district"].isin(["黄浦区", "徐汇区"]), "load"] = [1.25, 1.5]
    found = findings(frame, flows(), zones, wording("zh"))[0]
    said = [s for s in found.sentences if "负荷率" in s]
    assert len(said) == 1
    assert said[0].startswith("负荷率全市 0.70")
    assert "2 个区不低于1（徐汇区、黄浦区）" in said[0]
    calm = findings(frame.assign(load=0.99), flows(), zones, wording("zh"))
    assert not [s for f in calm for s in f.sentences if "负荷率" in s]


def test_every_number_of_the_tables_has_its_interval() -> None:
    html = report_html(report_context("en", {}))
    tables = html[html.index('id="tables"') : html.index('id="indicators"')]
    cells = re.findall(r'<td class="(?:number|short|surplus)">([^<]+)(<small>)?', tables)
    assert len(cells) > 5 * 18 * 20
    assert [text for text, note in cells if not note] == []
    assert re.search(r"61.25<small>\[60.5, 62\] ±0.125</small>", html)


def test_a_load_of_one_or_more_is_red_in_the_tables() -> None:
    html = report_html(report_context("en", {}))
    loads = re.findall(r'<td class="(\w+)">(\d\.\d\d)<small>', html)
    assert {tone for tone, load in loads if float(load) > 1} == {"short"}
    assert {tone for tone, load in loads if float(load) < 1} == {"number"}


def test_the_report_is_written_whole_and_the_same_again(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(tmp_path / name, report_context("zh", {}))
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2
