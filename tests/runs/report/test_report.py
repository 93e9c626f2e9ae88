import base64
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runs.report.findings import findings
from runs.report.page import report_html, write_report
from runs.report.told import at_times
from runs.texts.wording import dictionary, wording
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


def test_the_heading_joins_report_and_scenario_in_the_manner_of_its_language() -> None:
    zh, en = (report_html(report_context(lang, {}, title="甲")) for lang in ("zh", "en"))
    assert "<h1>养老服务能力缺口报告——甲</h1>" in zh
    assert "<h1>Shortfalls of elderly care – 甲</h1>" in en


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
    assert all(f.sentences[0].startswith("No district is short in the mean in 2025") for f in found)


@pytest.mark.parametrize(
    ("lang", "short", "late"),
    [
        ("en", "In 3 of 20 replications districts are short all the same", "(30% there, 90% in"),
        (
            "zh",
            "20 次模拟中有 3 次有区不足",
            "20 次模拟中有 2 次不到（这些模拟平均 30%，其余 90%）",
        ),
    ],
)
def test_a_shortage_and_lateness_beside_a_mean_surplus_are_told_by_replications(
    lang: str, short: str, late: str
) -> None:
    frame = shortfall().assign(
        service_gap=-10.0, demand_gap=-10.0, surplus_sum=160.0, short_sum=40.0
    )
    lacking, in_time = np.zeros(20), np.full(20, 0.9)
    lacking[:3], in_time[:2] = 50.0, 0.3
    times = {"home_care": at_times(lacking, in_time, 0.85)}
    zones = districts().set_index("district")["zone"]
    found = findings(frame, flows(), zones, wording(lang), times=times)
    named = {one.title: " ".join(one.sentences) for one in found}
    home = named[wording(lang).name("resource", "home_care")]
    assert short in home
    assert late in home


def test_places_that_stay_for_want_of_a_target_are_told_beside_the_gaps_and_the_limits() -> None:
    context = replace(report_context("zh", {}), stays=("day_care",))
    said = "日间照护名额停在基期的中心数"
    assert report_html(context).count(said) == 2
    assert said not in report_html(report_context("zh", {}))


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "安排到外区的也计入"), ("en", "people placed elsewhere")]
)
def test_who_was_placed_is_told_by_district_of_residence(lang: str, said: str) -> None:
    html = report_html(report_context(lang, {}))
    definitions = html[html.index('id="definitions"') :]
    assert said in definitions
    counted = {"zh": "（按老人居住区计）", "en": "(by district of residence)"}[lang]
    assert definitions.count(counted) == sum(
        row.basis == "residence" for row in dictionary() if row.file == "shortfall"
    )


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


def test_a_column_of_numbers_is_headed_where_its_numbers_stand() -> None:
    html = report_html(report_context("zh", {}))
    for header in ("达标缺口", "轮候人数", "2025年模拟值", "照护需求评估 达标缺口（名评估员）"):
        assert f'<th class="number">{header}</th>' in html
    for header in ("区域", "判断", "规划指标"):
        assert f'<th class="">{header}</th>' in html
    assert '<td class="short word">未达到</td>' in html


def test_a_percentage_of_the_plan_is_said_to_its_tenths() -> None:
    html = report_html(report_context("zh", {}))
    row = re.search(r"<tr><td[^>]*>养老机构护理型床位占比</td>.*?</tr>", html)
    assert row is not None
    assert "61.2<small>[60.5, 62] ±0.1</small>" in row[0]


def test_what_is_not_drawn_from_a_range_has_none_in_the_report() -> None:
    html = report_html(report_context("zh", {}))

    def said(name: str) -> str:
        row = re.search(rf"<tr><td[^>]*>{name}</td>.*?</tr>", html)
        assert row is not None
        return re.sub(r"<[^>]*>", " ", row[0])

    assert "合计为1，联合抽样" in said("level_2")
    assert "不抽样" in said("base_error_young")
    assert "0.7 – 0.95" in said("take_up")


def test_a_run_with_fixed_parameters_says_that_it_drew_none() -> None:
    drawn, fixed = (
        report_html(report_context("zh", {}, fixed_parameters=fixed)) for fixed in (False, True)
    )
    assert "除注明者外均在区间内抽样" in drawn
    assert "每次模拟使用自己的一组参数" in drawn
    assert "没有抽样" in fixed
    assert "每次模拟使用自己的一组参数" not in fixed
    assert "区间只来自各自的运气" in fixed


def test_definitions_begin_with_the_days_within_which_requests_are_due() -> None:
    html = report_html(report_context("zh", {}))
    part = html[html.index('id="definitions"') : html.index('id="sources"')]
    assert "期限T：照护需求评估15天、居家照护14天" in part
    assert "认知障碍照护床位30天" in part


def test_beds_that_nobody_could_staff_call_for_workers_only_where_somebody_needs_them() -> None:
    zones = districts().set_index("district")["zone"]
    frame = shortfall().copy()
    beds = (frame["year"] == 2025) & (frame["resource"] == "bed_total")
    frame.loc[beds, ["operating", "usable", "gap_staff"]] = [1_000.0, 900.0, 100.0]
    frame.loc[beds, ["gap_beds", "short_sum"]] = [-150.0, 600.0]
    idle = findings(frame, flows(), zones, wording("zh"))[0].sentences
    assert [s for s in idle if "100 张（10%）" in s and "不必为此招人" in s]
    frame.loc[beds & (frame["district"] == "黄浦区"), "gap_beds"] = -30.0
    wanted = findings(frame, flows(), zones, wording("zh"))[0].sentences
    assert [s for s in wanted if "所需的有 70 张：先补人员" in s]
    # Of a shortage ten times as large or more they are no part worth a word.
    frame.loc[beds, "short_sum"] = 701.0
    small = findings(frame, flows(), zones, wording("zh"))[0].sentences
    assert [s for s in small if "不必为此招人" in s]


def test_people_move_to_beds_and_workers_are_sent_to_people() -> None:
    zones = districts().set_index("district")["zone"]
    found = {f.title: f.sentences for f in findings(shortfall(), flows(), zones, wording("zh"))}
    closing = {t: "".join(s for s in said if "弥合办法" in s) for t, said in found.items()}
    assert "若老人愿意跨区" in closing["养老床位合计"]
    assert closing["机构护理员"] == ""
    assert any("人手不超负荷计" in s for s in found["机构护理员"])
    for title in ("居家照护", "照护需求评估"):
        assert "若可跨区调配" in closing[title]
        assert "若老人愿意跨区" not in closing[title]


def said_of_beds(**figures: float | str) -> list[str]:
    """Return what is said of all beds where the city's row of the last year has these figures."""
    frame = shortfall().copy()
    beds = (
        frame["resource"].eq("bed_total") & frame["year"].eq(2025) & frame["area_type"].eq("city")
    )
    for column, value in figures.items():
        frame.loc[beds, column] = value
    zones = districts().set_index("district")["zone"]
    return list(findings(frame, flows(), zones, wording("zh"))[0].sentences)


def test_a_wait_is_the_time_by_which_half_of_the_year_s_requests_are_placed() -> None:
    ends = {
        f"{c}_{e}": float("nan")
        for c in ("wait_median_days", "wait_p90_days")
        for e in ("p05", "p95")
    }
    half = said_of_beds(wait_median_days=12.0, wait_p90_days=float("nan"), **ends)
    assert "2025年的申请者中，半数在 12 天内得到安排。" in half
    assert not [s for s in half if "九成" in s or "不到一半" in s]
    most = said_of_beds(wait_median_days=12.0, wait_p90_days=80.0, **ends)
    assert "九成在 80 天内得到安排。" in most


def test_where_half_are_never_placed_the_report_says_so_and_how_long_those_in_line_have_waited() -> (
    None
):
    never = said_of_beds(
        wait_median_days=float("nan"),
        wait_p90_days=float("nan"),
        in_line_median_days=384.0,
        in_line_median_days_p05=float("nan"),
        flag="overloaded;never_half",
    )
    assert "2025年的申请者中，在跟踪期内得到安排的不到一半。" in never
    assert "年末仍在轮候者已等 384 天（中位数）。" in never
    assert not [s for s in never if "半数在" in s]
    at_times = said_of_beds(wait_median_days=float("nan"), flag="overloaded;never_half_at_times")
    assert "2025年的申请者中，部分模拟里在跟踪期内得到安排的不到一半。" in at_times


def test_assessments_are_told_by_what_each_reason_takes_of_the_assessors() -> None:
    frame = shortfall().copy()
    for reason, load in (("first", 0.2), ("early", 0.1), ("renewal", 0.55)):
        rows = frame["resource"] == f"assessment_{reason}"
        frame.loc[rows, ["load", "share_in_time"]] = [load, 0.75]
    zones = districts().set_index("district")["zone"]
    found = {f.title: f.sentences for f in findings(frame, flows(), zones, wording("zh"))}
    assert "到期复评占评估能力的 55%，其中 75% 按期完成。" in found["照护需求评估"]
    assert len([s for s in found["照护需求评估"] if "占评估能力的" in s]) == 3


def test_the_share_that_leaves_the_centre_is_said_of_those_placed() -> None:
    zones = districts().set_index("district")["zone"]
    beds = findings(shortfall(), flows(), zones, wording("zh"))[0]
    assert beds.sentences[-1].startswith("全年从中心城区安排入住的老人中 ")


def test_the_report_is_written_whole_and_the_same_again(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(tmp_path / name, report_context("zh", {}))
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2
