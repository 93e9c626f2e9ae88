"""A question to `plan` is understood whole, and all its mistakes are said at once."""

from pathlib import Path

import pytest

from params.city import read_city
from params.errors import ParamError
from params.studies.plan.load import (
    list_questions_of_plans,
    load_question,
    question_file,
    question_schema,
)
from tests.designs import toy, written
from tests.said import all_plain

WRONG = """
question = "least"
replications = 1

[target]
share = 85
years = [2019]

[bounds]
districts = ["青石区"]
first_year = 2040
budget = 100
resources = ["general_bed", "home_care"]

[[bounds.limits]]
district = "柳湾区"
resource = "general_bed"
least = 50
most = 20

[[bounds.limits]]
district = "青石县"
most = 5

[[bounds.limits]]
least = 5

[costs.resources]
general_bed = { capital = -1 }
"""


def told(folder: Path, text: str) -> list[str]:
    path = written(folder, text, "question")
    with pytest.raises(ParamError) as error:
        load_question(path, toy())
    return [str(p).replace(f"{folder}/", "") for p in all_plain(error.value.problems)]


def test_all_mistakes_of_a_question_are_said_at_once_each_at_its_line(tmp_path: Path) -> None:
    found = told(tmp_path, WRONG)
    wanted = (
        ("replications", "at least 2"),
        ("target.share", "0.85"),
        ("target.years[0]", "2019 is not reported"),
        ("bounds.first_year", "2040"),
        ("bounds.budget", ""),
        ("bounds.resources[1]", "home_care"),
        ("bounds.limits[0].district", "柳湾区 must add 50"),
        ("bounds.limits[0].least", "least = 50 is more than most = 20"),
        ("bounds.limits[1].district", "unknown district"),
        ("bounds.limits[2].least", "least of beds of all kinds"),
        ("costs.resources.general_bed.capital", "at least 0"),
    )
    for place, words in wanted:
        assert any(f"question.toml: {place}" in p and words in p for p in found), (place, found)


def test_money_without_unit_costs_and_amounts_said_twice_are_refused(tmp_path: Path) -> None:
    found = told(tmp_path, 'question = "where"\n[amount]\nbeds = 5\nbudget = 7\n')
    assert any("nothing has a cost" in p for p in found)
    assert any("one of beds, posts, budget" in p for p in found)
    assert any("nothing" in p for p in told(tmp_path, 'question = "where"\n'))


def test_yearly_limits_of_all_beds_and_of_one_kind_are_not_both_kept(tmp_path: Path) -> None:
    rows = "[[bounds.limits]]\nmost_a_year = 5\n"
    rows += '[[bounds.limits]]\nresource = "dementia_bed"\nmost_a_year = 3\ndistrict = "青石区"\n'
    assert any("limits[1].most_a_year" in p for p in told(tmp_path, rows))


def test_a_target_that_the_scenario_cannot_have_is_said_at_the_question(tmp_path: Path) -> None:
    found = told(tmp_path, "[target.resources]\nassessment = { days = 2 }\n")
    assert any("question.toml" in p and "2 working days" in p for p in found)


def test_what_a_question_says_stands_before_its_scenario(tmp_path: Path) -> None:
    text = "[target]\nshare = 0.7\ndays = 60\n[target.resources]\ndementia_bed = { share = 0.5 }\n"
    loaded = load_question(written(tmp_path, text, "question"), toy())
    aim = loaded.scenario.service_target
    assert aim.share == 0.7
    assert dict(aim.own_days) == {"general_bed": 60, "nursing_bed": 60, "dementia_bed": 60}
    assert aim.share_of("dementia_bed") == 0.5
    assert loaded.question.name == "question"


def test_every_ready_question_is_right_and_has_both_titles() -> None:
    city = read_city()
    names = list_questions_of_plans(city)
    assert {"plan-85-30", "where-1000-beds", "beds-or-workers"} <= set(names)
    for name in names:
        question = load_question(question_file(name, city), city).question
        assert question.title_zh
        assert question.title_en


def test_an_unknown_question_names_those_that_there_are() -> None:
    with pytest.raises(ParamError, match="plan-85-30"):
        question_file("plan-85", read_city())


def test_every_key_of_a_question_is_described_in_both_languages() -> None:
    schema = question_schema()
    for part in (schema, *schema["$defs"].values()):
        for key, value in part.get("properties", {}).items():
            if key in ("target", "bounds", "amount"):
                continue
            text = value.get("description", "")
            assert any("\u4e00" <= c <= "\u9fff" for c in text), key
