import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from params.errors import ParamError, Problem
from params.scenario.left_out import needed_keys
from params.scenario.load import (
    list_scenarios,
    load_scenario,
    resolved_toml,
    scenario_schema,
    schema_file,
)
from params.tables.assumptions import apply_changes, read_assumptions
from tests.said import all_plain
from tests.shanghai import shanghai

pytestmark = pytest.mark.core
Write = Callable[..., Path]


def problems_in(path: str | Path) -> tuple[Problem, ...]:
    with pytest.raises(ParamError, match=r".") as caught:
        load_scenario(path)
    return all_plain(caught.value.problems)


def test_ready_scenarios_load_with_titles_in_both_languages() -> None:
    assert {"baseline", "rule-met", "as-built", "frozen-2020"} <= set(list_scenarios())
    for name in list_scenarios():
        scenario = load_scenario(name).scenario
        assert scenario.name == name
        assert len({scenario.title_zh, scenario.title_en, name}) == 3


def test_a_file_that_says_nothing_of_a_figure_takes_it_from_the_baseline(write: Write) -> None:
    stated = load_scenario("baseline").scenario
    loaded = load_scenario(write(f'name = "{stated.name}"\n'))
    names = {"title_zh", "title_en", "description"}
    assert loaded.scenario.model_dump(exclude=names) == stated.model_dump(exclude=names)
    assert loaded.provenance["beds.total_2025"].endswith("scenarios/baseline.toml")
    assert loaded.provenance["beds.path"] == "default"


@pytest.mark.parametrize(
    ("district", "said"),
    [
        ("闸北区", "since 2015 it is 静安区"),
        ("松江县", "since 1998 (year assumed) it is 松江区"),
    ],
)
def test_what_became_of_a_district_says_whether_a_decision_is_cited(
    write: Write, district: str, said: str
) -> None:
    row = f'district = "{district}"\nresource = "nursing_bed"\nbeds = 9\ndate = 2022-05-01\n'
    (problem,) = problems_in(write(f"[[beds.changes]]\n{row}"))
    assert said in problem.advice


def test_no_figure_stands_in_the_model() -> None:
    assert ("beds", "total_2025") in set(needed_keys())


def test_a_scenario_says_only_what_differs(write: Write) -> None:
    path = write('extends = "baseline"\n[beds]\ntotal_2025 = 180000\n')
    scenario = load_scenario(path).scenario
    assert scenario.beds.total_2025 == 180_000
    assert scenario.beds.total_2020 == 157_000
    assert (scenario.name, scenario.title_zh) == ("mine", "mine")


def test_each_value_remembers_its_file(write: Write) -> None:
    write('extends = "baseline"\n[beds]\ntotal_2025 = 180000\n', "base.toml")
    loaded = load_scenario(write('extends = "base.toml"\n[workers]\nextra_home = 5\n'))
    assert loaded.provenance["workers.extra_home"] == "mine.toml"
    assert loaded.provenance["beds.total_2025"] == "base.toml"
    assert loaded.provenance["beds.total_2020"] == "params/cities/shanghai/scenarios/baseline.toml"
    assert loaded.provenance["beds.changes"] == "default"
    assert [file.name for file in loaded.files] == ["mine.toml", "base.toml", "baseline.toml"]


def test_tables_merge_and_other_lists_replace(write: Write) -> None:
    write("[policy]\nclasses.beds = [{ rank = 1, alone = true }, { rank = 2 }]", "base.toml")
    text = 'extends = "base.toml"\n[policy]\nhardship_share = 0.1\nclasses.beds = [{ rank = 1 }]'
    policy = load_scenario(write(text)).scenario.policy
    assert [rule.alone for rule in policy.classes.beds] == [None]
    assert policy.hardship_share == 0.1


def test_a_range_may_replace_a_number_and_the_other_way_round(write: Write) -> None:
    write("[assumptions]\ntake_up = 0.8\nwithdrawal = { value = 0.3 }\n", "base.toml")
    text = "[assumptions]\nwithdrawal = 0.2\ntake_up = { low = 0.75 }\n"
    loaded = load_scenario(write(f'extends = "base.toml"\n{text}'))
    assert loaded.scenario.assumptions["withdrawal"] == 0.2
    assert loaded.provenance["assumptions.take_up.low"] == "mine.toml"
    assert "assumptions.withdrawal.value" not in loaded.provenance


def test_resolved_text_names_files_and_gives_the_same_scenario(write: Write) -> None:
    row = 'district = "浦东新区"\nresource = "dementia_bed"\nbeds = -40\ndate = 2023-07-01\n'
    text = f'extends = "older-sicker"\n[[beds.changes]]\n{row}note = "a \\"quoted\\" word"\n'
    loaded = load_scenario(write(text))
    resolved = resolved_toml(loaded)
    assert "total_2020 = 157000  # params/cities/shanghai/scenarios/baseline.toml" in resolved
    assert "# share; params/cities/shanghai/scenarios/older-sicker.toml" in resolved
    again = load_scenario(write(resolved, "again.toml"))
    kept = {"assumptions"}
    assert again.scenario.model_dump(exclude=kept) == loaded.scenario.model_dump(exclude=kept)
    table = read_assumptions()
    assert apply_changes(table, again.scenario.assumptions) == apply_changes(
        table, loaded.scenario.assumptions
    )


def test_resolved_text_holds_no_path_of_the_machine(write: Write) -> None:
    path = write('extends = "baseline"')
    assert str(path.parent) not in resolved_toml(load_scenario(path))


def test_a_byte_order_mark_and_windows_lines_are_fine(write: Write) -> None:
    path = write('extends = "baseline"\r\ntitle_zh = "情景"\r\n', encoding="utf-8-sig")
    assert load_scenario(path).scenario.title_zh == "情景"


def test_a_file_in_gbk_gets_the_advice_to_save_it_as_utf8(write: Write) -> None:
    path = write('name = "a"\ntitle_zh = "更多护理员"\n', encoding="gbk")
    (problem,) = problems_in(path)
    assert problem.where == str(path)
    assert "is not UTF-8; it looks like GBK" in problem.found
    assert "save it as UTF-8" in problem.advice


def test_district_names_may_be_padded_with_full_width_spaces(write: Write) -> None:
    row = 'district = "\u3000黄浦区 "\nresource = "general_bed"\nbeds = 5\ndate = 2022-01-01\n'
    assert load_scenario(write(f"[[beds.changes]]\n{row}")).scenario.beds.changes[0].beds == 5


CHANGE = '[[beds.changes]]\ndistrict = "黄浦区"\nresource = "general_bed"\n'


@pytest.mark.parametrize(
    ("text", "key", "found", "allowed", "advice"),
    [
        ("nane = 'x'", "nane", "unknown key 'nane'", "name, title_zh", "name"),
        ("[beds]\ntotl_2025 = 1", "beds.totl_2025", "unknown key", "total_2025", "total_2025"),
        ("total_2025 = 1", "total_2025", "unknown key", "beds", "beds.total_2025"),
        ("beds = 3", "beds", "found 3", "a table: [beds]", ""),
        ("title_zh = 3", "title_zh", "found 3", "text in quotes", ""),
        ("name = 'a/b'", "name", "'a/b'", "without spaces", ""),
        (
            "[beds]\npath = 'planned'",
            "beds.path",
            "'planned'",
            "plan or by-need or rule-met",
            "plan",
        ),
        ("[beds]\ntotal_2025 = -5", "beds.total_2025", "found -5", "at least 0", ""),
        ("[beds]\ntotal_2025 = 3.5", "beds.total_2025", "found 3.5", "a whole number", ""),
        ("[beds]\ntotal_2025 = true", "beds.total_2025", "found true", "a whole number", ""),
        ("[beds]\ntotal_2025 = nan", "beds.total_2025", "found nan", "a whole number", ""),
        ("[beds]\ndementia_2025 = 200000", "beds.dementia_2025", "200000", "total_2025", ""),
        ("[service_target]\nshare = 1.2", "service_target.share", "1.2", "at most 1", ""),
        ("[service_target]\nshare = nan", "service_target.share", "nan", "finite", ""),
        ("[assessors]\ngrowth = inf", "assessors.growth", "inf", "finite", ""),
        ("[policy]\nalone_first = 'no'", "policy.alone_first", "'no'", "true or false", ""),
        ("[horizon]\nlast_year = 2051", "horizon.last_year", "2051", "at most 2050", ""),
        (
            CHANGE.replace("黄浦区", "浦东") + "beds = 1\ndate = 2022-01-01",
            "beds.changes[0].district",
            "'浦东'",
            "黄浦区 徐汇区",
            "浦东新区",
        ),
        (
            CHANGE.replace("黄浦区", "黄埔区") + "beds = 1\ndate = 2022-01-01",
            "beds.changes[0].district",
            "'黄埔区'",
            "崇明区",
            "黄浦区",
        ),
        (
            CHANGE + "beds = 1\ndate = 2026-01-01",
            "beds.changes[0].date",
            "2026-01-01, outside the horizon",
            "2021-01-01 to 2025-12-31",
            "horizon.last_year",
        ),
        (
            CHANGE + "beds = 1\ndate = '2022-01-01'",
            "beds.changes[0].date",
            "'2022-01-01'",
            "without quotes",
            "",
        ),
        (CHANGE + "beds = 1", "beds.changes[0].date", "missing", "required", ""),
        (
            CHANGE + "beds = 1\ndate = 2022-01-01\nshare = 'equal'",
            "beds.changes[0].share",
            "equal, but 黄浦区 is one district",
            "nothing here, or a zone",
            "",
        ),
        (
            CHANGE + "beds = 1\ndate = 2022-01-01\nshare = 'lack'",
            "beds.changes[0].share",
            "'lack'",
            "beds or need or equal",
            "",
        ),
        ("[beds]\ntotal_2020 = 0\ndementia_2020 = 0", "beds.total_2020", "0", "at least 1", ""),
        (
            "[beds]\nwhole_city_beds = 178001",
            "beds.whole_city_beds",
            "178001",
            "at most beds.total_2025 = 178000",
            "",
        ),
        (CHANGE + "beds = 0\ndate = 2022-01-01", "beds.changes[0].beds", "0", "below 0", ""),
        (
            "[assessors]\ntoo_high = 0.7\ntoo_low = 0.4",
            "assessors.too_low",
            "0.4",
            "at most 1 - assessors.too_high = 0.3",
            "",
        ),
        (
            "[policy]\nhospital_bed = 'kept'",
            "policy.hospital_bed",
            "'kept'",
            "held or released",
            "",
        ),
        (
            "[[assessors.pauses]]\nstart = 2022-06-01\nend = 2022-04-01",
            "assessors.pauses[0].end",
            "before its start",
            "start or later",
            "",
        ),
        ("[assumptions]\ntake_upp = 1", "assumptions.take_upp", "'take_upp'", "a name", "take_up"),
        ("[assumptions]\ntake_up = 1.2", "assumptions.take_up", "1.2", "from 0 to 1", ""),
        ("[assumptions]\nwithdrawal = -0.1", "assumptions.withdrawal", "-0.1", "from 0 to 10", ""),
        ("[assumptions]\nwithdrawal = nan", "assumptions.withdrawal", "nan", "finite", ""),
        ("[assumptions]\nwithdrawal = 'x'", "assumptions.withdrawal", "'x'", "a number", ""),
        (
            "[assumptions]\nwithdrawal = { valu = 1 }",
            "assumptions.withdrawal.valu",
            "unknown key 'valu'",
            "value, low, high",
            "value",
        ),
        (
            "[assumptions]\nwithdrawal = { low = 0.6 }",
            "assumptions.withdrawal",
            "low 0.6, value 0.25",
            "low <= value <= high",
            "",
        ),
        ("[assumptions]\nlevel_2 = { low = 0 }", "assumptions.level_2", "a range", "only a", ""),
    ],
)
def test_a_mistake_is_shown_with_file_key_found_allowed_and_advice(
    write: Write, text: str, key: str, found: str, allowed: str, advice: str
) -> None:
    path = write(text)
    (problem,) = problems_in(path)
    assert problem.where == f"{path}: {key}"
    assert found in problem.found
    assert allowed in problem.allowed
    assert advice in problem.advice


def test_all_mistakes_are_listed_at_once_each_with_its_own_file(write: Write) -> None:
    base = write("[workers]\ncertifed_2025 = 0.8\n", "base.toml")
    change = CHANGE + "beds = 1\ndate = 2030-01-01\n"
    mine = write(f'extends = "base.toml"\nnane = 1\n{change}[assumptions]\ntake_up = 2\n')
    assert {problem.where for problem in problems_in(mine)} == {
        f"{base}: workers.certifed_2025",
        f"{mine}: nane",
        f"{mine}: beds.changes[0].date",
        f"{mine}: assumptions.take_up",
    }


def test_files_that_extend_each_other_are_refused(write: Write) -> None:
    write('extends = "mine.toml"', "other.toml")
    (problem,) = problems_in(write('extends = "other.toml"'))
    assert problem.where.endswith("other.toml: extends")
    assert "circle" in problem.found
    assert problem.found.count("mine.toml") == 2


def test_a_missing_base_is_listed_together_with_the_other_mistakes(write: Write) -> None:
    write("", "bass.toml")
    mine = write('extends = "base.toml"\nnane = 1\n')
    extends, key = problems_in(mine)
    assert extends.where == f"{mine}: extends"
    assert "no such file" in extends.found
    assert "bass.toml" in extends.advice
    assert key.where == f"{mine}: nane"


def test_a_missing_base_alone_is_an_error(write: Write) -> None:
    (problem,) = problems_in(write('extends = "base-line"'))
    assert "unknown scenario 'base-line'" in problem.found
    assert "baseline" in problem.advice


def test_extends_must_be_a_name(write: Write) -> None:
    (problem,) = problems_in(write("extends = 3"))
    assert problem.found == "found 3"


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    (problem,) = problems_in("more-worker")
    assert "more-workers" in problem.advice
    assert "as-built, baseline" in problem.allowed


def test_a_missing_file_is_answered_with_the_nearest_one(write: Write) -> None:
    path = write("", "mine.toml")
    (problem,) = problems_in(path.with_name("mien.toml"))
    assert "no such file" in problem.found
    assert str(path) in problem.advice


def test_a_folder_cannot_be_read_as_a_scenario(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path)
    assert "cannot be read" in problem.found


def test_a_syntax_error_names_its_line(write: Write) -> None:
    path = write('name = "a"\n[beds\n')
    (problem,) = problems_in(path)
    assert problem.where.startswith(str(path))
    assert problem.advice == "write [beds]"


def test_full_width_quotes_are_pointed_out(write: Write) -> None:
    (problem,) = problems_in(write("name = “a”\n"))
    assert "“ ”" in problem.found


def test_the_exported_schema_is_in_step() -> None:
    assert json.loads(schema_file(shanghai()).read_text(encoding="utf-8")) == scenario_schema(), (
        "write it again: python -m params.scenario.load"
    )


def test_ready_scenarios_point_to_the_schema_and_use_only_its_keys() -> None:
    properties = scenario_schema()["properties"]
    assert isinstance(properties, dict)
    for name in list_scenarios():
        text = (shanghai().scenarios / f"{name}.toml").read_text(encoding="utf-8")
        assert text.startswith("#:schema ./scenario.schema.json\n")
        assert set(tomllib.loads(text)) <= set(properties)


@pytest.mark.parametrize("text", ["", "# only a remark\n"])
def test_a_file_that_says_nothing_is_no_scenario(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParamError, match="says nothing"):
        load_scenario(path)
