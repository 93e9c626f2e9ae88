"""A scenario's own targets in everything that is written, and nothing else moved by them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from params.names import CASES_BY_REASON
from params.tables.assumptions import read_assumptions
from runs.cli.app import main
from runs.report.lacks import lack_sentences
from runs.report.page import report_html
from runs.report.told import Lack
from runs.texts.wording import wording
from tests.cities.conftest import TOY
from tests.runs.contract import report_context

KEYS = ["district", "year", "resource"]
TARGETS = """
[service_target.resources]
general_bed = { share = 0.95, days = 45 }
assessment = { days = 20 }
"""
MOVED = ("general_bed", "bed_total", "assessment", *CASES_BY_REASON)
OF_TARGETS = ("share_in_time", "service_gap", "gap_beds", "gap_staff", "short_sum", "surplus_sum")


def run(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'extends = "baseline"\nname = "{name}"\n{text}', encoding="utf-8")
    words = ("run", str(path), "--city", str(TOY), "--out", str(folder), "--replications", "2")
    usual = ("--workers", "1", "--no-figures", "--lang", "en", "--encoding", "utf-8")
    done = CliRunner().invoke(main, [*words, *usual], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder / name


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("targets")
    return {"usual": run(folder, "usual", ""), "own": run(folder, "own", TARGETS)}


@pytest.mark.slow
def test_own_targets_move_what_is_in_time_and_what_is_lacking_and_nothing_else(
    runs: Mapping[str, Path],
) -> None:
    usual, own = (
        pd.read_csv(folder / "shortfall.csv").drop(columns="scenario").set_index(KEYS)
        for folder in runs.values()
    )
    numbers = usual.select_dtypes("number").columns
    waits = [c for c in numbers if c.startswith(("wait_", "in_line"))]
    for column in numbers:
        same = np.isclose(usual[column], own[column], equal_nan=True, rtol=0, atol=0)
        moved = set(usual.index.get_level_values("resource")[~same])
        if column.startswith(OF_TARGETS):
            assert moved <= {*MOVED, "care_worker_institution"}, column
        elif column not in waits:
            assert not moved, column
        if column == "service_gap":
            assert "general_bed" in moved
    of_bed = [frame.xs("general_bed", level="resource") for frame in (usual, own)]
    assert (of_bed[1]["share_in_time"] >= of_bed[0]["share_in_time"]).all()


@pytest.mark.slow
def test_waits_are_told_at_the_days_of_the_targets(runs: Mapping[str, Path]) -> None:
    usual, own = (pd.read_csv(folder / "waits.csv") for folder in runs.values())
    assert set(own["days"]) == {*usual["days"], 45}
    both = [*KEYS, "class", "days"]
    rows = own[(own["class"] == "all") & (own["resource"] == "general_bed")].set_index(both)
    share = pd.read_csv(runs["own"] / "shortfall.csv").set_index(KEYS)["share_in_time"]
    placed = rows.xs(45, level="days")["share_placed"].droplevel("class")
    # Of those who did not go before: more than of all who asked.
    assert (placed <= share.reindex(placed.index) + 0.02).all()


@pytest.mark.slow
def test_report_and_comparison_say_the_targets(runs: Mapping[str, Path]) -> None:
    html = (runs["own"] / "report.html").read_text(encoding="utf-8")
    assert "general beds 95% within 45 days" in html
    assert "assessment 85% within 20 days" in html
    assert "95% (general beds), 85% (nursing-type beds)" in html.replace("; 85%", ", 85%")
    words = ("compare", str(runs["usual"]), str(runs["own"]), "--city", str(TOY), "--lang", "en")
    done = CliRunner().invoke(main, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "own has other targets than usual" in done.output
    assert "service_target.resources.general_bed.days 45 / –" in done.output


def test_a_report_says_days_alone_where_one_share_holds_for_all() -> None:
    context = report_context("en", {})
    assert "general beds 30 days" in report_html(context)
    own = replace(context, targets={"general_bed": 60.0}, shares={"general_bed": 0.9})
    assert "general beds 90% within 60 days" in report_html(own)


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "一般养老床位90%"), ("en", "90% (general beds)")]
)
def test_the_sentence_of_beds_names_the_kinds_where_they_differ(lang: str, said: str) -> None:
    gaps = np.zeros((3, 1))
    lack = Lack("bed_total", "beds", 2025, ("甲",), gaps, gaps, np.full(3, 0.9))
    kinds = {"general_bed": 0.9, "nursing_bed": 0.85, "dementia_bed": 0.85, "home_care": 0.85}
    (one,) = lack_sentences(
        [lack], read_assumptions(), {**kinds, "bed_total": np.nan}, wording(lang)
    )
    assert said in one
    (same,) = lack_sentences(
        [lack], read_assumptions(), {**kinds, "bed_total": 0.95}, wording(lang)
    )
    assert "95%" in same
    assert said not in same
