from pathlib import Path

import pytest

from params.errors import ParamError
from params.names import CHOICES, meant, resource_id, resource_names
from params.scenario.load import load_scenario, scenario_schema
from params.scenario.parts.beds import BedPlan
from params.scenario.parts.events import Event
from params.scenario.parts.people import PopulationPlan
from params.scenario.parts.policy import Policy
from params.scenario.parts.workers import WorkerPlan
from runs.tables.units import ALL, PEOPLE
from runs.texts.wording import wording

CHANGE = '[[beds.changes]]\ndistrict = "静安区"\nresource = "{}"\nbeds = 300\ndate = 2023-07-01\n'


def scenario(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'extends = "baseline"\n{text}', encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ParamError, match="allowed") as caught:
        load_scenario(path)
    return [str(problem) for problem in caught.value.problems]


def test_chinese_names_of_resources_are_those_that_our_tables_print() -> None:
    printed = {name: key for key, name in wording("zh").sections["resource"].items()}
    # Nobody asks for the sum of all costs, or for people, whose measures a sweep keeps.
    assert {**resource_names(), "全部": ALL, "人口": PEOPLE} == printed


@pytest.mark.parametrize("name", ["认知障碍照护床位", " 认知障碍 照护床位", "dementia_bed"])
def test_a_bed_change_takes_the_resources_chinese_name(tmp_path: Path, name: str) -> None:
    loaded = load_scenario(scenario(tmp_path, CHANGE.format(name)))
    assert loaded.scenario.beds.changes[0].resource == "dementia_bed"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (CHANGE.format("认知症床位"), "did you mean dementia_bed (认知障碍照护床位)?"),
        (CHANGE.format("护理床位"), "nursing_bed (护理型床位)"),
        (CHANGE.format("nursing_beds"), "did you mean nursing_bed"),
        ('[population]\nbasis = "常住人口"', "did you mean resident (常住)?"),
        ('[population]\nbasis = "registerd"', "did you mean registered?"),
        ('[beds]\npath = "实际"', "did you mean as-built (实际建成)?"),
        ('[beds]\npath = "as_built"', "did you mean as-built?"),
        ('[policy]\nhospital_bed = "释放"', "did you mean released (释放床位)?"),
        (CHANGE.replace("静安区", "黄浦 区").format("nursing_bed"), "did you mean 黄浦区?"),
        (CHANGE.replace("静安区", "上海市普陀区").format("nursing_bed"), "did you mean 普陀区?"),
        (CHANGE.replace("静安区", "浦东").format("nursing_bed"), "did you mean 浦东新区?"),
    ],
)
def test_a_word_that_is_no_id_gets_the_id_meant(tmp_path: Path, text: str, advice: str) -> None:
    said = faults(scenario(tmp_path, text))
    assert len(said) == 1
    assert advice in said[0]


def test_a_word_for_two_things_names_both_and_one_for_none_nothing() -> None:
    assert "care_worker_home (居家护理员)" in meant("护理员", resource_names().values())
    assert "care_worker_institution (机构护理员)" in meant("护理员", resource_names().values())
    assert meant("汽车", resource_names().values()) == ""
    assert resource_id(5) == 5


def test_every_choice_of_a_scenario_has_a_chinese_word() -> None:
    kinds = (PopulationPlan, BedPlan, WorkerPlan, Policy, Event)
    schemas = [field for kind in kinds for field in kind.model_json_schema()["properties"].values()]
    choices = {choice for field in schemas for choice in field.get("enum", ())}
    assert choices <= set(CHOICES)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('[population]\nbasis = "户籍"', "population.basis", "registered"),
        ('[population]\ngrowth = " 保持 不变"', "population.growth", "frozen"),
        ('[beds]\npath = "实际建成"', "beds.path", "as-built"),
        ('[workers]\nhiring = "不流动"', "workers.hiring", "in_place"),
        ('[policy]\nhospital_bed = "释放床位"', "policy.hospital_bed", "released"),
        ('[[policy.classes.assessments]]\nrequest = "到期复评"', "policy.classes", "renewal"),
        (f'{CHANGE.format("nursing_bed")}\nshare = "均分"', "beds.changes", "equal"),
    ],
)
def test_the_chinese_word_of_a_choice_stands_for_its_id(
    tmp_path: Path, text: str, key: str, value: str
) -> None:
    text = text.replace("静安区", "全市") if "share" in text else text
    found: object = load_scenario(scenario(tmp_path, text)).scenario
    for step in key.split("."):
        found = getattr(found, step)
    assert value in str(found)


def test_an_editor_is_told_both_names_of_a_kind_of_bed() -> None:
    change = scenario_schema()["$defs"]["BedChange"]["properties"]  # type: ignore[index]
    assert {"dementia_bed", "认知障碍照护床位"} <= set(change["resource"]["enum"])
