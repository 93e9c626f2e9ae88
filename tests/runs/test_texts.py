import csv
import re
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from params.axes import BASES, LEVELS
from params.language import LANGUAGES
from params.names import kinds_of_resource
from runs.fonts.characters import our_texts
from runs.texts.wording import (
    column_applies,
    contract_columns,
    dictionary,
    read_packaged,
    say_number,
    wording,
)
from tests.city import REPORTED_RESOURCES

RUNS = Path(__file__).parents[2] / "runs"
AREA = ("scenario", "basis", "area_type", "district", "code")
CONTRACT = {
    "population": (*AREA, "year", "measure", "mean", "p05", "p50", "p95", "mc_error"),
    "shortfall": (
        *(*AREA, "year", "resource", "unit", "demand", "approved", "operating", "usable"),
        *("occupied", "occupancy_rate", "waiting", "requests", "placed", "wait_median_days"),
        *(
            "wait_p90_days",
            "in_line_median_days",
            "share_in_time",
            "died_waiting",
            "withdrew_waiting",
            "unmet",
            "load",
        ),
        *("ratio_gap", "demand_gap", "net_gap", "service_gap", "gap_beds", "gap_staff"),
        *("short_sum", "surplus_sum", "flag"),
    ),
    "monthly": (
        *(*AREA, "month", "resource", "measure", "unit", "mean", "p05", "p50", "p95"),
        "mc_error",
    ),
    "waits": (
        *(*AREA, "year", "resource", "class", "days", "share_placed", "share_died"),
        *("share_withdrew", "share_other", "share_waiting", "followed", "flag"),
    ),
    "flows": ("scenario", "origin", "destination", "year", "resource", "placed", "residents"),
    "indicators": (
        *("scenario", "indicator", "kind", "unit", "base_2020", "target_2025", "planned_2025"),
        *("simulated_2025", "ceiling_2025", "judged_by_2025", "verdict", "reading", "source_id"),
    ),
    "indicators_by_year": (
        *("scenario", "indicator", "kind", "unit", "year", "scenario_value", "simulated"),
        "ceiling",
    ),
}
MEASURES = ("total", "60+", "65+", "70+", "80+", "living_alone", "elders_only", "insured")


@pytest.mark.parametrize("file", CONTRACT)
def test_the_dictionary_has_every_column_of_the_contract_in_its_order(file: str) -> None:
    assert contract_columns(file) == CONTRACT[file]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_has_a_header_and_a_definition(lang: str) -> None:
    words = wording(lang)
    defined = [row for row in dictionary() if row.file != "suffix"]
    assert all(words.column(row.column) and row.text(lang) for row in defined)


def test_no_two_columns_of_a_file_share_a_chinese_header() -> None:
    words = wording("zh")
    for file in CONTRACT:
        headers = [words.column(column) for column in contract_columns(file)]
        assert len(set(headers)) == len(headers), file


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_id_of_the_contract_has_a_name(lang: str) -> None:
    words = wording(lang)
    levels = [f"{kind}_{level}" for kind in ("need", "beneficiaries") for level in LEVELS]
    assert set(REPORTED_RESOURCES) <= set(words.sections["resource"])
    assert {*MEASURES, "dementia", *levels} <= set(words.sections["measure"])
    assert set(BASES) <= set(words.sections["basis"])


def test_every_unit_of_the_assumptions_has_a_chinese_name() -> None:
    table = (
        RUNS.parent / "params" / "cities" / "shanghai" / "tables" / "assumptions.csv"
    ).read_text(encoding="utf-8")
    units = {row["unit"] for row in csv.DictReader(table.splitlines())}
    assert units <= set(wording("zh").sections["unit"])


def test_both_languages_fill_the_same_braces() -> None:
    for section, keys in tomllib.loads(read_packaged("wording.toml")).items():
        for key, (zh, en) in keys.items():
            # Behind a number Chinese has a measure word (张、名) that English has in the noun.
            braces = [set(re.findall(r"{\w+}", text)) - {"{unit}"} for text in (zh, en)]
            assert braces[0] == braces[1], f"{section}.{key}"


def test_a_missing_text_of_ours_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_text"):
        wording("zh").figure("no_such_text")


def test_a_name_that_the_user_brings_is_said_as_it_is() -> None:
    words = wording("en").with_areas({"石景山区": "Shijingshan", "全市": "ours wins"})
    assert words.name("area", "石景山区") == "Shijingshan"
    assert words.name("area", "全市") == "City"
    assert words.name("resource", "respite_bed") == "respite_bed"


def test_several_flags_are_said_one_by_one() -> None:
    assert wording("en").flags("overloaded;no_requests") == "load of 1 or more; no requests"


@pytest.mark.parametrize(
    ("value", "said"), [(1234.5, "1,234"), (-0.3, "0"), (-7.6, "\N{MINUS SIGN}8")]
)
def test_numbers_are_said_with_commas_and_no_negative_zero(value: float, said: str) -> None:
    assert say_number(value) == said


def test_the_ratio_rule_applies_to_all_beds_only_and_workers_have_no_queue() -> None:
    applies = column_applies()
    assert [r for r in REPORTED_RESOURCES if applies["ratio_gap", r]] == ["bed_total"]
    assert not applies["waiting", "care_worker_home"]
    assert {resource for _, resource in applies} == set(kinds_of_resource())


def test_the_shipped_font_has_every_character_of_our_texts() -> None:
    font = TTFont(RUNS / "fonts" / "NotoSansSC-subset.ttf", lazy=True)
    known = {chr(code) for code in font.getBestCmap()}
    assert {letter for letter in our_texts() if letter.isprintable()} <= known


def test_the_font_comes_with_its_licence() -> None:
    licence = (RUNS / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert licence.startswith("Copyright 2014-2021 Adobe")
