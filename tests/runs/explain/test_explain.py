"""What `yanglao explain` says: of every key, assumption and column, in the reader's language."""

import re

import pytest
from click.testing import CliRunner

from params.city import read_city
from params.errors import ParamError
from params.tables.assumptions import read_assumptions
from runs.cli.app import main
from runs.explain.entries import entries_text, explained
from runs.explain.names import known_names
from runs.explain.schema import ANY, KINDS, SCENARIO, keys_of, split
from runs.explain.values import values
from runs.tables.network import SUMMARISED
from runs.tables.network_parts import FIGURES
from runs.tables.yearly import COLUMNS as YEARLY
from runs.texts.wording import VALUE_SECTIONS, contract_columns, dictionary, wording
from simulate.outcome import MONTHLY_MEASURES, POPULATION_MEASURES
from tests.fast import few

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Beds at the end. 2020年末床位。", ("Beds at the end.", "2020年末床位。")),
        ("resident 常住 or registered 户籍.", ("resident 常住 or registered 户籍.",) * 2),
        ("Only English.", ("Only English.", "")),
        ("One\nline, `a`. 两行,\n见 `a.b`。", ("One line, `a`.", "两行, 见 `a.b`。")),
        (
            "First. 中心区 the centre is not Chinese.",
            ("First. 中心区 the centre is not Chinese.",) * 2,
        ),
    ],
)
def test_a_docstring_is_split_where_its_chinese_begins(text: str, parts: tuple[str, str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_meaning_in_both_languages(kind: str) -> None:
    keys = [key for key in keys_of(kind) if key.path[0] != "assumptions" or len(key.path) == 1]
    assert len(keys) > 30
    assert [key.name for key in keys if not key.meaning_en] == []
    silent = [key.name for key in keys if not HAN.search(key.meaning_zh)]
    assert [name for name in silent if kind == SCENARIO] == []


@pytest.mark.parametrize("lang", few(["zh", "en"], 1))
def test_every_key_of_a_scenario_is_explained_under_its_name(lang: str) -> None:
    city = read_city()
    for key in keys_of(SCENARIO):
        if ANY in key.path or key.path[0] == "assumptions":
            continue
        entry = explained(key.name, city, lang)[0]
        said = dict(entry.lines)
        assert entry.name == key.name
        assert said["meaning"] == key.meaning(lang)
        assert said["type"]
        assert entries_text([entry], wording(lang))


def test_a_key_says_its_default_limits_and_where_it_stands() -> None:
    said = dict(explained("beds.changes.date", read_city(), "en")[0].lines)
    assert said["written"] == "[[beds.changes]] date = ..."
    assert said["default"] == "required"
    said = dict(explained("horizon.last_year", read_city(), "en")[0].lines)
    assert (said["default"], said["range"]) == ("2025", "≥ 2021, ≤ 2050")
    said = dict(explained("beds.total_2025", read_city(), "en")[0].lines)
    assert said["in_vain"] == "beds.path"
    assert "baseline" in said["stated"]


def test_a_key_of_a_chosen_name_is_found_with_or_without_the_name() -> None:
    for word in ("service_target.resources.general_bed.days", "service_target.resources.days"):
        assert explained(word, read_city(), "zh")[0].name == "service_target.resources.NAME.days"
    assert explained("[[beds.changes]]", read_city(), "en")[0].name == "beds.changes"


def test_an_assumption_says_its_value_range_source_and_use() -> None:
    a = read_assumptions()["take_up"]
    said = dict(explained("take_up", read_city(), "en")[0].lines)
    assert said["meaning"] == a.meaning_en
    assert said["default"] == f"{a.value:g}"
    assert f"{a.low:g}" in said["drawn"]
    assert f"{a.high:g}" in said["drawn"]
    assert a.source_id in said["source"]
    assert explained("assumptions.take_up", read_city(), "en")[0].name == "take_up"


def test_every_column_of_results_is_explained_by_its_name_and_by_its_header() -> None:
    city, words = read_city(), wording("zh")
    rows = {row.column: row for row in dictionary() if row.file == "shortfall"}
    for column in rows:
        for word in (column, f"shortfall.{column}", words.column(column)):
            assert column in [entry.name for entry in explained(word, city, "zh")], word


@pytest.mark.parametrize("lang", few(["zh", "en"], 1))
def test_every_word_in_results_is_explained_by_its_id_and_its_names(lang: str) -> None:
    city, words = read_city(), wording(lang)
    others = (
        "unit",
        "area",
        "resource",
        "backtest",
    )  # explained as what they are, or said by a city
    sections = set(VALUE_SECTIONS.values()) - set(others)
    for section in sorted(sections):
        for value in words.sections[section]:
            for word in (value, words.name(section, value)):
                if section == "reading" and word != value:
                    continue  # a text, no name
                found = [e for e in explained(word, city, lang) if e.name == value]
                said = [dict(e.lines) for e in found if e.kind == "kind_value"]
                assert any(one["meaning"] and one["columns"] for one in said), (section, word)


def test_a_measure_stands_in_the_tables_that_have_it() -> None:
    at = {one.value: one.files.split(";") for one in values() if one.section == "measure"}
    for table, measures in (
        ("compare", YEARLY),
        ("monthly", MONTHLY_MEASURES),
        ("population", POPULATION_MEASURES),
        ("network_summary", SUMMARISED),
        ("classes", FIGURES),
    ):
        assert [m for m in measures if table not in at[m]] == []
    assert [file for files in at.values() for file in files if not contract_columns(file)] == []


def test_sums_of_resources_say_their_unit_and_members() -> None:
    for word in ("bed_total", "养老床位合计", "all beds"):
        said = dict(explained(word, read_city(), "zh")[0].lines)
        assert said["unit"] == "张"
        assert "护理型床位" in said["members"]
        assert "shortfall.csv" in said["columns"]


def test_what_is_not_known_names_what_is_near() -> None:
    with pytest.raises(ParamError) as error:
        explained("take_upp", read_city(), "en")
    assert "take_up" in error.value.problems[0].advice
    with pytest.raises(ParamError) as error:
        explained("beneficiares_2", read_city(), "en")
    assert "beneficiaries_2" in error.value.problems[0].advice
    with pytest.raises(ParamError) as error:
        explained("beds.chnges.date", read_city(), "en")
    assert "beds.changes.date" in error.value.problems[0].advice


def test_the_command_speaks_the_language_that_is_asked_for() -> None:
    for lang, word in (("zh", "生效日期"), ("en", "Day from whose start")):
        done = CliRunner().invoke(main, ["explain", "beds.changes.date", "--lang", lang])
        assert done.exit_code == 0, done.output
        assert word in done.output
    assert CliRunner().invoke(main, ["explain", "nothing-like-it"]).exit_code == 2


def test_known_names_are_the_same_as_what_is_explained() -> None:
    names = known_names(read_city())
    assert len(set(names)) == len(names)
    assert {"beds.changes.date", "take_up", "service_gap", "general_bed"} <= set(names)
    for name in names[:: len(names) // 40]:
        assert explained(name, read_city(), "en")
