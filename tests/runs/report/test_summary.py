"""What a run prints at its end: the city, the errors of its figures, and where load is too high."""

import re

import pytest

from params.axes import CITY
from runs.report.summary import summary_text
from runs.texts.wording import wording
from tests.runs.contract import shortfall


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_queues_and_gaps_are_printed_with_their_error(lang: str) -> None:
    words = wording(lang)
    lines = summary_text(shortfall(), words).splitlines()
    rows = shortfall().query("year == 2025 and district == @CITY and resource == 'bed_total'")
    row = rows.iloc[0]
    printed = next(s for s in lines if s.startswith(words.name("resource", "bed_total")))
    for column in ("waiting", "service_gap", "short_sum"):
        assert f"{row[column]:,.0f} ±{row[f'{column}_mc_error']:,.0f}" in printed
    assert words.text("run", "error_note") in lines


def test_one_replication_is_printed_without_errors() -> None:
    frame = shortfall()
    empty = frame.assign(**{c: float("nan") for c in frame if c.endswith("_mc_error")})
    assert "±0" not in summary_text(empty, wording("en"))
    assert "±nan" not in summary_text(empty, wording("en"))


def test_what_rounds_to_nothing_has_no_sign() -> None:
    frame = shortfall().assign(service_gap=-0.2, service_gap_p05=-0.4)
    text = summary_text(frame, wording("en"))
    assert not re.search(r"-0(?![.\d])", text)
    assert " 0 ±" in text


@pytest.mark.parametrize(("lang", "said"), [("zh", "以评估员（名）计"), ("en", "in assessors")])
def test_a_gap_in_another_unit_than_its_line_is_said(lang: str, said: str) -> None:
    words = wording(lang)
    noted = [line for line in summary_text(shortfall(), words).splitlines() if said in line]
    assert len(noted) == 1
    assert words.name("resource", "assessment") in noted[0]
    others = shortfall().query("resource != 'assessment'")
    assert said not in summary_text(others, words)


def test_a_load_of_one_or_more_in_any_district_is_a_line_of_its_own() -> None:
    frame = shortfall().assign(load=0.8)
    here = (frame["year"] == 2025) & (frame["resource"] == "dementia_bed")
    frame.loc[here & frame["district"].isin(["黄浦区", "崇明区", "中心城区"]), "load"] = 1.0
    text = summary_text(frame, wording("zh"))
    assert text.endswith("认知障碍照护床位（全市0.80，2个区）")
    assert "负荷率不低于1" in text
    calm = summary_text(frame.assign(load=0.99), wording("zh"))
    assert "负荷率不低于1" not in calm
    assert CITY in calm
